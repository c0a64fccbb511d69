"""The depth explorer without a browser: its random numbers, its recursion, its measured net, its sentences."""

import math

import mpmath
import numpy as np
import pytest
import sympy
from traitlets import TraitError

import cnnlib
from cnnlib.symbolic import variance
from cnnlib.widgets import DepthScaleExplorer
from cnnlib.widgets import depth_scale as own


def mulberry32(seed, count):
    """The generator as it is usually written, with a running state and whole numbers of any size."""
    cut = 2**32
    state = (seed + 1) * 0x9E3779B9 % cut
    for _ in range(count):
        state = (state + 0x6D2B79F5) % cut
        t = (state ^ (state >> 15)) * (1 | state) % cut
        t = ((t + (t ^ (t >> 7)) * (61 | t)) % cut) ^ t
        yield ((t ^ (t >> 14)) + 0.5) / cut


@pytest.mark.parametrize("seed", [0, 3, 9])
def test_the_numbers_drawn_are_mulberry32s(seed):
    assert own.uniforms(seed, 300).tolist() == list(mulberry32(seed, 300))


def test_the_normal_numbers_are_standard_normal_and_other_seeds_draw_others():
    drawn = np.array([own.normals(seed, 60_001) for seed in (0, 1)])
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        assert (drawn**power).mean() == pytest.approx(moment, abs=0.06)
    assert abs(np.corrcoef(drawn)[0, 1]) < 0.02
    np.testing.assert_array_equal(own.normals(0, 7), drawn[0, :7])


@pytest.mark.parametrize("v", [0.01, 0.4, 1, 9])
def test_the_moments_are_the_chapters(v):
    linear, relu = variance.unit.result("variance_of_unit"), variance.relu.result("relu_mean_square")
    assert own.moments("linear", v)[0] == pytest.approx(float(linear.subs({variance.n: 1, variance.sigma: 1, variance.q: v})))
    squares, mean, slope = own.moments("relu", v)
    assert squares == pytest.approx(float(relu.subs(variance.s, math.sqrt(v))))
    assert mean == pytest.approx(float(variance.relu.result("relu_mean").subs(variance.s, math.sqrt(v))) ** 2)
    assert slope == float(variance.backward.result("relu_slope"))
    average = lambda f: float(mpmath.quad(lambda z: f(mpmath.tanh(math.sqrt(v) * z)) * mpmath.npdf(z), [-12, -2, -0.5, 0, 0.5, 2, 12]))
    assert own.moments("tanh", v) == pytest.approx((average(lambda y: y**2), 0, average(lambda y: (1 - y**2) ** 2)), rel=1e-9)


@pytest.mark.parametrize("activation", own.ACTIVATIONS)
@pytest.mark.parametrize("gain", [0.7, 1, math.sqrt(2)])
def test_wide_nets_scatter_about_the_prediction(activation, gain):
    runs = np.array([own.measured(activation, gain, 64, 7, False, seed) for seed in range(10)])
    typical = np.exp(np.log(runs).mean(axis=0))
    np.testing.assert_allclose(typical, own.predicted(activation, gain, 7, False), rtol=0.1)


@pytest.mark.parametrize("activation", own.ACTIVATIONS)
def test_batch_norm_makes_the_signal_independent_of_the_gain(activation):
    first, second = (own.measured(activation, gain, 24, 8, True, 0)[0] for gain in (0.5, 8))
    np.testing.assert_allclose(first, second, rtol=1e-3)
    np.testing.assert_allclose(first, own.predicted(activation, 1, 8, True)[0], rtol=0.06)


def test_batch_norm_and_relu_multiply_the_gradients_mean_square_by_pi_over_pi_less_1():
    backward = own.predicted("relu", 1.3, 5, True)[1]
    assert (backward[2] / backward[3]) ** 2 == pytest.approx(math.pi / (math.pi - 1), rel=1e-4)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_measured_gradient_is_the_librarys_through_real_layers(batch_norm):
    width, depth, gain = 6, 4, 1.2
    drawn, size = own.normals(2, 2 * own.BATCH * width + depth * width * width), own.BATCH * width
    x, dy = drawn[: 2 * size].reshape(2, own.BATCH, width, 1, 1)
    layers = []
    for weights in drawn[2 * size :].reshape(depth, width, width, 1, 1):
        convolution = cnnlib.Conv2d(width, width, 1, bias=False, rng=0)
        convolution.weight = weights * gain / math.sqrt(width)
        norm = [cnnlib.BatchNorm2d(width)] if batch_norm else []
        layers += [convolution, *norm, cnnlib.Tanh()]
    model = cnnlib.Sequential(*layers)
    forward, backward = own.measured("tanh", gain, width, depth, batch_norm, 2)
    root = lambda values: np.sqrt(np.mean(np.square(values)))
    assert forward[-1] == pytest.approx(root(model(x)) / root(x), rel=1e-6)
    assert backward[0] == pytest.approx(root(model.backward(dy)) / root(dy), rel=1e-6)


def test_the_rules_are_the_derived_variances_times_the_width():
    n, width = variance.n, 16
    derived = {"he": variance.relu.result("he"), "xavier": variance.backward.result("xavier"), "unscaled": sympy.Integer(1)}
    for rule, formula in derived.items():
        sigma = math.sqrt(formula.subs({n: width, variance.m: width}))
        assert DepthScaleExplorer(rule=rule, width=width).used_gain == pytest.approx(sigma * math.sqrt(width))
    bound = np.abs(cnnlib.nn.initializers.pytorch_default((400, 100), 100, rng=0)).max()
    assert own.rule_gain("pytorch", 1, 100) == pytest.approx(bound / math.sqrt(3) * 10, rel=1e-3)
    assert DepthScaleExplorer(rule="own", gain=0.35).used_gain == 0.35


def test_a_layer_beyond_the_last_becomes_the_last_one():
    explorer = DepthScaleExplorer(depth=8, layer=20)
    assert explorer.layer == 8
    explorer.depth = 5
    assert explorer.layer == 5
    explorer.layer = 40
    assert explorer.layer == 5


def test_the_sentence_the_description_and_the_picture_carry_the_numbers():
    explorer = DepthScaleExplorer(activation="linear", rule="own", gain=0.5, depth=10, layer=10, width=16)
    signal = own.format_scale(explorer.measured[0][10])
    assert explorer.sentence == (
        "Gain 0.5, standard deviation of the weights 0.125.\n"
        f"After layer 10 of 10: signal {signal} measured, 9.8·10^−4 predicted; gradient 1 measured, 1 predicted."
    )
    explorer.layer = 0
    assert f"At the input: signal 1 measured, 1 predicted; gradient {own.format_scale(explorer.measured[1][0])}" in explorer.sentence
    assert explorer.sentence.replace("\n", " ") in explorer.description
    svg = explorer.static_svg()
    assert all(f">{line}</text>" in svg for line in explorer.sentence.splitlines())
    assert svg.count("<circle") == 22 + 1  # 11 scales in each diagram, and the pattern of every picture
    assert repr(explorer) == "DepthScaleExplorer(activation='linear', rule='own', width=16, depth=10, batch_norm=False)"


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1"), (0.01, "0.01"), (0.00999, "1.0·10^−2"), (999.9, "999.9"), (1234.5, "1.2·10^3"), (3.2e-21, "3.2·10^−21")]
)
def test_scales_are_written_plainly_or_with_a_power_of_ten(value, text):
    assert own.format_scale(value) == text


def test_a_diagram_holds_every_curve():
    assert own.powers([[1.0, 2.0]]) == (-1, 1)
    assert own.powers([[1.0, 3e-5], [1.0, 2e7, 0.0]]) == (-5, 8)


@pytest.mark.parametrize("wrong", [{"depth": 0}, {"depth": 41}, {"width": 3}, {"rule": "lecun"}, {"activation": "gelu"}, {"gain": 0}])
def test_settings_that_cannot_be_shown_are_refused(wrong):
    with pytest.raises(TraitError, match=next(iter(wrong))):
        DepthScaleExplorer(**wrong)
