# ruff: noqa
# Solutions of chapter 17, as cells. A student release leaves this folder out.

# exercise: net-parameters
# One output channel needs 9 weights for each input channel, and one bias. The poolings leave 4 x 4, then 2 x 2.
net_parameters = (32 * (1 * 9 + 1), 64 * (32 * 9 + 1), 10 * (64 * 2 * 2 + 1))

# another way
# Weights plus biases.
net_parameters = (288 + 32, 18432 + 64, 2560 + 10)

# exercise: initial-loss
import sympy

# Every class has the probability 1 / K, so every image has the loss -log(1 / K) = log(K), and so has their mean.
K = sympy.symbols("K", integer=True, positive=True)
initial_loss = sympy.log(K)

# another way
import sympy

K = sympy.Symbol("K", positive=True)
initial_loss = -sympy.log(1 / K)

# another way
import sympy

# From the logits: all are equal, say z, and softmax takes z away again.
K, z = sympy.symbols("K z", positive=True)
initial_loss = sympy.expand_log(sympy.log(K * sympy.exp(z))) - z

# exercise: standard-error
import sympy

# The variance of one digit is a (1 - a). The sum of N has N times that, their mean has 1 / N of it.
a, N = sympy.symbols("a N", positive=True)
standard_error = sympy.sqrt(a * (1 - a) / N)

# another way
import sympy

a, N = sympy.symbols("a N")
variance_of_the_sum = N * (a - a**2)
standard_error = sympy.sqrt(variance_of_the_sum) / N

# another way
import sympy

# The variance is the mean of the squares minus the square of the mean; 1 and 0 are their own squares.
a, N = sympy.symbols("a N", positive=True)
one_digit = (a * 1**2 + (1 - a) * 0**2) - a**2
standard_error = (one_digit / N) ** sympy.Rational(1, 2)


# exercise: steps-per-epoch
def steps_per_epoch(examples, batch_size, epochs):
    batches = -(-examples // batch_size)
    return batches * epochs


# another way
import math


def steps_per_epoch(examples, batch_size, epochs):
    return epochs * math.ceil(examples / batch_size)


# another way
def steps_per_epoch(examples, batch_size, epochs):
    steps = 0
    for epoch in range(epochs):
        for start in range(0, examples, batch_size):
            steps += 1
    return steps


# exercise: confusion-matrix
import numpy as np


def confusion_matrix(labels, predictions, classes):
    matrix = np.zeros((classes, classes), dtype=int)
    for label, prediction in zip(labels, predictions):
        matrix[label, prediction] += 1
    return matrix


# another way
import numpy as np


def confusion_matrix(labels, predictions, classes):
    pairs = labels * classes + predictions
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


# another way
import numpy as np


def confusion_matrix(labels, predictions, classes):
    matrix = np.zeros((classes, classes), dtype=int)
    np.add.at(matrix, (labels, predictions), 1)
    return matrix


# another way
import numpy as np


def confusion_matrix(labels, predictions, classes):
    one_hot = np.eye(classes)
    return one_hot[labels].T @ one_hot[predictions]


# exercise: early-stopping
def early_stopping(validation_losses, patience):
    best = 0
    for epoch, loss in enumerate(validation_losses):
        if loss < validation_losses[best]:
            best = epoch
        elif epoch - best >= patience:
            return epoch + 1, best
    return len(validation_losses), best


# another way
def early_stopping(validation_losses, patience):
    epochs, waited, lowest = 1, 0, validation_losses[0]
    for loss in validation_losses[1:]:
        if waited == patience:
            break
        epochs += 1
        waited = 0 if loss < lowest else waited + 1
        lowest = min(lowest, loss)
    return epochs, validation_losses.index(lowest)


# another way
import numpy as np


def early_stopping(validation_losses, patience):
    for epochs in range(1, len(validation_losses) + 1):
        best = np.argmin(validation_losses[:epochs])
        if epochs - 1 - best == patience:
            break
    return epochs, best


# exercise: read-the-curves
# 3 jumps up and down; 2 has a training loss near 0 and a rising validation loss; 1 still falls; 4 lies flat and high, without a gap.
read_the_curves = (3, 2, 1, 4)

# exercise: decay-factor
import sympy

# The gradient of the penalty is lam w. A step leaves w - eta lam w = (1 - eta lam) w, and T steps do that T times.
eta, lam, T = sympy.symbols("eta lam T", positive=True)
decay_factor = (1 - eta * lam) ** T

# another way
import sympy

eta, lam, T, w = sympy.symbols("eta lam T w", positive=True)
one_step = w - eta * sympy.diff(lam * w**2 / 2, w)
decay_factor = sympy.factor(one_step / w) ** T

# another way
import sympy

# The logarithms of equal factors add up.
eta, lam, T = sympy.symbols("eta lam T", positive=True)
decay_factor = sympy.exp(T * sympy.log(1 - eta * lam))


# exercise: dense-width
def dense_width(inputs, classes, budget):
    # h (inputs + 1) + classes (h + 1) <= budget
    return (budget - classes) // (inputs + classes + 1)


# another way
def dense_width(inputs, classes, budget):
    def parameters(h):
        return (inputs + 1) * h + (h + 1) * classes

    each_unit = parameters(1) - parameters(0)
    return (budget - parameters(0)) // each_unit


# another way
import math


def dense_width(inputs, classes, budget):
    for_each_unit = inputs + 1 + classes
    return math.floor((budget - classes) / for_each_unit)


# exercise: paired-difference
import math
import statistics


def paired_difference(first, second):
    differences = [b - a for a, b in zip(first, second)]
    return statistics.mean(differences), statistics.stdev(differences) / math.sqrt(len(differences))


# another way
import numpy as np


def paired_difference(first, second):
    differences = np.subtract(second, first)
    return differences.mean(), differences.std(ddof=1) / np.sqrt(len(differences))


# another way
import numpy as np


def paired_difference(first, second):
    differences = np.array(second) - np.array(first)
    n = len(differences)
    mean = differences.sum() / n
    return mean, np.sqrt(((differences - mean) ** 2).sum() / (n - 1) / n)
