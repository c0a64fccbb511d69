"""The shift lab in the browser computes and says what Python computes and says, and obeys the keyboard."""

import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.widgets import ShiftLab
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.shiftlab import ENDS, KERNELS, PATTERNS, POOLINGS, pattern


@pytest.fixture
def module(page):
    """A function that calls an expression of `m`, the lab's module, with an argument, in the page."""
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("shiftlab.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_state(rng):
    numbers = [[rng.choice((-3, 0, 0, 1, 2, 0.5, 7)) for _ in range(8)] for _ in range(8)]
    return dict(
        image=numbers, down=rng.randint(-4, 4), right=rng.randint(-4, 4), border=rng.choice(("circular", "zeros")),
        blocks=rng.randint(1, 3), kernel=rng.choice(KERNELS), activation=rng.choice(("none", "relu")), pooling=rng.choice(tuple(POOLINGS)),
        end=rng.choice(("none", "none", *ENDS)),
    )  # fmt: skip


def test_every_panel_and_both_meters_show_the_librarys_numbers(module):
    rng = random.Random(6)
    states = [random_state(rng) for _ in range(250)]
    frames = module("a.map(state => m.labFrame(state))", states)
    seen = dict(odd=0, zeros=0, pooled=0, end=0)
    for state, frame in zip(states, frames, strict=True):
        lab = ShiftLab(**state)
        np.testing.assert_allclose(frame["shifted"], lab.shifted_input, atol=1e-12)
        np.testing.assert_allclose(frame["output"], lab.output, atol=1e-9)
        np.testing.assert_allclose(frame["reference"], lab.reference, atol=1e-9)
        assert tuple(frame["follow"]) == lab.follow
        assert frame["equivariance"] == pytest.approx(lab.equivariance_error, abs=1e-9)
        assert frame["invariance"] == pytest.approx(lab.invariance_error, abs=1e-9)
        assert frame["sentence"] == lab.sentence
        seen["odd"] += not frame["whole"] and lab.end == "none"
        seen["zeros"] += lab.border == "zeros"
        seen["pooled"] += lab.pooling != "none"
        seen["end"] += lab.end != "none"
    assert min(seen.values()) >= 40, seen


def test_patterns_and_choices_are_the_same_on_both_sides(module):
    for name in PATTERNS:
        np.testing.assert_array_equal(module("m.labPattern(a)", name), pattern(name))
    assert module("Object.keys(m.LAB_POOLINGS)") == list(POOLINGS)
    assert module("Object.keys(m.LAB_ENDS)") == list(ENDS)


def test_arrow_keys_move_the_picture_and_stay_within_reach(module):
    assert module("m.shiftKey('ArrowRight', a)", dict(down=0, right=1)) == dict(down=0, right=2)
    assert module("m.shiftKey('ArrowUp', a)", dict(down=-4, right=1)) == dict(down=-4, right=1)
    assert module("m.shiftKey('Home', a)", dict(down=3, right=1)) == dict(down=0, right=0)
    assert module("m.shiftKey('j', a)", dict(down=3, right=1)) is None


def test_sliders_lists_keys_and_python_move_the_same_lab(open_notebook, page):
    notebook = open_notebook("shiftlab.ipynb", "from cnnlib.widgets import ShiftLab\nlab = ShiftLab()\nlab")
    notebook.run_all()
    said = page.locator(".cnn-said")
    said.wait_for()
    assert said.inner_text() == notebook.python("print(lab.sentence)")
    page.locator("[data-key=pooling] select").select_option("stride 2")
    page.locator("svg[data-grid=shifted]").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.includes('no multiple of the total stride 2')")
    page.locator("[data-key=right] input").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('Input shifted by (1, 2)')")
    animation_frames(page)
    assert notebook.python("print(lab.by, lab.pooling)") == "(1, 2) stride 2"
    assert said.inner_text() == notebook.python("print(lab.sentence)")
    notebook.python("lab.down = 0")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.includes('output expected to follow by (0, 1)')")
    assert page.locator(".cnn-meter output").first.inner_text() == "0"
    assert notebook.complaints() == []
