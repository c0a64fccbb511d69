"""Optimizers and schedules are PyTorch's, step by step; first weights have the variances that they are named for."""

import math

import numpy as np
import pytest

from cnnlib import SGD, Adadelta, Adagrad, Adam, AdamW, Linear, ReLU, RMSprop, Sequential, cosine, inverse_time, step
from cnnlib.nn import initializers

RULES = [
    (SGD, dict(lr=0.1)),
    (SGD, dict(lr=0.1, weight_decay=0.02)),
    (SGD, dict(lr=0.1, momentum=0.9)),
    (SGD, dict(lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.02)),
    (SGD, dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.02)),
    (Adagrad, {}),
    (Adagrad, dict(lr=0.1, lr_decay=0.05, weight_decay=0.02, initial_accumulator_value=0.3, eps=1e-6)),
    (Adadelta, {}),
    (Adadelta, dict(lr=0.5, rho=0.8, eps=1e-4, weight_decay=0.02)),
    (RMSprop, {}),
    (RMSprop, dict(lr=0.02, alpha=0.9, eps=1e-5, weight_decay=0.02, momentum=0.9)),
    (RMSprop, dict(lr=0.02, momentum=0.5, centered=True)),
    (Adam, {}),
    (Adam, dict(lr=0.02, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.02)),
    (Adam, dict(lr=0.02, amsgrad=True)),
    (AdamW, {}),
    (AdamW, dict(lr=0.02, betas=(0.8, 0.95), weight_decay=0.3, amsgrad=True)),
]


def small_net():
    return Sequential(Linear(3, 4, rng=0), ReLU(), Linear(4, 2, rng=1)).astype("float64")


def fake_gradients(model, seed):
    rng = np.random.default_rng(seed)
    for layer in (model[0], model[2]):
        layer._gradients = {
            name: rng.standard_normal(array.shape) * 10.0 ** rng.integers(-3, 2) for name, array in layer.parameters().items()
        }


@pytest.mark.requires_torch
@pytest.mark.parametrize(("rule", "options"), RULES)
def test_two_hundred_steps_equal_pytorchs(torch, rule, options):
    model = small_net()
    tensors = {name: torch.nn.Parameter(torch.tensor(array.copy())) for name, array in model.parameters().items()}
    optimizer, twin = rule(**options), getattr(torch.optim, rule.__name__)(tensors.values(), **options)
    for number in range(200):
        fake_gradients(model, number)
        for name, gradient in model.gradients().items():
            tensors[name].grad = torch.tensor(gradient.copy())
        if number == 100:  # a schedule changes lr in mid-training
            optimizer.lr = twin.param_groups[0]["lr"] = optimizer.lr / 3
        before = {name: gradient.copy() for name, gradient in model.gradients().items()}
        optimizer.step(model)
        twin.step()
        for name, gradient in model.gradients().items():
            np.testing.assert_array_equal(gradient, before[name], err_msg="the gradient was modified")
    for name, array in model.parameters().items():
        np.testing.assert_allclose(array, tensors[name].detach().numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.requires_torch
@pytest.mark.parametrize("rule", [SGD, Adagrad, Adadelta, RMSprop, Adam, AdamW])
def test_defaults_are_pytorchs(torch, rule):
    theirs = getattr(torch.optim, rule.__name__)([torch.zeros(1)]).defaults
    ours = {name: value for name, value in vars(rule()).items() if not name.startswith("_")}
    assert {name: theirs[name] for name in ours} == ours


@pytest.mark.parametrize("rule", [SGD, Adagrad, Adadelta, RMSprop, Adam, AdamW])
def test_a_step_changes_the_parameters_in_place_and_keeps_their_dtype(rule):
    model = Sequential(Linear(3, 4, rng=0), ReLU(), Linear(4, 2, rng=1))
    arrays = model.parameters()
    before = {name: array.copy() for name, array in arrays.items()}
    model.backward(np.ones_like(model(np.random.default_rng(0).random((2, 3), np.float32))))
    optimizer = rule(0.1)
    for _ in range(2):
        optimizer.step(model)
    for name, array in model.parameters().items():
        assert array is arrays[name]
        assert array.dtype == np.float32
        if name != "0.bias":
            assert not np.array_equal(array, before[name])


def test_one_optimizer_keeps_the_memories_of_two_models_apart():
    together, apart = SGD(0.1, momentum=0.9), [SGD(0.1, momentum=0.9) for _ in range(2)]
    models, twins = [small_net(), small_net()], [small_net(), small_net()]
    for number in range(5):
        for index in (0, 1):
            for model, optimizer in ((models[index], together), (twins[index], apart[index])):
                fake_gradients(model, 10 * number + index)
                optimizer.step(model)
    for model, twin in zip(models, twins, strict=True):
        np.testing.assert_array_equal(model[0].weight, twin[0].weight)


def test_a_step_without_gradients_is_refused():
    with pytest.raises(ValueError, match=r"parameter 0\.weight has no gradient yet"):
        SGD(0.1).step(small_net())


def test_optimizers_print_their_options():
    assert repr(SGD(0.1, momentum=0.9)) == "SGD(lr=0.1, weight_decay=0.0, momentum=0.9, dampening=0.0, nesterov=False)"


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: SGD(-0.1), ValueError, "lr=-0.1"),
        (lambda: SGD("fast"), TypeError, "lr='fast'"),
        (lambda: SGD(0.1, momentum=-1), ValueError, "momentum"),
        (lambda: SGD(0.1, nesterov=True), ValueError, "momentum=0.9"),
        (lambda: SGD(0.1, momentum=0.9, nesterov=1), TypeError, "nesterov=1"),
        (lambda: SGD(0.1, weight_decay=math.nan), ValueError, "weight_decay"),
        (lambda: Adam(betas=0.9), ValueError, "betas=0.9"),
        (lambda: Adam(betas=(0.9, 1)), ValueError, r"betas\[1\]=1"),
        (lambda: Adadelta(rho=1), ValueError, "rho=1"),
        (lambda: RMSprop(alpha=2), ValueError, "alpha=2"),
        (lambda: RMSprop(centered="no"), TypeError, "centered='no'"),
        (lambda: Adagrad(lr_decay=-1), ValueError, "lr_decay"),
        (lambda: step(0.1, 0), ValueError, "step_size=0"),
        (lambda: cosine(0.1, 2.5), TypeError, "T_max=2.5"),
        (lambda: inverse_time(0.1, -1), ValueError, "decay"),
    ],
)
def test_impossible_options_are_refused_by_name(build, error, words):
    with pytest.raises(error, match=words):
        build()


# Schedules -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.requires_torch
def test_schedules_are_pytorchs_epoch_by_epoch(torch):
    twins = {
        "StepLR": (dict(step_size=3, gamma=0.5), step(0.4, 3, 0.5)),
        "CosineAnnealingLR": (dict(T_max=10, eta_min=0.01), cosine(0.4, 10, 0.01)),
    }
    for name, (options, schedule) in twins.items():
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.4)
        twin = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
        for epoch in range(11):
            assert schedule(epoch) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
            optimizer.step()
            twin.step()


def test_the_cosine_ends_at_its_floor_and_the_inverse_of_time_halves():
    assert cosine(0.1, 20)(20) == 0
    assert cosine(0.1, 20)(30) == 0
    assert cosine(0.1, 20)(10) == pytest.approx(0.05)
    assert inverse_time(0.1, 1)(1) == 0.05


# First weights ---------------------------------------------------------------------------------------------------------------------------

SHAPE = (64, 32, 3, 5)
FANS = (32 * 15, 64 * 15)


@pytest.mark.parametrize(
    ("name", "options", "variance", "even"),
    [
        ("xavier_normal", {}, 2 / sum(FANS), False),
        ("xavier_uniform", dict(gain=2.0), 8 / sum(FANS), True),
        ("he_normal", {}, 2 / FANS[0], False),
        ("he_uniform", dict(negative_slope=0.5), 2 / (1.25 * FANS[0]), True),
        ("pytorch_default", dict(fan_in=FANS[0]), 1 / (3 * FANS[0]), True),
        ("normal", dict(std=0.3), 0.09, False),
        ("uniform", dict(low=-2.0, high=2.0), 4 / 3, True),
    ],
)
def test_first_weights_have_the_variance_that_their_source_derives(name, options, variance, even):
    weight = getattr(initializers, name)(SHAPE, **options, rng=0)
    assert weight.shape == SHAPE
    assert weight.dtype == np.float32
    assert weight.var() == pytest.approx(variance, rel=0.03)
    assert abs(weight.mean()) < 4 * math.sqrt(variance / weight.size)
    largest = np.abs(weight).max() / math.sqrt(variance)
    assert largest == pytest.approx(math.sqrt(3), rel=0.01) if even else largest > 3
    np.testing.assert_array_equal(getattr(initializers, name)(SHAPE, **options, rng=0), weight)


@pytest.mark.requires_torch
def test_the_bounds_are_those_of_torch_nn_init(torch):
    tensor = torch.empty(SHAPE)
    for ours, theirs in (("xavier_uniform", "xavier_uniform_"), ("he_uniform", "kaiming_uniform_")):
        bound = float(getattr(torch.nn.init, theirs)(tensor).abs().max())
        assert np.abs(getattr(initializers, ours)(SHAPE, rng=0)).max() == pytest.approx(bound, rel=1e-3)


def test_fans_count_the_cells_of_the_kernel():
    assert initializers.fan_in_and_out(SHAPE) == FANS
    with pytest.raises(ValueError, match=r"shape=\(3,\)"):
        initializers.fan_in_and_out((3,))


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: initializers.normal((2, 3), std=-1), ValueError, "std=-1"),
        (lambda: initializers.normal(None), TypeError, "shape=None"),
        (lambda: initializers.normal((2, -3)), ValueError, r"shape\[1\]=-3"),
        (lambda: initializers.uniform((2, 2.5)), TypeError, r"shape\[1\]=2.5"),
        (lambda: initializers.uniform((2, 3), 2, 1), ValueError, "low=2.0 is above high=1.0"),
        (lambda: initializers.uniform((2, 3), dtype=int), TypeError, "dtype=<class 'int'>"),
        (lambda: initializers.he_normal((2, 3), dtype="single precision"), TypeError, "dtype='single precision'"),
        (lambda: initializers.he_uniform((2, 0)), ValueError, r"shape\[1\]=0"),
        (lambda: initializers.xavier_normal((2, 3), gain=-1), ValueError, "gain=-1"),
        (lambda: initializers.xavier_uniform((2, 3), gain="big"), TypeError, "gain='big'"),
        (lambda: initializers.pytorch_default((2, 3), 0), ValueError, "fan_in=0"),
    ],
)
def test_impossible_first_weights_are_refused_by_name(build, error, words):
    with pytest.raises(error, match=words):
        build()
