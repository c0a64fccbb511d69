"""The reader's copies in my-book/: nothing a reader typed is ever lost."""

import errno
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from launcher import copies


def lay(folder, **chapters):
    """Write the book's edition of some chapters and lay them out."""
    for name, text in chapters.items():
        target = folder / "notebooks" / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return copies.lay_out(str(folder / "notebooks"), str(folder / "my-book"))


def readers(folder):
    """The reader's notebooks: {name: text}."""
    mine = folder / "my-book"
    return {path.relative_to(mine).as_posix(): path.read_text() for path in sorted(mine.rglob("*.ipynb"))}


def test_every_chapter_is_copied_in_both_languages(tmp_path):
    lay(tmp_path, **{"00_a": "one", "zh/00_a": "一"})
    assert readers(tmp_path) == {"00_a.ipynb": "one", "zh/00_a.ipynb": "一"}


def test_an_unchanged_copy_is_renewed(tmp_path):
    lay(tmp_path, **{"00_a": "one"})
    assert lay(tmp_path, **{"00_a": "two"}) == []
    assert readers(tmp_path) == {"00_a.ipynb": "two"}


def test_a_changed_copy_is_left_alone(tmp_path):
    lay(tmp_path, **{"00_a": "one"})
    (tmp_path / "my-book/00_a.ipynb").write_text("mine")
    assert lay(tmp_path, **{"00_a": "one"}) == []
    assert readers(tmp_path) == {"00_a.ipynb": "mine"}


@pytest.mark.parametrize("folder", ["", "zh/"])
def test_a_new_edition_is_laid_beside_a_changed_copy_and_announced_once(tmp_path, folder):
    lay(tmp_path, **{f"{folder}00_a": "one"})
    (tmp_path / f"my-book/{folder}00_a.ipynb").write_text("mine")
    assert lay(tmp_path, **{f"{folder}00_a": "two"}) == [(f"{folder}00_a.ipynb", f"{folder}00_a (new edition).ipynb")]
    assert readers(tmp_path) == {f"{folder}00_a.ipynb": "mine", f"{folder}00_a (new edition).ipynb": "two"}
    assert lay(tmp_path) == []


def test_work_in_a_new_edition_is_left_alone_too(tmp_path):
    lay(tmp_path, **{"00_a": "one"})
    (tmp_path / "my-book/00_a.ipynb").write_text("mine")
    lay(tmp_path, **{"00_a": "two"})
    (tmp_path / "my-book/00_a (new edition).ipynb").write_text("mine too")
    lay(tmp_path, **{"00_a": "three"})
    expected = {"00_a.ipynb": "mine", "00_a (new edition).ipynb": "mine too", "00_a (new edition 2).ipynb": "three"}
    assert readers(tmp_path) == expected
    lay(tmp_path, **{"00_a": "two"})
    assert expected.items() <= readers(tmp_path).items()


def test_an_untouched_new_edition_gives_way_to_a_newer_one(tmp_path):
    lay(tmp_path, **{"00_a": "one"})
    (tmp_path / "my-book/00_a.ipynb").write_text("mine")
    lay(tmp_path, **{"00_a": "two"})
    lay(tmp_path, **{"00_a": "three"})
    assert readers(tmp_path) == {"00_a.ipynb": "mine", "00_a (new edition).ipynb": "three"}


def test_a_new_edition_that_the_reader_removed_does_not_come_back(tmp_path):
    lay(tmp_path, **{"00_a": "one"})
    (tmp_path / "my-book/00_a.ipynb").write_text("mine")
    lay(tmp_path, **{"00_a": "two"})
    (tmp_path / "my-book/00_a (new edition).ipynb").unlink()
    assert lay(tmp_path) == []
    assert readers(tmp_path) == {"00_a.ipynb": "mine"}


def test_a_deleted_copy_comes_back_fresh(tmp_path):
    lay(tmp_path, **{"00_a": "one"})
    (tmp_path / "my-book/00_a.ipynb").unlink()
    lay(tmp_path)
    assert readers(tmp_path) == {"00_a.ipynb": "one"}


@pytest.mark.parametrize("ledger", [None, "", "{", "[1, 2]", "null"])
def test_a_lost_or_damaged_ledger_loses_no_work(tmp_path, ledger):
    lay(tmp_path, **{"00_a": "one", "01_b": "one"})
    (tmp_path / "my-book/00_a.ipynb").write_text("mine")
    path = tmp_path / "my-book/.editions.json"
    path.unlink() if ledger is None else path.write_text(ledger)
    lay(tmp_path, **{"00_a": "two"})
    assert readers(tmp_path) == {"00_a.ipynb": "mine", "00_a (new edition).ipynb": "two", "01_b.ipynb": "one"}


def test_the_readers_own_files_are_never_touched(tmp_path):
    lay(tmp_path, **{"00_a": "one"})
    for name in ("notes.ipynb", "01_b.ipynb", "data.csv"):
        (tmp_path / "my-book" / name).write_text("mine")
    lay(tmp_path, **{"01_b": "one"})
    assert (tmp_path / "my-book/data.csv").read_text() == "mine"
    assert readers(tmp_path)["notes.ipynb"] == readers(tmp_path)["01_b.ipynb"] == "mine"


def test_a_disk_that_fills_up_in_mid_copy_leaves_every_file_whole(tmp_path, monkeypatch):
    lay(tmp_path, **{"00_a": "one", "01_b": "one"})
    replace = os.replace

    def full(source, target):
        if target.endswith("01_b.ipynb"):
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space"):
            lay(tmp_path, **{"00_a": "two", "01_b": "two"})
    assert readers(tmp_path) == {"00_a.ipynb": "two", "01_b.ipynb": "one"}
    assert not list(tmp_path.rglob("*.unfinished"))
    assert lay(tmp_path) == []
    assert readers(tmp_path) == {"00_a.ipynb": "two", "01_b.ipynb": "two"}
