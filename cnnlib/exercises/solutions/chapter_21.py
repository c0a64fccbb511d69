# ruff: noqa
# Solutions of chapter 21, as cells. A student release leaves this folder out.

# exercise: c3-count
# Six maps have 3 * 25 + 1 = 76 parameters, nine have 4 * 25 + 1 = 101, one has 6 * 25 + 1 = 151: 456 + 909 + 151 = 1516.
# Each is used once at each of the 10 x 10 places.
c3_count = (1516, 151600)


# exercise: connection-mask
import numpy as np


def connection_mask(maps, lengths):
    rows = []
    for length in lengths:
        for start in range(1 if length == maps else maps):
            row = np.zeros(maps, dtype=int)
            row[[(start + step) % maps for step in range(length)]] = 1
            rows.append(row)
    return np.array(rows)


# another way
import numpy as np


def connection_mask(maps, lengths):
    # The first row of a length, turned round the ring.
    rows = []
    for length in lengths:
        first = np.array([1] * length + [0] * (maps - length))
        starts = 1 if length == maps else maps
        rows += [np.roll(first, start) for start in range(starts)]
    return np.array(rows)


# another way
def connection_mask(maps, lengths):
    # Map c is read when it lies fewer than `length` steps behind the start.
    return [
        [1 if (c - start) % maps < length else 0 for c in range(maps)]
        for length in lengths
        for start in range(maps if length < maps else 1)
    ]


# exercise: masked-backward
import cnnlib


def masked_backward(dy, x, w, mask):
    cut = mask[:, :, None, None]
    dx, dw, _ = cnnlib.conv2d_backward(dy, x, w * cut)
    return dx, dw * cut


# another way
import cnnlib
import numpy as np


def masked_backward(dy, x, w, mask):
    masked = np.where(mask[:, :, None, None] == 1, w, 0)
    dx, dw, db = cnnlib.conv2d_backward(dy, x, masked)
    dw[mask == 0] = 0
    return dx, dw


# another way
import cnnlib
import numpy as np


def masked_backward(dy, x, w, mask):
    # One output map at a time, with the maps that it reads.
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for f, row in enumerate(mask):
        reads = np.flatnonzero(row)
        if len(reads):
            part, own, _ = cnnlib.conv2d_backward(dy[:, [f]], x[:, reads], w[[f]][:, reads])
            dx[:, reads] += part
            dw[np.ix_([f], reads)] = own
    return dx, dw


# exercise: width-under-budget
import cnnlib


def width_under_budget(shape, classes, parameters, multiply_adds):
    C, H, W = shape

    def table(m):
        return cnnlib.Sequential(
            cnnlib.Conv2d(C, m, 3, padding=1),
            cnnlib.ReLU(),
            cnnlib.MaxPool2d(2),
            cnnlib.Conv2d(m, 2 * m, 3, padding=1),
            cnnlib.ReLU(),
            cnnlib.MaxPool2d(2),
            cnnlib.Flatten(),
            cnnlib.Linear(2 * m * (H // 4) * (W // 4), classes),
        ).summary(shape)

    m = 0
    while table(m + 1).parameters <= parameters and table(m + 1).multiply_adds <= multiply_adds:
        m = m + 1
    return m


# another way
def width_under_budget(shape, classes, parameters, multiply_adds):
    C, H, W = shape
    last = (H // 4) * (W // 4)
    m = 0
    while True:
        wider = m + 1
        count = wider * (9 * C + 1) + 2 * wider * (9 * wider + 1) + classes * (2 * wider * last + 1)
        work = H * W * 9 * C * wider + (H // 2) * (W // 2) * 18 * wider**2 + 2 * wider * last * classes
        if count > parameters or work > multiply_adds:
            return m
        m = wider


# another way
from math import isqrt


def width_under_budget(shape, classes, parameters, multiply_adds):
    # The floor of the positive root of each quadratic, as section 21.2 derives it.
    C, H, W = shape
    last = (H // 4) * (W // 4)

    def widest(b, rest):
        return (isqrt(b * b + 72 * rest) - b) // 36

    by_parameters = widest(9 * C + 3 + 2 * last * classes, parameters - classes)
    places = (H // 2) * (W // 2)
    b = H * W * 9 * C + 2 * last * classes
    by_work = (isqrt(b * b + 72 * places * multiply_adds) - b) // (36 * places)
    return max(min(by_parameters, by_work), 0)


# exercise: bottleneck-width
import sympy

C, B = sympy.symbols("C B", integer=True, positive=True)
bottleneck_width = sympy.floor((sympy.sqrt(C**2 + 9 * B) - C) / 9)

# another way
import sympy

C, B, m = sympy.symbols("C B m", integer=True, positive=True)
a, b, c = sympy.Poly(9 * m**2 + 2 * C * m - B, m).all_coeffs()
bottleneck_width = sympy.floor((-b + sympy.sqrt(b**2 - 4 * a * c)) / (2 * a))

# another way
import sympy

# The same root with the square root in the denominator.
C, B = sympy.symbols("C B")
bottleneck_width = sympy.floor(B / (C + sympy.sqrt(C**2 + 9 * B)))

# exercise: design-a-net
from cnnlib import Conv2d, Flatten, Linear, MaxPool2d, ReLU

design_a_net = [
    Conv2d(1, 8, 5, stride=2, padding=2),
    ReLU(),
    Conv2d(8, 16, 3, padding=1),
    ReLU(),
    MaxPool2d(2),
    Conv2d(16, 16, 3, padding=1),
    ReLU(),
    MaxPool2d(2),
    Flatten(),
    Linear(144, 10),
]

# another way
from cnnlib import Conv2d, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU, Sequential

# No large dense layer at all: the mean of each map, and pairs of depthwise and 1 x 1 convolutions.
design_a_net = Sequential(
    Conv2d(1, 16, 3, stride=2, padding=1),
    ReLU(),
    Conv2d(16, 16, 3, padding=1, groups=16),
    Conv2d(16, 32, 1),
    ReLU(),
    MaxPool2d(2),
    Conv2d(32, 32, 3, padding=1, groups=32),
    Conv2d(32, 64, 1),
    ReLU(),
    MaxPool2d(2),
    GlobalAvgPool2d(),
    Linear(64, 10),
)
