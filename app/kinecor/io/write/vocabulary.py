"""What the values of elements that stay in a de-identified copy may say: words from lists, and numbers.

Fields such as model, software, image type and stack are free text in practice: departments write their name into them.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.uid import UID

_BINARY: Final = frozenset(("US", "SS", "UL", "SL", "FL", "FD"))
_NUMBER: Final = re.compile(r"\s*[+-]?(\d{1,12}(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\s*")
MAX_NUMBER: Final = 99_999
"""Of what stays: sizes, times in ms, frequencies in kHz and counts are less; numbers of patients and dates are not."""
_DATE: Final = re.compile(r"[12]\d{3}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_TIME: Final = re.compile(r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?")
_ULTRASOUND_KIND: Final = re.compile(r"[0-9A-F]{4}")
"""The fourth value of an ultrasound's image type: PS3.3 C.8.5.6.1.1."""

# fmt: off
_IMAGE_TYPES: Final = frozenset((
    "ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY", "MIXED", "NONE", "OTHER", "CARDIAC", "CARDIOLOGY", "M", "P", "R",
    "I", "MAGNITUDE",
    "PHASE", "REAL", "IMAGINARY", "ND", "NORM", "DIS2D", "DIS3D", "FIL", "MOCO", "FM", "FFE", "M_FFE", "M_SE", "M_IR",
    "PHASE MAP", "VELOCITY MAP", "VELOCITY", "FLOW_ENCODED", "FLOW", "CINE", "T1", "T2", "T2 MAP", "T1 MAP", "MPR",
    "PROJECTION IMAGE", "LOCALIZER", "AXIAL", "RESAMPLED", "ABDOMINAL", "BREAST", "CHEST", "ENDOCAVITARY",
    "ENDORECTAL", "ENDOVAGINAL", "EPICARDIAL", "FETAL HEART", "GYNECOLOGY", "INTRAOPERATIVE", "INTRAVASCULAR",
    "MUSCULOSKELETAL", "NEONATAL HEAD", "OBSTETRICAL", "OPHTHALMIC", "PEDIATRIC", "PELVIC", "RETROPERITONEAL",
    "SCROTAL", "SMALL PARTS", "TEE", "THYROID", "TRANSCRANIAL", "TTE", "URINARY TRACT", "VASCULAR", "STRESS", "REST",
))
_WORDS: Final = {
    "Modality": frozenset(("US", "MR", "IVUS", "XA", "CT", "OT", "NM", "PT", "RF", "XC", "ES")),
    "PhotometricInterpretation": frozenset((
        "MONOCHROME1", "MONOCHROME2", "RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420",
        "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT",
    )),
    "ScanningSequence": frozenset(("SE", "IR", "GR", "EP", "RM")),
    "SequenceVariant": frozenset(("SK", "MTC", "SS", "TRSS", "SP", "MP", "OSP", "TOF", "NONE")),
    "ScanOptions": frozenset((
        "PER", "RG", "CG", "PPG", "FC", "PFF", "PFP", "SP", "FS", "FAST_GEMS", "SEQ_GEMS", "CINE_GEMS", "SAT_GEMS",
        "PFI", "ACC_GEMS", "TRF_GEMS",
    )),
    "MRAcquisitionType": frozenset(("2D", "3D")),
    "VOILUTFunction": frozenset(("LINEAR", "LINEAR_EXACT", "SIGMOID")),
    "RescaleType": frozenset(("OD", "HU", "US", "MGML", "Z_EFF", "ED", "EDW", "HU_MOD", "PCT", "NORMALIZED")),
    "LossyImageCompression": frozenset(("00", "01")),
    "LossyImageCompressionMethod": frozenset((
        "ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_15", "ISO_18181_1", "ISO_13818_2", "ISO_14496_10",
        "ISO_23008_2",
    )),
    "BodyPartExamined": frozenset(("HEART", "CHEST", "THORAX", "CARDIAC", "AORTA", "THORACICAORTA", "MEDIASTINUM")),
    "DimensionOrganizationType": frozenset(("3D", "3D_TEMPORAL", "TILED_FULL", "TILED_SPARSE")),
}
_MAKERS: Final = (
    "Kinecor", "Philips", "GE", "Siemens", "Acuson", "Canon", "Toshiba", "Samsung", "Medison", "Esaote", "Mindray",
    "Hitachi", "Aloka", "Fujifilm", "SonoSite", "Agilent", "Hewlett-Packard", "ATL", "Biosound", "Vingmed", "TomTec",
    "Marconi", "Picker", "United Imaging", "Butterfly", "Lumify", "Terason", "VisualSonics", "Bruker",
)
_MODELS: Final = (
    # Ultrasound
    "iE33", "iU22", "HD7", "HD11", "HD15", "EPIQ 5", "EPIQ 7", "EPIQ CVx", "EPIQ Elite", "Affiniti 30", "Affiniti 50",
    "Affiniti 70", "CX50", "Sparq", "Lumify", "InnoSight", "Sonos 2000", "Sonos 5500", "Sonos 7500", "HDI 5000",
    "EnVisor",
    "Vivid E95", "Vivid E90", "Vivid E80", "Vivid E9", "Vivid S70", "Vivid S60", "Vivid S6", "Vivid S5", "Vivid T9",
    "Vivid T8", "Vivid iq", "Vivid q", "Vivid i", "Vivid 7", "Vivid 5", "Vivid 4", "Vivid 3", "LOGIQ E10",
    "LOGIQ E9", "LOGIQ e",
    "Vscan", "Sequoia", "SC2000", "CV70", "Cypress", "X700", "S2000", "S3000", "Aplio 300", "Aplio 400", "Aplio 500",
    "Aplio i700", "Aplio i800", "Aplio i900", "Artida", "Xario", "HS70A", "RS80A", "WS80A", "EKO7", "MyLab 70",
    "MyLab X8", "MyLab X7", "MyLab", "M9", "Resona 7", "DC-8", "ProSound", "ARIETTA", "LISENDO", "Simulator", "Kinecor",
    # MRI
    "SIGNA HDx", "SIGNA HDxt", "SIGNA EXCITE", "SIGNA Artist", "SIGNA Premier", "SIGNA Architect", "SIGNA PET/MR",
    "DISCOVERY MR450", "DISCOVERY MR750", "DISCOVERY MR750w", "Optima MR450w", "Optima MR360", "Achieva dStream",
    "Achieva", "Ingenia Ambition X", "Ingenia Elition X", "Ingenia", "Intera", "Gyroscan NT", "Panorama", "Avanto_fit",
    "Avanto", "Aera", "Skyra_fit", "Skyra", "Espree", "Symphony", "SymphonyTim", "Sonata", "Trio", "TrioTim", "Verio",
    "Prisma_fit", "Prisma", "Sola", "Vida", "Altea", "Lumina", "Amira", "Essenza", "Vantage Titan", "Vantage Galan",
    "Vantage Orian", "Vantage Elan", "uMR 780", "uMR 790", "uMR 660",
)
# fmt: on


def allowed_element(element: DataElement) -> DataElement | None:
    """An element with what it may say; None where nothing is left.

    Its type is that of the standard, so that text in the place of a number goes, and so do numbers above MAX_NUMBER.
    Words that are on no list go, or become "OTHER" in an image type, whose values count by their place.

    Args:
        element: one that may stay; no sequence, and no UID of an instance.

    """
    kind = dictionary_VR(element.tag)
    values = list(element.value) if element.VM > 1 else [element.value]
    if element.value is None or element.value == "":
        return DataElement(element.tag, element.VR, element.value)
    allowed: Sequence[Any]
    match element.keyword:
        case "Manufacturer":
            allowed = [_known(values, _MAKERS) or ""]
        case "ManufacturerModelName":
            allowed = [model] if (model := _known(values, _MODELS)) else []
        case "ImageType" | "FrameType":
            allowed = [_image_type(str(value).strip(), place) for place, value in enumerate(values)]
        case "SOPClassUID":
            allowed = [value for value in values if UID(str(value)).name != str(value)]
        case keyword if keyword in _WORDS:
            allowed = [value for value in values if str(value).strip().upper() in _WORDS[keyword]]
        case _ if kind in {"DS", "IS"}:
            allowed = values if all(_is_number(_original(value)) for value in values) else []
        case _ if kind == "AT":
            allowed = values if all(isinstance(value, int) and keyword_for_tag(value) for value in values) else []
        case _ if kind.split(" or ")[0] in _BINARY:
            allowed = (
                values
                if element.VR in _BINARY
                and all(isinstance(value, int | float) and abs(value) <= MAX_NUMBER for value in values)
                else []
            )
        case _:
            allowed = []
    if not allowed:
        return None
    return DataElement(element.tag, element.VR, allowed[0] if len(allowed) == 1 else list(allowed))


def _is_number(written: str) -> bool:
    return _NUMBER.fullmatch(written) is not None and abs(float(written)) <= MAX_NUMBER


def _original(value: Any) -> str:
    """A number as the file writes it."""
    return str(getattr(value, "original_string", value))


def _image_type(word: str, place: int) -> str:
    if word.upper() in _IMAGE_TYPES or not word:
        return word.upper()
    if place == 3 and _ULTRASOUND_KIND.fullmatch(word):
        return word
    return ("ORIGINAL", "PRIMARY")[place] if place < 2 else "OTHER"


def _known(values: Sequence[Any], names: Sequence[str]) -> str | None:
    """The longest known name that is a word of the text; None where none is."""
    said = " ".join(str(value) for value in values)
    for name in sorted(names, key=len, reverse=True):
        if re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", said, re.IGNORECASE):
            return name
    return None


def is_date(value: str) -> bool:
    """Whether a text is a date and nothing else, YYYYMMDD.

    Args:
        value: of an element.

    """
    return _DATE.fullmatch(value) is not None


def is_time(value: str) -> bool:
    """Whether a text is a time of day and nothing else, HHMMSS.FFFFFF or its beginning.

    Args:
        value: of an element.

    """
    return _TIME.fullmatch(value) is not None


class Stacks:
    """Numbers in place of the names of stacks: the same for the same name within a file."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> str:
        """From "1" on, in the order in which names are asked for.

        Args:
            name: of a stack.

        """
        return str(self._numbers.setdefault(name, len(self._numbers) + 1))
