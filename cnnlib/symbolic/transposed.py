"""Chapter 13: the transpose of a convolution, its sizes, the stamps that overlap, and a dense layer that slides. General indices.

Along one axis: k kernel cells, stride s, padding p, dilation d, output padding o. The short side has n cells, numbered i; the long side
has m cells, numbered t. x lives on the short side and g, a gradient, on the long one; z is an image on the long side, 0 outside of it.
In `sliding_dense` a crop has H x W cells in each of C channels.

SymPy is told to sum a Kronecker delta only over an index that enters it with coefficient 1 or -1: it would silently drop the condition
that the stride divides a difference. For the same reason `doit()` must not be called on the sums that still hold a delta.
"""

import sympy
from sympy.concrete.delta import deltasummation

from cnnlib.geometry import output_size, transposed_output_size
from cnnlib.symbolic import channels
from cnnlib.symbolic.derivation import Derivation

i, j, t, u, p, o, e, c, f, h, v = sympy.symbols("i j t u p o e c f h v", integer=True, nonnegative=True)
k, n, m, s, d, q, r, C, H, W = sympy.symbols("k n m s d q r C H W", integer=True, positive=True)
phi = sympy.Symbol("phi", integer=True, nonnegative=True)
w, x, z, g, D = (sympy.IndexedBase(name, real=True) for name in ("w", "x", "z", "g", "D"))

adjoint = Derivation("The transpose of a convolution")


@adjoint.step("A convolution along one axis: place $i$ of the short side adds up what its window reads on the long side, $z$.")
def convolution():
    return sympy.Sum(w[u] * z[i * s + u * d - p], (u, 0, k - 1))


@adjoint.step(
    "Its matrix has the entry $A_{i,t}$, the weight with which $z_t$ enters. That is the derivative: $w_u$ if kernel cell $u$ lies on $t$."
)
def entry(convolution):
    return convolution.diff(z[t])


@adjoint.step("The transpose exchanges the two ends: multiply by $x_i$, and sum over the places $i$. Now cell $t$ is what is computed.")
def transposed(entry):
    return sympy.Sum(entry.function * x[i], (i, 0, n - 1), *entry.limits)


@adjoint.step(
    "Ask what one place contributes: take the term of $x_i$ and $w_u$ alone. It is added to cell $t = i s + u d - p$ and to no other."
)
def stamp(transposed):
    return transposed.function


@adjoint.step(
    "Or ask what a cell collects. With $d = 1$ only $u = t + p - i s$ lies on it, if the kernel has such a cell. The sum over $u$ is gone."
)
def gather(transposed):
    term = deltasummation(transposed.function.subs(d, 1), (u, 0, k - 1))
    return sympy.Sum(sympy.piecewise_fold(term), transposed.limits[0])


@adjoint.step("Backward: a gradient $g_t$ arrives at each of the $m$ long cells. What is the slope of cell $t$ by $x_j$?")
def slope(transposed):
    term = deltasummation(transposed.diff(x[j]).function, (i, 0, n - 1))
    inside = term.args[0][0] if isinstance(term, sympy.Piecewise) else term
    return sympy.Sum(inside, transposed.limits[1])


@adjoint.step(
    "Chain rule: sum slope times gradient over the long cells. The delta picks $t = j s + u d - p$; outside the long side $g$ counts as 0."
)
def backward(slope):
    term = deltasummation(slope.function * g[t], (t, -sympy.oo, sympy.oo))
    return sympy.Sum(term, *slope.limits)


@adjoint.step(
    "This is the convolution we began with, of $g$ in place of $z$. Their difference vanishes: transposed twice is not transposed."
)
def again_a_convolution(backward, convolution):
    return sympy.expand(backward.function - convolution.function.subs(i, j).replace(z[j * s + u * d - p], g[j * s + u * d - p]))


@adjoint.step(
    "The weights: weight $w_h$ takes part in every stamp, once. Differentiate, multiply by $g_t$, and let the deltas pick $u = h$ and $t$."
)
def weight_gradient(transposed):
    term = deltasummation(transposed.diff(w[h]).function, (u, 0, k - 1))
    inside = term.args[0][0] if isinstance(term, sympy.Piecewise) else term
    return sympy.Sum(deltasummation(inside * g[t], (t, -sympy.oo, sympy.oo)), transposed.limits[0])


sizes = Derivation("The size of a transposed convolution")


@sizes.step("Input cell $i$ stamps its kernel with the corner at $i s$. The last of $n$ cells has the number $n - 1$.")
def last_stamp():
    return (i * s).subs(i, n - 1)


@sizes.step(
    "From its corner a stamp reaches $d (k - 1)$ cells further. Cells are counted from 0, so there is one more than the last number."
)
def painted(last_stamp):
    return last_stamp + d * (k - 1) + 1


@sizes.step("Padding was added at both ends of the long side before the convolution read it. So the transpose cuts it off at both ends.")
def cropped(painted):
    return painted - 2 * p


@sizes.step("Output padding adds $o$ cells at the end, or rather: it cuts away $o$ fewer there.")
def size(cropped):
    return cropped + o


@sizes.step("The library's own line, called with symbols, gives the same: the difference vanishes.")
def library_agrees(size):
    return sympy.expand(size - transposed_output_size(n, k, s, p, o, d))


@sizes.step(
    "And back again: a convolution with the same settings on that many cells. Its room is $m + 2p - 1 - d(k-1)$ (chapter 3). Here that is:"
)
def room(size):
    return sympy.expand(size + 2 * p - 1 - d * (k - 1))


@sizes.step(
    "Let $o < s$ and write $s = o + 1 + e$, $e \\ge 0$. Do $n - 1$ strides fit into the room? What is left is $o$, which is not "
    "negative. Yes."
)
def left_over(room):
    return sympy.expand((room - (n - 1) * s).subs(s, o + 1 + e))


@sizes.step(
    "Would one stride more fit? It would lack $e + 1$ cells. No. So there are $n$ places again: the round trip ends where it began."
)
def lacking(room):
    return sympy.expand((n * s - room).subs(s, o + 1 + e))


@sizes.step(
    "So all $s$ sizes with $o = 0, 1, ..., s - 1$ are read by $n$ places. Which $o$ leads back to $m$ cells? The remainder of their room."
)
def chosen():
    places = output_size(m, k, s, p, d)
    return m - transposed_output_size(places, k, s, p, 0, d)


overlap = Derivation("How many stamps touch a cell")


@overlap.step(
    "Divide the cell's place in the padded output by the stride: $t + p = q s + \\phi$. The remainder $\\phi$, from 0 to $s - 1$, is its "
    "*phase*. Stamp $q - j$ lies on the cell with its kernel cell"
)
def kernel_cell():
    return sympy.expand(q * s + phi - (q - j) * s)


@overlap.step(
    "The kernel has such a cell only if its number is at most $k - 1$. So far from the border the count depends on the phase alone:"
)
def touching(kernel_cell):
    return sympy.Le(kernel_cell, k - 1)


@overlap.step("Count the numbers $j = 0, 1, ...$ that satisfy it, as chapter 3 counts places.")
def count(touching):
    return sympy.floor(sympy.solve(sympy.Eq(touching.lhs, touching.rhs), j)[0]) + 1


@overlap.step(
    "If the stride divides the kernel, $k = r s$: does $j = r - 1$ satisfy it? With $s = \\phi + 1 + e$, right side minus left side "
    "is $e$. Yes, in every phase."
)
def divisible_last(touching):
    room = (touching.rhs - touching.lhs).subs({k: r * s, j: r - 1}, simultaneous=True)
    return sympy.expand(sympy.expand(room).subs(s, phi + 1 + e))


@overlap.step("Does $j = r$ satisfy it? It misses by $\\phi + 1$ in every phase. So every inner cell has exactly $r = k / s$ stamps.")
def divisible_next(touching):
    return sympy.expand((touching.lhs - touching.rhs).subs({k: r * s, j: r}, simultaneous=True))


@overlap.step(
    "If it does not divide, $k = r s + q$ with a remainder $0 < q < s$. Phase 0 has room for $j = r$: what is left is $q - 1$, which is "
    "not negative. One stamp more."
)
def remainder_first(touching):
    return sympy.expand((touching.rhs - touching.lhs).subs({k: r * s + q, j: r, phi: 0}, simultaneous=True))


@overlap.step("The last phase, $\\phi = s - 1$, misses it by $s - q$, which is positive. So the cells differ: that is the checkerboard.")
def remainder_last(touching):
    return sympy.expand((touching.lhs - touching.rhs).subs({k: r * s + q, j: r, phi: s - 1}, simultaneous=True))


@overlap.step("With weights: where the input is 1 everywhere, a cell gets the sum of the kernel cells of its phase, and of no others.")
def phase_sum(kernel_cell, count):
    return sympy.Sum(w[kernel_cell], (j, 0, count - 1))


sliding_dense = Derivation("A dense layer as a convolution")


@sliding_dense.step("The dense layer reads the crop as one long vector. Cell $(c, u, v)$ has the number $(c H + u) W + v$ in it.")
def dense():
    return sympy.Sum(D[f, (c * H + u) * W + v] * x[c, u, v], (c, 0, C - 1), (u, 0, H - 1), (v, 0, W - 1))


@sliding_dense.step("Give each weight the address of the cell it belongs to, instead of its number in the vector. Nothing else changes.")
def reshaped(dense):
    return dense.replace(D[f, (c * H + u) * W + v], w[f, c, u, v])


@sliding_dense.step(
    "Cut the crop out of a larger image, with its corner at $(i, j)$: its cell $(u, v)$ is the image's cell $(i + u, j + v)$."
)
def on_a_crop(reshaped):
    return reshaped.replace(x[c, u, v], x[c, i + u, j + v])


@sliding_dense.step(
    "Chapter 4's convolution, with a kernel of $H \\times W$ cells, stride 1 and no padding, is the same sum: they differ by"
)
def is_a_convolution(on_a_crop):
    named = {"K": H, "M": W, "s": 1, "p": 0}
    whole = channels.multichannel["all_channels"].result
    whole = whole.subs({letter: named[letter.name] for letter in whole.free_symbols if letter.name in named})
    return sympy.expand(whole.function - on_a_crop.function)
