"""The pooling player: the browser's numbers, sentences and winners are the library's, and its keys work in a real notebook."""

import itertools
import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.geometry import GeometryError, Window
from cnnlib.widgets import PoolingPlayer
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.traits import pair
from cnnlib.widgets.upstream import UPSTREAMS


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("pooling.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def test_every_window_in_ceil_mode_stands_where_the_library_puts_it(module):
    settings = [each for each in itertools.product(range(1, 13), range(1, 6), range(1, 5), range(3)) if each[3] <= each[1] // 2]
    found = module(
        """a.map(([n, k, s, p]) => {
            try {
                const w = m.fitWindow(n, k, s, p, 1, null, true, true);
                return [w.count, m.windowCells(w, w.count - 1), m.sizeFormula(w, p)];
            } catch (error) { return error.message; }
        })""",
        settings,
    )
    hanging = 0
    for (n, k, s, p), answer in zip(settings, found, strict=True):
        if isinstance(answer, str):
            with pytest.raises(GeometryError) as caught:
                Window.fit(n, k, s, p, ceil_mode=True)
            assert str(caught.value) == answer
            continue
        window = Window.fit(n, k, s, p, ceil_mode=True)
        assert answer[:2] == [window.count, list(window.cells(window.count - 1))]
        assert answer[2].endswith(f" = {window.count}")
        hanging += window.cells(window.count - 1)[-1] >= window.padded - p
    assert hanging >= 50


def random_state(rng):
    """A random state; small whole numbers make many ties."""
    either = lambda choices: (rng.choice(choices), rng.choice(choices)) if rng.random() < 0.4 else rng.choice(choices)
    size = either(range(1, 13))
    rows, columns = pair(size)
    state = dict(
        input_size=size, kernel_size=either(range(1, 6)), stride=either(range(1, 5)), padding=either(range(3)),
        ceil_mode=rng.random() < 0.5, mode=rng.choice(("max", "average")), view=rng.choice(("forward", "backward")),
        image=[[rng.choice((-3, -1, 0, 1, 1, 0.25)) for _ in range(columns)] for _ in range(rows)], image_preset="custom",
        upstream=[[rng.choice((-2, 0, 1, 0.5, 7)) for _ in range(13)] for _ in range(13)], upstream_preset="custom",
        step=rng.randrange(60), fps=2,
    )  # fmt: skip
    return {name: _lists(value) for name, value in PoolingPlayer(**state).state().items()}


def _lists(value):
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def test_every_picture_shows_the_librarys_numbers_winners_and_sentences(module):
    rng = random.Random(8)
    states = [random_state(rng) for _ in range(400)]
    seen = {"impossible": 0, "ties": 0, "backward": 0, "overlap": 0, "padded": 0}
    for state, frame in zip(states, module("a.map(state => m.poolFrame(state))", states), strict=True):
        player = PoolingPlayer(**state)
        assert (frame["problem"] or "") == player.message
        if player.message:
            seen["impossible"] += 1
            continue
        np.testing.assert_allclose(np.array(frame["output"], dtype=float), player.output, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(np.array(frame["gradient"], dtype=float), player.gradient, rtol=1e-12, atol=1e-12)
        assert (frame["step"], frame["i"], frame["j"], frame["sentence"]) == (player.step, *player.position, player.sentence)
        shares = {(cell["row"], cell["column"]): cell["share"] for cell in frame["cells"]}
        assert shares == pytest.approx(player.share())
        assert [tuple(cells) for cells in frame["unread"]] == [window.unread() for window in player.windows]
        values = [player.image[r][c] for r, c in shares]
        seen["ties"] += state["mode"] == "max" and values.count(max(values)) > 1
        seen["backward"] += state["view"] == "backward"
        seen["overlap"] += any(window.stride < window.kernel_size for window in player.windows)
        seen["padded"] += any(window.before for window in player.windows)
    assert min(seen.values()) >= 40, seen


def test_the_presets_of_dy_are_the_same(module):
    assert module("Object.keys(m.UPSTREAM_PRESETS)") == list(UPSTREAMS)
    assert module("Object.values(m.UPSTREAM_PRESETS).map(f => f(3, 13))") == [_lists(rule(3, 13)) for rule in UPSTREAMS.values()]


CHANGES = (
    ("input_size", (3, 12, (2, 9))), ("kernel_size", (1, 5, (2, 3))), ("stride", (1, 4, (1, 3))), ("padding", (0, 1, 2, (1, 0))),
    ("ceil_mode", (True, False)), ("mode", ("max", "average")), ("view", ("forward", "backward")), ("step", (0, 5, 143)),
    ("image_preset", ("random", "edge", "custom")), ("upstream_preset", ("ones", "counting", "custom")),
    ("image", ([[1, 2, 3], [4, 5, 6]], [[7, 8], [9, 10]])), ("upstream", ([[5]], [[1, 1, 1]] * 4)),
)  # fmt: skip


def test_a_chain_of_changes_leads_to_the_same_state_on_both_sides(module):
    rng = random.Random(7)
    player = PoolingPlayer()
    for _ in range(400):
        before = player.state()
        name, choices = rng.choice(CHANGES)
        change = {name: rng.choice(choices)}
        found = module("({ ...a[0], ...a[1], ...m.reconcilePools({ ...a[0], ...a[1] }, a[0]) })", [before, change])
        setattr(player, name, change[name])
        assert found == {key: _lists(value) for key, value in player.state().items()}, (before, change)


def test_keys_typing_and_python_lead_to_the_same_picture(open_notebook):
    start = "from cnnlib.widgets import PoolingPlayer\nplayer = PoolingPlayer(input_size=4, stride=1, view='backward')\nplayer"
    notebook = open_notebook("pooling.ipynb", start)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-panel=upstream] [data-cell]")
    upstream = page.locator("[data-panel=upstream] svg")
    upstream.focus()
    for key in ("ArrowRight", "ArrowDown", "5", "Enter"):
        page.keyboard.press(key)
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(player.step, player.upstream, player.upstream_preset)") == "4 ((1, 1, 1), (1, 5, 1), (1, 1, 1)) custom"
    assert upstream.get_attribute("aria-label") == notebook.python("print(player.sentence)")
    shown = page.locator("[data-panel=gradient] [data-cell] .value").all_text_contents()
    assert [float(number) for number in shown] == eval(notebook.python("print(player.gradient.ravel().tolist())"))
    notebook.python("player.padding = 2")
    page.wait_for_selector(".cnn-problem:visible")
    assert page.locator(".cnn-problem").text_content() == notebook.python("print(player.message)")
    notebook.python("player.padding = 0; player.view = 'forward'; player.mode = 'average'")
    page.wait_for_selector("[data-panel=output]:visible")
    animation_frames(page)
    page.locator("[data-panel=output] [data-cell='2,1']").hover()
    animation_frames(page)
    assert page.locator("[data-panel=input] .taken").count() == 4
    assert page.locator("[data-panel=output] svg").get_attribute("aria-label").startswith("y[2,1] =")
    assert notebook.complaints() == []
