"""The optimizer paths: the browser's surfaces, paths and sentences are Python's, and keys, pointer and Play work in a real notebook."""

import itertools
import random

import numpy as np
import pytest
from harness import animation_frames

from cnnlib.widgets import OptimizerPaths
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.optimizer_paths import RULES, curve_limits, log_losses
from cnnlib.widgets.optimizer_paths_surfaces import BOX, CONDITIONED, SURFACES, contour, heights, levels

STATE = ("surface", "condition", "optimizer", "lr", "momentum", "start", "steps", "step")


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("optimizer_paths.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def state_of(widget):
    return {name: getattr(widget, name) for name in STATE} | {"start": list(widget.start)}


def test_surfaces_slopes_and_texts_are_pythons(module):
    points = np.random.default_rng(1).uniform(-3, 3, (60, 2)).tolist()
    described = module("[m.BOX, m.CONDITIONED, Object.entries(m.SURFACES).map(([k, v]) => [k, v.lowest, v.minima, v.bend, v.text])]")
    assert list(described[0].values()) == list(BOX)
    assert tuple(described[1]) == CONDITIONED
    assert [entry[0] for entry in described[2]] == list(SURFACES)
    for name, lowest, minima, bend, text in described[2]:
        surface = SURFACES[name]
        assert (lowest, bend, text) == (surface.lowest, surface.bend, surface.text)
        assert np.array(minima) == pytest.approx(np.array(surface.minima))
        found = module("a[1].map(([x, y]) => [m.SURFACES[a[0]].value(x, y, 7), ...m.SURFACES[a[0]].slope(x, y, 7)])", [name, points])
        wanted = [(surface.value(x, y, 7.0), *surface.slope(x, y, 7.0)) for x, y in points]
        np.testing.assert_allclose(np.array(found, dtype=float), np.array(wanted), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", SURFACES)
def test_lines_of_equal_loss_are_pythons(module, name):
    values = heights(name, 12.0)
    found = module(
        "[m.surfaceLevels(a, m.surfaceHeights(a, 12)), m.contourPieces(m.surfaceHeights(a, 12), a === 'plateau' ? 0.5 : 1.25)]", name
    )
    assert found[0] == pytest.approx(levels(name, values))
    wanted = contour(values, 0.5 if name == "plateau" else 1.25)
    assert len(wanted) > 10
    np.testing.assert_allclose(np.array(found[1]), np.array(wanted), atol=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_every_path_is_the_librarys(module, rule):
    diverged = 0
    for surface, lr, momentum, start in itertools.product(SURFACES, (0.01, 0.08, 1.0), (0.0, 0.5, 0.9), ([-2, 1], [2.5, -0.01])):
        widget = OptimizerPaths(surface=surface, optimizer=rule, lr=lr, momentum=momentum, start=start, condition=15, steps=40)
        found, wanted = module("m.optimizerPath(a)", state_of(widget)), widget.path
        assert len(found) == len(wanted)
        diverged += widget.diverged
        # Far out, and where a path is thrown about, a last digit grows from step to step.
        near = next((at for at, point in enumerate(wanted) if max(map(abs, point)) > 1e3), len(wanted))
        np.testing.assert_allclose(np.array(found[:near]), np.array(wanted[:near]), rtol=1e-5, atol=1e-7)
    assert (diverged > 0) == (rule in ("SGD", "Nesterov"))


def random_widget(rng):
    return OptimizerPaths(
        surface=rng.choice(list(SURFACES)), optimizer=rng.choice(list(RULES)), condition=rng.choice((1, 8, 12.5, 100)),
        lr=rng.choice((0.0001, 0.02, 0.05, 0.3, 2)), momentum=rng.choice((0, 0.5, 0.85, 0.9)), steps=rng.randint(1, 30),
        step=rng.choice((0, 1, 5, 300)), start=(rng.randint(-300, 300) / 100, rng.randint(-200, 200) / 100),
    )  # fmt: skip


def test_every_sentence_limit_and_diagram_is_pythons(module):
    rng = random.Random(16)
    widgets = [random_widget(rng) for _ in range(250)]
    expression = "a.map(state => [m.pathSentence(state), m.pathLimit(state), m.pathProblem(state)])"
    seen = {"diverges": 0, "not below": 0, "looks ahead": 0, "is below": 0}
    for widget, (said, limit, problem) in zip(widgets, module(expression, [state_of(widget) for widget in widgets]), strict=True):
        assert said == widget.sentence
        assert (problem or "") == widget.message
        assert (None if limit is None else tuple(limit)) == widget.limit
        seen = {word: count + (word in said) for word, count in seen.items()}
        if widget.losses:
            logs = log_losses(widget.losses, SURFACES[widget.surface].lowest)
            found = module("[m.logLosses(a[0], a[1]), m.curveLimits(a[2])]", [widget.losses, SURFACES[widget.surface].lowest, logs])
            assert found[0] == pytest.approx(logs)
            assert tuple(found[1]) == curve_limits(logs)
    assert min(seen.values()) >= 5, seen


@pytest.fixture(params=["lab", "notebook"])
def live(open_notebook, request):
    """A notebook with a live widget called `paths`, in JupyterLab and in Notebook 7."""
    notebook = open_notebook(
        f"optimizer_paths-{request.param}.ipynb",
        "from cnnlib.widgets import OptimizerPaths\npaths = OptimizerPaths(surface='saddle', start=(-2, 0), steps=8, fps=30)\npaths",
        app=request.param,
    )
    notebook.run_all()
    notebook.page.wait_for_selector(".cnn-widget [data-chart=map]")
    return notebook


def test_keys_and_pointer_move_the_start_and_python_follows(live):
    notebook, page = live, live.page
    chart = page.locator("[data-chart=map]")
    said = page.locator(".cnn-said")
    assert said.text_content() == notebook.python("print(paths.sentence)")
    chart.focus()
    for key in ("ArrowUp", "ArrowUp", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
        animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(paths.start)") == "(-1.9, 0.19)"
    assert said.text_content() == notebook.python("print(paths.sentence)")
    assert said.text_content().splitlines()[0] in chart.get_attribute("aria-label")
    page.keyboard.press("Home")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(paths.start)") == "(-2.0, 1.0)"
    box = chart.bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    animation_frames(page)
    notebook.await_idle()
    x, y = (float(at) for at in notebook.python("print(*paths.start)").split())
    assert (x, y) == pytest.approx((1.5, 1), abs=0.05)
    assert notebook.complaints() == []


def test_play_walks_to_the_end_and_what_python_sets_is_shown(live):
    notebook, page, said = live, live.page, live.page.locator(".cnn-said")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('Step 3 of 8')")
    page.wait_for_function("() => document.querySelector('.cnn-button').textContent.includes('Play')")
    assert said.text_content().startswith("Step 8 of 8")
    notebook.python("paths.optimizer = 'Nesterov'")
    page.wait_for_function("() => document.querySelector('.cnn-problem').textContent.includes('looks ahead')")
    assert page.locator("[data-chart=loss]").is_hidden()
    notebook.python("paths.surface = 'bowl'; paths.momentum = 0.5; paths.lr = 3.0; paths.steps = 60")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.includes('The path diverges')")
    assert page.locator("[data-chart=loss]").is_visible()
    assert said.text_content() == notebook.python("print(paths.sentence)")
    assert [page.locator(f"[data-key={key}]").is_visible() for key in ("condition", "momentum")] == [True, True]
    notebook.python("paths.optimizer = 'Adagrad'; paths.surface = 'plateau'")
    page.wait_for_function("() => document.querySelector('[data-key=momentum]').hidden")
    assert page.locator("[data-key=condition]").is_hidden()
    assert notebook.complaints() == []
