"""The shape explorer and its layer table as Python objects: what they show is what the library's summary says."""

import random

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib.widgets import ShapeExplorer
from cnnlib.widgets.layer_table import KINDS, MOST_LAYERS, NETWORKS, build, layer_table


def random_chain(draw):
    """A random chain: windows and activations, perhaps a flatten or a global average, perhaps dense layers; sometimes in a wrong order."""
    kinds = [draw.choice(("conv", "conv", "max", "avg", "relu", "tanh")) for _ in range(draw.randint(1, 6))]
    kinds += [draw.choice(("flatten", "global", "dense"))] + ["dense"] * draw.randint(0, 2)
    if draw.random() < 0.1:
        draw.shuffle(kinds)
    return [random_layer(draw, kind) for kind in kinds]


def random_layer(draw, kind):
    numbers = [draw.randint(least, min(most, 5)) for least, most in KINDS[kind][1].values()]
    if kind in ("max", "avg"):
        numbers[2] = min(numbers[2], numbers[0] // 2)
    return (kind, *numbers)


def random_states(number, seed):
    """Traits of the explorer; at least a tenth are impossible, and as many drop cells."""
    draw, states = random.Random(seed), []
    for _ in range(number):
        states.append(dict(input_channels=draw.randint(1, 4), input_size=draw.randint(1, 40), layers=random_chain(draw)))
    tables = [layer_table(state["input_channels"], state["input_size"], state["layers"]) for state in states]
    assert sum(bool(table.problem) for table in tables) >= number / 10
    assert sum(not table.problem for table in tables) >= number / 4
    assert sum(any(row.unread for row in table.rows) for table in tables) >= number / 10
    return states


def test_every_row_of_a_possible_chain_is_the_row_of_the_librarys_summary():
    compared = 0
    for state in random_states(150, seed=0):
        explorer = ShapeExplorer(**state)
        if explorer.message:
            continue
        rows, summary = explorer.table.rows, explorer.summary
        assert [row.output_shape for row in rows] == [row.output_shape for row in summary.rows]
        assert [row.parameters for row in rows] == [row.parameters for row in summary.rows]
        assert [row.multiply_adds for row in rows] == [row.multiply_adds for row in summary.rows]
        assert [row.receptive_field for row in rows] == [row.receptive_field for row in summary.rows]
        assert [f"{number} {row.name}" for number, row in enumerate(rows)] == [row.name for row in summary.rows]
        assert (explorer.table.parameters, explorer.table.multiply_adds) == (summary.parameters, summary.multiply_adds)
        compared += 1
    assert compared > 30


@pytest.mark.parametrize("seed", range(25))
def test_unseen_cells_are_those_that_change_no_output_of_the_last_window(seed):
    draw = random.Random(seed)
    layers = [random_layer(draw, draw.choice(("conv", "avg"))) for _ in range(draw.randint(1, 4))]
    n = draw.randint(4, 14)
    table = layer_table(1, n, layers)
    if table.problem:
        assert "no place" in table.problem
        return
    model, rng = build(1, n, layers, rng=seed), np.random.default_rng(seed)
    for array in model.parameters().values():
        array[...] = 1 + rng.random(array.shape)  # positive weights: no influence cancels another
    image = rng.random((1, 1, n, n))
    before = model(image)
    changes = []
    for row in range(n):
        changed = image.copy()
        changed[0, 0, row] += 1
        changes.append(bool((model(changed) != before).any()))
    assert table.unseen == tuple(row for row in range(n) if not changes[row])


def test_an_impossible_layer_is_named_and_the_rows_before_it_stay():
    explorer = ShapeExplorer(input_size=12)
    assert explorer.message == (
        "Layer 7, MaxPool2d: no place: the kernel spans 1*(2-1)+1 = 2 cells, the padded input has 1+2*0 = 1.\n"
        "Pad by 1 or shrink the kernel to 1."
    )
    assert len(explorer.table.rows) == 7
    assert explorer.sentence == explorer.message
    assert "Layer 7" in explorer.static_svg()
    with pytest.raises(ValueError, match="Layer 7, MaxPool2d"):
        explorer.model  # noqa: B018


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([("conv", 2, 3, 1, 0), ("dense", 4)], "Layer 1, Linear: a dense layer reads a row, and maps of 3 x 3 come in. Put a flatten"),
        ([("flatten",), ("max", 2, 2, 0)], "Layer 1, MaxPool2d: a row of 25 numbers comes in"),
        ([("global",), ("global",)], "Layer 1, GlobalAvgPool2d: a row of 1 numbers comes in"),
    ],
)
def test_a_misplaced_layer_is_told_where_it_belongs(layers, words):
    assert ShapeExplorer(input_size=5, layers=layers).message.startswith(words)


def test_dropped_cells_are_told_with_the_numbers_of_the_floor():
    told = ShapeExplorer().remarks
    assert told == (
        "Layer 7, MaxPool2d, never reads row and column 8 of 9. The room 9 - 2 = 7 is no multiple of the stride 2, "
        "and the floor drops the rest.",
        "Behind the last window, no output depends on rows and columns 26, 27 of the input.",
    )
    assert ShapeExplorer(input_size=26).remarks == ()
    gaps = ShapeExplorer(input_size=10, layers=[("max", 2, 4, 0)]).remarks[0]
    assert "rows and columns 2, 3, 6, 7 of 10" in gaps
    assert "leaves gaps" in gaps
    assert "floor" not in gaps


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([], f"is not a list of 1 to {MOST_LAYERS} layers"),
        ([("relu",)] * (MOST_LAYERS + 1), f"is not a list of 1 to {MOST_LAYERS} layers"),
        ([("softmax",)], "is no layer. Write a tuple that begins with one of conv"),
        ([("conv", 4, 5)], "has 2 numbers. Write (kind, channels, kernel_size, stride, padding), with kind=conv"),
        ([("conv", 0, 5, 1, 0)], "channels=0"),
        ([("conv", 4, 12, 1, 0)], "kernel_size=12 is too large for this widget: the largest possible is 11"),
        ([("max", 3, 2, 2)], "padding=2 is more than half the kernel, 3. Write 1."),
        ([("dense", True)], "units"),
    ],
)
def test_a_chain_that_cannot_be_shown_is_refused(layers, words):
    with pytest.raises(TraitError) as caught:
        ShapeExplorer(layers=layers)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_to_begin_with_is_possible_and_shows_in_the_picture(name):
    explorer = ShapeExplorer(name)
    assert explorer.message == ""
    assert explorer.layers == NETWORKS[name][2]
    assert f"{explorer.summary.parameters:,}" in explorer.static_svg()
    assert f"{explorer.summary.parameters:,} parameters" in explorer.description


def test_an_unknown_network_is_told_what_there_is():
    with pytest.raises(ValueError, match='network="LeNet" is not one of network of 2016, '):
        ShapeExplorer("LeNet")
