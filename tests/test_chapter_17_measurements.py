"""What chapter 17 says about its measurements is what the stored measurements say, and they belong to the scripts as they are now."""

import statistics
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import ladder
import regularisation

from cnnlib import claims, load_digits
from cnnlib.nn.history import History
from cnnlib.results import stored_result

FEW = stored_result("regularisation")["few_images"]
NETS = stored_result("ladder")["accuracy"]
MIRRORS = ("mirrors left-right", "mirrors top-bottom")


def summaries(record):
    """All summaries over seeds in a record, however deep."""
    if isinstance(record, dict):
        if {"accuracy", "mean", "spread"} <= set(record):
            yield record
        else:
            for value in record.values():
                yield from summaries(value)


def paired(name, other="nothing"):
    """The mean difference over the seeds, and its standard error."""
    difference = np.subtract(FEW[name]["accuracy"], FEW[other]["accuracy"])
    return difference.mean(), difference.std(ddof=1) / np.sqrt(len(difference))


@pytest.mark.parametrize("script", [regularisation, ladder])
def test_the_record_belongs_to_the_script_as_it_is_now(script):
    assert stored_result(script.__name__)["settings"] == script.settings()


@pytest.mark.parametrize("name", ["regularisation", "ladder"])
def test_means_and_spreads_are_those_of_the_stored_seeds(name):
    found = list(summaries(stored_result(name)))
    assert len(found) >= 15
    for each in found:
        assert len(each["accuracy"]) >= 5
        assert each["mean"] == pytest.approx(statistics.mean(each["accuracy"]), abs=1e-3)
        assert each["spread"] == pytest.approx(statistics.stdev(each["accuracy"]), abs=1e-3)


def test_all_recipes_and_nets_are_in_the_records():
    assert list(FEW) == list(regularisation.RECIPES)
    assert {name: ladder.count(build(0)) for name, build in ladder.ladder().items()} == stored_result("ladder")["parameters"]


def test_the_two_budgets_are_met_within_a_twentieth():
    parameters = stored_result("ladder")["parameters"]
    assert abs(parameters["large dense"] - parameters["large convolutional"]) <= 1
    small = [parameters[name] for name in ("linear", "small dense", "small convolutional")]
    assert max(small) / min(small) < 1.06


@pytest.mark.parametrize("name", ["weight decay 0.001", "dropout 0.25", "dropout 0.5", "dropout 0.75", "shifts by 1 cell"])
def test_a_cure_gains_clearly(name):
    mean, error = paired(name)
    assert mean > 2 * error
    assert FEW[name]["loss_unseen"] < FEW["nothing"]["loss_unseen"]


def test_shifts_gain_most_in_the_mean_and_strong_dropout_cannot_be_told_apart_from_them():
    assert sorted(FEW, key=lambda name: -FEW[name]["mean"])[:2] == ["shifts by 1 cell", "dropout 0.75"]
    mean, error = paired("shifts by 1 cell", "dropout 0.75")
    assert 0 < mean < 2 * error


def test_shifts_and_dropout_together_have_learned_their_own_digits_least():
    alone = [name for name in FEW if name.startswith(("dropout", "shifts by"))]
    assert FEW["shifts and dropout 0.5"]["loss_learned"] > max(FEW[name]["loss_learned"] for name in alone)
    assert FEW["shifts and dropout 0.5"]["mean"] < FEW["shifts by 1 cell"]["mean"]


def test_early_stopping_lowers_the_loss_but_makes_no_more_answers_right():
    mean, error = paired("80 digits, early stopping", "80 digits")
    assert mean < 2 * error
    assert FEW["80 digits, early stopping"]["loss_unseen"] < FEW["80 digits"]["loss_unseen"]
    mean, error = paired("80 digits")
    assert mean < -2 * error


@pytest.mark.parametrize("name", MIRRORS)
def test_mirrors_hurt(name):
    mean, error = paired(name)
    assert mean < -2 * error
    everything = stored_result("regularisation")["all_images"]
    assert everything[name]["mean"] < everything["nothing"]["mean"] - 1


def test_nets_and_simple_readers_disagree_about_the_mirrored_9_alone():
    mirrored = stored_result("regularisation")["all_images"]["nothing"]["per_class"]["left-right"]
    simple = {label for label in range(10) if claims.CLAIMS["F30"].compare(digit=label)[1]}
    assert {label for label in range(10) if mirrored[label] > 50} ^ simple == {9}
    assert all(mirrored[label] < 10 for label in (3, 5, 6, 7))


@pytest.mark.parametrize("split", ["random", "order"])
def test_convolutional_nets_lead_at_equal_parameters(split):
    for training in ("plain", "shifts"):
        for judged in ("as they are", "moved"):
            at = {name: trainings[training][split][judged]["mean"] for name, trainings in NETS.items()}
            assert at["small convolutional"] > max(at["small dense"], at["linear"])
            assert at["large convolutional"] > at["large dense"]


def test_the_large_convolutional_net_alone_gains_on_both_from_shifts():
    better = [
        name
        for name, trainings in NETS.items()
        if all(
            trainings["shifts"]["order"][judged]["mean"] > trainings["plain"]["order"][judged]["mean"]
            for judged in ("as they are", "moved")
        )
    ]
    assert better == ["large convolutional"]


def test_digits_are_moved_into_each_of_eight_directions():
    image = np.zeros((1, 1, 5, 5))
    image[0, 0, 2, 2] = 1
    places = {tuple(map(int, np.argwhere(each[0])[0])) for each in ladder.moved(image)}
    assert places == {(i, j) for i in (1, 2, 3) for j in (1, 2, 3)} - {(2, 2)}


def test_the_digits_drawn_for_a_seed_are_of_the_right_class_and_nested():
    labels = load_digits().train_labels
    rows = regularisation.drawn(labels, np.random.default_rng(3))
    assert len(rows) == 10
    assert all((labels[row] == label).all() and len(set(row)) == len(row) for label, row in enumerate(rows))


def test_the_keeper_brings_back_the_weights_of_the_best_epoch():
    class Model:
        def __init__(self):
            self.w = np.zeros(1)

        def parameters(self):
            return {"w": self.w}

    model, losses = Model(), [0.9, 0.5, 0.7, 0.6, 0.4]
    keeper, history = regularisation.Keeper(model, 2), History()
    stopped = []
    for epoch, loss in enumerate(losses[:4]):
        model.w[...] = epoch
        history.validation_loss.append(loss)
        stopped.append(keeper(history))
    keeper.restore()
    assert stopped == [False, False, False, True]
    assert model.w == 1
