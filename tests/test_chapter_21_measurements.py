"""The figures that chapter 21 quotes were measured with the nets that the chapter shows."""

import re
import statistics
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import capstone  # noqa: E402

import cnnlib  # noqa: E402
from cnnlib import load_digits  # noqa: E402
from cnnlib.results import stored_result  # noqa: E402


@pytest.fixture(scope="module")
def stored():
    return stored_result("capstone")


def measured(stored):
    """All sets of accuracies, each with the number of digits that it was measured on."""
    for found in stored["designs"].values():
        yield found["validation"], stored["validation_digits"]
        yield found["test"], stored["test_digits"]
    for found in stored["lenet"].values():
        yield found["test"], stored["test_digits"]


def test_the_stored_settings_and_sizes_are_those_of_the_script_now(stored):
    assert stored["settings"] == capstone.settings()
    digits = load_digits("order")
    assert (stored["training_digits"], stored["test_digits"]) == (len(digits.train_labels), len(digits.test_labels))
    for name, build in capstone.DESIGNS.items():
        width = capstone.widest(build)
        table = build(width, 0).summary(capstone.SHAPE)
        found = stored["designs"][name]
        assert (found["width"], found["parameters"], found["multiply_adds"]) == (width, table.parameters, table.multiply_adds)
        assert capstone.within(table)
        assert not capstone.within(build(width + 1, 0).summary(capstone.SHAPE))


def test_means_and_spreads_are_those_of_the_seeds_and_accuracies_are_whole_digits(stored):
    for found, digits in measured(stored):
        assert len(found["accuracy"]) == len(stored["seeds"]) == 5
        assert found["mean"] == pytest.approx(statistics.mean(found["accuracy"]), abs=1e-3)
        assert found["spread"] == pytest.approx(statistics.stdev(found["accuracy"]), abs=1e-3)
        for accuracy in found["accuracy"]:
            assert accuracy / 100 * digits == pytest.approx(round(accuracy / 100 * digits), abs=1e-3)


def test_the_chapter_shows_the_very_designs_that_were_measured(stored):
    text = (ROOT / "notebooks" / "source" / "21_capstone.md").read_text(encoding="utf-8")
    cells = dict(re.findall(r'^```python key="([\w-]+)"[^\n]*\n(.*?)^```', text, re.DOTALL | re.MULTILINE))
    shown = {"cnnlib": cnnlib, "np": np}
    for key in ("family", "budget", "other-designs", "separable-design", "four-designs"):
        exec(cells[key], shown)
    assert {"parameters": shown["PARAMETERS"], "multiply_adds": shown["MULTIPLY_ADDS"]} == stored["budget"]
    assert shown["designs"].keys() == stored["designs"].keys()
    for name, build in shown["designs"].items():
        assert repr(build(shown["widest"](build))) == stored["settings"]["nets"][name]


def test_what_the_chapter_says_of_the_designs_is_in_the_figures(stored):
    designs = {name: found["test"]["mean"] for name, found in stored["designs"].items()}
    widest_spread = max(found["test"]["spread"] for found in stored["designs"].values())
    convolutional = [mean for name, mean in designs.items() if name != "dense"]
    assert min(convolutional) - designs["dense"] > 3 * widest_spread
    assert max(convolutional) - min(convolutional) < widest_spread
    assert all(found["test"]["mean"] < found["validation"]["mean"] for found in stored["designs"].values())
    ranked = sorted(stored["designs"].values(), key=lambda found: -found["validation"]["mean"])
    assert abs(ranked[0]["test"]["mean"] - ranked[1]["test"]["mean"]) < 100 / stored["test_digits"]


def test_digits_enlarged_for_lenet_keep_every_cell():
    images = load_digits().test_images[:4]
    enlarged = capstone.enlarged(images)
    assert enlarged.shape == (4, 1, 32, 32)
    np.testing.assert_array_equal(enlarged[:, :, 4:28:3, 4:28:3], images)
    assert enlarged.sum() == pytest.approx(9 * images.sum(), rel=1e-5)
