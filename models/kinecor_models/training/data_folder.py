"""Which public set lies in a folder, and its labelled frames."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from kinecor_models.training.camus_folder import camus_frames, views_in
from kinecor_models.training.samples import DataSetError, Sample, camus_png

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
    """ED and ES frames of some splits, of whatever lies in a folder.

    Raises:
        DataSetError: nothing known lies there, or a part of it is missing or damaged.

    """
    kind = kind_of(folder)
    if kind == "png":
        return camus_png(folder, splits)
    if kind == "camus":
        return camus_frames(folder, splits)
    from kinecor_models.training.echonet_clips import echonet_frames

    return echonet_frames(folder, splits)
