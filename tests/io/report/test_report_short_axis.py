"""The report's page of short-axis strain, read back as text."""

import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.recording import ArrayFrames
from kinecor.io.export.result import cine_entry, document, write_result
from kinecor.io.report.report import pages_of, write_report
from tests import sax_stacks, stacks
from tests.core.short_axis_walls import SIDE_PX
from tests.core.strain.test_short_axis_loop import FRAMES, TIMES_S, loop
from tests.readings import cine
from tests.results import read_result

PIXELS = np.zeros((FRAMES, SIDE_PX, SIDE_PX), np.uint8)


def text_of(path, page):
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run([tool, "-layout", "-f", str(page), path, "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def stack():
    made = stacks.stack(np.arange(sax_stacks.SLICES) * 10.0, phases=sax_stacks.PHASES)
    frames = ArrayFrames(PIXELS[: sax_stacks.PHASES])
    return replace(made, slices=tuple(replace(one, frames=frames) for one in made.slices))


def test_a_stack_has_a_third_page(tmp_path):
    reading = sax_stacks.reading().with_(strain=StrainChoices(excluded=(11,)))
    write_report(tmp_path / "r.pdf", stack(), reading, software_version="1")
    text = text_of(tmp_path / "r.pdf", 3)
    for expected in (
        "Cine MRI: short-axis strain",
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


def test_without_motion_there_is_no_such_page(tmp_path):
    reading = sax_stacks.reading(moving=False)
    assert len(pages_of(stack(), reading)) == 2
    write_report(tmp_path / "r.pdf", stack(), reading, software_version="1")
    assert "short-axis strain" not in text_of(tmp_path / "r.pdf", 1)


def test_a_parasternal_loop_has_a_page_and_an_entry(tmp_path):
    recording = replace(cine(12), frames=ArrayFrames(PIXELS), times_s=TIMES_S, view="PSAX", region=None)
    reading = loop()
    write_report(tmp_path / "r.pdf", recording, reading, software_version="1")
    text = text_of(tmp_path / "r.pdf", 2)
    assert "Echocardiography: short-axis strain" in text
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
