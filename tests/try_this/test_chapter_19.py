"""Chapter 19: the answers below its "Try this" list, one test for each item."""

import numpy as np
import pytest

from cnnlib.widgets import FollowThePixel
from cnnlib.widgets.follow_pixel import LAYERS


@pytest.fixture(scope="module")
def six():
    """The explorer as the chapter shows it: with a 6."""
    shown = FollowThePixel()
    assert shown.examples[shown.example]["label"] == 6
    return shown


def drawn(image):
    return FollowThePixel(image=np.asarray(image, dtype=float).tolist())


def test_from_a_middle_cell_to_the_logits_the_frame_in_the_input_grows_to_3_4_7_and_8_cells():
    shown = FollowThePixel()
    places = {"conv 1": (3, 3), "relu 1": (3, 3), "pool 1": (1, 1), "conv 2": (1, 1), "relu 2": (1, 1), "pool 2": (0, 0)}
    sizes = {}
    for layer in LAYERS[1:]:
        shown.layer = layer
        shown.row, shown.column = places.get(layer, (0, 0))
        sizes[layer] = {len(cells) for cells in shown.reach()["input"][1:]}
    assert sizes == {
        "conv 1": {3}, "relu 1": {3}, "pool 1": {4}, "conv 2": {7}, "relu 2": {7}, "pool 2": {7}, "logits": {8}, "softmax": {8}
    }  # fmt: skip


def test_210_units_of_conv_1_have_no_slope_135_of_them_are_off_and_75_are_no_winners(six):
    value, slope = six.values["conv 1"], six.score_slopes["conv 1"]
    assert (value.size, np.sum(slope == 0), np.sum(value <= 0)) == (256, 210, 135)
    assert not slope[value <= 0].any()
    losers = (value > 0) & (slope == 0)
    windows = np.maximum(value, 0).reshape(4, 4, 2, 4, 2).max(axis=(2, 4)).repeat(2, axis=1).repeat(2, axis=2)
    assert losers.sum() == 75
    assert (np.sum(value[losers] < windows[losers]), np.sum(value[losers] == windows[losers])) == (68, 7)


def test_one_unit_of_each_window_of_relu_2_has_a_slope_and_21_of_the_32_pass_on_to_conv_2(six):
    slopes, value = six.score_slopes, six.values["relu 2"]
    winners = slopes["relu 2"] != 0
    assert np.array_equal(winners.reshape(8, 2, 2, 2, 2).sum(axis=(2, 4)), np.ones((8, 2, 2)))
    assert (winners.sum(), np.sum(value[winners] == 0), np.sum(slopes["conv 2"] != 0)) == (32, 11, 21)


def test_the_slopes_of_6_and_8_disagree_most_at_row_2_column_1(six):
    logits = six.values["logits"].ravel()
    assert logits.argsort()[::-1][:2].tolist() == [6, 8]
    of_six, of_eight = (six.slopes("logits", (label, 0, 0))["input"][0] for label in (6, 8))
    at = np.unravel_index(np.abs(of_six - of_eight).argmax(), (8, 8))
    assert at == (2, 1)
    assert (round(of_six[at], 1), round(of_eight[at], 1)) == (12.5, -1.1)
    assert six.image[2][1] == 0
    assert six.image[2][3] == 1


def test_the_slopes_of_a_saturated_softmax_are_a_hundred_thousandth_of_the_logits(six):
    of_logit, of_softmax = (np.abs(six.slopes(layer, (6, 0, 0))["input"]).max() for layer in ("logits", "softmax"))
    p = six.values["softmax"][6, 0, 0]
    assert (round(of_logit, 1), round(of_softmax, 4), round(p, 5)) == (12.5, 0.0001, 0.99999)
    assert six.slopes("softmax", (6, 0, 0))["logits"][6, 0, 0] == pytest.approx(p * (1 - p))


def test_a_blank_page_is_read_as_a_1_and_map_2_likes_a_horizontal_bar():
    blank = drawn(np.zeros((8, 8))).values["softmax"].ravel()
    assert (blank.argmax(), round(blank.max(), 2)) == (1, 0.89)
    bar = np.zeros((8, 8))
    bar[3, 1:7] = 1
    strongest = drawn(bar).values["relu 1"].max(axis=(1, 2)).round(1)
    assert strongest.argsort()[::-1][:2].tolist() == [2, 3]
    assert strongest[[2, 3]].tolist() == [3.5, 3.1]


def test_one_of_sixteen_cells_puts_test_digit_40_right_and_the_slopes_point_at_row_4_column_3():
    shown = FollowThePixel(example=[each["number"] for each in FollowThePixel().examples].index(40))
    image = np.array(shown.image)
    assert (shown.examples[shown.example]["label"], shown.target) == (4, 6)

    def logits(cell, ink):
        changed = image.copy()
        changed[cell] = ink
        return drawn(changed).values["logits"].ravel()

    def gained(cell):
        before, after = (values[4] - values[6] for values in (shown.values["logits"].ravel(), logits(cell, 0.0)))
        return round(float(after - before), 1)

    lead = np.subtract(*shown.values["logits"].ravel()[[6, 4]])
    assert round(float(lead), 1) == 3.8
    assert sum(4 in (logits(cell, 0.0).argmax(), logits(cell, 1.0).argmax()) for cell in np.ndindex(8, 8)) == 16
    for_four, for_six = (shown.slopes("logits", (label, 0, 0))["input"][0] for label in (4, 6))
    promised = np.where(for_four > for_six, 1 - image, image) * np.abs(for_four - for_six)
    assert np.unravel_index(promised.argmax(), (8, 8)) == (4, 3)
    assert (round(promised[4, 3], 1), gained((4, 3)), logits((4, 3), 0.0).argmax()) == (9.9, 6.1, 4)
    assert (round(promised[5, 5], 1), gained((5, 5)), logits((5, 5), 0.0).argmax()) == (6.7, 2.2, 6)
