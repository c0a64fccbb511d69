"""Chapter 14: what seven ways to convolve cost, as functions of the sizes and as derived formulas.

N images with C channels of n x n cells, F filters of k x k cells, stride 1, no padding: m = n - k + 1 places along each axis.
Costs count cells, not bytes. The model of the traffic is one rule: every array that an algorithm makes for the whole batch is written
once and read once by what follows; windows that overlap, and buffers made small enough on purpose, stay in the processor's cache.
"""

import math
from typing import NamedTuple

import sympy

from cnnlib.ops.lowering import CHUNK_BYTES
from cnnlib.symbolic.derivation import Derivation

BYTES = 4  # of a float32
METHODS = ("loops", "windows", "im2col", "offsets", "rows", "FFT", "Winograd")


class Cost(NamedTuple):
    """Costs of one algorithm.

    products: multiply-adds that meet data with weights. transforms: the work before and behind them, also in multiply-adds; an addition
    or a multiplication alone counts as half of one. extra: cells held at most beside x, w and y. moved: cells read and written.
    """

    products: float
    transforms: float
    extra: float
    moved: float

    @property
    def work(self):
        """All multiply-adds."""
        return self.products + self.transforms

    @property
    def intensity(self):
        """Arithmetic intensity: operations, two for each multiply-add, per byte of float32 that is moved."""
        return 2 * self.work / (BYTES * self.moved)


def cost(method, N, C, F, n, k):
    """The Cost of one of METHODS for sizes given as numbers; None where it does not apply: Winograd needs k = 3."""
    m = n - k + 1
    x, w, y = N * C * n**2, F * C * k**2, N * F * m**2
    direct = N * F * C * k**2 * m**2
    if method in ("loops", "windows"):
        return Cost(direct, 0, 0, x + w + y)
    if method == "im2col":
        columns = N * C * k**2 * m**2
        return Cost(direct, 0, columns, x + w + y + 2 * columns)
    if method == "offsets":  # a copy of the shifted image and a product, once for each kernel cell
        copy = N * C * m**2
        return Cost(direct, 0, copy + y, k**2 * (3 * copy + 4 * y) + w)
    if method == "rows":  # the buffers of one chunk of images
        buffer = C * k * n * m
        images = max(1, min(N, CHUNK_BYTES // (BYTES * buffer)))
        return Cost(direct, 0, images * (buffer + F * m**2), x + w + y)
    if method == "FFT":
        half = n * (n // 2 + 1)  # frequencies of a real image; the others are their conjugates
        planes = N * C + F * C + N * F
        turned = 2.5 * planes * n**2 * math.log2(n)
        return Cost(4 * N * F * C * half, turned, 2 * half * planes, x + w + y + 4 * half * planes)
    return _winograd(N, C, F, m, x + w + y) if k == 3 else None


def _winograd(N, C, F, m, least):
    """F(2 x 2, 3 x 3): 16 products in place of 36 for each tile; the last tiles hang over where m is odd."""
    tiles = N * ((m + 1) // 2) ** 2
    made = 16 * (F * C + C * tiles + F * tiles)
    turned = (32 * C * tiles + 28 * F * C + 24 * F * tiles) / 2
    return Cost(16 * F * C * tiles, turned, made, least + 2 * made)


N, C, F, k, m = sympy.symbols("N C F k m", integer=True, positive=True)
n, B = sympy.symbols("n B", positive=True)
indices = sympy.symbols("image f i j c u v", integer=True, nonnegative=True)
image, f, i, j, c, u, v = indices

counts = Derivation("What the algorithms cost")


@counts.step("The definition multiplies once for every image, filter, place, channel and kernel cell. Count by adding up ones.")
def multiplications():
    places, cells = [(i, 0, m - 1), (j, 0, m - 1)], [(c, 0, C - 1), (u, 0, k - 1), (v, 0, k - 1)]
    return sympy.Sum(1, (image, 0, N - 1), (f, 0, F - 1), *places, *cells).doit()


@counts.step("im2col writes one column for every place: a cell for each image, channel, kernel cell and place. No filters: they share it.")
def columns():
    places, cells = [(i, 0, m - 1), (j, 0, m - 1)], [(c, 0, C - 1), (u, 0, k - 1), (v, 0, k - 1)]
    return sympy.Sum(1, (image, 0, N - 1), *cells, *places).doit()


@counts.step("Against the cells of the images, with $m = n - k + 1$ places along each axis:")
def columns_factor(columns):
    return (columns / (N * C * n**2)).subs(m, n - k + 1)


@counts.step("For images that are much larger than the kernel:")
def columns_limit(columns_factor):
    return sympy.limit(columns_factor, n, sympy.oo)


@counts.step(
    "Row lowering keeps all $n$ rows and shifts along the width alone: one cell for each kernel column, image row and place in it."
)
def lowered():
    return sympy.Sum(1, (image, 0, N - 1), (c, 0, C - 1), (v, 0, k - 1), (j, 0, m - 1)).doit() * n


@counts.step("Against im2col: so many times smaller.")
def lowered_saves(columns, lowered):
    return (columns / lowered).subs(m, n - k + 1)


@counts.step("For images that are much larger than the kernel:")
def lowered_saves_limit(lowered_saves):
    return sympy.limit(lowered_saves, n, sympy.oo)


@counts.step("Traffic at the least: read every image and weight once, write every result once.")
def least_traffic():
    return N * C * n**2 + F * C * k**2 + N * F * m**2


@counts.step("im2col writes its columns to memory and reads them back.")
def columns_traffic(least_traffic, columns):
    return least_traffic + 2 * columns


@counts.step("Arithmetic intensity of the best case: operations (two for each multiply-add) per byte (four for each cell).")
def intensity(multiplications, least_traffic):
    return 2 * multiplications / (BYTES * least_traffic)


@counts.step("The same for im2col.")
def columns_intensity(multiplications, columns_traffic):
    return 2 * multiplications / (BYTES * columns_traffic)


@counts.step("However many channels, images and cells there are: with few filters im2col cannot be intense. Its ceiling:")
def columns_ceiling(columns_intensity):
    large = sympy.limit(columns_intensity, N, sympy.oo).subs(m, n - k + 1)
    return sympy.limit(sympy.limit(large, n, sympy.oo), C, sympy.oo)


transform = Derivation("A convolution by the Fourier transform")
h, t, s = sympy.symbols("h t s", integer=True, nonnegative=True)
q, e = sympy.symbols("q e", integer=True)
size = sympy.Symbol("n", integer=True, positive=True)
omega = sympy.exp(-2 * sympy.pi * sympy.I / size)
X, W = sympy.IndexedBase("x"), sympy.IndexedBase("w")


@transform.step("The transform of a row of $n$ cells: frequency $h$ weighs cell $t$ with a power of a root of one.")
def image_transform():
    return sympy.Sum(X[t] * omega ** (h * t), (t, 0, size - 1))


@transform.step("The same for the kernel, filled up with zeros to $n$ cells.")
def kernel_transform():
    return sympy.Sum(W[u] * omega ** (h * u), (u, 0, size - 1))


@transform.step("Multiply the two, frequency by frequency. One term pairs $x_t$ with $w_u$.")
def pair_of_cells(image_transform, kernel_transform):
    return sympy.powsimp(image_transform.function * kernel_transform.function)


@transform.step("Transform back at cell $s$: weigh with the inverse power, and look at the factor of $x_t w_u$.")
def factor(pair_of_cells):
    return sympy.powsimp((pair_of_cells / (X[t] * W[u]) * omega ** (-h * s)).simplify())


@transform.step("Let $q = s - t - u$. From one frequency to the next this is multiplied by a constant ratio $\\rho$:")
def ratio(factor):
    return sympy.simplify(factor.subs(h, 1).subs(s, q + t + u))


@transform.step(
    "If $n$ does not divide $q$ the ratio is not 1, and a geometric sum over all $n$ frequencies is $(\\rho^n - 1)/(\\rho - 1)$. It is"
)
def others(ratio):
    return sympy.simplify((ratio**size - 1) / (ratio - 1))


@transform.step(
    "If $n$ divides $q$, say $q = e n$, every one of the $n$ terms is 1, and dividing by $n$ gives back the product $x_t w_u$ itself:"
)
def hits(ratio):
    return sympy.Sum(ratio.subs(q, e * size), (h, 0, size - 1)).doit() / size


work = Derivation("When does the Fourier transform pay?")


@work.step("Directly: so many multiply-adds for each result and channel.")
def directly():
    return k**2


@work.step(
    "By frequencies: a real image of $n \\times n$ cells has about $n^2/2$ of them, each with a complex product: four multiply-adds. "
    "Shared among the $m^2$ results:"
)
def by_frequency():
    return (4 * n**2 / 2) / m**2


@work.step("The transforms: $5 n^2 \\log_2 n$ operations each, half as many multiply-adds, for the images, the kernels and the results.")
def transforms():
    return sympy.Rational(5, 2) * n**2 * sympy.log(n, 2) * (N * C + F * C + N * F)


@work.step("Shared among the results and channels too:")
def transforms_shared(transforms):
    return sympy.expand(transforms / (N * F * C * m**2))


@work.step("With many images, channels and filters the transforms cost nothing by comparison; what is left is")
def at_best(transforms_shared, by_frequency):
    shared = transforms_shared
    for number in (N, C, F):
        shared = sympy.limit(shared, number, sympy.oo)
    return shared + by_frequency
