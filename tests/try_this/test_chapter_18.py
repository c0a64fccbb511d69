"""Chapter 18: the answers below its "Try this" list, one test for each item."""

from cnnlib.widgets import ShapeExplorer
from cnnlib.widgets.layer_table import KINDS, layer_table

CONVOLUTIONS, POOLINGS, DENSE = (0, 2, 5), (4, 7), 9  # where they stand in the network of 2016


def explorer(size=28, **changes):
    """The explorer after the reader has changed settings of layers: explorer(layer_0=dict(padding=2))."""
    shown = ShapeExplorer(input_size=size)
    layers = [list(layer) for layer in shown.layers]
    places = {"conv": ("channels", "kernel_size", "stride", "padding"), "dense": ("units",)}
    for name, settings in changes.items():
        layer = layers[int(name.removeprefix("layer_"))]
        for setting, value in settings.items():
            layer[1 + places[layer[0]].index(setting)] = value
    shown.layers = layers
    return shown


def entering(shown):
    """How many numbers enter the first dense layer."""
    return shown.table.rows[DENSE - 1].output_shape[0]


def test_256_numbers_enter_the_dense_layer_for_26_to_29_cells_and_400_for_30():
    assert [entering(explorer(size)) for size in range(26, 31)] == [256, 256, 256, 256, 400]


def test_nothing_is_dropped_at_26_and_next_at_30():
    dropping = {size: [n for n in POOLINGS if explorer(size).table.rows[n].unread] for size in range(26, 31)}
    assert dropping == {26: [], 27: [4], 28: [7], 29: [4, 7], 30: []}
    assert [size for size in range(26, 31) if not explorer(size).remarks] == [26, 30]


def test_a_padding_of_2_makes_the_dense_layer_larger_and_no_convolution():
    before, after = explorer().table.rows, explorer(layer_0=dict(padding=2)).table.rows
    assert (before[DENSE].parameters, after[DENSE].parameters) == (32_896, 51_328)
    assert after[7].output_shape == (16, 5, 5)
    assert after[8].output_shape == (400,)
    assert [after[n].parameters for n in CONVOLUTIONS] == [before[n].parameters for n in CONVOLUTIONS] == [104, 296, 1_168]


def test_the_smallest_size_is_the_receptive_field_14_and_at_13_the_last_pooling_fails():
    assert [size for size in range(1, 29) if not explorer(size).message] == list(range(14, 29))
    assert explorer(13).message.startswith("Layer 7, MaxPool2d: no place")
    assert explorer(14).table.rows[7].output_shape == (16, 1, 1)
    assert explorer(14).table.rows[7].receptive_field == 14


def test_what_is_proposed_against_a_stride_of_5_moves_the_failure_to_the_next_layer():
    misread = explorer(layer_0=dict(stride=5))
    assert [misread.table.rows[n].output_shape[1] for n in (0, 2, 4)] == [5, 3, 1]
    assert misread.message.startswith("Layer 5, Conv2d: no place")
    assert misread.message.endswith("Pad by 1 or shrink the kernel to 1.")
    for repair in (dict(padding=1), dict(kernel_size=1)):
        assert explorer(layer_0=dict(stride=5), layer_5=repair).message.startswith("Layer 7, MaxPool2d: no place")


def single_changes():
    """The table of each chain with one number of one layer changed, within the explorer's limits: ((layer, setting, value), table)."""
    chain = ShapeExplorer().layers
    for number, (kind, *settings) in enumerate(chain):
        for place, (name, (least, most)) in enumerate(KINDS[kind][1].items()):
            for value in set(range(least, most + 1)) - {settings[place]}:
                layer = (kind, *settings[:place], value, *settings[place + 1 :])
                if kind == "max" and layer[3] > layer[1] // 2:
                    continue  # the explorer keeps the padding within half the window
                yield (number, name, value), layer_table(1, 28, (*chain[:number], layer, *chain[number + 1 :]))


def test_a_single_number_brings_the_parameters_below_10_000_by_way_of_the_dense_layer():
    assert (explorer().table.parameters, explorer().table.rows[DENSE].parameters) == (35_754, 32_896)
    works = {change: table for change, table in single_changes() if not table.problem and table.parameters < 10_000}
    units = [value for number, _, value in works if number == DENSE]
    maps = [value for number, name, value in works if (number, name) == (5, "channels")]
    assert (sorted(units), sorted(maps)) == (list(range(1, 32)), [1, 2, 3])
    assert (works[9, "units", 31].parameters, works[5, "channels", 3].parameters) == (9_855, 8_181)
    one_cell = {change for change in works if change[1] not in ("units", "channels")}
    assert {(0, "stride", 2), (2, "stride", 2), (7, "kernel_size", 8), (7, "kernel_size", 9)} <= one_cell
    assert one_cell - {(0, "stride", 2), (2, "stride", 2), (7, "kernel_size", 8), (7, "kernel_size", 9)} == {
        (2, "stride", 3), (4, "stride", 5), (5, "stride", 3), (5, "stride", 4), (5, "stride", 5)
    }  # fmt: skip
    assert all(works[change].rows[7].output_shape == (16, 1, 1) and works[change].parameters == 5_034 for change in one_cell)
    sizes = [size for size in range(1, 65) if not explorer(size).message and explorer(size).table.parameters < 10_000]
    assert sizes == [14, 15, 16, 17]
    assert {explorer(size).table.parameters for size in sizes} == {5_034}
