"""The small net that chapter 19 takes apart: small enough to show every unit, trained once by `benchmarks/learned_net.py`."""

from cnnlib.nn import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential
from cnnlib.results import stored_file

__all__ = ["learned_net", "untrained_net"]

WEIGHTS = "learned_net.npz"


def untrained_net(rng=None):
    """The net before training, for digits (N, 1, 8, 8): 4 filters, 8 filters, one dense layer; 666 parameters.

    rng: a `numpy.random.Generator` or an int seed for the first weights. The stored net began with the seed of its record,
    `cnnlib.results.stored_result("learned_net")["seed"]`.
    """
    return Sequential(
        Conv2d(1, 4, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2),
        Conv2d(4, 8, 3, padding=1, rng=rng), ReLU(), MaxPool2d(2),
        Flatten(), Linear(8 * 2 * 2, 10, rng=rng),
    )  # fmt: skip


def learned_net(dtype="float64"):
    """The trained net, in evaluation mode, with the weights that `benchmarks/learned_net.py` stored.

    dtype: of its parameters; they are stored as float32, and float64 keeps them as they are and computes more exactly with them.
    Raises FileNotFoundError where the weights are missing.
    """
    path = stored_file(WEIGHTS)
    if path is None:
        raise FileNotFoundError(f"benchmarks/results/{WEIGHTS} is missing. Run: python benchmarks/learned_net.py")
    return untrained_net(0).load(path).astype(dtype).eval()
