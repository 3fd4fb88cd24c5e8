"""Labelled short-axis slices: what the cine MRI networks are trained on, with labels that may be partial."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.metrics import filled
from kinecor_lab.datasets.samples import DataSetError, grey_picture

Picture = NDArray[np.uint8]

BACKGROUND, CAVITY, MYOCARDIUM, RV = 1, 2, 4, 8
"""Bits of a label: the classes that a pixel may be. One bit set is a plain label; several leave it open."""
ANYTHING = 15
FIELD_PX = 128.0
"""FIELD_MM (kinecor_models.localisation.framing) in pixels of the sets without a spacing, of about 1.48 mm."""
DSB = "DSB"
CLASSES = ("background", "lv cavity", "lv myocardium", "rv cavity")
"""Channels of the network, in the order of the bits."""


@dataclass(frozen=True, eq=False)
class SaxSample:
    """One labelled short-axis slice at one phase.

    Attributes:
        patient: by whom sets are split.
        phase: "ED" or "ES"; the number of the frame in sets with every phase.
        number: of the slice within its volume, from 0.
        image: (rows, columns) uint8 grey.
        allowed: (rows, columns) uint8; the sum of the bits above that are not excluded by the expert's contours.
        centre: (x, y) of the heart in pixels: of this slice where it is labelled, else of the rest of its volume.
        source: "ACDC", "SCD", "York", DSB or "simulated".
        around: images of the slices two and one before and one and two after, at the same phase; None where there is
            none.
        field_px: side of the square around the heart that a network sees, in pixels of the image.

    """

    patient: str
    phase: str
    number: int
    image: Picture
    allowed: Picture
    centre: tuple[float, float]
    source: str
    around: tuple[Picture | None, ...] = (None,) * 4
    field_px: float = FIELD_PX

    def certain(self, bit: int) -> NDArray[np.bool_]:
        """(rows, columns): where the expert says that a pixel is of the class `bit`."""
        sure: NDArray[np.bool_] = self.allowed == bit
        return sure

    @property
    def volume(self) -> str:
        """Which volume the slice belongs to: one patient at one phase."""
        return f"{self.patient} {self.phase}"


def by_volume(samples: Iterable[SaxSample]) -> list[list[SaxSample]]:
    """The samples of each volume, slices in order."""
    volumes: dict[str, list[SaxSample]] = {}
    for sample in samples:
        volumes.setdefault(sample.volume, []).append(sample)
    return [sorted(volume, key=lambda sample: sample.number) for volume in volumes.values()]


def middle(mask: NDArray[np.bool_]) -> tuple[float, float] | None:
    """(x, y) of the centroid of a mask, or None where it is empty.

    Args:
        mask: (rows, columns).

    """
    rows, columns = np.nonzero(mask)
    return (float(columns.mean()), float(rows.mean())) if len(rows) else None


def with_neighbours(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """The samples with the images of the slices around each (see SaxSample.around), those of other sizes left out."""
    at = {(sample.volume, sample.number): sample for sample in samples}
    out = []
    for sample in samples:
        near = [at.get((sample.volume, sample.number + step)) for step in (-2, -1, 1, 2)]
        fitting = (
            single_sample.image
            if single_sample is not None and single_sample.image.shape == sample.image.shape
            else None
            for single_sample in near
        )
        out.append(replace(sample, around=tuple(fitting)))
    return out


# ACDC's own values: 0 background, 1 RV cavity, 2 LV myocardium, 3 LV cavity.
_BITS = np.array((BACKGROUND, RV, MYOCARDIUM, CAVITY), np.uint8)


def splits(name: str, *, complete: bool = False) -> dict[str, str]:
    """Split ("train", "valid", "test") by patient, from the committed list NAME_split.csv.

    Patients were drawn within their groups (disease), so that every split has all of them.

    Args:
        name: of the set.
        complete: without patients of whom the set holds some slices only, where the list names such.

    """
    text = files("kinecor_lab").joinpath("datasets", f"{name}_split.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["patient"]: row["split"] for row in rows if not complete or row.get("complete") != "0"}


def index_rows(folder: Path, name: str = "index.csv") -> list[dict[str, str]]:
    """The rows of the list of images in a folder.

    Raises:
        DataSetError: there is no such list.

    """
    index = folder / name
    if not index.is_file():
        raise DataSetError(f"expected {name} in {folder}, found none; name the folder that holds images/ and labels")
    with index.open(newline="") as lines:
        return list(csv.DictReader(lines))


def acdc_png(folder: Path, wanted: Sequence[str], split_of: dict[str, str] | None = None) -> list[SaxSample]:
    """Samples of the given splits from a folder with images/, labels/ (PATIENT_PHASE_sNN.png) and index.csv.

    Args:
        folder: columns of its index: patient, phase, slice, and others that are not used.
        wanted: splits, of "train", "valid", "test".
        split_of: by patient; the committed list by default. Patients that it lacks are left out.

    Raises:
        DataSetError: the index or an image is missing, a label does not fit its image, or nothing is left.

    """
    split_of = splits("acdc") if split_of is None else split_of
    samples: list[SaxSample] = []
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
        samples.append(
            SaxSample(row["patient"], row["phase"], int(row["slice"]), image, _BITS[label], centre, "ACDC"),
        )
    if not samples:
        raise DataSetError(f"{folder}: no slice of split {' or '.join(wanted)}; is this the folder of ACDC slices?")
    return with_neighbours(centred(samples))


def centred(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """The samples; those without a centre get the mean one of their volume (or of their image)."""
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


SCD_HALF_PX = 0.5
"""Sunnybrook's contours count from the corner of the first pixel, ours from its centre."""
_FLOORED_PX = 0.25


def drawn_contour_mask(mask: Picture) -> NDArray[np.bool_]:
    """(rows, columns): the pixels within the contour that a mask of Sunnybrook was drawn from.

    The masks hold every pixel that a contour touches, its points rounded down to whole pixels: half a pixel too much
    all round, 5 % of the area of a large cavity and 9 % of a small one. The contour runs through the middles of the
    outermost pixels; its points are multiples of half a pixel, so that rounding moved it by a quarter on average.

    Args:
        mask: (rows, columns), above 0 within; not empty.

    """
    outlines, _ = cv2.findContours((mask > 0).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=len)[:, 0].astype(np.float64)
    return filled(largest - _FLOORED_PX, mask.shape)


def _allowed(endo: Picture, epi: np.ndarray | None) -> Picture:
    """What each pixel may be: outside the endocardium no cavity; with an epicardium the wall is known as well."""
    cavity = drawn_contour_mask(endo)
    if epi is None:
        return np.where(cavity, CAVITY, BACKGROUND | MYOCARDIUM | RV).astype(np.uint8)
    outside = np.where(filled(epi - SCD_HALF_PX, endo.shape), MYOCARDIUM, BACKGROUND | RV)
    return np.where(cavity, CAVITY, outside).astype(np.uint8)


def scd_png(folder: Path, wanted: Sequence[str], split_of: dict[str, str] | None = None) -> list[SaxSample]:
    """Samples of the given splits from a folder with index.csv, images, endocardial masks and epicardial contours.

    Args:
        folder: columns of its index: patient, phase, instance, image, endo_mask, epi_contour (paths, or empty).
        wanted: splits, of "train", "valid", "test".
        split_of: by patient; the committed list by default. Patients that it lacks are left out.

    The committed list sets SC-N-6 aside, whose contours are some 10 pixels away from its ventricle.

    Raises:
        DataSetError: the index, an image or a contour is missing or does not fit, or nothing is left.

    """
    split_of = splits("scd") if split_of is None else split_of
    samples = []
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
        samples.append(SaxSample(row["patient"], row["phase"], number, image, _allowed(endo, epi), centre, "SCD"))
    if not samples:
        raise DataSetError(
            f"{folder}: no slice of split {' or '.join(wanted)}; is this the folder of Sunnybrook slices?"
        )
    return with_neighbours(samples)


YORK_BITS = np.array((BACKGROUND | RV, CAVITY, MYOCARDIUM), np.uint8)
"""By York's own values: 0 background, 1 cavity, 2 myocardium; nothing is known of the right ventricle."""


_OPEN_OUTSIDE_PX = 1.0


def with_open_edges(sample: SaxSample) -> SaxSample:
    """A sample (of York) of which the inner half of the wall may be cavity, and a rim of pixels at its outside open.

    York's experts draw along the blood, those of other sets round the papillary muscles; which of the two was done
    does not show in an image (decision 0124). What every set agrees on stays: blood, the outer half of the wall,
    and what is beyond it.
    """
    wall, cavity = sample.certain(MYOCARDIUM), sample.certain(CAVITY)
    if not wall.any():
        return sample
    within = (wall | cavity).astype(np.uint8)
    to_cavity = cv2.distanceTransform((~cavity).astype(np.uint8), cv2.DIST_L2, 5)
    to_outside = cv2.distanceTransform(within, cv2.DIST_L2, 5)
    from_wall = cv2.distanceTransform(1 - within, cv2.DIST_L2, 5)
    allowed = sample.allowed.copy()
    allowed[wall & (to_cavity <= to_outside)] |= CAVITY
    rim = (within == 0) & (from_wall <= _OPEN_OUTSIDE_PX)
    allowed[rim | (wall & (to_outside <= _OPEN_OUTSIDE_PX))] |= MYOCARDIUM | BACKGROUND | RV
    return replace(sample, allowed=allowed)


def york_png(folder: Path, wanted: Sequence[str], every: int = 1) -> list[SaxSample]:
    """Samples of the given splits from York's cines: labelled frames, and slices left out of complete patients.

    Args:
        folder: with images/, labels/ and frames.csv (columns name, patient, slice, frame, labelled, ...).
        wanted: splits, of "train", "valid", "test".
        every: use every so many frames of a slice, others in the next slice.

    Raises:
        DataSetError: the list of frames or an image is missing, or nothing is left.

    """
    split_of = splits("york")
    samples = []
    for row in index_rows(folder, "frames.csv"):
        if split_of.get(row["patient"]) not in wanted:
            continue
        number, frame = int(row["slice"]), int(row["frame"])
        image = grey_picture(folder / "images" / f"{row['name']}.png")
        label = np.zeros_like(image)
        if row["labelled"] == "1":
            label = grey_picture(folder / "labels" / f"{row['name']}.png")
        centre = middle(label > 0) or (float("nan"), float("nan"))
        sample = SaxSample(row["patient"], f"{frame:02d}", number, image, YORK_BITS[label], centre, "York")
        samples.append(sample)
    if not samples:
        raise DataSetError(f"{folder}: no slice of split {' or '.join(wanted)}; is this the folder of York's cines?")
    whole = with_neighbours(centred(samples))
    return [sample for sample in whole if (int(sample.phase) + sample.number) % every == 0]
