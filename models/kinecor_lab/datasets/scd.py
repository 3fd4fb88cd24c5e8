"""The Sunnybrook Cardiac Data (Radau et al., MIDAS 2009) as PNG: endocardium everywhere, epicardium here and there."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from kinecor_lab.datasets.acdc import index_rows, splits
from kinecor_lab.datasets.samples import DataSetError, grey_picture
from kinecor_lab.datasets.slices import (
    BACKGROUND,
    CAVITY,
    MYOCARDIUM,
    RV,
    Picture,
    SaxSample,
    middle,
    with_neighbours,
)


def _allowed(endo: Picture, epi: np.ndarray | None) -> Picture:
    """What each pixel may be: outside the endocardium no cavity; with an epicardium the wall is known as well."""
    if epi is None:
        return np.where(endo > 0, CAVITY, BACKGROUND | MYOCARDIUM | RV).astype(np.uint8)
    within = np.zeros_like(endo)
    cv2.fillPoly(within, [np.round(epi * 16).astype(np.int32)], (1,), shift=4)
    outside = np.where(within > 0, MYOCARDIUM, BACKGROUND | RV)
    return np.where(endo > 0, CAVITY, outside).astype(np.uint8)


def scd_png(folder: Path, wanted: Sequence[str], split_of: dict[str, str] | None = None) -> list[SaxSample]:
    """Samples of the given splits from a folder with index.csv, pictures, endocardial masks and epicardial contours.

    Args:
        folder: columns of its index: patient, phase, instance, image, endo_mask, epi_contour (paths, or empty).
        wanted: splits, of "train", "valid", "test".
        split_of: by patient; the committed list by default. Patients that it lacks are left out.

    The committed list sets SC-N-6 aside, whose contours lie some 10 pixels beside its ventricle.

    Raises:
        DataSetError: the index, a picture or a contour is missing or does not fit, or nothing is left.

    """
    split_of = splits("scd") if split_of is None else split_of
    found = []
    for row in index_rows(folder):
        if split_of.get(row["patient"]) not in wanted:
            continue
        image, endo = grey_picture(folder / row["image"]), grey_picture(folder / row["endo_mask"])
        if image.shape != endo.shape:
            raise DataSetError(f"{row['endo_mask']}: expected a mask of {image.shape}, got {endo.shape}")
        epi = None
        if row["epi_contour"]:
            path = folder / row["epi_contour"]
            try:
                epi = np.loadtxt(path, ndmin=2)
            except (OSError, ValueError) as wrong:
                raise DataSetError(f"expected an epicardial contour (x y per line) at {path}: {wrong}") from wrong
        centre = middle(endo > 0)
        if centre is None:
            raise DataSetError(f"{row['endo_mask']}: expected an endocardium, got an empty mask; take its row out")
        number = (int(row["instance"]) - 1) // 20
        found.append(SaxSample(row["patient"], row["phase"], number, image, _allowed(endo, epi), centre, "SCD"))
    if not found:
        raise DataSetError(
            f"{folder}: no slice of split {' or '.join(wanted)}; is this the folder of Sunnybrook slices?"
        )
    return with_neighbours(found)
