"""The stored small net is the one that its script trains, loads everywhere, and reads as many digits as its record says."""

import sys
from pathlib import Path

import numpy as np
import pytest

from cnnlib import evaluate, load_digits
from cnnlib import learned as learned_module
from cnnlib.learned import learned_net, untrained_net
from cnnlib.results import stored_file, stored_result

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import learned_net as script  # noqa: E402


@pytest.fixture(scope="module")
def stored():
    return stored_result("learned_net")


def test_the_stored_net_has_the_accuracies_and_settings_of_its_record(stored):
    assert script.record(learned_net()) | {"versions": None} == stored | {"versions": None}
    assert repr(learned_net()) == stored["settings"]["net"]


def test_the_weights_are_small_and_keep_their_values_in_float64():
    assert stored_file(learned_module.WEIGHTS).stat().st_size < 100_000
    for name, values in learned_net("float32").state_dict().items():
        assert values.dtype == np.float32
        np.testing.assert_array_equal(learned_net().state_dict()[name], values)
    assert untrained_net(0).summary((1, 8, 8)).parameters == 666


def test_missing_weights_are_told_with_the_command_that_makes_them(monkeypatch):
    monkeypatch.setattr(learned_module, "WEIGHTS", "nowhere.npz")
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz is missing\. Run: python benchmarks/learned_net\.py"):
        learned_net()


def test_a_short_training_leads_a_good_part_of_the_way(stored):
    """Eight epochs are no forty, and floating point differs between processors; a broken layer or optimizer stays far below."""
    digits = load_digits()
    accuracy = 100 * evaluate(script.train(epochs=8), digits.test_images, digits.test_labels)[1]
    assert 80 < accuracy < stored["accuracy"]["test"]


@pytest.mark.slow
def test_the_whole_training_leads_to_the_stored_accuracy(stored):
    digits = load_digits()
    accuracy = 100 * evaluate(script.train(), digits.test_images, digits.test_labels)[1]
    assert abs(accuracy - stored["accuracy"]["test"]) < 2
