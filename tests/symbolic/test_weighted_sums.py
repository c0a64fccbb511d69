"""Every step of chapter 01's derivations, with random numbers in place of its letters."""

import numpy as np
import pytest
import sympy
from test_derivations import evaluate

from cnnlib import correlate2d
from cnnlib.geometry import output_size
from cnnlib.symbolic import weighted_sums

SEEDS = range(6)


class Drawn:
    """A random image and kernel of random shapes, a random place, and every other letter of the derivations."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        kernel = rng.integers(1, 4, 2)
        shape = kernel + rng.integers(0, 4, 2)
        self.arrays = {name: rng.normal(size=shape) for name in "xz"} | {name: rng.normal(size=kernel) for name in "wq"}
        self.arrays |= {"h": rng.normal(size=kernel[0]), "g": rng.normal(size=kernel[1])}
        self.kernel, self.place = tuple(map(int, kernel)), tuple(int(rng.integers(most + 1)) for most in shape - kernel)
        self.numbers = {name: float(rng.normal()) for name in ("alpha", "beta", "c", "s_d", "s_r")}
        self.numbers |= dict(zip("KMij", (*self.kernel, *self.place), strict=True))

    def value(self, step, **numbers):
        """The number a step's result has here."""
        values = self.numbers | numbers
        letters = {letter: values[letter.name] for letter in step.result.free_symbols if letter.name in values}
        return evaluate(step.result, letters, self.arrays)

    def filtered(self, image, kernel):
        """The library's output at the place."""
        return correlate2d(image, kernel)[self.place]


@pytest.fixture(params=SEEDS)
def drawn(request):
    return Drawn(request.param)


def test_the_weighted_sum_is_the_librarys_output(drawn):
    x, w = drawn.arrays["x"], drawn.arrays["w"]
    step = weighted_sums.window
    i, j = drawn.place
    u, v = (size - 1 for size in drawn.kernel)
    assert drawn.value(step["product"], u=u, v=v) == pytest.approx(w[u, v] * x[i + u, j + v])
    assert drawn.value(step["output"]) == pytest.approx(drawn.filtered(x, w))
    letters = {letter.name: letter for letter in step["rows_of_places"].result.free_symbols}
    places = step["rows_of_places"].result.subs({letters["H"]: len(x), letters["K"]: len(w)})
    assert places == output_size(len(x), len(w)) == len(correlate2d(x, w))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sums_that_are_written_out_are_the_librarys_first_two_outputs(seed):
    rng = np.random.default_rng(seed)
    arrays = {"x": rng.normal(size=(2, 3)), "w": rng.normal(size=(2, 2))}
    for place, name in enumerate(("two_by_two", "next_place")):
        found = evaluate(weighted_sums.window[name].result, {}, arrays)
        assert found == pytest.approx(correlate2d(arrays["x"], arrays["w"])[0, place])


def test_the_library_given_letters_returns_the_formula():
    for step, shape in ((weighted_sums.window["library_agrees"], (3, 2)), (weighted_sums.separable["two_passes"], (3, 2))):
        assert step.result == sympy.zeros(*shape)


def test_mixtures_of_images_and_of_kernels_give_mixtures_of_outputs(drawn):
    x, z, w, q = (drawn.arrays[name] for name in "xzwq")
    alpha, beta = drawn.numbers["alpha"], drawn.numbers["beta"]
    mixed = alpha * drawn.filtered(x, w) + beta * drawn.filtered(z, w)
    assert drawn.filtered(alpha * x + beta * z, w) == pytest.approx(mixed)
    assert drawn.filtered(x, alpha * w + beta * q) == pytest.approx(alpha * drawn.filtered(x, w) + beta * drawn.filtered(x, q))
    for name in ("mixed_image", "mixed_apart"):
        assert drawn.value(weighted_sums.linearity[name]) == pytest.approx(mixed)
    for name in ("linear_in_image", "linear_in_kernel"):
        assert weighted_sums.linearity[name].result == 0


def test_a_brighter_image_adds_the_kernels_sum_and_a_ramp_its_moments(drawn):
    x, w = drawn.arrays["x"], drawn.arrays["w"]
    step, c = weighted_sums.brightness, drawn.numbers["c"]
    for name in ("brighter", "brighter_apart"):
        assert drawn.value(step[name]) == pytest.approx(drawn.filtered(x + c, w))
    rows, columns = np.indices(x.shape)
    ramp = c + drawn.numbers["s_d"] * rows + drawn.numbers["s_r"] * columns
    assert drawn.value(step["ramp"]) == pytest.approx(drawn.filtered(ramp, w))
    right, smooth = np.array([-1, 0, 1]), np.array([1, 2, 1])
    rows, columns = np.indices((3, 3))
    ramp = c + drawn.numbers["s_d"] * rows + drawn.numbers["s_r"] * columns
    assert drawn.value(step["sobel_on_ramp"]) == pytest.approx(correlate2d(ramp, np.outer(smooth, right)).item())


def test_a_product_kernel_may_be_applied_in_two_passes(drawn):
    x, h, g = (drawn.arrays[name] for name in "xhg")
    step = weighted_sums.separable
    for name in ("product_kernel", "rows_first"):
        assert drawn.value(step[name]) == pytest.approx(drawn.filtered(x, np.outer(h, g)))
    size = next(iter(step["saving"].result.free_symbols))
    assert step["saving"].result.subs(size, 7) == sympy.Rational(7 * 7, 7 + 7)


def test_the_formula_with_one_sum_reads_the_diagonal(drawn):
    x, w, (i, j) = drawn.arrays["x"], drawn.arrays["w"], drawn.place
    step, column = weighted_sums.one_sum, drawn.kernel[1] - 1
    arrays = np.pad(x, ((0, 3), (0, 3)))
    diagonal = sum(arrays[i + k, j + k] * w[k, column] for k in range(len(w)))
    drawn.arrays["x"] = arrays
    assert drawn.value(step["printed"], l=column) == pytest.approx(diagonal)
    assert drawn.value(step["repaired"]) == pytest.approx(drawn.filtered(x, w))
    assert step["repaired_is_ours"].result == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_formula_with_one_sum_has_two_products_and_a_letter_too_many(seed):
    rng = np.random.default_rng(seed)
    arrays = {"x": rng.normal(size=(4, 4)), "w": rng.normal(size=(2, 2))}
    step = weighted_sums.one_sum["printed_two_by_two"]
    letters = {letter.name: letter for letter in step.result.free_symbols}
    found = evaluate(step.result, {letters["i"]: 1, letters["j"]: 2, letters["l"]: 1}, arrays)
    assert found == pytest.approx(arrays["x"][1, 2] * arrays["w"][0, 1] + arrays["x"][2, 3] * arrays["w"][1, 1])
    assert {letter.name for letter in weighted_sums.one_sum["letters_left_over"].result} == {"i", "j", "l"}


def test_counting_from_one_gives_the_same_outputs(drawn):
    x, w = drawn.arrays["x"], drawn.arrays["w"]
    drawn.arrays |= {"X": np.pad(x, ((1, 0), (1, 0))), "W": np.pad(w, ((1, 0), (1, 0)))}  # what is not there is never read
    i, j = drawn.place
    for name in ("printed_from_one", "kernel_from_zero"):
        assert drawn.value(weighted_sums.from_one[name], i=i + 1, j=j + 1) == pytest.approx(drawn.filtered(x, w))
    assert drawn.value(weighted_sums.from_one["all_from_zero"]) == pytest.approx(drawn.filtered(x, w))
    assert weighted_sums.from_one["equal"].result == 0


def test_the_random_windows_are_of_many_shapes():
    drawn = [Drawn(seed) for seed in SEEDS]
    assert sum(each.kernel[0] != each.kernel[1] for each in drawn) >= 2
    assert sum(any(each.place) for each in drawn) >= 3
