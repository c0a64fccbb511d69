"""Compare a candidate's result with the truth, and say the first difference in words.

Values arrive as `transport.unpack` builds them. Two levels of strictness: float64 results obey the exercise's tolerance; float32 and
float16 results are held to what those formats can keep, and pass with a remark.
"""

from dataclasses import dataclass

import numpy as np

from cnnlib.exercises.transport import Alien, Failure

COARSE = {"float32": 1e-4, "float16": 2e-2, "complex64": 1e-4}
SHOWN = 36  # numbers of an array that are printed in full
NUMBERS = (bool, int, float, complex, np.number, np.bool_)


@dataclass(frozen=True)
class Difference:
    """Where a result leaves the truth. text: in words. kind: "value", "shape", "type" or "whole" (right, but 3.0 and not 3)."""

    text: str
    kind: str = "value"


def difference(truth, got, exercise, part=""):
    """The first difference between a result and the truth, or None. part: what to call a member of a tuple."""
    subject = part or "the result"
    if isinstance(got, Failure):
        return Difference(f"{subject} is missing: {got.kind}", "type")
    if isinstance(got, Alien):
        return Difference(f"{subject} is {got.description}, and {_wanted(truth)} is wanted", "type")
    if got is None or got is Ellipsis or isinstance(got, str):
        shown = {None: "nothing (None)", Ellipsis: "still `...`"}.get(got, f"the string {got!r}")
        return Difference(f"{subject} is {shown}, and {_wanted(truth)} is wanted", "type")
    if isinstance(truth, tuple):
        return _tuple_difference(truth, got, exercise)
    if isinstance(truth, np.ndarray):
        return _array_difference(truth, got, exercise, subject)
    return _number_difference(truth, got, exercise, subject)


def _wanted(truth):
    if isinstance(truth, tuple):
        return f"a tuple of {len(truth)} values" if truth else "an empty list"
    if isinstance(truth, np.ndarray):
        return f"an array of shape {truth.shape}"
    return "a whole number" if isinstance(truth, int) else "a number"


def _number_difference(truth, got, exercise, subject):
    if isinstance(got, tuple) or np.ndim(got) > 0:
        what = f"a list or tuple of length {len(got)}" if isinstance(got, tuple) else f"an array of shape {got.shape}"
        return Difference(f"{subject} is {what}, and a single number is wanted", "type")
    if isinstance(got, (bool, np.bool_)) or getattr(got, "dtype", None) == np.bool_:
        return Difference(f"{subject} is {got}, a truth value, and a number is wanted", "type")
    if np.iscomplexobj(got):
        return Difference(f"{subject} is the complex number {got}, and {_wanted(truth)} is wanted", "type")
    if isinstance(truth, int):
        if got != truth:
            return Difference(f"{subject} should be {truth}; yours is {'not a number (NaN)' if got != got else show(got)}")
        whole = exercise.whole is None or isinstance(got, int) or np.asarray(got).dtype.kind in "iu"
        return None if whole else Difference(f"{subject} is {float(got)} and not {truth}", "whole")
    got = float(got) if isinstance(got, int) else got
    if np.isnan(got) and not np.isnan(truth):
        return Difference(f"{subject} should be {show(truth)}; yours is not a number (NaN)")
    if not _close(truth, got, exercise):
        return Difference(f"{subject} should be {show(truth)}; yours is {show(got)}")
    return None


def _tuple_difference(truth, got, exercise):
    members = _members(got)
    if members is None:
        return Difference(f"the result is the single value {show(got)}, and {_wanted(truth)} is wanted", "type")
    names = exercise.parts or tuple(f"value {number} of the result" for number in range(1, len(truth) + 1))
    if len(members) != len(truth):
        listed = exercise.parts or any(isinstance(each, np.ndarray) for each in (*truth, *members))
        detail = "" if listed else f": {show(truth)}; yours is {show(members)}"
        return Difference(f"the result should have {len(truth)} values and has {len(members)}{detail}", "shape")
    found = [difference(*pair, exercise, name) for *pair, name in zip(truth, members, names, strict=False)]
    found = [each for each in found if each]
    return next((each for each in found if each.kind != "whole"), found[0] if found else None)


def _members(got):
    """A tuple, or an array seen as the tuple of its entries along the first axis."""
    if isinstance(got, np.ndarray):
        return tuple(each if each.ndim else each.item() for each in map(np.asarray, got)) if got.ndim else None
    return got if isinstance(got, tuple) else None


def _array_difference(truth, got, exercise, subject):
    array = as_array(got)
    if array is None:
        return Difference(
            f"{subject} is a list that is no array (rows of different lengths, or not numbers alone), and {_wanted(truth)} is wanted",
            "shape",
        )
    if array.shape != truth.shape:
        wrapped = isinstance(got, tuple) and array.shape == (1, *truth.shape)
        comma = "; is there a comma too many after `return ...`?" if wrapped else ""
        return Difference(f"{subject} should have shape {truth.shape}; yours has {array.shape}{comma}", "shape")
    if array.dtype.kind == "c":
        return Difference(f"{subject} holds complex numbers; take their real part with `.real`", "type")
    if array.dtype.kind == "b" and truth.dtype.kind != "b":
        return Difference(f"{subject} holds truth values, and numbers are wanted", "type")
    wrong = np.argwhere(~_close(truth, array, exercise))
    if len(wrong) == 0:
        return None
    place = tuple(int(index) for index in wrong[0])
    bad = "not a number (NaN)" if np.isnan(array[place]) else show(array[place].item())
    count = "the only number is wrong" if truth.size == 1 else f"{len(wrong)} of {truth.size} numbers differ"
    text = f"in {subject} {count}; the first at {list(place)} should be {show(truth[place].item())}, yours is {bad}"
    if 1 < truth.size <= SHOWN:
        text += f"\nexpected:\n{show(truth)}\nyours:\n{show(array)}"
    return Difference(text)


def as_array(value):
    """The array a list of lists stands for; None where its rows differ in length or hold something else than numbers."""
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array if array.dtype.kind in "biufc" else None


def _close(truth, got, exercise):
    coarse = COARSE.get(np.asarray(got).dtype.name, 0.0)
    rtol, atol = max(exercise.rtol, coarse), max(exercise.atol, coarse)
    with np.errstate(all="ignore"):
        return np.isclose(got, truth, rtol=rtol, atol=atol, equal_nan=True)


def is_coarse(got):
    """Whether a result, or a member of it, is kept in fewer digits than float64."""
    if isinstance(got, tuple):
        return any(map(is_coarse, got))
    return getattr(got, "dtype", np.dtype(float)).name in COARSE


def alike(one, other, exercise):
    """Whether two results, right or wrong, are the same behaviour. The integer 3 and the float 3.0 are; True and 1 are not."""
    if isinstance(one, Failure) or isinstance(other, Failure):
        return isinstance(one, Failure) and isinstance(other, Failure) and one.kind == other.kind
    if one is None or other is None or isinstance(one, (Alien, str)) or isinstance(other, (Alien, str)):
        return one is other or (type(one) is type(other) and one == other)
    if isinstance(one, tuple) and isinstance(members := _members(other), tuple):
        return len(one) == len(members) and all(alike(*pair, exercise) for pair in zip(one, members, strict=True))
    first, second = as_array(one), as_array(other)
    if first is None or second is None or first.shape != second.shape or (first.dtype.kind == "b") != (second.dtype.kind == "b"):
        return False
    return bool(np.all(_close(first, second, exercise)))


def show(value):
    """A value as a reader would write it; arrays of more than SHOWN numbers by shape alone."""
    if isinstance(value, np.ndarray):
        if value.size > SHOWN:
            return f"an array of shape {value.shape}"
        return np.array2string(value, precision=4, suppress_small=True, separator=", ", max_line_width=100)
    if isinstance(value, (tuple, list)):
        inner = ", ".join(show(each) for each in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.6g}"
    if value is Ellipsis:
        return "`...`"
    return str(value) if isinstance(value, NUMBERS) else repr(value)
