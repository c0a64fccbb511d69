"""Claims in the chapters: every item stands in the clinic, is taught in its chapter, and every link leads to a heading that exists."""

import functools
import importlib.util
import re
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from cnnlib import claims
from cnnlib.claims import formula, pages
from cnnlib.claims.pages import CLINIC, Pages, anchor

ROOT = Path(__file__).resolve().parents[2]
BOOK = Pages(ROOT / "notebooks")
spec = importlib.util.spec_from_file_location("build_for_claims", ROOT / "notebooks" / "build.py")
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)

every_claim = pytest.mark.parametrize("claim", claims.catalog(), ids=lambda claim: claim.item)
LINK = re.compile(r"\]\(([\w./]*)#([^)\s]+)\)")


@functools.cache
def headings(path):
    """The anchors of a notebook, as JupyterLab and nbconvert make them: a heading's words with hyphens."""
    cells = nbformat.read(path, as_version=4).cells
    found = [re.findall(r"^#{1,6} +(.+?)\s*$", cell.source, re.MULTILINE) for cell in cells if cell.cell_type == "markdown"]
    return {re.sub(r"[*`]", "", heading).replace(" ", "-") for some in found for heading in some}


def clinic():
    return build.assemble(CLINIC)


@every_claim
def test_every_item_has_a_heading_of_its_own_in_the_clinic(claim):
    assert claim.item in headings(build.notebook_path(CLINIC))


@every_claim
def test_every_item_is_tested_by_a_cell_of_the_clinic(claim):
    code = [cell.source for cell in clinic().cells if cell.cell_type == "code"]
    assert sum(f'"{claim.item}"' in source and re.match(r"claims\.(examine|verdicts)\(", source) is not None for source in code) == 1


@every_claim
def test_every_item_is_taught_in_the_chapter_that_the_catalogue_names(claim):
    """Fails for every chapter that is not written yet, and for one that does not name the item in bold."""
    assert BOOK.place(claim), f"{claim.item}: source/{BOOK.slug(claim.chapter)}.md does not cite it in bold"


@every_claim
def test_the_link_of_the_coverage_table_leads_to_a_heading(claim):
    path = build.notebook_path(BOOK.slug(claim.chapter))
    assert path.exists(), f"{claim.item}: {path.name} is not built"
    _, fragment = LINK.search(BOOK.cell_link(claim)).groups()
    assert unquote(fragment) in headings(path)


@pytest.mark.parametrize("slug", build.slugs())
def test_every_link_with_an_anchor_leads_to_a_heading(slug):
    """Reads what the source makes, so that it need not wait for a build; the target must be built."""
    for cell in build.assemble(slug).cells:
        if cell.cell_type != "markdown":
            continue
        for page, fragment in LINK.findall(cell.source):
            target = build.NOTEBOOKS / page if page else build.notebook_path(slug)
            assert target.exists(), f"{slug}: {cell.id} leads to {page}, which is not built"
            assert unquote(fragment) in headings(target), f"{slug}: {cell.id} leads to {page}#{fragment}"


def test_the_clinic_is_the_chapter_that_the_list_names():
    assert BOOK.slug("20") == CLINIC


def test_a_bold_item_becomes_a_link_and_nothing_else_does():
    text = "**F12**, **F68**, **F 1**, F12, `**F12**`, [**F12**](x) and **F33**."
    linked = (
        "[**F12**](20_formula_clinic.ipynb#F12), **F68**, **F 1**, F12, `**F12**`, [**F12**](x) and [**F33**](20_formula_clinic.ipynb#F33)."
    )
    assert BOOK.linked(text, "03_output_size") == linked


def test_in_the_clinic_itself_the_link_stays_on_the_page():
    assert BOOK.linked("**F12**", CLINIC) == "[**F12**](#F12)"


def test_a_translation_leads_to_the_translated_clinic_only_where_there_is_one(tmp_path):
    (tmp_path / "source" / "zh").mkdir(parents=True)
    assert Pages(tmp_path).linked("**F1**", "03_output_size", "zh") == "[**F1**](../20_formula_clinic.ipynb#F1)"
    (tmp_path / "source" / "zh" / f"{CLINIC}.md").touch()
    assert Pages(tmp_path).linked("**F1**", "03_output_size", "zh") == "[**F1**](20_formula_clinic.ipynb#F1)"


def test_links_change_no_id_of_a_cell(monkeypatch):
    """An id is made of the author's words, so that a link elsewhere does not rename a cell."""
    ids = [cell.id for cell in build.assemble("03_output_size").cells]
    monkeypatch.setattr(Pages, "linked", lambda self, text, *rest: text)
    assert [cell.id for cell in build.assemble("03_output_size").cells] == ids


def test_the_built_chapters_carry_the_links():
    cells = [cell.source for cell in build.assemble("03_output_size").cells if cell.cell_type == "markdown"]
    assert any("[**F1**](20_formula_clinic.ipynb#F1)" in source for source in cells)


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("F12", "F12"),
        ("3.6 What circulates: the formula", "3.6-What-circulates:-the-formula"),
        ("Is it *so*?", "Is-it-so%3F"),
        ("A (b) $c$", "A-%28b%29-%24c%24"),
    ],
)
def test_an_anchor_is_the_heading_with_hyphens_safe_in_a_link(heading, part):
    assert anchor(heading) == part
    assert not set("()[] ") & set(part)


def test_the_table_of_articles_counts_all_items():
    rows = re.findall(r"\| (\d+) of (\d+) \|", pages.sources_table())
    assert sum(int(total) for _, total in rows) == 67
    assert sum(int(formulas) for formulas, _ in rows) == sum(claim.states_a_formula for claim in claims.catalog())


def test_a_place_in_a_chapter_is_the_heading_above_the_first_citation(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "chapters.toml").write_text('[[chapter]]\nnumber = "03"\nslug = "x"\ntitle = "T"\n', encoding="utf-8")
    claim, book = claims.CLAIMS["F1"], Pages(tmp_path)
    assert book.place(claim) is None
    assert book.cell_link(claim) == "not yet"
    text = "# T\n\n## One\n\n```python\n# no heading\n```\n\nSee **F1**.\n\n## Two\n\n**F1** again.\n"
    (tmp_path / "source" / "03_x.md").write_text(text, encoding="utf-8")
    assert book.place(claim) == "One"
    assert book.cell_link(claim) == "[One](03_x.ipynb#One)"


TOOLS = {
    "test_size_formula": claims.CLAIMS["F1"].tester,
    "test_convolution": claims.CLAIMS["F33"].tester,
    "test_layer": claims.CLAIMS["F52"].tester,
    "test_pooling": claims.CLAIMS["F34"].tester,
    "test_softmax": claims.CLAIMS["F7"].tester,
    "test_gradient": claims.CLAIMS["F53"].tester,
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_clinic_lists_the_arguments_that_a_tool_knows(tool):
    row = re.search(rf"^\| `{tool}` \| ([^|]+)", BOOK.source("20"), re.MULTILINE)[1]
    listed = re.findall(r"`(\w+)`(?: \(([^)]*)\))?", row)
    tester = TOOLS[tool]
    assert [name for name, _ in listed] == list(tester.settings()[0])
    for name, others in listed:
        assert all(tester.aliases[other] == name for other in re.findall(r"`(\w+)`", others)), name


def test_the_clinic_says_how_long_a_formula_may_take():
    assert formula.SECONDS == 10
    assert "after ten seconds without an answer" in BOOK.source("20")
