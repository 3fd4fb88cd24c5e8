"""A simulated recording measured in several ways, from the truth to the whole pipeline."""

import time
from dataclasses import dataclass, replace

import numpy as np

from kinecor.analysis.models import Models
from kinecor.analysis.strategy import motion_edits, tracks_of
from kinecor.core.cycle.cycle import find_beats
from kinecor.core.strain.wall_strain import WallStrain, wall_strain
from kinecor.core.tracking.wall_points import unit_normals
from kinecor.core.values.errors import no_tick
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure
from kinecor.core.volumes.loop_volumes import track_volumes_mm3
from kinecor_lab.pipeline.strain_case import Case
from kinecor_models.contract import ClipInput

WHOLE, TRUE_OUTLINES = "whole pipeline", "true contours alone"
ARMS = ("truth fused", "true contours", "true motion", "true ED, ES", WHOLE, "contours alone", TRUE_OUTLINES)
"""All from the truth; motion as a model sees it; contours as a model sees them; both; ED and ES found as well; and
contours without motion, of a model and true ones, at the true ED and ES."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What one way of measuring gave; NaN where it gave nothing.

    Attributes:
        gls_percent: at end-systole, the first beat's.
        segments_percent: (6,).
        drift_percent: of the whole wall, per beat.
        segments_drift_percent: (6,).
        quality: (6,).
        why: why it would be withheld, or None.

    """

    gls_percent: float
    segments_percent: FloatArray
    drift_percent: float
    segments_drift_percent: FloatArray
    quality: FloatArray
    why: str | None


@dataclass(frozen=True, eq=False)
class Looked:
    """A case, and what was measured of it by arm.

    Attributes:
        case: the recording.
        by_arm: by the names in ARMS.
        ms_per_frame: by stage: contours, motion, fusion; wall-clock time.
        gain: along and across the wall, see `gain_of`; NaN where no motion was found.

    """

    case: Case
    by_arm: dict[str, Measured]
    ms_per_frame: dict[str, float]
    gain: tuple[float, float] = (np.nan, np.nan)


def looked_at(case: Case, device: str = "auto") -> Looked:
    """A case measured in every way."""
    n = len(case.frames)
    clip = ClipInput(case.frames, case.region, 1.0, float(np.median(np.diff(case.times_s))))
    began = time.perf_counter()
    seen = [track for track in tracks_of(Models(device).apical()(clip, no_tick)) if track.structure in _WALL]
    contoured = time.perf_counter()
    model = _reading(case, tuple(seen))
    model = _moved(model, clip, device)
    moved = time.perf_counter()
    truth = _reading(case, case.tracks())
    followed = _moved(truth, clip, device)
    readings = {
        "truth fused": truth.with_(motion=case.motion()),
        "true contours": followed,
        "true motion": model.with_(motion=case.motion()),
        "true ED, ES": model,
        WHOLE: _found(model),
        "contours alone": model.with_(motion=None),
        TRUE_OUTLINES: truth,
    }
    # The second time, what an edit would have to do again: contours are there.
    wall_strain(readings["true ED, ES"])
    fused = time.perf_counter()
    wall_strain(model.with_(motion=_again(model.motion)))
    ended = time.perf_counter()
    took = {"contours": contoured - began, "motion": moved - contoured, "fusion": ended - fused}
    by_arm = {arm: _measured(reading) for arm, reading in readings.items()}
    if by_arm[WHOLE].why is not None:  # what a reader would not be shown counts as not measured
        nothing = np.full(6, np.nan)
        by_arm[WHOLE] = replace(by_arm[WHOLE], gls_percent=np.nan, segments_percent=nothing)
    gain = (np.nan, np.nan) if followed.motion is None else gain_of(followed.motion, case)
    return Looked(case, by_arm, {stage: 1000 * seconds / n for stage, seconds in took.items()}, gain)


def gain_of(motion: Motion, case: Case) -> tuple[float, float]:
    """What share of mid-wall's true motion from frame to frame is found, along and across the wall.

    That is sum(found x true) / sum(true x true) of each component, over material points and frames; 1 is right.
    """
    places = case.wall_mm[..., :2] / case.spacing_mm
    true = np.diff(places, axis=0)
    found, _ = motion.along(places[:-1])
    way = np.gradient(places[:-1], axis=1)
    along = way / np.linalg.norm(way, axis=2, keepdims=True)
    known = np.isfinite(found[..., 0])

    def share(direction: FloatArray) -> float:
        first, second = ((moved * direction).sum(axis=2)[known] for moved in (found, true))
        return float((first * second).sum() / max((second * second).sum(), 1e-12))

    return share(along), share(unit_normals(along))


_WALL = (Structure.LV_ENDO, Structure.LV_EPI)


def _again(motion: Motion | None) -> Motion | None:
    """The same motion as a new object, so that no cached result applies to it."""
    return None if motion is None else replace(motion)


def _reading(case: Case, tracks: tuple[ContourTrack, ...]) -> Reading:
    rows, columns = case.frames.shape[1:]
    facts = Facts(case.about.name, rows, columns, case.times_s, "FrameTime", case.rate_per_min)
    beats = tuple(
        Beat(ed, es) for ed, es in zip(case.eds, case.ess, strict=False) if ed < es and es < len(case.times_s)
    )
    return Reading(
        facts,
        view=View(case.about.view, None, "truth"),
        tracks={track.structure: track for track in tracks},
        events=CardiacEvents(beats, Origin.MODEL),
    )


def _moved(reading: Reading, clip: ClipInput, device: str) -> Reading:
    for edit in motion_edits(clip, reading, Models(device), no_tick):
        reading = edit.apply(reading, "model")
    return reading


def _found(reading: Reading) -> Reading:
    """With ED and ES from the volume of the contours, as the analysis has them."""
    endo = reading.tracks.get(Structure.LV_ENDO)
    found = None if endo is None else find_beats(track_volumes_mm3(endo), reading.facts.times_s)
    return reading.with_(events=found)


def _measured(reading: Reading) -> Measured:
    strain: WallStrain | None = wall_strain(reading)
    nothing = np.full(6, np.nan)
    if strain is None:
        return Measured(np.nan, nothing, np.nan, nothing, nothing, "no wall or no beat was found")
    # A clip may show a second end-systole; the truth refers to the first.
    es = strain.beats[0].es
    drift = strain.global_drift_percent
    return Measured(
        float(strain.global_percent[es]),
        strain.segments_percent[es],
        np.nan if drift is None else drift,
        nothing if strain.segments_drift_percent is None else strain.segments_drift_percent,
        strain.quality,
        strain.why,
    )
