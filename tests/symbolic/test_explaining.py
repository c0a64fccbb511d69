"""Every step of chapter 19's derivations, with random numbers in place of its letters, beside the library's gradients."""

import numpy as np
import pytest
import sympy
from test_derivations import evaluate

from cnnlib import Conv2d, Flatten, GlobalAvgPool2d, Linear, Sequential, Tanh
from cnnlib.explain import grad_cam
from cnnlib.symbolic import explaining

SEEDS = range(5)


def value(step, arrays, **numbers):
    letters = {letter: numbers[letter.name] for letter in step.result.free_symbols if letter.name in numbers}
    return evaluate(step.result, letters, arrays)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_a_mean_and_a_dense_layer_the_mean_gradient_is_the_weight_up_to_a_common_factor(seed):
    rng = np.random.default_rng(seed)
    maps = rng.normal(size=rng.integers(2, 5, 3))
    K, H, W = map(int, maps.shape)
    net = Sequential(GlobalAvgPool2d(), Linear(K, 1, rng=rng)).astype("float64")
    arrays = {"A": maps, "w": net[1].weight[0]}
    l, a, b = (int(rng.integers(size)) for size in maps.shape)
    numbers = dict(K=K, H=H, W=W, l=l, a=a, b=b, i=a, j=b, beta=net[1].bias[0])
    step = explaining.class_map
    for name in ("score", "place_by_place"):
        assert value(step[name], arrays, **numbers) == pytest.approx(net(maps[None]).item())
    net(maps[None])
    gradient = net.backward(np.ones((1, 1)))[0]
    for name in ("by_cell", "gradient"):
        assert value(step[name], arrays, **numbers) == pytest.approx(gradient[l, a, b])
    assert value(step["mean_gradient"], arrays, **numbers) == pytest.approx(gradient[l].mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_weight_of_grad_cam_is_the_slope_of_raising_a_map_and_the_picture_is_the_librarys(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(1, 1, 5, 6))
    net = Sequential(Conv2d(1, 3, 2, rng=rng), Tanh(), Flatten(), Linear(60, 2, rng=rng)).astype("float64")
    maps, h = net[:1](x), 1e-5
    tail = net[1:]
    tail(maps)
    gradient = tail.backward(np.array([[1.0, 0.0]]))[0]
    weights, step = [], explaining.class_map
    for channel, g in enumerate(gradient):
        raised = np.zeros_like(maps)
        raised[0, channel] = h
        slope = (tail(maps + raised) - tail(maps - raised))[0, 0] / (2 * h)
        assert value(step["raised"], {"g": g}, H=4, W=5) == pytest.approx(slope, rel=1e-6)
        d = rng.normal(size=g.shape)
        assert value(step["first_order"], {"g": g, "d": d}, H=4, W=5) == pytest.approx((g * d).sum())
        weights.append(value(step["weight"], {"g": g}, H=4, W=5))
        assert weights[-1] == pytest.approx(slope / 20, rel=1e-6)
    found = grad_cam(net, x, 0, 0)[0]
    for i, j in np.ndindex(4, 5):
        assert value(step["picture"], {"A": maps[0], "alpha": np.array(weights)}, K=3, i=i, j=j) == pytest.approx(found[i, j])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_change_within_epsilon_moves_a_linear_score_more_than_the_one_by_signs(seed):
    rng = np.random.default_rng(seed)
    g, n, epsilon = rng.normal(size=7), 7, float(rng.uniform(0.1, 2))
    step, numbers = explaining.attack, dict(n=7, epsilon=epsilon, m=float(rng.uniform(1, 5)))
    gain = value(step["gain"], {"g": g}, **numbers)
    assert gain == pytest.approx(value(step["change"], {"g": g, "d": epsilon * np.sign(g)}, n=n))
    assert gain >= max(value(step["change"], {"g": g, "d": rng.uniform(-epsilon, epsilon, n)}, n=n) for _ in range(200))
    for i in range(n):
        for name in ("one_term", "largest_term"):
            assert value(step[name], {"g": g}, i=i, **numbers) == pytest.approx(epsilon * abs(g[i]))
    assert step["best_step"].result == sympy.zeros(1, 3)
    flip = value(step["flip"], {"g": g}, **numbers)
    assert value(step["gain"], {"g": g}, **(numbers | {"epsilon": flip})) == pytest.approx(numbers["m"])


def test_random_signs_spread_as_the_variances_say_and_lose_by_the_root_of_the_number_of_cells():
    rng = np.random.default_rng(0)
    g = rng.normal(size=6)
    every = np.array([[1 if number >> bit & 1 else -1 for bit in range(6)] for number in range(64)])
    spread = value(explaining.attack["noise"], {"g": g}, n=6, epsilon=0.5)
    assert spread == pytest.approx((0.5 * every @ g).std())
    n = next(iter(explaining.attack["advantage"].result.free_symbols))
    assert explaining.attack["advantage"].result == sympy.sqrt(n)
