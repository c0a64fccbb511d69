"""The logits explorer without a browser: its numbers are the library's, and the naive formula fails where it should."""

import numpy as np
import pytest
from traitlets import TraitError

import cnnlib
from cnnlib.widgets import LogitsExplorer
from cnnlib.widgets.logits import gradient_reach, shown_number

SETTINGS = [
    dict(logits=[2, 1, -1], label=2),
    dict(logits=[0.5, -3], label=1, temperature=0.3, label_smoothing=0.2),
    dict(logits=[1, 2, 3, 4, 5, 6], label=4, temperature=5, label_smoothing=1),
    dict(logits=[10, -10, 0, 3], label=1, shift=-450, temperature=2),
]


def loss_by_hand(logits, label, shift=0.0, temperature=1.0, label_smoothing=0.0):
    """The definition with powers of small numbers: nothing shifted, nothing shared with the library."""
    scores = (np.array(logits, dtype=float) - max(logits)) / temperature
    p = np.exp(scores) / np.exp(scores).sum()
    t = np.eye(len(logits))[label] * (1 - label_smoothing) + label_smoothing / len(logits)
    return p, t, -(t * np.log(p)).sum()


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("method", ["stable", "naive"])
def test_probabilities_targets_and_loss_are_those_of_the_definition(setting, method):
    widget = LogitsExplorer(**setting, method=method)
    p, t, loss = loss_by_hand(**setting)
    assert widget.trouble == ""
    np.testing.assert_allclose(widget.probabilities, p, rtol=1e-10)
    np.testing.assert_allclose(widget.targets, t, rtol=1e-12)
    assert widget.loss == pytest.approx(loss, rel=1e-10)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
@pytest.mark.parametrize("method", ["stable", "naive"])
def test_the_gradient_is_how_the_loss_answers_to_each_logit(setting, method):
    widget = LogitsExplorer(**setting, method=method)
    found = widget.gradient
    for at in range(len(widget.logits)):
        moved = []
        for step in (1e-5, -1e-5):
            scores = (np.array(setting["logits"], dtype=float) + step * (np.arange(len(found)) == at)) / widget.temperature
            moved.append(float(cnnlib.cross_entropy(scores[None], [widget.label], label_smoothing=widget.label_smoothing)))
        assert found[at] == pytest.approx((moved[0] - moved[1]) / 2e-5, abs=1e-6)
    assert found.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        (dict(shift=1000), "exp(1002) overflows"),
        (dict(temperature=0.01, logits=[8, 0]), "exp(800) overflows"),
        (dict(logits=[9.5, 9.5], shift=700), "sum of the powers overflows"),
        (dict(shift=-1000), "All powers are rounded to 0"),
        (dict(logits=[5, -10], label=1, temperature=0.01), "rounded to 0, and its logarithm is minus infinity"),
    ],
)
def test_where_the_naive_formula_fails_the_widget_says_why_and_the_stable_one_holds(setting, words):
    naive, stable = (LogitsExplorer(**setting, method=method) for method in ("naive", "stable"))
    assert words in naive.trouble
    assert naive.sentence.endswith(naive.trouble)
    assert not np.isfinite(naive.loss)
    assert stable.trouble == ""
    assert np.isfinite(stable.loss)
    assert stable.probabilities.sum() == pytest.approx(1)
    assert naive.static_svg() != stable.static_svg()


def test_a_shift_changes_nothing_in_the_stable_formula():
    plain, raised = LogitsExplorer(label=1), LogitsExplorer(label=1, shift=1000)
    np.testing.assert_allclose(raised.probabilities, plain.probabilities, rtol=1e-12)
    assert raised.loss == pytest.approx(plain.loss, rel=1e-12)
    assert raised.sentence == plain.sentence


def test_the_sentence_and_the_pictures_carry_the_numbers():
    widget = LogitsExplorer(logits=[0, 0], label=1, label_smoothing=0.5, temperature=2)
    assert widget.sentence == "p = 0.5, 0.5. True class 1: loss −Σ t log p = 0.693, gradient (p − t) / T = 0.125, −0.125."
    widget.label_smoothing, widget.temperature = 0, 1
    assert widget.sentence == "p = 0.5, 0.5. True class 1: loss −log p = 0.693, gradient p − t = 0.5, −0.5."
    assert widget.sentence in widget.description
    for piece in ("p = 0.5, 0.5. True class 1: loss −log p = 0.693,", "gradient p − t = 0.5, −0.5.", "1 (true)", "−0.5"):
        assert f">{piece}</text>" in widget.static_svg()
    assert repr(widget) == "LogitsExplorer(logits=[0.0, 0.0], temperature=1.0, label=1, label_smoothing=0.0)"


def test_fewer_logits_keep_the_label_among_them():
    widget = LogitsExplorer(logits=[1, 2, 3, 4], label=3)
    widget.logits = [5, 6]
    assert widget.label == 1


def test_numbers_that_are_none_have_names_and_do_not_stretch_the_diagram():
    assert [shown_number(value) for value in (np.nan, np.inf, -1.5)] == ["nan", "infinity", "−1.5"]
    assert gradient_reach(np.array([np.nan, 0.2])) == 1
    assert gradient_reach(np.array([-3.0, 2.0])) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"logits": [1]},
        {"logits": [0] * 7},
        {"logits": [11, 0]},
        {"label": 3},
        {"temperature": 0},
        {"label_smoothing": 1.5},
        {"method": "fast"},
        {"shift": 2000},
    ],
)
def test_settings_that_cannot_be_shown_are_refused(wrong):
    with pytest.raises(TraitError, match=next(iter(wrong))):
        LogitsExplorer(**wrong)
