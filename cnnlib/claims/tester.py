"""The judge: one tester compares a statement with the truth over many settings and reports the first setting where they part.

A tester knows the settings, the truth at a setting, and a second road to the same truth that shares no code with the first. The
statement is its argument, so a repaired statement goes through the very same test.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import sympy

HOLDS, UNDER_CONDITIONS, FAILS, NO_FORMULA = VERDICTS = ("holds", "holds under conditions", "fails", "states no formula")
TOLERANCE = 1e-6
SHOWN = 16, 6  # larger arrays are not printed: of whole numbers, of others


@dataclass(frozen=True)
class Words:
    """Words that fix no formula. `readings`: the formulas they may mean, by name; none where only a name or a heading stands."""

    readings: Mapping[str, Callable] = field(default_factory=dict)


@dataclass(frozen=True)
class Raised:
    """What a formula gives where it cannot be computed: the error it raised. It equals no number."""

    error: str

    def __str__(self):
        return self.error


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
        stated, true = (np.asarray(value, dtype=np.float64) for value in (stated, true))
    except (TypeError, ValueError):
        return False
    return stated.shape == true.shape and bool(np.allclose(stated, true, rtol=tolerance, atol=tolerance))


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
        formula = self.formula(statement)
        fails = []
        for setting in settings:
            stated, true = formula(setting), attempt(self.truth, setting)
            if not self.same(stated, true):
                fails.append((setting, stated, true))
        if not fails:
            return Result(HOLDS, f"{self.subject}: right at all {len(settings)} settings.", len(settings), 0)
        found = Counterexample(*fails[0], attempt(self.second, fails[0][0]))
        confirmed = self.same(found.second, found.true) and not self.same(found.stated, found.second)
        verdict, within = FAILS, ""
        if condition is not None:
            allowed, wrong = sum(map(condition_on(condition), settings)), sum(condition_on(condition)(setting) for setting, *_ in fails)
            if allowed and not wrong:
                verdict, within = UNDER_CONDITIONS, f", and right at all {allowed} that meet the condition"
        sentence = f"{self.subject}: wrong at {len(fails)} of {len(settings)} settings{within}; {found}."
        return Result(verdict, sentence, len(settings), len(fails), found, confirmed)

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
        names = tuple(self.settings()[0])
        f = function_of(statement, names, self.aliases)
        return functools.partial(attempt, f)


def attempt(f, setting):
    """f at a setting, or the error that it raises there. Only the arguments that f names are handed over."""
    wanted = f.wanted if hasattr(f, "wanted") else tuple(inspect.signature(f).parameters)
    try:
        with np.errstate(all="ignore"):
            return f(*(_private(setting[name]) for name in wanted))
    except Exception as error:  # whatever a reader's formula does is a finding, not a crash
        return Raised(_named(error))


def _named(error):
    """An error in words that do not change with the version of Python."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__} in line {error.lineno}"
    return f"{type(error).__name__}: {error}".rstrip(".")


def condition_on(condition):
    """A condition as a function of a setting."""
    return lambda setting: bool(condition(*(setting[name] for name in inspect.signature(condition).parameters)))


def function_of(statement, names, aliases):
    """Turn a function or a SymPy expression into a function whose `wanted` says which arguments it takes, or explain what is missing."""
    if isinstance(statement, sympy.Basic):
        letters = sorted(statement.free_symbols, key=str)
        wanted = [aliases.get(letter.name, letter.name) for letter in letters]
        f = sympy.lambdify(letters, statement, modules=[{"ceiling": _ceiling}, "math"])
    elif callable(statement):
        parameters = inspect.signature(statement).parameters
        if any(p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters.values()):
            raise TypeError(f"the formula takes * or ** or nameless arguments. Write plain ones, from: {', '.join(names)}.")
        own = {name: aliases.get(name, name) for name in parameters}
        own = {name: known for name, known in own.items() if known in names or parameters[name].default is inspect.Parameter.empty}
        f = lambda *values: statement(**dict(zip(own, values, strict=True)))
        wanted = list(own.values())
    else:
        raise TypeError(
            f"the formula is a {type(statement).__name__}, not a function or a SymPy expression. Write f = lambda {', '.join(names)}: ..."
        )
    unknown = [name for name in wanted if name not in names]
    if unknown:
        others = f" (also written {', '.join(aliases)})" if aliases else ""
        raise ValueError(
            f"the formula uses {', '.join(unknown)}, and nothing says what that is. Use the letters {', '.join(names)}{others}."
        )
    f.wanted = tuple(wanted)
    return f


def _ceiling(value):
    return -(-value // 1)


def _private(value):
    """A copy of an array, so that no formula can change the setting for the next one."""
    return value.copy() if isinstance(value, np.ndarray) else value


def _parted(stated, true):
    """Where two values part; of arrays too large to print, the entry with the largest difference."""
    if isinstance(stated, np.ndarray) and isinstance(true, np.ndarray) and stated.shape == true.shape and not _prints(true):
        place = np.unravel_index(np.argmax(np.abs(stated - true)), true.shape)
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
    if isinstance(value, np.ndarray):
        if not _prints(value):
            return f"an array of shape {value.shape}"
        return str((value.astype(np.int64) if _whole(value) else np.round(value, 4) + 0.0).tolist())
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))})"
    if callable(value):
        return value.__name__
    return str(value)
