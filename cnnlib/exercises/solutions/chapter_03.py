# ruff: noqa
# Solutions of chapter 03, as cells. A student release leaves this folder out.

# exercise: count-places
# The padded input has 16 boxes; starts at 0, 2, 4, 6, 8 and 10. A window at 12 would need box 16.
count_places = 6

# another way
count_places = (12 + 2 * 2 - 5) // 2 + 1

# exercise: chain-of-sizes
# Convolutions lose kernel_size - 1 cells; the second pooling leaves the eleventh cell unread.
chain_of_sizes = (26, 13, 11, 5, 4)

# another way
chain_of_sizes = [30 - 5 + 1, 26 // 2, 13 - 3 + 1, 11 // 2, 5 - 2 + 1]


# exercise: window-span
def window_span(kernel_size, dilation):
    return dilation * (kernel_size - 1) + 1


# another way
def window_span(kernel_size, dilation):
    skipped = (dilation - 1) * (kernel_size - 1)
    return kernel_size + skipped


# another way
def window_span(kernel_size, dilation):
    cells = range(0, kernel_size * dilation, dilation)
    return cells[-1] - cells[0] + 1


# exercise: output-size
def output_size(n, kernel_size, stride, padding, dilation):
    span = dilation * (kernel_size - 1) + 1
    return (n + 2 * padding - span) // stride + 1


# another way
def output_size(n, kernel_size, stride, padding, dilation):
    last = n + 2 * padding - dilation * (kernel_size - 1)
    return len(range(0, last, stride))


# another way
import math


def output_size(n, kernel_size, stride, padding, dilation):
    way = n + 2 * padding - dilation * (kernel_size - 1) - 1
    return math.floor(way / stride + 1)


# another way
def output_size(n, kernel_size, stride, padding, dilation):
    count, start = 0, 0
    while start + dilation * (kernel_size - 1) < n + 2 * padding:
        count += 1
        start += stride
    return count


# exercise: ceil-size
def ceil_size(n, kernel_size, stride, padding):
    steps = -(-(n + 2 * padding - kernel_size) // stride)
    return min(steps, (n + padding - 1) // stride) + 1


# another way
import math


def ceil_size(n, kernel_size, stride, padding):
    count = math.ceil((n + 2 * padding - kernel_size) / stride) + 1
    if (count - 1) * stride >= n + padding:
        count -= 1
    return count


# another way
def ceil_size(n, kernel_size, stride, padding):
    count = 1
    while count * stride < min(n + padding, n + 2 * padding - kernel_size + stride):
        count += 1
    return count


# exercise: same-padding-amounts
def same_padding_amounts(n, kernel_size, stride, dilation):
    places = -(-n // stride)
    span = dilation * (kernel_size - 1) + 1
    total = max((places - 1) * stride + span - n, 0)
    return total // 2, total - total // 2


# another way
import math


def same_padding_amounts(n, kernel_size, stride, dilation):
    last_start = (math.ceil(n / stride) - 1) * stride
    missing = last_start + dilation * (kernel_size - 1) - (n - 1)
    if missing <= 0:
        return [0, 0]
    return [missing // 2, (missing + 1) // 2]


# another way
def same_padding_amounts(n, kernel_size, stride, dilation):
    places, total = (n + stride - 1) // stride, 0
    while (n + total - dilation * (kernel_size - 1) - 1) // stride + 1 < places:
        total += 1
    before, odd = divmod(total, 2)
    return before, before + odd


# exercise: unread-cells
def unread_cells(n, kernel_size, stride, padding, dilation):
    places = (n + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1
    read = {i * stride - padding + m * dilation for i in range(places) for m in range(kernel_size)}
    return [cell for cell in range(n) if cell not in read]


# another way
import numpy as np


def unread_cells(n, kernel_size, stride, padding, dilation):
    touched = np.zeros(n + 2 * padding, dtype=bool)
    start = 0
    while start + dilation * (kernel_size - 1) < len(touched):
        touched[start : start + dilation * (kernel_size - 1) + 1 : dilation] = True
        start += stride
    return np.flatnonzero(~touched[padding : padding + n])


# another way
def unread_cells(n, kernel_size, stride, padding, dilation):
    last = n + 2 * padding - dilation * (kernel_size - 1)
    cells = set(range(n))
    for start in range(0, last, stride):
        cells -= set(range(start - padding, start - padding + kernel_size * dilation, dilation))
    return tuple(sorted(cells))


# exercise: same-padding
import sympy

k, d = sympy.symbols("k d", integer=True, positive=True)
same_padding = d * (k - 1) / 2

# another way
import sympy

n, k, d, p = sympy.symbols("n k d p")
same_padding = sympy.solve(sympy.Eq(n + 2 * p - d * (k - 1), n), p)[0]

# another way
import sympy

k, d = sympy.symbols("k d", integer=True)
same_padding = k // 2 * d

# exercise: largest-input
import sympy

m, k, s, p, d = sympy.symbols("m k s p d", integer=True, nonnegative=True)
smallest = (m - 1) * s + d * (k - 1) + 1 - 2 * p
largest_input = smallest + s - 1

# another way
import sympy

m, k, s, p, d = sympy.symbols("m k s p d")
largest_input = sympy.expand(m * s + d * (k - 1) - 2 * p)

# another way
import sympy

m, k, s, p, d = sympy.symbols("m k s p d", real=True)
without_a_place = (m + 1 - 1) * s + d * (k - 1) + 1 - 2 * p  # the smallest input with m + 1 places
largest_input = without_a_place - 1
