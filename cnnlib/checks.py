"""Whole numbers and flags: what an option may be, and the sentences that turn the rest away."""

import operator
import os
from pathlib import Path

import numpy as np


def check_integer(value, name, minimum, *, fitting=None):
    """Return `value` as an int of at least `minimum`; a bool, a fraction or a word is a TypeError.

    fitting: (least, most) of what the rest of the call allows, None for no limit; the repair that an error names keeps to it.
    """
    fault = TypeError
    try:
        number = operator.index(value)
        if isinstance(value, (bool, np.bool_)):
            what = f"{name}={value} is a bool, and a whole number is wanted"
        elif number < minimum:
            what, fault = f"{name}={number} is too small: the smallest possible is {minimum}", ValueError
        else:
            return number
    except TypeError:
        what = f"{name}={value!r} is {_kind(value)}, and a whole number is wanted"
    raise fault(f"{what}. Write {name}={nearest(value, minimum, fitting)}.")


def check_flag(value, name):
    """Return `value` as a bool; a word or a number is a TypeError."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}={value!r} is neither True nor False. Write {name}=True or {name}=False.")
    return bool(value)


def _kind(value):
    return "None" if value is None else f"a {type(value).__name__}"


def nearest(value, minimum, fitting):
    """The whole number a repair suggests: the nearest to the value that fits, or the least where nothing is near."""
    least, most = fitting or (None, None)
    least = minimum if least is None else max(least, minimum)
    try:
        number = max(int(value), least)
    except (TypeError, ValueError, OverflowError):
        number = least
    return number if most is None else min(number, most)


def check_path(value, name, example):
    """Return the name of a file or a folder as a Path."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name}={value!r} is {_kind(value)}, and the name of a file or folder is wanted. Write {name}={example!r}.")
    if not str(value):
        raise ValueError(f"{name}={value!r} is empty, and the name of a file or folder is wanted. Write {name}={example!r}.")
    return Path(value)


def integer_array(value, name, minimum):
    """Integer arrays for `output_size`; every entry obeys the rule for a single number."""
    array = np.asarray(value)
    if array.dtype == bool or not np.issubdtype(array.dtype, np.integer):
        raise TypeError(f"{name} holds {array.dtype} values, and whole numbers are wanted. Write {name}.astype(int).")
    if array.size and array.min() < minimum:
        check_integer(int(array.min()), name, minimum)
    return array


def all_single(arguments):
    """Whether every named argument is a single number, and none an array."""
    for name, value in arguments.items():
        try:
            np.ndim(value)
        except ValueError:
            raise ValueError(f"{name} is ragged: its rows have different lengths. Make all rows equally long.") from None
    return all(np.ndim(value) == 0 for value in arguments.values())


def common_shape(arrays):
    """The shape that named arrays broadcast to."""
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items() if array.ndim)
        raise ValueError(f"the arguments do not broadcast together: {shapes}. Give them one common shape.") from None
