"""Which public data set is in a folder, and its labelled frames."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from kinecor_lab.datasets.camus import camus_frames, views_in
from kinecor_lab.datasets.samples import DataSetError, Sample, camus_png

Kind = Literal["png", "camus", "echonet"]


def kind_of(folder: Path) -> Kind:
    """What a folder holds: frames as PNG with index.csv, CAMUS as published, or EchoNet-Dynamic.

    Raises:
        DataSetError: it is none of these.

    """
    if (folder / "index.csv").is_file():
        return "png"
    if (folder / "FileList.csv").is_file() or (folder / "VolumeTracings.csv").is_file():
        return "echonet"
    if folder.is_dir() and views_in(folder):
        return "camus"
    raise DataSetError(
        f"expected index.csv, patientNNNN_4CH_ED.nii.gz or .mhd (CAMUS), or FileList.csv (EchoNet-Dynamic) in {folder},"
        " found none; name the folder that holds it"
    )


def labelled_frames(folder: Path, splits: Sequence[str]) -> list[Sample]:
    """ED and ES frames of some splits, of the data set that is in a folder.

    Raises:
        DataSetError: no known data set is there, or a part of it is missing or damaged.

    """
    kind = kind_of(folder)
    if kind == "png":
        return camus_png(folder, splits)
    if kind == "camus":
        return camus_frames(folder, splits)
    from kinecor_lab.datasets.echonet import echonet_frames

    return echonet_frames(folder, splits)


def camus_frames_of_view(folder: Path, splits: Sequence[str], view: str) -> list[Sample]:
    """ED and ES frames of one view of CAMUS, as PNG or as published, with wall and atrium drawn.

    Args:
        folder: see `kind_of`.
        splits: of it.
        view: "A4C" or "A2C"; frames as PNG are four-chamber ones.

    Raises:
        DataSetError: as `labelled_frames`, the folder holds another set, or no frame of the view.

    """
    if kind_of(folder) == "echonet":
        raise DataSetError(
            f"expected CAMUS (PNG with index.csv, NIfTI or MetaImage) in {folder}, found EchoNet-Dynamic, of which only"
            " the cavity is traced; measure it with kinecor evaluate lv-sequence"
        )
    samples = labelled_frames(folder, splits)
    found = [one for one in samples if one.view == view]
    if not found:
        there = ", ".join(sorted({one.view for one in samples}))
        raise DataSetError(
            f"expected {view} frames of split {' or '.join(splits)} in {folder}, found {there} alone; ask for that view"
        )
    return found
