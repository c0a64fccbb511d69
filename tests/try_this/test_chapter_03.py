"""Chapter 3: the answers below its "Try this" lists, one test for each item."""

from cnnlib.widgets import SlidingWindowPlayer


def player(**settings):
    """The player as the chapter shows it, after the reader has changed some settings."""
    return SlidingWindowPlayer(**dict(input_size=7, kernel_size=3, stride=2) | settings)


def test_with_stride_3_the_output_is_2_by_2_and_row_and_column_6_are_never_read():
    shown = player(stride=3)
    assert shown.output.shape == (2, 2)
    assert shown.unread == ((6,), (6,))
    assert [tuple(window.cells(place)) for window in shown.windows for place in (0, 1)] == [(0, 1, 2), (3, 4, 5)] * 2


def test_with_padding_1_there_are_3_by_3_places_and_every_cell_is_read():
    shown = player(stride=3, padding=1)
    assert shown.output.shape == (3, 3)
    assert shown.unread == ((), ())
    assert tuple(shown.windows[0].cells(2)) == (5, 6, 7)


def test_a_padding_keeps_the_size_for_odd_kernels_alone():
    keeping = {k: [p for p in range(5) if player(stride=1, kernel_size=k, padding=p).output.shape == (7, 7)] for k in range(1, 6)}
    assert keeping == {1: [0], 2: [], 3: [1], 4: [], 5: [2]}
    same = {k: player(stride=1, kernel_size=k, padding="same") for k in (2, 4)}
    assert {shown.output.shape for shown in same.values()} == {(7, 7)}
    assert {k: (shown.windows[0].before, shown.windows[0].after) for k, shown in same.items()} == {2: (0, 1), 4: (1, 2)}


def test_a_kernel_of_3_with_dilation_2_spans_5_cells_and_only_a_kernel_of_5_gives_its_output_size():
    dilated = player(stride=1, dilation=2)
    cells = dilated.windows[0].cells(0)
    assert cells[-1] - cells[0] + 1 == 5
    assert dilated.output.shape == (3, 3)
    assert [k for k in range(1, 6) if player(stride=1, kernel_size=k).output.shape == (3, 3)] == [5]


def test_both_repairs_of_a_kernel_that_is_too_large_work_and_padding_makes_one_place_more():
    settings = dict(input_size=4, kernel_size=5, stride=1)
    assert player(**settings).message.endswith("Pad by 1 or shrink the kernel to 4.")
    assert player(**settings | dict(padding=1)).output.shape == (2, 2)
    assert player(**settings | dict(kernel_size=4)).output.shape == (1, 1)
