"""Chapter 0: the answers below its "Try this" list, one test for each item."""

import itertools

import numpy as np

from cnnlib.exercises import check
from cnnlib.widgets import WeightAndBias


def test_with_weight_0_every_cell_is_the_bias():
    for bias in (0, 5):
        assert np.unique(WeightAndBias(weight=0, bias=bias).output).tolist() == [bias]


def test_one_pair_alone_exchanges_black_and_white_and_it_is_the_answer_of_the_exercise():
    picture = np.array(WeightAndBias().image)
    ends = [picture == 0, picture == 9]
    outputs = {pair: WeightAndBias(weight=pair[0], bias=pair[1]).output for pair in itertools.product(range(-3, 4), range(-9, 10))}
    exchanging = [pair for pair, y in outputs.items() if (y[ends[0]] == 9).all() and (y[ends[1]] == 0).all()]
    assert len(exchanging) == 1
    assert 0 <= outputs[exchanging[0]].min() <= outputs[exchanging[0]].max() <= 9
    assert check("negative", exchanging[0]).passed


def test_with_weight_2_the_cells_stay_18_apart_whatever_the_bias():
    first = WeightAndBias(weight=2).output
    assert (first.min(), first.max()) == (0, 18)
    assert {np.ptp(WeightAndBias(weight=2, bias=bias).output) for bias in range(-9, 10)} == {18}
