"""Loops whose atrium lengthens by a known curve: an ellipse that grows as a whole, and its wall with it."""

import numpy as np

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.core.readings import HALF_MM, MODEL, beating, reading_of

FRAMES, ED, ES, CLOSING = 44, 0, 14, 40
RESERVOIR, AT_ONSET = 36.0, 16.0


def curve_percent(*, pump: bool = True) -> FloatArray:
    """Strain of each frame: filling to ES, emptying to a rest, and, with `pump`, contraction to zero at the next ED."""
    if pump:
        knots = ((ED, 0), (ES, RESERVOIR), (24, AT_ONSET), (32, AT_ONSET), (CLOSING, 0), (FRAMES - 1, 12))
    else:
        knots = ((ED, 0), (ES, RESERVOIR), (22, 6), (CLOSING, 0), (FRAMES - 1, 12))
    frames, values = zip(*knots, strict=True)
    return np.interp(np.arange(FRAMES), frames, values)


def with_atrium(strain_percent: FloatArray, *, confidence: float = 0.9, view: str = "A4C") -> Reading:
    """An apical loop of one beat and the beginning of the next, 25 frames a second."""
    widths = beating(FRAMES, FRAMES / CLOSING)
    events = CardiacEvents((Beat(ED, ES),), Origin.MODEL)
    reading = reading_of(widths, calibration=HALF_MM, events=events, modality="US", heart_rate_per_min=60 / 1.6)
    angle = np.deg2rad(110) + np.linspace(0, np.deg2rad(320), 64)
    shape = np.stack([20 * np.cos(angle), 26 * np.sin(angle)], axis=1)
    contours = tuple(Contour(shape * (1 + one / 100) + (150, 230)) for one in strain_percent)
    n = len(contours)
    atrium = ContourTrack(Structure.LA, contours, (Origin.MODEL,) * n, np.full(n, confidence))
    return reading.with_(
        tracks={**reading.tracks, Structure.LA: atrium},
        authors={**reading.authors, "tracks/la": MODEL},
        view=View(view, None, "header"),
    )
