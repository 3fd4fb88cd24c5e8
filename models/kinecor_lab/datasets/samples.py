"""What a network learns from: images with labels, split by patient."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
COLUMNS = ("patient", "phase", "split", "spacing_mm")
"""What is read of a row of index.csv."""


class DataSetError(Exception):
    """A data set is missing or damaged; the text says what was expected, what came and what to do."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One labelled frame.

    Attributes:
        patient: by whom sets are split.
        phase: "ED" or "ES".
        image: (rows, columns) uint8 grey.
        label: (rows, columns) uint8; 0 background, 1 LV cavity, 2 LV myocardium, 3 left atrium.
        spacing_mm: of square pixels; NaN where it is not known.
        view: "A4C" or "A2C".
        quality: of the image as its owners judge it ("Good", "Medium", "Poor"); "" where it is not known.

    """

    patient: str
    phase: str
    image: Picture
    label: Picture
    spacing_mm: float
    view: str = "A4C"
    quality: str = ""

    @cached_property
    def sector(self) -> Picture:
        """(rows, columns) uint8, 1 inside the ultrasound sector."""
        lit = (self.image > 2).astype(np.uint8)
        closed = cv2.morphologyEx(lit, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
        outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        filled = np.zeros_like(lit)
        if outlines:
            cv2.fillPoly(filled, [cv2.convexHull(max(outlines, key=cv2.contourArea))], (1,))
        return filled


def grey_picture(path: Path) -> Picture:
    """The grey image at `path`, uint8; DataSetError where none exists."""
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.is_file() else None
    if picture is None:
        raise DataSetError(f"expected a readable picture at {path}; restore the file or take its row out of index.csv")
    return np.asarray(picture, np.uint8)


def camus_png(folder: Path, splits: Sequence[str]) -> list[Sample]:
    """Samples of the given splits from a folder of CAMUS frames as PNG with an index.csv.

    The index has columns patient, view, phase, split, spacing_mm; images are in images/ and labels/ as
    PATIENT_4CH_PHASE.png.

    Raises:
        DataSetError: the folder, the index or an image is missing, a label does not fit its image, or a patient
            is in two splits.

    """
    index = folder / "index.csv"
    if not index.is_file():
        raise DataSetError(
            f"expected index.csv in {folder}, found none; name the folder that holds images/ and labels/"
        )
    with index.open(newline="") as lines:
        table = csv.DictReader(lines)
        rows = list(table)
    if lacking := [name for name in COLUMNS if name not in (table.fieldnames or ())]:
        raise DataSetError(f"{index}: expected columns {', '.join(COLUMNS)}; {', '.join(lacking)} is missing, add it")
    split_of: dict[str, str] = {}
    for row in rows:
        if split_of.setdefault(row["patient"], row["split"]) != row["split"]:
            raise DataSetError(f"{index}: {row['patient']} stands in two splits; a patient belongs to one")
    samples = []
    for row in rows:
        if row["split"] not in splits:
            continue
        name = f"{row['patient']}_4CH_{row['phase']}.png"
        image, label = grey_picture(folder / "images" / name), grey_picture(folder / "labels" / name)
        if image.shape != label.shape or label.max() > 3:
            raise DataSetError(
                f"{name}: expected a label of {image.shape} with values 0..3, got {label.shape} up to {label.max()}"
            )
        samples.append(Sample(row["patient"], row["phase"], image, label, float(row["spacing_mm"])))
    if not samples:
        raise DataSetError(
            f"{index}: no row of split {' or '.join(splits)}; splits there: {sorted(set(split_of.values()))}"
        )
    return samples


NAMED = 5
"""The most that are named; the others are only counted."""


def tell_left_out(where: object, why: str, names: Sequence[str]) -> None:
    """Prints how many are left out, why, and the first names, to stderr; nothing where none exists.

    Args:
        where: the folder or file that they are in.
        why: what they are, e.g. "patients with neither ED_gt nor ES_gt".
        names: of them, in order.

    """
    if names:
        more = ", ..." if len(names) > NAMED else ""
        print(f"{where}: {len(names)} left out, {why}: {', '.join(names[:NAMED])}{more}", file=sys.stderr)
