"""Programming exercise of chapter 19, What did it learn?, on occlusion. Its truth is independent of the library's explanations."""

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


def _around(cells, size):
    """The slice of `size` cells whose middle is the first of `cells`, cut off at the border."""
    first = cells.start - size // 2
    return slice(max(first, 0), first + size)


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
            "kernel-flipped",
            "You turn the kernel round. `cnnlib.correlate2d` slides it as it stands.",
            lambda x, kernel, size, value: _drops(x, kernel[::-1, ::-1], size, value),
        ),
        Misconception(
            "mean-score",
            "Your score is a mean of the outputs. It is their sum.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value, score=lambda x, w: float(relu(correlate2d(x, w)).mean())),
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
            "around-the-place",
            "Your patch lies around (i, j), with its middle there. (i, j) is its first cell.",
            lambda x, kernel, size, value: _drops(
                x, kernel, size, value, cover=lambda x, r, c, v: _cover(x, _around(r, size), _around(c, size), v)
            ),
        ),
        Misconception(
            "side-by-side",
            "Your patches lie side by side. There is one for every place (i, j), so they overlap.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value, stride=size),
        ),
        Misconception(
            "relative",
            "You divide the drops by the score. Asked for are the drops themselves.",
            lambda x, kernel, size, value: _drops(x, kernel, size, value) / (_score(x, kernel) or 1),
        ),
        Misconception(
            "negative-drops-cut",
            "You set negative drops to 0. Covering can raise the score, and the map says so.",
            lambda x, kernel, size, value: np.maximum(_drops(x, kernel, size, value), 0),
        ),
        Misconception(
            "absolute",
            "Some drops are negative: covering can raise the score. Keep the sign.",
            lambda x, kernel, size, value: np.abs(_drops(x, kernel, size, value)),
        ),
    ),
    seconds=10.0,
)

EXERCISES = (OCCLUSION_DROPS,)
