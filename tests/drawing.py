"""Random geometries and arrays for the table of operations: non-square everything, sizes down to 1, and a note of what each case covers."""

from dataclasses import dataclass, field

import numpy as np

from cnnlib import im2col
from cnnlib.arrays import windows

GEOMETRY_TRAITS = ("remainder", "dilation", "even kernel", "asymmetric")


@dataclass
class Case:
    """The arguments of one call: floating arrays by position, the rest by name, and the traits that sweeps count."""

    arrays: list
    options: dict = field(default_factory=dict)
    traits: set = field(default_factory=set)

    def __str__(self):
        return f"arrays {[array.shape for array in self.arrays]}, options {self.options}"


def distinct(rng, shape):
    """Random values at least 0.1 apart from each other and 0.05 from 0, so that no finite difference crosses a kink."""
    size = int(np.prod(shape))
    return (rng.permutation(size) - size // 2 + 0.5).reshape(shape) / 10


def option(rng, pair):
    """Write a pair of equal numbers as one number, half of the time."""
    return pair[0] if pair[0] == pair[1] and rng.random() < 0.5 else pair


def draw_window(rng, *, names=("valid", "same", "full"), dilated=True, at_most_half=False, ceil=False):
    """Draw kernel, stride, padding, dilation and an input size that leaves a place; returns (image size, options, traits)."""
    kernel, stride = (tuple(int(v) for v in rng.integers(1, high, 2)) for high in (5, 4))
    dilation = tuple(int(v) for v in rng.choice((1, 1, 2, 3), 2)) if dilated else (1, 1)
    span = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    if names and rng.random() < 0.25:
        padding = str(rng.choice(names))
        least = [1 if padding != "valid" else r for r in span]
    else:
        padding = tuple(int(rng.integers(0, (k // 2 if at_most_half else 3) + 1)) for k in kernel)
        least = [max(1, r - 2 * p) for r, p in zip(span, padding, strict=True)]
    size = tuple(int(n + rng.integers(0, 5)) for n in least)
    traits = set()
    pairs = [kernel, stride, dilation] + ([] if isinstance(padding, str) else [padding])
    traits |= {"asymmetric"} if any(a != b for a, b in pairs) else set()
    traits |= {"even kernel"} if any(k % 2 == 0 for k in kernel) else set()
    traits |= {"dilation"} if max(dilation) > 1 else set()
    numbers = (0, 0) if isinstance(padding, str) else padding
    left_over = [(n + 2 * p - r) % s for n, p, r, s in zip(size, numbers, span, stride, strict=True)]
    traits |= {"remainder"} if padding not in ("same", "full") and any(left_over) else set()
    traits |= {padding} if isinstance(padding, str) else set()
    options = dict(kernel_size=option(rng, kernel), stride=option(rng, stride), padding=padding)
    options["padding"] = padding if isinstance(padding, str) else option(rng, padding)
    if dilated:
        options["dilation"] = option(rng, dilation)
    if ceil and rng.random() < 0.5:
        options["ceil_mode"] = True
        traits.add("ceil mode")
    return size, kernel, options, traits


def draw_channels(rng):
    """Groups, channels in each group before and after: (groups, c, f)."""
    groups = int(rng.choice((1, 1, 2, 3)))
    return groups, int(rng.integers(1, 3)), int(rng.integers(1, 3))


def draw_convolution(rng):
    size, kernel, options, traits = draw_window(rng)
    groups, c, f = draw_channels(rng)
    del options["kernel_size"]
    x = rng.normal(size=(int(rng.integers(1, 3)), groups * c, *size))
    arrays = [x, rng.normal(size=(groups * f, c, *kernel))]
    if rng.random() < 0.7:
        arrays.append(rng.normal(size=groups * f))
        traits.add("bias")
    return Case(arrays, options | dict(groups=groups), traits | ({"groups"} if groups > 1 else set()))


def draw_transposed(rng):
    groups, c, f = draw_channels(rng)
    kernel, stride = (tuple(int(v) for v in rng.integers(1, high, 2)) for high in (5, 4))
    dilation = tuple(int(v) for v in rng.choice((1, 1, 2, 3), 2))
    size = tuple(int(n) for n in rng.integers(1, 5, 2))
    extra = tuple(int(rng.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True))
    full = [(n - 1) * s + d * (k - 1) + 1 + e for n, s, d, k, e in zip(size, stride, dilation, kernel, extra, strict=True)]
    padding = tuple(int(rng.integers(0, min(4, (r + 1) // 2))) for r in full)
    traits = {"groups"} if groups > 1 else set()
    traits |= {"asymmetric"} if any(a != b for a, b in (kernel, stride, dilation, padding, extra)) else set()
    traits |= {"even kernel"} if any(k % 2 == 0 for k in kernel) else set()
    traits |= {"dilation"} if max(dilation) > 1 else set()
    traits |= {"output padding"} if max(extra) > 0 else set()
    arrays = [rng.normal(size=(int(rng.integers(1, 3)), groups * c, *size)), rng.normal(size=(groups * c, f, *kernel))]
    if rng.random() < 0.7:
        arrays.append(rng.normal(size=groups * f))
    named = dict(stride=stride, padding=padding, output_padding=extra, dilation=dilation)
    return Case(arrays, {name: option(rng, pair) for name, pair in named.items()} | dict(groups=groups), traits)


def draw_plain(rng):
    size, kernel, options, traits = draw_window(rng)
    del options["kernel_size"]
    return Case([rng.normal(size=size), rng.normal(size=kernel)], options, traits)


def draw_true_convolution(rng):
    kernel = rng.integers(1, 5, 2)
    mode = str(rng.choice(("full", "same", "valid")))
    size = kernel + rng.integers(0, 4, 2) if mode == "valid" else rng.integers(1, 7, 2)
    traits = {mode} | ({"even kernel"} if (kernel % 2 == 0).any() else set())
    return Case([rng.normal(size=size), rng.normal(size=kernel)], dict(mode=mode), traits)


def draw_matrix(rng):
    case = draw_convolution(rng)
    return Case([case.arrays[1]], case.options | dict(input_shape=case.arrays[0].shape[1:]), case.traits)


def draw_max_pool(rng):
    while True:
        size, kernel, options, traits = draw_window(rng, names=("valid", "same"), at_most_half=True, ceil=True)
        if rng.random() < 0.2:
            options["stride"] = None
        both = windows(size, kernel, options["stride"] or kernel, options["padding"], options["dilation"])
        if all(window.inside(i) for window in both for i in range(window.count)):  # windows wholly in the padding have tests of their own
            return Case([distinct(rng, (int(rng.integers(1, 3)), 2, *size))], options, traits)


def draw_avg_pool(rng):
    size, _, options, traits = draw_window(rng, names=("valid", "same"), dilated=False, at_most_half=True, ceil=True)
    if rng.random() < 0.5:
        options["count_include_pad"] = False
        traits.add("padding not counted")
    return Case([rng.normal(size=(int(rng.integers(1, 3)), 2, *size))], options, traits)


def draw_images(rng):
    return Case([rng.normal(size=(int(rng.integers(1, 3)), 2, *rng.integers(1, 7, 2)))])


def draw_adaptive(rng):
    case = draw_images(rng)
    places = tuple(int(v) for v in rng.integers(1, 6, 2))
    size = case.arrays[0].shape[2:]
    traits = {"uneven"} if any(n % m for n, m in zip(size, places, strict=True)) else set()
    return Case(case.arrays, dict(output_size=option(rng, places)), traits | ({"asymmetric"} if places[0] != places[1] else set()))


def draw_im2col(rng):
    size, _, options, traits = draw_window(rng)
    return Case([rng.normal(size=(int(rng.integers(1, 3)), 2, *size))], options, traits)


def draw_col2im(rng):
    case = draw_im2col(rng)
    columns = im2col(case.arrays[0], **case.options)
    return Case([rng.normal(size=columns.shape)], case.options | dict(output_size=case.arrays[0].shape[2:]), case.traits)


def draw_pad(rng):
    mode = str(rng.choice(("zeros", "reflect", "replicate", "circular")))
    padding = tuple(int(p) for p in rng.integers(0, 4, 2))
    least = {"reflect": 1, "circular": 0}.get(mode, -9)
    size = tuple(int(max(1, p + least) + rng.integers(0, 3)) for p in padding)
    traits = {mode} | ({"asymmetric"} if padding[0] != padding[1] else set())
    return Case([rng.normal(size=(int(rng.integers(1, 3)), 2, *size))], dict(padding=option(rng, padding), mode=mode), traits)


def draw_linear(rng):
    n, k, m = (int(v) for v in rng.integers(1, 6, 3))
    arrays = [rng.normal(size=(n, k)), rng.normal(size=(m, k))]
    return Case(arrays + ([rng.normal(size=m)] if rng.random() < 0.7 else []))


def any_shape(rng, least=0):
    return tuple(int(n) for n in rng.integers(1, 5, int(rng.integers(least, 5))))


def draw_any(rng, **choices):
    """An array of any shape, with each option set half of the time to one of its choices."""
    scale = float(rng.choice((0.1, 1, 10)))
    options = {name: values[int(rng.integers(len(values)))] for name, values in choices.items() if rng.random() < 0.5}
    return Case([distinct(rng, any_shape(rng)) * scale], options, {f"{name}={value}" for name, value in options.items()})


def draw_flatten(rng):
    return Case([rng.normal(size=any_shape(rng, least=2))])


def draw_scores(rng):
    shape = any_shape(rng, least=1)
    axis = int(rng.integers(-len(shape), len(shape)))
    return Case([rng.normal(size=shape) * 5], dict(axis=axis), {"not the last axis"} if axis not in (-1, len(shape) - 1) else set())


def draw_classification(rng):
    n, classes = (int(v) for v in rng.integers(1, 6, 2))
    reduction = str(rng.choice(("mean", "sum", "none")))
    smoothing = float(rng.choice((0.0, 0.1, 0.3, 1.0)))
    options = dict(labels=rng.integers(0, classes, n), label_smoothing=smoothing, reduction=reduction)
    return Case([rng.normal(size=(n, classes)) * 3], options, {reduction} | ({"smoothed"} if smoothing else set()))


def draw_mse(rng):
    shape = any_shape(rng)
    return Case([rng.normal(size=shape), rng.normal(size=shape)])


def draw_batch_norm(rng):
    channels = int(rng.integers(1, 4))
    x = rng.normal(size=(int(rng.integers(2, 4)), channels, *rng.integers(1, 5, 2))) * 3 + 2
    options = dict(eps=float(rng.choice((1e-3, 0.1)))) if rng.random() < 0.5 else {}
    return Case([x, rng.normal(size=channels), rng.normal(size=channels)], options)


def draw_dropout(rng):
    shape = any_shape(rng)
    p = float(rng.choice((0.0, 0.1, 0.5, 0.9)))
    return Case([rng.normal(size=shape)], dict(mask=np.asarray(rng.random(shape) >= p), p=p))
