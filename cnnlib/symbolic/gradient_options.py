"""Chapter 11, for images: dilation, groups and the activation in the gradients of a convolution, for general indices.

The channels of x are numbered by their group and inside it: x[n, q, c, a, b] is channel c of group q. In the same way y[n, q, f, i, j], and
w[q, f, c, u, v] reads channel c of its own group. D input and F output channels in each of G groups; a kernel of K x M cells; H x W places;
stride s, padding p, dilation d on both axes. z is the output of the convolution and y = phi(z) that of the activation; g[n, q, f, i, j] is
the gradient of the loss by y, h that by z. The primed indices name the one entry whose gradient is asked for.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation
from cnnlib.symbolic.gradients import contract

n, q, c, f, i, j, u, v, a, b = sympy.symbols("n q c f i j u v a b", integer=True, nonnegative=True)
N, G, D, F, H, W, K, M, s, d = sympy.symbols("N G D F H W K M s d", integer=True, positive=True)
p = sympy.Symbol("p", integer=True, nonnegative=True)
n_, q_, c_, f_, u_, v_ = sympy.symbols("n' q' c' f' u' v'", integer=True, nonnegative=True)
x, w, g, h, bias, z = (sympy.IndexedBase(name, real=True) for name in ("x", "w", "g", "h", "b", "z"))
phi = sympy.Function("phi", real=True)
PLACES = (i, 0, H - 1), (j, 0, W - 1)


def through(expression, *indices):
    """Sum the deltas of an expression away, over (index, size) pairs, for an entry that exists."""
    for index, size in indices:
        expression = contract(expression, index, size)
    return expression


layer = Derivation("A layer with dilation, groups and an activation")


@layer.step("The convolution: group $q$ reads its own channels, and kernel cells lie $d$ apart.")
def before():
    product = w[q, f, c, u, v] * x[n, q, c, i * s + u * d - p, j * s + v * d - p]
    return sympy.Sum(product, (c, 0, D - 1), (u, 0, K - 1), (v, 0, M - 1)) + bias[q, f]


@layer.step("Behind it stands an activation. It acts on every number by itself, so there is one path: from $z$ to $y$ in the same cell.")
def slope():
    cell = z[n, q, f, i, j]
    return phi(cell).diff(cell)


@layer.step("Chain rule with one path: the gradient that arrives at $z$. Everything below starts from this $h$, not from $g$.")
def arriving(slope):
    return g[n, q, f, i, j] * slope


@layer.step("The bias of channel $(q', f')$ enters each of its outputs with slope 1.")
def by_bias(before):
    total = through(h[n, q, f, i, j] * before.diff(bias[q_, f_]), (q, G), (f, F))
    return sympy.Sum(total, (n, 0, N - 1), *PLACES)


@layer.step("A weight: it was multiplied with this input cell. Dilation only moves the cell, $u' d$ in place of $u'$.")
def cell_of_weight(before):
    return through(before.diff(w[q_, f_, c_, u_, v_]).function, (c, D), (u, K), (v, M))


@layer.step("Add up the paths: over all places and over all images. The deltas leave the weight's own group and output channel.")
def by_weight(cell_of_weight):
    total = through(h[n, q, f, i, j] * cell_of_weight, (q, G), (f, F))
    return sympy.Sum(total, (n, 0, N - 1), *PLACES)


@layer.step(
    "An input cell: the paths of its own image and its own group, over all output channels of the group, all places, all kernel cells. "
    "The deltas ask whether kernel cell $(u, v)$ of place $(i, j)$ lies on it."
)
def by_input(before):
    total = through(h[n, q, f, i, j] * before.diff(x[n_, q_, c_, a, b]).function, (n, N), (q, G), (c, D))
    return sympy.Sum(total, (u, 0, K - 1), (v, 0, M - 1), (f, 0, F - 1), *PLACES)
