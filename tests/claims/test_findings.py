"""What the clinic shows: a card tells verdict, counterexample, confirmation and repair, with the numbers of the test itself."""

import re

import numpy as np
import pytest
import sympy

from cnnlib import claims
from cnnlib.claims.findings import Card, shown, shown_setting

every_claim = pytest.mark.parametrize("claim", claims.catalog(), ids=lambda claim: claim.item)


def card(item):
    return claims.examine(item)._repr_markdown_()


@every_claim
def test_a_card_tells_the_verdict_and_a_repair_that_passed(claim):
    text, found = Card(claim)._repr_markdown_(), claim.test()
    assert text.startswith(f"**{claim.item}** **{found.verdict}:**")
    assert "NOT" not in text
    assert claim.reason in text
    assert (found.counterexample is not None) == ("Confirmed by a second, independent computation." in text)
    if found.verdict != "holds":
        assert f"{claim.correct}. Put through the same test, it is right at all {claim.test(claim.repaired).tried} settings." in text
    assert len(text) < 1800


@every_claim
def test_every_table_of_a_card_has_as_many_cells_in_each_row(claim):
    rows = [line for line in Card(claim)._repr_markdown_().splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) <= 1


def test_a_card_shows_both_sides_of_the_counterexample():
    assert "| `n=10, kernel_size=3, stride=2, padding=0, dilation=1` | $9/2$ | $4$ |" in card("F1")
    assert r"$\begin{pmatrix}12 & 16 \\ 24 & 28\end{pmatrix}$ | $\begin{pmatrix}27 & 37 \\ 57 & 67\end{pmatrix}$" in card("F33")
    assert r"\text{NaN}" in card("F7")
    assert "| SyntaxError in line 3 |" in card("F28")


def test_a_card_of_words_shows_every_reading_and_the_truth():
    rows = [row for row in card("F50").splitlines() if row.startswith("|")]
    assert rows[2:] == ["| a step from start to start | $4$ |", "| a gap between windows | $2$ |", "| **true** | $4$ |"]


def test_of_large_arrays_the_entry_with_the_largest_gap_is_shown():
    found = claims.test("F53").counterexample
    place = np.unravel_index(np.argmax(np.abs(found.stated - found.true)), found.true.shape)
    assert f"entry {list(map(int, place))} | ${found.stated[place]:.4g}$ | ${found.true[place]:.4g}$ |" in card("F53")


def test_a_wrong_repair_would_be_shown_as_one(monkeypatch):
    broken = Card(claims.CLAIMS["F1"])
    broken.repaired = claims.test("F1")
    assert "IT DOES NOT PASS" in broken._repr_markdown_()


def test_a_table_has_one_row_for_each_item():
    rows = claims.verdicts("F8", "F18")._repr_markdown_().splitlines()
    assert [row.split(" | ")[:2] for row in rows[2:]] == [["| F8", "holds"], ["| F18", "holds under conditions"]]
    assert "22 of 22" in rows[2]
    assert "17 of 24" in rows[3]


@pytest.mark.parametrize("call", [claims.examine, claims.verdicts])
@pytest.mark.parametrize(("items", "named"), [(("F1", "F68"), "F68"), ((), "nothing")])
def test_an_item_that_is_not_there_is_named(call, items, named):
    with pytest.raises(ValueError, match=named):
        call(*items)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        ("neither", "neither"),
        (-0.00001, "$0$"),
        (float("inf"), r"$\infty$"),
        (sympy.Rational(9, 2), "$9/2$"),
        (np.zeros((1, 1, 1, 1)), r"$\begin{pmatrix}0\end{pmatrix}$"),
        (np.zeros((3, 9)), "an array of shape (3, 9)"),
        ((np.array([1, 2]), True), "(1, 2), true"),
        (claims.Raised("ValueError: a | b\nmore"), r"ValueError: a \| b"),
    ],
)
def test_a_value_is_shown_as_a_reader_writes_it(value, text):
    assert shown(value) == text


def test_a_setting_names_its_numbers_arrays_and_functions():
    assert shown_setting(dict(image=np.eye(2), stride=2)) == r"`stride=2`; image $\begin{pmatrix}1 & 0 \\ 0 & 1\end{pmatrix}$"
    assert (
        shown_setting(dict(x=np.zeros((2, 3, 4)), w=np.ones(2), y=np.ones(3), name=abs))
        == "x of shape (2, 3, 4); w of shape (2,); name abs"
    )


def test_a_result_displays_its_sentence_and_no_array():
    result = claims.test("F33")
    assert repr(result) == str(result)
    assert result._repr_markdown_().startswith("**fails:** the sliding product")
