"""The chain rule, and what backpropagation gives."""

import sympy

from cnnlib.claims import training_testers as testers
from cnnlib.claims.claim import Claim
from cnnlib.claims.gradient_testers import chain_rule
from cnnlib.claims.tester import FAILS, NO_FORMULA, UNDER_CONDITIONS, Words

CHAIN = r"$\frac{\partial L}{\partial w_1}=\frac{\partial L}{\partial h}\,\frac{\partial h}{\partial w_1}$, h being the layer's output"


def through_the_output(net):
    """The repaired chain rule: the loss by the layer's output, times that output by the layer's weight."""
    return (sympy.diff(net.loss_of_h, net.h) * sympy.diff(net.layer, net.w1)).subs(net.h, net.layer)


def through_the_parameters(net):
    """F12 as printed: the derivative by the other layer's parameters, times this layer's output by its own."""
    return (sympy.diff(net.loss_of_h, net.w2) * sympy.diff(net.layer, net.w1)).subs(net.h, net.layer)


def _claim(item, source, text, verdict, correct, reason, tester, statement, repaired, **conditions):
    return Claim(item, source, "chain rule", "10", text, verdict, correct, reason, tester, statement, repaired, **conditions)


CLAIMS = (
    _claim(
        "F12",
        "000",
        "The derivative by a layer's parameters is that by the previous layer's parameters times this layer's output by its parameters.",
        FAILS,
        CHAIN,
        "What a layer hands back is the derivative by its input, the other layer's output; derivatives by parameters are not handed on.",
        chain_rule,
        through_the_parameters,
        through_the_output,
    ),
    _claim(
        "F13",
        "000",
        "Networks are trained by backpropagation and gradient descent on a loss, layer by layer.",
        NO_FORMULA,
        r"$w \leftarrow w - \eta\,\partial L/\partial w$",
        "No update rule is given: descent says downhill, and not how far; without a factor the whole gradient is subtracted.",
        testers.descent,
        Words(
            {
                "the gradient is subtracted": lambda w, gradients: w - gradients.mean(axis=0),
                "a multiple of it is": lambda w, gradients, lr: w - lr * gradients.mean(axis=0),
            }
        ),
        lambda w, gradients, lr: w - lr * gradients.mean(axis=0),
    ),
    _claim(
        "F32",
        "001",
        "A network fits a function by simple layers, and backpropagation adjusts its parameters.",
        UNDER_CONDITIONS,
        "Backpropagation gives gradients; the optimiser's step adjusts the parameters",
        "After the backward pass alone every parameter is what it was.",
        testers.parameters_move,
        lambda: True,
        lambda optimizer_steps: optimizer_steps > 0,
        conditions="An optimiser takes a step afterwards.",
        condition=lambda optimizer_steps: optimizer_steps > 0,
    ),
    _claim(
        "F44",
        "003",
        "Backpropagation computes the gradient of each neuron.",
        NO_FORMULA,
        CHAIN,
        "A gradient is of something by something: of the loss by each parameter; the words also fit other derivatives.",
        chain_rule,
        Words(
            {
                "of the loss by the neuron": lambda net: sympy.diff(net.loss_of_h, net.h).subs(net.h, net.layer),
                "of the neuron by its weight": lambda net: sympy.diff(net.layer, net.w1),
            }
        ),
        through_the_output,
    ),
)
