"""SymPy for the book: symbol arrays through the library's real operations, and derivations for general sizes and indices."""

from cnnlib.symbolic import gradients, sizes
from cnnlib.symbolic.derivation import Derivation
from cnnlib.symbolic.expressions import (
    batch_norm2d,
    cross_entropy,
    differentiate,
    elu,
    first_maximum,
    gelu,
    leaky_relu,
    log_softmax,
    max_pool2d,
    prove,
    prove_at,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    symbol_array,
    tanh,
)

__all__ = [
    "Derivation",
    "batch_norm2d",
    "cross_entropy",
    "differentiate",
    "elu",
    "first_maximum",
    "gelu",
    "gradients",
    "leaky_relu",
    "log_softmax",
    "max_pool2d",
    "prove",
    "prove_at",
    "relu",
    "sigmoid",
    "silu",
    "sizes",
    "softmax",
    "softplus",
    "symbol_array",
    "tanh",
]
