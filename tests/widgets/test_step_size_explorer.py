"""The step-size explorer without a browser: its quotients, errors and best steps are those of chapter 12."""

import itertools
import math

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib.symbolic import differences
from cnnlib.widgets import StepSizeExplorer
from cnnlib.widgets.stepsize import CEILING, EPSILON, FLOOR, FUNCTIONS, clipped, limits, power_of, scientific, step_size

NAMES = tuple(FUNCTIONS)
NUMPY = {
    "exp": np.exp,
    "sin": np.sin,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "cube": lambda x: x * x * x,
    "square": lambda x: x * x,
    "relu": lambda x: np.maximum(x, x.dtype.type(0)),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("precision", EPSILON)
def test_quotients_are_those_of_numpy_in_that_precision(name, precision):
    dtype, widget = np.dtype(precision).type, StepSizeExplorer(function=name, x=0.7, precision=precision)
    f, x = NUMPY[name], dtype(0.7)
    for tenths in range(-150, 1, 7):
        step = dtype(step_size(tenths))
        above, below = x + step, x - step
        for got, (right, left) in zip(widget.quotients(step_size(tenths)), ((above, x), (above, below)), strict=True):
            if right == left:
                assert got is None
            else:
                noise = 6 * EPSILON[precision] * (1 + abs(float(f(x)))) / float(right - left)
                assert got == pytest.approx(float((f(right) - f(left)) / (right - left)), abs=noise)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("x", [-1.5, -0.4, 0.3, 1.7])
def test_each_derivative_is_the_central_difference_of_the_one_before(name, x):
    h, value, derivatives = 1e-5, (lambda at: FUNCTIONS[name][0](at, float)), FUNCTIONS[name][1]
    chain = [value, *(lambda at, number=number: derivatives(at)[number] for number in range(3))]
    for before, after in itertools.pairwise(chain):
        assert after(x) == pytest.approx((before(x + h) - before(x - h)) / (2 * h), abs=1e-7)


def test_the_best_steps_are_those_of_the_derivation():
    for name in ("exp", "sin", "cube", "sigmoid"):
        widget = StepSizeExplorer(function=name, x=0.8)
        _, second, third = map(abs, widget.derivatives)
        numbers = dict(epsilon=EPSILON["float64"], F=abs(widget.value(0.8)), S=second, T=third)
        steps = differences.one_sided["forward_best_step"].result, differences.rounding["best_step"].result
        told = [float(each.subs({letter: numbers[letter.name] for letter in each.free_symbols})) for (each,) in steps]
        assert widget.best_steps == pytest.approx(told)


@pytest.mark.parametrize("precision", EPSILON)
def test_around_the_best_step_the_error_is_smaller_than_far_from_it(precision):
    widget = StepSizeExplorer(function="exp", x=1, precision=precision)
    for kind, best in enumerate(widget.best_steps):
        rows = [(tenths / 10 - math.log10(best), errors[kind]) for tenths, *errors in widget.error_curve() if errors[kind] is not None]
        near = max(error for away, error in rows if abs(away) < 0.5)
        assert near < min(error for away, error in rows if away > 2)
        assert near < max(error for away, error in rows if away < -2)


def test_what_has_no_best_step_is_said():
    for settings in (dict(function="square"), dict(function="relu", x=0.5), dict(function="sin", x=0), dict(function="cube", x=0)):
        widget = StepSizeExplorer(**settings)
        assert widget.best_steps[1] is None
        assert "no best step" in widget.sentence.splitlines()[2]


def test_the_central_difference_of_a_square_is_its_slope_and_that_of_relu_at_zero_one_half():
    assert StepSizeExplorer(function="square", x=0.5, log10_h=0).errors(1.0) == (1.0, 0.0)
    for tenths in (0, -40, -150):
        assert StepSizeExplorer(function="relu", x=0).quotients(step_size(tenths)) == (1.0, 0.5)


def test_a_step_that_float32_cannot_take_is_called_lost():
    widget = StepSizeExplorer(x=1, log10_h=-8, precision="float32")
    assert widget.quotients(widget.step) == (None, None)
    assert widget.sentence.count("the step is lost") == 2
    widget.precision = "float64"
    assert "lost" not in widget.sentence


def test_steps_run_through_ten_to_a_power():
    steps = [step_size(tenths) for tenths in range(-150, 1)]
    assert steps[-1] == 1
    assert steps[0] == 1e-15
    for step, tenths in zip(steps, range(-150, 1), strict=True):
        assert step == pytest.approx(10 ** (tenths / 10), rel=5e-3)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1.25, "1.3e+0"), (0.00998, "1.0e-2"), (3.249e-11, "3.2e-11"), (17.4, "1.7e+1"), (9.96, "1.0e+1")]
)
def test_small_numbers_are_written_with_two_digits(value, text):
    assert scientific(value) == text


def test_lines_end_on_the_frame_and_have_their_slope():
    for x, y, slope in ((1, 0.5, 0.2), (-1, 0.1, 0), (0.5, 2, -3.0)):
        ends = clipped(x, y, slope, (-2, 2), (-1, 3))
        assert ends[0][0] < ends[1][0]
        for at, height in ends:
            assert height == pytest.approx(y + slope * (at - x))
            assert abs(at) == 2 or min(abs(height + 1), abs(height - 3)) < 1e-12
    assert clipped(0, 9, 0, (-2, 2), (-1, 3)) is None
    assert limits([1.0, 3.0]) == (0.8, 3.2)
    assert [power_of(error) for error in (0, 1e-30, 1e-5, 1e9)] == [FLOOR, FLOOR, pytest.approx(-5), CEILING]


def test_the_static_picture_and_the_description_carry_the_numbers():
    widget = StepSizeExplorer(function="cube", x=1, log10_h=-1)
    assert widget.sentence.splitlines()[0] == "cube at x = 1: slope 3; h = 1.0e-1, float64"
    assert "central 3.01, error 1.0e-2" in widget.sentence
    svg = widget.static_svg()
    for line in widget.sentence.splitlines():
        assert f">{line}</text>" in svg
        assert line in widget.description
    assert repr(widget) == "StepSizeExplorer(function='cube', x=1.0, log10_h=-1.0, precision='float64')"


@pytest.mark.parametrize("wrong", [{"x": 3}, {"function": "tan"}, {"log10_h": 1}, {"precision": "float16"}])
def test_settings_that_cannot_be_shown_are_refused(wrong):
    with pytest.raises(TraitError, match=next(iter(wrong))):
        StepSizeExplorer(**wrong)
