"""The logits explorer in the browser: its numbers and sentences are Python's, and its keys work in a real notebook."""

import random

import numpy as np
import pytest
from harness import animation_frames, watched_page

from cnnlib.widgets import LogitsExplorer, export_html
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.logits import gradient_reach


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("logits.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def random_state(rng):
    count = rng.randint(2, 6)
    return dict(
        logits=[rng.randint(-20, 20) / 2 for _ in range(count)], shift=rng.choice((0, 0, 0, 50 * rng.randint(-20, 20))),
        temperature=rng.choice((1, 1, 0.01, 0.1, 0.5, 2, 7.9)), label=rng.randrange(count),
        label_smoothing=rng.choice((0, 0, rng.randint(0, 50) / 50)), method=rng.choice(("stable", "naive")),
    )  # fmt: skip


def test_numbers_and_sentences_are_pythons(module):
    rng = random.Random(9)
    states = [random_state(rng) for _ in range(600)]
    # JSON has neither nan nor infinity, so the numbers travel as text.
    text = "const f = m.evaluate(s); return [f.probabilities, f.targets, [f.loss], f.gradient, m.scoresOf(s)].map(row => row.map(String))"
    found = module(f"a.map(s => {{ {text} }})", states)
    said = module("a.map(s => [m.logitsSentence(s), m.gradientReach(m.evaluate(s).gradient)])", states)
    troubles = []
    for state, numbers, (sentence, reach) in zip(states, found, said, strict=True):
        widget = LogitsExplorer(**state)
        expected = widget.probabilities, widget.targets, [widget.loss], widget.gradient, widget.scores
        for row, truth in zip(numbers, expected, strict=True):
            row = [float(number.replace("Infinity", "inf")) for number in row]
            np.testing.assert_allclose(row, truth, rtol=1e-9, atol=1e-11, err_msg=str(state))
        assert sentence == widget.sentence
        assert reach == pytest.approx(gradient_reach(widget.gradient))
        troubles.append(widget.trouble.split(" ")[0][:3])
    assert all(troubles.count(kind) >= 10 for kind in ("", "exp", "All")), troubles  # each kind of failure was met


def test_keys_and_classes_make_the_changes_they_promise(module):
    state = dict(logits=[1, 9.5, -2], label=1)
    changes = module("['ArrowUp', 'ArrowDown', 'ArrowRight', 'PageDown', 'Home', 'End', 'x'].map(key => m.keyChange(key, a))", state)
    moved = [dict(logits=[1, value, -2]) for value in (10, 7.5, -10, 10)]
    assert changes == [{"label": 0}, {"label": 2}, *moved, None]
    assert module("m.keyChange('ArrowUp', { logits: [0, 0], label: 0 })") == {"label": 0}
    assert module("[4, 2].map(count => m.withClasses({ logits: [1, 9.5, -2], label: 2 }, count))") == [
        {"logits": [1, 9.5, -2, 0], "label": 2},
        {"logits": [1, 9.5], "label": 1},
    ]


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_keys_pointer_sliders_and_python_lead_to_the_same_picture(open_notebook, app):
    cell = "from cnnlib.widgets import LogitsExplorer\nexplorer = LogitsExplorer()\nexplorer"
    notebook = open_notebook(f"logits-{app}.ipynb", cell, app=app)
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget [data-chart=probabilities] [data-class]")
    chart = page.locator("[data-chart=probabilities]")
    chart.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "PageUp"):
        page.keyboard.press(key)
        animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(explorer.label, explorer.logits)") == "1 [2.0, 4.0, -1.0]"
    page.locator("[data-key=temperature] input").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
        animation_frames(page)
    page.locator("[data-chart=probabilities] [data-class='2']").click()
    page.locator("[data-key=classes] select").select_option("5")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(explorer.label, explorer.temperature, explorer.logits)") == "2 10.0 [2.0, 4.0, -1.0, 0.0, 0.0]"
    assert page.locator("[data-key^=logit-]:visible").count() == 5
    assert chart.locator("[data-class]").count() == 5
    notebook.python("explorer.method = 'naive'; explorer.temperature = 1; explorer.shift = 1000")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.includes('overflows')")
    assert page.locator(".cnn-said").text_content() == notebook.python("print(explorer.sentence)")
    assert chart.locator("text.value").all_text_contents() == ["nan"] * 5
    assert "nan" in chart.get_attribute("aria-label")
    assert notebook.complaints() == []


def test_every_step_of_the_temperature_slider_holds(chromium, tmp_path):
    export_html(LogitsExplorer(temperature=0.01), tmp_path / "page.html")
    with watched_page(chromium) as page:
        page.goto((tmp_path / "page.html").as_uri())
        slider = page.locator("[data-key=temperature] input")
        slider.focus()
        for step in range(-20, 10):
            assert slider.input_value() == str(step)
            page.keyboard.press("ArrowRight")
            animation_frames(page)
        assert page.locator("[data-key=temperature] output").text_content() == "10"
        assert page.complaints == []


WIDGETS = [LogitsExplorer(label_smoothing=0.1), LogitsExplorer(logits=[1] * 6, shift=1000, method="naive", temperature=0.5)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("widget", WIDGETS, ids=repr)
def test_axe_finds_nothing_to_complain_about_and_the_widget_fits_a_narrow_screen(chromium, tmp_path, scheme, widget):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    export_html(widget, tmp_path / "page.html")
    with watched_page(chromium, color_scheme=scheme, viewport={"width": 320, "height": 640}) as page:
        page.goto((tmp_path / "page.html").as_uri())
        page.wait_for_selector("[data-class]")
        animation_frames(page)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        results = axe.run(page, context=".cnn-widget")
    assert len(results.response["passes"]) >= 10  # rules that found something to look at
    assert results.violations_count == 0, results.generate_report()
