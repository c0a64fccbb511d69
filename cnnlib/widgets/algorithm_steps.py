"""The toy convolution of the algorithm race: one image of 4 x 4 cells, one kernel of 3 x 3, done step by step in seven ways.

A way is a generator of steps. A step is a dict: `said`, one sentence; `reads` and `writes`, which cells of which array it touches;
`products`, how many multiplications it makes; `arrays`, what all arrays hold behind it, None where a cell is still empty.
"""

import numpy as np

from cnnlib.symbolic import winograd
from cnnlib.symbolic.algorithm_costs import METHODS
from cnnlib.widgets.static import format_number

IMAGE = ((1, 2, 0, 3), (4, 1, 2, 2), (0, 3, 1, 1), (2, 0, 2, 4))
KERNEL = ((2, 0, 1), (1, 1, -1), (0, 3, -2))
N, K = 4, 3
M = N - K + 1
PLACES = [(i, j) for i in range(M) for j in range(M)]
TAPS = [(u, v) for u in range(K) for v in range(K)]


class Workshop:
    """The arrays of one way, and the steps that change them. Cells that nothing has written yet hold None."""

    def __init__(self, image, kernel, **buffers):
        self.arrays = {"x": [list(row) for row in image], "w": [list(row) for row in kernel]}
        self.arrays |= {name: [[None] * columns for _ in range(rows)] for name, (rows, columns) in buffers.items()}
        self.arrays["y"] = [[None] * M for _ in range(M)]

    def get(self, name, cell):
        return self.arrays[name][cell[0]][cell[1]]

    def put(self, name, values):
        for (i, j), value in values.items():
            self.arrays[name][i][j] = value

    def add(self, values):
        self.put("y", {cell: (self.get("y", cell) or 0) + value for cell, value in values.items()})

    def step(self, said, reads, writes, products=0):
        """What a picture needs of the present moment."""
        touched = [{name: sorted(cells) for name, cells in which.items()} for which in (reads, writes)]
        held = {name: [list(row) for row in rows] for name, rows in self.arrays.items()}
        return dict(said=said, reads=touched[0], writes=touched[1], products=products, arrays=held)


def loops(image, kernel):
    """One multiply-add at a time."""
    shop = Workshop(image, kernel)
    for i, j in PLACES:
        for u, v in TAPS:
            x, w = shop.get("x", (i + u, j + v)), shop.get("w", (u, v))
            shop.add({(i, j): x * w})
            said = f"y[{i},{j}] += x[{i + u},{j + v}] w[{u},{v}] = {format_number(x)} · {format_number(w)}"
            yield shop.step(said, {"x": [(i + u, j + v)], "w": [(u, v)]}, {"y": [(i, j)]}, 1)


def windows(image, kernel):
    """One whole window at a time, read where it lies."""
    shop = Workshop(image, kernel)
    for i, j in PLACES:
        cells = [(i + u, j + v) for u, v in TAPS]
        shop.add({(i, j): sum(shop.get("x", cell) * shop.get("w", tap) for cell, tap in zip(cells, TAPS, strict=True))})
        said = f"the window at ({i}, {j}), where it lies, times the kernel: y[{i},{j}] = {format_number(shop.get('y', (i, j)))}"
        yield shop.step(said, {"x": cells, "w": TAPS}, {"y": [(i, j)]}, len(TAPS))


def im2col(image, kernel):
    """Copy for each kernel cell what it meets, then one matrix product."""
    shop = Workshop(image, kernel, columns=(K * K, M * M))
    for row, (u, v) in enumerate(TAPS):
        cells = [(i + u, j + v) for i, j in PLACES]
        shop.put("columns", {(row, place): shop.get("x", cell) for place, cell in enumerate(cells)})
        said = f"copy the cells that w[{u},{v}] meets into row {row} of the matrix"
        yield shop.step(said, {"x": cells}, {"columns": [(row, place) for place in range(M * M)]})
    every = [(row, place) for row in range(K * K) for place in range(M * M)]
    for place, cell in enumerate(PLACES):
        shop.add({cell: sum(shop.get("w", tap) * shop.get("columns", (row, place)) for row, tap in enumerate(TAPS))})
    yield shop.step("one matrix product: all weights times all columns", {"columns": every, "w": TAPS}, {"y": PLACES}, len(every))


def offsets(image, kernel):
    """For each kernel cell copy one shifted piece, multiply it, add it."""
    shop = Workshop(image, kernel, shifted=(M, M))
    for u, v in TAPS:
        shop.put("shifted", {(i, j): shop.get("x", (i + u, j + v)) for i, j in PLACES})
        said = f"copy the piece of x that w[{u},{v}] meets"
        yield shop.step(said, {"x": [(i + u, j + v) for i, j in PLACES]}, {"shifted": PLACES})
        shop.add({cell: shop.get("shifted", cell) * shop.get("w", (u, v)) for cell in PLACES})
        said = f"y += w[{u},{v}] times the piece"
        yield shop.step(said, {"shifted": PLACES, "w": [(u, v)]}, {"y": PLACES}, len(PLACES))


def rows(image, kernel):
    """Copy the shifts along the width, then a matrix product for each kernel row on a slice of the copy."""
    shop = Workshop(image, kernel, lowered=(K, N * M))
    for v in range(K):
        cells = [(a, v + j) for a in range(N) for j in range(M)]
        shop.put("lowered", {(v, place): shop.get("x", cell) for place, cell in enumerate(cells)})
        said = f"copy all rows of x, shifted by {v}, into row {v} of the buffer"
        yield shop.step(said, {"x": cells}, {"lowered": [(v, place) for place in range(N * M)]})
    for u in range(K):
        slab = [(v, u * M + place) for v in range(K) for place in range(M * M)]
        for place, cell in enumerate(PLACES):
            shop.add({cell: sum(shop.get("w", (u, v)) * shop.get("lowered", (v, u * M + place)) for v in range(K))})
        said = f"kernel row {u} times the slice of the buffer from image row {u} on"
        yield shop.step(said, {"lowered": slab, "w": [(u, v) for v in range(K)]}, {"y": PLACES}, len(slab))


def fft(image, kernel):
    """Transform both, multiply frequency by frequency, transform back. For 4 x 4 cells every number is whole, or a quarter."""
    shop = Workshop(image, kernel, X=(N, N), W=(N, N), XW=(N, N))
    square = [(a, b) for a in range(N) for b in range(N)]
    turned = np.zeros((N, N))
    turned[:K, :K] = np.array(kernel, dtype=float)[::-1, ::-1]
    spectra = {"X": np.fft.fft2(np.array(image, dtype=float)), "W": np.fft.fft2(turned)}
    spectra["XW"] = spectra["X"] * spectra["W"]
    for name, said, reads, products in (
        ("X", "transform the image: every frequency reads every cell", {"x": square}, 0),
        ("W", "turn the kernel round, fill it up to 4 x 4, and transform it", {"w": TAPS}, 0),
        ("XW", "multiply the two, frequency by frequency: complex products", {"X": square, "W": square}, len(square)),
    ):
        shop.put(name, {cell: written(spectra[name][cell]) for cell in square})
        yield shop.step(said, reads, {name: square}, products)
    ring = np.fft.ifft2(spectra["XW"]).real
    shop.add({(i, j): round(float(ring[i + K - 1, j + K - 1])) for i, j in PLACES})
    yield shop.step("transform back, and drop the cells that mix the two ends", {"XW": square}, {"y": PLACES})


def winograd_tile(image, kernel):
    """Transform both, sixteen products, transform back."""
    shop = Workshop(image, kernel, U=(N, N), V=(N, N), UV=(N, N))
    square = [(a, b) for a in range(N) for b in range(N)]
    BT, G, AT = (np.array(winograd.row.result(name).tolist(), dtype=float) for name in ("BT", "G", "AT"))
    made = {"U": G @ np.array(kernel) @ G.T, "V": BT @ np.array(image) @ BT.T}
    for name, said, reads in (
        ("U", "transform the kernel, G w Gᵀ; once for all tiles", {"w": TAPS}),
        ("V", "transform the tile, Bᵀ x B: additions alone", {"x": square}),
    ):
        shop.put(name, {cell: plain(made[name][cell]) for cell in square})
        yield shop.step(said, reads, {name: square})
    for cell in square:
        shop.put("UV", {cell: plain(made["U"][cell] * made["V"][cell])})
        factors = [format_number(shop.get(name, cell)) for name in ("U", "V")]
        said = f"product {1 + square.index(cell)} of {len(square)}: {' · '.join(factors)}"
        yield shop.step(said, {"U": [cell], "V": [cell]}, {"UV": [cell]}, 1)
    y = AT @ (made["U"] * made["V"]) @ AT.T
    shop.add({cell: plain(y[cell]) for cell in PLACES})
    yield shop.step("transform back, Aᵀ (U V) A: additions alone", {"UV": square}, {"y": PLACES})


def plain(value):
    """A number as JSON and readers like it: whole where it is whole."""
    return int(value) if float(value).is_integer() else float(value)


def written(value):
    """A complex number as text, such as 3−2i."""
    real, imaginary = (round(float(part)) for part in (value.real, value.imag))
    if not imaginary:
        return format_number(real)
    part = {1: "i", -1: "−i"}.get(imaginary, f"{format_number(imaginary)}i")
    return part if not real else f"{format_number(real)}{'+' if imaginary > 0 else ''}{part}"


WAYS = dict(zip(METHODS, (loops, windows, im2col, offsets, rows, fft, winograd_tile), strict=True))


def frames(method, image=IMAGE, kernel=KERNEL):
    """All steps of one of METHODS, with totals: `multiplied`, `read` and `written` say how much has been done so far."""
    total, result = dict(multiplied=0, read=0, written=0), []
    for step in WAYS[method](image, kernel):
        touched = [sum(map(len, step[which].values())) for which in ("reads", "writes")]
        for name, more in zip(total, (step["products"], *touched), strict=True):
            total[name] += more
        result.append(step | total)
    return result
