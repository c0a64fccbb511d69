"""The receptive-field tracer in the browser: its pure functions equal the Python class, and touch and keys move the field."""

import random

import pytest
from harness import animation_frames, watched_page

from cnnlib import receptive_field
from cnnlib.widgets import ReceptiveFieldTracer, export_html
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.tracer import SETTINGS


@pytest.fixture
def module(page):
    """A function that calls an expression of `m`, the tracer's module, with an argument, in the page."""
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("tracer.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_states(number):
    draw = random.Random(11)
    layer = lambda: [draw.randint(*limits) for limits in SETTINGS.values()]
    return [
        dict(input_size=draw.randint(1, 32), layers=[layer() for _ in range(draw.randint(1, 5))], cell=draw.randint(0, 40))
        for _ in range(number)
    ]


def test_every_trace_is_the_librarys(module):
    states, impossible = random_states(500), 0
    for state, found in zip(states, module("a.map(state => m.trace(state))", states), strict=True):
        tracer = ReceptiveFieldTracer(**state)
        assert list(map(tuple, found["rows"])) == receptive_field(tracer.layers)
        assert (found["problem"] or "") == tracer.message
        if tracer.message:
            impossible += 1
            continue
        assert [tuple(row) for row in found["seen"]] == tracer.seen
        assert tuple(found["ends"]) == tracer.field
        assert found["sentence"] == tracer.sentence
        assert found["cell"] == tracer.cell
        assert [window["count"] for window in found["windows"]] == [window.count for window in tracer.windows]
    assert 50 < impossible < 450


def test_a_trace_from_an_inner_layer_is_that_of_a_shorter_chain(module):
    for state in random_states(40):
        inner = max(1, len(state["layers"]) - 1)
        shorter = ReceptiveFieldTracer(**state | dict(layers=state["layers"][:inner]))
        if ReceptiveFieldTracer(**state).windows:
            found = module("m.trace(a[0], a[1], a[2])", [state, state["cell"], inner])
            assert (found["sentence"], [tuple(row) for row in found["seen"]]) == (shorter.sentence, shorter.seen)


def test_both_sides_clip_the_cell_alike(module):
    for state in random_states(200):
        assert module("({ ...a, ...m.reconcile(a) }).cell", state) == ReceptiveFieldTracer(**state).cell


def test_settings_have_the_same_limits(module):
    assert [limits for _, *limits in module("m.SETTINGS")] == [list(limits) for limits in SETTINGS.values()]


def test_keys_stay_inside_the_output(module):
    for count in (1, 4):
        for cell in range(count):
            for key in ("ArrowLeft", "ArrowRight", "Home", "End"):
                assert 0 <= module("m.cellKey(a[0], a[1], a[2])", [key, cell, count]) < count
    assert module("m.cellKey('j', 0, 2)") is None


def start(open_notebook):
    notebook = open_notebook(
        "tracer.ipynb", "from cnnlib.widgets import ReceptiveFieldTracer\ntracer = ReceptiveFieldTracer(input_size=16)\ntracer"
    )
    notebook.run_all()
    notebook.page.wait_for_selector(".cnn-widget [data-place]")
    return notebook


def said(page):
    animation_frames(page)
    return page.locator(".cnn-said").text_content()


def test_touch_keys_and_lists_move_the_field_and_python_follows(open_notebook):
    notebook = start(open_notebook)
    page = notebook.page
    page.locator("[data-place='3,0']").click()
    assert said(page) == ReceptiveFieldTracer(input_size=16, cell=0).sentence
    page.mouse.move(0, 0)
    page.locator(".cnn-widget svg.cnn-trace[tabindex]").focus()
    for key, cell in (("ArrowRight", 1), ("End", 7), ("ArrowRight", 7), ("Home", 0)):
        page.keyboard.press(key)
        assert said(page) == ReceptiveFieldTracer(input_size=16, cell=cell).sentence
    page.locator("[data-place='1,5']").hover()
    assert said(page).startswith("Cell 5 behind layer 1: its field has 3 input cells")
    page.mouse.move(0, 0)
    page.get_by_label("Stride of layer 2").select_option("3")
    changed = [(3, 1, 1), (2, 3, 0), (5, 1, 2)]
    assert said(page) == ReceptiveFieldTracer(input_size=16, layers=changed, cell=0).sentence
    notebook.await_idle()
    assert notebook.python("print(tracer.layers[1], tracer.cell)") == "(2, 3, 0, 1) 0"
    assert notebook.complaints() == []


def test_an_impossible_chain_shows_the_librarys_sentence_and_the_widget_stays(open_notebook):
    page = start(open_notebook).page
    page.locator("[data-key=input_size] input").focus()
    page.keyboard.press("Home")
    page.get_by_label("Padding of layer 1").select_option("0")
    animation_frames(page)
    layers = [(3, 1, 0), (2, 2, 0), (5, 1, 2)]
    assert page.locator(".cnn-problem").text_content() == ReceptiveFieldTracer(input_size=1, layers=layers).message
    page.locator("[data-key=input_size] input").focus()
    page.keyboard.press("End")
    animation_frames(page)
    assert page.locator(".cnn-problem").is_hidden()
    assert "Cell" in said(page)


DILATED = [(3, 2, 1), (3, 1, 1, 2)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("settings", [dict(input_size=12, layers=DILATED, cell=0), dict(input_size=1, layers=[(5, 1, 0)])], ids=str)
def test_axe_finds_nothing_to_complain_about(chromium, tmp_path, scheme, settings):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    export_html(ReceptiveFieldTracer(**settings), tmp_path / "tracer.html")
    with watched_page(chromium, color_scheme=scheme) as page:
        page.goto((tmp_path / "tracer.html").as_uri())
        page.wait_for_selector("[data-place]")
        animation_frames(page)
        results = axe.run(page, context=".cnn-widget")
    assert len(results.response["passes"]) >= 10  # rules that found something to look at
    assert results.violations_count == 0, results.generate_report()


def test_the_tracer_fits_a_narrow_screen_without_scrolling_the_page_sideways(chromium, tmp_path):
    export_html(ReceptiveFieldTracer(input_size=32, layers=[(5, 1, 2)] * 5), tmp_path / "tracer.html")
    with watched_page(chromium, viewport={"width": 320, "height": 640}) as page:  # 1280 pixels at 400 % zoom
        page.goto((tmp_path / "tracer.html").as_uri())
        page.wait_for_selector("[data-place]")
        animation_frames(page)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        assert page.locator("[data-place='5,0']").bounding_box()["width"] >= 14
