"""Convolution itself, with its channels: what a layer computes, what it connects, what it shares."""

import numpy as np

from cnnlib.claims import layer_testers as testers
from cnnlib.claims.claim import Claim
from cnnlib.claims.size_testers import places
from cnnlib.claims.tester import HOLDS, UNDER_CONDITIONS
from cnnlib.claims.window_testers import identity, layer, stride_one

LAYER = r"$Y_{k,i,j}=\sigma(b_k+\sum_{c,u,v} X_{c,\,si+u-p,\,sj+v-p}\,W_{k,c,u,v})$"


def _maps(x, w, stride, padding, value):
    """The array of value(k, i, j) over all kernels and places."""
    sizes = [places(n, k, stride, padding, 1) for n, k in zip(x.shape[1:], w.shape[2:], strict=True)]
    return np.array([[[value(k, i, j) for j in range(sizes[1])] for i in range(sizes[0])] for k in range(len(w))])


def whole_layer(x, w, b, activation, stride, padding):
    """The repaired layer: all channels, bias, stride, padding, and the activation last."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    rows, columns = w.shape[2:]
    patch = lambda i, j: x[:, i * stride : i * stride + rows, j * stride : j * stride + columns]
    return activation(_maps(x, w, stride, 0, lambda k, i, j: b[k] + np.sum(patch(i, j) * w[k])))


def linear_pixel(x, w):
    """F17 as printed: a linear combination of the pixels in the kernel's field; no bias, no activation."""
    rows, columns = w.shape[2:]
    return _maps(x, w, 1, 0, lambda k, i, j: np.sum(x[:, i : i + rows, j : j + columns] * w[k]))


def inner_product(x, w, b, activation, stride, padding):
    """F35: at each place the inner product of two vectors, plus a bias, then an activation."""
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    rows, columns = w.shape[2:]
    window = lambda i, j: padded[:, stride * i : stride * i + rows, stride * j : stride * j + columns].ravel()
    return activation(_maps(x, w, stride, padding, lambda k, i, j: window(i, j) @ w[k].ravel() + b[k]))


def counted_from_one(x, w, b, activation):
    """F52 as printed: c, p, q and the places are numbered from 1."""
    cells = [(c + 1, p + 1, q + 1) for c, p, q in np.ndindex(w.shape[1:])]
    term = lambda k, i, j, c, p, q: x[c - 1, i + p - 2, j + q - 2] * w[k, c - 1, p - 1, q - 1]
    return activation(_maps(x, w, 1, 0, lambda k, i, j: b[k] + sum(term(k, i + 1, j + 1, *cell) for cell in cells)))


def one_channel(x, w, b, activation):
    """F59 as printed: one channel, one kernel, counted from 0."""
    cells = list(np.ndindex(w.shape[2:]))
    return activation(_maps(x, w, 1, 0, lambda _, i, j: b[0] + sum(x[0, i + k, j + l] * w[0, 0, k, l] for k, l in cells)))


def many_channels(x, w, b, activation):
    """F60 as printed: the sum over input channels inside the activation."""
    cells = list(np.ndindex(w.shape[1:]))
    return activation(_maps(x, w, 1, 0, lambda o, i, j: b[o] + sum(x[c, i + k, j + l] * w[o, c, k, l] for c, k, l in cells)))


def activated_per_channel(x, w, b, activation):
    """F60 as its text says it: several single-channel results, each with its bias and activation, added up."""
    single = [many_channels(x[c : c + 1], w[:, c : c + 1], b / len(x), activation) for c in range(len(x))]
    return sum(single)


def what_is_saved(channels, maps, n, kernel_size, images, method):
    """The repaired F18: weights, multiply-adds and cells held, each compared with a dense layer's."""
    places_ = places(n, kernel_size, 1, 0, 1) ** 2
    weights, dense = maps * channels * kernel_size**2, maps * places_ * channels * n**2
    copies = images * channels * kernel_size**2 * places_ if method == "im2col" else 0
    return weights < dense, weights * places_ < dense, weights + copies < dense


def _claim(item, source, chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions):
    return Claim(item, source, "convolution itself", chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions)


CLAIMS = (
    _claim(
        "F16",
        "001",
        "04",
        "A convolutional layer is sparsely connected: an output reads only the cells under its kernel.",
        HOLDS,
        r"$k_h k_w C$ connections per output, instead of $HWC$ in a dense layer",
        "Outside the window every entry of the layer's matrix is zero.",
        testers.connections,
        lambda channels, kernel_size: channels * kernel_size**2,
        lambda channels, kernel_size: channels * kernel_size**2,
    ),
    _claim(
        "F17",
        "001",
        "04",
        "A pixel of layer l is a linear combination of the pixels of layer l-1 inside the kernel's receptive field.",
        UNDER_CONDITIONS,
        LAYER + "; before the activation it is affine, and fields of deeper layers grow",
        "A bias makes it affine, an activation makes it nonlinear, and the sum runs over all input channels.",
        layer,
        linear_pixel,
        whole_layer,
        conditions="No bias, no activation, stride 1, no padding, all input channels counted.",
        condition=lambda b, activation, stride, padding: stride_one(stride, padding) and activation is identity and not b.any(),
    ),
    _claim(
        "F18",
        "001",
        "04",
        "Sparse connections mean fewer weights, faster computation and less memory than a dense layer.",
        UNDER_CONDITIONS,
        r"with m places along each axis: weights $FCk^2$ against $FCm^2n^2$ in a dense layer; multiply-adds $FCk^2m^2$ for each image, "
        r"against as many as it has weights; and im2col holds $NCk^2m^2$ copied cells on top",
        "A kernel as large as the image saves nothing; and im2col copies the windows of every image, so a large batch of copies outgrows "
        "even a dense layer's weights.",
        testers.savings,
        lambda: (True, True, True),
        what_is_saved,
        conditions="The kernel is smaller than the image, and the windows are read where they lie, not copied.",
        condition=lambda n, kernel_size, method: kernel_size < n and method == "windows in place",
    ),
    _claim(
        "F19",
        "001",
        "04",
        "All places of a channel share one set of weights; a locally connected layer has a set for each place.",
        HOLDS,
        r"$F(Ck^2+1)$ parameters, whatever the size of the image",
        "Moving the same kernel needs one kernel; the image's size does not enter the count.",
        testers.parameters,
        lambda channels, maps, kernel_size: maps * channels * kernel_size**2 + maps,
        lambda channels, maps, kernel_size: maps * channels * kernel_size**2 + maps,
    ),
    _claim(
        "F20",
        "001",
        "04",
        "A convolution is a dense layer with two infinitely strong priors: zero outside the window, equal weights everywhere.",
        HOLDS,
        "Its matrix is zero outside the windows and constant along shifts (Toeplitz)",
        "Fill a dense layer's matrix by these two rules and the convolution is there.",
        testers.layer_matrix,
        testers.by_priors,
        testers.by_priors,
    ),
    _claim(
        "F35",
        "002",
        "01",
        "A convolutional layer takes inner products of kernel and windows, adds a bias and applies an activation.",
        HOLDS,
        LAYER,
        "At each place the window and the kernel, each read as a vector, have an inner product.",
        layer,
        inner_product,
        inner_product,
    ),
    _claim(
        "F51",
        "003",
        "04",
        "One kernel makes one feature map.",
        HOLDS,
        r"$C_{out}$ kernels of $C_{in}$ slices each make $C_{out}$ maps",
        "The slices of one kernel are summed; only another kernel makes another map.",
        testers.number_of_maps,
        lambda kernels: kernels,
        lambda kernels: kernels,
    ),
    _claim(
        "F52",
        "003",
        "04",
        r"$Y_{k,i,j}=\sigma(\sum_{c,p,q} X_{c,i+p-1,j+q-1}W_{k,c,p,q}+b_k)$",
        UNDER_CONDITIONS,
        LAYER,
        "Counted from 1 it is right; the output's size, stride and padding are not stated.",
        layer,
        counted_from_one,
        whole_layer,
        conditions="One image, stride 1, no padding.",
        condition=stride_one,
    ),
    _claim(
        "F59",
        "004",
        "04",
        r"$Y(i,j)=\sigma(b+\sum_{k=0}^{K-1}\sum_{l=0}^{L-1} X(i+k,j+l)W(k,l))$",
        UNDER_CONDITIONS,
        LAYER,
        "It is the layer for one channel and one kernel.",
        layer,
        one_channel,
        whole_layer,
        conditions="One input channel, one kernel, stride 1, no padding.",
        condition=lambda x, w, stride, padding: stride_one(stride, padding) and len(x) == 1 and len(w) == 1,
    ),
    _claim(
        "F60",
        "004",
        "04",
        r"$Y(c_o,i,j)=\sigma(b_{c_o}+\sum_{c_i,k,l} X(c_i,i+k,j+l)W(c_o,c_i,k,l))$",
        UNDER_CONDITIONS,
        LAYER,
        "The formula is right; its text, which adds up finished single-channel results, would apply the activation once per channel.",
        layer,
        many_channels,
        whole_layer,
        conditions="One image, stride 1, no padding; the activation comes after the sum over channels.",
        condition=stride_one,
    ),
)
