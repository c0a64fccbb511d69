"""The sliding-window player in real notebooks: its keys, its pictures, and its life without a kernel."""

import numpy as np
import pytest
from harness import animation_frames, watched_page, write_notebook

from cnnlib.widgets import SlidingWindowPlayer, embed_html, export_html

APPS = ("lab", "notebook")
START = "from cnnlib.widgets import SlidingWindowPlayer\nplayer = SlidingWindowPlayer(%s)\nplayer"
SLIDERS = ("input_size", "kernel_size", "stride", "padding", "dilation")


def shown_numbers(page, panel):
    """The numbers that a grid shows, as an array."""
    cells = page.locator(f"[data-panel={panel}] [data-cell]").evaluate_all(
        "nodes => nodes.map(node => [...node.dataset.cell.split(',').map(Number), node.querySelector('.value').textContent])"
    )
    rows, columns = ({cell[axis] for cell in cells} for axis in (0, 1))
    array = np.full((len(rows), len(columns)), np.nan)
    for i, j, text in cells:
        array[i - min(rows), j - min(columns)] = float(text.replace("−", "-"))
    return array


def picture(page):
    animation_frames(page)
    return page.locator(".cnn-stage").inner_html()


def said(page):
    animation_frames(page)
    return page.locator("[data-panel=output] svg").get_attribute("aria-label")


def start(open_notebook, settings="", app="lab"):
    notebook = open_notebook(f"player-{app}.ipynb", START % settings, app=app)
    notebook.run_all()
    notebook.page.wait_for_selector(".cnn-widget [data-panel=output] [data-cell]")
    return notebook


def slider(page, name):
    return page.locator(f".cnn-widget [data-key={name}] input")


def where(page):
    """What has the focus, which cell is active, and how many cells there are."""
    return page.evaluate(
        """() => {
            const content = window.jupyterapp.shell.currentWidget.content;
            const focus = document.activeElement;
            const owner = focus.closest("[data-key]")?.dataset.key ?? focus.dataset.grid ?? focus.textContent;
            return [owner, content.activeCellIndex, content.widgets.length, content.activeCell.model.type];
        }"""
    )


@pytest.mark.parametrize("app", APPS)
def test_every_key_stays_in_the_control_that_has_the_focus(open_notebook, app):
    notebook = start(open_notebook, app=app)
    page = notebook.page
    focusable = page.locator(".cnn-widget :is(input, select, button, svg[tabindex])").filter(visible=True)
    assert focusable.count() >= 15
    for control in focusable.all():
        control.focus()
        before = where(page)
        for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "Home", "End", "j", "k", "a", "b", "m", "d", "d", "x", "0", "0"):
            page.keyboard.press(key)
            page.keyboard.press("Escape") if page.locator(".cnn-edit").count() else None
        assert where(page) == before
    assert notebook.complaints() == []


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("name", SLIDERS)
def test_each_slider_moves_by_keys_and_changes_the_picture_and_python(open_notebook, app, name):
    notebook = start(open_notebook, "padding=1", app=app)
    page = notebook.page
    control = slider(page, f"{name}-rows")
    before, value = picture(page), int(control.input_value())
    control.focus()
    page.keyboard.press("ArrowRight")
    assert int(control.input_value()) == value + 1
    assert picture(page) != before
    notebook.await_idle()
    assert notebook.python(f"print(player.{name})") == str(value + 1)
    assert notebook.complaints() == []


@pytest.mark.parametrize("app", APPS)
def test_arrows_on_the_output_walk_over_its_cells(open_notebook, app):
    page = start(open_notebook, app=app).page  # 5 by 5 places
    page.locator("[data-panel=output] svg").focus()
    for key, place in (
        ("ArrowRight", "0,1"),
        ("ArrowDown", "1,1"),
        ("End", "4,4"),
        ("ArrowDown", "4,4"),
        ("ArrowUp", "3,4"),
        ("Home", "0,0"),
    ):
        page.keyboard.press(key)
        assert said(page).startswith(f"y[{place}] =")


def test_two_hundred_quick_presses_end_in_the_same_picture_as_slow_ones(open_notebook):
    notebook = start(open_notebook, "input_size=12, kernel_size=3, padding=2, fps=30")
    page, keys = notebook.page, ["ArrowRight"] * 120 + ["ArrowDown", "ArrowLeft", "ArrowRight", "ArrowUp"] * 20
    output = page.locator("[data-panel=output] svg")
    output.focus()
    for key in keys:
        page.keyboard.press(key)
    quick = picture(page)
    page.keyboard.press("Home")
    for key in keys:
        page.keyboard.press(key)
        animation_frames(page, 1)
    assert picture(page) == quick
    notebook.await_idle()
    assert notebook.python("print(player.sentence)") == said(page)
    assert notebook.complaints() == []


def test_what_python_sets_is_shown(open_notebook):
    notebook = start(open_notebook)
    page = notebook.page
    notebook.python(
        "import numpy as np; player.image = np.arange(20).reshape(4, 5) / 4; player.kernel = [[1, -2], [0.5, 3]]; "
        "player.padding = 'full'; player.stride = (1, 2); player.operation = 'convolution'; player.bias = 1.5; player.step = 7"
    )
    page.wait_for_function("() => document.querySelector('[data-panel=output] svg').getAttribute('aria-label').startsWith('y[2,1]')")
    assert notebook.python("print(player.sentence)") == said(page)
    expected = eval(notebook.python("print(player.output.round(3).tolist())"))
    np.testing.assert_allclose(shown_numbers(page, "output"), expected, atol=1e-9)
    assert shown_numbers(page, "input").shape == (6, 7)


def test_what_is_typed_into_a_cell_arrives_in_python(open_notebook):
    notebook = start(open_notebook)
    page = notebook.page
    page.locator("[data-panel=input] [data-cell='2,3']").click()
    page.keyboard.type("-2.5")
    page.keyboard.press("Enter")
    page.locator("[data-panel=kernel] svg").focus()
    for key in ("ArrowDown", "ArrowRight", "Enter", "7", "Enter"):
        page.keyboard.press(key)
    animation_frames(page)
    notebook.await_idle()
    assert (
        notebook.python("print(player.image[2][3], player.kernel[1][1], player.image_preset, player.kernel_preset)")
        == "-2.5 7 custom custom"
    )
    assert shown_numbers(page, "input")[2, 3] == -2.5


def test_an_impossible_setting_says_the_librarys_sentence_and_recovers(open_notebook):
    notebook = start(open_notebook, "input_size=3")
    page = notebook.page
    slider(page, "kernel_size-rows").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".cnn-problem:visible")
    assert page.locator(".cnn-problem").text_content() == SlidingWindowPlayer(input_size=3, kernel_size=4).message
    assert page.locator("[data-panel=output]").is_hidden()
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("[data-panel=output]:visible")
    assert page.locator(".cnn-problem").is_hidden()
    assert notebook.complaints() == []


def test_pointing_at_an_output_cell_shows_its_window_and_leaving_shows_the_step_again(open_notebook):
    page = start(open_notebook, "stride=2, padding=1").page
    page.locator("[data-panel=output] [data-cell='2,1']").hover()
    assert said(page).startswith("y[2,1] =")
    taken = page.locator("[data-panel=input] .taken").evaluate_all("nodes => nodes.map(node => node.dataset.cell)")
    assert taken == [f"{i},{j}" for i in (3, 4, 5) for j in (1, 2, 3)]
    page.locator(".cnn-hint").hover()
    assert said(page).startswith("y[0,0] =")


def test_play_walks_to_the_last_cell_stops_and_tells_python(open_notebook):
    notebook = start(open_notebook, "fps=30")
    page = notebook.page
    page.locator(".cnn-button").click()
    page.wait_for_selector(".cnn-said[aria-live=off]")
    page.wait_for_selector(".cnn-said[aria-live=polite]")
    assert said(page).startswith("y[4,4] =")
    notebook.await_idle()
    assert notebook.python("print(player.step)") == "24"


def test_cells_that_no_window_reads_are_the_ones_the_library_names(open_notebook):
    page = start(open_notebook, "input_size=9, stride=3, dilation=2, padding=1, step=4").page
    marked = page.locator("[data-panel=input] .unread").evaluate_all("nodes => nodes.map(node => node.dataset.cell)")
    rows, columns = SlidingWindowPlayer(input_size=9, stride=3, dilation=2, padding=1).unread
    assert marked == [f"{i},{j}" for i in range(9) for j in range(9) if i in rows or j in columns]
    legend = page.locator(".cnn-legend li", has_text="never read")
    assert legend.is_visible()
    page.locator("[data-key=stride-rows] input").focus()
    page.keyboard.press("Home")
    animation_frames(page)
    assert page.locator("[data-panel=input] .unread").count() == 0
    assert legend.is_hidden()


def test_a_slider_of_ipywidgets_can_drive_the_player_without_python(open_notebook):
    link = "import ipywidgets\nsource = ipywidgets.IntText(7)\nipywidgets.jslink((source, 'value'), (player, 'input_size'))\nsource"
    notebook = open_notebook("linked.ipynb", START % "", link)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector("[data-panel=output] [data-cell='4,4']")
    page.locator("input[type=number]").fill("9")
    page.keyboard.press("Tab")
    page.wait_for_selector("[data-panel=output] [data-cell='6,6']")
    notebook.await_idle()
    assert notebook.python("print(player.input_size, player.output.shape)") == "9 (7, 7)"
    assert notebook.complaints() == []


@pytest.mark.parametrize("make", [export_html, embed_html])
def test_an_exported_page_lives_from_a_file_without_kernel_and_network(page, tmp_path, make):
    widget = SlidingWindowPlayer(input_size=(4, 6), kernel_size=2, stride=(1, 2), step=3)
    file = tmp_path / "player.html"
    file.write_text(make(widget), encoding="utf-8")
    page.goto(file.as_uri())
    frame = page.frame_locator("iframe") if make is embed_html else page
    output = frame.locator("[data-panel=output] svg")
    output.wait_for()
    assert output.get_attribute("aria-label") == widget.sentence
    output.focus()
    page.keyboard.press("ArrowDown")
    animation_frames(page)
    widget.step += 3
    assert output.get_attribute("aria-label") == widget.sentence
    frame.locator("[data-key=dilation-rows] input").focus()
    page.keyboard.press("ArrowRight")
    animation_frames(page)
    widget.dilation = (2, 1)  # rows and columns have sliders of their own, as the state asked
    assert output.get_attribute("aria-label") == widget.sentence
    assert page.complaints == []


def test_a_notebook_just_cloned_shows_the_static_picture(open_notebook, server):
    widget = SlidingWindowPlayer()
    write_notebook(server[1] / "cloned.ipynb", "player", outputs={"text/plain": repr(widget), "text/html": widget.static_html()})
    page = open_notebook("cloned.ipynb").page
    image = page.locator(".jp-OutputArea img")
    assert image.get_attribute("alt") == widget.description
    assert image.evaluate("node => node.decode().then(() => node.naturalWidth)") > 300
    assert page.complaints == []


def test_readers_who_want_less_motion_get_a_slow_play(chromium, tmp_path):
    page_file = tmp_path / "player.html"
    export_html(SlidingWindowPlayer(fps=30), page_file)
    with watched_page(chromium, reduced_motion="reduce") as page:
        page.clock.install()
        page.goto(page_file.as_uri())
        page.clock.run_for(100)
        page.locator(".cnn-button").click()
        page.clock.run_for(3000)
        step = int(page.locator("[data-key=step] input").input_value())
    assert 5 <= step <= 7  # two a second for three seconds; 30 a second would be at the end


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "settings", [dict(stride=3, dilation=2, input_size=(9, 8), padding=1), dict(input_size=2)], ids=["possible", "impossible"]
)
def test_axe_finds_nothing_to_complain_about(chromium, tmp_path, scheme, settings):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    export_html(SlidingWindowPlayer(**settings), tmp_path / "player.html")
    with watched_page(chromium, color_scheme=scheme) as page:
        page.goto((tmp_path / "player.html").as_uri())
        page.wait_for_selector("[data-panel=input] [data-cell]")
        animation_frames(page)
        results = axe.run(page, context=".cnn-widget")
    assert len(results.response["passes"]) >= 10  # rules that found something to look at
    assert results.violations_count == 0, results.generate_report()


def test_the_player_fits_a_narrow_screen_without_scrolling_sideways(chromium, tmp_path):
    export_html(SlidingWindowPlayer(input_size=12, padding=4, kernel_size=(5, 4), bias=0.5), tmp_path / "player.html")
    with watched_page(chromium, viewport={"width": 320, "height": 640}) as page:  # 1280 pixels at 400 % zoom
        page.goto((tmp_path / "player.html").as_uri())
        page.wait_for_selector("[data-panel=output] [data-cell]")
        animation_frames(page)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
