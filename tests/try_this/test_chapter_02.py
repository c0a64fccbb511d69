"""Chapter 2: the answers below its two "Try this" lists, one test for each item."""

import numpy as np
import pytest

from cnnlib.widgets import FlipAndSlide

SIGNAL, KERNEL = (1, 3, 2, 0, 1), (1, 2, 4)


def both(signal, kernel):
    """The outputs of convolution and correlation, as lists."""
    operations = ("convolution", "correlation")
    return [FlipAndSlide(signal=signal, kernel=kernel, operation=operation).output.tolist() for operation in operations]


def curve(*kernel):
    """|H| at the frequencies of the wave slider, 0/48 to 24/48."""
    return FlipAndSlide(kernel=kernel).response[::2]


def test_correlating_with_the_kernel_backwards_is_convolving():
    convolved = [1, 5, 12, 16, 9, 2, 4]
    assert both(SIGNAL, KERNEL)[0] == convolved
    assert both(SIGNAL, KERNEL[::-1])[1] == convolved
    slides = [FlipAndSlide(signal=SIGNAL, kernel=KERNEL, operation=operation) for operation in ("convolution", "correlation")]
    assert [(slide.first, slide.first + slide.count - 1) for slide in slides] == [(0, 6), (-2, 4)]


def test_a_single_1_becomes_a_copy_of_the_kernel_and_correlated_its_mirror_image():
    assert both((0, 0, 1, 0, 0), KERNEL) == [[0, 0, 1, 2, 4, 0, 0], [0, 0, 4, 2, 1, 0, 0]]


def test_symmetric_kernels_make_the_two_operations_agree_and_1_minus_1_changes_the_signs():
    convolved, correlated = both(SIGNAL, (1, 2, 1))
    assert convolved == correlated
    convolved, correlated = both(SIGNAL, (0, 1, 1))
    assert convolved[1:] == correlated[:-1]
    assert convolved != correlated
    convolved, correlated = both(SIGNAL, (1, -1))
    assert convolved == [-number for number in correlated]
    convolved, correlated = both(SIGNAL, KERNEL)
    assert [number for number in convolved if number] != [number for number in correlated if number]


def test_exchanging_leaves_a_convolution_and_mirrors_a_correlation():
    convolved, correlated = both(SIGNAL, KERNEL)
    assert (convolved, correlated) == ([1, 5, 12, 16, 9, 2, 4], [4, 14, 15, 7, 6, 2, 1])
    assert both(KERNEL, SIGNAL) == [convolved, [1, 2, 6, 7, 15, 14, 4]]
    assert both(KERNEL, SIGNAL)[1] == correlated[::-1]


def test_a_kernel_of_one_cell_multiplies_every_number():
    assert both(SIGNAL, (3,)) == [[3, 9, 6, 0, 3]] * 2


def test_three_equal_cells_stop_16_48ths_and_four_stop_12_and_24():
    stopped = {k: np.flatnonzero(curve(*[1] * k) < 1e-12).tolist() for k in (3, 4)}
    assert stopped == {3: [16], 4: [12, 24]}


def test_the_difference_doubles_the_fastest_wave_and_stops_a_constant():
    sizes = curve(1, -1)
    assert (sizes[0], sizes[-1]) == (0, pytest.approx(2))
    assert (np.diff(sizes) > 0).all()


def test_a_flip_leaves_the_curve():
    np.testing.assert_allclose(curve(1, 2, 4), curve(4, 2, 1), rtol=1e-12)
    assert curve(1, 2, 4)[[0, -1]].tolist() == pytest.approx([7, 3])


def test_three_times_the_cells_make_three_times_the_curve_and_signs_do_not_matter():
    np.testing.assert_allclose(curve(3, 6, 12), 3 * curve(1, 2, 4), rtol=1e-12)
    assert curve(3, 6, 12)[[0, -1]].tolist() == pytest.approx([21, 9])
    np.testing.assert_allclose(curve(-1, -2, -4), curve(1, 2, 4), rtol=1e-12)
