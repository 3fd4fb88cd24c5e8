import numpy as np
import pytest

from kinecor.core.values.track import Structure
from kinecor_lab.common.table import flat
from kinecor_lab.pipeline.short_axis_case import simulated
from kinecor_lab.pipeline.short_axis_strain import ARMS, TRUE, WHOLE, Measured, RingLooked, _values, tables


def looked():
    true = np.array([-18.0] * 12 + [-4.0, -5.0, -17.0, -18.0])
    off = np.tile([1.0, -1.0], 8)
    by_arm = {arm: Measured(-15.0, true + 2 + off if arm in (TRUE, WHOLE) else true * np.nan) for arm in ARMS}
    return [
        RingLooked("infarct 1", Measured(-16.0, true), by_arm),
        RingLooked("infarct 2", Measured(-14.0, true), by_arm),
    ]


def test_the_table_shows_bias_segments_and_scars():
    whole, segments, _ = tables(looked())
    by_arm = {row[0]: row for row in whole.rows}
    assert whole.columns[1].text(by_arm["true contours"][1]) == "+0.0 ± 1.4 (2)"
    assert by_arm["true contours"][2] == pytest.approx(1)
    cells = [[column.text(cell) for column, cell in zip(segments.columns, row, strict=True)] for row in segments.rows]
    assert cells[0] == ["all", "+2.0 ± 1.0 (32)", "2.0"]
    assert cells[1] == ["less the heart's mean", "+0.0 ± 1.0 (32)", "1.0"]
    assert "infarct 2: scar -2 %, others -16 %, area under the ROC curve 1.00 (2, 14)" in segments.notes


def test_every_value_is_written():
    rows = [flat(row) for row in _values(looked())]
    assert len(rows) == 2 * (1 + len(ARMS))
    assert list(rows[0].values())[:4] == ["infarct 1", "truth", -16, -18]


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
