"""Transposed convolution: the backward pass of a convolution, used as a forward pass. It makes images larger.

Its matrix is the transpose of a convolution's, so this file adds no arithmetic: the forward pass is a convolution's gradient for its
input, the gradient for x is that convolution itself, and the gradient for w is the convolution's with x and dy in exchanged roles.
"""

import numpy as np

from cnnlib.arrays import IMAGES, as_array, as_upstream, check_axes, check_cells, check_groups, common_dtype, own_dtype, pair, widened
from cnnlib.geometry import AXES, GeometryError, Window, transposed_output_size
from cnnlib.ops.lowering import gradient_of_input, gradient_of_weight, lowered_convolution


@np.errstate(all="ignore")
def conv_transpose2d(x, w, b=None, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """Let every input cell paint its kernel, scaled by its value, and add up where the paintings overlap.

    y[n, f, h, k] = b[f] + sum of w[c, f, u, v] x[n, c, i, j] over all c, u, v, i, j with h = i stride + u dilation - padding and
    k = j stride + v dilation - padding. What falls outside is cut away; output_padding adds rows and columns at the end.

    x: (N, C, H, W). w: (C, F / groups, kH, kW). b: (F,) or None. Options: int or (rows, columns); padding is a number.
    Returns (N, F, H', W') with H' = transposed_output_size(H, kH, stride, padding, output_padding, dilation), in the common dtype.
    Source: Dumoulin and Visin 2016, arXiv:1603.07285, chapter 4.
    """
    x, w, b, rows, columns, groups = _inputs(x, w, b, stride, padding, output_padding, dilation, groups)
    dtype = common_dtype(x, w, b)
    shape = (len(x), w.shape[1] * groups, rows.n, columns.n)
    y = gradient_of_input(widened(x, dtype), widened(w, dtype), shape, rows, columns, groups)
    if b is not None:
        y += widened(b, dtype)[:, None, None]
    return y


@np.errstate(all="ignore")
def conv_transpose2d_backward(dy, x, w, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """Carry dy back to x, w and b: dx is the plain convolution of dy with w, for transposing twice changes nothing.

    dw = sum of x dy over all pairs of cells that the weight joins, db = sum of dy.

    dy: (N, F, H', W'). x, w and options as in `conv_transpose2d`. Returns dx, dw, db, each in the dtype of its own array (db in that
    of w). Source: derived in chapter 11; Dumoulin and Visin 2016, arXiv:1603.07285, chapter 4.
    """
    return conv_transpose2d_gradients(
        dy, x, w, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation, groups=groups
    )


@np.errstate(all="ignore")
def conv_transpose2d_gradients(dy, x, w, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1, need_dx=True):
    """`conv_transpose2d_backward`; the first layer of a model spares itself the dx that nobody needs and gets None."""
    x, w, _, rows, columns, groups = _inputs(x, w, None, stride, padding, output_padding, dilation, groups)
    dy = as_upstream(dy, (len(x), w.shape[1] * groups, rows.n, columns.n), "conv_transpose2d", symbols=True)
    dtype = common_dtype(dy, x, w)
    dy, x_wide, w_wide = (widened(array, dtype) for array in (dy, x, w))
    dw = own_dtype(gradient_of_weight(x_wide, dy, w.shape, rows, columns, groups), w)
    db = own_dtype(dy.sum(axis=(0, 2, 3)), w)
    return own_dtype(lowered_convolution(dy, w_wide, rows, columns, groups), x) if need_dx else None, dw, db


def conv_transpose2d_loops(x, w, b=None, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    """The definition of `conv_transpose2d`, written as plain loops: slow, and obviously right. Same arguments, same result.

    Source: Dumoulin and Visin 2016, arXiv:1603.07285, chapter 4.
    """
    x, w, b, rows, columns, groups = _inputs(x, w, b, stride, padding, output_padding, dilation, groups)
    channels, per_group, dtype = len(w) // groups, w.shape[1], common_dtype(x, w, b)
    x, w, b = (widened(array, dtype) for array in (x, w, b))
    y = np.zeros((len(x), per_group * groups, rows.n, columns.n), dtype=dtype)
    y += 0 if b is None else b[:, None, None]
    for n, c, i, j in np.ndindex(x.shape):
        for f, u, v in np.ndindex(w.shape[1:]):
            row, column = rows.cells(i)[u], columns.cells(j)[v]
            if 0 <= row < rows.n and 0 <= column < columns.n:
                y[n, c // channels * per_group + f, row, column] += w[c, f, u, v] * x[n, c, i, j]
    return y


def _inputs(x, w, b, stride, padding, output_padding, dilation, groups):
    """Check what is given; returns the arrays, the groups, and the windows of the convolution that leads from y back to x."""
    x = as_array(x, "x", IMAGES, symbols=True)
    w = as_array(w, "w", symbols=True)
    check_axes(w, "w", "(C_in, C_out / groups, kH, kW)")
    if min(w.shape) < 1:
        raise ValueError(f"w has shape {w.shape}, and every axis needs at least one entry. Give every axis of w at least 1.")
    check_cells(x.shape[2:])
    groups = check_groups(groups, in_channels=x.shape[1])
    if len(w) != x.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} channels, and w of shape {w.shape} paints from {len(w)}. Give w the shape {(x.shape[1], *w.shape[1:])}."
        )
    rows, columns = _windows(x.shape[2:], w.shape[2:], *transposed_options(stride, padding, output_padding, dilation))
    if b is not None:
        b = as_array(b, "b", symbols=True)
        if b.shape != (w.shape[1] * groups,):
            f = w.shape[1] * groups
            raise ValueError(f"b has shape {b.shape}, and w with groups={groups} makes {f} output channels. Give b the shape ({f},).")
    return x, w, b, rows, columns, groups


def transposed_options(stride, padding, output_padding, dilation):
    """Return the four options as pairs. What output_padding may be depends on stride and dilation."""
    if isinstance(padding, str):
        raise TypeError(f'padding="{padding}" is a word, and a transposed convolution cuts away a number of cells. Write padding=0.')
    stride, padding, dilation = pair(stride, "stride", 1), pair(padding, "padding", 0), pair(dilation, "dilation", 1)
    most = min(max(s, d) - 1 for s, d in zip(stride, dilation, strict=True))
    return stride, padding, pair(output_padding, "output_padding", 0, fitting=(0, most)), dilation


def _windows(shape, *choices):
    """The windows that slide over the output and have their places on the input's cells."""
    found, failed = [], []
    for axis, n, k, s, p, output_padding, d in zip(AXES, shape, *choices, strict=True):
        try:
            found.append(Window(transposed_output_size(n, k, s, p, output_padding, d), k, s, p, p, d, n))
        except GeometryError as error:
            failed.append(GeometryError(f"along the {axis}, {error}", error.lack))
    if failed:  # the repair of the axis that lacks most helps both
        raise max(failed, key=lambda error: error.lack)
    return found
