"""Every widget for every reader: axe in both themes, a name for every control, the keyboard for everything, no sideways scrolling."""

import pytest
from harness import animation_frames, watched_page

from cnnlib import widgets
from cnnlib.widgets.base import BookWidget, export_html

CLASSES = {name: getattr(widgets, name) for name in widgets.__all__}
WIDGETS = sorted(name for name, kind in CLASSES.items() if isinstance(kind, type) and issubclass(kind, BookWidget))
FOCUSABLE = "button, input, select, textarea, a[href], [tabindex='0']"
# What a screen reader says of a node, as far as this book makes names.
NAME = """node => node.getAttribute('aria-label') || node.closest('label')?.textContent || node.labels?.[0]?.textContent
    || node.textContent"""
every_widget = pytest.mark.parametrize("name", WIDGETS)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A function from a widget's name to the address of its page."""
    folder = tmp_path_factory.mktemp("widgets")

    def address(name):
        file = folder / f"{name}.html"
        if not file.exists():
            export_html(CLASSES[name](), file)
        return file.as_uri()

    return address


def opened(page, address):
    page.goto(address)
    page.locator(".cnn-widget").wait_for()
    animation_frames(page)


@every_widget
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_a_widget(chromium, exported, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    with watched_page(chromium, color_scheme=scheme) as page:
        opened(page, exported(name))
        results = axe.run(page, context=".cnn-widget", options=rules)
        assert page.complaints == []
    assert len(results.response["passes"]) >= 5
    assert results.violations_count == 0, results.generate_report()


@every_widget
def test_what_takes_the_focus_keeps_its_keys_and_has_a_name(page, exported, name):
    opened(page, exported(name))
    nodes = page.locator(f".cnn-widget :is({FOCUSABLE})").filter(visible=True)
    assert nodes.count() > 0
    for node in nodes.all():
        what = node.evaluate("node => node.outerHTML.slice(0, 120)")
        assert node.get_attribute("data-lm-suppress-shortcuts") == "true", f"Jupyter would take the keys of {what}"
        label = node.evaluate(NAME)
        assert label.strip(), f"no name: {what}"


@every_widget
def test_tab_reaches_every_control(page, exported, name):
    opened(page, exported(name))
    reachable = page.evaluate(
        """(selector) => [...document.querySelectorAll(`.cnn-widget :is(${selector})`)]
            .filter((node) => !node.disabled && node.tabIndex >= 0 && node.checkVisibility()).length""",
        FOCUSABLE,
    )
    page.evaluate("() => { window.met = new Set(); document.addEventListener('focusin', (event) => window.met.add(event.target)); }")
    for _ in range(reachable + 2):
        page.keyboard.press("Tab")
    # Radio buttons of one group are one stop.
    groups = page.evaluate(
        """() => { const radios = [...document.querySelectorAll('.cnn-widget input[type=radio]')];
            return radios.length - new Set(radios.map((node) => node.name)).size; }"""
    )
    assert page.evaluate("() => [...window.met].filter((node) => node.closest('.cnn-widget')).length") >= reachable - groups


@every_widget
def test_a_widget_fits_a_narrow_screen(chromium, exported, name):
    with watched_page(chromium, viewport={"width": 340, "height": 700}) as page:
        opened(page, exported(name))
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
