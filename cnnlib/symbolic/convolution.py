"""Chapter 02: the laws of convolution and correlation, the convolution theorem, and the frequency response, for general sequences.

x, w and v are sequences over all whole numbers; a finite one is 0 outside its cells, so that every sum has finitely many terms and sums
may be exchanged. j numbers a place of the output, t a cell of the input, u and m kernel cells. Of the circular case N is the length and
q the number of a frequency. nu is a frequency in cycles per cell. i is the imaginary unit.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation

j, t, u, m, q, c = sympy.symbols("j t u m q c", integer=True)
N = sympy.Symbol("N", integer=True, positive=True)
nu = sympy.Symbol("nu", real=True)
x, w, v = (sympy.IndexedBase(name) for name in "xwv")
EVERYWHERE = (-sympy.oo, sympy.oo)


def total(term, *indices):
    """The sum of a term over all whole numbers, for each index."""
    return sympy.Sum(term, *((index, *EVERYWHERE) for index in indices))


def renumber(series, index, place, new):
    """Replace a summation index by `place`, an expression in `new`.

    The map between the two must be one to one on the whole numbers: then the same terms are added, in another order.
    """
    if sympy.Abs(sympy.diff(place, new)) != 1:
        raise ValueError(f"{index} = {place} does not run through the whole numbers once. Write {new} with coefficient 1 or -1.")
    limits = [((new if limit[0] == index else limit[0]), *limit[1:]) for limit in series.limits]
    return sympy.Sum(series.function.subs(index, place), *limits)


def swap(expression):
    """The same expression with x and w exchanged."""
    return expression.xreplace({x: w, w: x})


flip = Derivation("A convolution is a correlation with the flipped kernel")


@flip.step("Correlation: the kernel's cell $u$ meets the input's cell $j + u$. Both indices run the same way.")
def correlation():
    return total(x[j + u] * w[u], u)


@flip.step("Turn the kernel around: in place of $w_u$ write $w_{-u}$.")
def with_flipped_kernel(correlation):
    return total(correlation.function.subs(w[u], w[-u]), u)


@flip.step("Count by the input's cell $t = j + u$ instead, so $u = t - j$. The same terms are added, in another order.")
def by_input_cell(with_flipped_kernel):
    return renumber(with_flipped_kernel, u, t - j, t)


commuting = Derivation("Convolution commutes")


@commuting.step("The definition. The two indices add up to the place $j$.")
def convolution():
    return total(x[t] * w[j - t], t)


@commuting.step("Count by the kernel's cell $u = j - t$ instead, so $t = j - u$. As $t$ runs through all whole numbers, so does $u$.")
def by_kernel_cell(convolution):
    return renumber(convolution, t, j - u, u)


@commuting.step("The definition once more, with the two sequences exchanged. How the summation index is called does not matter.")
def exchanged(convolution):
    return renumber(swap(convolution), t, u, u)


@commuting.step("Term by term the two are the same: their difference vanishes. So $x * w = w * x$.")
def difference(by_kernel_cell, exchanged):
    return by_kernel_cell.function - exchanged.function


mirroring = Derivation("What happens when a correlation is exchanged")


@mirroring.step("The definition.")
def right_order():
    return total(x[j + u] * w[u], u)


@mirroring.step("Correlation with the two sequences exchanged: now $w$ is read at $j + u$.")
def correlation_exchanged(right_order):
    return swap(right_order)


@mirroring.step("Count by the cell of $w$ that is read, $m = j + u$, so $u = m - j$.")
def by_cell_of_w(correlation_exchanged):
    return renumber(correlation_exchanged, u, m - j, m)


@mirroring.step("The correlation of $x$ with $w$ in the right order, at the mirrored place $-j$.")
def at_mirrored_place(right_order):
    return renumber(right_order.subs(j, -j), u, m, m)


@mirroring.step("The difference vanishes. Exchanging the two mirrors the result: it is the same only where the result is symmetric.")
def mirrored(by_cell_of_w, at_mirrored_place):
    return by_cell_of_w.function - at_mirrored_place.function


grouping = Derivation("Convolution is associative")


@grouping.step("First $x * w$, then $v$: put the definition into the definition.")
def left_first():
    return total(x[t] * w[u - t] * v[j - u], t, u)


@grouping.step("First $w * v$, then $x$ with the result. The cell of $w * v$ that is asked for is $j - t$.")
def right_first():
    return total(x[t] * w[m] * v[(j - t) - m], m, t)


@grouping.step("In the second, count by $u = t + m$, so $m = u - t$. For each fixed $t$ this is one to one.")
def right_renumbered(right_first):
    return renumber(right_first, m, u - t, u)


@grouping.step("The same products, added in another order: the difference vanishes, so $(x * w) * v = x * (w * v)$.")
def same_products(left_first, right_renumbered):
    return sympy.expand(left_first.function - right_renumbered.function)


two_correlations = Derivation("Two correlations in a row")


@two_correlations.step("First correlate $x$ with $w$, then the result with $v$.")
def one_after_the_other():
    return total(x[(j + m) + u] * w[u] * v[m], u, m)


@two_correlations.step("Count by the input's offset $t = m + u$, so $u = t - m$.")
def by_offset(one_after_the_other):
    return renumber(one_after_the_other, u, t - m, t)


@two_correlations.step(
    "What stands beside $x_{j+t}$ is one kernel for both, its cell $t$ is this. The indices add up: it is a *convolution*."
)
def joint_kernel(by_offset):
    return total(by_offset.function / x[j + t], m)


@two_correlations.step("Associativity would want the *correlation* of $w$ with $v$ in its place, which is another sum.")
def wanted_kernel():
    return total(w[t + m] * v[m], m)


def wave(place):
    """exp(-2 pi i q place / N): the wave number q of a ring of N cells, turning clockwise."""
    return sympy.exp(-2 * sympy.pi * sympy.I * q * place / N)


theorem = Derivation("The convolution theorem on a ring")


@theorem.step("On a ring of $N$ cells, cell $N$ is cell 0 again: the kernel is read at the remainder of $j - t$.")
def on_a_ring():
    return sympy.Sum(x[t] * w[sympy.Mod(j - t, N)], (t, 0, N - 1))


@theorem.step("Its discrete Fourier transform: multiply by wave number $q$, turning backwards, and add up over all places.")
def transformed(on_a_ring):
    return sympy.Sum(on_a_ring.function * wave(j), *on_a_ring.limits, (j, 0, N - 1))


@theorem.step("The wave fits the ring: $c$ whole turns later, $cN$ cells on, it is the same. Their quotient is 1.")
def wave_returns():
    return sympy.powsimp(sympy.expand(wave(j + c * N) / wave(j)))


@theorem.step("Count by the remainder $m$ of $j - t$, so $j = t + m + cN$. For each $t$, as $j$ goes once round the ring, so does $m$.")
def by_remainder(transformed, wave_returns):
    term = transformed.function.subs(j, t + m + c * N).subs(sympy.Mod(m, N), m)
    term = sympy.powsimp(sympy.expand(term / wave_returns))
    return sympy.Sum(term, (t, 0, N - 1), (m, 0, N - 1))


@theorem.step("A wave of a sum is a product of waves. Put what depends on $t$ into one sum, and what depends on $m$ into the other.")
def product(by_remainder):
    rest, with_t = sympy.expand(by_remainder.function).as_independent(t)
    return sympy.Mul(sympy.Sum(with_t, (t, 0, N - 1)), sympy.Sum(rest, (m, 0, N - 1)), evaluate=False)


response = Derivation("What a kernel does to a wave")


def turning(place):
    """exp(2 pi i nu place): a wave of nu cycles per cell."""
    return sympy.exp(2 * sympy.pi * sympy.I * nu * place)


@response.step("Let the input be a wave of $\\nu$ cycles per cell, and convolve.")
def wave_in():
    return total(w[u] * turning(j - u), u)


@response.step("The wave of a difference is a product. What does not depend on $u$ comes out of the sum.")
def wave_out(wave_in):
    outside, inside = sympy.expand(wave_in.function).as_independent(u)
    return outside * total(inside, u)


@response.step(
    "Divide by the wave that went in. What remains does not depend on the place: it is one number for each frequency, $H(\\nu)$."
)
def factor(wave_out):
    return wave_out / turning(j)


@response.step("For the mean of two neighbours, $w_0 = w_1 = \\frac12$, the sum has two terms.")
def mean_of_two(factor):
    inside = factor.function.subs(w[u], sympy.Rational(1, 2))
    return sum(inside.subs(u, cell) for cell in (0, 1))


@response.step("Its size: the square is the number times its conjugate.")
def size_of_mean(mean_of_two):
    square = sympy.expand(mean_of_two * sympy.conjugate(mean_of_two))
    return sympy.sqrt(sympy.trigsimp(square.rewrite(sympy.cos)))


boxes = Derivation("Two boxes, convolved")

tau, time = sympy.symbols("tau t", real=True)
a, b = sympy.symbols("a b", positive=True)


@boxes.step("A box of height $a$ on $[0, 1]$ stands still. The flipped box of height $b$ has moved to $[t - 1, t]$. Where do they overlap?")
def overlap():
    return sympy.Interval(sympy.Max(0, time - 1), sympy.Min(1, time))


@boxes.step("How long is the overlap? This holds for $0 \\le t \\le 2$; outside there is none.")
def length(overlap):
    return overlap.end - overlap.start


@boxes.step("Convolution: integrate the *product* over the overlap. It is $a b$ times as large as the overlap.")
def convolved(overlap):
    return sympy.factor(sympy.integrate(a * b, (tau, overlap.start, overlap.end)))


@boxes.step("Superposing: integrate the *sum* over the overlap.")
def superposed(overlap):
    return sympy.factor(sympy.integrate(a + b, (tau, overlap.start, overlap.end)))
