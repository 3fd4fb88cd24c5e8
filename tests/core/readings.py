"""Readings whose numbers are known exactly."""

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import message
from kinecor.core.values.reading import Facts, Reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.core.shapes import truncated_ellipse

MODEL = "model:test@1+abc"


def beating(frames: int = 40, beats: float = 2.0, swing: float = 0.25) -> FloatArray:
    """Half widths of a ventricle that beats `beats` times; ED at the first frame."""
    phase = 2 * np.pi * beats * np.arange(frames) / frames
    return 25 * (1 - swing * (1 - np.cos(phase)) / 2)


def reading_of(
    widths: FloatArray,
    *,
    calibration: Calibration | None = None,
    events: CardiacEvents | None = None,
    confidence: float = 0.96,
    step_s: float = 0.04,
    **facts: object,
) -> Reading:
    """A Reading with an LV track of truncated ellipses of these half widths."""
    n = len(widths)
    contours = tuple(truncated_ellipse(half_width=float(width), points=96) for width in widths)
    track = ContourTrack(Structure.LV_ENDO, contours, (Origin.MODEL,) * n, np.full(n, confidence))
    all_facts = Facts("r1", 300, 300, np.arange(n) * step_s, "FrameTime", **facts)  # type: ignore[arg-type]
    authors = {"tracks/lv_endo": MODEL, "events": MODEL}
    return Reading(
        facts=all_facts, calibration=calibration, tracks={Structure.LV_ENDO: track}, events=events, authors=authors
    )


def two_beats() -> CardiacEvents:
    """ED and ES of `beating()` as it comes."""
    return CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL)


HALF_MM = Calibration(0.5, 0.5, message("test"))
