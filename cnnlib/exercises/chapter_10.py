"""Programming exercises of chapter 10, Backpropagation: back through a small graph, and back through a net of two layers.

The truth of the first is the definition: the sum over all paths, which no other answer in this file uses.
"""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import tanh, tanh_backward
from cnnlib.ops.dense import linear, linear_backward


def sum_over_paths(parents):
    """The derivative of the last node by every node: over all paths that lead to the last node, the product of the slopes."""
    last = len(parents) - 1
    children = [
        [(child, slope) for child in range(last + 1) for parent, slope in parents[child] if parent == node] for node in range(last + 1)
    ]

    def paths(node):
        return 1.0 if node == last else sum((slope * paths(child) for child, slope in children[node]), 0.0)

    return [paths(node) for node in range(last + 1)]


def _back(parents, *, overwrite=False, seed=1.0, order=None, start=0.0, plain=False):
    """The reverse pass with one thing changed."""
    gradients = [float(start)] * len(parents)
    gradients[-1] = float(seed)
    for node in order(parents) if order else reversed(range(len(parents))):
        for parent, slope in parents[node]:
            sent = slope if plain else slope * gradients[node]
            gradients[parent] = sent if overwrite else gradients[parent] + sent
    return gradients


def first_come(parents):
    """The nodes in the order in which a first gradient reaches them, each once: breadth first."""
    queue = [len(parents) - 1]
    for node in queue:
        queue += [parent for parent, _ in dict(parents[node]).items() if parent not in queue]
    return queue


def _once_per_parent(parents):
    """Two edges between the same nodes are taken for one."""
    return _back([list(dict(edges).items()) for edges in parents])


def _again_and_again(parents):
    """A recursion: whenever a node receives something, it hands on all it has received so far."""
    gradients = [0.0] * (len(parents) - 1) + [1.0]

    def visit(node):
        for parent, slope in parents[node]:
            gradients[parent] += slope * gradients[node]
            visit(parent)

    visit(len(parents) - 1)
    return gradients


def _all_paths_equal(parents):
    """Along each path the slopes are added instead of multiplied."""
    gradients = [0.0] * len(parents)
    for node in reversed(range(len(parents))):
        for parent, slope in parents[node]:
            gradients[parent] += slope + gradients[node]
    gradients[-1] = 1.0
    return gradients


def _by_the_first(parents):
    """Forward mode from node 0."""
    slopes = [1.0] + [0.0] * (len(parents) - 1)
    for node in range(1, len(parents)):
        slopes[node] = sum(slope * slopes[parent] for parent, slope in parents[node])
    return slopes


def _draw_graph(rng):
    """A graph of 3 to 9 nodes; some nodes lead nowhere, some edges are double, some slopes are 0."""
    count, inputs = int(rng.integers(3, 10)), int(rng.integers(1, 3))
    parents = [[] for _ in range(inputs)]
    while len(parents) < count:
        number = int(rng.integers(1, 4))
        reach = rng.integers(max(0, len(parents) - 4), len(parents), number)
        parents.append([(int(parent), int(rng.integers(-6, 7)) / 2) for parent in reach])
    return (parents,)


ACCUMULATE_GRADIENTS = Exercise(
    id="accumulate-gradients",
    chapter=10,
    title="Back through a graph",
    task=(
        "A graph is a list of nodes in the order in which they were computed; parents[k] lists, for node k, pairs (parent, slope): "
        "node k was computed from node `parent`, and its slope by it is `slope`. Inputs have no parents. The last node is the loss. "
        "Return a list: the derivative of the loss by every node."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("parents",),
    starter="def accumulate_gradients(parents):\n    return ...",
    answer=sum_over_paths,
    examples=(
        ([[], [(0, 3.0)], [(1, -2.0)]],),
        ([[], [], [(0, 4.0), (1, 5.0)], [(2, 2.0), (0, 7.0)]],),
        ([[], [(0, 2.0)], [(1, 3.0), (0, 1.0)], [(2, -1.0), (1, 5.0)]],),
        ([[], [(0, 1.5), (0, 1.5)], [(1, 2.0)], [(1, 1.0), (1, -3.0)]],),
        ([[], [(0, 1.0)], [(1, 4.0), (0, 2.0)], [(2, 1.0), (1, 1.0)], [(2, 2.0), (3, 3.0)]],),
    ),
    draw=_draw_graph,
    hints=(
        "Begin with a list of zeros, one for each node, and set the last to 1: the loss's slope by itself.",
        "Go through the nodes from the last to the first. When a node's turn comes, everything that was computed from it has been there "
        "before, so its own gradient is complete.",
        "Node k hands each of its parents slope * gradients[k]. A parent may receive several such gifts: what must happen to them?",
    ),
    misconceptions=(
        Misconception(
            "overwritten",
            "A node that several others were computed from receives a gradient from each of them, and they add up. Yours keeps one.",
            lambda parents: _back(parents, overwrite=True),
        ),
        Misconception(
            "forwards",
            "You went through the nodes in the order of the forward pass. Then a node passes on a gradient that it has not received yet.",
            lambda parents: _back(parents, order=lambda p: range(len(p))),
        ),
        Misconception(
            "first-come",
            "A node passed its gradient on before all of it had arrived. Wait until every node that was computed from it has had its turn.",
            lambda parents: _back(parents, order=first_come),
        ),
        Misconception(
            "no-seed",
            "Nothing but zeros: the last node must begin with 1, the slope of the loss by itself.",
            lambda parents: _back(parents, seed=0.0),
        ),
        Misconception(
            "starts-at-one", "Only the loss begins with 1. All other nodes begin with 0.", lambda parents: _back(parents, start=1.0)
        ),
        Misconception(
            "slopes-alone",
            "You added up the slopes of the edges. Each has to be multiplied by the gradient of the node that hands it back.",
            lambda parents: _back(parents, plain=True),
        ),
        Misconception(
            "loss-alone",
            "Only the loss has a gradient. The last node must have its turn too, and what a parent receives is added: times 0 it stays 0.",
            lambda parents: [0.0] * (len(parents) - 1) + [1.0],
        ),
        Misconception(
            "passed-on-again",
            "Each time something arrived, you passed on the node's gradient so far. What came first is then passed on twice.",
            _again_and_again,
        ),
        Misconception("slopes-added-along-a-path", "Along one path the slopes multiply. Only different paths are added.", _all_paths_equal),
        Misconception(
            "double-edge-once",
            "A node may have the same parent twice, as in a + a. Both edges count.",
            _once_per_parent,
        ),
        Misconception(
            "forward-mode",
            "Those are derivatives by the first input, as in forward mode. Asked for is the derivative of the loss by every node.",
            _by_the_first,
        ),
        Misconception(
            "inputs-only",
            "The derivative is asked for every node, not for the inputs alone.",
            lambda parents: [g if not edges else 0.0 for g, edges in zip(_back(parents), parents, strict=True)],
        ),
        Misconception("reversed", "The list is in reverse order: entry k belongs to node k.", lambda parents: _back(parents)[::-1]),
    ),
)


def _two_layers(dy, x, w1, w2, *, slope=tanh_backward, hand_on=lambda dy, h, w2: linear_backward(dy, h, w2)[0], read=tanh):
    """The backward pass of y = tanh(x w1^T) w2^T, with one part exchanged."""
    z = linear(x, w1)
    dz = slope(hand_on(dy, tanh(z), w2), z)
    dx, dw1, _ = linear_backward(dz, x, w1)
    return dx, dw1, linear_backward(dy, read(z), w2)[1]


def _square_slope(dh, z):
    """1 - z^2: the slope written with the number before the activation."""
    return dh * (1 - z * z)


def _by_parameters(dy, h, w2):
    """F12: the derivative by the parameters of the layer above, here summed over its outputs, in place of that by its input."""
    return np.broadcast_to(linear_backward(dy, h, w2)[1].sum(axis=0), h.shape)


def _per_image(backward):
    """The weights' gradients divided by the number of images."""

    def averaged(dy, x, w1, w2):
        dx, dw1, dw2 = backward(dy, x, w1, w2)
        return dx, dw1 / len(x), dw2 / len(x)

    return averaged


def _swapped_slope(dy, x, w1, w2):
    """The slope of tanh at the second layer's output, applied to dy."""
    z = linear(x, w1)
    dy_ = tanh_backward(dy, linear(tanh(z), w2))
    dx, dw1, _ = linear_backward(dy_ @ w2, x, w1)
    return dx, dw1, dy_.T @ tanh(z)


def _draw_two_layers(rng):
    images, n, m, k = (int(rng.integers(low, high)) for low, high in ((1, 5), (1, 5), (2, 5), (1, 4)))
    return tuple(rng.integers(-6, 7, shape) / 4 for shape in ((images, k), (images, n), (m, n), (k, m)))


_rng = np.random.default_rng(10)
TWO_LAYER_BACKWARD = Exercise(
    id="two-layer-backward",
    chapter=10,
    title="Back through two layers",
    task=(
        "The net is y = tanh(x w1^T) w2^T: x has shape (N, n), w1 (m, n), w2 (k, m), y (N, k). "
        "Given dy, the gradient of the loss by y, return (dx, dw1, dw2). The weights are shared by all N rows of x."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("dy", "x", "w1", "w2"),
    parts=("dx", "dw1", "dw2"),
    starter="def two_layer_backward(dy, x, w1, w2):\n    dx, dw1, dw2 = ..., ..., ...\n    return dx, dw1, dw2",
    answer=_two_layers,
    examples=(
        (np.array([[1.0]]), np.array([[0.5]]), np.array([[1.0]]), np.array([[2.0]])),
        (np.array([[1.0, -2.0]]), np.array([[0.5, 1.0, -1.0]]), _rng.integers(-4, 5, (2, 3)) / 4, _rng.integers(-4, 5, (2, 2)) / 2),
        tuple(_rng.integers(-4, 5, shape) / 4 for shape in ((3, 2), (3, 4), (3, 4), (2, 3))),
    ),
    draw=_draw_two_layers,
    hints=(
        "Run forward first and give every stage a name: z = x @ w1.T, h = np.tanh(z). Then go back stage by stage: dh, dz, dx.",
        "The shapes leave little choice: dh = dy @ w2 has the shape of h, and dw2 has that of w2. "
        "At the activation every number is multiplied by its own slope, 1 - h**2.",
        "dz = dy @ w2 * (1 - h**2); then dw2 = dy.T @ h, dw1 = dz.T @ x, dx = dz @ w1.",
    ),
    misconceptions=(
        Misconception(
            "activation-skipped",
            "The activation has a slope too. On the way back, multiply by it between the two layers.",
            lambda *case: _two_layers(*case, slope=lambda dh, z: dh),
        ),
        Misconception(
            "slope-of-z",
            "The slope of tanh is 1 - tanh(z)**2, with the number after the activation. You put in the one before it.",
            lambda *case: _two_layers(*case, slope=_square_slope),
        ),
        Misconception(
            "activation-applied-again",
            "You sent the gradient through tanh itself. Backward every number is multiplied by the slope of tanh.",
            lambda *case: _two_layers(*case, slope=lambda dh, z: np.tanh(dh)),
        ),
        Misconception(
            "tanh-twice",
            "h = tanh(z) already, so the slope is 1 - h**2. You applied tanh to h once more.",
            lambda *case: _two_layers(*case, slope=lambda dh, z: dh * (1 - np.tanh(np.tanh(z)) ** 2)),
        ),
        Misconception(
            "slope-of-the-sigmoid",
            "h (1 - h) is the slope of the sigmoid. That of tanh is 1 - h**2.",
            lambda *case: _two_layers(*case, slope=lambda dh, z: dh * np.tanh(z) * (1 - np.tanh(z))),
        ),
        Misconception(
            "dh-for-dz",
            "dx and dw2 are right. dw1 is made of dz: the slope of tanh belongs to it too.",
            lambda *case: (_two_layers(*case)[0], _two_layers(*case, slope=lambda dh, z: dh)[1], _two_layers(*case)[2]),
        ),
        Misconception(
            "dx-of-dh",
            "dw1 and dw2 are right. dx is made of dz: on the way to x the gradient passes the tanh.",
            lambda *case: (_two_layers(*case, slope=lambda dh, z: dh)[0], *_two_layers(*case)[1:]),
        ),
        Misconception(
            "square-forgotten",
            "The slope of tanh is 1 - h**2. The square is missing.",
            lambda *case: _two_layers(*case, slope=lambda dh, z: dh * (1 - np.tanh(z))),
        ),
        Misconception(
            "order",
            "The gradients are right, but dx stands last. The order is dx, dw1, dw2.",
            lambda *case: (lambda dx, dw1, dw2: (dw1, dw2, dx))(*_two_layers(*case)),
        ),
        Misconception(
            "weights-turned-over",
            "dw1 and dw2 are turned over: each has the shape of its weights, a row for each output.",
            lambda *case: (lambda dx, dw1, dw2: (dx, dw1.T, dw2.T))(*_two_layers(*case)),
        ),
        Misconception(
            "value-for-slope",
            "You multiplied by tanh(z). Its slope is 1 - tanh(z)**2.",
            lambda *case: _two_layers(*case, slope=lambda dh, z: dh * np.tanh(z)),
        ),
        Misconception(
            "weights-read-z",
            "The second layer read h, after the activation. Its weights' gradient is made of h, not of z.",
            lambda *case: _two_layers(*case, read=lambda z: z),
        ),
        Misconception(
            "second-layer-skipped",
            "What reaches h has passed the second layer: dy times w2. You handed on the sum of dy.",
            lambda *case: _two_layers(*case, hand_on=lambda dy, h, w2: np.repeat(dy.sum(axis=1, keepdims=True), h.shape[1], axis=1)),
        ),
        Misconception(
            "by-parameters",
            "What the second layer hands back is the derivative by its input h, made with w2. You used that by its weights (F12).",
            lambda *case: _two_layers(*case, hand_on=_by_parameters),
        ),
        Misconception("slope-at-the-output", "The tanh stands between the two layers. There is none after the second one.", _swapped_slope),
        Misconception(
            "mean-over-rows",
            "Each row of x uses the same weights, and its gradients are added. Dividing by N is the business of a loss that is a mean.",
            _per_image(_two_layers),
        ),
    ),
)

EXERCISES = (ACCUMULATE_GRADIENTS, TWO_LAYER_BACKWARD)
