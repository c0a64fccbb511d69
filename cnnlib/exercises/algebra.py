"""Answers that are SymPy expressions: symbols are matched by name, and equality is decided by values.

Every case of an algebraic exercise is a point: one number per symbol, drawn with the remainders that make floor and ceiling
matter. An expression is right when it agrees at all of them; where SymPy can also simplify the difference to 0 the verdict says so.
SymPy alone could not decide: it cannot simplify most identities with floor (and `Symbol("n", integer=True) != Symbol("n")`).
This module is imported in the candidate's own process, and SymPy with it.
"""

import sympy

from cnnlib.exercises.unfit import Unfit

ROUNDING = (sympy.floor, sympy.ceiling, sympy.Mod, sympy.Piecewise, sympy.Min, sympy.Max)


def as_function(exercise, candidate):
    """Turn a candidate into a function of one point, and return it with the expression in the exercise's own symbols."""
    expression = _matched(_expression(candidate, exercise), exercise)
    symbols = [sympy.Symbol(name, **dict(exercise.assumptions)) for name in exercise.parameters]

    def call(*point):
        value = expression.subs(dict(zip(symbols, map(sympy.sympify, point), strict=True)))
        return _number(value.doit() if hasattr(value, "doit") else value)

    return call, expression


def _expression(candidate, exercise):
    """The candidate as a SymPy expression, or a sentence about what it is instead."""
    if isinstance(candidate, str):
        raise Unfit(f"Your answer is the string {candidate[:60]!r}. Write the expression itself, without quotes.")
    if candidate is None:
        raise Unfit("Your answer is None. Assign an expression to the name.")
    if isinstance(candidate, sympy.Equality):
        raise Unfit("Your answer is an equation. Give one side of it: the expression that the question asks for.")
    if isinstance(candidate, (bool, sympy.logic.boolalg.Boolean)) and not isinstance(candidate, sympy.Expr):  # a Symbol is both
        raise Unfit("Your answer is true or false, or a comparison. Give the expression that the question asks for.")
    if isinstance(candidate, (int, float, sympy.Expr)):
        return sympy.sympify(candidate)
    if callable(candidate):
        raise Unfit(f"Your answer is a function. Give the expression itself, in the symbols {_listed(exercise.parameters)}.")
    raise Unfit(f"Your answer is of type {type(candidate).__name__}. Give one SymPy expression in {_listed(exercise.parameters)}.")


def _matched(expression, exercise):
    """The same expression in the exercise's own symbols."""
    unknown = sorted({symbol.name for symbol in expression.free_symbols} - set(exercise.parameters))
    if unknown:
        raise Unfit(f"Your answer contains {_listed(unknown)}; the answer is made of {_listed(exercise.parameters)} and numbers alone.")
    own = {symbol: sympy.Symbol(symbol.name, **dict(exercise.assumptions)) for symbol in expression.free_symbols}
    return expression.xreplace(own)


def _listed(names):
    names = list(names)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _number(value):
    if value.is_Integer:
        return int(value)
    if not value.is_number:
        raise ValueError(f"it does not become a number, but {str(value)[:60]}")
    if value in (sympy.zoo, sympy.oo, -sympy.oo, sympy.nan):
        raise ZeroDivisionError("it becomes infinite or undefined, as a division by 0 does")
    if value.is_Rational:
        return float(value)
    approximate = complex(value)
    return approximate if abs(approximate.imag) > 1e-12 else approximate.real


def proved(exercise, expression):
    """Whether SymPy itself finds the expression equal to the truth for all values. A no means that it cannot tell."""
    symbols = [sympy.Symbol(name, **dict(exercise.assumptions)) for name in exercise.parameters]
    try:
        gap = sympy.nsimplify(expression - exercise.answer(*symbols), rational=True)
        return bool(sympy.expand(gap) == 0 or (not gap.has(*ROUNDING) and sympy.simplify(gap) == 0))
    except Exception:  # the truth may be a count that symbols cannot pass through
        return False
