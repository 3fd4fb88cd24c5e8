"""What is asked of an archive, and what it answers, as values; identifiers of C-FIND and parameters of QIDO-RS."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.dicom.header import element, number, text

MAX_STUDIES: Final = 500
STUDY_KEYS: Final = (
    "StudyInstanceUID", "StudyDate", "StudyTime", "PatientName", "PatientID", "PatientBirthDate", "PatientSex",
    "StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances",
)  # fmt: skip
SERIES_KEYS: Final = (
    "StudyInstanceUID", "SeriesInstanceUID", "Modality", "SeriesNumber", "SeriesDescription",
    "NumberOfSeriesRelatedInstances",
)  # fmt: skip
INSTANCE_KEYS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "InstanceNumber")
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")


def check_uid(uid: str, *, instance: bool = False) -> str:
    """The UID itself, of a study or of an instance.

    Args:
        uid: as received or typed.
        instance: whether it is of an instance, for the sentence.

    Raises:
        KinecorError: it is none (PS3.5 9.1: digits and dots, at most 64).

    """
    cleaned = uid.strip().rstrip("\0")
    if len(cleaned) > 64 or not _UID.fullmatch(cleaned):
        given = verbatim(cleaned[:80])
        raise KinecorError(
            message("Expected a SOP Instance UID of digits and dots, got '{given}'", given=given)
            if instance
            else message("Expected a study UID of digits and dots, got '{given}'", given=given)
        )
    return cleaned


def check_date(date: str) -> str:
    """A date as DICOM writes it (YYYYMMDD), from that or YYYY-MM-DD; "" stays "".

    Args:
        date: as typed.

    Raises:
        KinecorError: it is neither.

    """
    digits = date.strip().replace("-", "")
    if digits and not (re.fullmatch(r"\d{8}", digits) and 1 <= int(digits[4:6]) <= 12 and 1 <= int(digits[6:]) <= 31):
        raise KinecorError(message("Expected a date as YYYY-MM-DD, got '{date}'", date=verbatim(date)))
    return digits


@dataclass(frozen=True, slots=True)
class Search:
    """Which studies are asked for; "" for any.

    Attributes:
        patient_name: with * and ? as wildcards; without any, names that begin with it.
        patient_id: exactly, or with wildcards.
        first_date, last_date: of the study, as YYYYMMDD, both included.
        modality: such as "US" or "MR".
        study_uid: of one study.

    """

    patient_name: str = ""
    patient_id: str = ""
    first_date: str = ""
    last_date: str = ""
    modality: str = ""
    study_uid: str = ""

    def __post_init__(self) -> None:
        for name in ("first_date", "last_date"):
            object.__setattr__(self, name, check_date(getattr(self, name)))
        if self.first_date and self.last_date and self.first_date > self.last_date:
            raise KinecorError(message("Expected a first date before the last one: swap them"))
        if self.study_uid:
            check_uid(self.study_uid)

    @property
    def name_pattern(self) -> str:
        """The patient's name as it is asked for."""
        name = self.patient_name.strip()
        return name if not name or "*" in name or "?" in name else f"{name}*"

    @property
    def dates(self) -> str:
        """The range of dates (PS3.4 C.2.2.2.5), or ""."""
        if self.first_date == self.last_date:
            return self.first_date
        return f"{self.first_date}-{self.last_date}"

    def matching(self) -> dict[str, str]:
        """Keys of the study level with what they are to match."""
        keys = {
            "PatientName": self.name_pattern,
            "PatientID": self.patient_id.strip(),
            "StudyDate": self.dates,
            "ModalitiesInStudy": self.modality.strip().upper(),
            "StudyInstanceUID": self.study_uid,
        }
        return {name: value for name, value in keys.items() if value}

    def variants(self) -> tuple["Search", ...]:
        """This search, then others to try where it finds nothing.

        Archives may distinguish upper and lower case in names (PS3.4 C.2.2.2.1), and some find no study of several
        modalities by one of them.
        """
        name = self.patient_name
        searches = [
            replace(self, patient_name=spelling) for spelling in dict.fromkeys((name, name.title(), name.upper()))
        ]
        if self.modality and (name or self.patient_id or self.dates):
            searches += [replace(search, modality="") for search in searches]
        return tuple(searches)

    def fits(self, study: "StudyFound") -> bool:
        """Whether an answer fits: archives may ignore the modality, which is an optional key.

        Args:
            study: as it was found.

        """
        wanted = self.modality.strip().upper()
        return not wanted or not study.modalities or wanted in study.modalities


@dataclass(frozen=True, slots=True)
class StudyFound:
    """A study in an archive; counts are None where the archive does not give them.

    Attributes:
        uid: Study Instance UID.
        date: YYYYMMDD, or "".

    """

    uid: str
    patient_name: str = ""
    patient_id: str = ""
    birth_date: str = ""
    sex: str = ""
    date: str = ""
    time: str = ""
    description: str = ""
    modalities: tuple[str, ...] = ()
    series: int | None = None
    instances: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesFound:
    """A series in an archive."""

    study_uid: str
    uid: str
    modality: str = ""
    number: int | None = None
    description: str = ""
    instances: int | None = None


@dataclass(frozen=True, slots=True)
class InstanceFound:
    """An instance in an archive; `sop_class` is "" where the archive does not give it."""

    study_uid: str
    series_uid: str
    uid: str
    sop_class: str = ""
    number: int | None = None


def identifier(level: str, keys: Iterable[str], matching: dict[str, str]) -> Dataset:
    """The identifier of a C-FIND at a level ("STUDY", "SERIES", "IMAGE"): what to match, and what to return.

    Args:
        level: of the query.
        keys: of the elements that are returned.
        matching: values to match, by key.

    """
    asked = Dataset()
    if not all(value.isascii() for value in matching.values()):
        asked.SpecificCharacterSet = "ISO_IR 192"
    asked.QueryRetrieveLevel = level
    for key in keys:
        setattr(asked, key, matching.get(key, ""))
    return asked


def _count(answer: Dataset, keyword: str) -> int | None:
    found = number(answer, keyword)
    return int(found) if found is not None and found >= 0 else None


def _uid(answer: Dataset, keyword: str) -> str:
    found = text(answer, keyword)
    return found if len(found) <= 64 and _UID.fullmatch(found) else ""


def study_found(answer: Dataset) -> StudyFound | None:
    """The study of an answer; None where it names none.

    Args:
        answer: of a C-FIND or of QIDO-RS.

    """
    uid = _uid(answer, "StudyInstanceUID")
    if not uid:
        return None
    value = element(answer, "ModalitiesInStudy")
    several = [] if value is None else [value] if isinstance(value, str) else [str(item) for item in value]
    return StudyFound(
        uid=uid,
        patient_name=text(answer, "PatientName"),
        patient_id=text(answer, "PatientID"),
        birth_date=text(answer, "PatientBirthDate"),
        sex=text(answer, "PatientSex"),
        date=text(answer, "StudyDate"),
        time=text(answer, "StudyTime"),
        description=text(answer, "StudyDescription"),
        modalities=tuple(sorted({modality for modality in several if modality})),
        series=_count(answer, "NumberOfStudyRelatedSeries"),
        instances=_count(answer, "NumberOfStudyRelatedInstances"),
    )


def series_found(answer: Dataset, study_uid: str) -> SeriesFound | None:
    """The series of an answer; None where it names none.

    Args:
        answer: of a C-FIND or of QIDO-RS.
        study_uid: of its study.

    """
    uid = _uid(answer, "SeriesInstanceUID")
    if not uid:
        return None
    return SeriesFound(
        study_uid=study_uid,
        uid=uid,
        modality=text(answer, "Modality"),
        number=_count(answer, "SeriesNumber"),
        description=text(answer, "SeriesDescription"),
        instances=_count(answer, "NumberOfSeriesRelatedInstances"),
    )


def instance_found(answer: Dataset, study_uid: str, series_uid: str) -> InstanceFound | None:
    """The instance of an answer; None where it names none.

    Args:
        answer: of a C-FIND or of QIDO-RS.
        study_uid: of its study.
        series_uid: of its series.

    """
    uid = _uid(answer, "SOPInstanceUID")
    if not uid:
        return None
    return InstanceFound(study_uid, series_uid, uid, _uid(answer, "SOPClassUID"), _count(answer, "InstanceNumber"))
