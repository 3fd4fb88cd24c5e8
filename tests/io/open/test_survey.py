"""Large folders, listed by the first bytes of their files."""

import pytest

from kinecor.core.values.errors import Cancelled
from kinecor.io.dicom.header import read_dicom, text
from kinecor.io.open import survey as module
from kinecor.io.open.survey import first_elements, survey
from tests.io import make_dicom as make


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MIN_LISTED", 5)
    for number, (description, study) in enumerate((("sa_cine_12", "1.2.3"), ("LGE", "1.2.3"), ("sa_cine", "1.2.4"))):
        images = [
            make.mr_image(s, 0, study=study, series=f"1.2.3.{number}", SeriesDescription=description)
            for s in range(3 + number)
        ]
        (tmp_path / f"{number}").mkdir()
        for at, image in enumerate(images):
            image.SeriesNumber = number + 1
            make.save(image, tmp_path / f"{number}" / f"{at}.dcm")
    return tmp_path


def test_series_with_number_description_and_files(folder):
    found = survey([str(folder)])
    assert [(one.number, one.description, one.files) for one in found] == [
        ("1", "sa_cine_12", 3),
        ("2", "LGE", 4),
        ("3", "sa_cine", 5),
    ]
    assert {one.modality for one in found} == {"MR"}


def test_few_files_are_not_listed(folder, monkeypatch):
    monkeypatch.setattr(module, "MIN_LISTED", 500)
    assert survey([str(folder)]) == ()


def test_progress_is_reported_and_listing_can_be_cancelled(folder):
    seen = []
    survey([str(folder)], lambda done, total: seen.append((done, total)))
    assert (0, 12) in seen

    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        survey([str(folder)], stop)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_a_glance_says_what_the_whole_header_says(tmp_path, syntax):
    image = make.mr_image(0, 0, SeriesDescription="cine", PatientName="Doe^Jane")
    image.file_meta.TransferSyntaxUID = syntax
    # A sequence with delimiters in place of lengths, and another in it, before what is looked for.
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    inner, outer = Dataset(), Dataset()
    inner.CodeMeaning, inner.is_undefined_length_sequence_item = "not the series", True
    outer.PurposeOfReferenceCodeSequence, outer.SeriesDescription = Sequence([inner]), "not this one"
    outer["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    image.ReferencedStudySequence = Sequence([outer])
    image["ReferencedStudySequence"].is_undefined_length = True
    path = make.save(image, tmp_path / "a.dcm")
    found, whole = first_elements(path), read_dicom(path).header
    for name, keyword in (
        ("description", "SeriesDescription"),
        ("series", "SeriesInstanceUID"),
        ("modality", "Modality"),
    ):
        assert found[name].decode() == text(whole, keyword)


def test_what_is_no_dicom_has_nothing_to_list(tmp_path):
    (tmp_path / "a").write_bytes(b"not DICOM at all" * 400)
    (tmp_path / "b").write_bytes(bytes(132) + b"DICM" + b"\x02\x00\x10\x00UI\xff\xff")
    assert first_elements(tmp_path / "a").get("series") is None
    assert first_elements(tmp_path / "b") == {}
    assert first_elements(tmp_path / "gone") == {}
