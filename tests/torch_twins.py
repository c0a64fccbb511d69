"""The same operations in PyTorch: twin(torch, *tensors, **options), differentiated by autograd.

PyTorch has no "full" padding and "same" only for stride 1; the twins pad by hand there, by the rules written out in `ends`.
"""

import numpy as np

from cnnlib.arrays import pair


def functional(torch):
    return torch.nn.functional


def ends(n, k, s, padding, d):
    """Cells of padding before and after one axis, for the named paddings."""
    span = d * (k - 1) + 1
    if padding == "same":
        total = max((-(-n // s) - 1) * s + span - n, 0)
        return total // 2, total - total // 2
    return {"valid": (0, 0), "full": (span - 1, span - 1)}[padding]


def padded(torch, x, kernel_size, stride, padding, dilation, value=0.0):
    """Replace a named padding by cells around x; returns the tensor and the padding that is left to do."""
    if not isinstance(padding, str):
        return x, padding
    axes = zip(x.shape[2:], pair(kernel_size, "k", 1), pair(stride, "s", 1), (padding,) * 2, pair(dilation, "d", 1), strict=True)
    (top, bottom), (left, right) = (ends(*axis) for axis in axes)
    return functional(torch).pad(x, (left, right, top, bottom), value=value), 0


def conv2d(torch, x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    x, padding = padded(torch, x, tuple(w.shape[2:]), stride, padding, dilation)
    return functional(torch).conv2d(x, w, b, stride, padding, dilation, groups)


def conv_transpose2d(torch, x, w, b=None, *, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    return functional(torch).conv_transpose2d(x, w, b, stride, padding, output_padding, groups, dilation)


def conv2d_matrix(torch, w, *, input_shape, **options):
    units = torch.eye(int(np.prod(input_shape)), dtype=w.dtype).reshape(-1, *input_shape)
    return conv2d(torch, units, w, **options).flatten(1).T


def correlate2d(torch, image, kernel, **options):
    return conv2d(torch, image[None, None], kernel[None, None], **options)[0, 0]


def convolve2d(torch, image, kernel, mode="full"):
    y = correlate2d(torch, image, kernel.flip(0, 1), padding="valid" if mode == "valid" else "full")
    if mode == "same":
        top, left = ((k - 1) // 2 for k in kernel.shape)
        y = y[top : top + image.shape[0], left : left + image.shape[1]]
    return y


def max_pool2d(torch, x, kernel_size, *, stride=None, padding=0, dilation=1, ceil_mode=False):
    x, padding = padded(torch, x, kernel_size, kernel_size if stride is None else stride, padding, dilation, value=-torch.inf)
    return functional(torch).max_pool2d(x, kernel_size, stride, padding, dilation, ceil_mode)


def avg_pool2d(torch, x, kernel_size, *, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    wide, left = padded(torch, x, kernel_size, kernel_size if stride is None else stride, padding, 1)
    pool = functional(torch).avg_pool2d
    if padding != "same":
        return pool(wide, kernel_size, stride, left, ceil_mode, count_include_pad)
    y = pool(wide, kernel_size, stride)
    if count_include_pad:
        return y
    ones, _ = padded(torch, torch.ones_like(x), kernel_size, kernel_size if stride is None else stride, padding, 1)
    return y / pool(ones, kernel_size, stride)


def im2col(torch, x, kernel_size, *, stride=1, padding=0, dilation=1):
    x, padding = padded(torch, x, kernel_size, stride, padding, dilation)
    return functional(torch).unfold(x, kernel_size, dilation, padding, stride)


def col2im(torch, columns, output_size, kernel_size, *, stride=1, padding=0, dilation=1):
    if not isinstance(padding, str):
        return functional(torch).fold(columns, output_size, kernel_size, dilation, padding, stride)
    frame, _ = padded(torch, torch.zeros(1, 1, *output_size), kernel_size, stride, padding, dilation)
    axes = zip(output_size, pair(kernel_size, "k", 1), pair(stride, "s", 1), (padding,) * 2, pair(dilation, "d", 1), strict=True)
    (top, _), (left, _) = (ends(*axis) for axis in axes)
    x = functional(torch).fold(columns, frame.shape[2:], kernel_size, dilation, 0, stride)
    return x[:, :, top : top + output_size[0], left : left + output_size[1]]


def pad2d(torch, x, padding, *, mode="zeros"):
    down, across = pair(padding, "padding", 0)
    return functional(torch).pad(x, (across, across, down, down), mode={"zeros": "constant"}.get(mode, mode))


def batch_norm2d(torch, x, gamma, beta, *, eps=1e-5):
    return functional(torch).batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


def dropout(torch, x, mask, p):
    return x * torch.tensor(mask, dtype=x.dtype) / (1 - p)


def cross_entropy(torch, logits, *, labels, label_smoothing=0.0, reduction="mean"):
    labels = torch.tensor(labels, dtype=torch.long)
    return functional(torch).cross_entropy(logits, labels, label_smoothing=label_smoothing, reduction=reduction)


def named(name):
    """The function of that name in torch or torch.nn.functional, where names, options and meanings are PyTorch's own."""

    def twin(torch, *tensors, **options):
        function = getattr(torch, name) if name in ("sigmoid", "tanh") else getattr(functional(torch), name)
        return function(*tensors, **options)

    return twin


def softmax(torch, x, axis=-1):
    return torch.softmax(x, dim=axis)


def log_softmax(torch, x, axis=-1):
    return torch.log_softmax(x, dim=axis)


def flatten(torch, x):
    return torch.flatten(x, 1)


def global_avg_pool2d(torch, x):
    return x.mean(dim=(2, 3))


def adaptive_avg_pool2d(torch, x, output_size):
    return functional(torch).adaptive_avg_pool2d(x, output_size)


def mse(torch, prediction, target):
    return functional(torch).mse_loss(prediction, target)
