"""Claims in the chapters: the statements of the clinic with their tests, the links that citations become, and what is covered where.

The builder of the notebooks calls this. An anchor is a heading, because headings are what JupyterLab and an exported page both find.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cnnlib.claims.claim import SOURCES
from cnnlib.claims.tester import NO_FORMULA

CLINIC = "20_formula_clinic"
_CITED = re.compile(r"(?<![\[`*])\*\*(F\d+)\*\*(?![\]`*])")
_HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*$")
_MARK = re.compile(r"^<!-- (claims|verdicts): ([F\d ]+) -->$", re.MULTILINE)


def anchor(heading):
    """The part of an address that leads to a heading: as JupyterLab and nbconvert make it, safe in a link."""
    return re.sub(r"[%?()\[\]<>\"|\\^`{}$]", lambda found: f"%{ord(found[0]):02X}", re.sub(r"[*`]", "", heading).replace(" ", "-"))


@dataclass(frozen=True)
class Pages:
    """The book's pages as far as the clinic needs them. folder: where chapters.toml, source/ and the notebooks are."""

    folder: Path

    @cached_property
    def chapters(self):
        """The list of chapters, {number: entry of chapters.toml}."""
        listed = tomllib.loads((self.folder / "chapters.toml").read_text(encoding="utf-8"))["chapter"]
        return {chapter["number"]: chapter for chapter in listed}

    def slug(self, number):
        """NN_slug of a chapter."""
        return f"{number}_{self.chapters[number]['slug']}"

    def source(self, number):
        """What the author of a chapter wrote; empty while there is nothing."""
        path = self.folder / "source" / f"{self.slug(number)}.md"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def linked(self, text, slug, language="en"):
        """Turn every bold item, **F12**, into a link to it; a translation leads to the English clinic while it has none of its own."""
        from cnnlib.claims import CLAIMS

        own = language == "en" or (self.folder / "source" / language / f"{CLINIC}.md").exists()
        page = "" if slug == CLINIC and own else f"{'' if own else '../'}{CLINIC}.ipynb"
        return _CITED.sub(lambda found: f"[**{found[1]}**]({page}#{found[1]})" if found[1] in CLAIMS else found[0], text)

    def link_items(self, cells, slug, language="en"):
        """Do so in the prose of a chapter's cells."""
        for cell in cells:
            if cell.cell_type == "markdown":
                cell.source = self.linked(cell.source, slug, language)

    def place(self, claim):
        """The heading above the first bold citation of a claim in the chapter that teaches it; None while there is none."""
        heading, fenced = None, False
        for line in self.source(claim.chapter).splitlines():
            fenced ^= line.startswith("```")
            if not fenced and (found := _HEADING.match(line)):
                heading = found[2]
            if f"**{claim.item}**" in line:
                return heading
        return None

    def chapter_link(self, claim):
        """A link to the chapter that teaches a claim."""
        return f"[chapter {int(claim.chapter)}, {self.chapters[claim.chapter]['title']}]({self.slug(claim.chapter)}.ipynb)"

    def cell_link(self, claim):
        """A link to the section that teaches a claim; words while there is none."""
        heading = self.place(claim)
        if heading is None:
            return "not yet"
        return f"[{heading.split(':')[0] if len(heading) > 60 else heading}]({self.slug(claim.chapter)}.ipynb#{anchor(heading)})"

    def expanded(self, text):
        """Fill in the marks of a source: `<!-- claims: F1 F2 -->`, `<!-- verdicts: F8 -->`, and those of articles, items and coverage."""
        text = _MARK.sub(lambda found: self._asked(found[2].split(), "examine" if found[1] == "claims" else "verdicts"), text)
        for mark, made in (("<!-- articles -->", sources_table), ("<!-- items -->", item_links), ("<!-- coverage -->", self.coverage)):
            text = text.replace(mark, made()) if mark in text else text
        return text

    def _asked(self, items, call):
        """Statements, the question, the cell that answers it, and where the answer is derived."""
        from cnnlib.claims import CLAIMS

        claims = [CLAIMS[item] for item in items]
        statements = "".join(f"### {claim.item}\n\nArticle {claim.source}:\n\n> {claim.text}\n\n" for claim in claims)
        arguments = ", ".join(f'"{item}"' for item in items)
        sections = dict.fromkeys(f"chapter {int(claim.chapter)}: {self.cell_link(claim)}" for claim in claims)
        return (
            f"{statements}**Predict:** true, false, or under which conditions?\n\n"
            f'```python key="{"-".join(items).lower()}"\nclaims.{call}({arguments})\n```\n\n'
            f"Taught in {'; '.join(sections)}."
        )

    def coverage(self):
        """The table of all items: verdict, chapter, and a link to the section that teaches it."""
        from cnnlib.claims import CLAIMS

        rows = [
            f"| [{claim.item}](#{claim.item}) | {claim.verdict} | {self.chapter_link(claim)} | {self.cell_link(claim)} |"
            for claim in CLAIMS.values()
        ]
        return "\n".join(["| item | verdict | chapter | section |", "|:--|:--|:--|:--|", *rows])


def sources_table():
    """The articles from which the items come, in place of `<!-- articles -->`."""
    from cnnlib.claims import CLAIMS

    rows = ["| article | what | items | of them, testable |", "|:--|:--|:--|:-:|"]
    for key, what in SOURCES.items():
        mine = [claim for claim in CLAIMS.values() if claim.source == key]
        formulas = sum(claim.verdict != NO_FORMULA for claim in mine)
        rows.append(f"| {key} | {what} | {mine[0].item} to {mine[-1].item} | {formulas} of {len(mine)} |")
    return "\n".join(rows)


def item_links():
    """A link to every item, in place of `<!-- items -->`: JupyterLab forgets where in a page a link leads when it has to open the page."""
    from cnnlib.claims import CLAIMS

    return " ".join(f"[{item}](#{item})" for item in CLAIMS)
