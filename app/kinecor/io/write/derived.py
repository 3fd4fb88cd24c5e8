"""What every DICOM object made from a recording shares with it: its patient and study, in a series of its own."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

import kinecor
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.recording import CineSequence, Instance
from kinecor.io.dicom.header import safe_id
from kinecor.io.dicom.source_file import source_header
from kinecor.io.files.atomic import whole
from kinecor.io.write.anchors import add_anchor
from kinecor.io.write.dataset import NAMESPACE
from kinecor.session.audit import saved_head

# fmt: off
_PATIENT = (
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex", "PatientBirthTime",
    "OtherPatientIDs", "OtherPatientNames", "EthnicGroup", "PatientComments", "QualityControlSubject",
    "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
)
_STUDY = (
    "StudyInstanceUID", "StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber",
    "IssuerOfAccessionNumberSequence", "StudyDescription", "PatientAge", "PatientSize", "PatientWeight",
    "LongitudinalTemporalInformationModified",
)
_REQUIRED = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "ReferringPhysicianName",
    "StudyID", "AccessionNumber",
)
# fmt: on
PRIVATE_SCHEME: Final = "99KINECOR"
"""Coding scheme of what no standard has a code for."""


class UnidentifiedError(KinecorError):
    """A recording has no UIDs by which a DICOM object could refer to it."""


def uid_of(*parts: object) -> str:
    """A UID under 2.25 (PS3.5 B.2), the same for the same parts.

    Args:
        parts: that tell objects apart.

    """
    return f"2.25.{uuid.uuid5(NAMESPACE, '/'.join(map(str, parts))).int}"


DEVICE_UID: Final = uid_of("device", "kinecor", kinecor.__version__)
"""The program itself, as an observer."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series of derived objects.

    Attributes:
        modality: "SR", "SEG", "DOC", "OT", "PR".
        number: Series Number; far above those of scanners.
        description: shown in lists.

    """

    modality: str
    number: int
    description: str


def check_identified(cines: Iterable[CineSequence], what: Message) -> None:
    """Refuse sources that no other object can refer to.

    Args:
        cines: that an object refers to.
        what: is written, for the sentence.

    Raises:
        UnidentifiedError: a recording without UIDs.

    """
    for cine in cines:
        if not cine.instances or not all(instance.complete for instance in cine.instances):
            raise UnidentifiedError(
                message(
                    "{path} has no DICOM identifiers (it is a video, an image, a volume file or an incomplete DICOM "
                    "file), and a {object} must refer to them: export its values as CSV or PDF, or analyse the DICOM "
                    "file it was made from",
                    path=verbatim(cine.source.path),
                    object=what,
                )
            )


def derived_object(instance: Instance, sop_class: str, series: Series, at: datetime, *, more: str = "") -> Dataset:
    """A new object of a recording's study: patient, study, series and equipment filled in.

    Args:
        instance: of the recording; patient and study are copied from its file.
        sop_class: UID of the kind of object.
        series: see Series.
        at: when the object is made, with a time zone.
        more: what separates series that would otherwise share their UID, such as a frame of reference.

    """
    source, made = source_header(instance.path), Dataset()
    if instance.sop_instance and str(source.get("SOPInstanceUID", "")) != instance.sop_instance:
        raise KinecorError(
            message(
                "{path} is another image than the one that was opened: open it again, so that values and "
                "patient are of one recording",
                path=verbatim(instance.path),
            )
        )
    # Readers' names and remarks need more than most scanners' character sets; all text is written anew in UTF-8.
    made.SpecificCharacterSet = "ISO_IR 192"
    for keyword in _REQUIRED:
        setattr(made, keyword, "")
    for keyword in (*_PATIENT, *_STUDY):
        if keyword in source:
            _copy(source, made, keyword)
    made.SOPClassUID = UID(sop_class)
    made.Modality, made.SeriesNumber, made.SeriesDescription = series.modality, series.number, series.description
    made.SeriesInstanceUID = uid_of(instance.study, series.modality, series.number, kinecor.__version__, more)
    made.Manufacturer, made.ManufacturerModelName = "Kinecor", "Kinecor"
    made.SoftwareVersions = made.DeviceSerialNumber = kinecor.__version__
    made.InstanceNumber = 1
    made.InstanceCreationDate = made.ContentDate = f"{at:%Y%m%d}"
    made.InstanceCreationTime = made.ContentTime = f"{at:%H%M%S}"
    if (head := saved_head(safe_id(instance.study))) is not None:
        add_anchor(made, head)
    made.TimezoneOffsetFromUTC = str(source.get("TimezoneOffsetFromUTC", "") or f"{at:%z}")
    return made


def _copy(source: Dataset, made: Dataset, keyword: str) -> None:
    element = source[keyword]
    if element.VR == "PN" and element.value:
        names = [element.value] if element.VM == 1 else list(element.value)
        setattr(made, keyword, [str(name) for name in names])
    else:
        made.add(element)


def with_private_codes(made: Dataset) -> None:
    """Say whose codes those of the private scheme are (PS3.3 C.12.1).

    Args:
        made: the object.

    """
    item = Dataset()
    item.CodingSchemeDesignator = PRIVATE_SCHEME
    item.CodingSchemeName = "Measurements of Kinecor"
    item.CodingSchemeVersion = kinecor.__version__
    made.CodingSchemeIdentificationSequence = [item]


def evidence(instances: Sequence[Instance]) -> list[Dataset]:
    """The objects that are referred to, by study and series (PS3.3 Table C.17-3).

    Args:
        instances: of any studies and series.

    """
    studies: dict[str, dict[str, dict[str, str]]] = {}
    for instance in instances:
        studies.setdefault(instance.study, {}).setdefault(instance.series, {})[instance.sop_instance] = (
            instance.sop_class
        )
    items = []
    for study, in_study in studies.items():
        of_study = Dataset()
        of_study.StudyInstanceUID = study
        of_study.ReferencedSeriesSequence = []
        for series, objects in in_study.items():
            of_series = Dataset()
            of_series.SeriesInstanceUID = series
            of_series.ReferencedSOPSequence = [_reference(sop_class, uid) for uid, sop_class in objects.items()]
            of_study.ReferencedSeriesSequence.append(of_series)
        items.append(of_study)
    return items


def _reference(sop_class: str, uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
    return item


def reference(instance: Instance, *frames: int) -> Dataset:
    """A reference to an object, to some of its frames (from 1) where it has several.

    Args:
        instance: the object.
        frames: from 1; none for the whole object.

    """
    item = _reference(instance.sop_class, instance.sop_instance)
    if instance.frame and frames:
        item.ReferencedFrameNumber = list(frames) if len(frames) > 1 else frames[0]
    return item


def by_series(instances: Sequence[Instance], keyword: str) -> list[Dataset]:
    """References to whole objects, each once, by series; `keyword` names the sequence that holds a series' objects.

    Args:
        instances: of one study.
        keyword: of the sequence.

    """
    series: dict[str, dict[str, Instance]] = {}
    for instance in instances:
        series.setdefault(instance.series, {})[instance.sop_instance] = instance
    items = []
    for uid, objects in series.items():
        item = Dataset()
        item.SeriesInstanceUID = uid
        setattr(item, keyword, [reference(instance) for instance in objects.values()])
        items.append(item)
    return items


def save_derived(made: Dataset, path: Path, syntax: str = ExplicitVRLittleEndian) -> None:
    """Write an object to `path`, whole or not at all; `syntax` is that of its pixels.

    Its SOP Instance UID follows from all that is in it, unless it has one: written twice from the same, at one time, it
    is the same instance, which an archive stores once.

    Args:
        made: the object.
        path: of the file.
        syntax: its UID.

    Raises:
        KinecorError: the file cannot be written there.

    """
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = UID(syntax)
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    if "SOPInstanceUID" not in made:
        made.SOPInstanceUID = _content_uid(made)
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    with whole(path, private=True) as temporary:
        made.save_as(temporary, implicit_vr=False, little_endian=True, enforce_file_format=True)


def _content_uid(made: Dataset) -> str:
    """A UID of what an object holds."""
    content = BytesIO()
    made.save_as(content, implicit_vr=False, little_endian=True, enforce_file_format=False)
    return uid_of("object", hashlib.sha256(content.getbuffer()).hexdigest())
