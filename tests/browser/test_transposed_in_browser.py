"""The transposed-convolution player: the browser's numbers and sentences are the library's, and its keys work in a real notebook."""

import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.widgets import TransposedPlayer
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.traits import pair


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("transposed.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def _lists(value):
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def random_state(rng):
    either = lambda choices: (rng.choice(choices), rng.choice(choices)) if rng.random() < 0.4 else rng.choice(choices)
    sizes = dict(input_size=either(range(1, 7)), kernel_size=either(range(1, 6)))
    numbers = lambda size: [[rng.choice((-3, -1, 0, 1, 2, 0.25)) for _ in range(pair(size)[1])] for _ in range(pair(size)[0])]
    state = sizes | dict(
        stride=either(range(1, 5)), padding=either((0, 0, 1, 2, 3, 4)), output_padding=either((0, 0, 1, 2, 3)),
        dilation=either(range(1, 4)),
        image=numbers(sizes["input_size"]), kernel=numbers(sizes["kernel_size"]), image_preset="custom", kernel_preset="custom",
        view=rng.choice(("values", "counts")), step=rng.randrange(40),
    )  # fmt: skip
    return {name: _lists(value) for name, value in TransposedPlayer(**state).state().items()}


def test_every_picture_shows_the_librarys_numbers_and_sentences(module):
    rng = random.Random(13)
    states = [random_state(rng) for _ in range(500)]
    seen = {"nothing left": 0, "output padding refused": 0, "overlap": 0, "gaps": 0, "cut": 0, "output padding": 0, "counts": 0}
    for state, frame in zip(states, module("a.map(state => m.stampFrame(state))", states), strict=True):
        player = TransposedPlayer(**state)
        assert (frame["problem"] or "") == player.message
        if player.message:
            seen["nothing left" if "nothing is left" in player.message else "output padding refused"] += 1
            continue
        values, counts = player.sheet()
        np.testing.assert_allclose(np.array(frame["values"], dtype=float), values, rtol=1e-12, atol=1e-12)
        assert frame["counts"] == counts.tolist()
        assert (frame["step"], frame["i"], frame["j"], frame["sentence"]) == (player.step, *player.position, player.sentence)
        assert [(c["row"], c["column"], c["w"], c["kept"]) for c in frame["cells"]] == player.stamp()
        assert [tuple(cells) for cells in frame["unread"]] == [window.unread() for window in player.windows]
        seen["overlap"] += counts.max() > 1
        seen["gaps"] += any(window.unread() for window in player.windows)
        seen["cut"] += not all(kept for *_, kept in player.stamp())
        seen["output padding"] += player.output_padding != 0
        seen["counts"] += player.view == "counts"
    assert min(seen.values()) >= 30, seen


def test_the_written_size_is_the_size(module):
    states = [random_state(random.Random(seed)) for seed in range(60)]
    for state, said in zip(states, module("a.map(state => m.placeStamps(state).windows?.map(m.stampSize) ?? null)", states), strict=True):
        player = TransposedPlayer(**state)
        for window, text in zip(player.windows or (), said or (), strict=True):
            left, right = text.replace("·", "*").replace("−", "-").split(" = ")
            assert eval(left) == int(right) == window.n


CHANGES = (
    ("input_size", (3, 6, (2, 5))), ("kernel_size", (1, 5, (2, 3))), ("stride", (1, 4, (1, 3))), ("padding", (0, 1, 4, (1, 0))),
    ("output_padding", (0, 1, 3)), ("dilation", (1, 2, 3)), ("view", ("values", "counts")), ("step", (0, 5, 30)),
    ("image_preset", ("random", "edge", "custom")), ("kernel_preset", ("ones", "sharpen", "custom")),
    ("image", ([[1, 2, 3], [4, 5, 6]], [[7, 8], [9, 10]])), ("kernel", ([[5]], [[1, 1, 1]] * 3)),
)  # fmt: skip


def test_a_chain_of_changes_leads_to_the_same_state_on_both_sides(module):
    rng = random.Random(7)
    player = TransposedPlayer()
    for _ in range(300):
        before = player.state()
        name, choices = rng.choice(CHANGES)
        change = {name: rng.choice(choices)}
        found = module("({ ...a[0], ...a[1], ...m.reconcileStamps({ ...a[0], ...a[1] }, a[0]) })", [before, change])
        setattr(player, name, change[name])
        assert found == {key: _lists(value) for key, value in player.state().items()}, (before, change)


def test_keys_typing_and_python_lead_to_the_same_picture(open_notebook):
    start = "from cnnlib.widgets import TransposedPlayer\nplayer = TransposedPlayer(input_size=3, kernel_size=2, stride=2)\nplayer"
    notebook = open_notebook("transposed.ipynb", start)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-panel=output] [data-cell]")
    page.locator("[data-panel=input] svg").focus()
    for key in ("ArrowRight", "ArrowDown", "8", "Enter"):
        page.keyboard.press(key)
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(player.step, player.image[1], player.image_preset)") == "4 (4, 8, 6) custom"
    assert notebook.python("print(player.sentence)") == page.locator(".cnn-said").text_content()
    shown = page.locator("[data-panel=output] [data-cell] .value").all_text_contents()
    assert [float(number) for number in shown] == eval(notebook.python("print(player.sheet()[0].ravel().tolist())"))
    notebook.python("player.output_padding = 2")
    page.wait_for_selector(".cnn-problem:visible")
    assert page.locator(".cnn-problem").text_content() == notebook.python("print(player.message)")
    notebook.python("player.output_padding = 0; player.view = 'counts'; player.kernel_size = 3; player.step = 8")
    page.wait_for_selector("[data-panel=output]:visible")
    animation_frames(page)
    counts = page.locator("[data-panel=output] [data-cell] .value").all_text_contents()
    assert [int(number) for number in counts] == eval(notebook.python("print(player.sheet()[1].astype(int).ravel().tolist())"))
    page.locator("[data-panel=input] [data-cell='0,1']").hover()
    animation_frames(page)
    assert page.locator(".cnn-said").text_content().startswith("x[0,1] touches 9 cells")
    assert notebook.complaints() == []
