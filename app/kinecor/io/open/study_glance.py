"""Which study a folder holds, from the header of one of its files: for a list of many studies, none of them opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.io.dicom.header import patient, read_dicom, safe_id, text
from kinecor.io.files.incomplete import MARK
from kinecor.io.open.candidate import DICOM
from kinecor.io.open.find import find

_MAX_READ: Final = 20
"""Files of a folder whose headers are read until one names a study."""


@dataclass(frozen=True, slots=True)
class StudyGlance:
    """What is known of a study without opening it.

    Attributes:
        path: the folder or file.
        study_id: as recordings of it have it; "" where no header names it.
        patient: name, else ""; as in DICOM, with ^ as a space.
        patient_id: identifier, or "".
        date: of the study, YYYYMMDD, or "".
        modality: "US", "MR", or as the header says; "" where it does not.
        description: of the study, in the scanner's words.
        files: how many may be part of it.
        complete: False while files still arrive.

    """

    path: str
    study_id: str = ""
    patient: str = ""
    patient_id: str = ""
    date: str = ""
    modality: str = ""
    description: str = ""
    files: int = 0
    complete: bool = True


def glance(path: Path, tick: Tick = no_tick) -> StudyGlance | None:
    """The study of a folder; None where it holds no recordings.

    Raises:
        Cancelled: by `tick`.

    """
    candidates = find(path, tick).candidates
    if not candidates:
        return None
    complete = not (path / MARK).exists()
    for one in [one for one in candidates if one.kind == DICOM][:_MAX_READ]:
        tick(0, 0)
        try:
            header = read_dicom(one.path).header
        except (KinecorError, OSError):
            continue
        study = safe_id(text(header, "StudyInstanceUID"))
        modality = text(header, "Modality")
        if not study or modality not in ("US", "MR", "IVUS"):
            continue  # a document; an image says what the study is of
        whose = patient(header)
        return StudyGlance(
            path=str(path),
            study_id=study,
            patient=whose.name.replace("^", " ").strip(),
            patient_id=whose.patient_id,
            date=whose.study_date,
            modality=modality,
            description=whose.study_description,
            files=len(candidates),
            complete=complete,
        )
    return StudyGlance(str(path), description=path.name, files=len(candidates), complete=complete)


def studies_below(folder: Path) -> Iterator[Path]:
    """The folders and zips in a watched folder, one a study; the folder itself where it has no folders.

    Those that begin with a dot are left out, as are files beside folders.
    """
    try:
        inner = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError:
        return
    folders = [one for one in inner if one.is_dir() or one.suffix.lower() == ".zip"]
    yield from folders or ([folder] if inner else [])
