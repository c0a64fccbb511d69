"""Chapter 16: gradient descent and its relatives, derived: the sign, the stability limits, momentum, bias correction, decay, noise.

eta is the learning rate, beta the momentum, w a weight, g its gradient. On a quadratic, lambda is the curvature; mu and ell are the
smallest and the largest one, kappa their quotient. Steps are counted by t from 0; averages count their gradients from 1.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation

eta, lam, mu, ell, sigma = sympy.symbols("eta lambda mu ell sigma", positive=True)
kappa = sympy.Symbol("kappa", positive=True)
beta, rho, q = sympy.symbols("beta rho q", positive=True)
beta1, beta2 = sympy.symbols("beta_1 beta_2", positive=True)
n, t, B, N = sympy.symbols("n t B N", integer=True, positive=True)
i = sympy.Symbol("i", integer=True, positive=True)
w, v, w0, g1, g2, d1, d2, r, theta, L0 = sympy.symbols("w v w_0 g_1 g_2 d_1 d_2 r theta L_0", real=True)
g = sympy.Symbol("g", real=True, nonzero=True)
G, c, V, a, eps = sympy.symbols("G c V a epsilon", positive=True)
turn = sympy.Matrix([[sympy.cos(theta), -sympy.sin(theta)], [sympy.sin(theta), sympy.cos(theta)]])
slopes, move = (sympy.IndexedBase(name, real=True) for name in ("g", "Delta"))


def constant(expression, value):
    """Put one and the same value in place of every g[i]."""
    return expression.replace(lambda part: isinstance(part, sympy.Indexed), lambda part: value)


downhill = Derivation("Why minus")


@downhill.step("What a gradient is: for small moves $\\Delta_i$ of the weights, the loss changes by the sum of slope times move.")
def first_order():
    return L0 + sympy.Sum(slopes[i] * move[i], (i, 1, n))


@downhill.step("Move every weight *along* its slope, $\\Delta_i = +\\eta\\, g_i$. A sum of squares is added: the loss **grows**.")
def along(first_order):
    return first_order.replace(move[i], eta * slopes[i])


@downhill.step("Move every weight *against* its slope, $\\Delta_i = -\\eta\\, g_i$. The same sum is subtracted: the loss **falls**.")
def against(first_order):
    return first_order.replace(move[i], -eta * slopes[i])


@downhill.step("Could another direction $d$ of the same length fall faster? With two weights, subtract the squares of the two slopes.")
def other_directions():
    return sympy.factor((g1**2 + g2**2) * (d1**2 + d2**2) - (g1 * d1 + g2 * d2) ** 2)


@downhill.step(
    "Now with curvature: the slope along the path is $G$ at the start and changes by $c$ per unit of length. "
    "A step of $\\eta$ goes $\\eta G$ far. The change of the loss:"
)
def with_curvature():
    way = sympy.Symbol("z", positive=True)
    return sympy.factor(sympy.integrate(-G + c * way, (way, 0, eta * G)))


@downhill.step("At this rate the step has gone so far that nothing is gained. Smaller rates lower the loss, larger ones raise it.")
def no_gain(with_curvature):
    return sympy.Eq(eta, sympy.solve(with_curvature, eta)[0])


quadratic = Derivation("The stability limit")


@quadratic.step("One weight, curvature $\\lambda$: the loss $\\lambda w^2/2$. One step of gradient descent makes of $w$:")
def one_step():
    return sympy.factor(w - eta * (lam * w**2 / 2).diff(w))


@quadratic.step("The weight is multiplied by the same **factor** in every step.")
def factor(one_step):
    return sympy.cancel(one_step / w)


@quadratic.step("So after $t$ steps from $w_0$, by solving the recursion $w_{t+1} = (\\text{factor})\\, w_t$:")
def after_steps(factor):
    weight = sympy.Function("w")
    return sympy.rsolve(weight(t + 1) - factor * weight(t), weight(t), {weight(0): w0})


@quadratic.step("It shrinks to 0 exactly when the factor is smaller than 1 in size, so when 1 minus its square is positive.")
def margin(factor):
    return sympy.factor(1 - factor**2)


@quadratic.step("The margin is 0 at the rate 0 and at this one, and positive between them: the **stability limit**.")
def limit(margin):
    return sympy.Eq(eta, max(sympy.solve(margin, eta), key=sympy.count_ops))


@quadratic.step("Two weights: any bowl is one with its axes turned by an angle. This is its matrix of second derivatives.")
def turned_bowl():
    return turn * sympy.diag(mu, ell) * turn.T


@quadratic.step("A step multiplies $w$ by $I - \\eta H$. Turned back to the bowl's axes, the two directions **do not mix**.")
def directions(turned_bowl):
    return sympy.simplify(turn.T * (sympy.eye(2) - eta * turned_bowl) * turn)


@quadratic.step(
    "As $\\eta$ grows, the factor of $\\mu$ shrinks towards 0, and that of $\\ell$ goes on to negative values. "
    "The slower of the two is fastest where they are opposite."
)
def best_rate(directions):
    return sympy.Eq(eta, sympy.solve(directions[0, 0] + directions[1, 1], eta)[0])


@quadratic.step("The factor at this rate, with $\\ell = \\kappa\\mu$. Only the **condition number** $\\kappa$ is left.")
def best_factor(directions, best_rate):
    return sympy.factor(directions[0, 0].subs(eta, best_rate.rhs).subs(ell, kappa * mu))


momentum = Derivation("Momentum on a quadratic")


@momentum.step(
    "First $v \\leftarrow \\beta v + \\lambda w$, then $w \\leftarrow w - \\eta v$: one matrix makes the new pair $(w, v)$ of the old."
)
def matrix():
    new_v = beta * v + lam * w
    pair = sympy.Matrix([w - eta * new_v, new_v])
    return pair.jacobian([w, v])


@momentum.step("Its characteristic polynomial, with $a = \\eta\\lambda$. Every solution is a mixture of powers of its two roots.")
def polynomial(matrix):
    return sympy.collect(sympy.expand((r * sympy.eye(2) - matrix).det()).subs(lam, a / eta), r)


@momentum.step("The two roots.")
def roots(polynomial):
    return sympy.FiniteSet(*sympy.solve(polynomial, r))


@momentum.step("Their product is the constant term: $\\beta$. So for $\\beta < 1$ at least one of them is smaller than 1 in size.")
def product(polynomial):
    return polynomial.subs(r, 0)


@momentum.step("The polynomial at 1 and at $-1$. Where both are positive, neither 1 nor $-1$ lies between the roots.")
def at_the_ends(polynomial):
    return sympy.Tuple(*(sympy.factor(polynomial.subs(r, end)) for end in (1, -1)))


@momentum.step("So with momentum the **stability limit** is $1 + \\beta$ times higher than without.")
def limit_with_momentum(at_the_ends):
    return sympy.Eq(eta, sympy.solve(at_the_ends[1].subs(a, eta * lam), eta)[0])


@momentum.step("What stands under the square root of the roots, taken apart. Write $q$ for $\\sqrt{\\beta}$.")
def under_the_root(polynomial):
    return sympy.factor(sympy.discriminant(polynomial, r).subs(beta, q**2))


@momentum.step(
    "Between these two values of $a$ it is negative: the roots are complex, and both have the size $\\sqrt{\\text{product}} = q$."
)
def complex_between(under_the_root):
    return sympy.Tuple(*sorted(map(sympy.factor, sympy.solve(under_the_root, a)), key=lambda end: end.subs(q, 1)))


@momentum.step(
    "A small $q$ is fast, but the two ends must hold $\\eta\\mu$ and $\\eta\\ell$ between them: their quotient is at least $\\kappa$."
)
def quotient(complex_between):
    low, high = complex_between
    return sympy.Eq(kappa, high / low)


@momentum.step("Solved for the $q$ below 1: the factor per step at the **best momentum**.")
def best_root(quotient):
    k = sympy.Symbol("k", positive=True)  # the square root of kappa
    candidates = sympy.solve(quotient.subs(kappa, k**2), q)
    below_one = next(each for each in candidates if 0 < each.subs(k, 2) < 1)
    return sympy.Eq(q, below_one.subs(k, sympy.sqrt(kappa)))


@momentum.step("The momentum itself is its square.")
def best_momentum(best_root):
    return sympy.Eq(beta, best_root.rhs**2)


@momentum.step("And the rate, from the lower end: $\\eta\\mu = (1 - q)^2$.")
def best_rate_with_momentum(complex_between, best_root):
    return sympy.Eq(eta, sympy.factor(complex_between[0].subs(q, best_root.rhs)) / mu)


@momentum.step("In a constant slope $g$ the velocity comes to rest where $v = \\beta v + g$: momentum lengthens the steps by this factor.")
def terminal_velocity():
    return sympy.solve(sympy.Eq(v, beta * v + g), v)[0]


nesterov = Derivation("Nesterov's momentum on a quadratic")


@nesterov.step("The velocity is the same, but the weight moves by $\\eta (g + \\beta v)$ with the new $v$: it looks one step ahead.")
def matrix_ahead():
    new_v = beta * v + lam * w
    return sympy.Matrix([w - eta * (lam * w + beta * new_v), new_v]).jacobian([w, v])


@nesterov.step("The characteristic polynomial, with $a = \\eta\\lambda$.")
def polynomial_ahead(matrix_ahead):
    return sympy.collect(sympy.expand((r * sympy.eye(2) - matrix_ahead).det()).subs(lam, a / eta), r, sympy.factor)


@nesterov.step("The product of the roots: $\\beta$, times the factor of plain gradient descent. Steep directions are damped more.")
def product_ahead(polynomial_ahead):
    return sympy.factor(polynomial_ahead.subs(r, 0))


@nesterov.step("The price: the polynomial at $-1$ vanishes earlier. The stability limit is lower than that of plain momentum.")
def limit_ahead(polynomial_ahead):
    return sympy.Eq(eta, sympy.factor(sympy.solve(polynomial_ahead.subs(r, -1).subs(a, eta * lam), eta)[0]))


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
    return sympy.simplify(eta * abs(g) / sympy.sqrt((1 - rho) * g**2))


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


@decay.step("Add $\\frac{\\rho}{2} w^2$ to the loss. Its slope joins the gradient, and a step of gradient descent becomes")
def in_the_loss():
    penalty = rho * w**2 / 2
    return sympy.collect(sympy.expand(w - eta * (g + penalty.diff(w))), w)


@decay.step("The other way: first shrink the weight by $1 - \\eta\\rho$, then step. For gradient descent the difference is")
def on_the_weight(in_the_loss):
    return sympy.expand((1 - eta * rho) * w - eta * g - in_the_loss)


@decay.step("Adam's first step divides the joint gradient by its own size. Where $g$ decides the sign, the decay has **no effect** at all.")
def lost_in_adam():
    joint = g + rho * w
    return w - eta * joint / abs(joint)


@decay.step("AdamW shrinks the weight and leaves the gradient alone: the decay is felt, whatever the gradient is.")
def kept_in_adamw():
    return (1 - eta * rho) * w - eta * g / abs(g)


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
    "On a quadratic: $w \\leftarrow (1 - \\eta\\lambda) w - \\eta \\xi$ with noise $\\xi$ independent of $w$. The variance $V$ of $w$ becomes"
)
def new_variance(batch_variance):
    return (1 - eta * lam) ** 2 * V + eta**2 * batch_variance


@noise.step("It comes to rest where it stays the same. Not at 0: a constant rate **never arrives**.")
def floor(new_variance):
    return sympy.factor(sympy.solve(sympy.Eq(V, new_variance), V)[0])


@noise.step("For small rates the floor is proportional to $\\eta/B$: halving the rate does what doubling the batch does.")
def small_rates(floor):
    return sympy.limit(floor / eta, eta, 0) * eta
