"""The table of a net: what each layer makes of one image, what it costs, and how far it sees."""

import html
from dataclasses import dataclass
from math import prod

from cnnlib.geometry import check_integer, receptive_field

HEADINGS = ("layer", "output shape", "parameters", "multiply-adds", "receptive field")
NUMBERS = HEADINGS[2:]  # set to the right


@dataclass(frozen=True)
class Row:
    """One layer of a net. receptive_field: cells of the input along an axis, a (rows, columns) pair where the axes differ, or "all"."""

    name: str
    output_shape: tuple
    parameters: int
    multiply_adds: int
    receptive_field: object

    def words(self):
        """The row as text, in the order of HEADINGS."""
        field = self.receptive_field
        if field != "all":
            field = " x ".join(str(size) for size in (field if isinstance(field, tuple) else (field, field)))
        shape = " x ".join(str(size) for size in self.output_shape)
        return self.name, shape, f"{self.parameters:,}", f"{self.multiply_adds:,}", field


@dataclass(frozen=True)
class Summary:
    """The rows and totals of a net for one image. Prints as a table, in a notebook as HTML."""

    input_shape: tuple
    rows: tuple

    @property
    def parameters(self):
        """All learned numbers."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self):
        """All multiplications, each with its addition, of one image's forward pass."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def caption(self):
        """What the table is about, in one sentence."""
        return f"One image of {' x '.join(str(size) for size in self.input_shape)} through the net"

    def _total(self):
        return "total", "", f"{self.parameters:,}", f"{self.multiply_adds:,}", ""

    def __str__(self):
        body = [row.words() for row in self.rows]
        table = [HEADINGS, *body, self._total()]
        widths = [max(len(row[column]) for row in table) for column in range(len(HEADINGS))]
        lines = [
            "  ".join(
                word.rjust(width) if heading in NUMBERS else word.ljust(width)
                for word, width, heading in zip(row, widths, HEADINGS, strict=True)
            ).rstrip()
            for row in table
        ]
        rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
        return "\n".join([self.caption, rule, lines[0], rule, *lines[1:-1], rule, lines[-1]])

    __repr__ = __str__

    def _repr_html_(self):
        head = "".join(f'<th scope="col"{_side(heading)}>{heading}</th>' for heading in HEADINGS)
        body = "".join(_html_row(row.words()) for row in self.rows)
        return (
            f'<table class="cnnlib-summary"><caption>{html.escape(self.caption)}</caption><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody><tfoot>{_html_row(self._total())}</tfoot></table>"
        )


def _side(heading):
    return f' style="text-align: {"right" if heading in NUMBERS else "left"}"'


def _html_row(words):
    cells = zip(words[1:], HEADINGS[1:], strict=True)
    name = f'<th scope="row" style="text-align: left">{html.escape(words[0])}</th>'
    return f"<tr>{name}{''.join(f'<td{_side(heading)}>{html.escape(word)}</td>' for word, heading in cells)}</tr>"


def summarize(model, input_shape):
    """Follow one image's shape through the model, without drawing a weight or computing a cell."""
    if not isinstance(input_shape, (tuple, list)) or len(input_shape) not in (1, 3):
        example = (1, 28, 28)
        if isinstance(input_shape, (tuple, list)) and len(input_shape) in (2, 4):  # a plain image, or a batch
            example = (1, *input_shape)[-3:]
        raise ValueError(
            f"input_shape={input_shape!r} is not (C, H, W), the shape of one image, nor (features,). "
            f"Write input_shape={example}, for example."
        )
    shape = tuple(check_integer(size, f"input_shape[{axis}]", 1) for axis, size in enumerate(input_shape))
    first, rows, passed = shape, [], []
    for name, layer in model.children() or (("", model),):
        after = layer.output_shape(shape)
        passed.append(layer)
        count = sum(prod(size) for size in layer.parameter_shapes().values())
        label = f"{name} {type(layer).__name__}".strip()
        rows.append(Row(label, after, count, layer.multiply_adds(shape), _field(passed)))
        shape = after
    return Summary(first, tuple(rows))


def _field(layers):
    try:
        return receptive_field(layers)[-1][0]
    except ValueError:
        return "all"
