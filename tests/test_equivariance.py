"""Shifts and the layers under them: the laws of `cnnlib.equivariance`."""

import numpy as np
import pytest
import sympy

from cnnlib import check_gradients
from cnnlib.equivariance import (
    BlurPool2d,
    blur_pool2d,
    bordered_conv2d,
    equivariance_error,
    max_blur_pool2d,
    nearest_shift,
    shift2d,
    shift_error,
)
from cnnlib.ops.convolution import conv2d
from cnnlib.ops.pooling import avg_pool2d, max_pool2d
from cnnlib.symbolic import symbol_array

SHIFTS = [(0, 0), (0, 1), (1, 0), (2, -3), (-7, 9), (20, 1)]


def images(seed=0, shape=(2, 3, 6, 8)):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("by", SHIFTS, ids=str)
def test_a_shift_moves_every_cell_down_and_right(by):
    x = images()
    circular, zeros = shift2d(x, by), shift2d(x, by, border="zeros")
    for i, j in np.ndindex(x.shape[2:]):
        a, b = i - by[0], j - by[1]
        inside = 0 <= a < x.shape[2] and 0 <= b < x.shape[3]
        np.testing.assert_array_equal(circular[:, :, i, j], x[:, :, a % x.shape[2], b % x.shape[3]])
        np.testing.assert_array_equal(zeros[:, :, i, j], x[:, :, a, b] if inside else 0)


def test_a_shift_takes_one_number_for_both_axes_symbols_and_whole_numbers_only():
    x = images()
    np.testing.assert_array_equal(shift2d(x, 2), shift2d(x, (2, 2)))
    letters = symbol_array("x", (1, 1, 2, 3))
    assert shift2d(letters, (0, 1), border="zeros")[0, 0, 0].tolist() == [0, *letters[0, 0, 0, :2]]
    with pytest.raises(TypeError, match=r"by=0\.5"):
        shift2d(x, 0.5)
    with pytest.raises(ValueError, match="Write one number, or a pair"):
        shift2d(x, (1, 2, 3))
    with pytest.raises(ValueError, match='Write border="circular"'):
        shift2d(x, 1, border="reflect")


@pytest.mark.parametrize("by", SHIFTS, ids=str)
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (5, 3)], ids=str)
def test_a_circular_convolution_commutes_with_every_shift(by, kernel):
    w = np.random.default_rng(1).normal(size=(4, 3, *kernel))
    b = np.arange(4.0)
    assert equivariance_error(lambda x: bordered_conv2d(x, w, b), images(), by) < 1e-12


@pytest.mark.parametrize("stride", [2, 3])
def test_a_stride_commutes_with_its_multiples_and_with_nothing_else(stride):
    x, w = images(shape=(1, 1, 6, 12)), np.random.default_rng(1).normal(size=(1, 1, 3, 3))
    layer = lambda x: bordered_conv2d(x, w, stride=stride)
    for t in range(1, 12):
        error, by = nearest_shift(layer(x), layer(shift2d(x, (0, t))))
        assert (error < 1e-12) == (t % stride == 0)
        if t % stride == 0:
            assert by[0] == 0
            assert (by[1] - t // stride) % (12 // stride) == 0
            assert equivariance_error(layer, x, (0, t), stride=stride) < 1e-12
        else:
            with pytest.raises(ValueError, match=f"no multiple of stride={stride}"):
                equivariance_error(layer, x, (0, t), stride=stride)


def test_a_zero_border_is_conv2d_with_half_padding_and_an_even_kernel_is_refused():
    x, w = images(), np.random.default_rng(1).normal(size=(2, 3, 5, 3))
    np.testing.assert_allclose(bordered_conv2d(x, w, border="zeros", stride=2), conv2d(x, w, padding=(2, 1), stride=2))
    with pytest.raises(ValueError, match="an even one has no middle"):
        bordered_conv2d(x, np.ones((1, 3, 2, 3)))


@pytest.mark.parametrize("border", ["circular", "zeros"])
def test_max_blur_pooling_is_a_maximum_then_a_blur_then_every_second_cell(border):
    x = np.abs(images())
    grown = np.pad(x, ((0, 0), (0, 0), (0, 1), (0, 1)), mode="wrap" if border == "circular" else "constant")
    peaks = max_pool2d(grown, 2, stride=1)
    np.testing.assert_allclose(max_blur_pool2d(x, border=border), blur_pool2d(peaks, border=border))
    dense = blur_pool2d(peaks, stride=1, border=border)
    np.testing.assert_allclose(blur_pool2d(peaks, border=border), dense[:, :, ::2, ::2])


def test_the_mean_behind_a_blur_pool_does_not_depend_on_the_shift():
    x = symbol_array("x", (1, 1, 4, 6))
    assert sympy.expand(blur_pool2d(x).sum() - x.sum() / 4) == 0
    mean = lambda pool: lambda x: pool(x).mean(axis=(2, 3))
    for by in SHIFTS[1:]:
        assert shift_error(mean(max_blur_pool2d), images(), by) < 1e-12
    assert shift_error(mean(lambda x: max_pool2d(x, 2)), images(), (0, 1)) > 0.01


def test_the_layer_is_the_function_and_its_backward_the_transpose():
    layer, x = BlurPool2d(), images(shape=(2, 2, 5, 6))
    np.testing.assert_array_equal(layer(x), blur_pool2d(x, border="zeros"))
    assert layer.parameters() == {}

    def backward(dy, x):
        layer(x)
        return layer.backward(dy)

    assert check_gradients(layer, backward, [x]).passed
    assert layer(x.astype(np.float32)).dtype == np.float32


def test_the_nearest_shift_is_the_smallest_of_equals_and_is_found_on_both_borders():
    y = images(shape=(1, 2, 4, 5))
    for border in ("circular", "zeros"):
        assert nearest_shift(y, shift2d(y, (1, -2), border=border), border=border) == (0, (1, -2))
    assert nearest_shift(np.ones_like(y), np.ones_like(y)) == (0, (0, 0))


def test_an_invariant_layer_has_no_shift_error_and_silence_is_refused():
    assert shift_error(lambda x: x.max(axis=(2, 3)), images(), (3, 2)) == 0
    one = np.zeros((1, 1, 1, 8))
    one[..., 0] = 1
    assert shift_error(lambda x: x, one, (0, 2)) == pytest.approx(np.sqrt(2))
    assert shift_error(lambda x: avg_pool2d(x, (1, 2)), one, (0, 1)) == 0
    with pytest.raises(ValueError, match="0 everywhere"):
        shift_error(lambda x: 0 * x, one, 1)
