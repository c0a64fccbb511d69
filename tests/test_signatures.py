"""The public signatures: names, order, defaults and what may only be given by name. Readers, notebooks and exercises rely on them."""

import inspect

import pytest

import cnnlib

WINDOW = "stride=1, padding=0, dilation=1"
CONV, TRANSPOSED = f"*, {WINDOW}, groups=1", "*, stride=1, padding=0, output_padding=0, dilation=1, groups=1"
MAX, AVG = "stride=None, padding=0, dilation=1, ceil_mode=False", "stride=None, padding=0, ceil_mode=False, count_include_pad=True"
LOSS = "logits, labels, *, label_smoothing=0.0, reduction='mean'"
FIT = (
    "model, x, labels, *, epochs, batch_size, optimizer, schedule=None, augment=None, validation_data=None, callbacks=(), rng=0, "
    "progress=True"
)
BIAS = "bias=True, *, rng=None"
ADAM = "lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay={}, amsgrad=False"

SIGNATURES = {
    "output_size": f"n, kernel_size, {WINDOW}, *, ceil_mode=False",
    "transposed_output_size": "n, kernel_size, stride=1, padding=0, output_padding=0, dilation=1",
    "receptive_field": "layers",
    "pad2d": "x, padding, *, mode='zeros'",
    "pad2d_backward": "dy, x, padding, *, mode='zeros'",
    "conv2d": f"x, w, b=None, {CONV}",
    "conv2d_loops": f"x, w, b=None, {CONV}",
    "conv2d_backward": f"dy, x, w, {CONV}",
    "conv_transpose2d": f"x, w, b=None, {TRANSPOSED}",
    "conv_transpose2d_backward": f"dy, x, w, {TRANSPOSED}",
    "conv2d_matrix": f"w, input_shape, {CONV}",
    "correlate2d": f"image, kernel, *, {WINDOW}",
    "convolve2d": "image, kernel, mode='full'",
    "im2col": f"x, kernel_size, *, {WINDOW}",
    "col2im": f"columns, output_size, kernel_size, *, {WINDOW}",
    "max_pool2d": f"x, kernel_size, *, {MAX}",
    "max_pool2d_backward": f"dy, x, kernel_size, *, {MAX}",
    "avg_pool2d": f"x, kernel_size, *, {AVG}",
    "avg_pool2d_backward": f"dy, x, kernel_size, *, {AVG}",
    "adaptive_avg_pool2d": "x, output_size",
    "adaptive_avg_pool2d_backward": "dy, x, output_size",
    "global_avg_pool2d": "x",
    "global_avg_pool2d_backward": "dy, x",
    "flatten": "x",
    "flatten_backward": "dy, x",
    "linear": "x, w, b=None",
    "linear_backward": "dy, x, w",
    "softmax": "x, axis=-1",
    "softmax_backward": "dy, x, axis=-1",
    "log_softmax": "x, axis=-1",
    "log_softmax_backward": "dy, x, axis=-1",
    "cross_entropy": LOSS,
    "cross_entropy_backward": LOSS,
    "mse": "prediction, target",
    "mse_backward": "prediction, target",
    "batch_norm2d": "x, gamma, beta, *, eps=1e-05",
    "batch_norm2d_backward": "dy, x, gamma, beta, *, eps=1e-05",
    "dropout": "x, mask, p",
    "dropout_backward": "dy, x, mask, p",
    "check_gradients": "f, backward, arrays, *, rng=0",
    "Conv2d": f"in_channels, out_channels, kernel_size, {WINDOW}, groups=1, {BIAS}",
    "ConvTranspose2d": (
        "in_channels, out_channels, kernel_size, stride=1, padding=0, *, output_padding=0, dilation=1, groups=1, bias=True, rng=None"
    ),
    "MaxPool2d": f"kernel_size, {MAX}",
    "AvgPool2d": f"kernel_size, {AVG}",
    "GlobalAvgPool2d": "",
    "AdaptiveAvgPool2d": "output_size",
    "Linear": f"in_features, out_features, {BIAS}",
    "Flatten": "",
    "Dropout": "p=0.5, *, rng=None",
    "BatchNorm2d": "num_features, eps=1e-05, momentum=0.1",
    "LeakyReLU": "negative_slope=0.01",
    "ELU": "alpha=1.0",
    "GELU": "approximate='none'",
    "Softplus": "beta=1.0, threshold=20.0",
    "Residual": "*layers",
    "Sequential": "*layers",
    "SGD": "lr=0.001, momentum=0.0, nesterov=False, weight_decay=0.0, *, dampening=0.0",
    "Adagrad": "lr=0.01, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10",
    "Adadelta": "lr=1.0, rho=0.9, eps=1e-06, weight_decay=0.0",
    "RMSprop": "lr=0.01, alpha=0.99, eps=1e-08, weight_decay=0.0, momentum=0.0, centered=False",
    "Adam": ADAM.format("0.0"),
    "AdamW": ADAM.format("0.01"),
    "step": "lr, step_size, gamma=0.1",
    "cosine": "lr, T_max, eta_min=0.0",
    "inverse_time": "lr, decay",
    "fit": FIT,
    "fit_steps": FIT,
    "predict": "model, x",
    "evaluate": "model, x, labels",
    "confusion_matrix": "labels, predictions, classes=None",
    "feature_maps": "model, x",
    "saliency": "model, x, classes=None",
    "occlusion_map": "model, x, classes=None, *, size=2, stride=1, value=0.0",
    "grad_cam": "model, x, layer, classes=None",
    "frequency_response": "kernel, size=64",
    "load_digits": "split='random'",
    "load_mnist": "root=None, download=True, *, verify=True",
    "load_fashion_mnist": "root=None, download=True, *, verify=True",
    "sample_image": "",
}
OPTIONS = dict(
    relu="", silu="", sigmoid="", tanh="", leaky_relu="negative_slope=0.01", elu="alpha=1.0", gelu="approximate='none'",
    softplus="beta=1.0, threshold=20.0",
)  # fmt: skip


@pytest.mark.parametrize("name", SIGNATURES)
def test_the_signature_is_the_published_one(name):
    assert str(inspect.signature(getattr(cnnlib, name))) == f"({SIGNATURES[name]})"


@pytest.mark.parametrize("name", OPTIONS)
def test_an_activation_takes_x_and_its_options_and_its_backward_dy_first(name):
    rest = ", ".join(filter(None, ("x", OPTIONS[name])))
    assert str(inspect.signature(getattr(cnnlib, name))) == f"({rest})"
    assert str(inspect.signature(getattr(cnnlib, f"{name}_backward"))) == f"(dy, {rest})"
