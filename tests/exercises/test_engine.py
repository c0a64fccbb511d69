"""The engine judges behaviour, says the first difference, and finds its exercises."""

import inspect
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy
from samples import GRADIENTS, HALF, SCALE

from cnnlib.exercises import UnknownExercise, catalog, check
from cnnlib.exercises.engine import find, judge
from cnnlib.exercises.transport import Alien, pack, unpack

SPAN = find("window-span")


def test_importing_the_exercises_imports_neither_sympy_nor_matplotlib_nor_a_chapter():
    code = "import sys, cnnlib.exercises\nprint([m for m in sys.modules if m in ('sympy', 'matplotlib', 'IPython') or 'chapter_' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_an_unknown_exercise_names_its_neighbours():
    with pytest.raises(UnknownExercise, match='"output-size"'):
        check("output_size", None)
    with pytest.raises(UnknownExercise, match=r"catalog\(\)"):
        check("zzzzzz", None)
    with pytest.raises(TypeError, match="the exercise's id, a string"):
        check(len, "output-size")


def test_dots_alone_are_not_attempted():
    assert judge(SPAN, ...).passed is None
    assert judge(SPAN, lambda k, d: ...).passed is None
    assert judge(GRADIENTS, lambda dy, x: (..., ...)).passed is None


def test_dots_left_in_one_branch_are_a_wrong_answer():
    assert "still `...`" in judge(SPAN, lambda k, d: k if d == 1 else ...).message
    assert "dw is still `...`" in judge(GRADIENTS, lambda dy, x: (dy * 3, ...)).message


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.array, sympy.Integer], ids=str)
def test_every_kind_of_whole_number_is_welcome(kind):
    assert judge(SPAN, lambda k, d: kind(d * (k - 1) + 1)).passed


@pytest.mark.parametrize("kind", [float, np.float32, np.float64, lambda value: np.array(float(value))])
def test_a_right_size_that_is_a_float_gets_a_sentence_of_its_own(kind):
    verdict = judge(SPAN, lambda k, d: kind(d * (k - 1) + 1))
    assert verdict.passed is False
    assert verdict.message.startswith("The right value, but a number of cells is a whole number: use `//` in place of `/`.")


@pytest.mark.parametrize("form", [np.asarray, np.ndarray.tolist, lambda y: tuple(y.tolist()), lambda y: list(y), np.asfortranarray])
def test_a_list_where_an_array_is_meant_is_welcome(form):
    assert judge(SCALE, lambda x, w: form(x * w[:, None, None])).passed


def test_float32_results_pass_with_a_remark_and_no_further_than_float32_reaches():
    verdict = judge(SCALE, lambda x, w: (x * w[:, None, None]).astype(np.float32))
    assert verdict.passed
    assert "float32" in verdict.message
    assert not judge(SCALE, lambda x, w: (x * w[:, None, None] * 1.001).astype(np.float32)).passed
    assert not judge(SCALE, lambda x, w: x * w[:, None, None] * (1 + 1e-5)).passed


def test_shape_differences_are_said_first():
    assert "should have shape (1, 1, 2, 2); yours has (2, 2)" in judge(SCALE, lambda x, w: (9 * x)[0, 0]).message
    assert "a comma too many" in judge(SCALE, lambda x, w: (9 * x,)).message


def test_the_first_wrong_place_of_an_array_is_named_and_a_small_case_is_shown_whole():
    def candidate(x, w):
        y = x * w[:, None, None]
        y[..., -1, -1] += 1
        return y

    message = judge(SCALE, candidate).message
    assert "1 of 4 numbers differ; the first at [0, 0, 1, 1] should be 6, yours is 7" in message
    assert "x =\n[[[[0., 1.]," in message
    assert "expected:" in message


def test_nan_is_called_by_its_name():
    assert "not a number (NaN)" in judge(SCALE, lambda x, w: x * w[:, None, None] * np.where(x == x.max(), np.nan, 1)).message


def test_all_zeros_do_not_pass():
    assert not judge(SCALE, lambda x, w: np.zeros_like(x)).passed
    assert not judge(GRADIENTS, lambda dy, x: (np.zeros_like(dy), np.zeros(dy.shape[1]))).passed


def test_members_of_a_tuple_are_called_by_their_names():
    assert "dw should have shape (2,); yours has ()" in judge(GRADIENTS, lambda dy, x: (dy * 3, (dy * x).sum())).message
    assert "should have 2 values and has 1" in judge(GRADIENTS, lambda dy, x: [dy * 3]).message
    assert "type dict" in judge(GRADIENTS, lambda dy, x: {"dx": dy}).message
    assert judge(GRADIENTS, lambda dy, x: [dy * 3, list((dy * x).sum(axis=0))]).passed


@pytest.mark.parametrize("spoil", [lambda x: x.fill(0), lambda x: x.sort(), lambda x: x.resize(x.size, refcheck=False)])
def test_a_changed_argument_is_found_even_when_the_result_is_right(spoil):
    def candidate(x, w):
        y = x * w[:, None, None]
        spoil(x[:, :, ::-1] if spoil.__code__.co_names == ("sort",) else x)
        return y

    verdict = judge(SCALE, candidate)
    assert verdict.passed is False
    assert "changes its argument `x`" in verdict.message


def test_two_changed_arguments_are_named_in_the_plural():
    def candidate(x, w):
        y = x * w[:, None, None]
        x[...], w[...] = 0, 0
        return y

    assert "changes its arguments `x`, `w`. The caller still needs them: work on copies." in judge(SCALE, candidate).message


def test_cases_survive_a_candidate_that_changes_them():
    judge(SCALE, lambda x, w: x.fill(0))
    assert judge(SCALE, lambda x, w: x * w[:, None, None]).passed


def test_a_misconception_with_a_further_error_is_still_recognised():
    """Right where the misconception is right, except in the last case."""
    count = []

    def candidate(dy, x):
        count.append(1)
        return dy * 3, (dy * x).mean(axis=0) + (len(count) == len(GRADIENTS.cases) and len(dy) == 1)

    assert judge(GRADIENTS, candidate).misconception == "mean"


@pytest.mark.parametrize(
    "make",
    [
        lambda n, s: sympy.floor(n / s),
        lambda n, s: n // s,
        lambda n, s: (n - sympy.Mod(n, s)) / s,
        lambda n, s: sympy.ceiling((n - s + 1) / s),
    ],
)
@pytest.mark.parametrize("assumptions", [{}, {"integer": True}, {"positive": True}, {"real": True}], ids=str)
def test_symbols_are_matched_by_name_whatever_their_assumptions(make, assumptions):
    assert judge(HALF, make(*sympy.symbols("n s", **assumptions))).passed


def test_symbols_of_one_name_and_two_assumptions_are_one_symbol():
    n, whole = sympy.Symbol("n"), sympy.Symbol("n", integer=True)
    assert judge(HALF, sympy.floor((2 * n - whole) / sympy.Symbol("s"))).passed


def test_an_expression_that_differs_at_remainders_alone_is_wrong():
    n, s = sympy.symbols("n s")
    assert judge(HALF, n / s).misconception == "no-floor"
    verdict = judge(HALF, sympy.ceiling(n / s))
    assert verdict.passed is False
    assert "At n = 7, s = 2 the result should be 3; yours is 4." in verdict.message


@pytest.mark.parametrize(
    ("candidate", "piece"),
    [
        ("n // s", "without quotes"),
        (None, "None"),
        (lambda n, s: n // s, "a function"),
        (sympy.Eq(sympy.Symbol("n"), 3), "an equation"),
        (sympy.Symbol("n") > 3, "a comparison"),
        (True, "true or false"),
        (sympy.Symbol("q") + 1, "contains q; the answer is made of n and s"),
        (sympy.Matrix([1]), "one SymPy expression"),
        ([1, 2], "one SymPy expression"),
        (sympy.Function("f")(sympy.Symbol("n")), "does not become a number"),
        (1 / (sympy.Symbol("n") - 7), "At n = 7, s = 2 your expression has no value: it becomes infinite or undefined"),
        (sympy.sqrt(-sympy.Symbol("n")), "complex"),
        (3, "At n = 8"),
        (sympy.nan, "your expression has no value: it becomes infinite or undefined"),
    ],
    ids=lambda value: "lambda" if inspect.isfunction(value) else str(value),  # a name with an address would differ between workers
)
def test_what_is_no_expression_of_the_right_kind_is_told_so(candidate, piece):
    verdict = judge(HALF, candidate)
    assert verdict.passed is False
    assert piece in verdict.message


def test_an_expression_that_takes_for_ever_is_stopped():
    assert "still working" in judge(HALF, 7 ** (7 ** (7 ** sympy.Symbol("n"))), seconds=0.5).message


@pytest.mark.parametrize(
    "value", [None, ..., True, 3, -(2**70), 2.5, np.float32(0.1), 1j, "text", (1, (2.0, None)), np.arange(6.0).reshape(2, 3)]
)
def test_plain_values_arrive_as_they_were_sent(value):
    import json

    arrived = unpack(json.loads(json.dumps(pack(value))))
    assert type(arrived) is type(value)
    assert np.all(arrived == value)


def test_other_values_arrive_as_a_description():
    assert isinstance(unpack(pack({1})), Alien)
    assert unpack(pack(np.array([object()]))).description == "an array of Python objects (dtype object) of shape (1,)"
    assert isinstance(unpack(pack(np.zeros(2, dtype="M8[s]"))), Alien)
    assert isinstance(unpack(pack(np.lib.stride_tricks.as_strided(np.zeros(1), (10**9,), (0,)))), Alien)


def test_a_verdict_looks_the_same_in_every_run_and_speaks_in_both_forms():
    one, other = (judge(SPAN, lambda k, d: d * k) for _ in range(2))
    assert one == other
    assert repr(one).startswith("window-span: not yet. ")
    html = one._repr_html_()
    assert "not yet" in html
    assert "<code>window_span(kernel_size=3, dilation=2)</code>" in html
    assert not bool(one)


def test_html_of_a_verdict_escapes_what_the_candidate_wrote():
    def candidate(k, d):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in judge(SPAN, candidate)._repr_html_()


def test_a_number_by_hand_is_not_given_away():
    exercise = find("count-places")
    assert judge(exercise, 6).passed
    assert judge(exercise, np.int64(6)).passed
    verdict = judge(exercise, 9)
    assert verdict.message == "9 is not the answer."
    assert judge(exercise, 6.0).message.startswith("The right value, but a count is a whole number: write it without a decimal point.")
    chain = find("chain-of-sizes")
    assert judge(chain, (26, 13, 12, 5, 4)).message == "Look at the third size; yours is 12. Those before it are right."
    assert judge(chain, (26, ..., ..., ..., ...)).passed is False
    assert "A tuple of 5 values" in judge(chain, 26).message
    assert judge(chain, (26, {13}, 11, 5, 4)).message.startswith("Look at the second size; yours is a set, which has no order")


def test_fractions_are_numbers():
    dice, quarter = find("dice-by-hand"), Fraction(1, 4)
    assert judge(dice, (Fraction(1, 8), Fraction(7, 16), quarter, sympy.Rational(3, 16))).passed
    assert judge(dice, (Fraction(1, 8), quarter, quarter, quarter)).passed is False


def test_the_catalogue_lists_every_exercise_once():
    rows = catalog()
    assert len({row["id"] for row in rows}) == len(rows)
    assert "output-size" in repr(rows)
    assert rows._repr_html_().count("<tr>") == len(rows) + 1
