"""The report of one recording, read back as a PDF would be: its text, and drawings by their operators."""

import datetime
import re
import zlib
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest

from kinecor import RESEARCH_USE
from kinecor.core.report.language import ENGLISH
from kinecor.core.strain.drawing import ticks
from kinecor.core.table.measures import SEGMENTAL
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Decision, Reading, first_reading
from kinecor.core.values.recording import CineSequence, Patient, Region
from kinecor.core.values.study import IMPRESSION, EditedSentence, ReportText, Signature, first_study_reading
from kinecor.core.values.track import Origin
from kinecor.io.report.blocks import Box, Drawing, Rows, Writer
from kinecor.io.report.blocks import fit_blocks as fitted_to_page
from kinecor.io.report.details import values_page
from kinecor.io.report.drawings import crop, fit_rectangle
from kinecor.io.report.study_report import recording_report_bytes
from kinecor.io.report.words import frame_list, person_name, status_line
from tests.readings import cine, read

DAY = datetime.date(2026, 1, 31)


def made(recording: CineSequence, reading: Reading, **more: object) -> bytes:
    return recording_report_bytes(recording, reading, software_version="9.8.7", printed_on=DAY, **more)  # type: ignore[arg-type]


def texts(pdf: bytes) -> list[str]:
    """The words of each page as another program reads them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def text_of(recording: CineSequence, reading: Reading, **more: object) -> str:
    return " ".join(texts(made(recording, reading, **more)))


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


def test_says_everything_a_reader_must_know() -> None:
    recording = cine()
    patient = Patient("Doe^Jane", "42", "19500102", "F", 170, 70, "20240131", "Echo <b>routine</b> & more", "Hospital")
    recording = replace(recording, source=replace(recording.source, patient=patient))
    pages = texts(made(recording, read(recording)))
    text = " ".join(pages)
    for words in (
        "Doe, Jane",
        "ID 42",
        "1950-01-02",
        "2024-01-31",
        "Hospital",
        "clip.dcm",
        "A4C",
        "0.8 mm/px down, 0.5 mm/px across",
        "region of the file",
        "A4C, ED, frame 1",
        "A4C, ES, frame 7",
        "LV volume, single plane, ml",
        "EDV",
        "EF",
        "method of disks (single plane,",
        "unet@1.0",
        "automatic, not reviewed",
        "12 of 12 frames, 0 edited",
        "Kinecor 9.8.7",
        "2026-01-31",
        "A4C: all values",
    ):
        assert words in text, words
    for number, page in enumerate(pages, 1):
        assert RESEARCH_USE in page
        assert f"Page {number} of {len(pages)}" in page


def test_every_value_is_listed_with_its_confidence_and_status() -> None:
    reading = read(cine())
    (table,) = (one for one in values_page(reading, (), ENGLISH).blocks if isinstance(one, Rows))
    rows = {row[0][0].text: row for row in table.rows if not isinstance(row[0], str)}
    listed = {code for text in rows for code in text.split(", ")}
    assert listed == {one.code for one in measurements(reading) if one.code not in SEGMENTAL and one.code != "BSA"}
    assert re.fullmatch(r"\d+ %", str(rows["EDV"][3]))
    assert rows["EDV"][5] == "automatic, not reviewed"


def test_the_same_reading_makes_the_same_bytes() -> None:
    recording = cine(colour=True)
    reading = read(recording)
    assert made(recording, reading) == made(recording, reading)


def test_contours_and_curve_are_vectors() -> None:
    recording = cine()
    full, empty = made(recording, read(recording)), made(recording, first_reading(recording))
    # Three contours of 64 points in two frames, each drawn with its rim; and the curve of 12 points.
    more = len(re.findall(r" l\b", drawing(full))) - len(re.findall(r" l\b", drawing(empty)))
    assert more >= 3 * 64 * 2 * 2


def test_nothing_measured_is_said() -> None:
    recording = cine(1, calibrated=False)
    text = text_of(recording, first_reading(recording))
    assert "Nothing was measured in this recording." in text
    assert "not marked" in text
    assert "frame 1" in text
    assert "no lengths, areas or volumes: the file names no scale" in text


def test_withheld_numbers_give_their_reason() -> None:
    recording = cine(calibrated=False)
    text = text_of(recording, read(recording))
    assert "withheld" in text
    assert "need millimetres per pixel" in text
    assert "LV volume, single plane, % of the largest" in text


def test_gaps_and_missing_contours_at_ed_do_not_stop_it() -> None:
    recording = cine()
    reading = read(recording, missing=(0, 3, 4, 11))
    assert "withheld" in text_of(recording, reading)


@pytest.mark.parametrize("name", ["Łącki^Żółć", "Иванов^Пётр", "W" * 700, "<font><b>&lt;^]]>", "‮\0\n"])
def test_any_name_is_printed(name: str) -> None:
    recording = cine()
    recording = replace(recording, source=replace(recording.source, patient=Patient(name, name)))
    assert "EDV" in text_of(recording, read(recording))


def test_a_letter_without_a_font_is_replaced_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kinecor.io.report.pdf._font_with", lambda _: None)
    recording = cine()
    recording = replace(recording, source=replace(recording.source, patient=Patient("Щукин^Łucja=\u5c71")))
    text = text_of(recording, read(recording))
    assert "Щукин, Łucja (?)" in text
    assert "letters (U+" in text
    assert "U+5C71" in text


def test_letters_of_the_packaged_fonts_need_no_font_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kinecor.io.report.pdf._other_fonts", tuple)
    recording = cine()
    recording = replace(recording, source=replace(recording.source, patient=Patient("Łącki^Żółć=Ωμέγα=Щукин=山田")))
    text = text_of(recording, read(recording))
    assert "Łącki, Żółć (Ωμέγα; Щукин; 山田)" in text
    assert "letters (U+" not in text


def test_hundreds_of_warnings_and_long_notes_flow_on_to_further_pages() -> None:
    recording = replace(cine(), warnings=tuple(f"warning {n} " + "words " * 60 for n in range(60)))
    pages = texts(made(recording, read(recording).with_(notes="note " * 300)))
    assert all(RESEARCH_USE in one for one in pages)
    assert all(f"warning {n} " in " ".join(pages) for n in range(60))


def test_drawings_give_way_to_text_and_fill_what_it_leaves() -> None:
    def heights(rows: int) -> float:
        cells = tuple((verbatim(f"row {number}"), verbatim("value")) for number in range(rows))
        table = Rows((verbatim("Name"), verbatim("Value")), (0.5, 0.5), cells)
        flow = fitted_to_page([Drawing(lambda *_: None, 50, 60, 200), table], Writer(500.0), 600.0)
        return float(flow[0].height)

    assert heights(3) == 200
    assert 50 <= heights(35) < heights(20) <= 200
    assert heights(120) == 50


def test_values_withheld_for_one_reason_share_a_row() -> None:
    recording = cine()
    reading = read(recording).with_(withheld=message("contours need an apical view"))
    text = text_of(recording, reading)
    codes = [one.code for one in measurements(reading) if one.note == "contours need an apical view"]
    assert {"EDV", "ESV", "SV", "EF", "CO"} <= set(codes)
    assert f"{', '.join(codes)} – withheld contours need an apical view" in text


def test_what_was_written_and_signed_is_printed_where_the_study_has_no_other_recording() -> None:
    recording = cine()
    reading = read(recording)
    own = ReportText({IMPRESSION: EditedSentence("Good function.", "Dr Grey")})
    signed = (Signature("Dr Grey", "2026-11-22T10:58:00+00:00", {}),)
    study = first_study_reading("1.2.3", [recording]).with_(report=own, signed=signed)
    assert "Good function." in text_of(recording, reading, study=study)
    assert "Signed electronically: Dr Grey" in text_of(recording, reading, study=study)
    another = read(recording).with_(view=replace(reading.view, label="A2C"))
    text = text_of(recording, reading, study=study, others=[another])
    assert "Good function." not in text
    assert "Dr Grey" not in text
    assert "not signed" not in text.lower()


def test_it_is_german_throughout() -> None:
    recording = cine()
    text = text_of(recording, read(recording), language="de")
    for word in ("A4C: alle Werte", "Konfidenz", "automatisch, nicht geprüft", "Ejektionsfraktion"):
        assert word in text
    for word in ("Confidence", "reviewed", "frame", "Peak", "Measurement", "remark"):
        assert word not in text, word


def test_the_foot_names_patient_and_day_whole_in_german() -> None:
    recording = cine()
    patient = Patient("Infarkt-Musterfrau^Annemarie", "PHANTOM-b9800548fb", "19500102", "F", 170, 70, "20240131")
    recording = replace(recording, source=replace(recording.source, patient=patient))
    pages = texts(made(recording, read(recording), language="de"))
    assert all("PHANTOM-b9800548fb" in page and "gedruckt 31.01.2026" in page for page in pages)


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


def test_many_beats() -> None:
    recording = cine(80)
    events = CardiacEvents(tuple(Beat(t, t + 1) for t in range(0, 78, 2)), Origin.MODEL)
    assert "1, 2; 3, 4; 5, 6; 7, 8 (auto)" in text_of(recording, read(recording).with_(events=events))


def test_images_have_their_true_proportions() -> None:
    recording = cine()
    reading = first_reading(recording).with_(calibration=Calibration(1.0, 0.5, message("test")))
    box = fit_rectangle(Box(0, 0, 300, 200), Region(0, 0, 100, 50), reading)
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
