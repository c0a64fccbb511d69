"""Chapter 08: the gradients of average and max pooling, derived for general indices.

Pooling treats every channel of every image alone, so x[a, b] is one channel, 0 outside the image. The kernel has k x k cells, the stride
is s and the padding p on both axes; there are H x W places. g[i, j] is the gradient of the loss with respect to y[i, j].
"""

import sympy
from sympy.concrete.delta import deltasummation

from cnnlib.symbolic.derivation import Derivation
from cnnlib.symbolic.expressions import first_maximum

i, j, u, v, a, b, p = sympy.symbols("i j u v a b p", integer=True, nonnegative=True)
k, s, H, W = sympy.symbols("k s H W", integer=True, positive=True)
x, g = (sympy.IndexedBase(name, real=True) for name in ("x", "g"))
U, V = (sympy.IndexedBase(name, integer=True, nonnegative=True) for name in ("U", "V"))
h = sympy.Symbol("h", positive=True)


average = Derivation("The gradient of average pooling")


@average.step("The forward pass: add up the cells under the window and divide by their number.")
def output():
    return sympy.Sum(x[i * s + u - p, j * s + v - p], (u, 0, k - 1), (v, 0, k - 1)) / k**2


@average.step("Differentiate by cell $(a, b)$. Nothing is multiplied with it, so the deltas alone remain: is it the cell that was read?")
def output_by_input(output):
    return output.diff(x[a, b])


@average.step(
    "Sum over the window. At most one of its cells lies on $(a, b)$, namely $u = a + p - i s$, $v = b + p - j s$, if the window has it."
)
def covered(output_by_input):
    factor, total = output_by_input.as_independent(sympy.Sum)
    term = total.function
    for index in (u, v):
        term = deltasummation(term, (index, 0, k - 1))
    (one, condition), _ = sympy.piecewise_fold(term).args
    return sympy.Piecewise((factor * one, condition), (0, True))


@average.step("Chain rule: add up, over all places, the gradient that arrives times this derivative. Windows that overlap add up.")
def input_gradient(covered):
    share, condition = covered.args[0]
    return sympy.Sum(sympy.Piecewise((g[i, j] * share, condition), (0, True)), (i, 0, H - 1), (j, 0, W - 1))


@average.step("The first of them ends on cell $a$, $a + p - i s = k - 1$. If no window ends exactly there, it is the next one: round up.")
def first_window():
    return sympy.ceiling(sympy.solve(sympy.Eq(a + p - i * s, k - 1), i)[0])


@average.step(
    "The last of them begins on cell $a$, $a + p - i s = 0$. If no window begins exactly there, it is the one before: round down."
)
def last_window():
    return sympy.floor(sympy.solve(sympy.Eq(a + p - i * s, 0), i)[0])


@average.step("So many windows cover the cell along one axis, as long as all of them exist: near the border there are fewer.")
def windows_on_cell(first_window, last_window):
    return last_window - first_window + 1


@average.step("Windows side by side: $s = k$ and $p = 0$. Only window $\\lfloor a/k \\rfloor$ covers the cell, and one term is left.")
def side_by_side(input_gradient, last_window):
    row = last_window.subs({s: k, p: 0})
    return input_gradient.function.args[0][0].subs({i: row, j: row.subs(a, b)}, simultaneous=True)


@average.step("How much of its gradient does one window hand out in all? One share for each of its cells: exactly what it received.")
def handed_out(covered):
    return sympy.Sum(covered.args[0][0], (u, 0, k - 1), (v, 0, k - 1)).doit()


maximum = Derivation("The gradient of max pooling")


@maximum.step("The maximum of three cells, as a sum: each cell times 1 where it is the first of the largest, and times 0 elsewhere.")
def three_cells():
    return first_maximum([x[0], x[1], x[2]])


@maximum.step("Differentiate by the second cell. Where it wins, the output *is* that cell: slope 1. Everywhere else the slope is 0.")
def by_second_cell(three_cells):
    return three_cells.diff(x[1])


@maximum.step(
    "In general: let the winner of window $(i, j)$ be its cell $(U_{i,j}, V_{i,j})$. While it stays the winner, the output is its value."
)
def winner():
    return x[i * s + U[i, j] - p, j * s + V[i, j] - p]


@maximum.step("Differentiate by cell $(a, b)$: 1 if it is the winner, 0 if not. No division: the winner takes everything.")
def winner_by_input(winner):
    return winner.diff(x[a, b])


@maximum.step("Chain rule: add up, over all places. A cell that wins several windows collects the gradients of all of them.")
def input_gradient_of_maximum(winner_by_input):
    return sympy.Sum(g[i, j] * winner_by_input, (i, 0, H - 1), (j, 0, W - 1))


@maximum.step("A tie: measure from the common value of two cells, and move one of them by $h$, then by $-h$. The two slopes differ.")
def slopes_at_a_tie():
    return sympy.Tuple(*(sympy.Max(step, 0) / step for step in (h, -h)))
