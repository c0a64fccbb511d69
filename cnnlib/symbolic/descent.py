"""Chapter 16: gradient descent and momentum, derived: the sign of the step, the stability limits, the best rates.

eta is the learning rate, beta the momentum, w a weight, v its velocity, g its gradient. On a quadratic, lambda is the curvature; mu and
ell are the smallest and the largest one, kappa their quotient. Steps are counted by t.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation

eta, lam, mu, ell, kappa, beta, q, a, G, c = sympy.symbols("eta lambda mu ell kappa beta q a G c", positive=True)
w, v, w0, g, g1, g2, d1, d2, r, theta, L0 = sympy.symbols("w v w_0 g g_1 g_2 d_1 d_2 r theta L_0", real=True)
i, n, t = sympy.symbols("i n t", integer=True, positive=True)
slopes, move = (sympy.IndexedBase(name, real=True) for name in ("g", "Delta"))
turn = sympy.Matrix([[sympy.cos(theta), -sympy.sin(theta)], [sympy.sin(theta), sympy.cos(theta)]])


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


@momentum.step(
    "Its characteristic polynomial, with $a = \\eta\\lambda$. Every solution is a mixture of the powers $r^t$ of its two roots, and "
    "of $r^t$ and $t\\, r^t$ where they coincide."
)
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


@momentum.step(
    "In a constant slope $g$ the velocity comes to rest where $v = \\beta v + g$. So the steps become $1/(1 - \\beta)$ times as long."
)
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
