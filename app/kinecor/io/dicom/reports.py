"""Structured reports of other systems: every number with its name, unit and modifiers (PS3.3 C.17.3).

Echo carts write TID 5200 or 5300, MR workstations often TID 1500. All are trees of content items in which a number has
its modifiers as children, so that one walk reads them; what a template adds is in headings and modifiers.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.foreign import ForeignReport, ForeignValue
from kinecor.io.dicom.header import DicomFile, equipment, items, number, safe_id, sop_class, text
from kinecor.io.dicom.source_file import whole_header

_REPORTS: Final = "1.2.840.10008.5.1.4.1.1.88."
_COMMENT: Final = "121106"
_SHORT_LABEL: Final = "125309"
_DEEPEST = 30


def is_report(file: DicomFile) -> bool:
    """Whether a file is a structured report."""
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
    except Exception as error:  # whatever the damage provokes
        raise KinecorError(
            "Expected an intact structured report, this one is damaged or cut off; copy or export it again"
        ) from error
    if not items(header, "ContentSequence"):
        raise KinecorError(f"Expected a structured report, this {sop_class(header)} has no content; export it again")
    templates = items(header, "ContentTemplateSequence")
    return ForeignReport(
        path=shown,
        study_id=safe_id(text(header, "StudyInstanceUID")),
        title=_meaning(header, "ConceptNameCodeSequence"),
        template=text(templates[0], "TemplateIdentifier") if templates else "",
        equipment=equipment(header),
        date=text(header, "ContentDate"),
        values=tuple(_values(header, (), ())),
    )


def _values(parent: Dataset, within: tuple[str, ...], details: tuple[tuple[str, str], ...]) -> Iterator[ForeignValue]:
    """All numbers below an item; modifiers of a container hold for what it contains."""
    # Modifiers of the root, such as the language, are those of the report, not of a value.
    own = details + (_details(parent) if within else ())
    for item in items(parent, "ContentSequence"):
        if text(item, "ValueType") == "NUM":
            if (found := _value(item, within, own)) is not None:
                yield found
        elif len(within) < _DEEPEST:
            yield from _values(item, (*within, _meaning(item, "ConceptNameCodeSequence")), own)


def _value(item: Dataset, within: tuple[str, ...], details: tuple[tuple[str, str], ...]) -> ForeignValue | None:
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
        within=tuple(one for one in within if one),
        details=details + _details(item),
        remark=" ".join(text(one, "TextValue") for one in items(item, "ContentSequence") if _code(one) == _COMMENT),
    )


def _details(item: Dataset) -> tuple[tuple[str, str], ...]:
    """Coded modifiers and properties, and short labels."""
    found = []
    for one in items(item, "ContentSequence"):
        relation, kind = text(one, "RelationshipType"), text(one, "ValueType")
        if relation in ("HAS CONCEPT MOD", "HAS PROPERTIES") and kind == "CODE":
            found.append((_meaning(one, "ConceptNameCodeSequence"), _meaning(one, "ConceptCodeSequence")))
        elif kind == "TEXT" and _code(one) == _SHORT_LABEL:
            found.append((_meaning(one, "ConceptNameCodeSequence"), text(one, "TextValue")))
    return tuple(found)


def _meaning(item: Dataset, keyword: str) -> str:
    named = items(item, keyword)
    return text(named[0], "CodeMeaning") if named else ""


def _code(item: Dataset) -> str:
    named = items(item, "ConceptNameCodeSequence")
    return text(named[0], "CodeValue") if named else ""
