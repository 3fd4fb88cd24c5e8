"""The report's page of strain, read back as text."""

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.table.evaluation import rows
from kinecor.core.table.loop_inputs import strain_inputs
from kinecor.core.table.measures import STRAIN_CODES
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.reading import Decision, View
from kinecor.io.report import report as report_strain
from kinecor.io.report.blocks import Box
from kinecor.io.report.drawings import draw_bulls_eye
from kinecor.io.report.report import first_page_rows, on_strain_page, pages_of, write_report
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

    for module in (report_strain, study, inputs):
        monkeypatch.setattr(module, "wall_strain", strain_of)

    def reading(view="A4C", **changes):
        one = read(RECORDING).with_(view=View(view, 1.0, "Dr Grey"))
        strains[view] = prescribed(one.facts.times_s, view=view, **changes)
        return one

    return reading


def text_of(tmp_path, reading, others=()):
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    write_report(tmp_path / "r.pdf", RECORDING, reading, software_version="1", others=others)
    done = subprocess.run([tool, "-layout", "-f", "2", tmp_path / "r.pdf", "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_the_page_shows_strain_and_its_inputs(tmp_path, strained):
    text = text_of(tmp_path, strained())
    for words in (
        f"A4C longitudinal strain −{-SHORTENING.mean():.1f} % at ES",
        "mid-wall; contours and motion, fused; ES at the smallest volume; drift −0.8 % compensated",
        "Exploratory, not for routine use",
        "bIS Basal inferoseptal −16.0 % −16.8 %",
        "mAL Mid anterolateral not available 0.20, low",
        "Mechanical dispersion",
        "needs two apical views or more",
        "Research use only",
    ):
        assert words in text, words


def test_valve_closure_is_drawn_and_named_as_the_end_systole_of_strain(tmp_path, strained):
    one = strained().with_(valve_closures=(6,), authors={"valve_closures": "Dr Grey"})
    text = text_of(tmp_path, one)
    for words in ("AVC 7", "Aortic valve closure: frame 7", "ES at aortic valve closure, marked by Dr Grey"):
        assert words in text
    assert "AVC" not in text_of(tmp_path, strained())


def test_marks_close_together_are_both_named(tmp_path, strained):
    one = strained()
    beat = one.events.beats[0]
    text = text_of(tmp_path, one.with_(valve_closures=(beat.es + 1,)))
    assert f"ES {beat.es + 1}" in text
    assert f"AVC {beat.es + 2}" in text


def test_a_segment_left_out_is_said(tmp_path, strained):
    text = text_of(tmp_path, strained(excluded=(3,)))
    assert "excluded by reader" in text
    assert "without apical anterolateral" in text


def test_views_of_the_study_are_averaged(tmp_path, strained):
    text = text_of(tmp_path, strained(), (strained("A2C"), strained("A3C")))
    mean = f"−{-SHORTENING.mean():.1f} %"
    assert f"GLS (3-view average) {mean} (A4C {mean}, A2C {mean}, A3C {mean})" in text
    assert "Views: A4C, A2C, A3C" in text


def test_a_reason_takes_the_place_of_the_number(tmp_path, strained):
    text = text_of(tmp_path, strained(why="only 3 of 6 segments could be followed well"))
    assert "A4C longitudinal strain not available: only 3 of 6 segments could be followed well" in text


def test_contours_alone_have_no_segments(tmp_path, strained):
    text = text_of(tmp_path, strained(followed=False))
    assert text.count("not tracked") == 6


def test_the_readers_remark_is_shown_with_the_number(tmp_path, strained):
    reading = strained()
    reading = reading.with_(decisions={"GLS": Decision("GLS", True, -17.0, "Dr Grey")})
    assert "A4C longitudinal strain −17.0 % (edited by Dr Grey)" in text_of(tmp_path, reading)


def test_every_number_of_strain_stands_on_one_page_or_the_other(strained):
    reading = strained()
    every = rows("disks", strain_inputs(reading), reading.decisions)
    assert {one.code for one in every} <= STRAIN_CODES
    assert [one.code for one in every if one not in on_strain_page(every)] == ["GLS"]


def test_no_page_without_a_view_or_a_wall():
    reading = read(RECORDING)
    assert len(pages_of(RECORDING, reading)) == 2
    assert len(pages_of(RECORDING, reading.with_(view=None))) == 1
    assert len(pages_of(RECORDING, reading.with_(tracks={}))) == 1
    shown = first_page_rows(reading.with_(view=None), strained=False)
    assert [one.code for one in shown] == [one.code for one in measurements(reading.with_(view=None))]


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
    region = report_strain._around(moved, RECORDING)
    assert 0 <= region.x0 < region.x1 <= RECORDING.columns
    assert 0 <= region.y0 < region.y1 <= RECORDING.rows


def test_the_first_page_mentions_a_longer_ventricle_in_another_view(tmp_path):
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    reading = read(RECORDING)
    longer = reading.with_(view=View("A2C", 1.0, "Dr Grey"), calibration=Calibration(1.0, 0.5, "file"))
    for others, said in (((longer,), True), ((), False)):
        write_report(tmp_path / "r.pdf", RECORDING, reading, software_version="1", others=others)
        done = subprocess.run([tool, "-layout", "-l", "1", tmp_path / "r.pdf", "-"], capture_output=True, check=True)
        assert ("may be foreshortened" in " ".join(done.stdout.decode().split())) is said
