"""Formulas that circulate, F1 to F67, each with a test that it takes: predict, run, see the counterexample, repair.

`claims.CLAIMS["F12"]` is an entry of the catalogue, `claims.catalog()` all of them in order, `claims.test("F12")` runs a test, and
`claims.test("F12", repaired)` runs the same test on another formula. The `test_...` functions take any formula of yours.
"""

import importlib

from cnnlib.claims.activation_testers import test_softmax
from cnnlib.claims.claim import GROUPS, SOURCES, Claim
from cnnlib.claims.findings import Cards, Table, checked
from cnnlib.claims.formula import Raised
from cnnlib.claims.gradient_testers import test_chain_rule, test_gradient
from cnnlib.claims.indexed import sliding_formula
from cnnlib.claims.size_testers import test_size_formula
from cnnlib.claims.tester import VERDICTS, Counterexample, Result, Tester, Words
from cnnlib.claims.window_testers import stride_one, test_convolution, test_layer, test_pooling

_FILES = ("sizes", "convolution", "channels", "pooling", "activations", "chain_rule", "gradients", "training", "words")
CLAIMS = {
    claim.item: claim
    for claim in sorted(
        (claim for file in _FILES for claim in importlib.import_module(f"cnnlib.claims.{file}").CLAIMS), key=lambda claim: claim.number
    )
}


def catalog(group=None):
    """List the claims by number; `group`, one of GROUPS, keeps those of one subject."""
    if group is not None and group not in GROUPS:
        raise ValueError(f"group={group!r} is not one of {', '.join(GROUPS)}. Write one of these names.")
    return [claim for claim in CLAIMS.values() if group in (None, claim.group)]


def test(item, statement=None):  # noqa: PT028 (a tool, not a test of pytest)
    """Test claim `item`, such as "F12"; with a `statement`, put that in its place and run the same test. Returns a Result."""
    if item not in CLAIMS:
        raise ValueError(f"item={item!r} is not in the catalogue. Write one of F1 to F67.")
    return CLAIMS[item].test(statement)


def examine(*items):
    """Test items, such as "F1", "F2", and show for each a card: verdict, counterexample beside the truth, reason, repair."""
    return Cards(checked(items, CLAIMS))


def verdicts(*items):
    """Test items and show one table: verdict, what was compared, at how many settings it is right, why."""
    return Table(checked(items, CLAIMS))


__all__ = [
    "CLAIMS",
    "GROUPS",
    "SOURCES",
    "VERDICTS",
    "Claim",
    "Counterexample",
    "Raised",
    "Result",
    "Tester",
    "Words",
    "catalog",
    "examine",
    "sliding_formula",
    "stride_one",
    "test",
    "test_chain_rule",
    "test_convolution",
    "test_gradient",
    "test_layer",
    "test_pooling",
    "test_size_formula",
    "test_softmax",
    "verdicts",
]
