"""Readings of an apical loop whose wall shortens by a fifth, twice, and the motion that belongs to it."""

from dataclasses import replace

import numpy as np

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import Origin
from tests.core.walls import beat, motion, tracks, zooming

FRAMES, STEP_S = 41, 0.04


def reading(view="A4C", *, moving=True, confidence=0.9, error=0.0, times_origin="FrameTime", short=0.2):
    """ED at frames 0 and 20, ES at 10 and 30; `moving` with motion."""
    places, back = zooming(beat(short))
    seen = replace(motion(places, back, FRAMES, error=error), by="model:flow@1") if moving else None
    return Reading(
        Facts("r", 260, 300, np.arange(FRAMES) * STEP_S, times_origin),
        view=View(view, 0.9, "test"),
        tracks=tracks(places, FRAMES, confidence),
        events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL),
        motion=seen,
    )
