"""What every widget of the book has: its module, a short name, a static picture, and a page that lives without a kernel."""

import html
import json
from pathlib import Path

import anywidget

from cnnlib.widgets.bundle import bundle, stylesheet


class BookWidget(anywidget.AnyWidget):
    """Base class of the book's widgets.

    A subclass sets `module` (its JavaScript file), `shown` (the traits that its repr tells), and defines `static_svg()`, the picture of
    the present state as SVG text, and `description`, one sentence that says what the picture shows, with its numbers.
    """

    module = None
    shown = ()
    alive_alone = True  # whether the module does something useful where no kernel answers

    def __init_subclass__(cls, **options):
        # Only for the class that names a module: ipywidgets makes a further subclass for every instance.
        if "module" in cls.__dict__:
            cls._esm, cls._css = bundle(cls.module), stylesheet()
        super().__init_subclass__(**options)

    def static_svg(self):
        raise NotImplementedError(f"{type(self).__name__} has no static picture. Define static_svg().")

    @property
    def description(self):
        raise NotImplementedError(f"{type(self).__name__} has no description. Define it as a property.")

    def state(self):
        """The synced traits that make the picture, by name, as JSON can hold them."""
        return {name: value for name, value in self.get_state().items() if not name.startswith("_") and name not in _HOUSEKEEPING}

    def __repr__(self):
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.shown)
        return f"{type(self).__name__}({settings})"

    def _repr_mimebundle_(self, **options):
        """The live widget where there is a kernel; where there is none, the static picture and its description.

        The metadata says how to bring the widget back to life without a kernel; pages made from a notebook need it.
        """
        data, metadata = super()._repr_mimebundle_(**options)
        recipe = {RECIPE: {"module": self.module, "state": self.state(), "title": type(self).__name__}} if self.alive_alone else {}
        return {**data, "text/plain": repr(self), "text/html": self.static_html()}, {**metadata, **recipe}

    def static_html(self):
        """The static picture as HTML. An image, because untrusted notebooks and GitHub strip the parts of an inline SVG."""
        return image_html(self.static_svg(), self.description)


RECIPE = "cnnlib_widget"  # the name of the recipe among an output's metadata
_HOUSEKEEPING = ("layout", "tabbable", "tooltip")

# What a widget's module asks of its model, in a page without a kernel.
_MODEL = """
const values = %s, listeners = new Set();
const model = {
  get: (key) => values[key],
  set(key, value) {
    if (JSON.stringify(values[key]) === JSON.stringify(value)) return;
    values[key] = value;
    listeners.forEach((listener) => listener());
  },
  on: (event, listener) => listeners.add(listener),
  off: (event, listener) => listeners.delete(listener),
  save_changes() {},
};
render({ model, el: document.getElementById("widget") });
"""
# Inside a frame of the same origin, the frame takes the height of what is in it.
_FIT = """
try {
  const fit = () => frameElement && (frameElement.style.height = `${document.documentElement.offsetHeight + 2}px`);
  new ResizeObserver(fit).observe(document.documentElement);
} catch { /* a frame of another origin keeps the height it was given */ }
"""
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>html {{ height: auto; }} body {{ margin: 0; padding: 4px; }}
{style}</style>
</head>
<body>
<div id="widget"></div>
<script type="module">
{module}
{model}{fit}</script>
</body>
</html>
"""


def image_html(svg, description):
    """An SVG text as an HTML image that carries its description."""
    import base64

    data = base64.b64encode(svg.encode()).decode("ascii")
    return f'<img style="max-width: 100%" alt="{html.escape(description)}" src="data:image/svg+xml;base64,{data}">'


def export_html(widget, path=None, *, title=None):
    """Write a widget as a page of its own, alive without a kernel and without the network, in the state it has now.

    widget: a BookWidget. path: a file to write, or None. title: the page's title, by default the widget's repr.
    Returns the page's text.
    """
    page = living_page(widget.module, widget.state(), title or repr(widget))
    if path is not None:
        Path(path).write_text(page, encoding="utf-8")
    return page


def living_page(module, state, title):
    """Return the text of a page in which a widget's module lives alone. module: its file. state: its synced traits. title: the page's."""
    values = json.dumps(state, sort_keys=True).replace("</", "<\\/")
    return _PAGE.format(title=html.escape(title), style=stylesheet(), module=bundle(module), model=_MODEL % values, fit=_FIT)


def embed_html(widget, *, height=900, title=None):
    """Return an `<iframe srcdoc>` that holds `export_html`: the widget, alive inside any page, its style kept apart from the page's.

    height: pixels, until the frame has measured its content.
    """
    title = title or type(widget).__name__
    page = html.escape(export_html(widget, title=title))
    return f'<iframe title="{html.escape(title)}" srcdoc="{page}" style="width: 100%; height: {height}px; border: 0"></iframe>'
