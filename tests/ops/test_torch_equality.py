"""Every operation and every gradient against PyTorch, over thousands of random geometries."""

import numpy as np
import pytest
from operations import BY_NAME, TABLE, sweep

from cnnlib import max_pool2d, max_pool2d_backward

pytestmark = pytest.mark.requires_torch
everywhere = pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)


def through_torch(torch, operation, case, rng, dtype):
    """Run PyTorch and its autograd: (arrays, y, dy, gradients) as NumPy arrays of the dtype."""
    arrays = [array.astype(dtype) for array in case.arrays]
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    y = operation.torch(torch, *tensors, **case.options)
    dy = np.asarray(rng.normal(size=tuple(y.shape)), dtype=dtype)
    y.backward(torch.tensor(dy))
    return arrays, y.detach().numpy(), dy, [tensor.grad.numpy() for tensor in tensors]


@everywhere
def test_results_and_gradients_equal_those_of_pytorch_in_double_precision(operation, torch):
    def check(case, rng):
        arrays, y, dy, gradients = through_torch(torch, operation, case, rng, np.float64)
        np.testing.assert_allclose(operation(*arrays, **case.options), y, rtol=1e-10, atol=1e-10)
        if operation.backward:
            for mine, theirs in zip(operation.gradients(dy, arrays, case.options), gradients, strict=True):
                np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10)

    sweep(operation, operation.cases, check, seed=11)


@everywhere
def test_results_and_gradients_equal_those_of_pytorch_in_single_precision(operation, torch):
    def check(case, rng):
        arrays, y, dy, gradients = through_torch(torch, operation, case, rng, np.float32)
        pairs = [(operation(*arrays, **case.options), y)]
        if operation.backward:
            pairs += zip(operation.gradients(dy, arrays, case.options), gradients, strict=True)
        for mine, theirs in pairs:
            assert mine.dtype == np.float32
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5 * (1 + np.max(np.abs(theirs), initial=0)))

    sweep(operation, min(200, operation.cases), check, seed=12)


EMPTY_TOO = ["conv2d", "conv_transpose2d", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "linear", "batch_norm2d", "softmax", "relu"]


@pytest.mark.parametrize("name", EMPTY_TOO)
def test_empty_batches_have_the_shapes_of_pytorch(name, torch):
    operation = BY_NAME[name]

    def check(case, rng):
        case.arrays[0] = np.zeros((0, *case.arrays[0].shape[1:]))
        arrays, y, dy, gradients = through_torch(torch, operation, case, rng, np.float64)
        assert operation(*arrays, **case.options).shape == y.shape
        for mine, theirs in zip(operation.gradients(dy, arrays, case.options), gradients, strict=True):
            np.testing.assert_array_equal(mine, theirs)

    cases = iter(range(20))
    rng = np.random.default_rng(0)
    for _ in cases:
        case = operation.draw(rng)
        if case.arrays[0].ndim:
            check(case, rng)


def test_max_pooling_breaks_ties_and_treats_infinities_like_pytorch(torch):
    ties = 0

    def check(case, rng):
        nonlocal ties
        x = rng.integers(-1, 2, case.arrays[0].shape).astype(float)
        x[rng.random(x.shape) < 0.1] = rng.choice((np.inf, -np.inf))
        ties += np.unique(x).size < x.size
        case.arrays[0] = x
        _, y, dy, (dx,) = through_torch(torch, BY_NAME["max_pool2d"], case, rng, np.float64)
        np.testing.assert_array_equal(max_pool2d(x, **case.options), y)
        # A named padding is padded by hand with minus infinity, which may then win over a real minus infinity.
        if not isinstance(case.options["padding"], str) or not np.isinf(x).any():
            np.testing.assert_allclose(max_pool2d_backward(dy, x, **case.options), dx, atol=1e-12)

    sweep(BY_NAME["max_pool2d"], 1000, check, seed=13)
    assert ties > 500


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "sigmoid", "tanh"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_activations_equal_pytorch_at_infinities_nan_and_huge_numbers(name, dtype, torch):
    huge = np.finfo(dtype).max
    x = np.array([-np.inf, -huge, -1e30, -800, -30, -1e-30, 0, 1e-30, 19.9, 20.1, 30, 800, 1e30, huge, np.inf, np.nan], dtype=dtype)
    operation = BY_NAME[name]
    tensor = torch.tensor(x, requires_grad=True)
    y = operation.torch(torch, tensor)
    y.backward(torch.ones_like(y))
    tolerance = 1e-10 if dtype is np.float64 else 1e-5
    # PyTorch's gelu at the largest floats: in single precision it overflows, in double precision it returns them, as here.
    known = slice(None) if name != "gelu" or dtype is np.float64 else slice(0, -3)
    np.testing.assert_allclose(operation(x)[known], y.detach().numpy()[known], rtol=tolerance, atol=tolerance)
    (dx,) = operation.gradients(np.ones_like(x), [x], {})
    end = -1 if name == "elu" else None  # PyTorch's elu gives a NaN the gradient NaN or 1, depending on its place in a vector register
    np.testing.assert_allclose(dx[:end], tensor.grad.numpy()[:end], rtol=tolerance, atol=tolerance)
