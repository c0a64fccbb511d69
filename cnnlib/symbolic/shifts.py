"""Chapter 06: what shifts do to convolution, activation, stride and pooling, derived for general indices.

C input channels of H x W cells on a circular border: row H is row 0 again, so indices are taken modulo H and W. A kernel of K x M cells,
padding p. The image is shifted by t_1 rows and t_2 columns: the shifted image has at (a, b) what the image has at (a - t_1, b - t_2).
"""

import sympy
from sympy import Mod

from cnnlib.symbolic.derivation import Derivation

f, c, i, j, u, v = sympy.symbols("f c i j u v", integer=True, nonnegative=True)
C, H, W, K, M, m, n, s = sympy.symbols("C H W K M m n s", integer=True, positive=True)
p = sympy.Symbol("p", integer=True, nonnegative=True)
t_1, t_2, l, z = sympy.symbols("t_1 t_2 l z", integer=True)
t = sympy.Symbol("t", integer=True, positive=True)
q, e = sympy.symbols("q e", integer=True, nonnegative=True)
a = sympy.Symbol("a", integer=True, positive=True)
x, w, b, y = (sympy.IndexedBase(name, real=True) for name in ("x", "w", "b", "y"))
sigma = sympy.Function("sigma", real=True)


def shift_entries(expression, base, moved):
    """Replace every entry of `base` by the entry of the shifted array: moved(indices) says which cell that is."""
    return expression.replace(lambda e: isinstance(e, sympy.Indexed) and e.base == base, lambda e: base[moved(*e.indices)])


convolution = Derivation("Convolution commutes with shifts")


@convolution.step("A convolution with stride 1 on a circular border: whatever row or column is asked for, it is taken modulo $H$ or $W$.")
def output():
    cell = x[c, Mod(i + u - p, H), Mod(j + v - p, W)]
    return sympy.Sum(w[f, c, u, v] * cell, (c, 0, C - 1), (u, 0, K - 1), (v, 0, M - 1)) + b[f]


@convolution.step("*Shift, then convolve*: every entry of $x$ is replaced by the one $t_1$ rows above it and $t_2$ columns to its left.")
def shift_first(output):
    return shift_entries(output, x, lambda c, row, column: (c, Mod(row - t_1, H), Mod(column - t_2, W)))


@convolution.step("*Convolve, then shift*: the shifted output has at $(i, j)$ what the output has at $(i - t_1, j - t_2)$.")
def shift_last(output):
    return output.subs({i: Mod(i - t_1, H), j: Mod(j - t_2, W)}, simultaneous=True)


@convolution.step("Compare. Both ask for row $i + u - p - t_1$ and column $j + v - p - t_2$, so their difference vanishes.")
def difference(shift_first, shift_last):
    return shift_first - shift_last


pointwise = Derivation("An activation commutes with shifts, and so does a chain")
F, G, P, T = sympy.symbols("F G P T", commutative=False)


@pointwise.step("An activation looks at one cell at a time: any function $\\sigma$ of the cell at the same place.")
def activation():
    return sigma(x[c, i, j])


@pointwise.step("Shift, then apply; from it, apply, then shift. The same cell goes into the same function.")
def activation_difference(activation):
    first = shift_entries(activation, x, lambda c, row, column: (c, Mod(row - t_1, H), Mod(column - t_2, W)))
    last = activation.subs({i: Mod(i - t_1, H), j: Mod(j - t_2, W)}, simultaneous=True)
    return first - last


@pointwise.step("Write $T$ for a shift and $F$, $G$ for two layers, the first to act on the right. Start: shift, then $F$, then $G$.")
def chain():
    return G * F * T


@pointwise.step("$F$ commutes with the shift, $F T = T F$: the shift moves one place to the left.")
def past_first(chain):
    return chain.subs(F * T, T * F)


@pointwise.step("$G$ commutes too. The shift has passed both layers, and so it passes any number of them.")
def past_both(past_first):
    return past_first.subs(G * T, T * G)


stride = Derivation("What a stride leaves of it")


@stride.step("One axis of $m s$ cells on a circular border, read with stride $s$ at $m$ places.")
def strided():
    return sympy.Sum(w[u] * x[Mod(i * s + u - p, m * s)], (u, 0, K - 1))


@stride.step("Shift the input by a multiple of the stride, $s l$ cells.")
def multiple_first(strided):
    return shift_entries(strided, x, lambda cell: Mod(cell - s * l, m * s))


@stride.step("Shift the output by $l$ places. Modulo $m$ means: $i - l$, less $z$ whole turns of $m$ places, for some whole number $z$.")
def multiple_last(strided):
    return strided.subs(i, i - l - m * z)


@stride.step("A turn of $m$ places is a turn of $m s$ cells, and that falls away modulo $m s$.")
def turns_gone(multiple_last):
    return multiple_last.replace(Mod, lambda cell, size: Mod(sympy.expand(cell), size))


@stride.step("Compare: both read the same cells, and the difference vanishes. Multiples of the stride are respected.")
def multiple_difference(multiple_first, turns_gone):
    return multiple_first - turns_gone


@stride.step(
    "Now a shift that is no multiple: $t = q s + a$ with a remainder $0 < a < s$, so $s = a + 1 + e$. Take a kernel of one cell, "
    "$y_i = x_{i s}$, and a single 1 at cell 0, which place 0 reads. After the shift it lies at cell $t$. "
    "Place $q$ reads this far left of it:"
)
def beyond_place_q():
    cells_per_step = a + 1 + e
    shift = q * cells_per_step + a
    return sympy.expand(shift - q * cells_per_step)


@stride.step("And place $q + 1$ reads this far right of it. Both distances are positive: no place reads the 1, and the output is 0.")
def before_next_place():
    cells_per_step = a + 1 + e
    shift = q * cells_per_step + a
    return sympy.expand((q + 1) * cells_per_step - shift)


pooling = Derivation("Global pooling is invariant")


@pooling.step("The sum over one axis of a shifted output, $0 \\le t \\le n$: the first $t$ cells are the ones that came round the border.")
def shifted_sum():
    return sympy.Sum(y[i - t + n], (i, 0, t - 1)) + sympy.Sum(y[i - t], (i, t, n - 1))


@pooling.step("Count each part by the cell it came from: $i - t + n \\to i$ in the first, $i - t \\to i$ in the second.")
def recounted(shifted_sum):
    moved = {total: sympy.expand(total.function.indices[0] - i) for total in shifted_sum.args}
    return sympy.Add(*(total.change_index(i, i + by) for total, by in moved.items()))


@pooling.step("The two parts follow each other without a gap. Together they are the sum of the output that was never shifted.")
def same_sum(recounted):
    return sympy.simplify(recounted)


@pooling.step("As a rule: $P$ does not see shifts, $P T = P$; $F$ commutes with them. Shift, then $F$, then pool:")
def pooled_chain():
    return P * F * T


@pooling.step("Let the shift pass $F$, and vanish at $P$. An equivariant net with a global pooling at its end is **invariant**.")
def invariant(pooled_chain):
    return pooled_chain.subs(F * T, T * F).subs(P * T, P)
