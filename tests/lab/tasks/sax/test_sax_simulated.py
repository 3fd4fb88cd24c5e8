from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, RV
from kinecor_lab.tasks.sax import simulated
from kinecor_lab.tasks.sax.data import FIELD_PX, placed
from kinecor_models.localisation.framing import FIELD_MM
from kinecor_phantoms.recording import LV_CAVITY, LV_MYOCARDIUM, RV_CAVITY

SLICES = 6


def drawn(_rng: np.random.Generator) -> simulated.Stack:
    """Cavity from the second slice to the fourth; the right ventricle reaches one slice farther."""
    labels = np.zeros((SLICES, simulated.PHASES, 40, 40), np.uint8)
    labels[1:4, :, 10:30, 10:30] = LV_MYOCARDIUM
    labels[1:4, :, 15:25, 15:25] = LV_CAVITY
    labels[2:5, :, 10:30, 2:9] = RV_CAVITY
    return np.full_like(labels, 90) + labels, labels


def test_labels_are_exact_but_for_right_ventricles_beyond_the_base() -> None:
    rng = np.random.default_rng(1)
    for _ in range(8):
        for one in simulated.samples_of("1", drawn(rng), rng):
            within = 1 <= one.number <= 3
            expected = {BACKGROUND, CAVITY, MYOCARDIUM} if within else {BACKGROUND}
            if 2 <= one.number <= 4:
                expected |= {RV if within else RV | BACKGROUND}
            assert set(np.unique(one.allowed)) == expected
            assert (one.around[1] is None) == (one.number == 0)


def test_slices_about_base_and_apex_are_taken_more_often() -> None:
    rng = np.random.default_rng(1)
    taken = np.bincount([one.number for _ in range(300) for one in simulated.samples_of("1", drawn(rng), rng)])
    assert taken[[0, 1, 3, 4]].min() > 1.4 * taken[2]
    assert taken[5] < 0.5 * taken[2]


def test_a_stack_has_the_scale_that_placing_expects() -> None:
    images, labels = simulated.drawn_stack(np.random.default_rng(3))
    assert images.shape == labels.shape
    assert images.dtype == labels.dtype == np.uint8
    cavity_px = (labels == LV_CAVITY).sum(axis=(2, 3)).max()
    across_mm = 2 * np.sqrt(cavity_px / np.pi) * FIELD_MM / FIELD_PX
    assert 20 < across_mm < 90
    one = next(
        o for o in simulated.samples_of("1", (images, labels), np.random.default_rng(0)) if o.certain(CAVITY).any()
    )
    _, label = placed(one, 128, np.random.default_rng(0), 0.0)
    assert (label == CAVITY).sum() == pytest.approx(one.certain(CAVITY).sum(), rel=0.1, abs=6)


def test_stacks_are_simulated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated, "drawn_stack", drawn)
    assert simulated.saved_simulated_slices(tmp_path, 0, 5) == []
    first = simulated.saved_simulated_slices(tmp_path, 2, 5)
    assert len(first) == 2 * simulated.OF_EACH
    assert {one.patient for one in first} == {"simulated 0", "simulated 1"}
    monkeypatch.setattr(simulated, "drawn_stack", lambda _: pytest.fail("simulated again"))
    again = simulated.saved_simulated_slices(tmp_path, 2, 5)
    assert [(one.patient, one.phase, one.number) for one in again] == [
        (one.patient, one.phase, one.number) for one in first
    ]
