"""Gradients of a convolution: by the input, by the kernel, by the bias; and the programs that should compute them."""

import numpy as np

from cnnlib.claims import listings
from cnnlib.claims.claim import Claim
from cnnlib.claims.gradient_testers import gradients, programs
from cnnlib.claims.tester import FAILS, NO_FORMULA, UNDER_CONDITIONS, Words
from cnnlib.claims.training_testers import kernel_step
from cnnlib.claims.window_testers import identity, stride_one
from cnnlib.ops.convolution import correlate2d

DX = (
    r"$\frac{\partial L}{\partial X_{c,a,b}}=\sum_{k,u,v} W_{k,c,u,v}\,(\sigma'\tfrac{\partial L}{\partial Y})_{k,i,j}$ over the places "
    r"with $si+u-p=a$, $sj+v-p=b$"
)
DW = r"$\frac{\partial L}{\partial W_{k,c,u,v}}=\sum_{n,i,j} X_{n,c,\,si+u-p,\,sj+v-p}\,(\sigma'\tfrac{\partial L}{\partial Y})_{n,k,i,j}$"
DB = r"$\frac{\partial L}{\partial b_k}=\sum_{n,i,j} (\sigma'\tfrac{\partial L}{\partial Y})_{n,k,i,j}$"


def input_gradient(x, w, dy, slope, stride, padding):
    """The repaired dL/dx: at each cell, the places whose window reaches it, by the kernel cell that lies on it."""
    dz, dx = dy * slope, np.zeros_like(x)
    for n, c, a, b in np.ndindex(x.shape):
        for u, v in np.ndindex(w.shape[2:]):
            (i, i_left), (j, j_left) = divmod(a + padding - u, stride), divmod(b + padding - v, stride)
            if i_left == j_left == 0 and 0 <= i < dz.shape[2] and 0 <= j < dz.shape[3]:
                dx[n, c, a, b] += w[:, c, u, v] @ dz[n, :, i, j]
    return dx


def input_gradient_plus(x, w, dy):
    """F53 as printed: the places i + p - 1, j + q - 1, with 0 where the output has no such place."""
    dx = np.zeros_like(x)
    for n, c, a, b in np.ndindex(x.shape):
        for u, v in np.ndindex(w.shape[2:]):
            if a + u < dy.shape[2] and b + v < dy.shape[3]:
                dx[n, c, a, b] += w[:, c, u, v] @ dy[n, :, a + u, b + v]
    return dx


def weight_gradient(x, w, dy, slope, stride, padding):
    """The repaired dL/dw: under each kernel cell, the input cells that it read times the gradients of where they went."""
    dz, dw = dy * slope, np.zeros_like(w)
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    for k, c, u, v in np.ndindex(w.shape):
        places = np.ndindex(dz.shape[2:])
        dw[k, c, u, v] = sum(x[:, c, stride * i + u, stride * j + v] @ dz[:, k, i, j] for i, j in places)
    return dw


def weight_gradient_printed(x, w, dy):
    """F54 as printed: one image, stride 1, no derivative of the activation."""
    (rows, columns), dw = dy.shape[2:], np.zeros_like(w)
    for k, c, u, v in np.ndindex(w.shape):
        dw[k, c, u, v] = np.sum(x[0, c, u : u + rows, v : v + columns] * dy[0, k])
    return dw


def weight_gradient_by_output(x, w, y):
    """F56 as its text says it: k runs over all maps, and the input is multiplied with the output Y."""
    (rows, columns), dw = y.shape[2:], np.zeros_like(w)
    for k, c, u, v in np.ndindex(w.shape):
        dw[k, c, u, v] = np.sum(x[0, c, u : u + rows, v : v + columns] * y[0].sum(axis=0))
    return dw


def weight_gradient_one_delta(x, w, dy, slope):
    """F62 as printed: delta(m, n) without the index of the output map, so one delta for all kernels."""
    delta, dw = (dy * slope)[0].sum(axis=0), np.zeros_like(w)
    rows, columns = delta.shape
    for k, c, u, v in np.ndindex(w.shape):
        dw[k, c, u, v] = np.sum(x[0, c, u : u + rows, v : v + columns] * delta)
    return dw


def plain(x, activation, stride, padding):
    """One image, no activation, stride 1, no padding."""
    return len(x) == 1 and activation is identity and stride_one(stride, padding)


def _claim(item, source, text, verdict, correct, reason, tester, statement, repaired, **conditions):
    return Claim(
        item, source, "gradients of a convolution", "11", text, verdict, correct, reason, tester, statement, repaired, **conditions
    )


CLAIMS = (
    _claim(
        "F53",
        "003",
        r"$\frac{\partial L}{\partial X_{c,i,j}}=\sum_{k,p,q}W_{k,c,p,q}\frac{\partial L}{\partial Y_{k,i+p-1,j+q-1}}$",
        FAILS,
        DX,
        "A cell lies under kernel cell (p, q) when the window stands p-1 rows and q-1 columns before it: the sign has to turn.",
        gradients["dx"],
        input_gradient_plus,
        input_gradient,
    ),
    _claim(
        "F54",
        "003",
        r"$\frac{\partial L}{\partial W_{k,c,p,q}}=\sum_{i,j}X_{c,i+p-1,j+q-1}\frac{\partial L}{\partial Y_{k,i,j}}$",
        UNDER_CONDITIONS,
        DW,
        "Y is behind the activation, so its derivative belongs into the sum; and a batch adds up over its images.",
        gradients["dw"],
        weight_gradient_printed,
        weight_gradient,
        conditions="No activation, one image, stride 1, no padding.",
        condition=plain,
    ),
    _claim(
        "F55",
        "003",
        r"$\frac{\partial L}{\partial b_k}=\sum_{i,j}\frac{\partial L}{\partial Y_{k,i,j}}$",
        UNDER_CONDITIONS,
        DB,
        "As in F54: the activation's derivative is missing, and the sum over the images of a batch.",
        gradients["db"],
        lambda dy: dy[0].sum(axis=(1, 2)),
        lambda dy, slope: (dy * slope).sum(axis=(0, 2, 3)),
        conditions="No activation, one image.",
        condition=lambda x, activation: len(x) == 1 and activation is identity,
    ),
    _claim(
        "F56",
        "003",
        "For the kernel's gradient k runs over all feature maps, and the input is multiplied with the output Y.",
        FAILS,
        DW,
        "Kernel k reaches only map k, so k stays fixed; and the factor is the gradient of the output, not the output.",
        gradients["dw"],
        weight_gradient_by_output,
        weight_gradient,
    ),
    _claim(
        "F61",
        "004",
        r"$\Delta w=\eta\times(\text{input})*(\delta\text{ of the output})$ with $\delta=\partial L/\partial y$; "
        "the input is the template that slides over delta.",
        FAILS,
        r"$\Delta w=-\eta\,(\text{input} \star \delta)$: delta slides over the input",
        "The gradient points uphill; without the minus sign the step makes the loss larger. And delta is what slides: in the other order "
        "the gradient comes out turned round.",
        kernel_step,
        lambda x, w, delta, lr: w + lr * correlate2d(x, delta),
        lambda x, w, delta, lr: w - lr * correlate2d(x, delta),
    ),
    _claim(
        "F62",
        "004",
        r"$\frac{\partial E}{\partial W(c_o,c_i,h,w)}=\sum_{m,n}\delta(m,n)\,I(c_i,m+h,n+w)$",
        FAILS,
        DW,
        "Without its index c_o the delta would give all kernels one and the same gradient; batch sum and stride are missing, too.",
        gradients["dw"],
        weight_gradient_one_delta,
        weight_gradient,
    ),
    _claim(
        "F63",
        "004",
        "The backward pass also needs the gradients by input and bias. (No formula is given.)",
        NO_FORMULA,
        DX + "; that of the bias stands at F55",
        "Without the gradient by the input no layer further down can learn; the missing formula is tested in its place.",
        gradients["dx"],
        Words(),
        input_gradient,
    ),
    _claim(
        "F66",
        "004",
        "A skeleton of `conv_backward(dZ, cache)`, printed on one line, its sums left as `...`, looping over the input's height and width.",
        FAILS,
        "Loop over the places of dZ, read stride and pad, add into dA_prev, dW and db, and take the padding off at the end",
        "It does not parse; laid out it stops at the first `...`; filled in it leaves the array, because dZ is smaller than the input.",
        programs,
        listings.program(listings.SKELETON_PRINTED),
        listings.program(listings.BACKWARD_REPAIRED),
    ),
)
