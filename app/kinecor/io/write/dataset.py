"""The DICOM modules that all simulated recordings share: patient, study, series, equipment, SOP."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

import kinecor
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim

# The namespace in which UIDs are derived from names, RFC 4122 version 5.
NAMESPACE = uuid.UUID("3d1f7c0e-52f4-5d0b-9a52-0c3f5a2b6e11")
_LONGEST_DESCRIPTION = 64


# A fixed day, so that age follows from the birth date as in recordings of patients.
_STUDY_YEAR, _STUDY_DAY, _BIRTHDAY = 2025, "0701", "0115"


@dataclass(frozen=True, slots=True)
class Person:
    """Age and body size of a simulated patient.

    Attributes:
        age_years: whole years, 0 to 120.
        sex: "F" or "M".
        height_cm: standing.
        weight_kg: of the body.

    """

    age_years: int
    sex: str
    height_cm: float
    weight_kg: float


@dataclass(frozen=True, slots=True)
class About:
    """The simulated patient and study.

    Attributes:
        name: what comes after "Phantom^" in the patient's name, e.g. "Dilated".
        identity: text that names the simulation, e.g. kind, parameters and seed; UIDs and patient ID are derived
            from it, so that the same simulation is the same study on every machine.
        description: of the study, shown in lists; cut to 64 characters.
        heart: text that names the heart: simulations that share it are of one patient and one study. "" where each
            is a separate patient.
        person: the patient's age and size; None leaves them and the study's date out.

    """

    name: str
    identity: str
    description: str
    heart: str = ""
    person: Person | None = None

    @property
    def patient_id(self) -> str:
        """Patient ID: "PHANTOM-" and ten hexadecimal digits."""
        return f"PHANTOM-{hashlib.sha256((self.heart or self.identity).encode()).hexdigest()[:10]}"

    @property
    def study_uid(self) -> str:
        """Study Instance UID."""
        return replace(self, identity=self.heart or self.identity).uid("study")

    def uid(self, *parts: object) -> str:
        """A UID under 2.25 (PS3.5 B.2), the same for the same identity, parts and version of the program.

        Another version may simulate other images from the same parameters, and two images must not share a UID.

        Args:
            parts: that tell objects of one identity apart.

        """
        named = "/".join([kinecor.__version__, self.identity, *map(str, parts)])
        return f"2.25.{uuid.uuid5(NAMESPACE, named).int}"


def new_dataset(about: About, sop_class: str, modality: str, series: tuple[int, str], instance: int) -> Dataset:
    """A data set with patient, study, series, equipment and SOP modules filled in.

    Args:
        about: the patient and study.
        sop_class: UID of the kind of object.
        modality: "US" or "MR".
        series: (number, description); the number makes the series' UID.
        instance: number within the series.

    """
    note = f"Simulated by Kinecor {kinecor.__version__}; nobody was recorded. {kinecor.RESEARCH_USE}."
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 192"
    header.SOPClassUID, header.SOPInstanceUID = UID(sop_class), UID(about.uid(modality, series[0], instance))
    header.Modality, header.Manufacturer = modality, "Kinecor"
    header.ManufacturerModelName, header.SoftwareVersions = "Simulator", kinecor.__version__
    header.DeviceSerialNumber = "0"
    header.StudyDate = header.StudyTime = header.AccessionNumber = header.ReferringPhysicianName = ""
    header.StudyDescription = about.description[:_LONGEST_DESCRIPTION]
    header.SeriesDescription, header.ProtocolName = series[1], series[1]
    header.DerivationDescription = header.ImageComments = note
    header.PatientName, header.PatientID = f"Phantom^{about.name}", about.patient_id
    header.PatientBirthDate = header.PatientSex = ""
    if about.person is not None:
        _describe(header, about.person)
    header.QualityControlSubject = "YES"
    header.PatientComments = "Simulated heart, no patient"
    header.StudyInstanceUID, header.StudyID = about.study_uid, "1"
    header.SeriesInstanceUID, header.SeriesNumber = about.uid(modality, series[0]), series[0]
    header.BodyPartExamined = "HEART"
    header.InstanceNumber = instance
    header.BurnedInAnnotation, header.LossyImageCompression = "NO", "00"
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    return header


def _describe(header: Dataset, person: Person) -> None:
    """Patient's birth date, age, sex, height in metres and weight, and the date of the study."""
    header.StudyDate = f"{_STUDY_YEAR}{_STUDY_DAY}"
    header.PatientBirthDate = f"{_STUDY_YEAR - person.age_years}{_BIRTHDAY}"
    header.PatientAge, header.PatientSex = f"{person.age_years:03d}Y", person.sex
    header.PatientSize, header.PatientWeight = decimal(round(person.height_cm / 100, 4)), decimal(person.weight_kg)


def decimal(value: float) -> str:
    """A number as DICOM's decimal string: at most 16 characters, as precise as they allow.

    Args:
        value: finite.

    """
    for digits in range(16, 0, -1):
        text = f"{value:.{digits}g}"
        if len(text) <= 16:
            return text
    raise ValueError(f"no decimal string holds {value}")


def save(header: Dataset, path: Path) -> None:
    """Write a data set as a DICOM file; for use in a folder that is published as a whole.

    Args:
        header: with its pixels.
        path: of the file.

    Raises:
        KinecorError: the file cannot be written there.

    """
    with write_errors(path):
        header.save_as(path, implicit_vr=False, little_endian=True, enforce_file_format=True)


@contextmanager
def write_errors(path: Path) -> Iterator[None]:
    """Turn an OSError while writing `path` into a KinecorError of one sentence.

    Args:
        path: of what is written.

    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise KinecorError(
            message(
                "{path} cannot be written ({reason}): choose a folder that can be written to",
                path=verbatim(str(path)),
                reason=verbatim(reason),
            )
        ) from error
