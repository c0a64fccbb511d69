"""Editions for a course, from the same sources as the book.

    python3 book.py release student FOLDER       the whole book, without the solutions
    python3 book.py release solutions FOLDER     the notebooks with a solution below every exercise, run so that each check passes
    python3 book.py release nbgrader FOLDER      a course folder for nbgrader; docs/teachers.md says how to go on

Two runs on the same sources write the same bytes. A folder that holds other files is refused; a folder from an earlier run is
renewed, and a file that was changed in it since stops the run before anything is written. With --chapter the other chapters of
earlier runs stay as they are.
"""

import subprocess
import sys
from pathlib import Path

import nbformat

from cnnlib.exercises.engine import find
from cnnlib.exercises.reader import solution_sources
from editions.nbgrader_course import course_files
from editions.trees import LEDGER, ReleaseError, write_tree, written_before
from launcher.tools import read

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "notebooks"))
import build as builder  # noqa: E402 - the list of chapters has one home

SOLUTIONS = "cnnlib/exercises/solutions/"
# The tests of exercises and editions hold right answers; .ci runs them.
LEFT_OUT = (SOLUTIONS, "tests/exercises/", "tests/editions/", ".ci/")
MADE = {".venv", ".venv-nbgrader", ".venv-lite", "my-book", "site", "lite-site", "dist", "build", "__pycache__"}


def book_files():
    """{relative name: path} of the book's own files: those that git knows, or in a copy without git all that were not made later."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True) if (ROOT / ".git").exists() else None
    if listing and listing.returncode == 0:
        names = listing.stdout.decode().split("\0")
    else:
        here = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
        names = [path.as_posix() for path in here if not MADE & set(path.parts) and not any(part[0] == "." for part in path.parts[:-1])]
        names = [name for name in names if name != LEDGER and not any(part.endswith(".egg-info") for part in name.split("/"))]
    return {name: ROOT / name for name in sorted(names) if name and (ROOT / name).is_file()}


def student_files():
    """The book without what gives answers away."""
    return {name: path.read_bytes() for name, path in book_files().items() if not name.startswith(LEFT_OUT)}


def solution_files(slugs):
    """The notebooks of some chapters with their solutions, run."""
    files = {}
    for slug in slugs:
        print(f"running {slug} with its solutions ...", flush=True)
        texts = builder.build(slug, revise=lambda notebook, slug=slug: with_solutions(slug, notebook))
        files |= {path.relative_to(builder.NOTEBOOKS).as_posix(): text.encode() for path, text in texts.items()}
        require_passes(slug, texts[builder.notebook_path(slug)])
    return files


def with_solutions(slug, notebook):
    """The notebook with two cells below every exercise: one that solves and checks it, and one for the teacher."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if (found := exercise_of(cell)) is not None:
            solved = f'{solutions_of(found)[0]}\n\ncheck("{found.id}", {found.name})'
            cells.append(nbformat.v4.new_code_cell(solved, id=f"{slug[:2]}-solution-{found.id}"))
            cells.append(nbformat.v4.new_markdown_cell(teachers_note(found), id=f"{slug[:2]}-note-{found.id}"))
    notebook.cells = cells
    return notebook


def exercise_of(cell):
    """The exercise that a cell of the book holds, or None."""
    prefix, _, name = cell.id[3:].partition("exercise-")
    return find(name) if cell.cell_type == "code" and not prefix and name else None


def solutions_of(exercise):
    """The solutions of an exercise as cell sources; an error in a copy of the book that has none."""
    sources = solution_sources(exercise)
    if not sources:
        raise ReleaseError(
            f"There is no solution of {exercise.id}: is this copy of the book a student release? Run this in the whole book."
        )
    return sources


def teachers_note(exercise):
    """Other ways to solve an exercise, and the wrong answers that its check knows, folded."""
    others = "".join(f"```python\n{source}\n```\n\n" for source in solution_sources(exercise)[1:])
    ways = f"<details><summary>Other ways to solve it</summary>\n\n{others}</details>\n\n" if others else ""
    wrong = "\n".join(f"- `{known.id}`: {known.sentence}" for known in exercise.misconceptions)
    return f"{ways}<details><summary>Wrong answers that the check knows, and what it says</summary>\n\n{wrong}\n</details>"


def require_passes(slug, text):
    """Raise where a solution's own check did not pass in the notebook."""
    for cell in nbformat.reads(text, as_version=4).cells:
        name = cell.id[3:].removeprefix("solution-")
        if cell.id[3:] != name:
            said = "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)
            if not said.startswith(f"{name}: passed."):
                raise ReleaseError(f"{slug}: the solution of {name} does not pass in the notebook. The check says: {said}")


def chosen_slugs(numbers):
    """The slugs of the chapters with these numbers, of all chapters when there are none."""
    slugs = builder.slugs()
    missing = sorted(set(numbers) - {slug[:2] for slug in slugs})
    if missing:
        raise ReleaseError(f"There is no chapter {missing[0]}. Written so far: {', '.join(slug[:2] for slug in slugs)}.")
    return [slug for slug in slugs if not numbers or slug[:2] in numbers]


def main(arguments=None):
    """Write the edition that the command line asks for; return the exit code."""
    options = read("release", arguments)
    try:
        slugs = chosen_slugs(options.chapter)
        once = ()
        written_before(options.folder, options.edition)  # before minutes of work: an error where the folder holds anything else
        if options.edition == "student":
            if options.chapter:
                raise ReleaseError("A student release is the whole book: chapters build on each other. Leave --chapter out.")
            files = student_files()
        elif options.edition == "solutions":
            files = solution_files(slugs)
        else:
            files, once = course_files({slug: builder.assemble(slug) for slug in slugs}, exercise_of, solutions_of), ("nbgrader_config.py",)
        write_tree(options.folder, options.edition, files, once, part=bool(options.chapter))
    except (ReleaseError, builder.BuildError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The {options.edition} edition, {len(files)} files, is in {Path(options.folder).resolve()}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
