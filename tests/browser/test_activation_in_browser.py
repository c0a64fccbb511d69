"""The activation explorer: the browser's values, slopes and sentences are Python's, and its keys work in a real notebook."""

import itertools
import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.widgets import ActivationExplorer
from cnnlib.widgets.activation import NAMES, clipped, limits
from cnnlib.widgets.bundle import bundle

GRID = [round(0.05 * at, 2) for at in range(-120, 121)]


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("activation.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_state(rng):
    return dict(
        activation=rng.choice(NAMES), compare=rng.choice(("none", *NAMES)), x=rng.choice((0, 0, rng.randint(-60, 60) / 10)),
        negative_slope=rng.randint(0, 100) / 100, alpha=rng.randint(1, 30) / 10, beta=rng.randint(5, 100) / 10,
        approximate=rng.choice(("none", "tanh")),
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_values_and_slopes_are_cnnlibs_on_a_grid(module, name):
    for alpha, beta, negative_slope, approximate in itertools.product((0.1, 1, 2.5), (0.5, 1, 10), (0, 0.3), ("none", "tanh")):
        options = dict(alpha=alpha, beta=beta, negative_slope=negative_slope, approximate=approximate)
        widget = ActivationExplorer(**options)
        expression = f"[m.activationValue, m.activationSlope].map(f => a[1].map(x => f('{name}', x, a[0])))"
        values, slopes = module(expression, [options, GRID])
        np.testing.assert_allclose(np.array(values, dtype=float), widget.values(name, GRID), rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(np.array(slopes, dtype=float), widget.slopes(name, GRID), rtol=1e-11, atol=1e-13)


def test_every_sentence_is_pythons(module):
    rng = random.Random(7)
    states = [random_state(rng) for _ in range(400)]
    expression = "a.map(state => [m.activationSentence(state), m.shownNames(state), m.kinkOf(state.activation, state)])"
    kinks = 0
    for state, (said, names, kink) in zip(states, module(expression, states), strict=True):
        widget = ActivationExplorer(**state)
        kinks += "kink" in said
        assert (said, names) == (widget.sentence, widget.names)
        assert kink == (None if widget.kink(state["activation"]) is None else list(widget.kink(state["activation"])))
    assert kinks >= 40


def test_tangents_and_limits_are_pythons(module):
    rng = random.Random(8)
    for _ in range(100):
        x, y, slope = rng.uniform(-6, 6), rng.uniform(-1, 2), rng.choice((0, rng.uniform(-2, 2)))
        values = [rng.uniform(-4, 6) for _ in range(3)]
        ends, bounds = module("[m.tangentEnds(a[0], a[1], a[2], [-2, 3]), m.chartLimits(a[3])]", [x, y, slope, values])
        np.testing.assert_allclose(np.array(ends, dtype=float), clipped(x, y, slope, (-2, 3)), atol=1e-12)
        assert bounds == pytest.approx(limits(values))


def test_keys_pointer_and_python_lead_to_the_same_picture(open_notebook):
    notebook = open_notebook(
        "activation.ipynb", "from cnnlib.widgets import ActivationExplorer\nexplorer = ActivationExplorer(x=0.2)\nexplorer"
    )
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-chart=value]")
    chart = page.locator("[data-chart=value]")
    chart.focus()
    for key in ("ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(explorer.x == 0)") == "True"
    assert "a kink: slope 0 from the left" in chart.get_attribute("aria-label")
    for key in ("End", "PageDown", "Home", "ArrowRight"):
        page.keyboard.press(key)
        animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(explorer.x)") == "-5.9"
    box = chart.bounding_box()
    page.mouse.click(box["x"] + box["width"] * (46 + 382 * 0.75) / 440, box["y"] + box["height"] / 2)
    animation_frames(page)
    notebook.await_idle()
    assert abs(float(notebook.python("print(explorer.x)")) - 3) <= 0.1
    notebook.python("explorer.activation = 'softplus'; explorer.compare = 'elu'; explorer.x = -1")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('softplus(−1)')")
    assert page.locator(".cnn-said").text_content() == notebook.python("print(explorer.sentence)")
    assert [page.locator(f"[data-key={key}]").is_visible() for key in ("alpha", "beta", "negative_slope", "approximate")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert notebook.complaints() == []
