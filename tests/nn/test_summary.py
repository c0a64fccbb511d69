"""The table of a net counts what the sources print, and can be read by people and by screen readers."""

import tracemalloc
from html.parser import HTMLParser

import pytest
from nets import alexnet, lenet5, mixed_net, residual_net, vgg16

from cnnlib import Conv2d, Flatten, GlobalAvgPool2d, Linear, ReLU, Sequential


@pytest.mark.parametrize(
    ("build", "shape", "parameters", "multiply_adds", "field"),
    [
        (lenet5, (1, 32, 32), 61_706, 416_520, 32),
        (alexnet, (3, 227, 227), 60_965_224, 724_406_816, 195),
        (vgg16, (3, 224, 224), 138_357_544, 15_470_264_320, 212),
    ],
)
def test_published_nets_have_their_published_counts(build, shape, parameters, multiply_adds, field):
    summary = build().summary(shape)
    assert summary.parameters == parameters
    assert summary.multiply_adds == multiply_adds
    fields = [row.receptive_field for row in summary.rows if row.receptive_field != "all"]
    assert fields[-1] == field


def test_counting_a_net_draws_none_of_its_weights():
    tracemalloc.start()
    vgg16().summary((3, 224, 224))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**20


def test_the_counts_are_those_of_the_arrays():
    model = mixed_net()
    assert model.summary((3, 9, 8)).parameters == sum(array.size for array in model.parameters().values())


def test_the_table_prints_every_layer_and_the_totals():
    text = str(residual_net().summary((1, 4, 4)))
    assert text.splitlines() == [
        "One image of 1 x 4 x 4 through the net",
        "--------------------------------------------------------------------",
        "layer       output shape  parameters  multiply-adds  receptive field",
        "--------------------------------------------------------------------",
        "0 Conv2d    4 x 4 x 4             40            576            3 x 3",
        "1 Residual  4 x 4 x 4            148          2,304            5 x 5",
        "2 Flatten   64                     0              0            5 x 5",
        "3 Linear    3                    195            192              all",
        "--------------------------------------------------------------------",
        "total                            383          3,072",
    ]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs).get("scope")))


def test_the_html_table_has_a_caption_and_scoped_headings():
    summary = Sequential(Conv2d(1, 2, (3, 1)), ReLU()).summary((1, 4, 4))
    tags = Tags()
    tags.feed(summary._repr_html_())
    assert ("caption", None) in tags.seen
    assert tags.seen.count(("th", "col")) == 5
    assert tags.seen.count(("th", "row")) == 3
    assert "3 x 1" in summary._repr_html_()


@pytest.mark.parametrize(
    ("model", "shape", "words"),
    [
        (lenet5, (4, 1, 32, 32), r"Write input_shape=\(1, 32, 32\)"),
        (lenet5, 32, "input_shape=32"),
        (lenet5, (1, 32, 0), r"input_shape\[2\]=0"),
        (lenet5, (3, 32, 32), "reads 1 channels"),
        (lenet5, (1, 8, 8), "no place along the rows"),
        (lenet5, (1, 36, 36), r"Write Linear\(480, 84\)"),
        (lambda: Sequential(Linear(4, 2)), (1, 2, 2), r"Put Flatten\(\) before it"),
        (lambda: Sequential(Flatten(), GlobalAvgPool2d()), (1, 2, 2), "Put it before Flatten"),
    ],
)
def test_a_shape_that_does_not_pass_is_refused(model, shape, words):
    with pytest.raises(ValueError, match=words):
        model().summary(shape)
