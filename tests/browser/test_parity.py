"""The browser's pure functions and the library say the same, in numbers and in sentences. Runs in Chromium, so nobody needs Node."""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest

from cnnlib.geometry import GeometryError, Window
from cnnlib.widgets import SlidingWindowPlayer, presets
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.static import format_number
from cnnlib.widgets.traits import pair

PADDINGS = (0, 1, 2, 3, 4, "valid", "same", "full")
SIZES, KERNELS, STRIDES, DILATIONS = range(1, 13), range(1, 6), range(1, 5), range(1, 4)


@pytest.fixture
def module(page):
    """A function that calls an expression of `m`, the player's module, with arguments, in the page."""
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("player.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def test_every_window_of_one_axis_stands_where_the_library_puts_it(module):
    settings = list(itertools.product(SIZES, KERNELS, STRIDES, PADDINGS, DILATIONS, ("rows", None)))
    found = module(
        """a.map(([n, k, s, p, d, axis]) => {
            try {
                const w = m.fitWindow(n, k, s, p, d, axis, axis !== null);
                const places = Array.from({ length: w.count }, (_, i) => i);
                return [w.count, w.before, w.after, w.span, m.unreadCells(w), places.map(i => m.windowCells(w, i)), m.sizeFormula(w, p)];
            } catch (error) { return error.message; }
        })""",
        settings,
    )
    expected = [library_answer(*setting) for setting in settings]
    assert [answer if isinstance(answer, str) else answer[:6] for answer in found] == expected
    for answer in found:
        if not isinstance(answer, str):
            check_formula(answer[6])
    assert sum(isinstance(answer, str) for answer in expected) > len(settings) / 20


def library_answer(n, k, s, p, d, axis):
    """The window as the library places it, as a list; or the library's sentence."""
    try:
        window = Window.fit(n, k, s, p, d, axis=axis, may_pad=axis is not None)
    except GeometryError as error:
        return str(error)
    cells = [list(window.cells(i)) for i in range(window.count)]
    return [window.count, window.before, window.after, window.span, list(window.unread()), cells]


def check_formula(text):
    """The left and the right side of a written size formula are equal."""
    left, right = text.replace("·", "*").replace("−", "-").split(" = ")
    exact = left.replace("/", "/Fraction(1)/")
    names = {"floor": lambda x: x.__floor__(), "ceil": lambda x: x.__ceil__(), "Fraction": Fraction}
    assert eval(exact, names) == int(right)


def random_state(rng):
    """A random state of the player, as trait values; about half the settings differ between rows and columns."""
    either = lambda choices: (rng.choice(choices), rng.choice(choices)) if rng.random() < 0.5 else rng.choice(choices)
    numbers = lambda shape: [[rng.choice((-3, 0, 1, 2, 0.125, -0.4, 1 / 3, 12)) for _ in range(shape[1])] for _ in range(shape[0])]
    size, kernel_size = either(SIZES), either(KERNELS)
    return dict(
        input_size=size, kernel_size=kernel_size, stride=either(STRIDES), dilation=either(DILATIONS),
        padding=rng.choice(("valid", "same", "full")) if rng.random() < 0.3 else either(range(5)),
        image=numbers(pair(size)), kernel=numbers(pair(kernel_size)), image_preset="custom", kernel_preset="custom",
        operation=rng.choice(("correlation", "convolution")), bias=rng.choice((0, 0, 1, -0.5)), step=rng.randrange(60), fps=4,
    )  # fmt: skip


def test_every_picture_shows_the_librarys_output_sentence_and_unread_cells(module):
    rng = random.Random(3)
    states = [random_state(rng) for _ in range(400)]
    found = module("a.map(state => m.frame(state))", states)
    seen = {"impossible": 0, "unread": 0, "turned": 0, "pairs": 0}
    for state, frame in zip(states, found, strict=True):
        player = SlidingWindowPlayer(**state)
        assert (frame["problem"] or "") == player.message
        if player.message:
            seen["impossible"] += 1
            continue
        np.testing.assert_allclose(np.array(frame["output"], dtype=float), player.output, rtol=1e-12, atol=1e-12)
        assert (frame["i"], frame["j"]) == player.position
        assert frame["step"] == player.step
        assert frame["sentence"] == player.sentence
        assert tuple(map(tuple, frame["unread"])) == player.unread
        assert [(t["row"], t["column"], t["x"], t["w"]) for t in frame["terms"]] == player.terms()
        seen["unread"] += any(player.unread)
        seen["turned"] += state["operation"] == "convolution"
        seen["pairs"] += isinstance(player.stride, tuple)
    assert min(seen.values()) >= 40, seen


def test_presets_are_the_same_numbers(module):
    shapes = [(rows, columns) for rows in range(1, 13) for columns in range(1, 13)]
    for name, choices in (("INPUT_PRESETS", presets.INPUTS), ("KERNEL_PRESETS", presets.KERNELS)):
        limit = 12 if name == "INPUT_PRESETS" else 5
        fitting = [shape for shape in shapes if max(shape) <= limit]
        found = module(f"Object.entries(m.{name}).map(([name, f]) => [name, a.map(([r, c]) => f(r, c))])", fitting)
        assert [name for name, _ in found] == list(choices)
        for preset, grids in found:
            for shape, grid in zip(fitting, grids, strict=True):
                np.testing.assert_array_equal(grid, choices[preset](*shape), err_msg=f"{preset} {shape}")


def test_numbers_are_written_the_same(module):
    rng = random.Random(5)
    values = [rng.uniform(-20, 20) for _ in range(500)] + [rng.randrange(-400, 400) / 16 for _ in range(500)]
    values += [0, -0.0, 1e-9, -1e-9, 0.0005, -0.0005, 100, 1200, -30.5, 0.1 + 0.2]
    assert module("a.map(m.formatNumber)", values) == [format_number(value) for value in values]


CHANGES = (
    ("input_size", (3, 12, (2, 9))), ("kernel_size", (1, 5, (2, 3))), ("stride", (1, 4, (1, 3))), ("padding", (0, 4, "same", "full")),
    ("dilation", (1, 3)), ("step", (0, 5, 143)), ("image_preset", ("random", "edge", "custom")), ("kernel_preset", ("sobel x", "ones")),
    ("image", ([[1, 2, 3], [4, 5, 6]], [[7, 8], [9, 10]])), ("kernel", ([[1, 2]], [[0, 1], [1, 0]])),
)  # fmt: skip


def test_a_chain_of_changes_leads_to_the_same_state_on_both_sides(module):
    rng = random.Random(7)
    player = SlidingWindowPlayer()
    for _ in range(300):
        before = player.state()
        name, choices = rng.choice(CHANGES)
        change = {name: rng.choice(choices)}
        found = module("({ ...a[0], ...a[1], ...m.reconcile({ ...a[0], ...a[1] }, a[0]) })", [before, change])
        setattr(player, name, change[name])
        listed = {key: _lists(value) for key, value in player.state().items()}
        assert found == listed, (before, change)


def _lists(value):
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def test_arrow_keys_stay_inside_the_output(module):
    for rows, columns in ((1, 1), (1, 5), (4, 3)):
        for step in range(rows * columns):
            for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"):
                assert 0 <= module("m.stepKey(a[0], a[1], a[2])", [key, step, [rows, columns]]) < rows * columns
    assert module("m.stepKey('j', 0, [2, 2])") is None
