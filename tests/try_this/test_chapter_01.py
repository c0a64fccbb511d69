"""Chapter 1: the answers below its "Try this" list, one test for each item."""

import numpy as np
import pytest

from cnnlib.widgets import KernelLab


def with_middle(preset, value):
    """A lab whose 3 by 3 preset has another number in its middle cell."""
    lab = KernelLab(kernel_preset=preset)
    kernel = np.array(lab.kernel)
    kernel = np.where(np.arange(9).reshape(3, 3) == 4, value, kernel)
    return KernelLab(kernel=kernel, view="picture")


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("preset", ["box mean", "gaussian"])
def test_the_cells_of_a_blur_add_up_to_1_and_no_output_leaves_black_and_white(preset, size):
    lab = KernelLab(kernel_preset=preset, kernel_size=size, view="picture")
    assert np.sum(lab.kernel) == pytest.approx(1)
    assert lab.outside == (0, 0)


@pytest.mark.parametrize("middle", [2, 0.5])
def test_the_middle_of_the_identity_is_the_sum_and_the_factor_of_all_brightness(middle):
    lab = with_middle("identity", middle)
    assert np.sum(lab.kernel) == middle
    np.testing.assert_array_equal(lab.output, middle * KernelLab(kernel_preset="identity").output)


def test_sobel_x_paints_the_left_outer_edge_of_the_collar_blue_and_the_right_one_orange():
    row = KernelLab(kernel_preset="sobel x").output[85]  # in the middle of the collar
    assert 44 <= row.argmax() <= 50
    assert 72 <= row.argmin() <= 78
    assert row.max() > 500
    assert row.min() < -500


def test_sobel_x_sees_upright_edges_alone_and_sobel_y_the_others():
    upright = np.tile([0, 0, 0, 9, 9, 9], (6, 1))
    outputs = {
        (name, direction): np.abs(KernelLab(source="drawing", drawing=picture, kernel_preset=name).output).max()
        for name in ("sobel x", "sobel y")
        for direction, picture in (("up and down", upright), ("across", upright.T))
    }
    assert outputs == {
        ("sobel x", "up and down"): 36, ("sobel x", "across"): 0, ("sobel y", "up and down"): 0, ("sobel y", "across"): 36,
    }  # fmt: skip


def test_a_1_in_the_middle_of_the_bottom_row_moves_the_identitys_output_up_by_one_row():
    identity = KernelLab(kernel_preset="identity").output
    moving = []
    for u, v in np.ndindex(3, 3):
        kernel = np.zeros((3, 3))
        kernel[u, v] = 1
        if np.array_equal(KernelLab(kernel=kernel).output[:-1], identity[1:]):
            moving.append((u, v))
    assert moving == [(2, 1)]


def test_the_flat_regions_of_sharpen_vanish_at_4_where_the_sum_is_0():
    flat = np.full((5, 5), 9)
    for middle, sum_ in [(5, 1), (4, 0)]:
        lab = with_middle("sharpen", middle)
        assert np.sum(lab.kernel) == sum_
        lab.source, lab.drawing = "drawing", flat
        assert np.unique(lab.output).tolist() == [9 * sum_]
    assert np.abs(with_middle("sharpen", 4).output).max() > 255  # edges remain


def test_a_white_cell_comes_out_as_9_times_the_kernel_turned_by_180_degrees():
    drawing = np.zeros((12, 12))
    drawing[5, 6] = 9
    lab = KernelLab(source="drawing", drawing=drawing, kernel_preset="random")
    turned = 9 * np.array(lab.kernel)[::-1, ::-1]
    np.testing.assert_array_equal(lab.output[3:6, 4:7], turned)
    assert np.count_nonzero(lab.output) == np.count_nonzero(turned)
    assert not np.array_equal(turned, turned[::-1, ::-1])


def test_relu_leaves_48_percent_and_with_the_bias_minus_100_only_10():
    plain = KernelLab(kernel_preset="sobel x").output
    assert (round(np.mean(plain > 0), 2), round(np.mean(plain < 0), 2)) == (0.48, 0.48)
    for bias, share in [(0, 0.48), (-100, 0.10)]:
        output = KernelLab(kernel_preset="sobel x", bias=bias, relu=True).output
        np.testing.assert_array_equal(output > 0, plain > -bias)
        assert (output[plain < 0] == 0).all()
        assert round(np.mean(output > 0), 2) == share
