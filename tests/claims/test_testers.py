"""Bring your own formula: what the testers say to right, wrong, incomplete and unusable ones."""

import functools

import numpy as np
import pytest
import sympy

import cnnlib
from cnnlib import claims, symbolic
from cnnlib.claims import gradients, pooling

n, k, s, p, d, W, F, S, P = sympy.symbols("n k s p d W F S P")
FLOOR = sympy.floor((n + 2 * p - d * (k - 1) - 1) / s) + 1


def counted_with_a_loop(n, kernel_size, stride, padding, dilation):
    count, start = 0, -padding
    while start + dilation * (kernel_size - 1) < n + padding:
        count, start = count + 1, start + stride
    return count


# --- Sizes ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [
        FLOOR,
        sympy.floor(sympy.expand(n / s + 2 * p / s - d * (k - 1) / s - 1 / s)) + 1,
        (n + 2 * p - d * (k - 1) - 1) / s - sympy.frac((n + 2 * p - d * (k - 1) - 1) / s) + 1,
        sympy.ceiling((n + 2 * p - d * (k - 1)) / s),
        FLOOR.subs(n, sympy.Symbol("n", integer=True)),
        cnnlib.output_size,
        functools.partial(cnnlib.output_size, ceil_mode=False),
        counted_with_a_loop,
        lambda n, k, s, p, d: len(range(0, n + 2 * p - d * (k - 1), s)),
        lambda n, k, s, p, d: np.floor(n / s + 2 * p / s - d * (k - 1) / s - 1 / s) + 1,
        lambda n, k, s, p, d: np.arange(0, n + 2 * p - d * (k - 1), s).size + 0j,
        lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s + 1,
        lambda W, F, S, P, D: (W + 2 * P - D * (F - 1) + S - 1) // S,
    ],
    ids=[
        "SymPy", "a sum of quotients", "the fraction taken off", "a ceiling", "an integer symbol", "the library", "a partial function",
        "a loop", "a range", "NumPy", "a complex number that is real", "short letters", "capital letters",
    ],
)  # fmt: skip
def test_a_right_size_formula_holds_however_it_is_written(formula):
    assert claims.test_size_formula(formula).verdict == "holds"


@pytest.mark.parametrize(
    "formula",
    [
        sympy.floor((n + p - d * (k - 1) - 1) / s) + 1,
        sympy.floor((n + 2 * p - d * k) / s) + 1,
        sympy.ceiling((n + 2 * p - d * (k - 1) - 1) / s) + 1,
        sympy.floor((n + 2 * p - d * (k - 1) - 1) / s),
    ],
    ids=["padding once", "span too long", "ceiling", "without the first place"],
)
def test_a_size_formula_with_one_slip_fails_and_the_counterexample_is_confirmed(formula):
    found = claims.test_size_formula(formula)
    assert found.verdict == "fails"
    assert found.confirmed is True
    assert not found


def test_a_condition_turns_fails_into_holds_under_conditions_only_where_it_excludes_every_counterexample():
    quotient = (W - F + 2 * P) / S + 1
    assert claims.test_size_formula(quotient).verdict == "fails"
    assert claims.test_size_formula(quotient, lambda stride, dilation: stride == dilation == 1).verdict == "holds under conditions"
    assert claims.test_size_formula(quotient, lambda stride: stride == 1).verdict == "fails"


def test_an_unmeetable_condition_saves_nothing():
    assert claims.test_size_formula(n, lambda stride: stride > 100).verdict == "fails"


# --- Convolution ----------------------------------------------------------------------------------------------------------------------


def test_the_librarys_correlation_holds_and_its_convolution_fails():
    right = lambda image, kernel, stride, padding: cnnlib.correlate2d(image, kernel, stride=stride, padding=padding)
    assert claims.test_convolution(right).verdict == "holds"
    flipped = lambda image, kernel: cnnlib.convolve2d(image, kernel, "valid")
    assert claims.test_convolution(flipped, claims.stride_one).verdict == "fails"


def test_a_sum_typed_in_sympy_is_tested_with_its_stride_and_padding():
    i, j, u, v, K, M = sympy.symbols("i j u v K M", integer=True)
    x, w = sympy.IndexedBase("x"), sympy.IndexedBase("w")
    limits = (u, 0, K - 1), (v, 0, M - 1)
    assert claims.test_convolution(sympy.Sum(x[s * i + u - p, s * j + v - p] * w[u, v], *limits)).verdict == "holds"
    plain = sympy.Sum(x[i + u, j + v] * w[u, v], *limits)
    assert claims.test_convolution(plain).verdict == "fails"
    assert claims.test_convolution(plain, claims.stride_one).verdict == "holds under conditions"
    flipped = sympy.Sum(x[i - u, j - v] * w[u, v], *limits)
    assert claims.test_convolution(flipped, claims.stride_one).verdict == "fails"


def test_the_sum_with_an_unbound_letter_is_refused_by_name_and_its_repair_holds():
    with pytest.raises(ValueError, match="nothing says what l is"):
        claims.test_convolution(symbolic.weighted_sums.one_sum.result("printed"))
    repaired = symbolic.weighted_sums.one_sum.result("repaired")
    assert claims.test_convolution(repaired, claims.stride_one).verdict == "holds under conditions"


@pytest.mark.parametrize(
    ("expression", "error", "words"),
    [
        (sympy.IndexedBase("x")[sympy.Symbol("i")], ValueError, r"x\[i\] has no row and column"),
        (sympy.Function("x")(sympy.Symbol("i"), sympy.Symbol("j")), ValueError, "x has no row and column"),
        (lambda x: x, TypeError, "of type function"),
    ],
)
def test_a_sum_without_rows_and_columns_is_refused(expression, error, words):
    with pytest.raises(error, match=words):
        claims.sliding_formula(expression)


def test_an_index_between_two_cells_is_an_error_and_not_rounded():
    i, j, u, v, K, M = sympy.symbols("i j u v K M", integer=True)
    x, w = sympy.IndexedBase("x"), sympy.IndexedBase("w")
    halves = sympy.Sum(x[i + u / 2, j + v] * w[u, v], (u, 0, K - 1), (v, 0, M - 1))
    assert "an index is a whole number, and (0.5, 0) are not" in claims.test_convolution(halves).sentence


def test_a_convolution_by_fourier_may_come_out_complex_as_long_as_it_is_real():
    def by_fourier(image, kernel, imaginary=0.0):
        spectrum = np.fft.fft2(image) * np.conj(np.fft.fft2(kernel, image.shape))
        return np.fft.ifft2(spectrum)[tuple(slice(n - k + 1) for n, k in zip(image.shape, kernel.shape, strict=True))] + imaginary

    assert claims.test_convolution(by_fourier, claims.stride_one).verdict == "holds under conditions"
    assert claims.test_convolution(lambda image, kernel: by_fourier(image, kernel, 1j), claims.stride_one).verdict == "fails"


def test_a_sum_counted_from_1_is_tested_as_such():
    printed = symbolic.weighted_sums.from_one.result("printed_from_one")
    formula = claims.sliding_formula(printed, first=1)
    assert claims.test_convolution(formula, claims.stride_one).verdict == "holds under conditions"
    assert claims.test_convolution(claims.sliding_formula(printed), claims.stride_one).verdict == "fails"


# --- Layers, pooling, softmax, gradients ----------------------------------------------------------------------------------------------


def test_a_layer_without_its_bias_fails_and_with_it_holds():
    def layer(x, w, b, activation, stride, padding):
        return activation(cnnlib.conv2d(x[None], w, b, stride=stride, padding=padding)[0])

    assert claims.test_layer(layer).verdict == "holds"
    no_bias = lambda x, w, activation, stride, padding: layer(x, w, None, activation, stride, padding)
    assert claims.test_layer(no_bias).verdict == "fails"
    assert claims.test_layer(no_bias, lambda b: not b.any()).verdict == "holds under conditions"


@pytest.mark.parametrize(("kind", "right", "wrong"), [("max", np.max, np.mean), ("average", np.mean, np.sum)])
def test_a_pooling_holds_only_for_its_own_kind(kind, right, wrong):
    assert claims.test_pooling(pooling.windowed(right), kind).verdict == "holds"
    assert claims.test_pooling(pooling.windowed(wrong), kind).verdict == "fails"


def test_a_pooling_that_ignores_the_stride_fails():
    assert claims.test_pooling(pooling.windowed(np.max, stride_is=lambda kernel_size: kernel_size)).verdict == "fails"


def test_softmax_needs_the_shift_and_an_axis_of_its_own():
    assert claims.test_softmax(cnnlib.softmax).verdict == "holds"
    assert claims.test_softmax(lambda logits: cnnlib.softmax(logits).tolist()).verdict == "holds"
    assert claims.test_softmax(lambda x: np.exp(x) / np.exp(x).sum()).verdict == "fails"
    assert claims.test_softmax(lambda x: np.exp(x - x.max())).verdict == "fails"


@pytest.mark.parametrize("of", ["dx", "dw", "db"])
def test_the_librarys_gradients_hold_and_lose_their_truth_with_the_activations_derivative(of):
    def gradient(x, w, dy, slope, stride, padding):
        return cnnlib.conv2d_backward(dy * slope, x, w, stride=stride, padding=padding)[("dx", "dw", "db").index(of)]

    def without_slope(x, w, dy, stride, padding):
        return gradient(x, w, dy, 1.0, stride, padding)

    assert claims.test_gradient(gradient, of).verdict == "holds"
    assert claims.test_gradient(without_slope, of).verdict == "fails"
    linear = lambda activation: activation is not cnnlib.tanh
    assert claims.test_gradient(without_slope, of, linear).verdict == "holds under conditions"


def test_half_a_repair_of_f53_still_fails():
    unflipped = lambda x, w, dy, slope: gradients.input_gradient_plus(x, w, dy * slope)
    assert claims.test("F53", unflipped).verdict == "fails"
    no_stride = lambda x, w, dy, slope: gradients.input_gradient(x, w, dy, slope, 1, 0)
    assert claims.test("F53", no_stride).verdict == "fails"


def test_a_chain_rule_may_be_written_with_h_standing():
    assert claims.test_chain_rule(lambda net: net.loss_of_h.diff(net.h) * net.layer.diff(net.w1)).verdict == "holds"
    assert claims.test_chain_rule(lambda net: net.loss_of_h.diff(net.h)).verdict == "fails"


def test_a_chain_rule_may_be_written_in_letters_of_ones_own_and_in_another_form():
    h, t, w2 = sympy.symbols("h t w2")
    own = lambda net: (w2 * h - t) * w2 * net.layer.diff(net.w1)
    fraction = lambda net: ((w2 * h) ** 2 - t**2) / (w2 * h + t) * w2 * net.layer.diff(net.w1)
    assert claims.test_chain_rule(own).verdict == claims.test_chain_rule(fraction).verdict == "holds"
    found = claims.test_chain_rule((w2 * h - t) * w2 * sympy.Symbol("x"))
    assert (found.failed, found.tried) == (2, 3)


@pytest.mark.parametrize(
    ("formula", "words"), [(lambda net: None, "gives None"), (lambda net: net.x * sympy.Symbol("q"), "nothing says what q is")]
)
def test_a_chain_rule_that_is_no_expression_of_the_net_is_a_finding(formula, words):
    assert words in claims.test_chain_rule(formula).sentence


def test_a_chain_rule_as_a_text_is_refused():
    with pytest.raises(TypeError, match="of type str"):
        claims.test_chain_rule("w2 * x")


@pytest.mark.parametrize(("call", "words"), [(claims.test_pooling, "max"), (claims.test_gradient, "dx")])
def test_an_unknown_kind_is_refused_with_the_names_there_are(call, words):
    with pytest.raises(ValueError, match=words):
        call(lambda x: x, "other")


# --- Words ----------------------------------------------------------------------------------------------------------------------------


def test_words_whose_readings_agree_state_a_formula():
    tester = claims.CLAIMS["F26"].tester
    assert (
        tester(claims.Words({"one way": FLOOR, "another": lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s + 1})).verdict == "holds"
    )


def test_words_whose_readings_part_state_none_even_when_one_of_them_is_right():
    tester = claims.CLAIMS["F26"].tester
    found = tester(claims.Words({"with floor": FLOOR, "without": n}))
    assert found.verdict == "states no formula"
    assert found.confirmed is True
