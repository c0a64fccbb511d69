"""Chapter 5: the answers below its "Try this" list, one test for each item."""

import pytest

from cnnlib.widgets import ReceptiveFieldTracer

ENTRIES = {"kernel": 0, "stride": 1, "padding": 2}


def tracer(**settings):
    """The tracer as the chapter shows it; layer_2_stride=1 changes one setting of one layer."""
    layers = [list(layer) for layer in ReceptiveFieldTracer().layers]
    for name in [name for name in settings if name.startswith("layer_")]:
        _, number, entry = name.split("_")
        layers[int(number) - 1][ENTRIES[entry]] = settings.pop(name)
    return ReceptiveFieldTracer(layers=layers, **settings)


def cells(shown):
    return [window.count for window in shown.windows]


def test_neighbouring_fields_of_12_cells_share_10_because_the_jump_is_2():
    fields = [tracer(cell=cell).field for cell in (3, 4)]
    assert fields == [(1, 12), (3, 14)]
    assert len(set(range(1, 13)) & set(range(3, 15))) == 10
    assert tracer().rows[-1][:2] == (12, 2)


def test_the_stride_of_layer_2_changes_the_field_of_layer_3_alone():
    sizes = [[size for size, _, _ in shown.rows] for shown in (tracer(), tracer(layer_2_stride=1))]
    assert sizes == [[3, 4, 12], [3, 4, 8]]


def test_the_stride_of_layer_3_changes_its_jump_and_its_cells_alone():
    before, after = tracer(), tracer(layer_3_stride=2)
    assert (before.rows[-1], after.rows[-1]) == ((12, 2, 0.5), (12, 4, 0.5))
    assert (cells(before)[-1], cells(after)[-1]) == (8, 4)


def test_cell_0_sees_7_cells_of_the_image_and_the_cells_3_and_4_all_12():
    assert tracer(cell=0).field == (-5, 6)
    inside = [sum(0 <= cell < 16 for cell in tracer(cell=cell).seen[0]) for cell in range(8)]
    assert inside == [7, 9, 11, 12, 12, 11, 9, 7]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_padding_changes_the_start_and_the_cells_but_neither_size_nor_jump(number):
    shown = [tracer(**{f"layer_{number}_padding": padding}) for padding in range(4)]
    assert {one.rows[-1][:2] for one in shown} == {(12, 2)}
    assert len({one.rows[-1][2] for one in shown}) == len({tuple(cells(one)) for one in shown}) == 4


def test_padding_1_instead_of_2_in_layer_3_moves_the_start_from_a_half_to_two_and_a_half():
    assert [tracer(layer_3_padding=padding).rows[-1][2] for padding in (2, 1)] == [0.5, 2.5]


def test_a_stride_that_jumps_over_cells_reads_what_a_dilated_kernel_reads():
    two = ReceptiveFieldTracer(layers=[(1, 2, 0), (3, 1, 0)], cell=3)
    one = ReceptiveFieldTracer(layers=[(3, 1, 0, 2)], cell=6)
    assert two.field == one.field == (6, 10)
    assert two.seen[0] == one.seen[0] == (6, 8, 10)


def test_without_padding_12_cells_are_needed_and_both_repairs_of_11_work():
    bare = dict(layer_1_padding=0, layer_3_padding=0)
    assert tracer(**bare).layers == ((3, 1, 0, 1), (2, 2, 0, 1), (5, 1, 0, 1))
    possible = [n for n in range(1, 33) if tracer(**bare, input_size=n).windows]
    assert min(possible) == tracer(**bare).rows[-1][0] == 12
    message = tracer(**bare, input_size=11).message
    assert message.startswith("Layer 3: no place")
    assert message.endswith("Pad by 1 or shrink the kernel to 4.")
    repaired = (tracer(**bare | change, input_size=11) for change in (dict(layer_3_padding=1), dict(layer_3_kernel=4)))
    assert [cells(one)[-1] for one in repaired] == [2, 1]
