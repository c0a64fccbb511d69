"""Published numbers and SciPy's own results."""

import numpy as np
import pytest
from packages import optional

from cnnlib import conv2d, convolve2d, correlate2d, linear, log_softmax, max_pool2d, relu, softmax


def ramp(first, last, *shape):
    return np.linspace(first, last, int(np.prod(shape))).reshape(shape)


# CS231n (Stanford), assignments 1 and 2: inputs are ramps, the printed results have eight digits.
CONVOLUTION = [
    [[[-0.08759809, -0.10987781], [-0.18387192, -0.2109216]], [[0.21027089, 0.21661097], [0.22847626, 0.23004637]]],
    [[[0.50813986, 0.54309974], [0.64082444, 0.67101435]], [[-0.98053589, -1.03143541], [-1.19128892, -1.24695841]]],
    [[[0.69108355, 0.66880383], [0.59480972, 0.56776003]], [[2.36270298, 2.36904306], [2.38090835, 2.38247847]]],
]
POOLING = [
    [[[-0.26315789, -0.24842105], [-0.20421053, -0.18947368]], [[-0.14526316, -0.13052632], [-0.08631579, -0.07157895]]],
    [[[-0.02736842, -0.01263158], [0.03157895, 0.04631579]], [[0.09052632, 0.10526316], [0.14947368, 0.16421053]]],
    [[[0.20842105, 0.22315789], [0.26736842, 0.28210526]], [[0.32631579, 0.34105263], [0.38526316, 0.4]]],
]


def test_cs231ns_convolution_example():
    y = conv2d(ramp(-0.1, 0.5, 2, 3, 4, 4), ramp(-0.2, 0.3, 3, 3, 4, 4), np.linspace(-0.1, 0.2, 3), stride=2, padding=1)
    np.testing.assert_allclose(y, np.reshape(CONVOLUTION, (2, 3, 2, 2)), atol=5e-9)


def test_cs231ns_max_pooling_example():
    y = max_pool2d(ramp(-0.3, 0.4, 2, 3, 4, 4), 2, stride=2)
    np.testing.assert_allclose(y, np.reshape(POOLING, (2, 3, 2, 2)), atol=5e-9)


def test_cs231ns_affine_and_relu_examples():
    y = linear(ramp(-0.1, 0.5, 2, 120), ramp(-0.2, 0.3, 120, 3).T, np.linspace(-0.3, 0.1, 3))
    np.testing.assert_allclose(y, [[1.49834967, 1.70660132, 1.91485297], [3.25553199, 3.5141327, 3.77273342]], atol=5e-9)
    expected = [[0, 0, 0, 0], [0, 0, 0.04545455, 0.13636364], [0.22727273, 0.31818182, 0.40909091, 0.5]]
    np.testing.assert_allclose(relu(ramp(-0.5, 0.5, 3, 4)), expected, atol=5e-9)


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_convolve2d_and_correlate2d_equal_scipys(mode):
    signal = optional("scipy.signal")
    rng = np.random.default_rng(0)
    for _ in range(500):
        kernel = rng.normal(size=rng.integers(1, 5, 2))
        image = rng.normal(size=np.array(kernel.shape) + rng.integers(0, 5, 2))
        np.testing.assert_allclose(convolve2d(image, kernel, mode), signal.convolve2d(image, kernel, mode), atol=1e-12)
        if mode != "same" or all(k % 2 for k in kernel.shape):  # for even kernels SciPy puts the odd cell at the start
            np.testing.assert_allclose(correlate2d(image, kernel, padding=mode), signal.correlate2d(image, kernel, mode), atol=1e-12)


def test_softmax_equals_scipys():
    special = optional("scipy.special")
    rng = np.random.default_rng(0)
    for axis in (0, 1, 2, -1):
        x = rng.normal(size=(3, 4, 5)) * 30
        np.testing.assert_allclose(softmax(x, axis), special.softmax(x, axis), rtol=1e-12)
        np.testing.assert_allclose(log_softmax(x, axis), special.log_softmax(x, axis), rtol=1e-12, atol=1e-12)
