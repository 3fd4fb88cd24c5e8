"""The short-axis slices of the ACDC challenge (Bernard et al., IEEE TMI 2018) as PNG."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from kinecor_lab.datasets.samples import DataSetError, grey_picture
from kinecor_lab.datasets.slices import BACKGROUND, CAVITY, MYOCARDIUM, RV, SaxSample, middle, with_neighbours

# ACDC's own values: 0 background, 1 RV cavity, 2 LV myocardium, 3 LV cavity.
_BITS = np.array((BACKGROUND, RV, MYOCARDIUM, CAVITY), np.uint8)


def splits(name: str) -> dict[str, str]:
    """Split ("train", "valid", "test") by patient, from the committed list NAME_split.csv.

    Patients were drawn within their groups (disease), so that every split has all of them.
    """
    text = files("kinecor_lab").joinpath("datasets", f"{name}_split.csv").read_text(encoding="utf-8")
    return {row["patient"]: row["split"] for row in csv.DictReader(text.splitlines())}


def index_rows(folder: Path) -> list[dict[str, str]]:
    """The rows of folder/index.csv.

    Raises:
        DataSetError: there is no index.

    """
    index = folder / "index.csv"
    if not index.is_file():
        raise DataSetError(f"expected index.csv in {folder}, found none; name the folder that holds images/ and labels")
    with index.open(newline="") as lines:
        return list(csv.DictReader(lines))


def acdc_png(folder: Path, wanted: Sequence[str], split_of: dict[str, str] | None = None) -> list[SaxSample]:
    """Samples of the given splits from a folder with images/, labels/ (PATIENT_PHASE_sNN.png) and index.csv.

    Args:
        folder: columns of its index: patient, phase, slice, and others that are not used.
        wanted: splits, of "train", "valid", "test".
        split_of: by patient; the committed list by default. Patients that it lacks are left out.

    Raises:
        DataSetError: the index or a picture is missing, a label does not fit its picture, or nothing is left.

    """
    split_of = splits("acdc") if split_of is None else split_of
    found: list[SaxSample] = []
    for row in index_rows(folder):
        if split_of.get(row["patient"]) not in wanted:
            continue
        name = f"{row['patient']}_{row['phase']}_s{int(row['slice']):02d}.png"
        image, label = grey_picture(folder / "images" / name), grey_picture(folder / "labels" / name)
        if image.shape != label.shape or label.max() > 3:
            raise DataSetError(
                f"{name}: expected a label of {image.shape} with values 0..3, got {label.shape} up to {label.max()}"
            )
        centre = middle(label > 0) or (float("nan"), float("nan"))
        found.append(
            SaxSample(row["patient"], row["phase"], int(row["slice"]), image, _BITS[label], centre, "ACDC"),
        )
    if not found:
        raise DataSetError(f"{folder}: no slice of split {' or '.join(wanted)}; is this the folder of ACDC slices?")
    return with_neighbours(centred(found))


def centred(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """The samples, those without a centre of their own with the mean one of their volume (or of their picture)."""
    known: dict[str, list[tuple[float, float]]] = {}
    for sample in samples:
        if np.isfinite(sample.centre).all():
            known.setdefault(sample.volume, []).append(sample.centre)
    out = []
    for sample in samples:
        if not np.isfinite(sample.centre).all():
            rows, columns = sample.image.shape
            x, y = np.mean(known.get(sample.volume, [((columns - 1) / 2, (rows - 1) / 2)]), axis=0)
            sample = replace(sample, centre=(float(x), float(y)))
        out.append(sample)
    return out
