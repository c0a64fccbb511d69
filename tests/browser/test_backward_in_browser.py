"""The backward player: the browser's numbers and sentences are the library's, and its keys work in a real notebook."""

import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.widgets import BackwardPlayer
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.traits import pair
from cnnlib.widgets.upstream import UPSTREAMS


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("backward.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def as_lists(value):
    return [as_lists(item) for item in value] if isinstance(value, tuple) else value


def random_state(rng):
    """A random state of the player, as JSON holds it; about half the settings differ between rows and columns."""
    either = lambda choices: (rng.choice(choices), rng.choice(choices)) if rng.random() < 0.5 else rng.choice(choices)
    numbers = lambda rows, columns: [[rng.choice((-3, 0, 1, 2, 0.125, -0.5, 7)) for _ in range(columns)] for _ in range(rows)]
    size, kernel_size = either(range(1, 10)), either(range(1, 5))
    state = dict(
        input_size=size, kernel_size=kernel_size, stride=either(range(1, 5)), dilation=either(range(1, 4)),
        padding=rng.choice(("same", "full")) if rng.random() < 0.2 else either(range(5)), image=numbers(*pair(size)),
        kernel=numbers(*pair(kernel_size)), upstream=numbers(24, 24), image_preset="custom", kernel_preset="custom",
        upstream_preset="custom", target=rng.choice(("dx", "dw")), view=rng.choice(("scatter", "gather")), step=rng.randrange(50), fps=2,
    )  # fmt: skip
    return {name: as_lists(value) for name, value in BackwardPlayer(**state).state().items()}


def test_every_picture_shows_the_librarys_gradients_and_sentences(module):
    rng = random.Random(11)
    states = [random_state(rng) for _ in range(300)]
    seen = {"impossible": 0, "dx scatter": 0, "dx gather": 0, "dw scatter": 0, "dw gather": 0, "strided": 0, "dilated": 0}
    for state, frame in zip(states, module("a.map(state => m.backFrame(state))", states), strict=True):
        player = BackwardPlayer(**state)
        assert (frame["problem"] or "") == player.message
        if player.message:
            seen["impossible"] += 1
            continue
        assert (frame["step"], tuple(frame["spot"]), frame["sentence"]) == (player.step, player.position, player.sentence)
        border = player.padded_gradient
        shown = player.gradient if border is None else border
        np.testing.assert_allclose(np.array(frame["gradient"]["cells"], dtype=float), shown, rtol=1e-12, atol=1e-12)
        corner = [0, 0] if border is None else [-window.before for window in player.windows]
        assert frame["gradient"]["first"] == corner
        found = [tuple(tuple(term[name]) for name in ("place", "kernel", "cell")) for term in frame["terms"]]
        assert found == player.terms()
        if player.stretched is None:
            assert frame["stretched"] is None
        else:
            np.testing.assert_array_equal(np.array(frame["stretched"]["cells"], dtype=float), player.stretched[0])
            assert tuple(frame["stretched"]["first"]) == player.stretched[1]
        seen[f"{player.target} {player.view}"] += 1
        seen["strided"] += any(window.stride > 1 and window.count > 1 for window in player.windows)
        seen["dilated"] += any(window.dilation > 1 for window in player.windows)
    assert min(seen.values()) >= 30, seen


def test_the_presets_are_the_same(module):
    for name, choices, limit in (("BACKWARD_KERNELS", BackwardPlayer.kernels, 5), ("UPSTREAM_PRESETS", UPSTREAMS, 24)):
        assert module(f"Object.keys(m.{name})") == list(choices)
        assert module(f"Object.values(m.{name}).map(f => f(3, {limit}))") == [as_lists(rule(3, limit)) for rule in choices.values()]


CHANGES = (
    ("input_size", (3, 9, (2, 7))), ("kernel_size", (1, 4, (2, 3))), ("stride", (1, 3, (1, 2))), ("padding", (0, 1, "same", (1, 0))),
    ("dilation", (1, 2)), ("target", ("dx", "dw")), ("view", ("scatter", "gather")), ("step", (0, 5, 70)),
    ("image_preset", ("random", "custom")), ("kernel_preset", ("counting", "ones", "custom")), ("upstream_preset", ("ones", "custom")),
    ("image", ([[1, 2, 3], [4, 5, 6]], [[7, 8], [9, 10]])), ("kernel", ([[1, 0], [2, 3]], [[4]])), ("upstream", ([[5]], [[1, 1, 1]] * 4)),
)  # fmt: skip


def test_a_chain_of_changes_leads_to_the_same_state_on_both_sides(module):
    rng = random.Random(7)
    player = BackwardPlayer()
    for _ in range(300):
        before = player.state()
        name, choices = rng.choice(CHANGES)
        change = {name: rng.choice(choices)}
        found = module("({ ...a[0], ...a[1], ...m.reconcileBack({ ...a[0], ...a[1] }, a[0]) })", [before, change])
        setattr(player, name, change[name])
        assert found == {key: as_lists(value) for key, value in player.state().items()}, (before, change)


def test_keys_typing_and_python_lead_to_the_same_picture(open_notebook):
    notebook = open_notebook(
        "backward.ipynb", "from cnnlib.widgets import BackwardPlayer\nplayer = BackwardPlayer(input_size=5, stride=2)\nplayer"
    )
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-panel=upstream] [data-cell]")
    upstream, gradient = (page.locator(f"[data-panel={name}] svg").first for name in ("upstream", "gradient"))
    values = lambda: [
        float(text.replace("−", "-")) for text in page.locator("[data-panel=gradient] [data-cell] .value").all_text_contents()
    ]
    upstream.focus()
    for key in ("ArrowRight", "ArrowDown", "9", "Enter"):
        page.keyboard.press(key)
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(player.step, player.upstream, player.upstream_preset)") == "3 ((1, 2), (3, 9)) custom"
    assert upstream.get_attribute("aria-label") == notebook.python("print(player.sentence)")
    assert page.locator(".cnn-said").text_content() == notebook.python("print(player.sentence)")
    assert values() == eval(notebook.python("print(player.gradient.ravel().tolist())"))
    assert not page.locator("[data-panel=stretched]").is_visible()
    notebook.python("player.view = 'gather'; player.step = 0")
    page.wait_for_selector("[data-panel=stretched]:visible")
    gradient.focus()
    for key in ("End", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(player.position)") == "(3, 3)"
    assert gradient.get_attribute("aria-label") == notebook.python("print(player.sentence)")
    page.keyboard.press("End")
    animation_frames(page)
    notebook.await_idle()
    assert values() == eval(notebook.python("print(player.gradient.ravel().tolist())"))
    notebook.python("player.kernel_size = 5; player.input_size = 4")
    page.wait_for_selector(".cnn-problem:visible")
    assert page.locator(".cnn-problem").text_content() == notebook.python("print(player.message)")
    assert notebook.complaints() == []


def test_play_walks_to_the_last_step(open_notebook):
    start = "from cnnlib.widgets import BackwardPlayer\nplayer = BackwardPlayer(input_size=4, stride=1, target='dw', fps=30)\nplayer"
    notebook = open_notebook("backward-play.ipynb", start)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget .cnn-button:enabled")
    button = page.locator(".cnn-transport .cnn-button")
    button.focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('.cnn-transport output').textContent === '4 of 4'")
    page.wait_for_function("() => document.querySelector('.cnn-transport .cnn-button').textContent.includes('Play')")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(player.step)") == "3"
    assert notebook.complaints() == []
