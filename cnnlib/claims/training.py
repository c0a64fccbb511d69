"""Training: programs, augmentation, first weights, steps and batches."""

import numpy as np

from cnnlib.claims import listings, network_testers, training_testers
from cnnlib.claims.claim import Claim
from cnnlib.claims.size_testers import places
from cnnlib.claims.tester import FAILS, NO_FORMULA, UNDER_CONDITIONS, Words

MIRRORED_WELL = (0, 1, 4, 8)  # measured by the test itself: if the data said otherwise, the claim would fail


def listed_layer(x, w, b, stride, padding):
    """F58: the forward pass of the circulating class. One kernel size for both axes, and no look at the number of channels."""
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    f = w.shape[2]
    rows, columns = (places(n, f, stride, 0, 1) for n in x.shape[1:])
    y = np.zeros((len(w), rows, columns))
    for k, i, j in np.ndindex(y.shape):
        y[k, i, j] = np.sum(x[:, i * stride : i * stride + f, j * stride : j * stride + f] * w[k]) + b[k]
    return y


def checked_layer(x, w, b, stride, padding):
    """The repair: both kernel sizes are read, and images with other channels are refused."""
    if x.shape[0] != w.shape[1]:
        raise ValueError(f"x has {x.shape[0]} channels, the kernels have {w.shape[1]}.")
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("cijuv,kcuv->kij", windows, w) + b[:, None, None]


def nesterov(w, gradients, lr, momentum, decay):
    """v = momentum v + g, w = w - lr_n (g + momentum v), lr_n = lr / (1 + decay n)."""
    velocity = np.zeros_like(w)
    for n, g in enumerate(gradients):
        velocity = momentum * velocity + g
        w = w - lr / (1 + decay * n) * (g + momentum * velocity)
    return w


def batch_at_once(x, w):
    """A whole batch in one sum over channels and window cells."""
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
    return np.einsum("ncijuv,kcuv->nkij", windows, w)


def _claim(item, source, chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions):
    return Claim(item, source, "training", chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions)


CLAIMS = (
    _claim(
        "F28",
        "001",
        "18",
        "A program for 28 x 28 grey digits (Keras 1, 2016): convolutions of 4, 8 and 16 kernels, two poolings, two dense layers, softmax.",
        FAILS,
        "The same network, call by call, in today's code; it is built and runs in chapter 18",
        "Calls and a module have lost their names in print, so it does not parse; and the arguments of its time are gone.",
        network_testers.network_shapes,
        listings.network(listings.NETWORK_PRINTED),
        listings.network(listings.NETWORK_REPAIRED),
    ),
    _claim(
        "F29",
        "001",
        "16",
        "SGD with rate 0.05, decay 1e-6, momentum 0.9 and Nesterov; cross-entropy, dropout 0.5, PReLU, batches of 100, 10 epochs.",
        NO_FORMULA,
        r"$v\leftarrow\mu v+g$, $w\leftarrow w-\eta_n(g+\mu v)$ with $\eta_n=\eta/(1+dn)$ "
        "(Keras keeps the rate inside $v$: the same while it stays)",
        "Settings without the rule that they set; the rule is tested in their place.",
        training_testers.nesterov,
        Words(),
        nesterov,
    ),
    _claim(
        "F30",
        "001",
        "17",
        "Images of digits are augmented by centring, rotations, shifts and horizontal flips: the label stays.",
        UNDER_CONDITIONS,
        "Only changes that keep the meaning: small shifts and rotations, no mirroring of 2, 3, 5, 6, 7, 9",
        "Mirrored, most digits are no digits any more; the test asks two simple readers of digits what they see.",
        network_testers.mirrored_digits,
        lambda: True,
        lambda digit: digit in MIRRORED_WELL,
        conditions="The digit is 0, 1, 4 or 8: most of its mirrored images are still read as itself.",
        condition=lambda digit: digit in MIRRORED_WELL,
    ),
    _claim(
        "F57",
        "003",
        "16",
        "Gradient descent updates the parameters.",
        NO_FORMULA,
        r"$w\leftarrow w-\eta\,\frac{1}{N}\sum_n \partial L_n/\partial w$",
        "Neither the rule is given nor what a batch does: the sum and the mean over its images make different steps.",
        training_testers.descent,
        Words(
            {
                "the sum over the batch": lambda w, gradients, lr: w - lr * gradients.sum(axis=0),
                "the mean over the batch": lambda w, gradients, lr: w - lr * gradients.mean(axis=0),
            }
        ),
        lambda w, gradients, lr: w - lr * sum(gradients) / len(gradients),
    ),
    _claim(
        "F58",
        "003",
        "15",
        "A class Conv2d with stride, padding and randn weights shows the layer.",
        UNDER_CONDITIONS,
        "Read both kernel sizes, refuse other channels, scale the first weights, add a backward pass",
        "The forward pass is right for square kernels; an image of one channel is stretched over all slices of a kernel without a word.",
        network_testers.door,
        listed_layer,
        checked_layer,
        conditions="Square kernels, and images with the kernels' channels.",
        condition=lambda x, w: w.shape[2] == w.shape[3] and x.shape[0] == w.shape[1],
    ),
    _claim(
        "F67",
        "004",
        "14",
        "Batches are processed together for speed. (Named only.)",
        NO_FORMULA,
        r"$Y_{n,k,i,j}=\sum_{c,u,v}X_{n,c,i+u,j+v}W_{k,c,u,v}$ for all n at once",
        "What has to be true is that a batch gives what its images give one by one; that is tested in its place.",
        training_testers.batch,
        Words(),
        batch_at_once,
    ),
)
