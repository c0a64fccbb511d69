"""Whole numbers and flags: what an option may be, and the sentences that turn the rest away."""

import operator

import numpy as np


def check_integer(value, name, minimum):
    """Return `value` as an int of at least `minimum`; a bool, a fraction or a word is a TypeError."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}={value} is a bool, and a whole number is wanted. Write {name}={max(int(value), minimum)}.")
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{name}={value!r} is {_kind(value)}, and a whole number is wanted. Write {name}={_nearest(value, minimum)}."
        ) from None
    if number < minimum:
        raise ValueError(f"{name}={number} is too small: the smallest possible is {minimum}. Write {name}={minimum}.")
    return number


def check_flag(value, name):
    """Return `value` as a bool; a word or a number is a TypeError."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}={value!r} is neither True nor False. Write {name}=True or {name}=False.")
    return bool(value)


def _kind(value):
    return "None" if value is None else f"a {type(value).__name__}"


def _nearest(value, minimum):
    """The whole number a repair suggests in place of a fraction, or the minimum where nothing else is near."""
    try:
        return max(int(value), minimum)
    except (TypeError, ValueError, OverflowError):
        return minimum


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
