"""The step-size explorer: the browser's quotients, errors and sentences are Python's, and its keys work in a real notebook."""

import itertools
import random

import pytest
from harness import animation_frames

from cnnlib.widgets import StepSizeExplorer
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.stepsize import EPSILON, FUNCTIONS, clipped, limits, power_of, scientific, step_size

# Made of plus, minus and times alone, which every machine rounds alike; exp and sin may differ in the last digit.
EXACT = ("square", "cube", "relu")
STEPS = range(-150, 1)


@pytest.fixture
def module(page):
    """A function (expression, argument) that calls the widget's own module; `m` is the module, `a` the argument."""
    load = "async (text) => { window.m = await import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("stepsize.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def as_state(function, x, precision, tenths=-3):
    return {"function": function, "x": x, "log10_h": tenths / 10, "precision": precision}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_steps_quotients_errors_and_best_steps_are_pythons(module, function):
    assert module("a.map(m.stepSize)", list(STEPS)) == [step_size(tenths) for tenths in STEPS]
    for x, precision in itertools.product((-2, -0.7, 0, 0.1, 1.3), EPSILON):
        state = as_state(function, x, precision)
        widget = StepSizeExplorer(**state)
        curve, quotients, best = module(
            "[m.errorCurve(a[0]), a[1].map((at) => m.quotientsAt(a[0], m.stepSize(at))), m.bestSteps(a[0])]", [state, list(STEPS)]
        )
        expected = widget.error_curve()
        if function in EXACT:
            assert [tuple(row) for row in curve] == expected
            assert [tuple(each) for each in quotients] == [widget.quotients(step_size(tenths)) for tenths in STEPS]
        size = 1 + abs(widget.value(widget.point))
        for row, (tenths, *errors) in zip(curve, expected, strict=True):
            noise = 8 * EPSILON[precision] * size / step_size(tenths)
            assert row == [tenths, *(None if each is None else pytest.approx(each, abs=noise) for each in errors)]
        assert best == [None if each is None else pytest.approx(each, rel=1e-6) for each in widget.best_steps]


def test_every_sentence_is_pythons(module):
    rng = random.Random(12)
    states = [as_state(rng.choice(EXACT), rng.randint(-20, 20) / 10, rng.choice(list(EPSILON)), rng.randint(-150, 0)) for _ in range(300)]
    # Large steps, where a last digit of exp or sin is far below what the sentence tells.
    states += [as_state(rng.choice(list(FUNCTIONS)), rng.randint(1, 20) / 10, "float64", rng.randint(-20, 0)) for _ in range(200)]
    lost = 0
    for state, said in zip(states, module("a.map(m.stepSentence)", states), strict=True):
        lost += "lost" in said
        assert said == StepSizeExplorer(**state).sentence
    assert lost >= 10


def test_numbers_lines_and_limits_are_pythons(module):
    rng = random.Random(1)
    numbers = [0, 1.25, 9.96, *(rng.uniform(1, 10) * 10 ** rng.randint(-17, 2) for _ in range(200))]
    assert module("a.map(m.scientific)", numbers) == [scientific(number) for number in numbers]
    assert module("a.map(m.errorPower)", numbers) == pytest.approx([power_of(number) for number in numbers])
    for _ in range(100):
        x, y, slope = rng.uniform(-2, 2), rng.uniform(-2, 4), rng.choice((0, rng.uniform(-3, 3)))
        values = [rng.uniform(-4, 6) for _ in range(3)]
        ends, bounds = module("[m.lineEnds(a[0], a[1], a[2], [-2, 2], [-1, 3]), m.curveLimits(a[3])]", [x, y, slope, values])
        expected = clipped(x, y, slope, (-2, 2), (-1, 3))
        assert ends == (None if expected is None else [pytest.approx(list(end)) for end in expected])
        assert bounds == pytest.approx(limits(values))


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_keys_pointer_and_python_lead_to_the_same_picture(open_notebook, app):
    cell = "from cnnlib.widgets import StepSizeExplorer\nexplorer = StepSizeExplorer(function='cube', x=1, log10_h=-1)\nexplorer"
    notebook = open_notebook(f"stepsize-{app}.ipynb", cell, app=app)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-chart=error]")
    chart = page.locator("[data-chart=error]")
    chart.focus()
    for key in ("ArrowLeft", "PageDown", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(explorer.log10_h)") == "-2.1"
    assert "h = 7.9e-3" in chart.get_attribute("aria-label")
    chart.press("Home")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(explorer.log10_h == -15)") == "True"
    page.locator("[data-chart=function]").press("ArrowRight")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(explorer.x)") == "1.1"
    box = chart.bounding_box()
    page.mouse.click(box["x"] + box["width"] * (46 + 382 * 0.8) / 440, box["y"] + box["height"] / 2)
    animation_frames(page)
    notebook.await_idle()
    assert abs(float(notebook.python("print(explorer.log10_h)")) + 3) <= 0.1
    notebook.python("explorer.function = 'relu'; explorer.x = 0; explorer.log10_h = -4")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('relu at x = 0')")
    assert page.locator(".cnn-said").text_content() == notebook.python("print(explorer.sentence)")
    assert notebook.complaints() == []
