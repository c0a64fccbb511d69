"""The receptive field: two layers composed, one more layer at a time, any number of layers, and how the effective field spreads.

Letters of a layer: k cells in the kernel, stride s, p cells of padding at each end, dilation d; u numbers the kernel cells and i the
places, from 0. Letters of a field: R its size in input cells, J the jump from one field to the next, A the first cell of the first field,
C the centre of the first field. L is the number of layers.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation

k, s, d, R, J = sympy.symbols("k s d R J", integer=True, positive=True)
p, i, u = sympy.symbols("p i u", integer=True, nonnegative=True)
A, t = sympy.symbols("A t", integer=True)
C = sympy.Symbol("C", real=True)
k_1, s_1, d_1, k_2, s_2, d_2 = sympy.symbols("k_1 s_1 d_1 k_2 s_2 d_2", integer=True, positive=True)
p_1, p_2, u_1, u_2 = sympy.symbols("p_1 p_2 u_1 u_2", integer=True, nonnegative=True)

two_layers = Derivation("Two layers composed")


@two_layers.step("Kernel cell $u_1$ of the first layer, standing at place $i$, reads this input cell (chapter 3).")
def first_layer():
    return i * s_1 - p_1 + d_1 * u_1


@two_layers.step("The second layer does the same with the cells of the first: kernel cell $u_2$ at place $i$ reads this one of them.")
def second_layer():
    return i * s_2 - p_2 + d_2 * u_2


@two_layers.step("Put the second into the first: that cell of the first layer is its place, so it takes the role of $i$.")
def composed(first_layer, second_layer):
    return sympy.expand(first_layer.subs(i, second_layer))


@two_layers.step("The leftmost cell that place $i$ of the second layer sees: both kernel cells are the first.")
def first_seen(composed):
    return composed.subs({u_1: 0, u_2: 0})


@two_layers.step("The rightmost: both kernel cells are the last.")
def last_seen(composed):
    return composed.subs({u_1: k_1 - 1, u_2: k_2 - 1})


@two_layers.step("From the leftmost to the rightmost, both counted. The place $i$ and the paddings drop out.")
def size_of_two(first_seen, last_seen):
    return sympy.collect(sympy.expand(last_seen - first_seen + 1), [d_1, d_2 * s_1], sympy.factor)


@two_layers.step("From the field of place $i$ to the field of place $i + 1$.")
def jump_of_two(first_seen):
    return sympy.expand(first_seen.subs(i, i + 1) - first_seen)


one_more = Derivation("One more layer")


@one_more.step("Below the new layer, cell $t$ sees the input cells from $A + t J$ on, $R$ of them. This is the last.")
def last_below():
    return A + t * J + R - 1


@one_more.step("The new layer at place $i$ begins with cell $t = i s - p$ below. The field begins where the field of that cell begins.")
def first_cell():
    return A + (i * s - p) * J


@one_more.step("It ends with cell $t = i s - p + d (k - 1)$ below, where the field of that cell ends.")
def last_cell(last_below):
    return last_below.subs(t, i * s - p + d * (k - 1))


@one_more.step("**Size**: cells from the first to the last.")
def new_size(first_cell, last_cell):
    return sympy.collect(sympy.expand(last_cell - first_cell + 1), J, sympy.factor)


@one_more.step("**Jump**: cells from one field to the next.")
def new_jump(first_cell):
    return sympy.expand(first_cell.subs(i, i + 1) - first_cell)


@one_more.step("The middle between the first and the last cell of place 0.")
def middle(first_cell, last_cell):
    return sympy.expand(((first_cell + last_cell) / 2).subs(i, 0))


@one_more.step("**Start**: write it with the old centre, $C = A + (R - 1) / 2$, which was the middle before.")
def new_start(middle):
    with_centre = sympy.expand(middle.subs(A, C - (R - 1) / 2))
    return sympy.collect(with_centre, J, lambda shift: sympy.collect(shift, d, sympy.factor))


any_depth = Derivation("Any number of layers")
L = sympy.Symbol("L", integer=True, nonnegative=True)
layer, below = sympy.symbols("l m", integer=True, positive=True)
kernels, strides, paddings, dilations = (sympy.IndexedBase(name) for name in "kspd")


@any_depth.step("The jump is multiplied by the stride of every layer. Behind $L$ layers it is the product of all $L$ strides.")
def jump():
    return sympy.Product(strides[below], (below, 1, L))


@any_depth.step("Every layer adds its reach, $d_l (k_l - 1)$, times the jump *before* it. A single cell sees itself, hence the 1.")
def size(jump):
    jump_before = jump.subs(L, layer - 1)
    return 1 + sympy.Sum(dilations[layer] * (kernels[layer] - 1) * jump_before, (layer, 1, L))


@any_depth.step("Every layer moves the first centre by half its reach to the right and by its padding to the left, times the same jump.")
def start(jump):
    jump_before = jump.subs(L, layer - 1)
    return sympy.Sum((dilations[layer] * (kernels[layer] - 1) / 2 - paddings[layer]) * jump_before, (layer, 1, L))


@any_depth.step("Is the size right for no layer at all? An empty sum is 0.")
def no_layer(size):
    return size.subs(L, 0).doit()


@any_depth.step("Take the size to be right for $L$ layers, and add one. The recursion says that it becomes this.")
def by_recursion(size, jump):
    return size + dilations[L + 1] * (kernels[L + 1] - 1) * jump


@any_depth.step("The closed form for $L + 1$ layers: the sum up to $L + 1$ is the sum up to $L$ and its last term.")
def by_closed_form(size):
    total = next(term for term in size.args if isinstance(term, sympy.Sum))
    return size + total.function.subs(layer, L + 1)


@any_depth.step("Both are the same. So the closed form is right for 0 layers, and from any depth it is right for the next.")
def induction(by_recursion, by_closed_form):
    return sympy.simplify(by_closed_form - by_recursion)


def alike(expression):
    """The expression for layers that all have the same k, s and d."""
    same = {kernels: k, strides: s, dilations: d}
    return expression.replace(lambda part: isinstance(part, sympy.Indexed), lambda part: same[part.base])


@any_depth.step("All layers alike: the product is a power of the stride, and the sum is geometric.")
def same_layers(size):
    cases = sympy.simplify(alike(size).doit()).args
    return sympy.Piecewise(*((1 + sympy.factor(formula - 1), condition) for formula, condition in cases))


@any_depth.step("With stride 1 the field grows by the same amount with every layer.")
def same_layers_stride_one(size):
    return alike(size).subs(s, 1).doit()


spread = Derivation("How the effective field spreads")
z = sympy.Symbol("z", real=True)
G = sympy.Function("G")
mu, nu = sympy.symbols("mu nu", real=True)


@spread.step("One layer moves a path by $u$ cells, each of $0, \\ldots, k - 1$ in the same share $1/k$. On average it moves by this.")
def mean():
    return sympy.factor(sympy.Sum(u / k, (u, 0, k - 1)).doit())


@spread.step("The average of the square of the move.")
def mean_square():
    return sympy.factor(sympy.Sum(u**2 / k, (u, 0, k - 1)).doit())


@spread.step("The variance of one layer: the second less the square of the first.")
def variance(mean, mean_square):
    return sympy.factor(mean_square - mean**2)


@spread.step(
    "$L$ layers: write $G(z) = \\frac{1}{k} \\sum_u e^{u z}$ for one. "
    "Moves add, so their exponentials multiply, and all paths together have this."
)
def all_layers():
    return G(z) ** L


@spread.step("Its first derivative at $z = 0$ is the average move. There $G = 1$; $\\mu$ stands for $G'$, the average of one layer.")
def mean_of_all(all_layers):
    return _at_zero(all_layers.diff(z))


@spread.step("Its second derivative is the average square; $\\nu$ stands for $G''$.")
def mean_square_of_all(all_layers):
    return sympy.expand(_at_zero(all_layers.diff(z, 2)))


@spread.step("So the variance of all layers is $L$ times that of one: variances add.")
def variances_add(mean_of_all, mean_square_of_all):
    return sympy.collect(sympy.expand(mean_square_of_all - mean_of_all**2), L)


@spread.step("Put in the variance of one layer. The **spread** of the field is the root of it.")
def spread_of_all(variances_add, mean, mean_square):
    return sympy.sqrt(sympy.factor(variances_add.subs({mu: mean, nu: mean_square})))


@spread.step("Compare it with the size of the field. Multiplied by $\\sqrt{L}$, their quotient comes to rest for deep nets.")
def share(spread_of_all):
    depth, kernel = sympy.Symbol("L", positive=True), sympy.Symbol("k", positive=True)
    quotient = sympy.sqrt(depth) * spread_of_all.subs({L: depth, k: kernel}) / (1 + depth * (kernel - 1))
    return sympy.simplify(sympy.limit(quotient, depth, sympy.oo))


def _at_zero(expression):
    """A derivative of G(z)^L at z = 0, where G = 1, G' = mu and G'' = nu."""
    return expression.subs(G(z).diff(z, 2), nu).subs(G(z).diff(z), mu).subs(G(z), 1)
