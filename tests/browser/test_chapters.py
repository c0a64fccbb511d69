"""Every chapter, run from top to bottom in the real JupyterLab: no error, no blank widget, live sliders, no request to the internet."""

import shutil

import pytest
from harness import ROOT, animation_frames

CHAPTERS = sorted(path.relative_to(ROOT / "notebooks").as_posix() for path in (ROOT / "notebooks").glob("**/[0-9][0-9]_*.ipynb"))
# These change how a picture moves, not what it shows.
PACE = ("fps",)


def test_there_are_chapters_to_open():
    assert CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_runs_and_every_slider_moves_its_picture(open_notebook, server, chapter):
    name = chapter.replace("/", "-")
    shutil.copy(ROOT / "notebooks" / chapter, server[1] / name)
    notebook = open_notebook(name)
    page = notebook.page
    notebook.run_all()
    assert notebook.cell_errors() == []
    page.wait_for_selector(".cnn-widget")
    animation_frames(page)
    for widget in page.locator(".cnn-widget").all():
        assert widget.bounding_box()["height"] > 100
        for slider in widget.locator("input[type=range]").filter(visible=True).all():
            assert_moves(page, widget, slider)
    # ipywidgets' own sliders are divs
    for slider in page.locator("[role=slider]").filter(visible=True).all():
        press(page, slider, lambda slider=slider: slider.get_attribute("aria-valuenow"))
    assert notebook.complaints() == []


def press(page, slider, read):
    """Press an arrow that has room to move; returns the key that leads back."""
    slider.focus()
    before = read()
    for key, back in (("ArrowRight", "ArrowLeft"), ("ArrowLeft", "ArrowRight")):
        page.keyboard.press(key)
        if read() != before:
            return back
    raise AssertionError(
        f"the slider {slider.get_attribute('aria-label') or slider.evaluate('node => node.closest(`label`)?.textContent')} does not move"
    )


def assert_moves(page, widget, slider):
    """The value changes with an arrow key, and so does the picture; the other arrow leads back."""
    key = slider.evaluate("node => node.closest('[data-key]').dataset.key")
    stage = widget.locator(".cnn-stage")
    before = stage.inner_html()
    back = press(page, slider, slider.input_value)
    animation_frames(page)
    assert key in PACE or stage.inner_html() != before, f"the slider {key} changes no picture"
    page.keyboard.press(back)
    animation_frames(page)
    assert stage.inner_html() == before, f"the slider {key} does not lead back"
