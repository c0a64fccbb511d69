"""Padding as an operation of its own, in four modes."""

import numpy as np

from cnnlib.arrays import IMAGES, as_array, as_upstream, check_cells, check_choice, own_dtype, pair

MODES = ("zeros", "reflect", "replicate", "circular")


def pad2d(x, padding, *, mode="zeros"):
    """Add `padding` cells on every side of each channel.

    "zeros" adds zeros, "replicate" repeats the edge (aaa|abcd|ddd), "reflect" mirrors about the edge cell (dcb|abcd|cba), "circular"
    goes on at the opposite side (bcd|abcd|abc).

    x: (N, C, H, W), SymPy expressions allowed. padding: int or (rows, columns). "reflect" takes at most size - 1 cells, "circular" at
    most the size. Returns (N, C, H + 2 rows, W + 2 columns) in the dtype of x. Source: the modes of PyTorch's Conv2d(padding_mode=...).
    """
    x, sources = _inputs(x, padding, mode)
    for axis, source in zip((2, 3), sources, strict=True):
        taken = np.take(x, np.maximum(source, 0), axis=axis)
        np.moveaxis(taken, axis, 0)[source < 0] = 0
        x = taken
    return x


def pad2d_backward(dy, x, padding, *, mode="zeros"):
    """Every cell collects dy from all places it was copied to: dx = dy inside, plus dy of its copies in the border.

    dy: (N, C, H + 2 rows, W + 2 columns). x gives its shape and dtype. Returns dx.
    """
    x, sources = _inputs(x, padding, mode)
    gradient = as_upstream(dy, (*x.shape[:2], *map(len, sources)), "pad2d", symbols=True)
    with np.errstate(all="ignore"):
        for axis, source in zip((2, 3), sources, strict=True):
            collected = np.zeros((x.shape[axis], *np.delete(gradient.shape, axis)), dtype=gradient.dtype)
            for cell, values in zip(source, np.moveaxis(gradient, axis, 0), strict=True):
                if cell >= 0:
                    collected[cell] += values
            gradient = np.moveaxis(collected, 0, axis)
        return own_dtype(np.ascontiguousarray(gradient), x)


def _inputs(x, padding, mode):
    """Check what is given; returns the array and for each axis the cell that every padded cell is copied from, -1 for a zero."""
    x = as_array(x, "x", IMAGES, symbols=True)
    check_cells(x.shape[2:])
    check_choice(mode, "mode", MODES)
    if isinstance(padding, str):
        raise TypeError(f'padding="{padding}" is a word, and pad2d adds a number of cells. Write padding=1.')
    padding = pair(padding, "padding", 0)
    for n, p in zip(x.shape[2:], padding, strict=True):
        most = {"reflect": n - 1, "circular": n}.get(mode, p)
        if p > most:
            what = "mirrors about the edge cell" if mode == "reflect" else "goes once around"
            fitting = tuple(min(q, m - (mode == "reflect")) for q, m in zip(padding, x.shape[2:], strict=True))
            raise ValueError(
                f'padding={padding} is too much for mode="{mode}", which {what}: an axis of {n} cells allows {most}. '
                f"Write padding={fitting}."
            )
    return x, [_sources(n, p, mode) for n, p in zip(x.shape[2:], padding, strict=True)]


def _sources(n, p, mode):
    cells = np.arange(-p, n + p)
    if mode == "zeros":
        return np.where((cells >= 0) & (cells < n), cells, -1)
    if mode == "replicate":
        return np.clip(cells, 0, n - 1)
    if mode == "circular":
        return cells % n
    return n - 1 - np.abs(n - 1 - np.abs(cells))
