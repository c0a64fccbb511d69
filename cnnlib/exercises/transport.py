"""Carry a candidate's result from the process it ran in to the reader's kernel, as plain numbers and nothing else.

`pack` runs beside the candidate, where a hostile object can do no harm; it writes what JSON can say. `unpack` runs in the kernel and
builds only Python numbers, strings, tuples and NumPy arrays of numbers, and raises on anything else; pickle would run code of the
candidate's choosing.
"""

import base64
import numbers
import operator
import types
from dataclasses import dataclass

import numpy as np

LARGEST = 1_000_000  # numbers in one array; the answers of exercises have a few hundred
DEEPEST = 6
LONGEST = 200


@dataclass(frozen=True)
class Alien:
    """A result that is not made of numbers. description: a noun phrase, such as "a dict"."""

    description: str


@dataclass(frozen=True)
class Failure:
    """No result: the function stopped with an exception of this kind."""

    kind: str
    text: str = ""
    where: str = ""


def pack(value, depth=0):
    """Describe a result in what JSON knows. May raise, or never return, if the value's own methods do."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return {"plain": None if value is None else bool(value)}
    if value is Ellipsis:
        return {"dots": True}
    if isinstance(value, np.ndarray):
        return _pack_array(np.asarray(value))
    if isinstance(value, (float, np.floating)):
        return {"float": float(value), "dtype": value.dtype.name if isinstance(value, np.generic) else "float64"}
    if isinstance(value, (complex, np.complexfloating)):
        return {"complex": [complex(value).real, complex(value).imag]}
    if isinstance(value, (str, bytes)):
        return {"text": str(value[:LONGEST])}
    if isinstance(value, (tuple, list, range)):
        return _pack_sequence(value, depth)
    if hasattr(type(value), "__index__"):
        return _pack_integer(operator.index(value))
    if hasattr(type(value), "__array__"):
        return _pack_array(np.asarray(value))
    if isinstance(value, numbers.Rational):  # 3/16 written as a Fraction or with SymPy
        return {"float": float(value), "dtype": "float64"}
    return {"alien": _kind(value)}


def _pack_integer(number):
    if number.bit_length() > 1000:
        return {"alien": f"a whole number of {number.bit_length()} binary digits"}
    return {"plain": number}


def _pack_array(array):
    if array.dtype.kind == "O":
        return {"alien": f"an array of Python objects (dtype object) of shape {array.shape}"}
    if array.dtype.kind not in "biufc" or array.dtype.itemsize > 16:
        return {"alien": f"an array of dtype {array.dtype}"}
    if array.size > LARGEST:
        return {"alien": f"an array of shape {array.shape}, far larger than any right answer"}
    if array.dtype == np.longdouble and array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    array = np.ascontiguousarray(array).reshape(array.shape).astype(array.dtype.newbyteorder("<"))
    return {"array": base64.b64encode(array.tobytes()).decode(), "dtype": array.dtype.str, "shape": list(array.shape)}


def _pack_sequence(values, depth):
    if depth >= DEEPEST:
        return {"alien": f"a {type(values).__name__} nested more than {DEEPEST} deep"}
    if len(values) > LONGEST:
        try:
            return _pack_array(np.asarray(values))
        except ValueError:
            return {"alien": f"a {type(values).__name__} whose rows differ in length"}
    return {"tuple": [pack(value, depth + 1) for value in values]}


def _kind(value):
    if isinstance(value, types.GeneratorType):
        return "a generator, because it contains `yield` (write `return`)"
    if isinstance(value, types.CoroutineType):
        return "a coroutine, because it begins with `async`"
    if isinstance(value, (set, frozenset)):
        return "a set, which has no order (write `sorted(...)`)"
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType, types.MethodType)):
        return "a function and not its result"
    if hasattr(type(value), "__next__"):
        return f"a {type(value).__name__} that is not yet worked out (write `list(...)`)"
    return f"a value of type {type(value).__name__}"


def unpack(node):
    """Build the plain value that `pack` described: None, Ellipsis, a number, a string, a tuple, an array of numbers, or an Alien."""
    if "plain" in node and (node["plain"] is None or isinstance(node["plain"], int)):
        return node["plain"]
    if "dots" in node:
        return Ellipsis
    if "float" in node:
        return float(node["float"]) if node["dtype"] == "float64" else np.dtype(node["dtype"]).type(node["float"])
    if "complex" in node:
        return complex(*node["complex"])
    if "text" in node:
        return str(node["text"])
    if "tuple" in node:
        return tuple(unpack(each) for each in node["tuple"])
    if "array" in node:
        dtype = np.dtype(node["dtype"])
        if dtype.kind not in "biufc":
            raise ValueError(f"dtype {dtype} is not one of numbers.")
        return np.frombuffer(base64.b64decode(node["array"]), dtype=dtype).reshape(node["shape"])
    return Alien(str(node["alien"])[:LONGEST])
