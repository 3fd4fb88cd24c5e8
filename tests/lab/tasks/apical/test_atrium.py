"""Atrial volumes of one view and of both against those of experts."""

import cv2
import numpy as np
import pytest

from kinecor.core.values.geometry import Contour
from kinecor_lab.common.table import Spread
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.atrium import AtrialVolume, Atrium, atrium, table, volumes
from kinecor_lab.tasks.apical.ejection import BIPLANE
from kinecor_models.contract import ClipInput
from tests.lab.tasks.apical.test_ejection import ventricle
from tests.lab.tasks.apical.test_robustness import Drawer


def roof(half: float) -> Contour:
    """Half an ellipse below its base, as atria are in apical views."""
    points = ventricle(half).points
    return Contour(np.stack([points[:, 0], 200 - points[:, 1]], axis=1))


def frame(view: str, found: float, true: float, spacing_mm: float = 1.0, phase: str = "ES") -> Atrium:
    blank = np.zeros((4, 4), np.uint8)
    sample = Sample("p", phase, blank, blank, spacing_mm, view)
    return Atrium(roof(found) if found else None, roof(true) if true else None, sample)


def by_method(found: list[AtrialVolume]) -> dict[str, AtrialVolume]:
    return {one.method: one for one in found}


def test_an_oval_atrium_is_off_in_one_view_however_well_it_is_drawn() -> None:
    found = by_method(volumes([frame("A4C", 20, 20), frame("A2C", 25, 25)]))
    true = 2 / 3 * np.pi * 20 * 25 * 60 / 1000
    assert found[BIPLANE].measured_ml == pytest.approx(true, rel=0.005)
    assert found["A4C"].measured_ml == found["A4C"].same_ml
    assert found["A4C"].same_ml / found["A4C"].both_ml == pytest.approx(20 / 25, abs=0.001)
    assert found["A2C"].same_ml / found["A2C"].both_ml == pytest.approx(25 / 20, abs=0.001)


def test_only_frames_at_es_that_an_expert_drew_at_a_known_scale_count() -> None:
    atria = [frame("A4C", 20, 20, phase="ED"), frame("A2C", 20, 20, float("nan")), frame("A4C", 20, 0)]
    assert volumes(atria) == []
    (alone,) = volumes([frame("A4C", 18, 20)])
    assert np.isnan(alone.both_ml)
    assert alone.measured_ml / alone.same_ml == pytest.approx((18 / 20) ** 2, abs=0.001)


def test_the_table_says_what_is_the_contour_s_and_what_the_view_s() -> None:
    found = volumes([frame("A4C", 20, 20), frame("A2C", 0, 26)])
    rows = {row[:2]: row[2:] for row in table(found).rows}
    assert rows["measured, A4C alone", "experts', A4C alone"][2] == 0
    assert rows["experts', A4C alone", "experts', biplane"][2] == 1
    assert rows["experts', A2C alone", "experts', biplane"][2] == 1
    missing = rows["measured, A2C alone", "experts', A2C alone"][1]
    assert isinstance(missing, Spread)
    assert (missing.n, missing.missing) == (0, 1)


def test_atria_are_those_of_the_mask_and_of_the_model() -> None:
    label = np.zeros((130, 120), np.uint8)
    cv2.ellipse(label, (60, 85), (37, 72), 0, 180, 360, (2,), -1)
    cv2.ellipse(label, (60, 85), (25, 60), 0, 180, 360, (1,), -1)
    cv2.rectangle(label, (36, 86), (84, 115), (3,), -1)
    one = atrium(Drawer()(ClipInput(label[None]), lambda *_: None), Sample("p", "ES", label, label, 1.0))
    assert one.true is not None
    assert one.true.area_px2 == pytest.approx(49 * 30, rel=0.03)
