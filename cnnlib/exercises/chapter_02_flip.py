"""The exercise of chapter 02, Convolution and correlation, on the flip in two dimensions. The truth is `cnnlib.convolve2d`."""

import numpy as np

from cnnlib.exercises.exercise import Exercise, Misconception
from cnnlib.ops.convolution import convolve2d, correlate2d


def _full(turn):
    """A full sliding product with a kernel that was turned in some way."""
    return lambda image, kernel: correlate2d(image, turn(kernel), padding="full")


def _wrapped(image, kernel):
    """The circular convolution that a discrete Fourier transform of the image's own size gives."""
    return np.fft.ifft2(np.fft.fft2(image) * np.fft.fft2(kernel, image.shape)).real


def _negative_indices(image, kernel):
    """image[i - u, j - v] without asking whether the indices are negative; those beyond the end count as 0."""
    (rows, columns), y = image.shape, np.zeros(np.add(image.shape, kernel.shape) - 1)
    for i, j, u, v in np.ndindex(*y.shape, *kernel.shape):
        if -rows <= i - u < rows and -columns <= j - v < columns:
            y[i, j] += kernel[u, v] * image[i - u, j - v]
    return y


def _overwritten(image, kernel):
    (rows, columns), y = image.shape, np.zeros(np.add(image.shape, kernel.shape) - 1)
    for u, v in np.ndindex(kernel.shape):
        y[u : u + rows, v : v + columns] = kernel[u, v] * image
    return y


def _padded_by_size(image, kernel):
    """One ring of zeros too many: padding by the kernel's size."""
    return correlate2d(image, kernel[::-1, ::-1], padding=kernel.shape)


def _draw_pair(rng):
    rows, columns = (int(rng.integers(1, 5)) for _ in range(2))
    image = rng.standard_normal((rows + int(rng.integers(0, 4)), columns + int(rng.integers(0, 4))))
    return image, rng.standard_normal((rows, columns))


CONVOLVE2D = Exercise(
    id="convolve2d",
    chapter=2,
    title="True convolution in two dimensions",
    task=(
        "Return the full convolution `y[i, j]` = sum over u, v of `kernel[u, v] * image[i - u, j - v]` of two 2-D arrays. The image "
        "is 0 outside. The result has H + kH - 1 rows and W + kW - 1 columns. Use NumPy, but no ready-made convolution."
    ),
    kind="program",
    minutes=15,
    difficulty=2,
    parameters=("image", "kernel"),
    starter="def convolve2d(image, kernel):\n    result = ...\n    return result",
    answer=convolve2d,
    examples=(
        (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 2.0]])),
        (np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])),
        (np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 5.0]])),
        (np.arange(12.0).reshape(4, 3), np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 4.0]])),
        (np.arange(6.0).reshape(2, 3), np.array([[2.0], [-1.0]])),
    ),
    draw=_draw_pair,
    hints=(
        "Take an image with a single 1 in it. The formula then copies the kernel to that place, unflipped. Let your function do the same.",
        "Two ways lead there. Either pad the image by kH - 1 rows and kW - 1 columns of zeros at each end and slide the flipped kernel "
        "over it, or begin with zeros of the result's size and let every cell send out its share.",
        "The second way in one line per kernel cell: `result[u : u + H, v : v + W] += kernel[u, v] * image`.",
    ),
    misconceptions=(
        Misconception(
            "not-flipped",
            "That is cross-correlation: the kernel slides as it stands. In a convolution it is flipped along both axes.",
            _full(lambda kernel: kernel),
        ),
        Misconception(
            "rows-only",
            "The rows of the kernel are in reverse order, its columns are not. Flip along both axes.",
            _full(lambda kernel: kernel[::-1]),
        ),
        Misconception(
            "columns-only",
            "The columns of the kernel are in reverse order, its rows are not. Flip along both axes.",
            _full(lambda kernel: kernel[:, ::-1]),
        ),
        Misconception(
            "transposed",
            "Transposing is not flipping: `kernel.T` exchanges rows and columns. A flip turns the kernel by 180 degrees.",
            _full(lambda kernel: kernel.T),
        ),
        Misconception(
            "turned-by-90",
            "You turned the kernel by 90 degrees; `np.rot90` does that once. A flip along both axes is a turn by 180 degrees.",
            _full(np.rot90),
        ),
        Misconception(
            "valid-size",
            "You keep only the places where the whole kernel lies inside the image. Full means that one common cell is enough.",
            lambda image, kernel: convolve2d(image, kernel, "valid"),
        ),
        Misconception(
            "valid-and-not-flipped",
            "That is the sliding product of a network: the kernel is not flipped, and places at the border are left out.",
            correlate2d,
        ),
        Misconception(
            "same-size",
            "Your result has the size of the image. The full convolution has H + kH - 1 rows and W + kW - 1 columns.",
            lambda image, kernel: convolve2d(image, kernel, "same"),
        ),
        Misconception(
            "padded-too-far",
            "Your result has one row and one column too many at each end: pad by kH - 1 and kW - 1.",
            _padded_by_size,
        ),
        Misconception(
            "negative-indices",
            "For NumPy, index -1 is the last cell, so your kernel reads the far side of the image. Cells with a negative index are 0.",
            _negative_indices,
        ),
        Misconception(
            "overwritten",
            "Each shifted copy overwrites the one before it, where they should add up. Write `+=`.",
            _overwritten,
        ),
        Misconception(
            "wrapped-around",
            "What leaves the image on one side comes back on the other. A Fourier transform of the image's own size does that; "
            "make room for H + kH - 1 rows and W + kW - 1 columns first.",
            _wrapped,
        ),
    ),
)

EXERCISES = (CONVOLVE2D,)
