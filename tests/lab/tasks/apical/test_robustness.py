from collections.abc import Callable

import numpy as np
import pytest

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.calibration import Promise, fitted_power, promises
from kinecor_lab.tasks.apical.calibration import table as calibration_table
from kinecor_lab.tasks.apical.robust_cases import CHANGES, UNCHANGED, RobustCase, _settings, stills
from kinecor_lab.tasks.apical.robustness import main, score, tables
from kinecor_models.contours.apical import CONFIDENCE_POWERS
from kinecor_models.contract import ClipInput, ClipOutput, ModelCard, fit_grid, load_card
from tests.lab.camus import drawn

SIDE = 64


def square(left: int, top: int, right: int, bottom: int) -> np.ndarray:
    """The outline of the pixels left..right - 1, top..bottom - 1."""
    x0, y0, x1, y1 = left - 0.5, top - 0.5, right - 0.5, bottom - 0.5
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)


class Drawer:
    """A model that draws the same squares on every frame, the cavity a pixel lower each frame."""

    def __init__(self, sure: float = 0.9) -> None:
        self._sure = sure

    @property
    def card(self) -> ModelCard:
        return load_card("lv-apical")

    def __call__(self, clip: ClipInput, tick: Callable[[int, int], None]) -> ClipOutput:
        count = len(clip.frames)
        contours = {
            "lv_endo": [square(20, 10 + frame, 40, 40 + frame) for frame in range(count)],
            "lv_epi": [square(15, 5, 45, 50)] * count,
            "la": [None] * count,
        }
        confidence = {name: np.full(count, self._sure * (name != "la"), np.float32) for name in contours}
        return ClipOutput(contours, confidence, fit_grid((0, 0, SIDE, SIDE), SIDE))


def case(condition: str = UNCHANGED.name, frames: int = 3) -> RobustCase:
    truth = np.zeros((frames, SIDE, SIDE), np.uint8)
    truth[:, 5:50, 15:45] = 2
    truth[:, 10:40, 20:40] = 1
    truth[:, 50:60, 20:40] = 3
    clip = ClipInput(np.zeros((frames, SIDE, SIDE), np.uint8))
    return RobustCase("drawn", condition, "one", clip, truth)


def test_scores_are_those_of_the_shapes() -> None:
    found = score(Drawer(), case())
    # 30 rows of cavity, moved by 0, 1 and 2 rows.
    assert found.dice[1] == pytest.approx(np.mean([1, 29 / 30, 28 / 30]))
    assert found.dice[3] == 0
    # A row leaves and a row comes: 2 x 20 pixels a frame.
    assert found.flicker == pytest.approx(40 / SIDE**2)
    assert found.true_flicker == 0
    assert found.confidence == pytest.approx(0.9)


def test_a_still_has_no_flicker() -> None:
    assert np.isnan(score(Drawer(), case(frames=1)).flicker)


def test_the_table_has_a_row_for_each_condition_and_shows_the_change() -> None:
    good, bad = score(Drawer(), case(frames=1)), score(Drawer(), case("shadow", frames=3))
    (found,) = tables([good, bad])
    assert [row[0] for row in found.rows] == ["as it is", "shadow"]
    assert "-0.033" in found.text()


def test_every_setting_of_a_simulated_heart_has_a_name_and_is_valid() -> None:
    names = list(_settings())
    assert names[0] == UNCHANGED.name
    assert {"15 frames/s", "120 frames/s", "foreshortened 20 degrees"} <= set(names)


def test_stills_come_with_every_change() -> None:
    image, label = drawn(3)
    found = list(stills([Sample("p1", "ED", image, label, 0.9)], seed=0))
    assert [one.condition for one in found] == [change.name for change in CHANGES]
    assert {one.name for one in found} == {"p1/ED"}


def test_unknown_sources_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sources", "stills,dreams"]) == 1
    assert "dreams" in capsys.readouterr().err


def test_promises_are_shown_with_the_results() -> None:
    found = list(promises(Drawer(), case(frames=2)))
    assert [one.structure for one in found] == ["lv_endo", "lv_endo", "lv_epi", "lv_epi"]
    assert [one.dice for one in found[:2]] == pytest.approx([1, 29 / 30])


def test_the_fitted_power_makes_promises_true() -> None:
    rng = np.random.default_rng(0)
    raw = rng.uniform(0.7, 1, 400)
    some = [Promise("a", "b", "c", "lv_endo", float(r ** CONFIDENCE_POWERS["lv_endo"]), float(r**3)) for r in raw]
    assert fitted_power(some, "lv_endo") == pytest.approx(3, abs=0.02)
    with pytest.raises(ValueError, match="la"):
        fitted_power(some, "la")


def test_the_calibration_error_is_the_gap() -> None:
    some = [Promise("a", "b", "c", "la", 0.9, 0.8)] * 20
    (row,) = calibration_table("title", some).rows
    assert row[:2] == ("left atrium", 20)
    assert (row[2].mean, row[3].mean, row[4]) == pytest.approx((0.9, 0.8, 0.1))
