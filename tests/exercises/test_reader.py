"""Hints, solutions, and a progress file that survives what files meet."""

import json
import subprocess
import sys

import pytest

from cnnlib.exercises import check, hint, progress, reader, record, reset, solution, starter

RIGHT = "def window_span(kernel_size, dilation):\n    return dilation * (kernel_size - 1) + 1\n"


def right(k, d):
    return d * (k - 1) + 1


def test_hints_open_one_by_one_and_the_last_one_stays():
    texts = [repr(hint("window-span")) for _ in range(4)]
    assert [text.splitlines()[0] for text in texts] == [f"Hint {n} of 3 for window-span" for n in (1, 2, 3, 3)]
    assert len(set(texts)) == 3
    assert record.load()["window-span"]["hints"] == 3


def test_a_first_hint_is_folded_and_not_counted(progress_file):
    assert hint("window-span")._repr_html_().startswith("<details><summary>Hint 1 of 3")
    assert not progress_file.exists()


def test_a_solution_is_shown_when_wanted_or_earned():
    assert RIGHT.splitlines()[1] not in repr(solution("window-span"))
    assert "sure=True" in repr(solution("window-span"))
    assert RIGHT in str(solution("window-span", sure=True))
    assert record.load()["window-span"]["solution"]
    check("output-size", lambda n, k, s, p, d: (n + 2 * p - d * (k - 1) - 1) // s + 1)
    assert "def output_size" in str(solution("output-size"))


def test_an_edition_without_solutions_says_so(monkeypatch):
    monkeypatch.setattr(reader, "_solutions", lambda chapter: {})
    assert "without solutions" in repr(solution("window-span", sure=True))


def test_attempts_are_counted_and_what_is_passed_stays_passed(progress_file):
    for candidate in (lambda k, d: 0, right, lambda k, d: 0, lambda k, d: ...):
        check("window-span", candidate)
    assert json.loads(progress_file.read_text())["exercises"] == {
        "window-span": {"passed": True, "attempts": 3, "hints": 0, "solution": False}
    }
    row = next(row for row in progress() if row["chapter"] == 3)
    assert (row["passed"], row["tried"]) == (1, 0)


def test_reset_forgets_one_exercise_and_gives_its_starter_back():
    check("window-span", right)
    check("count-places", 5)
    assert str(reset("window-span")) == str(starter("window-span"))
    assert set(record.load()) == {"count-places"}


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe\x00", b"[1]", b'{"exercises": {"window-span": {"attempts": "many"}}}', b"null"])
def test_a_damaged_file_is_set_aside_and_never_overwritten(progress_file, damage):
    progress_file.write_bytes(damage)
    check("window-span", right)
    assert progress_file.with_name("progress.json.damaged-1").read_bytes() == damage
    assert record.load()["window-span"]["passed"]
    assert "set aside as progress.json.damaged-1" in progress().caption
    progress_file.write_bytes(damage)
    progress()
    assert progress_file.with_name("progress.json.damaged-2").read_bytes() == damage


def test_a_folder_that_cannot_be_written_costs_the_record_and_not_the_verdict(tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("CNNLIB_PROGRESS", str(tmp_path / "a file" / "progress.json"))
    assert check("window-span", right).passed
    assert "kept in this kernel alone" in " ".join(record.notes)
    assert record.load()["window-span"]["passed"]


def test_what_could_not_be_written_is_written_with_the_next_change(progress_file, monkeypatch):
    def refuse(path, entries):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(record, "_write", refuse)
        for candidate in (lambda k, d: 0, right):
            check("window-span", candidate)
        assert record.load()["window-span"]["attempts"] == 2
        assert "alone until progress.json can be written: No space left on device" in progress().caption
    check("count-places", 6)
    entries = json.loads(progress_file.read_text())["exercises"]
    assert {name: (entry["attempts"], entry["passed"]) for name, entry in entries.items()} == {
        "window-span": (2, True),
        "count-places": (1, True),
    }
    assert progress().caption.endswith("exercises passed.")


def test_two_kernels_at_once_lose_nothing(progress_file):
    code = "from cnnlib.exercises import record\nfor _ in range(100):\n    record.note_attempt('window-span', False)"
    kernels = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [kernel.wait() for kernel in kernels] == [0, 0, 0]
    assert record.load()["window-span"]["attempts"] == 300
    assert sorted(path.name for path in progress_file.parent.iterdir()) == ["progress.json", "progress.json.lock"]


def test_progress_survives_a_restart_and_a_reset_elsewhere(progress_file):
    check("window-span", right)
    code = "from cnnlib.exercises import progress, reset\nprint(progress()[3]['passed'])\nreset('count-places')"
    check("count-places", 6)
    again = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert again.stdout == "2\n"
    assert {name for name, entry in record.load().items() if entry["passed"]} == {"window-span"}


def test_kernels_that_meet_a_damaged_file_at_once_set_it_aside_once(progress_file):
    progress_file.write_bytes(b"{")
    code = (
        "import sys\nfrom cnnlib.exercises import record\nsys.stdin.read()\nfor _ in range(20):\n    record.note_attempt(sys.argv[1], True)"
    )
    names = ["window-span", "count-places", "output-size"]
    kernels = [subprocess.Popen([sys.executable, "-c", code, name], stdin=subprocess.PIPE) for name in names]
    for kernel in kernels:
        kernel.stdin.close()
    assert [kernel.wait() for kernel in kernels] == [0, 0, 0]
    assert {name: entry["attempts"] for name, entry in record.load().items()} == dict.fromkeys(names, 20)
    assert [path.read_bytes() for path in progress_file.parent.glob("*.damaged-*")] == [b"{"]


def test_a_kernel_that_dies_with_the_lock_does_not_hold_up_the_next(progress_file):
    code = "import os\nfrom cnnlib.exercises import record\nwith record._locked(record.location()):\n    os._exit(1)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 1
    check("window-span", right)
    assert record.load()["window-span"]["passed"]
    assert not record.notes


def test_entries_of_exercises_that_this_edition_lacks_are_kept(progress_file):
    progress_file.write_text('{"exercises": {"of-another-edition": {"passed": true}}}')
    check("window-span", right)
    assert record.load()["of-another-edition"]["passed"]


def test_progress_is_kept_in_a_readers_book_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.delenv("CNNLIB_PROGRESS")
    book, other = tmp_path / "my-book" / "zh", tmp_path / "notebooks"
    for folder in (book, other):
        folder.mkdir(parents=True)
    monkeypatch.chdir(other)
    assert record.location() is None
    check("window-span", right)
    assert list(tmp_path.rglob("*.json")) == []
    assert "Kept in this kernel alone" in progress().caption
    monkeypatch.chdir(book)
    assert record.location() == tmp_path / "my-book" / record.FILE
    monkeypatch.setenv("CNNLIB_PROGRESS", "off")
    assert record.location() is None
