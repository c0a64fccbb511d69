"""The claim tester: the browser's numbers and sentences are Python's; it works by keys, with a kernel and without one."""

import json
import random
import shutil

import numpy as np
import pytest
from harness import ROOT, animation_frames, watched_page

from cnnlib.claims.pages import CLINIC
from cnnlib.widgets import ClaimTester, export_html
from cnnlib.widgets.bundle import bundle
from cnnlib.widgets.claim_tester_subjects import IN_KERNEL, STATEMENTS, SUBJECTS


@pytest.fixture
def module(page):
    load = "async code => { window.m = await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))); }"
    page.evaluate(load, bundle("claim_tester.js"))
    yield lambda expression, argument=None: page.evaluate(f"(a) => {{ const m = window.m; return {expression}; }}", argument)
    assert page.complaints == []


def plain(rows):
    """Rows of cells with words for what is no number."""
    return [[cell if isinstance(cell, str) else "NaN" if cell != cell else round(float(cell), 9) + 0.0 for cell in row] for row in rows]


@pytest.mark.parametrize("item", list(STATEMENTS))
def test_the_pages_numbers_and_sentences_are_pythons(module, item):
    rng = random.Random(item)
    controls = SUBJECTS[STATEMENTS[item][0]].controls
    widgets = [ClaimTester(item=item, settings={k: rng.randint(c[1], c[2]) / c[4] for k, c in controls.items()}) for _ in range(25)]
    found = module(
        "a.map(state => { const frame = m.testerFrame(state); return [frame, m.testerSentence(state, frame), m.answerKey(state)]; })",
        [widget.state() for widget in widgets],
    )
    for widget, (frame, sentence, key) in zip(widgets, found, strict=True):
        expected = widget.frame()
        assert (sentence, key) == (widget.sentence, widget.key)
        assert frame["agree"] == expected["agree"]
        np.testing.assert_equal(plain(frame["true"]), plain(expected["true"]))
        for side in ("inputs", "stated"):
            assert [title for title, _ in frame[side]] == [title for title, _ in expected[side]]
            assert [plain(rows) for _, rows in frame[side]] == [plain(rows) for _, rows in expected[side]]


def test_the_first_settings_are_pythons(module):
    states = [ClaimTester(item=item).state() for item in STATEMENTS]
    assert module("a.map(m.firstSettings)", states) == [state["settings"] for state in states]


def test_an_answer_to_another_setting_is_not_shown(module):
    state = ClaimTester(item="F53").state()
    assert module("m.testerFrame(a)", json.loads(json.dumps(state | {"settings": state["settings"] | {"n": 4}}))) is None


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_keys_and_python_lead_to_the_same_picture(open_notebook, app):
    notebook = open_notebook(
        f"claims-{app}.ipynb", "from cnnlib.widgets import ClaimTester\ntester = ClaimTester(item='F49')\ntester", app=app
    )
    notebook.run_all()
    page = notebook.page
    page.wait_for_selector(".cnn-widget .cnn-said")
    animation_frames(page)
    visible = page.locator(".cnn-widget input[type=range]").filter(visible=True)
    assert visible.count() == 5
    visible.nth(2).focus()
    page.keyboard.press("ArrowLeft")
    visible.nth(3).focus()
    page.keyboard.press("ArrowRight")
    animation_frames(page)
    notebook.await_idle()
    assert notebook.python("print(tester.sentence)") == page.locator(".cnn-said").text_content()
    assert "stated 10, true 10. Stated and true agree." in page.locator(".cnn-said").text_content()
    page.locator("[data-key=item] select").select_option("F53")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('F53 at image = 3')")
    assert visible.count() == 5
    visible.nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('F53 at image = 4')")
    assert notebook.python("print(tester.sentence)") == page.locator(".cnn-said").text_content()
    assert page.locator("[data-grid=stated-0] .unread").count() > 0
    notebook.python("tester.item = 'F4'; tester.settings = {'n': 4, 'kernel_size': 3}")
    page.wait_for_function("() => document.querySelector('.cnn-said').textContent.startsWith('F4 at image = 4, kernel = 3')")
    assert page.locator("[data-panel^=stated]").filter(visible=True).count() == 3
    assert notebook.complaints() == []


def test_a_page_without_a_kernel_computes_and_says_what_it_cannot(chromium, tmp_path):
    path = tmp_path / "tester.html"
    export_html(ClaimTester(item="F33"), path)
    with watched_page(chromium) as page:
        page.goto(path.as_uri())
        page.wait_for_selector(".cnn-said")
        said, choose = page.locator(".cnn-said"), page.locator("[data-key=item] select")
        for item in STATEMENTS:
            choose.select_option(item)
            animation_frames(page)
            assert said.text_content() == ClaimTester(item=item).sentence
            assert ("notebook's kernel" in page.locator(".cnn-hint").text_content()) == (item in IN_KERNEL)
            page.locator(".cnn-widget input[type=range]").filter(visible=True).first.focus()
            page.keyboard.press("ArrowRight")
            animation_frames(page)
            assert ("Waiting for the notebook's kernel" in said.text_content()) == (item in IN_KERNEL)
            page.keyboard.press("ArrowLeft")
        assert page.complaints == []


def test_the_setting_a_page_was_made_with_is_there_without_a_kernel(chromium, tmp_path):
    path = tmp_path / "gradient.html"
    widget = ClaimTester(item="F54", settings={"activation": 1, "n": 5})
    export_html(widget, path)
    with watched_page(chromium) as page:
        page.goto(path.as_uri())
        page.wait_for_selector("[data-grid=true] [data-cell]")
        assert page.locator(".cnn-said").text_content() == widget.sentence
        assert page.complaints == []


def test_a_bold_item_leads_to_its_place_in_the_open_clinic(open_notebook, server):
    """In the real JupyterLab a link of a chapter opens the clinic and, where it is open, goes to the item's heading."""
    for name in (CLINIC, "03_output_size"):
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", server[1] / f"{name}.ipynb")
    page = open_notebook("03_output_size.ipynb").page
    link = page.locator("a[href*='F36']").first
    place = "[...document.querySelectorAll('h3')].find(node => node.textContent.startsWith('F36'))"
    link.click()
    page.wait_for_function(f"() => window.jupyterapp.shell.currentWidget.title.label.startsWith('{CLINIC}') && {place}")
    page.evaluate("window.jupyterapp.commands.execute('docmanager:open', { path: '03_output_size.ipynb' }).then(() => null)")
    link.click()
    page.wait_for_function(f"() => {{ const {{ top }} = {place}.getBoundingClientRect(); return top > 0 && top < innerHeight; }}")
