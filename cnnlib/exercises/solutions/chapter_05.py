# ruff: noqa
# Solutions of chapter 05, as cells. A student release leaves this folder out.

# exercise: field-by-hand
# Sizes 1, 1 + 6*1 = 7, 7 + 2*2 = 11, 11 + 4*4 = 27. Jumps 1, 2, 4, 4.
field_by_hand = (27, 4)


# exercise: receptive-field
def receptive_field(kernel_sizes, strides):
    size, jump = 1, 1
    for kernel_size, stride in zip(kernel_sizes, strides):
        size = size + (kernel_size - 1) * jump
        jump = jump * stride
    return size


# another way
def receptive_field(kernel_sizes, strides):
    # Backwards: how many cells of the layer below does one run of `size` cells need?
    size = 1
    for kernel_size, stride in zip(reversed(kernel_sizes), reversed(strides)):
        size = (size - 1) * stride + kernel_size
    return size


# another way
import numpy as np


def receptive_field(kernel_sizes, strides):
    jumps = np.cumprod([1, *strides])[:-1]
    return 1 + int(((np.array(kernel_sizes) - 1) * jumps).sum())


# exercise: first-centre
def first_centre(kernel_sizes, strides, paddings):
    centre, jump = 0, 1
    for kernel_size, stride, padding in zip(kernel_sizes, strides, paddings):
        centre = centre + ((kernel_size - 1) / 2 - padding) * jump
        jump = jump * stride
    return centre


# another way
def first_centre(kernel_sizes, strides, paddings):
    # Backwards: the first and the last cell that output cell 0 sees, layer by layer.
    first, last = 0, 0
    for kernel_size, stride, padding in list(zip(kernel_sizes, strides, paddings))[::-1]:
        first = first * stride - padding
        last = last * stride - padding + kernel_size - 1
    return (first + last) / 2


# another way
import numpy as np


def first_centre(kernel_sizes, strides, paddings):
    jumps = np.cumprod([1, *strides])[:-1]
    return float((((np.array(kernel_sizes) - 1) / 2 - np.array(paddings)) * jumps).sum())


# exercise: strided-stack
import sympy

L, k, s = sympy.symbols("L k s", integer=True, positive=True)
strided_stack = 1 + (k - 1) * (s**L - 1) / (s - 1)

# another way
import sympy

L, k, s, l = sympy.symbols("L k s l", integer=True, positive=True)
strided_stack = 1 + sympy.Sum((k - 1) * s ** (l - 1), (l, 1, L))

# another way
import sympy

L, k, s = sympy.symbols("L k s")
strided_stack = sympy.simplify((s - 1 + (k - 1) * (s**L - 1)) / (s - 1))

# exercise: doubling-dilation
import sympy

L, k = sympy.symbols("L k", integer=True, positive=True)
doubling_dilation = 1 + (k - 1) * (2**L - 1)

# another way
import sympy

L, k = sympy.symbols("L k")
doubling_dilation = sympy.expand(2**L * (k - 1) - k + 2)

# another way
import sympy

L, k, l = sympy.symbols("L k l", integer=True, positive=True)
doubling_dilation = 1 + (k - 1) * sympy.summation(2 ** (l - 1), (l, 1, L))
