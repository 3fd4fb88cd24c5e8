"""Export data: every format of the dialog, from the window."""

import re
import zipfile
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QFileDialog

from kinecor.core.values.errors import no_tick
from kinecor.core.values.study import first_study_reading
from kinecor.ui.app.exports import FORMATS, Subject, file_stem, format_of
from kinecor.ui.report.render import Content
from tests.io.write.sources import read_clip, read_stack, write_clip, write_stack


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    one = read_clip(write_clip(tmp_path_factory.mktemp("clip") / "clip.dcm"))
    return Subject(one.recording, one.reading, 3, ((one.recording, one.reading),), None)


@pytest.mark.parametrize("which", FORMATS, ids=lambda one: one.ending)
def test_every_format_of_a_loop_is_written(clip, which, tmp_path):
    path = tmp_path / f"out{which.ending}"
    which.write(path, clip, no_tick)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.stat().st_size > 100
    assert format_of(which.filter) is which


def test_everything_of_a_stack(tmp_path):
    one = read_stack(write_stack(tmp_path / "mr"))
    pairs = ((one.recording, one.reading),)
    report = Content(pairs, first_study_reading(one.recording.source.study_id, [one.recording]))
    subject = Subject(one.recording, one.reading, 0, pairs, None, report)
    FORMATS[-1].write(tmp_path / "study.zip", subject, no_tick)
    with zipfile.ZipFile(tmp_path / "study.zip") as packed:
        names = packed.namelist()
        assert packed.read("report.pdf").startswith(b"%PDF")
    assert "structured-report.dcm" in names
    assert {name.split("/")[0] for name in names} >= {"contours", "csv", "dicom", "films", "pictures", "seg"}


def test_what_is_on_screen_is_exported_in_the_background(window, qtbot, monkeypatch, tmp_path):
    chosen = next(one for one in FORMATS if one.ending == ".png")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "frame"), chosen.filter))
    window.exporting.choose_data()
    qtbot.waitUntil(lambda: not window.jobs.keys)
    assert (tmp_path / "frame.png").read_bytes().startswith(b"\x89PNG")
    assert window.banner.messages == []


def test_without_identifiers_the_window_says_so(window, qtbot, tmp_path):
    window.exporting.export_data(tmp_path / "a-sr.dcm", next(one for one in FORMATS if one.ending == "-sr.dcm"))
    qtbot.waitUntil(lambda: bool(window.banner.messages))
    assert "has no DICOM identifiers" in window.banner.messages[0]
    assert not list(tmp_path.glob("*.dcm"))


def test_names_of_files_come_from_the_study_and_name_no_patient(window):
    study = window.workspace.study.reading
    name = file_stem(replace(study, patient_id="12-34/56", study_date="20250701"), "A4C: Rest")
    assert re.fullmatch(r"P-[0-9a-f]{6} 2025-07-01 A4C- Rest", name)
    assert "34" not in name.removeprefix(name.split()[0])
    assert file_stem(replace(study, patient_id="", study_date=""), "report") == "report"
    assert file_stem(replace(study, patient_id="", study_date="20120000"), "report") == "2012 report"
    assert file_stem(None, "report") == "report"
