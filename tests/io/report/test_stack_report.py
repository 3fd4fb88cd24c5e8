"""The report of a short-axis stack, read back as text."""

import datetime

import numpy as np
import pypdfium2
import pytest

from kinecor import RESEARCH_USE
from kinecor.core.values.choices import Extent
from kinecor.core.values.reading import Reading, first_stack_reading
from kinecor.core.values.recording import Patient, Stack
from kinecor.io.report.study_report import recording_report_bytes
from tests import stacks

DAY = datetime.date(2026, 1, 31)


def written(stack: Stack, reading: Reading) -> bytes:
    return recording_report_bytes(stack, reading, software_version="9.8.7", printed_on=DAY)


def words(stack: Stack, reading: Reading) -> str:
    document = pypdfium2.PdfDocument(written(stack, reading))
    try:
        return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)
    finally:
        document.close()


def test_numbers_with_their_conventions_and_images_with_their_slices() -> None:
    stack = stacks.stack(patient=Patient("Doe^Jane", "42", height_cm=180.0, weight_kg=80.0))
    text = words(stack, stacks.read(stack, extent=Extent((1,) * 20, (10,) * 20)))
    for expected in (
        "Doe, Jane",
        "EDV",
        "105 ml",
        "papillaries in cavity",
        "52 ml/m²",
        "180 cm, 80 kg",
        "12 slices, 20 phases",
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


def test_the_right_ventricle_has_its_curve_where_it_is_contoured() -> None:
    stack = stacks.stack()
    both, left = stacks.read(stack), stacks.read(stack, right=False)
    assert "LV RV LV endocardium" not in words(stack, left)
    assert "RVEDV" in words(stack, both)
    alone = words(stack, left)
    assert "Volume, ml" in alone
    assert "RVEDV" not in alone


def test_the_same_reading_makes_the_same_bytes() -> None:
    stack = stacks.stack()
    reading = stacks.read(stack)
    assert written(stack, reading) == written(stack, reading)


@pytest.mark.parametrize("slices", [1, 2, 7, 24])
def test_any_number_of_slices_fits(slices: int) -> None:
    stack = stacks.stack(stacks.positions(4.0, slices, 2.0))
    written(stack, stacks.read(stack))


def test_an_unread_stack_still_has_a_report() -> None:
    stack = stacks.stack(np.array([0.0, 8.0, 16.0]))
    text = words(stack, first_stack_reading(stack))
    assert "Nothing was measured" in text


def test_what_is_nearly_as_likely_stands_below_the_measurements() -> None:
    stack = stacks.stack()
    text = words(stack, stacks.read(stack, extent=Extent((2,) * 20, (10,) * 20)))
    assert "Also possible: EDV 105 ml, EF" in text
    assert "if the base is slice 2 at ED." in text
