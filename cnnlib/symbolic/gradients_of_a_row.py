"""Chapter 11, along one axis: the chain rule over several paths, then the gradients of a convolution of a row, with stride and padding.

n input cells x[a], a kernel w of K cells, m places y[i]; stride s, padding p, dilation d. x[a] is 0 outside the row; g[i] is the
gradient of the loss with respect to y[i], and 0 where there is no place i. z is g with s - 1 zeros between neighbours. a is the input
cell whose gradient is asked for, u' the kernel cell.

Sums with a delta in which the stride stands are left as they are: SymPy's `doit` would drop the condition that the stride divides. The
stretched gradient z takes the stride out of the delta first.
"""

import sympy
from sympy.concrete.delta import deltasummation

from cnnlib.geometry import output_size
from cnnlib.symbolic.derivation import Derivation

i, u, a, u_ = sympy.symbols("i u a u'", integer=True, nonnegative=True)
q = sympy.Symbol("q", integer=True)
K, m, s, d = sympy.symbols("K m s d", integer=True, positive=True)
p, r = sympy.symbols("p r", integer=True, nonnegative=True)
x, w, g, z = (sympy.IndexedBase(name, real=True) for name in "xwgz")
t = sympy.Symbol("x", real=True)
L, y_1, y_2 = (sympy.Function(name, real=True) for name in ("L", "y_1", "y_2"))


def from_the_other_end(series):
    """The same sum over kernel cells, numbered from the other end: u becomes K - 1 - u."""
    return sympy.Sum(sympy.expand(series.function.subs(u, K - 1 - u)), *series.limits)


paths = Derivation("The chain rule when there are two paths")


@paths.step("The loss depends on two numbers, and both depend on $x$: there are two paths from $x$ to $L$.")
def loss():
    return L(y_1(t), y_2(t))


@paths.step("Differentiate. Each path gives the product of its two slopes, as the chain rule says, and the paths are added.")
def loss_by_x(loss):
    return loss.diff(t)


row = Derivation("The gradients of a convolution along one axis")


@row.step("The forward pass. Place $i$ lays kernel cell $u$ on input cell $i s + u - p$, multiplies, and adds up.")
def output():
    return sympy.Sum(w[u] * x[i * s + u - p], (u, 0, K - 1))


@row.step("How does output $i$ move with input cell $a$? The delta is 1 where the cell that is read is cell $a$, and 0 elsewhere.")
def output_by_input(output):
    return output.diff(x[a])


@row.step("At most one kernel cell lies on $a$. It solves $i s + u - p = a$, so it is $u = a + p - i s$, if the kernel has such a cell.")
def weight_on_cell(output_by_input):
    return deltasummation(output_by_input.function, (u, 0, K - 1))


@row.step("Chain rule: one path for every place. Each contributes what arrives, times the weight that read the cell. Add them.")
def input_gradient(weight_on_cell):
    (weight, condition), _ = weight_on_cell.args
    return sympy.Sum(sympy.Piecewise((g[i] * weight, condition), (0, True)), (i, 0, m - 1))


@row.step(
    "Stride 1: count by kernel cells instead. Every $u$ belongs to the one number $i = a + p - u$; if there is no place $i$, then $g_i$ "
    "counts as 0. Now the *gradient* carries the minus."
)
def by_kernel_cell(input_gradient):
    term = input_gradient.function.args[0][0].subs(s, 1)
    return sympy.Sum(term.subs(i, a + p - u), (u, 0, K - 1))


@row.step(
    "Number the kernel's cells from its other end, $u \\to K - 1 - u$. The gradient is read forwards again, and the kernel backwards."
)
def rotated(by_kernel_cell):
    return from_the_other_end(by_kernel_cell)


@row.step("Compare with the forward pass at stride 1: there the index is $a + u - p$. So this is a convolution with padding $K - 1 - p$.")
def padding_back(rotated):
    read = next(factor for factor in rotated.function.args if factor.base == g)
    return sympy.expand(a + u - read.indices[0])


@row.step(
    "Does it have as many places as the row has cells? Size formula: $m = n + 2 p - K + 1$ cells, window $K$, that padding. Yes: $n$."
)
def size_back(padding_back):
    n = sympy.Symbol("n", integer=True, positive=True)
    return sympy.expand(output_size(output_size(n, K, 1, p), K, 1, padding_back))


stride = Derivation("What the stride does to it")


@stride.step("The gradient of the input, for any stride, as found above. Only places at distance $s$ come into question.")
def gathered():
    return row.result("input_gradient")


@stride.step(
    "Stretch the gradient: put $g_i$ on cell $q = i s$ of a longer row $z$, so that $s - 1$ zeros lie between neighbours. This is $z_q$."
)
def stretched():
    return sympy.Piecewise((g[q / s], sympy.Eq(sympy.Mod(q, s), 0)), (0, True))


@stride.step(
    "Sum over the cells $q$ of $z$ instead of the places. Cell $q = i s$ brings the old term of place $i$; the others bring zeros."
)
def by_stretched_cell(gathered):
    old, condition = gathered.function.args[0]
    term = (old.subs(g[i], z[q]).subs(i, q / s), condition.subs(i, q / s))
    return sympy.Sum(sympy.Piecewise(term, (0, True)), (q, 0, s * (m - 1)))


@stride.step(
    "The stride has vanished from the indices: this is the sum of stride 1 with $z$ for $g$. Count by kernel cells, $q = a + p - u$; "
    "beyond its two ends $z$ counts as 0, as $g$ did."
)
def by_kernel_cell_again(by_stretched_cell):
    return sympy.Sum(by_stretched_cell.function.args[0][0].subs(q, a + p - u), (u, 0, K - 1))


@stride.step("And number the kernel from its other end: the stretched gradient, padded by $K - 1 - p$, meets the rotated kernel.")
def rotated_with_stride(by_kernel_cell_again):
    return from_the_other_end(by_kernel_cell_again)


@stride.step("The length of the stretched gradient: $m$ gradients, and $s - 1$ zeros in each of the $m - 1$ gaps.")
def stretched_size():
    return sympy.factor(m + (s - 1) * (m - 1) - 1) + 1


@stride.step("And padded by $K - 1 - p$ cells at both ends?")
def padded_size(stretched_size):
    return sympy.expand(stretched_size + 2 * row.result("padding_back"))


@stride.step("A kernel of $K$ cells then has this many places.")
def places_back(padded_size):
    return sympy.expand(output_size(padded_size, K))


@stride.step(
    "We need $n$. By the size formula $n + 2 p - K = (m - 1) s + r$, where the remainder $r$ counts the cells of the padded row "
    "behind the last window. So $r$ cells are missing, and we append $r$ zeros: nobody read those cells."
)
def missing(places_back):
    n = (m - 1) * s + r + K - 2 * p
    return sympy.expand(n - places_back)


both = Derivation("Scatter equals gather")


@both.step(
    "With dilation $d$, kernel cell $u$ lies on input cell $i s + d u - p$. All products that place $i$ sends out, each marked by its cell."
)
def sent():
    output = sympy.Sum(w[u] * x[i * s + d * u - p], (u, 0, K - 1))
    return sympy.Sum(g[i] * output.diff(x[a]).function, (u, 0, K - 1))


@both.step("**Scatter** goes through the places. After all of them, cell $a$ holds every product that was sent to it.")
def scatter(sent):
    return sympy.Sum(sent, (i, 0, m - 1))


@both.step("The order of a finite sum does not matter: go through the kernel's cells first.")
def exchanged(scatter):
    return sympy.Sum(scatter.function, *reversed(scatter.limits))


@both.step(
    "Take the stretched gradient: its cell $q = i s$ holds $g_i$ and sends what place $i$ sent; its other cells hold 0 and send nothing. "
    "So sum over all cells $q$ of $z$, and the stride is gone from the delta."
)
def from_stretched_cells(exchanged):
    _, cells = exchanged.limits
    return sympy.Sum(exchanged.function.subs(i * s, q).subs(g[i], z[q]), (q, 0, s * (m - 1)), cells)


@both.step("**Gather**: for input cell $a$ and kernel cell $u$ the delta leaves one cell of $z$, $q = a + p - d u$, if $z$ has it.")
def gather(from_stretched_cells):
    stretched_cells, cells = from_stretched_cells.limits
    return sympy.Sum(deltasummation(from_stretched_cells.function, stretched_cells), cells)


@both.step(
    "Number the kernel from its other end; beyond its ends $z$ counts as 0. The dilated kernel is rotated, and the padding of the backward "
    "pass is $d (K - 1) - p$."
)
def gather_rotated(gather):
    (term, _), _ = gather.function.args
    return from_the_other_end(sympy.Sum(term, *gather.limits))


kernel = Derivation("The gradient of the kernel, along one axis")


@kernel.step("A weight is one factor of its product. Differentiate by weight $u'$, and the other factor is left: the cell that it read.")
def read_cell():
    by_weight = row.result("output").diff(w[u_])
    return deltasummation(by_weight.function, (u, 0, K - 1)).args[0][0]


@kernel.step("The same weight is used at every place. So there is a path over every place: add them all.")
def weight_gradient(read_cell):
    return sympy.Sum(g[i] * read_cell, (i, 0, m - 1))


@kernel.step("Stride 1 and no padding: the input is correlated with the gradient. Here the gradient is the kernel that slides.")
def weight_gradient_plain(weight_gradient):
    return weight_gradient.subs({s: 1, p: 0})


matrix = Derivation("The matrix of a convolution, and its transpose")


@matrix.step(
    "Row $i$, column $a$ of the matrix $A$ with $y = A x$: how strongly output $i$ reads input cell $a$. We have derived it already."
)
def entry():
    return row.result("weight_on_cell")


@matrix.step("The transposed matrix times the gradient: column $a$ of $A$ is its row $a$.")
def transposed_product(entry):
    return sympy.Sum(sympy.piecewise_fold(entry * g[i]), (i, 0, m - 1))


@matrix.step("Its difference from the gradient of the input, as the chain rule made it.")
def same(transposed_product):
    return transposed_product - row.result("input_gradient")
