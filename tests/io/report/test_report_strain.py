"""The report's page of strain, read back as text."""

from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.message import message
from kinecor.core.values.reading import Decision, View
from kinecor.core.values.recording import Stage
from kinecor.core.values.study import Printed, ReportText, first_study_reading
from kinecor.io.report import details
from kinecor.io.report.blocks import Box
from kinecor.io.report.drawings import draw_bulls_eye
from kinecor.io.report.pages import charts
from kinecor.io.report.study_report import recording_report_bytes
from tests.readings import cine, read
from tests.wall_strains import SHORTENING, prescribed

RECORDING = cine()


@pytest.fixture
def strained(monkeypatch):
    """strained(**changes) -> a Reading with prescribed strain, wherever the report reads it."""
    from kinecor.core.strain import wall_strain as study
    from kinecor.core.table import loop_inputs as inputs

    strains = {}

    def strain_of(reading):
        return strains.get(id(reading)) or strains.get(reading.view.label)

    for module in (details, charts, study, inputs):
        monkeypatch.setattr(module, "wall_strain", strain_of)

    def reading(view="A4C", **changes):
        one = read(RECORDING).with_(view=View(view, 1.0, "Dr Grey"))
        strains[view] = prescribed(one.facts.times_s, view=view, **changes)
        return one

    return reading


WITH_BULLS_EYE = first_study_reading("1", [RECORDING]).with_(report=ReportText(printed=Printed(bulls_eye=True)))


def texts(reading, others=(), study=None):
    """The text of each page."""
    data = recording_report_bytes(RECORDING, reading, software_version="1", others=others, study=study)
    document = pypdfium2.PdfDocument(data)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def text_of(reading, others=()):
    """The text of the page of strain."""
    return texts(reading, others)[-1]


def test_the_page_shows_strain_and_its_inputs(strained):
    text = text_of(strained())
    for words in (
        f"A4C longitudinal strain −{-SHORTENING.mean():.1f} % at ES",
        "mid-wall; contours and motion, fused; ES at the smallest volume; drift −0.8 % compensated",
        "Exploratory, not for routine use",
        "bIS basal inferoseptal −16.0 % −16.8 %",
        "mAL mid anterolateral not available 0.20, low",
        "needs two apical views or more",
        "Research use only",
    ):
        assert words in text, words
    assert "Mechanical dispersion" in texts(strained())[-2]


def test_the_bulls_eye_hatches_withheld_segments_and_says_how_well_the_others_were_followed(strained):
    said = " ".join(texts(strained(), study=WITH_BULLS_EYE))
    assert "Hatched: no value, tracking quality below 0.30 or excluded by the reader" in said
    assert "1 segment is hatched since it does not go together with the others of its view" in said
    assert "Tracking quality (0 to 1) of the segments shown: 0.80 (apical inferoseptal) to 0.95" in said
    assert "Hatched" not in " ".join(texts(strained(quality=np.full(6, 0.9)), study=WITH_BULLS_EYE))


def test_the_bulls_eye_is_in_the_report_only_where_it_was_chosen(strained):
    assert "Tracking quality (0 to 1)" not in " ".join(texts(strained()))


def test_valve_closure_is_drawn_and_named_as_the_end_systole_of_strain(strained):
    one = strained().with_(valve_closures=(6,), authors={"valve_closures": "Dr Grey"})
    text = text_of(one)
    for words in ("AVC 7", "Aortic valve closure: frame 7", "ES at aortic valve closure, marked by Dr Grey"):
        assert words in text
    assert "AVC" not in text_of(strained())


def test_marks_close_together_are_both_named(strained):
    one = strained()
    beat = one.events.beats[0]
    text = text_of(one.with_(valve_closures=(beat.es + 1,)))
    assert f"ES {beat.es + 1}" in text
    assert f"AVC {beat.es + 2}" in text


def test_a_segment_left_out_is_said(strained):
    text = text_of(strained(excluded=(3,)))
    assert "excluded by reader" in text
    assert "without apical anterolateral" in text


def test_views_of_the_study_are_averaged(strained):
    text = text_of(strained(), (strained("A2C"), strained("A3C")))
    mean = f"−{-SHORTENING.mean():.1f} %"
    assert f"GLS (3-view average) {mean} (A4C {mean}, A2C {mean}, A3C {mean})" in text
    assert "Views: A4C, A2C, A3C" in text


def test_a_reason_takes_the_place_of_the_number(strained):
    text = text_of(strained(why=message("only 3 of 6 segments could be followed well")))
    assert "A4C longitudinal strain not available: only 3 of 6 segments could be followed well" in text


def test_contours_alone_have_no_segments(strained):
    text = text_of(strained(followed=False))
    assert text.count("not tracked") == 6


def test_the_readers_remark_is_shown_with_the_number(strained):
    reading = strained()
    reading = reading.with_(decisions={"GLS": Decision("GLS", True, -17.0, "Dr Grey")})
    assert "A4C longitudinal strain −17.0 % (edited by Dr Grey)" in text_of(reading)


def test_no_page_without_a_view_or_a_wall():
    reading = read(RECORDING)
    assert "A4C: longitudinal strain" in text_of(reading)
    for one in (reading.with_(view=None), reading.with_(tracks={})):
        assert not any(": longitudinal strain" in page for page in texts(one))


@pytest.mark.parametrize("of", [16, 17, 18])
def test_bulls_eyes_of_all_models_are_drawn(tmp_path, of):
    canvas = Canvas(str(tmp_path / "eye.pdf"))
    values = np.linspace(-25, 10, of)
    values[2] = np.nan
    draw_bulls_eye(canvas, Box(0, 0, 100, 100), "Strain", values, "strain %", {1: "#8c3a0e", of: "#3c2096"})
    code = "\n".join(canvas._code)
    assert code.count("Tj") == of + 5  # a number per segment, the title, and the four sides
    assert all(f"({side})" in code for side in ("ANT", "SEPT", "INF", "LAT"))


def test_a_wall_at_the_images_edge_stays_inside_it():
    found = prescribed(RECORDING.times_s)
    moved = replace(found, points_px=found.points_px + np.array((70, 60)))
    region = details._around(moved, RECORDING)
    assert 0 <= region.x0 < region.x1 <= RECORDING.columns
    assert 0 <= region.y0 < region.y1 <= RECORDING.rows


def test_a_longer_ventricle_in_another_view_is_mentioned():
    reading = read(RECORDING)
    longer = reading.with_(view=View("A2C", 1.0, "Dr Grey"), calibration=Calibration(1.0, 0.5, message("file")))
    for others, said in (((longer,), True), ((), False)):
        assert ("may be foreshortened" in " ".join(texts(reading, others))) is said


def test_the_average_is_over_views_of_the_stage_of_the_recording(strained):
    rest, peak = Stage("Baseline", 1), Stage("Peak", 2)

    def at(view, stage):
        one = strained(view)
        return one.with_(facts=replace(one.facts, stage=stage))

    four, two, three = at("A4C", peak), at("A2C", peak), at("A3C", rest)
    text = text_of(four, (two, three))
    assert "A4C Peak: longitudinal strain" in text
    assert "GLS (2-view average)" in text
    assert "needs two apical views or more" in text_of(three, (four, two))
