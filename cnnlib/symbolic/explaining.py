"""Chapter 19: the weights of Grad-CAM, and the smallest change of an image that moves a score most, derived for general sizes.

A[k, i, j] are K maps of H x W cells; w[k] is a dense layer's weight and beta its bias. g are gradients of a score: g[i, j] by the cells
of one map, g[i] by the n cells of an image laid out in a row. epsilon is the largest change that a cell may suffer.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation
from cnnlib.symbolic.gradients import contract

i, j, k, l, a, b = sympy.symbols("i j k l a b", integer=True, nonnegative=True)
H, W, K, n = sympy.symbols("H W K n", integer=True, positive=True)
epsilon, m, size = sympy.symbols("epsilon m gamma", positive=True)
beta, t = sympy.symbols("beta t", real=True)
A, w, g, d, alpha = (sympy.IndexedBase(name, real=True) for name in ("A", "w", "g", "d", "alpha"))


def at_every_entry(expression, base, value):
    """Put one value in place of every entry of an indexed letter."""
    return expression.replace(lambda e: isinstance(e, sympy.Indexed) and e.base == base, lambda e: value)


class_map = Derivation("Which weight does a map deserve?")


@class_map.step("The simplest net with maps at its end: the mean of each map, times a weight, summed, plus a bias.")
def score():
    mean = sympy.Sum(A[k, i, j], (i, 0, H - 1), (j, 0, W - 1)) / (H * W)
    return beta + sympy.Sum(w[k] * mean, (k, 0, K - 1))


@class_map.step(
    "Sum in another order, first over the maps and then over the places. "
    "Each place $(i, j)$ adds $\\sum_k w_k A_{k,i,j}$: a map of its own, which says where the score comes from."
)
def place_by_place(score):
    outer = score - beta
    factor, inner = outer.function.as_independent(sympy.Sum)
    term = factor * H * W * inner.function
    return beta + sympy.Sum(term, *outer.limits, *inner.limits) / (H * W)


@class_map.step("How does the score depend on one cell, $(a, b)$ of map $l$? The deltas ask whether a term is that cell.")
def by_cell(place_by_place):
    return place_by_place.diff(A[l, a, b])


@class_map.step("Sum the deltas away. The same number at every cell of the map: its weight, shared out among the cells.")
def gradient(by_cell):
    factor, total = by_cell.as_independent(sympy.Sum)
    term = total.function
    for index, count in ((k, K), (i, H), (j, W)):
        term = contract(term, index, count)
    return factor * term


@class_map.step("So the mean gradient over the map is the dense layer's weight $w_l$, up to a factor that is the same for all maps.")
def mean_gradient(gradient):
    return (sympy.Sum(gradient, (a, 0, H - 1), (b, 0, W - 1)) / (H * W)).doit()


@class_map.step("Any other net, near an image: the cells of one map change by $d_{i,j}$, and the score by about this, for small changes.")
def first_order():
    return sympy.Sum(g[i, j] * d[i, j], (i, 0, H - 1), (j, 0, W - 1))


@class_map.step("Raise the whole map by $t$, every cell alike. The slope of the score in $t$ is the sum of the gradients.")
def raised(first_order):
    return at_every_entry(first_order, d, t).diff(t)


@class_map.step("Per cell that is their mean. This is **the weight of Grad-CAM**, defined for every net that has maps and a gradient.")
def weight(raised):
    return raised / (H * W)


@class_map.step("The picture: the maps, weighted, summed; what speaks against the class is cut off.")
def picture():
    return sympy.Max(0, sympy.Sum(alpha[k] * A[k, i, j], (k, 0, K - 1)))


attack = Derivation("The strongest small change")


@attack.step("Change the cells of an image by $d_i$. To first order the score changes by this sum.")
def change():
    return sympy.Sum(g[i] * d[i], (i, 0, n - 1))


@attack.step(
    "No cell may change by more than $\\epsilon$, and the cells do not hinder each other. So look at one term, at both ends of its range."
)
def one_term(change):
    ends = [change.function.subs(d[i], end) for end in (-epsilon, epsilon)]
    return sympy.Max(*ends)


@attack.step("A straight line is largest at an end. Which end, the sign of $g_i$ decides; either way the value is this.")
def largest_term(one_term):
    return one_term.rewrite(sympy.Abs)


@attack.step(
    "So the best change is $\\epsilon \\operatorname{sign}(g_i)$ in every cell. "
    "How far its term stays behind the largest value, for a positive gradient, a negative one and 0: not at all."
)
def best_step(change, largest_term):
    gap = largest_term - change.function.subs(d[i], epsilon * sympy.sign(g[i]))
    return sympy.Matrix([[gap.subs(g[i], each) for each in (size, -size, 0)]])


@attack.step("Sum over all cells: the score moves by $\\epsilon$ times the **sum of the absolute gradients**.")
def gain(change, largest_term):
    return epsilon * sympy.Sum(largest_term / epsilon, *change.limits)


@attack.step("A score leads by $m$. To first order the lead is gone when the change of the lead is as large: solve for $\\epsilon$.")
def flip(gain):
    return sympy.solve(sympy.Eq(gain, m), epsilon)[0]


@attack.step(
    "Compare with noise: random signs, independent. Each term has the mean 0 and the variance $(\\epsilon g_i)^2$. "
    "Variances of independent terms add; the spread is the root of their sum."
)
def noise(change):
    return sympy.sqrt(sympy.Sum((epsilon * g[i]) ** 2, *change.limits))


@attack.step("If all gradients have the size $\\gamma$, the aimed change is stronger than the spread of the noise by this factor.")
def advantage(gain, noise):
    even_gain, even_noise = (at_every_entry(each, g, size).doit() for each in (gain, noise))
    return sympy.simplify(even_gain / even_noise)
