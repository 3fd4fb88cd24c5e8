"""Which public data set is in a folder, and its labelled frames."""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from kinecor_lab.datasets.camus import camus_frames, views_in
from kinecor_lab.datasets.camus_resized import camus_resized, is_resized_camus
from kinecor_lab.datasets.samples import DataSetError, Sample, camus_png

Kind = Literal["png", "resized", "camus", "echonet"]


def kind_of(folder: Path) -> Kind:
    """What a folder holds: frames as PNG with index.csv or frames.csv, CAMUS as published, or EchoNet-Dynamic.

    Raises:
        DataSetError: it is none of these.

    """
    if (folder / "index.csv").is_file():
        return "png"
    if is_resized_camus(folder):
        return "resized"
    if (folder / "FileList.csv").is_file() or (folder / "VolumeTracings.csv").is_file():
        return "echonet"
    if folder.is_dir() and views_in(folder):
        return "camus"
    raise DataSetError(
        "expected index.csv, patientNNNN_4CH_ED.nii.gz or .mhd, frames.csv (CAMUS), or FileList.csv (EchoNet-Dynamic) "
        f"in {folder}, found none; name the folder that holds it"
    )


def labelled_frames(folder: Path, splits: Sequence[str]) -> list[Sample]:
    """ED and ES frames of some splits, of the data set that is in a folder.

    Raises:
        DataSetError: no known data set is there, or a part of it is missing or damaged.

    """
    kind = kind_of(folder)
    if kind == "png":
        return camus_png(folder, splits)
    if kind == "resized":
        return camus_resized(folder, splits)
    if kind == "camus":
        return camus_frames(folder, splits)
    from kinecor_lab.datasets.echonet import echonet_frames

    return echonet_frames(folder, splits)


FOLDS = 10
"""Parts of a training split, by patient."""
CHOOSING_FOLD = 0
"""Its patients choose epochs; those of the split that reports choose nothing."""


def fold_of(patient: str) -> int:
    """The fold 0..FOLDS - 1 of a patient, by a hash of the name: the same for all views, data sets and runs."""
    return zlib.crc32(f"fold {patient}".encode()) % FOLDS


def learning_and_choosing(folders: Sequence[Path]) -> tuple[list[Sample], list[Sample]]:
    """Frames to learn from and frames that choose the epoch, of different patients.

    CAMUS: the train split without and with its CHOOSING_FOLD; "valid" and "test" report. EchoNet-Dynamic: its splits
    train and valid; "test" reports. Where no patient is in the fold, as in a set of a few, "valid" chooses.

    Raises:
        DataSetError: see `labelled_frames`.

    """
    learn: list[Sample] = []
    choose: list[Sample] = []
    for folder in folders:
        samples = labelled_frames(folder, ["train"])
        if kind_of(folder) == "echonet":
            learn += samples
            choose += labelled_frames(folder, ["valid"])
        else:
            learn += [sample for sample in samples if fold_of(sample.patient) != CHOOSING_FOLD]
            choose += [sample for sample in samples if fold_of(sample.patient) == CHOOSING_FOLD]
    return learn, choose or [sample for folder in folders for sample in labelled_frames(folder, ["valid"])]


def camus_views(folder: Path, splits: Sequence[str], view: str | None = None) -> list[Sample]:
    """ED and ES frames of CAMUS, as PNG or as published, with wall and atrium drawn.

    Args:
        folder: see `kind_of`.
        splits: of it.
        view: "A4C" or "A2C"; None for all that there are. Frames as PNG with index.csv are four-chamber ones.

    Raises:
        DataSetError: as `labelled_frames`, the folder holds another set, or no frame of the view.

    """
    if kind_of(folder) == "echonet":
        raise DataSetError(
            f"expected CAMUS (PNG with index.csv, NIfTI or MetaImage) in {folder}, found EchoNet-Dynamic, of which only"
            " the cavity is traced; measure it with kinecor evaluate lv-sequence"
        )
    samples = labelled_frames(folder, splits)
    of_view = [sample for sample in samples if view in (None, sample.view)]
    if not of_view:
        there = ", ".join(sorted({sample.view for sample in samples}))
        raise DataSetError(
            f"expected {view} frames of split {' or '.join(splits)} in {folder}, found {there} alone; ask for that view"
        )
    return of_view


def camus_of_folders(
    folders: Sequence[Path], split: str, view: str | None = None, *, choosing: bool = False
) -> list[Sample]:
    """The same of several folders; only of patients of the fold that chooses, if so wanted."""
    samples = [sample for folder in folders for sample in camus_views(folder, [split], view)]
    return [sample for sample in samples if not choosing or fold_of(sample.patient) == CHOOSING_FOLD]


def camus_frames_of_view(folder: Path, splits: Sequence[str], view: str) -> list[Sample]:
    """The same of one view, which must be there."""
    return camus_views(folder, splits, view)
