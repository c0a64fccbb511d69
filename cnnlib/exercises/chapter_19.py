"""Programming exercises of chapter 19, What did it learn? The truths are short and independent of the library's explanations."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import output_size
from cnnlib.ops.activations import relu
from cnnlib.ops.convolution import correlate2d


def _score(x, kernel):
    return float(relu(correlate2d(x, kernel)).sum())


def _drops(x, kernel, size, value, *, cover=None, score=_score, drop=lambda before, after: before - after, stride=1):
    """The map of drops; cover(x, rows, columns, value) hides one window, drop compares the scores."""
    cover = cover or _cover
    places = [output_size(n, size, stride) for n in x.shape]
    drops = np.empty(places)
    for i, j in np.ndindex(*places):
        rows, columns = slice(i * stride, i * stride + size), slice(j * stride, j * stride + size)
        drops[i, j] = drop(score(x, kernel), score(cover(x, rows, columns, value), kernel))
    return drops


def _cover(x, rows, columns, value):
    covered = x.astype(float)
    covered[rows, columns] = value
    return covered


def _cover_all_else(x, rows, columns, value):
    covered = np.full(x.shape, float(value))
    covered[rows, columns] = x[rows, columns]
    return covered


def _kept_covered(x, kernel, size, value):
    """One picture for all places: what was covered stays covered."""
    covered, before = x.astype(float), _score(x, kernel)
    drops = np.empty([output_size(n, size) for n in x.shape])
    for i, j in np.ndindex(*drops.shape):
        covered[i : i + size, j : j + size] = value
        drops[i, j] = before - _score(covered, kernel)
    return drops


def _draw_occlusion(rng):
    size, k = int(rng.integers(1, 4)), rng.integers(1, 4, 2)
    shape = np.maximum(k, size) + rng.integers(1, 4, 2)
    return rng.integers(0, 9, shape) / 4, rng.integers(-4, 5, k) / 2, size, float(rng.integers(-2, 5)) / 4


_ramp = np.arange(12.0).reshape(3, 4) % 5
OCCLUSION_DROPS = Exercise(
    id="occlusion-drops",
    chapter=19,
    title="Cover a patch and look at the score",
    task=(
        "The score of a picture x (H, W) is the sum of relu(cnnlib.correlate2d(x, kernel)). Return the map of its drops: entry (i, j) is "
        "the score of x minus the score of x with `value` in the size x size cells whose first is (i, j). Leave x as it was."
    ),
    kind="program",
    minutes=12,
    difficulty=2,
    parameters=("x", "kernel", "size", "value"),
    starter="def occlusion_drops(x, kernel, size, value):\n    return ...",
    answer=_drops,
    examples=(
        (np.array([[1.0, 2.0, 3.0]]), np.array([[1.0]]), 1, 0.0),
        (_ramp, np.array([[1.0, -1.0]]), 2, 0.0),
        (_ramp, np.array([[-1.0, 0.0], [0.0, 1.0]]), 1, 0.5),
        (_ramp + 1, np.array([[0.5, 0.5], [0.5, -0.5]]), 3, 1.0),
    ),
    draw=_draw_occlusion,
    hints=(
        "How many places has a size x size patch on a picture of H x W cells? As many entries has the map.",
        "At each place: copy x, write `value` into a slice of the copy, and compute its score. A fresh copy at each place.",
        "drops[i, j] = score(x) - score(covered): positive where the score needs the patch.",
    ),
    misconceptions=(
        Misconception(
            "sign",
            "Your signs are the other way round: a drop is the score before minus the score after.",
            lambda x, kernel, size, value: -_drops(x, kernel, size, value),
        ),
        Misconception(
            "score-of-the-covered",
            "Those are the scores of the covered pictures. Asked for is how far they fall.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value, drop=lambda before, after: after),
        ),
        Misconception(
            "relu-forgotten",
            "The ReLU is missing in your score: negative outputs count as 0.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value, score=lambda x, w: float(correlate2d(x, w).sum())),
        ),
        Misconception(
            "relu-of-the-sum",
            "You sum first and apply ReLU to the sum. Each output goes through ReLU by itself; then they are summed.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value, score=lambda x, w: max(float(correlate2d(x, w).sum()), 0.0)),
        ),
        Misconception(
            "kept-covered",
            "What you cover at one place stays covered at the next. Begin with a fresh copy of x each time.",
            _kept_covered,
        ),
        Misconception(
            "covered-with-zero",
            "You cover with 0. The patch takes the number `value`.",
            lambda x, kernel, size, value: _drops(x, kernel, size, 0.0),
        ),
        Misconception(
            "all-else-covered",
            "You cover everything outside the patch. Cover the patch.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value, cover=_cover_all_else),
        ),
        Misconception(
            "one-cell",
            "You cover one cell at each place. The patch has size x size.",
            lambda x, kernel, size, value: _drops(
                x, kernel, size, value, cover=lambda x, r, c, v: _cover(x, slice(r.start, r.start + 1), slice(c.start, c.start + 1), v)
            ),
        ),
        Misconception(
            "value-added",
            "You subtract or add something in the patch. It is replaced by `value`.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value, cover=lambda x, r, c, v: _cover(x, r, c, x[r, c] + v)),
        ),
        Misconception(
            "side-by-side",
            "Your patches lie side by side. There is one for every place (i, j), so they overlap.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value, stride=size),
        ),
        Misconception(
            "absolute",
            "Some drops are negative: covering can raise the score. Keep the sign.",
            lambda x, kernel, size, value: np.abs(_drops(x, kernel, size, value)),
        ),
    ),
    seconds=10.0,
)


def _cam(maps, gradient, *, weights=lambda g: g.mean(axis=(2, 3), keepdims=True), end=relu):
    return end((weights(gradient) * maps).sum(axis=1))


def _draw_maps(rng):
    shape = (int(rng.integers(1, 4)), *(int(n) for n in rng.integers(2, 5, 3)))
    return rng.integers(-4, 9, shape) / 4, rng.integers(-8, 9, shape) / 4


_fixed = np.random.default_rng(19)
GRAD_CAM = Exercise(
    id="grad-cam",
    chapter=19,
    title="Grad-CAM",
    task=(
        "maps (N, K, H, W) are the feature maps of N images, and gradient, of the same shape, holds the gradients of each image's score by "
        "them. Return the Grad-CAM pictures (N, H, W): the maps weighted by their mean gradients, summed, negative sums replaced by 0."
    ),
    kind="program",
    minutes=10,
    difficulty=2,
    parameters=("maps", "gradient"),
    starter="def grad_cam(maps, gradient):\n    return ...",
    answer=_cam,
    examples=(
        (np.array([[[[2.0, 0.0]], [[1.0, 3.0]]]]), np.array([[[[1.0, 3.0]], [[-1.0, -2.0]]]])),
        (np.array([[[[2.0, 1.0], [-1.0, 4.0]]]]), np.array([[[[1.0, -3.0], [2.0, 4.0]]]])),
        (_fixed.integers(0, 5, (2, 3, 2, 3)) / 2, _fixed.integers(-5, 6, (2, 3, 2, 3)) / 2),
    ),
    draw=_draw_maps,
    hints=(
        "First one number for each image and map: the mean of its gradients, over the two axes of cells.",
        "gradient.mean(axis=(2, 3), keepdims=True) has the shape (N, K, 1, 1), so that it multiplies whole maps.",
        "Sum over the maps, axis 1; then np.maximum(..., 0).",
    ),
    misconceptions=(
        Misconception(
            "negatives-kept",
            "Negative sums remain in your pictures. They speak against the class and are replaced by 0.",
            lambda maps, gradient: _cam(maps, gradient, end=lambda sums: sums),
        ),
        Misconception(
            "cut-before-the-sum",
            "You cut every weighted map off before the sum. Maps may outweigh each other: sum first, then cut.",
            lambda maps, gradient: relu(gradient.mean(axis=(2, 3), keepdims=True) * maps).sum(axis=1),
        ),
        Misconception(
            "negative-weights-dropped",
            "You drop the negative weights. A map that speaks against the class counts, with its minus sign.",
            lambda maps, gradient: _cam(maps, gradient, weights=lambda g: relu(g.mean(axis=(2, 3), keepdims=True))),
        ),
        Misconception(
            "positive-gradients-only",
            "You set negative gradients to 0 before the mean. They count in it.",
            lambda maps, gradient: _cam(maps, gradient, weights=lambda g: relu(g).mean(axis=(2, 3), keepdims=True)),
        ),
        Misconception(
            "gradient-times-map",
            "You multiply cell by cell with the gradient. Each map has one weight, the mean of its gradients.",
            lambda maps, gradient: _cam(maps, gradient, weights=lambda g: g),
        ),
        Misconception(
            "sum-of-gradients",
            "Your weights are sums of gradients. They are means: divide by the number of cells.",
            lambda maps, gradient: _cam(maps, gradient, weights=lambda g: g.sum(axis=(2, 3), keepdims=True)),
        ),
        Misconception(
            "mean-over-maps",
            "You average over the maps. The weighted maps are summed.",
            lambda maps, gradient: _cam(maps, gradient) / maps.shape[1],
        ),
        Misconception(
            "roles-swapped",
            "You average the maps and weigh the gradients. It is the other way round.",
            lambda maps, gradient: _cam(gradient, maps),
        ),
        Misconception(
            "images-mixed",
            "Your weights are means over all images. Each image has its own.",
            lambda maps, gradient: _cam(maps, gradient, weights=lambda g: g.mean(axis=(0, 2, 3), keepdims=True)),
        ),
        Misconception(
            "one-weight-for-all",
            "You take one mean over all maps of an image. Each map has its own.",
            lambda maps, gradient: _cam(maps, gradient, weights=lambda g: g.mean(axis=(1, 2, 3), keepdims=True)),
        ),
    ),
)


def _step(x, gradient, epsilon, *, direction=np.sign, least=0.0, most=1.0):
    return np.clip(x + epsilon * direction(gradient), least, most)


def _draw_step(rng):
    shape = (int(rng.integers(1, 3)), 1, *(int(n) for n in rng.integers(2, 5, 2)))
    return rng.integers(0, 17, shape) / 16, rng.integers(-3, 4, shape) / 8, float(rng.integers(0, 9)) / 16  # some gradients below epsilon


FGSM_STEP = Exercise(
    id="fgsm-step",
    chapter=19,
    title="The strongest small change, as a program",
    task=(
        "gradient is the gradient of a loss by the images x, whose cells lie between 0 and 1. Return images that raise the loss as much as "
        "possible to first order, with no cell changed by more than epsilon, and with all cells still between 0 and 1."
    ),
    kind="program",
    minutes=8,
    difficulty=1,
    parameters=("x", "gradient", "epsilon"),
    starter="def fgsm_step(x, gradient, epsilon):\n    return ...",
    answer=_step,
    examples=(
        (np.array([[[[0.5, 0.5, 0.5]]]]), np.array([[[[2.0, -0.125, 0.0]]]]), 0.25),
        (np.array([[[[0.0, 1.0, 0.9]]]]), np.array([[[[-1.0, 3.0, 0.5]]]]), 0.25),
        (np.array([[[[0.0, 1.0], [0.5, 0.25]]]]), np.array([[[[1.0, -1.0], [-2.0, 0.5]]]]), 0.5),
    ),
    draw=_draw_step,
    hints=(
        "Each cell for itself: in which direction does it raise the loss, and how far may it go?",
        "All the way, epsilon, in the direction of the gradient's sign. A cell whose gradient is 0 stays.",
        "Afterwards np.clip(..., 0, 1): a cell that would leave the range stops at its end.",
    ),
    misconceptions=(
        Misconception(
            "downhill",
            "You step against the gradient, as training does. That lowers the loss; here it shall rise.",
            lambda x, gradient, epsilon: _step(x, -gradient, epsilon),
        ),
        Misconception(
            "gradient-not-sign",
            "You add epsilon times the gradient itself. Each cell may move by up to epsilon, however small its gradient is.",
            lambda x, gradient, epsilon: _step(x, gradient, epsilon, direction=lambda g: g),
        ),
        Misconception(
            "normalised",
            "You divide the gradient by its largest entry, so that only one cell goes all the way. All of them may.",
            lambda x, gradient, epsilon: _step(x, gradient, epsilon, direction=lambda g: g / max(np.abs(g).max(), 1e-300)),
        ),
        Misconception(
            "gradient-cut-off",
            "You cut the gradient off at epsilon. A cell with a small gradient, too, may go all the way.",
            lambda x, gradient, epsilon: np.clip(x + np.clip(gradient, -epsilon, epsilon), 0, 1),
        ),
        Misconception(
            "not-clipped",
            "Some of your cells leave the range from 0 to 1.",
            lambda x, gradient, epsilon: _step(x, gradient, epsilon, least=-np.inf, most=np.inf),
        ),
        Misconception(
            "only-up",
            "You forbid cells above 1, and allow some below 0. Both ends count.",
            lambda x, gradient, epsilon: _step(x, gradient, epsilon, least=-np.inf),
        ),
        Misconception(
            "zero-moves",
            "A cell whose gradient is 0 moves in your answer. To first order that gains nothing; sign(0) is 0 here.",
            lambda x, gradient, epsilon: _step(x, gradient, epsilon, direction=lambda g: np.where(g >= 0, 1.0, -1.0)),
        ),
        Misconception(
            "noise-alone",
            "You return the change alone. Add it to the images.",
            lambda x, gradient, epsilon: epsilon * np.sign(gradient),
        ),
        Misconception(
            "always-brighter",
            "You make every cell brighter. Where the gradient is negative, darker raises the loss.",
            lambda x, gradient, epsilon: _step(x, np.abs(gradient), epsilon),
        ),
    ),
)

EXERCISES = (OCCLUSION_DROPS, GRAD_CAM, FGSM_STEP)
