"""The report's page of short-axis strain, read back as text."""

import re
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest

from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.recording import ArrayFrames
from kinecor.io.export.result import cine_entry, document, write_result
from kinecor.io.report.study_report import recording_report_bytes
from tests import sax_stacks, stacks
from tests.core.short_axis_walls import SIDE_PX
from tests.core.strain.test_short_axis_loop import FRAMES, TIMES_S, loop
from tests.readings import cine
from tests.results import read_result

PIXELS = np.zeros((FRAMES, SIDE_PX, SIDE_PX), np.uint8)


def texts(recording, reading):
    """The text of each page."""
    document = pypdfium2.PdfDocument(recording_report_bytes(recording, reading, software_version="1"))
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


def stack():
    made = stacks.stack(np.arange(sax_stacks.SLICES) * 10.0, phases=sax_stacks.PHASES)
    frames = ArrayFrames(PIXELS[: sax_stacks.PHASES])
    return replace(made, slices=tuple(replace(one, frames=frames) for one in made.slices))


def test_a_stack_has_a_page_of_strain():
    reading = sax_stacks.reading().with_(strain=StrainChoices(excluded=(11,)))
    text = texts(stack(), reading)[-1]
    for expected in (
        "short-axis stack: short-axis strain",
        "mid-wall, contours and motion, 6 slices",
        "from: set by the reader; slices tracked: 1–6",
        "Basal, %",
        "Mid-ventricular, %",
        "Apical, %",
        "Circumferential at ES, %",
        "Radial at ES, %",
        "16 apical lateral",
        "excluded by the reader",
        "exploratory",
        "420 ms",
    ):
        assert expected in text, expected
    # Four percentages a segment, all with the one decimal that strain has wherever it stands.
    (segment,) = re.findall(r" 1 basal anterior (.*?) 2 basal", text)
    assert len(re.findall(r"\d\.\d %", segment)) == segment.count("%") == 4


def test_without_motion_there_is_no_such_page():
    assert not any("short-axis strain" in one for one in texts(stack(), sax_stacks.reading(moving=False)))


def test_a_parasternal_loop_has_a_page_and_an_entry(tmp_path):
    recording = replace(cine(12), frames=ArrayFrames(PIXELS), times_s=TIMES_S, view="PSAX", region=None)
    reading = loop()
    text = texts(recording, reading)[-1]
    assert "PSAX: short-axis strain" in text
    assert "one mid-ventricular slice" in text
    assert "12 mid anterolateral" in text
    assert "basal" not in text
    write_result(tmp_path / "r.json", document([cine_entry("a", recording, reading)], ["s"]))
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    strain = one["short_axis_strain"]
    assert strain["end_systolic_circumferential_percent"][6] == pytest.approx(-20, abs=0.6)
    assert strain["end_systolic_circumferential_percent"][0] is None
    assert len(one["curves"]["circumferential_strain_percent"]) == FRAMES
    assert "longitudinal_strain_percent" not in one["curves"]
