"""SymPy symbols through the real operations: sympy.diff of what comes out equals the real backward, exactly."""

from itertools import count

import numpy as np
import pytest
import sympy
from operations import TABLE

import cnnlib

LINEAR = [operation for operation in TABLE if operation.linear]
MOST_ENTRIES = 40


def symbols_like(array, letter):
    names = (sympy.Symbol(f"{letter}{number}") for number in count())
    return np.array([next(names) for _ in array.flat], dtype=object).reshape(array.shape)


def small_cases(operation, wanted):
    """The first cases of a random sweep that are small enough to write out, and hold more than one output."""
    rng = np.random.default_rng([14, *operation.name.encode()])
    found = []
    while len(found) < wanted:
        case = operation.draw(rng)
        outputs = operation(*case.arrays, **case.options).size
        if sum(array.size for array in case.arrays) <= MOST_ENTRIES and 1 < outputs <= MOST_ENTRIES:
            found.append(case)
    return found


@pytest.mark.parametrize("operation", LINEAR, ids=lambda operation: operation.name)
def test_the_derivative_of_the_symbolic_result_is_the_symbolic_backward(operation):
    for case in small_cases(operation, 6):
        arrays = [symbols_like(array, letter) for array, letter in zip(case.arrays, "xwb", strict=False)]
        y = operation(*arrays, **case.options)
        assert y.dtype == object
        if operation.backward is None:
            continue
        dy = symbols_like(y, "g")
        loss = sum(g * v for g, v in zip(dy.flat, y.flat, strict=True))
        for array, gradient in zip(arrays, operation.gradients(dy, arrays, case.options), strict=True):
            assert gradient.shape == array.shape
            for symbol, entry in zip(array.flat, gradient.flat, strict=True):
                assert sympy.expand(sympy.diff(loss, symbol) - entry) == 0, f"{symbol}: {case}"


@pytest.mark.parametrize("operation", LINEAR, ids=lambda operation: operation.name)
def test_symbols_put_back_into_the_symbolic_result_give_the_numeric_one(operation):
    for case in small_cases(operation, 3):
        arrays = [symbols_like(array, letter) for array, letter in zip(case.arrays, "xwb", strict=False)]
        values = {s: v for symbolic, array in zip(arrays, case.arrays, strict=True) for s, v in zip(symbolic.flat, array.flat, strict=True)}
        y = operation(*arrays, **case.options)
        numbers = np.array([float(sympy.sympify(entry).subs(values)) for entry in y.flat]).reshape(y.shape)
        np.testing.assert_allclose(numbers, operation(*case.arrays, **case.options), atol=1e-12)


@pytest.mark.parametrize("operation", LINEAR, ids=lambda operation: operation.name)
def test_exact_integers_stay_exact(operation):
    for case in small_cases(operation, 3):
        arrays = [
            np.array([sympy.Integer(7 * k - 11) for k in range(array.size)], dtype=object).reshape(array.shape) for array in case.arrays
        ]
        y = operation(*arrays, **case.options)
        assert all(sympy.sympify(entry).is_Rational for entry in y.flat)


@pytest.mark.parametrize("dtype", [np.int64, bool, np.float64, np.float32])
def test_whole_numbers_beside_symbols_stay_whole(dtype):
    x = symbols_like(np.zeros((1, 1, 2, 3)), "x")
    w = np.array([[[[1, 0]]], [[[1, 1]]]], dtype)
    a, b, c, d, e, f = x.flat
    expected = [[[a, b], [d, e]], [[a + b, b + c], [d + e, e + f]]]
    for conv in (cnnlib.conv2d, cnnlib.conv2d_loops):
        assert conv(x, w)[0].tolist() == expected
        assert conv(x, w[:1], np.array([1], dtype))[0, 0].tolist() == [[a + 1, b + 1], [d + 1, e + 1]]
    dx, dw, db = cnnlib.conv2d_backward(np.ones((1, 2, 2, 2), dtype), x, w)
    assert dx[0, 0].tolist() == [[2, 3, 1], [2, 3, 1]]
    assert dw[:, 0].tolist() == [[[a + b + d + e, b + c + e + f]]] * 2
    assert db.tolist() == [4, 4]
    for transposed in (cnnlib.conv_transpose2d, cnnlib.conv_transpose2d_loops):
        assert transposed(x, w[:1])[0, 0].tolist() == [[a, b, c, 0], [d, e, f, 0]]
        assert transposed(x, w[:1], np.array([1], dtype))[0, 0, 1].tolist() == [d + 1, e + 1, f + 1, 1]
    assert cnnlib.linear(x.reshape(2, 3), np.array([[1, 0, 1]], dtype), np.array([1], dtype)).tolist() == [[a + c + 1], [d + f + 1]]
    assert cnnlib.linear(x.reshape(2, 3), np.array([[0.5, 0, 1]])).tolist() == [[0.5 * a + c], [0.5 * d + f]]


@pytest.mark.parametrize("operation", [row for row in TABLE if not row.linear], ids=lambda operation: operation.name)
def test_nonlinear_operations_send_symbols_to_cnnlib_symbolic(operation):
    case = operation.draw(np.random.default_rng(0))
    arrays = [symbols_like(array, "x") for array in case.arrays]
    with pytest.raises(TypeError, match=r"cnnlib\.symbolic"):
        operation(*arrays, **case.options)
