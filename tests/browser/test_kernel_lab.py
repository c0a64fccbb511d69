"""The kernel lab in Chromium: its pure functions equal the library's, and a reader can draw and edit by pointer and by keyboard."""

import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.widgets import KernelLab, export_html, presets
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.kernel_lab import levels, palette


@pytest.fixture
def module(page):
    """A function that calls an expression of `m`, the lab's module, with arguments, in the page."""
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("kernel_lab.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_lab(rng):
    """A lab in a random state, its photograph, drawing, kernel and view among them."""
    size = rng.choice((3, 5))
    kernel = [[rng.choice((-3, 0, 1, 2, 0.125, 1 / 9)) for _ in range(size)] for _ in range(size)]
    shape = rng.randrange(5, 13), rng.randrange(5, 13)
    drawing = [[rng.randrange(10) for _ in range(shape[1])] for _ in range(shape[0])]
    choice = dict(kernel=kernel) if rng.random() < 0.5 else dict(kernel_preset=rng.choice(list(presets.FILTERS)), kernel_size=size)
    return KernelLab(
        source=rng.choice(("photograph", "drawing")), drawing=drawing, view=rng.choice(("signed", "picture")),
        bias=rng.choice((0, -5, 2.5)), relu=rng.random() < 0.5, cursor=(rng.randrange(140), rng.randrange(120)), **choice,
    )  # fmt: skip


def test_the_browser_filters_colours_and_says_what_the_library_does(module):
    rng = random.Random(0)
    for _ in range(40):
        lab = random_lab(rng)
        state = lab.state()
        found = module(
            """(() => {
                const made = m.filtered(a), numbers = m.extremes(made, a);
                const cells = m.colourLevels(made.values, a.view, numbers.limit);
                return { ...made, numbers, cells, place: m.windowPlace(a, m.picture(a).shape), said: m.labSentence(a) };
            })()""",
            state,
        )
        y = lab.output
        assert tuple(found["shape"]) == y.shape
        np.testing.assert_allclose(np.reshape(found["values"], y.shape), y, rtol=1e-12, atol=1e-11)
        numbers = found["numbers"]
        assert numbers["limit"] == pytest.approx(lab.limit)
        assert (numbers["least"], numbers["most"]) == pytest.approx((y.min(), y.max()))
        if float(np.abs(np.array(lab.kernel) * 8 % 1).max()) == 0:  # sums that floats hold exactly
            assert (numbers["below"], numbers["above"]) == lab.outside
            np.testing.assert_array_equal(np.reshape(found["cells"], y.shape), levels(y, lab.view, lab.limit))
        assert tuple(found["place"]) == lab.place
        assert found["said"] == lab.sentence


def test_palettes_and_filters_are_the_same_numbers(module):
    for view in ("signed", "picture"):
        assert module("m.palette(a)", view) == [list(colour) for colour in palette(view)]
    for size in (3, 5):
        found = module("Object.entries(m.FILTERS).map(([name, make]) => [name, make(a, a)])", size)
        assert [name for name, _ in found] == list(presets.FILTERS)
        for name, cells in found:
            np.testing.assert_array_equal(cells, presets.FILTERS[name](size, size), err_msg=name)


CHANGES = (
    ("kernel_size", (3, 5)), ("kernel_preset", ("random", "gaussian", "custom")), ("source", ("drawing", "photograph")),
    ("kernel", ([[1, 0, 0], [0, 1, 0], [0, 0, 2]], [[0] * 5] * 5)), ("bias", (0, -5, 255)), ("cursor", ([0, 0], [139, 119], [6, 50])),
)  # fmt: skip


def test_a_chain_of_changes_leads_to_the_same_state_on_both_sides(module):
    rng, lab = random.Random(1), KernelLab()
    for _ in range(120):
        before = lab.state()
        name, choices = rng.choice(CHANGES)
        change = {name: rng.choice(choices)}
        found = module("({ ...a[0], ...a[1], ...m.reconcileLab({ ...a[0], ...a[1] }, a[0]) })", [before, change])
        setattr(lab, name, change[name])
        assert found == plain(lab.state()), (name, change)


def plain(value):
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple) else value


@pytest.fixture
def drawing(page, tmp_path):
    """The lab on a page of its own, with an empty drawing."""
    lab = KernelLab(source="drawing", drawing=np.zeros((12, 12)), kernel_preset="sobel x")
    export_html(lab, tmp_path / "lab.html")
    page.goto((tmp_path / "lab.html").as_uri())
    page.wait_for_selector("canvas")
    animation_frames(page)
    yield page
    assert page.complaints == []


def pointer(page, row, column):
    """Where a cell of the input lies in the page."""
    box = page.locator("[data-raster=input]").bounding_box()
    return box["x"] + (column + 0.5) * box["width"] / 12, box["y"] + (row + 0.5) * box["height"] / 12


def test_the_pointer_paints_a_line_and_the_output_answers(drawing):
    assert "from 0 to 0" in drawing.locator("[data-raster=output]").get_attribute("aria-label")
    drawing.mouse.move(*pointer(drawing, 4, 5))
    drawing.mouse.down()
    for row in (5, 6, 7):
        drawing.mouse.move(*pointer(drawing, row, 5))
    drawing.mouse.up()
    animation_frames(drawing)
    assert "from −36 to 36" in drawing.locator("[data-raster=output]").get_attribute("aria-label")
    drawing.get_by_role("button", name="Clear").click()
    animation_frames(drawing)
    assert "from 0 to 0" in drawing.locator("[data-raster=output]").get_attribute("aria-label")


def test_the_keyboard_moves_paints_and_changes_the_kernel(drawing):
    drawing.locator("[data-raster=input]").focus()
    for key in ("ArrowLeft", "ArrowUp", "4", "ArrowRight", " "):
        drawing.keyboard.press(key)
    animation_frames(drawing)
    assert drawing.locator(".cnn-said").text_content().startswith("y[4,5] = 0·(−1) + 0·0 + 0·1")
    assert "4·(−2) + 9·0" in drawing.locator(".cnn-said").text_content()
    drawing.locator("[data-grid=kernel]").focus()
    for key in ("7", "Enter"):
        drawing.keyboard.press(key)
    animation_frames(drawing)
    assert drawing.locator("[data-key=kernel_preset] select").input_value() == "custom"
    assert "7 0 1; −2 0 2; −1 0 1" in drawing.locator("[data-grid=kernel]").get_attribute("aria-label")
    drawing.locator("[data-key=view] select").select_option("picture")
    animation_frames(drawing)
    assert "darker than black" in drawing.locator(".cnn-legend").text_content()
