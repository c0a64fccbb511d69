"""Pictures of arrays: the book's colours, its figure style, and `show`, which displays a figure together with its description.

Plotting functions take (axes, arrays) and decide nothing. matplotlib is imported inside the functions, so the colours cost nothing.
"""

import base64
import html
import io
import numbers

# The palette of Okabe and Ito, told apart with every common kind of colour vision. The widgets use the same values.
COLORS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}
# The order in which curves take their colours, and the line styles that tell the curves apart without colour.
CURVES = ("blue", "orange", "green", "vermilion", "purple", "sky")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)))

# matplotlib's inches come out as CSS pixels at 96 per inch; more dots than that keep the text sharp on dense screens.
CSS_PIXELS_PER_INCH = 96
DOTS_PER_INCH = 144


def style():
    """The book's matplotlib settings as a dict: black on an explicit white ground, readable in light and dark notebook themes.

    A curve is known by its line style as well as by its colour.
    """
    from cycler import cycler

    return {
        "figure.figsize": (6.4, 3.6),
        "figure.dpi": CSS_PIXELS_PER_INCH,
        "figure.facecolor": "white",
        "figure.constrained_layout.use": True,
        "savefig.facecolor": "white",
        "savefig.transparent": False,
        "axes.facecolor": "white",
        "axes.edgecolor": "black",
        "axes.labelcolor": "black",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=[COLORS[name] for name in CURVES]) + cycler(linestyle=list(LINES)),
        "text.color": "black",
        "xtick.color": "black",
        "ytick.color": "black",
        "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same letters
        "font.size": 10,
        "lines.linewidth": 2,
        "image.cmap": "gray",
        "image.interpolation": "nearest",  # a cell stays a cell
        "legend.frameon": False,
    }


def use_style():
    """Draw every figure from now on in the book's style. A chapter calls it once, in its first cell."""
    import matplotlib

    matplotlib.rcParams.update(style())


def show(figure, alt):
    """Display a figure in the notebook with the description that a reader hears who cannot see it, and close the figure.

    JupyterLab gives a plain PNG output no description, so the picture travels inside an HTML image that has one. Outside a notebook
    the description is printed.

    figure: a matplotlib Figure. alt: what the figure shows, with its numbers, in one or two sentences.
    Raises TypeError or ValueError where the description is missing.
    """
    alt = _checked_description(alt)
    import matplotlib.pyplot as plt
    from IPython import get_ipython
    from IPython.display import display

    picture = figure_html(figure, alt)
    plt.close(figure)
    if get_ipython() is None:
        print(alt)
    else:
        display({"text/html": picture, "text/plain": alt}, raw=True)


def figure_html(figure, alt):
    """Return a figure as an HTML image with its description, the same text for the same figure every time."""
    buffer = io.BytesIO()
    figure.draw_without_rendering()  # the layout comes to rest in its second pass; after one pass a title may stick out at the top
    # Without the software entry the bytes depend on the picture alone.
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, facecolor="white", metadata={"Software": None})
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    width = round(figure.get_figwidth() * CSS_PIXELS_PER_INCH)
    return f'<img alt="{html.escape(_checked_description(alt))}" width="{width}" src="data:image/png;base64,{data}">'


def _checked_description(alt):
    if not isinstance(alt, str):
        raise TypeError(f'alt={alt!r} is a {type(alt).__name__}, and a sentence is wanted. Write alt="what the figure shows".')
    text = " ".join(alt.split())
    if not text:
        raise ValueError('alt="" describes nothing. Say what the figure shows, with its numbers.')
    return text


def cells(axes, values, *, labels=True, decimals=2, **options):
    """Draw a matrix as cells that carry their numbers, row 0 at the top.

    axes: matplotlib Axes. values: (H, W). labels: write the numbers. decimals: places after the point, fewer where they are zero.
    options: handed to `imshow`. Returns the AxesImage.
    """
    image = axes.imshow(values, **options)
    axes.set_xticks(range(len(values[0])))
    axes.set_yticks(range(len(values)))
    if labels:
        for i, row in enumerate(values):
            for j, value in enumerate(row):
                red, green, blue, _ = image.cmap(image.norm(float(value)))
                bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.4
                axes.text(j, i, _number(value, decimals), ha="center", va="center", color="black" if bright else "white")
    return image


def _number(value, decimals):
    if isinstance(value, numbers.Integral):
        return str(value)
    text = f"{float(value):.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def row_figure(rows, width=6.4):
    """A figure for `rows` rows of cells with nothing around them; returns (figure, axes)."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(width, 0.42 * rows + 0.1))
    axes.set_axis_off()
    return figure, axes


def window_places(axes, window):
    """Draw one axis of an input, and below it every place of a window, each in a row of its own.

    Padding is dashed; the cells under the kernel are filled and framed thickly; cells that no place reads are hatched.
    window: a `cnnlib.geometry.Window`.
    """
    unread = set(window.unread())
    for cell in range(-window.before, window.n + window.after):
        inside = 0 <= cell < window.n
        look = {"facecolor": "white", "edgecolor": "black", "linestyle": "-" if inside else ":", "hatch": "///" if cell in unread else None}
        _cell(axes, cell, 0, str(cell) if inside else "pad", **look)
    for place in range(window.count):
        start, row = window.start(place), -place - 1
        axes.plot([start, start + window.span - 1], [row, row], color=COLORS["blue"], linewidth=2, linestyle="-", zorder=1)
        for cell in window.cells(place):
            _cell(axes, cell, row, str(cell), facecolor="#CFE3F1", edgecolor=COLORS["blue"], linewidth=2)
        axes.text(-window.before - 0.8, row, f"place {place}", ha="right", va="center", color="black")
    axes.text(-window.before - 0.8, 0, "input", ha="right", va="center", color="black")
    axes.set(xlim=(-window.before - 3, max(window.n + window.after, window.start(window.count - 1) + window.span) - 0.3))
    axes.set(ylim=(-window.count - 0.6, 0.6), aspect="equal")


def _cell(axes, x, y, text, **look):
    """One square cell with its number."""
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x - 0.45, y - 0.42), 0.9, 0.84, **{"linewidth": 1, "zorder": 2} | look))
    label = {"facecolor": "white", "edgecolor": "none", "pad": 0.8} if look.get("hatch") else None
    axes.text(x, y, text, ha="center", va="center", color="black", fontsize=9, bbox=label, zorder=3)


def weight_matrix(axes, matrix):
    """Draw a matrix with few different entries: zeros stay blank, equal entries carry the same name and the same colour.

    matrix: (rows, columns) of SymPy symbols and zeros, such as `cnnlib.conv2d_matrix` of symbols. Up to six weights have a colour of
    their own; from the seventh on the colours come round again, and the names go on telling them apart.
    """
    names = list(dict.fromkeys(str(entry) for row in matrix for entry in row if entry != 0))
    look = {name: COLORS[CURVES[number % len(CURVES)]] for number, name in enumerate(names)}
    for i, row in enumerate(matrix):
        for j, entry in enumerate(row):
            colour = look.get(str(entry))
            _cell(
                axes,
                j,
                i,
                "" if colour is None else str(entry),
                facecolor=(colour, 0.25) if colour else "white",
                edgecolor=colour or "#D8D8D8",
            )
    axes.set(xlim=(-0.6, len(matrix[0]) - 0.4), ylim=(len(matrix) - 0.4, -0.6), aspect="equal", xlabel="input cell", ylabel="output cell")
    axes.set_xticks(range(len(matrix[0])))
    axes.set_yticks(range(len(matrix)))


def signed_image(axes, values, *, limit=None):
    """Draw numbers of both signs as colours: orange below 0, white at 0, blue above, equally strong at equal distance from 0.

    axes: matplotlib Axes. values: (H, W). limit: the size at which the colour is full, by default the largest in the values.
    Returns the AxesImage, for a colour bar.
    """
    from matplotlib.colors import LinearSegmentedColormap

    scale = LinearSegmentedColormap.from_list("signed", [COLORS["orange"], "#FFFFFF", COLORS["blue"]])
    limit = float(abs(values).max()) if limit is None else limit
    axes.set(xticks=[], yticks=[])
    return axes.imshow(values, cmap=scale, vmin=-limit, vmax=limit)
