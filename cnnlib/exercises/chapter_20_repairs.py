"""Exercises of chapter 20, The formula clinic: circulating statements to be repaired, each in a case that the chapter does not print."""

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.geometry import output_size

# F27: a convolution, then a pooling


def _chain(n, k, q):
    return output_size(output_size(n, k), q, stride=q)


def _draw_chain(rng):
    k, q = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    return k - 1 + q + int(rng.integers(0, 24)), k, q


REPAIR_CHAIN_OF_SIZES = Exercise(
    id="repair-chain-of-sizes",
    chapter=20,
    title="Repair F27",
    task=(
        "A comment in a circulating program computes the size behind a convolution and a pooling as (n - k + 1)/q. The convolution has a "
        "kernel of k cells, stride 1 and no padding; the pooling takes q cells and moves by q. Repair the formula, in n, k and q; "
        "`sympy.floor` is there if you need it."
    ),
    kind="algebra",
    minutes=4,
    difficulty=1,
    parameters=("n", "k", "q"),
    starter='n, k, q = sympy.symbols("n k q", integer=True, positive=True)\nrepair_chain_of_sizes = ...',
    answer=_chain,
    examples=((12, 3, 2), (9, 3, 2), (14, 5, 3), (8, 1, 4), (15, 2, 4)),
    draw=_draw_chain,
    hints=(
        "Take n = 9, k = 3 and q = 2. How many cells does the convolution leave, and how many pooling windows fit?",
        "The convolution leaves n - k + 1 cells. The pooling's windows lie side by side: how many whole ones are in so many cells?",
        "A whole number of windows is a quotient without its remainder.",
    ),
    misconceptions=(
        Misconception(
            "as-printed", "That is the printed formula. For n = 9, k = 3, q = 2 it counts half a window.", lambda n, k, q: (n - k + 1) / q
        ),
        Misconception(
            "ceil",
            "You counted a window that hangs over the end, as a convolution of k cells with stride q would.",
            lambda n, k, q: -(-(n - k + 1) // q),
        ),
        Misconception("pooled-first", "You pooled first and convolved then. The order matters.", lambda n, k, q: n // q - k + 1),
        Misconception("no-plus-one", "The convolution leaves n - k + 1 cells, the place at 0 included.", lambda n, k, q: (n - k) // q),
        Misconception(
            "one-place-too-many",
            "The quotient of cells by q counts the windows already; the 1 you added is one too many.",
            lambda n, k, q: (n - k + 1) // q + 1,
        ),
        Misconception(
            "pool-moves-by-one", "Your pooling moves by 1. This one moves by q, its own size.", lambda n, k, q: n - k + 1 - q + 1
        ),
    ),
)

# F22: two boxes of different lengths


def _draw_boxes(rng):
    return float(rng.integers(1, 17)) / 4, float(rng.integers(1, 17)) / 4, 2 + float(rng.integers(1, 16)) / 16


REPAIR_OVERLAP = Exercise(
    id="repair-overlap",
    chapter=20,
    title="Repair F22",
    task=(
        'An article says: "the area of the overlap is the feature". Take a box of height f on the interval from 0 to 2 and a box of '
        "height g on the interval from 0 to 1. What is their convolution at t, for t between 2 and 3? Write it in f, g and t."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("f", "g", "t"),
    starter='f, g, t = sympy.symbols("f g t", positive=True)\nrepair_overlap = ...',
    answer=lambda f, g, t: f * g * (3 - t),
    examples=((1.0, 1.0, 2.5), (2.0, 3.0, 2.25), (0.5, 4.0, 2.75), (3.0, 1.0, 2.125), (1.0, 2.0, 2.875)),
    draw=_draw_boxes,
    assumptions=(("positive", True),),
    whole=None,
    hints=(
        "Flip the second box and shift it by t: it lies on the interval from t - 1 to t. Draw both boxes for t = 2.5.",
        "How long is the piece of the interval from t - 1 to t that lies below 2?",
        "On the overlap the integrand is one height times the other, and it is 0 elsewhere.",
    ),
    misconceptions=(
        Misconception(
            "overlap-alone", "That is the length of the overlap, the printed claim. The heights have to enter.", lambda f, g, t: 3 - t
        ),
        Misconception(
            "heights-added", "You added the heights. In a convolution the functions are multiplied.", lambda f, g, t: (f + g) * (3 - t)
        ),
        Misconception(
            "full-overlap", "For t between 2 and 3 the shifted box sticks out. Your overlap is all of it.", lambda f, g, t: f * g
        ),
        Misconception(
            "part-outside",
            "You took the part of the shifted box that sticks out. The other part overlaps.",
            lambda f, g, t: f * g * (t - 2),
        ),
        Misconception(
            "equal-boxes", "That is right for two boxes of length 1. Here the first one reaches to 2.", lambda f, g, t: f * g * (2 - t)
        ),
        Misconception(
            "ends-swapped", "Your overlap has a negative length: take its right end less its left end.", lambda f, g, t: f * g * (t - 3)
        ),
        Misconception("up-to-t", "The second box does not reach from 0 to t: it is only 1 long.", lambda f, g, t: f * g * t),
        Misconception(
            "longer-box-twice", "The overlap ends at 2, where the first box ends, and begins at t - 1.", lambda f, g, t: f * g * (4 - t)
        ),
    ),
)

# F24: two coins that know of each other


def _draw_coins(rng):
    both, first, second, _ = rng.multinomial(64, rng.dirichlet((1, 1, 1, 1))) / 64
    return float(both + first), float(both + second), float(both)


REPAIR_SUM_OF_COINS = Exercise(
    id="repair-sum-of-coins",
    chapter=20,
    title="Repair F24",
    task=(
        'An article says: "the density of a sum is the convolution of the densities". Two coins show 0 or 1. The first shows 1 with '
        "probability a, the second with probability b, and both show 1 with probability c; the coins need not be independent. What is the "
        "probability that their sum is 1? Write it in a, b and c."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("a", "b", "c"),
    starter='a, b, c = sympy.symbols("a b c", positive=True)\nrepair_sum_of_coins = ...',
    answer=lambda a, b, c: a + b - 2 * c,
    examples=((0.5, 0.5, 0.5), (0.5, 0.5, 0.0), (0.75, 0.5, 0.25), (0.625, 0.25, 0.125), (0.25, 0.75, 0.25)),
    draw=_draw_coins,
    assumptions=(("real", True),),
    whole=None,
    hints=(
        "The sum is 1 when exactly one coin shows 1. There are two such cases; they exclude each other.",
        "How often does the first coin show 1 and the second 0? The first shows 1 with probability a; sometimes the second does too.",
        "The first alone: a - c. Write the same for the second, and add. For glued coins, a = b = c, the sum is never 1.",
    ),
    misconceptions=(
        Misconception(
            "independent",
            "That is the convolution, and it is right for c = a b alone. Glued coins, a = b = c, never have the sum 1.",
            lambda a, b, c: a * (1 - b) + b * (1 - a),
        ),
        Misconception(
            "at-least-one", "That is the probability that at least one coin shows 1. With both the sum is 2.", lambda a, b, c: a + b - c
        ),
        Misconception("added", "You counted the case of two ones, once for each coin. Its sum is 2.", lambda a, b, c: a + b),
        Misconception("first-alone", "The second coin may be the one that shows 1.", lambda a, b, c: a - c),
        Misconception("second-alone", "The first coin may be the one that shows 1.", lambda a, b, c: b - c),
        Misconception("neither", "That is the probability of two zeros. Their sum is 0.", lambda a, b, c: 1 - a - b + c),
        Misconception("the-same", "That is the probability that both coins show the same.", lambda a, b, c: 1 - a - b + 2 * c),
        Misconception("not-both", "Two zeros are no sum of 1 either.", lambda a, b, c: 1 - c),
    ),
)

# F12: the chain rule


def _error(w1, w2, x, t):
    return w2 * w1**2 * x - t


def _draw_weights(rng):
    return tuple(float(value) / 2 for value in rng.integers(-6, 7, 4))


REPAIR_CHAIN_RULE = Exercise(
    id="repair-chain-rule",
    chapter=20,
    title="Repair F12",
    task=(
        "An article says: \"the derivative by a layer's parameters is that by the previous layer's parameters times this layer's output "
        'by its parameters". A net has the layers h = w1² x and y = w2 h and the loss L = (y - t)²/2. What is the derivative of L by w1? '
        "Write it in w1, w2, x and t."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("w1", "w2", "x", "t"),
    starter='w1, w2, x, t = sympy.symbols("w1 w2 x t", real=True)\nrepair_chain_rule = ...',
    answer=lambda w1, w2, x, t: _error(w1, w2, x, t) * w2 * 2 * w1 * x,
    examples=((1.0, 2.0, 3.0, 1.0), (2.0, 1.0, 1.0, 0.0), (-1.0, 0.5, 2.0, 1.0), (0.5, -2.0, 1.0, 2.0), (1.5, 3.0, -1.0, 0.5)),
    draw=_draw_weights,
    assumptions=(("real", True),),
    whole=None,
    hints=(
        "What lies between w1 and L? Only h: so differentiate L by h, and h by w1.",
        "L by h has two factors: the error y - t, and what y = w2 h contributes.",
        "h = w1² x by w1 is 2 w1 x. `sympy.diff` may check your answer, once you have one.",
    ),
    misconceptions=(
        Misconception(
            "through-the-parameters",
            "That is the printed rule: the derivative by w2 in place of the derivative by h. Gradients travel through outputs.",
            lambda w1, w2, x, t: _error(w1, w2, x, t) * w1**2 * x * 2 * w1 * x,
        ),
        Misconception(
            "second-layer-skipped",
            "Between h and L lies the second layer. What does it contribute?",
            lambda w1, w2, x, t: _error(w1, w2, x, t) * 2 * w1 * x,
        ),
        Misconception(
            "square-forgotten",
            "h holds the square of w1. Its derivative by w1 is not x.",
            lambda w1, w2, x, t: _error(w1, w2, x, t) * w2 * x,
        ),
        Misconception(
            "by-the-input",
            "You differentiated the first layer by its input x. Asked for is the derivative by its weight.",
            lambda w1, w2, x, t: _error(w1, w2, x, t) * w2 * w1**2,
        ),
        Misconception(
            "two-forgotten",
            "The derivative of w1² by w1 has a factor that you left out.",
            lambda w1, w2, x, t: _error(w1, w2, x, t) * w2 * w1 * x,
        ),
        Misconception(
            "by-the-other-weight",
            "That is the derivative by w2. Asked for is the one by w1.",
            lambda w1, w2, x, t: _error(w1, w2, x, t) * w1**2 * x,
        ),
        Misconception(
            "input-forgotten", "In h = w1² x the input is a factor; it stays.", lambda w1, w2, x, t: _error(w1, w2, x, t) * w2 * 2 * w1
        ),
        Misconception("no-error", "That is the derivative of y. The loss has its own derivative.", lambda w1, w2, x, t: w2 * 2 * w1 * x),
        Misconception(
            "half-forgotten",
            "The half in the loss cancels the 2 of the square.",
            lambda w1, w2, x, t: 2 * _error(w1, w2, x, t) * w2 * 2 * w1 * x,
        ),
        Misconception(
            "downhill",
            "That is the direction of the step. The gradient has the other sign.",
            lambda w1, w2, x, t: -_error(w1, w2, x, t) * w2 * 2 * w1 * x,
        ),
    ),
)

# F53: the index


def _draw_places(rng):
    i, s, u, p = (int(rng.integers(low, high)) for low, high in ((1, 7), (1, 5), (0, 4), (0, 4)))
    return s * i + u - p + (s * 4 if s * i + u - p < 0 else 0), u, s, p


REPAIR_INDEX = Exercise(
    id="repair-index",
    chapter=20,
    title="Repair F53",
    task=(
        "An article computes the gradient by an input cell from the output places i + p - 1, counted from 1. Count from 0, as this "
        "book does: which output row i received the input row a through the kernel row u, at stride s and padding p? Write i in a, u, s "
        "and p, for a row that there is."
    ),
    kind="algebra",
    minutes=6,
    difficulty=2,
    parameters=("a", "u", "s", "p"),
    starter='a, u, s, p = sympy.symbols("a u s p", integer=True, nonnegative=True)\nrepair_index = ...',
    answer=lambda a, u, s, p: (a + p - u) / s,
    examples=((4, 1, 1, 0), (5, 1, 2, 0), (3, 0, 1, 2), (7, 2, 3, 1), (6, 3, 2, 3)),
    draw=_draw_places,
    assumptions=(("integer", True), ("nonnegative", True)),
    whole=None,
    hints=(
        "Begin forward: which input row lies under kernel row u when the window stands at output row i?",
        "That row is a = s i + u - p. Check it: without padding, window 0 begins at row 0.",
        "Solve a = s i + u - p for i.",
    ),
    misconceptions=(
        Misconception(
            "printed-sign",
            "A kernel row further down reaches the same input row from a window further up: the sign of u has to turn.",
            lambda a, u, s, p: (a + p + u) / s,
        ),
        Misconception(
            "padding-the-other-way", "Padding moves the windows towards the front. Check the sign of p.", lambda a, u, s, p: (a - p - u) / s
        ),
        Misconception(
            "forward", "That is the input row that output row a reads. Asked for is the way back.", lambda a, u, s, p: s * a + u - p
        ),
        Misconception("stride-forgotten", "That is right at stride 1. Windows stand s rows apart.", lambda a, u, s, p: a + p - u),
        Misconception(
            "both-signs",
            "Check the signs of u and of p. On the way back each of the two is undone.",
            lambda a, u, s, p: (a - p + u) / s,
        ),
        Misconception("padding-forgotten", "With padding, window 0 begins at row -p.", lambda a, u, s, p: (a - u) / s),
        Misconception(
            "padding-undivided", "Solve the whole equation for i: the stride divides the padding too.", lambda a, u, s, p: (a - u) / s + p
        ),
        Misconception("counted-from-one", "You counted the output rows from 1. Count from 0.", lambda a, u, s, p: (a + p - u) / s + 1),
        Misconception(
            "stride-on-a-alone",
            "Solve the whole equation for i: the stride divides the padding and u too.",
            lambda a, u, s, p: a / s + p - u,
        ),
    ),
)

EXERCISES = (REPAIR_CHAIN_OF_SIZES, REPAIR_OVERLAP, REPAIR_SUM_OF_COINS, REPAIR_CHAIN_RULE, REPAIR_INDEX)
