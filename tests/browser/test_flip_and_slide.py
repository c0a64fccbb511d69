"""Flip and slide: the browser's numbers and sentences are Python's, and its keys work in a real notebook."""

import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.widgets import FlipAndSlide
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.flip_and_slide import KERNELS


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("flip_and_slide.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_state(rng):
    row = lambda longest: [rng.choice((-3, 0, 1, 2, 0.125, -0.4, 1 / 3, 12)) for _ in range(rng.randint(1, longest))]
    state = dict(signal=row(10), kernel=row(5), operation=rng.choice(("convolution", "correlation")), step=rng.randrange(14))
    return state | {"wave": rng.randrange(25), "fps": 2}


def test_every_picture_shows_pythons_numbers_and_sentence(module):
    rng = random.Random(2)
    states = [random_state(rng) for _ in range(300)]
    expression = """a.map(given => {
        const state = { ...given, ...m.keepStep(given) };
        const j = m.firstPlace(state) + state.step;
        return { step: state.step, j, output: m.rowOutput(state), said: m.rowSentence(state), sizes: m.responseSizes(state.kernel),
                 terms: m.rowTerms(state, j).map(({ t, x, u, w }) => [t, x, u, w]) };
    })"""
    beyond = 0
    for state, found in zip(states, module(expression, states), strict=True):
        widget = FlipAndSlide(**state)
        beyond += state["step"] != widget.step
        assert (found["step"], found["j"], found["said"]) == (widget.step, widget.place, widget.sentence)
        assert [tuple(term) for term in found["terms"]] == widget.terms()
        np.testing.assert_allclose(np.array(found["output"], dtype=float), widget.output, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(np.array(found["sizes"], dtype=float), widget.response, rtol=1e-9, atol=1e-9)
    assert beyond >= 30


def test_the_kernels_offered_are_the_same(module):
    assert module("m.ROW_PRESETS") == {name: list(cells) for name, cells in KERNELS.items()}


def test_a_row_is_cut_or_continued_with_zeros(module):
    assert module("[m.resized(a, 2), m.resized(a, 5)]", [1, 2, 3]) == [[1, 2], [1, 2, 3, 0, 0]]


def test_keys_typing_and_python_lead_to_the_same_picture(open_notebook):
    notebook = open_notebook("flip.ipynb", "from cnnlib.widgets import FlipAndSlide\nslide = FlipAndSlide()\nslide")
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-panel=output] [data-cell]")
    output = page.locator("[data-panel=output] svg")
    output.focus()
    for key in ("ArrowRight", "ArrowRight", "End", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(slide.step)") == "5"
    assert output.get_attribute("aria-label").startswith(notebook.python("print(slide.sentence)"))
    page.locator("[data-panel=signal] [data-cell='0,3']").click()
    page.keyboard.type("-2.5")
    page.keyboard.press("Enter")
    page.locator("[data-panel=kernel] svg").focus()
    for key in ("ArrowRight", "7", "Enter"):
        page.keyboard.press(key)
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(slide.signal, slide.kernel)") == "(1, 3, 2, -2.5, 1) (1, 7, 4)"
    notebook.python("slide.operation = 'correlation'; slide.step = 0")
    page.wait_for_function("() => document.querySelector('[data-panel=output] svg').getAttribute('aria-label').startsWith('y[−2]')")
    assert output.get_attribute("aria-label").startswith(notebook.python("print(slide.sentence)"))
    assert notebook.complaints() == []
