"""The depth explorer: the browser draws the numbers that Python draws, and its keys, its pointer and Python lead to the same picture."""

import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.widgets import DepthScaleExplorer
from cnnlib.widgets import depth_scale as own
from cnnlib.widgets.bundle import bundle


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("depth_scale.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_states(number):
    """States of all kinds: every rule and activation, with and without batch norm."""
    rng = random.Random(15)
    for _ in range(number):
        depth = rng.randint(1, 40)
        yield dict(
            activation=rng.choice(own.ACTIVATIONS), rule=rng.choice(tuple(own.RULES)),
            gain=rng.randint(2, 60) / 20, width=rng.choice((4, 7, 16, 33)), depth=depth,
            batch_norm=rng.random() < 0.5, seed=rng.randint(0, 9), layer=rng.randint(0, depth),
        )  # fmt: skip


def test_uniform_numbers_are_the_same_bits_and_normal_ones_the_same_to_twelve_digits(module):
    for seed in (0, 1, 9):
        assert module("[...m.uniforms(a, 500)]", seed) == own.uniforms(seed, 500).tolist()
        np.testing.assert_allclose(module("[...m.normals(a, 501)]", seed), own.normals(seed, 501), rtol=1e-12, atol=1e-14)


def test_predicted_and_measured_scales_are_pythons(module):
    states = list(random_states(60))
    expression = "a.map(state => [m.predictedScales(state, m.ruleGain(state)), m.measuredScales(state, m.ruleGain(state))])"
    for state, (line, dots) in zip(states, module(expression, states), strict=True):
        widget = DepthScaleExplorer(**state)
        np.testing.assert_allclose(np.array(line, dtype=float), widget.predicted, rtol=1e-9)
        np.testing.assert_allclose(np.array(dots, dtype=float), widget.measured, rtol=1e-7)


def test_every_sentence_and_every_range_of_powers_is_pythons(module):
    states = list(random_states(60))
    found = "[m.predictedScales(state, m.ruleGain(state)), m.measuredScales(state, m.ruleGain(state))]"
    expression = f"a.map(state => {{ const found = {found}; return [m.depthSentence(state, ...found), m.powersOfTen(found.flat())]; }})"
    for state, (said, powers) in zip(states, module(expression, states), strict=True):
        widget = DepthScaleExplorer(**state)
        assert said == widget.sentence
        assert tuple(powers) == own.powers([*widget.predicted, *widget.measured])


def test_keys_pointer_and_python_lead_to_the_same_picture(open_notebook):
    cell = "from cnnlib.widgets import DepthScaleExplorer\nexplorer = DepthScaleExplorer(depth=12, layer=3)\nexplorer"
    notebook = open_notebook("depth.ipynb", cell)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-chart=signal]")
    said = page.locator(".cnn-said")

    def agree():
        """What the page says is what Python says."""
        animation_frames(page)
        notebook.await_idle()
        assert said.text_content() == notebook.python("print(explorer.sentence)")

    chart = page.locator("[data-chart=gradient]")
    chart.focus()
    for key, layer in (("ArrowRight", 4), ("PageUp", 9), ("End", 12), ("ArrowRight", 12), ("Home", 0), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        agree()
        assert notebook.python("print(explorer.layer)") == str(layer)
    box = chart.bounding_box()
    page.mouse.click(box["x"] + box["width"] * (54 + 374 * 0.5) / 440, box["y"] + box["height"] / 2)
    agree()
    assert notebook.python("print(explorer.layer)") == "6"
    assert page.locator("[data-chart=signal] circle").count() == 13
    assert "After layer 6 of 12" in chart.get_attribute("aria-label")
    assert not page.locator("[data-key=gain]").is_visible()
    page.locator("[data-key=rule] select").select_option("own")
    page.locator("[data-key=batch_norm] input").check()
    agree()
    assert page.locator("[data-key=gain]").is_visible()
    notebook.python("explorer.depth = 5; explorer.activation = 'tanh'; explorer.batch_norm = False; explorer.gain = 2.5")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.includes('After layer 5 of 5')")
    agree()
    assert notebook.complaints() == []
