"""Four-chamber long axes of the Second National Data Science Bowl: two frames a patient with the LV cavity labelled.

The cavity is closed at the mitral plane; nothing is drawn of the wall and the other chambers. The scale of the images
is lost. It is estimated for each patient from the volume that experts measured, which by area and length would be
0.85 A^2 / L of the larger cavity: so hearts come at about their size in the square that a network sees.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import DataSetError, grey_picture
from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, SaxSample, index_rows, middle, splits

LEFT_ATRIUM, RIGHT_VENTRICLE, RIGHT_ATRIUM = 8, 16, 32
"""Bits of a label of a long axis, besides those that short axes have as well."""
CLASSES = ("background", "lv cavity", "lv myocardium", "left atrium", "rv cavity", "right atrium")
"""Channels of the network, in the order of the bits."""
NOT_CAVITY = BACKGROUND | MYOCARDIUM | LEFT_ATRIUM | RIGHT_VENTRICLE | RIGHT_ATRIUM
LONG_FIELD_MM = 240.0
"""Side of the square that a network sees: the ventricle in its middle, and both atria."""
DSB_LONG = "DSB 4CH"
_AREA_LENGTH = 0.85
"""8 / (3 pi): volume of an ellipsoid over A^2 / L of the section along its axis."""


def length_px(mask: NDArray[np.bool_]) -> float:
    """The length of a mask along its longest axis.

    Args:
        mask: (rows, columns), not empty.

    """
    rows, columns = np.nonzero(mask)
    points = np.stack([columns, rows], axis=1).astype(float)
    points -= points.mean(axis=0)
    _, axes = np.linalg.eigh(points.T @ points)
    return float(np.ptp(points @ axes[:, 1])) + 1


def pixel_mm(mask: NDArray[np.bool_], volume_ml: float) -> float:
    """The side of a pixel with which a cavity in four-chamber view has a volume by area and length.

    Args:
        mask: (rows, columns) the cavity, not empty.
        volume_ml: what the cavity is known to hold.

    """
    volume_px = _AREA_LENGTH * float(mask.sum()) ** 2 / length_px(mask)
    return float(np.cbrt(1000 * volume_ml / volume_px))


def dsb_long_axes(folder: Path, wanted: Sequence[str], split_of: Mapping[str, str] | None = None) -> list[SaxSample]:
    """Samples of the given splits, without neighbours; of a patient's two frames the larger cavity is ED.

    Args:
        folder: with images/ (JPEG), labels/ (PNG) and frames.csv.
        wanted: splits, of "train", "valid", "test".
        split_of: by patient; by default the committed list, which is that of the set's short axes as well.

    Raises:
        DataSetError: the list or an image is missing, a label is empty or does not fit its image, or nothing is left.

    """
    split_of = splits("dsb") if split_of is None else split_of
    patients: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in index_rows(folder, "frames.csv"):
        if split_of.get(row["patient"]) in wanted:
            patients[row["patient"]].append(row)
    if not patients:
        raise DataSetError(
            f"{folder}: no patient of split {' or '.join(wanted)}; is this the folder of DSB's long axes?"
        )
    samples = []
    for name, rows in patients.items():
        masks = [_mask(folder, row["file"]) for row in rows]
        largest = int(np.argmax([mask.sum() for mask in masks]))
        field_px = LONG_FIELD_MM / pixel_mm(masks[largest], float(rows[largest]["edv_truth_ml"]))
        for number, (row, mask) in enumerate(zip(rows, masks, strict=True)):
            image = grey_picture(folder / "images" / f"{row['file']}.jpg")
            if image.shape != mask.shape:
                raise DataSetError(f"{row['file']}: expected a label of {image.shape}, got {mask.shape}")
            phase, centre = "ED" if number == largest else "ES", middle(mask)
            assert centre is not None
            allowed = np.where(mask, CAVITY, NOT_CAVITY).astype(np.uint8)
            samples.append(SaxSample(f"dsb{name}", phase, number, image, allowed, centre, DSB_LONG, field_px=field_px))
    return samples


def _mask(folder: Path, name: str) -> NDArray[np.bool_]:
    mask = grey_picture(folder / "labels" / f"{name}.png") > 0
    if not mask.any():
        raise DataSetError(f"{name}: expected a cavity, got an empty label; take its row out of frames.csv")
    return mask
