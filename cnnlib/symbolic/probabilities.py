"""Chapter 09: the gradients of a dense layer, softmax from its axioms, its Jacobian, and the gradient of the cross-entropy.

Dense layer: N images (n), D features in (d), M outputs (m); g[n, m] is the gradient of the loss by y[n, m]; primed indices name the one
entry whose gradient is asked for. Softmax: K classes, a symbol; z[i] are the logits, p[i] the probabilities, t[i] the targets, c is the
label; i and j name one class each, k and l run over all. beta = 1/T is the inverse temperature, epsilon the label smoothing.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation
from cnnlib.symbolic.gradients import contract
from cnnlib.symbolic.weighted_sums import replace_entries, split_sum

n, m, d, i, j, k, ell, c = sympy.symbols("n m d i j k l c", integer=True, nonnegative=True)
n_, m_, d_ = sympy.symbols("n' m' d'", integer=True, nonnegative=True)
N, M, D, K = sympy.symbols("N M D K", integer=True, positive=True)
a, b, z_i, z_j, z_k, shift = sympy.symbols("a b z_i z_j z_k s", real=True)
beta, epsilon, h, T, S = sympy.symbols("beta epsilon h T S", positive=True)
x, w, g, z, t, bias = (sympy.IndexedBase(name, real=True) for name in "xwgztb")
p = sympy.IndexedBase("p", positive=True)
r = sympy.Function("r", positive=True)
CLASSES = (k, 0, K - 1)


def pick(expression):
    """Carry out the sums of an expression that hold a Kronecker delta, for entries that exist; one term of each is left."""

    def one(total):
        index, _, last = total.limits[0]
        return contract(total.function, index, last + 1)

    return expression.replace(lambda e: isinstance(e, sympy.Sum) and e.has(sympy.KroneckerDelta), one)


def split_sums(expression):
    """Write powers of sums as products, and move what does not depend on a sum's index in front of that sum."""
    powers = expression.replace(lambda e: isinstance(e, sympy.exp), lambda e: sympy.expand(e, power_exp=True))
    return powers.replace(lambda e: isinstance(e, sympy.Sum), split_sum)


def in_p(expression):
    """Write p[i] for the softmax: insert exp(z[i]) = S p[i], S being the sum of all of them."""
    total = sympy.Sum(sympy.exp(z[k]), CLASSES)
    powers = expression.subs(total, S).replace(lambda e: isinstance(e, sympy.exp), lambda e: S * p[e.args[0].indices[0]])
    return sympy.factor(sympy.expand(powers))


dense = Derivation("The gradients of a dense layer")


@dense.step("The forward pass. Output $m$ of image $n$ weighs every feature by a weight of its own and adds its bias.")
def output():
    return sympy.Sum(w[m, d] * x[n, d], (d, 0, D - 1)) + bias[m]


@dense.step("How many numbers can be learned? One weight for each pair of an output and a feature, and one bias for each output.")
def parameters():
    return sympy.Sum(1, (d, 0, D - 1), (m, 0, M - 1)).doit() + sympy.Sum(1, (m, 0, M - 1)).doit()


@dense.step("A bias enters the output of its own number with the factor 1, and no other.")
def output_by_bias(output):
    return output.diff(bias[m_])


@dense.step("Chain rule: add up, over all images and outputs, the gradient that arrives times this derivative. The delta leaves $m = m'$.")
def bias_gradient(output_by_bias):
    return sympy.Sum(contract(g[n, m] * output_by_bias, m, M), (n, 0, N - 1))


@dense.step("A weight: in the sum over $d$ only its own product survives, and what is left of it is the feature it was multiplied with.")
def output_by_weight(output):
    return pick(output.diff(w[m_, d_]))


@dense.step("Chain rule again: over all images, gradient of its output times its feature.")
def weight_gradient(output_by_weight):
    return sympy.Sum(contract(g[n, m] * output_by_weight, m, M), (n, 0, N - 1))


@dense.step("A feature: it enters only outputs of its own image, $n = n'$, and there the weight is what is left.")
def output_by_input(output):
    return pick(output.diff(x[n_, d_]))


@dense.step("Chain rule: a feature was read by **all** outputs, so this sum runs over $m$. The images do not mix.")
def input_gradient(output_by_input):
    return sympy.Sum(contract(g[n, m] * output_by_input, n, N), (m, 0, M - 1))


axioms = Derivation("Softmax from its axioms")


@axioms.step("A ratio of two probabilities is $r$ of the difference of their logits. A ratio times the next one is a ratio again.")
def ratios_chain():
    return sympy.Eq(r(z_i - z_k), r(z_i - z_j) * r(z_j - z_k))


@axioms.step("Call the two differences $a$ and $b$. They can be any two numbers, since three logits can.")
def any_differences(ratios_chain):
    return ratios_chain.subs({z_i: a + b + z_k, z_j: b + z_k}, simultaneous=True)


@axioms.step("At $a = b = 0$ this says $r(0) = r(0)^2$. Probabilities are positive, so 0 is out, and one solution is left.")
def at_zero(any_differences):
    return next(value for value in sympy.solve(any_differences.subs({a: 0, b: 0}), r(0)) if value.is_positive)


@axioms.step("Differentiate by $a$, then set $a = 0$. The slope $r'(0)$ is some number; call it $\\beta$.")
def equation(any_differences):
    left = any_differences.lhs.diff(a).subs(a, 0).doit()
    return sympy.Eq(left, any_differences.rhs.diff(a).subs(r(a).diff(a), beta))


@axioms.step(
    "A function whose slope is $\\beta$ times itself, and that is 1 at 0: SymPy solves the differential equation. Only one does it."
)
def ratio(equation, at_zero):
    return sympy.dsolve(equation, r(b), ics={r(0): at_zero}).rhs


@axioms.step("All probabilities add up to 1. Each of them is $p_i$ times a ratio, so this is what $p_i$ is multiplied with to give 1.")
def all_ratios(ratio):
    return sympy.Sum(ratio.subs(b, z[k] - z[i]), CLASSES)


@axioms.step("So $p_i$ is 1 divided by it. The power of a difference is a quotient of powers: this is **softmax**.")
def probability(all_ratios):
    return split_sums(1 / all_ratios)


@axioms.step("From now on $\\beta = 1$: a factor in front of the logits can be given to the weights that made them.")
def softmax(probability):
    return probability.subs(beta, 1)


@axioms.step("Raise all logits by the same number $s$.")
def shifted(softmax):
    raised = lambda part: replace_entries(part, z, lambda at: z[at] + shift)
    power, total = softmax.as_numer_denom()
    return raised(power) / raised(total)


@axioms.step("Take the powers apart: $e^s$ stands in front of the sum and in the numerator. It cancels. **Shifts do not count.**")
def shift_cancels(shifted):
    return split_sums(shifted)


jacobian = Derivation("The Jacobian of softmax")


@jacobian.step("Differentiate $p_i$ by the logit $z_j$, with the quotient rule. The deltas ask whether a logit is $z_j$.")
def by_logit():
    return axioms.result("softmax").diff(z[j])


@jacobian.step("Class $j$ is one of the classes, so one term of the sum survives.")
def one_term(by_logit):
    return pick(by_logit)


@jacobian.step("Write $p$ for every softmax: each $e^{z}$ is its $p$ times the sum. The sum cancels, and a short form is left.")
def closed_form(one_term):
    return in_p(one_term)


@jacobian.step("Add up a row, over all $j = k$: the delta leaves $p_i$, and the rest is $p_i$ times the sum of all probabilities.")
def row_sum(closed_form):
    return pick(split_sum(sympy.Sum(closed_form.subs(j, k), CLASSES)))


@jacobian.step("That sum is 1, so every row adds up to 0. This is shift invariance once more: raising all logits changes no $p_i$.")
def row_sum_is_zero(row_sum):
    return row_sum.subs(sympy.Sum(p[k], CLASSES), 1)


@jacobian.step("Backward, for any later loss: $g_k$ arrives at $p_k$. Chain rule: add up $g_k$ times the derivative of $p_k$ by $z_j$.")
def backward(closed_form):
    terms = g[k] * closed_form.subs(i, k)
    return sympy.factor(pick(split_sum(sympy.Sum(terms, CLASSES))), p[j])


loss = Derivation("Cross-entropy and its gradient")


@loss.step("The logarithm of softmax. Of a quotient it is a difference, and in the numerator logarithm and exponential cancel.")
def log_softmax():
    return sympy.expand_log(sympy.log(axioms.result("softmax")), force=True)


@loss.step("Insert it in the cross-entropy $-\\sum_l t_l \\log p_l$, and take the sum apart.")
def cross_entropy(log_softmax):
    return split_sum(sympy.Sum(-t[ell] * log_softmax.subs(i, ell), (ell, 0, K - 1)))


@loss.step("The targets add up to 1.")
def targets_sum_to_one(cross_entropy):
    return cross_entropy.subs(sympy.Sum(t[ell], (ell, 0, K - 1)), 1)


@loss.step("Differentiate by logit $z_j$. Of every sum that holds a delta one term survives.")
def gradient(targets_sum_to_one):
    return pick(targets_sum_to_one.diff(z[j]))


@loss.step("Its first part is a softmax. What is left is the shortest gradient of this book: **what the net says, minus what is true**.")
def p_minus_t(gradient):
    return in_p(gradient)


@loss.step("Label smoothing: the label $c$ keeps $1 - \\epsilon$, and $\\epsilon$ is shared by all $K$ classes.")
def smoothed_target():
    return (1 - epsilon) * sympy.KroneckerDelta(j, c) + epsilon / K


@loss.step("The shares still add up to 1.")
def smoothed_sum(smoothed_target):
    return sympy.expand(pick(split_sum(sympy.Sum(smoothed_target.subs(j, k), CLASSES))).doit())


@loss.step("Insert them in the gradient.")
def smoothed_gradient(p_minus_t, smoothed_target):
    return p_minus_t.subs(t[j], smoothed_target)


@loss.step("Where is the gradient 0? The probability of the label, and of each other class, where the loss is lowest.")
def lowest(smoothed_gradient):
    label, other = (smoothed_gradient.subs(sympy.KroneckerDelta(j, c), value) for value in (1, 0))
    return sympy.Tuple(*(sympy.solve(each, p[j])[0] for each in (label, other)))


temperature = Derivation("Temperature")


@temperature.step("Keep the $\\beta$ of the axioms and write $1/T$ for it: all logits are divided by the **temperature** $T$.")
def warm():
    return axioms.result("all_ratios").subs(beta, 1 / T)


@temperature.step("The probability is 1 divided by this sum. Let $T$ grow without limit, so that $1/T \\to 0$: every class gets the same.")
def hot(warm):
    return (1 / warm).subs(1 / T, 0).doit()


@temperature.step("Let $T$ go to 0. A class that lies $h$ behind adds this to the sum of the leader, in the limit.")
def cold_behind():
    return sympy.limit(sympy.exp(-h / T), T, 0, "+")


@temperature.step("A class that lies $h$ ahead adds this to the sum of those behind it; 1 divided by it is 0. The leader takes all.")
def cold_ahead():
    return sympy.limit(sympy.exp(h / T), T, 0, "+")


@temperature.step("Logits divided by $T$ in the loss.")
def cooled_loss():
    return replace_entries(loss.result("targets_sum_to_one"), z, lambda at: z[at] / T)


@temperature.step("Its gradient by a logit. The numerator is $p - t$, with the softmax at this temperature. It is divided by $T$.")
def cooled_gradient(cooled_loss):
    return sympy.expand(T * pick(split_sums(cooled_loss.diff(z[j])))) / T
