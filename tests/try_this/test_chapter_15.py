"""Chapter 15: the answers below its "Try this" list, one test for each item."""

import math
from itertools import pairwise

import pytest

from cnnlib.widgets import DepthScaleExplorer


def explorer(**settings):
    """The explorer as the chapter shows it, after the reader has changed some settings."""
    return DepthScaleExplorer(**dict(activation="relu", rule="he", width=32, depth=30) | settings)


def ends(**settings):
    """The scale of the signal after the last layer in each of the ten nets."""
    return sorted(explorer(**settings, seed=seed).measured[0][-1] for seed in range(10))


def factors(backward):
    """By what each layer multiplies the gradient on its way back, the first layer first."""
    return [before / behind for before, behind in pairwise(backward)]


def near(value, digits):
    return pytest.approx(value, abs=0.5 * 10**-digits)


def test_narrow_nets_fall_further_below_the_line_than_wide_ones():
    wide, narrow = ends(width=64), ends(width=8)
    assert explorer(width=64).predicted[0] == pytest.approx([1] * 31)
    assert (wide[0], wide[-1]) == (near(0.20, 2), near(3.3, 1))
    assert sum(scale < 1 for scale in wide) == 7
    assert (narrow[0], narrow[-1]) == (near(0.00006, 5), near(0.21, 2))


def test_under_pytorchs_default_less_than_a_thousandth_is_left_after_layer_8():
    line = explorer(rule="pytorch").predicted[0]
    assert line[1] == pytest.approx(math.sqrt(1 / 6)) == near(0.41, 2)
    assert line[7] > 0.001 > line[8] == near(0.0008, 4)
    first = [next(at for at, scale in enumerate(explorer(rule="pytorch", seed=seed).measured[0]) if scale < 0.001) for seed in range(10)]
    assert set(first) == {7, 8, 9}


def test_linear_and_relu_have_one_gain_that_keeps_the_signal_and_tanh_has_none():
    after_30 = lambda activation, gain: explorer(activation=activation, rule="own", gain=gain).predicted[0][30]
    assert after_30("linear", 1) == pytest.approx(1)
    assert after_30("relu", math.sqrt(2)) == pytest.approx(1)
    assert (after_30("relu", 1.4), after_30("relu", 1.45)) == (near(0.74, 2), near(2.1, 1))
    assert [after_30("tanh", gain) for gain in (1, 1.4, 2)] == [near(0.13, 2), near(0.55, 2), near(0.73, 2)]
    for gain in (1.4, 2):
        line = explorer(activation="tanh", rule="own", gain=gain).predicted[0]
        assert line[30] == pytest.approx(line[25], rel=1e-3)


def test_with_tanh_and_gain_2_5_the_signal_settles_and_the_gradient_explodes():
    forward, backward = explorer(activation="tanh", rule="own", gain=2.5).predicted
    assert forward[5:] == [near(0.80, 2)] * 26
    assert factors(backward)[4:] == [near(1.27, 2)] * 26
    assert backward[0] > 1000


def test_unscaled_weights_have_the_root_of_the_width_as_gain():
    nets = {width: explorer(rule="unscaled", width=width) for width in (4, 64)}
    assert [net.used_gain for net in nets.values()] == [2, 8]
    assert [net.predicted[0][1] for net in nets.values()] == [near(1.4, 1), near(5.7, 1)]
    assert nets[4].predicted[0][30] == pytest.approx(33_000, abs=500)
    assert nets[64].predicted[0][30] == pytest.approx(4e22, rel=0.1)


def test_with_batch_norm_the_rule_no_longer_matters_and_the_gradient_still_grows():
    for rule in ("he", "xavier", "pytorch", "unscaled", "own"):
        forward, backward = explorer(rule=rule, batch_norm=True).predicted
        assert forward[1:] == pytest.approx([math.sqrt(1 / 2)] * 30, rel=1e-4)
        assert factors(backward) == [near(0.71, 2), *[near(1.21, 2)] * 29]
        assert backward[0] == near(183, 0)
