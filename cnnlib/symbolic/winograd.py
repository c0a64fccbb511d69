"""Chapter 14: Winograd's convolution F(2, 3), derived by interpolating a polynomial (Toom and Cook) and transposing.

A kernel g of three cells slides over four cells d and makes two results y. Read as polynomials, g and a pair a have a product with four
coefficients s, and four values determine it. Transposing that product turns it into the sliding kernel.
"""

import sympy

from cnnlib.symbolic.derivation import Derivation

t = sympy.Symbol("t")
m, r = sympy.symbols("m r", integer=True, positive=True)
a = sympy.Matrix(sympy.symbols("a:2"))
g = sympy.Matrix(sympy.symbols("g:3"))
d = sympy.Matrix(sympy.symbols("d:4"))
POINTS = (0, 1, -1)  # and infinity: the leading coefficient

row = Derivation("Two results with four multiplications")


@row.step("What is wanted: two results, each the sum of three products. Done as it stands, that takes six multiplications.")
def wanted():
    return sympy.Matrix([sum(d[i + u] * g[u] for u in range(3)) for i in range(2)])


@row.step("The same six products in another order: multiply the polynomials with the coefficients $a$ and $g$.")
def product():
    as_polynomial = lambda cells: sum(cell * t**power for power, cell in enumerate(cells))
    return sympy.Mul(as_polynomial(a), as_polynomial(g), evaluate=False)


@row.step("Its coefficients, lowest power first, as a matrix $M(g)$ times $a$. Kernel $g$ stands in each column, one row lower each time.")
def stamps(product):
    coefficients = sympy.Poly(sympy.expand(product), t).all_coeffs()[::-1]
    return sympy.Matrix(coefficients).jacobian(a)


@row.step("Transposed, that matrix makes of $d$ exactly what is wanted: the difference is zero. So we look for a cheap way to apply it.")
def transposed_is_wanted(stamps, wanted):
    return (stamps.T * d - wanted).expand()


@row.step(
    "A polynomial of degree 3 is known from four values. We take the points 0, 1, $-1$, and at infinity the leading coefficient. "
    "As a matrix: from the four coefficients to the four values."
)
def evaluation():
    return sympy.Matrix([[point**power for power in range(4)] for point in POINTS] + [[0, 0, 0, 1]])


@row.step("The values of $a$ alone at these points. Infinity takes its leading coefficient, $a_1$.")
def values_of_a(evaluation):
    return evaluation[:3, :2].col_join(sympy.Matrix([[0, 1]]))


@row.step("The values of $g$ alone. Infinity takes $g_2$.")
def values_of_g(evaluation):
    return evaluation[:3, :3].col_join(sympy.Matrix([[0, 0, 1]]))


@row.step("The value of a product is the product of the values. These are the four multiplications.")
def four_products(values_of_a, values_of_g):
    return (values_of_a * a).multiply_elementwise(values_of_g * g)


@row.step("Back from the values to the coefficients: the inverse of the evaluation.")
def interpolation(evaluation):
    return evaluation.inv()


@row.step("Interpolated, the four products are the coefficients of the product: the difference is zero.")
def interpolated(interpolation, four_products, stamps):
    return (interpolation * four_products - stamps * a).expand()


@row.step(
    "So $M(g)$ is interpolation times a diagonal matrix (the values of $g$) times the values of $a$. Transpose: the order turns round. "
    "What stood last comes first, and the first factor is applied to $d$. This is the input's transform."
)
def input_transform(interpolation):
    return interpolation.T


@row.step(
    "Its fractions can go to the kernel, which is transformed only once: multiply each row here by its common denominator, divide there."
)
def denominators(input_transform):
    return sympy.diag(*(sympy.ilcm(*(entry.q for entry in input_transform.row(i))) for i in range(4)))


@row.step("The input's transform $B^T$: additions and subtractions alone.")
def BT(denominators, input_transform):
    return denominators * input_transform


@row.step("The kernel's transform $G$: its values at the four points, with the fractions.")
def G(denominators, values_of_g):
    return denominators.inv() * values_of_g


@row.step("The output's transform $A^T$: the values of $a$, transposed.")
def AT(values_of_a):
    return values_of_a.T


@row.step("Two results from four multiplications: transform both, multiply cell by cell, transform back.")
def outputs(AT, G, BT):
    return AT * (G * g).multiply_elementwise(BT * d)


@row.step("They are what was wanted, for all $d$ and all $g$: the difference is zero.")
def check(outputs, wanted):
    return (outputs - wanted).expand()


@row.step("In general $m$ results of a kernel with $r$ cells need as many values as the product has coefficients: $m + r - 1$, not $m r$.")
def multiplications():
    degree = (m - 1) + (r - 1)  # degrees add when polynomials are multiplied
    return degree + 1


@row.step("In an image rows and columns are transformed one after the other, so both counts are squared. So many times fewer:")
def saving(multiplications):
    return (m * r) ** 2 / multiplications**2


tile = Derivation("Four results with sixteen multiplications")
D = sympy.Matrix(4, 4, lambda i, j: sympy.Symbol(f"d{i}{j}"))
K = sympy.Matrix(3, 3, lambda i, j: sympy.Symbol(f"g{i}{j}"))


@tile.step("What is wanted: a 3 x 3 kernel on a tile of 4 x 4 cells makes 2 x 2 results, with 36 multiplications.")
def wanted_in_a_tile():
    return sympy.Matrix(2, 2, lambda i, j: sum(D[i + u, j + v] * K[u, v] for u in range(3) for v in range(3)))


@tile.step("Transform the kernel along its columns and along its rows.")
def kernel_values():
    return row.result("G") * K * row.result("G").T


@tile.step("Transform the tile in the same way.")
def tile_values():
    return row.result("BT") * D * row.result("BT").T


@tile.step("Multiply cell by cell, 16 multiplications, and transform back. The difference from what is wanted is zero.")
def check_tile(kernel_values, tile_values, wanted_in_a_tile):
    AT = row.result("AT")
    return (AT * kernel_values.multiply_elementwise(tile_values) * AT.T - wanted_in_a_tile).expand()
