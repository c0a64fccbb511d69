"""A course graded by nbgrader itself: an untouched, a right, a half-right and a broken hand-in of chapter 03, from release to feedback.

nbgrader lives in an environment of its own, .venv-nbgrader, made from requirements-nbgrader.txt. Where it is missing these tests are
skipped; with CI=true it is made first.
"""

import csv
import hashlib
import html
import os
import re
import subprocess
import sys

import nbformat
import pytest
from packages import IN_CI

from cnnlib.exercises import reader
from cnnlib.exercises.engine import all_exercises
from editions import releases
from editions.nbgrader_course import points

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("nbgrader")]

CHAPTER = "03_output_size"
EXERCISES = [each for each in all_exercises().values() if each.chapter == 3]
FULL = sum(map(points, EXERCISES))
# Two wrong answers with reasons, and one cell that does not run; the library's own function of the same name must not stand in for it.
WRONG = {
    "output-size": ("padding-once", "def output_size(n, k, s, p, d):\n    return (n + p - d * (k - 1) - 1) // s + 1\n"),
    "same-padding": ("both-ends-together", 'k, d = sympy.symbols("k d")\nsame_padding = d * (k - 1)\n'),
}
BROKEN = {"window-span": "from cnnlib import window_span\n1 / 0\n"}


@pytest.fixture(scope="session")
def environment():
    """The environment variables under which `nbgrader` is found, with its Python first on the path."""
    folder = releases.ROOT / ".venv-nbgrader"
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    requirements = [releases.ROOT / name for name in ("requirements-nbgrader.txt", "requirements.txt")]
    stamp, made_from = folder / "made-from", hashlib.sha256(b"".join(path.read_bytes() for path in requirements)).hexdigest()
    if IN_CI and not (stamp.exists() and stamp.read_text() == made_from):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run(
            [programs / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements[0]], check=True
        )
        stamp.write_text(made_from)
    if not any(programs.glob("nbgrader*")):
        pytest.skip("nbgrader's own environment is missing; docs/teachers.md says how to make it")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV", "JUPYTER", "MPL"))}
    own = {"PATH": f"{programs}{os.pathsep}{kept.get('PATH', '')}", "PYTHONPATH": str(releases.ROOT), "CNNLIB_PROGRESS": "off"}
    return kept | own | {"OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="session")
def course(tmp_path_factory, environment):
    """A course folder in which four students have handed chapter 03 in and have got their marks and feedback."""
    folder = tmp_path_factory.mktemp("course")
    own = {"JUPYTER_CONFIG_DIR": folder / "own", "JUPYTER_DATA_DIR": folder / "own", "IPYTHONDIR": folder / "own", "HOME": folder / "own"}
    environment = environment | {name: str(value) for name, value in own.items()}
    assert releases.main(["nbgrader", str(folder), "--chapter", "03"]) == 0

    def run(*command):
        answer = subprocess.run(["nbgrader", *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
        assert answer.returncode == 0, answer.stdout + answer.stderr

    run("generate_assignment", CHAPTER)
    released = folder / "release" / CHAPTER / f"{CHAPTER}.ipynb"
    right = {each.id: reader.solution_sources(each)[0] for each in EXERCISES}
    hand_in(released, folder, "untouched", {})
    hand_in(released, folder, "right", right)
    hand_in(released, folder, "wrong", right | {name: source for name, (_, source) in WRONG.items()})
    hand_in(released, folder, "broken", right | BROKEN)
    run("autograde", CHAPTER)
    run("generate_feedback", CHAPTER)
    run("export", "--to", "marks.csv")
    return folder


def hand_in(released, folder, student, answers):
    """Put a student's notebook where nbgrader collects it: the released one with some answers written below the starters."""
    notebook = nbformat.read(released, as_version=4)
    for cell in notebook.cells:
        found = releases.exercise_of(cell)
        if found is not None and found.id in answers:
            starter, check = cell.source.rsplit("check(", 1)
            cell.source = f"{starter}\n{answers[found.id]}\n\ncheck({check}"
    target = folder / "submitted" / student / CHAPTER / released.name
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)


def mark(course, student):
    with open(course / "marks.csv", encoding="utf-8", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["student_id"] == student)
    assert float(row["max_score"]) == FULL
    return float(row["score"])


def feedback(course, student):
    """The words of a student's feedback page; nbgrader colours error messages with spans."""
    text = (course / "feedback" / student / CHAPTER / f"{CHAPTER}.html").read_text(encoding="utf-8")
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<(style|script)\b.*?</\1>", "", text, flags=re.DOTALL))).split())


def test_the_students_version_holds_every_starter_and_no_solution_and_no_hidden_test(course):
    cells = nbformat.read(course / "release" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4).cells
    answers = {found.id: cell.source for cell in cells if (found := releases.exercise_of(cell)) is not None}
    assert set(answers) == {each.id for each in EXERCISES}
    for each in EXERCISES:
        assert answers[each.id].startswith(each.starter.strip())
        assert reader.solution_sources(each)[0] not in answers[each.id]
    assert not any("BEGIN SOLUTION" in cell.source or "grader(" in cell.source for cell in cells)


def test_an_untouched_hand_in_gets_no_point(course):
    assert mark(course, "untouched") == 0
    assert "Replace the `...` by your own answer" in feedback(course, "untouched")


def test_a_right_hand_in_gets_every_point(course):
    assert mark(course, "right") == FULL
    assert "AssertionError" not in feedback(course, "right")


def test_a_wrong_answer_costs_the_points_of_its_exercise_alone(course):
    lost = sum(points(each) for each in EXERCISES if each.id in WRONG)
    assert 0 < mark(course, "wrong") == FULL - lost < FULL


def test_the_feedback_contains_the_sentence_of_the_misconception(course):
    words = feedback(course, "wrong")
    for each in EXERCISES:
        for known in each.misconceptions:
            sentence = " ".join(known.sentence.split())
            assert (f"AssertionError: {sentence}" in words) == (known.id == WRONG.get(each.id, ("",))[0]), known.id


def test_a_cell_that_stopped_is_not_saved_by_the_librarys_function_of_the_same_name(course):
    assert mark(course, "broken") == FULL - sum(points(each) for each in EXERCISES if each.id in BROKEN)
    assert "This is the function of the library. Write one of your own." in feedback(course, "broken")


def test_a_newer_release_leaves_the_marks_and_hand_ins_of_a_running_course_alone(course):
    kept = [
        path
        for path in course.rglob("*")
        if path.is_file() and path.relative_to(course).parts[0] in ("submitted", "feedback", "gradebook.db")
    ]
    before = {path: path.read_bytes() for path in kept}
    with open(course / "nbgrader_config.py", "a", encoding="utf-8") as file:
        file.write('c.CourseDirectory.course_id = "mine"\n')
    assert releases.main(["nbgrader", str(course), "--chapter", "03"]) == 0
    assert len(before) >= 9
    assert {path: path.read_bytes() for path in kept} == before
    assert '"mine"' in (course / "nbgrader_config.py").read_text(encoding="utf-8")
