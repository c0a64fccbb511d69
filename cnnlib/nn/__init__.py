"""Nets: layers that remember what a backward asks for, models, first weights, optimizers, schedules and training."""

from cnnlib.nn import initializers
from cnnlib.nn.activations import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Tanh
from cnnlib.nn.base import Layer
from cnnlib.nn.history import History
from cnnlib.nn.layers import Conv2d, ConvTranspose2d, Flatten, Linear
from cnnlib.nn.model import Residual, Sequential
from cnnlib.nn.normalization import BatchNorm2d, Dropout
from cnnlib.nn.optimizers import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop
from cnnlib.nn.pooling import AdaptiveAvgPool2d, AvgPool2d, GlobalAvgPool2d, MaxPool2d
from cnnlib.nn.schedules import cosine, inverse_time, step
from cnnlib.nn.training import confusion_matrix, evaluate, fit, fit_steps, predict

__all__ = [
    "ELU",
    "GELU",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "AdaptiveAvgPool2d",
    "AvgPool2d",
    "BatchNorm2d",
    "Conv2d",
    "ConvTranspose2d",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2d",
    "History",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "RMSprop",
    "ReLU",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
    "confusion_matrix",
    "cosine",
    "evaluate",
    "fit",
    "fit_steps",
    "initializers",
    "inverse_time",
    "predict",
    "step",
]
