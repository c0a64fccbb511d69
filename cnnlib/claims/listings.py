"""Programs as texts: the faults of circulating listings in short versions of our own, and what they should have been.

`program(source)` makes a function that parses and runs the text when it is called, so that a text which does not parse or stops halfway
is a statement like any other: its error is what it gives.
"""

import ast

import numpy as np

import cnnlib


def program(source):
    """A function (dZ, A_prev, W, b, stride, pad) that runs the text and calls the `conv_backward` in it."""
    return lambda dZ, A_prev, W, b, stride, pad: run(source)["conv_backward"](dZ, (A_prev, W, b, {"stride": stride, "pad": pad}))


def network(source):
    """A function (images) that runs the text and calls the `shapes` in it."""
    return lambda images: run(source)["shapes"](images)


def run(source):
    """Parse and run a text; returns the names that it defines."""
    space = {"np": np, "cnnlib": cnnlib}
    exec(compile(ast.parse(source), "listing", "exec"), space)
    return space


def faults(source):
    """List what a reader of a program can see statement by statement: (line number, fault).

    A line may not parse; it may be a bare parenthesis, which calls nothing; it may use a name of 2016 that today's Keras refuses.
    A text that parses as a whole is read as such, any other one line by line.
    """
    found = []
    for number, text in _statements(source):
        lost = text.startswith("(")
        try:
            statements = ast.parse("lost" + text if lost else text)
        except SyntaxError:
            found.append((number, "does not parse"))
            continue
        if lost:
            found.append((number, "a parenthesis whose call has lost its name"))
        words = {word for node in ast.walk(statements) for word in (getattr(node, "id", None), getattr(node, "arg", None))}
        found += [(number, f"{word} is gone from today's Keras") for word in sorted(words & GONE)]
    return found


def _statements(source):
    try:
        return [(node.lineno, ast.get_source_segment(source, node)) for node in ast.parse(source).body]
    except SyntaxError:
        return [(number, line.strip()) for number, line in enumerate(source.splitlines(), 1)]


# Names and arguments of Keras 1 that later versions dropped. (Convolution2D has stayed, as a name of Conv2D with other arguments.)
GONE = {"border_mode", "nb_epoch", "init", "show_accuracy", "class_mode", "np_utils"}

# F28, with the losses that it has in print: a module's name, and the names of most calls.
NETWORK_PRINTED = """
(1024)
from import Dense, Dropout, Activation, Flatten
from import Convolution2D, MaxPooling2D
model = Sequential()
(Convolution2D(4, 5, 5, border_mode="valid", input_shape=(1, 28, 28)))
(Activation("tanh"))
(Convolution2D(8, 3, 3, border_mode="valid"))
(Activation("tanh"))
(MaxPooling2D(pool_size=(2, 2)))
(Convolution2D(16, 3, 3, border_mode="valid"))
(Activation("relu"))
(MaxPooling2D(pool_size=(2, 2)))
(Flatten())
(Dense(128, init="normal"))
(Activation("tanh"))
(Dense(10, init="normal"))
(Activation("softmax"))
(data, label, batch_size=100, nb_epoch=10, shuffle=True, show_accuracy=True)
"""

# The same network with this book's layers: it runs, and `shapes` says what each layer gives.
NETWORK_REPAIRED = """
from cnnlib import Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential, Tanh

rng = np.random.default_rng(1024)
model = Sequential(
    Conv2d(1, 4, 5, rng=rng), Tanh(), Conv2d(4, 8, 3, rng=rng), Tanh(), MaxPool2d(2),
    Conv2d(8, 16, 3, rng=rng), ReLU(), MaxPool2d(2), Flatten(), Linear(256, 128, rng=rng), Tanh(), Linear(128, 10, rng=rng),
)

def shapes(images):
    found = []
    for layer in model:
        images = layer(images)
        if not isinstance(layer, (Tanh, ReLU)):
            found.append(np.array(images.shape))
    return tuple(found)
"""

# F66 as it is printed: line breaks lost, bodies left as `...`.
SKELETON_PRINTED = (
    "def conv_backward(dZ, cache): (A_prev, W, b, hparameters) = cache; (m, n_H_prev, n_W_prev, n_C_prev) = A_prev.shape; "
    "for i in range(m): for h in range(n_H_prev): db += ...; return dA_prev, dW, db"
)

# The same with its lines given back.
SKELETON = """
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape
    dA_prev, dW, db = np.zeros(A_prev.shape), np.zeros(W.shape), np.zeros((1, 1, 1, n_C))
    for i in range(m):
        for h in range(n_H_prev):
            for w in range(n_W_prev):
                for c in range(n_C):
                    da = ...
                    dw = ...
                    db += ...
    return dA_prev, dW, db
"""

# The same with its sums filled in: the loops still run over the input, and da and dw are never added to what is returned.
SKELETON_FILLED = SKELETON.replace("da = ...", "da = W[:, :, :, c] * dZ[i, h, w, c]").replace(
    "dw = ...", "dw = A_prev[i, h : h + f, w : w + f] * dZ[i, h, w, c]"
).replace("db += ...", "db[0, 0, 0, c] += dZ[i, h, w, c]")  # fmt: skip

BACKWARD_REPAIRED = """
def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f_H, f_W, n_C_prev, n_C = W.shape
    m, n_H, n_W, n_C = dZ.shape
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dA, dW, db = np.zeros(padded.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                rows, columns = slice(h * stride, h * stride + f_H), slice(w * stride, w * stride + f_W)
                for c in range(n_C):
                    dA[i, rows, columns] += W[:, :, :, c] * dZ[i, h, w, c]
                    dW[:, :, :, c] += padded[i, rows, columns] * dZ[i, h, w, c]
                    db[0, 0, 0, c] += dZ[i, h, w, c]
    return dA[:, pad : pad + n_H_prev, pad : pad + n_W_prev], dW, db
"""
