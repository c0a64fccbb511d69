"""What all tests share: one way to draw random cases, one rule for optional packages, no screen."""

import itertools
import sys

import hypothesis
import matplotlib
import numpy as np
import pytest
from packages import optional

matplotlib.use("Agg")

# The same cases every time, so that a red run can be repeated; no deadline, because machines differ in speed.
hypothesis.settings.register_profile("book", derandomize=True, deadline=None, database=None, print_blob=True)
# For hunting: `pytest --hypothesis-profile=hunt` draws new cases at every run.
hypothesis.settings.register_profile("hunt", deadline=None, max_examples=1000, print_blob=True)
hypothesis.settings.load_profile("book")


def pytest_configure(config):
    config.addinivalue_line("markers", "requires_torch: compares with PyTorch; skipped without it, a failure in continuous integration")
    config.addinivalue_line("markers", "slow: takes longer than a few seconds")


@pytest.fixture
def torch():
    """PyTorch, on one thread."""
    module = optional("torch")
    module.set_num_threads(1)
    module.manual_seed(0)
    return module


@pytest.fixture(autouse=True)
def _the_same_draws_in_every_run(monkeypatch):
    """Generators without a seed get seeds from a million up in every test, so that a red run can be repeated."""
    draw, fresh = np.random.default_rng, itertools.count(10**6)
    monkeypatch.setattr(np.random, "default_rng", lambda seed=None: draw(next(fresh) if seed is None else seed))
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(autouse=True)
def _torch_where_required(request):
    if request.node.get_closest_marker("requires_torch"):
        optional("torch")
