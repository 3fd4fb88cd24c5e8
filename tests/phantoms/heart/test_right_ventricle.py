from dataclasses import replace

import numpy as np
import pytest

from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.right_ventricle import EJECTION_FRACTIONS, match_right_ventricle
from tests.hearts import heart


def volumes(one):
    """(2,) of the left and of the right ventricle at ED and ES, ml."""
    beat = one.rhythm.beats[0]
    beating = one.at([beat.start_s, beat.aortic_close_s])
    return beating.volume_ml, np.array([Anatomy(beating, frame).right_volume_ml() for frame in (0, 1)])


@pytest.mark.parametrize("population", ["normal", "dilated", "child", "bundle-branch-block"])
def test_both_ventricles_pump_the_same(population):
    left, right = volumes(heart(population, 2))
    assert right[0] - right[1] == pytest.approx(left[0] - left[1], rel=0.01)
    low, high = EJECTION_FRACTIONS
    assert low - 0.01 < 1 - right[1] / right[0] < high + 0.01


def test_what_leaks_back_is_not_pumped_by_the_right_ventricle():
    left, right = volumes(match_right_ventricle(heart("normal", 2), regurgitation=0.4))
    assert right[0] - right[1] == pytest.approx(0.6 * (left[0] - left[1]), rel=0.01)


def test_a_right_ventricle_that_is_large_enough_keeps_its_size():
    one = heart("dilated", 2)
    wide = replace(one, chambers=replace(one.chambers, right_mm=one.chambers.right_mm * 1.1))
    assert match_right_ventricle(wide).chambers.right_mm == pytest.approx(wide.chambers.right_mm)
