"""The judge: one tester compares a statement with the truth over many settings and reports the first setting where they part.

A tester knows the settings, the truth at a setting, and a second road to the same truth that shares no code with the first. The
statement is its argument, so a repaired statement goes through the very same test.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from cnnlib.claims.formula import Patience, Raised, attempt, condition_of, function_of

HOLDS, UNDER_CONDITIONS, FAILS, NO_FORMULA = VERDICTS = ("holds", "holds under conditions", "fails", "states no formula")
TOLERANCE = 1e-6
SHOWN = 16, 6  # larger arrays are not printed: of whole numbers, of others
LONGEST = 120  # characters of any other answer that are shown


@dataclass(frozen=True)
class Words:
    """Words that fix no formula. `readings`: the formulas they may mean, by name; none where only a name or a heading stands."""

    readings: Mapping[str, Callable] = field(default_factory=dict)


@dataclass(frozen=True)
class Counterexample:
    """One setting where the statement and the truth part. second: the truth again, computed by another road."""

    setting: dict
    stated: object
    true: object
    second: object

    def __str__(self):
        where = ", ".join(f"{name}={_shown(value)}" for name, value in self.setting.items())
        return f"at {where}: {_parted(self.stated, self.true)}"


@dataclass(frozen=True, repr=False)
class Result:
    """What a test found.

    verdict: one of VERDICTS. sentence: the finding in words. tried, failed: settings compared, and those where the statement is false.
    counterexample: the first of these, or None. confirmed: whether the second computation gives the truth's value there and not the
    statement's; None where there is nothing to confirm. `bool(result)` is True when the statement holds everywhere.
    """

    verdict: str
    sentence: str
    tried: int
    failed: int
    counterexample: Counterexample | None = None
    confirmed: bool | None = None

    def __bool__(self):
        return self.verdict == HOLDS

    def __str__(self):
        return f"{self.verdict}: {self.sentence}"

    __repr__ = __str__

    def _repr_markdown_(self):
        sentence = self.sentence.replace("*", r"\*")
        return f"**{self.verdict}:** {sentence}"


def same(stated, true, tolerance=TOLERANCE):
    """Whether two values are the same: shape by shape, number by number; an error is the same as an error and as nothing else."""
    if isinstance(stated, Raised) or isinstance(true, Raised):
        return isinstance(stated, Raised) and isinstance(true, Raised)
    if isinstance(true, str | bool):
        return isinstance(stated, str | bool | np.bool_) and stated == true
    if isinstance(true, tuple):
        return (
            isinstance(stated, tuple) and len(stated) == len(true) and all(map(functools.partial(same, tolerance=tolerance), stated, true))
        )
    try:
        stated, true = _numbers(stated, tolerance), _numbers(true, tolerance)
    except (TypeError, ValueError):
        return False
    return stated.shape == true.shape and bool(np.allclose(stated, true, rtol=tolerance, atol=tolerance))


def _numbers(value, tolerance):
    """A value as an array of numbers. Complex ones are welcome where they are real, as a Fourier transform leaves them; words are not."""
    array = np.asarray(value)
    if array.dtype.kind == "c" and np.allclose(array.imag, 0, atol=tolerance):
        array = array.real
    if array.dtype.kind in "cSU":
        raise TypeError(f"{array.dtype} is no number")
    return array.astype(np.float64)


@dataclass(frozen=True)
class Tester:
    """A test that any statement about one subject can take.

    subject: what is computed, in words. settings: () -> list of dicts from argument names to values. truth, second: two independent
    computations from such arguments. aliases: other names that a reader's function may give its arguments. same: compares two values.
    """

    subject: str
    settings: Callable
    truth: Callable
    second: Callable
    aliases: Mapping[str, str] = field(default_factory=dict)
    same: Callable = same

    def __call__(self, statement, condition=None):
        """Test a statement: a function or SymPy expression of (some of) the arguments, or Words. condition: where it should hold."""
        settings = self.settings()
        if isinstance(statement, Words):
            return self._judge_words(statement, settings)
        allows = None if condition is None else condition_of(condition, tuple(settings[0]), self.aliases)
        settings, fails = self._asked(self.formula(statement), settings)
        if not fails:
            return Result(HOLDS, f"{self.subject}: right at all {len(settings)} settings.", len(settings), 0)
        first, verdict, within = fails[0], FAILS, ""
        if allows is not None:
            allowed, wrong = sum(map(allows, settings)), [fail for fail in fails if allows(fail[0])]
            if wrong:
                first, within = wrong[0], f", {len(wrong)} of them among the {allowed} that meet the condition"
            elif allowed:
                verdict, within = UNDER_CONDITIONS, f", and right at all {allowed} that meet the condition"
            else:
                within = ", and no setting meets the condition"
        found = Counterexample(*first, attempt(self.second, first[0]))
        confirmed = self.same(found.second, found.true) and not self.same(found.stated, found.second)
        sentence = f"{self.subject}: wrong at {len(fails)} of {len(settings)} settings{within}; {found}."
        return Result(verdict, sentence, len(settings), len(fails), found, confirmed)

    def _asked(self, formula, settings):
        """The settings that were asked, and those where the formula fails, each with its answer and the truth."""
        fails = []
        with Patience() as patience:
            for number, setting in enumerate(settings, 1):
                stated, true = patience.ask(formula, setting), attempt(self.truth, setting)
                if not self.same(stated, true):
                    fails.append((setting, stated, true))
                if patience.late:
                    return settings[:number], fails
        return settings, fails

    def _judge_words(self, words, settings):
        """Words state a formula when all that they can mean has one value at every setting."""
        formulas = {name: self.formula(reading) for name, reading in words.readings.items()}
        if not formulas:
            return Result(NO_FORMULA, f"{self.subject}: named, with nothing to compute.", 0, 0)
        parted = []
        for setting in settings:
            values = {name: formula(setting) for name, formula in formulas.items()}
            first = next(iter(values.values()))
            if not all(self.same(value, first) for value in values.values()):
                parted.append((setting, values))
        if not parted:
            return self(next(iter(words.readings.values())))
        setting, values = parted[0]
        true, second = attempt(self.truth, setting), attempt(self.second, setting)
        wrong = {name: value for name, value in values.items() if not self.same(value, true)}
        confirmed = self.same(second, true) and not any(self.same(value, second) for value in wrong.values())
        said = "; ".join(f"{name} gives {_shown(value)}" for name, value in values.items())
        found = Counterexample(setting, values, true, second)
        sentence = f"{self.subject}: the words allow {len(values)} readings that part at {len(parted)} of {len(settings)} settings: {said}."
        return Result(NO_FORMULA, sentence, len(settings), len(parted), found, confirmed)

    def formula(self, statement):
        """The statement as a function of a setting."""
        return functools.partial(attempt, function_of(statement, tuple(self.settings()[0]), self.aliases))


def _parted(stated, true):
    """Where two values part; of arrays too large to print, the entry with the largest difference."""
    arrays = all(isinstance(side, np.ndarray) and side.dtype.kind in "biuf" for side in (stated, true))
    if arrays and stated.shape == true.shape and not _prints(true):
        place = np.unravel_index(np.argmax(np.abs(stated - np.asarray(true, dtype=np.float64))), true.shape)
        index = ", ".join(str(int(i)) for i in place)
        return f"in entry [{index}] stated {_shown(stated[place])}, true {_shown(true[place])}"
    return f"stated {_shown(stated)}, true {_shown(true)}"


def _prints(array):
    whole, others = SHOWN
    return array.size <= (whole if _whole(array) else others)


def _whole(array):
    return bool(np.isfinite(array).all()) and np.array_equal(array, np.round(array))


def _shown(value):
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_shown(entry)}" for name, entry in value.items())
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        if not _prints(value):
            return f"an array of shape {value.shape}"
        return str((value.astype(np.int64) if _whole(value) else np.round(value, 4) + 0.0).tolist())
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))})"
    if value is None or value is Ellipsis:
        return f"{value} (nothing was returned)" if value is None else "..."
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
