"""Candidates for `window-span` that end well and return what is no count; hostile.py tells what each is told."""

import numpy as np


class _EndlessIndex:
    def __index__(self):
        while True:
            pass


class Sullen:
    """A result that refuses every question."""

    def __eq__(self, other):
        raise RuntimeError("no comparing")

    __hash__ = None

    def __array__(self, *_, **__):
        raise RuntimeError("no array")

    def __repr__(self):
        raise RuntimeError("no text")


def returns_nothing(k, d):
    d * (k - 1) + 1


def returns_a_string(k, d):
    return str(d * (k - 1) + 1)


def returns_nan(k, d):
    return float("nan")


def returns_infinity(k, d):
    return np.inf


def returns_a_huge_integer(k, d):
    return 1 << 100_000


def returns_an_array(k, d):
    return np.array([d * (k - 1) + 1])


def returns_an_object_array(k, d):
    return np.array([None, "x", 3], dtype=object)


def returns_a_ragged_list(k, d):
    return [[1, 2], [3]]


def returns_itself(k, d):
    ring = []
    ring.append(ring)
    return ring


def returns_a_dict(k, d):
    return {"span": 3}


def returns_a_set(k, d):
    return {3}


def returns_truth(k, d):
    return k > 0


def returns_a_complex_number(k, d):
    return d * (k - 1) + 1 + 0j


def returns_a_function(k, d):
    return lambda: 3


def returns_a_sullen_object(k, d):
    return Sullen()


def returns_an_endless_index(k, d):
    return _EndlessIndex()
