"""The shift lab's laws, without a browser."""

import numpy as np
import pytest
from traitlets import TraitError

from cnnlib.widgets import ShiftLab
from cnnlib.widgets.shiftlab import ENDS, KERNELS, PATTERNS, POOLINGS

SHIFTS = [(0, 0), (0, 1), (1, 0), (-2, 4), (3, -3)]


@pytest.mark.parametrize("by", SHIFTS, ids=str)
@pytest.mark.parametrize("kernel", KERNELS)
def test_without_strides_and_borders_the_output_follows_every_shift(by, kernel):
    lab = ShiftLab(pattern="random", down=by[0], right=by[1], kernel=kernel, blocks=3)
    assert lab.equivariance_error < 1e-9
    assert lab.follow == by


@pytest.mark.parametrize("pooling", [name for name in POOLINGS if name != "none"])
def test_behind_a_pooling_exactly_the_multiples_of_the_total_stride_are_respected(pooling):
    lab = ShiftLab(pattern="random", pooling=pooling, activation="none", kernel="sharpen")
    for by in SHIFTS:
        lab.down, lab.right = by
        whole = by[0] % 2 == by[1] % 2 == 0
        assert (lab.equivariance_error < 1e-9) == whole
        if whole:
            assert lab.follow == (by[0] // 2, by[1] // 2)


def test_a_zero_border_costs_equivariance_and_a_global_end_brings_invariance():
    lab = ShiftLab(down=-3, border="zeros", blocks=2)
    assert lab.equivariance_error > 1
    lab.down, lab.right, lab.border, lab.end = 0, 3, "circular", "global max"
    assert lab.invariance_error == 0
    assert lab.output.shape == (1, 1)
    lab.pooling, lab.right = "stride 2", 1
    assert lab.invariance_error > 0
    lab.set_trait("pooling", "max, blur, stride 2")
    lab.blocks, lab.end = 1, "global average"
    assert lab.invariance_error < 1e-12


def test_cells_of_ones_own_are_custom_and_a_pattern_brings_its_cells():
    lab = ShiftLab(image=np.eye(8))
    assert lab.pattern == "custom"
    for name in PATTERNS:
        lab.pattern = name
        assert len(lab.image) == len(lab.image[0]) == 8
        assert lab.pattern == name
    with pytest.raises(TraitError, match="3 by 3 cells, and the shift lab takes 8 by 8"):
        lab.image = np.eye(3)


@pytest.mark.parametrize("end", ENDS)
def test_the_picture_in_words_carries_the_errors(end):
    lab = ShiftLab(right=1, pooling="max 2", end=end)
    assert lab.sentence in lab.description
    assert lab.description.replace("'", "&#x27;") in lab.static_html() or lab.description in lab.static_html()
    assert repr(lab).startswith("ShiftLab(down=0, right=1")
    assert lab.static_svg() == ShiftLab(right=1, pooling="max 2", end=end).static_svg()
