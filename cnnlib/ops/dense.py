"""The fully connected layer and the flattening before it."""

import numpy as np

from cnnlib.arrays import as_array, as_upstream, common_dtype, own_dtype, widened


@np.errstate(all="ignore")
def linear(x, w, b=None):
    """Weigh every feature for every output: y = x w^T + b, that is y[n, m] = b[m] + sum over k of w[m, k] x[n, k].

    x: (N, in_features). w: (out_features, in_features). b: (out_features,) or None. SymPy expressions allowed.
    Returns (N, out_features) in the common dtype of the arrays. Source: Rosenblatt 1958, doi:10.1037/h0042519.
    """
    x, w = _inputs(x, w)
    if b is not None:
        b = as_array(b, "b", symbols=True)
        if b.shape != (len(w),):
            raise ValueError(f"b has shape {b.shape}, and w of shape {w.shape} has {len(w)} outputs. Give b the shape ({len(w)},).")
    dtype = common_dtype(x, w, b)
    y = widened(x, dtype) @ widened(w, dtype).T
    if b is not None:
        y += widened(b, dtype)
    return y


@np.errstate(all="ignore")
def linear_backward(dy, x, w):
    """Carry the gradient back: dx = dy w, dw = dy^T x, db = sum of dy over the images.

    dy: (N, out_features). x and w as in `linear`. Returns dx, dw, db, each in the dtype of its own array (db in that of w).
    Source: Rumelhart, Hinton and Williams 1986, doi:10.1038/323533a0.
    """
    x, w = _inputs(x, w)
    dy = as_upstream(dy, (len(x), len(w)), "linear", symbols=True)
    dtype = common_dtype(dy, x, w)
    dy, x_wide, w_wide = (widened(array, dtype) for array in (dy, x, w))
    return own_dtype(dy @ w_wide, x), own_dtype(dy.T @ x_wide, w), own_dtype(dy.sum(axis=0), w)


def _inputs(x, w):
    x = as_array(x, "x", "(N, in_features)", symbols=True)
    w = as_array(w, "w", "(out_features, in_features)", symbols=True)
    if x.shape[1] != w.shape[1]:
        raise ValueError(
            f"x has {x.shape[1]} features, and w of shape {w.shape} reads {w.shape[1]}. Give w the shape ({w.shape[0]}, {x.shape[1]})."
        )
    return x, w


def flatten(x):
    """Write all axes after the first in one row: (N, C, H, W) becomes (N, C H W), the last axis running fastest.

    x: (N, ...), at least two axes; SymPy expressions allowed. Returns a new array in the dtype of x.
    Source: PyTorch, torch.nn.Flatten.
    """
    x = _batch(x)
    return x.reshape(len(x), int(np.prod(x.shape[1:]))).copy()


def flatten_backward(dy, x):
    """Write the rows of dy back in the shape of x: flattening moves values, so its transpose moves them back.

    dy: (N, product of the other sizes of x). x gives its shape and dtype. Returns dx.
    """
    x = _batch(x)
    dy = as_upstream(dy, (len(x), int(np.prod(x.shape[1:]))), "flatten", symbols=True)
    with np.errstate(all="ignore"):
        return own_dtype(dy.reshape(x.shape).copy(), x)


def _batch(x):
    x = as_array(x, "x", symbols=True)
    if x.ndim < 2:
        raise ValueError(f"x has shape {x.shape}, and flatten wants a batch axis and at least one more. Write np.reshape(x, (1, -1)).")
    return x
