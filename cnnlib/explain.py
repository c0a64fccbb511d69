"""What a net looks at: feature maps, saliency, occlusion, Grad-CAM, and the frequencies that a kernel lets through.

The model is run in evaluation mode, and its mode is restored. Its gradients are afterwards those of the last question asked.
"""

import numpy as np

from cnnlib.arrays import IMAGES, as_array, check_number, pair, to_numpy, windows
from cnnlib.geometry import GeometryError, check_integer
from cnnlib.nn.model import Sequential
from cnnlib.nn.training import modes_kept
from cnnlib.ops.activations import relu

__all__ = ["feature_maps", "frequency_response", "grad_cam", "occlusion_map", "saliency"]


def feature_maps(model, x):
    """Return the output of every layer of a Sequential, in order: what the net makes of the images on the way.

    x: (N, ...). Returns a list of arrays, one per layer. Source: Zeiler and Fergus 2014, arXiv:1311.2901, section 4, looks at these.
    """
    maps = []
    with modes_kept(_sequential(model)):
        model.eval()
        for layer in model:
            x = layer(x)
            maps.append(x)
    return maps


def saliency(model, x, classes=None):
    """How much the score of a class changes with each cell: the largest absolute gradient over the channels.

    s[n, i, j] = max over c of |d score[n] / d x[n, c, i, j]|, where the score is the logit of the class.

    x: (N, C, H, W). classes: N class indices, one for all, or None for the predicted ones. Returns (N, H, W).
    Source: Simonyan, Vedaldi and Zisserman 2014, arXiv:1312.6034, section 3.1.
    """
    x = as_array(x, "x", IMAGES)
    with modes_kept(model):
        logits = model.eval()(x)
        return np.abs(model.backward(_one_hot(logits, classes))).max(axis=1)


def occlusion_map(model, x, classes=None, *, size=2, stride=1, value=0.0):
    """How much the score of a class falls when a patch is covered: large where the net cannot do without.

    m[n, i, j] = score(x[n]) - score(x[n] with `value` in the window at place (i, j)).

    x: (N, C, H, W). classes as in `saliency`, predicted on the uncovered images. size, stride: of the patch, int or (rows, columns).
    Returns (N, H', W'), one entry for each place of the patch. Source: Zeiler and Fergus 2014, arXiv:1311.2901, section 4.2.
    """
    x = as_array(x, "x", IMAGES)
    value, (height, width) = check_number(value, "value"), pair(size, "size", 1, fitting=(1, min(x.shape[2:])))
    if height > x.shape[2] or width > x.shape[3]:
        most = (min(height, x.shape[2]), min(width, x.shape[3]))
        raise GeometryError(f"size={size} has no place on images of {x.shape[2]} x {x.shape[3]} cells. Write size={most}.")
    rows, columns = windows(x.shape[2:], (height, width), stride, 0, 1)
    with modes_kept(model):
        logits = model.eval()(x)
        target = _one_hot(logits, classes)
        score = (logits * target).sum(axis=1)
        drops = np.empty((len(x), rows.count, columns.count), dtype=logits.dtype)
        for i, j in np.ndindex(rows.count, columns.count):
            covered = x.copy()
            covered[:, :, rows.start(i) : rows.start(i) + height, columns.start(j) : columns.start(j) + width] = value
            drops[:, i, j] = score - (model(covered) * target).sum(axis=1)
    return drops


def grad_cam(model, x, layer, classes=None):
    """Where the feature maps of a layer speak for a class: their sum, weighted by the mean gradient of the score, negatives cut off.

    cam[n] = relu(sum over k of a[n, k] A[n, k]) with a[n, k] = mean over i, j of d score[n] / d A[n, k, i, j].

    layer: the number of a layer of the Sequential whose output A is (N, K, H', W'). classes as in `saliency`. Returns (N, H', W').
    Source: Selvaraju et al. 2017, arXiv:1610.02391, eqs. 1 and 2.
    """
    x, number = as_array(x, "x", IMAGES), check_integer(layer, "layer", 0)
    if number >= len(_sequential(model)):
        raise ValueError(f"layer={number} does not exist: the model has the layers 0 to {len(model) - 1}. Write layer={len(model) - 1}.")
    with modes_kept(model):
        model.eval()
        head, tail = model[: number + 1], model[number + 1 :]
        maps = head(x)
        if np.ndim(maps) != 4:
            raise ValueError(f"layer {number}, {model[number]!r}, gives {maps.shape}, no maps (N, K, H, W). Choose an earlier layer.")
        gradient = tail.backward(_one_hot(tail(maps), classes))
    weights = gradient.mean(axis=(2, 3), keepdims=True)
    return relu((weights * maps).sum(axis=1))


def frequency_response(kernel, size=64):
    """How strongly a kernel lets each spatial frequency through: the size of its discrete Fourier transform.

    |H(u, v)| = |sum over p, q of kernel[p, q] exp(-2 pi i (u p + v q))|, for the frequencies u and v in cycles per cell from -1/2 up,
    zero in the middle. Cross-correlation and convolution have the same one, for flipping a real kernel only conjugates H.

    kernel: (kH, kW). size: frequencies along each axis, int or (rows, columns), at least the kernel's. Returns (rows, columns).
    Source: Oppenheim and Schafer, Discrete-Time Signal Processing, 3rd ed. 2010, section 2.6.
    """
    kernel = as_array(kernel, "kernel", "(kH, kW)")
    shape = pair(size, "size", 1, fitting=(max(kernel.shape, default=1), None))
    if any(n < k for n, k in zip(shape, kernel.shape, strict=True)):
        raise ValueError(f"size={size} is smaller than the kernel of shape {kernel.shape}. Write size={max(kernel.shape)}.")
    return np.abs(np.fft.fftshift(np.fft.fft2(kernel, shape)))


def _sequential(model):
    if not isinstance(model, Sequential):
        raise TypeError(f"model={model!r} is not a Sequential, whose layers can be asked one by one. Write Sequential({model!r}).")
    return model


def _one_hot(logits, classes):
    """The gradient of the sum of the chosen scores: 1 at each image's class."""
    n, k = as_array(logits, "the model's output", "(N, K)").shape
    if classes is None:
        chosen = logits.argmax(axis=1)
    else:
        chosen = to_numpy(classes, "classes")
        if chosen.dtype.kind not in "iu":
            raise TypeError(f"classes={classes!r} are not class indices. Write whole numbers from 0 to {k - 1}.")
        if chosen.shape not in ((), (n,)):
            raise ValueError(f"classes have shape {chosen.shape}, and there are {n} images. Give one class, or {n}.")
        if chosen.size and not (chosen.min() >= 0 and chosen.max() < k):
            raise ValueError(f"classes={classes!r} leave the range: the model's {k} classes are numbered 0 to {k - 1}. Number them from 0.")
    target = np.zeros((n, k), dtype=logits.dtype)
    target[np.arange(n), chosen] = 1
    return target
