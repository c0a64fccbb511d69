"""LeNet-5 has the counts of its paper, and a convolution with a table is the full one without the missing slices."""

import numpy as np
import pytest

from cnnlib import SGD, Adam, Conv2d, check_gradients, conv2d, conv2d_backward
from cnnlib.nn.lenet import ScaledTanh, TableConv2d, connection_table, lenet5, subsampling

# Table I of the paper, map by map of C3: the maps of S2 that it reads.
TABLE_I = ["012", "123", "234", "345", "045", "015", "0123", "1234", "2345", "0345", "0145", "0125", "0134", "1245", "0235", "012345"]


def random_layer(seed):
    """A table with missing connections, the layer in float64, a batch of images, and the full kernels."""
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 2, (4, 3))
    table[0], table[np.arange(4), rng.integers(0, 3, 4)] = 1, 1
    table[1, int(np.flatnonzero(table[1])[0]) - 1] = 0
    layer = TableConv2d(table, (3, 2), stride=int(rng.integers(1, 3)), padding=int(rng.integers(0, 2)), rng=seed).astype("float64")
    full = np.zeros((4, 3, 3, 2))
    full[table == 1] = layer.weight
    return layer, rng.normal(size=(2, 3, 6, 7)), full


def test_the_table_is_table_i_of_the_paper():
    assert ["".join(map(str, np.flatnonzero(row))) for row in connection_table()] == TABLE_I


def test_the_parameters_are_the_papers():
    rows = lenet5(0).summary((1, 32, 32)).rows
    assert [row.parameters for row in rows if row.parameters] == [156, 12, 1_516, 32, 48_120, 10_164, 850]
    assert [row.output_shape for row in rows if row.parameters][:5] == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120, 1, 1)]
    assert sum(row.parameters for row in rows[:-1]) == 60_000
    assert rows[5].multiply_adds == 150_000
    assert rows[5].receptive_field == 14


@pytest.mark.parametrize("seed", range(6))
def test_output_and_gradients_are_those_of_the_full_convolution_with_masked_weights(seed):
    layer, x, full = random_layer(seed)
    options = dict(stride=layer.stride, padding=layer.padding)
    y = layer(x)
    np.testing.assert_array_equal(y, conv2d(x, full, layer.bias, **options))
    dy = np.random.default_rng(seed + 100).normal(size=y.shape)
    dx, dw, db = conv2d_backward(dy, x, full, **options)
    np.testing.assert_array_equal(layer.backward(dy), dx)
    np.testing.assert_array_equal(layer.gradients()["weight"], dw[layer.table])
    np.testing.assert_array_equal(layer.gradients()["bias"], db)
    assert layer.backward(dy, need_dx=False) is None


@pytest.mark.parametrize("seed", range(3))
def test_every_gradient_is_that_of_finite_differences(seed):
    layer, x, _ = random_layer(seed)

    def forward(x, weight, bias):
        layer.weight, layer.bias = weight, bias
        return layer(x)

    def backward(dy, x, weight, bias):
        forward(x, weight, bias)
        dx = layer.backward(dy)
        return dx, layer.gradients()["weight"], layer.gradients()["bias"]

    assert check_gradients(forward, backward, [x, layer.weight, layer.bias]).passed


def test_a_table_of_ones_is_an_ordinary_convolution_with_the_same_first_weights_bound():
    layer, x = TableConv2d(np.ones((4, 3)), 3, rng=0), np.random.default_rng(0).normal(size=(1, 3, 5, 5))
    ordinary = Conv2d(3, 4, 3, rng=1)
    ordinary.weight[...], ordinary.bias[...] = layer.full_weight(), layer.bias
    np.testing.assert_array_equal(layer(x), ordinary(x))
    assert abs(layer.weight).max() <= 1 / np.sqrt(27)
    assert layer.multiply_adds((3, 5, 5)) == ordinary.multiply_adds((3, 5, 5))


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9, weight_decay=0.1), Adam(0.1)], ids=["SGD", "Adam"])
def test_missing_connections_stay_missing_in_training(optimizer):
    layer, x, _ = random_layer(3)
    before = layer.weight.copy()
    for _ in range(3):
        layer.backward(layer(x))
        optimizer.step(layer)
    assert (layer.weight != before).all()
    assert (layer.full_weight()[~layer.table] == 0).all()


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ([1, 1], r"table has the shape \(2,\)"),
        ([[1, 1], [0, 0]], "output map 1 out: it reads nothing"),
        ([[1, 0], [1, 0]], "input map 1 out: it is read by nothing"),
    ],
)
def test_a_table_that_leaves_a_map_out_is_refused(table, words):
    with pytest.raises(ValueError, match=words):
        TableConv2d(table, 3)


def test_subsampling_multiplies_the_sum_of_four_cells_by_a_quarter_of_its_coefficient():
    pool, scale = subsampling(3, rng=0)
    x = np.random.default_rng(1).normal(size=(2, 3, 6, 4))
    sums = x.reshape(2, 3, 3, 2, 2, 2).sum(axis=(3, 5))
    expected = scale.weight.reshape(3, 1, 1) / 4 * sums + scale.bias.reshape(3, 1, 1)
    np.testing.assert_allclose(scale(pool(x)), expected, rtol=1e-6)


def test_the_scaled_tanh_is_the_papers_and_its_gradient_is_right():
    squash = ScaledTanh()
    assert squash(np.array([1.0, -1.0, 0.0])) == pytest.approx([1, -1, 0], abs=1e-4)
    assert squash(np.array([40.0]))[0] == pytest.approx(1.7159)
    x = np.random.default_rng(0).normal(size=(2, 5))

    def backward(dy, x):
        squash(x)
        return squash.backward(dy)

    assert check_gradients(squash, backward, [x]).passed


def test_the_repr_tells_connections_not_the_table():
    assert repr(TableConv2d(connection_table(), 5, rng=0)) == "TableConv2d(<60 of 96 connections>, 5)"
