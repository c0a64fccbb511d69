"""The table of operations. Each row buys its operation every law in tests/ops; a public operation without a row fails a test."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import drawing
import numpy as np
import slow_twins
import torch_twins

import cnnlib


@dataclass(frozen=True)
class Operation:
    """One operation with all that the laws need to know about it.

    linear: positions of the arrays it is linear in, the others held fixed (a bias only shifts it). batched: its first array has a batch
    axis. traits: what at least a tenth of a sweep's cases must have. end: a loss, whose backward takes no dy. cases: in a long sweep.
    """

    name: str
    draw: Callable
    backward: Callable | None
    slow: Callable
    torch: Callable
    linear: tuple = ()
    batched: bool = True
    traits: tuple = ()
    end: bool = False
    cases: int = 200

    def __call__(self, *arrays, **options):
        return getattr(cnnlib, self.name)(*arrays, **options)

    def gradients(self, dy, arrays, options):
        """The gradient of each array, as a tuple, whatever the backward's own signature is."""
        result = self.backward(dy, *arrays, **options)
        return (result if isinstance(result, tuple) else (result,))[: len(arrays)]


def library(name):
    """The library's own backward, found when called, for arrays that it takes in full."""
    return lambda dy, *arrays, **options: getattr(cnnlib, name)(dy, *arrays, **options)


def weighted(name):
    """The backwards that take (dy, x, w) and never ask for the bias."""
    return lambda dy, x, w, b=None, **options: getattr(cnnlib, name)(dy, x, w, **options)


def ending(name):
    """A loss's backward ends the chain; a dy of the loss scales its gradient, row by row where every row has a loss of its own."""

    def backward(dy, first, *others, **options):
        gradient = getattr(cnnlib, name)(first, *others, **options)
        return np.asarray(dy, dtype=gradient.dtype).reshape(np.shape(dy) + (1,) * (gradient.ndim - np.ndim(dy))) * gradient

    return backward


def symmetric_mse_backward(dy, prediction, target):
    """The loss is symmetric, so exchanging the arrays gives the gradient of the target."""
    backward = ending("mse_backward")
    return backward(dy, prediction, target), backward(dy, target, prediction)


def fold_back(dy, x, **options):
    return cnnlib.col2im(dy, output_size=x.shape[2:], **options)


def unfold_back(dy, columns, *, output_size, **options):
    return cnnlib.im2col(dy, **options)


def row(name, draw, backward="", *, slow=None, torch=None, **rest):
    """A row with the usual names filled in: the backward is name_backward, the twins bear the operation's name."""
    backward = library(f"{name}_backward") if backward == "" else backward
    return Operation(name, draw, backward, slow or getattr(slow_twins, name), torch or getattr(torch_twins, name), **rest)


def activation(name, **choices):
    twins = dict(slow=slow_twins.ACTIVATIONS[name], torch=torch_twins.named(name))
    traits = tuple(f"{option}={values[0]}" for option, values in choices.items())
    return row(name, lambda rng: drawing.draw_any(rng, **choices), batched=False, traits=traits, **twins)


WINDOWS = drawing.GEOMETRY_TRAITS
TABLE = [
    row(
        "conv2d",
        drawing.draw_convolution,
        weighted("conv2d_backward"),
        slow=cnnlib.conv2d_loops,
        linear=(0, 1),
        traits=(*WINDOWS, "groups"),
        cases=2000,
    ),
    row(
        "conv_transpose2d",
        drawing.draw_transposed,
        weighted("conv_transpose2d_backward"),
        slow=cnnlib.conv_transpose2d_loops,
        linear=(0, 1),
        traits=("groups", "dilation", "even kernel", "asymmetric", "output padding"),
        cases=2000,
    ),
    row(
        "conv2d_matrix",
        drawing.draw_matrix,
        None,
        slow=lambda w, **options: _matrix_of(w, **options),
        linear=(0,),
        batched=False,
        traits=(*WINDOWS, "groups"),
        cases=40,
    ),
    row("correlate2d", drawing.draw_plain, None, linear=(0, 1), batched=False, traits=WINDOWS, cases=1000),
    row("convolve2d", drawing.draw_true_convolution, None, linear=(0, 1), batched=False, traits=("full", "same", "valid", "even kernel")),
    row("max_pool2d", drawing.draw_max_pool, traits=(*WINDOWS, "ceil mode"), cases=2000),
    row(
        "avg_pool2d",
        drawing.draw_avg_pool,
        linear=(0,),
        traits=("remainder", "even kernel", "asymmetric", "ceil mode", "padding not counted"),
        cases=2000,
    ),
    row("adaptive_avg_pool2d", drawing.draw_adaptive, linear=(0,), traits=("uneven", "asymmetric"), cases=1000),
    row("global_avg_pool2d", drawing.draw_images, linear=(0,)),
    row("im2col", drawing.draw_im2col, fold_back, linear=(0,), traits=WINDOWS, cases=1000),
    row("col2im", drawing.draw_col2im, unfold_back, linear=(0,), traits=WINDOWS, cases=1000),
    row("pad2d", drawing.draw_pad, linear=(0,), traits=("zeros", "reflect", "replicate", "circular", "asymmetric"), cases=1000),
    row("linear", drawing.draw_linear, weighted("linear_backward"), torch=torch_twins.named("linear"), linear=(0, 1)),
    row("flatten", drawing.draw_flatten, linear=(0,)),
    row("dropout", drawing.draw_dropout, linear=(0,), batched=False),
    row("batch_norm2d", drawing.draw_batch_norm),
    row("softmax", drawing.draw_scores, batched=False, traits=("not the last axis",)),
    row("log_softmax", drawing.draw_scores, batched=False, traits=("not the last axis",)),
    row(
        "cross_entropy",
        drawing.draw_classification,
        ending("cross_entropy_backward"),
        batched=False,
        traits=("mean", "sum", "none", "smoothed"),
        end=True,
    ),
    row("mse", drawing.draw_mse, symmetric_mse_backward, batched=False, end=True),
    activation("relu"),
    activation("leaky_relu", negative_slope=(0.3, 0.0)),
    activation("elu", alpha=(0.5, 2.0)),
    activation("gelu", approximate=("tanh", "none")),
    activation("silu"),
    activation("softplus", beta=(2.0, 0.5), threshold=(5.0, 30.0)),
    activation("sigmoid"),
    activation("tanh"),
]
BY_NAME = {operation.name: operation for operation in TABLE}


def _matrix_of(w, input_shape, **options):
    columns = []
    for cell in range(int(np.prod(input_shape))):
        unit = np.zeros(int(np.prod(input_shape)))
        unit[cell] = 1
        columns.append(cnnlib.conv2d_loops(unit.reshape(1, *input_shape), w, **options).ravel())
    return np.stack(columns, axis=1)


def sweep(operation, cases, check, seed=0):
    """Draw cases, check(case, rng) each, name the one that fails, and see that every trait had its share of at least a tenth."""
    rng = np.random.default_rng([seed, *operation.name.encode()])
    counts = Counter()
    for number in range(cases):
        case = operation.draw(rng)
        counts.update(case.traits)
        try:
            check(case, rng)
        except Exception as error:
            error.add_note(f"{operation.name}, case {number}: {case}")
            raise
    thin = {trait: counts[trait] for trait in operation.traits if counts[trait] < cases / 10}
    assert not thin, f"the sweep over {operation.name} hardly covers {thin} of {cases} cases"
