"""FollowThePixel as a Python object: its numbers are the library's, its slopes are numerical slopes, its ranges are what units read."""

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib import load_digits
from cnnlib.explain import saliency
from cnnlib.learned import learned_net, untrained_net
from cnnlib.widgets import FollowThePixel
from cnnlib.widgets.follow_pixel import LAYERS, SHAPES
from cnnlib.widgets.static import format_number

SCRIBBLE = np.random.default_rng(19).random((8, 8))


def test_the_values_are_those_of_the_net():
    widget = FollowThePixel(example=5)
    x = np.array(widget.image)[None, None]
    np.testing.assert_array_equal(widget.values["logits"].ravel(), learned_net()(x)[0])
    assert widget.values["softmax"].sum() == pytest.approx(1)
    assert {name: values.shape for name, values in widget.values.items()} == SHAPES
    assert widget.target == learned_net()(x).argmax()
    np.testing.assert_allclose(np.abs(widget.score_slopes["input"][0]), saliency(learned_net(), x)[0])


@pytest.mark.parametrize("layer", LAYERS)
def test_slopes_are_numerical_slopes_and_vanish_outside_of_what_the_unit_sees(layer):
    unit = tuple(size // 2 for size in SHAPES[layer])
    h = 1e-6
    widget = FollowThePixel(untrained_net(3), image=SCRIBBLE, layer=layer, channel=unit[0], row=unit[1], column=unit[2])
    slopes, (_, rows, columns) = widget.slopes(layer, unit)["input"][0], widget.reach()["input"]
    for i, j in np.ndindex(8, 8):
        ends = []
        for step in (h, -h):
            image = SCRIBBLE.copy()
            image[i, j] += step
            widget.image = image
            ends.append(widget.values[layer][unit])
        assert slopes[i, j] == pytest.approx((ends[0] - ends[1]) / (2 * h), abs=1e-6)
        assert slopes[i, j] == 0 or (i in rows and j in columns)


def test_what_a_unit_sees_and_what_sees_it_are_two_sides_of_one_relation():
    rng = np.random.default_rng(0)
    for _ in range(60):
        early, late = sorted(rng.integers(0, len(LAYERS), 2))
        one, other = (tuple(int(rng.integers(size)) for size in SHAPES[LAYERS[at]]) for at in (early, late))
        reaches = []
        for layer, unit in ((LAYERS[early], one), (LAYERS[late], other)):
            reaches.append(FollowThePixel(layer=layer, channel=unit[0], row=unit[1], column=unit[2]).reach())
        behind, before = reaches[0][LAYERS[late]], reaches[1][LAYERS[early]]
        assert all(a in r for a, r in zip(other, behind, strict=True)) == all(a in r for a, r in zip(one, before, strict=True))


def test_the_gallery_shows_test_digits_of_every_class_and_some_that_are_misread():
    widget, digits = FollowThePixel(), load_digits()
    for each in widget.examples:
        np.testing.assert_array_equal(np.array(each["cells"]) / 16, digits.test_images[each["number"], 0])
        assert each["label"] == digits.test_labels[each["number"]]
    assert [each["label"] for each in widget.examples[:20]] == [label for label in range(10) for _ in range(2)]
    assert all(FollowThePixel(example=at).target != widget.examples[at]["label"] for at in range(20, len(widget.examples)))


def test_a_digit_brings_its_cells_and_changed_cells_are_a_drawing():
    widget = FollowThePixel(example=2)
    widget.example = 4
    np.testing.assert_array_equal(np.array(widget.image) * 16, widget.examples[4]["cells"])
    widget.image = SCRIBBLE
    assert widget.example == -1
    widget.layer, widget.channel, widget.row, widget.column = "conv 2", 7, 3, 3
    widget.layer = "pool 2"
    assert widget.unit == (7, 1, 1)


def test_the_sentence_carries_the_arithmetic():
    image = np.zeros((8, 8))
    widget = FollowThePixel(image=image, layer="relu 1", channel=2, row=3, column=3, score=4)
    bias = format_number(learned_net()[0].bias[2])
    assert f"row 3, column 3: max(0, {bias}) = {bias}. It sees rows 2 to 4 and columns 2 to 4 of the input." in widget.sentence
    assert "Slope of the score of 4: " in widget.sentence
    assert widget.sentence in widget.description
    assert widget.static_svg().count("<rect") > 100


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict(image=[[0, 1]]), "reads 8 by 8 cells"), (dict(image=[[2] * 8] * 8), "run from 0, paper, to 1, ink"),
        (dict(layer="conv 3"), "conv 3"),
        (dict(score=10), "score"), (dict(row=-1), "row"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_shown_is_refused(change, words):
    with pytest.raises(TraitError, match=words):
        FollowThePixel(**change)
