"""Where windows stand: sizes, padding, positions, receptive fields.

Everything in the project that needs a size or a position asks this file: the operations, the widgets' limits, the derivations, the
exercise checkers and the error messages. One axis at a time; the two axes of an image are two calls.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from cnnlib.checks import all_single, check_flag, check_integer, common_shape, integer_array

AXES = ("rows", "columns")
SLIDING = ("valid", "same", "full")


class GeometryError(ValueError):
    """Raised when a window has no place to stand. The message shows the numbers and the smallest repair; `lack` counts missing cells."""

    def __init__(self, message, lack=0):
        super().__init__(message)
        self.lack = lack


def window_span(kernel_size, dilation=1):
    """Count the cells from the first to the last cell of a window: r = dilation (kernel_size - 1) + 1.

    Source: Dumoulin and Visin 2016, arXiv:1603.07285, section 5.1.
    """
    return dilation * (kernel_size - 1) + 1


def _places(n, span, stride):
    """Count the starts 0, stride, 2 stride, ... from which `span` cells fit into n: the one size formula of this project."""
    return (n - span) // stride + 1


def output_size(n, kernel_size, stride=1, padding=0, dilation=1, *, ceil_mode=False):
    """Count the places where a window can stand along one axis.

    A window reaches over r = dilation (kernel_size - 1) + 1 cells, so there are floor((n + 2 padding - r) / stride) + 1 places.

    n: cells in the input. kernel_size: cells in the kernel. stride: cells per step. dilation: distance between kernel cells, 1 when
    adjacent. padding: cells added at each end, or "valid" (none), "same" (as many as give ceil(n / stride) places) or "full"
    (r - 1 at each end). ceil_mode: also count a last window that hangs over the end, unless it would start in the padding.
    All are integers, integer arrays (broadcast together) or SymPy expressions.
    Returns the count in the type of the arguments. Numbers that leave no place raise GeometryError; symbols return the formula.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285, relationship 15; ceil mode as in PyTorch's pooling.
    """
    ceil_mode = check_flag(ceil_mode, "ceil_mode")
    arguments = dict(n=n, kernel_size=kernel_size, stride=stride, dilation=dilation)
    if not isinstance(padding, str):
        arguments["padding"] = padding
    if any(_is_symbolic(value) for value in arguments.values()):
        return _output_formula(n, kernel_size, stride, padding, dilation, ceil_mode)
    minimum = dict(n=1, kernel_size=1, stride=1, dilation=1, padding=0)
    if all_single(arguments):
        return Window.fit(n, kernel_size, stride, padding, dilation, ceil_mode=ceil_mode).count
    arrays = {name: integer_array(value, name, minimum[name]) for name, value in arguments.items()}
    shape = common_shape(arrays)
    columns = {name: np.broadcast_to(array, shape).ravel().tolist() for name, array in arrays.items()}
    columns.setdefault("padding", [padding] * len(columns["n"]))
    names = ("n", "kernel_size", "stride", "padding", "dilation")
    rows = zip(*(columns[name] for name in names), strict=True)
    counts = [Window.fit(*row, ceil_mode=ceil_mode).count for row in rows]
    return np.array(counts, dtype=np.int64).reshape(shape)


def _is_symbolic(value):
    """A SymPy expression, recognised without importing SymPy."""
    return hasattr(value, "free_symbols") and hasattr(value, "is_integer")


def _output_formula(n, k, s, p, d, ceil_mode):
    span = window_span(k, d)
    if p == "same":
        return (n + s - 1) // s
    before = {"valid": 0, "full": span - 1}[check_padding_name(p)] if isinstance(p, str) else p
    if not ceil_mode:
        return _places(n + 2 * before, span, s)
    import sympy

    # A window may hang over the end by up to stride - 1 cells, yet must start before the end of the input.
    return sympy.Min(_places(n + 2 * before + s - 1, span, s), (n + before - 1) // s + 1)


def check_padding_name(padding, allowed=SLIDING):
    """Return the padding's name, or say which names there are."""
    if padding not in allowed:
        names = ", ".join(f'"{name}"' for name in allowed)
        raise ValueError(f'padding="{padding}" is not one of {names}. Write one of these names, or a number of cells, such as 0.')
    return padding


@dataclass(frozen=True)
class Window:
    """The places of one sliding window along one axis.

    n: cells of the input. kernel_size, stride, dilation: of the window. before, after: cells of padding at the two ends.
    count: places. `Window.fit` makes one from an operation's options and raises GeometryError where no place is left.
    """

    n: int
    kernel_size: int
    stride: int
    before: int
    after: int
    dilation: int
    count: int

    @classmethod
    def fit(cls, n, kernel_size, stride=1, padding=0, dilation=1, *, ceil_mode=False, axis=None, may_pad=True):
        """Place a window on n cells. `axis` names the axis in errors; `may_pad=False` keeps them from suggesting more padding."""
        k, s, d = (check_integer(v, name, 1) for v, name in ((kernel_size, "kernel_size"), (stride, "stride"), (dilation, "dilation")))
        span = window_span(k, d)
        if isinstance(padding, str):
            p = {"valid": 0, "same": span, "full": span - 1}[check_padding_name(padding)]  # "same": as many as any n needs
        else:
            p = check_integer(padding, "padding", 0)
        n = check_integer(n, "n", 1, fitting=(span - 2 * p, None))
        if padding == "same":
            count = -(-n // s)
            total = max((count - 1) * s + span - n, 0)
            return cls(n, k, s, total // 2, total - total // 2, d, count)
        count = _places(n + 2 * p, span, s)
        if ceil_mode:
            count = min(_places(n + 2 * p + s - 1, span, s), (n + p - 1) // s + 1)
        if count < 1:
            raise GeometryError(_no_place(n, k, p, d, axis, may_pad), span - n - 2 * p)
        return cls(n, k, s, p, p, d, count)

    @property
    def span(self):
        """Cells from the window's first to its last: r = dilation (kernel_size - 1) + 1."""
        return window_span(self.kernel_size, self.dilation)

    @property
    def padded(self):
        """Cells of the input together with its padding."""
        return self.before + self.n + self.after

    def start(self, i):
        """The input cell under the first kernel cell at place i; negative in the padding."""
        return i * self.stride - self.before

    def cells(self, i):
        """The input cells under the kernel at place i, in order; below 0 or from n on they lie in the padding."""
        return tuple(self.start(i) + self.dilation * m for m in range(self.kernel_size))

    def inside(self, i):
        """The input cells under the kernel at place i that really exist."""
        return tuple(cell for cell in self.cells(i) if 0 <= cell < self.n)

    def reading(self, m):
        """The places at which kernel cell m lies on an existing input cell, and those cells: two slices of equal length."""
        offset = m * self.dilation - self.before
        first = max(0, -(offset // self.stride))
        last = min(self.count - 1, (self.n - 1 - offset) // self.stride)
        if last < first:
            return slice(0, 0), slice(0, 0)
        return slice(first, last + 1), slice(self.stride * first + offset, self.stride * last + offset + 1, self.stride)

    def unread(self):
        """The input cells that no place reads: too late for the last step, or stepped over, or between dilated kernel cells."""
        read = {cell for i in range(self.count) for cell in self.cells(i)}
        return tuple(cell for cell in range(self.n) if cell not in read)


def _no_place(n, k, p, d, axis, may_pad):
    span, padded = window_span(k, d), n + 2 * p
    where = f" along the {axis}" if axis else ""
    repair = f"shrink the kernel to {(padded - 1) // d + 1}"
    if may_pad:
        repair = f"Pad by {p - (padded - span) // 2} or {repair}"
    return (
        f"no place{where}: the kernel spans {d}*({k}-1)+1 = {span} cells, the padded input has {n}+2*{p} = {padded}.\n"
        f"{repair[0].upper()}{repair[1:]}."
    )


def transposed_output_size(n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1):
    """Count the cells that a transposed convolution makes from n along one axis.

    It undoes the size of a convolution: (n - 1) stride + dilation (kernel_size - 1) + 1 - 2 padding + output_padding. Several input
    sizes share one output size when stride > 1; output_padding chooses among them.

    Integers, integer arrays or SymPy expressions; output_padding is smaller than stride or dilation. Returns their type.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285, relationships 13 and 14.
    """
    arguments = dict(n=n, kernel_size=kernel_size, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation)
    if any(_is_symbolic(value) for value in arguments.values()):
        return _transposed_formula(**arguments)
    minimum = dict(n=1, kernel_size=1, stride=1, padding=0, output_padding=0, dilation=1)
    if all_single(arguments):
        del arguments["output_padding"]  # checked last, for its repair depends on the others
        numbers = {name: check_integer(value, name, minimum[name]) for name, value in arguments.items()}
        most = max(numbers["stride"], numbers["dilation"]) - 1
        return _checked_transposed(**numbers, output_padding=check_integer(output_padding, "output_padding", 0, fitting=(0, most)))
    arrays = {name: integer_array(value, name, minimum[name]) for name, value in arguments.items()}
    shape = common_shape(arrays)
    columns = (np.broadcast_to(array, shape).ravel().tolist() for array in arrays.values())
    sizes = [_checked_transposed(*row) for row in zip(*columns, strict=True)]
    return np.array(sizes, dtype=np.int64).reshape(shape)


def _transposed_formula(n, kernel_size, stride, padding, output_padding, dilation):
    return (n - 1) * stride + window_span(kernel_size, dilation) - 2 * padding + output_padding


def _checked_transposed(n, kernel_size, stride, padding, output_padding, dilation):
    if output_padding >= max(stride, dilation):
        raise ValueError(
            f"output_padding={output_padding} must be smaller than the stride ({stride}) or the dilation ({dilation}): it only chooses "
            f"among sizes that a convolution rounds to the same output. Write output_padding={max(stride, dilation) - 1}."
        )
    size = _transposed_formula(n, kernel_size, stride, padding, output_padding, dilation)
    if size < 1:
        raise GeometryError(
            f"nothing is left: ({n}-1)*{stride} + {window_span(kernel_size, dilation)} cells, minus 2*{padding} of padding, "
            f"plus {output_padding} make {size}.\nPad by {padding - (2 - size) // 2}.",
            1 - size,
        )
    return size


def adaptive_cells(n, places):
    """Cut n cells into `places` pools as even as they can be: pool i holds the cells floor(i n / places) to ceil((i + 1) n / places).

    Returns a list of (start, stop). Pools overlap by one cell where n does not divide. Source: PyTorch, AdaptiveAvgPool2d.
    """
    return [(i * n // places, -(-(i + 1) * n // places)) for i in range(places)]


def receptive_field(layers):
    """Follow the receptive field of one output cell through a chain of layers.

    Behind a layer with span r, stride s and padding p, with size, jump and start as they stood before it:
    size + (r - 1) jump, jump s, start + ((r - 1) / 2 - p) jump.

    layers: layer objects, or tuples (kernel_size, stride, padding[, dilation]); an entry may be a (rows, columns) pair.
    Returns one row (size, jump, start) per layer: cells seen along an axis, input cells between the centres of neighbouring fields, and
    the centre of the first field in input cells, the first cell's centre being 0. Pairs anywhere give pairs everywhere.
    Source: Araujo, Norris and Sim 2019, doi:10.23915/distill.00021.
    """
    if not np.iterable(layers) or isinstance(layers, str):
        raise TypeError(
            f"layers={layers!r} is not a list of layers. Write layers=[(3, 1, 1)], for example: (kernel_size, stride, padding)."
        )
    steps = [_window_options(layer, number) for number, layer in enumerate(layers)]
    paired = any(isinstance(value, tuple) for step in steps if step for value in step)
    columns = [_trace([tuple(_on_axis(v, axis) for v in step) if step else None for step in steps]) for axis in (0, 1)]
    return [tuple(zip(*rows, strict=True)) if paired else rows[0] for rows in zip(*columns, strict=True)]


def _window_options(layer, number):
    """The (kernel_size, stride, padding, dilation) of a layer; None where each output cell reads one input cell."""
    if isinstance(layer, type):
        raise TypeError(f"layers[{number}] is the class {layer.__name__}, not a layer. Write {layer.__name__}(...), with brackets.")
    if hasattr(layer, "window_options"):
        return layer.window_options()
    if not isinstance(layer, (tuple, list)) or len(layer) not in (3, 4):
        raise TypeError(
            f"layers[{number}]={layer!r} is neither a layer nor a tuple. Write (kernel_size, stride, padding), for example (3, 1, 1)."
        )
    for value in layer:
        if isinstance(value, (tuple, list)) and len(value) != 2:
            raise ValueError(f"layers[{number}]={layer!r} holds {value!r}, and a pair is (rows, columns). Write (3, 3), for example.")
    return (*(tuple(value) if isinstance(value, list) else value for value in layer), *((1,) if len(layer) == 3 else ()))


def _on_axis(value, axis):
    return value[axis] if isinstance(value, tuple) else value


def _trace(steps):
    size, jump, start, rows = 1, 1, Fraction(0), []
    for number, step in enumerate(steps):
        if step is not None:
            k, s, padding, d = step
            layer = f"layers[{number}]"
            k, s, d = (check_integer(v, f"{layer}.{name}", 1) for v, name in ((k, "kernel_size"), (s, "stride"), (d, "dilation")))
            reach = window_span(k, d) - 1
            size, start, jump = size + reach * jump, start + (Fraction(reach, 2) - _before(padding, reach, s, layer)) * jump, jump * s
        rows.append((size, jump, int(start) if start.denominator == 1 else float(start)))
    return rows


def _before(padding, reach, stride, layer):
    if not isinstance(padding, str):
        return check_integer(padding, f"{layer}.padding", 0)
    if check_padding_name(padding) == "same" and stride > 1:
        raise ValueError(
            f'{layer}.padding="same" with stride {stride} depends on the input size, so the first field has no fixed centre. '
            f"Write the padding as a number, for example {reach // 2}."
        )
    return {"valid": 0, "same": reach // 2, "full": reach}[padding]
