"""The tools of book.py as a caller meets them: mistakes are answered before anything is installed, and folders are the caller's."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import book  # noqa: E402
from launcher import machine, tools  # noqa: E402


@pytest.fixture
def installing_fails(monkeypatch):
    """A launcher that must not install."""

    def unwanted(**options):
        raise AssertionError("something was installed")

    monkeypatch.setattr(book, "set_up", unwanted)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["site", "--to", __file__], "is a file. Name a folder."),
        (["site", "--too", "x"], "unrecognized arguments: --too x"),
        (["release"], "the following arguments are required: edition, folder"),
        (["release", "students", "x"], "invalid choice: 'students' (choose from"),
        (["release", "student", __file__], "is a file. Name a folder."),
        (["release", "student", ""], "the folder has no name. Name a folder."),
        (["release", "solutions", "x", "--chapter", "three"], "three is no chapter. Write two digits, such as 03."),
        (["exercises", "--chapter", "100"], "100 is no chapter. Write two digits, such as 03."),
        (["build", "xx"], "xx is no chapter"),
        (["lite", "--to", __file__], "is a file. Name a folder."),
        (["wheelhouse", __file__], "is a file. Name a folder."),
    ],
)
def test_a_mistake_is_answered_in_a_sentence_before_anything_is_installed(installing_fails, capsys, line, sentence):
    with pytest.raises(SystemExit) as stopped:
        book.main(line)
    assert stopped.value.code == 2
    assert sentence in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("name", tools.TOOLS)
def test_help_on_a_tool_names_its_arguments_and_installs_nothing(installing_fails, capsys, name):
    with pytest.raises(SystemExit) as stopped:
        book.main([name, "--help"])
    assert stopped.value.code == 0
    assert {"site": "--pdf", "release": "nbgrader", "exercises": "--write", "lite": "--pyodide"}[name] in capsys.readouterr().out


@pytest.mark.parametrize(("written", "read"), [("3", "03"), ("03", "03"), ("21", "21")])
def test_a_chapter_may_be_written_with_one_digit(written, read):
    assert tools.chapter(written) == book.parse(["build", written]).chapter[0] == read


def test_a_relative_folder_is_taken_from_where_the_caller_stands_and_nothing_is_imported_from_there(monkeypatch, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('a file of the caller was imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(book, "set_up", lambda: None)
    monkeypatch.setattr(book, "venv_python", lambda: sys.executable)
    assert book.main(["release", "student", "out"]) == 0
    assert (tmp_path / "out" / "book.py").read_bytes() == (ROOT / "book.py").read_bytes()


def tool(*line):
    return subprocess.run([sys.executable, "-m", "editions", *line], cwd=ROOT, capture_output=True, text=True)


def test_a_place_that_cannot_be_used_is_named_in_a_sentence():
    answer = tool("release", "student", f"{__file__}/x")
    assert answer.returncode == 2
    assert answer.stderr.strip() == f"{__file__}/x cannot be used: Not a directory. Name another place, or mend this one."


def test_an_error_of_the_system_without_a_place_is_not_explained_away():
    assert machine.told(OSError(5, "Input/output error")) is None


def test_a_chapter_that_does_not_exist_has_no_exercises_to_list():
    answer = tool("exercises", "--chapter", "77")
    assert (answer.returncode, answer.stderr.strip()) == (1, "There is no chapter 77. README.md lists them.")
