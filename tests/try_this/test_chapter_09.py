"""Chapter 9: the answers below its two "Try this" lists, one test for each item."""

import numpy as np
import pytest

from cnnlib.widgets import LogitsExplorer


def probabilities(*logits):
    return LogitsExplorer(logits=list(logits)).probabilities


@pytest.mark.parametrize(("raised", "ratio"), [(2, 2.718), (3, 7.389), (4, 20.086)])
def test_each_step_of_1_multiplies_the_ratio_by_e(raised, ratio):
    p = probabilities(raised, 1, -1)
    assert round(p[0] / p[1], 3) == ratio


def test_the_ratio_of_the_other_two_stays():
    ratios = [p[1] / p[2] for p in (probabilities(raised, 1, -1) for raised in (2, 3, 4))]
    assert [round(ratio, 3) for ratio in ratios] == [7.389] * 3
    assert np.all(np.diff([probabilities(raised, 1, -1)[1:] for raised in (2, 3, 4)], axis=0) < 0)


def test_three_equal_logits_have_a_third_each_and_three_more_classes_at_0_have_0_016():
    np.testing.assert_allclose(probabilities(3, 3, 3), [1 / 3] * 3)
    assert probabilities(3, 3, 3, 0, 0, 0).round(3).tolist() == [0.318] * 3 + [0.016] * 3


def test_a_lead_of_8_shows_as_0_999_and_one_of_8_5_as_1_though_it_is_0_9996():
    assert LogitsExplorer(logits=[8, 0, 0]).sentence.startswith("p = 0.999, ")
    assert LogitsExplorer(logits=[8.5, 0, 0]).sentence.startswith("p = 1, 0, 0. ")
    assert probabilities(8.5, 0, 0).round(4).tolist() == [0.9996, 0.0002, 0.0002]


def test_raising_all_logits_changes_the_scores_alone():
    low, high = LogitsExplorer(logits=[2, 1, -1]), LogitsExplorer(logits=[2, 1, -1], shift=1000)
    assert high.scores.tolist() == [1002, 1001, 999]
    np.testing.assert_allclose(high.probabilities, low.probabilities, rtol=1e-14)
    assert high.sentence == low.sentence


def explorer(**settings):
    """The second explorer of the chapter, after the reader has changed some settings."""
    return LogitsExplorer(**dict(logits=[2, 1, 0, -1], label=1, label_smoothing=0.1) | settings)


def test_the_gradient_is_the_distance_from_the_line_to_the_end_of_the_bar():
    shown = explorer()
    assert shown.probabilities.round(3).tolist()[:2] == [0.644, 0.237]
    assert shown.targets.round(3).tolist() == [0.025, 0.925, 0.025, 0.025]
    assert shown.gradient.round(3).tolist()[:2] == [0.619, -0.688]
    np.testing.assert_allclose(shown.gradient, shown.probabilities - shown.targets, atol=1e-15)


def test_only_at_the_end_of_the_slider_the_gradient_shows_as_0_and_smoothing_then_turns_it_round():
    told = [explorer(logits=[2, halves / 2, 0, -1], label_smoothing=0).sentence.endswith("= 0, 0, 0, 0.") for halves in range(-20, 21)]
    assert told == [False] * 40 + [True]
    assert explorer(logits=[2, 10, 0, -1]).sentence.endswith("gradient p − t = −0.025, 0.075, −0.025, −0.025.")


def test_the_best_logit_of_the_slider_is_3_5_and_the_formulas_is_3_611():
    slopes = {halves / 2: explorer(logits=[0, halves / 2, 0, 0]).gradient[1] for halves in range(-20, 21)}
    assert min(slopes, key=lambda logit: abs(slopes[logit])) == 3.5
    assert [round(slopes[logit], 3) for logit in (3.5, 4)] == [-0.008, 0.023]
    assert (0.925 / 0.025, round(np.log(37), 3)) == (pytest.approx(37), 3.611)
    exact = LogitsExplorer(logits=[0, np.log(37), 0, 0], label=1, label_smoothing=0.1)
    np.testing.assert_allclose(exact.gradient, 0, atol=1e-15)


def test_at_temperature_0_01_the_gradient_is_a_hundred_times_p_minus_t():
    cold = explorer(logits=[0, 3.5, 0, 0], temperature=0.01)
    assert cold.probabilities.round(9).tolist() == [0, 1, 0, 0]
    assert (cold.probabilities - cold.targets).round(9).tolist() == [-0.025, 0.075, -0.025, -0.025]
    assert cold.gradient.round(6).tolist() == [-2.5, 7.5, -2.5, -2.5]


def test_the_naive_loss_is_infinite_where_the_stable_one_is_1500():
    settings = dict(logits=[5, -10, 0, 0], label_smoothing=0, temperature=0.01)
    naive, stable = explorer(**settings, method="naive"), explorer(**settings, method="stable")
    assert naive.scores[0] - naive.scores[1] == 1500
    assert (naive.probabilities[1], stable.probabilities[1]) == (0, 0)
    assert (naive.loss, stable.loss) == (np.inf, 1500)


def test_with_smoothing_1_equal_logits_are_best_and_the_label_does_not_matter():
    settings = dict(logits=[5, -10, 0, 0], label_smoothing=1)
    shown = [explorer(**settings | dict(label=label)) for label in range(4)]
    assert all(each.targets.tolist() == [0.25] * 4 for each in shown)
    assert len({each.loss for each in shown}) == len({tuple(each.gradient) for each in shown}) == 1
    best = explorer(logits=[1, 1, 1, 1], label_smoothing=1)
    assert round(best.loss, 3) == round(np.log(4), 3) == 1.386
    np.testing.assert_allclose(best.gradient, 0, atol=1e-15)
