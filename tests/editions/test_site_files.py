"""The static site as files: every formula set, every link with its end, every widget with its recipe, twice the same."""

import re
from html import unescape
from urllib.parse import unquote

import pytest
from packages import optional

optional("latex2mathml.converter")

from editions import cells, site  # noqa: E402
from editions.mathematics import FormulaError, mathml  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("site")
    site.write(target, site.pages())
    return target


def ids(text):
    return {unescape(found) for found in re.findall(r'\bid="([^"]+)"', text)}


def test_every_built_chapter_has_a_page(folder):
    built = {page.name for page in site.builder.NOTEBOOKS.glob("[0-9]*.ipynb")}
    assert {f"{path.stem}.ipynb" for path in folder.glob("[0-9]*.html")} == built
    assert len(built) >= 10


def test_every_link_of_the_site_leads_somewhere(folder):
    marks = {path: ids(path.read_text(encoding="utf-8")) for path in folder.rglob("*.html")}
    broken, count = [], 0
    for path in marks:
        text = re.sub(r'srcdoc="[^"]*"', "", path.read_text(encoding="utf-8"))
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            if re.match(r"https?:|data:|mailto:", link):
                continue
            count += 1
            address, _, mark = unescape(link).partition("#")
            target = (path.parent / unquote(address)).resolve() if address else path.resolve()
            if not target.exists() or (mark and unquote(mark) not in marks.get(target, ())):
                broken.append(f"{path.name}: {link}")
    assert count > 300
    assert broken == []


def test_nothing_is_asked_of_the_network(folder):
    for path in [*folder.rglob("*.html"), *folder.glob("*.css"), *folder.glob("*.js")]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'(?:src|srcset)="(?:https?:)?//|<link[^>]*href="(?:https?:)?//|@import|url\("?(?:https?:)?//', text), (
            path.name
        )


def test_no_formula_is_left_as_latex(folder):
    for path in folder.glob("[0-9]*.html"):
        text = re.sub(r"<(pre|code|iframe|img)\b.*?(?:</\1>|>)|alttext=\"[^\"]*\"", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(r"\$[^$<\n]*\\[a-z]+|<merror", text), path.name


def test_two_builds_are_the_same(folder, tmp_path):
    site.write(tmp_path, site.pages())
    for path in folder.glob("*.html"):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_a_folder_with_other_files_is_left_alone(tmp_path, monkeypatch, capsys):
    (tmp_path / "index.html").write_text("mine")
    monkeypatch.setattr(site, "pages", list)
    assert site.main(["--to", str(tmp_path)]) == 1
    assert "holds other files, such as index.html; nothing was written." in capsys.readouterr().err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("index.html", "mine")]


def test_every_picture_says_what_it_shows(folder):
    for path in folder.glob("[0-9]*.html"):
        text = re.sub(r'srcdoc="[^"]*"', "", path.read_text(encoding="utf-8"))
        for image in re.findall(r"<img\b[^>]*>", text):
            assert re.search(r'alt="[^"]{20,}"', image), (path.name, image[:80])


def test_a_formula_keeps_its_source_for_who_cannot_see_it():
    assert mathml(r"\displaystyle x < y").startswith('<math alttext="x &lt; y"')
    assert "<mfrac>" in mathml(r"\tfrac{1}{2}")
    with pytest.raises(FormulaError, match="cannot be turned"):
        mathml(r"\left( x")


def test_prose_links_to_pages_and_marks_its_headings():
    prose = cells.Prose()
    text = cells.markdown("## Why `same`? \n\nSee [there](03_output_size.ipynb#Ceil-mode) and $n_1$.\n\n$$y = x$$", prose)
    assert 'href="03_output_size.html#Ceil-mode"' in text
    assert [heading[1] for heading in prose.headings] == ["Why-same?"]
    assert 'display="block"' in text


def test_the_search_index_holds_every_section():
    page = site.Page("03", "03_output_size", "t", "en", ['<h2 id="a">A</h2><p>one <b>two</b></p>', '<h2 id="b">B</h2> three'])
    assert list(site.sections(page)) == [("a", "A", "one two"), ("b", "B", "three")]


def test_mathematics_in_the_line_of_a_folded_answer_is_set(folder):
    lines = [line for path in folder.rglob("*.html") for line in re.findall("<summary>(.*?)</summary>", path.read_text(encoding="utf-8"))]
    assert any("<math" in line for line in lines)
    assert [line for line in lines if "$" in line] == []


def test_on_paper_every_folded_answer_and_hint_stands_at_the_end_of_its_chapter(folder):
    paper = (folder / "print.html").read_text(encoding="utf-8")
    assert "<details" not in paper
    for article in re.findall(r'<article id="(\d\d):top">(.*?)</article>', paper, re.DOTALL):
        number, text = article
        page = next(folder.glob(f"{number}_*.html")).read_text(encoding="utf-8")
        body, _, end = text.partition("Folded answers and hints")
        folded = page.count("<details>")
        assert re.findall(rf'href="#{number}:folded-(\d+)"', body) == [str(each) for each in range(1, folded + 1)]
        assert re.findall(rf'<div id="{number}:folded-(\d+)"', end) == [str(each) for each in range(1, folded + 1)]
