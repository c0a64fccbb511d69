"""The claim tester: choose a circulating statement, change the sizes, and see what it says beside what is true."""

import functools
import itertools

import numpy as np
from traitlets import Dict, Enum, List, TraitError, default, observe, validate

from cnnlib.claims import CLAIMS
from cnnlib.claims.formula import Raised
from cnnlib.widgets.base import BookWidget
from cnnlib.widgets.claim_tester_subjects import IN_KERNEL, STATEMENTS, SUBJECTS
from cnnlib.widgets.static import format_number, grid, row_of

CLOSE = 1e-6
# Lists, because their order is the order on the page.
FACTS = [[item, subject, text, CLAIMS[item].source] for item, (subject, text) in STATEMENTS.items()]
CONTROLS = {name: [[key, *control] for key, control in subject.controls.items()] for name, subject in SUBJECTS.items()}


class ClaimTester(BookWidget):
    """A statement of the catalogue at sizes of the reader's choice: stated and true side by side.

    item: one of those in STATEMENTS, such as "F1". settings: {name: value} of the statement's controls; what is left out, or is no
    control of this statement, is put right. Both can be given to the constructor, read and set. `stated` and `true` are the two sides.
    The page computes all statements itself but those of IN_KERNEL: their `answer` comes from Python, and `answers` holds a few for a
    page without a kernel.
    """

    module = "claim_tester.js"
    shown = ("item", "settings")

    item = Enum(tuple(STATEMENTS), "F1").tag(sync=True)
    settings = Dict().tag(sync=True)
    facts = List(FACTS, read_only=True).tag(sync=True)
    controls = Dict(CONTROLS, read_only=True).tag(sync=True)
    answer = Dict().tag(sync=True)
    answers = Dict(read_only=True).tag(sync=True)

    @default("answers")
    def _ready_made(self):
        return ready_made()

    def __init__(self, **options):
        super().__init__(**options)
        self.settings = dict(self.settings)  # an empty one is filled in
        self._answer()

    @property
    def subject(self):
        """What the statement is about: an entry of SUBJECTS."""
        return SUBJECTS[STATEMENTS[self.item][0]]

    @validate("settings")
    def _complete(self, proposal):
        """Every control of the statement has a value, and nothing else has."""
        given, whole = proposal["value"], {}
        for name, (label, low, high, first, divisor) in self.subject.controls.items():
            value = given.get(name, first / divisor)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value * divisor != round(value * divisor):
                raise TraitError(f"settings: {name}={value!r} is no step of the control {label!r}. Write a multiple of {1 / divisor:g}.")
            if not low <= value * divisor <= high:
                raise TraitError(f"settings: {name}={value!r} is outside {low / divisor:g} to {high / divisor:g}. Stay within.")
            whole[name] = int(value) if value == int(value) else float(value)
        return whole

    @observe("item")
    def _other_statement(self, change):
        """Statements about the same thing keep the settings, others begin with their own."""
        if change["old"] in STATEMENTS and STATEMENTS[change["old"]][0] != STATEMENTS[change["new"]][0]:
            self.settings = {}

    @observe("item", "settings")
    def _answer(self, change=None):
        """Compute for the browser what the browser does not."""
        if self.item in IN_KERNEL and set(self.settings) == set(self.subject.controls):
            self.answer = {"key": self.key, **self.frame()}

    @property
    def key(self):
        """The statement and its settings as one string, by which an answer is known."""
        return key_of(self.item, self.settings)

    def _compared(self):
        return compared(self.item, self.settings)

    @property
    def stated(self):
        """What the statement gives at these settings; for words, {reading: value}."""
        return self._compared()[1]

    @property
    def true(self):
        """What is right at these settings."""
        return self._compared()[2]

    def frame(self):
        """The picture as rows of cells: inputs and stated as [title, rows], true as rows, and whether stated and true agree."""
        return frame_of(self.item, self.settings)

    @property
    def sentence(self):
        """The settings, and whether the two sides agree, reading by reading."""
        return sentence(self.item, self.subject.controls, self.settings, self.frame())

    @property
    def description(self):
        frame = self.frame()
        said = [*((f"{title.lower()}", rows) for title, rows in frame["stated"]), ("true", frame["true"])]
        return f"{STATEMENTS[self.item][1]}. {self.sentence} " + " ".join(f"{title}: {in_words(rows)}." for title, rows in said)

    def static_svg(self):
        frame = self.frame()
        groups = [_panel(title, rows, None) for title, rows in frame["inputs"]]
        groups += [_panel(title, rows, frame["true"]) for title, rows in frame["stated"]]
        groups.append(_panel("True", frame["true"], None))
        needs = f"Alive, this tester asks {len(STATEMENTS)} statements; {', '.join(IN_KERNEL)} need the notebook's kernel."
        return row_of(groups, [f"{self.item}: {STATEMENTS[self.item][1]}", self.sentence, needs], label=self.description)


def compared(item, settings):
    """The arguments of the test at these settings, what is stated, what is true."""
    arguments = SUBJECTS[STATEMENTS[item][0]].arguments(**settings)
    return arguments, *CLAIMS[item].compare(**arguments)


def key_of(item, settings):
    """A statement and its settings as one string."""
    return " ".join([item, *(format_number(settings[name]) for name in SUBJECTS[STATEMENTS[item][0]].controls)])


def frame_of(item, settings):
    """What `ClaimTester.frame` returns, for any statement and complete settings."""
    arguments, stated, true = compared(item, settings)
    readings = stated.items() if isinstance(stated, dict) else [("Stated", stated)]
    sides = [[title, rows_of(value)] for title, value in readings]
    inputs = [[name, rows_of(arguments[name])] for name in SUBJECTS[STATEMENTS[item][0]].shown]
    return dict(inputs=inputs, stated=sides, true=rows_of(true), agree=[agree(rows, rows_of(true)) for _, rows in sides])


@functools.cache
def ready_made():
    """Answers for a page without a kernel: the first image and kernel, with every stride, padding and activation."""
    found = {}
    for item, stride, padding, activation in itertools.product(IN_KERNEL, (1, 2), (0, 1), (0, 1)):
        settings = dict(n=3, kernel_size=2, stride=stride, padding=padding, activation=activation)
        found[key_of(item, settings)] = frame_of(item, settings)
    return found


def rows_of(value):
    """A value as rows of cells: a number has one cell, a vector one row, a stack of matrices one below the other."""
    if isinstance(value, Raised):
        return [["error"]]
    if isinstance(value, bool | tuple):
        return [["true" if each else "false" for each in (value if isinstance(value, tuple) else (value,))]]
    array = value if isinstance(value, np.ndarray) else np.asarray(float(value))
    return array.reshape(-1, array.shape[-1] if array.ndim else 1).tolist()


def agree(one, other):
    """Whether two pictures are the same: as many cells, and in each the same."""
    same = lambda a, b: a == b if isinstance(a, str) or isinstance(b, str) else abs(a - b) <= CLOSE * max(1, abs(b))
    return (len(one), len(one[0])) == (len(other), len(other[0])) and all(map(lambda r, q: all(map(same, r, q)), one, other))


def cell_text(value):
    """A cell's number, also where it is none."""
    return value if isinstance(value, str) else "NaN" if value != value else format_number(value)


def in_words(rows):
    """Rows of cells as a sentence."""
    return "; ".join(" ".join(map(cell_text, row)) for row in rows)


def sentence(item, controls, settings, frame):
    """For example "F1 at input n = 10, kernel = 3: stated 4.5, true 4. They differ."."""
    where = ", ".join(f"{controls[name][0]} = {format_number(settings[name])}" for name in controls)
    verdicts = ["agree" if each else "differ" for each in frame["agree"]]
    if len(verdicts) == 1:
        small = len(frame["true"]) * len(frame["true"][0]) == 1 == len(frame["stated"][0][1])
        values = f"stated {in_words(frame['stated'][0][1])}, true {in_words(frame['true'])}. " if small else ""
        return f"{item} at {where}: {values}Stated and true {verdicts[0]}."
    return f"{item} at {where}: " + "; ".join(f"{title}: {says}" for (title, _), says in zip(frame["stated"], verdicts, strict=True)) + "."


def _panel(title, rows, true):
    """A static grid; cells that differ from the truth are hatched."""
    whole = true is not None and (len(rows), len(rows[0])) != (len(true), len(true[0]))

    def cell(i, j):
        wrong = true is not None and (whole or not agree([[rows[i][j]]], [[true[i][j]]]))
        return dict(text_=cell_text(rows[i][j]), mark="unread" if wrong else None)

    return grid(title, range(len(rows)), range(len(rows[0])), cell)
