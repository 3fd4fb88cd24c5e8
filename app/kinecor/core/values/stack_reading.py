"""The Reading of a stack before any analysis, and access to the contours of its slices."""

import hashlib
from dataclasses import replace

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.cine import CineSequence, Patient
from kinecor.core.values.contour import Contour
from kinecor.core.values.kind import STACK_VIEW
from kinecor.core.values.reading import Facts, Reading, StackFacts, View, first_reading
from kinecor.core.values.short_axis import HEIGHT_CM, WEIGHT_KG, Body, ShortAxis
from kinecor.core.values.stack import Recording, Stack
from kinecor.core.values.track import Structure


def first_stack_reading(stack: Stack) -> Reading:
    """Only what the files say: facts of the whole and of each slice; height, weight and sex from the header."""
    first = stack.slices[0]
    warnings = tuple(dict.fromkeys((*stack.warnings, *(one for cine in stack.slices for one in cine.warnings))))
    facts = Facts(
        recording_id=stack.recording_id,
        rows=first.rows,
        columns=first.columns,
        times_s=stack.times_s,
        times_origin=first.times_origin,
        heart_rate_per_min=first.heart_rate_per_min,
        calibration_origin=first.calibration_origin,
        warnings=warnings,
        digest=stack_digest(stack),
        plane=first.plane,
        stack=StackFacts(stack.positions_mm, stack.thickness_mm),
        modality=first.source.modality,
    )
    slices = tuple(map(_slice_reading, stack.slices))
    view = View(STACK_VIEW, None, "parallel slices")
    chosen = ShortAxis(body=body_of(first.source.patient))
    return Reading(facts=facts, calibration=first.calibration, view=view, slices=slices, short_axis=chosen)


def first_reading_of(recording: Recording) -> Reading:
    """The Reading of a loop or a stack before any analysis."""
    return first_stack_reading(recording) if isinstance(recording, Stack) else first_reading(recording)


def stack_digest(stack: Stack) -> str:
    """Digest of the pixels of all slices together; "" where a slice has no digest."""
    digests = [one.source.digest for one in stack.slices]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest() if all(digests) else ""


def body_of(patient: Patient) -> Body:
    """Height, weight and sex of the header, as far as they are a person's."""
    height, weight = patient.height_cm, patient.weight_kg
    return Body(
        height if height is not None and HEIGHT_CM[0] <= height <= HEIGHT_CM[1] else None,
        weight if weight is not None and WEIGHT_KG[0] <= weight <= WEIGHT_KG[1] else None,
        patient.sex.strip().upper()[:1],
    )


def choices(reading: Reading) -> ShortAxis:
    """What was chosen for the stack; the defaults where nothing was chosen."""
    return reading.short_axis or ShortAxis()


def contour_at(reading: Reading, structure: Structure, number: int, phase: int) -> Contour | None:
    """The contour of a structure in slice `number` at a phase, or None."""
    track = reading.slices[number].tracks.get(structure)
    return track.contours[phase] if track else None


def contoured(reading: Reading, structure: Structure) -> bool:
    """Whether any slice has a contour of this structure at any phase."""
    return any(
        contour is not None
        for one in reading.slices
        if (track := one.tracks.get(structure)) is not None
        for contour in track.contours
    )


def pixel_mm2(reading: Reading) -> FloatArray | None:
    """(slices,) area of a pixel in mm2; ones where no slice has a scale; None where only some have one."""
    scales = [one.calibration for one in reading.slices]
    known = [scale.row_mm * scale.col_mm for scale in scales if scale]
    if known and len(known) < len(scales):
        return None
    return np.array(known) if known else np.ones(len(scales))


def _slice_reading(cine: CineSequence) -> Reading:
    one = first_reading(cine)
    return one.with_(facts=replace(one.facts, in_stack=True))
