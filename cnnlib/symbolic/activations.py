"""Chapter 07: why layers need activations, and the derivatives of activations in closed form.

x is the number that goes in, s stands for sigmoid(x). h > 0 is a step away from a kink. Layers read along one axis: u and v count kernel
cells, r the cells from the corner of a window, i the places.
"""

import numpy as np
import sympy

from cnnlib.ops.convolution import conv2d, convolve2d
from cnnlib.symbolic import expressions
from cnnlib.symbolic.derivation import Derivation
from cnnlib.symbolic.expressions import symbol_array
from cnnlib.symbolic.weighted_sums import split_sum

x, beta, m, s = sympy.symbols("x beta m s", real=True)
h, alpha, a = sympy.symbols("h alpha a", positive=True)
i, u, v, r, ell = sympy.symbols("i u v r l", integer=True, nonnegative=True)
K, M, L = sympy.symbols("K M L", integer=True, positive=True)
b1, b2 = sympy.symbols("b_1 b_2", real=True)
cells, w, q, kept = (sympy.IndexedBase(name, real=True) for name in ("x", "w", "q", "s"))


def of(name, value=x, **options):
    """The symbolic form of the activation called `name`, at one SymPy expression."""
    return getattr(expressions, name)([value], **options)[0]


merging = Derivation("Two convolutions in a row are one")


@merging.step("The first layer, along one axis: a kernel $w$ of $K$ cells and a bias. This is its output at place $r$.")
def first():
    return sympy.Sum(w[u] * cells[r + u], (u, 0, K - 1)) + b1


@merging.step("The second layer, with a kernel $q$ of $M$ cells, reads the first one's outputs at the places $i + v$.")
def second(first):
    return sympy.Sum(q[v] * first.subs(r, i + v), (v, 0, M - 1)) + b2


@merging.step("Multiply out. All inputs are in one double sum. The rest contains no input: it is one number, a bias.")
def apart(second):
    bias, total = second.args
    return split_sum(total) + bias


@merging.step("Which factor has input cell $i + r$? All with $u + v = r$, so $u = r - v$. Where $w$ has no such cell, it counts as 0.")
def merged_kernel():
    return sympy.Sum(q[v] * w[r - v], (v, 0, M - 1))


@merging.step("So the two layers are **one layer**: one kernel of $K + M - 1$ cells, and one bias.")
def one_layer(apart, merged_kernel):
    bias = sum(term for term in apart.args if not term.has(cells))
    return sympy.Sum(merged_kernel * cells[i + r], (r, 0, K + M - 2)) + bias


@merging.step("The library, with letters: two layers of 2 x 2 kernels, minus one layer whose kernel is the full convolution.")
def library_agrees():
    image, w, q = (symbol_array(name, shape) for name, shape in (("x", (1, 1, 4, 4)), ("w", (2, 2)), ("q", (2, 2))))
    two = conv2d(conv2d(image, w[None, None], np.array([b1])), q[None, None], np.array([b2]))
    one = conv2d(image, convolve2d(q, w)[None, None], np.array([b1 * q.sum() + b2]))
    return sympy.Matrix((two - one)[0, 0]).expand()


kinks = Derivation("Slopes at a kink")


@kinks.step("ReLU, approached from the right: the slope of the line from $0$ to $h$.")
def relu_from_the_right():
    return (of("relu", h) - of("relu", sympy.Integer(0))) / h


@kinks.step("From the left: the slope of the line from $-h$ to $0$. It is another number, so there is **no derivative at 0**.")
def relu_from_the_left():
    return (of("relu", sympy.Integer(0)) - of("relu", -h)) / h


@kinks.step("Lay a line of slope $m$ through the kink. How far does ReLU lie above it, at $h$ on the right?")
def gap_on_the_right():
    return sympy.factor(of("relu", h) - m * h)


@kinks.step("And at $-h$ on the left? Neither is negative exactly when $0 \\le m \\le 1$: the **subgradients** of ReLU at 0.")
def gap_on_the_left():
    return of("relu", -h) - m * (-h)


@kinks.step("Leaky ReLU with slope $a$: from the left the slope is $a$, from the right it is 1.")
def leaky_sides():
    left = (of("leaky_relu", sympy.Integer(0), negative_slope=a) - of("leaky_relu", -h, negative_slope=a)) / h
    return sympy.Tuple(left, of("leaky_relu", h, negative_slope=a) / h)


@kinks.step("ELU bends on the left, so the step must shrink: the limits of the slopes from the left and from the right, as $h \\to 0$.")
def elu_sides():
    slopes = -of("elu", -h, alpha=alpha) / h, of("elu", h, alpha=alpha) / h
    return sympy.Tuple(*(sympy.limit(each, h, 0) for each in slopes))


@kinks.step("The two sides of ELU agree for one $\\alpha$ alone: there the kink is gone.")
def elu_smooth(elu_sides):
    return sympy.FiniteSet(*sympy.solve(elu_sides[0] - elu_sides[1], alpha))


sigmoid_slope = Derivation("The derivative of the sigmoid")


@sigmoid_slope.step("The sigmoid.")
def sigmoid():
    return of("sigmoid")


@sigmoid_slope.step("Its derivative, by SymPy.")
def slope(sigmoid):
    return sigmoid.diff(x)


@sigmoid_slope.step("Call the sigmoid's value $s$. Then $s = 1/(1 + e^{-x})$ says that $e^{-x} =$")
def power_in_s(sigmoid):
    return sympy.solve(sigmoid - s, sympy.exp(-x))[0]


@sigmoid_slope.step("Insert this into the derivative. The exponential is gone: the output alone tells the slope.")
def slope_in_s(slope, power_in_s):
    return sympy.simplify(slope.subs(sympy.exp(-x), power_in_s))


@sigmoid_slope.step("Where is the slope largest? Its derivative by $s$ vanishes at one value of $s$.")
def steepest_at(slope_in_s):
    return sympy.FiniteSet(*sympy.solve(slope_in_s.diff(s), s))


@sigmoid_slope.step("The second derivative by $s$ is negative everywhere: the slope rises up to that point and falls behind it.")
def bends_down(slope_in_s):
    return slope_in_s.diff(s, 2)


@sigmoid_slope.step("So this is the **largest** slope of the sigmoid: one quarter.")
def largest_slope(slope_in_s, steepest_at):
    return slope_in_s.subs(s, next(iter(steepest_at)))


smooth = Derivation("The other smooth activations")


@smooth.step("The hyperbolic tangent is a sigmoid, stretched and moved: $2 \\sigma(2x) - 1$ minus $\\tanh x$, in exponentials.")
def tanh_is_a_sigmoid():
    return sympy.simplify((2 * of("sigmoid").subs(x, 2 * x) - 1 - of("tanh")).rewrite(sympy.exp))


@smooth.step("Its derivative, by SymPy. At $x = 0$ it is 1, the largest value it has.")
def tanh_slope():
    return of("tanh").diff(x)


@smooth.step("The derivative of softplus $\\log(1 + e^{\\beta x}) / \\beta$, minus the sigmoid $\\sigma(\\beta x)$: nothing is left.")
def softplus_slope_is_sigmoid():
    return sympy.simplify(of("softplus", beta=beta).diff(x) - of("sigmoid", beta * x))


@smooth.step("Write $f$ for softplus and divide $e^{f(x)}$ by $e^{x + f(-x)}$. The quotient is 1, so $f(x) = x + f(-x)$.")
def softplus_mirrored():
    return sympy.simplify(sympy.exp(of("softplus")) / sympy.exp(x + of("softplus").subs(x, -x)))


@smooth.step("The derivative of SiLU, written in $x$ and $s = \\sigma(x)$.")
def silu_slope():
    power = sigmoid_slope.result("power_in_s")
    return sympy.simplify(of("silu").diff(x).subs(sympy.exp(-x), power))


@smooth.step("Minus the form that the library uses, $s (1 + x (1 - s))$.")
def silu_slope_is_the_librarys(silu_slope):
    return sympy.expand(silu_slope - s * (1 + x * (1 - s)))


@smooth.step("The derivative of GELU: the normal distribution function, plus $x$ times the normal density.")
def gelu_slope():
    return of("gelu").diff(x)


@smooth.step("The derivative of ELU, by SymPy, for any $\\alpha$. On the left it is the output plus $\\alpha$.")
def elu_slope():
    return of("elu", alpha=alpha).diff(x)


depth = Derivation("Slopes multiply through depth")


@depth.step("One layer of one unit: a weight, then a sigmoid. Its derivative by its input, with $s$ for the layer's output.")
def one_unit():
    weight = sympy.Symbol("w", real=True)
    return weight * sigmoid_slope.result("slope_in_s")


@depth.step("$L$ such layers in a chain, each with a weight $w_l$ and an output $s_l$: the chain rule multiplies all their slopes.")
def chain(one_unit):
    weight = sympy.Symbol("w", real=True)
    return sympy.Product(one_unit.subs({weight: w[ell], s: kept[ell]}), (ell, 1, L))


@depth.step("No $s_l (1 - s_l)$ is above one quarter. So the size of the product is **at most** this.")
def bound(chain):
    largest = sigmoid_slope.result("largest_slope")
    factor = chain.function / (kept[ell] * (1 - kept[ell])) * largest
    return sympy.Product(abs(factor), (ell, 1, L))


@depth.step("With weights of size 1, ten layers leave at most this share of the gradient.")
def ten_layers(bound):
    return bound.subs(L, 10).doit().replace(lambda e: isinstance(e, sympy.Indexed), lambda e: sympy.Integer(1))
