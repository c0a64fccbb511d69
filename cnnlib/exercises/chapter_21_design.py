"""Design exercise of chapter 21, Capstone: any net is right that keeps to the budgets, so the net is built and measured."""

from copy import deepcopy

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.exercises.unfit import Unfit
from cnnlib.nn import Conv2d, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU, Sequential

SHAPE, CLASSES, FIELD, PARAMETERS, MULTIPLY_ADDS = (1, 28, 28), 10, 20, 8_000, 400_000


def built(answer):
    """The net that a Sequential or a list of layers stands for, or the sentence that says why it is none."""
    answer = list(answer) if type(answer) is Sequential else answer
    if not isinstance(answer, (list, tuple)):
        raise Unfit(f"Your answer is of type {type(answer).__name__}. Give a list of layers, or a Sequential.")
    try:
        return Sequential(*_unwrapped(answer))
    except (TypeError, ValueError) as error:
        raise Unfit(f"Your layers make no net: {error}") from None


def _unwrapped(layers):
    """The layers, with chains inside the chain laid out: the summary tells the field of single layers."""
    return [inner for layer in layers for inner in (_unwrapped(layer) if type(layer) is Sequential else [layer])]


def measured(answer):
    """What the net is judged by: outputs, cells missing in its receptive field, costs above the two budgets, and whether it is linear."""
    if answer is ... or (isinstance(answer, (list, tuple)) and answer and all(layer is ... for layer in answer)):
        return answer
    net = built(answer)
    if not len(net):
        raise Unfit("Your net has no layers yet. Begin with a Conv2d for 1 channel.")
    try:
        table = net.summary(SHAPE)
        y = net(np.zeros((2, *SHAPE), dtype=np.float32))
        last, linear = table.rows[-1].output_shape, _linear(net)
    except Exception as error:  # a layer of the reader's own may raise anything
        kind = "" if isinstance(error, (TypeError, ValueError)) else f"{type(error).__name__}: "
        raise Unfit(f"An image of {' x '.join(map(str, SHAPE))} does not get through your net: {kind}{error}") from None
    if y.shape != (2, *last):
        raise Unfit(f"The summary says {last}, but two images come out with the shape {y.shape}. Mend output_shape.")
    learned = sum(array.size for array in net.parameters().values())
    if y.ndim != 2:
        raise Unfit(
            f"Your net ends with maps of shape {last}, not with a row of logits. Put Flatten() or GlobalAvgPool2d() after the maps."
        )
    above = max(learned - PARAMETERS, 0), max(table.multiply_adds - MULTIPLY_ADDS, 0)
    return y.shape[1], max(FIELD - _widest_field(table), 0), *above, int(linear)


def _linear(net, pairs=8):
    """Whether the net adds what it makes of two images, up to its answer to a blank one: then one dense layer could do the same."""
    net = deepcopy(net).eval()
    a, b = 10 * np.random.default_rng(0).normal(size=(2, pairs, *SHAPE)).astype(np.float32)
    together, apart = net(a + b) + net(0 * a), net(a) + net(b)
    return np.allclose(together, apart, rtol=0, atol=1e-3 * np.abs(apart).max())


def _widest_field(table):
    """The side of the largest window that a map of the net has; dense layers have none."""
    fields = [row.receptive_field for row in table.rows if row.receptive_field != "all"]
    return max((min(field) if isinstance(field, tuple) else field for field in fields), default=1)


def _model():
    return [
        Conv2d(1, 8, 5, stride=2, padding=2), ReLU(), Conv2d(8, 16, 3, padding=1), ReLU(), MaxPool2d(2),
        Conv2d(16, 16, 3, padding=1), ReLU(), MaxPool2d(2), Flatten(), Linear(144, 10),
    ]  # fmt: skip


DESIGN_A_NET = Exercise(
    id="design-a-net",
    chapter=21,
    title="Design a net",
    task=(
        f"Images are {' x '.join(map(str, SHAPE))}, as those of MNIST, and there are {CLASSES} classes. Design a net with one logit for "
        f"each class, at most {PARAMETERS:,} parameters and at most {MULTIPLY_ADDS:,} multiply-adds for one image. Before the dense "
        f"layers, a cell of its last maps shall see at least {FIELD} x {FIELD} cells of the image. As a whole the net must not be linear: "
        "then a single dense layer could do the same. Give a list of layers, or a Sequential; many answers are right. The designer of "
        "section 21.5 can write the list for you."
    ),
    kind="number",
    minutes=20,
    difficulty=3,
    starter="design_a_net = [\n    ...,\n]",
    answer=_model,
    measure=measured,
    parts=(
        "the number of logits", "the cells that the receptive field lacks", "the parameters above the budget",
        "the multiply-adds above the budget", "the count of linear nets: 1 if yours is linear from end to end",
    ),
    hints=(
        "Where do most multiply-adds arise: where the maps are large, or where they are many? Make the maps small early.",
        "A stride of 2 in the first layer divides the work of all later layers by 4, and doubles what each later kernel adds to the field.",
        "Three convolutions with 8, 16 and 16 maps are enough; after the last pooling 3 x 3 cells are left for the dense layer.",
    ),
    misconceptions=(
        Misconception(
            "dense-net", "The counts are within the budget, but no layer looks through a window: the field is a single cell.",
            lambda: [Flatten(), Linear(784, 10)],
        ),
        Misconception(
            "net-of-chapter-17", "That is chapter 17's net for larger images: its dense layer alone has more parameters than the budget.",
            lambda: [Conv2d(1, 32, 3, padding=1), ReLU(), MaxPool2d(2), Conv2d(32, 64, 3, padding=1), ReLU(), MaxPool2d(2), Flatten(),
                     Linear(64 * 49, 10)],
        ),
        Misconception(
            "no-pooling", "Without a stride or a pooling, the dense layer reads all 28 x 28 cells of every map, and the field stays small.",
            lambda: [Conv2d(1, 8, 3, padding=1), ReLU(), Conv2d(8, 8, 3, padding=1), ReLU(), Flatten(), Linear(8 * 784, 10)],
        ),
        Misconception(
            "lenet", "LeNet-5 keeps neither budget: see section 21.6 for where its parameters are.",
            lambda: [Conv2d(1, 6, 5, padding=2), ReLU(), MaxPool2d(2), Conv2d(6, 16, 5), ReLU(), MaxPool2d(2), Flatten(),
                     Linear(400, 120), ReLU(), Linear(120, 84), ReLU(), Linear(84, 10)],
        ),
        Misconception(
            "maps-for-classes", "The maps of the last layer are not the classes: a number of logits other than 10 comes out.",
            lambda: [Conv2d(1, 8, 5, stride=2, padding=2), ReLU(), Conv2d(8, 16, 3, padding=1), ReLU(), MaxPool2d(2),
                     Conv2d(16, 16, 3, padding=1), ReLU(), GlobalAvgPool2d()],
        ),
        Misconception(
            "linear",
            "No layer of your net bends: convolutions, averages and dense layers behind each other are one linear map. Put in activations.",
            lambda: [Conv2d(1, 8, 5, stride=4), Conv2d(8, 16, 5), Flatten(), Linear(64, 10)],
        ),
    ),
)  # fmt: skip

EXERCISES = (DESIGN_A_NET,)
