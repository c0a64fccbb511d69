"""Chapter 21: what a family of nets costs as its width grows, and the widest one that a budget allows.

The family: C channels of 4q x 4q cells; a convolution with k x k kernels to m maps, its size kept; a pooling that halves both sides; a
convolution to 2 m maps; a second such pooling, which leaves q x q cells; a dense layer to K classes. Biases everywhere. m is the width.
P and A are the budgets: parameters and multiply-adds.
"""

import sympy

from cnnlib.symbolic.channels import C, F, G, H, K, M, W, beta, counts
from cnnlib.symbolic.derivation import Derivation

m, k, q = sympy.symbols("m k q", integer=True, positive=True)
P, A = sympy.symbols("P A", integer=True, positive=True)


def _layer(count, inputs, outputs, kernel, side):
    """A count of chapter 04 for one layer with full connections and biases."""
    letters = {C: inputs, F: outputs, K: kernel, M: kernel, H: side, W: side, G: 1, beta: 1}
    return counts[count].result.subs(letters, simultaneous=True)


def _positive_root(cost, budget):
    """The width at which a quadratic cost, which grows with m, is just the budget."""
    a, b, c = sympy.Poly(cost, m).all_coeffs()
    return (-b + sympy.sqrt(sympy.factor(b**2 - 4 * a * (c - budget)))) / (2 * a)


parameters = Derivation("The widest net under a budget of parameters")


@parameters.step("The first convolution, by the count of chapter 4: from $C$ channels to $m$ maps.")
def first():
    return _layer("parameters", C, m, k, 1)


@parameters.step("The second convolution, from $m$ maps to $2m$. Here $m$ meets $m$: this is where the square comes from.")
def second():
    return _layer("parameters", m, 2 * m, k, 1)


@parameters.step("The dense layer is a convolution whose kernels cover the whole of the $2m$ maps of $q \\times q$ cells.")
def dense():
    return _layer("parameters", 2 * m, K, q, 1)


@parameters.step("All together, sorted by powers of the width.")
def total(first, second, dense):
    return sympy.collect(sympy.expand(first + second + dense), m)


@parameters.step("The width at which the total is just $P$: of the two roots of the quadratic, the positive one.")
def root(total):
    return _positive_root(total, P)


@parameters.step("A width is a whole number, and the total grows with it. So the widest net has the floor of the root.")
def widest(root):
    return sympy.floor(root)


@parameters.step("What does doubling the width cost, when nets are wide? The square wins over everything else.")
def doubled(total):
    return sympy.limit(total.subs(m, 2 * m) / total, m, sympy.oo)


work = Derivation("The widest net under a budget of multiply-adds")


@work.step("The first convolution works at all $4q \\times 4q$ places.")
def first_work():
    return _layer("multiply_adds", C, m, k, 4 * q)


@work.step("The second works behind the first pooling, at $2q \\times 2q$ places.")
def second_work():
    return _layer("multiply_adds", m, 2 * m, k, 2 * q)


@work.step("The dense layer has one place. Each of its weights is used once.")
def dense_work():
    return _layer("multiply_adds", 2 * m, K, q, 1)


@work.step("All together. There is no constant term: biases are added, not multiplied.")
def total_work(first_work, second_work, dense_work):
    return sympy.collect(sympy.expand(first_work + second_work + dense_work), m)


@work.step("The positive root for the budget $A$, and its floor.")
def widest_work(total_work):
    return sympy.floor(_positive_root(total_work, A))


@work.step("Twice as many cells along each side: $q$ becomes $2q$. Every layer works at four times as many places.")
def larger_image(total_work):
    return sympy.simplify(total_work.subs(q, 2 * q) / total_work)
