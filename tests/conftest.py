"""What all tests share: one way to draw random cases, one rule for optional packages, no screen."""

import importlib.util
import os

import hypothesis
import matplotlib
import pytest

matplotlib.use("Agg")

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")

# The same cases every time, so that a red run can be repeated; no deadline, because machines differ in speed.
hypothesis.settings.register_profile("book", derandomize=True, deadline=None, database=None, print_blob=True)
# For hunting: `pytest --hypothesis-profile=hunt` draws new cases at every run.
hypothesis.settings.register_profile("hunt", deadline=None, max_examples=1000, print_blob=True)
hypothesis.settings.load_profile("book")


def pytest_configure(config):
    config.addinivalue_line("markers", "requires_torch: compares with PyTorch; skipped without it, a failure in continuous integration")
    config.addinivalue_line("markers", "slow: takes longer than a few seconds")


def optional(module):
    """Import an optional package; without it the test is skipped, or fails where CI=true says that everything must be there."""
    if importlib.util.find_spec(module) is None:
        message = f"{module} is not installed; `python3 book.py setup --dev` installs it"
        if IN_CI:
            pytest.fail(f"CI=true, and {message}")
        pytest.skip(message)
    return importlib.import_module(module)


@pytest.fixture
def torch():
    """PyTorch, on one thread."""
    module = optional("torch")
    module.set_num_threads(1)
    return module


@pytest.fixture(autouse=True)
def _torch_where_required(request):
    if request.node.get_closest_marker("requires_torch"):
        optional("torch")
