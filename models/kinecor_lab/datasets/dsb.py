"""The Second National Data Science Bowl: whole short-axis stacks of many hospitals with cavity labels and volumes.

ED and near ES of each patient, resampled to 1 mm and contrast-equalised by the labeller. The cavity includes the
papillary muscles; an empty label is truth as well: the slice has no LV cavity, since it lies above the base or below
the apex. Nothing is drawn of the wall and of the right ventricle. `patients.csv` has the volumes that experts measured.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinecor_lab.datasets.samples import DataSetError, grey_picture
from kinecor_lab.datasets.short_axis import (
    BACKGROUND,
    CAVITY,
    DSB,
    MYOCARDIUM,
    RV,
    Picture,
    SaxSample,
    centred,
    index_rows,
    middle,
    splits,
    with_neighbours,
)
from kinecor_models.localisation.framing import FIELD_MM

PIXEL_MM = 1.0
PHASES = {"1": "ED", "12": "ES"}
"""By the number of the frame, of 30: the second is near ES."""
NOT_CAVITY = BACKGROUND | MYOCARDIUM | RV
_MIN_STEP = 0.5
"""Slices nearer to each other than this share of the gap are one place, acquired again."""
_MAX_STEP = 1.5
"""Slices farther apart than this are no neighbours."""


@dataclass(frozen=True, slots=True)
class DsbPatient:
    """What is known of a patient besides the images.

    Attributes:
        name: number of the competition, also in the set of long axes.
        edv_ml, esv_ml: volumes that experts measured.
        gap_mm: distance of slices.
        age: in years.

    """

    name: str
    edv_ml: float
    esv_ml: float
    gap_mm: float
    age: float


def dsb_patients(folder: Path, wanted: Sequence[str], split_of: Mapping[str, str] | None = None) -> list[DsbPatient]:
    """The patients of the given splits, in the order of patients.csv.

    Args:
        folder: with patients.csv.
        wanted: splits, of "train", "valid", "test".
        split_of: by patient; the committed list by default, one for short and long axes.

    Raises:
        DataSetError: the list is missing, or has none of them.

    """
    split_of = splits("dsb") if split_of is None else split_of
    patients = [
        DsbPatient(
            row["patient"],
            float(row["edv_truth_ml"]),
            float(row["esv_truth_ml"]),
            float(row["slice_gap_mm"]),
            float(row["age"] or "nan"),
        )
        for row in index_rows(folder, "patients.csv")
        if split_of.get(row["patient"]) in wanted
    ]
    if not patients:
        raise DataSetError(f"{folder}: no patient of split {' or '.join(wanted)}; is this the folder of DSB's stacks?")
    return patients


def slices_in_order(rows: Sequence[Mapping[str, str]], gap_mm: float) -> list[Mapping[str, str]]:
    """The rows of one patient and phase by slice location, of a place that was acquired more than once the last.

    Args:
        rows: entries of the list of slices, with "slice_location_mm" and "repeat".
        gap_mm: usual distance of two slices; nearer ones are the same place.

    """
    out: list[Mapping[str, str]] = []
    for row in sorted(rows, key=lambda row: (float(row["slice_location_mm"]), int(row["repeat"]))):
        if out and float(row["slice_location_mm"]) - float(out[-1]["slice_location_mm"]) < _MIN_STEP * gap_mm:
            out[-1] = row
        else:
            out.append(row)
    return out


def rows_by_volume(folder: Path, patients: Sequence[DsbPatient]) -> dict[tuple[str, str], list[Mapping[str, str]]]:
    """The rows of frames.csv by (patient, "ED" or "ES"), slices in order.

    Raises:
        DataSetError: there is no list of frames.

    """
    gaps = {patient.name: patient.gap_mm for patient in patients}
    volumes: dict[tuple[str, str], list[Mapping[str, str]]] = defaultdict(list)
    for row in index_rows(folder, "frames.csv"):
        if row["patient"] in gaps and row["phase"] in PHASES:
            volumes[row["patient"], PHASES[row["phase"]]].append(row)
    return {key: slices_in_order(rows, gaps[key[0]]) for key, rows in volumes.items()}


def image_and_label(folder: Path, name: str) -> tuple[Picture, Picture]:
    """The image and what each of its pixels may be (bits, see short_axis.py).

    Raises:
        DataSetError: either is missing, or they differ in size.

    """
    image = grey_picture(folder / "images" / f"{name}.webp")
    label = grey_picture(folder / "labels" / f"{name}.png")
    if image.shape != label.shape:
        raise DataSetError(f"{name}: expected a label of {image.shape}, got {label.shape}; restore the file")
    allowed = label.copy()
    allowed[label > 0], allowed[label == 0] = CAVITY, NOT_CAVITY
    return image, allowed


def dsb_slices(folder: Path, wanted: Sequence[str], split_of: Mapping[str, str] | None = None) -> list[SaxSample]:
    """Samples of the given splits: the cavity is certain, all else is open, a slice without a cavity says so.

    Args:
        folder: with images/, labels/, frames.csv and patients.csv.
        wanted: splits, of "train", "valid", "test".
        split_of: see dsb_patients.

    Raises:
        DataSetError: a list or an image is missing, a label does not fit its image, or nothing is left.

    """
    patients = dsb_patients(folder, wanted, split_of)
    gaps = {patient.name: patient.gap_mm for patient in patients}
    samples = []
    for (patient, phase), rows in rows_by_volume(folder, patients).items():
        number, before_mm = -1, float("nan")
        for row in rows:
            at_mm = float(row["slice_location_mm"])
            # A number is left out where a slice is missing, so that the next one is no neighbour.
            number += 2 if at_mm - before_mm > _MAX_STEP * gaps[patient] else 1
            before_mm = at_mm
            image, allowed = image_and_label(folder, row["file"])
            centre = middle(allowed == CAVITY) or (float("nan"), float("nan"))
            name, field_px = f"dsb{patient}", FIELD_MM / PIXEL_MM
            samples.append(SaxSample(name, phase, number, image, allowed, centre, DSB, field_px=field_px))
    if not samples:
        raise DataSetError(f"{folder}: no frame of its patients; is this the folder of DSB's stacks?")
    return with_neighbours(centred(samples))
