"""The report, read back as a PDF would be: text by what reportlab was asked to print, drawing by its operators."""

import datetime
import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinecor import RESEARCH_USE
from kinecor.core.table.axis import ticks
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.confidence import Trust
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Decision, Reading, first_reading
from kinecor.core.values.recording import CineSequence, Patient, Region
from kinecor.core.values.track import Origin
from kinecor.io.report.blocks import Box, Drawing, Page, Rows, pdf_of
from kinecor.io.report.drawings import crop, fitted
from kinecor.io.report.report import pages_of, write_report
from kinecor.io.report.words import frame_list, person_name, recording_line, status_line
from tests.readings import cine, names, read

DAY = datetime.date(2026, 1, 31)


def written(tmp_path: Path, recording: CineSequence, reading: Reading) -> bytes:
    path = tmp_path / "report.pdf"
    write_report(path, recording, reading, software_version="9.8.7", printed_on=DAY)
    assert names(tmp_path) == ["report.pdf"]
    return path.read_bytes()


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def text_of(tmp_path: Path, recording: CineSequence, reading: Reading) -> str:
    """The words of the page as another program reads them; skips where there is none to ask."""
    pdf = written(tmp_path, recording, reading)
    assert pages(pdf) == len(pages_of(recording, reading))
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run([tool, "-layout", tmp_path / "report.pdf", "-"], capture_output=True, check=True)
    assert not done.stderr
    return " ".join(done.stdout.decode().split())


def drawing(pdf: bytes) -> str:
    """The operators of the fullest page."""
    found = [""]
    for body in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            content = zlib.decompressobj().decompress(body)
        except zlib.error:
            continue
        if b" BT " in content or content.startswith(b"1 0 0 1"):
            found.append(content.decode("latin-1"))
    assert len(found) > 1, "no page content found"
    return max(found, key=len)


def test_says_everything_a_reader_must_know(tmp_path: Path) -> None:
    recording = cine()
    patient = Patient("Doe^Jane", "42", "19500102", "F", 170, 70, "20240131", "Echo <b>routine</b> & more", "Hospital")
    recording = replace(recording, source=replace(recording.source, patient=patient))
    text = text_of(tmp_path, recording, read(recording))
    for words in (
        "Doe, Jane",
        "ID 42",
        "born 1950-01-02",
        "2024-01-31",
        "Echo <b>routine</b> & more",
        "clip.dcm",
        "A4C",
        "0.8 mm/px down, 0.5 mm/px across",
        "region of the file",
        "frame 1, 0 ms",
        "frame 7, 240 ms",
        "LV volume, ml",
        "time, ms",
        "EDV",
        "EF",
        "method of disks (single plane,",
        "unet@1.0",
        "weights sha256 abcdef012345",
        "automatic, not reviewed",
        "found on opening",
        "12 of 12 frames, 0 edited",
        "Kinecor 9.8.7",
        "2026-01-31",
    ):
        assert words in text, words
    assert text.count(RESEARCH_USE) == 2 * 2
    assert "Page 1 of 2" in text
    assert "Page 2 of 2" in text
    assert text.count("unet@1.0") == 2  # in the provenance and in the warning on the view


def test_the_same_reading_makes_the_same_bytes(tmp_path: Path) -> None:
    recording = cine(colour=True)
    reading = read(recording)
    assert written(tmp_path, recording, reading) == written(tmp_path, recording, reading)


def test_contours_and_curve_are_vectors(tmp_path: Path) -> None:
    recording = cine()
    full, empty = written(tmp_path, recording, read(recording)), written(tmp_path, recording, first_reading(recording))
    # Three contours of 64 points in two frames, each drawn with its rim; and the curve of 12 points.
    more = len(re.findall(r" l\b", drawing(full))) - len(re.findall(r" l\b", drawing(empty)))
    assert more >= 3 * 64 * 2 * 2 + 11


def test_nothing_measured_is_said(tmp_path: Path) -> None:
    recording = cine(1, calibrated=False)
    text = text_of(tmp_path, recording, first_reading(recording))
    assert "Nothing was measured in this recording." in text
    assert "ED and ES are not marked" in text
    assert "No volume curve" in text
    assert "no lengths, areas or volumes: the file names no scale" in text


def test_withheld_numbers_give_their_reason(tmp_path: Path) -> None:
    recording = cine(calibrated=False)
    text = text_of(tmp_path, recording, read(recording))
    assert "withheld" in text
    assert "need millimetres per pixel" in text
    assert "LV volume, % of the largest" in text


def test_gaps_and_missing_contours_at_ed_do_not_stop_it(tmp_path: Path) -> None:
    recording = cine()
    reading = read(recording, missing=(0, 3, 4, 11))
    assert "withheld" in text_of(tmp_path, recording, reading)


@pytest.mark.parametrize(
    "name", ["Łącki^Żółć", "Иванов^Пётр", "Ωmega^Ἀλέξανδρος", "W" * 700, "<font><b>&lt;^]]>", "‮\0\n"]
)
def test_any_name_stays_on_one_page(tmp_path: Path, name: str) -> None:
    recording = cine()
    recording = replace(recording, source=replace(recording.source, patient=Patient(name, name)))
    assert "EDV" in text_of(tmp_path, recording, read(recording))


def test_a_letter_without_a_font_is_replaced_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kinecor.io.report.typesetter._font_with", lambda _: None)
    recording = cine()
    recording = replace(recording, source=replace(recording.source, patient=Patient("Щукин^Łucja=\u5c71")))
    text = text_of(tmp_path, recording, read(recording))
    assert "Щукин, Łucja (?)" in text
    assert "letters (U+" in text
    assert "U+5C71" in text


def test_letters_of_the_packaged_fonts_need_no_font_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kinecor.io.report.typesetter._other_fonts", tuple)
    recording = cine()
    recording = replace(recording, source=replace(recording.source, patient=Patient("Łącki^Żółć=Ωμέγα=Щукин=山田")))
    text = text_of(tmp_path, recording, read(recording))
    assert "Łącki, Żółć (Ωμέγα; Щукин; 山田)" in text
    assert "letters (U+" not in text


def test_hundreds_of_warnings_and_long_notes_stay_on_one_page(tmp_path: Path) -> None:
    recording = replace(cine(), warnings=tuple(f"warning {n} " + "words " * 60 for n in range(200)))
    text = text_of(tmp_path, recording, read(recording).with_(notes="note " * 2000))
    assert "more, which the program shows in full" in text
    assert "EDV" in text
    assert RESEARCH_USE in text


def test_a_table_that_exceeds_a_page_flows_on_to_the_next(tmp_path: Path) -> None:
    rows = tuple((f"row {number}", "value") for number in range(120))
    page = Page("A long table", (Drawing(lambda *_: None, 50, 60, 70), Rows(("Name", "Value"), (0.5, 0.5), rows)))
    (tmp_path / "r.pdf").write_bytes(pdf_of([page], software_version="1", printed_on=DAY))
    assert pages((tmp_path / "r.pdf").read_bytes()) == 2
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run([tool, "-layout", tmp_path / "r.pdf", "-"], capture_output=True, check=True)
    first, second = " ".join(done.stdout.decode().split(" ")).split("\f")[:2]
    assert "row 0" in first
    assert "row 119" in second
    for number, text in enumerate((first, second), 1):
        assert "Name" in text
        assert "A long table" in text
        assert text.count(RESEARCH_USE) == 2
        assert f"Page {number} of 2" in " ".join(text.split())


def test_values_withheld_for_one_reason_share_a_row(tmp_path: Path) -> None:
    recording = cine()
    reading = read(recording).with_(withheld="contours need an apical view")
    text = text_of(tmp_path, recording, reading)
    codes = [one.code for one in measurements(reading) if one.note == "contours need an apical view"]
    assert {"EDV", "ESV", "SV", "EF", "CO"} <= set(codes)
    assert f"{', '.join(codes)} not available contours need an apical view" in text


def test_values_of_low_confidence_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = cine()
    rows = [replace(one, trust=Trust.CHECK) for one in measurements(read(recording)) if one.code == "EDV"]
    monkeypatch.setattr("kinecor.io.report.report.first_page_rows", lambda *_, **__: rows)
    assert "! check" in text_of(tmp_path, recording, read(recording))


def test_the_status_names_the_reader_who_decided() -> None:
    edited = Decision("EDV", True, 100.0, "Dr Grey")
    reading = read(cine()).with_(decisions={"EF": Decision("EF", True, None, "Dr White"), "EDV": edited})
    status = {one.code: status_line(one, reading) for one in measurements(reading)}
    assert status["EF"] == "edited by Dr Grey"  # an input was replaced after it was accepted
    assert status["EDV"] == "edited by Dr Grey"
    assert status["LAV"] == "automatic, not reviewed"
    accepted = read(cine()).with_(decisions={"LAV": Decision("LAV", True, None, "Dr White")})
    (row,) = (one for one in measurements(accepted) if one.code == "LAV")
    assert status_line(row, accepted) == "accepted by Dr White"


def test_long_axes_of_mri_have_mri_names() -> None:
    recording = cine()
    recording = replace(recording, source=replace(recording.source, modality="MR"))
    assert "view 4CH" in recording_line(recording, read(recording))
    assert "view A4C" in recording_line(cine(), read(cine()))


def test_many_beats(tmp_path: Path) -> None:
    recording = cine(80)
    events = CardiacEvents(tuple(Beat(t, t + 1) for t in range(0, 78, 2)), Origin.MODEL)
    assert "39 beats" in text_of(tmp_path, recording, read(recording).with_(events=events))


def test_for_several_beats_the_page_names_the_beat_of_images_and_numbers(tmp_path: Path) -> None:
    recording = cine()
    reading = read(recording)
    text = text_of(tmp_path, recording, reading)
    assert "End-diastole: frame 1" in text
    assert "means of all" not in text
    (tmp_path / "report.pdf").unlink()
    several = reading.with_(events=CardiacEvents((Beat(0, 3), Beat(6, 9)), Origin.MODEL))
    text = text_of(tmp_path, recording, several)
    assert "End-diastole of beat 1 of 2: frame 1" in text
    assert "2 beats, marked automatically" in text
    assert "images show beat 1, values are means of all 2" in text


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    recording = cine(2)
    with pytest.raises(KinecorError, match="cannot be written"):
        write_report(tmp_path / "file" / "r.pdf", recording, read(recording), software_version="1")


def test_images_have_their_true_proportions() -> None:
    recording = cine()
    reading = first_reading(recording).with_(calibration=Calibration(1.0, 0.5, "test"))
    box = fitted(Box(0, 0, 300, 200), Region(0, 0, 100, 50), reading)
    assert box.width / box.height == pytest.approx(1.0)
    assert box.height == pytest.approx(200)
    assert box.x == pytest.approx(50)


def test_the_crop_holds_region_and_contours_and_stays_inside() -> None:
    recording = replace(cine(), region=Region(50, 20, 400, 60))
    points = np.concatenate([c.points for t in read(recording).tracks.values() for c in t.contours if c])
    region = crop(recording, read(recording))
    assert region.x0 <= points[:, 0].min()
    assert region.y1 >= min(points[:, 1].max(), 96)
    assert (region.x1, region.y1) <= (128, 96)
    outside = replace(recording, region=Region(500, 500, 600, 600))
    assert crop(outside, first_reading(outside)) == Region(0, 0, 128, 96)


@pytest.mark.parametrize(("low", "high"), [(0, 100), (0, 0.7), (0, 1234), (3, 3), (0, 1e-3)])
def test_ticks_are_round_and_inside(low: float, high: float) -> None:
    found = ticks(low, high, 5)
    assert 1 <= len(found) <= 11
    assert found[0] >= low
    assert found[-1] <= high + 1e-12


def test_names_as_they_are_read() -> None:
    assert person_name("Doe^Jane^^Dr") == "Doe, Jane Dr"
    assert person_name("Yamada^Tarou=山田^太郎") == "Yamada, Tarou (山田, 太郎)"
    assert person_name("") == ""
    assert person_name("Anonymous") == "Anonymous"


def test_frames_in_a_row_are_given_as_first_and_last():
    assert frame_list(range(25)) == "1–25"
    assert frame_list((19, 7)) == "20, 8"
    assert frame_list((0, 1, 4, 5, 6)) == "1, 2, 5–7"
    assert frame_list(()) == ""
