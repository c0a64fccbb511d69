"""The activation explorer without a browser: its numbers are the library's, its sentences tell them."""

import numpy as np
import pytest
from traitlets import TraitError

import cnnlib
from cnnlib.gradcheck import check_gradients
from cnnlib.widgets import ActivationExplorer
from cnnlib.widgets.activation import FACTS, NAMES, OPTIONS, REACH, clipped, limits

SETTINGS = dict(negative_slope=0.3, alpha=0.7, beta=2.5, approximate="tanh")
GRID = np.linspace(-REACH, REACH, 97)


@pytest.mark.parametrize("name", NAMES)
def test_values_and_slopes_are_the_librarys_with_the_options_set(name):
    widget = ActivationExplorer(activation=name, **SETTINGS)
    options = {OPTIONS[name]: SETTINGS[OPTIONS[name]]} if name in OPTIONS else {}
    np.testing.assert_array_equal(widget.values(name, GRID), getattr(cnnlib, name)(GRID, **options))
    away = GRID[np.abs(GRID) > 1e-3]
    assert check_gradients(lambda x: widget.values(name, x), lambda dy, x: dy * widget.slopes(name, x), [away]).passed


@pytest.mark.parametrize("name", NAMES)
def test_a_kink_is_where_the_slopes_beside_zero_differ(name):
    for settings in ({}, SETTINGS, {"negative_slope": 1, "alpha": 3}):
        widget = ActivationExplorer(activation=name, x=0, **settings)
        left, right = widget.slopes(name, [-1e-9, 1e-9])
        if widget.kink(name) is None:
            assert left == pytest.approx(right, abs=1e-6)
            assert "kink" not in widget.sentence
        else:
            assert widget.kink(name) == pytest.approx((left, right), abs=1e-6)
            assert left != pytest.approx(right, abs=1e-3)
            assert "kink" in widget.sentence


@pytest.mark.parametrize("name", NAMES)
def test_the_range_told_is_the_range_of_the_values(name):
    widget = ActivationExplorer(activation=name)
    values = widget.values(name, np.linspace(-40, 40, 8001))
    told = FACTS[name][1]
    assert ("without limit" in told) == (values.max() > 30)
    lowest = {"elu": -1, "gelu": -0.17, "silu": -0.278, "tanh": -1, "leaky_relu": -4}.get(name, 0)
    assert values.min() == pytest.approx(lowest, abs=1e-3)
    if name in ("gelu", "silu"):
        assert str(lowest).replace("-", "−") in told


def test_the_sentence_has_a_line_for_each_activation_and_names_the_choice_at_a_kink():
    widget = ActivationExplorer(activation="relu", compare="leaky_relu", x=-2, negative_slope=0.25)
    assert widget.sentence == "relu(−2) = 0, slope 0\nleaky_relu(−2) = −0.5, slope 0.25"
    widget.x = 0
    assert (
        widget.sentence.splitlines()[1]
        == "leaky_relu(0) = 0, slope 0.25 (a kink: slope 0.25 from the left, 1 from the right; 0.25 is taken)"
    )
    widget.compare = "relu"
    assert widget.names == ["relu"]


def test_a_tangent_ends_on_the_frame_and_has_the_slope():
    for x, y, slope in ((1, 0.5, 0.2), (-5, 0.1, 0), (2, 2, 1.0), (0, 0, -3.0)):
        ends = clipped(x, y, slope, (-1, 3))
        assert ends[0][0] < ends[1][0]
        for at, height in ends:
            assert height == pytest.approx(y + slope * (at - x))
            assert abs(at) == REACH or min(abs(height + 1), abs(height - 3)) < 1e-12


def test_a_diagram_holds_all_its_values():
    for values in ([0.2, 0.4], [-3.0, 6.0], [5.0]):
        low, high = limits(values)
        assert low <= -0.25
        assert high >= 1.1
        assert low < min(values) <= max(values) < high


def test_the_static_picture_and_the_description_carry_the_numbers():
    widget = ActivationExplorer(activation="sigmoid", compare="tanh", x=0)
    svg = widget.static_svg()
    for said in ("sigmoid(0) = 0.5, slope 0.25", "tanh(0) = 0, slope 1"):
        assert f">{said}</text>" in svg
        assert said in widget.description
    assert "between 0 and 1" in widget.description
    assert repr(widget) == "ActivationExplorer(activation='sigmoid', compare='tanh', x=0.0)"


@pytest.mark.parametrize(
    "wrong", [{"x": 7}, {"activation": "step"}, {"alpha": 0}, {"negative_slope": 2}, {"beta": 0}, {"approximate": "erf"}]
)
def test_settings_that_cannot_be_shown_are_refused(wrong):
    with pytest.raises(TraitError, match=next(iter(wrong))):
        ActivationExplorer(**wrong)
