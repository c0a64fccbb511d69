"""How the measurements of speed are taken: one thread, candidates that take turns, medians. Import this before NumPy."""

import ctypes
import os
import statistics
import time
from pathlib import Path

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # must be set before NumPy is imported

import numpy as np  # noqa: E402

ROUNDS, SECONDS = 15, 0.03  # rounds, and how long one candidate runs in each


def race(candidates, pick=statistics.median):
    """Seconds per call of each candidate: the median over rounds in which they take turns, or what `pick` makes of the rounds."""
    repeats = {}
    for name, call in candidates.items():
        call()
        start = time.perf_counter()
        call()
        repeats[name] = max(1, round(SECONDS / (time.perf_counter() - start)))
    seconds = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, call in candidates.items():
            start = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            seconds[name].append((time.perf_counter() - start) / repeats[name])
    return {name: pick(times) for name, times in seconds.items()}


def blas_kernels():
    """The processor that NumPy's OpenBLAS chose its kernels for, or was told to by the variable OPENBLAS_CORETYPE."""
    library = next((Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"), None)
    if library is None:
        return "unknown"
    corename = ctypes.CDLL(str(library)).scipy_openblas_get_corename64_
    corename.restype = ctypes.c_char_p
    return corename().decode()


def load():
    """How busy the machine is, as a mean number of waiting programs; None where the system does not tell."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
