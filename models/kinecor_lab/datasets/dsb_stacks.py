"""Stacks of the Second National Data Science Bowl as recordings with a scale, and the volumes that experts measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor_lab.datasets.dsb import PIXEL_MM, DsbPatient, dsb_patients, image_and_label, rows_by_volume
from kinecor_lab.datasets.short_axis import CAVITY, DSB
from kinecor_lab.datasets.stacks import LabelledStack, recording_of

_MARKS = ("ED", "ES")


def dsb_stacks(folder: Path, wanted: Sequence[str], split_of: Mapping[str, str] | None = None) -> list[LabelledStack]:
    """Patients with ED and near ES as their two phases, and the slices that both of them have.

    Args:
        folder: see dsb.dsb_slices.
        wanted: splits, of "train", "valid", "test".
        split_of: by patient; the committed list by default.

    Raises:
        DataSetError: see dsb.dsb_slices.

    """
    patients = dsb_patients(folder, wanted, split_of)
    volumes = rows_by_volume(folder, patients)
    return [_stack(folder, patient, [volumes[patient.name, mark] for mark in _MARKS]) for patient in patients]


def _stack(folder: Path, patient: DsbPatient, both: Sequence[Sequence[Mapping[str, str]]]) -> LabelledStack:
    by_place = [{(float(row["slice_location_mm"]), row["repeat"]): row for row in rows} for rows in both]
    places = sorted(by_place[0].keys() & by_place[1].keys())
    images, labels, left = [], {}, np.zeros((len(places), len(_MARKS)))
    for number, place in enumerate(places):
        pairs = [image_and_label(folder, rows[place]["file"]) for rows in by_place]
        images.append(np.stack([image for image, _ in pairs]))
        for phase, (_, allowed) in enumerate(pairs):
            labels[number, phase] = allowed
            left[number, phase] = float((allowed == CAVITY).any())
    recording = recording_of(f"{DSB} {patient.name}", images)
    calibration = Calibration(PIXEL_MM, PIXEL_MM, "resampled")
    return LabelledStack(
        DSB,
        patient.name,
        replace(
            recording,
            slices=tuple(replace(cine, calibration=calibration) for cine in recording.slices),
            positions_mm=np.array([at_mm for at_mm, _ in places]),
        ),
        labels,
        left,
        np.full(left.shape, np.nan),
        dict(zip(_MARKS, range(len(_MARKS)), strict=True)),
        dict(zip(_MARKS, (patient.edv_ml, patient.esv_ml), strict=True)),
    )
