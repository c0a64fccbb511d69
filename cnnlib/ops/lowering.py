"""Row lowering: the fast way to convolve with matrix products in NumPy.

The classical im2col copies every input cell kH * kW times. Here the input is lowered along its width only: kW shifted copies stand side
by side, and the kW * kH kernel cells become kH matrix products on shifted slices of that one buffer. With stride s the rows are dealt
into s decks (row s t + r into deck r), so that the rows under one kernel row lie one after another again.

    lowered[n, c, v, r, t, j] = padded[n, c, s t + r, s' j + d' v]
    y += w[:, :, u, :] @ (deck (u d) % s of lowered, from row (u d) // s on)        for each kernel row u

The images go through in chunks small enough for the processor's cache. Chapter 14 measures this against six other ways.
Source: a variant of kn2row and im2row, Vasudevan, Anderson and Gregg 2017, arXiv:1704.04428, and Anderson et al. 2017, arXiv:1709.03395.
"""

from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import as_strided

CHUNK_BYTES = 2**21  # a flat optimum; buffers for the whole batch cost 1.2 to 3 times the time


def lowered_convolution(x, w, rows, columns, groups):
    """Convolve x (N, C, H, W) with w (F, C / groups, kH, kW) at the places of the two windows; all of one dtype."""
    plan = _Plan(x.shape, x.dtype, rows, columns, groups)
    kernel_rows = _kernel_rows(w, groups)
    y = np.empty((len(x), groups, len(w) // groups, plan.places), dtype=x.dtype)
    product = np.empty((plan.chunk, *y.shape[1:]), dtype=x.dtype)
    for part, lowered in plan.lower(x):
        np.matmul(kernel_rows[0], plan.slab(lowered, 0), out=y[part])
        for u in range(1, rows.kernel_size):
            y[part] += np.matmul(kernel_rows[u], plan.slab(lowered, u), out=product[: len(lowered)])
    return y.reshape(len(x), len(w), rows.count, columns.count)


def gradient_of_weight(dy, x, shape, rows, columns, groups):
    """Correlate x with dy: the same slices as in the forward pass, lowered again, since keeping them would cost kH kW times the input."""
    plan = _Plan(x.shape, x.dtype, rows, columns, groups)
    f, c, kh, kw = shape
    dw = np.zeros((kh, groups, f // groups, c * kw), dtype=x.dtype)
    dy = dy.reshape(len(dy), groups, f // groups, plan.places)
    for part, lowered in plan.lower(x):
        for u in range(kh):
            dw[u] += np.matmul(dy[part], plan.slab(lowered, u).swapaxes(-1, -2)).sum(axis=0)
    return dw.reshape(kh, f, c, kw).transpose(1, 2, 0, 3).copy()


def gradient_of_input(dy, w, shape, rows, columns, groups):
    """Spread dy over the cells that each window read. With stride 1 that is itself a convolution, with the rotated kernel."""
    if columns.stride > 1:
        return _scattered(dy, w, shape, rows, columns, groups)
    if rows.stride > 1 or not _gathering_pays(shape, w, rows, columns):
        return _gathered_along_rows(dy, w, shape, rows, columns, groups)
    f, c, kh, kw = w.shape
    rotated = w.reshape(groups, f // groups, c, kh, kw).swapaxes(1, 2)[..., ::-1, ::-1].reshape(groups * c, f // groups, kh, kw)
    return lowered_convolution(dy, rotated, _reversed(rows), _reversed(columns), groups)


def _gathering_pays(shape, w, rows, columns):
    """Whether the rotated kernel is the faster way: not with few channels, nor where mostly padding of dy would be read."""
    return w.shape[1] >= 4 and rows.count * columns.count >= 0.6 * shape[2] * shape[3]


def _gathered_along_rows(dy, w, shape, rows, columns, groups):
    """Gather along each row as the rotated kernel does, by one product for all kernel rows, and scatter its rows over the image's.

    The rows of dy stand in one line with span - 1 zeros between them, so that a shift of the whole line shifts every row.
    """
    (n, filters), (f, c, kh, kw), item = dy.shape[:2], w.shape, dy.itemsize
    gap, width = columns.span - 1, columns.count + columns.span - 1
    line, read = rows.count * width, min(columns.n, width - columns.before)
    chunk = max(1, min(n, CHUNK_BYTES // (filters * kw * line * item)))
    kernel = w.reshape(groups, f // groups, c, kh, kw)[..., ::-1].transpose(0, 2, 3, 1, 4).reshape(groups, c * kh, f // groups * kw)
    lines = np.zeros((chunk, filters, gap + line), dtype=dy.dtype)
    shifts = as_strided(lines, (chunk, filters, kw, line), (*lines.strides[:2], columns.dilation * item, item), writeable=False)
    lowered = np.empty((chunk, filters, kw, line), dtype=dy.dtype)
    product = np.empty((chunk, groups, c * kh, line), dtype=dy.dtype)
    dx = np.zeros(shape, dtype=dy.dtype)
    for start in range(0, n, chunk):
        size = min(chunk, n - start)
        lines[:size, :, gap:].reshape(size, filters, rows.count, width)[..., : columns.count] = dy[start : start + size]
        lowered[:size] = shifts[:size]
        operand = lowered[:size].reshape(size, groups, f // groups * kw, line)
        shares = np.matmul(kernel, operand, out=product[:size]).reshape(size, shape[1], kh, rows.count, width)
        for u in range(kh):
            places, cells = rows.reading(u)
            dx[start : start + size, :, cells, :read] += shares[:, :, u, places, columns.before : columns.before + read]
    return dx


def _scattered(dy, w, shape, rows, columns, groups):
    """Let every product spread over the lowered image, and raise that: the forward pass read backwards, for any stride."""
    plan = _Plan(shape, dy.dtype, rows, columns, groups)
    kernel_rows = _kernel_rows(w, groups).swapaxes(-1, -2)
    dy = dy.reshape(len(dy), groups, len(w) // groups, plan.places)
    dx = np.zeros(shape, dtype=dy.dtype)
    buffer = np.empty((plan.chunk, *plan.lowered_shape), dtype=dy.dtype)
    product = np.empty((plan.chunk, *plan.lowered_shape[:2], plan.places), dtype=dy.dtype)
    for start in range(0, len(dx), plan.chunk):
        part = slice(start, min(start + plan.chunk, len(dx)))
        lowered, share = buffer[: part.stop - start], product[: part.stop - start]
        lowered[...] = 0
        for u in range(rows.kernel_size):
            plan.slab(lowered, u)[...] += np.matmul(kernel_rows[u], dy[part], out=share)
        plan.raise_into(dx[part], lowered)
    return dx


def _kernel_rows(w, groups):
    """Cut w into one matrix per kernel row and group: (kH, groups, F / groups, C / groups * kW)."""
    f, c, kh, kw = w.shape
    return w.transpose(2, 0, 1, 3).reshape(kh, groups, f // groups, c * kw)


def _reversed(window):
    """The window that walks over dy and gives back the input's cells: padded until every overlap counts, less the padding of before."""
    reach = window.span - 1
    return replace(window, n=window.count, count=window.n, before=reach - window.before, after=reach - window.after)


class _Plan:
    """Sizes of the buffers for one convolution, and the copies into and out of them."""

    def __init__(self, shape, dtype, rows, columns, groups):
        self.n, self.c, self.h, self.w = shape
        self.rows, self.columns, self.groups = rows, columns, groups
        self.places = rows.count * columns.count
        self.deck = (rows.span - 1) // rows.stride + rows.count  # rows in a deck
        self.height = self.deck * rows.stride
        self.width = (columns.count - 1) * columns.stride + columns.span
        self.split_shape = (self.c, columns.kernel_size, rows.stride, self.deck, columns.count)
        self.lowered_shape = (groups, self.c // groups * columns.kernel_size, self.height * columns.count)
        image_bytes = max(1, int(np.prod(self.split_shape)) * dtype.itemsize)
        self.chunk = max(1, min(self.n, CHUNK_BYTES // image_bytes))

    def slab(self, lowered, u):
        """The columns of `lowered` under kernel row u: a view that BLAS takes without a copy."""
        deck, first = u * self.rows.dilation % self.rows.stride, u * self.rows.dilation // self.rows.stride
        start = (deck * self.deck + first) * self.columns.count
        return lowered[..., start : start + self.places]

    def lower(self, x):
        """Yield (slice of images, lowered images), reusing one buffer."""
        bare = self.rows.before == self.columns.before == 0 and self.height <= self.h and self.width <= self.w
        padded = None if bare else np.zeros((self.chunk, self.c, self.height, self.width), dtype=x.dtype)
        buffer = np.empty((self.chunk, *self.split_shape), dtype=x.dtype)
        for start in range(0, self.n, self.chunk):
            part = slice(start, min(start + self.chunk, self.n))
            images = x[part]
            if not bare:
                inside, source = self._overlap()
                padded[: len(images), :, *inside] = images[:, :, *source]
                images = padded[: len(images)]
            view = self._decks(images)
            if view.flags.c_contiguous:  # a kernel one column wide over whole rows: nothing to copy
                lowered = view
            else:
                lowered = buffer[: len(images)]
                lowered[...] = view
            yield part, lowered.reshape(len(images), *self.lowered_shape)

    def raise_into(self, dx, lowered):
        """Undo `lower`: add every lowered cell to the input cell it came from."""
        rows, columns = self.rows, self.columns
        padded = np.zeros((len(dx), self.c, self.deck, rows.stride, self.width), dtype=dx.dtype)
        decks = padded.swapaxes(2, 3)
        lowered = lowered.reshape(len(dx), *self.split_shape)
        for v in range(columns.kernel_size):
            first = v * columns.dilation
            decks[..., first : first + (columns.count - 1) * columns.stride + 1 : columns.stride] += lowered[:, :, v]
        inside, source = self._overlap()
        dx[:, :, *source] = padded.reshape(len(dx), self.c, self.height, self.width)[:, :, *inside]

    def _decks(self, images):
        n, c, h, w = images.strides
        s, columns = self.rows.stride, self.columns
        strides = (n, c, w * columns.dilation, h, h * s, w * columns.stride)
        return as_strided(images, (len(images), *self.split_shape), strides, writeable=False)

    def _overlap(self):
        """Where the image lies in the padded buffer, and which part of it: padding below 0 crops, and unread rows stay outside."""
        inside, source = [], []
        for window, size in ((self.rows, self.height), (self.columns, self.width)):
            first, last = max(0, -window.before), min(window.n, size - window.before)
            inside.append(slice(first + window.before, max(first, last) + window.before))
            source.append(slice(first, max(first, last)))
        return inside, source
