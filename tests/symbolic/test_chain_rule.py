"""Every step of chapter 10's derivations, with random numbers in place of its letters."""

import itertools
import random
from functools import reduce

import numpy as np
import pytest
import sympy
from test_derivations import by_name, evaluate

from cnnlib import claims
from cnnlib.claims.gradient_testers import Net
from cnnlib.symbolic import chain_rule

SEEDS = range(6)


def numbers_for(step, **values):
    """The letters of a step with these names, as `evaluate` wants them."""
    return {letter: values[letter.name] for letter in step.result.free_symbols if letter.is_Symbol and letter.name in values}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_of_the_chain_rule_is_the_change_of_a_real_function(seed):
    """h[i] = p[i] x + r[i] x^2 and L = sum of (s[i] h[i] + h[i]^2), moved by d: the errors are known exactly."""
    rng = np.random.default_rng(seed)
    m, x, d = int(rng.integers(1, 5)), float(rng.normal()), float(rng.uniform(0.1, 1))
    p, r, s = rng.normal(size=(3, m))
    h = lambda at: p * at + r * at**2
    moved = h(x + d) - h(x)
    G, F = p + 2 * r * x, s + 2 * h(x)
    arrays = {"G": G, "F": F, r"\varepsilon": r * d, r"\eta": moved}
    loss = lambda at: (s * h(at) + h(at) ** 2).sum()
    step = chain_rule.several_paths
    for i in range(m):
        assert evaluate(step["inner_change"].result, numbers_for(step["inner_change"], d=d, i=i), arrays) == pytest.approx(moved[i])
    change = loss(x + d) - loss(x)
    assert evaluate(step["outer_change"].result, numbers_for(step["outer_change"], d=d, m=m), arrays) == pytest.approx(change)
    assert evaluate(step["quotient"].result, numbers_for(step["quotient"], m=m), arrays) == pytest.approx(change / d)
    slope = (F * G).sum()
    assert evaluate(step["derivative"].result, numbers_for(step["derivative"], m=m), arrays) == pytest.approx(slope)
    assert (loss(x + 1e-6) - loss(x - 1e-6)) / 2e-6 == pytest.approx(slope, rel=1e-6, abs=1e-7)
    short = {name: np.append(array, [0.0, 0.0])[:2] for name, array in arrays.items()}
    for name, paths in (("one_path", 1), ("two_paths", 2)):
        assert evaluate(step[name].result, {}, short) == pytest.approx((short["F"] * short["G"])[:paths].sum())


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_with_vectors_is_numpys_matrix_product(seed):
    rng = np.random.default_rng(seed)
    k, m, inputs = (int(size) for size in rng.integers(1, 5, 3))
    A, B, g = rng.normal(size=(k, m)), rng.normal(size=(m, inputs)), rng.normal(size=k)
    step, arrays = chain_rule.vectors, dict(A=A, B=B, g=g)
    for q in range(inputs):
        for j in range(k):
            found = evaluate(step["entry"].result, numbers_for(step["entry"], m=m, j=j, q=q), arrays)
            assert found == pytest.approx((A @ B)[j, q])
        for name in ("pulled_back", "drawn_in", "order_changed", "row_first"):
            found = evaluate(step[name].result, numbers_for(step[name], m=m, k=k, q=q), arrays)
            assert found == pytest.approx(((g @ A) @ B)[q])


def test_the_last_step_with_vectors_multiplies_a_row_with_a_matrix_and_nothing_else():
    assert str(chain_rule.vectors["row_first"].result) == "Sum(B[i, q]*Sum(A[j, i]*g[j], (j, 0, k - 1)), (i, 0, m - 1))"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_net_of_two_layers_is_differentiated_rightly_and_the_printed_rule_is_not(seed):
    draw = random.Random(seed)
    x, w1, w2, t = (draw.choice([number for number in range(-5, 6) if number]) for _ in range(4))
    values, step = dict(x=x, w1=w1, w2=w2, t=t, h=w1 * x), chain_rule.two_layers
    value = lambda name: by_name(step[name].result, **values)
    residue = w2 * w1 * x - t
    assert value("loss_of_output") == sympy.Rational(residue**2, 2)
    assert value("first_layer") == w1 * x
    assert value("handed_back") == residue * w2
    loss = lambda weight: sympy.Rational((w2 * weight * x - t) ** 2, 2)
    true = (loss(w1 + 1) - loss(w1 - 1)) / 2  # exact: the loss is a parabola in the weight
    assert value("by_first_weight") == true
    assert value("repaired_minus_true") == 0
    assert value("as_printed") == residue * w1 * x * x
    assert value("printed_over_true") == sympy.Rational(w1 * x, w2)


def test_the_chapters_verdict_on_f12_is_the_catalogues():
    net = Net("h = w1 x", Net.w1 * Net.x)
    rename = {letter: getattr(net, letter.name) for letter in chain_rule.two_layers["as_printed"].result.free_symbols}
    claim = claims.CLAIMS["F12"]
    for name, said in (("as_printed", claim.statement), ("by_first_weight", claim.repaired)):
        ours = chain_rule.two_layers[name].result.subs(rename)
        assert sympy.expand(ours - said(net)) == 0


class Counted(float):
    multiplications = 0

    def __mul__(self, other):
        Counted.multiplications += 1
        return Counted(float(self) * float(other))

    __rmul__ = __mul__


def multiplications(product, widths):
    ones = [np.array([[Counted(1)] * before] * behind, dtype=object) for before, behind in itertools.pairwise(widths)]
    Counted.multiplications = 0
    whole = reduce(product, ones if product is forward else ones[::-1])
    return Counted.multiplications, int(whole[0, 0])


def forward(so_far, step):
    return step @ so_far


def reverse(so_far, step):
    return so_far @ step


@pytest.mark.parametrize("seed", SEEDS)
def test_the_costs_are_what_real_products_of_jacobians_multiply(seed):
    draw = random.Random(seed)
    K = draw.randint(2, 5)
    widths = [draw.randint(1, 5) for _ in range(K + 1)]
    known = {chain_rule.n[l]: width for l, width in enumerate(widths)}
    step = chain_rule.cost
    for name, product in (("forward_mode", forward), ("reverse_mode", reverse)):
        formula = step[name].result.subs(chain_rule.K, K).doit().subs(known)
        assert (int(formula), int(step["paths"].result.subs(chain_rule.K, K).doit().subs(known))) == multiplications(product, widths)
    m, k, r = widths[0], widths[-1], draw.randint(1, 6)
    for name, product in (("forward_of_a_net", forward), ("reverse_of_a_net", reverse)):
        assert by_name(step[name].result, m=m, k=k, r=r, K=K) == multiplications(product, [m, *[r] * (K - 1), k])[0]
    assert by_name(step["one_product"].result, a=m, b=r, c=k) == m * r * k
    deep = by_name(step["forward_of_a_net"].result / step["reverse_of_a_net"].result, m=m, k=k, r=r, K=10**6)
    assert float(deep) == pytest.approx(float(by_name(step["ratio_of_a_deep_net"].result, m=m, k=k)), rel=1e-4)
