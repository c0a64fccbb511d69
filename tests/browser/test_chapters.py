"""Every chapter, run from top to bottom in the real JupyterLab: no error, no blank widget, live sliders, no request to the internet."""

import re
import shutil

import pytest
from harness import ROOT, animation_frames, assert_moves, press

CHAPTERS = sorted(path.relative_to(ROOT / "notebooks").as_posix() for path in (ROOT / "notebooks").glob("**/[0-9][0-9]_*.ipynb"))

SHOWS_A_WIDGET = re.compile(r"\bwidgets\.[A-Z]")


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
    if any(SHOWS_A_WIDGET.search("".join(cell["source"])) for cell in notebook.cells()):
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
