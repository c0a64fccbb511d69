"""Every derivation of the book, found in the modules themselves: what a step shows to the reader."""

import importlib
import pkgutil

import pytest
import sympy

from cnnlib import symbolic
from cnnlib.symbolic.derivation import Derivation


def derivations():
    """{name: derivation} of all modules of cnnlib.symbolic."""
    found = {}
    for module in pkgutil.iter_modules(symbolic.__path__):
        home = importlib.import_module(f"cnnlib.symbolic.{module.name}")
        found |= {f"{module.name}.{name}": each for name, each in vars(home).items() if isinstance(each, Derivation)}
    return found


EVERY = derivations()


def test_the_book_derives():
    assert len(EVERY) > 30


@pytest.mark.parametrize("name", EVERY)
def test_every_step_shows_words_code_and_result(name):
    for step in EVERY[name]:
        text = step._repr_markdown_()
        assert step.words in text
        assert f"def {step.name}(" in text
        assert sympy.latex(step.result) in text
        assert len(step.code.splitlines()) <= 8
