"""What `check` answers, and how it looks in a terminal and in a notebook."""

from dataclasses import dataclass
from html import escape

HEADINGS = {True: "passed", False: "not yet", None: "not attempted yet"}
MARKS = {True: "✓", False: "✗", None: "…"}
# JupyterLab's own colours, which follow its theme. They repeat what mark and heading say and carry nothing alone.
EDGES = {True: "--jp-success-color1", False: "--jp-warn-color1", None: "--jp-border-color1"}


@dataclass(frozen=True)
class Verdict:
    """The judgement on an answer.

    passed: True, False, or None when nothing was attempted. message: why, in sentences. misconception: the id of the wrong idea that
    explains the answer, when one does. exercise: its id. `bool(verdict)` is True only when passed.
    """

    passed: bool | None
    message: str
    misconception: str | None = None
    exercise: str = ""

    def __bool__(self):
        return self.passed is True

    def __repr__(self):
        return f"{self.exercise}: {HEADINGS[self.passed]}. {self.message}"

    def _repr_html_(self):
        return panel(f"{MARKS[self.passed]} {self.exercise}: {HEADINGS[self.passed]}", self.message, EDGES[self.passed])


def panel(heading, text, edge="--jp-border-color1"):
    """A box with a heading and a text of several lines; backquotes mark code."""
    pieces = escape(text).split("`")
    body = "".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))
    style = f"border-left: 4px solid var({edge}, currentColor); padding: 0.3em 0.8em; margin: 0.3em 0"
    return (
        f'<div role="status" style="{style}"><strong>{escape(heading)}</strong>'
        f'<div style="white-space: pre-wrap; overflow-x: auto">{body}</div></div>'
    )


@dataclass(frozen=True)
class Note:
    """A heading and a text for the reader, shown as the value of a cell. folded: closed in a notebook until it is clicked."""

    heading: str
    text: str
    folded: bool = False

    def __repr__(self):
        return f"{self.heading}\n{self.text}" if self.text else self.heading

    def _repr_html_(self):
        if not self.folded:
            return panel(self.heading, self.text)
        return f"<details><summary>{escape(self.heading)}</summary>{panel('', self.text)}</details>"


@dataclass(frozen=True)
class Code:
    """Python source, shown as the value of a cell; str() gives the bare source."""

    heading: str
    source: str

    def __str__(self):
        return self.source

    def __repr__(self):
        return f"# {self.heading}\n{self.source}"

    def _repr_html_(self):
        return f'<p><strong>{escape(self.heading)}</strong></p><pre tabindex="0"><code>{escape(self.source)}</code></pre>'


class Table(list):
    """Rows (dicts with the same keys) that print as a table and show as one in a notebook."""

    def __init__(self, rows, caption):
        super().__init__(rows)
        self.caption = caption

    def _cells(self):
        return [list(self[0]) if self else [], *([str(value) for value in row.values()] for row in self)]

    def __repr__(self):
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
        return "\n".join([self.caption, *lines])

    def _repr_html_(self):
        head, *rows = self._cells()
        top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        return f"<table><caption>{escape(self.caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
