"""Layers do what their operations do, remember what backward needs, and say what they are."""

import numpy as np
import pytest
from nets import mixed_net, mixed_twin

import cnnlib
from cnnlib import (
    ELU,
    GELU,
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
    receptive_field,
)

IMAGES = (2, 4, 7, 6)
# name: (build, the same in torch.nn, shape of the input)
TWINS = {
    "conv": (
        lambda: Conv2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), 2),
        lambda nn: nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), (1, 2), 2),
        IMAGES,
    ),
    "conv same": (lambda: Conv2d(4, 3, 3, padding="same"), lambda nn: nn.Conv2d(4, 3, 3, padding="same"), IMAGES),
    "conv without bias": (lambda: Conv2d(4, 3, 1, bias=False), lambda nn: nn.Conv2d(4, 3, 1, bias=False), IMAGES),
    "transposed": (
        lambda: ConvTranspose2d(4, 6, 3, (2, 3), 1, output_padding=(1, 2), dilation=2, groups=2),
        lambda nn: nn.ConvTranspose2d(4, 6, 3, (2, 3), 1, output_padding=(1, 2), dilation=2, groups=2),
        IMAGES,
    ),
    "max": (lambda: MaxPool2d(3, 2, 1, (1, 2)), lambda nn: nn.MaxPool2d(3, 2, 1, (1, 2)), IMAGES),
    "max ceil": (lambda: MaxPool2d((2, 3), ceil_mode=True), lambda nn: nn.MaxPool2d((2, 3), ceil_mode=True), IMAGES),
    "average": (
        lambda: AvgPool2d(3, 2, 1, True, count_include_pad=False),
        lambda nn: nn.AvgPool2d(3, 2, 1, True, count_include_pad=False),
        IMAGES,
    ),
    "adaptive": (lambda: AdaptiveAvgPool2d((3, 2)), lambda nn: nn.AdaptiveAvgPool2d((3, 2)), IMAGES),
    "global": (GlobalAvgPool2d, lambda nn: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), IMAGES),
    "flatten": (Flatten, lambda nn: nn.Flatten(), IMAGES),
    "linear": (lambda: Linear(7, 5), lambda nn: nn.Linear(7, 5), (3, 7)),
    "linear without bias": (lambda: Linear(7, 5, bias=False), lambda nn: nn.Linear(7, 5, bias=False), (3, 7)),
    "batch norm": (lambda: BatchNorm2d(4, eps=1e-3, momentum=0.3), lambda nn: nn.BatchNorm2d(4, eps=1e-3, momentum=0.3), IMAGES),
    "relu": (ReLU, lambda nn: nn.ReLU(), IMAGES),
    "leaky": (lambda: LeakyReLU(0.2), lambda nn: nn.LeakyReLU(0.2), IMAGES),
    "elu": (lambda: ELU(0.7), lambda nn: nn.ELU(0.7), IMAGES),
    "gelu": (GELU, lambda nn: nn.GELU(), IMAGES),
    "gelu tanh": (lambda: GELU("tanh"), lambda nn: nn.GELU("tanh"), IMAGES),
    "silu": (SiLU, lambda nn: nn.SiLU(), IMAGES),
    "softplus": (lambda: Softplus(2.0, 5.0), lambda nn: nn.Softplus(2.0, 5.0), IMAGES),
    "sigmoid": (Sigmoid, lambda nn: nn.Sigmoid(), IMAGES),
    "tanh": (Tanh, lambda nn: nn.Tanh(), IMAGES),
    "mixed net": (mixed_net, None, (6, 3, 9, 8)),
}


def twins(torch, name):
    build, build_twin, shape = TWINS[name]
    twin = (mixed_twin(torch) if build_twin is None else build_twin(torch.nn)).double()
    layer = build().load(twin.state_dict())
    return layer, twin, np.random.default_rng(1).standard_normal(shape)


@pytest.mark.requires_torch
@pytest.mark.parametrize("mode", ["train", "eval"])
@pytest.mark.parametrize("name", TWINS)
def test_a_layer_and_its_pytorch_twin_agree_forward_and_backward(torch, name, mode):
    layer, twin, x = twins(torch, name)
    for _ in range(2):  # twice: batch norm has a memory, and gradients are replaced, not added up
        getattr(layer, mode)()
        getattr(twin, mode)()
        twin.zero_grad()
        tensor = torch.tensor(x, requires_grad=True)
        expected = twin(tensor)
        y = layer(x)
        np.testing.assert_allclose(y, expected.detach().numpy(), rtol=1e-10, atol=1e-10)
        dy = np.random.default_rng(2).standard_normal(y.shape)
        expected.backward(torch.tensor(dy))
        np.testing.assert_allclose(layer.backward(dy), tensor.grad.numpy(), rtol=1e-9, atol=1e-10)
        gradients = {key: value.grad.numpy() for key, value in twin.named_parameters()}
        assert list(layer.gradients()) == list(gradients) == list(layer.parameters())
        for key, gradient in gradients.items():
            np.testing.assert_allclose(layer.gradients()[key], gradient, rtol=1e-9, atol=1e-10)
    for key, value in twin.state_dict().items():
        np.testing.assert_allclose(layer.state_dict()[key], value.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", TWINS)
def test_output_shape_and_window_foretell_what_forward_does(name):
    build, _, shape = TWINS[name]
    layer = build()
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    y = layer(x)
    assert y.shape == (len(x), *layer.output_shape(shape[1:]))
    assert y.dtype == np.float32
    assert layer.backward(np.ones_like(y)).shape == x.shape
    for key, array in layer.parameters().items():
        assert array.shape == layer.parameter_shapes()[key] == layer.gradients()[key].shape
        assert array.dtype == layer.gradients()[key].dtype == np.float32


@pytest.mark.parametrize("name", TWINS)
def test_backward_before_forward_is_refused(name):
    with pytest.raises(ValueError, match="backward was called before forward"):
        TWINS[name][0]().backward(np.ones(3))


@pytest.mark.parametrize("name", [name for name in TWINS if name != "mixed net"])
def test_the_repr_of_a_layer_builds_it_again(name):
    text = repr(TWINS[name][0]())
    assert repr(eval(text, vars(cnnlib).copy())) == text


def test_reprs_show_only_what_differs_from_the_defaults():
    assert repr(Conv2d(1, 8, 3, padding=1)) == "Conv2d(1, 8, 3, padding=1)"
    assert repr(Conv2d(2, 8, (3, 1), stride=(1, 2), bias=False)) == "Conv2d(2, 8, (3, 1), stride=(1, 2), bias=False)"
    assert repr(MaxPool2d(2)) == "MaxPool2d(2)"
    assert repr(Sequential(ReLU(), Residual(Tanh()))) == "Sequential(\n  0: ReLU()\n  1: Residual(\n    0: Tanh()\n  )\n)"
    assert repr(Sequential()) == "Sequential()"


# First weights ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.requires_torch
@pytest.mark.parametrize("name", ["conv", "transposed", "linear", "conv without bias"])
def test_first_weights_follow_pytorchs_distribution(torch, name):
    build, build_twin, _ = TWINS[name]
    ours = [build().parameters() for _ in range(400)]
    theirs = [dict(build_twin(torch.nn).named_parameters()) for _ in range(400)]
    for key in ours[0]:
        mine = np.concatenate([draw[key].ravel() for draw in ours])
        yours = np.concatenate([draw[key].detach().numpy().ravel() for draw in theirs])
        assert abs(np.abs(mine).max() / np.abs(yours).max() - 1) < 0.02, "the bounds differ"
        assert abs(mine.std() / yours.std() - 1) < 0.05
        assert abs(mine.mean()) < 4 * yours.std() / np.sqrt(mine.size)
        quarters = np.histogram(mine, 4, (-np.abs(yours).max(), np.abs(yours).max()))[0] / mine.size
        np.testing.assert_allclose(quarters, 0.25, atol=0.03)


def test_weights_depend_on_the_generator_and_the_order_of_layers_but_not_on_when_they_are_touched():
    first, second = mixed_net(3), mixed_net(3)
    _ = second[8].weight
    assert second.parameters().keys() == first.parameters().keys()
    for key, array in first.parameters().items():
        np.testing.assert_array_equal(second.parameters()[key], array)
    assert not np.array_equal(mixed_net(4)[0].weight, first[0].weight)
    assert not np.array_equal(Conv2d(1, 2, 3).weight, Conv2d(1, 2, 3).weight), "None draws fresh entropy"


def test_parameters_are_the_arrays_that_the_layer_uses():
    layer = Linear(2, 1, rng=0)
    layer.parameters()["weight"][...] = [[3, 4]]
    layer.parameters()["bias"][...] = 5
    assert layer(np.array([[1.0, 10.0]])) == 48


# Receptive fields ------------------------------------------------------------------------------------------------------------------------


def test_layer_objects_give_the_receptive_fields_of_their_options():
    layers = [Conv2d(1, 1, 5, 2, 1, 2), ReLU(), MaxPool2d(3, 2), Dropout(0.5), AvgPool2d(2), Flatten()]
    rows = receptive_field([(5, 2, 1, 2), (1, 1, 0), (3, 2, 0), (1, 1, 0), (2, 2, 0), (1, 1, 0)])
    assert receptive_field(layers) == rows
    assert receptive_field(Sequential(*layers)) == rows
    assert receptive_field([Conv2d(1, 1, (3, 1))]) == [((3, 1), (1, 1), (1, 0))]


def test_a_chain_seen_as_one_window_has_the_receptive_field_of_its_last_layer():
    chain = [Conv2d(1, 1, 5, 2, 1, 2), MaxPool2d(3, 2, 1), Conv2d(1, 1, (3, 1), padding=(0, 3))]
    rest = [Conv2d(1, 1, 3)]
    assert receptive_field([Sequential(*chain), *rest])[-1] == receptive_field([*chain, *rest])[-1]
    assert Sequential(ReLU(), Tanh()).window_options() is None


@pytest.mark.parametrize("layer", [Linear(4, 2), GlobalAvgPool2d(), AdaptiveAvgPool2d(2), ConvTranspose2d(1, 1, 2)])
def test_layers_without_a_window_say_so(layer):
    with pytest.raises(ValueError, match="window"):
        receptive_field([Conv2d(1, 1, 3), layer])


# Dropout and batch norm -------------------------------------------------------------------------------------------------------------------


def test_dropout_keeps_the_mean_in_training_and_everything_in_evaluation():
    layer, x = Dropout(0.25, rng=0), np.ones((200, 200), np.float32)
    y = layer(x)
    np.testing.assert_array_equal(np.unique(y), np.array([0, 1 / 0.75], np.float32))
    assert abs(y.mean() - 1) < 0.02
    np.testing.assert_array_equal(layer.backward(x), y)
    assert not np.array_equal(layer(x), y), "every forward draws a new mask"
    np.testing.assert_array_equal(layer.eval()(x), x)
    np.testing.assert_array_equal(layer.backward(2 * x), 2 * x)


def test_dropout_repeats_from_its_seed():
    x = np.ones((5, 5))
    np.testing.assert_array_equal(Dropout(rng=3)(x), Dropout(rng=3)(x))


def test_batch_norm_counts_batches_and_refuses_a_single_value():
    layer = BatchNorm2d(2)
    for _ in range(3):
        layer(np.random.default_rng(0).random((2, 2, 3, 3)))
    assert layer.state_dict()["num_batches_tracked"] == 3
    with pytest.raises(ValueError, match="single value has no spread"):
        layer(np.ones((1, 2, 1, 1)))
    assert layer.eval()(np.ones((1, 2, 1, 1))).shape == (1, 2, 1, 1)


# A layer of one's own ---------------------------------------------------------------------------------------------------------------------


class Scale(Layer):
    parameter_names = ("factor",)

    def __init__(self):
        self.factor = np.array([2.0])

    def forward(self, x):
        self._x = x
        return self.factor * x

    def backward(self, dy):
        self._gradients = {"factor": np.array([(dy * self._x).sum()])}
        return self.factor * dy


def test_a_layer_of_ones_own_takes_part_in_everything(tmp_path):
    model = Sequential(Flatten(), Scale(), Linear(4, 2, rng=0))
    x = np.random.default_rng(0).random((3, 1, 2, 2))
    model.backward(np.ones_like(model(x)), need_dx=False)
    assert list(model.gradients()) == ["1.factor", "2.weight", "2.bias"]
    assert model.summary((1, 2, 2)).parameters == 11
    model.save(tmp_path / "net.npz")
    model[1].factor[...] = 0
    assert model.load(tmp_path / "net.npz")[1].factor == 2


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: Conv2d(0, 1, 3), ValueError, "in_channels=0"),
        (lambda: Conv2d(1, 1.5, 3), TypeError, "out_channels=1.5"),
        (lambda: Conv2d(1, 1, 0), ValueError, "kernel_size=0"),
        (lambda: Conv2d(1, 1, (3, 3, 3)), ValueError, "kernel_size"),
        (lambda: Conv2d(1, 1, 3, stride=0), ValueError, "stride=0"),
        (lambda: Conv2d(1, 1, 3, padding=-1), ValueError, "padding=-1"),
        (lambda: Conv2d(1, 1, 3, padding="SAME"), ValueError, 'padding="SAME"'),
        (lambda: Conv2d(1, 1, 3, dilation=True), TypeError, "dilation=True"),
        (lambda: Conv2d(3, 4, 3, groups=2), ValueError, "groups=2 does not divide in_channels=3"),
        (lambda: Conv2d(1, 1, 3, bias=1), TypeError, "bias=1"),
        (lambda: Conv2d(1, 1, 3, rng="seed"), TypeError, "rng='seed'"),
        (lambda: ConvTranspose2d(1, 1, 3, output_padding=1), ValueError, "output_padding=1"),
        (lambda: ConvTranspose2d(1, 1, 3, padding="same"), TypeError, 'padding="same"'),
        (lambda: Linear(2, -1), ValueError, "out_features=-1"),
        (lambda: MaxPool2d(2, padding=2), ValueError, "padding=2 is more than half the kernel"),
        (lambda: MaxPool2d(2, padding="full"), ValueError, 'padding="full"'),
        (lambda: AvgPool2d(None), TypeError, "kernel_size=None"),
        (lambda: AdaptiveAvgPool2d(0), ValueError, "output_size=0"),
        (lambda: AdaptiveAvgPool2d((1, 2.5)), TypeError, "output_size"),
        (lambda: AvgPool2d(2, count_include_pad="yes"), TypeError, "count_include_pad='yes'"),
        (lambda: Dropout(1), ValueError, "p=1"),
        (lambda: Dropout("half"), TypeError, "p='half'"),
        (lambda: BatchNorm2d(2, eps=0), ValueError, "eps=0"),
        (lambda: BatchNorm2d(2, momentum=1.5), ValueError, "momentum=1.5"),
        (lambda: GELU("erf"), ValueError, "approximate='erf'"),
        (lambda: Softplus(0), ValueError, "beta=0"),
        (lambda: LeakyReLU("steep"), TypeError, "negative_slope='steep'"),
        (lambda: Sequential(ReLU), TypeError, r"Write ReLU\(\.\.\.\)"),
        (lambda: Sequential(np.tanh), TypeError, r"layers\[0\].*is not a layer"),
        (lambda: Sequential(*[ReLU()] * 2), ValueError, "the same object as an earlier layer"),
    ],
)
def test_layers_refuse_impossible_options_when_they_are_made(build, error, words):
    with pytest.raises(error, match=words):
        build()


def test_a_pool_as_large_as_a_photograph_costs_nothing_to_make(monkeypatch):
    monkeypatch.setattr(np, "zeros", lambda *size, **rest: pytest.fail("an array was made"))
    assert repr(MaxPool2d(100_000, padding=50_000)) == "MaxPool2d(100000, padding=50000)"


def test_an_error_inside_a_model_names_the_layer():
    model = Sequential(Conv2d(1, 2, 3), Flatten(), Linear(7, 2))
    with pytest.raises(ValueError, match="x has 8 features") as caught:
        model(np.ones((1, 1, 4, 4)))
    assert "layer 2 of the model, Linear(7, 2)" in caught.value.__notes__[0]


def test_a_residual_whose_layers_change_the_shape_is_refused():
    with pytest.raises(ValueError, match="Keep the shape"):
        Residual(Conv2d(2, 3, 1))(np.ones((1, 2, 4, 4)))
    with pytest.raises(ValueError, match="Keep the shape"):
        Sequential(Residual(Conv2d(2, 2, 3))).summary((2, 5, 5))
