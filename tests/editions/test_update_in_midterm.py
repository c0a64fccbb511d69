"""Updating the book in mid-term, with real git: nothing that a student typed is lost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LAY_OUT = "import json; from launcher.copies import lay_out; print(json.dumps(lay_out()))"
SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
AUTHOR = ("-c", "user.name=The authors", "-c", "user.email=authors@example.org")

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder, *arguments, check=True):
    # Variables such as GIT_DIR, which git sets for its hooks, would lead these commands into another repository.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | SETTINGS
    return subprocess.run(["git", *AUTHOR, *arguments], cwd=folder, env=environment, check=check, capture_output=True, text=True)


def publish(folder, message, **chapters):
    """Commit an edition of some chapters upstream."""
    for name, text in chapters.items():
        (folder / "notebooks" / f"{name}.ipynb").write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "-m", message)


def open_book(folder):
    """What `python3 book.py` does before it starts JupyterLab; returns the new editions laid beside changed copies."""
    answer = subprocess.run([sys.executable, "-c", LAY_OUT], cwd=folder, check=True, capture_output=True, text=True)
    return dict(json.loads(answer.stdout))


@pytest.fixture
def book(tmp_path):
    """The authors' repository with a first edition of three chapters, and the launcher of this book."""
    folder = tmp_path / "book"
    (folder / "notebooks").mkdir(parents=True)
    shutil.copytree(ROOT / "launcher", folder / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".gitignore", folder)
    git(folder, "init")
    publish(folder, "first edition", **{"00_a": "a1", "01_b": "b1", "02_c": "c1"})
    return folder


@pytest.fixture
def clone(book, tmp_path):
    """A student's clone in which work has begun: chapter 00 is changed, 01 untouched, 02 deleted, a note and a progress file written."""
    folder = tmp_path / "student"
    git(tmp_path, "clone", str(book), str(folder))
    assert open_book(folder) == {}
    (folder / "my-book" / "00_a.ipynb").write_text("a1 and my answer")
    (folder / "my-book" / "02_c.ipynb").unlink()
    (folder / "my-book" / "notes.ipynb").write_text("my notes")
    (folder / "my-book" / ".cnnlib-progress.json").write_text('{"exercises": {"negative": {"passed": true}}}')
    return folder


def mine(folder):
    return {path.name: path.read_text() for path in (folder / "my-book").iterdir() if path.is_file() and path.name != ".editions.json"}


KEPT = {
    "00_a.ipynb": "a1 and my answer",
    "notes.ipynb": "my notes",
    ".cnnlib-progress.json": '{"exercises": {"negative": {"passed": true}}}',
}


def test_an_update_renews_the_untouched_and_lays_new_editions_beside_the_changed(book, clone):
    publish(book, "second edition", **{"00_a": "a2", "01_b": "b2", "03_d": "d1"})
    git(clone, "pull")
    assert open_book(clone) == {"00_a.ipynb": "00_a (new edition).ipynb"}
    new = {"00_a (new edition).ipynb": "a2", "01_b.ipynb": "b2", "02_c.ipynb": "c1", "03_d.ipynb": "d1"}
    assert mine(clone) == KEPT | new
    assert open_book(clone) == {}
    assert mine(clone) == KEPT | new


def test_work_in_my_book_is_no_change_to_git(clone):
    assert git(clone, "status", "--porcelain").stdout == ""


def test_a_third_edition_loses_nothing_of_the_work_on_the_second(book, clone):
    publish(book, "second edition", **{"00_a": "a2"})
    git(clone, "pull")
    open_book(clone)
    (clone / "my-book" / "00_a (new edition).ipynb").write_text("a2 and my answer")
    publish(book, "third edition", **{"00_a": "a3"})
    git(clone, "pull")
    assert open_book(clone) == {"00_a.ipynb": "00_a (new edition 2).ipynb"}
    new = {"00_a (new edition).ipynb": "a2 and my answer", "00_a (new edition 2).ipynb": "a3", "01_b.ipynb": "b1", "02_c.ipynb": "c1"}
    assert mine(clone) == KEPT | new


def test_a_chapter_that_the_book_drops_or_renames_stays_with_its_reader(book, clone):
    git(book, "mv", "notebooks/00_a.ipynb", "notebooks/00_z.ipynb")
    publish(book, "a new name")
    git(clone, "pull")
    open_book(clone)
    assert mine(clone) == KEPT | {"00_z.ipynb": "a1", "01_b.ipynb": "b1", "02_c.ipynb": "c1"}


def test_a_student_who_worked_in_notebooks_by_mistake_is_stopped_by_git_and_loses_nothing(book, clone):
    (clone / "notebooks" / "01_b.ipynb").write_text("b1 and my answer")
    publish(book, "second edition", **{"01_b": "b2"})
    refused = git(clone, "pull", check=False)
    assert refused.returncode != 0
    assert "notebooks/01_b.ipynb" in refused.stderr
    assert (clone / "notebooks" / "01_b.ipynb").read_text() == "b1 and my answer"
    # The way out that docs/teachers.md names.
    shutil.move(clone / "notebooks" / "01_b.ipynb", clone / "my-book" / "01_b mine.ipynb")
    git(clone, "checkout", "notebooks")
    git(clone, "pull")
    open_book(clone)
    assert mine(clone) == KEPT | {"01_b mine.ipynb": "b1 and my answer", "01_b.ipynb": "b2", "02_c.ipynb": "c1"}
