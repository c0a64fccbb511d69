"""Learning rates that change from epoch to epoch: each function here makes a callable epoch -> lr, with epochs counted from 0."""

import math

from cnnlib.arrays import check_number
from cnnlib.geometry import check_integer


def step(lr, step_size, gamma=0.1):
    """Multiply by gamma every step_size epochs: lr gamma^floor(epoch / step_size). As PyTorch's StepLR."""
    lr, step_size, gamma = check_number(lr, "lr", minimum=0), check_integer(step_size, "step_size", 1), check_number(gamma, "gamma")
    return lambda epoch: lr * gamma ** (epoch // step_size)


def cosine(lr, T_max, eta_min=0.0):
    """Fall along half a cosine from lr at epoch 0 to eta_min at epoch T_max, and stay there.

    eta_min + (lr - eta_min) (1 + cos(pi epoch / T_max)) / 2. As PyTorch's CosineAnnealingLR, which rises again after T_max.
    Source: Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5.
    """
    lr, T_max, eta_min = check_number(lr, "lr", minimum=0), check_integer(T_max, "T_max", 1), check_number(eta_min, "eta_min", minimum=0)
    return lambda epoch: eta_min + (lr - eta_min) * (1 + math.cos(math.pi * min(epoch, T_max) / T_max)) / 2


def inverse_time(lr, decay):
    """Fall like one over time: lr / (1 + decay epoch). Source: Robbins and Monro 1951, whose proof wants a rate of this kind."""
    lr, decay = check_number(lr, "lr", minimum=0), check_number(decay, "decay", minimum=0)
    return lambda epoch: lr / (1 + decay * epoch)
