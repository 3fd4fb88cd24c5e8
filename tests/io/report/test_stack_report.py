import datetime
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from kinecor import RESEARCH_USE
from kinecor.core.values.choices import Extent
from kinecor.core.values.reading import Reading, first_stack_reading
from kinecor.core.values.recording import Patient, Stack
from kinecor.io.report.report import write_report
from tests import stacks
from tests.readings import names

DAY = datetime.date(2026, 1, 31)


def written(folder: Path, stack: Stack, reading: Reading) -> bytes:
    path = folder / "r.pdf"
    write_report(path, stack, reading, software_version="9.8.7", printed_on=DAY)
    assert names(folder) == ["r.pdf"]
    pdf = path.read_bytes()
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 2
    return pdf


def words(folder: Path, stack: Stack, reading: Reading) -> str:
    written(folder, stack, reading)
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run([tool, "-layout", folder / "r.pdf", "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_numbers_with_their_conventions_and_images_with_their_slices(tmp_path: Path) -> None:
    stack = stacks.stack(patient=Patient("Doe^Jane", "42", height_cm=180.0, weight_kg=80.0))
    text = words(tmp_path, stack, stacks.read(stack, extent=Extent((1,) * 20, (10,) * 20)))
    for expected in (
        "Doe, Jane",
        "EDV",
        "105 ml",
        "papillaries in cavity",
        "52 ml/m²",
        "180 cm, 80 kg, Mosteller",
        "12 slices of 20 phases, 8 mm thick, 8 mm apart",
        "End-diastole: phase 1",
        "End-systole: phase 11",
        "12 +84.0 mm ×",
        "Wall at ED, mm",
        "centreline chords, papillaries in cavity; segments from:",
        "RVEF",
        "exploratory",
        RESEARCH_USE,
        "lv-test@1.0",
    ):
        assert expected in text, expected
    assert text.count(RESEARCH_USE) >= 4
    assert "1.2.3.7-s01" not in text


def test_the_right_ventricle_has_its_curve_where_it_is_contoured(tmp_path: Path) -> None:
    stack = stacks.stack()
    both, left = stacks.read(stack), stacks.read(stack, right=False)
    assert "LV volume, ml RV, ml" in words(tmp_path, stack, both)
    alone = words(tmp_path, stack, left)
    assert "LV volume, ml" in alone
    assert "RV, ml" not in alone


def test_the_same_reading_makes_the_same_bytes(tmp_path: Path) -> None:
    stack = stacks.stack()
    reading = stacks.read(stack)
    assert written(tmp_path, stack, reading) == written(tmp_path, stack, reading)


@pytest.mark.parametrize("slices", [1, 2, 7, 24])
def test_any_number_of_slices_fits(tmp_path: Path, slices: int) -> None:
    stack = stacks.stack(stacks.positions(4.0, slices, 2.0))
    written(tmp_path, stack, stacks.read(stack))


def test_an_unread_stack_still_has_a_report(tmp_path: Path) -> None:
    stack = stacks.stack(np.array([0.0, 8.0, 16.0]))
    text = words(tmp_path, stack, first_stack_reading(stack))
    assert "Nothing was measured" in text
    assert "First phase: phase 1" in text
