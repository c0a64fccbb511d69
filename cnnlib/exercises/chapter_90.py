"""Exercises of chapter 90, Refresher: one small check for each piece of mathematics that the book uses."""

from cnnlib.exercises.exercise import Exercise, Misconception

REFRESH_SUM = Exercise(
    id="refresh-sum",
    chapter=90,
    title="A sum with two indices",
    task=(
        "Let $a_i = i$ and $b_j = j + 1$. Work out $\\sum_{i=0}^{2} \\sum_{j=0}^{1} a_i b_j$ and, for comparison, "
        "$\\sum_{i=0}^{2} a_i b_i$. Give both numbers as a tuple."
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="refresh_sum = (..., ...)",
    answer=lambda: (sum(i * (j + 1) for i in range(3) for j in range(2)), sum(i * (i + 1) for i in range(3))),
    whole=None,
    parts=("the double sum", "the single sum"),
    hints=(
        "Write out all six products of the double sum: i runs over 0, 1, 2 and, for each of them, j over 0, 1.",
        "In the double sum each factor can be summed by itself: (0 + 1 + 2) times (1 + 2).",
        "In the single sum both factors carry the same index: 0 times 1, 1 times 2, 2 times 3.",
    ),
    misconceptions=(
        Misconception("same-index", "In the double sum the two indices run independently: six products, not two or three.", lambda: (2, 8)),
        Misconception("end-left-out", "A sum from 0 to 2 has three terms: the upper end belongs to it.", lambda: (3, 2)),
        Misconception("product-of-sums", "A sum of products is not a product of sums when both factors share the index.", lambda: (9, 18)),
    ),
)

REFRESH_FLOOR = Exercise(
    id="refresh-floor",
    chapter=90,
    title="Floors",
    task="Work out $\\lfloor 7/2 \\rfloor$, $\\lfloor -7/2 \\rfloor$ and $\\lceil 7/2 \\rceil$. Give a tuple of three numbers.",
    kind="number",
    minutes=2,
    difficulty=1,
    starter="refresh_floor = (..., ..., ...)",
    answer=lambda: (7 // 2, -7 // 2, -(-7 // 2)),
    whole=None,
    parts=("the first floor", "the second floor", "the ceiling"),
    hints=(
        "The floor is the largest whole number that is not above: on the number line, go left.",
        "Left of -3.5 the next whole number is below it, not nearer to zero.",
        "The ceiling goes right: the smallest whole number that is not below 3.5.",
    ),
    misconceptions=(
        Misconception(
            "towards-zero", "The floor goes left on the number line, also below zero; it does not cut digits off.", lambda: (3, -3, 4)
        ),
        Misconception("rounded", "That is rounding to the nearest. A floor never goes up.", lambda: (4, -4, 4)),
        Misconception("ceiling-as-floor", "The ceiling is the smallest whole number that is not below.", lambda: (3, -4, 3)),
    ),
)


def _product_slope(x, a):
    return 2 * a * x + 3 * a


REFRESH_SLOPE = Exercise(
    id="refresh-slope",
    chapter=90,
    title="A partial derivative",
    task="Let $f(x, a) = a x^2 + 3 a x + a^2$. Write $\\partial f / \\partial x$ as an expression in x and a.",
    kind="algebra",
    minutes=3,
    difficulty=1,
    parameters=("x", "a"),
    starter='x, a = sympy.symbols("x a")\nrefresh_slope = ...',
    answer=_product_slope,
    draw=lambda rng: (int(rng.integers(-5, 6)), int(rng.integers(1, 6))),
    examples=((1, 1), (2, 3)),
    assumptions=(("real", True),),
    hints=(
        "While x moves, a stands still: treat it as a number.",
        "The slope of x^2 is 2 x, that of x is 1, that of a constant is 0.",
        "Three terms: a times 2 x, then 3 a times 1, then 0.",
    ),
    misconceptions=(
        Misconception("constant-kept", "a^2 does not move when x does: its slope by x is 0.", lambda x, a: 2 * a * x + 3 * a + 2 * a),
        Misconception("by-the-other", "That is the slope by a. Here x moves and a stands still.", lambda x, a: x**2 + 3 * x + 2 * a),
        Misconception("both-moved", "Only x moves; you added the slope by a.", lambda x, a: 2 * a * x + 3 * a + x**2 + 3 * x + 2 * a),
    ),
)


def _chain(x):
    return 12 * x * (2 * x**2 + 1) ** 2


REFRESH_CHAIN = Exercise(
    id="refresh-chain",
    chapter=90,
    title="The chain rule",
    task="Let $y = 2 x^2 + 1$ and $L = y^3$. Write $dL/dx$ as an expression in x alone.",
    kind="algebra",
    minutes=4,
    difficulty=1,
    parameters=("x",),
    starter='x = sympy.symbols("x")\nrefresh_chain = ...',
    answer=_chain,
    draw=lambda rng: (int(rng.integers(-5, 6)),),
    examples=((1,), (2,)),
    assumptions=(("real", True),),
    hints=(
        "Two slopes, multiplied: how fast does L change with y, and how fast does y change with x?",
        "The first is 3 y^2, the second is 4 x.",
        "Put y = 2 x^2 + 1 into the product 3 y^2 times 4 x.",
    ),
    misconceptions=(
        Misconception("outer-only", "The inner slope is missing: y itself moves when x does.", lambda x: 3 * (2 * x**2 + 1) ** 2),
        Misconception("power-kept", "The outer slope is that of y^3, and y is squared in it.", lambda x: 12 * x * (2 * x**2 + 1)),
        Misconception("slope-inside", "The outer slope is taken at y, not at the inner slope.", lambda x: 3 * (4 * x) ** 2),
        Misconception("slopes-added", "Slopes along one path are multiplied, not added.", lambda x: 3 * (2 * x**2 + 1) ** 2 + 4 * x),
    ),
)

REFRESH_TRANSPOSE = Exercise(
    id="refresh-transpose",
    chapter=90,
    title="A matrix and its transpose",
    task=(
        "Let $A = \\begin{pmatrix} 1 & 2 & 0 \\\\ 0 & 1 & 3 \\end{pmatrix}$. Work out $A x$ for $x = (2, 1, 1)$, two numbers, and "
        "$A^{\\mathsf T} g$ for $g = (1, 10)$, three numbers. Give all five in one tuple."
    ),
    kind="number",
    minutes=4,
    difficulty=1,
    starter="refresh_transpose = (..., ..., ..., ..., ...)",
    answer=lambda: (4, 4, 1, 12, 30),
    whole=None,
    parts=("the first number", "the second number", "the third number", "the fourth number", "the fifth number"),
    hints=(
        "Each number of A x is a row of A times x: multiply place by place and add.",
        "The rows of the transpose are the columns of A: (1, 0), (2, 1) and (0, 3).",
        "The last three numbers are 1 times 1 + 0 times 10, then 2 times 1 + 1 times 10, then 0 times 1 + 3 times 10.",
    ),
    misconceptions=(
        Misconception("reversed", "The transpose exchanges rows and columns; it does not turn them round.", lambda: (4, 4, 30, 12, 1)),
        Misconception("g-swapped", "The first number of g belongs to the first row of A.", lambda: (4, 4, 10, 21, 3)),
        Misconception(
            "no-cross-terms", "Both rows reach the middle column, so the middle number has two products.", lambda: (4, 4, 1, 10, 30)
        ),
    ),
)

REFRESH_VARIANCE = Exercise(
    id="refresh-variance",
    chapter=90,
    title="Expectation and variance",
    task=(
        "X and Y are independent, each 1 or -1 with probability one half. Give the variance of X, of 3 X, of X + Y and of X + X, "
        "as a tuple of four numbers."
    ),
    kind="number",
    minutes=4,
    difficulty=2,
    starter="refresh_variance = (..., ..., ..., ...)",
    answer=lambda: (1, 9, 2, 4),
    whole=None,
    parts=("the variance of X", "the variance of 3 X", "the variance of X + Y", "the variance of X + X"),
    hints=(
        "The mean of X is 0, so its variance is the mean of X squared, and X squared is always the same number.",
        "A factor comes out squared. Variances of independent numbers add up.",
        "X + X is 2 X, and X is not independent of itself.",
    ),
    misconceptions=(
        Misconception(
            "factor-not-squared", "A factor comes out of a variance squared, because deviations are squared.", lambda: (1, 3, 2, 2)
        ),
        Misconception(
            "not-independent", "X is not independent of itself: X + X is 2 X, so both of them swing together.", lambda: (1, 9, 2, 2)
        ),
        Misconception(
            "always-double", "X + Y often cancels, since the two are independent; their variances just add up.", lambda: (1, 9, 4, 4)
        ),
    ),
)

EXERCISES = (REFRESH_SUM, REFRESH_FLOOR, REFRESH_SLOPE, REFRESH_CHAIN, REFRESH_TRANSPOSE, REFRESH_VARIANCE)
