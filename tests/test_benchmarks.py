"""The figures that the book quotes were measured with the settings that the book shows, and reach what it promises."""

import json
import re
import statistics
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import recipes  # noqa: E402

import cnnlib  # noqa: E402
from cnnlib import Dropout, evaluate, load_digits  # noqa: E402
from cnnlib.results import stored_result  # noqa: E402


@pytest.fixture(scope="module")
def stored():
    return json.loads((BENCHMARKS / "results" / "digits.json").read_text(encoding="utf-8"))


def test_the_stored_accuracies_belong_to_the_recipes_as_they_are_now(stored):
    assert stored["settings"] == recipes.settings()
    digits = load_digits()
    assert (stored["training_digits"], stored["test_digits"]) == (len(digits.train_labels), len(digits.test_labels))


def test_the_stored_means_and_spreads_are_those_of_the_stored_seeds(stored):
    for splits in stored["accuracy"].values():
        for found in splits.values():
            assert len(found["accuracy"]) == len(stored["seeds"]) == 5
            assert found["mean"] == pytest.approx(statistics.mean(found["accuracy"]), abs=1e-3)
            assert found["spread"] == pytest.approx(statistics.stdev(found["accuracy"]), abs=1e-3)


def test_every_stored_accuracy_is_a_whole_number_of_test_digits(stored):
    for splits in stored["accuracy"].values():
        for found in splits.values():
            for accuracy in found["accuracy"]:
                right = accuracy / 100 * stored["test_digits"]
                assert right == pytest.approx(round(right), abs=1e-3)


@pytest.mark.parametrize(("recipe", "split", "least"), [
    ("plain", "random", 97.5), ("full", "random", 99.0), ("plain", "order", 94.0), ("full", "order", 97.0),
])  # fmt: skip
def test_the_recipes_reach_what_chapter_17_promises(stored, recipe, split, least):
    assert stored["accuracy"][recipe][split]["mean"] >= least


def test_the_recipes_differ_in_shifts_schedule_and_dropout_alone(monkeypatch):
    calls = []
    monkeypatch.setattr(recipes, "fit", lambda model, x, labels, **options: calls.append((model, options)))
    digits = load_digits()
    recipes.train_plain(digits, 0)
    recipes.train_full(digits, 0)
    (plain, plain_options), (full, full_options) = calls
    assert set(full_options) - set(plain_options) == {"augment", "schedule"}
    assert {name: repr(plain_options[name]) for name in ("epochs", "batch_size", "optimizer")} == {
        name: repr(full_options[name]) for name in ("epochs", "batch_size", "optimizer")
    }
    assert [repr(layer) for layer in full if not isinstance(layer, Dropout)] == [repr(layer) for layer in plain]


@pytest.mark.slow
def test_a_short_plain_training_comes_near_the_stored_figure(monkeypatch, stored):
    """Floating point differs between processors, so the band is wide; a broken layer, optimizer or split falls out of it."""
    monkeypatch.setattr(recipes, "EPOCHS", 8)
    digits = load_digits()
    model, history = recipes.train_plain(digits, 0, progress=False)
    assert history.epochs == 8
    assert abs(100 * evaluate(model, digits.test_images, digits.test_labels)[1] - stored["accuracy"]["plain"]["random"]["mean"]) < 3


def chapter_cells():
    """The code cells of chapter 17, by key."""
    text = (BENCHMARKS.parent / "notebooks" / "source" / "17_train_a_small_net.md").read_text(encoding="utf-8")
    return dict(re.findall(r'^```python key="([\w-]+)"[^\n]*\n(.*?)^```', text, re.DOTALL | re.MULTILINE))


def test_chapter_17_shows_the_very_recipe_that_was_measured(monkeypatch):
    shown = {"cnnlib": cnnlib, "np": np}
    for key in ("recipe", "fresh-net"):
        exec(chapter_cells()[key], shown)
    calls = []
    monkeypatch.setattr(recipes, "fit", lambda model, x, labels, **options: calls.append((model, options)))
    digits = load_digits()
    recipes.train_full(digits, 0)
    model, measured = calls[0]
    recipe = shown["recipe"]
    assert {*recipe} | {"rng"} == {*measured}
    assert repr(shown["model"]) == repr(model)
    assert repr(recipe["optimizer"]) == repr(measured["optimizer"])
    assert (recipe["epochs"], recipe["batch_size"]) == (measured["epochs"], measured["batch_size"])
    assert [recipe["schedule"](epoch) for epoch in range(80)] == [measured["schedule"](epoch) for epoch in range(80)]
    batch = digits.train_images[:20]
    np.testing.assert_array_equal(recipe["augment"](batch, np.random.default_rng(0)), measured["augment"](batch, np.random.default_rng(0)))


def test_results_are_found_by_name_and_an_unknown_name_is_told_what_there_is():
    assert stored_result("digits")["seeds"] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match=r'name="digit" is no stored result. Stored are (\w+, )*digits, (\w+, )*speed;'):
        stored_result("digit")
