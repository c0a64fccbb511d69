"""A formula as a reader brings it, a function or a SymPy expression, made into a function of a setting.

Whatever a formula does when it is asked is a finding and not a crash: its error is its answer, it gets copies of the arrays, and it has
a limited time.
"""

import _thread
import contextlib
import inspect
import math
import threading
import time
from dataclasses import dataclass

import numpy as np
import sympy

SECONDS = 10  # for one answer


@dataclass(frozen=True)
class Raised:
    """What a formula gives where it cannot be computed: the error it raised. It equals no number."""

    error: str

    def __str__(self):
        return self.error


def attempt(f, setting):
    """f at a setting, or the error that it raises there. Only the arguments that f names are handed over."""
    try:
        with np.errstate(all="ignore"):
            if hasattr(f, "wanted"):
                return f(*(_private(setting[name]) for name in f.wanted))
            return f(**{name: _private(setting[name]) for name in inspect.signature(f).parameters if name in setting})
    except (Exception, SystemExit) as error:
        return Raised(_named(error))


def _named(error):
    """An error in words that do not change with the version of Python."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__} in line {error.lineno}"
    return f"{type(error).__name__}: {error}".rstrip(".")


def _private(value):
    """A copy of an array, so that no formula can change the setting for the next one."""
    if isinstance(value, list):
        return [_private(each) for each in value]
    return value.copy() if isinstance(value, np.ndarray) else value


class Patience:
    """Asks formulas in the main thread, and interrupts one that does not answer, as the notebook's stop button does.

    Other threads, and systems without threads, wait for ever. So does a formula that swallows the interrupt, or hangs outside Python.
    """

    def __init__(self, seconds=None):
        self.seconds = SECONDS if seconds is None else seconds
        self.late, self._asked, self._over = False, math.inf, threading.Event()
        self._watch = threading.Thread(target=self._wait, daemon=True)

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            with contextlib.suppress(RuntimeError):  # no threads here
                self._watch.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        with contextlib.suppress(KeyboardInterrupt):  # one that was sent at the very last moment
            if self._watch.ident:
                self._watch.join()

    def ask(self, formula, setting):
        """The formula's answer, or the news that there is none; one that comes too late does not count."""
        self._asked, answer = time.monotonic(), None
        try:
            answer = formula(setting)
        except KeyboardInterrupt:
            if not self.late:
                raise  # the reader's own
        finally:
            self._asked = math.inf
        return Raised(f"no answer after {self.seconds:g} seconds") if self.late else answer

    def _wait(self):
        while not self._over.wait(min(0.25, self.seconds / 4)):
            if time.monotonic() - self._asked > self.seconds:
                self.late = True
                _thread.interrupt_main()
                return


def function_of(statement, names, aliases, what="formula"):
    """Turn a function or a SymPy expression into a function whose `wanted` says which arguments it takes, or explain what is missing."""
    if isinstance(statement, sympy.Basic):
        f, wanted = _from_expression(statement, aliases)
    elif callable(statement):
        f, wanted = _from_function(statement, names, aliases, what)
    else:
        raise TypeError(
            f"the {what} is of type {type(statement).__name__}, and not a function or a SymPy expression. "
            f"Write lambda {', '.join(names)}: ..., with the arguments that you need."
        )
    unknown = [name for name in wanted if name not in names]
    if unknown:
        others = f" (also written {', '.join(aliases)})" if aliases else ""
        raise ValueError(
            f"the {what} uses {', '.join(unknown)}, and nothing says what that is. Use the letters {', '.join(names)}{others}."
        )
    f.wanted = tuple(wanted)
    return f


def _from_expression(expression, aliases):
    plain = expression.xreplace({letter: sympy.Symbol(letter.name) for letter in expression.free_symbols if letter.is_Symbol})
    plain = plain.replace(sympy.frac, lambda value: value - sympy.floor(value))  # SymPy prints -frac(x) with the sign in the wrong place
    letters = sorted(plain.free_symbols, key=str)
    f = sympy.lambdify(letters, plain, modules=[{"ceiling": _ceiling}, "math"])
    return f, [aliases.get(str(letter), str(letter)) for letter in letters]


def _from_function(statement, names, aliases, what):
    repair = f"Write a function around it: lambda {', '.join(names)}: ..., with the arguments that it needs."
    try:
        parameters = inspect.signature(statement).parameters
    except (TypeError, ValueError):
        raise TypeError(f"the {what} does not say which arguments it takes. {repair}") from None
    if any(p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters.values()):
        raise TypeError(f"the {what} takes * or ** or nameless arguments, and plain ones are needed. {repair}")
    own = {name: aliases.get(name, name) for name in parameters}
    own = {name: known for name, known in own.items() if known in names or parameters[name].default is inspect.Parameter.empty}
    return (lambda *values: statement(**dict(zip(own, values, strict=True)))), list(own.values())


def condition_of(condition, names, aliases):
    """A condition, a function or a SymPy expression, as a function of a setting that is true or false."""
    f = function_of(condition, names, aliases, "condition")
    true_or_false = lambda *values: bool(f(*values))
    true_or_false.wanted = f.wanted

    def allows(setting):
        answer = attempt(true_or_false, setting)
        if isinstance(answer, Raised):
            plain = {name: value for name, value in setting.items() if not isinstance(value, np.ndarray)}
            raise ValueError(f"the condition cannot be asked at {', '.join(f'{name}={value}' for name, value in plain.items())}: {answer}.")
        return answer

    return allows


def _ceiling(value):
    return -(-value // 1)
