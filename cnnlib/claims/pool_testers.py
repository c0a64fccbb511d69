"""Testers of what pooling saves and of what it forgives."""

import functools

import numpy as np

from cnnlib.claims.tester import Tester
from cnnlib.nn import Conv2d, Flatten, Linear, MaxPool2d, Sequential
from cnnlib.ops.pooling import max_pool2d


def _parameters(behind, channels, maps, size):
    """Count the parameters of the layer behind a map, by building it."""
    layer = Conv2d(channels, maps, 3, padding=1, rng=0) if behind == "convolution" else Linear(channels * size * size, maps, rng=0)
    return sum(array.size for array in layer.parameters().values())


@functools.cache
def _saving_settings():
    sizes = ((16, 32, 8, 2), (32, 10, 8, 2), (3, 5, 6, 3), (4, 4, 9, 2))
    settings = [dict(behind=behind, channels=c, maps=m, n=n, pool=p) for behind in ("convolution", "dense") for c, m, n, p in sizes]
    return [
        dict(setting, without_pooling=_parameters(setting["behind"], setting["channels"], setting["maps"], setting["n"]))
        for setting in settings
    ]


def _fewer_parameters(behind, channels, maps, n, pool, without_pooling):
    return bool(_parameters(behind, channels, maps, n // pool) < without_pooling)


def _network(behind, channels, maps, n, pool):
    last = [Conv2d(channels, maps, 3, padding=1, rng=0)] if behind == "convolution" else [Flatten(), Linear(channels * n * n, maps, rng=0)]
    return Sequential(*([MaxPool2d(pool)] if pool > 1 else []), *last)


def _summaries(behind, channels, maps, n, pool):
    """The summary tables of the two networks, without and with pooling."""
    plain = _network(behind, channels, maps, n, 1).summary((channels, n, n))
    return plain, _network(behind, channels, maps, n // pool, 1).summary((channels, n // pool, n // pool))


def _fewer_by_formula(behind, channels, maps, n, pool):
    """The parameters by their formula: 9 C F + F for a 3 x 3 kernel, (C n^2) F + F for a dense layer."""
    count = lambda size: maps * channels * (9 if behind == "convolution" else size**2) + maps
    return bool(count(n // pool) < count(n))


fewer_parameters = Tester("whether pooling leaves fewer parameters behind it", _saving_settings, _fewer_parameters, _fewer_by_formula)


def _products(behind, channels, maps, size):
    """Multiply-adds by counting: every output cell times the weights that it reads."""
    return maps * channels * (9 * size**2 if behind == "convolution" else size**2)


def _fewer_both(behind, channels, maps, n, pool, without_pooling):
    fewer = bool(_products(behind, channels, maps, n // pool) < _products(behind, channels, maps, n))
    return fewer, _fewer_parameters(behind, channels, maps, n, pool, without_pooling)


def _fewer_both_by_summary(behind, channels, maps, n, pool):
    plain, small = _summaries(behind, channels, maps, n, pool)
    return bool(small.multiply_adds < plain.multiply_adds), bool(small.parameters < plain.parameters)


fewer_products_and_parameters = Tester(
    "whether pooling leaves fewer multiply-adds, and fewer parameters, behind it", _saving_settings, _fewer_both, _fewer_both_by_summary
)


# --- A single bright cell moves -------------------------------------------------------------------------------------------------------


@functools.cache
def _shift_settings():
    return [dict(place=place, pool=pool, shift=shift) for pool in (2, 3, 4) for shift in (1, 2) for place in range(0, 9)]


def _unmoved(place, pool, shift):
    """Pool a row of 12 cells with one bright cell, before and after the shift."""
    rows = np.zeros((2, 1, 1, 12))
    rows[0, 0, 0, place] = rows[1, 0, 0, place + shift] = 1.0
    before, after = max_pool2d(rows, (1, pool))
    return bool(np.array_equal(before, after))


def _unmoved_by_reshaping(place, pool, shift):
    row = np.eye(12)[[place, place + shift]].reshape(2, -1, pool).max(axis=2)
    return bool((row[0] == row[1]).all())


unmoved_by_shift = Tester("whether the pooled map stays as it is under a shift", _shift_settings, _unmoved, _unmoved_by_reshaping)
