"""The head of a study's saved file within DICOM objects, and found again in what Kinecor wrote."""

import json
import re
from pathlib import Path
from typing import Final

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

import kinecor
from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.session.audit import Head

# PS3.16 CID 7005.
_PROCESSING: Final = ("109102", "DCM", "Processing Equipment")
_WORDS: Final = re.compile(r"Saved edits of the study: (\d+), SHA-256 ([0-9a-f]{64})")


def add_anchor(made: Dataset, head: Head) -> None:
    """Name the head in the contributing equipment (PS3.3 C.12.1.1.5).

    Args:
        made: the object.
        head: of the chain of edits.

    """
    code, item = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = _PROCESSING
    item.PurposeOfReferenceCodeSequence = [code]
    item.Manufacturer, item.ManufacturerModelName, item.SoftwareVersions = "Kinecor", "Kinecor", kinecor.__version__
    item.ContributionDescription = f"Saved edits of the study: {head.entries}, SHA-256 {head.digest}"
    made.ContributingEquipmentSequence = [item]


def heads_in(path: Path) -> list[tuple[str, Head]]:
    """(study, head) of each head that a result.json or a DICOM object of Kinecor names.

    Args:
        path: of the file.

    Raises:
        KinecorError: the file cannot be read as one of them.

    """
    try:
        if path.suffix.lower() == ".json":
            studies = json.loads(path.read_text(encoding="utf-8"))["studies"]
            return [
                (str(study["id"]), Head(int(study["journal"]["entries"]), str(study["journal"]["head"])))
                for study in studies
                if "journal" in study
            ]
        header = pydicom.dcmread(path, stop_before_pixels=True)
        texts = [
            str(contribution.get("ContributionDescription", ""))
            for contribution in header.get("ContributingEquipmentSequence", [])
        ]
        matches = [match for word in texts if (match := _WORDS.search(word))]
        return [
            (str(header.get("StudyInstanceUID", "")), Head(int(contribution_match[1]), contribution_match[2]))
            for contribution_match in matches
        ]
    except (*UNREADABLE, InvalidDicomError) as error:
        raise KinecorError(
            message(
                "{path}: expected a result.json or a DICOM object of Kinecor, it cannot be read",
                path=verbatim(str(path)),
            )
        ) from error
