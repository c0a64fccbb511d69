"""The receptive-field tracer as a Python object: what it shows is what layers of the library really read."""

import random

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib import conv2d, receptive_field
from cnnlib.widgets import ReceptiveFieldTracer


def random_tracers(number, seed=0):
    """Tracers with random layers; at least a tenth have an impossible chain, padding that is read, or skipped cells."""
    draw, made = random.Random(seed), []
    for _ in range(number):
        depth = draw.randint(1, 5)
        layers = [tuple(draw.randint(least, most) for least, most in ((1, 5), (1, 3), (0, 3), (1, 3))) for _ in range(depth)]
        made.append(ReceptiveFieldTracer(input_size=draw.randint(1, 32), layers=layers, cell=draw.randint(0, 30)))
    possible = [tracer for tracer in made if tracer.windows]
    assert len(made) - len(possible) >= number / 10
    assert sum(tracer.seen[0][:1] < (0,) for tracer in possible) >= number / 10
    assert sum("skipped: 0" not in tracer.sentence and "skipped" in tracer.sentence for tracer in possible) >= number / 10
    return made


def test_the_cells_of_every_row_are_those_that_the_output_cell_depends_on():
    compared = 0
    for tracer in random_tracers(150):
        if not tracer.windows:
            continue
        # Row t of a map says which cells of the row below it, `level` layers up, cell t depends on.
        for level in range(len(tracer.layers)):
            n = tracer.windows[level].n
            reach = np.eye(n)[:, None]
            for k, s, p, d in tracer.layers[level:]:
                reach = conv2d(reach[..., None], np.ones((1, 1, k, 1)), stride=(s, 1), padding=(p, 0), dilation=(d, 1))[..., 0]
            inside = [cell for cell in tracer.seen[level] if 0 <= cell < n]
            assert inside == np.flatnonzero(reach[:, 0, tracer.cell]).tolist()
            compared += 1
    assert compared > 100


def test_the_field_holds_every_cell_that_is_seen_and_has_the_size_of_the_library():
    for tracer in random_tracers(150, seed=1):
        assert tracer.rows == receptive_field(tracer.layers)
        if tracer.windows:
            first, last = tracer.field
            assert last - first + 1 == tracer.rows[-1][0]
            assert all(first <= cell <= last for cell in tracer.seen[0])


def test_the_sentence_counts_every_cell_of_the_field_once():
    for tracer in random_tracers(150, seed=2):
        if "Read" in tracer.sentence:
            counts = [int(part.split(": ")[1]) for part in tracer.sentence.split(". ")[1].rstrip(".").split("; ")]
            assert sum(counts) == tracer.rows[-1][0]
            assert counts[0] == sum(0 <= cell < tracer.input_size for cell in tracer.seen[0])


def test_an_impossible_chain_is_explained_and_repaired_by_what_it_says():
    tracer = ReceptiveFieldTracer(input_size=4, layers=[(3, 2, 0), (3, 1, 0, 2)])
    assert tracer.message == (
        "Layer 2: no place: the kernel spans 2*(3-1)+1 = 5 cells, the padded input has 1+2*0 = 1.\nPad by 2 or shrink the kernel to 1."
    )
    assert tracer.windows is tracer.seen is tracer.field is None
    assert tracer.sentence == tracer.message
    assert "Layer 2" in tracer.static_svg()
    tracer.layers = [(3, 2, 0), (3, 1, 2, 2)]
    assert tracer.message == ""


def test_a_cell_beyond_the_last_becomes_the_last():
    tracer = ReceptiveFieldTracer(input_size=10, layers=[(3, 1, 0)], cell=99)
    assert tracer.cell == 7
    tracer.layers = [(3, 2, 0)]
    assert tracer.cell == 3
    tracer.input_size = 3
    assert tracer.cell == 0


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([], "is not a list of 1 to 5 layers"),
        ([(3, 1, 1)] * 6, "is not a list of 1 to 5 layers"),
        ([(3, 1)], "is no layer. Write"),
        ([(6, 1, 0)], "kernel_size=6 is too large for this widget: the largest possible is 5"),
        ([(3, 0, 0)], "stride"),
        ([(3, 1, 0, 4)], "dilation=4 is too large"),
        ([(3, 1, True)], "padding"),
    ],
)
def test_a_layer_that_cannot_be_drawn_is_refused(layers, words):
    with pytest.raises(TraitError) as caught:
        ReceptiveFieldTracer(layers=layers)
    assert words in str(caught.value)


def test_the_static_picture_marks_as_many_cells_as_are_seen_inside_the_rows():
    tracer = ReceptiveFieldTracer(input_size=12, layers=[(3, 1, 0), (2, 2, 0), (3, 1, 0)], cell=1)
    assert tracer.static_svg().count("#CFE3F1") == sum(map(len, tracer.seen))
    assert tracer.sentence in tracer.description
