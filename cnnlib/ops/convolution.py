"""Convolution, which in deep learning means cross-correlation: the definition, the fast version, their gradients and their relatives."""

import numpy as np

from cnnlib.arrays import (
    IMAGES,
    as_array,
    as_upstream,
    check_axes,
    check_cells,
    check_choice,
    check_groups,
    common_dtype,
    own_dtype,
    widened,
    windows,
)
from cnnlib.checks import check_integer
from cnnlib.ops.lowering import gradient_of_input, gradient_of_weight, lowered_convolution

WEIGHTS = "(C_out, C_in / groups, kH, kW)"


@np.errstate(all="ignore")
def conv2d(x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """Slide kernels over images and add up what lies under them.

    y[n, f, i, j] = b[f] + sum over c, u, v of w[f, c, u, v] x[n, c, i stride + u dilation - padding, j stride + v dilation - padding],
    where x is 0 outside the image. With groups, output channel f sees only the channels of its own group.

    x: (N, C, H, W). w: (F, C / groups, kH, kW). b: (F,) or None. stride, dilation: int or (rows, columns), from 1.
    padding: int or pair, zeros on each side, or "valid", "same", "full".
    Returns y: (N, F, H', W') with H' = output_size(H, kH, stride, padding, dilation), in the common dtype of the arrays.
    Raises GeometryError where the kernel has no place, ValueError and TypeError for wrong shapes and types.
    Source: LeCun et al. 1998, doi:10.1109/5.726791; Dumoulin and Visin 2016, arXiv:1603.07285.
    """
    x, w, b, rows, columns, groups = _inputs(x, w, b, stride, padding, dilation, groups)
    dtype = common_dtype(x, w, b)
    y = lowered_convolution(widened(x, dtype), widened(w, dtype), rows, columns, groups)
    if b is not None:
        y += widened(b, dtype)[:, None, None]
    return y


def conv2d_backward(dy, x, w, *, stride=1, padding=0, dilation=1, groups=1):
    """Carry the gradient dy of the output of `conv2d` back to x, w and b.

    Each input cell collects dy times the weight that read it: dx = sum of w dy over all places whose window covers the cell.
    Each weight collects dy times the cell it read: dw = sum of x dy over all places and images. db is the sum of dy.

    dy: (N, F, H', W'). x, w and options as in `conv2d`. Returns dx, dw, db, each in the dtype of its own array (db in that of w).
    Source: derived in chapter 11; Dumoulin and Visin 2016, arXiv:1603.07285, section 4.
    """
    return conv2d_gradients(dy, x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)


@np.errstate(all="ignore")
def conv2d_gradients(dy, x, w, *, stride=1, padding=0, dilation=1, groups=1, need_dx=True):
    """`conv2d_backward`; the first layer of a model spares itself the dx that nobody needs and gets None."""
    x, w, _, rows, columns, groups = _inputs(x, w, None, stride, padding, dilation, groups)
    dy = as_upstream(dy, (len(x), len(w), rows.count, columns.count), "conv2d", symbols=True)
    dtype = common_dtype(dy, x, w)
    dy, x_wide, w_wide = (widened(array, dtype) for array in (dy, x, w))
    dw = own_dtype(gradient_of_weight(dy, x_wide, w.shape, rows, columns, groups), w)
    db = own_dtype(dy.sum(axis=0).sum(axis=(1, 2)), w)  # in two steps: twice as fast as over three axes at once
    if not need_dx:
        return None, dw, db
    return own_dtype(gradient_of_input(dy, w_wide, x.shape, rows, columns, groups), x), dw, db


def conv2d_loops(x, w, b=None, *, stride=1, padding=0, dilation=1, groups=1):
    """The definition of `conv2d`, written as plain loops: slow, and obviously right. Same arguments, same result.

    Source: LeCun et al. 1998, doi:10.1109/5.726791.
    """
    x, w, b, rows, columns, groups = _inputs(x, w, b, stride, padding, dilation, groups)
    per_group = len(w) // groups
    dtype = common_dtype(x, w, b)
    x, w, b = (widened(array, dtype) for array in (x, w, b))
    y = np.zeros((len(x), len(w), rows.count, columns.count), dtype=dtype)
    for n, f, i, j in np.ndindex(y.shape):
        first_channel = f // per_group * w.shape[1]
        total = 0 if b is None else b[f]
        for c, u, v in np.ndindex(w.shape[1:]):
            row, column = rows.cells(i)[u], columns.cells(j)[v]
            if 0 <= row < rows.n and 0 <= column < columns.n:
                total = total + w[f, c, u, v] * x[n, first_channel + c, row, column]
        y[n, f, i, j] = total
    return y


def _inputs(x, w, b, stride, padding, dilation, groups):
    """Check what every convolution is given; returns the arrays, the window along rows and along columns, and the groups."""
    x = as_array(x, "x", IMAGES, symbols=True)
    w = as_array(w, "w", symbols=True)
    check_axes(w, "w", WEIGHTS)
    if min(w.shape) < 1:
        raise ValueError(
            f"w has shape {w.shape}: a convolution needs at least one output channel, one input channel and one kernel cell. "
            f"Give every axis of w at least 1."
        )
    wanted, rest = divmod(x.shape[1], w.shape[1])  # the groups that w was made for
    fitting = None if rest or not wanted else (wanted, wanted)
    groups = check_groups(groups, fitting=fitting, in_channels=x.shape[1], out_channels=w.shape[0])
    if w.shape[1] * groups != x.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} channels, and w of shape {w.shape} with groups={groups} reads "
            f"{w.shape[1]}*{groups} = {w.shape[1] * groups}. "
            f"Give w the shape {(w.shape[0], x.shape[1] // groups, *w.shape[2:])}."
        )
    rows, columns = windows(x.shape[2:], w.shape[2:], stride, padding, dilation)
    if b is not None:
        b = as_array(b, "b", symbols=True)
        if b.shape != (len(w),):
            raise ValueError(f"b has shape {b.shape}, and w has {len(w)} output channels. Give b the shape ({len(w)},).")
    return x, w, b, rows, columns, groups


def conv2d_matrix(w, input_shape, *, stride=1, padding=0, dilation=1, groups=1):
    """Write a convolution as a dense matrix M, so that conv2d(x).ravel() = M @ x.ravel() for one image x of `input_shape` (C, H, W).

    Column t of M is the convolution of the image that is 1 in cell t and 0 elsewhere. M is block Toeplitz where the stride is 1.
    Returns (F H' W', C H W). Source: Dumoulin and Visin 2016, arXiv:1603.07285, section 4.1.
    """
    w = as_array(w, "w", symbols=True)
    check_axes(w, "w", WEIGHTS)
    if not isinstance(input_shape, (tuple, list)) or len(input_shape) != 3:
        example = (w.shape[1] * check_groups(groups), *(k + 2 for k in w.shape[2:]))
        raise ValueError(
            f"input_shape={input_shape!r} is not (C, H, W), the three sizes of one image. Write input_shape={example}, for example."
        )
    shape = tuple(check_integer(size, f"input_shape[{axis}]", 1) for axis, size in enumerate(input_shape))
    units = np.eye(int(np.prod(shape)), dtype=int).astype(w.dtype).reshape(-1, *shape)
    y = conv2d(units, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
    return y.reshape(len(units), -1).T


def correlate2d(image, kernel, *, stride=1, padding=0, dilation=1):
    """Cross-correlate one plain image with one plain kernel: y[i, j] = sum over u, v of kernel[u, v] image[i + u, j + v].

    image: (H, W). kernel: (kH, kW). Options as in `conv2d`. Returns (H', W').
    Source: Dumoulin and Visin 2016, arXiv:1603.07285, section 2.
    """
    image, kernel = _planes(image, kernel)
    return conv2d(image[None, None], kernel[None, None], stride=stride, padding=padding, dilation=dilation)[0, 0]


def _planes(image, kernel):
    image = as_array(image, "image", "(H, W)", symbols=True)
    kernel = as_array(kernel, "kernel", "(kH, kW)", symbols=True)
    check_cells(image.shape, "image")
    check_cells(kernel.shape, "kernel")
    return image, kernel


def convolve2d(image, kernel, mode="full"):
    """Convolve as mathematics does, with the kernel flipped: y[i, j] = sum over u, v of kernel[u, v] image[i - u, j - v].

    image: (H, W). kernel: (kH, kW). mode: "full" gives every overlap, (H + kH - 1, W + kW - 1); "same" its centre in the size of the
    image; "valid" only the places where the kernel lies wholly inside. As scipy.signal.convolve2d, which also swaps the two arrays in
    "valid" mode when the kernel is the larger; here that is a GeometryError.
    Source: Oppenheim and Schafer, Discrete-Time Signal Processing, 3rd ed. 2010, section 2.3.
    """
    check_choice(mode, "mode", ("full", "same", "valid"))
    image, kernel = _planes(image, kernel)
    if mode == "valid":
        windows(image.shape, kernel.shape, 1, mode, 1, may_pad=False)
    y = correlate2d(image, kernel[::-1, ::-1], padding="valid" if mode == "valid" else "full")
    if mode == "same":
        top, left = ((k - 1) // 2 for k in kernel.shape)
        y = y[top : top + image.shape[0], left : left + image.shape[1]]
    return y
