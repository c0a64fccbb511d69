"""The stored race of chapter 14's algorithms was run with the shapes and the cells that the book shows."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import algorithms

from cnnlib.results import stored_result
from cnnlib.symbolic.algorithm_costs import METHODS


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
