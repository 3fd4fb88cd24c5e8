import numpy as np
import pytest

from kinecor.core.values.track import Structure
from kinecor_lab.pipeline.ring_arms import ARMS, TRUE, WHOLE, Measured, RingLooked
from kinecor_lab.pipeline.ring_case import simulated
from kinecor_lab.pipeline.ring_command import _values
from kinecor_lab.pipeline.ring_table import ring_table


def looked():
    true = np.array([-18.0] * 12 + [-4.0, -5.0, -17.0, -18.0])
    off = np.tile([1.0, -1.0], 8)
    by_arm = {arm: Measured(-15.0, true + 2 + off if arm in (TRUE, WHOLE) else true * np.nan) for arm in ARMS}
    return [
        RingLooked("infarct 1", Measured(-16.0, true), by_arm),
        RingLooked("infarct 2", Measured(-14.0, true), by_arm),
    ]


def test_the_table_tells_bias_segments_and_scars():
    text = ring_table(looked())
    assert "true contours          GCS +0.0 +- 1.4, absolute 1.0 (n 2)" in text
    assert "whole +2.0 +- 1.0, absolute 2.0 (n 32)" in text
    assert "less the heart's mean +0.0 +- 1.0, absolute 1.0 (n 32)" in text
    assert "infarct 2: scar -2 %, others -16 %, told apart 1.00 (2, 14)" in text


def test_every_value_is_written():
    lines = _values(looked()).splitlines()
    assert len(lines) == 1 + 2 * (1 + len(ARMS))
    assert lines[1].startswith("infarct 1,truth,-16.00,-18.00")


@pytest.mark.slow
def test_a_simulated_stack_and_its_truth():
    case = simulated(0, phases=3)
    stack, truth = case.stack, case.truth
    assert len(stack.slices) == len(truth.slices) == len(case.wall_mm)
    cut = [number for number, wall in enumerate(case.wall_mm) if wall is not None]
    assert len(cut) >= 5
    middle = cut[len(cut) // 2]
    wall, endo = case.wall_mm[middle], truth.slices[middle].tracks[Structure.LV_ENDO]
    inside = endo.contours[0].scaled_mm(1.6, 1.6)
    around, length = (np.linalg.norm(np.roll(one, -1, axis=0) - one, axis=1).sum() for one in (wall[0, :, :2], inside))
    assert around > length
    assert wall.shape == (3, 61, 3)
    assert len(truth.events.beats) == 1
