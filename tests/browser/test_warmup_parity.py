"""The browser's arithmetic of the warm-up and of the monitor's sentence equals Python's."""

import numpy as np
import pytest

from cnnlib.widgets import WeightAndBias
from cnnlib.widgets.bundle import bundle

LOAD = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"


def test_the_warm_up_computes_and_says_what_python_computes_and_says(page):
    page.evaluate(LOAD, bundle("warmup.js"))
    for weight in range(-3, 4):
        for bias in range(-9, 10):
            python = WeightAndBias(weight=weight, bias=bias)
            state = {"image": [list(row) for row in python.image], "weight": weight, "bias": bias}
            np.testing.assert_array_equal(page.evaluate("state => m.weighted(state)", state), python.output)
            assert page.evaluate("state => m.arithmetic(state, [3, 3])", state) == python.sentence
    assert page.complaints == []


@pytest.mark.parametrize("accuracy", [[], [[1, 0.5, None]], [[1, 0.5, 0.25], [2, 0.875, 0.75]]])
def test_the_monitor_says_its_last_numbers(page, accuracy):
    page.evaluate(LOAD, bundle("monitor.js"))
    state = {"status": "running", "step": 45, "epoch": len(accuracy), "loss": [[1, 2.5], [45, 0.1234]], "accuracy": accuracy}
    words = page.evaluate("state => m.summary(state)", state)
    assert words.startswith(f"Training: step 45, {len(accuracy)} epochs done, loss 0.123")
    shares = dict(zip(("training", "validation"), accuracy[-1][1:] if accuracy else (None, None), strict=True))
    for name, share in shares.items():
        assert (name in words) == (share is not None)
        assert share is None or f"{name} accuracy {100 * share:.1f} %" in words
    assert page.complaints == []
