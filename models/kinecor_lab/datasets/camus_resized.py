"""CAMUS frames that were all resized to one square (PNG with frames.csv): their pixels are wider than high, or higher.

frames.csv has the spacing of rows and columns, taken from the header of the patient's other view, and how well the
sector's shape agrees with it; below AGREEING the millimetres are doubtful and are not given, and the proportions are
the best that is known.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from kinecor_lab.datasets.samples import DataSetError, Picture, Sample, grey_picture

COLUMNS = ("patient", "view", "phase", "split", "spacing_row_mm", "spacing_column_mm", "sector_agreement", "quality")
"""What is read of a row of frames.csv."""
AGREEING = 0.99
"""Overlap of the sector with its expected shape from which the spacing counts as known."""
_CHAMBERS = {"A2C": "2CH", "A4C": "4CH"}


def is_resized_camus(folder: Path) -> bool:
    """Whether a folder holds such frames."""
    index = folder / "frames.csv"
    if not index.is_file():
        return False
    with index.open(newline="") as lines:
        return set(COLUMNS) <= set(csv.DictReader(lines).fieldnames or ())


def squared_pixels(image: Picture, label: Picture, row_mm: float, column_mm: float) -> tuple[Picture, Picture]:
    """A frame and its label with square pixels as fine as the finer side's.

    Labels are interpolated class by class, and each pixel gets the most probable one, so that outlines stay smooth.

    Args:
        image: (rows, columns) grey levels.
        label: (rows, columns) classes 0 to 3.
        row_mm: height of a pixel.
        column_mm: width of a pixel.

    """
    side_mm = min(row_mm, column_mm)
    size = (round(image.shape[1] * column_mm / side_mm), round(image.shape[0] * row_mm / side_mm))
    wide = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    share = [cv2.resize((label == k).astype(np.float32), size, interpolation=cv2.INTER_LINEAR) for k in range(4)]
    return wide, np.argmax(share, axis=0).astype(np.uint8)


def camus_resized(folder: Path, splits: Sequence[str]) -> list[Sample]:
    """Samples of some splits, with square pixels.

    Raises:
        DataSetError: an image is missing, a label does not fit, a number is not positive, or no row is left.

    """
    index = folder / "frames.csv"
    with index.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["split"] in splits]
    samples = []
    for row in rows:
        name = f"{row['patient']}_{_CHAMBERS.get(row['view'], row['view'])}_{row['phase']}.png"
        image, label = grey_picture(folder / "images" / name), grey_picture(folder / "labels" / name)
        if image.shape != label.shape or label.max() > 3:
            raise DataSetError(
                f"{name}: expected a label of {image.shape} with values 0..3, got {label.shape} up to {label.max()}"
            )
        try:
            row_mm, column_mm, agreement = (float(row[name]) for name in COLUMNS[4:7])
        except ValueError as wrong:
            raise DataSetError(f"{index}: {name}: expected numbers, got {wrong}; correct the row") from wrong
        if not (row_mm > 0 and column_mm > 0):
            raise DataSetError(f"{index}: {name}: expected spacings above 0, got {row_mm} and {column_mm}")
        image, label = squared_pixels(image, label, row_mm, column_mm)
        spacing_mm = min(row_mm, column_mm) if agreement >= AGREEING else float("nan")
        samples.append(Sample(row["patient"], row["phase"], image, label, spacing_mm, row["view"], row["quality"]))
    if not samples:
        raise DataSetError(f"{index}: no row of split {' or '.join(splits)}")
    return samples
