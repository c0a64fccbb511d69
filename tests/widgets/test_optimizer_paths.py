"""The optimizer paths without a browser: surfaces and their slopes, paths of the library's rules, what is said about them."""

import itertools
import math

import numpy as np
import pytest
from traitlets import TraitError

import cnnlib
from cnnlib.gradcheck import check_gradients
from cnnlib.widgets import OptimizerPaths
from cnnlib.widgets.optimizer_paths import FAR, RULES, format_loss, is_near
from cnnlib.widgets.optimizer_paths_surfaces import BOX, CELLS, SURFACES, contour, heights, levels


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("condition", [1.0, 7.5])
def test_the_slope_is_the_derivative_of_the_surface(name, condition):
    surface, points = SURFACES[name], np.random.default_rng(3).uniform(-2, 2, (2, 40))
    value = lambda points: surface.value(points[0], points[1], condition)
    backward = lambda dy, points: dy * np.stack(np.broadcast_arrays(*surface.slope(points[0], points[1], condition)))
    assert check_gradients(value, backward, [points]).passed


@pytest.mark.parametrize("name", SURFACES)
def test_the_lowest_value_is_taken_at_a_minimum_and_nowhere_undercut(name):
    surface = SURFACES[name]
    at_minima = [surface.value(x, y, 5.0) for x, y in surface.minima]
    assert min(at_minima) == pytest.approx(surface.lowest)
    for x, y in surface.minima:
        assert surface.slope(x, y, 5.0) == pytest.approx((0, 0), abs=1e-12)
    assert heights(name, 5.0).min() >= surface.lowest - 1e-12


def test_the_ravine_is_the_bowl_turned():
    x, y = np.random.default_rng(4).uniform(-2, 2, (2, 30))
    turned = (x + y) / math.sqrt(2), (x - y) / math.sqrt(2)
    np.testing.assert_allclose(SURFACES["ravine"].value(x, y, 9.0), SURFACES["bowl"].value(*turned, 9.0))


@pytest.mark.parametrize("name", SURFACES)
def test_lines_of_equal_loss_lie_where_the_loss_is_theirs(name):
    values = heights(name, 4.0)
    found = 0
    for level in levels(name, values)[3:]:
        for x, y in itertools.chain.from_iterable(contour(values, level)):
            across, up = BOX[0] + 6 * x / CELLS[0], BOX[2] + 4 * y / CELLS[1]
            slope = np.hypot(*SURFACES[name].slope(across, up, 4.0))
            assert SURFACES[name].value(across, up, 4.0) == pytest.approx(level, abs=0.02 * slope + 0.1 * values.max() / 50)
            found += 1
    assert found > 100


LIBRARY = {
    "SGD": cnnlib.SGD(0.004, momentum=0.6),
    "Nesterov": cnnlib.SGD(0.004, momentum=0.6, nesterov=True),
    "Adagrad": cnnlib.Adagrad(0.004),
    "Adadelta": cnnlib.Adadelta(0.004),
    "RMSprop": cnnlib.RMSprop(0.004, momentum=0.6),
    "Adam": cnnlib.Adam(0.004, betas=(0.6, 0.999)),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("surface", SURFACES)
def test_the_path_is_the_librarys(rule, surface):
    widget = OptimizerPaths(surface=surface, optimizer=rule, lr=0.004, momentum=0.6, start=(-1.2, 0.7), steps=20, condition=6)
    model = cnnlib.Linear(2, 1, bias=False, rng=0)
    model.weight = np.array([[-1.2, 0.7]])
    expected = [(-1.2, 0.7)]
    for _ in range(20):
        model._gradients = {"weight": np.array([SURFACES[surface].slope(*model.weight[0], 6.0)])}
        LIBRARY[rule].step(model)
        expected.append(tuple(model.weight[0]))
    np.testing.assert_allclose(widget.path, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("rule", ["SGD", "Nesterov"])
@pytest.mark.parametrize("momentum", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("surface", ["bowl", "ravine"])
def test_below_the_limit_the_path_converges_and_above_it_diverges(rule, momentum, surface):
    if rule == "Nesterov" and momentum == 0:
        return
    widget = OptimizerPaths(surface=surface, optimizer=rule, momentum=momentum, condition=20, steps=300, start=(-2, 1.1))
    rate = widget.limit[1]
    widget.lr = 0.97 * rate
    assert max(map(abs, widget.path[-1])) < 0.5
    assert "is below it" in widget.sentence
    widget.lr = 1.1 * rate
    assert widget.diverged
    assert "The path diverges" in widget.sentence
    assert "is not below it" in widget.sentence


def test_a_path_ends_where_it_leaves_for_good_and_its_loss_is_still_said():
    widget = OptimizerPaths(surface="Rosenbrock", lr=5.0, start=(3, -2))
    assert len(widget.path) < widget.steps
    assert all(map(is_near, widget.path[:-1]))
    assert max(map(abs, widget.path[-1])) > FAR
    assert widget.sentence.splitlines()[1] == f"The path diverges: after {len(widget.path) - 1} steps a coordinate is beyond a million"
    assert "nan" not in widget.static_svg()


def test_the_step_beyond_the_last_shows_the_last():
    widget = OptimizerPaths(steps=5, step=300)
    assert widget.sentence.startswith("Step 5 of 5: ")
    widget.step = 2
    assert widget.sentence.startswith("Step 2 of 5: ")


def test_nesterov_without_momentum_gets_the_librarys_sentence_and_no_path():
    widget = OptimizerPaths(optimizer="Nesterov", momentum=0)
    with pytest.raises(ValueError, match="looks ahead") as caught:
        cnnlib.SGD(0.1, momentum=0.0, nesterov=True)
    assert widget.message == widget.sentence == str(caught.value)
    assert (widget.path, widget.losses, widget.diverged, widget.limit) == ([], [], False, None)
    assert "looks ahead" in widget.static_svg()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (0.5, "0.5"),
        (-0.25, "−0.25"),
        (0.00052, "5.2e−4"),
        (-3e-12, "−3.0e−12"),
        (2.4e13, "2.4e13"),
        (math.inf, "too large for a number"),
    ],
)
def test_losses_of_any_size_are_said(value, said):
    assert format_loss(value) == said


def test_the_static_picture_and_the_description_carry_the_numbers():
    widget = OptimizerPaths(surface="saddle", start=(-2, 0), lr=0.5, steps=30)
    for line in widget.sentence.splitlines():
        assert f">{line}</text>" in widget.static_svg()
        assert line in widget.description
    assert widget.path[-1][1] == 0
    assert "a saddle at (0, 0)" in widget.description
    assert repr(widget) == "OptimizerPaths(surface='saddle', optimizer='SGD', lr=0.5, momentum=0.0, start=(-2.0, 0.0))"


@pytest.mark.parametrize("wrong", [{"start": (4, 0)}, {"start": (0, -2.1)}, {"lr": 0}, {"momentum": 1}, {"surface": "hill"}, {"steps": 0}])
def test_settings_that_cannot_be_shown_are_refused(wrong):
    with pytest.raises(TraitError, match=next(iter(wrong))):
        OptimizerPaths(**wrong)
