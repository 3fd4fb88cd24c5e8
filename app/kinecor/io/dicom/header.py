"""Patient, study, equipment, modality and view from a DICOM header."""

import re

from pydicom.dataset import Dataset
from pydicom.uid import UID

from kinecor.core.values.cine import Patient, Source
from kinecor.io.dicom.file import DicomFile, syntax_name
from kinecor.io.dicom.values import items, positive, safe_id, text

# Codes of PS3.16 CID 12226, SNOMED CT and the older SRT ones.
_VIEW_CODES = {
    "399214001": "A4C", "G-A19C": "A4C",
    "399232001": "A2C", "G-A19B": "A2C",
    "399339008": "A3C", "G-0395": "A3C",
    "399139001": "PLAX", "G-0396": "PLAX",
    "399306005": "PSAX", "G-0397": "PSAX",
}  # fmt: skip
_VIEW_WORDS = (
    (r"a4c|ap4|4ch|ap(ical)? ?(4|four)(?!\d)", "A4C"),
    (r"a2c|ap2|2ch|ap(ical)? ?(2|two)(?!\d)", "A2C"),
    (r"a3c|ap3|3ch|aplax|ap(ical)? ?((3|three)(?!\d)|long)", "A3C"),
    (r"plax|parasternal long", "PLAX"),
    (r"psax|parasternal short", "PSAX"),
)
# "Subcostal 4CH", "SAX 4chamber", "ME 4CH": four chambers, but seen from elsewhere than the apex of the left ventricle.
_NOT_APICAL = r"sub ?cost|sub ?xi|supra|sc\b|sax|psax|plax|short|paraste|tee\b|toe\b|me\b|mid ?o?esoph|trans ?o?esoph"
# A view of the right heart: none of the standard views.
_OTHER_HEART = r"rv|rvot|right|tricusp|pulm"
_APICAL = frozenset({"A4C", "A2C", "A3C"})
_EXTRA = (
    ("Series", "SeriesDescription"),
    ("Protocol", "ProtocolName"),
    ("Comment", "ImageComments"),
    ("Pixels", "PhotometricInterpretation"),
    ("Frame times", "FrameTime"),
)


def source_of(file: DicomFile, path: str, recording_id: str, modality: str, digest: str) -> Source:
    """The Source of a recording; `recording_id` is used as it is, the study's UID made fit for a file name.

    Where the header names no study, the recording forms a study by itself.
    """
    header = file.header
    extra = [(name, found) for name, keyword in _EXTRA if (found := text(header, keyword))]
    extra.append(("Transfer syntax", syntax_name(file.syntax)))
    if positive(header, "UltrasoundColorDataPresent"):
        extra.append(("Ultrasound colour data", "present"))
    return Source(
        path=path,
        recording_id=recording_id,
        study_id=safe_id(text(header, "StudyInstanceUID")) or recording_id,
        modality=modality,
        digest=digest,
        equipment=equipment(header),
        patient=patient(header),
        extra=tuple(extra),
    )


def patient(header: Dataset) -> Patient:
    """Patient and study; height in cm from metres, weight in kg, absent where out of a person's range."""
    height_m, weight_kg = positive(header, "PatientSize"), positive(header, "PatientWeight")
    return Patient(
        name=text(header, "PatientName"),
        patient_id=text(header, "PatientID"),
        birth_date=birth_date(header),
        sex=text(header, "PatientSex"),
        height_cm=round(height_m * 100, 2) if height_m and 0.2 <= height_m <= 2.7 else None,
        weight_kg=weight_kg if weight_kg and 0.3 <= weight_kg <= 500 else None,
        study_date=text(header, "StudyDate"),
        study_description=text(header, "StudyDescription"),
        institution=text(header, "InstitutionName"),
    )


def birth_date(header: Dataset) -> str:
    """The birth date as written; "" where it is nothing but zeros, as scanners write an unknown one."""
    written = text(header, "PatientBirthDate")
    return written if written.strip("0") else ""


def equipment(header: Dataset) -> str:
    """Maker, model and software as one line."""
    parts = (text(header, name) for name in ("Manufacturer", "ManufacturerModelName", "SoftwareVersions"))
    return " ".join(part for part in parts if part)


def modality_of(header: Dataset) -> str:
    """What Modality (0008,0060) says ("US", "MR", "XA", ...), else "US" or "MR" by the SOP class, else ""."""
    if stated := text(header, "Modality").upper():
        return stated
    name = sop_class(header)
    return "US" if "Ultrasound" in name else "MR" if " MR " in f" {name} " else ""


def sop_class(header: Dataset) -> str:
    """The standard's name of the kind of object, "" where it is missing or not known."""
    uid = text(header, "SOPClassUID")
    name = UID(uid).name if uid else ""
    return "" if name == uid else name


def view_of(header: Dataset) -> str | None:
    """The standard view ("A4C", "A2C", "A3C", "PLAX", "PSAX"), from View Code Sequence or View Name, or None."""
    for item in items(header, "ViewCodeSequence"):
        if view := _VIEW_CODES.get(text(item, "CodeValue")) or _named(text(item, "CodeMeaning")):
            return view
    return _named(text(header, "ViewName"))


def _named(words: str) -> str | None:
    """The one view that the words name; None where they name none, several, or a view with a similar name."""
    folded = " ".join(re.sub(r"[^a-z0-9]+", " ", words.lower()).split())
    found = {view for pattern, view in _VIEW_WORDS if re.search(rf"\b({pattern})", folded)}
    if len(found) != 1 or re.search(rf"\b({_OTHER_HEART})", folded):
        return None
    view = found.pop()
    return None if view in _APICAL and re.search(rf"\b({_NOT_APICAL})", folded) else view
