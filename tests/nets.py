"""Nets that several tests use, with their PyTorch twins, and published nets whose counts are known."""

import numpy as np

from cnnlib import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    Sequential,
    Tanh,
)


def mixed_net(rng=0):
    """A net with nearly every kind of layer, for images (3, 9, 8)."""
    rng = np.random.default_rng(rng)
    return Sequential(
        Conv2d(3, 8, 3, stride=2, padding=1, rng=rng),
        BatchNorm2d(8),
        ReLU(),
        ConvTranspose2d(8, 4, (3, 2), stride=2, output_padding=1, bias=False, rng=rng),
        Tanh(),
        MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
        Sequential(Conv2d(4, 4, (1, 3), padding=(0, 1), groups=2, rng=rng), AvgPool2d(2, stride=1)),
        Flatten(),
        Linear(4 * 6 * 4, 5, rng=rng),
    )


def mixed_twin(torch):
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.ConvTranspose2d(8, 4, (3, 2), stride=2, output_padding=1, bias=False),
        nn.Tanh(),
        nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True),
        nn.Sequential(nn.Conv2d(4, 4, (1, 3), padding=(0, 1), groups=2), nn.AvgPool2d(2, stride=1)),
        nn.Flatten(),
        nn.Linear(4 * 6 * 4, 5),
    )


def lenet5():
    """LeNet-5 with full connections between its feature maps: 61,706 parameters, the count of the version that libraries build."""
    return Sequential(
        Conv2d(1, 6, 5), Tanh(), AvgPool2d(2), Conv2d(6, 16, 5), Tanh(), AvgPool2d(2), Conv2d(16, 120, 5), Tanh(), Flatten(),
        Linear(120, 84), Tanh(), Linear(84, 10),
    )  # fmt: skip


def alexnet():
    """AlexNet as Krizhevsky (2012) built it, with its two groups: 60,965,224 parameters."""
    return Sequential(
        Conv2d(3, 96, 11, stride=4), ReLU(), MaxPool2d(3, 2), Conv2d(96, 256, 5, padding=2, groups=2), ReLU(), MaxPool2d(3, 2),
        Conv2d(256, 384, 3, padding=1), ReLU(), Conv2d(384, 384, 3, padding=1, groups=2), ReLU(),
        Conv2d(384, 256, 3, padding=1, groups=2), ReLU(), MaxPool2d(3, 2), Flatten(),
        Dropout(), Linear(9216, 4096), ReLU(), Dropout(), Linear(4096, 4096), ReLU(), Linear(4096, 1000),
    )  # fmt: skip


def vgg16():
    """VGG-16, configuration D of Simonyan and Zisserman (2015): 138,357,544 parameters."""
    layers, channels = [], 3
    for width, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            layers += [Conv2d(channels, width, 3, padding=1), ReLU()]
            channels = width
        layers.append(MaxPool2d(2))
    return Sequential(*layers, Flatten(), Linear(25088, 4096), ReLU(), Linear(4096, 4096), ReLU(), Linear(4096, 1000))


def residual_net():
    """A small net with a shortcut, for images (1, 4, 4)."""
    return Sequential(
        Conv2d(1, 4, 3, padding=1, rng=0), Residual(Conv2d(4, 4, 3, padding=1, rng=1), ReLU()), Flatten(), Linear(64, 3, rng=2)
    )
