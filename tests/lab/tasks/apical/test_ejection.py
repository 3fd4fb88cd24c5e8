from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor.core.values.geometry import Contour
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical import evaluate as command
from kinecor_lab.tasks.apical.data import paired, repeated
from kinecor_lab.tasks.apical.ejection import BIPLANE, Cavity, Error, cavity, errors, table
from kinecor_models.contract import ClipInput
from tests.lab.camus import write_camus, write_resized_camus
from tests.lab.tasks.apical.test_robustness import Drawer


def ventricle(half: float, high: float = 60.0) -> Contour:
    """Half an ellipse, open at its base: `half` as wide as that on either side of the axis."""
    angle = np.linspace(np.pi, 2 * np.pi, 200)
    return Contour(np.stack([100 + half * np.cos(angle), 100 + high * np.sin(angle)], axis=1))


def frame(view: str, phase: str, found: float, true: float, spacing_mm: float = 1.0, quality: str = "") -> Cavity:
    blank = np.zeros((4, 4), np.uint8)
    sample = Sample("p", phase, blank, blank, spacing_mm, view, quality)
    return Cavity(ventricle(found) if found else None, ventricle(true), sample)


def value(found: list[Error], method: str, code: str) -> Error:
    (one,) = [one for one in found if (one.method, one.code) == (method, code)]
    return one


def test_volumes_are_those_of_half_ellipsoids() -> None:
    found = errors([frame("A4C", "ED", 25, 25), frame("A4C", "ES", 20, 15)])
    edv, ef = value(found, "A4C", "EDV"), value(found, "A4C", "EF")
    assert edv.true == pytest.approx(2 / 3 * np.pi * 25**2 * 60 / 1000, rel=0.005)
    assert edv.off == 0
    assert ef.true == pytest.approx(100 * (1 - (15 / 25) ** 2), abs=0.2)
    assert ef.measured == pytest.approx(100 * (1 - (20 / 25) ** 2), abs=0.2)


def test_both_views_give_a_biplane_value() -> None:
    frames = [frame("A4C", "ED", 25, 25), frame("A4C", "ES", 15, 15)]
    frames += [frame("A2C", "ED", 22, 20, quality="Poor"), frame("A2C", "ES", 12, 12, quality="Poor")]
    found = errors(frames)
    edv = value(found, BIPLANE, "EDV")
    assert edv.true == pytest.approx(2 / 3 * np.pi * 25 * 20 * 60 / 1000, rel=0.005)
    assert edv.measured / edv.true == pytest.approx(22 / 20, abs=0.001)
    assert {one.quality for one in found} == {"Poor"}
    rows = table(found).rows
    assert {row[0] for row in rows} == {"A4C alone", "A2C alone", "biplane"}
    assert ("biplane", "EF (%)", "poor") in {row[:3] for row in rows}


def test_without_a_spacing_there_are_no_millilitres() -> None:
    frames = [frame("A4C", "ED", 25, 25), frame("A4C", "ES", 15, 15)]
    frames += [frame("A2C", phase, 20, 20, float("nan")) for phase in ("ED", "ES")]
    found = errors(frames)
    assert [(one.method, one.code) for one in found if one.method != "A4C"] == [("A2C", "EF")]


def test_a_missing_contour_is_counted_as_missing() -> None:
    found = errors([frame("A4C", "ED", 0, 25), frame("A4C", "ES", 15, 15)])
    assert np.isnan(value(found, "A4C", "EF").measured)
    row = table(found).rows[0]
    assert row[5].missing == 1
    assert row[6] is None


def test_the_volume_of_a_mask_is_that_of_its_shape() -> None:
    label = np.zeros((130, 120), np.uint8)
    cv2.ellipse(label, (60, 85), (37, 72), 0, 180, 360, (2,), -1)
    cv2.ellipse(label, (60, 85), (25, 60), 0, 180, 360, (1,), -1)
    cv2.rectangle(label, (36, 86), (84, 115), (3,), -1)
    sample = Sample("p", "ED", label, label, 1.0)
    one = cavity(Drawer()(ClipInput(label[None]), lambda *_: None), sample)
    assert one.volume_mm3(true=True) == pytest.approx(2 / 3 * np.pi * 25**2 * 60, rel=0.05)
    assert one.found is not None


def test_the_command_reports_both_views_and_biplane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ApicalModel", lambda *_: Drawer())
    monkeypatch.setattr(command, "open_many", lambda *_: None)
    folders = [str(write_camus(tmp_path / "four")), str(write_resized_camus(tmp_path / "two"))]
    assert command.main(["--data", *folders, "--out", str(tmp_path / "out")]) == 0
    text = capsys.readouterr().out
    assert "split valid, A4C and A2C, 2 patients, 8 frames" in text
    assert "biplane" in text
    assert "A2C   good" in text


def test_pairs_are_of_one_view_of_one_patient() -> None:
    blank = np.zeros((4, 4), np.uint8)
    frames = [
        Sample(patient, phase, blank, blank, 1.0, view)
        for phase in ("ES", "ED")
        for patient in "ab"
        for view in ("A4C", "A2C")
    ]
    alone = [Sample(name, "ED", blank, blank, 1.0, "A3C") for name in "xyz"]
    found = paired([*alone, *frames])
    assert len(found) == 10
    pairs = list(zip(found[::2], found[1::2], strict=True))
    assert all(one.phase == "ED" and other.phase == "ES" for one, other in pairs[:4])
    assert all((one.patient, one.view) == (other.patient, other.view) for one, other in pairs[:4])
    assert pairs[4] == (alone[0], alone[1])


def test_repeated_frames_of_a_view_are_pairs_of_their_own() -> None:
    blank = np.zeros((4, 4), np.uint8)
    frames = [Sample("a", phase, blank, blank, 1.0, view) for phase in ("ED", "ES") for view in ("A4C", "A2C")]
    found = paired(repeated(frames, 3))
    assert [(one.view, one.phase) for one in found].count(("A4C", "ED")) == 3
    assert len(found) == 8
    assert all(
        (one.patient, one.view, one.phase, other.phase) == (other.patient, other.view, "ED", "ES")
        for one, other in zip(found[::2], found[1::2], strict=True)
    )
    assert repeated(frames, 1) == frames
