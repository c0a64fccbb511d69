"""The palette for readers who see colours differently: data colours stay apart under each kind of colour blindness."""

import itertools

import numpy as np
import pytest

from cnnlib.plots import COLORS

# Full dichromacy in linear RGB: Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1.0.
SIMULATIONS = {
    "full colour": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = TO_XYZ @ np.ones(3)
CLEARLY_APART = 15  # CIE76 colour difference; about 2 is the least that can be seen side by side


def linear(colour):
    """sRGB "#rrggbb" as linear RGB, IEC 61966-2-1."""
    s = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """Linear RGB as CIE L*a*b*."""
    t = TO_XYZ @ np.clip(rgb, 0, 1) / WHITE
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", SIMULATIONS)
@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(COLORS, 2)))
def test_two_colours_of_the_palette_stay_apart(one, other, kind):
    matrix = SIMULATIONS[kind]
    seen = [lab(matrix @ linear(COLORS[name])) for name in (one, other)]
    assert np.linalg.norm(seen[0] - seen[1]) >= CLEARLY_APART


def test_the_measure_finds_a_palette_that_is_not_safe():
    red, green = (lab(SIMULATIONS["deuteranopia"] @ linear(colour)) for colour in ("#b05050", "#707c40"))
    assert np.linalg.norm(red - green) < CLEARLY_APART
