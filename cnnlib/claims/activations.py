"""Dense layer, activations and softmax."""

import numpy as np

from cnnlib.claims import activation_testers as testers
from cnnlib.claims.claim import Claim
from cnnlib.claims.tester import FAILS, NO_FORMULA, UNDER_CONDITIONS, Words

SOFTMAX = r"$S_i=\frac{e^{x_i-m}}{\sum_{j=1}^{N} e^{x_j-m}}$ with $m=\max_j x_j$"


def shifted_softmax(x):
    """The repaired softmax: an index of its own for the sum, and the largest entry subtracted first."""
    powers = [np.exp(value - max(x)) for value in x]
    return np.array([powers[i] / sum(powers[j] for j in range(len(x))) for i in range(len(x))])


def printed_softmax(x):
    """F7 as printed, the i of the sum read as the sum's own."""
    return np.array([np.exp(x[i]) / sum(np.exp(x[i]) for i in range(len(x))) for i in range(len(x))])


def _claim(item, chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions):
    return Claim(item, "000", "activations and softmax", chapter, text, verdict, correct, reason, tester, statement, repaired, **conditions)


CLAIMS = (
    _claim(
        "F3",
        "09",
        "A fully connected layer has N inputs, M neurons and M outputs.",
        NO_FORMULA,
        "$y=Wx+b$ with $W$ of M rows and N columns: $NM+M$ parameters, on the flattened input",
        "The counts of inputs and outputs leave open what an output is, and whether there is a bias.",
        testers.dense,
        Words({"without bias": lambda x, w: w @ x, "with bias": lambda x, w, b: w @ x + b}),
        lambda x, w, b: w @ x + b,
    ),
    _claim(
        "F5",
        "07",
        r"$f(x)=\max(0,x)$",
        UNDER_CONDITIONS,
        r"$f(x)=\max(0,x)$, $f'(x)=1$ for $x>0$, else 0, the value at 0 being a convention",
        "The values are right; what backpropagation needs is the derivative, and at 0 difference quotients do not give the agreed one.",
        testers.relu_and_derivative,
        testers.with_quotient(lambda x: max(0.0, x)),
        lambda x: (max(0.0, x), float(x > 0)),
        conditions="x is not 0, where a derivative has to be chosen.",
        condition=lambda x: x != 0,
    ),
    _claim(
        "F7",
        "09",
        r"$S_i=\frac{e^{X_i}}{\sum_{i=1}^{N}e^{X_i}}$",
        UNDER_CONDITIONS,
        SOFTMAX,
        "i is both the free and the summed index, readable only because the sum hides the outer one; and large entries overflow.",
        testers.softmax,
        printed_softmax,
        shifted_softmax,
        conditions="The i of the sum is another than the i outside, no power overflows, and not all of them vanish.",
        condition=lambda x: -700 < max(x) < 700,
    ),
    _claim(
        "F9",
        "07",
        "An activation maps its input to a certain range.",
        FAILS,
        "sigmoid and tanh are bounded; ReLU, leaky ReLU and softplus are not",
        "ReLU passes every positive number on as it is: relu(1e6) = 1e6.",
        testers.bounded,
        lambda: True,
        lambda name: name in ("sigmoid", "tanh"),
    ),
)
