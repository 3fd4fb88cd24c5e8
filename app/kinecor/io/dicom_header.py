"""Who, where and what: the display facts of a DICOM header."""

import re

from pydicom.dataset import Dataset
from pydicom.uid import UID

from kinecor.core.cine import Patient, Source
from kinecor.io.dicom_file import DicomFile, syntax_name
from kinecor.io.dicom_values import items, positive, safe_id, text

# Codes of PS3.16 CID 12226, SNOMED CT and the older SRT ones.
_VIEW_CODES = {
    "399214001": "A4C", "G-A19C": "A4C",
    "399232001": "A2C", "G-A19B": "A2C",
    "399339008": "A3C", "G-0395": "A3C",
    "399139001": "PLAX", "G-0396": "PLAX",
    "399306005": "PSAX", "G-0397": "PSAX",
}  # fmt: skip
_VIEW_WORDS = (
    (r"a4c|ap4|4ch|ap(ical)?[ -]*(4|four)", "A4C"),
    (r"a2c|ap2|2ch|ap(ical)?[ -]*(2|two)", "A2C"),
    (r"a3c|ap3|3ch|aplax|ap(ical)?[ -]*(3|three|long)", "A3C"),
    (r"plax|parasternal[ -]*long", "PLAX"),
    (r"psax|parasternal[ -]*short", "PSAX"),
)
_EXTRA = (
    ("Series", "SeriesDescription"),
    ("Protocol", "ProtocolName"),
    ("Comment", "ImageComments"),
    ("Pixels", "PhotometricInterpretation"),
    ("Frame times", "FrameTime"),
)


def source_of(file: DicomFile, path: str, recording_id: str, modality: str) -> Source:
    """The Source of a recording; `recording_id` is used as it is, the study's UID made fit for a file name."""
    header = file.header
    extra = [(name, found) for name, keyword in _EXTRA if (found := text(header, keyword))]
    extra.append(("Transfer syntax", syntax_name(file.syntax)))
    if positive(header, "UltrasoundColorDataPresent"):
        extra.append(("Ultrasound colour data", "present"))
    return Source(
        path=path,
        recording_id=recording_id,
        study_id=safe_id(text(header, "StudyInstanceUID")),
        modality=modality,
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
        birth_date=text(header, "PatientBirthDate").strip("0"),
        sex=text(header, "PatientSex"),
        height_cm=round(height_m * 100, 2) if height_m and 0.2 <= height_m <= 2.7 else None,
        weight_kg=weight_kg if weight_kg and 0.3 <= weight_kg <= 500 else None,
        study_date=text(header, "StudyDate"),
        study_description=text(header, "StudyDescription"),
        institution=text(header, "InstitutionName"),
    )


def equipment(header: Dataset) -> str:
    """Maker, model and software as one line."""
    parts = (text(header, name) for name in ("Manufacturer", "ManufacturerModelName", "SoftwareVersions"))
    return " ".join(part for part in parts if part)


def modality_of(header: Dataset) -> str:
    """The modality, "US", "MR" or "", from Modality (0008,0060) or else the SOP class."""
    told = text(header, "Modality").upper()
    if told in {"US", "MR"}:
        return told
    if told == "IVUS":
        return "US"
    name = sop_class(header)
    return "US" if "Ultrasound" in name else "MR" if " MR " in f" {name} " else ""


def sop_class(header: Dataset) -> str:
    """The standard's name of the kind of object, "" where it is not told or not known."""
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
    folded = words.lower()
    return next((view for pattern, view in _VIEW_WORDS if re.search(rf"\b({pattern})", folded)), None)
