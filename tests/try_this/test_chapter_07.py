"""Chapter 7: the answers below its "Try this" list, one test for each item."""

import numpy as np
import pytest

from cnnlib.widgets import ActivationExplorer
from cnnlib.widgets.activation import REACH

TENTHS = np.arange(-10 * REACH, 10 * REACH + 1) / 10  # the places of the slider


def slope(activation, x, **options):
    return ActivationExplorer(activation=activation, **options).slopes(activation, [x])[0]


def test_the_sigmoid_is_steepest_at_0_with_a_quarter_and_three_slopes_as_at_6_are_below_a_millionth():
    slopes = ActivationExplorer(activation="sigmoid").slopes("sigmoid", TENTHS)
    assert (TENTHS[slopes.argmax()], slopes.max()) == (0, 0.25)
    assert ActivationExplorer(activation="sigmoid", x=6).sentence == "sigmoid(6) = 0.998, slope 0.002"
    assert [float(f"{slope('sigmoid', 6) ** count:.1g}") for count in (2, 3)] == [6e-6, 2e-8]
    assert slope("sigmoid", 6) ** 3 == pytest.approx(0.000000015, abs=5e-10)
    assert slope("sigmoid", 6) == pytest.approx(0.0025, abs=5e-5)


def test_tanh_is_four_times_as_steep_at_0_as_the_sigmoid():
    explorer = ActivationExplorer(activation="tanh", compare="sigmoid", x=0)
    assert explorer.sentence == "tanh(0) = 0, slope 1\nsigmoid(0) = 0.5, slope 0.25"


def test_the_slope_of_relu_jumps_from_0_to_1_and_is_0_at_the_kink():
    assert [slope("relu", x) for x in (-0.1, 0, 0.1)] == [0, 0, 1]


def test_elu_has_no_jump_of_the_slope_for_alpha_1_alone():
    smooth = [tenths for tenths in range(1, 31) if ActivationExplorer(activation="elu", alpha=tenths / 10).kink("elu") is None]
    assert smooth == [10]
    assert ActivationExplorer(activation="elu", alpha=0.7).kink("elu") == (0.7, 1)


def test_softplus_lies_0_693_above_relu_at_0_with_beta_1_and_0_069_with_beta_10():
    told = [ActivationExplorer(activation="relu", compare="softplus", x=0, beta=beta).sentence.splitlines()[1] for beta in (1, 10)]
    assert told == ["softplus(0) = 0.693, slope 0.5", "softplus(0) = 0.069, slope 0.5"]


@pytest.mark.parametrize(
    ("name", "left", "right", "lowest", "near"), [("silu", -1.3, -1.2, -0.1, -2.4), ("gelu", -0.8, -0.7, -0.129, -1.4)]
)
def test_silu_and_gelu_have_slopes_below_0_left_of_their_lowest_place(name, left, right, lowest, near):
    slopes = ActivationExplorer(activation=name).slopes(name, TENTHS)
    falling = TENTHS[slopes < 0]
    assert falling.max() == left
    assert TENTHS[slopes > 0].min() == right
    assert round(slopes.min(), 3) == lowest
    assert TENTHS[slopes.argmin()] == near
