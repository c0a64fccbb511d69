"""Chapter 16: rules with a rate for each weight, derived: first steps, bias correction, weight decay; and what noise in gradients does.

eta is the learning rate; alpha, beta and rho say how much a running average keeps; lambda is a curvature or, with weight decay, the
decay. g is a gradient, g[i] that of step i or of image i, counted from 1; t counts the steps.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation

eta, lam, sigma, G, V, eps = sympy.symbols("eta lambda sigma G V epsilon", positive=True)
alpha, beta, rho, beta1, beta2 = sympy.symbols("alpha beta rho beta_1 beta_2", positive=True)
w = sympy.Symbol("w", real=True)
g = sympy.Symbol("g", real=True, nonzero=True)
i, t, B, N = sympy.symbols("i t B N", integer=True, positive=True)
slopes = sympy.IndexedBase("g", real=True)


def constant(expression, value):
    """Put one and the same value in place of every g[i]."""
    return expression.replace(lambda part: isinstance(part, sympy.Indexed), lambda part: value)


adaptive = Derivation("First steps of the rules with a rate for each weight")


@adaptive.step("Adagrad adds up the squares. In a constant slope $g$ the sum after $t$ steps is")
def adagrad_sum():
    return sympy.Sum(g**2, (i, 1, t)).doit()


@adaptive.step("so step $t$ has the length $\\eta/\\sqrt{t}$, whatever $g$ is: the step is divided by the slope's own size.")
def adagrad_step(adagrad_sum):
    return sympy.simplify(eta * abs(g) / sympy.sqrt(adagrad_sum))


@adaptive.step(
    "RMSProp takes a running mean instead. It starts at 0, so after one step it is much too small; the first step has the length"
)
def rmsprop_first():
    return sympy.simplify(eta * abs(g) / sympy.sqrt((1 - alpha) * g**2))


@adaptive.step(
    "Adadelta's first step, with $\\eta = 1$. The running mean of its squared steps is still 0, so $\\epsilon$ alone sets it going."
)
def adadelta_first():
    return sympy.sqrt(eps) / sympy.sqrt((1 - rho) * g**2 + eps) * g


adam = Derivation("Adam's bias correction")


@adam.step("Unroll $m_t = \\beta m_{t-1} + (1 - \\beta) g_t$ from $m_0 = 0$: older gradients have been multiplied by $\\beta$ more often.")
def mean():
    return (1 - beta) * sympy.Sum(beta ** (t - i) * slopes[i], (i, 1, t))


@adam.step(
    "Is that the recursion? Put the sum for $t - 1$ into it, with $\\beta$ inside: its terms are those of the sum for $t$, up to $t - 1$."
)
def one_more(mean):
    share, total = mean.as_independent(sympy.Sum)
    older = total.subs(t, t - 1)
    return share * sympy.Sum(sympy.powsimp(beta * older.function), *older.limits) + share * slopes[t]


@adam.step("In a mean the weights add up to 1. Here they add up to less, since the average began at 0.")
def weights(mean):
    return sympy.simplify(constant(mean, 1).doit())


@adam.step("Dividing by their sum is the **bias correction**.")
def corrected(mean, weights):
    return mean / weights


@adam.step("If all gradients have the same mean $G$, so has the corrected average, from the first step on.")
def expected(mean, weights):
    return sympy.simplify(sympy.simplify(constant(mean, G).doit()) / weights)


@adam.step("The first step with both corrections, $\\epsilon = 0$: the sign of the slope times the rate. The slope's size cancels.")
def first_step():
    m, s = (1 - beta1) * g / (1 - beta1), (1 - beta2) * g**2 / (1 - beta2)
    return sympy.simplify(eta * m / sympy.sqrt(s))


decay = Derivation("Weight decay")


@decay.step("Add $\\frac{\\lambda}{2} w^2$ to the loss. Its slope joins the gradient, and a step of gradient descent becomes")
def in_the_loss():
    penalty = lam * w**2 / 2
    return sympy.collect(sympy.expand(w - eta * (g + penalty.diff(w))), w)


@decay.step("The other way: first shrink the weight by $1 - \\eta\\lambda$, then step. For gradient descent the difference is")
def on_the_weight(in_the_loss):
    return sympy.expand((1 - eta * lam) * w - eta * g - in_the_loss)


@decay.step("Adam's first step divides the joint gradient by its own size. Where $g$ decides the sign, the decay has **no effect** at all.")
def lost_in_adam():
    joint = g + lam * w
    return w - eta * joint / abs(joint)


@decay.step("AdamW shrinks the weight and leaves the gradient alone: the decay is felt, whatever the gradient is.")
def kept_in_adamw():
    return (1 - eta * lam) * w - eta * g / abs(g)


noise = Derivation("Noisy gradients")


@noise.step("Draw one of $N$ images, each with the same chance $1/N$. The expected gradient is the mean over all: there is **no bias**.")
def drawn():
    return sympy.Sum(slopes[i] / N, (i, 1, N))


@noise.step(
    "Draw $B$ images independently; each gradient has the variance $\\sigma^2$. Variances of independent numbers add, "
    "and dividing the sum by $B$ divides its variance by $B^2$."
)
def batch_variance():
    return sympy.Sum(sigma**2, (i, 1, B)).doit() / B**2


@noise.step(
    "On a quadratic: $w \\leftarrow (1 - \\eta\\lambda) w - \\eta \\xi$ and the noise $\\xi$ knows nothing of $w$. Its variance $V$ becomes"
)
def new_variance(batch_variance):
    return (1 - eta * lam) ** 2 * V + eta**2 * batch_variance


@noise.step("It comes to rest where it stays the same. Not at 0: a constant rate **never arrives**.")
def floor(new_variance):
    return sympy.factor(sympy.solve(sympy.Eq(V, new_variance), V)[0])


@noise.step("For small rates the floor is proportional to $\\eta/B$: halving the rate does what doubling the batch does.")
def small_rates(floor):
    return sympy.limit(floor / eta, eta, 0) * eta
