"""What could not be opened, by series and reason."""

import re

from kinecor.core.values.message import message, verbatim
from kinecor.core.values.series import Series
from kinecor.io.open.find import Refused
from kinecor.io.open.refusals import refusals

WHY = message("Expected an image, this one is cut off")
UID = "2.25.123456789012345678901234567890"


def test_files_of_a_series_are_one_sentence_by_number_and_description() -> None:
    cine = Series(number=4, description="sa_cine", kind="mr-cine")
    refused = [Refused(f"/disc/{UID}.{at}.dcm", WHY, cine) for at in range(3)]
    refused.append(Refused("/disc/notes.dcm", WHY))
    refused.append(Refused(f"/disc/{UID}.dcm", verbatim("Expected a DICOM file"), cine))
    several, notes, other = refusals(refused)
    assert str(several.sentence) == f"Series {cine.label}, 3 files: {WHY}"
    assert several.place == f"Series {cine.label}, 3 files"
    assert len(several.paths) == 3
    assert str(notes.sentence) == f"notes.dcm: {WHY}"
    assert notes.place == "/disc/notes.dcm"
    assert str(other.sentence) == f"Series {cine.label}: Expected a DICOM file"


def test_no_sentence_has_a_uid() -> None:
    refused = [Refused(f"/disc/export/{UID}.{at}", WHY) for at in range(2)]
    (one,) = refusals(refused)
    assert str(one.sentence) == f"A file in export, 2 files: {WHY}"
    assert not re.search(r"[\d.]{20,}", str(one.sentence) + one.place)
