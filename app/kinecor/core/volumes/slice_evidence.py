"""What the contours of a stack say of each slice and phase: ventricle, or already atrium, outflow tract or apical wall.

SCMR 2013 and 2020 (doi 10.1186/1532-429X-15-35, 10.1186/s12968-020-00610-6): a basal slice counts where muscle
surrounds at least half of the cavity. A line drawn round an atrium encloses a wall as well, but a thin one: muscle is
where the wall has a plausible share of the thickness of the ventricle's own wall.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.wall_outline import CHORDS, wall_thickness
from kinecor.core.values.geometry import FloatArray, frozen
from kinecor.core.values.reading import Reading, cached, contoured
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.stack_volumes import areas

LEAST_WALL_MM = 2.0
"""Thinner is no wall but the two outlines running together: less than a pixel and a half of cine MRI."""
LEAST_OF_USUAL = 0.7
"""Share of the ventricle's usual thickness at its thinnest phase that makes a wall of muscle.

Of the basal slices that experts count in 80 patients of ACDC (infarct and hypertrophic among them), at ED and at ES,
muscle so defined surrounds 0.50 to 1 of the cavity (5 %: 0.71 and 0.62).
"""
# The thinnest phase, but for single phases that are outlined badly.
_THINNEST_PERCENT = 10.0
LEAST_SHARE = 0.5
"""Of the cavity's circumference with muscle outside it, for a basal slice to count: SCMR 2013 and 2020."""


@dataclass(frozen=True, eq=False)
class SliceEvidence:
    """By slice and phase, each of shape (slices, phases); slices in the stack's order.

    Attributes:
        cavity: whether an endocardium is outlined.
        drawn: whether a person outlined it.
        confidence: of the endocardium, 0 without one.
        muscle: share of its circumference with muscle outside it, 0 to 1; NaN without both outlines, and throughout
            where no slice of the stack has an epicardium.
        area: enclosed by the endocardium, mm2 (square pixels without scale); NaN without one.

    """

    cavity: NDArray[np.bool_]
    drawn: NDArray[np.bool_]
    confidence: FloatArray
    muscle: FloatArray
    area: FloatArray


def slice_evidence(reading: Reading) -> SliceEvidence:
    """The evidence of all slices and phases."""
    tracks = tuple(one.tracks.get(structure) for one in reading.slices for structure in _OUTLINES)
    scales = tuple(one.calibration for one in reading.slices)
    return cached("slice_evidence", (reading.facts.frames, *tracks, *scales), lambda: _evidence(reading))


_OUTLINES = (Structure.LV_ENDO, Structure.LV_EPI)


def _evidence(reading: Reading) -> SliceEvidence:
    shape = len(reading.slices), reading.facts.frames
    area = areas(reading, Structure.LV_ENDO)
    confidence = np.zeros(shape)
    cavity, drawn = np.zeros(shape, bool), np.zeros(shape, bool)
    for number, one in enumerate(reading.slices):
        track = one.tracks.get(Structure.LV_ENDO)
        if track is not None:
            confidence[number] = track.confidence
            cavity[number] = [contour is not None for contour in track.contours]
            drawn[number] = [origin is Origin.EDITED for origin in track.origins]
    return SliceEvidence(
        cavity, drawn & cavity, frozen(np.where(cavity, confidence, 0.0)), muscle_share(reading), frozen(area)
    )


def muscle_share(reading: Reading) -> FloatArray:
    """(slices, phases) share of each endocardium's circumference with muscle outside it; NaN as in SliceEvidence."""
    slices, phases = len(reading.slices), reading.facts.frames
    if not contoured(reading, Structure.LV_EPI):
        return frozen(np.full((slices, phases), np.nan))
    chords = np.full((slices, phases, CHORDS), np.nan)
    for number, one in enumerate(reading.slices):
        endo, epi = one.tracks.get(Structure.LV_ENDO), one.tracks.get(Structure.LV_EPI)
        scale = one.calibration
        if endo is not None and epi is not None:
            chords[number] = _thickness(endo, epi, *((scale.row_mm, scale.col_mm) if scale else (1.0, 1.0)))
    scaled = all(one.calibration is not None for one in reading.slices)
    least = max(LEAST_WALL_MM * (1.0 if scaled else 0.5), LEAST_OF_USUAL * _usual_thickness(chords))
    return frozen(np.where(np.isnan(chords[..., 0]), np.nan, (chords >= least).mean(axis=2)))


@lru_cache(maxsize=128)
def _thickness(endo: ContourTrack, epi: ContourTrack, row_mm: float, col_mm: float) -> FloatArray:
    """(phases, chords), 0 where the outlines meet; NaN at phases without both outlines.

    Cached by track, since an edit changes those of one slice.
    """
    out = np.full((len(endo), CHORDS), np.nan)
    for phase, (inner, outer) in enumerate(zip(endo.contours, epi.contours, strict=True)):
        if inner is not None and outer is not None:
            out[phase] = np.nan_to_num(wall_thickness(inner, outer, row_mm, col_mm).thickness_mm)
    return frozen(out)


def _usual_thickness(chords: FloatArray) -> float:
    """The ventricle's wall at its thinnest phase: the median over slices, without the two outermost at either end."""
    by_phase = []
    for medians in np.median(chords, axis=2).T:
        known = medians[~np.isnan(medians)]
        inner = known[2:-2] if len(known) > 6 else known[1:-1] if len(known) > 2 else known
        if len(inner):
            by_phase.append(float(np.median(inner)))
    return float(np.percentile(by_phase, _THINNEST_PERCENT)) if by_phase else 0.0
