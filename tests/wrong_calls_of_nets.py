"""Wrong calls of everything that is no operation: layers, optimizers, schedules, training, explanations and data.

Built as `wrong_calls`: a good call for every public name, and rows (name, {argument: wrong value}, exception, words of the message).
"""

import tempfile
from pathlib import Path

import numpy as np
from idx_files import small_set
from wrong_calls import SIZES, integer_rows, number_rows, pair_rows

from cnnlib import SGD, Conv2d, Dropout, Flatten, Linear, ReLU, Sequential, relu

X, LABELS = np.random.default_rng(0).random((4, 1, 6, 5)), np.array([0, 1, 2, 1])
NET = Sequential(Conv2d(1, 2, 3, rng=0), ReLU(), Flatten(), Dropout(0.5, rng=0), Linear(24, 3, rng=0))
FIT = dict(
    model=NET, x=X, labels=LABELS, epochs=1, batch_size=2, optimizer=SGD(0.1), schedule=None, augment=None, validation_data=None,
    callbacks=(), rng=0, progress=False,
)  # fmt: skip
CONV = dict(in_channels=4, out_channels=6, kernel_size=3, stride=2, padding=1, dilation=1, groups=2, bias=True, rng=0)
POOL = dict(kernel_size=2, stride=2, padding=1, ceil_mode=False)
RULE = dict(lr=0.1, eps=1e-8, weight_decay=0.1)
SETTLED = tempfile.TemporaryDirectory()  # small IDX files for the loaders; gone when the tests end
small_set(Path(SETTLED.name), zipped=False)
IDX = dict(root=SETTLED.name, download=False, verify=False)

GOOD = {
    "Conv2d": CONV,
    "ConvTranspose2d": CONV | dict(output_padding=0),
    "MaxPool2d": POOL | dict(dilation=1),
    "AvgPool2d": POOL | dict(count_include_pad=True),
    "AdaptiveAvgPool2d": dict(output_size=2),
    "Linear": dict(in_features=3, out_features=2, bias=True, rng=0),
    "BatchNorm2d": dict(num_features=3, eps=1e-5, momentum=0.1),
    "Dropout": dict(p=0.5, rng=0),
    "LeakyReLU": dict(negative_slope=0.1),
    "ELU": dict(alpha=1.0),
    "GELU": dict(approximate="tanh"),
    "Softplus": dict(beta=1.0, threshold=20.0),
    "Sequential": dict(layers=[ReLU(), Flatten()]),
    "Residual": dict(layers=[ReLU()]),
    "SGD": dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1, dampening=0.0),
    "Adagrad": RULE | dict(lr_decay=0.1, initial_accumulator_value=0.1),
    "Adadelta": RULE | dict(rho=0.9),
    "RMSprop": RULE | dict(alpha=0.9, momentum=0.9, centered=True),
    "Adam": RULE | dict(betas=(0.9, 0.999), amsgrad=True),
    "AdamW": RULE | dict(betas=(0.9, 0.999), amsgrad=True),
    "step": dict(lr=0.1, step_size=2, gamma=0.5),
    "cosine": dict(lr=0.1, T_max=5, eta_min=0.01),
    "inverse_time": dict(lr=0.1, decay=0.5),
    "fit": FIT,
    "fit_steps": FIT,
    "predict": dict(model=NET, x=X),
    "evaluate": dict(model=NET, x=X, labels=LABELS),
    "confusion_matrix": dict(labels=LABELS, predictions=LABELS, classes=3),
    "feature_maps": dict(model=NET, x=X),
    "saliency": dict(model=NET, x=X, classes=LABELS),
    "occlusion_map": dict(model=NET, x=X, classes=LABELS, size=2, stride=1, value=0.0),
    "grad_cam": dict(model=NET, x=X, layer=1, classes=LABELS),
    "frequency_response": dict(kernel=[[2.0]], size=8),
    "load_digits": dict(split="random"),
    "load_mnist": IDX,
    "load_fashion_mnist": IDX,
    "read_idx": dict(path=f"{SETTLED.name}/train-images-idx3-ubyte"),
    "sample_image": {},
    "ReLU": {}, "SiLU": {}, "Sigmoid": {}, "Tanh": {}, "Flatten": {}, "GlobalAvgPool2d": {}, "Layer": {},
}  # fmt: skip

COUNTS = (
    "in_channels", "out_channels", "in_features", "out_features", "num_features", "groups", "step_size", "T_max", "epochs", "batch_size",
)  # fmt: skip
SHARES = ("p", "momentum", "rho", "alpha")
NUMBERS = (
    "lr", "eps", "weight_decay", "lr_decay", "initial_accumulator_value", "dampening", "gamma", "eta_min", "decay", "negative_slope",
    "beta", "threshold", "value", *SHARES,
)  # fmt: skip
FINITE = ("dampening", "gamma", "negative_slope", "beta", "threshold", "value")  # any finite number will do


def rows_for_every_argument():
    """What goes for every argument of a kind, written out for each function that has one."""
    for name, good in GOOD.items():
        for argument, value in good.items():
            if argument in COUNTS:
                yield from integer_rows(name, argument, 1)
            elif argument in SIZES or argument == "size":
                yield from size_rows(name, argument)
            elif argument in NUMBERS:
                yield from rate_rows(name, argument)
            elif isinstance(value, bool):
                yield name, {argument: "yes"}, TypeError, [f"{argument}='yes'", "True", "False"]
                yield name, {argument: 1}, TypeError, [f"{argument}=1"]
                yield name, {argument: None}, TypeError, [f"{argument}=None"]
            elif argument == "rng":
                yield name, dict(rng="seed"), TypeError, ["rng='seed'"]
                yield name, dict(rng=-1), ValueError, ["rng=-1"]
                yield name, dict(rng=0.5), TypeError, ["rng=0.5"]
                yield name, dict(rng=True), TypeError, ["rng=True"]
            elif argument == "model":
                yield from model_rows(name)
            elif argument == "x":
                yield from batch_rows(name)
            elif argument == "labels":
                yield from label_rows(name, argument)


def size_rows(name, argument):
    for row in pair_rows(name, argument, SIZES.get(argument, 1)):
        # Two layers say "padding" otherwise, or take words for it.
        if not (name == "ConvTranspose2d" and row[1][argument] == "valide") and not ("Pool" in name and row[1][argument] is None):
            yield row
    yield name, {argument: 10**30}, ValueError, [f"{argument}=1000", "larger than any image"]


def rate_rows(name, argument):
    for row in number_rows(name, argument):
        value = row[1][argument]
        if value != -0.5:
            yield row
    if argument not in FINITE and not (name == "ELU" and argument == "alpha"):
        yield name, {argument: -0.5}, ValueError, [f"{argument}=-0.5"]
    if argument in SHARES and name not in ("ELU", "SGD", "RMSprop"):
        yield name, {argument: 1}, ValueError, [f"{argument}=1"]


def model_rows(name):
    yield name, dict(model=None), TypeError, ["model=None"]
    yield name, dict(model="net"), TypeError, ["model='net'"]
    yield name, dict(model=relu), TypeError, ["model=<function relu"]
    yield name, dict(model=[ReLU()]), TypeError, ["model=[ReLU()]"]
    yield name, dict(model=Sequential), TypeError, ["model", "Sequential"]


def batch_rows(name):
    yield name, dict(x=None), TypeError, ["x=None"]
    yield name, dict(x="images"), TypeError, ["x='images'"]
    yield name, dict(x=[[1.0, 2.0], [3.0]]), ValueError, ["x", "ragged"]
    yield name, dict(x=X + 1j), TypeError, ["x is complex (complex128)"]
    yield name, dict(x=1.5), ValueError, ["x has shape ()"]
    yield name, dict(x=X[0]), ValueError, ["x has 1 example" if "labels" in GOOD[name] else "x has shape (1, 6, 5)"]
    yield name, dict(x=np.ones((4, 2, 6, 5))), ValueError, ["x has 2 channels"]


def label_rows(name, argument):
    yield name, {argument: None}, TypeError, [f"{argument}=None"]
    yield name, {argument: "cat"}, TypeError, [f"{argument}='cat'"]
    yield name, {argument: LABELS / 1}, TypeError, [f"{argument} hold float64"]
    yield name, {argument: LABELS > 0}, TypeError, [f"{argument} hold bool"]
    yield name, {argument: [[0], [1, 2]]}, ValueError, [argument, "ragged"]
    yield name, {argument: {0, 1}}, TypeError, [f"{argument}={{0, 1}}", "NumPy array"]
    yield name, {argument: LABELS - 1}, ValueError, [f"{argument} contain -1"]
    yield name, {argument: LABELS + 7}, ValueError, [f"{argument} contain"]
    if name != "confusion_matrix":
        yield name, {argument: LABELS[:2]}, ValueError, [f"{argument} have shape (2,)", "4 examples"]
        yield name, {argument: LABELS[:, None]}, ValueError, [f"{argument} have shape (4, 1)"]


def layer_rows():
    """Layers and nets."""
    for name in ("Conv2d", "ConvTranspose2d"):
        yield name, dict(groups=3), ValueError, ["groups=3", "in_channels=4", "groups=2"]
        yield name, dict(out_channels=5), ValueError, ["groups=2", "out_channels=5"]
    yield "ConvTranspose2d", dict(output_padding=2), ValueError, ["output_padding=2", "stride (2)"]
    yield "ConvTranspose2d", dict(output_padding=1.5, stride=1), TypeError, ["output_padding=1.5", "Write output_padding=0"]
    yield "ConvTranspose2d", dict(padding="same"), TypeError, ['padding="same"', "number"]
    for name in ("MaxPool2d", "AvgPool2d"):
        yield name, dict(padding=2), ValueError, ["padding=2", "kernel_size=2", "padding=(1, 1)"]
        yield name, dict(padding=7.5), TypeError, ["padding=7.5", "Write padding=1"]
        yield name, dict(padding="full"), ValueError, ['padding="full"']
    yield "Softplus", dict(beta=0), ValueError, ["beta=0"]
    yield "BatchNorm2d", dict(eps=0), ValueError, ["eps=0"]
    yield "GELU", dict(approximate="erf"), ValueError, ["approximate='erf'"]
    yield "GELU", dict(approximate=None), TypeError, ["approximate=None"]
    for name in ("Sequential", "Residual"):
        yield name, dict(layers=[ReLU]), TypeError, ["layers[0]", "class ReLU", "ReLU(...)"]
        yield name, dict(layers=[relu]), TypeError, ["layers[0]=<function relu"]
        yield name, dict(layers=[[ReLU()]]), TypeError, ["layers[0]=[ReLU()]"]
        yield name, dict(layers=[None]), TypeError, ["layers[0]=None"]


def optimizer_rows():
    """Options that only one optimizer has."""
    yield "SGD", dict(momentum=0), ValueError, ["momentum=0", "nesterov=True"]
    yield "SGD", dict(dampening=0.3), ValueError, ["dampening=0.3", "nesterov=True"]
    for name in ("Adam", "AdamW"):
        yield name, dict(betas=0.9), ValueError, ["betas=0.9"]
        yield name, dict(betas=(0.9,)), ValueError, ["betas=(0.9,)"]
        yield name, dict(betas=(0.9, 1.0)), ValueError, ["betas[1]=1.0"]
        yield name, dict(betas=("a", 0.9)), TypeError, ["betas[0]='a'"]


def training_rows():
    """Training and judging."""
    for name in ("fit", "fit_steps"):
        yield name, dict(x=X[:0], labels=LABELS[:0]), ValueError, ["x has shape (0, 1, 6, 5)"]
        for argument in ("schedule", "augment"):
            yield name, {argument: 0.1}, TypeError, [f"{argument}=0.1"]
            yield name, {argument: "shift"}, TypeError, [f"{argument}='shift'"]
        yield name, dict(schedule=lambda epoch: None), TypeError, ["schedule returned None for epoch 0"]
        yield name, dict(schedule=lambda epoch: -0.5), ValueError, ["schedule returned -0.5 for epoch 0"]
        yield name, dict(augment=lambda batch, rng: None), ValueError, ["augment returned None", "(2, 1, 6, 5)"]
        yield name, dict(augment=lambda batch, rng: batch[:1]), ValueError, ["augment returned", "(1, 1, 6, 5)", "(2, 1, 6, 5)"]
        yield name, dict(optimizer=None), TypeError, ["optimizer=None"]
        yield name, dict(optimizer=SGD), TypeError, ["optimizer", "SGD"]
        yield name, dict(callbacks=None), TypeError, ["callbacks=None"]
        yield name, dict(callbacks=len), TypeError, ["callbacks=<built-in function len>", "list"]
        yield name, dict(callbacks=[len, 3]), TypeError, ["callbacks[1]=3"]
        yield name, dict(validation_data=X), TypeError, ["validation_data", "(x, labels)"]
        yield name, dict(validation_data=(X,)), TypeError, ["validation_data", "(x, labels)"]
        yield name, dict(validation_data=(X, LABELS[:2])), ValueError, ["validation_data[1] have shape (2,)", "validation_data[0]"]
        yield name, dict(validation_data=(None, LABELS)), TypeError, ["validation_data[0]=None"]
    yield "evaluate", dict(x=X[:0], labels=LABELS[:0]), ValueError, ["x has shape (0, 1, 6, 5)"]
    yield from label_rows("confusion_matrix", "predictions")
    yield "confusion_matrix", dict(predictions=LABELS[:2]), ValueError, ["predictions have shape (2,)", "labels have shape (4,)"]
    yield "confusion_matrix", dict(predictions=np.ones((4, 3))), TypeError, ["predictions hold float64"]
    for wrong, error in ((0, ValueError), (-3, ValueError), (2.5, TypeError), (True, TypeError), ("three", TypeError)):
        yield "confusion_matrix", dict(classes=wrong), error, [f"classes={wrong!r}", "Write classes=3"]
    yield "confusion_matrix", dict(classes=2), ValueError, ["labels contain 2", "2 classes"]


def explaining_rows():
    """Looking into a net."""
    for name in ("saliency", "occlusion_map", "grad_cam"):
        yield name, dict(classes="cat"), TypeError, ["classes='cat'"]
        yield name, dict(classes=1.5), TypeError, ["classes=1.5"]
        yield name, dict(classes=3), ValueError, ["classes=3", "3 classes", "0 to 2"]
        yield name, dict(classes=[0, 1]), ValueError, ["classes have shape (2,)", "4 images"]
        yield name, dict(classes=[[0], [1, 2]]), ValueError, ["classes", "ragged"]
    for name in ("feature_maps", "grad_cam"):
        yield name, dict(model=ReLU()), TypeError, ["model=ReLU()", "Sequential"]
    yield "grad_cam", dict(layer=9), ValueError, ["layer=9", "0 to 4"]
    yield "grad_cam", dict(layer=-1), ValueError, ["layer=-1"]
    yield "grad_cam", dict(layer="last"), TypeError, ["layer='last'"]
    yield "grad_cam", dict(layer=2), ValueError, ["layer 2", "(4, 24)"]
    yield "occlusion_map", dict(size=(7, 2)), ValueError, ["size=(7, 2)", "6 x 5 cells", "size=(6, 2)"]
    yield "frequency_response", dict(kernel=None), TypeError, ["kernel=None"]
    yield "frequency_response", dict(kernel=np.ones(3)), ValueError, ["kernel has shape (3,)"]
    yield "frequency_response", dict(kernel=np.ones((2, 3)), size=2), ValueError, ["size=2", "(2, 3)", "size=3"]
    yield "frequency_response", dict(kernel=np.ones((2, 3)), size="two"), TypeError, ["size='two'", "Write size=3"]


def data_rows():
    """Files."""
    yield "load_digits", dict(split="half"), ValueError, ["split='half'"]
    yield "load_digits", dict(split=None), TypeError, ["split=None"]
    for name in ("load_mnist", "load_fashion_mnist"):
        yield name, dict(root=3), TypeError, ["root=3"]
        yield name, dict(root=""), ValueError, ["root=''"]
        yield name, dict(root=f"{SETTLED.name}/none"), FileNotFoundError, [f"{SETTLED.name}/none", "train-images-idx3-ubyte"]
    yield "read_idx", dict(path=None), TypeError, ["path=None"]
    yield "read_idx", dict(path=b"bytes"), TypeError, ["path=b'bytes'"]
    yield "read_idx", dict(path=SETTLED.name), FileNotFoundError, [f"path='{SETTLED.name}'"]
    yield "read_idx", dict(path=f"{SETTLED.name}/none"), FileNotFoundError, [f"path='{SETTLED.name}/none'"]


TABLE = [
    *rows_for_every_argument(), *layer_rows(), *optimizer_rows(), *training_rows(), *explaining_rows(), *data_rows()
]  # fmt: skip
