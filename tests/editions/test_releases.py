"""Releases: what students get and do not get, solutions that pass, and folders that are never overwritten."""

import json
import subprocess
import sys

import nbformat
import pytest

from cnnlib.exercises.engine import all_exercises
from editions import releases, trees
from editions.nbgrader_course import points


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- The folder ----


def test_two_runs_write_the_same_bytes_whatever_lay_there_before(tmp_path):
    for name, steps in (("a", [{"x": b"1"}]), ("b", [{"x": b"0", "old/y": b"2"}, {"x": b"1"}])):
        for files in steps:
            trees.write_tree(tmp_path / name, "student", files)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert not (tmp_path / "b" / "old").exists()


@pytest.mark.parametrize("ledger", [None, "", "{", "[]", '{"edition": "student"}', '{"edition": "student", "files": 3}'])
def test_a_folder_that_holds_anything_else_is_refused_and_left_alone(tmp_path, ledger):
    (tmp_path / "thesis.txt").write_text("mine")
    if ledger is not None:
        (tmp_path / trees.LEDGER).write_text(ledger)
    before = contents(tmp_path)
    with pytest.raises(trees.ReleaseError, match=r"holds other files, such as .*; nothing was written\. Name a new or an empty folder"):
        trees.write_tree(tmp_path, "student", {"thesis.txt": b"ours", "x": b"1"})
    assert contents(tmp_path) == before


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "here").write_text("mine")
    with pytest.raises(trees.ReleaseError, match=r"is a file\. Name a new folder"):
        trees.write_tree(tmp_path / "here", "student", {})


def test_one_edition_is_not_written_over_another(tmp_path):
    trees.write_tree(tmp_path, "student", {"x": b"1"})
    with pytest.raises(trees.ReleaseError, match="holds the student edition"):
        trees.write_tree(tmp_path, "solutions", {"x": b"1"})


def test_a_file_that_somebody_changed_stops_the_run_before_anything_is_written(tmp_path):
    trees.write_tree(tmp_path, "student", {"x": b"1", "y": b"1"})
    (tmp_path / "y").write_bytes(b"mine")
    with pytest.raises(trees.ReleaseError, match="y was changed by hand; nothing was written"):
        trees.write_tree(tmp_path, "student", {"x": b"2"})
    assert (tmp_path / "x").read_bytes() == b"1"
    (tmp_path / "y").write_bytes(b"1")
    (tmp_path / "z").write_bytes(b"mine")
    with pytest.raises(trees.ReleaseError, match="z was changed by hand"):
        trees.write_tree(tmp_path, "student", {"z": b"1"})


def test_what_others_put_beside_the_files_stays(tmp_path):
    trees.write_tree(tmp_path, "nbgrader", {"x": b"1", "source/y": b"1"})
    for name in ("gradebook.db", "source/extra.ipynb"):
        (tmp_path / name).write_bytes(b"mine")
    trees.write_tree(tmp_path, "nbgrader", {"x": b"2"})
    assert {name: data for name, data in contents(tmp_path).items() if name != trees.LEDGER} == {
        "x": b"2",
        "gradebook.db": b"mine",
        "source/extra.ipynb": b"mine",
    }


def test_a_part_of_an_edition_leaves_the_other_parts_of_earlier_runs_as_they_are(tmp_path):
    trees.write_tree(tmp_path, "nbgrader", {"source/03": b"1", "source/05": b"1", "config": b"1"})
    (tmp_path / "source" / "05").write_bytes(b"edited by the teacher")
    trees.write_tree(tmp_path, "nbgrader", {"source/04": b"1", "config": b"2"}, part=True)
    there = contents(tmp_path)
    assert set(json.loads(there.pop(trees.LEDGER))["files"]) == set(there)
    assert there == {"source/03": b"1", "source/04": b"1", "source/05": b"edited by the teacher", "config": b"2"}
    with pytest.raises(trees.ReleaseError, match="05 was changed by hand"):
        trees.write_tree(tmp_path, "nbgrader", {"source/05": b"2"}, part=True)
    (tmp_path / "source" / "05").unlink()
    trees.write_tree(tmp_path, "nbgrader", {"config": b"2"})
    assert set(contents(tmp_path)) == {"config", trees.LEDGER}


def test_a_folder_that_holds_anything_else_is_refused_before_any_notebook_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(releases, "solution_files", lambda slugs: pytest.fail("a notebook ran"))
    (tmp_path / "thesis.txt").write_text("mine")
    assert releases.main(["solutions", str(tmp_path)]) == 1
    assert (
        capsys.readouterr().err
        == f"{tmp_path} holds other files, such as thesis.txt; nothing was written. Name a new or an empty folder.\n"
    )


def test_a_chapter_added_to_a_course_folder_leaves_those_that_are_there(tmp_path):
    for number in ("03", "04"):
        assert releases.main(["nbgrader", str(tmp_path), "--chapter", number]) == 0
    assert {path.name for path in (tmp_path / "source").iterdir()} == {"03_output_size", "04_channels"}


def test_settings_that_a_teacher_changed_are_kept_and_unchanged_ones_renewed(tmp_path):
    for first, second in ((b"old", b"new"), (b"new", b"newer")):
        trees.write_tree(tmp_path, "nbgrader", {"config": first}, once=("config",))
        trees.write_tree(tmp_path, "nbgrader", {"config": second}, once=("config",))
        assert (tmp_path / "config").read_bytes() == second
    (tmp_path / "config").write_bytes(b"mine")
    for text in (b"newest", b"newest of all"):
        trees.write_tree(tmp_path, "nbgrader", {"config": text}, once=("config",))
        assert (tmp_path / "config").read_bytes() == b"mine"


# ---- The student release ----


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    folder = tmp_path_factory.mktemp("student")
    assert releases.main(["student", str(folder)]) == 0
    return folder


def test_a_student_release_is_the_book_without_what_holds_right_answers(student):
    whole = set(releases.book_files())
    there = set(contents(student)) - {trees.LEDGER}
    assert there < whole
    assert {name for name in whole if name.startswith("cnnlib/exercises/solutions/")} <= whole - there
    assert all(name.startswith(releases.LEFT_OUT) for name in whole - there)
    assert {"book.py", "README.md", "requirements.txt", "cnnlib/__init__.py", "notebooks/03_output_size.ipynb"} <= there


def test_no_solution_text_is_anywhere_in_a_student_release(student):
    """Neither as it stands nor as a string in JSON. A line alone may be anywhere: the library computes what exercises ask for."""
    sources = {source.strip() for each in all_exercises().values() for source in releases.solution_sources(each)}
    assert len(sources) > 300
    wanted = sources | {json.dumps(source)[1:-1] for source in sources}
    for name, data in contents(student).items():
        text = data.decode("utf-8", errors="ignore")
        assert [source for source in wanted if source in text] == [], name


def run_in(folder, code):
    answer = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, env={"CNNLIB_PROGRESS": "off"})
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_a_student_release_checks_answers_and_says_that_it_has_no_solutions(student):
    code = "import sys; sys.path.insert(0, '.'); import cnnlib; from cnnlib.exercises import check, solution, hint\n"
    said = run_in(student, code + "print(cnnlib.__file__); print(check('negative', (-1, 9))); print(solution('negative', sure=True))")
    assert str(student) in said.splitlines()[0]
    assert "negative: passed." in said
    assert "This edition of the book comes without solutions" in said


def test_a_student_release_says_that_it_cannot_make_the_other_editions(student):
    command = [sys.executable, "-m", "editions.releases", "nbgrader", str(student.parent / "course"), "--chapter", "00"]
    answer = subprocess.run(command, cwd=student, capture_output=True, text=True)
    assert answer.returncode == 1
    assert "There is no solution of negative: is this copy of the book a student release?" in answer.stderr
    assert not (student.parent / "course").exists()


def test_work_in_my_book_stays_when_a_newer_release_is_written_over_it(student):
    (student / "my-book").mkdir()
    (student / "my-book" / "00_start_here.ipynb").write_text("mine")
    assert releases.main(["student", str(student)]) == 0
    assert (student / "my-book" / "00_start_here.ipynb").read_text() == "mine"


# ---- The edition with solutions ----


@pytest.fixture(scope="module")
def solved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("solved")
    assert releases.main(["solutions", str(folder), "--chapter", "00"]) == 0
    return folder


def test_every_exercise_is_followed_by_its_solution_and_a_passed_check_in_every_language(solved):
    for name in ("00_start_here.ipynb", "zh/00_start_here.ipynb"):
        cells = nbformat.read(solved / name, as_version=4).cells
        places = [number for number, cell in enumerate(cells) if releases.exercise_of(cell) is not None]
        assert places
        for number in places:
            found = releases.exercise_of(cells[number])
            solution = cells[number + 1]
            assert solution.source.startswith(releases.solution_sources(found)[0])
            assert solution.outputs[0].data["text/plain"].startswith(f"{found.id}: passed.")
            assert all(known.sentence in cells[number + 2].source for known in found.misconceptions)


def test_the_solved_edition_is_the_same_every_time(solved, tmp_path):
    assert releases.main(["solutions", str(tmp_path), "--chapter", "00"]) == 0
    assert contents(solved) == contents(tmp_path)


def test_a_solution_that_does_not_pass_stops_the_edition(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(releases, "solution_sources", lambda exercise: ["negative = (1, 0)"])
    assert releases.main(["solutions", str(tmp_path), "--chapter", "00"]) == 1
    assert "the solution of negative does not pass in the notebook" in capsys.readouterr().err
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["solutions", "x", "--chapter", "55"], "There is no chapter 55"), (["student", "x", "--chapter", "03"], "is the whole book")],
)
def test_a_release_that_cannot_be_is_refused_in_a_sentence(monkeypatch, tmp_path, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    assert releases.main(arguments) == 1
    assert sentence in capsys.readouterr().err
    assert contents(tmp_path) == {}


# ---- The course folder for nbgrader, as far as it goes without nbgrader ----


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    assert releases.main(["nbgrader", str(folder)]) == 0
    return folder


def test_every_exercise_of_the_book_is_an_answer_cell_and_a_graded_cell_with_points(course):
    graded, names = {}, set()
    for path in course.glob("source/*/*.ipynb"):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if "nbgrader" in cell.metadata]
        assert path.stem == path.parent.name
        for answer, grade in zip(cells[::2], cells[1::2], strict=True):
            found = releases.exercise_of(answer)
            assert (answer.metadata.nbgrader.solution, answer.metadata.nbgrader.grade) == (True, False)
            assert (grade.metadata.nbgrader.solution, grade.metadata.nbgrader.grade, grade.metadata.nbgrader.locked) == (False, True, True)
            assert f'grader("{found.id}", {found.name})' in grade.source
            graded[found.id] = grade.metadata.nbgrader.points
            names |= {answer.metadata.nbgrader.grade_id, grade.metadata.nbgrader.grade_id}
    in_chapters = {
        found.id: points(found) for slug in releases.builder.slugs() for cell in releases.builder.assemble(slug).cells
        if (found := releases.exercise_of(cell)) is not None
    }  # fmt: skip
    assert graded == in_chapters
    assert len(names) == 2 * len(graded) >= 176


def test_points_grow_with_minutes_and_difficulty():
    small, long, hard = (releases.find(name) for name in ("negative", "correlate2d", "unread-cells"))
    assert [points(each) for each in (small, long, hard)] == [1, 6, 9]


def test_the_ledger_names_no_machine_and_no_time(course):
    ledger = json.loads((course / trees.LEDGER).read_text())
    assert set(ledger) == {"edition", "files"}
    assert str(releases.ROOT) not in (course / trees.LEDGER).read_text()
