from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.tasks.motion.baselines import still
from kinecor_lab.tasks.motion.cases import FlowCase, read_cases, simulated_echo, write_cases
from kinecor_lab.tasks.motion.table import score, table
from kinecor_models.contract import ClipInput
from kinecor_models.engines.engine import both_ways
from kinecor_models.motion.model import MotionModel


def _case(step=(2.0, 0.0), frames=4, mm_per_px=0.5):
    points = np.random.default_rng(0).uniform(30, 70, (frames - 1, 50, 2))
    moved = np.broadcast_to(np.array(step), points.shape)
    images = np.random.default_rng(1).integers(0, 255, (frames, 100, 100)).astype(np.uint8)
    travelled = moved[0] * (frames - 1)
    return FlowCase("warped echo", 30.0, mm_per_px, images, (20.0, 20.0, 80.0, 80.0), points, moved, travelled)


def _says(dx):
    """A model that finds `dx` network pixels to the right everywhere."""
    return MotionModel(both_ways(lambda one, _: np.full((32, 32, 2), (dx, 0), np.float32)), 64, "test")


def test_standing_still_errs_by_the_motion():
    found = score(MotionModel(still(), 64, "still"), _case())
    assert found.error_px == pytest.approx(2)
    assert found.size_px == pytest.approx(2)
    assert found.error_mm == pytest.approx(1)
    assert found.gain == pytest.approx(0, abs=1e-9)
    assert found.drift_mm == pytest.approx(3)
    assert np.isnan(found.quality)


def test_half_the_motion_is_a_gain_of_a_half():
    case = _case()
    step_px = _says(0)(ClipInput(case.frames), lambda *_: None, case.within).grid.step_px[0]
    found = score(_says(1 / step_px), case)
    assert found.gain == pytest.approx(0.5)
    assert found.error_px == pytest.approx(1)
    assert found.drift_mm == pytest.approx(1.5)


def test_cases_come_back_from_a_file(tmp_path):
    write_cases(tmp_path / "warped-echo.npz", [_case(), _case((0.0, 1.0))])
    found = read_cases(tmp_path / "warped-echo.npz")
    assert [one.source for one in found] == ["warped echo"] * 2
    assert found[1].moved[0, 0].tolist() == [0, 1]
    assert found[0].within == (20, 20, 80, 80)
    assert found[0].mm_per_px == 0.5


def test_the_table_has_a_row_for_every_rate():
    model = MotionModel(still(), 64, "still")
    slow = score(model, _case())
    rows = table({"none": [slow, replace(slow, rate_per_s=60)]}).rows
    assert [row[:3] for row in rows] == [
        ("warped echo", "none", 2),
        ("warped echo, 30/s", "none", 1),
        ("warped echo, 60/s", "none", 1),
    ]


@pytest.mark.slow
def test_truth_of_simulated_cases_is_seen_in_the_images():
    cases = list(simulated_echo(1, 5))
    assert [round(case.rate_per_s) for case in cases] == [30, 60, 120]
    slow, fast = cases[0], cases[2]
    # At a quarter of the rate a frame's step is about four times as long.
    ratio = np.linalg.norm(slow.moved[0], axis=-1).mean() / np.linalg.norm(fast.moved[0], axis=-1).mean()
    assert 2 < ratio < 8
