"""ECGs and PDFs that lie with the recordings of a study: read to be looked at, nothing is measured on them."""

from typing import Any, Final

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import Tag

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.foreign import ForeignReport, Lead
from kinecor.io.dicom.ecg import leads_of
from kinecor.io.dicom.header import DicomFile, element, equipment, patient, safe_id, sop_class, text
from kinecor.io.files.packing import megabytes

_ECGS: Final = frozenset(f"1.2.840.10008.5.1.4.1.1.9.1.{kind}" for kind in (1, 2, 3, 4))
"""12-lead, general, ambulatory, and general with 32 bits."""
_PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"
_MOST_BYTES: Final = 64 << 20
"""Of a PDF, which stays in memory."""
_END: Final = b"%%EOF"
_KEYWORDS: Final = ("SpecificCharacterSet", "DocumentTitle", "EncapsulatedDocument", "EncapsulatedDocumentLength")


def is_document(file: DicomFile) -> bool:
    """Whether a file is an ECG or an encapsulated PDF."""
    return text(file.header, "SOPClassUID") in _ECGS | {_PDF}


def read_document(file: DicomFile, shown: str) -> ForeignReport:
    """An ECG with its leads, or a PDF.

    Args:
        file: its header.
        shown: the path to show.

    Raises:
        KinecorError: it is damaged, empty or too large.

    """
    header = file.header
    pdf, title = b"", ""
    leads: tuple[Lead, ...] = ()
    if text(header, "SOPClassUID") == _PDF:
        whole = _whole(file)
        pdf, title = _document(whole), text(whole, "DocumentTitle")
    else:
        leads = leads_of(header, little=file.little_endian)
    return ForeignReport(
        path=shown,
        study_id=safe_id(text(header, "StudyInstanceUID")),
        title=title or sop_class(header).removesuffix(" Storage"),
        template="",
        equipment=equipment(header),
        date=text(header, "ContentDate") or text(header, "AcquisitionDate") or text(header, "StudyDate"),
        values=(),
        patient=patient(header).identity,
        leads=leads,
        pdf=pdf,
    )


def _whole(file: DicomFile) -> Dataset:
    if file.size_bytes > _MOST_BYTES:
        raise KinecorError(
            f"Expected a PDF of at most {megabytes(_MOST_BYTES)}, this file has {megabytes(file.size_bytes)}; open it "
            "with another program"
        )
    tags: list[Any] = [Tag(keyword) for keyword in _KEYWORDS]
    try:
        if file.keep is not None and file.path.name == "inflated":
            with file.path.open("rb") as inflated:
                return read_dataset(inflated, is_implicit_VR=False, is_little_endian=True, specific_tags=tags)
        return dcmread(file.path, force=True, specific_tags=tags)
    except OSError:
        raise
    except Exception as error:  # pydicom meets garbage with many kinds of exception
        raise KinecorError(
            "Expected an intact PDF, this file is damaged or cut off; copy or export it again"
        ) from error


def _document(whole: Dataset) -> bytes:
    content, length = element(whole, "EncapsulatedDocument"), element(whole, "EncapsulatedDocumentLength")
    # What the viewer of the system opens by its name has to be what the name says.
    if not isinstance(content, bytes) or not content.startswith(b"%PDF-"):
        raise KinecorError("Expected a PDF, this object holds none or a damaged one; copy or export it again")
    if isinstance(length, int) and 0 < length <= len(content):
        content = content[:length]
    if _END not in content[-1024:]:  # a viewer may show the pages that are left as if they were all
        raise KinecorError("Expected a whole PDF, this one is cut off; copy or export it again")
    return content
