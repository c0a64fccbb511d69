"""How fast the library is beside PyTorch, beside the bare matrix product, and beside a plain im2col of the whole batch.

Everything runs on one thread, in float32. The candidates of one shape take turns within a round, so that other work on the machine
strikes all of them; each figure is the median over the rounds, and ratios compare medians. Needs PyTorch.
Run: python benchmarks/speed.py        Result: benchmarks/results/speed.json, and a small table on the screen
"""

import json
import math
import os
import platform
import sys
import tracemalloc
from importlib.metadata import version
from pathlib import Path

from timing import ROUNDS, blas_kernels, load, race  # before NumPy: it sets the number of threads

import numpy as np  # isort: skip
import torch  # isort: skip

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cnnlib  # noqa: E402
from cnnlib import SGD, MaxPool2d, col2im, conv2d, conv2d_backward, cross_entropy_backward, im2col, output_size  # noqa: E402

RESULT = ROOT / "benchmarks" / "results" / "speed.json"
TARGETS = {"conv": 1.35, "LeNet step": 0.85, "tanh net step": 0.65, "max 2x2": 0.4, "max 3x3 stride 2": 0.75, "im2col": 1.7, "peak MiB": 28}

# name: (images, channels, height, width), filters, kernel, options
SHAPES = {
    "LeNet conv1": ((64, 1, 28, 28), 6, 5, dict(padding=2)),
    "LeNet conv2": ((64, 6, 14, 14), 16, 5, {}),
    "16 to 32 at 28": ((32, 16, 28, 28), 32, 3, dict(padding=1)),
    "64 to 64 at 14": ((32, 64, 14, 14), 64, 3, dict(padding=1)),
    "64 to 64 at 56": ((8, 64, 56, 56), 64, 3, dict(padding=1)),
    "64 to 64 at 56, stride 2": ((8, 64, 56, 56), 64, 3, dict(padding=1, stride=2)),
    "16 to 32 at 28, dilation 2": ((32, 16, 28, 28), 32, 3, dict(padding=2, dilation=2)),
    "64 to 64 at 28, groups 4": ((32, 64, 28, 28), 64, 3, dict(padding=1, groups=4)),
    "1x1, 64 to 128 at 28": ((32, 64, 28, 28), 128, 1, {}),
    "depthwise 64 at 28": ((32, 64, 28, 28), 64, 3, dict(padding=1, groups=64)),
}


def whole_batch_im2col(x, w, dy, options):
    """Forward and backward by im2col of the whole batch at once: the version that most courses write."""
    groups, options = options.get("groups", 1), {name: value for name, value in options.items() if name != "groups"}
    f, _, kh, kw = w.shape
    n = len(x)
    columns = im2col(x, (kh, kw), **options).reshape(n, groups, -1, dy.shape[2] * dy.shape[3])
    rows, gradient = w.reshape(groups, f // groups, -1), dy.reshape(n, groups, f // groups, -1)
    y = (rows @ columns).reshape(dy.shape)
    dw = (gradient @ columns.swapaxes(-1, -2)).sum(axis=0).reshape(w.shape)
    dcolumns = (rows.swapaxes(-1, -2) @ gradient).reshape(n, -1, columns.shape[-1])
    return y, col2im(dcolumns, x.shape[2:], (kh, kw), **options), dw, dy.sum(axis=(0, 2, 3))


def bare_products(x, w, dy, groups):
    """The three matrix products that a convolution cannot do without, on ready operands of the right sizes."""
    f, c, kh, kw = w.shape
    places = dy.shape[2] * dy.shape[3]
    rows, columns = w.reshape(groups, f // groups, -1), np.ones((len(x), groups, c * kh * kw, places), x.dtype)
    gradient = dy.reshape(len(x), groups, f // groups, places)
    turned, across = np.ascontiguousarray(rows.swapaxes(-1, -2)), columns.swapaxes(-1, -2)

    def run():
        return rows @ columns, turned @ gradient, gradient @ across

    return run


def convolution(shape, filters, kernel, options):
    """Race forward and backward of one shape."""
    rng, groups = np.random.default_rng(0), options.get("groups", 1)
    x = rng.standard_normal(shape, np.float32)
    w = rng.standard_normal((filters, shape[1] // groups, kernel, kernel), np.float32)
    b = np.zeros(filters, np.float32)
    sizes = [output_size(n, kernel, options.get("stride", 1), options.get("padding", 0), options.get("dilation", 1)) for n in shape[2:]]
    dy = rng.standard_normal((shape[0], filters, *sizes), np.float32)
    tensors = [torch.tensor(array, requires_grad=True) for array in (x, w, b)]
    upstream = torch.tensor(dy)

    def ours():
        return conv2d(x, w, b, **options), conv2d_backward(dy, x, w, **options)

    def theirs():
        return torch.autograd.grad(torch.nn.functional.conv2d(*tensors, **options), tensors, upstream)

    candidates = {"cnnlib": ours, "torch": theirs, "gemm": bare_products(x, w, dy, groups)}
    candidates["im2col"] = lambda: whole_batch_im2col(x, w, dy, options)
    return race(candidates)


def pooling(kernel, stride):
    """Race forward and backward of max pooling inside layers, on (32, 32, 28, 28)."""
    x = np.random.default_rng(0).standard_normal((32, 32, 28, 28), np.float32)
    layer, tensor = MaxPool2d(kernel, stride), torch.tensor(x, requires_grad=True)
    dy = np.ones_like(layer(x))
    upstream = torch.tensor(dy)

    def ours():
        layer(x)
        return layer.backward(dy)

    def theirs():
        return torch.autograd.grad(torch.nn.functional.max_pool2d(tensor, kernel, stride), tensor, upstream)

    return race({"cnnlib": ours, "torch": theirs})


def lenet(nn):
    """LeNet-5's plan on 28 x 28 images, with max pooling, in either library."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def tanh_net(nn):
    """The tanh net of chapter 18: three convolutions, two poolings, two dense layers, on 28 x 28 images."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 5), nn.Tanh(), nn.Conv2d(4, 8, 3), nn.Tanh(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 128), nn.Tanh(), nn.Linear(128, 10),
    )  # fmt: skip


def training_step(build, batch):
    """Race one step of SGD with momentum: forward, loss, backward, update."""
    rng = np.random.default_rng(0)
    x, labels = rng.random((batch, 1, 28, 28), np.float32), rng.integers(0, 10, batch)
    model, twin = build(cnnlib.nn), build(torch.nn)
    optimizer, twin_optimizer = SGD(0.01, momentum=0.9), torch.optim.SGD(twin.parameters(), 0.01, momentum=0.9)
    images, targets = torch.tensor(x), torch.tensor(labels)

    def ours():
        model.backward(cross_entropy_backward(model(x), labels), need_dx=False)
        optimizer.step(model)

    def theirs():
        twin_optimizer.zero_grad()
        torch.nn.functional.cross_entropy(twin(images), targets).backward()
        twin_optimizer.step()

    return race({"cnnlib": ours, "torch": theirs})


def peak_memory():
    """MiB that the backward of (8, 64, 56, 56) to 64, 3x3 takes beyond its arguments, results included."""
    rng = np.random.default_rng(0)
    x, dy = (rng.standard_normal((8, 64, 56, 56), np.float32) for _ in range(2))
    w = rng.standard_normal((64, 64, 3, 3), np.float32)
    conv2d_backward(dy, x, w, padding=1)
    tracemalloc.start()
    conv2d_backward(dy, x, w, padding=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def ratio(seconds, other):
    return seconds["cnnlib"] / seconds[other]


def geometric_mean(numbers):
    numbers = list(numbers)
    return math.exp(sum(map(math.log, numbers)) / len(numbers))


def main():
    """Measure everything, print the table, write it down."""
    if "OPENBLAS_CORETYPE" in os.environ:
        print(f"OPENBLAS_CORETYPE pins NumPy to the kernels for {blas_kernels()}; PyTorch is not pinned. For a fair race, unset it.")
    torch.set_num_threads(1)
    busy = load()
    table = {name: convolution(*shape) for name, shape in SHAPES.items()}
    others = {
        "max 2x2": pooling(2, 2),
        "max 3x3 stride 2": pooling(3, 2),
        "LeNet step": training_step(lenet, 64),
        "tanh net step": training_step(tanh_net, 100),
    }
    print(f"{'forward and backward, one thread':34} {'ms':>7} {'/ torch':>8} {'/ GEMM':>8} {'im2col /':>9}")
    for name, seconds in table.items():
        print(f"{name:34} {1e3 * seconds['cnnlib']:7.2f} {ratio(seconds, 'torch'):8.2f} {ratio(seconds, 'gemm'):8.2f} "
              f"{1 / ratio(seconds, 'im2col'):9.2f}")  # fmt: skip
    for name, seconds in others.items():
        print(f"{name:34} {1e3 * seconds['cnnlib']:7.2f} {ratio(seconds, 'torch'):8.2f}")
    found = {
        "conv": geometric_mean(ratio(seconds, "torch") for seconds in table.values()),
        **{name: ratio(seconds, "torch") for name, seconds in others.items()},
        "im2col": geometric_mean(1 / ratio(seconds, "im2col") for seconds in table.values()),
        "peak MiB": peak_memory(),
    }
    for name, value in found.items():
        print(f"{name:34} {value:7.2f}   target {'at least' if name == 'im2col' else 'at most'} {TARGETS[name]}")
    result = {
        "what": "seconds per call, medians of interleaved rounds on one thread, float32; ratios are cnnlib / torch, im2col / cnnlib",
        "rounds": ROUNDS,
        "seconds": {**table, **others},
        "found": {name: round(value, 3) for name, value in found.items()},
        "targets": TARGETS,
        "versions": {"python": platform.python_version(), "numpy": version("numpy"), "torch": version("torch")},
        "machine": platform.machine(),
        "blas_kernels": blas_kernels(),
        "load_before": busy,
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
