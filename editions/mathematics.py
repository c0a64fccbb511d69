"""LaTeX into MathML, which browsers draw by themselves: no script, no network, and screen readers can say it."""

import html
import re

from latex2mathml.converter import convert


class FormulaError(ValueError):
    """Raised for a formula that cannot be set; the message shows the formula."""


def mathml(latex, *, block=False):
    """Return a formula as a `<math>` element. latex: without its dollar signs. block: on a line of its own, scrolling when too wide."""
    source = _plain(latex)
    try:
        element = convert(source, display="block" if block else "inline")
    except Exception as error:
        raise FormulaError(f"this formula cannot be turned into MathML ({type(error).__name__}): {latex.strip()}") from error
    element = element.replace("<math ", f'<math alttext="{html.escape(source)}" ', 1)
    if not block:
        return element
    return f'<div class="formula" role="group" aria-label="formula" tabindex="0">{element}</div>'


def _plain(latex):
    """Leave out what only sizes the formula; \\lvert and \\lVert are drawn, but not known, as such."""
    text = re.sub(r"\\displaystyle\s*|\\tag\{[^}]*\}", "", latex.strip())
    for name, sign in (("lvert", "|"), ("rvert", "|"), ("lVert", r"\\|"), ("rVert", r"\\|"), ("tfrac", r"\\frac"), ("dfrac", r"\\frac")):
        text = re.sub(rf"\\{name}(?![A-Za-z])", sign, text)
    return text
