"""Chapter 04: the sum over channels, its counts, and why a layer that commutes with shifts shares its weights.

C input channels, F output channels, a kernel of K x M cells, stride s, padding p; G groups. H x W places in the output.
One image at a time: x[c, a, b], which is 0 outside the image. In `symmetry` the letters are one axis': n cells on a circle, so that
every index is read modulo n, and k cells in the kernel.
"""

import numpy as np
import sympy
from sympy.concrete.delta import deltasummation

from cnnlib.symbolic.derivation import Derivation

c, f, i, j, u, v, p, q, t, beta = sympy.symbols("c f i j u v p q t beta", integer=True, nonnegative=True)
C, F, G, D, P, H, W, K, M, s = sympy.symbols("C F G D P H W K M s", integer=True, positive=True)
x, w, b = (sympy.IndexedBase(name, real=True) for name in "xwb")


def indexed_array(base, shape):
    """An object array whose entry at an index is base[index]: what a derived sum reads, as the library can compute with it."""
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(*array.shape):
        array[index] = base[index]
    return array


def insert(expression, **numbers):
    """Put numbers in place of the letters with these names, and write the sums out."""
    return expression.subs({letter: numbers[letter.name] for letter in expression.free_symbols if letter.name in numbers}).doit()


multichannel = Derivation("The sum over channels")


@multichannel.step("One input channel $c$ and the slice of kernel $f$ that belongs to it: the weighted sum under a window.")
def share():
    product = w[f, c, u, v] * x[c, i * s + u - p, j * s + v - p]
    return sympy.Sum(product, (u, 0, K - 1), (v, 0, M - 1))


@multichannel.step("Add up the shares of all $C$ input channels. The channel is summed like a third direction of the kernel.")
def all_channels(share):
    return sympy.Sum(share.function, (c, 0, C - 1), *share.limits)


@multichannel.step("Add the bias of the output channel, once. This is the whole layer: every $f$, with its own $C$ slices, makes one map.")
def output(all_channels):
    return all_channels + b[f]


@multichannel.step(
    "A $1 \\times 1$ kernel: $K = M = 1$, stride 1, no padding. What is left mixes the channels of one place, like a dense layer."
)
def one_by_one(output):
    weighted = output.subs({K: 1, M: 1, s: 1, p: 0}).args
    sums = [sympy.Sum(part.function.subs({u: 0, v: 0}), part.limits[0]) if isinstance(part, sympy.Sum) else part for part in weighted]
    return sympy.Add(*sums)


@multichannel.step(
    "Groups: cut the inputs into groups of $D = C / G$ channels, the outputs into groups of $P = F / G$. Write $f = q P + t$: "
    "channel $t$ of group $q$ reads the channels of group $q$ and no others."
)
def grouped(output):
    channel = q * D + c
    return output.replace(x[c, i * s + u - p, j * s + v - p], x[channel, i * s + u - p, j * s + v - p]).subs({C: D, f: q * P + t})


@multichannel.step("Depthwise: every group holds one input and one output channel, $D = P = 1$ and $t = 0$. No channel meets another.")
def depthwise(grouped):
    total, bias = sorted(grouped.subs({D: 1, P: 1, t: 0}).args, key=lambda part: not isinstance(part, sympy.Sum))
    return sympy.Sum(total.function.subs(c, 0), *total.limits[1:]) + bias


counts = Derivation("Parameters and multiply-adds")


@counts.step("Count the weights of one output channel: put a 1 in place of every term and add up. A group leaves $C / G$ channels to read.")
def slices():
    return sympy.Sum(1, (c, 0, C / G - 1), (u, 0, K - 1), (v, 0, M - 1)).doit()


@counts.step("All output channels have as many, and a bias each. $\\beta$ is 1 with a bias and 0 without.")
def parameters(slices):
    return sympy.Sum(slices + beta, (f, 0, F - 1)).doit()


@counts.step("Every place of every output channel multiplies each of its weights once: the weights are shared, the work is not.")
def multiply_adds(slices):
    return sympy.Sum(slices, (f, 0, F - 1), (i, 0, H - 1), (j, 0, W - 1)).doit()


@counts.step("Without sharing, each place has its own weights. This is called a locally connected layer.")
def locally_connected(multiply_adds):
    return multiply_adds.subs(G, 1)


@counts.step(
    "Without locality, each output reads every cell: $K$ and $M$ grow to the whole image, here as large as the output, $H \\times W$."
)
def dense(locally_connected):
    return locally_connected.subs({K: H, M: W})


@counts.step("Depthwise: one group for every channel, so $G = F = C$.")
def depthwise_work(multiply_adds):
    return multiply_adds.subs({F: C, G: C})


@counts.step("Then a $1 \\times 1$ convolution mixes the channels.")
def pointwise_work(multiply_adds):
    return multiply_adds.subs({K: 1, M: 1, G: 1})


@counts.step("Both together, divided by the full convolution: this share of the work is left.")
def separable_share(depthwise_work, pointwise_work, multiply_adds):
    return sympy.expand((depthwise_work + pointwise_work) / multiply_adds.subs(G, 1))


n, k = sympy.symbols("n k", integer=True, positive=True)
row, at, cell = sympy.symbols("i j t", integer=True)
step = sympy.Symbol("l", integer=True)
A, X, h = (sympy.IndexedBase(name, real=True) for name in "Axh")

symmetry = Derivation("A dense layer that commutes with shifts")


@symmetry.step("A dense layer on $n$ cells: every output reads every input, with a weight $A_{i,j}$ of its own.")
def dense_layer():
    return sympy.Sum(A[row, at] * X[at], (at, 0, n - 1))


@symmetry.step("First shift the input by one cell, then apply the layer: $x_{j-1}$ stands where $x_j$ stood.")
def shift_first(dense_layer):
    return sympy.Sum(dense_layer.function.xreplace({X[at]: X[at - 1]}), *dense_layer.limits)


@symmetry.step("Rename the summed index, $j \\to j + 1$. On a circle the sum still runs over the same $n$ cells.")
def renamed(shift_first):
    return sympy.Sum(shift_first.function.subs(at, at + 1), *shift_first.limits)


@symmetry.step("First apply the layer, then shift its output: output $i - 1$ stands where output $i$ stood.")
def shift_last(dense_layer):
    return dense_layer.subs(row, row - 1)


@symmetry.step("Equivariance asks that both agree for every input. Their difference must vanish.")
def difference(renamed, shift_last):
    return sympy.Sum(sympy.factor(renamed.function - shift_last.function), *renamed.limits)


@symmetry.step("For every input: so the coefficient of each $x_t$ must vanish. It is the derivative by $x_t$.")
def coefficient(difference):
    delta = difference.diff(X[cell])
    return deltasummation(delta.function, delta.limits[0]).args[0][0]


@symmetry.step("That is one equation for every entry. Write $i + 1$ for $i$: an entry equals its neighbour down the diagonal.")
def neighbours(coefficient):
    first, second = coefficient.subs(row, row + 1), 0
    negative = next(term for term in first.args if term.could_extract_minus_sign())
    return sympy.Eq(first - negative, second - negative)


@symmetry.step(
    "The same equation, $l$ cells further down. Its left side is the right side of the next one, for $l + 1$, so the chain never breaks."
)
def further_down(neighbours):
    return neighbours.subs({row: row + step, cell: cell + step}, simultaneous=True)


@symmetry.step(
    "So all entries of a diagonal are equal. Walk up by $j$ cells, to column 0: the entry depends on $i - j$ alone. Call it $h_{i-j}$."
)
def one_letter(further_down):
    start = further_down.rhs.subs({cell: at})
    return sympy.Eq(start.subs(step, 0), start.subs(step, -at))


@symmetry.step("Insert it: what was a dense layer is now a sum of products along a sliding window. $n$ weights are left of $n^2$.")
def shared(dense_layer, one_letter):
    return sympy.Sum(dense_layer.function.xreplace({one_letter.lhs: h[one_letter.rhs.indices[0]]}), *dense_layer.limits)


@symmetry.step("Count from the output cell, $j = i + u$, and name the weights by their distance, $w_u = h_{-u}$: the sum of chapter 1.")
def sliding(shared):
    weighted = shared.function.subs(at, row + u)
    return sympy.Sum(weighted.replace(lambda e: isinstance(e, sympy.Indexed) and e.base == h, lambda e: w[-e.indices[0]]), (u, 0, n - 1))


@symmetry.step("Locality: only $k$ neighbouring cells matter, $w_u = 0$ from $u = k$ on. The zeros make the matrix sparse.")
def local(sliding):
    return sympy.Sum(sliding.function, (u, 0, k - 1))


@symmetry.step("The other direction: every matrix of this kind satisfies the equations. Insert $h_{i-j}$ into the coefficient: 0.")
def converse(coefficient):
    return sympy.expand(coefficient.replace(lambda e: isinstance(e, sympy.Indexed), lambda e: h[e.indices[0] - e.indices[1]]))
