"""A course folder for nbgrader: one assignment per chapter, one solution cell and one graded cell per exercise.

An exercise keeps its starter; its solution stands below the starter in a region that nbgrader takes out of the students' version.
The graded cell holds hidden tests: nbgrader takes them out too, and puts them back when it grades. They ask the same `check` as the
student did, and fail with its sentence, which so reaches the student's feedback.
"""

import nbformat

# The text that nbgrader leaves where a solution was. The starter above it holds the dots.
STUB = "# Replace the dots above by your own answer, and run the cell."

CONFIG = f'''"""nbgrader's settings for this course. This file is yours to change; a later release leaves a changed one alone."""

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "cnnlib"
c.ClearSolutions.code_stub = {{"python": "{STUB}"}}
# Chapters are written to run in a minute; a student's loop that never ends costs no more than this per cell.
c.ExecutePreprocessor.timeout = 120
'''


def points(exercise):
    """What an exercise is worth: its difficulty, 1 to 3, for every five minutes begun."""
    return exercise.difficulty * -(-exercise.minutes // 5)


def course_files(notebooks, exercise_of, solutions_of):
    """{name: bytes} of the course folder. notebooks: {slug: notebook without outputs}; a chapter without exercises is no assignment."""
    files = {"nbgrader_config.py": CONFIG.encode()}
    for slug, notebook in notebooks.items():
        exercises = [found for cell in notebook.cells if (found := exercise_of(cell)) is not None]
        if exercises:
            notebook.cells = [new for cell in notebook.cells for new in _cells(slug, cell, exercise_of(cell), solutions_of)]
            nbformat.validate(notebook)
            files[f"source/{slug}/{slug}.ipynb"] = (nbformat.writes(notebook, version=4).rstrip("\n") + "\n").encode()
    return files


def _cells(slug, cell, exercise, solutions_of):
    """A cell of the chapter as it stands in the assignment; behind an exercise follows its graded cell."""
    if exercise is None:
        return [cell]
    cell.source = (
        f"{exercise.starter.strip()}\n### BEGIN SOLUTION\n{solutions_of(exercise)[0]}\n### END SOLUTION\n\n"
        f'check("{exercise.id}", {exercise.name})'
    )
    cell.metadata["nbgrader"] = _metadata(exercise.id, solution=True)
    graded = nbformat.v4.new_code_cell(grading(exercise), id=f"{slug[:2]}-points-{exercise.id}")
    graded.metadata["nbgrader"] = _metadata(f"{exercise.id}-points", grade=True, locked=True, points=points(exercise))
    return [cell, graded]


def grading(exercise):
    """The source of the graded cell: a line for the student, and the hidden tests.

    It stands directly below the exercise, before a later cell of the chapter can use the answer's name for something else. A name
    that still means the library's own function was never answered: the cell that should define it stopped with an error.
    """
    return "\n".join(
        [
            f'# Points for the exercise "{exercise.id}": {points(exercise)}. This cell grades it; leave it as it is.',
            "### BEGIN HIDDEN TESTS",
            "from cnnlib.exercises import check as grader",
            "",
            f'verdict = grader("{exercise.id}", {exercise.name})',
            f'own = not str(getattr({exercise.name}, "__module__", "")).startswith("cnnlib")',
            "assert verdict.passed, verdict.message",
            'assert own, "This is the function of the library. Write one of your own."',
            "### END HIDDEN TESTS",
        ]
    )


def _metadata(grade_id, solution=False, grade=False, locked=False, **more):
    return {
        "grade_id": grade_id,
        "schema_version": 3,
        "cell_type": "code",
        "solution": solution,
        "grade": grade,
        "locked": locked,
        "task": False,
        **more,
    }
