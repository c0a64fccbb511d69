"""What the clinic shows of a test: statement, verdict, counterexample beside the truth, repair; one card per item, or one table."""

from fractions import Fraction

import numpy as np
import sympy

from cnnlib.claims.claim import Claim
from cnnlib.claims.formula import Raised
from cnnlib.claims.tester import HOLDS, NO_FORMULA, UNDER_CONDITIONS

LARGEST, WIDEST = 16, 8  # an array of more numbers, or of wider rows, is not printed
PLACES = 3  # decimals


class Card:
    """One item, tested: it displays itself as Markdown in a notebook, and as the finding's sentence elsewhere."""

    def __init__(self, claim):
        self.claim = claim
        self.result = claim.test()
        self.repaired = claim.test(claim.repaired)

    def __repr__(self):
        return f"{self.claim.item}: {self.result}"

    def _repr_markdown_(self):
        parts = [f"**{self.claim.item}** {self._verdict()}", self._table(), f"{self._confirmed()}{self.claim.reason}", self._repair()]
        return "\n\n".join(part for part in parts if part)

    def _verdict(self):
        found, claim = self.result, self.claim
        if found.verdict == HOLDS:
            return f"**holds:** right at all {_settings(found.tried)}."
        if found.verdict == NO_FORMULA and not found.tried:
            return "**states no formula:** there is nothing to compute."
        if found.verdict == NO_FORMULA:
            readings = len(found.counterexample.stated)
            return f"**states no formula:** {readings} readings of the words part at {found.failed} of {_settings(found.tried)}."
        wrong = f"wrong at {found.failed} of {_settings(found.tried)}"
        if found.verdict == UNDER_CONDITIONS:
            return f"**holds under conditions:** {wrong}. It is right when: {_small(claim.conditions)}"
        return f"**fails:** {wrong}."

    def _table(self):
        found = self.result.counterexample
        if found is None:
            return ""
        subject, place, where = self.claim.tester.subject, _largest_gap(found), shown_setting(found.setting)
        if isinstance(found.stated, dict):
            rows = [f"| {name} | {shown(value)} |" for name, value in [*found.stated.items(), ("**true**", found.true)]]
            return f"| {subject}, read as | at {where} |\n|:--|:-:|\n" + "\n".join(rows)
        stated, true = (shown(value if place is None else value[place]) for value in (found.stated, found.true))
        where += "" if place is None else f"; entry {list(map(int, place))}"
        return f"| {subject}, at | stated | true |\n|:--|:-:|:-:|\n| {where} | {stated} | {true} |"

    def _confirmed(self):
        if self.result.confirmed is None:
            return ""
        return "Confirmed by a second, independent computation. " if self.result.confirmed else "NOT CONFIRMED. "

    def _repair(self):
        if self.result.verdict == HOLDS:
            return ""
        missing = self.result.verdict == NO_FORMULA
        passed = f"it is right at all {_settings(self.repaired.tried)}" if self.repaired else "IT DOES NOT PASS"
        return f"**{'The missing formula' if missing else 'Repair'}:** {self.claim.correct}. Put through the same test, {passed}."


class Cards:
    """Several items, tested one after the other."""

    def __init__(self, claims):
        self.cards = [Card(claim) for claim in claims]

    def __repr__(self):
        return "\n".join(map(repr, self.cards))

    def _repr_markdown_(self):
        return "\n\n---\n\n".join(card._repr_markdown_() for card in self.cards)


class Table(Cards):
    """Several items in one table, for those about which little has to be said."""

    def _repr_markdown_(self):
        rows = []
        for card in self.cards:
            found, claim = card.result, card.claim
            tried = f"{found.tried - found.failed} of {found.tried}" if found.tried else "nothing to compute"
            rows.append(f"| {claim.item} | {found.verdict} | {claim.tester.subject} | {tried} | {_for_table(claim)} |")
        return "| item | verdict | what was compared | right at | why |\n|:--|:--|:--|:-:|:--|\n" + "\n".join(rows)


def _for_table(claim):
    return claim.reason + (f" Condition: {_small(claim.conditions)}" if claim.conditions else "")


def _small(sentence):
    """A sentence that goes on after a colon: its first letter small, unless the word is a name or a symbol."""
    return sentence[0].lower() + sentence[1:] if sentence[1:2].islower() else sentence


def _settings(count):
    return f"{count} setting{'s' if count != 1 else ''}"


def _largest_gap(found):
    """The entry where two arrays of one shape, too large to print, differ most; None for anything else."""
    both = found.stated, found.true
    if not all(isinstance(value, np.ndarray) for value in both) or both[0].shape != both[1].shape or _prints(both[1]):
        return None
    return np.unravel_index(np.argmax(np.abs(both[0] - both[1])), both[1].shape)


def shown_setting(setting):
    """A setting in Markdown: numbers and names as code, arrays as matrices; where some are too large, the shapes of the first two."""
    plain = ", ".join(f"{name}={_number(value)}" for name, value in setting.items() if isinstance(value, (int, float, Fraction)))
    arrays = {name: value for name, value in setting.items() if isinstance(value, np.ndarray)}
    others = {name: value for name, value in setting.items() if not isinstance(value, (int, float, Fraction, np.ndarray))}
    if all(map(_prints, arrays.values())):
        parts = [f"{name} {shown(value)}" for name, value in arrays.items()]
    else:
        parts = [f"{name} of shape {value.shape}" for name, value in list(arrays.items())[:2]]
    parts += [f"{name} {getattr(value, '__name__', value)}" for name, value in others.items()]
    return "; ".join([f"`{plain}`", *parts] if plain else parts)


def shown(value):
    """A value in Markdown: numbers, matrices and expressions as formulas, errors and everything large in words."""
    if isinstance(value, Raised):
        return value.error.split("\n")[0].replace("|", "\\|")
    if isinstance(value, tuple):
        return ", ".join(str(tuple(each.tolist())) if _is_shape(each) else shown(each) for each in value)
    if isinstance(value, np.ndarray):
        return f"${_matrix(value)}$" if _prints(value) else f"an array of shape {value.shape}"
    if isinstance(value, sympy.Basic) and not value.is_number:
        return f"$\\displaystyle {sympy.latex(value)}$"
    return str(value).lower() if isinstance(value, (bool, np.bool_)) else value if isinstance(value, str) else f"${_number(value)}$"


def _is_shape(value):
    return isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind == "i"


def _prints(array):
    return array.squeeze().ndim <= 2 and array.size <= LARGEST and np.atleast_1d(array).shape[-1] <= WIDEST


def _matrix(array):
    rows = [" & ".join(map(_number, row)) for row in np.atleast_2d(array if array.ndim <= 2 else array.squeeze())]
    return r"\begin{pmatrix}" + r" \\ ".join(rows) + r"\end{pmatrix}"


def _number(value):
    """A number with few decimals; a fraction stays one."""
    if isinstance(value, (bool, Fraction, sympy.Rational)):
        return str(value)
    value = float(value)
    if not np.isfinite(value):
        return r"\text{NaN}" if np.isnan(value) else r"\infty" if value > 0 else r"-\infty"
    return f"{round(value, PLACES) + 0.0:g}"


def checked(items, claims):
    """The claims of the items, or an error that says which item does not exist."""
    unknown = [item for item in items if item not in claims]
    if unknown or not items:
        raise ValueError(f"items={', '.join(map(repr, unknown)) or 'nothing'} are not in the catalogue. Write items from F1 to F67.")
    found: list[Claim] = [claims[item] for item in items]
    return found
