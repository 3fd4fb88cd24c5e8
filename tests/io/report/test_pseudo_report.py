"""Reports in a pseudo-language: words that are not accented there are literals, and no line is shortened."""

import datetime
import re

import pypdfium2
import pytest

from kinecor.core.norms.norms import reference_sets
from kinecor.core.table.measures import MEASURES, UNITS
from kinecor.io.report import study_report
from kinecor.io.report.study_report import recording_report_bytes, study_report_bytes
from tests import stacks
from tests.io.report.test_study_report import PEAK, REST, member, staged, study_of
from tests.pseudo import PSEUDO, literals
from tests.readings import cine, read

DAY = datetime.date(2026, 1, 31)


def words_in(*texts):
    return {word for text in texts for word in re.findall(r"[^\W\d_]+", text)}


ALLOWED = {
    *words_in(*(one.code for one in MEASURES)),
    *words_in("SEPT LAT INF ANT AVC MVO UTC bIS mIS apIS bAL mAL apAL"),
    *words_in(*UNITS, *(unit.shown for unit in UNITS.values())),
    *words_in("FrameTime TriggerTime sha abcdef"),  # of files and weights
    *words_in("Doe Jane Hospital of the header Maker Model unet lv-test clip dcm Kinecor Mosteller Baseline Peak"),
    # Sources of ranges are cited as they are called.
    *words_in(*(text for one in reference_sets() for text in (one.name, one.citation))),
}


@pytest.fixture
def pseudo(monkeypatch):
    monkeypatch.setattr(study_report, "by_code", lambda _: PSEUDO)


def text_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)
    finally:
        document.close()


def of_study(*members):
    return text_of(study_report_bytes(members, study_of(members), software_version="1", printed_on=DAY))


def of_recording(recording, reading):
    return text_of(recording_report_bytes(recording, reading, software_version="1", printed_on=DAY))


@pytest.mark.parametrize(
    "made",
    [
        lambda: of_study(member("A4C"), member("A2C")),
        lambda: of_study(staged("A4C", REST), staged("A4C", PEAK)),
        lambda: of_recording(stacks.stack(), stacks.read(stacks.stack())),
        lambda: of_recording(cine(), read(cine())),
    ],
    ids=("study", "stress", "stack", "loop"),
)
def test_nothing_of_a_report_is_a_literal_or_shortened(pseudo, made):
    """If this fails: make a message of the text."""
    text = made()
    assert literals(text, ALLOWED) == []
    assert "…" not in text
    assert len(re.findall("[àéïöù]", text)) > 1000
