"""Chapter 21: every step of its derivation with random numbers in place of the letters, compared with the library's summary."""

import numpy as np
import pytest
import sympy

from cnnlib import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential
from cnnlib.symbolic.budgets import parameters, work
from cnnlib.symbolic.channels import insert


def family(C, m, k, q, K):
    """The chapter's net of width m."""
    return Sequential(
        Conv2d(C, m, k, padding=k // 2, rng=0), ReLU(), MaxPool2d(2),
        Conv2d(m, 2 * m, k, padding=k // 2, rng=0), ReLU(), MaxPool2d(2),
        Flatten(), Linear(2 * m * q * q, K, rng=0),
    )  # fmt: skip


def summary(C, m, k, q, K):
    return family(C, m, k, q, K).summary((C, 4 * q, 4 * q))


def random_net(seed):
    """Letters of a random net; kernels are odd, so that the size is kept."""
    rng = np.random.default_rng(seed)
    return dict(C=int(rng.integers(1, 5)), k=int(rng.choice([1, 3, 5])), q=int(rng.integers(1, 5)), K=int(rng.integers(1, 12)))


@pytest.mark.parametrize("seed", range(15))
def test_every_count_is_the_summary_s(seed):
    net, m = random_net(seed), seed % 7 + 1
    table = summary(m=m, **net)
    at = lambda step: insert(step.result, m=m, **net)
    learned = [row for row in table.rows if row.parameters]
    assert [at(parameters[name]) for name in ("first", "second", "dense")] == [row.parameters for row in learned]
    assert [at(work[name]) for name in ("first_work", "second_work", "dense_work")] == [row.multiply_adds for row in learned]
    assert (at(parameters["total"]), at(work["total_work"])) == (table.parameters, table.multiply_adds)


@pytest.mark.parametrize("seed", range(15))
@pytest.mark.parametrize("slack", [-1, 0, 1])
def test_the_widest_net_fits_and_the_next_one_does_not(seed, slack):
    net, m = random_net(seed), seed % 6 + 2
    table = summary(m=m, **net)
    for budget, cost, widest in (
        (table.parameters + slack, "parameters", insert(parameters["widest"].result, P=table.parameters + slack, **net)),
        (table.multiply_adds + slack, "multiply_adds", insert(work["widest_work"].result, A=table.multiply_adds + slack, **net)),
    ):
        assert widest == (m - 1 if slack < 0 else m)
        assert getattr(summary(m=int(widest), **net), cost) <= budget < getattr(summary(m=int(widest) + 1, **net), cost)


@pytest.mark.parametrize("seed", range(5))
def test_the_root_spends_the_budget_exactly(seed):
    net = random_net(seed)
    root = insert(parameters["root"].result, P=12_345, **net)
    total = insert(parameters["total"].result, **net)
    assert sympy.simplify(total.subs(next(s for s in total.free_symbols if s.name == "m"), root)) == 12_345
    assert root > 0


@pytest.mark.parametrize("seed", range(5))
def test_doubling_the_width_costs_four_times_and_doubling_the_image_four_times_the_work(seed):
    net = random_net(seed)
    wide = [summary(m=m, **net).parameters for m in (2_000, 4_000)]
    assert wide[1] / wide[0] == pytest.approx(float(parameters["doubled"].result), rel=0.05)
    small, large = (summary(m=3, **(net | dict(q=q))).multiply_adds for q in (net["q"], 2 * net["q"]))
    assert large == work["larger_image"].result * small


def test_no_step_is_left_unproved():
    assert [step.name for step in parameters] == ["first", "second", "dense", "total", "root", "widest", "doubled"]
    assert [step.name for step in work] == ["first_work", "second_work", "dense_work", "total_work", "widest_work", "larger_image"]
