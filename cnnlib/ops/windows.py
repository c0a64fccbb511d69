"""Sliding windows seen one kernel cell at a time, and their two uses in matrix form: im2col and col2im."""

import numpy as np

from cnnlib.arrays import IMAGES, as_array, check_axes, pair, windows


def kernel_cells(rows, columns):
    """Walk over the kernel in row-major order; yields (u, v, places, cells).

    At the `places` kernel cell (u, v) lies on the input's `cells`, in the same order: y[places] belongs to x[cells]. Both are indices
    of the last two axes, made of slices, so they are views. What lies in the padding is left out and needs no padded copy.
    """
    for u in range(rows.kernel_size):
        row_places, row_cells = rows.reading(u)
        for v in range(columns.kernel_size):
            column_places, column_cells = columns.reading(v)
            yield u, v, (..., row_places, column_places), (..., row_cells, column_cells)


def im2col(x, kernel_size, *, stride=1, padding=0, dilation=1):
    """Write every window as one column, so that a convolution becomes one matrix product.

    columns[n, (c kH + u) kW + v, i W' + j] = x[n, c, i stride + u dilation - padding, j stride + v dilation - padding], 0 in the padding.

    x: (N, C, H, W). kernel_size, stride, dilation: int or (rows, columns). padding: int, pair, "valid", "same" or "full".
    Returns (N, C kH kW, H' W'), in the dtype of x; the layout of torch.nn.functional.unfold. It copies each cell up to kH kW times.
    Source: Chellapilla, Puri and Simard 2006, "High performance convolutional neural networks for document processing".
    """
    x = as_array(x, "x", IMAGES, symbols=True)
    rows, columns = windows(x.shape[2:], kernel_size, stride, padding, dilation)
    n, c = x.shape[:2]
    unfolded = np.zeros((n, c, rows.kernel_size, columns.kernel_size, rows.count, columns.count), dtype=x.dtype)
    for u, v, places, cells in kernel_cells(rows, columns):
        unfolded[:, :, u, v][places] = x[cells]
    return unfolded.reshape(n, c * rows.kernel_size * columns.kernel_size, rows.count * columns.count)


@np.errstate(all="ignore")
def col2im(columns, output_size, kernel_size, *, stride=1, padding=0, dilation=1):
    """Add every column back into the window it came from: the transpose of `im2col`, and so its backward.

    x[n, c, h, w] = sum of columns[n, (c kH + u) kW + v, i W' + j] over all u, v, i, j that read the cell (h, w).

    columns: (N, C kH kW, H' W'). output_size: (H, W) of the image. Options as in `im2col`, and the layout of torch's fold.
    Returns (N, C, H, W) in the dtype of columns. Source: Chellapilla, Puri and Simard 2006.
    """
    columns = as_array(columns, "columns", symbols=True)
    check_axes(columns, "columns", "(N, C kH kW, H' W')")
    size = pair(output_size, "output_size", 1)
    down, across = windows(size, kernel_size, stride, padding, dilation)
    cells_per_window, places = down.kernel_size * across.kernel_size, down.count * across.count
    n, length, width = columns.shape
    if length % cells_per_window or width != places:
        raise ValueError(
            f"columns have shape {columns.shape}, and {down.kernel_size} x {across.kernel_size} windows on {size[0]} x {size[1]} cells "
            f"want (N, C*{cells_per_window}, {down.count}*{across.count} = {places}). Make columns with im2col and the same options."
        )
    folded = columns.reshape(n, length // cells_per_window, down.kernel_size, across.kernel_size, down.count, across.count)
    x = np.zeros((*folded.shape[:2], *size), dtype=columns.dtype)
    for u, v, on, cells in kernel_cells(down, across):
        x[cells] += folded[:, :, u, v][on]
    return x
