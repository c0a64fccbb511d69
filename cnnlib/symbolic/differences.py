"""Chapter 12: what a difference quotient says about a slope, how far rounding spoils it, and the transpose law of linear maps.

h > 0 is the step. epsilon bounds the relative error of one computed value of f. F, S and T are the sizes of f, of its second and of its
third derivative near x. At a kink, t >= 0 is the distance from it and r > 0 what the step reaches beyond it, so h = t + r.
"""

import sympy

from cnnlib.symbolic import expressions
from cnnlib.symbolic.derivation import Derivation

x, d1, d2 = sympy.symbols("x delta_1 delta_2", real=True)
h, epsilon, F, S, T, t, r = sympy.symbols("h epsilon F S T t r", positive=True)
f = sympy.Function("f", real=True)
i, j = sympy.symbols("i j", integer=True, nonnegative=True)
m, n = sympy.symbols("m n", integer=True, positive=True)
A, cells, y = (sympy.IndexedBase(name, real=True) for name in ("A", "x", "y"))


def relu(at):
    """ReLU of one SymPy expression whose sign SymPy knows."""
    return expressions.relu([at])[0]


quotients = Derivation("Two difference quotients")


@quotients.step("Taylor's formula: one step $h$ ahead of $x$. $O(h^4)$ stands for all that shrinks at least as fast as $h^4$.")
def ahead():
    return f(x + h).series(h, 0, 4).doit()


@quotients.step("One step back: $-h$ in place of $h$. The odd powers change their sign, the even ones do not.")
def behind():
    return f(x - h).series(h, 0, 4).doit()


@quotients.step("The **forward difference**: rise over step, from $x$ to $x + h$.")
def forward(ahead):
    return sympy.expand((ahead - f(x)) / h)


@quotients.step(
    "Its error: what is left beside the slope. The largest term is $h f''(x) / 2$: half the step, half the error. We call that **order 1**."
)
def forward_error(forward):
    return forward - f(x).diff(x)


@quotients.step("The **central difference**: from $x - h$ to $x + h$. Subtracting cancels every even power, the one with $f''$ too.")
def central(ahead, behind):
    return sympy.expand((ahead - behind) / (2 * h))


@quotients.step("What is left is $h^2 f'''(x) / 6$. Half the step, a quarter of the error: **order 2**.")
def central_error(central):
    return central - f(x).diff(x)


rounding = Derivation("Rounding, and the best step")


@rounding.step(
    "The computer gives each value of $f$ with a relative error of its own, $\\delta_1$ and $\\delta_2$, never larger than $\\epsilon$."
)
def computed():
    return ((1 + d1) * f(x + h) - (1 + d2) * f(x - h)) / (2 * h)


@rounding.step("Subtract the quotient without rounding. What stays is divided by $h$: a small step makes it **large**.")
def noise(computed):
    return sympy.simplify(computed - (f(x + h) - f(x - h)) / (2 * h))


@rounding.step("At worst the two errors are $\\epsilon$ and $-\\epsilon$. Near $x$ both values of $f$ have the size $F$.")
def worst_noise(noise):
    return sympy.simplify(noise.subs({d1: epsilon, d2: -epsilon}).replace(f, lambda at: F))


@rounding.step("Add the error of Taylor's formula, where $T$ is the size of $f'''$. One term rises with $h$, the other falls.")
def total(worst_noise):
    truncation = quotients.result("central_error").removeO()
    return truncation.subs(f(x).diff(x, 3), T) + worst_noise


@rounding.step("Where is the sum smallest? Differentiate by $h$.")
def slope(total):
    return total.diff(h)


@rounding.step("The slope vanishes at one positive $h$ alone.")
def best_step(slope):
    return sympy.FiniteSet(*sympy.solve(slope, h))


@rounding.step("The second derivative is positive for every $h > 0$, so this is the **smallest** sum and no largest one.")
def curvature(slope):
    return slope.diff(h)


@rounding.step("Insert it: the error at the best step. It grows like $\\epsilon^{2/3}$, so a third of the digits is always lost.")
def smallest_error(total, best_step):
    return sympy.powdenest(sympy.simplify(total.subs(h, next(iter(best_step)))), force=True)


@rounding.step("Rounding divided by truncation, at the best step: the two are alike in size, as one would guess.")
def shares(total, worst_noise, best_step):
    return sympy.simplify((worst_noise / (total - worst_noise)).subs(h, next(iter(best_step))))


one_sided = Derivation("The best step of the forward difference")


@one_sided.step("The same for the forward difference. Its truncation has $f''$, of size $S$; its two values stand only $h$ apart.")
def forward_total():
    truncation = quotients.result("forward_error").removeO().coeff(h, 1) * h
    noise = (epsilon * f(x + h) + epsilon * f(x)).replace(f, lambda at: F) / h
    return truncation.subs(f(x).diff(x, 2), S) + noise


@one_sided.step("The slope of this sum vanishes here.")
def forward_best_step(forward_total):
    return sympy.FiniteSet(*sympy.solve(forward_total.diff(h), h))


@one_sided.step("And this error is left: it grows like $\\epsilon^{1/2}$. **Half** of the digits are lost, with the best of steps.")
def forward_smallest_error(forward_total, forward_best_step):
    return sympy.powdenest(sympy.simplify(forward_total.subs(h, next(iter(forward_best_step)))), force=True)


kink = Derivation("A difference quotient across a kink")


@kink.step("ReLU at a point $t$ beside its kink, and a step $h = t + r$ that reaches over it. The central difference:")
def across():
    step = t + r
    return sympy.simplify((relu(t + step) - relu(t - step)) / (2 * step))


@kink.step("Written in $t$ and $h$. The slope at $t$ is 1; this is anything between one half and 1.")
def in_t_and_h(across):
    return sympy.factor(sympy.simplify(across.subs(r, h - t)))


@kink.step("At the kink itself, $t = 0$: the mean of the two slopes, whatever the step. No smaller $h$ helps.")
def at_the_kink(in_t_and_h):
    return in_t_and_h.subs(t, 0)


@kink.step("How a kink gives itself away: forward minus backward difference. Between 0 and 1, and it does not shrink with $h$ at $t = 0$.")
def two_sides_differ():
    step = t + r
    gap = (relu(t + step) - relu(t)) / step - (relu(t) - relu(t - step)) / step
    return sympy.simplify(sympy.simplify(gap).subs(r, h - t))


@kink.step("Forward minus backward of a smooth function: this vanishes as $h \\to 0$.")
def two_sides_agree():
    ahead, behind = quotients.result("ahead"), quotients.result("behind")
    return sympy.expand((ahead - f(x)) / h - (f(x) - behind) / h)


@kink.step("The maximum of two equal cells, one of them moved by $h$ to both sides: the central difference is one half again.")
def tie():
    return (sympy.Max(h, 0) - sympy.Max(-h, 0)) / (2 * h)


transpose = Derivation("The transpose law")


@transpose.step("A linear map multiplies $x$ by a matrix $A$. Take the dot product of the result with any $y$.")
def left():
    return sympy.Sum(y[i] * sympy.Sum(A[i, j] * cells[j], (j, 0, n - 1)), (i, 0, m - 1))


@transpose.step("Multiply out: one term for every entry of $A$.")
def all_terms(left):
    factor, inner = left.function.as_independent(sympy.Sum)
    return sympy.Sum(factor * inner.function, *inner.limits, *left.limits)


@transpose.step("A finite sum may be added up in another order: columns first now.")
def other_order(all_terms):
    return sympy.Sum(all_terms.function, *reversed(all_terms.limits))


@transpose.step("Take out what does not depend on $i$. The inner sum runs down a **column** of $A$: it is entry $j$ of $A^T y$.")
def right(other_order):
    down, across = other_order.limits
    return sympy.Sum(cells[j] * sympy.Sum(other_order.function / cells[j], down), across)
