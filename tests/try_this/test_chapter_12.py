"""Chapter 12: the answers below its "Try this" list, one test for each item."""

import math

import pytest

from cnnlib.widgets import StepSizeExplorer

FORWARD, CENTRAL = 1, 2  # columns of the error curve


def explorer(**settings):
    """The explorer as the chapter shows it, after the reader has changed some settings."""
    return StepSizeExplorer(**dict(function="exp", x=1, log10_h=-0.3) | settings)


def error(kind, power, **settings):
    """The error of a quotient at the step 10**power."""
    return next(row[kind] for row in explorer(**settings).error_curve() if row[0] == round(10 * power))


def bottom(kind, **settings):
    """(power of ten of the step, error) at the lowest point of a curve."""
    rows = [row for row in explorer(**settings).error_curve() if row[kind] is not None]
    lowest = min(rows, key=lambda row: row[kind])
    return lowest[0] / 10, lowest[kind]


def test_the_central_line_of_a_square_is_parallel_to_the_tangent_and_only_rounding_raises_its_error():
    square = dict(function="square", x=0.7)
    assert max(row[CENTRAL] for row in explorer(**square).error_curve() if row[0] >= -10) < 1e-15
    assert error(FORWARD, -1, **square) == pytest.approx(0.1)
    assert [f"{error(CENTRAL, power, **square):.0e}" for power in (-8, -15)] == ["6e-10", "1e-02"]
    assert [error(CENTRAL, power, **square) for power in (-6, -7, -10, -14)] == [0, 0, 0, 0]


def test_at_a_step_of_0_03_the_lines_of_exp_look_alike_and_their_errors_differ_a_hundredfold():
    forward, central = error(FORWARD, -1.5), error(CENTRAL, -1.5)
    assert [f"{number:.0e}" for number in (explorer(log10_h=-1.5).step, forward, central)] == ["3e-02", "4e-02", "5e-04"]
    assert round(forward / central, -1) == 100


@pytest.mark.parametrize(
    ("precision", "kind", "mark", "power"),
    [
        ("float64", FORWARD, "3e-08", -8),
        ("float64", CENTRAL, "9e-06", -11),
        ("float32", FORWARD, "7e-04", -4),
        ("float32", CENTRAL, "7e-03", -6),
    ],
)
def test_the_bottoms_lie_left_of_the_marks_and_are_as_low_as_the_answer_says(precision, kind, mark, power):
    best = explorer(precision=precision).best_steps[kind - 1]
    at, lowest = bottom(kind, precision=precision)
    assert f"{best:.0e}" == mark
    assert 1 < best / 10**at < 30
    assert round(math.log10(lowest)) == power


def test_in_float32_a_step_of_1e_8_is_lost():
    assert explorer(precision="float32", log10_h=-8).quotients(1e-8) == (None, None)
    assert explorer(precision="float32", log10_h=-8).sentence.count("the step is lost") == 2
    assert explorer(log10_h=-8).sentence.count("the step is lost") == 0


def test_beside_the_kink_steps_up_to_0_1_are_exact_and_at_the_kink_none_is():
    beside, at_it = dict(function="relu", x=0.1), dict(function="relu", x=0)
    rows = explorer(**beside).error_curve()
    assert {row[CENTRAL] for row in rows if row[0] <= -10} == {0}
    assert all(row[CENTRAL] > 0.05 for row in rows if row[0] > -10)
    assert [explorer(**beside).quotients(h)[1] for h in (0.5, 1)] == pytest.approx([0.6, 0.55])
    assert {explorer(**at_it).quotients(10.0**power) for power in range(-15, 1)} == {(1.0, 0.5)}


def test_the_sine_at_0_has_no_rounding_to_balance_so_no_step_is_best():
    sine = dict(function="sin", x=0)
    assert explorer(**sine).best_steps == (None, None)
    assert explorer(**sine).value(0.0) == 0
    assert f"{error(CENTRAL, -6, **sine):.0e}" == "2e-13"
    assert error(CENTRAL, -8, **sine) == 0
