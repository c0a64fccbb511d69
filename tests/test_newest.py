"""What authors and reporters ask of book.py: one line of versions, and the tests on the newest releases."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import book  # noqa: E402
from launcher import environment, machine, newest, report  # noqa: E402

# ---- The version line ----


def test_without_an_environment_the_version_line_says_so_and_installs_nothing(tmp_path, monkeypatch, capsys):
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "4.5.6"\n')
    monkeypatch.setattr(machine, "ROOT", str(tmp_path))
    assert book.main(["version"]) == 0
    line = capsys.readouterr().out
    assert line.startswith("cnnlib 4.5.6, Python 3.")
    assert line.endswith("nothing is installed: .venv is missing or broken; this makes it: python3 book.py setup\n")
    assert line.count("\n") == 1
    assert os.listdir(tmp_path) == ["pyproject.toml"]


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ("print('cnnlib 1, all of it')", "cnnlib 1, all of it"),
        ("import nothing_of_this_name", "does not start: ModuleNotFoundError: No module"),
    ],
)
def test_the_version_line_is_the_librarys_own_or_says_why_it_cannot_be(monkeypatch, ask, expected):
    monkeypatch.setattr(report, "living_version", lambda: "3.11")
    monkeypatch.setattr(report, "venv_python", lambda: sys.executable)
    monkeypatch.setattr(report, "ASK", ask)
    assert expected in report.version_line()
    assert "\n" not in report.version_line()


# ---- The newest releases ----


@pytest.mark.parametrize(
    ("bounds", "loose"), [(">=2.0,<3", ">=2.0"), ("==2.13.0", "==2.13.0"), ("<3", ""), ("", ""), (">=0.9.13,<1", ">=0.9.13")]
)
def test_upper_bounds_are_left_out_and_pins_stay(bounds, loose):
    assert newest.without_upper_bounds(bounds) == loose


@pytest.mark.parametrize(
    ("version", "bounds", "refused"),
    [
        ("3.0.0", ">=2.0,<3", True), ("2.9.9", ">=2.0,<3", False), ("10.0", ">=8.2,<9", True), ("0.10.1", ">=0.9,<0.10", True),
        ("0.9.9", ">=0.9,<0.10", False), ("3.0rc1", "<3", True), ("99", "", False), ("5", "==4", False),
    ],
)  # fmt: skip
def test_a_version_beyond_a_bound_is_recognised_by_its_numbers_and_not_by_its_letters(version, bounds, refused):
    assert newest.beyond(version, bounds) is refused


def test_requirements_are_read_through_the_files_that_they_include(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "ROOT", str(tmp_path))
    (tmp_path / "a.txt").write_text("# a comment, not a package\n-r b.txt\ntorch==2.13.0\n")
    (tmp_path / "b.txt").write_text("numpy>=2.0,<3\nlone\nmarked>=1 ; python_version > '3'\n")
    assert newest.requirements("a.txt") == {"numpy": ">=2.0,<3", "lone": "", "marked": ">=1", "torch": "==2.13.0"}


def test_the_changes_name_what_is_new_gone_or_of_another_version_and_what_the_bounds_refuse():
    old, new = {"numpy": "2.4", "same": "1", "gone": "1"}, {"numpy": "3.0", "same": "1", "jupyterlab-new": "1"}
    assert list(newest.changes(old, new, {"NumPy": ">=2,<3"})) == [
        "gone: 1 -> absent", "jupyterlab-new: absent -> 1", "numpy: 2.4 -> 3.0   beyond the book's bound >=2,<3",
    ]  # fmt: skip


def test_what_is_installed_is_read_from_the_interpreter_itself(tmp_path):
    assert newest.installed(sys.executable)["numpy"] == __import__("numpy").__version__
    assert newest.installed(str(tmp_path / "no-python")) == {}


CASES = """<testsuites><testsuite><testcase classname="tests.a" name="test_good"/><testcase classname="tests.a" name="test_bad[1]">
<failure/></testcase>
<testcase classname="" name="tests.b"><error/></testcase><testcase classname="tests.a" name="test_out"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("text", "names"), [(CASES, ["tests.a::test_bad[1]", "tests.b"]), ("<cut", ["no test ran: pytest stopped before its report"])]
)
def test_what_broke_is_named(tmp_path, text, names):
    (tmp_path / "report.xml").write_text(text)
    assert newest.broken(str(tmp_path / "report.xml")) == names


def test_the_newest_run_asks_for_loose_bounds_and_leaves_the_librarys_own_bounds_aside(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(newest, "run_and_diagnose", lambda command, failure: calls.append(command[3:]))
    python = newest.make_newest(str(tmp_path), "requirements.txt")
    assert python == environment.interpreter(str(tmp_path / "venv"))
    assert {"numpy>=2.0", "pytest>=8.2"} <= set((tmp_path / "newest.txt").read_text().splitlines())
    assert "<" not in (tmp_path / "newest.txt").read_text()
    assert "--upgrade" in calls[1]
    assert "--no-deps" in calls[2]


@pytest.mark.parametrize(("test", "code", "said"), [("assert True", 0, "passed   chosen tests"), ("assert False", 1, "test_it::test_it")])
def test_the_newest_run_says_what_broke(tmp_path, monkeypatch, capfd, test, code, said):
    (tmp_path / "test_it.py").write_text(f"def test_it():\n    {test}\n")
    monkeypatch.setattr(book, "ROOT", str(tmp_path))
    monkeypatch.setattr(book.newest, "make_newest", lambda folder, name: sys.executable)
    versions = iter([{"numpy": "1"}, {"numpy": "2"}])
    monkeypatch.setattr(book.newest, "installed", lambda python: next(versions))
    assert book.run_newest(SimpleNamespace(readers=True, only=["test_it.py"])) == code
    out = capfd.readouterr().out
    assert said in out.split("== what broke ==")[1]
    assert "numpy: 1 -> 2" in out
