"""Chapter 03: how many places a window has, derived for symbolic sizes.

n cells in the input, k cells in the kernel, stride s, p cells of padding at each end, dilation d; i numbers the places from 0.
q, a and e take the room apart: room = q s + a is division with remainder, and e = s - 1 - a says how far a is below its limit.
"""

import sympy

from cnnlib.geometry import output_size
from cnnlib.symbolic.derivation import Derivation

n, k, s, d = sympy.symbols("n k s d", integer=True, positive=True)
p, i, q, a, e = sympy.symbols("p i q a e", integer=True, nonnegative=True)
m = sympy.Symbol("m", integer=True, positive=True)

size_formula = Derivation("The size formula")


@size_formula.step("Place $i$ begins $i s$ cells into the padded input; its last kernel cell must not lie behind the last padded cell.")
def fits():
    first_cell = i * s
    last_cell = first_cell + d * (k - 1)
    return sympy.Le(last_cell, n + 2 * p - 1)


@size_formula.step(
    "Take the reach of the kernel, $d (k - 1)$, from both sides. What stands on the right is the room the window has to move."
)
def moves(fits):
    reach = d * (k - 1)
    return sympy.Le(fits.lhs - reach, fits.rhs - reach)


@size_formula.step(
    "Divide the room by the stride with remainder: $q$ whole strides, and $a$ cells left over. Since $a < s$, write $s = a + 1 + e$."
)
def divided(moves):
    return sympy.Eq(moves.rhs, (q * s + a).subs(s, a + 1 + e), evaluate=False)


@size_formula.step("Does place $q$ fit? The room less $q$ strides is $a$, which is not negative. It fits.")
def place_q(divided):
    return sympy.expand(divided.rhs - q * (a + 1 + e))


@size_formula.step("Does place $q + 1$ fit? It would need $e + 1$ cells more than there are, and that is positive. It does not.")
def place_after_q(divided):
    return sympy.expand((q + 1) * (a + 1 + e) - divided.rhs)


@size_formula.step(
    "So $q$ is the largest whole number of strides that fits into the room. That number has a name: the floor of their quotient."
)
def last_place(moves):
    return sympy.floor(moves.rhs / s)


@size_formula.step("Places are numbered from 0, so there is one more than the number of the last. This is the size of the output.")
def size(last_place):
    return last_place + 1


@size_formula.step("The library's own line, called with symbols instead of numbers, gives the same expression: their difference vanishes.")
def library_agrees(size):
    return sympy.simplify(size - output_size(n, k, s, p, d))


consequences = Derivation("What follows from the size formula")


@consequences.step("Start from the library's line, with symbols.")
def formula():
    return output_size(n, k, s, p, d)


@consequences.step("*Valid*: no padding.")
def valid(formula):
    return formula.subs(p, 0)


@consequences.step("*Full*: pad by the whole reach, so that even one common cell counts. At stride 1 the output grows by the reach.")
def full(formula):
    return sympy.expand(formula.subs(p, d * (k - 1)).subs(s, 1))


@consequences.step("*Same*: which padding keeps the size at stride 1? Set the size equal to $n$ and solve for $p$.")
def same(formula):
    return sympy.solve(sympy.Eq(formula.subs(s, 1), n), p)[0]


@consequences.step("An even kernel without dilation, $k = 2 j$, would need half a cell. No whole number of cells per side does it.")
def same_even(same):
    j = sympy.Symbol("j", integer=True, positive=True)
    return sympy.expand(same.subs({d: 1, k: 2 * j}))


@consequences.step("Cells of the padded input behind the last window: the room, less the strides that were made. They are never read.")
def left_over(formula):
    room = n + 2 * p - 1 - d * (k - 1)
    return room - (formula - 1) * s


@consequences.step("Backwards: the smallest input that gives $m$ places. Drop the floor and solve for $n$.")
def smallest_input(formula):
    quotient = formula.replace(sympy.floor, lambda inside: inside)
    return sympy.expand(sympy.solve(sympy.Eq(quotient, m), n)[0])


@consequences.step("The largest input that gives $m$ places leaves $s - 1$ cells over. So $s$ different inputs share every output size.")
def largest_input(smallest_input):
    return sympy.expand(smallest_input + s - 1)


ceil_mode = Derivation("Ceil mode")


@ceil_mode.step(
    "Floor mode drops a last window that hangs over the end. Ceil mode keeps it: the room may be exceeded by up to $s - 1$ cells."
)
def overhanging():
    room = n + 2 * p - 1 - d * (k - 1)
    return sympy.floor((room + s - 1) / s) + 1


@ceil_mode.step(
    "But a window that starts behind the input sees nothing but padding. Place $i$ starts inside if $i s - p \\le n - 1$; count those."
)
def starting_inside():
    return sympy.floor((n - 1 + p) / s) + 1


@ceil_mode.step("Both must hold, so the smaller count decides. PyTorch does the same, and demands $p \\le k / 2$.")
def ceil_size(overhanging, starting_inside):
    return sympy.Min(overhanging, starting_inside)


@ceil_mode.step("The library's line for ceil mode, called with symbols, agrees.")
def library_agrees_too(ceil_size):
    return sympy.simplify(ceil_size - output_size(n, k, s, p, d, ceil_mode=True))
