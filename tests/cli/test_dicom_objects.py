"""DICOM objects of `kinecor analyse`: real files, with a stand-in for the models."""

import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest

from kinecor.cli import main
from kinecor.cli.batch import recordings
from kinecor.core.values.reading import first_reading
from kinecor.core.values.track import Structure
from kinecor.io.open.recordings import open_path
from kinecor.io.write.derived import save_derived
from kinecor.io.write.echo_report import echo_report
from kinecor.session.edits import SetEvents, SetTrack
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file
from tests.cli.test_analyse_command import propose
from tests.io.write.sources import AT, read_clip, write_clip
from tests.results import read_result


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recordings, "propose", propose)
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))


def test_a_structured_report_of_each_study(tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    for view in ("A4C", "A2C"):
        write_clip(clips / f"{view}.dcm", view)
    assert main(["analyse", str(clips), "--out", str(tmp_path / "out"), "--sr", "--quiet"]) == 0
    (written,) = (tmp_path / "out" / "sr").iterdir()
    assert written.name.endswith("-echo.dcm")
    report = pydicom.dcmread(written)
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    referred = {
        one.ReferencedSOPInstanceUID for of in study.ReferencedSeriesSequence for one in of.ReferencedSOPSequence
    }
    assert len(referred) == 2


def test_a_video_gets_a_sentence_in_place_of_a_structured_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = write_clip(tmp_path / "clip.dcm", StudyInstanceUID="")
    assert main(["analyse", str(clip), "--out", str(tmp_path / "out"), "--sr"]) == 0
    assert not (tmp_path / "out" / "sr").exists()
    (entry,) = read_result(tmp_path / "out" / "result.json")["recordings"]
    assert any(one.startswith("No structured report: ") for one in entry["warnings"])
    assert "has no DICOM identifiers" in capsys.readouterr().err


def test_a_segmentation_of_each_recording(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.dcm")
    assert main(["analyse", str(clip), "--out", str(tmp_path / "out"), "--seg", "--quiet"]) == 0
    (written,) = (tmp_path / "out" / "seg").iterdir()
    (entry,) = read_result(tmp_path / "out" / "result.json")["recordings"]
    assert written.stem == entry["id"]
    assert pydicom.dcmread(written).Modality == "SEG"


def test_everything_of_a_study_in_one_zip(tmp_path: Path) -> None:
    clip, out = write_clip(tmp_path / "clip.dcm"), tmp_path / "out"
    asked = ["--sr", "--seg", "--dicom", "--pdf", "--contours", "--pictures", "--film", "gif", "--zip", "--quiet"]
    assert main(["analyse", str(clip), "--out", str(out), *asked]) == 0
    (entry,) = read_result(out / "result.json")["recordings"]
    one, study = entry["id"], pydicom.dcmread(clip).StudyInstanceUID
    expected = {
        "result.json",
        f"sr/{study}-echo.dcm",
        f"seg/{one}.dcm",
        f"reports/{one}.pdf",
        f"study-reports/{study}.pdf",
        f"contours/{one}-contours.json",
        f"contours/{one}-contours.csv",
        f"films/{one}.gif",
        *(f"dicom/{one}-{what}.dcm" for what in ("key-frames", "loop", "contours", "report")),
        *(f"pictures/{one}-{what}" for what in ("ed1.png", "ed1.svg", "es1.png", "es1.svg", "curves.svg")),
    }
    with zipfile.ZipFile(out / f"{study}.zip") as packed:
        assert set(packed.namelist()) == expected
        assert packed.testzip() is None
    dicom = {file.name: pydicom.dcmread(file) for file in out.rglob("*.dcm")}
    assert {file.StudyInstanceUID for file in dicom.values()} == {study}
    assert len({file.SeriesInstanceUID for file in dicom.values()}) == len(dicom) == 6


def test_saved_corrections_are_exported_with_readings(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.dcm")
    (recording,) = open_path(clip).recordings
    reading = read_clip(clip).reading
    with Store.open(study_file(recording.source.study_id)) as store:
        journal = Journal(store)
        journal.open(first_reading(recording))
        for track in reading.tracks.values():
            journal.do(recording.source.recording_id, SetTrack(track), "Dr Grey")
        journal.do(recording.source.recording_id, SetEvents(reading.events), "Dr Grey")
    found = {}
    for option in ([], ["--readings"]):
        out = tmp_path / f"out{len(option)}"
        assert main(["analyse", str(clip), "--out", str(out), *option, "--quiet"]) == 0
        (found[len(option)],) = read_result(out / "result.json")["recordings"]
    endo = [found[n]["tracks"]["lv_endo"]["contours"][0] for n in (0, 1)]
    assert endo[1] == np.round(reading.tracks[Structure.LV_ENDO].contours[0].points, 2).tolist() != endo[0]
    assert any("The reading saved in the window was used" in one for one in found[1]["warnings"])
    assert not any("saved in the window" in one for one in found[0]["warnings"])


def test_a_report_of_another_system_stands_beside_our_values(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    clip = write_clip(folder / "clip.dcm")
    report = echo_report([read_clip(clip)], AT)
    save_derived(report, folder / "cart.dcm")
    made = pydicom.dcmread(folder / "cart.dcm")
    made.Manufacturer, made.ManufacturerModelName, made.SoftwareVersions = "Cart", "Cart 1", "1.0"
    made.save_as(folder / "cart.dcm")
    assert main(["analyse", str(folder), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    (study,) = read_result(tmp_path / "out" / "result.json")["studies"]
    (report,) = study["reported"]
    assert (report["template"], report["source"]) == ("5300", str(folder / "cart.dcm"))
    assert {one["code"] for one in report["values"]} >= {"79999-9", "GLS-A4C"}
