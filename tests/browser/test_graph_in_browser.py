"""The graph stepper in the browser: its numbers and sentences are Python's, and keys and sliders step through it."""

import random

import pytest
from harness import animation_frames, watched_page

from cnnlib.widgets import GraphStepper, export_html
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.graph import ORDERS
from cnnlib.widgets.graph_picture import edge_line
from cnnlib.widgets.graph_table import GRAPHS


@pytest.fixture
def module(page):
    """A function that calls an expression of `m`, the stepper's module, with an argument, in the page."""
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("graph.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_states(number):
    draw = random.Random(10)
    for _ in range(number):
        expression = draw.choice(list(GRAPHS))
        inputs = [draw.randint(-50, 50) / 10 for _ in GRAPHS[expression]["inputs"]]
        yield dict(expression=expression, inputs=inputs, order=draw.choice(ORDERS), step=draw.randint(0, 14))


def test_every_frame_is_pythons(module):
    states = list(random_states(400))
    steppers = [GraphStepper(**state) for state in states]
    frames = module("a[0].map(state => m.stepFrame({ ...state, graphs: a[1] }))", [[s.state() for s in steppers], GRAPHS])
    late = 0
    for stepper, frame in zip(steppers, frames, strict=True):
        assert frame["sentence"] == stepper.sentence
        assert frame["values"] == pytest.approx(stepper.values)
        assert frame["gradients"] == pytest.approx(stepper.gradients)
        assert frame["slopes"] == pytest.approx({f"{node},{number}": slope for (node, number), slope in stepper.slopes.items()})
        back = max(stepper.step - len(stepper.graph["nodes"]) - 1, 0)
        for found, expected in zip(frame["given"], stepper.gifts(back), strict=True):
            assert found == pytest.approx(expected)
            late += found["late"]
    assert late >= 10


def test_both_sides_clip_the_step_and_bring_the_inputs_alike(module):
    draw = random.Random(11)
    stepper = GraphStepper()
    for _ in range(150):
        before = stepper.state()
        change = draw.choice([{"expression": draw.choice(list(GRAPHS))}, {"step": draw.randint(0, 20)}, {"order": draw.choice(ORDERS)}])
        found = module("({ ...a[0], ...a[1], ...m.reconcileGraph({ ...a[0], ...a[1] }, a[0]) })", [before, change])
        ((name, value),) = change.items()
        setattr(stepper, name, value)
        assert {key: found[key] for key in ("expression", "step", "order")} == {
            key: getattr(stepper, key) for key in ("expression", "step", "order")
        }
        assert tuple(found["inputs"]) == stepper.inputs


def test_keys_stay_inside_the_steps(module):
    for step in range(8):
        for key in ("ArrowLeft", "ArrowRight", "Home", "End"):
            assert 0 <= module("m.graphKey(a[0], a[1], 7)", [key, step]) <= 7
    assert module("m.graphKey('j', 0, 7)") is None


@pytest.mark.parametrize("expression", list(GRAPHS))
def test_the_live_picture_has_the_lines_of_the_static_one(page, tmp_path, expression):
    stepper = GraphStepper(expression)
    export_html(stepper, tmp_path / "graph.html")
    page.goto((tmp_path / "graph.html").as_uri())
    page.wait_for_selector("[data-node]")
    lines = page.locator("[data-edge]").all()
    found = {line.get_attribute("data-edge"): line.locator("path").get_attribute("d") for line in lines}
    assert found == {f"{node},{number}": edge_line(stepper.graph, node, number)[0] for node, number in stepper.slopes}


def said(page):
    animation_frames(page)
    return page.locator(".cnn-said").text_content()


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_keys_sliders_and_lists_lead_to_pythons_sentences(open_notebook, app):
    cell = "from cnnlib.widgets import GraphStepper\nstepper = GraphStepper('shared')\nstepper"
    notebook = open_notebook(f"graph-{app}.ipynb", cell, app=app)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-node]")
    picture = page.locator(".cnn-graph")
    picture.focus()
    for key, step in (("ArrowRight", 1), ("End", 10), ("ArrowLeft", 9), ("Home", 0), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        assert said(page) == GraphStepper("shared", step=step).sentence
        assert said(page) in picture.get_attribute("aria-label")
    page.keyboard.press("End")
    page.locator("[data-key=input-0] input").focus()
    page.keyboard.press("ArrowRight")
    assert said(page) == GraphStepper("shared", inputs=(2.5, -1, 3), step=10).sentence
    page.locator("[data-key=order] select").select_option(ORDERS[1])
    animation_frames(page)
    assert page.locator("[data-node=a] .gradient").text_content() == "dL/da = −0.5"
    notebook.await_idle()
    assert notebook.python("print(stepper.inputs, stepper.step, stepper.order)") == "(2.5, -1, 3) 10 first come, first served"
    page.locator("[data-key=expression] select").select_option("doubling")
    assert said(page) == GraphStepper("doubling").sentence
    assert [page.locator(f"[data-key=input-{at}]").is_visible() for at in range(4)] == [True, False, False, False]
    notebook.await_idle()
    assert notebook.python("print(stepper.inputs, stepper.step)") == "(1,) 0"
    notebook.python("stepper.expression = 'residual'; stepper.inputs = (2, 0); stepper.step = 99")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('Back from z to x')")
    assert said(page) == notebook.python("print(stepper.sentence)")
    assert notebook.complaints() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("settings", [dict(expression="shared", step=7), dict(expression="doubling", step=99)], ids=str)
def test_axe_finds_nothing_to_complain_about(chromium, tmp_path, scheme, settings):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    export_html(GraphStepper(**settings), tmp_path / "graph.html")
    with watched_page(chromium, color_scheme=scheme) as page:
        page.goto((tmp_path / "graph.html").as_uri())
        page.wait_for_selector("[data-node]")
        animation_frames(page)
        results = axe.run(page, context=".cnn-widget")
    assert len(results.response["passes"]) >= 10  # rules that found something to look at
    assert results.violations_count == 0, results.generate_report()
