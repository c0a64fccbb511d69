"""A dense layer, softmax and cross-entropy learn the digits: what chapter 09 says of its trained numbers, with a tolerance."""

import functools

import numpy as np
import pytest

import cnnlib


@functools.cache
def scores_and_labels(smoothing):
    """The chapter's training: 300 steps of the whole training set, from zero weights. Returns test logits and test labels."""
    digits = cnnlib.load_digits()
    x, x_test = (part.reshape(len(part), -1).astype(float) for part in (digits.train_images, digits.test_images))
    w, b = np.zeros((10, 64)), np.zeros(10)
    for _ in range(300):
        dz = cnnlib.cross_entropy_backward(cnnlib.linear(x, w, b), digits.train_labels, label_smoothing=smoothing)
        _, dw, db = cnnlib.linear_backward(dz, x, w)
        w, b = w - dw, b - db
    return cnnlib.linear(x_test, w, b), digits.test_labels


def confidence(z):
    return cnnlib.softmax(z).max(axis=1).mean()


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_dense_layer_alone_names_about_nineteen_digits_of_twenty_and_is_less_sure_than_right(smoothing):
    z, labels = scores_and_labels(smoothing)
    accuracy = (z.argmax(axis=1) == labels).mean()
    assert accuracy == pytest.approx(0.954, abs=0.015)
    assert confidence(z) < accuracy - 0.03


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_temperature_below_one_lowers_the_loss_and_lifts_the_confidence_to_the_accuracy(smoothing):
    z, labels = scores_and_labels(smoothing)
    temperatures = np.arange(0.2, 2.0, 0.05)
    best = temperatures[np.argmin([cnnlib.cross_entropy(z / T, labels) for T in temperatures])]
    assert 0.3 <= best <= 0.75
    assert confidence(z / best) == pytest.approx((z.argmax(axis=1) == labels).mean(), abs=0.03)


def test_label_smoothing_makes_the_classifier_less_sure():
    assert confidence(scores_and_labels(0.1)[0]) < confidence(scores_and_labels(0.0)[0]) - 0.05
