"""JupyterLite: what is laid into the page. tests/browser/test_lite_in_browser.py opens it."""

import re
from pathlib import Path

import nbformat
import pytest

from cnnlib import checkup
from editions import lite
from launcher.machine import Trouble

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(path.relative_to(ROOT / "notebooks").as_posix() for path in (ROOT / "notebooks").rglob("[0-9]*.ipynb"))


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lite")
    assert lite.stage(ROOT / "notebooks", folder) == len(CHAPTERS)
    return folder


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_stays_as_it_is_behind_one_cell_that_installs_the_library(staged, name):
    page, book = nbformat.read(staged / name, as_version=4), nbformat.read(ROOT / "notebooks" / name, as_version=4)
    assert page.cells[0].source == lite.FIRST
    assert page.cells[1:] == book.cells
    assert page.metadata.kernelspec.name == "python"
    nbformat.validate(page)


def test_the_first_cell_installs_what_the_self_check_of_chapter_00_asks_for():
    installed = lite.FIRST.removeprefix("%pip install -q ").split()
    assert "cnnlib" in installed
    assert set(checkup.PACKAGES) <= {*installed, "numpy", *lite.PURE}  # cnnlib brings numpy


def test_the_page_has_the_wheels_of_the_widgets_that_pyodide_has_not():
    needed = {re.match(r"[\w-]+", line)[0] for line in lite.REQUIREMENTS.read_text(encoding="utf-8").splitlines() if line[0] not in "#"}
    assert {"ipywidgets", "anywidget"} <= needed & set(lite.PURE)


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Trouble, match="holds other files; nothing was written"):
        lite.main(["--to", str(tmp_path)])
    (tmp_path / "jupyter-lite.json").touch()
    lite.require_place(tmp_path)  # an earlier page


def test_an_archive_that_is_not_there_is_named_before_anything_is_built(tmp_path):
    with pytest.raises(Trouble, match=r"There is no file pyodide\.tar\.bz2"):
        lite.main(["--to", str(tmp_path / "new"), "--pyodide", "pyodide.tar.bz2"])


def test_the_command_that_shows_the_page_bears_a_folder_with_spaces(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lite, "tools", lambda: None)
    monkeypatch.setattr(lite, "build", lambda *arguments: 3)
    assert lite.main(["--to", str(tmp_path / "a page")]) == 0
    assert f"-m http.server -d '{tmp_path / 'a page'}' 8000" in capsys.readouterr().out
