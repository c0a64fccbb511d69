"""The network designer in the browser: its pure functions equal the Python class, and its buttons work by mouse and by keyboard."""

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import animation_frames, watched_page

sys.path.insert(0, str(Path(__file__).parents[1] / "widgets"))

from test_designer import random_designs

from cnnlib.widgets import NetworkDesigner, export_html
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.designer import LARGEST_BUDGET
from cnnlib.widgets.layer_table import KINDS, MOST_LAYERS


@pytest.fixture
def module(page):
    """A function that calls an expression of `m`, the designer's module, with an argument, in the page."""
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("designer.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def test_every_table_sentence_and_code_is_the_python_class_own(module):
    states = random_designs(300, seed=1)
    found = module("a.map(state => [m.layerTable(state), m.designSentence(state), m.designCode(state)])", states)
    kinds, possible = set(), 0
    for state, (table, sentence, code) in zip(states, found, strict=True):
        designer = NetworkDesigner(**state)
        assert sentence == designer.sentence
        rows = [(row.name, list(row.output_shape), row.parameters, row.multiply_adds, row.receptive_field) for row in designer.table.rows]
        assert [tuple(row[key] for key in ("name", "shape", "parameters", "multiplyAdds", "field")) for row in table["rows"]] == rows
        assert code == ("" if designer.message else designer.code)
        kinds |= set() if designer.message else {layer[0] for layer in designer.layers}
        possible += not designer.message
    assert kinds == set(KINDS)
    assert 80 < possible < 300


def test_dropout_is_written_alike_for_every_share(module):
    layers = [[["dropout", percent]] for percent in range(91)]
    codes = module("a.map(layers => m.designCode({ input_channels: 1, input_size: 4, layers }))", layers)
    assert codes == [NetworkDesigner(layers=chain).code for chain in layers]


def test_limits_are_the_same_on_both_sides_and_new_layers_are_layers(module):
    assert module("[m.MOST_LAYERS, m.LARGEST_BUDGET]") == [MOST_LAYERS, LARGEST_BUDGET]
    fresh = module("m.FRESH")
    assert fresh.keys() == KINDS.keys()
    assert [list(layer) for layer in NetworkDesigner(layers=list(fresh.values())).layers] == list(fresh.values())


def test_layers_are_moved_removed_and_put_in_as_lists_are(module):
    layers = list("abcd")
    for start in range(4):
        for end in range(4):
            expected = [layer for layer in layers if layer != layers[start]]
            expected.insert(end, layers[start])
            assert module("m.moved(a[0], a[1], a[2])", [layers, start, end]) == expected
    assert module("m.moved(a, 0, -1)", layers) == module("m.moved(a, 3, 4)", layers) == layers
    assert module("m.removed(a, 1)", layers) == ["a", "c", "d"]
    assert module("m.removed(['a'], 0)") == ["a"]
    assert module("m.inserted(a, 4, 'e')", layers) == [*layers, "e"]
    assert module("m.inserted(a, 0, 'e')", layers) == ["e", *layers]
    assert module("m.inserted(a, 0, 'e').length", layers * 6) == MOST_LAYERS


@contextmanager
def alone(chromium, tmp_path, designer, **options):
    """The designer in a page without a kernel."""
    export_html(designer, tmp_path / "designer.html")
    with watched_page(chromium, **options) as page:
        page.goto((tmp_path / "designer.html").as_uri())
        page.wait_for_selector(".cnn-chain input")
        animation_frames(page)
        yield page


def said(page):
    animation_frames(page)
    return page.locator(".cnn-said").text_content()


def test_layers_are_added_moved_and_removed_by_keyboard_and_the_focus_stays(chromium, tmp_path):
    layers = [*NetworkDesigner().layers]
    with alone(chromium, tmp_path, NetworkDesigner()) as page:
        page.get_by_role("button", name="Move up layer 2").focus()
        page.keyboard.press("Enter")
        layers[1:3] = layers[2:0:-1]
        assert said(page) == NetworkDesigner(layers=layers).sentence
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Move up layer 1"
        page.keyboard.press("Enter")
        layers[:2] = layers[1::-1]
        assert said(page) == NetworkDesigner(layers=layers).sentence
        page.get_by_role("button", name="Remove layer 4").focus()
        page.keyboard.press("Space")
        del layers[4]
        assert said(page) == NetworkDesigner(layers=layers).sentence
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove layer 4"
        page.get_by_label("New layer").select_option("dropout")
        page.get_by_label("Put it before").select_option("5")
        page.get_by_role("button", name="Add").press("Enter")
        layers.insert(5, ("dropout", 50))
        assert said(page) == NetworkDesigner(layers=layers).sentence
        assert page.locator(".cnn-code").text_content() == NetworkDesigner(layers=layers).code
        assert page.complaints == []


def test_an_impossible_design_shows_the_sentence_and_what_it_proposes_repairs_it(chromium, tmp_path):
    layers = [*NetworkDesigner().layers]
    with alone(chromium, tmp_path, NetworkDesigner()) as page:
        page.get_by_role("button", name="Remove layer 6").click()
        animation_frames(page)
        assert page.locator(".cnn-problem").text_content() == NetworkDesigner(layers=layers[:6] + layers[7:]).message
        assert page.locator(".cnn-code").is_hidden()
        page.get_by_label("New layer").select_option("flatten")
        page.get_by_label("Put it before").select_option("6")
        page.get_by_role("button", name="Add").click()
        assert said(page) == NetworkDesigner().sentence
        assert page.locator(".cnn-problem").is_hidden()


def test_the_bars_say_what_is_spent_and_a_typed_budget_moves_them(chromium, tmp_path):
    with alone(chromium, tmp_path, NetworkDesigner()) as page:
        bar = page.get_by_role("meter", name="parameters")
        assert bar.get_attribute("aria-valuetext") == "21,386 of 5,000, too many"
        field = page.get_by_label("Parameters at most")
        field.fill("42,772")
        field.press("Tab")
        animation_frames(page)
        assert bar.get_attribute("aria-valuetext") == "21,386 of 42,772"
        assert page.locator(".cnn-budget-fill").first.evaluate("node => node.style.width") == "40%"
        field.fill("none")
        field.press("Tab")
        animation_frames(page)
        assert field.input_value() == "42,772"


def test_in_jupyterlab_python_follows_and_leads(open_notebook):
    notebook = open_notebook("designer.ipynb", "from cnnlib.widgets import NetworkDesigner\ndesigner = NetworkDesigner()\ndesigner")
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-chain input")
    assert said(page) == NetworkDesigner().sentence
    remove = page.get_by_role("button", name="Remove layer 5")
    remove.focus()
    page.keyboard.press("Enter")
    notebook.await_idle()
    layers = [*NetworkDesigner().layers]
    del layers[5]
    assert notebook.python("print(len(designer.layers), designer.build()[6].in_features)") == "7 1024"
    assert said(page) == NetworkDesigner(layers=layers).sentence
    assert notebook.complaints() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_about(chromium, tmp_path, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with alone(chromium, tmp_path, NetworkDesigner(), color_scheme=scheme) as page:
        results = axe.run(page, context=".cnn-widget")
    assert len(results.response["passes"]) >= 10  # rules that found something to look at
    assert results.violations_count == 0, results.generate_report()


def test_the_designer_fits_a_narrow_screen_without_scrolling_the_page_sideways(chromium, tmp_path):
    with alone(chromium, tmp_path, NetworkDesigner(), viewport={"width": 320, "height": 640}) as page:  # 1280 pixels at 400 % zoom
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
