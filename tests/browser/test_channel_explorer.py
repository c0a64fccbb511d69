"""The channel explorer and the Toeplitz view in Chromium: their pure functions against the library, and their life in a notebook."""

import itertools
import random

import numpy as np
import pytest
from harness import animation_frames, watched_page

from cnnlib.widgets import ChannelExplorer, ToeplitzView, export_html
from cnnlib.widgets.bundle import bundle

VALUES = (-3, 0, 1, 2, 0.125, -0.4, 1 / 3, 12)


@pytest.fixture
def load(page):
    """load(module) -> a function that calls an expression of `m`, that module, with an argument, in the page."""

    def load_(name):
        source = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
        page.evaluate(source, bundle(name))
        return lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)

    yield load_
    assert page.complaints == []


def drawn(rng, *shape):
    return rng.choice(VALUES) if not shape else [drawn(rng, *shape[1:]) for _ in range(shape[0])]


def test_every_setting_of_the_explorer_shows_the_librarys_numbers_and_sentences(load):
    rng = random.Random(4)
    states = [
        dict(in_channels=c, out_channels=f, groups=g, output_channel=rng.randrange(f), step=rng.randrange(9), image=drawn(rng, 4, 4, 4),
             kernel=drawn(rng, 4, 4, 2, 2), bias=drawn(rng, 4))
        for c, f, g in itertools.product(range(1, 5), repeat=3)
    ]  # fmt: skip
    found = load("channels.js")("a.map(m.channelFrame)", states)
    for state, frame in zip(states, found, strict=True):
        explorer = ChannelExplorer(**state)
        assert (frame["problem"] or "") == explorer.message
        if explorer.message:
            continue
        np.testing.assert_allclose(np.array(frame["output"], dtype=float), explorer.output, rtol=1e-12, atol=1e-12)
        assert frame["lines"] == explorer.lines
        assert [part["channel"] for part in frame["shares"]] == list(explorer.read)
        assert [[(t["row"], t["column"], t["x"], t["w"]) for t in part["terms"]] for part in frame["shares"]] == list(
            explorer.terms().values()
        )
    assert sum(frame["problem"] is not None for frame in found) >= 20
    assert sum(frame["problem"] is None for frame in found) >= 20


def test_every_setting_of_the_matrix_shows_the_librarys_numbers_and_sentences(load):
    rng = random.Random(5)
    sizes = itertools.product(range(2, 5), range(1, 4), (1, 2), (0, 1), (0, 3, 30))
    states = [
        dict(input_size=n, kernel_size=k, stride=s, padding=p, step=step, transposed=rng.random() < 0.5,
             image=drawn(rng, rng.randint(1, 4), 4), kernel=drawn(rng, 3, rng.randint(1, 3)))
        for n, k, s, p, step in sizes
    ]  # fmt: skip
    found = load("toeplitz.js")("a.map((state) => ({ ...m.matrixFrame(state), ...m.keepRow(state) }))", states)
    for state, frame in zip(states, found, strict=True):
        view = ToeplitzView(**state)
        assert (frame["problem"] or "") == view.message
        if view.message:
            continue
        np.testing.assert_allclose(np.array(frame["output"], dtype=float), view.output, rtol=1e-12, atol=1e-12)
        matrix = np.zeros(view.matrix.shape)
        for entry in itertools.chain(*frame["rows"]):
            matrix[entry["row"], entry["column"]] = entry["w"]
        np.testing.assert_array_equal(matrix, view.matrix)
        assert frame["sentence"] == view.sentence
        assert frame["step"] == view.step
    assert any(frame["problem"] for frame in found)


def test_keys_stay_inside_the_output(load):
    for name, function in (("channels.js", "walkMap"), ("toeplitz.js", "outputKey")):
        call = load(name)
        for step, key in itertools.product(range(9), ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End")):
            i, j = divmod(step, 3)
            row, column = {"ArrowLeft": (i, j - 1), "ArrowRight": (i, j + 1), "ArrowUp": (i - 1, j), "ArrowDown": (i + 1, j),
                           "Home": (0, 0), "End": (2, 2)}[key]  # fmt: skip
            wanted = 3 * row + column if 0 <= row < 3 and 0 <= column < 3 else step
            assert call(f"m.{function}(a[0], a[1], 3)", [key, step]) == wanted
        assert call(f"m.{function}('j', 0, 3)") is None


def start(open_notebook, widget, app="lab"):
    notebook = open_notebook(f"channels-{app}.ipynb", f"from cnnlib.widgets import {widget}\nw = {widget}()\nw", app=app)
    notebook.run_all()
    notebook.page.wait_for_selector(".cnn-widget [data-cell]")
    animation_frames(notebook.page)
    return notebook


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_cell_of_another_output_map_is_chosen_by_click_and_by_keys(open_notebook, app):
    notebook = start(open_notebook, "ChannelExplorer", app)
    page = notebook.page
    page.locator("[data-panel=output-2] [data-cell='1,1']").click()
    page.keyboard.press("ArrowRight")
    animation_frames(page)
    notebook.await_idle()
    page.mouse.move(0, 0)
    animation_frames(page)
    assert notebook.python("print(w.output_channel, w.step)") == "2 5"
    assert notebook.python("print('\\n'.join(w.lines))") == page.locator(".cnn-said").text_content()
    assert page.evaluate("() => document.activeElement.dataset.grid") == "output-2"
    assert notebook.complaints() == []


def test_a_weight_typed_into_a_slice_arrives_in_python(open_notebook):
    notebook = start(open_notebook, "ChannelExplorer")
    page = notebook.page
    page.locator("[data-panel=slice-1] [data-cell='0,1']").click()
    page.keyboard.type("-2.5")
    page.keyboard.press("Enter")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(w.kernel[0][1])") == "((-1, -2.5), (0, 2))"


def test_groups_that_do_not_divide_are_explained_and_the_explorer_recovers(open_notebook):
    notebook = start(open_notebook, "ChannelExplorer")
    page = notebook.page
    page.locator("[data-key=groups] input").focus()
    page.keyboard.press("ArrowRight")
    animation_frames(page)
    notebook.await_idle()
    assert page.locator(".cnn-problem").text_content() == notebook.python("print(w.message)")
    page.keyboard.press("ArrowLeft")
    animation_frames(page)
    assert page.locator(".cnn-problem").is_hidden()
    assert notebook.complaints() == []


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_matrix_row_and_its_window_are_shown_together(open_notebook, app):
    notebook = start(open_notebook, "ToeplitzView", app)
    page = notebook.page
    taken = lambda: page.locator("[data-panel=image] .taken").evaluate_all("nodes => nodes.map(node => node.dataset.cell)")
    page.locator("[data-panel=matrix] svg").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(w.step)") == "4"
    assert taken() == ["1,1", "1,2", "2,1", "2,2"]
    page.locator("[data-panel=matrix] [data-cell='8,3']").hover()
    animation_frames(page)
    assert taken() == ["2,2", "2,3", "3,2", "3,3"]
    page.locator("[data-panel=output] [data-cell='0,0']").hover()
    animation_frames(page)
    assert page.locator("[data-panel=matrix] .taken").evaluate_all("nodes => nodes.map(node => node.dataset.cell)") == [
        "0,0",
        "0,1",
        "0,4",
        "0,5",
    ]
    page.locator("[data-panel=image] [data-cell='1,1']").hover()
    animation_frames(page)
    assert (
        page.locator(".cnn-said").text_content()
        == "column 5: read by row 0 (weight 4), row 1 (weight 3), row 3 (weight 2), row 4 (weight 1)"
    )
    assert notebook.complaints() == []


WIDGETS = [
    ChannelExplorer(in_channels=4, out_channels=4, groups=2, output_channel=3),
    ChannelExplorer(groups=3),
    ToeplitzView(padding=1, step=5),
    ToeplitzView(transposed=True),
    ToeplitzView(input_size=2, kernel_size=3),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("widget", WIDGETS, ids=repr)
def test_axe_finds_nothing_to_complain_about(chromium, tmp_path, scheme, widget):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    export_html(widget, tmp_path / "page.html")
    with watched_page(chromium, color_scheme=scheme) as page:
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_selector("[data-cell]")
        animation_frames(page)
        results = axe.run(page, context=".cnn-widget")
    assert len(results.response["passes"]) >= 10  # rules that found something to look at
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("widget", WIDGETS, ids=repr)
def test_the_widgets_fit_a_narrow_screen_without_scrolling_sideways(chromium, tmp_path, widget):
    export_html(widget, tmp_path / "page.html")
    with watched_page(chromium, viewport={"width": 320, "height": 640}) as page:  # 1280 pixels at 400 % zoom
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_selector("[data-cell]")
        animation_frames(page)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
