"""Chapter 4: the answers below its two "Try this" lists, one test for each item."""

import numpy as np

from cnnlib.widgets import ChannelExplorer, ToeplitzView


def explorer(**settings):
    return ChannelExplorer(**dict(in_channels=2, out_channels=3) | settings)


def view(**settings):
    return ToeplitzView(**dict(input_size=4, kernel_size=2) | settings)


def changed(numbers, place, value):
    """The numbers with another value at one place."""
    numbers = np.array(numbers)
    numbers[place] = value
    return numbers


def test_every_output_channel_reads_the_same_input_with_a_kernel_of_its_own():
    shown = [explorer(output_channel=channel) for channel in range(3)]
    assert len({(str(one.x), str(one.read)) for one in shown}) == 1
    assert [one.shares for one in shown] == [{0: 4, 1: -2}, {0: -4, 1: 1}, {0: 0, 1: 9}]


def test_with_an_empty_slice_output_channel_0_no_longer_feels_input_channel_1():
    kernel = changed(explorer().kernel, (0, 1), 0)
    before = explorer(kernel=kernel)
    for place in np.ndindex(4, 4):
        after = explorer(kernel=kernel, image=changed(before.image, (1, *place), 50))
        assert (before.output[0] == after.output[0]).all()
        # The slice w[1, 1] has weights in its right column alone, which lies on column 0 at no place.
        assert (before.output[1] != after.output[1]).any() == (place[1] > 0)


def test_a_bias_changes_all_nine_cells_of_its_own_channel():
    before = explorer()
    after = explorer(bias=changed(before.bias, 0, before.bias[0] + 10))
    assert (after.output - before.output).tolist() == [[[10] * 3] * 3, [[0] * 3] * 3, [[0] * 3] * 3]


def test_output_channel_3_reads_channels_2_and_3_in_two_groups_and_itself_in_four():
    read = {groups: list(explorer(in_channels=4, out_channels=4, groups=groups, output_channel=3).read) for groups in (2, 4)}
    assert read == {2: [2, 3], 4: [3]}


def test_three_groups_do_not_divide_four_channels_and_the_proposed_two_do():
    said = "groups=3 does not divide in_channels=4: every group has equally many channels. Write groups=2."
    assert explorer(in_channels=4, out_channels=4, groups=3).message == said
    assert explorer(in_channels=4, out_channels=4, groups=2).output.shape == (4, 3, 3)


def test_one_kernel_cell_stands_in_nine_entries_one_per_row():
    before = view()
    for place in np.ndindex(2, 2):
        differs = before.matrix != view(kernel=changed(before.kernel, place, 50)).matrix
        assert differs.sum(axis=1).tolist() == [1] * 9


def test_the_pattern_begins_one_column_further_in_every_row_and_two_behind_every_third():
    begins = [int(np.flatnonzero(row)[0]) for row in view().matrix]
    assert begins == [0, 1, 2, 4, 5, 6, 8, 9, 10]


def test_stride_2_leaves_the_rows_0_2_6_and_8():
    full, strided = view().matrix, view(stride=2).matrix
    assert [next(at for at, row in enumerate(full) if (row == one).all()) for one in strided] == [0, 2, 6, 8]


def test_with_padding_row_0_keeps_the_weight_4_alone_and_there_are_25_rows():
    matrix = view(padding=1).matrix
    assert matrix.shape == (25, 16)
    assert {int(column): int(matrix[0, column]) for column in np.flatnonzero(matrix[0])} == {0: 4}
    assert view().matrix[0, [0, 1, 4, 5]].tolist() == [1, 2, 3, 4]


def test_inner_cells_are_read_four_times_corners_once_and_the_others_twice():
    weights = np.count_nonzero(view(transposed=True).matrix.T, axis=1)
    assert {count: np.flatnonzero(weights == count).tolist() for count in (1, 4)} == {1: [0, 3, 12, 15], 4: [5, 6, 9, 10]}
    assert sum(weights == 2) == 8
