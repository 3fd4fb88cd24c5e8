import dataclasses
import json

import numpy as np
import pydicom
import pytest

from kinecor.analysis.phantoms import Output, write_echo, write_mri
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.io.open.recordings import open_path
from kinecor_phantoms.heart.patient import Patient
from tests.analysis import phantom_recordings as made


def test_a_clip_and_its_truth_are_written_together_and_agree(tmp_path):
    paths = write_echo(made.echo(), Output(tmp_path / "out", "Normal", "one", dense=True))
    assert [path.name for path in paths] == ["echo-a4c.dcm", "truth.json", "truth.npz"]
    assert all(path.is_file() for path in paths)
    truth = json.loads(paths[1].read_text())["recordings"][0]
    found = open_path(tmp_path / "out")
    assert not found.refused
    (cine,) = found.recordings
    assert truth["files"] == ["echo-a4c.dcm"]
    assert cine.times_s == pytest.approx(truth["times_s"], abs=1e-6)
    assert [cine.calibration.row_mm, cine.calibration.col_mm] == pytest.approx(truth["spacing_mm"], abs=1e-6)
    assert (cine.view, len(cine)) == (truth["view"], truth["frames"])
    assert cine.r_wave_s == pytest.approx([0.01])
    assert np.array_equal(cine.frames[3], made.echo().frames[3])


@pytest.mark.parametrize("enhanced", [False, True])
def test_a_study_opens_in_the_order_of_its_truth(tmp_path, enhanced):
    study = made.mri()
    paths = write_mri(study, Output(tmp_path / "out", "Dilated", "one", enhanced=enhanced, dense=True))
    assert all(path.exists() for path in paths)
    truth = json.loads((tmp_path / "out" / "truth.json").read_text())
    for recording in truth["recordings"]:
        assert all((tmp_path / "out" / name).is_file() for name in recording["files"])
    found = open_path(tmp_path / "out")
    assert not found.refused
    (stack,) = (one for one in found.recordings if isinstance(one, Stack))
    long_axes = [one for one in found.recordings if isinstance(one, CineSequence)]
    assert len(long_axes) == 2
    assert len(truth["recordings"][0]["files"]) == (1 if enhanced else 15)
    assert [len(stack.slices), stack.phases] == [truth["recordings"][0][name] for name in ("slices", "frames")]
    assert np.diff(stack.positions_mm) == pytest.approx([10, 10], abs=1e-4)
    assert stack.times_s == pytest.approx(truth["recordings"][0]["times_s"], abs=1e-6)
    # Shown through one grey window, so values follow each other but are not the same.
    for shown, written in zip(stack.slices, study.stack, strict=True):
        assert np.corrcoef(shown.frames[2].ravel(), written.frames[2].ravel())[0, 1] > 0.98
    with np.load(tmp_path / "out" / "truth.npz") as arrays:
        assert {"sax-01/labels", "sax-03/labels", "a4c/labels", "a2c/wall_points_px"} <= set(arrays)


def test_the_patient_is_in_the_header_and_in_the_truth(tmp_path):
    who = Patient(age_years=7, sex="F", height_cm=118.0, weight_kg=21.4)
    paths = write_echo(dataclasses.replace(made.echo(), patient=who), Output(tmp_path / "out", "Child", "one"))
    header = pydicom.dcmread(paths[0])
    assert (header.PatientAge, header.PatientSex) == ("007Y", "F")
    assert int(header.StudyDate[:4]) - int(header.PatientBirthDate[:4]) == 7
    found = open_path(tmp_path / "out").recordings[0].source.patient
    assert (found.height_cm, found.weight_kg, found.sex) == (118.0, 21.4, "F")
    assert json.loads(paths[1].read_text())["patient"] == dataclasses.asdict(who)


def test_a_full_folder_is_refused_and_left_unchanged(tmp_path):
    (tmp_path / "mine").write_text("1")
    with pytest.raises(KinecorError, match="not empty"):
        write_echo(made.echo(), Output(tmp_path, "Normal", "one"))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_view_that_is_none_of_the_standard_ones_has_no_name(tmp_path):
    write_echo(made.echo("other"), Output(tmp_path / "out", "Normal", "one"))
    assert open_path(tmp_path / "out").recordings[0].view is None
