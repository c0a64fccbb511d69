"""Every step of chapter 08's derivations, with random numbers in place of its letters."""

import numpy as np
import pytest
from test_derivations import by_name, evaluate

import cnnlib
from cnnlib.geometry import Window
from cnnlib.symbolic import pooling

SEEDS = range(8)


class Drawn:
    """A random image, pooling and upstream gradient, one place, and one cell of the image."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        k, s = int(rng.integers(1, 4)), int(rng.integers(1, 4))
        p = int(rng.integers(0, k // 2 + 1))
        shape = rng.integers(k, k + 4, 2)
        self.x = rng.integers(-3, 4, shape).astype(float)
        self.options = dict(kernel_size=k, stride=s, padding=p)
        self.rows, self.columns = (Window.fit(int(n), k, s, p) for n in shape)
        self.g = rng.normal(size=(self.rows.count, self.columns.count))
        self.place = tuple(int(rng.integers(size)) for size in self.g.shape)
        self.cell = tuple(int(rng.integers(size)) for size in shape)
        self.numbers = dict(zip("kspHWijab", (k, s, p, *self.g.shape, *self.place, *self.cell), strict=True))

    def value(self, step, **arrays):
        letters = {letter: self.numbers[letter.name] for letter in step.result.free_symbols if letter.name in self.numbers}
        return evaluate(step.result, letters, dict(x=self.x, g=self.g) | arrays)

    def forward(self, op):
        return op(self.x[None, None], **self.options)[0, 0]

    def backward(self, op, dy):
        return op(dy[None, None], self.x[None, None], **self.options)[0, 0]

    @property
    def slope(self):
        """dy that is 1 at the place and 0 elsewhere: its dx is the derivative of that output."""
        dy = np.zeros_like(self.g)
        dy[self.place] = 1
        return dy

    def covers(self):
        return self.cell[0] in self.rows.cells(self.place[0]) and self.cell[1] in self.columns.cells(self.place[1])


@pytest.fixture(params=SEEDS)
def drawn(request):
    return Drawn(request.param)


def test_the_random_poolings_overlap_pad_leave_remainders_and_cover_their_cells():
    all_drawn = [Drawn(seed) for seed in SEEDS]
    assert any(d.options["stride"] < d.options["kernel_size"] for d in all_drawn)
    assert any(d.options["padding"] for d in all_drawn)
    assert any((d.rows.padded - d.rows.span) % d.options["stride"] for d in all_drawn)
    assert 2 <= sum(d.covers() for d in all_drawn) < len(all_drawn)


def test_every_step_of_average_pooling_is_the_librarys(drawn):
    step = pooling.average
    assert drawn.value(step["output"]) == pytest.approx(drawn.forward(cnnlib.avg_pool2d)[drawn.place])
    slope = drawn.backward(cnnlib.avg_pool2d_backward, drawn.slope)[drawn.cell]
    for name in ("output_by_input", "covered"):
        assert drawn.value(step[name]) == pytest.approx(slope)
    dx = drawn.backward(cnnlib.avg_pool2d_backward, drawn.g)
    assert drawn.value(step["input_gradient"]) == pytest.approx(dx[drawn.cell])
    assert step["handed_out"].result == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_windows_between_the_first_and_the_last_are_those_that_hold_the_cell(seed):
    drawn = Drawn(seed)
    far = Window.fit(40, **drawn.options)  # so long that the windows of a cell in the middle all exist
    for cell in range(15, 22):
        holding = [i for i in range(far.count) if cell in far.cells(i)]
        numbers = drawn.numbers | {"a": cell}
        first, last, count = (
            by_name(pooling.average[name].result, **numbers) for name in ("first_window", "last_window", "windows_on_cell")
        )
        assert list(range(first, last + 1)) == holding
        assert count == len(holding)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_windows_side_by_side_enlarge_the_gradient(k):
    g = np.random.default_rng(k).normal(size=(2, 3))
    dx = cnnlib.avg_pool2d_backward(g[None, None], np.zeros((1, 1, 2 * k, 3 * k)), k)[0, 0]
    step = pooling.average["side_by_side"].result
    letters = {letter.name: letter for letter in step.free_symbols if letter.is_Symbol}
    for a, b in np.ndindex(dx.shape):
        assert evaluate(step, {letters["a"]: a, letters["b"]: b, letters["k"]: k}, dict(g=g)) == pytest.approx(dx[a, b])


@pytest.mark.parametrize("seed", SEEDS)
def test_three_cells_with_switches_are_the_librarys_maximum_and_its_gradient(seed):
    cells = np.random.default_rng(seed).integers(0, 3, 3).astype(float)
    insert = {pooling.x[number]: int(value) for number, value in enumerate(cells)}
    assert int(pooling.maximum["three_cells"].result.subs(insert)) == cells.max()
    dx = cnnlib.max_pool2d_backward(np.ones((1, 1, 1, 1)), cells.reshape(1, 1, 1, 3), (1, 3))
    assert int(pooling.maximum["by_second_cell"].result.subs(insert)) == dx[0, 0, 0, 1]


def test_every_step_of_max_pooling_is_the_librarys(drawn):
    winners = {name: np.zeros(drawn.g.shape, dtype=int) for name in "UV"}
    for i, j in np.ndindex(drawn.g.shape):
        dy = np.zeros_like(drawn.g)
        dy[i, j] = 1
        row, column = np.argwhere(drawn.backward(cnnlib.max_pool2d_backward, dy))[0]
        winners["U"][i, j], winners["V"][i, j] = row - drawn.rows.start(i), column - drawn.columns.start(j)
    step = pooling.maximum
    insert = {
        base[spot]: int(winners[name][spot]) for name, base in (("U", pooling.U), ("V", pooling.V)) for spot in np.ndindex(drawn.g.shape)
    }

    def value(name):
        letters = {letter: drawn.numbers[letter.name] for letter in step[name].result.free_symbols if letter.name in drawn.numbers}
        return evaluate(step[name].result.subs(letters).doit().subs(insert), {}, dict(x=drawn.x, g=drawn.g))

    assert value("winner") == drawn.forward(cnnlib.max_pool2d)[drawn.place]
    assert value("winner_by_input") == drawn.backward(cnnlib.max_pool2d_backward, drawn.slope)[drawn.cell]
    dx = drawn.backward(cnnlib.max_pool2d_backward, drawn.g)
    assert value("input_gradient_of_maximum") == pytest.approx(dx[drawn.cell])


def test_at_a_tie_the_slope_is_one_upwards_and_none_downwards():
    pool = lambda value: cnnlib.max_pool2d(np.array([[[[3.0, value]]]]), (1, 2)).item()
    right, left = ((pool(3 + step) - pool(3)) / step for step in (0.5, -0.5))
    assert tuple(map(float, pooling.maximum["slopes_at_a_tie"].result)) == (right, left)
