"""Fixtures of the browser tests. Without Chromium they are skipped; where CNNLIB_BROWSER_TESTS=required, they fail."""

import os

import pytest
from harness import CHROMIUM, Notebook, browser, jupyter, watched_page, write_notebook


def missing():
    """What the browser tests need and do not find, as a sentence; None when all is there."""
    try:
        import jupyterlab  # noqa: F401
        import notebook  # noqa: F401
        import playwright  # noqa: F401
    except ModuleNotFoundError as error:
        return f"the Python package {error.name} is missing"
    return None if CHROMIUM else "Chromium is missing (Debian: apt install chromium)"


@pytest.fixture(scope="session")
def chromium():
    reason = missing()
    if reason and os.environ.get("CNNLIB_BROWSER_TESTS") == "required":
        pytest.fail(f"browser tests are required, but {reason}")
    if reason:
        pytest.skip(reason)
    with browser() as running:
        yield running


@pytest.fixture(scope="session")
def server(chromium, tmp_path_factory):
    """(address, folder of notebooks) of one server for the whole run."""
    with jupyter(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture
def page(chromium):
    with watched_page(chromium) as fresh:
        yield fresh


@pytest.fixture
def open_notebook(server, page):
    """A function (name, *cells, app="lab") that writes a notebook of these cells, opens it and returns it, not yet run."""
    address, folder = server

    def open_(name, *cells, app="lab"):
        if cells:
            write_notebook(folder / name, *cells)
        return Notebook(page, address, name, app)

    return open_
