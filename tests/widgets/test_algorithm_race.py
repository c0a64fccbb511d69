"""The algorithm race as a Python object: every way ends at the library's result, and touches only what exists."""

import numpy as np
import pytest
from traitlets import TraitError

import cnnlib
from cnnlib.symbolic.algorithm_costs import METHODS, cost
from cnnlib.widgets import AlgorithmRace
from cnnlib.widgets.algorithm_race import BARS, outline, short, toy
from cnnlib.widgets.algorithm_steps import IMAGE, KERNEL, written

every = pytest.mark.parametrize("method", METHODS)


@every
def test_every_way_ends_at_the_librarys_result(method):
    truth = cnnlib.correlate2d(np.array(IMAGE, dtype=float), np.array(KERNEL, dtype=float))
    assert toy(method)[-1]["arrays"]["y"] == truth.tolist()


@every
def test_a_step_reads_only_cells_that_hold_a_number_and_what_it_writes_holds_one(method):
    before = {"x": IMAGE, "w": KERNEL}
    for step in toy(method):
        assert step["writes"]
        assert all(before[name][i][j] is not None for name, cells in step["reads"].items() for i, j in cells)
        assert all(step["arrays"][name][i][j] is not None for name, cells in step["writes"].items() for i, j in cells)
        changed = {
            (name, i, j)
            for name, rows in step["arrays"].items()
            for i, row in enumerate(rows)
            for j, value in enumerate(row)
            if name in before and value != before[name][i][j]
        }
        assert changed <= {(name, i, j) for name, cells in step["writes"].items() for i, j in cells}
        before = step["arrays"]


@every
def test_the_multiplications_of_the_toy_are_those_of_the_formula(method):
    expected = 16 if method == "FFT" else cost(method, 1, 1, 1, 4, 3).products  # the toy takes all 16 frequencies, not half of them
    assert toy(method)[-1]["multiplied"] == expected


def test_the_buffers_of_the_toy_are_those_of_the_formulas():
    sizes = {method: {name: len(rows) * len(rows[0]) for name, rows in toy(method)[-1]["arrays"].items()} for method in METHODS}
    assert sizes["im2col"]["columns"] == cost("im2col", 1, 1, 1, 4, 3).extra
    assert sizes["rows"]["lowered"] + sizes["rows"]["y"] == cost("rows", 1, 1, 1, 4, 3).extra
    assert sizes["Winograd"]["U"] + sizes["Winograd"]["V"] + sizes["Winograd"]["UV"] == cost("Winograd", 1, 1, 1, 4, 3).extra


def test_the_totals_add_up():
    totals = dict(multiplied=0, read=0, written=0)
    for step in toy("offsets"):
        totals["multiplied"] += step["products"]
        totals["read"] += sum(map(len, step["reads"].values()))
        totals["written"] += sum(map(len, step["writes"].values()))
        assert {name: step[name] for name in totals} == totals


def test_a_way_that_has_finished_waits():
    race = AlgorithmRace(left="loops", right="windows", step=35)
    assert race.lane("windows")["reads"] == {}
    assert race.lane("windows")["arrays"] == toy("windows")[-1]["arrays"]
    first, second = race.sentence.splitlines()
    assert first.startswith("loops, step 36 of 36: y[1,1] += x[3,3] w[2,2] = 4 · −2. So far 36 multiplications")
    assert second.startswith("windows, step 4 of 4: finished. So far 36 multiplications")


def test_steps_and_kernels_that_do_not_exist_become_the_last_ones():
    race = AlgorithmRace(left="loops", step=99, n=5, k=15)
    assert (race.step, race.k) == (35, 5)
    race.left = race.right = "windows"
    assert race.step == 3
    race.n = 4
    assert race.k == 4


def test_the_description_and_the_picture_carry_the_numbers():
    race = AlgorithmRace(k=3)
    assert race.sentence.splitlines()[0] in race.description
    for method, found in race.costs.items():
        assert f"{method} {short(found.work)} multiply-adds, {short(found.extra)} cells held" in race.description
        assert all(f">{short(getattr(found, name))}</text>" in race.static_svg() for name in BARS)
    race.k = 5
    assert ">needs k = 3</text>" in race.static_svg()
    assert "Winograd" not in race.cost_sentence
    assert repr(race) == "AlgorithmRace(left='im2col', right='rows', step=0)"


@pytest.mark.parametrize("method", METHODS)
def test_every_step_has_a_picture(method):
    race = AlgorithmRace(left=method, right=method)
    for step in range(race.steps):
        race.step = step
        assert race.lane(method)["said"].replace("&", "&amp;") in race.static_svg()


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (999, "999"), (1000, "1 k"), (28900800, "28.901 M"), (5e9, "5 G"), (2.5e12, "2.5 T"), (0.25, "0.25")]
)
def test_counts_are_written_short(value, text):
    assert short(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(3 - 2j, "3−2i"), (3 + 1j, "3+i"), (-1j, "−i"), (4j, "4i"), (-2 + 0j, "−2"), (0j, "0"), (-1 - 1j, "−1−i")]
)
def test_complex_numbers_are_written_as_readers_write_them(value, text):
    assert written(value) == text


def test_an_outline_holds_its_cells_and_no_more():
    assert outline([(1, 2), (3, 2), (2, 4)]) == (1, 2, 3, 3)
    assert outline([]) is None


@pytest.mark.parametrize("wrong", [{"n": 3}, {"k": 16}, {"left": "direct"}, {"filters": 0}, {"images": 65}, {"step": -1}])
def test_settings_that_cannot_be_shown_are_refused(wrong):
    with pytest.raises(TraitError, match=next(iter(wrong))):
        AlgorithmRace(**wrong)
