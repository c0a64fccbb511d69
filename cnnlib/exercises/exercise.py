"""What an exercise is: the question, the truth, the cases that tell right from wrong, and the wrong answers people really give."""

import copy
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnnlib.exercises.transport import Failure, pack, unpack

KINDS = ("program", "algebra", "number")


@dataclass(frozen=True)
class Misconception:
    """A wrong answer with a reason behind it.

    id: its name in a verdict. sentence: what the reader needs to hear, and where to look; it does not give the answer away.
    answer: the wrong function, called as the exercise's `answer` is (for a number: a function without parameters).
    """

    id: str
    sentence: str
    answer: Callable


@dataclass(frozen=True, eq=False)
class Exercise:
    """One question and all that is needed to judge an answer to it.

    id: as in check("id", ...). chapter: its number. title, task: a name, and the question in words. minutes, difficulty (1 to 3).
    kind: "program" (the answer is a function), "algebra" (a SymPy expression) or "number" (one value, or a tuple, worked out by hand).
    parameters: names of the function's parameters, or of the expression's symbols.
    starter: the code that the reader begins with; it assigns or defines `name` and leaves `...` where the answer goes.
    answer: the truth, called with one case: the library itself wherever possible. For algebra it takes numbers and symbols alike.
    examples: cases written by hand, the smallest and most legible first. draw: rng -> one more case; `draws` of them follow.
    hints: from a nudge to nearly the answer. misconceptions: at least three for a program.
    parts: names of the members when the answer is a tuple. whole: what a whole number counts here, for the
      sentence about 3.0; None where 3.0 is as good as 3.
    rtol, atol: tolerance of floating-point answers in float64. seconds: how long all cases together may take.
    assumptions: of the symbols of an algebraic answer. Symbols of any assumptions are accepted and matched by name.
    measure: where many answers of kind "number" are right, such as designs: answer -> the numbers that are compared; may raise Unfit.
    """

    id: str
    chapter: int
    title: str
    task: str
    kind: str
    minutes: int
    difficulty: int
    starter: str
    answer: Callable
    hints: tuple
    misconceptions: tuple
    parameters: tuple = ()
    examples: tuple = ((),)
    draw: Callable | None = None
    draws: int = 24
    parts: tuple = ()
    whole: str | None = "a size"
    rtol: float = 1e-7
    atol: float = 1e-9
    seconds: float = 5.0
    assumptions: tuple = (("integer", True), ("positive", True))
    measure: Callable = lambda answer: answer

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f'exercise {self.id}: kind="{self.kind}" is not one of {", ".join(KINDS)}. Write one of these.')
        if not re.search(rf"^(def {self.name}\(|{self.name} = )", self.starter, re.MULTILINE):
            raise ValueError(f"exercise {self.id}: the starter defines no {self.name}. Name the answer after the exercise's id.")

    @property
    def name(self):
        """The Python name of the answer: the id with underscores."""
        return self.id.replace("-", "_")

    @property
    def cell(self):
        """The notebook cell of this exercise: the starter and, under it, the call that checks it."""
        return f'{self.starter.strip()}\n\ncheck("{self.id}", {self.name})\n'

    @cached_property
    def cases(self):
        """All cases: those written by hand, then random ones from a seed that belongs to this exercise."""
        rng = np.random.default_rng(zlib.crc32(self.id.encode()))
        return [*self.examples, *(self.draw(rng) for _ in range(self.draws if self.draw else 0))]

    @cached_property
    def truths(self):
        """The right result of every case."""
        return self._results(self.answer)

    @cached_property
    def wrongs(self):
        """What every misconception makes of every case: {id: results}."""
        return {each.id: self._results(each.answer) for each in self.misconceptions}

    def _results(self, function):
        return [normal(lambda *given: self.measure(function(*given)), case) for case in self.cases]


def normal(function, case):
    """The result of our own function on a copy of a case, in the form that results of candidates arrive in."""
    try:
        return unpack(pack(function(*copy.deepcopy(case))))
    except Exception as error:
        return Failure(type(error).__name__)
