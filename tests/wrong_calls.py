"""Wrong calls: for every public function a good call, and for every argument values that must be refused.

Each row is (function, {argument: wrong value}, exception, words that the message must hold). The numbers among the words are those that the
caller gave. What the message offers as a repair is applied by the test, and the call must then succeed.
"""

import numpy as np

X, W, B = np.ones((2, 4, 6, 5)), np.ones((6, 2, 3, 2)), np.ones(6)
IMAGE, KERNEL, SCORES = np.ones((5, 6)), np.ones((2, 3)), np.ones((3, 4))
POOL = dict(x=X, kernel_size=2, stride=2, padding=0, ceil_mode=False)
CONV = dict(x=X, w=W, stride=1, padding=0, dilation=1, groups=2)
TRANSPOSED = dict(x=X, w=np.ones((4, 3, 3, 2)), stride=2, padding=0, output_padding=0, dilation=1, groups=2)
NORM = dict(x=X, gamma=np.ones(4), beta=np.ones(4), eps=1e-5)
LABELS = np.array([0, 1, 3])


def same(array):
    return 1.0 * array


GOOD = {
    "output_size": dict(n=7, kernel_size=3, stride=2, padding=1, dilation=1, ceil_mode=False),
    "transposed_output_size": dict(n=7, kernel_size=3, stride=2, padding=1, output_padding=1, dilation=1),
    "receptive_field": dict(layers=[(3, 1, 1), (2, 2, 0)]),
    "pad2d": dict(x=X, padding=1, mode="reflect"),
    "pad2d_backward": dict(dy=np.ones((2, 4, 8, 7)), x=X, padding=1, mode="reflect"),
    "conv2d": CONV | dict(b=B),
    "conv2d_loops": CONV | dict(b=B),
    "conv2d_backward": CONV | dict(dy=np.ones((2, 6, 4, 4))),
    "conv_transpose2d": TRANSPOSED | dict(b=np.ones(6)),
    "conv_transpose2d_loops": TRANSPOSED | dict(b=np.ones(6)),
    "conv_transpose2d_backward": TRANSPOSED | dict(dy=np.ones((2, 6, 13, 10))),
    "conv2d_matrix": dict(w=W, input_shape=(4, 6, 5), stride=1, padding=0, dilation=1, groups=2),
    "correlate2d": dict(image=IMAGE, kernel=KERNEL, stride=1, padding=0, dilation=1),
    "convolve2d": dict(image=IMAGE, kernel=KERNEL, mode="valid"),
    "im2col": dict(x=X, kernel_size=2, stride=1, padding=0, dilation=1),
    "col2im": dict(columns=np.ones((2, 16, 20)), output_size=(6, 5), kernel_size=2, stride=1, padding=0, dilation=1),
    "max_pool2d": POOL | dict(dilation=1),
    "max_pool2d_backward": POOL | dict(dilation=1, dy=np.ones((2, 4, 3, 2))),
    "avg_pool2d": POOL | dict(count_include_pad=True),
    "avg_pool2d_backward": POOL | dict(count_include_pad=True, dy=np.ones((2, 4, 3, 2))),
    "adaptive_avg_pool2d": dict(x=X, output_size=2),
    "adaptive_avg_pool2d_backward": dict(dy=np.ones((2, 4, 2, 2)), x=X, output_size=2),
    "global_avg_pool2d": dict(x=X),
    "global_avg_pool2d_backward": dict(dy=np.ones((2, 4)), x=X),
    "linear": dict(x=SCORES, w=np.ones((2, 4)), b=np.ones(2)),
    "linear_backward": dict(dy=np.ones((3, 2)), x=SCORES, w=np.ones((2, 4))),
    "flatten": dict(x=X),
    "flatten_backward": dict(dy=np.ones((2, 120)), x=X),
    "softmax": dict(x=SCORES, axis=1),
    "softmax_backward": dict(dy=SCORES, x=SCORES, axis=1),
    "log_softmax": dict(x=SCORES, axis=1),
    "log_softmax_backward": dict(dy=SCORES, x=SCORES, axis=1),
    "cross_entropy": dict(logits=SCORES, labels=LABELS, label_smoothing=0.1, reduction="mean"),
    "cross_entropy_backward": dict(logits=SCORES, labels=LABELS, label_smoothing=0.1, reduction="mean"),
    "mse": dict(prediction=SCORES, target=SCORES),
    "mse_backward": dict(prediction=SCORES, target=SCORES),
    "batch_norm2d": NORM,
    "batch_norm2d_backward": NORM | dict(dy=X),
    "dropout": dict(x=SCORES, mask=SCORES > 0, p=0.5),
    "dropout_backward": dict(dy=SCORES, x=SCORES, mask=SCORES > 0, p=0.5),
    "check_gradients": dict(f=same, backward=lambda dy, x: dy, arrays=[SCORES], rng=0),
    "dot_product_test": dict(f=same, backward=same, x=SCORES, rng=0),
}
for _name, _options in dict(
    relu={}, silu={}, sigmoid={}, tanh={}, leaky_relu=dict(negative_slope=0.1), elu=dict(alpha=1.0), gelu=dict(approximate="tanh"),
    softplus=dict(beta=1.0, threshold=20.0),
).items():  # fmt: skip
    GOOD[_name] = dict(x=SCORES) | _options
    GOOD[f"{_name}_backward"] = dict(dy=SCORES, x=SCORES) | _options

ARRAYS = {"x", "w", "b", "dy", "image", "kernel", "columns", "logits", "prediction", "target", "gamma"}
IMAGES = {
    "conv2d",
    "conv2d_backward",
    "max_pool2d",
    "avg_pool2d",
    "im2col",
    "pad2d",
    "batch_norm2d",
    "global_avg_pool2d",
    "conv_transpose2d",
}
SIZES = {"kernel_size": 1, "stride": 1, "dilation": 1, "padding": 0, "output_padding": 0, "output_size": 1}
PLAIN = {"n": 1, "groups": 1}
NUMBERS = {"negative_slope", "alpha", "threshold", "eps", "label_smoothing", "p"}


def rows_for_every_argument():
    """What goes for every argument of a kind, written out for each function that has one."""
    for function, good in GOOD.items():
        single = function in ("output_size", "transposed_output_size")
        for name in good:
            if name in ARRAYS or (name == "beta" and "gamma" in good):
                yield from array_rows(function, name)
            elif name in PLAIN or (name in SIZES and single):
                yield from integer_rows(function, name, (SIZES | PLAIN)[name])
            elif name in SIZES:
                yield from pair_rows(function, name, SIZES[name])
            elif name in NUMBERS or name == "beta":
                yield from number_rows(function, name)
            elif isinstance(good[name], bool):
                yield function, {name: "yes"}, TypeError, [f"{name}='yes'", "True", "False"]
                yield function, {name: 1}, TypeError, [f"{name}=1"]
            elif isinstance(good[name], str):
                yield function, {name: "nearest"}, ValueError, [f"{name}='nearest'", "is not one of"]
                yield function, {name: None}, TypeError, [f"{name}=None"]


def array_rows(function, name):
    if name != "b":
        yield function, {name: None}, TypeError, [f"{name}=None"]
    yield function, {name: "numbers"}, TypeError, [f"{name}='numbers'"]
    yield function, {name: [[1.0, 2.0], [3.0]]}, ValueError, [name, "ragged"]
    yield function, {name: GOOD[function][name] + 1j}, TypeError, [name, "complex128", f"{name}.real"]
    yield function, {name: np.full((2, 2), "a")}, TypeError, [name, "<U1"]
    if name == "dy":
        yield function, {name: GOOD[function][name][..., None]}, ValueError, ["dy has shape", str((*GOOD[function][name].shape, 1))]


def integer_rows(function, name, least):
    yield function, {name: least - 1}, ValueError, [f"{name}={least - 1}", f"smallest possible is {least}"]
    yield function, {name: 1.5}, TypeError, [f"{name}", "1.5" if function != "output_size" and name == "groups" else ""]
    yield function, {name: True}, TypeError, [name, "bool"]
    yield function, {name: None}, TypeError, [name]


def pair_rows(function, name, least):
    yield function, {name: least - 1}, ValueError, [f"{name}={least - 1}", f"smallest possible is {least}"]
    yield function, {name: (least, least - 2)}, ValueError, [f"{name}[1]={least - 2}", f"smallest possible is {least}"]
    yield function, {name: 1.5}, TypeError, [f"{name}=1.5", "float", "whole number"]
    yield function, {name: True}, TypeError, [f"{name}=True", "bool"]
    yield function, {name: (1, 1, 1)}, ValueError, [f"{name}=(1, 1, 1)", "3 entries", "(rows, columns)"]
    yield function, {name: [[1, 2], 1]}, TypeError, [f"{name}[0]=[1, 2]", "list"]
    yield function, {name: ([1, 2],)}, ValueError, [f"{name}=([1, 2],)", "1 entry"]
    yield function, {name: ()}, ValueError, [f"{name}=()", "0 entries"]
    if name == "padding":
        yield function, {name: "valide"}, (ValueError, TypeError), ['padding="valide"']
    else:
        yield function, {name: "two"}, TypeError, [f"{name}='two'", "str"]
    if not ("pool" in function and name == "stride"):
        yield function, {name: None}, TypeError, [f"{name}=None"]


def number_rows(function, name):
    yield function, {name: "half"}, TypeError, [f"{name}='half'", "not a real number"]
    yield function, {name: None}, TypeError, [f"{name}=None"]
    yield function, {name: True}, TypeError, [f"{name}=True"]
    yield function, {name: [0.1]}, TypeError, [f"{name}=[0.1]"]
    yield function, {name: 0.5j}, TypeError, [f"{name}=0.5j"]
    yield function, {name: float("nan")}, ValueError, [f"{name}=nan"]
    if name not in ("p", "label_smoothing"):
        yield function, {name: float("inf")}, ValueError, [f"{name}=inf"]
    if name in ("p", "label_smoothing", "eps"):
        yield function, {name: -0.5}, ValueError, [f"{name}=-0.5"]


def image_rows():
    """Images of the wrong rank."""
    for f in sorted(IMAGES):
        yield f, dict(x=X[0]), ValueError, ["x has shape (4, 6, 5)", "3 axes", "(N, C, H, W)", "x[None]"]
        yield f, dict(x=IMAGE), ValueError, ["x has shape (5, 6)", "x[None, None]"]
        yield f, dict(x=np.ones((2, 4, 0, 5))), ValueError, ["x has 0 x 5 cells"]
        yield f, dict(x=np.ones((1, 2, 4, 6, 5))), ValueError, ["x has shape (1, 2, 4, 6, 5)", "5 axes"]


def convolution_rows():
    """Shapes and groups of convolutions."""
    for f in ("conv2d", "conv2d_loops", "conv2d_backward"):
        yield f, dict(groups=3), ValueError, ["groups=3", "in_channels=4", "groups=2"]
        yield f, dict(groups=True), TypeError, ["groups=True", "Write groups=2"]  # w has 2 channels of 4
        yield f, dict(w=np.ones((6, 3, 3, 2))), ValueError, ["x has 4 channels", "(6, 3, 3, 2)", "3*2 = 6", "(6, 2, 3, 2)"]
        yield f, dict(w=np.ones((5, 2, 3, 2))), ValueError, ["groups=2", "out_channels=5", "groups=1"]
        yield f, dict(w=np.ones((6, 2, 3))), ValueError, ["w has shape (6, 2, 3)", "(C_out, C_in / groups, kH, kW)"]
        yield f, dict(w=np.ones((6, 2, 7, 2))), ValueError, ["along the rows", "1*(7-1)+1 = 7", "6+2*0 = 6", "Pad by 1", "to 6"]
        yield f, dict(w=np.ones((6, 2, 0, 2))), ValueError, ["w has shape (6, 2, 0, 2)"]
        yield f, dict(dilation=(1, 5)), ValueError, ["along the columns", "5*(2-1)+1 = 6", "5+2*0 = 5"]
    for f in ("conv2d", "conv2d_loops"):
        yield f, dict(b=np.ones(5)), ValueError, ["b has shape (5,)", "6 output channels", "(6,)"]
        yield f, dict(b=np.ones((6, 1))), ValueError, ["b has shape (6, 1)", "(6,)"]
    for f in ("conv_transpose2d", "conv_transpose2d_loops", "conv_transpose2d_backward"):
        yield f, dict(groups=3), ValueError, ["groups=3", "in_channels=4"]
        yield f, dict(w=np.ones((5, 3, 3, 2))), ValueError, ["x has 4 channels", "(5, 3, 3, 2)", "(4, 3, 3, 2)"]
        yield f, dict(w=np.ones((4, 3, 3))), ValueError, ["w has shape (4, 3, 3)", "(C_in, C_out / groups, kH, kW)"]
        yield f, dict(w=np.ones((4, 0, 3, 2))), ValueError, ["w has shape (4, 0, 3, 2)"]
        yield f, dict(output_padding=2), ValueError, ["output_padding=2", "stride (2)", "output_padding=1"]
        yield f, dict(padding=9), ValueError, ["along the columns", "(5-1)*2 + 2", "2*9", "Pad by 4"]
        yield f, dict(padding="same"), TypeError, ['padding="same"', "number"]
    yield "conv_transpose2d", dict(b=np.ones(3)), ValueError, ["b has shape (3,)", "6 output channels"]


def plain_rows():
    """The plain helpers, the matrix and im2col."""
    yield "conv2d_matrix", dict(input_shape=(4, 6)), ValueError, ["input_shape=(4, 6)", "(C, H, W)"]
    yield "conv2d_matrix", dict(input_shape=5), ValueError, ["input_shape=5"]
    yield "conv2d_matrix", dict(input_shape=(4, 0, 5)), ValueError, ["input_shape[1]=0"]
    yield "conv2d_matrix", dict(input_shape=(3, 6, 5)), ValueError, ["groups=2", "in_channels=3"]
    yield "correlate2d", dict(image=X), ValueError, ["image has shape (2, 4, 6, 5)", "(H, W)"]
    yield "correlate2d", dict(kernel=np.ones(3)), ValueError, ["kernel has shape (3,)", "1 axis", "(kH, kW)"]
    yield "correlate2d", dict(kernel=np.ones((6, 3))), ValueError, ["along the rows", "6", "5+2*0 = 5"]
    yield "correlate2d", dict(kernel=np.ones((0, 3))), ValueError, ["kernel has 0 x 3 cells"]
    yield "correlate2d", dict(image=np.ones((4, 0))), ValueError, ["image has 4 x 0 cells"]
    yield "convolve2d", dict(image=np.ones(3)), ValueError, ["image has shape (3,)"]
    yield "convolve2d", dict(kernel=X), ValueError, ["kernel has shape (2, 4, 6, 5)"]
    yield "convolve2d", dict(kernel=np.ones((9, 9))), ValueError, ["along the rows", "9"]
    yield "im2col", dict(kernel_size=(2, 6)), ValueError, ["along the columns", "1*(6-1)+1 = 6", "5+2*0 = 5"]
    yield "col2im", dict(columns=np.ones((2, 15, 20))), ValueError, ["columns have shape (2, 15, 20)", "6 x 5 cells", "5*4 = 20"]
    yield "col2im", dict(columns=np.ones((2, 16, 19))), ValueError, ["(2, 16, 19)", "5*4 = 20"]
    yield "col2im", dict(columns=np.ones((16, 20))), ValueError, ["columns has shape (16, 20)"]
    yield "col2im", dict(output_size=(1, 1)), ValueError, ["no place"]


def window_rows():
    """Pooling and padding."""
    for f in ("max_pool2d", "max_pool2d_backward", "avg_pool2d", "avg_pool2d_backward"):
        yield f, dict(padding=2), ValueError, ["padding=2", "more than half", "kernel_size=2", "padding=(1, 1)"]
        yield f, dict(padding=(0, 2)), ValueError, ["padding=(0, 2)", "padding=(0, 1)"]
        yield f, dict(padding="full"), ValueError, ['padding="full"', '"valid"', '"same"']
        yield f, dict(kernel_size=8), ValueError, ["along the columns", "1*(8-1)+1 = 8", "5+2*0 = 5", "Pad by 2", "to 5"]
    yield "max_pool2d", dict(dilation=7), ValueError, ["7*(2-1)+1 = 8", "Shrink the kernel to 1"]
    for f in ("pad2d", "pad2d_backward"):
        yield f, dict(padding=(1, 5)), ValueError, ["padding=(1, 5)", 'mode="reflect"', "5 cells allows 4", "padding=(1, 4)"]
        yield f, dict(padding=(7, 1), mode="circular"), ValueError, ["padding=(7, 1)", 'mode="circular"', "6 cells allows 6"]
        yield f, dict(padding="same"), TypeError, ['padding="same"', "number of cells"]
    yield "adaptive_avg_pool2d", dict(x=X[0]), ValueError, ["x has shape (4, 6, 5)"]


def dense_rows():
    """Linear, flatten, softmax."""
    yield "linear", dict(x=np.ones(4)), ValueError, ["x has shape (4,)", "(N, in_features)"]
    yield "linear", dict(x=X), ValueError, ["x has shape (2, 4, 6, 5)", "4 axes"]
    yield "linear", dict(w=np.ones((4, 2))), ValueError, ["x has 4 features", "(4, 2)", "(4, 4)"]
    yield "linear", dict(w=np.ones(4)), ValueError, ["w has shape (4,)", "(out_features, in_features)"]
    yield "linear", dict(b=np.ones(3)), ValueError, ["b has shape (3,)", "2 outputs", "(2,)"]
    yield "linear_backward", dict(w=np.ones((2, 3))), ValueError, ["x has 4 features", "(2, 3)"]
    yield "flatten", dict(x=np.ones(3)), ValueError, ["x has shape (3,)", "batch axis"]
    yield "flatten_backward", dict(x=np.array(1.0)), ValueError, ["x has shape ()"]
    for f in ("softmax", "softmax_backward", "log_softmax", "log_softmax_backward"):
        yield f, dict(axis=2), ValueError, ["axis=2", "(3, 4)"]
        yield f, dict(axis=-3), ValueError, ["axis=-3", "-2"]
        yield f, dict(axis=0.5), TypeError, ["axis=0.5"]
        yield f, dict(axis=None), TypeError, ["axis=None"]
    yield "softmax", dict(x=3.0), ValueError, ["x=3.0", "single number"]


def loss_rows():
    """Losses and labels."""
    for f in ("cross_entropy", "cross_entropy_backward"):
        yield f, dict(labels=np.array([0, 1, 4])), ValueError, ["labels contain 4", "4 classes", "0 to 3"]
        yield f, dict(labels=np.array([0, -1, 2])), ValueError, ["labels contain -1", "0 to 3"]
        yield f, dict(labels=np.array([0.0, 1.0, 2.0])), TypeError, ["labels", "float64", "astype(int)"]
        yield f, dict(labels=np.array([True, False, True])), TypeError, ["labels", "bool"]
        yield f, dict(labels=np.eye(4, dtype=int)[LABELS]), ValueError, ["labels have shape (3, 4)", "(3,)"]
        yield f, dict(labels=LABELS[:2]), ValueError, ["labels have shape (2,)", "3 rows"]
        yield f, dict(labels=None), TypeError, ["labels=None"]
        yield f, dict(labels="cat"), TypeError, ["labels='cat'"]
        yield f, dict(labels=[[1], [2, 3]]), ValueError, ["labels", "ragged"]
        yield f, dict(logits=np.ones(4)), ValueError, ["logits has shape (4,)", "(N, K)"]
        yield f, dict(logits=np.ones((3, 0))), ValueError, ["logits have shape (3, 0)", "no class"]
        yield f, dict(logits=np.ones((0, 4)), labels=np.zeros(0, int)), ValueError, ["0 rows", "mean over nothing"]
        yield f, dict(label_smoothing=1.5), ValueError, ["label_smoothing=1.5"]
    for f in ("mse", "mse_backward"):
        yield f, dict(target=np.ones((3, 1))), ValueError, ["(3, 4)", "(3, 1)", "target"]
        yield f, dict(prediction=np.ones((0, 2)), target=np.ones((0, 2))), ValueError, ["prediction has shape (0, 2)", "mean over nothing"]


def norm_rows():
    """Batch normalisation, dropout, softplus."""
    for f in ("batch_norm2d", "batch_norm2d_backward"):
        yield f, dict(gamma=np.ones(3)), ValueError, ["gamma has shape (3,)", "4 channels", "(4,)"]
        yield f, dict(beta=np.ones((4, 1))), ValueError, ["beta has shape (4, 1)", "(4,)"]
        yield f, dict(x=np.ones((1, 4, 1, 1))), ValueError, ["(1, 4, 1, 1)", "one value in each channel"]
        yield f, dict(eps=0), ValueError, ["eps=0", "above 0"]
    for f in ("dropout", "dropout_backward"):
        yield f, dict(p=1), ValueError, ["p=1", "[0, 1)"]
        yield f, dict(p=1.5), ValueError, ["p=1.5"]
        yield f, dict(mask=np.ones((3, 4))), TypeError, ["mask", "float64", "astype(bool)"]
        yield f, dict(mask=np.ones(4, bool)), ValueError, ["mask has shape (4,)", "(3, 4)"]
        yield f, dict(mask=None), TypeError, ["mask=None"]
        yield f, dict(mask=[[True], [True, False]]), ValueError, ["mask", "ragged"]
    for f in ("softplus", "softplus_backward"):
        yield f, dict(beta=0), ValueError, ["beta=0", "divide by zero"]


def geometry_rows():
    """Sizes and receptive fields."""
    yield "output_size", dict(n=2, kernel_size=5, padding=0), ValueError, ["1*(5-1)+1 = 5", "2+2*0 = 2", "Pad by 2", "to 2"]
    yield "output_size", dict(padding="some"), ValueError, ['padding="some"', '"valid"', '"same"', '"full"']
    yield "output_size", dict(n=np.array([5.0, 6.0])), TypeError, ["n holds float64", "n.astype(int)"]
    yield "output_size", dict(n=np.array([5, 0])), ValueError, ["n=0"]
    yield "output_size", dict(n=np.array([5, 6, 7]), stride=np.array([1, 2])), ValueError, ["n (3,)", "stride (2,)"]
    yield "transposed_output_size", dict(n=np.array([5, 6, 7]), stride=np.array([1, 2]), output_padding=0), ValueError, ["(3,)", "(2,)"]
    yield "transposed_output_size", dict(output_padding=2), ValueError, ["output_padding=2", "stride (2)"]
    yield "transposed_output_size", dict(n=1, padding=3, output_padding=0), ValueError, ["nothing is left", "2*3", "Pad by"]
    yield "output_size", dict(n=[[1], [2, 3]]), ValueError, ["n", "ragged"]
    yield "transposed_output_size", dict(stride=[[1], [2, 3]]), ValueError, ["stride", "ragged"]
    yield "receptive_field", dict(layers=3), TypeError, ["layers=3"]
    yield "receptive_field", dict(layers=None), TypeError, ["layers=None"]
    yield "receptive_field", dict(layers=[3]), TypeError, ["layers[0]=3", "(3, 1, 1)"]
    yield "receptive_field", dict(layers=[(3, 1)]), TypeError, ["layers[0]=(3, 1)"]
    yield "receptive_field", dict(layers=[(3, 1, 1), (0, 1, 0)]), ValueError, ["kernel_size=0"]
    yield "receptive_field", dict(layers=[(3, 1.5, 1)]), TypeError, ["stride=1.5"]
    yield "receptive_field", dict(layers=[(3, 1, -1)]), ValueError, ["padding=-1"]
    yield "receptive_field", dict(layers=[(3, 2, "same")]), ValueError, ['padding="same"', "stride 2"]


def gradcheck_rows():
    """The gradient checkers."""
    for f in ("check_gradients", "dot_product_test"):
        yield f, dict(f=3), TypeError, ["f=3", "call"]
        yield f, dict(backward=None), TypeError, ["backward=None", "call"]
        yield f, dict(rng="seed"), TypeError, ["rng='seed'"]
        yield f, dict(rng=-1), ValueError, ["rng=-1"]
        yield f, dict(rng=0.5), TypeError, ["rng=0.5"]
    yield "check_gradients", dict(arrays=3), TypeError, ["arrays=3"]
    yield "check_gradients", dict(arrays=None), TypeError, ["arrays=None"]
    yield "check_gradients", dict(arrays=[None]), TypeError, ["arrays[0]=None"]
    yield "check_gradients", dict(arrays=[SCORES * 1j]), TypeError, ["arrays[0]", "complex"]
    yield "check_gradients", dict(backward=lambda dy, x: dy[0]), ValueError, ["shape (4,)", "(3, 4)"]
    yield "dot_product_test", dict(backward=lambda dy: dy[0]), ValueError, ["shape (4,)", "(3, 4)"]


PARTICULAR = (image_rows, convolution_rows, plain_rows, window_rows, dense_rows, loss_rows, norm_rows, geometry_rows, gradcheck_rows)
TABLE = [*rows_for_every_argument(), *(row for rows in PARTICULAR for row in rows())]
