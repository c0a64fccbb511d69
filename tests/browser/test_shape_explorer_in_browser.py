"""The shape explorer in the browser: its pure functions equal the Python class, and typing and keys change the network."""

import random
from contextlib import contextmanager

import pytest
from harness import animation_frames, watched_page

from cnnlib.widgets import ShapeExplorer, export_html
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.layer_table import KINDS, NETWORKS


@pytest.fixture
def module(page):
    """A function that calls an expression of `m`, the explorer's module, with an argument, in the page."""
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("shapes.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_layer(draw, kind):
    numbers = [draw.randint(least, min(most, 6)) for least, most in KINDS[kind][1].values()]
    if kind in ("max", "avg"):
        numbers[2] = min(numbers[2], numbers[0] // 2)
    return [kind, *numbers]


def random_states(number):
    """Random traits; mostly chains in a sensible order, some that no library would take."""
    draw, states = random.Random(18), []
    for _ in range(number):
        kinds = [draw.choice(("conv", "max", "avg", "relu", "tanh")) for _ in range(draw.randint(1, 6))]
        kinds += [draw.choice(("flatten", "global", "dense"))] + ["dense"] * draw.randint(0, 2)
        if draw.random() < 0.1:
            draw.shuffle(kinds)
        layers = [random_layer(draw, kind) for kind in kinds]
        states.append(dict(input_channels=draw.randint(1, 4), input_size=draw.randint(1, 64), layers=layers))
    return states


def test_every_table_and_every_sentence_is_the_python_class_own(module):
    states, impossible = random_states(400), 0
    found = module("a.map(state => [m.layerTable(state), m.networkSentence(state)])", states)
    for state, (table, sentence) in zip(states, found, strict=True):
        explorer = ShapeExplorer(**state)
        own = explorer.table
        impossible += bool(own.problem)
        assert table["problem"] == own.problem
        rows = [
            (row.name, list(row.output_shape), row.parameters, row.multiply_adds, row.receptive_field, row.unread, row.remark)
            for row in own.rows
        ]
        keys = ("name", "shape", "parameters", "multiplyAdds", "field", "unread", "remark")
        assert [tuple(row[key] for key in keys) for row in table["rows"]] == rows
        assert (table["parameters"], table["multiplyAdds"]) == (own.parameters, own.multiply_adds)
        assert tuple(table["unseen"]) == own.unseen
        assert tuple(table["remarks"]) == own.remarks
        assert sentence == explorer.sentence
    assert 40 < impossible < 360


def test_limits_and_networks_are_the_same_on_both_sides(module):
    kinds = {kind: [name, [[setting, *limits] for setting, limits in settings.items()]] for kind, (name, settings) in KINDS.items()}
    assert module("m.KINDS") == kinds
    as_lists = {name: [channels, size, [list(layer) for layer in layers]] for name, (channels, size, layers) in NETWORKS.items()}
    assert module("m.NETWORKS") == as_lists


def test_a_changed_number_stays_inside_what_python_accepts(module):
    draw = random.Random(5)
    for kind, (_, settings) in KINDS.items():
        for place in range(len(settings)):
            for value in (-3, 0, 1, 2.6, 7, 10_000):
                changed = module("m.changedLayer(a[0], a[1], a[2])", [random_layer(draw, kind), place, value])
                assert ShapeExplorer(layers=[changed]).layers == (tuple(changed),)


def test_the_name_of_the_network_is_found_again_or_custom(module):
    for name, (channels, _, layers) in NETWORKS.items():
        state = dict(input_channels=channels, input_size=33, layers=layers)
        assert module("m.networkName(a)", state) == name
        assert module("m.networkName(a)", state | dict(layers=layers[:-1])) == "custom"


def said(page):
    animation_frames(page)
    return page.locator(".cnn-said").text_content()


def test_typing_and_arrow_keys_change_the_network_and_python_follows(open_notebook):
    notebook = open_notebook("shapes.ipynb", "from cnnlib.widgets import ShapeExplorer\nexplorer = ShapeExplorer()\nexplorer")
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-chain input")
    assert said(page) == ShapeExplorer().sentence
    units = page.get_by_label("units of layer 9, Linear")
    units.fill("30")
    units.press("Tab")
    layers = [*ShapeExplorer().layers]
    layers[9] = ("dense", 30)
    assert said(page) == ShapeExplorer(layers=layers).sentence
    kernel = page.get_by_label("kernel size of layer 0, Conv2d")
    kernel.focus()
    page.keyboard.press("ArrowDown")
    kernel.blur()
    layers[0] = ("conv", 4, 4, 1, 0)
    assert said(page) == ShapeExplorer(layers=layers).sentence
    units.fill("")
    units.press("Tab")  # an empty field is put back
    assert units.input_value() == "30"
    notebook.await_idle()
    assert (
        notebook.python("print(explorer.layers[0], explorer.layers[9], explorer.message == '')")
        == "('conv', 4, 4, 1, 0) ('dense', 30) True"
    )
    assert notebook.complaints() == []


@contextmanager
def alone(chromium, tmp_path, explorer, **options):
    """The explorer in a page without a kernel."""
    export_html(explorer, tmp_path / "shapes.html")
    with watched_page(chromium, **options) as page:
        page.goto((tmp_path / "shapes.html").as_uri())
        page.wait_for_selector(".cnn-chain input")
        animation_frames(page)
        yield page


def test_an_impossible_network_shows_the_sentence_and_the_widget_stays(chromium, tmp_path):
    with alone(chromium, tmp_path, ShapeExplorer()) as page:
        slider = page.locator("[data-key=input_size] input")
        slider.focus()
        page.keyboard.press("Home")
        animation_frames(page)
        assert page.locator(".cnn-problem").text_content() == ShapeExplorer(input_size=1).message
        assert page.locator("tr.impossible").count() == 1
        page.keyboard.press("End")
        assert said(page) == ShapeExplorer(input_size=64).sentence
        assert page.locator(".cnn-problem").is_hidden()
        page.locator("[data-key=network] select").select_option("small net of chapter 17")
        assert said(page) == ShapeExplorer("small net of chapter 17").sentence
        assert page.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [28, 5])
def test_axe_finds_nothing_to_complain_about(chromium, tmp_path, scheme, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with alone(chromium, tmp_path, ShapeExplorer(input_size=size), color_scheme=scheme) as page:
        results = axe.run(page, context=".cnn-widget")
    assert len(results.response["passes"]) >= 10  # rules that found something to look at
    assert results.violations_count == 0, results.generate_report()


def test_the_table_fits_a_narrow_screen_without_scrolling_the_page_sideways(chromium, tmp_path):
    with alone(chromium, tmp_path, ShapeExplorer(), viewport={"width": 320, "height": 640}) as page:  # 1280 pixels at 400 % zoom
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
