"""What lies with the recordings of a study and is read to be looked at: ECGs, PDFs, reports of other systems.

Echo carts write structured reports by TID 5200 or 5300, MR workstations often by TID 1500 (PS3.3 C.17.3). All are
trees of content items in which a number has its modifiers as children, so that one walk reads every number with its
name, unit and modifiers; what a template adds is in headings and modifiers.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import Tag

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.foreign import ForeignReport, ForeignValue, Lead
from kinecor.core.values.message import message, verbatim
from kinecor.io.dicom.ecg import leads_of
from kinecor.io.dicom.header import DicomFile, element, equipment, items, number, patient, safe_id, sop_class, text
from kinecor.io.dicom.source_file import whole_header
from kinecor.io.files.packing import megabytes

_ECGS: Final = frozenset(f"1.2.840.10008.5.1.4.1.1.9.1.{kind}" for kind in (1, 2, 3, 4))
"""12-lead, general, ambulatory, and general with 32 bits."""
_PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"
_MAX_BYTES: Final = 64 << 20
"""Of a PDF, which stays in memory."""
_END: Final = b"%%EOF"
_KEYWORDS: Final = ("SpecificCharacterSet", "DocumentTitle", "EncapsulatedDocument", "EncapsulatedDocumentLength")


def is_document(file: DicomFile) -> bool:
    """Whether a file is an ECG or an encapsulated PDF.

    Args:
        file: with its header.

    """
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
    if file.size_bytes > _MAX_BYTES:
        raise KinecorError(
            message(
                "Expected a PDF of at most {most}, this file has {size}; open it with another program",
                most=megabytes(_MAX_BYTES),
                size=megabytes(file.size_bytes),
            )
        )
    tags: list[Any] = [Tag(keyword) for keyword in _KEYWORDS]
    try:
        if file.keep is not None and file.path.name == "inflated":
            with file.path.open("rb") as inflated:
                return read_dataset(inflated, is_implicit_VR=False, is_little_endian=True, specific_tags=tags)
        return dcmread(file.path, force=True, specific_tags=tags)
    except Exception as error:  # pydicom meets garbage with many kinds of exception
        if isinstance(error, OSError) and error.errno is not None:  # the system's; pydicom's own have no number
            raise
        raise KinecorError(
            message("Expected an intact PDF, this file is damaged or cut off; copy or export it again")
        ) from error


def _document(whole: Dataset) -> bytes:
    content, length = element(whole, "EncapsulatedDocument"), element(whole, "EncapsulatedDocumentLength")
    # What the viewer of the system opens by its name has to be what the name says.
    if not isinstance(content, bytes) or not content.startswith(b"%PDF-"):
        raise KinecorError(message("Expected a PDF, this object holds none or a damaged one; copy or export it again"))
    if isinstance(length, int) and 0 < length <= len(content):
        content = content[:length]
    if _END not in content[-1024:]:  # a viewer may show the pages that are left as if they were all
        raise KinecorError(message("Expected a whole PDF, this one is cut off; copy or export it again"))
    return content


_REPORTS: Final = "1.2.840.10008.5.1.4.1.1.88."
_COMMENT: Final = "121106"
_SHORT_LABEL: Final = "125309"
_MODIFYING: Final = ("HAS CONCEPT MOD", "HAS PROPERTIES")
_DEEPEST = 30
_DAMAGED: Final = message(
    "Expected an intact structured report, this one is damaged or cut off; copy or export it again"
)
_UNDEFINED = 0xFFFFFFFF


def is_report(file: DicomFile) -> bool:
    """Whether a file is a structured report.

    Args:
        file: with its header.

    """
    return text(file.header, "SOPClassUID").startswith(_REPORTS)


def read_report(path: Path, shown: str) -> ForeignReport:
    """The numbers of a structured report; what cannot be read is left out.

    Args:
        path: of the file.
        shown: the path to show.

    Raises:
        KinecorError: the file cannot be read, or has no content.

    """
    try:
        header = whole_header(str(path))
        cut_off = _cut_off(path)
    except Exception as error:  # whatever the damage provokes
        raise KinecorError(_DAMAGED) from error
    if cut_off:  # the values that are left would be shown as if they were all
        raise KinecorError(_DAMAGED)
    if not items(header, "ContentSequence"):
        raise KinecorError(
            message(
                "Expected a structured report, this {kind} has no content; export it again",
                kind=verbatim(sop_class(header)),
            )
        )
    templates = items(header, "ContentTemplateSequence")
    return ForeignReport(
        path=shown,
        study_id=safe_id(text(header, "StudyInstanceUID")),
        title=_meaning(header, "ConceptNameCodeSequence"),
        template=text(templates[0], "TemplateIdentifier") if templates else "",
        equipment=equipment(header),
        date=text(header, "ContentDate"),
        values=tuple(_values(header, (), (), ())),
        about=patient(header),
    )


def _cut_off(path: Path) -> bool:
    """Whether an element is longer than what is left of the file: pydicom takes what there is, without a word."""
    elements = dcmread(path, force=True)
    for tag in elements.keys():  # noqa: SIM118 - iterating a data set decodes its elements
        element: Any = elements.get_item(tag)
        if (
            isinstance(element, RawDataElement)
            and element.length != _UNDEFINED
            and len(element.value or b"") < element.length
        ):
            return True
    return False


_Details = tuple[tuple[str, str], ...]
_Modifiers = tuple[tuple[tuple[str, str], tuple[str, str]], ...]


def _values(
    parent: Dataset, within: tuple[str, ...], details: _Details, modifiers: _Modifiers
) -> Iterator[ForeignValue]:
    """All numbers below an item; modifiers of a container hold for what it contains."""
    # Modifiers of the root, such as the language, are those of the report, not of a value.
    own = details + (_details(parent) if within else ())
    codes = modifiers + (_modifiers(parent) if within else ())
    for item in items(parent, "ContentSequence"):
        if text(item, "ValueType") == "NUM":
            if (value := _value(item, within, own, codes)) is not None:
                yield value
        elif len(within) < _DEEPEST:
            yield from _values(item, (*within, _meaning(item, "ConceptNameCodeSequence")), own, codes)


def _value(item: Dataset, within: tuple[str, ...], details: _Details, modifiers: _Modifiers) -> ForeignValue | None:
    measured = items(item, "MeasuredValueSequence")
    value = number(measured[0], "NumericValue") if measured else None
    names = items(item, "ConceptNameCodeSequence")
    if value is None or not names:
        return None
    units = items(measured[0], "MeasurementUnitsCodeSequence")
    return ForeignValue(
        name=text(names[0], "CodeMeaning"),
        code=text(names[0], "CodeValue"),
        scheme=text(names[0], "CodingSchemeDesignator"),
        value=value,
        unit=text(units[0], "CodeValue") if units else "",
        within=tuple(place for place in within if place),
        details=details + _details(item),
        remark=" ".join(
            text(single_item, "TextValue")
            for single_item in items(item, "ContentSequence")
            if _code(single_item) == _COMMENT
        ),
        modifiers=modifiers + _modifiers(item),
    )


def _modifiers(item: Dataset) -> _Modifiers:
    return tuple(
        (_coded(single_item, "ConceptNameCodeSequence"), _coded(single_item, "ConceptCodeSequence"))
        for single_item in items(item, "ContentSequence")
        if text(single_item, "RelationshipType") in _MODIFYING and text(single_item, "ValueType") == "CODE"
    )


def _coded(item: Dataset, keyword: str) -> tuple[str, str]:
    named = items(item, keyword)
    return (text(named[0], "CodeValue"), text(named[0], "CodingSchemeDesignator")) if named else ("", "")


def _details(item: Dataset) -> tuple[tuple[str, str], ...]:
    """Coded modifiers and properties, and short labels."""
    found = []
    for single_item in items(item, "ContentSequence"):
        relation, kind = text(single_item, "RelationshipType"), text(single_item, "ValueType")
        if relation in _MODIFYING and kind == "CODE":
            found.append(
                (_meaning(single_item, "ConceptNameCodeSequence"), _meaning(single_item, "ConceptCodeSequence"))
            )
        elif kind == "TEXT" and _code(single_item) == _SHORT_LABEL:
            found.append((_meaning(single_item, "ConceptNameCodeSequence"), text(single_item, "TextValue")))
    return tuple(found)


def _meaning(item: Dataset, keyword: str) -> str:
    named = items(item, keyword)
    return text(named[0], "CodeMeaning") if named else ""


def _code(item: Dataset) -> str:
    named = items(item, "ConceptNameCodeSequence")
    return text(named[0], "CodeValue") if named else ""
