"""Chapter 11: the gradients of a convolution, derived for general indices.

N images, C input channels, F output channels, a kernel of K x M cells, H x W places; stride s and padding p on both axes.
x[n, c, a, b] is 0 outside the image; g[n, f, i, j] is the gradient of the loss with respect to y[n, f, i, j].
The primed indices name the one entry whose gradient is asked for.

SymPy is told to sum a Kronecker delta only over an index that enters it with coefficient 1 or -1: it would silently drop the
condition that the stride divides a difference.
"""

import sympy
from sympy.concrete.delta import deltasummation

from cnnlib.symbolic.derivation import Derivation

n, c, f, i, j, u, v = sympy.symbols("n c f i j u v", integer=True, nonnegative=True)
N, C, F, H, W, K, M, s = sympy.symbols("N C F H W K M s", integer=True, positive=True)
p = sympy.Symbol("p", integer=True, nonnegative=True)
n_, c_, f_, u_, v_ = sympy.symbols("n' c' f' u' v'", integer=True, nonnegative=True)
a, b = sympy.symbols("a b", integer=True, nonnegative=True)
x, w, g, bias = (sympy.IndexedBase(name, real=True) for name in ("x", "w", "g", "b"))


def contract(expression, index, size):
    """Sum a Kronecker delta over `index` from 0 to size - 1, for an entry that exists: keep the branch in which the index is in range."""
    result = deltasummation(expression, (index, 0, size - 1))
    return result.args[0][0] if isinstance(result, sympy.Piecewise) else result


convolution = Derivation("The gradients of a convolution")


@convolution.step("The forward pass. Every output adds up products over all input channels and kernel cells, and its channel's bias.")
def output():
    product = w[f, c, u, v] * x[n, c, i * s + u - p, j * s + v - p]
    return sympy.Sum(product, (c, 0, C - 1), (u, 0, K - 1), (v, 0, M - 1)) + bias[f]


@convolution.step("The bias of channel $f'$ enters an output with weight 1 if the channel is the same, and with weight 0 if it is another.")
def output_by_bias(output):
    return output.diff(bias[f_])


@convolution.step("Chain rule: add up, over all outputs, the gradient that arrives times this derivative. The delta leaves one channel.")
def bias_gradient(output_by_bias):
    terms = contract(g[n, f, i, j] * output_by_bias, f, F)
    return sympy.Sum(terms, (n, 0, N - 1), (i, 0, H - 1), (j, 0, W - 1))


@convolution.step("A weight is one of the factors of its products. Differentiating leaves the other factor, marked by deltas.")
def output_by_weight(output):
    return output.diff(w[f_, c_, u_, v_])


@convolution.step("Each delta picks one term of its sum: what is left is the input cell that this weight was multiplied with.")
def read_cell(output_by_weight):
    term = output_by_weight.function
    for index, size in ((c, C), (u, K), (v, M)):
        term = contract(term, index, size)
    return term


@convolution.step(
    "Chain rule: every place and every image at which the weight was used sends its share. The delta leaves one channel $f'$."
)
def weight_gradient(read_cell):
    terms = contract(g[n, f, i, j] * read_cell, f, F)
    return sympy.Sum(terms, (n, 0, N - 1), (i, 0, H - 1), (j, 0, W - 1))


@convolution.step(
    "Now an input cell. The deltas say when output $(i, j)$ reads cell $(a, b)$: when $i s + u - p = a$ and $j s + v - p = b$."
)
def output_by_input(output):
    return output.diff(x[n_, c_, a, b])


@convolution.step(
    "Sum over the kernel cells. At most one of them lies on $(a, b)$, namely $u = a + p - i s$, if there is such a kernel cell."
)
def weight_on_cell(output_by_input):
    term = contract(output_by_input.function, c, C)
    for index, size in ((u, K), (v, M)):
        term = deltasummation(term, (index, 0, size - 1))
    return sympy.piecewise_fold(term)


@convolution.step("Chain rule: add up over all outputs of the same image. The minus sign in front of $i s$ is the famous one.")
def input_gradient(weight_on_cell):
    value, condition = weight_on_cell.args[0]
    terms = contract(g[n, f, i, j] * value, n, N)
    return sympy.Sum(sympy.Piecewise((terms, condition), (0, True)), (f, 0, F - 1), (i, 0, H - 1), (j, 0, W - 1))


@convolution.step(
    "At stride 1, sum over kernel cells $u = a + p - i$ instead of places; where there is no such place, $g$ counts as 0. "
    "Now the *gradient* carries the minus sign."
)
def input_gradient_stride_one(input_gradient):
    terms = input_gradient.function.args[0][0].subs(s, 1)
    terms = terms.subs({i: a + p - u, j: b + p - v}, simultaneous=True)
    return sympy.Sum(terms, (f, 0, F - 1), (u, 0, K - 1), (v, 0, M - 1))


@convolution.step(
    "Count the kernel cells from the other end, $u \\to K - 1 - u$. Now the gradient is read forwards and the kernel is rotated."
)
def rotated_kernel(input_gradient_stride_one):
    terms = input_gradient_stride_one.function.subs({u: K - 1 - u, v: M - 1 - v}, simultaneous=True)
    return sympy.Sum(sympy.expand(terms), *input_gradient_stride_one.limits)
