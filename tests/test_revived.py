"""The network of 2016: what chapter 18 shows is what was measured, and PyTorch computes the same from the same weights."""

import json
import re
import statistics
import sys
from pathlib import Path

import numpy as np
import pytest
from idx_files import publish, small_set

import cnnlib
from cnnlib import nn

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import revived  # noqa: E402


@pytest.fixture(scope="module")
def stored():
    return json.loads(revived.RESULT.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def cells():
    """The chapter's code cells by their keys."""
    text = (ROOT / "notebooks" / "source" / "18_a_2016_network_revived.md").read_text(encoding="utf-8")
    return dict(re.findall(r'^```python key="([\w-]+)"[^\n]*\n(.*?)^```', text, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def chapter(cells):
    """The names that the chapter's cells define: its network, its start, its digits and its recipe."""
    digits = cnnlib.load_digits()
    shown = {"cnnlib": cnnlib, "np": np, "nn": nn, "labels": digits.train_labels}
    for key in ("network", "enlarge", "start", "held-back"):
        exec(cells[key].replace("model = network(rng)", ""), shown)
    shown["images"] = shown["enlarge"](digits.train_images)
    exec(cells["recipe"], shown)
    for key in ("torch-twin", "torch-compare"):
        shown[key] = cells[key]
    return shown


def test_the_stored_accuracies_belong_to_the_settings_as_they_are_now(stored):
    assert stored["settings"] == revived.settings()
    assert stored["test_digits"] == len(cnnlib.load_digits().test_labels)


def test_the_stored_means_and_spreads_are_those_of_the_stored_seeds(stored):
    assert set(stored["accuracy"]) == set(revived.NETS)
    for splits in stored["accuracy"].values():
        for found in splits.values():
            assert len(found["accuracy"]) == len(stored["seeds"]) == 5
            assert found["mean"] == pytest.approx(statistics.mean(found["accuracy"]), abs=1e-3)
            assert found["spread"] == pytest.approx(statistics.stdev(found["accuracy"]), abs=1e-3)


@pytest.mark.parametrize("zipped", [True, False])
def test_chapter_18_takes_mnist_from_a_folder_that_is_named(cells, tmp_path, monkeypatch, capsys, zipped):
    train_images, train_labels, test_images, test_labels = small_set(tmp_path, zipped)
    publish(monkeypatch, tmp_path)
    shown = {"cnnlib": cnnlib}
    exec(cells["data"].replace("None  #", f"{str(tmp_path)!r}  #"), shown)
    np.testing.assert_allclose(shown["images"][:, 0], train_images / 255, rtol=1e-6)
    np.testing.assert_allclose(shown["test"][0][:, 0], test_images / 255, rtol=1e-6)
    assert (shown["labels"].tolist(), shown["test"][1].tolist()) == (train_labels.tolist(), test_labels.tolist())
    assert capsys.readouterr().out.startswith("MNIST: ")


def test_chapter_18_says_which_files_a_named_folder_lacks_and_takes_no_other_digits_in_silence(cells, tmp_path):
    with pytest.raises(FileNotFoundError, match="has no train-images-idx3-ubyte, train-labels-idx1-ubyte"):
        exec(cells["data"].replace("None  #", f"{str(tmp_path)!r}  #"), {"cnnlib": cnnlib})


def test_what_chapter_18_says_of_the_five_seeds_is_what_they_show(stored):
    of = lambda net, split: stored["accuracy"][net][split]
    ahead = {
        split: sum(map(np.greater, of("revived", split)["accuracy"], of("comment", split)["accuracy"])) for split in ("random", "order")
    }
    assert ahead["random"] == 5
    assert ahead["order"] < 5
    assert abs(of("revived", "order")["mean"] - of("comment", "order")["mean"]) < of("revived", "order")["spread"]
    assert of("revived", "random")["mean"] > of("restarted", "random")["mean"]
    assert of("revived", "order")["mean"] < of("restarted", "order")["mean"]
    for net in revived.NETS:
        assert of(net, "random")["mean"] - of(net, "order")["mean"] > 3
        assert of(net, "random")["mean"] > 96


def test_chapter_18_shows_the_very_training_that_was_measured(chapter, monkeypatch):
    calls = []
    monkeypatch.setattr(revived, "fit", lambda model, x, labels, **options: calls.append((model, x, labels, options)))
    revived.train(cnnlib.load_digits(), 0)
    model, x, labels, options = calls[0]
    assert repr(chapter["model"]) == repr(model)
    for name, array in model.parameters().items():
        np.testing.assert_array_equal(chapter["model"].parameters()[name], array)
    np.testing.assert_array_equal(chapter["training"][0], x)
    np.testing.assert_array_equal(chapter["training"][1], labels)
    np.testing.assert_array_equal(chapter["held_back"][0], options["validation_data"][0])
    recipe = chapter["recipe"]
    assert (recipe["epochs"], recipe["batch_size"]) == (options["epochs"], options["batch_size"])
    assert repr(recipe["optimizer"]) == repr(options["optimizer"])
    assert [recipe["schedule"](epoch) for epoch in range(40)] == [options["schedule"](epoch) for epoch in range(40)]


@pytest.mark.slow
def test_a_training_comes_near_the_stored_figure(stored):
    """Floating point differs between processors, so the band is wide; a broken layer, start or schedule falls out of it."""
    digits = cnnlib.load_digits()
    model, history = revived.train(digits, 0, epochs=20, progress=False)
    assert history.epochs == 20
    accuracy = cnnlib.evaluate(model, revived.enlarge(digits.test_images), digits.test_labels)[1]
    assert abs(100 * accuracy - stored["accuracy"]["revived"]["random"]["mean"]) < 3


def test_enlarged_digits_hold_every_cell_nine_times_and_nothing_else():
    images = cnnlib.load_digits().test_images[:5]
    large = revived.enlarge(images)
    assert large.shape == (5, 1, 28, 28)
    assert large.dtype == images.dtype
    for u, v in np.ndindex(3, 3):
        np.testing.assert_array_equal(large[:, :, 2 + u : 26 : 3, 2 + v : 26 : 3], images)
    assert large.sum() == pytest.approx(9 * images.sum())


def comparison(torch, chapter, count=60):
    """The names of the chapter's PyTorch cells, run, and some digits to compare with."""
    shown = {**chapter, "torch": torch, "test": (chapter["images"][:count], chapter["labels"][:count])}
    for key in ("torch-twin", "torch-compare"):
        exec(chapter[key], shown)
    return shown


def double_twin(torch, shown, model):
    """The chapter's twin in float64, with exactly the weights of a float64 model."""
    twin = shown["twin_of"](model).double()
    twin.load_state_dict({name: torch.tensor(array) for name, array in model.state_dict().items()})
    return twin


@pytest.mark.requires_torch
def test_the_same_weights_give_the_same_outputs_and_gradients_in_pytorch(torch, chapter):
    shown = comparison(torch, chapter)
    model = revived.network(np.random.default_rng(7))
    outputs, gradients = shown["largest_differences"](model, *shown["test"])
    assert outputs < 2e-5
    assert gradients < 2e-6


@pytest.mark.requires_torch
def test_in_64_bits_the_differences_are_below_what_the_chapter_promises(torch, chapter):
    shown = comparison(torch, chapter)
    model = revived.network(np.random.default_rng(7)).astype("float64")
    twin = double_twin(torch, shown, model)
    shown["twin_of"] = lambda net: twin
    x, labels = shown["test"]
    assert max(shown["largest_differences"](model, x.astype("float64"), labels)) < 1e-10


@pytest.mark.requires_torch
def test_three_steps_of_the_optimiser_of_2016_lead_to_the_same_weights_in_pytorch(torch, chapter):
    shown = comparison(torch, chapter)
    model = revived.network(np.random.default_rng(7)).astype("float64")
    twin = double_twin(torch, shown, model)
    x, labels = shown["test"][0].astype("float64"), shown["test"][1]
    ours = cnnlib.SGD(revived.LR, momentum=0.9, nesterov=True)
    theirs = torch.optim.SGD(twin.parameters(), revived.LR, momentum=0.9, nesterov=True)
    for _ in range(3):
        model.backward(cnnlib.cross_entropy_backward(model(x), labels))
        ours.step(model)
        theirs.zero_grad()
        torch.nn.functional.cross_entropy(twin(torch.tensor(x)), torch.tensor(labels)).backward()
        theirs.step()
    for name, array in twin.named_parameters():
        np.testing.assert_allclose(model.parameters()[name], array.detach().numpy(), atol=1e-12, rtol=1e-9)
