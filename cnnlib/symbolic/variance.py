"""Chapter 15: how large the numbers in a net are, from layer to layer, and the scales of first weights that follow.

One unit has the pre-activation z = w_1 x_1 + ... + w_n x_n with n = fan-in; m = fan-out. Weights are independent, with mean 0 and variance
sigma^2. q is the mean square of the inputs, G that of gradients, l counts layers. sympy.stats gives the moments of one term; the sum over
a symbolic fan-in uses one rule, `variance_of_sum`.
"""

import math

import sympy
from sympy import stats

from cnnlib.ops.convolution import conv2d, conv2d_backward
from cnnlib.symbolic.activations import of
from cnnlib.symbolic.derivation import Derivation
from cnnlib.symbolic.expressions import symbol_array

n, m, L = sympy.symbols("n m L", integer=True, positive=True)
k, f, ell, a_cell = sympy.symbols("k f l a", integer=True, nonnegative=True)
sigma, tau, s, v, q, G, bound, a = sympy.symbols("sigma tau s v q G b a", positive=True)
mu, t, c = sympy.symbols("mu t c", real=True)
r = sympy.Symbol("t", positive=True)  # the same letter on the right of 0, where SymPy knows that relu(t) is t
q_0 = sympy.Symbol("q_0", positive=True)
w, x, g = (sympy.IndexedBase(name, real=True) for name in ("w", "x", "g"))
Q = sympy.Function("Q")

W, V = stats.Normal("w", 0, sigma), stats.Normal("w'", 0, sigma)  # two weights, independent of each other
X = stats.Normal("x", mu, tau)  # one input, of any mean
Z = stats.Normal("z", 0, s)  # a pre-activation: a sum of many terms, so nearly normal


def variance_of_sum(variance, number):
    """The stated rule: where the products of any two different terms have mean 0, the variance of the sum is the sum of the variances."""
    return sympy.Sum(variance, (k, 1, number)).doit()


def over_weights(expression, weights):
    """The expectation over independent weights of mean 0: an odd power of a weight makes a product vanish, a square becomes sigma^2."""
    moments = {0: sympy.Integer(1), 1: sympy.Integer(0), 2: sigma**2}
    terms = sympy.Poly(expression, *weights).terms()
    return sympy.Add(*(factor * math.prod(moments[power] for power in powers) for powers, factor in terms))


def mean_on_the_right(function):
    """The mean of a function of Z that is 0 for t <= 0: the integral over t > 0."""
    return sympy.simplify(sympy.integrate(function * stats.density(Z)(r), (r, 0, sympy.oo)))


unit = Derivation("The variance of one unit")


@unit.step("One term of the sum is a weight times an input. Its mean is 0, because the weight's is, whatever the mean of the input.")
def mean_of_term():
    return stats.E(W * X)


@unit.step("Its variance, for an input of mean $\\mu$ and variance $\\tau^2$.")
def variance_of_term():
    return sympy.factor(stats.variance(W * X))


@unit.step("The input's mean square $q = E[x^2]$ is $\\mu^2 + \\tau^2$. So only $q$ counts, not the mean and the variance one by one.")
def by_mean_square(variance_of_term):
    return sympy.expand(variance_of_term).subs(sigma**2 * mu**2, sigma**2 * (q - tau**2)).expand()


@unit.step(
    "Two different terms: the mean of their product is $E[w w']\\, c$ with $c = E[x x']$. The inputs may depend on each other; the "
    "weights do not."
)
def mixed_term():
    return stats.E(W * V) * c


@unit.step("So the rule applies, and the variances of all $n$ terms add up. As the mean of $z$ is 0, this is the mean square of $z$ too.")
def variance_of_unit(by_mean_square):
    return variance_of_sum(by_mean_square, n)


@unit.step(
    "The library's convolution with letters, 2 channels and a $2 \\times 2$ kernel: the square of one output, averaged over the weights, "
    "minus $\\sigma^2$ times the squares of all cells under the window."
)
def library_agrees():
    image, weights = symbol_array("x", (1, 2, 2, 2)), symbol_array("w", (1, 2, 2, 2))
    y = conv2d(image, weights).item()
    return sympy.expand(over_weights(y**2, weights.ravel()) - sigma**2 * sum(image.ravel() ** 2))


relu = Derivation("Linear and ReLU layers in a row")


@relu.step("Without an activation, the next layer's inputs are the $z$ themselves: their mean square is multiplied by this.")
def linear_factor():
    return unit.result("variance_of_unit") / q


@relu.step("The same factor at every layer is a power after $l$ layers. SymPy solves the recursion.")
def linear_depth(linear_factor):
    return sympy.rsolve(Q(ell + 1) - linear_factor * Q(ell), Q(ell), {Q(0): q_0})


@relu.step("Weights of standard deviation 1: the **scale**, the root of the mean square, after $l$ layers, for an input of scale 1.")
def unscaled(linear_depth):
    return sympy.powdenest(sympy.sqrt(linear_depth.subs({sigma: 1, q_0: 1})), force=True)


@relu.step("Now a ReLU. For a normal $z$ of variance $s^2$, the mean square of $\\mathrm{relu}(z)$.")
def relu_mean_square():
    return mean_on_the_right(of("relu", r) ** 2)


@relu.step("The same for a $z$ even in $[-b, b]$, divided by the mean square of $z$: **one half** again, as for every symmetric $z$.")
def relu_of_uniform():
    z = stats.Uniform("z", -bound, bound)
    return sympy.simplify(stats.E(sympy.Piecewise((z**2, z > 0), (0, True))) / stats.E(z**2))


@relu.step("The mean of $\\mathrm{relu}(z)$ is not 0. (So the variance is less than the mean square; but only the mean square counts.)")
def relu_mean():
    return mean_on_the_right(of("relu", r))


@relu.step("The next layer's mean square: half the variance $n \\sigma^2 q$ of the unit.")
def relu_next(relu_mean_square):
    return relu_mean_square.subs(s, sympy.sqrt(unit.result("variance_of_unit")))


@relu.step("After $l$ layers.")
def relu_depth(relu_next):
    return sympy.rsolve(Q(ell + 1) - relu_next / q * Q(ell), Q(ell), {Q(0): q_0})


@relu.step("The variance of weights that keeps the mean square: solve *next = before* for $\\sigma^2$. This is **He's rule**.")
def he(relu_next):
    return sympy.solve(sympy.Eq(relu_next.subs(sigma, sympy.sqrt(v)), q), v)[0]


tanh = Derivation("A tanh layer")


@tanh.step("Near 0, the square of tanh as a series.")
def square_series():
    return (of("tanh", t) ** 2).series(t, 0, 8)


@tanh.step("Put $t = s z$ with a standard normal $z$, and take the mean of each power: $E[z^2] = 1$, $E[z^4] = 3$, $E[z^6] = 15$.")
def mean_square_series(square_series):
    standard = stats.Normal("z", 0, 1)
    terms = sympy.Poly(square_series.removeO(), t).terms()
    return sympy.Add(*(factor * stats.E(standard**power) * s**power for (power,), factor in terms))


@tanh.step(
    "The inverse of the next mean square, for $n \\sigma^2 = 1$ and so $s^2 = q$: every layer adds 2 to $1/q$, as long as $q$ is small."
)
def inverse_grows(mean_square_series):
    return (1 / mean_square_series.subs(s, sympy.sqrt(q))).series(q, 0, 1)


@tanh.step("So after $l$ layers, from $1/q_0$ on: the mean square falls like $1/l$, **not** exponentially.")
def slow_fall(inverse_grows):
    gained = inverse_grows.removeO() - 1 / q
    return sympy.simplify(1 / (1 / q_0 + gained * ell))


@tanh.step("The mean square of the slope $1 - \\tanh^2$, in the same way: a little below 1. It governs the gradient.")
def slope_series():
    standard = stats.Normal("z", 0, 1)
    series = (of("tanh", t).diff(t) ** 2).series(t, 0, 6)
    terms = sympy.Poly(series.removeO(), t).terms()
    return sympy.Add(*(factor * stats.E(standard**power) * s**power for (power,), factor in terms))


backward = Derivation("The gradient's variance")


@backward.step("Unit $f$ of the layer has gradient $g_f$. What all $m$ units contribute to the loss, as far as it depends on the inputs.")
def weighted_outputs():
    return sympy.Sum(g[f] * sympy.Sum(w[f, k] * x[k], (k, 0, n - 1)), (f, 0, m - 1))


@backward.step("Its derivative by input $a$: a sum again, but over the **outputs**, so $m$ terms and not $n$.")
def input_gradient(weighted_outputs):
    slopes = weighted_outputs.function.diff(x[a_cell]).doit()
    inside = sympy.refine(slopes, sympy.Q.le(a_cell, n - 1))
    return sympy.Sum(inside, *weighted_outputs.limits)


@backward.step("Each term is again a weight times something, so the rule gives the mean square: $\\sigma^2$ times that of $g$, $m$ times.")
def variance_of_gradient():
    return variance_of_sum(unit.result("by_mean_square").subs(q, G), m)


@backward.step(
    "The library's backward pass with letters, 3 kernels of $2 \\times 2$ cells: the square of one entry of $dx$ that all their cells "
    "touch, averaged over the weights, minus $\\sigma^2$ times the squares of the gradients."
)
def library_agrees_backward():
    dy, weights = symbol_array("g", (1, 3, 2, 2)), symbol_array("w", (3, 1, 2, 2))
    dx = conv2d_backward(dy, symbol_array("x", (1, 1, 3, 3)), weights)[0][0, 0, 1, 1]
    return sympy.expand(over_weights(dx**2, weights.ravel()) - sigma**2 * sum(dy.ravel() ** 2))


@backward.step("A ReLU multiplies by its slope, 0 or 1. The mean square of the slope, for a symmetric $z$: one half once more.")
def relu_slope():
    return mean_on_the_right(of("relu", r).diff(r) ** 2)


@backward.step("Which $\\sigma^2$ keeps the gradient through a linear layer? The forward pass asked for $1/n$.")
def keeps_gradient(variance_of_gradient):
    return sympy.solve(sympy.Eq(variance_of_gradient.subs(sigma, sympy.sqrt(v)), G), v)[0]


@backward.step(
    "Both at once only if $n = m$. **Xavier's rule** compromises: the mean of the two factors $n\\sigma^2$ and $m\\sigma^2$ shall be 1."
)
def xavier(variance_of_gradient):
    factors = unit.result("variance_of_unit") / q, variance_of_gradient / G
    return sympy.solve(sympy.Eq((sum(factors) / 2).subs(sigma, sympy.sqrt(v)), 1), v)[0]


@backward.step("The product of the two factors under Xavier's rule.")
def both_factors(xavier, variance_of_gradient):
    return (unit.result("variance_of_unit") / q * variance_of_gradient / G).subs(sigma, sympy.sqrt(xavier))


@backward.step("How far is it below 1? A square over a square: so it is never above 1, and it is 1 exactly where $n = m$.")
def price(both_factors):
    return sympy.factor(1 - both_factors)


@backward.step("Weights drawn evenly from $[-b, b]$ have this variance.")
def uniform_variance():
    return stats.variance(stats.Uniform("w", -bound, bound))


@backward.step("So this bound gives them Xavier's variance.")
def uniform_bound(uniform_variance, xavier):
    return sympy.solve(sympy.Eq(uniform_variance, xavier), bound)[0]


symmetry = Derivation("Equal units stay equal")
w_1, w_2, c_1, c_2, delta = sympy.symbols("w_1 w_2 c_1 c_2 delta", real=True)
x_0 = sympy.Symbol("x", real=True)


class varphi(sympy.Function):
    """Any activation."""

    def fdiff(self, argindex=1):
        """The slope at the argument."""
        return slope_of_phi(self.args[0])


class slope_of_phi(sympy.Function):
    """The derivative of `varphi`, written with a prime."""

    def _latex(self, printer):
        return rf"\varphi'\left({printer.doprint(self.args[0])}\right)"


@symmetry.step("The output of a net with two hidden units and any activation $\\varphi$.")
def two_units():
    return c_1 * varphi(w_1 * x_0) + c_2 * varphi(w_2 * x_0)


@symmetry.step(
    "Let $\\delta$ be the gradient of the loss by the output. The gradients of the first unit's weights minus those of the second's: "
    "of the weight before the unit, and of the one behind it."
)
def gradients_apart(two_units):
    pairs = (w_1, w_2), (c_1, c_2)
    return sympy.Tuple(*(delta * (two_units.diff(first) - two_units.diff(second)) for first, second in pairs))


@symmetry.step("If the units begin with equal weights, both differences are 0. Both get the same steps and are equal again: for ever.")
def equal_start(gradients_apart):
    return gradients_apart.subs({w_2: w_1, c_2: c_1})


@symmetry.step("All weights 0, with tanh: the gradients of $w_1$ and of $c_1$. Neither moves.")
def zero_start(two_units):
    net = two_units.replace(varphi, lambda value: of("tanh", value))
    start = {w_1: 0, w_2: 0, c_1: 0, c_2: 0}
    return sympy.Tuple(*(delta * net.diff(weight).subs(start) for weight in (w_1, c_1)))
