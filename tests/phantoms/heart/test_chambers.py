from dataclasses import replace

import numpy as np
import pytest

from kinecor_phantoms.heart.chambers import AORTA, RANGES, Chambers


@pytest.mark.parametrize("name", RANGES)
def test_sizes_out_of_range_are_refused_with_the_range(name):
    low, high = RANGES[name]
    for value in (low - 0.01, high + 0.01, np.nan):
        with pytest.raises(ValueError, match=f"{name} must be {low:g} to {high:g}"):
            replace(Chambers(), **{name: value})


def test_the_right_ventricle_adjoins_the_septum_and_shrinks():
    sizes = Chambers()
    angle = np.deg2rad([180.0, 0.0, 90.0, 180.0])
    height = np.array([0.75, 0.75, 0.75, 0.05])
    open_, shut = (sizes.right_gap_mm(angle, height, contraction) for contraction in (0.0, 1.0))
    assert open_[0] == pytest.approx(sizes.right_mm, rel=0.1)
    assert (open_[1:] == 0).all()
    assert shut[0] == pytest.approx(0.7 * open_[0])


def test_the_annulus_is_cut_off_towards_the_aorta():
    angle = np.array([AORTA, AORTA + np.pi])
    near, far = Chambers().annulus_mm(np.full(2, 20.0), angle)
    assert near == pytest.approx(6.0)
    assert far == 20.0
