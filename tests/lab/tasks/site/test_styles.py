"""Simulated readers draw as far from the true edge as their style says."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM
from kinecor_lab.tasks.site.compare import FOLDS, folds_of
from kinecor_lab.tasks.site.styles import MM_PER_PX, STYLES, drawn_apical, drawn_short_axis

STEADY = [replace(style, sd_mm=0.0) for style in STYLES]
PHASES = ("ED", "ES")


def disc(radius_px: float) -> np.ndarray:
    y, x = np.mgrid[:160, :160]
    return np.hypot(x - 80, y - 80) <= radius_px


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("style", STEADY, ids=lambda one: one.name)
def test_the_cavity_is_as_far_out_as_the_style_says(style, phase):
    outside_mm = style.outside_mm if phase == "ED" or style.es_outside_mm is None else style.es_outside_mm
    label = np.where(disc(30), 1, np.where(disc(45), 2, 0)).astype(np.uint8)
    label[disc(200) & (np.arange(160)[:, None] > 115) & (label == 0)] = 3
    drawn = drawn_apical(Sample("a", phase, label, label, 0.5), style, np.random.default_rng(0)).label
    radius_px = np.sqrt((drawn == 1).sum() / np.pi)
    assert radius_px == pytest.approx(30 + outside_mm / 0.5, abs=0.8)
    assert np.array_equal(drawn == 3, label == 3)
    assert np.array_equal(np.isin(drawn, (1, 2)), np.isin(label, (1, 2)))
    allowed = np.where(disc(20), CAVITY, np.where(disc(30), MYOCARDIUM, BACKGROUND)).astype(np.uint8)
    out = drawn_short_axis(allowed, phase, style, np.random.default_rng(0))
    # Masks are of whole pixels, of nearly 1.5 mm each: less than one pixel may not show.
    assert np.sqrt((out == CAVITY).sum() / np.pi) == pytest.approx(20 + outside_mm / MM_PER_PX, abs=0.8)
    assert np.array_equal(out == BACKGROUND, allowed == BACKGROUND)


def test_folds_hold_each_patient_once_and_do_not_depend_on_order():
    names = [f"patient {number}" for number in range(41)]
    found = folds_of(names)
    assert found == folds_of(names[::-1] + names)
    assert sorted(np.bincount(list(found.values()))) == [13, 14, 14]
    assert set(found.values()) == set(range(FOLDS))
