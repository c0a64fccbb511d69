"""What a reader asks for beside a verdict: hints, solutions, the starter again, the catalogue, and how far they have come."""

import re
import sys
from functools import cache
from importlib import resources

from cnnlib.exercises import record
from cnnlib.exercises.engine import all_exercises, find
from cnnlib.exercises.verdict import Code, Note, Table

_opened = {}  # hints given by this kernel: {id: count}


def hint(exercise_id):
    """Give the next hint. Every call opens one more; after the last one they can be read again.

    In a notebook a hint is folded until it is clicked, so running all cells gives nothing away; progress counts a first hint only when
    a second one is asked for.
    """
    exercise = find(exercise_id)
    total = len(exercise.hints)
    number = _opened[exercise.id] = min(_opened.get(exercise.id, 0) + 1, total)
    if number > 1:
        record.note_hints(exercise.id, number)
    more = "" if number < total else "\nThat was the last hint."
    return Note(f"Hint {number} of {total} for {exercise.id}", exercise.hints[number - 1] + more, folded=True)


def solution(exercise_id, sure=False):
    """Show a solution: after the exercise was passed, or with sure=True."""
    exercise = find(exercise_id)
    sources = solution_sources(exercise)
    if not sources:
        return Note(f"Solution of {exercise.id}", "This edition of the book comes without solutions. The hints go a long way: call `hint`.")
    if not sure and not record.load().get(exercise.id, {}).get("passed"):
        return Note(f"Solution of {exercise.id}", f'Tried it, and the hints too? Then call `solution("{exercise.id}", sure=True)`.')
    record.note_solution(exercise.id)
    return Code(f"One solution of {exercise.id}", "\n\n# another way\n".join(sources))


def solution_sources(exercise):
    """The solutions of an exercise as cell sources, the best first; empty in an edition without solutions."""
    return _solutions(exercise.chapter).get(exercise.id, [])


@cache
def _solutions(chapter):
    """Read a chapter's solution file: sections that begin with `# exercise: id`, parted by `# another way`."""
    file = resources.files("cnnlib.exercises") / "solutions" / f"chapter_{chapter:02d}.py"
    if not file.is_file():
        return {}
    _, *parts = re.split(r"^# exercise: (\S+)\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    ways = [re.split(r"^# another way.*\n", text, flags=re.MULTILINE) for text in parts[1::2]]
    return dict(zip(parts[::2], ([way.strip() for way in each] for each in ways), strict=True))


def starter(exercise_id):
    """The code an exercise begins with, to copy into a cell."""
    exercise = find(exercise_id)
    return Code(f"The starter of {exercise.id}", exercise.cell)


def reset(exercise_id):
    """Forget what was tried on an exercise and give its starter back, in a notebook as a new cell below.

    The notebook's other cells stay as they are: what was typed there is the reader's.
    """
    exercise = find(exercise_id)
    record.forget(exercise.id)
    _opened.pop(exercise.id, None)
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.set_next_input(exercise.cell)
    return starter(exercise.id)


def catalog():
    """All exercises of the book: id, chapter, title, kind, minutes, difficulty, and how many misconceptions are known."""
    rows = [
        {
            "id": each.id,
            "chapter": each.chapter,
            "title": each.title,
            "kind": each.kind,
            "minutes": each.minutes,
            "difficulty": each.difficulty,
            "misconceptions": len(each.misconceptions),
        }
        for each in all_exercises().values()
    ]
    return Table(rows, f"{len(rows)} exercises, {sum(row['minutes'] for row in rows)} minutes")


def progress():
    """How far you have come, chapter by chapter."""
    entries, rows = record.load(), {}
    for each in all_exercises().values():
        row = rows.setdefault(each.chapter, {"chapter": each.chapter, "exercises": 0, "passed": 0, "tried": 0, "hints": 0})
        entry = entries.get(each.id, {})
        row["exercises"] += 1
        row["passed"] += bool(entry.get("passed"))
        row["tried"] += bool(entry.get("attempts")) and not entry.get("passed")
        row["hints"] += entry.get("hints", 0)
    total, passed = sum(row["exercises"] for row in rows.values()), sum(row["passed"] for row in rows.values())
    caption = f"{passed} of {total} exercises passed."
    if record.location() is None:
        caption += " Kept in this kernel alone: open the book with book.py, or set CNNLIB_PROGRESS to a file, to keep it."
    return Table(rows.values(), " ".join([caption, *record.notes]))
