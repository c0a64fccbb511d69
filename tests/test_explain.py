"""The explanations are what their formulas say, on nets small enough to know the answer."""

import numpy as np
import pytest
from nets import residual_net

from cnnlib import (
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    ReLU,
    Sequential,
    Tanh,
    convolve2d,
)
from cnnlib.explain import feature_maps, frequency_response, grad_cam, occlusion_map, saliency


def net(last=3):
    rng = np.random.default_rng(0)
    return Sequential(
        Conv2d(2, 4, 3, padding=1, rng=rng), Tanh(), MaxPool2d(2), Conv2d(4, 5, 3, rng=rng), ReLU(), Dropout(0.5), Flatten(),
        Linear(5 * 2 * 1, last, rng=rng),
    ).astype("float64")  # fmt: skip


@pytest.fixture
def x():
    return np.random.default_rng(1).standard_normal((4, 2, 8, 6))


def test_feature_maps_are_the_outputs_of_the_layers_one_after_another(x):
    model = net().eval()
    maps = feature_maps(model, x)
    assert len(maps) == len(model)
    for number, found in enumerate(maps):
        np.testing.assert_array_equal(found, model[: number + 1](x))


def test_saliency_is_the_numerical_slope_of_the_score(x):
    model, classes, h = net(), np.array([0, 2, 1, 1]), 1e-6
    found = saliency(model, x, classes)
    model.eval()
    for i, j in ((0, 0), (3, 2), (7, 5)):
        slopes = []
        for channel in (0, 1):
            up, down = x.copy(), x.copy()
            up[:, channel, i, j] += h
            down[:, channel, i, j] -= h
            slopes.append((model(up) - model(down))[np.arange(4), classes] / (2 * h))
        np.testing.assert_allclose(found[:, i, j], np.abs(slopes).max(axis=0), atol=1e-7)


def test_without_classes_the_predicted_ones_are_explained_and_one_class_serves_all(x):
    model = net()
    predicted = model.eval()(x).argmax(axis=1)
    np.testing.assert_array_equal(saliency(model, x), saliency(model, x, predicted))
    np.testing.assert_array_equal(saliency(model, x, 2), saliency(model, x, [2] * 4))
    np.testing.assert_array_equal(occlusion_map(model, x), occlusion_map(model, x, predicted))
    np.testing.assert_array_equal(grad_cam(model, x, 4), grad_cam(model, x, 4, predicted))


def test_covering_a_patch_of_a_linear_model_takes_away_what_its_weights_gave(x):
    model = Sequential(Flatten(), Linear(2 * 8 * 6, 3, rng=0)).astype("float64")
    found = occlusion_map(model, x, 1, size=(3, 2), stride=(2, 1), value=0.5)
    share = (model[1].weight[1].reshape(2, 8, 6) * (x - 0.5)).sum(axis=1)
    assert found.shape == (4, 3, 5)
    for i, j in np.ndindex(3, 5):
        np.testing.assert_allclose(found[:, i, j], share[:, 2 * i : 2 * i + 3, j : j + 2].sum(axis=(1, 2)), atol=1e-12)


def test_grad_cam_before_global_pooling_is_the_class_activation_map_of_its_weights(x):
    model = Sequential(Conv2d(2, 4, 3, rng=0), ReLU(), GlobalAvgPool2d(), Linear(4, 3, rng=1)).astype("float64")
    found = grad_cam(model, x, 1, classes=2)
    maps = feature_maps(model, x)[1]
    cam = np.einsum("k,nkij->nij", model[3].weight[2], maps) / (6 * 4)
    np.testing.assert_allclose(found, np.maximum(cam, 0), atol=1e-12)
    assert (found > 0).any()
    assert (found == 0).any()


def test_grad_cam_of_the_last_maps_uses_what_lies_between(x):
    model = net()
    assert grad_cam(model, x, 1).shape == (4, 8, 6)
    assert grad_cam(model, x, 4).shape == (4, 2, 1)


@pytest.mark.parametrize("explain", [
    lambda model, x: feature_maps(model, x), lambda model, x: saliency(model, x), lambda model, x: occlusion_map(model, x),
    lambda model, x: grad_cam(model, x, 0),
])  # fmt: skip
def test_explaining_keeps_the_mode_the_weights_and_the_images(explain, x):
    model = net()
    model[0].eval()
    before, x_before = model.state_dict(), x.copy()
    np.testing.assert_equal(explain(model, x), explain(model, x))  # evaluation mode: dropout draws nothing
    assert [layer.training for layer in model] == [False] + [True] * 7
    np.testing.assert_array_equal(x, x_before)
    for name, array in before.items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


def test_a_residual_net_can_be_explained():
    x = np.random.default_rng(0).random((2, 1, 4, 4))
    assert saliency(residual_net(), x).shape == (2, 4, 4)
    assert grad_cam(residual_net(), x, 1).shape == (2, 4, 4)


# Frequencies -----------------------------------------------------------------------------------------------------------------------------


def test_the_response_is_the_sum_of_its_formula_at_every_frequency():
    kernel = np.random.default_rng(0).standard_normal((3, 2))
    found = frequency_response(kernel, (6, 5))
    for row, u in enumerate(np.fft.fftshift(np.fft.fftfreq(6))):
        for column, v in enumerate(np.fft.fftshift(np.fft.fftfreq(5))):
            terms = [kernel[p, q] * np.exp(-2j * np.pi * (u * p + v * q)) for p in range(3) for q in range(2)]
            assert found[row, column] == pytest.approx(abs(sum(terms)))


def test_a_wave_leaves_the_convolution_scaled_by_the_response():
    kernel, n, (u, v) = np.random.default_rng(1).standard_normal((3, 3)), 16, (3, -5)
    wave = np.exp(2j * np.pi * (u * np.arange(n)[:, None] + v * np.arange(n)) / n)
    real, imaginary = (convolve2d(part, kernel, "valid") for part in (wave.real, wave.imag))
    response = frequency_response(kernel, n)[n // 2 + u, n // 2 + v]
    np.testing.assert_allclose(np.hypot(real, imaginary), response)


def test_a_mean_lets_constants_through_and_a_difference_stops_them():
    assert frequency_response(np.full((3, 3), 1 / 9), 9)[4, 4] == pytest.approx(1)
    difference = frequency_response([[1.0, -1.0]], (4, 8))
    assert difference[:, 4].max() == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(difference[:, 0], 2)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda model, x: saliency(model, x[0]), ValueError, r"x\[None\]"),
        (lambda model, x: saliency(model, x, 3), ValueError, "classes=3"),
        (lambda model, x: saliency(model, x, [0, 1]), ValueError, r"classes have shape \(2,\)"),
        (lambda model, x: saliency(model, x, "seven"), TypeError, "classes='seven'"),
        (lambda model, x: occlusion_map(model, x, size=0), ValueError, "size=0"),
        (
            lambda model, x: occlusion_map(model, x, size=9),
            ValueError,
            r"size=9 has no place on images of 8 x 6 cells. Write size=\(8, 6\)",
        ),
        (lambda model, x: occlusion_map(model, x, value=None), TypeError, "value=None"),
        (lambda model, x: grad_cam(model, x, 8), ValueError, "layer=8"),
        (lambda model, x: grad_cam(model, x, 7), ValueError, "Choose an earlier layer"),
        (lambda model, x: grad_cam(model[0], x, 0), TypeError, "is not a Sequential"),
        (lambda model, x: feature_maps(model[0], x), TypeError, "is not a Sequential"),
        (lambda model, x: frequency_response(np.zeros(3)), ValueError, "kernel"),
        (lambda model, x: frequency_response(np.zeros((3, 5)), 4), ValueError, "Write size=5"),
    ],
)
def test_wrong_calls_are_refused_by_the_name_of_the_argument(call, error, words, x):
    with pytest.raises(error, match=words):
        call(net(), x)
