"""The cells of a notebook as HTML: prose, code, and outputs, of which a widget becomes a living frame."""

import html
import re

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from cnnlib.widgets.base import RECIPE, living_page
from editions.mathematics import mathml

CODE = HtmlFormatter(nowrap=True)


def anchor(heading):
    """The id of a heading, the same that JupyterLab gives it, so that links work in both."""
    return re.sub(r"[*`]", "", html.unescape(re.sub(r"<[^>]+>", "", heading))).strip().replace(" ", "-")


def code_block(source, label="code"):
    """Python text with its words marked by kind; a wide block scrolls, so it takes the focus."""
    return f'<pre class="code" tabindex="0" role="group" aria-label="{label}"><code>{highlight(source, PythonLexer(), CODE)}</code></pre>\n'


class Prose(IPythonRenderer):
    """Markdown of the book into HTML. It notes the headings it meets, as (level, id, HTML)."""

    def __init__(self):
        super().__init__(escape=False)
        self.headings = []

    def inline_math(self, body):
        return mathml(body)

    def block_math(self, body):
        return mathml(body, block=True)

    def block_html(self, text):
        """A summary is HTML, where Markdown sees no mathematics; Jupyter sets it all the same."""
        return super().block_html(re.sub(r"\$([^$\n]+)\$", lambda found: mathml(found[1]), text))

    def latex_environment(self, name, body):
        return mathml(rf"\begin{{{name}}}{body}\end{{{name}}}", block=True)

    def heading(self, text, level, **attributes):
        mark = anchor(text)
        self.headings.append((level, mark, text))
        return f'<h{level} id="{html.escape(mark)}">{text}</h{level}>\n'

    def block_code(self, code, info=None):
        return code_block(code.rstrip()) if info == "python" else f'<pre class="code" tabindex="0"><code>{html.escape(code)}</code></pre>\n'

    def link(self, text, url, title=None):
        return f'<a href="{html.escape(paged(url))}">{text}</a>'

    def table(self, text):
        return f'<div class="table" role="group" aria-label="table" tabindex="0"><table>{text}</table></div>\n'

    def paragraph(self, text):
        # A formula on a line of its own is a block, and a paragraph may not hold one.
        pieces = re.split(r'(<div class="formula".*?</div>)', text, flags=re.DOTALL)
        return "".join(f"{piece}\n" if piece.startswith("<div") else f"<p>{piece.strip()}</p>\n" for piece in pieces if piece.strip())


def paged(url):
    """The address of a notebook becomes that of its page."""
    return re.sub(r"\.ipynb(?=#|$)", ".html", url)


def markdown(text, prose=None):
    """Markdown with mathematics as HTML."""
    return MarkdownWithMath(renderer=prose or Prose()).render(text)


def cell_html(cell, prose):
    """One cell as a section of the page; its id is the cell's own."""
    if cell.cell_type == "markdown":
        return f'<div id="{cell.id}">\n{markdown(cell.source, prose)}</div>\n'
    exercise = "-exercise-" in cell.id
    outputs = [] if exercise else [output_html(output, cell.id) for output in cell.outputs]
    note = '<p class="note">Answer this exercise in the notebook: the cell above checks it there.</p>\n' if exercise else ""
    if "-hint-" in cell.id:
        return f'<div id="{cell.id}" class="hints">\n{"".join(outputs)}</div>\n'
    return f'<div id="{cell.id}">\n{code_block(cell.source)}{"".join(outputs)}{note}</div>\n'


def output_html(output, name):
    """One output, in the richest form a page without a kernel can show."""
    if output.output_type == "stream":
        return _printed(output.text)
    if output.output_type == "error":
        return _printed("\n".join(output.traceback))
    data = output.data
    if RECIPE in output.metadata:
        return widget_html(output.metadata[RECIPE], data["text/html"])
    if "text/html" in data:
        return f'<div class="output">{paged_links(data["text/html"])}</div>\n'
    if "text/markdown" in data:
        return f'<div class="output">{markdown(data["text/markdown"])}</div>\n'
    if "text/latex" in data:
        return f'<div class="output">{mathml(data["text/latex"].strip().strip("$"), block=True)}</div>\n'
    return _printed(data["text/plain"])


def paged_links(text):
    return re.sub(r'href="([^"]+)"', lambda found: f'href="{paged(found[1])}"', text)


def _printed(text):
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return f'<pre class="printed" tabindex="0" role="group" aria-label="output"><samp>{html.escape(plain)}</samp></pre>\n'


def widget_html(recipe, picture):
    """A widget, alive in a frame of its own on the screen; its picture on paper and where scripts are off."""
    title = " ".join(re.findall(r"[A-Z][a-z]*", recipe["title"])).lower()
    page = html.escape(living_page(recipe["module"], recipe["state"], title))
    return (
        f'<div class="output widget">\n<iframe title="{title}" srcdoc="{page}"></iframe>\n'
        f'<div class="on-paper">{picture}</div>\n<noscript>{picture}</noscript>\n</div>\n'
    )
