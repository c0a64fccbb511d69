"""The static site in a real browser, opened from the disk with every request to the internet refused."""

import pytest
from harness import animation_frames, assert_moves, watched_page
from packages import optional

optional("latex2mathml.converter")

from editions import site  # noqa: E402

SLUGS = [chapter for chapter in site.builder.slugs() if site.builder.notebook_path(chapter).exists()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The site, built once."""
    target = tmp_path_factory.mktemp("site")
    site.write(target, site.pages())
    return target


@pytest.mark.parametrize("slug", SLUGS)
def test_every_player_of_a_chapter_moves_without_kernel_and_network(page, folder, slug):
    page.goto((folder / f"{slug}.html").as_uri())
    for frame in page.locator("iframe").all():
        frame.scroll_into_view_if_needed()
        widget = frame.content_frame.locator(".cnn-widget")
        widget.wait_for()
        slider = widget.locator("input[type=range]:enabled").filter(visible=True).first
        animation_frames(page)
        if slider.count():
            assert_moves(page, widget, slider)
        else:
            before = widget.inner_html()
            widget.locator("button:enabled, select").first.press("ArrowDown")
            widget.locator("button:enabled").first.click()
            animation_frames(page)
            assert widget.inner_html() != before
    assert page.complaints == []


# The colours of all pages come from one style sheet, so the dark ones are looked at on three pages only.
LOOKED_AT = [*((name, "light") for name in ("index", *SLUGS)), *((name, "dark") for name in ("index", SLUGS[1], SLUGS[-1]))]


@pytest.mark.parametrize(("name", "scheme"), LOOKED_AT)
def test_axe_finds_nothing_on_a_page(chromium, folder, name, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with watched_page(chromium, color_scheme=scheme) as page:
        page.goto((folder / f"{name}.html").as_uri())
        assert page.evaluate("() => document.documentElement.dataset.theme") == scheme
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "iframes": False}
        results = axe.run(page, options=rules)
    assert len(results.response["passes"]) >= 10
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("name", ["index", *SLUGS])
def test_a_phone_never_scrolls_sideways(chromium, folder, name):
    with watched_page(chromium, viewport={"width": 360, "height": 700}) as page:
        page.goto((folder / f"{name}.html").as_uri())
        animation_frames(page)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_search_finds_a_section_and_leads_to_it(page, folder):
    page.goto((folder / "index.html").as_uri())
    page.locator("#words").fill("ceil mode")
    link = page.locator("#found a").first
    link.wait_for()
    assert "Ceil mode" in link.text_content()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/0*.html#*")
    assert page.locator(f'[id="{page.evaluate("() => decodeURIComponent(location.hash.slice(1))")}"]').is_visible()
    page.locator("#words").fill("zzzz")
    page.get_by_text("Nothing found for").wait_for()
    assert page.complaints == []


def test_the_theme_is_the_readers_and_reaches_the_players(page, folder):
    page.goto((folder / "03_output_size.html").as_uri())
    player = page.frame_locator("iframe").first.locator(".cnn-widget").first
    player.wait_for()

    def ground():
        return player.evaluate("node => getComputedStyle(node).backgroundColor")

    light = ground()
    page.locator("#theme").click()
    assert ground() != light
    page.reload()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"


def test_the_contents_open_with_the_keyboard_on_a_phone(chromium, folder):
    with watched_page(chromium, viewport={"width": 360, "height": 700}) as page:
        page.goto((folder / "03_output_size.html").as_uri())
        menu = page.locator("#menu")
        assert not page.locator("#contents").is_visible()
        menu.press("Enter")
        assert page.locator("#contents").is_visible()
        assert menu.get_attribute("aria-expanded") == "true"


def test_paper_shows_pictures_in_place_of_players(page, folder):
    page.goto((folder / "03_output_size.html").as_uri())
    page.emulate_media(media="print")
    assert page.locator(".on-paper img").first.is_visible()
    assert not page.locator("iframe").first.is_visible()


def test_the_print_edition_becomes_a_pdf(folder):
    file = site.print_pdf(folder)
    assert file.read_bytes().startswith(b"%PDF")
    assert file.stat().st_size > 10**6
