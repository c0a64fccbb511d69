"""The door: what may come in, which dtype it keeps, and the sentences that turn the rest away.

Every public operation passes its arrays and options through these few functions, so the rules and the words are the same everywhere.
"""

import numpy as np

from cnnlib.checks import check_integer, nearest
from cnnlib.geometry import AXES, GeometryError, Window, check_padding_name

IMAGES = "(N, C, H, W)"
MOST_CELLS = 10**8  # longer than any image: an option above it is a slip, and the sizes made of it would leave the integers of NumPy


def as_array(value, name, layout=None, *, symbols=False):
    """Return `value` as a real array with the axes of `layout`, such as "(N, C, H, W)".

    Floating arrays keep their dtype, integers and booleans become float64, and object arrays of SymPy expressions pass where
    `symbols` allows them. Anything else is refused by name.
    """
    array = _as_real(to_numpy(value, name), name, symbols)
    if layout is not None:
        check_axes(array, name, layout)
    return array


def to_numpy(value, name):
    """Return `value` as a NumPy array of any dtype; None, words and ragged lists are refused."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} is ragged: its rows have different lengths. Make all rows equally long.") from None
    no_number = array.ndim == 0 and array.dtype == object and not hasattr(value, "__mul__")  # a set, a function, a class
    if no_number or isinstance(value, (str, bytes)):
        raise TypeError(f"{name}={value!r} is not an array of numbers. Pass {name} as a NumPy array.")
    return array


def _as_real(array, name, symbols):
    kind = array.dtype.kind
    if kind == "f":
        return array
    if kind in "biu":
        return array.astype(np.float64)
    if kind == "c":
        raise TypeError(f"{name} is complex ({array.dtype}), and real numbers are wanted. Write {name}.real to take the real part.")
    if kind != "O" or not all(hasattr(entry, "__mul__") and not isinstance(entry, (str, list, tuple, complex)) for entry in array.flat):
        raise TypeError(f"{name} holds {array.dtype} values, and numbers are wanted. Pass {name} as a NumPy array of floats.")
    if not symbols:
        raise TypeError(
            f"{name} is an object array (SymPy expressions?), and this operation is not linear in it. "
            f"Use its symbolic form in cnnlib.symbolic, or write {name}.astype(float)."
        )
    return array


def check_axes(array, name, layout):
    """Compare the number of axes with the layout's."""
    wanted = layout.count(",") + 1 if layout.strip("()").rstrip(",").count(",") else 1
    if array.ndim == wanted:
        return
    repair = f"Reshape {name} to {layout}."
    if layout == IMAGES and array.ndim in (2, 3):
        what = "one image" if array.ndim == 3 else "one channel of one image"
        repair = f"For {what} write {name}[{', '.join(['None'] * (4 - array.ndim))}]."
    raise ValueError(f"{name} has shape {array.shape}: {count(array.ndim, 'axis', 'axes')}, and {layout} has {wanted}. {repair}")


def count(number, one, many=None):
    """A number with its noun: 1 axis, 3 axes."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def common_dtype(*arrays):
    """The dtype that holds a result of all these arrays (None stands for an array that is not there)."""
    return np.result_type(*(array.dtype for array in arrays if array is not None))


def widened(array, dtype):
    """Give an array (or None) the common dtype. Beside symbols whole numbers become exact integers: the product is x, not 1.0 x."""
    if array is None:
        return None
    if dtype.kind != "O" or array.dtype.kind != "f":
        return array.astype(dtype, copy=False)
    exact_array = array.astype(object)
    exact_array.flat = [int(entry) if entry.is_integer() else entry for entry in exact_array.flat]
    return exact_array


def own_dtype(gradient, array):
    """Give a gradient the dtype of its own array; symbols stay symbols."""
    return gradient if gradient.dtype.kind == "O" else gradient.astype(array.dtype, copy=False)


def exact(number, dtype):
    """Return a divisor that leaves arrays of `dtype` exact: a SymPy rational for object arrays, the number itself otherwise."""
    if dtype.kind != "O":
        return number
    from sympy import Rational

    return Rational(str(number))


def as_upstream(dy, shape, operation, *, symbols=False):
    """Return dy as a real array with the shape of the operation's output."""
    dy = as_array(dy, "dy", symbols=symbols)
    check_same_shape(dy, shape, operation)
    return dy


def check_same_shape(dy, shape, operation):
    """The upstream gradient has the shape of the operation's output."""
    if dy.shape != tuple(shape):
        raise ValueError(
            f"dy has shape {dy.shape}, and the output of {operation} has shape {tuple(shape)}. dy is the gradient of that output. "
            f"Give dy the shape {tuple(shape)}."
        )


def pair(value, name, minimum, *, fitting=None):
    """Return an option given as one number, or as a (rows, columns) pair, as a pair of ints of at least `minimum`.

    fitting: (least, most) that the rest of the call allows, see `check_integer`.
    """
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = tuple(value.tolist())
    if not isinstance(value, (tuple, list)):
        return (_cells(value, name, minimum, fitting),) * 2
    if len(value) != 2:
        first = nearest(value[0] if len(value) else None, minimum, fitting)
        raise ValueError(
            f"{name}={value} has {count(len(value), 'entry', 'entries')}, and {name} is one number or a (rows, columns) pair. "
            f"Write {name}={(first, first)}."
        )
    return tuple(_cells(entry, f"{name}[{axis}]", minimum, fitting) for axis, entry in enumerate(value))


def _cells(value, name, minimum, fitting):
    number = check_integer(value, name, minimum, fitting=fitting)
    if number > MOST_CELLS:
        raise ValueError(f"{name}={number} is larger than any image. Write {name}={nearest(None, minimum, fitting)}.")
    return number


def padding_pair(padding, allowed, *, fitting=None):
    """Return padding as a pair: two numbers, or one of the allowed names twice."""
    if isinstance(padding, str):
        return (check_padding_name(padding, allowed),) * 2
    return pair(padding, "padding", 0, fitting=fitting)


def windows(shape, kernel_size, stride, padding, dilation, *, allowed=("valid", "same", "full"), **options):
    """Place a window along the rows and the columns of `shape`; returns the two `Window`s. Kernel first, so that its errors come first."""
    check_cells(shape)
    choices = (
        pair(kernel_size, "kernel_size", 1),
        pair(stride, "stride", 1),
        padding_pair(padding, allowed),
        pair(dilation, "dilation", 1),
    )
    found, failed = [], []
    for axis, *setting in zip(AXES, shape, *choices, strict=True):
        try:
            found.append(Window.fit(*setting, axis=axis, **options))
        except GeometryError as error:
            failed.append(error)
    if failed:  # the repair of the axis that lacks most helps both
        raise max(failed, key=lambda error: error.lack)
    return tuple(found)


def check_cells(shape, name="x"):
    """An image, and a kernel, has at least one cell along each axis."""
    if min(shape) < 1:
        raise ValueError(
            f"{name} has {shape[0]} x {shape[1]} cells, and a window needs at least one. Pass {name} with at least 1 x 1 cells."
        )


def check_groups(groups, *, fitting=None, **channels):
    """`groups` divides every count of channels given, such as in_channels=6. fitting: see `check_integer`."""
    groups = check_integer(groups, "groups", 1, fitting=fitting)
    for name, number in channels.items():
        if number % groups:
            common = int(np.gcd.reduce(list(channels.values())))
            best = max(g for g in range(1, min(groups, common) + 1) if common % g == 0)
            raise ValueError(
                f"groups={groups} does not divide {name}={number}: every group has equally many channels. Write groups={best}."
            )
    return groups


def check_fraction(value, name):
    """Return a probability in [0, 1) as a float."""
    number = check_number(value, name, example=0.5)
    if not 0 <= number < 1:
        raise ValueError(f"{name}={number} is outside [0, 1): it is a share, and not everything. Write {name}=0.5, for example.")
    return number


def check_number(value, name, *, minimum=None, above=None, example=1):
    """Return a finite real number as a float, at least `minimum` or above a bound; the repair suggests the example."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = None
    if number is None or np.ndim(value) or isinstance(value, (bool, np.bool_, str, bytes)):
        raise TypeError(f"{name}={value!r} is not a real number. Write {name}={example}, for example.")
    low = (minimum is not None and number < minimum) or (above is not None and number <= above)
    if low or not np.isfinite(number):
        bound = f" and at least {minimum}" if minimum is not None else f" and above {above}" if above is not None else ""
        raise ValueError(f"{name}={number} is not finite{bound}. Write {name}={example}, for example.")
    return number


def check_choice(value, name, allowed):
    """Return `value` if it is one of the allowed words."""
    if not isinstance(value, str) or value not in allowed:
        words = ", ".join(f'"{word}"' for word in allowed)
        error = ValueError if isinstance(value, str) else TypeError
        raise error(f'{name}={value!r} is not one of {words}. Write {name}="{allowed[0]}".')
    return value


def class_indices(indices, name="labels"):
    """Return whole numbers as int64, in which sums and products of them stay right; an empty list counts too."""
    array = to_numpy(indices, name)
    if array.dtype.kind in "iu" or (array.dtype.kind == "f" and array.size == 0):
        return array.astype(np.int64, copy=False)
    raise TypeError(f"{name} hold {array.dtype} values, and class indices are whole numbers. Write {name}.astype(int).")


def check_labels(labels, classes, rows, name="labels"):
    """Return integer class labels of shape (rows,), each from 0 to classes - 1."""
    array = class_indices(labels, name)
    if array.shape != (rows,):
        raise ValueError(f"{name} have shape {array.shape}, and logits have {count(rows, 'row')}. Give {name} the shape ({rows},).")
    if array.size and (array.min() < 0 or array.max() >= classes):
        wrong = array[(array < 0) | (array >= classes)][0]
        known = f"{count(classes, 'class is', 'classes are')} numbered 0 to {classes - 1}"
        raise ValueError(f"{name} contain {wrong}, and {known}. Number the classes from 0.")
    return array


def check_dtype(dtype):
    """Return a floating dtype; integers would round every weight."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = None
    if dtype is None or found is None or found.kind != "f":
        raise TypeError(f"dtype={dtype!r} is not a floating dtype. Write dtype=np.float32 or dtype=np.float64.")
    return found


def make_rng(rng):
    """Return a `numpy.random.Generator`: the one given, one seeded by an int, or with None one from fresh entropy."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is not None:
        rng = check_integer(rng, "rng", 0)
    return np.random.default_rng(rng)
