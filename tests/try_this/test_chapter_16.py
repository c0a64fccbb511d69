"""Chapter 16: the answers below its two "Try this" lists, one test for each item."""

import math

import numpy as np
import pytest

from cnnlib.widgets import OptimizerPaths

RATES = [float(f"{10 ** (position / 20):.2g}") for position in range(-80, 21)]  # those of the slider


def bowl(**settings):
    """The first widget of the chapter, after the reader has changed some settings."""
    return OptimizerPaths(**dict(surface="bowl", condition=10, optimizer="SGD", lr=0.1) | settings)


def valley(**settings):
    """The second one."""
    return OptimizerPaths(**dict(surface="bowl", condition=50, optimizer="Adagrad", lr=0.5) | settings)


def best_rate(**settings):
    return min(RATES, key=lambda lr: bowl(lr=lr, **settings).losses[-1])


def near(value, digits):
    return pytest.approx(value, abs=0.5 * 10**-digits)


def two_digits(value):
    return float(f"{value:.1e}")


# The bowl


def test_the_path_zigzags_above_0_1_and_diverges_above_0_2():
    heights = {lr: np.array(bowl(lr=lr).path)[:, 1] for lr in RATES if 0.05 <= lr <= 0.22}
    assert min(lr for lr, y in heights.items() if y[1] < -1e-9) == min(lr for lr in RATES if lr > 0.1)
    assert heights[0.2].tolist() == pytest.approx([1, -1] * 30 + [1])
    assert (heights[0.22][1:] / heights[0.22][:-1]).tolist() == pytest.approx([-1.2] * 60)
    assert RATES[RATES.index(0.2) + 1] == 0.22


def test_the_best_rate_of_the_slider_is_the_one_next_to_2_over_11():
    assert best_rate() == 0.18 == min(RATES, key=lambda lr: abs(lr - 2 / 11))
    assert two_digits(bowl(lr=0.18).losses[-1]) == 1.0e-10
    assert round(2 / 11, 4) == 0.1818


def test_at_condition_50_the_flat_direction_is_still_on_its_way_after_60_steps():
    assert best_rate(condition=50) == 0.035
    assert RATES[RATES.index(0.035) + 1] == 0.04 == bowl(condition=50).limit[1]
    x, y = bowl(condition=50, lr=0.035).path[60]
    assert (x, y) == (near(-0.24, 2), near(0, 7))
    assert bowl(condition=50, lr=0.035).path[1][0] / -2 == pytest.approx(0.965)


def test_sgd_does_not_notice_the_turn():
    assert bowl(surface="ravine").limit[1] == bowl().limit[1] == 0.2
    assert best_rate(surface="ravine") == 0.18
    turned = bowl(surface="ravine", start=(-2.12, -0.71)).losses
    assert turned[1:] == pytest.approx(bowl().losses[1:], rel=3e-3)
    assert two_digits(turned[60]) == two_digits(bowl().losses[60]) == 6.5e-6


def test_on_the_axis_of_the_saddle_the_path_ends_on_the_saddle_and_beside_it_in_a_valley():
    x, y = bowl(surface="saddle", start=(-2, 0)).path[-1]
    assert (x, y) == (near(-0.004, 3), 0)
    for sign in (1, -1):
        beside = bowl(surface="saddle", start=(-2, sign * 0.1))
        assert sign * beside.path[-1][1] == near(1.41, 2)
        assert beside.path[1][1] / beside.path[0][1] == near(1.1, 2)
        assert beside.losses[-1] == near(-0.5, 2)


# The adaptive rules


@pytest.mark.parametrize("condition", [1, 10, 50, 100])
def test_adagrads_path_on_the_bowl_is_the_same_for_every_condition_number(condition):
    one = valley(condition=condition)
    np.testing.assert_allclose(one.path, valley().path, atol=1e-9)
    assert [loss < 0.001 for loss in one.losses].index(True) == 22


def test_on_the_ravine_adagrads_advantage_is_gone():
    assert valley(surface="ravine").losses[60] == near(0.15, 2)
    assert two_digits(valley().losses[60]) == 3.2e-9
    x, y = valley(surface="ravine").path[60]
    assert x == pytest.approx(y, abs=1e-3)  # on the floor


def test_on_the_plateau_sgd_stays_where_it_is_and_the_adaptive_rules_leave():
    paths = {name: valley(surface="plateau", optimizer=name, lr=0.1, start=(3, 2)) for name in ("SGD", "RMSprop", "Adam")}
    assert paths["SGD"].path[60] == (near(2.97, 2), near(1.98, 2))
    assert paths["SGD"].slope(3, 2) == (near(0.005, 3), near(0.003, 3))
    first = {name: np.subtract(each.path[0], each.path[1]).tolist() for name, each in paths.items()}
    assert first["RMSprop"] == pytest.approx([1, 1], rel=1e-3)
    assert first["Adam"] == pytest.approx([0.1, 0.1], rel=1e-3)
    assert [next((at for at, loss in enumerate(each.losses) if loss < 0.01), None) for each in paths.values()] == [None, 3, 18]


def test_momentum_leads_round_the_bend_of_rosenbrocks_valley():
    path = lambda lr, momentum: valley(surface="Rosenbrock", optimizer="SGD", steps=300, lr=lr, momentum=momentum)
    assert two_digits(path(0.0063, 0.9).losses[-1]) == 1.2e-9
    assert path(0.0063, 0.9).path[-1] == pytest.approx((1, 1), abs=1e-3)
    losses = {lr: math.inf if path(lr, 0).diverged else path(lr, 0).losses[-1] for lr in RATES if lr >= 0.001}
    assert min(losses, key=losses.get) == 0.01
    assert two_digits(losses[0.01]) == 3.4e-4
    assert [lr for lr, loss in losses.items() if loss == math.inf] == [lr for lr in RATES if lr >= 0.018]


def test_which_rules_roll_over_the_hill_and_at_which_momentum():
    paths = lambda name, momenta: [
        valley(surface="two valleys", optimizer=name, lr=0.02, steps=300, start=(3, 1), momentum=m / 100) for m in momenta
    ]
    arrives = lambda path: path.path[-1][0] == pytest.approx(-2, abs=0.05)
    momenta = range(80, 100)
    rolls = {
        name: [m for m, path in zip(momenta, paths(name, momenta), strict=True) if arrives(path)] for name in ("SGD", "Nesterov", "RMSprop")
    }
    assert rolls == {"SGD": list(range(86, 96)), "Nesterov": list(range(91, 100)), "RMSprop": [*range(88, 97), 98]}
    assert paths("SGD", [96])[0].path[-1][0] == near(1.5, 1)
    assert min(x for x, _ in paths("SGD", [96])[0].path) < -2
    for adam in paths("Adam", range(0, 100, 9)):
        assert not arrives(adam)
        assert np.abs(np.diff(adam.path, axis=0)).max() < 0.02
    assert paths("Adagrad", [0])[0].path[-1][0] > 2.4
