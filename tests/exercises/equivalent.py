"""Mutants that change nothing, {exercise: {mutant: reason}}. Each is tried on 500 further cases before it is excused."""

MUTANTS = {
    "window-span": {
        "Sub to Add in `cells[-1] - cells[0]`": "cells[0] is 0",
    },
    "ceil-size": {
        "1 to 0 in `1`": "only in the loop that counts up: a window that fits is counted in its first turn",
    },
    "same-padding-amounts": {
        "LtE to Lt in `missing <= 0`": "with nothing missing both branches give two zeros",
        "0 to -1 in `0`": "with nothing missing both branches give two zeros",
        "FloorDiv to Div in `(n + total - dilation * (kernel_size - 1) - 1) // stride`": "x < places is floor(x) < places",
    },
    "dense-as-convolution": {
        "w to b in `w`": "w has a row for every entry of b, so both have the same length",
    },
}
