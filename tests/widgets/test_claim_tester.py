"""The claim tester without a browser: its numbers are the catalogue's, its settings are put right, its picture tells both sides."""

import random

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib import claims
from cnnlib.widgets import ClaimTester
from cnnlib.widgets.claim_tester import agree, cell_text, in_words, rows_of
from cnnlib.widgets.claim_tester_subjects import IN_KERNEL, STATEMENTS, SUBJECTS

# F31 states an exact 1, which a cosine does not hit; two gradients are wrong throughout.
NEVER_RIGHT = ("F31", "F56", "F62")
every_item = pytest.mark.parametrize("item", list(STATEMENTS))


def random_settings(item, rng):
    return {name: rng.randint(low, high) / divisor for name, (_, low, high, _, divisor) in SUBJECTS[STATEMENTS[item][0]].controls.items()}


@every_item
def test_the_two_sides_are_the_catalogues_at_every_setting(item):
    rng = random.Random(item)
    for _ in range(10):
        widget = ClaimTester(item=item, settings=random_settings(item, rng))
        arguments = widget.subject.arguments(**widget.settings)
        stated, true = claims.CLAIMS[item].compare(**arguments)
        np.testing.assert_equal(widget.true, true)
        np.testing.assert_equal(widget.stated, stated)
        assert widget.frame()["true"] is not None


@every_item
def test_every_statement_can_be_caught_at_some_setting_and_is_right_at_another(item):
    """A tester with nothing to find would be dull; only these are wrong throughout, or right throughout for one reading."""
    rng = random.Random(item)
    least = {name: low / divisor for name, (_, low, _, _, divisor) in SUBJECTS[STATEMENTS[item][0]].controls.items()}
    settings = [least, *(random_settings(item, rng) for _ in range(25))]
    seen = {answer for each in settings for answer in ClaimTester(item=item, settings=each).frame()["agree"]}
    assert False in seen
    assert True in seen or item in NEVER_RIGHT


@every_item
def test_the_first_setting_of_every_statement_is_inside_its_controls(item):
    for name, (label, low, high, first, divisor) in SUBJECTS[STATEMENTS[item][0]].controls.items():
        assert low <= first <= high, name
        assert label
        assert divisor > 0


def test_another_statement_of_the_same_subject_keeps_the_settings_and_one_of_another_subject_does_not():
    widget = ClaimTester(item="F1", settings={"n": 12, "stride": 3})
    assert widget.settings == {"n": 12, "kernel_size": 3, "stride": 3, "padding": 0, "dilation": 1}
    widget.item = "F49"
    assert widget.settings["n"] == 12
    widget.item = "F33"
    assert widget.settings == {"n": 3, "kernel_size": 2, "stride": 1, "padding": 0}


@pytest.mark.parametrize(
    ("settings", "words"), [({"n": 17}, "outside 1 to 16"), ({"n": 3.5}, "no step"), ({"stride": "2"}, "no step"), ({"n": True}, "no step")]
)
def test_settings_that_no_slider_reaches_are_refused(settings, words):
    with pytest.raises(TraitError, match=words):
        ClaimTester(item="F1", settings=settings)


def test_a_shift_between_whole_numbers_is_a_step_of_its_slider():
    assert ClaimTester(item="F22", settings={"t": 0.375}).true == pytest.approx(2 * 3 * 0.375)


def test_a_statement_that_python_computes_has_its_answer_for_the_page():
    widget = ClaimTester(item="F53")
    assert widget.answer["key"] == "F53 3 2 1 0 0" == widget.key
    widget.settings = {**widget.settings, "activation": 1, "n": 4}
    assert widget.answer["key"] == "F53 4 2 1 0 1"
    assert widget.answer["true"] == widget.frame()["true"]


def test_a_page_without_a_kernel_has_an_answer_to_every_stride_padding_and_activation():
    answers = ClaimTester().answers
    assert len(answers) == 8 * len(IN_KERNEL)
    for item in IN_KERNEL:
        assert ClaimTester(item=item).key in answers
    assert answers["F54 3 2 2 1 1"] == ClaimTester(item="F54", settings=dict(stride=2, padding=1, activation=1)).frame()


def test_the_sentence_names_the_settings_and_says_whether_the_sides_agree():
    assert ClaimTester(item="F2").sentence == "F2 at input n = 7, window = 2, stride = 2: stated 3.5, true 3. Stated and true differ."
    assert ClaimTester(item="F2", settings={"n": 8}).sentence.endswith("stated 4, true 4. Stated and true agree.")
    said = ClaimTester(item="F50").sentence
    assert said.endswith("a step from start to start: agree; a gap between windows: differ.")


def test_the_description_and_the_static_picture_carry_both_sides_and_what_needs_a_kernel():
    widget = ClaimTester(item="F33")
    assert f"stated: {in_words(rows_of(widget.stated))}. true: {in_words(rows_of(widget.true))}." in widget.description
    svg = widget.static_svg()
    assert all(item in svg for item in IN_KERNEL)
    assert "kernel" in svg
    assert svg.count('fill="url(#unread)"') == widget.stated.size
    assert repr(widget) == "ClaimTester(item='F33', settings={'n': 3, 'kernel_size': 2, 'stride': 1, 'padding': 0})"


def test_pictures_of_unlike_shapes_or_with_something_that_is_no_number_do_not_agree():
    assert agree([[1.0, 2.0]], [[1.0, 2.0 + 1e-9]])
    assert not agree([[1.0, 2.0]], [[1.0], [2.0]])
    assert not agree([[float("nan")]], [[float("nan")]])
    assert not agree([["true"]], [["false"]])


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        (True, [["true"]]),
        ((True, False), [["true", "false"]]),
        (2, [[2.0]]),
        (np.arange(2), [[0, 1]]),
        (np.zeros((2, 1, 1, 1)), [[0], [0]]),
        (claims.Raised("E"), [["error"]]),
    ],
)
def test_every_kind_of_value_becomes_rows_of_cells(value, rows):
    assert rows_of(value) == rows
    assert cell_text(float("nan")) == "NaN"
