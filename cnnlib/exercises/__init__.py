"""Exercises: questions with their checks, hints, wrong answers and, apart from them, their solutions.

    from cnnlib.exercises import check, hint, solution, catalog, progress

`check` judges an answer and never raises because of what the answer does. Importing this package loads NumPy alone; the chapters are
read when the first exercise is asked for, SymPy when an answer is an expression.
"""

from cnnlib.exercises.engine import UnknownExercise, check
from cnnlib.exercises.reader import catalog, hint, progress, reset, solution, starter
from cnnlib.exercises.verdict import Verdict

__all__ = ["UnknownExercise", "Verdict", "catalog", "check", "hint", "progress", "reset", "solution", "starter"]
