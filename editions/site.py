"""Build the book as a web site from the notebooks: static pages that need no kernel, no server and no network.

    python3 book.py site                 into the folder site/
    python3 book.py site --to public     into another folder
    python3 book.py site --pdf           also book.pdf, printed by Chromium

Formulas are MathML, widgets live in frames of their own, search runs over an index that is a script of the site. `print.html` holds
the whole book with pictures in place of widgets. The pages open from a disk (file://) as from a server.
"""

import html
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import nbformat

from editions.cells import Prose, cell_html
from editions.trees import ReleaseError, write_tree
from launcher.machine import Trouble
from launcher.tools import read

ROOT = Path(__file__).resolve().parent.parent
ASSETS = Path(__file__).resolve().parent / "assets"
sys.path.insert(0, str(ROOT / "notebooks"))
import build as builder  # noqa: E402 - the list of chapters has one home

TITLE = "The mathematics of convolutional networks"


@dataclass
class Page:
    """One chapter in one language: its place in the site, its parts as HTML, and its headings as (level, id, HTML)."""

    number: str
    slug: str
    title: str
    language: str
    parts: list = field(default_factory=list)
    headings: list = field(default_factory=list)

    @property
    def address(self):
        return f"{self.slug}.html" if self.language == "en" else f"{self.language}/{self.slug}.html"

    @property
    def up(self):
        return "" if self.language == "en" else "../"


def pages():
    """Every chapter that is built, in the order of the book, English first."""
    found = []
    for language in builder.LANGUAGES:
        for chapter in builder.chapters():
            slug = f"{chapter['number']}_{chapter['slug']}"
            if builder.notebook_path(slug, language).exists():
                title = chapter["title"] if language == "en" else chapter[f"title_{language}"]
                found.append(read_page(Page(chapter["number"], slug, title, language)))
    return found


def read_page(page):
    """Turn the page's notebook into HTML."""
    notebook = nbformat.read(builder.notebook_path(page.slug, page.language), as_version=4)
    prose = Prose()
    page.parts = [cell_html(cell, prose) for cell in notebook.cells]
    page.headings = prose.headings
    return page


def contents(page, everything):
    """The list of chapters beside the text, with the present chapter's sections."""
    rows = []
    for other in everything:
        here = other is page
        sections = "".join(f'<li><a href="#{html.escape(mark)}">{text}</a></li>' for level, mark, text in page.headings if level == 2)
        inner = f"<ol>{sections}</ol>" if here and sections else ""
        current = ' aria-current="page"' if here else ""
        language = f' lang="{other.language}"' if other.language != page.language else ""
        rows.append(f'<li><a href="{page.up}{other.address}"{current}{language}>{other.number} {html.escape(other.title)}</a>{inner}</li>')
    return "<ol>" + "\n".join(rows) + "</ol>"


def neighbours(page, everything):
    """Links to the chapters before and after, in the page's language."""
    own = [other for other in everything if other.language == page.language]
    place, links = own.index(page), []
    if place:
        links.append(_step("prev", "Previous", page, own[place - 1]))
    if place + 1 < len(own):
        links.append(_step("next", "Next", page, own[place + 1]))
    return "\n".join(links)


def _step(relation, word, page, other):
    text = f"{word}: {other.number} {html.escape(other.title)}"
    return f'<a rel="{relation}" class="{relation}" href="{page.up}{other.address}">{text}</a>'


def render(page, everything):
    """The whole HTML of a chapter's page."""
    return template("page").substitute(
        language=page.language,
        title=f"{page.number} {html.escape(page.title)}",
        book=TITLE,
        up=page.up,
        contents=contents(page, everything),
        body="".join(page.parts),
        steps=neighbours(page, everything),
    )


def template(name):
    return Template((ASSETS / f"{name}.html").read_text(encoding="utf-8"))


def front(everything):
    """The first page: what the book is, and its chapters."""
    rows = "".join(
        f'<li><a href="{page.address}" lang="{page.language}"><b>{page.number}</b> {html.escape(page.title)}</a></li>'
        for page in everything
    )
    return template("front").substitute(book=TITLE, chapters=rows)


def whole(everything):
    """The whole book on one page, for paper; ids get the chapter's number, since headings repeat."""
    chapters = [page for page in everything if page.language == "en"]
    body = []
    for page in chapters:
        text = unfolded("".join(page.parts))
        text = re.sub(r'\bid="([^"]+)"', lambda found, page=page: f'id="{page.number}:{found[1]}"', text)
        text = re.sub(r"<iframe .*?</iframe>\n|<noscript>.*?</noscript>\n", "", text, flags=re.DOTALL)
        text = re.sub(r'href="#([^"]+)"', lambda found, page=page: f'href="#{page.number}:{found[1]}"', text)
        text = re.sub(r'href="(\d\d)_\w+\.html(?:#([^"]*))?"', lambda found: f'href="#{found[1]}:{found[2] or "top"}"', text)
        body.append(f'<article id="{page.number}:top">\n{text}</article>\n')
    return template("print").substitute(book=TITLE, body="".join(body))


def unfolded(text):
    """A chapter for paper, where nothing unfolds: folded answers and hints stand at its end, and their places point there."""
    answers = []

    def moved(found):
        number = len(answers) + 1
        answers.append(f'<div id="folded-{number}">\n<p><b>{number}. {found[1].strip()}</b></p>\n{found[2].strip()}\n</div>\n')
        return f'<p class="note">{found[1].strip()} <a href="#folded-{number}">See {number} at the end of the chapter.</a></p>'

    text = re.sub(r"<details[^>]*>\s*<summary>(.*?)</summary>(.*?)</details>", moved, text, flags=re.DOTALL)
    return text + ('<h2 id="folded">Folded answers and hints</h2>\n' + "".join(answers) if answers else "")


def search_index(everything):
    """Every section with its words, as a script, because a page opened from a disk may not fetch a file."""
    entries = []
    for page in everything:
        for mark, heading, text in sections(page):
            entries.append({"page": page.address, "at": mark, "chapter": f"{page.number} {page.title}", "heading": heading, "text": text})
    return f"window.BOOK_INDEX = {json.dumps(entries, ensure_ascii=False, separators=(',', ':'))};\n"


def sections(page):
    """(id, heading, plain text) of each part of a page that begins with a heading."""
    text = re.sub(
        r"<iframe .*?</iframe>|<noscript>.*?</noscript>|<(?:svg|style).*?</(?:svg|style)>", " ", "".join(page.parts), flags=re.DOTALL
    )
    cuts = list(re.finditer(r'<h\d id="([^"]*)">(.*?)</h\d>', text))
    for cut, following in zip(cuts, [*cuts[1:], None], strict=True):
        body = text[cut.end() : following.start() if following else len(text)]
        yield html.unescape(cut[1]), _words(cut[2]), _words(body)


def _words(text):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def write(folder, everything):
    """Write all files of the site into a folder, as editions/trees.py does: never over anything else."""
    texts = {page.address: render(page, everything) for page in everything}
    texts |= {"index.html": front(everything), "print.html": whole(everything), "search-index.js": search_index(everything)}
    # ziamath brings the font STIX Two Math (SIL Open Font License), with which brackets and sums take their right size.
    font = Path(importlib.util.find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
    copies = {path.name: path.read_bytes() for path in (ASSETS / "site.css", ASSETS / "site.js", font)}
    write_tree(folder, "site", {name: text.encode() for name, text in texts.items()} | copies)


def print_pdf(folder):
    """Print print.html into book.pdf with Chromium; returns the file."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        raise Trouble("A PDF needs Chromium or Chrome, and neither was found. Open print.html in any browser and print it to a file.")
    target = folder / "book.pdf"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--no-pdf-header-footer"]
        command += [f"--print-to-pdf={target}", (folder / "print.html").as_uri()]
        try:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
        except subprocess.SubprocessError:
            raise Trouble(
                f"{browser} could not print the book. Open {folder / 'print.html'} in a browser and print it to a file."
            ) from None
    return target


def main(arguments=None):
    """Build what the command line asks for; return the exit code."""
    options = read("site", arguments)
    folder, everything = Path(options.to).resolve(), pages()
    try:
        write(folder, everything)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(everything)} chapters are in {folder}. Open {folder / 'index.html'} in a browser.")
    if options.pdf:
        print(f"Printed {print_pdf(folder)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
