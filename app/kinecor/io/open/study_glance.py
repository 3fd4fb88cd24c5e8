"""Which studies a folder holds, from few of its bytes: for a list of many studies, none of them opened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.io.dicom.header import patient, read_dicom, safe_id, text
from kinecor.io.files.incomplete import MARK
from kinecor.io.open.candidate import DICOM, Candidate
from kinecor.io.open.find import find
from kinecor.io.open.survey import first_elements

_MAX_READ: Final = 20
"""Files of a study whose headers are read until one is an image's."""
_TICK_EVERY: Final = 100
_IMAGES: Final = ("US", "MR", "IVUS")
"""Modalities that say what a study is of."""


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


def glances(path: Path, tick: Tick = no_tick) -> tuple[StudyGlance, ...]:
    """The studies of a folder, in the order of their first files; () where it holds no recordings.

    Of each file the first kilobytes are looked at, of each study the header of one image is read.

    Args:
        path: a folder or a zip.
        tick: called as tick(files done, files).

    Raises:
        Cancelled: by `tick`.

    """
    candidates = find(path, tick).candidates
    if not candidates:
        return ()
    complete = not (path / MARK).exists()
    images, unknown, others = _files_of_studies(
        [candidate for candidate in candidates if candidate.kind == DICOM], tick
    )
    studies = []
    # What cannot be looked at quickly is read, some of it, and counted as part of what it names.
    for single_candidate in unknown[:_MAX_READ]:
        tick(0, 0)
        header = _header(single_candidate)
        if header is not None and _of_an_image(header):
            images.setdefault(text(header, "StudyInstanceUID"), []).append(single_candidate)
    for files in images.values():
        header = next(
            (
                header_item
                for candidate in files[:_MAX_READ]
                if (header_item := _header(candidate)) and _of_an_image(header_item)
            ),
            None,
        )
        if header is None:
            continue
        whose = patient(header)
        studies.append(
            StudyGlance(
                path=str(path),
                study_id=safe_id(text(header, "StudyInstanceUID")),
                patient=whose.name.replace("^", " ").strip(),
                patient_id=whose.patient_id,
                date=whose.study_date,
                modality=text(header, "Modality"),
                description=whose.study_description,
                files=len(files) + others.get(text(header, "StudyInstanceUID"), 0),
                complete=complete,
            )
        )
    if len(studies) == 1:  # what is not DICOM is part of it
        studies = [replace(studies[0], files=len(candidates))]
    return tuple(studies) or (StudyGlance(str(path), description=path.name, files=len(candidates), complete=complete),)


def _files_of_studies(
    files: Sequence[Candidate], tick: Tick
) -> tuple[dict[str, list[Candidate]], list[Candidate], dict[str, int]]:
    """Images by study, files that cannot be looked at quickly, and how many documents each study has."""
    images: dict[str, list[Candidate]] = {}
    unknown: list[Candidate] = []
    others: dict[str, int] = {}
    for done, candidate in enumerate(files):
        if not done % _TICK_EVERY:
            tick(done, len(files))
        elements = first_elements(candidate.path)
        study = elements.get("study", b"").decode("ascii", "replace")
        if not study:
            unknown.append(candidate)
        elif elements.get("modality", b"").decode("ascii", "replace") in _IMAGES:
            images.setdefault(study, []).append(candidate)
        else:  # a document; an image says what the study is of
            others[study] = others.get(study, 0) + 1
    return images, unknown, others


def _header(candidate: Candidate) -> Dataset | None:
    try:
        return read_dicom(candidate.path).header
    except (KinecorError, OSError):
        return None


def _of_an_image(header: Dataset) -> bool:
    return bool(safe_id(text(header, "StudyInstanceUID"))) and text(header, "Modality") in _IMAGES


def studies_below(folder: Path) -> Iterator[Path]:
    """The folders and zips in a watched folder, one a study; the folder itself where it has no folders.

    Those that begin with a dot are left out, as are files beside folders.

    Args:
        folder: that is watched.

    """
    try:
        inner = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return
    folders = [path for path in inner if path.is_dir() or path.suffix.lower() == ".zip"]
    yield from folders or ([folder] if inner else [])
