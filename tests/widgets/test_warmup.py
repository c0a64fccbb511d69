"""The warm-up of chapter 00 without a browser."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib.widgets import WeightAndBias


@pytest.mark.parametrize("weight", range(-3, 4))
@pytest.mark.parametrize("bias", [-9, -1, 0, 4, 9])
def test_every_cell_is_multiplied_by_the_weight_and_shifted_by_the_bias(weight, bias):
    warm_up = WeightAndBias(weight=weight, bias=bias)
    np.testing.assert_array_equal(warm_up.output, [[weight * x + bias for x in row] for row in warm_up.image])
    assert warm_up.sentence.endswith(f"= {weight * 9 + bias}".replace("-", "−"))
    numbers = "; ".join(" ".join(str(weight * x + bias) for x in row) for row in warm_up.image).replace("-", "−")
    assert numbers in warm_up.description


def test_the_static_picture_shows_every_number_of_the_result():
    warm_up = WeightAndBias(weight=-1, bias=9, image=[[1, 2, 3], [4, 5, 6]])
    texts = [node.text for node in ElementTree.fromstring(warm_up.static_svg()).iter() if node.tag.endswith("text")]
    for number in ("8", "7", "6", "5", "4", "3"):
        assert number in texts
    assert repr(warm_up) == "WeightAndBias(weight=-1, bias=9)"


@pytest.mark.parametrize("setting", [{"weight": 4}, {"weight": -4}, {"bias": 10}, {"weight": 0.5}, {"image": [[1, 2], [3]]}])
def test_a_setting_outside_the_sliders_is_refused(setting):
    with pytest.raises(TraitError):
        WeightAndBias(**setting)
