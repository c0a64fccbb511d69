"""The kernel lab without a browser: its traits, its numbers, its colours, its static picture."""

import base64
import re
import xml.etree.ElementTree as ElementTree
import zlib

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib import correlate2d, relu, sample_image
from cnnlib.widgets import KernelLab, presets
from cnnlib.widgets.kernel_lab import levels, palette
from cnnlib.widgets.png import png_uri


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("name", presets.FILTERS)
@pytest.mark.parametrize("source", ["photograph", "drawing"])
def test_the_output_is_the_librarys_with_bias_and_relu(source, name, size):
    lab = KernelLab(source=source, kernel_preset=name, kernel_size=size, bias=-3)
    expected = correlate2d(lab.picture, np.array(lab.kernel)) - 3
    np.testing.assert_array_equal(lab.output, expected)
    lab.relu = True
    np.testing.assert_array_equal(lab.output, relu(expected))
    assert lab.outside[0] == 0


def test_the_photograph_is_the_bundled_one_reduced():
    picture = KernelLab().picture
    assert picture.shape == (140, 120)
    for row, column in ((0, 0), (43, 49), (139, 119)):
        cells = sample_image()[2 * row : 2 * row + 2, 2 * column : 2 * column + 2]
        assert abs(picture[row, column] / 255 - cells.mean()) <= 0.5 / 255 + 1e-12


@pytest.mark.parametrize(
    ("name", "total"), [("identity", 1), ("box mean", 1), ("gaussian", 1), ("sharpen", 1), ("emboss", 1), ("sobel x", 0), ("laplacian", 0)]
)
@pytest.mark.parametrize("size", [3, 5])
def test_kernels_that_keep_brightness_add_up_to_one_and_edge_kernels_to_zero(name, total, size):
    assert np.sum(presets.FILTERS[name](size, size)) == pytest.approx(total)


def test_changed_cells_are_custom_and_bring_their_size_along():
    lab = KernelLab()
    lab.kernel = np.eye(5)
    assert (lab.kernel_size, lab.kernel_preset) == (5, "custom")
    lab.kernel_size = 3
    assert lab.kernel == ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    lab.kernel_preset = "emboss"
    assert lab.kernel == ((-2, -1, 0), (-1, 1, 1), (0, 1, 2))


def test_a_new_source_puts_the_cursor_into_its_middle_and_the_bias_into_its_range():
    lab = KernelLab(bias=200)
    lab.source = "drawing"
    assert (lab.bias, lab.cursor) == (9, (6, 6))
    assert KernelLab(source="drawing", cursor=(2, 3)).cursor == (2, 3)


@pytest.mark.parametrize(("cursor", "place"), [((0, 0), (0, 0)), ((5, 6), (4, 5)), ((11, 11), (9, 9)), ((99, -4), (9, 0))])
def test_the_window_stands_around_the_cursor_as_far_as_the_border_allows(cursor, place):
    lab = KernelLab(source="drawing", kernel_preset="random", cursor=cursor)
    assert lab.place == place
    assert lab.sentence.startswith(f"y[{place[0]},{place[1]}] = ")
    numbers = re.findall(r"(\d+)·\(?([−\d]+)", lab.sentence)
    assert len(numbers) == 9
    assert sum(int(x) * int(w.replace("−", "-")) for x, w in numbers) == lab.output[place]


def test_the_sentence_tells_bias_and_relu():
    lab = KernelLab(source="drawing", kernel_preset="laplacian", drawing=np.full((5, 5), 9), bias=-2, relu=True)
    assert lab.sentence.endswith(" + (−2) = −2, ReLU makes it 0")
    assert KernelLab(kernel_preset="identity", relu=False).sentence.count("ReLU") == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (dict(kernel=np.ones((2, 2))), r"kernel has shape \(2, 2\); the lab takes 3 x 3 or 5 x 5"),
        (dict(drawing=np.ones((4, 6))), r"drawing has shape \(4, 6\); the largest kernel needs 5 x 5 cells"),
        (dict(bias=float("nan")), "bias=nan is not a finite number"),
    ],
)
def test_what_the_lab_cannot_show_is_refused_with_a_repair(settings, words):
    with pytest.raises(TraitError, match=words):
        KernelLab(**settings)


def test_a_picture_is_drawn_as_it_is_and_what_lies_outside_is_marked():
    values = np.array([[-1, -0.001, 0, 128, 255, 255.001, 900]])
    colours = [palette("picture")[number] for number in levels(values, "picture", 255)[0]]
    orange, blue = (230, 159, 0), (0, 114, 178)
    assert colours[:3] == [orange, orange, (0, 0, 0)]
    assert colours[4:] == [(255, 255, 255), blue, blue]
    assert abs(colours[3][0] - 128) <= 1
    assert len(set(colours[3])) == 1


def test_signed_colours_are_white_at_zero_and_equally_strong_on_both_sides():
    numbers = levels(np.array([[-8, -3, 0, 3, 8]]), "signed", 8)[0].astype(int)
    assert numbers[2] == 127
    assert (127 - numbers[:2] == (numbers[3:] - 127)[::-1]).all()
    colours = palette("signed")
    assert [colours[number] for number in numbers[[0, 2, 4]]] == [(230, 159, 0), (255, 255, 255), (0, 114, 178)]


@pytest.mark.parametrize("view", ["signed", "picture"])
def test_a_palette_has_a_colour_for_every_level(view):
    assert len(palette(view)) == 256
    assert all(0 <= part <= 255 for colour in palette(view) for part in colour)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (300, 300)])
def test_a_png_holds_the_levels_and_the_palette(shape):
    numbers = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    data = base64.b64decode(png_uri(numbers, palette("signed")).removeprefix("data:image/png;base64,"))
    chunks, at = {}, 8
    while at < len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        chunks[kind] = data[at + 8 : at + 8 + length]
        assert int.from_bytes(data[at + 8 + length : at + 12 + length], "big") == zlib.crc32(kind + chunks[kind])
        at += 12 + length
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(shape[0], shape[1] + 1)
    assert not lines[:, 0].any()
    np.testing.assert_array_equal(lines[:, 1:], numbers)
    assert chunks[b"PLTE"] == bytes(np.ravel(palette("signed")).tolist())


def test_the_static_picture_shows_input_kernel_and_output_and_says_their_numbers():
    lab = KernelLab(view="picture", kernel_preset="sharpen")
    svg = lab.static_svg()
    ElementTree.fromstring(svg)
    assert svg.count("<image ") == 2
    assert "brighter than white" in lab.description
    below, above = lab.outside
    assert f"{below} of them darker than black, {above} brighter" in lab.description
