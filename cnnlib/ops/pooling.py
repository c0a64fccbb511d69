"""Pooling: one number for each window of each channel, its maximum or its mean."""

import numpy as np

from cnnlib.arrays import IMAGES, as_array, as_upstream, check_cells, common_dtype, exact, own_dtype, padding_pair, pair, widened, windows
from cnnlib.checks import check_flag
from cnnlib.geometry import adaptive_cells
from cnnlib.ops.windows import kernel_cells

NAMES = ("valid", "same")


def max_pool2d(x, kernel_size, *, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Keep the largest value of each window.

    y[n, c, i, j] = max over u, v of x[n, c, i stride + u dilation - padding, j stride + v dilation - padding], minus infinity outside.
    A NaN in a window makes its maximum NaN. A dilated window wholly in the padding gives minus infinity.

    x: (N, C, H, W). kernel_size, dilation: int or (rows, columns). stride: likewise, or None for the kernel size.
    padding: int or pair, at most half the kernel, or "valid", "same". ceil_mode: also count a last window that hangs over the end.
    Returns (N, C, H', W') with H' = output_size(H, kH, stride, padding, dilation, ceil_mode=ceil_mode), in the dtype of x.
    Source: Ranzato, Huang, Boureau and LeCun 2007, doi:10.1109/CVPR.2007.383157.
    """
    x, rows, columns = _inputs(x, kernel_size, stride, padding, dilation, ceil_mode)
    return _maximum(x, rows, columns)


def max_pool2d_backward(dy, x, kernel_size, *, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Hand each dy to the cell that won its window: dx = sum of dy over the windows whose maximum the cell is.

    Among equals the first in row-major order wins, and so does the first NaN. A window wholly in the padding gives nobody anything.

    dy: (N, C, H', W'). x and options as in `max_pool2d`. Returns dx in the shape and dtype of x. Source: derived in chapter 08.
    """
    x, rows, columns = _inputs(x, kernel_size, stride, padding, dilation, ceil_mode)
    dy = as_upstream(dy, (*x.shape[:2], rows.count, columns.count), "max_pool2d")
    return _to_winners(dy, _winners(x, _maximum(x, rows, columns), rows, columns), x, rows, columns)


def max_pool2d_winners(x, kernel_size, *, stride=None, padding=0, dilation=1, ceil_mode=False):
    """Return `max_pool2d` together with the gradient function dy -> dx, for a layer that keeps the winners of its forward pass."""
    x, rows, columns = _inputs(x, kernel_size, stride, padding, dilation, ceil_mode)
    y = _maximum(x, rows, columns)
    winners = _winners(x, y, rows, columns)

    def gradient(dy):
        return _to_winners(as_upstream(dy, y.shape, "max_pool2d"), winners, x, rows, columns)

    return y, gradient


def _maximum(x, rows, columns):
    y = np.full((*x.shape[:2], rows.count, columns.count), -np.inf, dtype=x.dtype)
    for _, _, places, cells in kernel_cells(rows, columns):
        np.maximum(y[places], x[cells], out=y[places])
    return y


def _winners(x, y, rows, columns):
    """The winning kernel cell of each window, counted from the end: kH kW for the first cell, 1 for the last, 0 for none.

    Counted so, the first of equal cells has the largest number, and one running maximum finds it: much faster than masked assignment.
    """
    number = rows.kernel_size * columns.kernel_size
    winners = np.zeros(y.shape, dtype=np.min_scalar_type(number))
    wins = np.empty(y.shape, dtype=bool)  # one buffer for all cells: fresh memory would cost more than the comparison
    has_nan = np.isnan(y).any()
    for u, v, places, cells in kernel_cells(rows, columns):
        seen, won = x[cells], wins[places]
        np.equal(seen, y[places], out=won)
        if has_nan:
            won |= seen != seen  # a NaN equals nothing, not even itself
        code = won.view(np.uint8) * winners.dtype.type(number - (u * columns.kernel_size + v))
        np.maximum(winners[places], code, out=winners[places])
    return winners


@np.errstate(all="ignore")
def _to_winners(dy, winners, x, rows, columns):
    dx = np.zeros(x.shape, dtype=common_dtype(dy, x))
    wins, share = np.empty(dy.shape, dtype=bool), np.empty(dy.shape, dtype=dx.dtype)
    finite = np.isfinite(dy).all()
    apart = all(window.stride >= window.span for window in (rows, columns))
    for u, v, places, cells in kernel_cells(rows, columns):
        won = np.equal(winners[places], rows.kernel_size * columns.kernel_size - (u * columns.kernel_size + v), out=wins[places])
        # The product is three times as fast as np.where, but 0 * inf is NaN; windows apart from each other need no sum.
        if not finite:
            dx[cells] += np.where(won, dy[places], 0)
        elif apart:
            np.multiply(dy[places], won, out=dx[cells])
        else:
            dx[cells] += np.multiply(dy[places], won, out=share[places])
    return own_dtype(dx, x)


@np.errstate(all="ignore")
def avg_pool2d(x, kernel_size, *, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """Take the mean of each window.

    y[n, c, i, j] = (sum over u, v of x[n, c, i stride + u - padding, j stride + v - padding]) / divisor, with x = 0 outside. The divisor
    is the number of cells of the window in the padded input (what ceil mode lets hang over its end does not count), or with
    count_include_pad=False the number in the input itself.

    x: (N, C, H, W), SymPy expressions allowed. Options as in `max_pool2d`, without dilation. Returns (N, C, H', W') in the dtype of x.
    Source: LeCun et al. 1998, doi:10.1109/5.726791, section II; divisors as in PyTorch's AvgPool2d.
    """
    x, rows, columns = _inputs(x, kernel_size, stride, padding, 1, ceil_mode, symbols=True)
    y = np.zeros((*x.shape[:2], rows.count, columns.count), dtype=x.dtype)
    for _, _, places, cells in kernel_cells(rows, columns):
        y[places] += x[cells]
    return y / _divisors(rows, columns, count_include_pad, x.dtype)


@np.errstate(all="ignore")
def avg_pool2d_backward(dy, x, kernel_size, *, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """Share each dy equally among the cells of its window: dx = sum of dy / divisor over the windows that hold the cell.

    dy: (N, C, H', W'). x gives its shape and dtype; options as in `avg_pool2d`. Returns dx. Source: derived in chapter 08.
    """
    x, rows, columns = _inputs(x, kernel_size, stride, padding, 1, ceil_mode, symbols=True)
    dy = as_upstream(dy, (*x.shape[:2], rows.count, columns.count), "avg_pool2d", symbols=True)
    dtype = common_dtype(dy, x)
    shares = widened(dy, dtype) / _divisors(rows, columns, count_include_pad, dtype)
    dx = np.zeros(x.shape, dtype=dtype)
    for _, _, places, cells in kernel_cells(rows, columns):
        dx[cells] += shares[places]
    return own_dtype(dx, x)


def _divisors(rows, columns, count_include_pad, dtype):
    """The number of cells that each window's mean is taken over: (H', W')."""
    with_padding = check_flag(count_include_pad, "count_include_pad")
    counts = []
    for window in (rows, columns):
        first, end = (-window.before, window.n + window.after) if with_padding else (0, window.n)
        starts = window.start(np.arange(window.count))
        counts.append(np.minimum(starts + window.kernel_size, end) - np.maximum(starts, first))
    product = np.outer(*counts)
    if dtype.kind != "O":
        return product.astype(dtype)
    return np.array([exact(number, dtype) for number in product.flat], dtype=object).reshape(product.shape)


@np.errstate(all="ignore")
def adaptive_avg_pool2d(x, output_size):
    """Take the mean over pools cut as even as can be, so that every image comes out in one size.

    y[n, c, i, j] = mean of x[n, c] over the rows floor(i H / H') to ceil((i + 1) H / H') - 1, and likewise the columns.

    x: (N, C, H, W), SymPy expressions allowed. output_size: H' and W', an int or (rows, columns). Returns (N, C, H', W') in x's dtype.
    Source: He et al. 2014, arXiv:1406.4729 (pooling into a fixed number of bins); edges as in PyTorch's AdaptiveAvgPool2d.
    """
    x, places, pools = _adaptive(x, output_size)
    y = np.empty((*x.shape[:2], *places), dtype=x.dtype)
    for i, j, pool, size in pools:
        y[:, :, i, j] = x[pool].sum(axis=(2, 3)) / exact(size, x.dtype)
    return y


@np.errstate(all="ignore")
def adaptive_avg_pool2d_backward(dy, x, output_size):
    """Share each dy equally among the cells of its pool: dx = sum of dy / size over the pools that hold the cell.

    dy: (N, C, H', W'). x gives its shape and dtype. Returns dx. Source: derived in chapter 08.
    """
    x, places, pools = _adaptive(x, output_size)
    dy = as_upstream(dy, (*x.shape[:2], *places), "adaptive_avg_pool2d", symbols=True)
    dx = np.zeros(x.shape, dtype=common_dtype(dy, x))
    for i, j, pool, size in pools:
        dx[pool] += (dy[:, :, i, j] / exact(size, dx.dtype))[:, :, None, None]
    return own_dtype(dx, x)


def _adaptive(x, output_size):
    x = as_array(x, "x", IMAGES, symbols=True)
    check_cells(x.shape[2:])
    places = pair(output_size, "output_size", 1)
    rows, columns = (list(enumerate(adaptive_cells(n, count))) for n, count in zip(x.shape[2:], places, strict=True))
    pools = [(i, j, (slice(None), slice(None), slice(*r), slice(*c)), (r[1] - r[0]) * (c[1] - c[0])) for i, r in rows for j, c in columns]
    return x, places, pools


def global_avg_pool2d(x):
    """Take the mean of each whole channel: y[n, c] = mean of x[n, c] over all rows and columns.

    x: (N, C, H, W), SymPy expressions allowed. Returns (N, C) in the dtype of x.
    Source: Lin, Chen and Yan 2014, arXiv:1312.4400, section 3.2.
    """
    return adaptive_avg_pool2d(x, 1)[:, :, 0, 0]


def global_avg_pool2d_backward(dy, x):
    """Share dy equally among all cells of the channel: dx[n, c, h, w] = dy[n, c] / (H W).

    dy: (N, C). x gives its shape and dtype. Returns dx. Source: derived in chapter 08.
    """
    x = as_array(x, "x", IMAGES, symbols=True)
    dy = as_upstream(dy, x.shape[:2], "global_avg_pool2d", symbols=True)
    return adaptive_avg_pool2d_backward(dy[:, :, None, None], x, 1)


def check_pool_padding(padding, kernel):
    """Return padding as a pair; more than half the kernel, given as a pair, is refused."""
    half = tuple(k // 2 for k in kernel)
    cells = padding_pair(padding, NAMES, fitting=(0, min(half)))
    if not isinstance(padding, str) and any(p > h for p, h in zip(cells, half, strict=True)):
        size = kernel[0] if kernel[0] == kernel[1] else kernel
        raise ValueError(
            f"padding={padding} is more than half the kernel (kernel_size={size}): a window could lie wholly in the padding. "
            f"Write padding={tuple(map(min, cells, half))}."
        )
    return cells


def _inputs(x, kernel_size, stride, padding, dilation, ceil_mode, *, symbols=False):
    """Check what a pooling is given; returns the array and the window along rows and along columns."""
    x = as_array(x, "x", IMAGES, symbols=symbols)
    check_flag(ceil_mode, "ceil_mode")
    kernel = pair(kernel_size, "kernel_size", 1)
    check_pool_padding(padding, kernel)
    stride = kernel if stride is None else stride
    dilation = pair(dilation, "dilation", 1)
    # The padding that undilated windows lack never exceeds half the kernel, so errors may suggest it; that of dilated ones may.
    may_pad = dilation == (1, 1)
    return x, *windows(x.shape[2:], kernel, stride, padding, dilation, allowed=NAMES, ceil_mode=ceil_mode, may_pad=may_pad)
