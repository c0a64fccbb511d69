"""Sizes: the formulas and chains that say how large an output is."""

import sympy

from cnnlib.claims.claim import Claim
from cnnlib.claims.size_testers import chain_size, pool_size, window_size
from cnnlib.claims.tester import NO_FORMULA, UNDER_CONDITIONS, Words

W, H, F, S, P, D, K, n, pool = sympy.symbols("W H F S P D K n pool", positive=True)
floor_formula = sympy.floor((n + 2 * P - D * (K - 1) - 1) / S) + 1
FLOOR = r"$\lfloor (n + 2p - d(k-1) - 1)/s \rfloor + 1$ along each axis"


POOLED = (
    r"$\lfloor (n + 2p - k)/s \rfloor + 1$; in ceil mode $\lceil (n + 2p - k)/s \rceil + 1$, less a last window that would begin "
    "behind the last cell"
)


def pooled_size(n, kernel_size, stride, padding, ceil_mode):
    """The repaired size of a pooling: whole windows are counted, and in ceil mode one that hangs over the end, if it begins on a cell."""
    way = n + 2 * padding - kernel_size
    if not ceil_mode:
        return way // stride + 1
    last = -(-way // stride)
    return last + 1 if last * stride < n + padding else last


def no_remainder(n, kernel_size, stride, padding, dilation):
    """The stride fits into the way, and the kernel's cells are adjacent."""
    return (n - kernel_size + 2 * padding) % stride == 0 and dilation == 1


def keeps_the_size(n, kernel_size, stride, padding, dilation):
    """Stride 1 and padding that makes up for what the kernel covers; no even kernel without dilation has such a padding."""
    return stride == 1 and 2 * padding == dilation * (kernel_size - 1)


CLAIMS = (
    Claim(
        item="F1",
        source="000",
        group="sizes",
        chapter="03",
        text=r"A convolution's output has $W_2=(W_1-F+2P)/S+1$ columns, $H_2=(H_1-F+2P)/S+1$ rows and depth $D_2=K$.",
        verdict=UNDER_CONDITIONS,
        conditions="The stride divides $W_1-F+2P$, dilation is 1, and both axes share F, S and P.",
        correct=FLOOR + "; the depth is the number of kernels",
        reason="Windows are counted, and a window that does not fit whole is not counted: the fraction has to be floored.",
        tester=window_size,
        statement=(W - F + 2 * P) / S + 1,
        repaired=floor_formula,
        condition=no_remainder,
    ),
    Claim(
        item="F2",
        source="000",
        group="sizes",
        chapter="03",
        text=r"A pooling's output has $W_2=(W_1-F)/S+1$ columns and $H_2=(H_1-F)/S+1$ rows; the depth stays.",
        verdict=UNDER_CONDITIONS,
        conditions="The stride divides $W_1-F$, and nothing is padded.",
        correct=POOLED,
        reason="As for convolution: only whole windows are counted, unless ceil mode is asked for.",
        tester=pool_size,
        statement=(W - F) / S + 1,
        repaired=pooled_size,
        condition=lambda n, kernel_size, stride, padding: (n - kernel_size) % stride == 0 and padding == 0,
    ),
    Claim(
        item="F26",
        source="001",
        group="sizes",
        chapter="03",
        text="How is the size of the output map computed? (A heading; no answer follows.)",
        verdict=NO_FORMULA,
        correct=FLOOR,
        reason="A question is asked and left open; the formula that is missing is tested in its place.",
        tester=window_size,
        statement=Words(),
        repaired=floor_formula,
    ),
    Claim(
        item="F27",
        source="001",
        group="sizes",
        chapter="03",
        text=r"A chain of sizes: $28-5+1=24$; $(24-3+1)/2=11$; $(11-3+1)/2=4$; then $16\cdot4\cdot4=256$ numbers into the dense layer.",
        verdict=UNDER_CONDITIONS,
        conditions=r"The pool divides $n-k+1$; in the printed chain it does not the last time: $9/2=4.5$.",
        correct=r"$\lfloor (n-k+1)/q \rfloor$ for a pooling of q cells, so $\lfloor 9/2 \rfloor = 4$ and 256 is right",
        reason="The last quotient is 4.5; the 4 that is printed needs a floor that is not.",
        tester=chain_size,
        statement=(n - K + 1) / pool,
        repaired=sympy.floor((n - K + 1) / pool),
        condition=lambda n, kernel_size, pool: (n - kernel_size + 1) % pool == 0,
    ),
    Claim(
        item="F36",
        source="002",
        group="sizes",
        chapter="03",
        text=r"For an $n\times n$ window the pooled output is $\frac{n}{pool}\times\frac{n}{pool}$.",
        verdict=UNDER_CONDITIONS,
        conditions="n is the input (not the window), the stride equals the pool, the pool divides n, and nothing is padded.",
        correct=POOLED,
        reason="The letter is misnamed, and the quotient counts windows only when they tile the input exactly.",
        tester=pool_size,
        statement=n / K,
        repaired=pooled_size,
        condition=lambda n, kernel_size, stride, padding: stride == kernel_size and n % kernel_size == 0 and padding == 0,
    ),
    Claim(
        item="F47",
        source="003",
        group="sizes",
        chapter="01",
        text=r"$X\in R^{H\times W}$ and $K\in R^{K_h\times K_w}$ give $Y\in R^{(H-K_h+1)\times(W-K_w+1)}$.",
        verdict=UNDER_CONDITIONS,
        conditions="Stride 1, no padding, dilation 1.",
        correct=FLOOR,
        reason="A kernel of k cells can start at each of the first n-k+1 cells when it moves by one and nothing is padded.",
        tester=window_size,
        statement=H - K + 1,
        repaired=floor_formula,
        condition=lambda kernel_size, stride, padding, dilation: stride == 1 and padding == 0 and (dilation == 1 or kernel_size == 1),
    ),
    Claim(
        item="F49",
        source="003",
        group="sizes",
        chapter="03",
        text="Padding keeps the size: the output is as large as the input.",
        verdict=UNDER_CONDITIONS,
        conditions=r"Stride 1 and $2P=d(K-1)$; without dilation that needs an odd kernel.",
        correct=FLOOR + r"; it is n for $s=1$, $p=d(k-1)/2$",
        reason="Only one amount of padding makes up for the kernel, and an even kernel would need half a cell at each end.",
        tester=window_size,
        statement=lambda n: n,
        repaired=floor_formula,
        condition=keeps_the_size,
    ),
    Claim(
        item="F50",
        source="003",
        group="sizes",
        chapter="03",
        text="The stride is the interval at which the kernel moves. (No formula for the size follows.)",
        verdict=NO_FORMULA,
        correct=FLOOR,
        reason="An interval may be the step from start to start or the gap between windows, and neither says how many places there are.",
        tester=window_size,
        statement=Words(
            {
                "a step from start to start": sympy.floor((n - K) / S) + 1,
                "a gap between windows": sympy.floor((n - K) / (K + S)) + 1,
            }
        ),
        repaired=floor_formula,
    ),
)
