"""Programming exercises of chapter 19, What did it learn?, that use gradients: Grad-CAM, and the strongest small change."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.activations import relu


def _cam(maps, gradient, *, weights=lambda g: g.mean(axis=(2, 3), keepdims=True), end=relu):
    return end((weights(gradient) * maps).sum(axis=1))


def _scaled(pictures):
    most = pictures.max(axis=(1, 2), keepdims=True)
    return pictures / np.where(most > 0, most, 1)


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
            "maps-cut-first",
            "You cut the maps off before they are weighted. Negative cells count in the sum; only the sum is cut.",
            lambda maps, gradient: _cam(relu(maps), gradient),
        ),
        Misconception(
            "absolute-weights",
            "You take the weights without their signs. A map that speaks against the class counts with its minus sign.",
            lambda maps, gradient: _cam(maps, gradient, weights=lambda g: np.abs(g.mean(axis=(2, 3), keepdims=True))),
        ),
        Misconception(
            "absolute-sums",
            "You take the size of negative sums. They speak against the class and are replaced by 0.",
            lambda maps, gradient: _cam(maps, gradient, end=np.abs),
        ),
        Misconception(
            "scaled",
            "You divide each picture by its largest cell. That is for showing it; asked for is the picture as it is.",
            lambda maps, gradient: _scaled(_cam(maps, gradient)),
        ),
        Misconception(
            "rows-averaged",
            "You average over one axis of cells. The mean goes over both, rows and columns.",
            lambda maps, gradient: _cam(maps, gradient, weights=lambda g: g.mean(axis=2, keepdims=True)),
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
            "unit-length",
            "You bring the gradient to length 1. That is the best step under a bound on the length of the change, not on each cell.",
            lambda x, gradient, epsilon: _step(x, gradient, epsilon, direction=lambda g: g / max(float(np.linalg.norm(g)), 1e-300)),
        ),
        Misconception(
            "largest-alone",
            "You move only the cells with the largest gradient. Every cell may move.",
            lambda x, gradient, epsilon: _step(x, gradient, epsilon, direction=lambda g: np.sign(g) * (np.abs(g) == np.abs(g).max())),
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
            "not-at-all-instead",
            "A cell that would leave the range stops at its end; yours does not move at all.",
            lambda x, gradient, epsilon: np.where(np.abs(x + epsilon * np.sign(gradient) - 0.5) <= 0.5, x + epsilon * np.sign(gradient), x),
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

EXERCISES = (GRAD_CAM, FGSM_STEP)
