"""Readings of a short-axis stack whose walls shorten by a fifth except one, with the matching motion."""

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Insertion, ShortAxis
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.message import message
from kinecor.core.values.reading import Facts, Reading, StackFacts, View
from kinecor.core.values.track import Origin
from tests.core.short_axis_walls import MIDDLE, SIDE_PX, motion, swing, tracks

PHASES, SLICES, ES = 12, 6, 6
TIMES_S = np.arange(PHASES) * 0.07
BY = "model:sax-test@1.0+abcdef0123456789"


def _places(points, frame):
    """Muscle on the lower left slides along, away from it: there the wall is stretched, elsewhere it shortens."""
    off = points - MIDDLE
    angle, radius = np.arctan2(-off[:, 1], off[:, 0]), np.hypot(*off.T)
    amount = swing(frame, PHASES)
    scarred = np.radians(225)
    angle = angle + 0.2 * amount * np.sin(angle - scarred)
    radius = radius * (1 - 0.2 * amount)
    return MIDDLE + radius[:, None] * np.stack([np.cos(angle), -np.sin(angle)], axis=1)


def _back(points, frame):
    found = points
    for _ in range(40):
        found = found + points - _places(found, frame)
    return found


_TRACKS = tracks(_places, PHASES)
_MOTION = motion(_places, _back, PHASES)


def reading(*, moving=True, error=0.0, slices=SLICES, scale=True, es=ES, ed=0):
    """Six slices alike, base first, so that two make up each level; ED at phase `ed`, ES at `es`."""
    seen = _MOTION if not error else motion(_places, _back, PHASES, error=error)
    spacing = Calibration(1.5, 1.5, message("Pixel Spacing in the file")) if scale else None
    ones = tuple(
        Reading(
            Facts(f"s{number}", SIDE_PX, SIDE_PX, TIMES_S, "TriggerTime", in_stack=True),
            tracks=_TRACKS,
            calibration=spacing,
            motion=seen if moving else None,
            authors={"tracks/lv_endo": BY, "tracks/lv_epi": BY},
        )
        for number in range(slices)
    )
    where = StackFacts(np.arange(slices) * 10.0, 8.0)
    facts = Facts("s", SIDE_PX, SIDE_PX, TIMES_S, "TriggerTime", heart_rate_per_min=71.4, stack=where)
    return Reading(
        facts,
        calibration=spacing,
        view=View("SAX", None, "parallel slices"),
        slices=ones,
        events=CardiacEvents((Beat(ed, es),), Origin.MODEL),
        short_axis=ShortAxis(insertion=Insertion(120.0, 1)),
        authors={"events": BY},
    )
