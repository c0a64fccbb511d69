"""Chapter 01: what a sliding window computes, derived for general indices.

x is the image and w the kernel of K x M cells; (u, v) counts the kernel's cells and (i, j) the places, all from 0. The window's corner
at place (i, j) is image cell (i, j): stride 1, no padding.
"""

import numpy as np
import sympy

from cnnlib.geometry import output_size
from cnnlib.ops.convolution import correlate2d
from cnnlib.symbolic.derivation import Derivation

i, j, u, v, k, ell = sympy.symbols("i j u v k l", integer=True, nonnegative=True)
m, n = sympy.symbols("m n", integer=True, positive=True)
H, W, K, M = sympy.symbols("H W K M", integer=True, positive=True)
alpha, beta, c, slope_down, slope_right = sympy.symbols("alpha beta c s_d s_r", real=True)
x, z, w, q, h, g, x1, w1 = (sympy.IndexedBase(name, real=True) for name in ("x", "z", "w", "q", "h", "g", "X", "W"))


def cells(base, rows, columns):
    """The array of the entries base[0, 0], base[0, 1], ...: an image or kernel that the library's functions take."""
    return np.array([[base[row, column] for column in range(columns)] for row in range(rows)], dtype=object)


def at_every_place(formula, image, kernel):
    """The array of a formula's values at every place of a kernel's shape on an image's shape."""
    rows, columns = (output_size(*sizes) for sizes in zip(image, kernel, strict=True))
    known = formula.subs({K: kernel[0], M: kernel[1]})
    return np.array([[known.subs({i: row, j: column}).doit() for column in range(columns)] for row in range(rows)], dtype=object)


def replace_entries(expression, base, entry):
    """Put entry(row, column) in place of every base[row, column]."""
    return expression.replace(lambda e: isinstance(e, sympy.Indexed) and e.base == base, lambda e: entry(*e.indices))


def split_sum(total):
    """The sum of a sum of terms, as a sum of sums, what does not depend on the indices standing in front of each."""
    indices = {limit[0] for limit in total.limits}
    result = sympy.Integer(0)
    for term in sympy.Add.make_args(sympy.expand(total.function)):
        factor, rest = term.as_independent(*indices, as_Add=False)
        result += factor * sympy.Sum(rest, *total.limits)
    return result


window = Derivation("The weighted sum under a window")


@window.step("Kernel cell $(u, v)$ lies $u$ rows below and $v$ columns right of the window's corner $(i, j)$. It meets one image cell.")
def product():
    return w[u, v] * x[i + u, j + v]


@window.step("Every kernel cell has such a product. The output is their sum: two indices to walk over the kernel, so two sums.")
def output(product):
    return sympy.Sum(product, (u, 0, K - 1), (v, 0, M - 1))


@window.step("Written out for a kernel of 2 by 2 cells, at the first place: four products.")
def two_by_two(output):
    return output.subs({K: 2, M: 2, i: 0, j: 0}).doit()


@window.step("One place further right, every image index has grown by one column. The kernel's indices stay: the weights are the same.")
def next_place(output):
    return output.subs({K: 2, M: 2, i: 0, j: 1}).doit()


@window.step("The library's `correlate2d`, given the same letters: 2 by 3 kernel, 4 by 4 image. All its outputs minus the formula's.")
def library_agrees(output):
    found = correlate2d(cells(x, 4, 4), cells(w, 2, 3))
    difference = found - at_every_place(output, (4, 4), (2, 3))
    return sympy.Matrix(difference).expand()


@window.step("How many places are there? The library's line for sizes, with letters: one row of outputs less for each further kernel row.")
def rows_of_places():
    return output_size(H, K)


linearity = Derivation("The weighted sum is linear")


@linearity.step("Mix two images, $\\alpha$ times the first and $\\beta$ times the second, and slide the window over the mixture.")
def mixed_image():
    return replace_entries(window.result("output"), x, lambda a, b: alpha * x[a, b] + beta * z[a, b])


@linearity.step("Multiply out under the sum, then sum the two kinds of terms apart. What does not change along a sum moves in front of it.")
def mixed_apart(mixed_image):
    return split_sum(mixed_image)


@linearity.step("Compare with the two outputs, mixed in the same way. Nothing is left: the output is **linear in the image**.")
def linear_in_image(mixed_apart):
    y = window.result("output")
    second = replace_entries(y, x, lambda a, b: z[a, b])
    return sympy.expand(mixed_apart - (alpha * y + beta * second))


@linearity.step("Now mix two kernels on one image, and compare in the same way: the output is **linear in the kernel** too.")
def linear_in_kernel():
    y = window.result("output")
    mixture = replace_entries(y, w, lambda a, b: alpha * w[a, b] + beta * q[a, b])
    second = replace_entries(y, w, lambda a, b: q[a, b])
    return sympy.expand(split_sum(mixture) - (alpha * y + beta * second))


brightness = Derivation("What the kernel's sum means")


@brightness.step("Make every cell of the image brighter by $c$.")
def brighter():
    return replace_entries(window.result("output"), x, lambda a, b: x[a, b] + c)


@brightness.step("Sum the two parts apart. The output grows by $c$ times the sum of the kernel's cells, at every place alike.")
def brighter_apart(brighter):
    return split_sum(brighter)


@brightness.step("Now a ramp: brightness $c$ at the corner, $s_d$ more for each row down, $s_r$ more for each column to the right.")
def ramp():
    return split_sum(replace_entries(window.result("output"), x, lambda a, b: c + slope_down * a + slope_right * b))


@brightness.step("Insert the Sobel kernel $(-1, 0, 1), (-2, 0, 2), (-1, 0, 1)$. Only the slope to the right is left, eight times.")
def sobel_on_ramp(ramp):
    sobel = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
    numbers = ramp.subs({K: 3, M: 3}).doit()
    return sympy.expand(replace_entries(numbers, w, lambda a, b: sobel[int(a)][int(b)]))


separable = Derivation("Separable kernels")


@separable.step("Suppose that every kernel cell is a product: a number $h_u$ of its row times a number $g_v$ of its column.")
def product_kernel():
    return replace_entries(window.result("output"), w, lambda a, b: h[a] * g[b])


@separable.step("$h_u$ does not change along $v$, so it moves in front of the inner sum. First a row kernel, then a column kernel.")
def rows_first(product_kernel):
    row, column = h[u], (v, 0, M - 1)
    return sympy.Sum(row * sympy.Sum(product_kernel.function / row, column), (u, 0, K - 1))


@separable.step("The library, twice: first the row $g$, then the column $h$. It equals one pass with the product kernel, entry by entry.")
def two_passes(product_kernel):
    row, column = np.array([[g[0], g[1], g[2]]]), np.array([[h[0]], [h[1]]])
    found = correlate2d(correlate2d(cells(x, 4, 4), row), column)
    return sympy.Matrix(found - at_every_place(product_kernel, (4, 4), (2, 3))).expand()


@separable.step("Multiplications for each output cell, about: $K M$ in one pass, $M + K$ in two. With $M = K$ the quotient is $K / 2$.")
def saving():
    return sympy.simplify((K * M / (K + M)).subs(M, K))


one_sum = Derivation("A circulating formula with one sum (F33)")


@one_sum.step("As it is printed: one sum, over $k$ alone.")
def printed():
    return sympy.Sum(x[i + k, j + k] * w[k, ell], (k, 0, K - 1))


@one_sum.step("For a kernel of 2 by 2 it has two products where four are needed. They lie on the diagonal of the window.")
def printed_two_by_two(printed):
    return printed.subs(K, 2).doit()


@one_sum.step("Which letters does the value still depend on? $l$ is among them, and nobody says what it is.")
def letters_left_over(printed_two_by_two):
    return sympy.FiniteSet(*(letter for letter in printed_two_by_two.free_symbols if letter.is_integer))


@one_sum.step("The repair: the second image index takes the kernel's second index, and a second sum runs over it.")
def repaired(printed):
    entries = printed.function.replace(x[i + k, j + k], x[i + k, j + ell])
    return sympy.Sum(entries, (k, 0, K - 1), (ell, 0, M - 1))


@one_sum.step("With $u$ for $k$ and $v$ for $l$, the repaired formula minus ours.")
def repaired_is_ours(repaired):
    return repaired.xreplace({k: u, ell: v}) - window.result("output")


from_one = Derivation("Counting from 1 (F48)")


@from_one.step("As it is printed: rows, columns and kernel cells are all counted from 1. $X$ and $W$ are the same arrays, so numbered.")
def printed_from_one():
    return sympy.Sum(x1[i + m - 1, j + n - 1] * w1[m, n], (m, 1, K), (n, 1, M))


@from_one.step("Count the kernel's cells from 0: $m = u + 1$ and $n = v + 1$.")
def kernel_from_zero(printed_from_one):
    term = printed_from_one.function.subs({m: u + 1, n: v + 1}, simultaneous=True)
    return sympy.Sum(term, *((new, low - 1, high - 1) for new, (_, low, high) in zip((u, v), printed_from_one.limits, strict=True)))


@from_one.step("What is cell $(a, b)$ there is cell $(a - 1, b - 1)$ here, in both arrays; place $(i, j)$ here is $(i + 1, j + 1)$ there.")
def all_from_zero(kernel_from_zero):
    places = kernel_from_zero.subs({i: i + 1, j: j + 1}, simultaneous=True)
    image = replace_entries(places, x1, lambda a, b: x[a - 1, b - 1])
    return replace_entries(image, w1, lambda a, b: w[a - 1, b - 1])


@from_one.step("The difference from our formula.")
def equal(all_from_zero):
    return all_from_zero - window.result("output")
