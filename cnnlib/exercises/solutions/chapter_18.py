# ruff: noqa
# Solutions of chapter 18, as cells. A student release leaves this folder out.

# exercise: wider-by-hand
# 32 -> 28 -> 26 -> 13 -> 11 -> 5, and 20 maps of 5 x 5 cells. 12 maps enter the third convolution.
wider_by_hand = (20 * 5 * 5, 20 * (12 * 9 + 1), 50 * (500 + 1))

# exercise: sizes-that-fit
# Backwards: 4 from 8 or 9, those from 10 or 11, those from 20 to 23; the two convolutions cost 2 and 4 cells.
sizes_that_fit = (20 + 2 + 4, 23 + 2 + 4)

# exercise: chain-remainder
import sympy

n, R, J = sympy.symbols("n R J", integer=True, positive=True)
chain_remainder = n - R - J * sympy.floor((n - R) / J)

# another way
import sympy

n, R, J = sympy.symbols("n R J", integer=True, positive=True)
chain_remainder = sympy.Mod(n - R, J)

# another way
import sympy

n, R, J = sympy.symbols("n R J", integer=True, positive=True)
places = (n - R) // J + 1
seen = (places - 1) * J + R
chain_remainder = n - seen

# exercise: decayed-rate
import sympy

eta, d, N, B, E = sympy.symbols("eta d N B E", positive=True)
decayed_rate = eta / (1 + d * E * N / B)

# another way
import sympy

eta, d, N, B, E = sympy.symbols("eta d N B E", positive=True)
t = sympy.Symbol("t")
decayed_rate = (eta / (1 + d * t)).subs(t, E * (N / B))

# another way
import sympy

eta, d, N, B, E = sympy.symbols("eta d N B E", positive=True)
decayed_rate = eta * B / (B + d * E * N)


# exercise: network-parameters
def network_parameters(input_shape, layers):
    channels, rows, columns = input_shape
    inputs, total = None, 0
    for kind, *numbers in layers:
        if kind == "conv":
            made, k = numbers
            total += made * (channels * k * k + 1)
            channels, rows, columns = made, rows - k + 1, columns - k + 1
        elif kind == "pool":
            (k,) = numbers
            rows, columns = rows // k, columns // k
        else:
            (units,) = numbers
            if inputs is None:
                inputs = channels * rows * columns
            total += units * (inputs + 1)
            inputs = units
    return total


# another way
from math import prod

import cnnlib


def network_parameters(input_shape, layers):
    shape, total = tuple(input_shape), 0
    for kind, *numbers in layers:
        if kind == "pool":
            (k,) = numbers
            channels, *sides = shape
            shape = (channels, *(cnnlib.output_size(n, k, k) for n in sides))
        elif kind == "conv":
            made, k = numbers
            channels, *sides = shape
            total += made * channels * k**2 + made
            shape = (made, *(cnnlib.output_size(n, k) for n in sides))
        else:
            (units,) = numbers
            total += prod(shape) * units + units
            shape = (units,)
    return total


# another way
from math import prod

import cnnlib


def network_parameters(input_shape, layers):
    shape, built = tuple(input_shape), []
    for kind, *numbers in layers:
        channels, *_ = shape
        if kind == "dense":
            built.append(cnnlib.Flatten())
            shape = (prod(shape),)
            built.append(cnnlib.Linear(*shape, *numbers))
        else:
            built.append(cnnlib.Conv2d(channels, *numbers) if kind == "conv" else cnnlib.MaxPool2d(*numbers))
        shape = built[-1].output_shape(shape)
    return cnnlib.Sequential(*built).summary(tuple(input_shape)).parameters
