from dataclasses import replace

import pytest

from kinecor.core.study.dates import date_remarks
from kinecor.core.values.recording import CineSequence, Patient
from tests.readings import cine


def dated(study: str, images: str, study_id: str = "1.2.3") -> CineSequence:
    one = cine(1)
    source = replace(one.source, content_date=images, study_id=study_id, patient=Patient("A", "1", study_date=study))
    return replace(one, source=source)


def test_a_contradiction_is_said_once_a_study() -> None:
    remarks = date_remarks(
        [dated("20250701", "20240630"), dated("20250701", "20240630"), dated("20250701", "20240101", "9")]
    )
    assert len(remarks) == 2
    assert "dated 2025-07-01, its images 2024-06-30" in str(remarks[0])


@pytest.mark.parametrize(
    ("study", "images"),
    [("20250701", "20250701"), ("20250701", "20250702"), ("", "20240101"), ("20250701", ""), ("20250701", "19000101"),
     ("20120000", "20240101"), ("1994.01.30", "20240101"), ("20250701", "20250701093000")],
)  # fmt: skip
def test_what_does_not_contradict_is_passed_over(study: str, images: str) -> None:
    assert not date_remarks([dated(study, images)])
