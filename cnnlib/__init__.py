"""cnnlib: convolutional networks in NumPy, every operation beside its derivative."""

# ruff: noqa: F401 (what is imported here is what the package exports)

import importlib as _importlib
from types import ModuleType as _ModuleType

from cnnlib.datasets import Dataset, load_digits, load_fashion_mnist, load_mnist, read_idx, sample_image
from cnnlib.explain import feature_maps, frequency_response, grad_cam, occlusion_map, saliency
from cnnlib.geometry import GeometryError, output_size, receptive_field, transposed_output_size
from cnnlib.gradcheck import GradientReport, check_gradients, dot_product_test
from cnnlib.nn import (
    ELU,
    GELU,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AdaptiveAvgPool2d,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    History,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    RMSprop,
    Sequential,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
    confusion_matrix,
    cosine,
    evaluate,
    fit,
    fit_steps,
    initializers,
    inverse_time,
    predict,
    step,
)
from cnnlib.ops.activations import (
    elu,
    elu_backward,
    gelu,
    gelu_backward,
    leaky_relu,
    leaky_relu_backward,
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    silu,
    silu_backward,
    softplus,
    softplus_backward,
    tanh,
    tanh_backward,
)
from cnnlib.ops.convolution import conv2d, conv2d_backward, conv2d_loops, conv2d_matrix, convolve2d, correlate2d
from cnnlib.ops.dense import flatten, flatten_backward, linear, linear_backward
from cnnlib.ops.losses import (
    cross_entropy,
    cross_entropy_backward,
    log_softmax,
    log_softmax_backward,
    mse,
    mse_backward,
    softmax,
    softmax_backward,
)
from cnnlib.ops.normalization import batch_norm2d, batch_norm2d_backward, dropout, dropout_backward
from cnnlib.ops.padding import pad2d, pad2d_backward
from cnnlib.ops.pooling import (
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    avg_pool2d,
    avg_pool2d_backward,
    global_avg_pool2d,
    global_avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
)
from cnnlib.ops.transposed import conv_transpose2d, conv_transpose2d_backward, conv_transpose2d_loops
from cnnlib.ops.windows import col2im, im2col

# --- Parts that need more than NumPy, imported when first asked for ------------------------------------------------------------------

_LAZY = ("augment", "claims", "exercises", "plots", "symbolic", "widgets")

__version__ = "0.1.0"


def __getattr__(name):
    if name in _LAZY:
        return _importlib.import_module(f"cnnlib.{name}")
    raise AttributeError(f"cnnlib has no {name!r}. dir(cnnlib) lists what there is.")


def __dir__():
    return sorted({*__all__, *_LAZY, "__version__"})


__all__ = sorted(name for name, value in globals().items() if not name.startswith("_") and not isinstance(value, _ModuleType))
