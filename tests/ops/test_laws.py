"""The laws every operation obeys, for each row of the table in tests/operations.py."""

import inspect

import numpy as np
import pytest
from operations import TABLE, sweep

import cnnlib
from cnnlib import check_gradients, conv2d, output_size, transposed_output_size
from cnnlib.arrays import pair

everywhere = pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)
differentiable = pytest.mark.parametrize("operation", [row for row in TABLE if row.backward], ids=lambda operation: operation.name)
NOT_OPERATIONS = {"output_size", "transposed_output_size", "receptive_field", "check_gradients", "dot_product_test"}
SLOW_TWINS = {"conv2d_loops", "conv_transpose2d_loops"}


def operations_of(*modules):
    return {name for name in cnnlib.__all__ if getattr(getattr(cnnlib, name), "__module__", "").startswith("cnnlib.ops")}


def test_every_public_operation_has_a_row_in_the_table():
    rows = {operation.name for operation in TABLE}
    backwards = {f"{name}_backward" for name in rows if hasattr(cnnlib, f"{name}_backward")}
    assert operations_of() == rows | backwards | SLOW_TWINS


def test_every_operation_but_the_plain_helpers_has_its_backward():
    without = {name for name in operations_of() if not name.endswith("_backward") and not hasattr(cnnlib, f"{name}_backward")}
    assert without == {"conv2d_loops", "conv_transpose2d_loops", "conv2d_matrix", "correlate2d", "convolve2d", "im2col", "col2im"}


@everywhere
def test_the_operation_equals_its_slow_twin(operation):
    def check(case, rng):
        np.testing.assert_allclose(
            operation(*case.arrays, **case.options), operation.slow(*case.arrays, **case.options), rtol=1e-10, atol=1e-10
        )

    sweep(operation, operation.cases, check)


@differentiable
def test_every_entry_of_the_gradient_equals_its_finite_difference(operation):
    def check(case, rng):
        report = check_gradients(
            lambda *arrays: operation(*arrays, **case.options),
            lambda dy, *arrays: operation.gradients(dy, arrays, case.options),
            case.arrays,
            rng=rng,
        )
        assert report.passed, str(report)
        assert report.entries == sum(array.size for array in case.arrays)

    sweep(operation, 40 if operation.traits else 20, check, seed=1)


@pytest.mark.parametrize("operation", [row for row in TABLE if row.backward and row.linear], ids=lambda row: row.name)
def test_the_backward_is_the_transpose_of_the_linear_operation(operation):
    def check(case, rng):
        y = operation(*case.arrays, **case.options)
        dy = rng.normal(size=y.shape)
        gradients = operation.gradients(dy, case.arrays, case.options)
        for position in operation.linear:
            without = [np.zeros_like(array) if i == position else array for i, array in enumerate(case.arrays)]
            left = np.sum(dy * (y - operation(*without, **case.options)))
            right = np.sum(gradients[position] * case.arrays[position])
            assert abs(left - right) <= 1e-11 * (1 + np.sum(np.abs(dy * y)))

    sweep(operation, 200, check, seed=2)


@everywhere
def test_arguments_stay_as_they_were_and_may_be_read_only(operation):
    def check(case, rng):
        before = [np.array(array) for array in case.arrays]
        frozen = [np.array(array) for array in case.arrays]
        for array in frozen:
            array.flags.writeable = False
        y = operation(*frozen, **case.options)
        np.testing.assert_array_equal(y, operation(*case.arrays, **case.options))
        for array in frozen:
            assert not np.shares_memory(y, array), "the result is a view of an argument"
        if operation.backward:
            dy = rng.normal(size=np.shape(y))
            kept = dy.copy()
            for gradient in operation.gradients(dy, case.arrays, case.options):
                assert not np.shares_memory(gradient, dy), "a gradient is a view of dy"
            np.testing.assert_array_equal(dy, kept)
        for array, copy in zip(case.arrays, before, strict=True):
            np.testing.assert_array_equal(array, copy)

    sweep(operation, 50, check, seed=3)


def spread(array):
    """The same values, every second number of a wider buffer."""
    if array.ndim == 0:
        return array
    wide = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan)[..., ::2]
    wide[...] = array
    return wide


def transposed(array):
    return np.array(array, order="F")


def reversed_axes(array):
    return np.flip(np.flip(array).copy())


@everywhere
def test_memory_layout_does_not_change_the_result(operation):
    def check(case, rng):
        y = operation(*case.arrays, **case.options)
        dy = rng.normal(size=np.shape(y))
        gradients = operation.gradients(dy, case.arrays, case.options) if operation.backward else ()
        for layout in (spread, transposed, reversed_axes):
            arrays = [layout(array) for array in case.arrays]
            np.testing.assert_allclose(operation(*arrays, **case.options), y, rtol=1e-12, atol=1e-12)
            if operation.backward:
                for gradient, other in zip(gradients, operation.gradients(layout(dy), arrays, case.options), strict=True):
                    np.testing.assert_allclose(other, gradient, rtol=1e-12, atol=1e-12)

    sweep(operation, 50, check, seed=4)


DTYPES = (np.float16, np.float32, np.float64)


@everywhere
def test_floats_keep_their_dtype_and_each_gradient_has_that_of_its_own_array(operation):
    def check(case, rng):
        chosen = [DTYPES[rng.integers(3)] for _ in case.arrays]
        arrays = [array.astype(dtype) for array, dtype in zip(case.arrays, chosen, strict=True)]
        y = operation(*arrays, **case.options)
        assert y.dtype == np.result_type(*chosen)
        if operation.backward:
            dy = rng.normal(size=np.shape(y)).astype(DTYPES[rng.integers(3)])
            gradients = operation.gradients(dy, arrays, case.options)
            if operation.name == "col2im":
                assert gradients[0].dtype == dy.dtype  # im2col knows no other array
            elif not operation.end:
                wanted = [arrays[1].dtype if case_has_bias(operation, i) else array.dtype for i, array in enumerate(arrays)]
                wanted = [dy.dtype] if operation.name == "im2col" else wanted
                assert [gradient.dtype for gradient in gradients] == wanted
            else:
                assert gradients[0].dtype == arrays[0].dtype

    sweep(operation, 60, check, seed=5)


def case_has_bias(operation, position):
    """db has the dtype of w: the backward never sees b."""
    return position == 2 and operation.name in ("conv2d", "conv_transpose2d", "linear")


@everywhere
def test_single_precision_agrees_with_double_precision(operation):
    def check(case, rng):
        y = operation(*case.arrays, **case.options)
        single = operation(*[array.astype(np.float32) for array in case.arrays], **case.options)
        np.testing.assert_allclose(single, y, rtol=2e-4, atol=2e-5 * (1 + np.max(np.abs(y), initial=0)))

    sweep(operation, 50, check, seed=6)


@everywhere
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, bool])
def test_integers_and_booleans_become_float64(operation, dtype):
    def check(case, rng):
        arrays = [np.abs(np.round(array)).astype(dtype) for array in case.arrays]
        y = operation(*arrays, **case.options)
        assert y.dtype == np.float64
        np.testing.assert_array_equal(y, operation(*[array.astype(np.float64) for array in arrays], **case.options))

    sweep(operation, 20, check) if not operation.traits else check(operation.draw(np.random.default_rng(0)), None)


@everywhere
def test_complex_numbers_are_refused_by_name(operation):
    case = operation.draw(np.random.default_rng(0))
    names = list(inspect.signature(getattr(cnnlib, operation.name)).parameters)
    for position in range(len(case.arrays)):
        arrays = [array.astype(complex) if i == position else array for i, array in enumerate(case.arrays)]
        with pytest.raises(TypeError, match=rf"^{names[position]} is complex .*{names[position]}\.real"):
            operation(*arrays, **case.options)


@pytest.mark.parametrize("operation", [row for row in TABLE if row.batched], ids=lambda row: row.name)
def test_an_empty_batch_gives_an_empty_result_and_gradients_of_zero(operation):
    def check(case, rng):
        arrays = [case.arrays[0][:0], *case.arrays[1:]]
        shape = np.shape(operation(*case.arrays, **case.options))
        y = operation(*arrays, **case.options)
        assert y.shape == (0, *shape[1:])
        if operation.backward:
            for gradient, array in zip(operation.gradients(np.zeros(y.shape), arrays, case.options), arrays, strict=True):
                np.testing.assert_array_equal(gradient, np.zeros(array.shape))

    sweep(operation, 20, check) if not operation.traits else check(operation.draw(np.random.default_rng(1)), None)


@pytest.mark.parametrize("operation", [row for row in TABLE if row.batched], ids=lambda row: row.name)
def test_images_of_a_batch_do_not_see_each_other(operation):
    if operation.name == "batch_norm2d":
        return check_that_batch_norm_does_mix_images(operation)

    def check(case, rng):
        y = operation(*case.arrays, **case.options)
        last = operation(case.arrays[0][-1:], *case.arrays[1:], **case.options)
        np.testing.assert_allclose(y[-1:], last, rtol=1e-12, atol=1e-12)

    return sweep(operation, 30, check, seed=7) if not operation.traits else sweep(operation, 100, check, seed=7)


def check_that_batch_norm_does_mix_images(operation):
    x = np.arange(12.0).reshape(3, 1, 2, 2)
    assert not np.allclose(operation(x, [1.0], [0.0])[:2], operation(x[:2], [1.0], [0.0]))


@pytest.mark.parametrize("name", ["conv2d", "correlate2d", "max_pool2d", "avg_pool2d", "im2col"])
def test_shapes_follow_the_size_formula(name):
    (operation,) = (row for row in TABLE if row.name == name)

    def check(case, rng):
        options = {key: value for key, value in case.options.items() if key not in ("groups", "count_include_pad")}
        image = case.arrays[0]
        kernel = pair(options.pop("kernel_size", None) or case.arrays[1].shape[-2:], "kernel_size", 1)
        if options["stride"] is None:
            options["stride"] = kernel
        settings = [{key: on_axis(value, axis) for key, value in options.items()} for axis in (0, 1)]
        size = tuple(output_size(n, k, **s) for n, k, s in zip(image.shape[-2:], kernel, settings, strict=True))
        y = operation(*case.arrays, **case.options)
        if name == "im2col":
            assert y.shape == (len(image), image.shape[1] * kernel[0] * kernel[1], size[0] * size[1])
        else:
            assert y.shape[-2:] == size

    sweep(operation, 200, check, seed=8)


def on_axis(value, axis):
    return value[axis] if isinstance(value, tuple) else value


def test_a_transposed_convolution_undoes_the_size_of_a_convolution():
    (operation,) = (row for row in TABLE if row.name == "conv_transpose2d")

    def check(case, rng):
        x, w = case.arrays[:2]
        options = {key: value for key, value in case.options.items() if key != "groups"}
        y = operation(*case.arrays, **case.options)
        for axis in (0, 1):
            s = {key: on_axis(value, axis) for key, value in options.items()}
            assert y.shape[2 + axis] == transposed_output_size(x.shape[2 + axis], w.shape[2 + axis], **s)
            if s["output_padding"] < s["stride"]:
                assert output_size(y.shape[2 + axis], w.shape[2 + axis], s["stride"], s["padding"], s["dilation"]) == x.shape[2 + axis]

    sweep(operation, 300, check, seed=9)


def test_im2col_turns_a_convolution_into_one_matrix_product():
    (operation,) = (row for row in TABLE if row.name == "conv2d")

    def check(case, rng):
        x, w = case.arrays[:2]
        options = {key: value for key, value in case.options.items() if key != "groups"}
        if case.options["groups"] == 1:
            y = conv2d(x, w, **options)
            columns = cnnlib.im2col(x, w.shape[2:], **options)
            np.testing.assert_allclose((w.reshape(len(w), -1) @ columns).reshape(y.shape), y, atol=1e-12)

    sweep(operation, 200, check, seed=10)


@everywhere
def test_infinities_nan_and_huge_numbers_pass_without_a_warning(operation):
    """Warnings are errors here, so it is enough to call."""

    def check(case, rng):
        dtype = DTYPES[rng.integers(3)]
        extremes = [np.inf, -np.inf, np.nan, np.finfo(dtype).max, -np.finfo(dtype).max, np.finfo(dtype).tiny, 0]
        arrays = [rng.choice(extremes, array.shape).astype(dtype) for array in case.arrays]
        y = operation(*arrays, **case.options)
        if operation.backward and not operation.end:
            operation.gradients(rng.choice(extremes, np.shape(y)), arrays, case.options)

    sweep(operation, 40, check, seed=15) if not operation.traits else sweep(operation, 150, check, seed=15)
