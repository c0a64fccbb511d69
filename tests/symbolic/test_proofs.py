"""SymPy differentiates what the library computes; the library's backward passes must say the same."""

import numpy as np
import pytest
import sympy as sp

import cnnlib
from cnnlib import symbolic

CONVOLUTIONS = [
    ({"x": (1, 1, 3, 4), "w": (1, 1, 2, 2), "b": (1,)}, {}),
    ({"x": (1, 1, 4, 3), "w": (1, 1, 3, 2), "b": (1,)}, {"padding": (1, 2)}),
    ({"x": (1, 1, 5, 4), "w": (1, 1, 2, 3), "b": (1,)}, {"stride": (2, 3), "padding": 1}),
    ({"x": (1, 1, 6, 5), "w": (1, 1, 2, 2), "b": (1,)}, {"stride": 3}),
    ({"x": (1, 1, 5, 5), "w": (1, 1, 2, 3), "b": (1,)}, {"dilation": (3, 2)}),
    ({"x": (1, 1, 6, 7), "w": (1, 1, 2, 2), "b": (1,)}, {"dilation": 2, "stride": 2, "padding": 1}),
    ({"x": (2, 2, 3, 3), "w": (3, 2, 2, 2), "b": (3,)}, {}),
    ({"x": (1, 4, 3, 2), "w": (4, 2, 2, 1), "b": (4,)}, {"groups": 2, "padding": (1, 0)}),
    ({"x": (1, 3, 2, 3), "w": (3, 1, 2, 2), "b": (3,)}, {"groups": 3, "padding": "same"}),
    ({"x": (1, 1, 2, 3), "w": (1, 1, 2, 2), "b": (1,)}, {"padding": "full"}),
    ({"x": (1, 2, 1, 1), "w": (2, 2, 1, 1), "b": (2,)}, {}),
]
TRANSPOSED = [
    ({"x": (1, 1, 2, 3), "w": (1, 1, 2, 2), "b": (1,)}, {}),
    ({"x": (1, 1, 2, 2), "w": (1, 1, 3, 2), "b": (1,)}, {"stride": (2, 3), "padding": (1, 0)}),
    ({"x": (1, 2, 2, 2), "w": (2, 1, 2, 2), "b": (2,)}, {"groups": 2, "stride": 2, "output_padding": 1}),
    ({"x": (2, 1, 2, 2), "w": (1, 2, 2, 2), "b": (2,)}, {"dilation": 2}),
]
AVERAGES = [
    ({"x": (1, 1, 4, 5)}, {"kernel_size": 2}),
    ({"x": (1, 2, 4, 4)}, {"kernel_size": (3, 2), "stride": 1, "padding": (1, 0)}),
    ({"x": (2, 1, 5, 4)}, {"kernel_size": 3, "stride": 2, "padding": 1, "count_include_pad": False}),
    ({"x": (1, 1, 6, 5)}, {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
]


def ids(value):
    return " ".join(f"{name}={entry}" for name, entry in value.items()) or "defaults"


@pytest.mark.parametrize(("shapes", "options"), CONVOLUTIONS, ids=ids)
def test_sympy_differentiates_conv2d_to_conv2d_backward(shapes, options):
    assert symbolic.prove(cnnlib.conv2d, cnnlib.conv2d_backward, shapes, **options)


@pytest.mark.parametrize(("shapes", "options"), TRANSPOSED, ids=ids)
def test_sympy_differentiates_the_transposed_convolution_to_its_backward(shapes, options):
    assert symbolic.prove(cnnlib.conv_transpose2d, cnnlib.conv_transpose2d_backward, shapes, **options)


@pytest.mark.parametrize(("shapes", "options"), AVERAGES, ids=ids)
def test_sympy_differentiates_average_pooling_to_its_backward(shapes, options):
    assert symbolic.prove(cnnlib.avg_pool2d, cnnlib.avg_pool2d_backward, shapes, **options)


@pytest.mark.parametrize(
    ("op", "backward", "shapes", "options"),
    [
        (cnnlib.linear, cnnlib.linear_backward, {"x": (2, 3), "w": (2, 3), "b": (2,)}, {}),
        (cnnlib.global_avg_pool2d, cnnlib.global_avg_pool2d_backward, {"x": (2, 2, 2, 3)}, {}),
        (cnnlib.adaptive_avg_pool2d, cnnlib.adaptive_avg_pool2d_backward, {"x": (1, 2, 5, 4)}, {"output_size": (2, 3)}),
        (cnnlib.flatten, cnnlib.flatten_backward, {"x": (2, 2, 1, 2)}, {}),
        *(
            (cnnlib.pad2d, cnnlib.pad2d_backward, {"x": (1, 1, 3, 4)}, {"padding": (1, 2), "mode": mode})
            for mode in ("zeros", "reflect", "replicate", "circular")
        ),
    ],
    ids=lambda value: getattr(value, "__name__", None) or ids(value),
)
def test_sympy_differentiates_the_other_linear_operations_to_their_backwards(op, backward, shapes, options):
    assert symbolic.prove(op, backward, shapes, **options)


def test_a_wrong_backward_is_not_proved_and_its_entry_is_named():
    def flipped(dy, x, w, **options):
        dx, dw, db = cnnlib.conv2d_backward(dy, x, w[:, :, ::-1, ::-1], **options)
        return dx, dw, db

    proof = symbolic.prove(cnnlib.conv2d, flipped, {"x": (1, 1, 3, 3), "w": (1, 1, 2, 2), "b": (1,)})
    assert not proof
    assert "9" not in proof.wrong[0]
    assert proof.wrong[0].startswith("dx[0, 0, ")
    assert f"{14 - len(proof.wrong)} of 14" in repr(proof)


def quarters(shape, seed=0):
    """Random quarters without repetition, 0 included: floats hold them exactly."""
    rng = np.random.default_rng(seed)
    return (rng.permutation(int(np.prod(shape))) - int(np.prod(shape)) // 2).reshape(shape) / 4


SMOOTH = ["elu", "gelu", "silu", "softplus", "sigmoid", "tanh", "relu", "leaky_relu"]


@pytest.mark.parametrize("name", SMOOTH)
def test_sympy_differentiates_each_activation_to_its_backward(name):
    backward = getattr(cnnlib, f"{name}_backward")
    assert symbolic.prove_at(getattr(symbolic, name), backward, {"x": quarters((3, 5))})


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gelu", {"approximate": "tanh"}),
        ("leaky_relu", {"negative_slope": sp.Rational(1, 4)}),
        ("elu", {"alpha": sp.Rational(3, 2)}),
        ("softplus", {"beta": sp.Rational(5, 2)}),
    ],
)
def test_sympy_agrees_on_the_options_of_activations(name, options):
    backward = getattr(cnnlib, f"{name}_backward")
    assert symbolic.prove_at(getattr(symbolic, name), backward, {"x": quarters((2, 4))}, **options)


@pytest.mark.parametrize(
    "options", [{"kernel_size": 2}, {"kernel_size": 2, "stride": 1, "padding": 1}, {"kernel_size": 2, "stride": 3}], ids=ids
)
def test_sympy_differentiates_max_pooling_to_its_backward(options):
    assert symbolic.prove_at(symbolic.max_pool2d, cnnlib.max_pool2d_backward, {"x": quarters((1, 2, 4, 5))}, **options)


def test_sympy_differentiates_overlapping_windows_of_three_by_three_to_their_backward():
    images = {"x": quarters((1, 1, 3, 4))}
    assert symbolic.prove_at(symbolic.max_pool2d, cnnlib.max_pool2d_backward, images, kernel_size=3, stride=1, padding=1)


def test_a_proof_says_whether_it_is_exact_or_holds_to_twelve_digits():
    x = {"x": quarters((2, 3))}
    assert repr(symbolic.prove_at(symbolic.relu, cnnlib.relu_backward, x)) == "relu: 6 of 6 derivatives agree exactly"
    assert repr(symbolic.prove_at(symbolic.tanh, cnnlib.tanh_backward, x)) == "tanh: 6 of 6 derivatives agree to 1e-12"


def test_the_first_of_equal_maxima_takes_the_gradient():
    ties = np.array([[[[1.0, 1.0, 0.0], [1.0, 1.0, 2.0]]]])
    assert symbolic.prove_at(symbolic.max_pool2d, cnnlib.max_pool2d_backward, {"x": ties}, kernel_size=2, stride=1)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_sympy_differentiates_softmax_to_its_backward(name):
    backward = getattr(cnnlib, f"{name}_backward")
    assert symbolic.prove_at(getattr(symbolic, name), backward, {"x": quarters((2, 3))})
    assert symbolic.prove_at(getattr(symbolic, name), backward, {"x": quarters((3, 2))}, axis=0)


def test_sympy_differentiates_cross_entropy_to_its_backward():
    labels = np.array([2, 0, 1])
    proof = symbolic.prove_at(
        lambda logits: np.array(symbolic.cross_entropy(logits, labels), dtype=object),
        lambda dy, logits: dy * cnnlib.cross_entropy_backward(logits, labels),
        {"logits": quarters((3, 4))},
    )
    assert proof


def test_sympy_differentiates_batch_norm_to_its_backward():
    arrays = {"x": quarters((2, 2, 1, 2)), "gamma": np.array([1.5, -0.5]), "beta": np.array([0.25, 2.0])}
    assert symbolic.prove_at(symbolic.batch_norm2d, cnnlib.batch_norm2d_backward, arrays, eps=sp.Rational(1, 8))


def test_symbolic_forms_take_the_values_of_the_library():
    x = quarters((2, 6))
    for name in [*SMOOTH, "softmax", "log_softmax"]:
        values = getattr(symbolic, name)(x).astype(float)
        np.testing.assert_allclose(values, getattr(cnnlib, name)(x), rtol=0, atol=1e-12)
    images = quarters((1, 1, 5, 6))
    np.testing.assert_array_equal(symbolic.max_pool2d(images, 2).astype(float), cnnlib.max_pool2d(images, 2))
