"""FollowThePixel in the browser: every value, slope, range and sentence is the library's, and touch, keys and drawing work."""

import random

import numpy as np
import pytest
from harness import animation_frames, watched_page

from cnnlib.learned import untrained_net
from cnnlib.widgets import FollowThePixel, export_html
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.follow_pixel import LAYERS, SHAPES, VIEWS, WINDOWS
from cnnlib.widgets.follow_pixel_picture import PLACES


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("follow_pixel.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_widget(draw):
    """A digit or scribble, the trained net or another, any unit, any view."""
    layer = draw.choice(LAYERS)
    unit = [draw.randrange(size) for size in SHAPES[layer]]
    traits = dict(
        zip(("layer", "channel", "row", "column"), (layer, *unit), strict=True), view=draw.choice(VIEWS), score=draw.randrange(-1, 10)
    )
    if draw.random() < 0.5:
        return FollowThePixel(example=draw.randrange(20), **traits)
    image = [[draw.choice((0, 0, 0.25, 0.5, 1, draw.random())) for _ in range(8)] for _ in range(8)]
    return FollowThePixel(untrained_net(draw.randrange(99)), image=image, **traits)


def close(found, expected):
    np.testing.assert_allclose(np.array(found, dtype=float), expected, rtol=0, atol=1e-9)


def test_every_value_slope_range_and_sentence_is_the_librarys(module):
    draw = random.Random(19)
    widgets = [random_widget(draw) for _ in range(60)]
    seen = set()
    for widget, found in zip(widgets, module("a.map(state => m.followFrame(state))", [each.state() for each in widgets]), strict=True):
        assert list(found["values"]) == list(LAYERS)
        for layer, values in widget.values.items():
            close(found["values"][layer], values)
        if widget.view != "values":
            slopes = widget.score_slopes if widget.view == "slopes of the score" else widget.slopes(widget.layer, widget.unit)
            assert set(found["shown"]) == set(slopes)
            for layer, values in slopes.items():
                close(found["shown"][layer], values)
        assert found["target"] == widget.target
        assert {layer: [list(axis) for axis in ranges] for layer, ranges in widget.reach().items()} == found["reach"]
        assert found["sentence"] == widget.sentence
        seen.add((widget.layer, widget.view))
    assert len(seen) >= 22, "not enough kinds of pictures were drawn"


def test_layers_windows_and_places_are_the_same_on_both_sides(module):
    assert {name: tuple(shape) for name, shape in module("m.SHAPES").items()} == SHAPES
    assert {name: tuple(place) for name, place in module("m.PLACES").items()} == PLACES
    found = module(
        "Object.fromEntries(Object.entries(m.WINDOWS).map(([name, w]) => [name, [w.n, w.kernelSize, w.stride, w.before, w.count]]))"
    )
    assert found == {name: [w.n, w.kernel_size, w.stride, w.before, w.count] for name, w in WINDOWS.items()}


CHANGES = (
    ("example", (0, 7, 19, -1)), ("layer", LAYERS), ("channel", (0, 3, 9)), ("row", (0, 1, 7)), ("column", (0, 2, 7)), ("score", (-1, 4)),
    ("image", ([[0.5] * 8] * 8, [[0] * 8] * 8)), ("view", VIEWS),
)  # fmt: skip


def slim(state):
    return {key: value for key, value in state.items() if key not in ("weights", "examples", "image")} | {
        "image": np.array(state["image"]).tolist()
    }


CHAIN = """(([state, changes]) => changes.map((change) => {
    const next = { ...state, ...change };
    state = { ...next, ...m.followReconcile(next, state) };
    return { ...state, weights: null, examples: null };
}))(a)"""


def test_a_chain_of_changes_leads_to_the_same_states_on_both_sides(module):
    draw, widget, changes = random.Random(3), FollowThePixel(), []
    start = widget.state()
    for _ in range(150):
        name, choices = draw.choice(CHANGES)
        changes.append({name: draw.choice(choices)})
    for change, found in zip(changes, module(CHAIN, [start, changes]), strict=True):
        for name, value in change.items():
            setattr(widget, name, value)
        assert slim(found) == slim(widget.state()), change


WALK = """(([state, keys]) => keys.map((key) => {
    state = { ...state, ...m.followKey(key, state, m.forwardNet(state.weights, state.image)) };
    return [state.layer, state.channel, state.row, state.column];
}))(a)"""


def test_keys_lead_only_to_units_that_exist_and_a_walk_down_meets_every_layer(module):
    draw, state = random.Random(5), FollowThePixel(layer="input", channel=0, row=4, column=4).state()
    keys = [draw.choice(("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageDown", "PageUp")) for _ in range(150)]
    for layer, *unit in module(WALK, [state, keys]):
        assert all(0 <= at < size for at, size in zip(unit, SHAPES[layer], strict=True))
    there_and_back = [layer for layer, *_ in module(WALK, [state, ["PageDown"] * 9 + ["PageUp"] * 9])]
    assert there_and_back == [*LAYERS[1:], "softmax", *LAYERS[-2::-1], "input"]
    assert module("m.followKey('a', a, m.forwardNet(a.weights, a.image))", state) is None


@pytest.fixture
def alone(chromium, tmp_path):
    """The widget in an exported page, without a kernel."""
    path = tmp_path / "page.html"
    export_html(FollowThePixel(layer="input", channel=0, row=2, column=1, draw=True), path)
    with watched_page(chromium) as page:
        page.goto(path.as_uri())
        page.wait_for_selector("[data-grid=net] [data-unit]")
        yield page
        assert page.complaints == []


def test_drawing_and_touching_answer_at_once_without_a_kernel(alone):
    page, said = alone, lambda: alone.locator(".cnn-said").text_content()
    unit = lambda name: page.locator(f"[data-grid=net] [data-unit='{name}']")
    page.get_by_text("Clear input").click()
    animation_frames(page)
    assert page.locator("[data-key=example] select").input_value() == "-1"
    boxes = [unit(f"0,0,3,{column}").bounding_box() for column in (1, 5)]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    page.mouse.move(*middles[0])
    page.mouse.down()
    page.mouse.move(*middles[1], steps=8)
    page.mouse.up()
    animation_frames(page)
    ink = [unit(f"0,0,3,{column}").get_attribute("fill-opacity") for column in range(8)]
    assert [float(each) for each in ink] == [0, 1, 1, 1, 1, 1, 0, 0]
    unit("4,2,1,1").click()
    animation_frames(page)
    assert said().startswith("conv 2, map 2, row 1, column 1: ")
    assert page.locator("[data-grid=net]").get_attribute("aria-label") == said()
    assert page.locator("[data-panel^=window-]:visible").count() == 4
    image = np.zeros((8, 8))
    image[3, 1:6] = 1
    assert said() == FollowThePixel(image=image, layer="conv 2", channel=2, row=1, column=1).sentence


def test_the_keyboard_moves_draws_and_is_not_lost_to_the_page(alone):
    page = alone
    page.locator("[data-key=example] select").select_option("3")
    page.locator("[data-grid=net]").focus()
    for key in ("ArrowRight", "ArrowDown", "Enter", "PageDown", "ArrowRight"):
        page.keyboard.press(key)
    animation_frames(page)
    before = np.array(FollowThePixel(example=3).image)
    row, column = 3, 2
    before[row, column] = 0 if before[row, column] == 1 else 1
    expected = FollowThePixel(image=before, layer="conv 1", channel=0, row=row, column=column + 1)
    assert page.locator(".cnn-said").text_content() == expected.sentence


def test_python_and_the_browser_share_one_state(open_notebook):
    notebook = open_notebook("follow.ipynb", "from cnnlib.widgets import FollowThePixel\nw = FollowThePixel(example=4)\nw")
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector("[data-grid=net] [data-unit]")
    page.locator("[data-grid=net] [data-unit='1,2,3,4']").click()
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(w.layer, w.unit)") == "conv 1 (2, 3, 4)"
    assert page.locator(".cnn-said").text_content() == notebook.python("print(w.sentence)")
    notebook.python("w.layer = 'softmax'; w.channel = 7; w.view = 'slopes of this unit'")
    page.wait_for_function("document.querySelector('.cnn-said').textContent.startsWith('softmax, class 7')")
    page.locator("[data-grid=net]").focus()
    page.keyboard.press("ArrowLeft")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(w.channel)") == "6"
    assert notebook.complaints() == []
