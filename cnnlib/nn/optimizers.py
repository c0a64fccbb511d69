"""Optimizers: rules that turn a gradient g into a step of a parameter w. Names, defaults and rules are PyTorch's.

Each rule is one short method; chapter 16 derives and compares them. All arithmetic happens in place and keeps the parameter's dtype.
"""

import math
from weakref import WeakKeyDictionary

import numpy as np

from cnnlib.arrays import check_fraction, check_number
from cnnlib.geometry import check_flag


class Optimizer:
    """What all rules share: the learning rate, weight decay, and a memory for each parameter of each model.

    `step(model)` changes model.parameters() in place from model.gradients(). Weight decay adds weight_decay * w to the gradient.
    """

    def __init__(self, lr, weight_decay):
        self.lr, self.weight_decay = check_number(lr, "lr", minimum=0), check_number(weight_decay, "weight_decay", minimum=0)
        self._memories = WeakKeyDictionary()

    def step(self, model):
        """Move every parameter of the model once, by the gradients that its last backward left."""
        if isinstance(model, type) or not (hasattr(model, "parameters") and hasattr(model, "gradients")):
            raise TypeError(f"model={model!r} has no parameters() and gradients(). Pass the model that learns, such as a Sequential.")
        gradients = model.gradients()
        memories = self._memories.setdefault(model, {})
        for name, w in model.parameters().items():
            if name not in gradients:
                raise ValueError(f"parameter {name} has no gradient yet. Call model.backward(dy) before optimizer.step(model).")
            memory = memories.setdefault(name, {"steps": 0})
            memory["steps"] += 1
            self._update(w, self._decayed(gradients[name], w), memory)

    def _decayed(self, g, w):
        return g + self.weight_decay * w if self.weight_decay else g

    def _update(self, w, g, memory):
        raise NotImplementedError(f"{type(self).__name__} has no rule. Define _update(self, w, g, memory).")

    def __repr__(self):
        options = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        return f"{type(self).__name__}({', '.join(f'{name}={value}' for name, value in options.items())})"


def _remember(memory, name, w, start=0.0):
    """The array of that name in the memory; at the first step it is filled with `start`."""
    if name not in memory:
        memory[name] = np.full_like(w, start)
    return memory[name]


def _average(old, new, keep):
    """Move a running average in place: old = keep old + (1 - keep) new."""
    old *= keep
    old += (1 - keep) * new
    return old


class SGD(Optimizer):
    """Stochastic gradient descent: w -= lr g. With momentum v = momentum v + (1 - dampening) g, and w -= lr v.

    The first v is g itself. nesterov looks ahead: w -= lr (g + momentum v).
    Source: Robbins and Monro 1951; Polyak 1964; Sutskever, Martens, Dahl and Hinton 2013.
    """

    def __init__(self, lr=1e-3, momentum=0.0, nesterov=False, weight_decay=0.0, *, dampening=0.0):
        super().__init__(lr, weight_decay)
        self.momentum, self.dampening = check_number(momentum, "momentum", minimum=0), check_number(dampening, "dampening", example=0)
        self.nesterov = check_flag(nesterov, "nesterov")
        if self.nesterov and self.momentum == 0:
            raise ValueError(f"nesterov=True looks ahead along the momentum, and momentum={momentum}. Write momentum=0.9, for example.")
        if self.nesterov and self.dampening != 0:
            raise ValueError(f"nesterov=True needs the whole gradient, and dampening={dampening} takes a part away. Write dampening=0.")

    def _update(self, w, g, memory):
        if self.momentum:
            if "velocity" not in memory:
                memory["velocity"] = np.array(g)
            else:
                memory["velocity"] *= self.momentum
                memory["velocity"] += (1 - self.dampening) * g if self.dampening else g
            g = g + self.momentum * memory["velocity"] if self.nesterov else memory["velocity"]
        w -= self.lr * g


class Adagrad(Optimizer):
    """Steps shrink with all that has been: s += g^2, w -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps).

    Source: Duchi, Hazan and Singer 2011, JMLR 12, 2121-2159.
    """

    def __init__(self, lr=1e-2, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
        super().__init__(lr, weight_decay)
        self.lr_decay = check_number(lr_decay, "lr_decay", minimum=0)
        self.initial_accumulator_value = check_number(initial_accumulator_value, "initial_accumulator_value", minimum=0)
        self.eps = check_number(eps, "eps", minimum=0)

    def _update(self, w, g, memory):
        s = _remember(memory, "sum", w, self.initial_accumulator_value)
        s += g * g
        w -= self.lr / (1 + (memory["steps"] - 1) * self.lr_decay) * g / (np.sqrt(s) + self.eps)


class Adadelta(Optimizer):
    """Steps in the units of the parameter: s and u are running averages of g^2 and of the squared steps.

    step = sqrt(u + eps) / sqrt(s + eps) g, w -= lr step. Source: Zeiler 2012, arXiv:1212.5701.
    """

    def __init__(self, lr=1.0, rho=0.9, eps=1e-6, weight_decay=0.0):
        super().__init__(lr, weight_decay)
        self.rho, self.eps = check_fraction(rho, "rho"), check_number(eps, "eps", minimum=0)

    def _update(self, w, g, memory):
        s = _average(_remember(memory, "square", w), g * g, self.rho)
        u = _remember(memory, "step_square", w)
        step = np.sqrt(u + self.eps) / np.sqrt(s + self.eps) * g
        _average(u, step * step, self.rho)
        w -= self.lr * step


class RMSprop(Optimizer):
    """Divide by a running root mean square: s = alpha s + (1 - alpha) g^2, step = g / (sqrt(s) + eps), w -= lr step.

    centered subtracts the squared running mean of g from s; with momentum v = momentum v + step, and w -= lr v.
    Source: Tieleman and Hinton 2012, Neural Networks for Machine Learning, lecture 6.5; centered: Graves 2013, arXiv:1308.0850.
    """

    def __init__(self, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        super().__init__(lr, weight_decay)
        self.alpha, self.eps = check_fraction(alpha, "alpha"), check_number(eps, "eps", minimum=0)
        self.momentum, self.centered = check_number(momentum, "momentum", minimum=0), check_flag(centered, "centered")

    def _update(self, w, g, memory):
        s = _average(_remember(memory, "square", w), g * g, self.alpha)
        if self.centered:
            mean = _average(_remember(memory, "mean", w), g, self.alpha)
            s = s - mean * mean
        step = g / (np.sqrt(s) + self.eps)
        if self.momentum:
            v = _remember(memory, "velocity", w)
            v *= self.momentum
            v += step
            step = v
        w -= self.lr * step


class Adam(Optimizer):
    """Momentum and a running root mean square, both freed of their start at zero.

    m = beta1 m + (1 - beta1) g, s = beta2 s + (1 - beta2) g^2, and at step t
    w -= lr m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + eps). amsgrad divides by the largest s so far.
    Source: Kingma and Ba 2015, arXiv:1412.6980; amsgrad: Reddi, Kale and Kumar 2018, arXiv:1904.09237.
    """

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, amsgrad=False):
        super().__init__(lr, weight_decay)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"betas={betas!r} is not a pair of two shares. Write betas=(0.9, 0.999).")
        self.betas = tuple(check_fraction(beta, f"betas[{number}]") for number, beta in enumerate(betas))
        self.eps, self.amsgrad = check_number(eps, "eps", minimum=0), check_flag(amsgrad, "amsgrad")

    def _update(self, w, g, memory):
        (beta1, beta2), t = self.betas, memory["steps"]
        m = _average(_remember(memory, "mean", w), g, beta1)
        s = _average(_remember(memory, "square", w), g * g, beta2)
        if self.amsgrad:
            s = np.maximum(_remember(memory, "largest", w), s, out=memory["largest"])
        root = np.sqrt(s)
        root /= math.sqrt(1 - beta2**t)
        root += self.eps
        w -= self.lr / (1 - beta1**t) * m / root


class AdamW(Adam):
    """Adam whose weight decay shrinks the weights themselves: w *= 1 - lr weight_decay before the step, and g stays as it is.

    Source: Loshchilov and Hutter 2019, arXiv:1711.05101.
    """

    def __init__(self, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False):
        super().__init__(lr, betas, eps, weight_decay, amsgrad)

    def _decayed(self, g, w):
        return g

    def _update(self, w, g, memory):
        w *= 1 - self.lr * self.weight_decay
        super()._update(w, g, memory)
