"""Chapter 15: batch norm, its backward pass and its running statistics, and dropout, derived for any number of values.

x[k], k = 0 .. N-1, are all values of one channel in a batch: N images times H x W cells are counted in one go. mu and v are their mean
and their biased variance, z the normalised values, g[i] the gradient of the loss by y[i]. Dropout drops a value with probability p.
"""

import numpy as np
import sympy
from sympy import stats

from cnnlib.symbolic import expressions
from cnnlib.symbolic.derivation import Derivation
from cnnlib.symbolic.variance import variance_of_sum
from cnnlib.symbolic.weighted_sums import split_sum

i, j, k = sympy.symbols("i j k", integer=True, nonnegative=True)
N = sympy.Symbol("N", integer=True, positive=True)
mu, beta, gamma, x_1 = sympy.symbols("mu beta gamma x", real=True)
v, epsilon, sigma, a = sympy.symbols("v varepsilon sigma a", positive=True)
z_i, z_j, x_i, x_j = sympy.symbols("z_i z_j x_i x_j", real=True)
x, z, g = (sympy.IndexedBase(name, real=True) for name in ("x", "z", "g"))
IN_BATCH = sympy.Q.le(j, N - 1)


def total(term, index=k):
    """The sum of a term over the batch."""
    return sympy.Sum(term, (index, 0, N - 1))


batch = Derivation("Batch norm and its gradient")


@batch.step("The mean of the batch.")
def mean():
    return total(x[k]) / N


@batch.step("The biased variance: the mean square of the deviations.")
def variance():
    return total((x[k] - mu) ** 2) / N


@batch.step("The normalised value: mean 0, and variance 1 but for the small $\\varepsilon$ that prevents a division by 0.")
def normalised():
    return (x_i - mu) / sympy.sqrt(v + epsilon)


@batch.step("The output. With $\\gamma$ and $\\beta$, which are learned, the channel may have any scale and any mean that it needs.")
def output():
    return gamma * z_i + beta


@batch.step("Backward. Input $x_j$ moves the mean: by $1/N$.")
def mean_by_input(mean):
    return sympy.refine(mean.diff(x[j]).doit(), IN_BATCH)


@batch.step("It moves the variance directly, by its own square.")
def variance_by_input(variance):
    return sympy.refine(variance.diff(x[j]).doit(), IN_BATCH).subs(x[j], x_j)


@batch.step(
    "And through the mean? The derivative of $v$ by $\\mu$, with $\\sum_k x_k = N \\mu$ inserted: 0. The mean is where $v$ is smallest."
)
def variance_by_mean(variance, mean):
    apart = split_sum((variance * N).diff(mu)).doit() / N
    return sympy.expand(apart.subs(mean * N, N * mu))


@batch.step("The three slopes of the normalised value: by $x_i$ itself, by $\\mu$, and by $v$; the last one written with $z_i$.")
def three_slopes(normalised):
    by_variance = normalised.diff(v).subs(x_i, mu + z_i * sympy.sqrt(v + epsilon))
    return sympy.Tuple(normalised.diff(x_i), normalised.diff(mu), sympy.simplify(by_variance))


@batch.step(
    "Chain rule, three ways from $x_j$ to $z_i$: directly, where $i = j$ (the Kronecker delta); through the mean; through the variance."
)
def normalised_by_input(three_slopes, mean_by_input, variance_by_input):
    direct, by_mean, by_variance = three_slopes
    through_variance = by_variance * variance_by_input.subs(x_j, mu + z_j * sympy.sqrt(v + epsilon))
    return sympy.factor(direct * sympy.KroneckerDelta(i, j) + by_mean * mean_by_input + through_variance)


@batch.step("Sum over all outputs, each with its gradient $\\gamma g_i$. The delta picks $g_j$; the two other ways leave two sums.")
def input_gradient(normalised_by_input):
    front, bracket = normalised_by_input.as_independent(sympy.KroneckerDelta, z_i, z_j, as_Add=False)
    sums = split_sum(total(g[i] * bracket.subs(z_i, z[i]), i))
    return gamma * front * sums.subs(total(g[i] * sympy.KroneckerDelta(i, j), i), g[j])


@batch.step(
    "The mean of $dx$ over the batch: that of $g_j$ is $\\frac1N \\sum_i g_i$, that of $z_j$ is 0. Nothing is left: batch norm never "
    "lets a gradient push all values of a channel in one direction."
)
def mean_gradient(input_gradient):
    return sympy.simplify(input_gradient.subs({g[j]: total(g[i], i) / N, z_j: 0}))


@batch.step("Multiply all inputs by $a > 0$, and the mean with them, and $v$ by $a^2$. Without $\\varepsilon$, the normalised value stays.")
def scaled_inputs(normalised):
    return sympy.simplify(normalised.subs({x_i: a * x_i, mu: a * mu, v: a**2 * v, epsilon: 0}, simultaneous=True))


@batch.step("The gradients of $\\gamma$ and of $\\beta$: every value of the channel uses them, so both are sums.")
def parameter_gradients(output):
    return sympy.Tuple(*(total((g[i] * output.diff(letter)).subs(z_i, z[i]), i) for letter in (gamma, beta)))


@batch.step("The formula with $N = 3$ letters, minus SymPy's own derivative of the whole batch norm, for every $j$.")
def agrees_with_sympy(input_gradient):
    letters, dy = (expressions.symbol_array(name, 3) for name in "xg")
    y = of_letters(letters)
    truth = expressions.differentiate(y, dy, letters)
    gaps = [with_letters(input_gradient, letters, dy, place) - truth[place] for place in range(3)]
    return sympy.Matrix(gaps).applyfunc(sympy.simplify)


def of_letters(letters):
    """The symbolic batch norm of one channel of letters."""
    batch = letters.reshape(-1, 1, 1, 1)
    return expressions.batch_norm2d(batch, np.array([gamma]), np.array([beta]), eps=epsilon).ravel()


def with_letters(formula, values, dy, place):
    """A formula in mu, v, z and g for the batch `values` (letters or numbers) and the gradients dy, at j = place."""
    number = len(values)
    average = sum(values) / sympy.Integer(number)
    spread = sum((value - average) ** 2 for value in values) / sympy.Integer(number)
    scaled = [(value - average) / sympy.sqrt(spread + epsilon) for value in values]
    written = formula.subs({N: number, j: place, z_j: scaled[place], v: spread}).doit()
    entries = {z[at]: scaled[at] for at in range(number)} | {g[at]: dy[at] for at in range(number)}
    return written.subs(entries)


running = Derivation("Running statistics")


@running.step(
    "Values with mean 0 (a shift changes no variance) and variance $\\sigma^2$. The mean square of the batch's mean: $N$ terms $x_k/N$."
)
def mean_square_of_mean():
    return variance_of_sum(sigma**2 / N**2, N)


@running.step("Multiply out the biased variance: the mean of the squares minus the square of the mean. So its expectation is too small.")
def expected_biased(mean_square_of_mean):
    return sympy.factor(sigma**2 - mean_square_of_mean)


@running.step("This factor repairs it: divide by $N - 1$ where you divided by $N$. The running variance keeps the repaired one.")
def repair(expected_biased):
    return sympy.simplify(sigma**2 / expected_biased)


momentum, r_0, b = sympy.symbols("a r_0 b", real=True)
ell = sympy.Symbol("l", integer=True, nonnegative=True)
R = sympy.Function("R")


@running.step("The running value after $l$ batches that all have the statistic $b$: each moves it by the share $a$ of the way.")
def after_batches():
    return sympy.rsolve(R(ell + 1) - ((1 - momentum) * R(ell) + momentum * b), R(ell), {R(0): r_0})


@running.step("The share of the way that is still to go: it shrinks by the factor $1 - a$ with every batch.")
def still_to_go(after_batches):
    return sympy.simplify((b - after_batches) / (b - r_0))


dropping = Derivation("Dropout")
p, kept = sympy.symbols("p r", positive=True)
MASK = stats.Bernoulli("m", kept)  # 1 where the value is kept


def in_p(expression):
    """An expression in the probability r of keeping a value, written in p = 1 - r."""
    return sympy.factor(expression).subs(kept, 1 - p)


@dropping.step("A value is kept with probability $1 - p$: the mask $m$ is 1 or 0. The expectation of $m x$, for a fixed $x$.")
def plain_mean():
    return in_p(stats.E(MASK * x_1))


@dropping.step("By what must the kept value be multiplied to have the expectation $x$?")
def scale(plain_mean):
    return x_1 / plain_mean


@dropping.step("With this scale the mean is right, and so in evaluation nothing has to be done. The variance that is left:")
def scaled_variance(scale):
    return in_p(stats.variance(MASK * scale.subs(p, 1 - kept) * x_1))


@dropping.step("The mean square: the variance plus $x^2$. Dropout makes the next layer's inputs larger, and all layers after it.")
def scaled_mean_square(scaled_variance):
    return in_p((scaled_variance + x_1**2).subs(p, 1 - kept))
