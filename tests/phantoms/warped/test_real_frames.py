"""Expert frames of CAMUS and ACDC, where available: the motion agrees with both experts."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.warped.cine import make_cine
from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, LabelledFrame
from kinecor_phantoms.warped.path import find_path

APICAL_PATIENTS = ("patient0071", "patient0180", "patient0297")
SLICES = (("patient001", 4), ("patient021", 4), ("patient071", 5))


def _frames(folder: Path, ed: str, es: str) -> tuple[LabelledFrame, LabelledFrame]:
    read = [
        [cv2.imread(str(folder / kind / f"{name}.png"), cv2.IMREAD_GRAYSCALE) for kind in ("images", "labels")]
        for name in (ed, es)
    ]
    first, last = (LabelledFrame(np.asarray(image, np.uint8), np.asarray(label, np.uint8)) for image, label in read)
    return first, last


@pytest.mark.parametrize("patient", APICAL_PATIENTS)
def test_a_camus_patient_moves_from_expert_to_expert(shared_data: Path, patient: str) -> None:
    ed, es = _frames(shared_data / "camus-a4c", f"{patient}_4CH_ED", f"{patient}_4CH_ES")
    found = find_path(ed, es, APICAL)
    assert found.dice["lv_endo"] > 0.98
    assert found.dice["lv_epi"] > 0.98
    assert found.dice["la"] > 0.95
    assert found.least_growth > 0.1
    cine = make_cine(found, sinus_rhythm(70, 1), np.linspace(0, 0.8, 9), np.random.default_rng(0))
    assert np.array_equal(cine.labels[0], ed.label)
    # Mean brightness goes from one frame's to the other's, with no dark or bright stretch between.
    seen = found.seen
    assert seen is not None
    means = cine.frames[:, seen].mean(axis=1)
    ends = sorted((ed.image[seen].mean(), es.image[seen].mean()))
    assert ends[0] - 4 < means.min()
    assert means.max() < ends[1] + 4


@pytest.mark.parametrize(("patient", "number"), SLICES)
def test_an_acdc_slice_moves_from_expert_to_expert(shared_data: Path, patient: str, number: int) -> None:
    names = [f"{patient}_{phase}_s{number:02d}" for phase in ("ED", "ES")]
    found = find_path(*_frames(shared_data / "acdc-sax", names[0], names[1]), SHORT_AXIS)
    assert min(found.dice.values()) > 0.95
    assert found.least_growth > 0.02
