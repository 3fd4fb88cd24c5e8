"""Short-axis strain of a simulated stack, measured in several ways, beside what is true."""

from dataclasses import dataclass

import numpy as np

from kinecor.analysis.analyse import propose
from kinecor.analysis.kinds.short_axis_stack import slice_clip
from kinecor.analysis.models import Models
from kinecor.analysis.motion import slice_motion_edits
from kinecor.core.outlines.insertion import insertion
from kinecor.core.strain.short_axis import stack_strain
from kinecor.core.strain.short_axis_parts import SHORT_AXIS_SEGMENTS, short_axis_parts
from kinecor.core.strain.short_axis_regions import ShortAxisRegions
from kinecor.core.strain.strain import strain_percent
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.errors import no_tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack_reading import first_stack_reading
from kinecor_lab.pipeline.ring_case import RingCase

TRUE, TRUE_OUTLINES = "true contours", "true contours alone"
WHOLE, FOUND_OUTLINES = "whole pipeline", "found contours alone"
ARMS = (TRUE, TRUE_OUTLINES, WHOLE, FOUND_OUTLINES)
"""Contours, ED and ES true, motion as seen in the pictures; the same without motion; all found by models; the same
without motion."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What one way of measuring says at end-systole, in percent.

    Attributes:
        gcs: of the whole; NaN where it was not measured.
        segments: (16,); NaN where withheld, and everywhere without motion.

    """

    gcs: float
    segments: FloatArray


@dataclass(frozen=True, eq=False)
class RingLooked:
    """What is true of the slices that count, and what was measured by arm."""

    name: str
    true: Measured
    by_arm: dict[str, Measured]


def looked_at(case: RingCase, device: str = "auto") -> RingLooked:
    """All arms of a stack.

    Raises:
        ValueError: fewer than three slices show the wall at ED and ES.

    """
    truth = case.truth
    clips = [slice_clip(cine) for cine in case.stack.slices]
    for edit in slice_motion_edits(clips, truth, Models(device), no_tick):
        truth = edit.apply(truth, "model:motion")
    first = first_stack_reading(case.stack)
    proposal = propose(case.stack, first, device=device)
    found = proposal.edit.apply(first, proposal.by)
    readings = (truth, _still(truth), found, _still(found))
    by_arm = {arm: _measured(one) for arm, one in zip(ARMS, readings, strict=True)}
    ring = stack_strain(truth)
    if ring is None or ring.regions is None:
        raise ValueError(f"{case.name}: three slices with a wall at ED and ES were expected")
    return RingLooked(case.name, _true(case, truth, ring.regions), by_arm)


def _still(reading: Reading) -> Reading:
    return reading.with_(slices=tuple(one.with_(motion=None) for one in reading.slices))


def _measured(reading: Reading) -> Measured:
    found, nothing = stack_strain(reading), np.full(SHORT_AXIS_SEGMENTS, np.nan)
    if found is None or reading.events is None:
        return Measured(float("nan"), nothing)
    segments = nothing if found.regions is None else found.regions.values("end_systolic")
    return Measured(float(found.circumferential_percent[reading.events.beats[0].es]), segments)


def _true(case: RingCase, reading: Reading, regions: ShortAxisRegions) -> Measured:
    """Of the muscle that the slices cut at the first phase, wherever it goes, divided as the program divides rings."""
    beat, origin = regions.beat, insertion(reading, regions.beat.ed)[0]
    length = np.zeros((reading.facts.frames, SHORT_AXIS_SEGMENTS))
    for one in regions.slices:
        wall = case.wall_mm[one.number]
        if wall is not None:
            parts = short_axis_parts(wall[beat.ed, :, :2], one.level, origin)
            length[:, np.array(parts.numbers) - 1] += parts.lengths(wall)
    shown = length[beat.ed] > 0
    segments = np.full(SHORT_AXIS_SEGMENTS, np.nan)
    segments[shown] = strain_percent(length[:, shown], beat.ed)[beat.es]
    return Measured(float(strain_percent(length.sum(axis=1), beat.ed)[beat.es]), segments)
