"""Seven ways to convolve, side by side: the very cells of chapter 14, read from its source.

Everything runs on one thread, in float32. The candidates of one shape take turns within a round; each figure is the median over the
rounds. Beside the times: the largest error against float64, the peak of a large matrix product, and the bandwidth of a large copy.
Run: python benchmarks/algorithms.py        Result: benchmarks/results/algorithms.json, and a small table on the screen
"""

import json
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path

from timing import ROUNDS, blas_kernels, load, race  # before NumPy: it sets the number of threads

import numpy as np  # isort: skip
from numpy.lib.stride_tricks import as_strided, sliding_window_view  # isort: skip

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cnnlib  # noqa: E402
from cnnlib import symbolic  # noqa: E402

CHAPTER = ROOT / "notebooks" / "source" / "14_fast_convolution.md"
RESULT = ROOT / "benchmarks" / "results" / "algorithms.json"
CELLS = ("loops", "windows", "im2col", "offsets", "rows", "fft", "winograd-combine", "winograd")
NAMES = {"fft": "FFT", "winograd": "Winograd"}
LOOPS_AT_MOST = 40_000  # multiply-adds for which the plain loops are worth the wait

# name: images N, channels C, filters F, size n, kernel k
SHAPES = {
    "tiny": (2, 3, 4, 14, 3),
    "LeNet conv1": (64, 1, 6, 28, 5),
    "16 to 32": (8, 16, 32, 30, 3),
    "64 to 64": (8, 64, 64, 58, 3),
    "16 to 16, large kernel": (1, 16, 16, 64, 15),
    "one, very large kernel": (1, 1, 1, 256, 31),
}
BATCHES, BATCH_SHAPE = (1, 4, 16, 64), (1, 6, 28, 5)


def chapter_methods():
    """The functions that chapter 14 shows, by name, and the library's own."""
    text = CHAPTER.read_text(encoding="utf-8")
    cells = dict(re.findall(r'^```python key="([\w-]+)"[^\n]*\n(.*?)^```', text, re.DOTALL | re.MULTILINE))
    space = dict(np=np, as_strided=as_strided, sliding_window_view=sliding_window_view, proof=symbolic.winograd.row)
    for key in CELLS:
        exec(cells[key], space)
    found = {name.removeprefix("by_"): function for name, function in space.items() if name.startswith("by_")}
    return {"library": cnnlib.conv2d, **{NAMES.get(name, name): function for name, function in found.items()}}


def arrays(N, C, F, n, k):
    """Random images and filters in float32."""
    rng = np.random.default_rng(14)
    return rng.standard_normal((N, C, n, n), np.float32), rng.standard_normal((F, C, k, k), np.float32)


def measure(N, C, F, n, k):
    """Seconds and errors of every method that can do this shape."""
    x, w = arrays(N, C, F, n, k)
    methods = chapter_methods()
    if k != 3:
        del methods["Winograd"]
    if N * C * F * k**2 * (n - k + 1) ** 2 > LOOPS_AT_MOST:
        del methods["loops"]
    truth = cnnlib.conv2d(x.astype(float), w.astype(float))
    error = {name: float(abs(method(x, w) - truth).max() / abs(truth).max()) for name, method in methods.items()}
    seconds = race({name: lambda method=method: method(x, w) for name, method in methods.items()})
    return {"sizes": [N, C, F, n, k], "seconds": seconds, "error": error}


def roof():
    """Operations per second of a large matrix product, and bytes per second read and written by a large copy: the best of the rounds."""
    square = np.random.default_rng(0).standard_normal((1024, 1024), np.float32)
    source, target, product = np.ones(2**24, np.float32), np.empty(2**24, np.float32), np.empty_like(square)
    candidates = {"product": lambda: np.matmul(square, square, out=product), "copy": lambda: np.copyto(target, source)}
    seconds = race(candidates, pick=min)
    return {"peak": 2 * 1024**3 / seconds["product"], "bandwidth": 2 * source.nbytes / seconds["copy"]}


def batches():
    """Seconds per image of the library's convolution, by the number of images."""
    pairs = {images: arrays(images, *BATCH_SHAPE) for images in BATCHES}
    seconds = race({images: lambda pair=pair: cnnlib.conv2d(*pair) for images, pair in pairs.items()})
    return {str(images): value / images for images, value in seconds.items()}


def main():
    """Measure everything, print the table, write it down."""
    busy, machine = load(), roof()
    print(f"peak {machine['peak'] / 1e9:.0f} GFLOP/s, bandwidth {machine['bandwidth'] / 1e9:.1f} GB/s")
    shapes = {}
    for name, sizes in SHAPES.items():
        shapes[name] = measure(*sizes)
        print(f"{name:24}", *(f"{method} {1e3 * value:.2f}" for method, value in shapes[name]["seconds"].items()), "ms")
    result = {
        "what": "seconds per call, medians of interleaved rounds on one thread, float32; sizes are N, C, F, n, k",
        "rounds": ROUNDS,
        "shapes": shapes,
        **machine,
        "batch": batches(),
        "versions": {"python": platform.python_version(), "numpy": version("numpy")},
        "machine": platform.machine(),
        "blas_kernels": blas_kernels(),
        "load_before": busy,
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
