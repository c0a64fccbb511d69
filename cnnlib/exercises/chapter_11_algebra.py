"""Exercises of chapter 11, Backward through a convolution, whose answer is an expression."""

from cnnlib.exercises.exercise import Exercise, Misconception


def _draw_reading(rng):
    i, u, p, s = (int(rng.integers(low, high)) for low, high in ((2, 8), (0, 5), (0, 4), (1, 5)))
    return i * s + u + 4 - p, p, u + 4, s


NATURAL = (("integer", True), ("nonnegative", True))
READING_PLACE = Exercise(
    id="reading-place",
    chapter=11,
    title="Which place read the cell?",
    task=(
        "Along one axis, with stride s and padding p, kernel cell u read input cell a at one place i. "
        "Write i in a, p, u and s, for a case in which there is such a place."
    ),
    kind="algebra",
    minutes=5,
    difficulty=1,
    parameters=("a", "p", "u", "s"),
    starter='a, p, u, s = sympy.symbols("a p u s", integer=True, nonnegative=True)\nreading_place = ...',
    answer=lambda a, p, u, s: (a + p - u) / s,
    examples=((4, 0, 2, 1), (4, 1, 1, 2), (3, 2, 1, 2), (5, 1, 0, 3), (0, 2, 0, 1)),
    draw=_draw_reading,
    hints=(
        "Forward: place i lays kernel cell u on input cell i s + u - p.",
        "So i s + u - p = a. Solve this equation for i.",
        "Bring u and p to the other side, then divide by s.",
    ),
    misconceptions=(
        Misconception(
            "sign-of-u",
            "The further right kernel cell u lies in the window, the further left the window stands. Look at the sign of u.",
            lambda a, p, u, s: (a + p + u) / s,
        ),
        Misconception(
            "forward-index",
            "Those are the signs of the forward pass. Solve for i, and both signs turn.",
            lambda a, p, u, s: (a + u - p) / s,
        ),
        Misconception(
            "sign-of-p",
            "Check with a = 0, p = 1, u = 1, s = 1: place 0 lays kernel cell 1 on cell 0.",
            lambda a, p, u, s: (a - p - u) / s,
        ),
        Misconception(
            "stride-forgotten", "That is right for stride 1. The window moves by s from place to place.", lambda a, p, u, s: a + p - u
        ),
        Misconception("the-kernel-cell", "That would be a forward index. Asked for is the place.", lambda a, p, u, s: a * s + u - p),
        Misconception(
            "stride-in-part",
            "The whole of a + p - u is divided by s, not a alone.",
            lambda a, p, u, s: a / s + p - u,
        ),
        Misconception(
            "kernel-cell-undivided",
            "The whole of a + p - u is divided by s, u too: set brackets.",
            lambda a, p, u, s: (a + p) / s - u,
        ),
        Misconception(
            "padding-forgotten",
            "Place 0 begins p cells before cell 0, in the padding. Where does p come in?",
            lambda a, p, u, s: (a - u) / s,
        ),
    ),
)


def _draw_size(rng):
    k = int(rng.integers(1, 7))
    return int(rng.integers(2, 9)), k, int(rng.integers(0, k)), int(rng.integers(1, 5))


STRETCHED_SIZE = Exercise(
    id="stretched-size",
    chapter=11,
    title="The stretched and padded gradient",
    task=(
        "Along one axis dy has m numbers; the forward pass had stride s, padding p and a kernel of k cells, and no cell was left over at "
        "the end. For the backward pass, zeros are put between the numbers of dy, and then the row is padded on both sides so that the "
        "rotated kernel can slide over it at stride 1. How many cells has it then? Write it in m, k, p and s."
    ),
    kind="algebra",
    minutes=8,
    difficulty=2,
    parameters=("m", "k", "p", "s"),
    starter='m, k, p, s = sympy.symbols("m k p s", integer=True, nonnegative=True)\nstretched_size = ...',
    answer=lambda m, k, p, s: s * (m - 1) + 1 + 2 * (k - 1 - p),
    examples=((2, 3, 0, 2), (3, 3, 1, 2), (4, 2, 0, 1), (3, 5, 2, 3), (2, 1, 0, 4)),
    draw=_draw_size,
    hints=(
        "How many gaps are there between m numbers, and how many zeros fill each of them?",
        "m numbers with s - 1 zeros in each of m - 1 gaps are s (m - 1) + 1 cells.",
        "Forward padding p leaves k - 1 - p on each side for the way back.",
    ),
    misconceptions=(
        Misconception(
            "zeros-behind-the-last",
            "Zeros are put between the numbers: there are m - 1 gaps, not m.",
            lambda m, k, p, s: s * m + 2 * (k - 1 - p),
        ),
        Misconception(
            "one-cell-lost",
            "From the first to the last of m numbers it is m - 1 steps of s cells. The cells are one more than that.",
            lambda m, k, p, s: s * (m - 1) + 2 * (k - 1 - p),
        ),
        Misconception("stride-ignored", "That is right for stride 1. Where are the zeros between?", lambda m, k, p, s: m + 2 * (k - 1 - p)),
        Misconception(
            "s-zeros",
            "In each gap stand s - 1 zeros, so that neighbours are s apart.",
            lambda m, k, p, s: (s + 1) * (m - 1) + 1 + 2 * (k - 1 - p),
        ),
        Misconception(
            "always-full",
            "Full padding, k - 1, is right where the forward pass had none. Its padding is cropped, which shortens the row.",
            lambda m, k, p, s: s * (m - 1) + 1 + 2 * (k - 1),
        ),
        Misconception(
            "padding-added",
            "More padding on the way forward means less on the way back.",
            lambda m, k, p, s: s * (m - 1) + 1 + 2 * (k - 1 + p),
        ),
        Misconception(
            "forward-padding",
            "You padded with p, as on the way forward. With p = 0 the last kernel cell would never meet the first gradient.",
            lambda m, k, p, s: s * (m - 1) + 1 + 2 * p,
        ),
        Misconception(
            "size-of-dx",
            "That is n, the size of dx. A row on which a window of k cells has n places is k - 1 cells longer.",
            lambda m, k, p, s: s * (m - 1) + k - 2 * p,
        ),
        Misconception(
            "padding-once",
            "Each end is padded by k - 1 - p. You subtracted p at one end only.",
            lambda m, k, p, s: s * (m - 1) + 1 + 2 * (k - 1) - p,
        ),
        Misconception("one-side", "The row is padded at both ends.", lambda m, k, p, s: s * (m - 1) + 1 + k - 1 - p),
        Misconception("not-padded", "That is the stretched row. It still has to be padded.", lambda m, k, p, s: s * (m - 1) + 1),
        Misconception(
            "k-cells",
            "A window of k cells that holds the first gradient as its last cell begins k - 1 cells before it.",
            lambda m, k, p, s: s * (m - 1) + 1 + 2 * (k - p),
        ),
    ),
)

EXERCISES = (READING_PLACE, STRETCHED_SIZE)
