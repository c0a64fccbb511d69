"""Packages that only some tests need: skipped without them, a failure where continuous integration promises that they are there."""

import importlib.util
import os

import pytest

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")


def optional(module):
    """Import an optional package; without it the test is skipped, or fails where CI=true says that everything must be there."""
    package = module.partition(".")[0]
    if importlib.util.find_spec(package) is None:
        message = f"{package} is not installed; `python3 book.py setup --dev` installs it"
        if IN_CI:
            pytest.fail(f"CI=true, and {message}")
        pytest.skip(message, allow_module_level=True)
    return importlib.import_module(module)
