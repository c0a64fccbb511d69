"""Chapter 14: the answers below its "Try this" list, one test for each item."""

import pytest

from cnnlib.widgets import AlgorithmRace


def ways(*names, step=100):
    """What the race shows of two ways at a step, the last one unless told: {way: its lane}."""
    race = AlgorithmRace(left=names[0], right=names[-1], step=step)
    return {name: race.lane(name) for name in names}


def steps(name):
    return AlgorithmRace(left=name, right=name).steps


def costs(**sizes):
    """The bars of the race as the chapter starts it, after the reader has changed some sizes."""
    return AlgorithmRace(**sizes).costs


def shape(array):
    return len(array), len(array[0])


def test_the_loops_take_36_steps_and_im2col_10_and_its_matrix_has_9_rows_of_4():
    end = ways("loops", "im2col")
    assert (steps("loops"), steps("im2col")) == (36, 10)
    assert end["loops"]["multiplied"] == end["im2col"]["multiplied"] == 36
    assert set(end["im2col"]["arrays"]) - set(end["loops"]["arrays"]) == {"columns"}
    assert shape(end["im2col"]["arrays"]["columns"]) == (9, 4)
    assert ["columns" in ways("im2col", step=at)["im2col"]["writes"] for at in range(10)] == 9 * [True] + [False]


def test_the_buffer_of_rows_has_24_cells_where_im2col_has_36():
    end = ways("rows", "im2col")
    assert shape(end["rows"]["arrays"]["lowered"]) == (3, 8)
    assert shape(end["im2col"]["arrays"]["columns"]) == (9, 4)
    assert 9 * 4 / (3 * 8) == 3 * 2 / 4 == 1.5


def test_winograd_multiplies_16_times_and_reads_the_kernel_in_its_first_step_alone():
    frames = [ways("Winograd", step=at)["Winograd"] for at in range(steps("Winograd"))]
    assert [frame["products"] for frame in frames] == [0, 0] + 16 * [1] + [0]
    assert ["w" in frame["reads"] for frame in frames] == [True] + 18 * [False]


def test_fft_knows_all_four_results_at_step_4_and_windows_its_first_at_step_1():
    known = lambda name, at: sum(cell is not None for row in ways(name, step=at)[name]["arrays"]["y"] for cell in row)
    assert [known("FFT", at) for at in range(steps("FFT"))] == [0, 0, 0, 4]
    assert known("windows", 0) == 1


def test_the_memory_of_im2col_ignores_the_filters_and_its_intensity_grows_most():
    few, many = costs(filters=1), costs(filters=64)
    assert [name for name, cost in few.items() if cost.extra == many[name].extra > 0] == ["im2col"]
    assert {costs(filters=filters)["im2col"].extra for filters in range(1, 65)} == {903_168}
    growth = {name: many[name].intensity / cost.intensity for name, cost in few.items()}
    assert max(growth, key=growth.get) == "im2col"
    assert growth["im2col"] == pytest.approx(53, abs=0.5)
    assert (few["im2col"].intensity, many["im2col"].intensity) == (pytest.approx(0.23, abs=0.005), pytest.approx(12.4, abs=0.05))


@pytest.mark.parametrize(("number", "first"), [(1, 7), (64, 3)])
def test_fft_takes_fewer_multiply_adds_from_this_kernel_size_on(number, first):
    found = {k: costs(channels=number, filters=number, k=k) for k in range(1, 16)}
    assert [k for k, each in found.items() if each["FFT"].work < each["loops"].work] == list(range(first, 16))
    assert (AlgorithmRace().images, AlgorithmRace().n) == (8, 30)
