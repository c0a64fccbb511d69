"""Chapter 10: the chain rule over several paths and with vectors, a net of two layers, and what its derivatives cost.

L(h[0], ..., h[m-1]) depends on x through m numbers. A chain of K steps has n[0] numbers at its input and n[l] after step l.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation

i, j, q, l = sympy.symbols("i j q l", integer=True, nonnegative=True)
a, b, c, m, k, width = sympy.symbols("a b c m k r", integer=True, positive=True)
K = sympy.Symbol("K", integer=True, positive=True)
F, G, A, B, g, eps, eta = (sympy.IndexedBase(name, real=True) for name in ("F", "G", "A", "B", "g", "\\varepsilon", "\\eta"))
n = sympy.IndexedBase("n", integer=True, positive=True)
d = sympy.Symbol("d", nonzero=True)
x, w1, w2, t, h = sympy.symbols("x w1 w2 t h", real=True)

several_paths = Derivation("The chain rule over several paths")


@several_paths.step(
    "Move $x$ by $d$. Then $h_i$ moves by its slope $G_i$ times $d$, up to an error: $\\varepsilon_i$ is what is wrong with the slope, "
    "and it vanishes as $d$ does."
)
def inner_change():
    return d * (G[i] + eps[i])


@several_paths.step(
    "Every $h_i$ that moves makes $L$ move, by its slope $F_i$, again up to an error, $\\eta_i$, that vanishes with the moves. Small "
    "changes simply add up: that is what differentiable means for a function of several variables."
)
def outer_change(inner_change):
    return sympy.Sum(inner_change * (F[i] + eta[i]), (i, 0, m - 1))


@several_paths.step("Divide by $d$. It stands in every term, so it cancels.")
def quotient(outer_change):
    return sympy.Sum(sympy.cancel(outer_change.function / d), *outer_change.limits)


@several_paths.step("Let $d$ go to 0. The errors go with it, and what is left is the derivative: one product for each path, added up.")
def derivative(quotient):
    return quotient.xreplace({eps[i]: sympy.S.Zero, eta[i]: sympy.S.Zero})


@several_paths.step("Only one path, $m = 1$: the chain rule of school. The slopes along the path multiply.")
def one_path(derivative):
    return derivative.subs(m, 1).doit()


@several_paths.step("Two paths, $m = 2$: two products, added.")
def two_paths(derivative):
    return derivative.subs(m, 2).doit()


vectors = Derivation("The chain rule with vectors")


@vectors.step(
    "Output $j$ as a function of input $q$: its slope by the number $h_i$ is $A_{j,i}$, and that of $h_i$ by input $q$ is $B_{i,q}$. "
    "Add up over the paths: this is entry $(j, q)$ of the matrix product $A B$."
)
def entry():
    return several_paths.result("derivative").xreplace({F[i]: A[j, i], G[i]: B[i, q]})


@vectors.step("The loss has the slope $g_j$ by output $j$. By input $q$ it is a sum over the outputs: entry $q$ of the row $g (A B)$.")
def pulled_back(entry):
    return sympy.Sum(g[j] * entry, (j, 0, k - 1))


@vectors.step("Draw $g_j$ into the inner sum.")
def drawn_in(pulled_back):
    inner = pulled_back.function.args[1]
    return sympy.Sum(g[j] * inner.function, *inner.limits, *pulled_back.limits)


@vectors.step("Sums of finitely many terms may be taken in any order: over $j$ first.")
def order_changed(drawn_in):
    over_i, over_j = drawn_in.limits
    return sympy.Sum(drawn_in.function, over_j, over_i)


@vectors.step(
    "$B_{i,q}$ does not depend on $j$. So it comes out, and the inner sum is entry $i$ of the row $g A$: one row times a matrix, "
    "and the result times the next matrix. $A B$ is never computed."
)
def row_first(order_changed):
    over_j, over_i = order_changed.limits
    return sympy.Sum(B[i, q] * sympy.Sum(order_changed.function / B[i, q], over_j), over_i)


two_layers = Derivation("The first weight of a net of two layers")


@two_layers.step("The loss, as the second layer sees it: $h$ is what the first layer hands over.")
def loss_of_output():
    return (w2 * h - t) ** 2 / 2


@two_layers.step("The first layer, here without an activation.")
def first_layer():
    return w1 * x


@two_layers.step("The derivative that the second layer hands back: that of the loss by its *input*.")
def handed_back(loss_of_output):
    return sympy.diff(loss_of_output, h)


@two_layers.step("Chain rule: times the slope of the first layer's output by its weight. Then insert what $h$ is.")
def by_first_weight(handed_back, first_layer):
    return (handed_back * sympy.diff(first_layer, w1)).subs(h, first_layer)


@two_layers.step("As **F12** has it: the derivative by the other layer's *parameter* in place of that by its input.")
def as_printed(loss_of_output, first_layer):
    return (sympy.diff(loss_of_output, w2) * sympy.diff(first_layer, w1)).subs(h, first_layer)


@two_layers.step("SymPy's own derivative of the whole loss by $w_1$, minus the repaired product: nothing is left.")
def repaired_minus_true(loss_of_output, first_layer, by_first_weight):
    return sympy.expand(by_first_weight - sympy.diff(loss_of_output.subs(h, first_layer), w1))


@two_layers.step("And the printed product, divided by the true derivative: right only where this is 1.")
def printed_over_true(as_printed, by_first_weight):
    return sympy.cancel(as_printed / by_first_weight)


cost = Derivation("What a chain of Jacobians costs")


@cost.step("One matrix product, $(a \\times b)$ times $(b \\times c)$: each of the $a c$ entries adds up $b$ products.")
def one_product():
    return sympy.Sum(1, (i, 0, b - 1), (j, 0, a - 1), (q, 0, c - 1)).doit()


@cost.step(
    "Forward mode begins at the input. The Jacobian by the input has $n_0$ columns all along; step $l$ multiplies it from the left by a "
    "matrix of $n_l \\times n_{l-1}$ entries. The first Jacobian costs nothing."
)
def forward_mode(one_product):
    step = one_product.xreplace({a: n[l], b: n[l - 1], c: n[0]})
    return sympy.Sum(step, (l, 2, K))


@cost.step(
    "Reverse mode begins at the output. What it carries has $n_K$ rows all along; step $l$ multiplies it from the right by the matrix of "
    "$n_l \\times n_{l-1}$ entries. The last Jacobian costs nothing."
)
def reverse_mode(one_product):
    step = one_product.xreplace({a: n[K], b: n[l], c: n[l - 1]})
    return sympy.Sum(step, (l, 1, K - 1))


@cost.step("A net with $m$ inputs, $k$ outputs and $r$ numbers in every layer between: forward mode.")
def forward_of_a_net(forward_mode):
    inside, last = forward_mode.function, forward_mode.function.subs(l, K)
    middle = sympy.Sum(inside.xreplace({n[l]: width, n[l - 1]: width, n[0]: m}), (l, 2, K - 1)).doit()
    return sympy.factor(middle + last.xreplace({n[K]: k, n[K - 1]: width, n[0]: m}))


@cost.step("The same net, reverse mode.")
def reverse_of_a_net(reverse_mode):
    inside, first = reverse_mode.function, reverse_mode.function.subs(l, 1)
    middle = sympy.Sum(inside.xreplace({n[l]: width, n[l - 1]: width, n[K]: k}), (l, 2, K - 1)).doit()
    return sympy.factor(middle + first.xreplace({n[1]: width, n[0]: m, n[K]: k}))


@cost.step("Divide. For a deep net only the quotient of inputs and outputs is left.")
def ratio_of_a_deep_net(forward_of_a_net, reverse_of_a_net):
    return sympy.limit(forward_of_a_net / reverse_of_a_net, K, sympy.oo)


@cost.step("From one input to one output: in every layer between, any of its numbers may be the next one on the path.")
def paths():
    return sympy.Product(n[l], (l, 1, K - 1))
