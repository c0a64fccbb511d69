"""Testers of training: one step downhill, what moves the parameters, momentum, batches."""

import functools

import numpy as np

from cnnlib.claims.tester import Tester
from cnnlib.nn import SGD, Linear
from cnnlib.ops.convolution import conv2d, conv2d_backward, conv2d_loops, correlate2d

# --- One step of gradient descent, on L = mean over the images of (w . x - t)^2 / 2 -----------------------------------------------------


@functools.cache
def _descent_settings():
    rng = np.random.default_rng(51)
    drawn = [
        (rng.standard_normal((images, size)), rng.standard_normal(images), rng.standard_normal(size), lr)
        for images, size, lr in ((4, 3, 0.1), (1, 2, 0.25), (6, 1, 0.5))
    ]
    printed = np.array([[1.0], [2.0]]), np.array([0.0, 1.0]), np.array([1.0]), 0.1
    return [dict(w=w, gradients=(x @ w - t)[:, None] * x, lr=lr, x=x, t=t) for x, t, w, lr in [printed, *drawn]]


def _descended(w, lr, x, t):
    """Move each weight against the difference quotient of the mean loss; the loss falls."""
    loss = lambda w: np.mean((x @ w - t) ** 2) / 2
    steps = 1e-4 * np.eye(len(w))
    return w - lr * np.array([(loss(w + step) - loss(w - step)) / 2e-4 for step in steps])


def _by_optimizer(w, lr, x, t):
    """The library's layer and optimiser."""
    model = Linear(len(w), 1, bias=False, rng=0)
    model.parameters()["weight"][...] = w
    error = model(x)[:, 0] - t
    model.backward(error[:, None] / len(x))
    SGD(lr).step(model)
    return model.parameters()["weight"][0]


descent = Tester("the weights after one step downhill", _descent_settings, _descended, _by_optimizer)

# --- What moves the parameters --------------------------------------------------------------------------------------------------------


def _moved(optimizer_steps):
    model, x = Linear(3, 2, rng=1), np.ones((4, 3), dtype=np.float32)
    before = {name: array.copy() for name, array in model.parameters().items()}
    model.backward(np.ones_like(model(x)))
    for _ in range(optimizer_steps):
        SGD(0.1).step(model)
    return any(not np.array_equal(array, before[name]) for name, array in model.parameters().items())


def _moved_by_output(optimizer_steps):
    """The same seen from outside: whether the model's answer to an image changes."""
    model, x = Linear(3, 2, rng=1), np.ones((4, 3), dtype=np.float32)
    before = model(x).copy()
    model.backward(np.ones_like(before))
    for _ in range(optimizer_steps):
        SGD(0.1).step(model)
    return bool(np.abs(model(x) - before).max() > 0)


parameters_move = Tester(
    "whether the parameters move", lambda: [dict(optimizer_steps=steps) for steps in (0, 1, 2)], _moved, _moved_by_output
)

# --- One step of a kernel, on L = sum of (conv(x, w) - t)^2 / 2; delta is conv(x, w) - t -------------------------------------------------


@functools.cache
def _kernel_settings():
    rng = np.random.default_rng(52)
    settings = []
    for height, width, rows, columns, lr in ((6, 6, 3, 3, 0.01), (5, 7, 2, 3, 0.02), (4, 4, 1, 2, 0.05)):
        x, w = rng.standard_normal((height, width)), rng.standard_normal((rows, columns))
        y = correlate2d(x, w)
        t = rng.standard_normal(y.shape)
        settings.append(dict(x=x, w=w, delta=y - t, lr=lr, t=t))
    return settings


def kernel_loss(x, w, t):
    """L = sum of (conv(x, w) - t)^2 / 2."""
    return np.sum((correlate2d(x, w) - t) ** 2) / 2


def _kernel_by_quotients(x, w, t, lr):
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[index] = 1e-4
        gradient[index] = (kernel_loss(x, w + step, t) - kernel_loss(x, w - step, t)) / 2e-4
    return w - lr * gradient


def _kernel_by_library(x, w, delta, lr):
    return w - lr * conv2d_backward(delta[None, None], x[None, None], w[None, None])[1][0, 0]


kernel_step = Tester("a kernel after one step downhill", _kernel_settings, _kernel_by_quotients, _kernel_by_library)

# --- Momentum that looks ahead, with a decaying rate -----------------------------------------------------------------------------------


@functools.cache
def _momentum_settings():
    rng = np.random.default_rng(53)
    return [
        dict(w=rng.standard_normal(3), gradients=rng.standard_normal((steps, 3)), lr=lr, momentum=momentum, decay=decay)
        for steps, lr, momentum in ((1, 0.05, 0.9), (2, 0.05, 0.9), (5, 0.1, 0.5))
        for decay in (0.0, 0.1)
    ]


def _unrolled(w, gradients, lr, momentum, decay):
    """With all steps written out: velocity n is the sum of momentum^(n-m) g_m, and step n takes g_n + momentum * velocity n."""
    for n, g in enumerate(gradients):
        velocity = sum(momentum ** (n - m) * gradients[m] for m in range(n + 1))
        w = w - lr / (1 + decay * n) * (g + momentum * velocity)
    return w


class _Given(Linear):
    """A layer whose gradients are given."""

    given = None

    def gradients(self):
        return {"weight": self.given}


def _by_sgd(w, gradients, lr, momentum, decay):
    model = _Given(len(w), 1, bias=False, rng=0)
    model.parameters()["weight"][...] = w
    optimizer = SGD(lr, momentum=momentum, nesterov=True)
    for n, g in enumerate(gradients):
        optimizer.lr, model.given = lr / (1 + decay * n), g[None]
        optimizer.step(model)
    return model.parameters()["weight"][0]


nesterov = Tester(
    "the weights after steps with Nesterov momentum and decay",
    _momentum_settings,
    _unrolled,
    _by_sgd,
    same=lambda stated, true: np.shape(stated) == np.shape(true) and bool(np.allclose(stated, true, atol=1e-5)),
)

# --- Batches --------------------------------------------------------------------------------------------------------------------------


@functools.cache
def _batch_settings():
    rng = np.random.default_rng(54)
    return [dict(x=rng.standard_normal((n, 2, 4, 5)), w=rng.standard_normal((3, 2, 2, 2))) for n in (1, 2, 5)]


batch = Tester(
    "the outputs of a batch",
    _batch_settings,
    lambda x, w: np.stack([conv2d_loops(image[None], w)[0] for image in x]),
    lambda x, w: conv2d(x, w),
)
