"""The stored race of chapter 14's algorithms was run with the shapes and cells that the book shows, and is what its sentences say."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import algorithms

from cnnlib.results import stored_result
from cnnlib.symbolic.algorithm_costs import METHODS, cost


def test_the_stored_shapes_are_those_of_the_script():
    assert {name: tuple(shape["sizes"]) for name, shape in stored_result("algorithms")["shapes"].items()} == algorithms.SHAPES


@pytest.mark.parametrize("name", algorithms.SHAPES)
def test_every_way_that_can_do_a_shape_was_measured_on_it(name):
    shape = stored_result("algorithms")["shapes"][name]
    N, C, F, n, k = shape["sizes"]
    few = N * C * F * (k * (n - k + 1)) ** 2 <= algorithms.LOOPS_AT_MOST
    expected = {"library", *METHODS} - ({"Winograd"} if k != 3 else set()) - (set() if few else {"loops"})
    assert set(shape["seconds"]) == set(shape["error"]) == expected
    assert min(shape["seconds"].values()) > 0
    assert max(shape["error"].values()) < 1e-5


def test_one_stored_shape_holds_all_seven_ways():
    assert any({*METHODS} <= {*shape["seconds"]} for shape in stored_result("algorithms")["shapes"].values())


def test_the_roof_and_the_batches_were_measured():
    stored = stored_result("algorithms")
    assert stored["peak"] > stored["bandwidth"] > 0
    assert list(stored["batch"]) == [str(images) for images in algorithms.BATCHES]


def test_the_cells_of_the_chapter_are_seven_ways_and_the_librarys():
    assert set(algorithms.chapter_methods()) == {"library", *METHODS}


# What chapter 14 says in words about the stored figures. Whoever measures anew and finds a test red mends the sentence.


@pytest.fixture(scope="module")
def shapes():
    return stored_result("algorithms")["shapes"]


def to_the_library(shape):
    """Times in units of the library's."""
    return {name: value / shape["seconds"]["library"] for name, value in shape["seconds"].items()}


def test_the_fewest_multiply_adds_are_fastest_for_one_channel_and_a_very_large_kernel_alone(shapes):
    agree = []
    for name, shape in shapes.items():
        work = {way: cost(way, *shape["sizes"]).work for way in shape["seconds"] if way != "library"}
        agree += [name] * (min(work, key=work.get) == min(work, key=shape["seconds"].get))
    assert agree == ["one, very large kernel"]
    assert to_the_library(shapes[agree[0]])["FFT"] < 1 / 3


def test_the_clock_does_not_confirm_that_fourier_wins_with_small_kernels(shapes):
    assert all(to_the_library(shape)["FFT"] > 2 for shape in shapes.values() if shape["sizes"][-1] == 3)


def test_in_the_tiny_example_alone_the_library_pays_for_its_bookkeeping(shapes):
    faster = {name: to_the_library(shape)["rows"] < 0.9 for name, shape in shapes.items()}
    assert [name for name, yes in faster.items() if yes] == ["tiny"]


def test_im2col_keeps_up_where_its_matrix_is_small_and_falls_behind_where_it_is_nine_times_as_large(shapes):
    cells = {name: cost("im2col", *shape["sizes"]).extra for name, shape in shapes.items()}
    small, large = ("LeNet conv1", "16 to 32"), list(shapes)[3:]
    assert all(cells[name] < 1e6 and to_the_library(shapes[name])["im2col"] < 1.1 for name in small)
    assert min(cells[name] for name in large) > 9 * max(cells[name] for name in small)
    assert all(1.5 < to_the_library(shapes[name])["im2col"] < 7 for name in large)


def test_after_the_loops_the_windows_are_slowest_with_16_channels_and_32_filters(shapes):
    assert max(shapes["16 to 32"]["seconds"], key=shapes["16 to 32"]["seconds"].get) == "windows"


@pytest.fixture(scope="module")
def roofline(shapes):
    """{way: (its Cost, the roof over it, what it reaches)} as section 14.12 draws them, in operations per second."""
    stored, shape, found = stored_result("algorithms"), shapes["64 to 64"], {}
    for way in METHODS[1:]:
        costs = cost(way, *shape["sizes"])
        rate = 2 * costs.work / shape["seconds"]["library" if way == "rows" else way]
        found[way] = costs, min(stored["peak"], stored["bandwidth"] * costs.intensity), rate
    return found


def test_offsets_fourier_and_winograd_stand_about_where_the_slope_meets_the_flat_top_and_im2col_further_right(roofline):
    edge = stored_result("algorithms")["peak"] / stored_result("algorithms")["bandwidth"]
    along = sorted(roofline, key=lambda way: roofline[way][0].intensity)
    assert along[:4] == ["offsets", "FFT", "Winograd", "im2col"]
    assert all(2 / 3 < roofline[way][0].intensity / edge < 3 / 2 for way in along[:3])
    assert roofline["im2col"][0].intensity > 2 * edge
    assert roofline["rows"][0].intensity == roofline["windows"][0].intensity == max(found[0].intensity for found in roofline.values())


def test_every_way_stays_below_its_roof_by_as_much_as_the_chapter_says(roofline):
    share = {way: rate / roof for way, (_, roof, rate) in roofline.items()}
    assert share["offsets"] == pytest.approx(1 / 2, abs=0.1)
    assert share["im2col"] == pytest.approx(1 / 2, abs=0.1)
    assert share["rows"] == max(share.values()) == pytest.approx(3 / 4, abs=0.1)
    assert share["windows"] < 1 / 20
    assert share["FFT"] < share["Winograd"] < 1 / 4
    assert roofline["FFT"][2] < roofline["Winograd"][2] < roofline["offsets"][2]


def test_by_the_roof_alone_fourier_and_winograd_would_win_with_half_of_the_operations(roofline):
    least = {way: 2 * costs.work / roof for way, (costs, roof, _) in roofline.items()}
    assert sorted(least, key=least.get)[:2] == ["Winograd", "FFT"]
    assert all(roofline[way][0].work / roofline["rows"][0].work == pytest.approx(1 / 2, abs=0.05) for way in ("FFT", "Winograd"))


def test_four_fifths_of_the_arrays_that_fourier_transforms_are_kernels(shapes):
    N, C, F, *_ = shapes["64 to 64"]["sizes"]
    assert (C, F) == (64, 64)
    assert F * C / (N * C + F * C + N * F) == 4 / 5


def test_every_image_takes_less_time_in_a_larger_batch():
    times = list(stored_result("algorithms")["batch"].values())
    assert times == sorted(times, reverse=True)


def test_no_way_errs_by_more_than_a_millionth_of_the_largest_result(shapes):
    assert max(shapes["64 to 64"]["error"].values()) < 1e-6
