"""CAMUS as its users have it on disk (Leclerc et al., IEEE TMI 2019): patients, views, official split, frames.

Files are patientNNNN_{2CH,4CH}_{ED,ES}[_gt] as .nii.gz (present release, beside _half_sequence[_gt]) or .mhd with .raw
(first release, beside _sequence), in a folder of each patient or all in one; Info_{2CH,4CH}.cfg tells ED and ES.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.camus_images import read_grey, read_label
from kinecor_lab.datasets.left_out import tell_left_out
from kinecor_lab.datasets.samples import DataSetError, Sample

VIEW_NAMES = {"2CH": "A2C", "4CH": "A4C"}
SPLITS = ("train", "valid", "test")
SPACING_MM = 0.616
"""Frames are brought to squares of about this size; finer ones are averaged over area."""
_LISTS = {"train": "training", "valid": "validation", "test": "testing"}
_FILE = re.compile(r"(patient\d+)_([24]CH)_E[DS]\.(nii\.gz|nii|mhd)")


@dataclass(frozen=True, slots=True)
class View:
    """One view of one patient: where its files lie, and how their names begin and end."""

    patient: str
    chamber: str
    folder: Path
    suffix: str

    def file(self, what: str) -> Path:
        """E.g. "ED", "ES_gt", "half_sequence"."""
        return self.folder / f"{self.patient}_{self.chamber}_{what}.{self.suffix}"


def views_in(folder: Path) -> list[View]:
    """Every view of every patient that lies in a folder or below it, in order of their names."""
    found = {}
    for path in folder.rglob("patient*_?CH_E[DS].*"):
        named = _FILE.fullmatch(path.name)
        if named:
            found[named[1], named[2]] = View(named[1], named[2], path.parent, named[3])
    return [found[key] for key in sorted(found)]


def official_split(folder: Path) -> dict[str, str] | None:
    """Split by patient from subgroup_{training,validation,testing}.txt in or beside a folder; None without them.

    Raises:
        DataSetError: a patient stands in two of the lists, or one of them is no text.

    """
    for base in (folder, folder.parent):
        for place in (base, base / "database_split"):
            files = {split: place / f"subgroup_{name}.txt" for split, name in _LISTS.items()}
            if all(file.is_file() for file in files.values()):
                return _listed(files)
    return None


def _listed(files: Mapping[str, Path]) -> dict[str, str]:
    found: dict[str, str] = {}
    for split, file in files.items():
        try:
            names = file.read_text(encoding="utf-8").split()
        except UnicodeDecodeError as wrong:
            raise DataSetError(f"expected names of patients in {file}, found no text; restore the file") from wrong
        for name in names:
            if found.setdefault(name, split) != split:
                raise DataSetError(
                    f"expected each patient in one list, found {name} in {file} and in that of {found[name]}; "
                    "restore the lists"
                )
    return found


def split_of(patient: str, lists: dict[str, str] | None) -> str:
    """A patient's split: as the official lists have it, else by a hash of its name (8 train : 1 valid : 1 test).

    Raises:
        DataSetError: there are lists, and the patient is on none.

    """
    if lists is None:
        return {0: "valid", 1: "test"}.get(zlib.crc32(patient.encode()) % 10, "train")
    if patient not in lists:
        raise DataSetError(f"{patient} stands in none of the subgroup_*.txt lists; add it to one, or take them away")
    return lists[patient]


def chosen(folder: Path, splits: Sequence[str]) -> list[View]:
    """The labelled views of some splits.

    Patients without any label (first release, testing/) are left out, which is told on stderr.

    Raises:
        DataSetError: there is no CAMUS in the folder, or nothing is left.

    """
    views = views_in(folder)
    if not views:
        raise DataSetError(
            f"expected patientNNNN_4CH_ED.nii.gz or .mhd in {folder} or below, found none; name its folder"
        )
    lists = official_split(folder)
    wanted = [view for view in views if split_of(view.patient, lists) in splits]
    known = {view.patient for view in wanted if any(view.file(f"{phase}_gt").is_file() for phase in ("ED", "ES"))}
    left = [view for view in wanted if view.patient in known]
    bare = sorted({view.patient for view in wanted} - known)
    tell_left_out(folder, "patients with neither ED_gt nor ES_gt", bare)
    if not left:
        raise DataSetError(
            f"{folder}: no labelled patient of split {' or '.join(splits)} among {len({v.patient for v in views})}"
        )
    return left


def squared(
    image: NDArray[np.uint8], label: NDArray[np.uint8], size_mm: tuple[float, float]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], float]:
    """A frame and its label with square pixels of about SPACING_MM, never finer than they came; and their size."""
    row_mm, column_mm = size_mm
    side_mm = max(SPACING_MM, row_mm, column_mm)
    rows, columns = (max(1, round(n * mm / side_mm)) for n, mm in zip(image.shape, size_mm, strict=True))
    if (rows, columns) == image.shape:
        return image, label, side_mm
    small = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    marked = cv2.resize(label, (columns, rows), interpolation=cv2.INTER_NEAREST_EXACT)
    # Rounding to whole pixels changes their size a little.
    side_mm = (image.shape[0] * row_mm / rows + image.shape[1] * column_mm / columns) / 2
    return np.asarray(small, np.uint8), np.asarray(marked, np.uint8), side_mm


def camus_frames(folder: Path, splits: Sequence[str]) -> list[Sample]:
    """ED and ES of both views of some splits.

    Raises:
        DataSetError: the folder holds no CAMUS, a file is missing or damaged, or a label does not fit.

    """
    samples = []
    for view in chosen(folder, splits):
        for phase in ("ED", "ES"):
            image, size_mm = read_grey(view.file(phase))
            label = read_label(view.file(f"{phase}_gt"), image.shape)
            image, label, side_mm = squared(image, label, size_mm)
            samples.append(Sample(view.patient, phase, image, label, side_mm, VIEW_NAMES[view.chamber]))
    return samples
