"""The exercise of chapter 00, Start here: one to practise with."""

from cnnlib.exercises.exercise import Exercise, Misconception

NEGATIVE = Exercise(
    id="negative",
    chapter=0,
    title="The negative of a picture",
    task="A picture's cells are numbers x from 0 (black) to 9 (white). Which pair (w, b) makes y = w x + b its negative, 0 to 9 again?",
    kind="number",
    minutes=3,
    difficulty=1,
    starter="negative = (..., ...)",
    answer=lambda: (-1, 9),
    parts=("the weight", "the bias"),
    whole=None,
    hints=(
        "Black, 0, shall become white, 9. For x = 0 the weight does nothing: what must the bias be?",
        "White, 9, shall become 0. Put x = 9 and your bias into w x + b = 0.",
        "The equation is 9 w + 9 = 0.",
    ),
    misconceptions=(
        Misconception(
            "no-bias", "That turns every x into -x: white becomes -9, which is no brightness. Lift everything up.", lambda: (-1, 0)
        ),
        Misconception("unchanged", "That gives back the picture as it was.", lambda: (1, 0)),
        Misconception("bias-down", "The weight turns the order around, but black becomes -9 now. Shift the other way.", lambda: (-1, -9)),
        Misconception(
            "weight-kept", "A positive weight keeps bright cells brighter than dark ones. A negative swaps them.", lambda: (1, -9)
        ),
        Misconception("only-lifted", "That makes every cell brighter, white too, and what was brighter stays brighter.", lambda: (1, 9)),
        Misconception("all-equal", "With weight 0 every cell gets the same number, and the picture is gone.", lambda: (0, 9)),
        Misconception("swapped", "The right two numbers, in the wrong order: the weight comes first.", lambda: (9, -1)),
    ),
)

EXERCISES = (NEGATIVE,)
