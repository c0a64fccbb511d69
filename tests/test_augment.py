"""Augmentation moves images and nothing else: shapes, dtypes, arguments and NumPy's own random state stay."""

import math

import numpy as np
import pytest

from cnnlib import augment
from cnnlib.augment import bilinear, elastic, flip, noise, rotate, scale, shift

CHANGES = {
    "shift": lambda x, rng: shift(x, (1, 2), rng=rng),
    "rotate": lambda x, rng: rotate(x, 20, rng=rng),
    "scale": lambda x, rng: scale(x, 0.2, rng=rng),
    "flip": lambda x, rng: flip(x, rng=rng),
    "noise": lambda x, rng: noise(x, 0.1, rng=rng),
    "elastic": lambda x, rng: elastic(x, rng=rng),
}
STILL = {
    "shift": lambda x: shift(x, 0),
    "rotate": lambda x: rotate(x, 0),
    "scale": lambda x: scale(x, 0),
    "flip": lambda x: flip(x, 0),
    "noise": lambda x: noise(x, 0),
    "elastic": lambda x: elastic(x, 0),
}


@pytest.fixture
def batch():
    return np.random.default_rng(7).random((40, 3, 6, 9))


def test_every_public_change_is_tested():
    assert {*CHANGES, "bilinear"} == set(augment.__all__)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_change_keeps_shape_dtype_argument_and_global_random_state(name, dtype, batch):
    x = batch.astype(dtype)
    x.flags.writeable = False
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    y = CHANGES[name](x, 3)
    assert y.shape == x.shape
    assert y.dtype == dtype
    assert not np.shares_memory(x, y)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002
    assert not np.array_equal(x, y)
    np.testing.assert_array_equal(CHANGES[name](x, np.random.default_rng(3)), y)
    assert not np.array_equal(CHANGES[name](x, 4), y)
    assert CHANGES[name](x[:0], 3).shape == (0, *x.shape[1:])


@pytest.mark.parametrize("name", STILL)
def test_a_change_of_size_zero_changes_nothing(name, batch):
    np.testing.assert_allclose(STILL[name](batch), batch, rtol=0, atol=1e-12)


def test_a_shift_is_one_of_the_moves_allowed_and_all_of_them_occur():
    x = np.random.default_rng(0).random((300, 2, 5, 6)) + 1
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (2, 2)))
    y = shift(x, (1, 2), rng=0)
    seen = set()
    for n in range(len(x)):
        moves = [(i, j) for i in range(3) for j in range(5) if np.array_equal(y[n], padded[n, :, i : i + 5, j : j + 6])]
        assert len(moves) == 1
        seen.update(moves)
    assert len(seen) == 15


def test_a_flip_mirrors_the_chosen_axis_of_about_half_the_images(batch):
    for axis, mirrored in (("columns", batch[..., ::-1]), ("rows", batch[:, :, ::-1])):
        np.testing.assert_array_equal(flip(batch, 1, axis=axis), mirrored)
    y = flip(np.concatenate([batch] * 10), rng=0)
    flipped = [not np.array_equal(new, old) for new, old in zip(y, np.concatenate([batch] * 10), strict=True)]
    assert 0.4 < np.mean(flipped) < 0.6


def test_noise_has_the_standard_deviation_asked_for():
    difference = noise(np.zeros((100, 1, 20, 20)), 0.3, rng=0)
    assert abs(difference.std() - 0.3) < 0.005
    assert abs(difference.mean()) < 0.005


class Always:
    """Stands for a Generator that draws the same share of every interval."""

    def __init__(self, share):
        self.share = share

    def uniform(self, low, high, size):
        return np.full(size, low + self.share * (high - low))


@pytest.fixture
def draw(monkeypatch):
    monkeypatch.setattr(augment, "make_rng", lambda rng: rng)


@pytest.mark.usefixtures("draw")
def test_a_quarter_turn_is_numpys_quarter_turn():
    x = np.random.default_rng(0).random((2, 3, 7, 7))
    np.testing.assert_allclose(rotate(x, 90, rng=Always(1)), np.rot90(x, axes=(2, 3)), atol=1e-12)
    np.testing.assert_allclose(rotate(x, 90, rng=Always(0)), np.rot90(x, -1, axes=(2, 3)), atol=1e-12)


@pytest.mark.usefixtures("draw")
def test_scaling_keeps_the_centre_and_spreads_the_rest():
    plane = np.arange(-4, 5)[:, None] + 10.0 * np.arange(-4, 5)
    x = plane[None, None] + 100
    y = scale(x, 0.5, rng=Always(1))[0, 0] - 100
    np.testing.assert_allclose(y, plane / 1.5, atol=1e-12)


def test_reading_between_cells_is_exact_on_planes_and_fades_to_zero_outside():
    x = (2.0 * np.arange(5)[:, None] + 3.0 * np.arange(6))[None, None]
    rng = np.random.default_rng(0)
    rows, columns = rng.uniform(0, 4, (1, 8, 8)), rng.uniform(0, 5, (1, 8, 8))
    np.testing.assert_allclose(bilinear(x, rows, columns)[0, 0], 2 * rows[0] + 3 * columns[0], atol=1e-12)
    ones = np.ones((1, 1, 3, 3))
    where = np.array([[[-1.0, -0.25, 0.0, 2.25, 3.0, 50.0]]])
    np.testing.assert_allclose(bilinear(ones, where, np.ones_like(where))[0, 0, 0], [0, 0.75, 1, 0.75, 0, 0])


def test_the_rubber_moves_each_cell_by_alpha_in_the_root_mean_square_and_smoothly():
    h = w = 24
    down = np.broadcast_to(np.arange(h)[:, None] + 100.0, (h, w))
    right = np.broadcast_to(np.arange(w) + 100.0, (h, w))
    x = np.stack([down, right])[None].repeat(6, axis=0)
    moved = (elastic(x, 0.5, 3.0, rng=0) - x)[:, :, 3:-3, 3:-3]
    assert 0.4 < np.sqrt((moved**2).mean()) < 0.6
    assert np.abs(np.diff(moved, axis=2)).max() < 0.5


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: shift(np.zeros((4, 4))), ValueError, r"x\[None, None\]"),
        (lambda: shift(np.zeros((1, 1, 4, 4)), -1), ValueError, "pixels=-1"),
        (lambda: shift(np.zeros((1, 1, 4, 4)), 0.5), TypeError, "pixels=0.5"),
        (lambda: rotate(np.zeros((1, 1, 4, 4)), "ten"), TypeError, "degrees"),
        (lambda: rotate(np.zeros((1, 1, 4, 4)), math.inf), ValueError, "degrees"),
        (lambda: scale(np.zeros((1, 1, 4, 4)), 1), ValueError, "amount=1"),
        (lambda: flip(np.zeros((1, 1, 4, 4)), 1.5), ValueError, "p=1.5"),
        (lambda: flip(np.zeros((1, 1, 4, 4)), axis="up"), ValueError, "axis='up'"),
        (lambda: flip(np.zeros((1, 1, 4, 4)), axis=3), TypeError, "axis=3"),
        (lambda: bilinear(np.zeros((4, 4)), np.zeros((1, 4, 4)), np.zeros((1, 4, 4))), ValueError, "x has shape"),
        (lambda: noise(np.zeros((1, 1, 4, 4)), -0.1), ValueError, "std"),
        (lambda: elastic(np.zeros((1, 1, 4, 4)), sigma=0), ValueError, "sigma"),
        (lambda: elastic(np.zeros((1, 1, 4, 4)), rng="x"), TypeError, "rng"),
    ],
)
def test_wrong_calls_are_refused_by_the_name_of_the_argument(call, error, words):
    with pytest.raises(error, match=words):
        call()
