"""Text whose character set is declared wrongly."""

import pytest
from pydicom import dcmwrite
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from kinecor.io.dicom.header import read_dicom, text


@pytest.fixture(params=[ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def written(request, tmp_path):
    """Writes a header with these bytes as its series description, and reads the text back."""

    def of(value: bytes, character_set: str | None) -> str:
        made = Dataset()
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = request.param
        made.SOPClassUID, made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", "1.2.3"
        made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = made.SOPClassUID, "1.2.3"
        if character_set is not None:
            made.SpecificCharacterSet = character_set
        even = len(value) + len(value) % 2
        made.SeriesDescription = "#" * even  # pydicom would write it in the declared character set
        path = tmp_path / "a.dcm"
        dcmwrite(path, made, enforce_file_format=True)
        path.write_bytes(path.read_bytes().replace(b"#" * even, value.ljust(even)))
        return text(read_dicom(path).header, "SeriesDescription")

    return of


@pytest.mark.parametrize(
    ("words", "encoding", "declared"),
    [
        ("心臟超音波(自費)", "big5", "GB18030"),
        ("Grün, Herz", "utf-8", "ISO_IR 100"),
        ("Grün, Herz", "utf-8", None),
        ("Grün, Herz", "latin-1", "ISO_IR 192"),
        # Declared as it is: nothing is changed.
        ("心脏超声", "gb18030", "GB18030"),
        ("Grün, Herz", "latin-1", "ISO_IR 100"),
        ("Grün, Herz", "utf-8", "ISO_IR 192"),
        ("plain", "ascii", "GB18030"),
    ],
)
def test_text_is_read_as_what_it_is(written, words, encoding, declared):
    assert written(words.encode(encoding), declared) == words
