"""A parasternal long axis with callipers of known lengths."""

from dataclasses import replace

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.message import message
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import Origin
from kinecor.session.edits import SetCalliper

READER = "Ada"
NORMAL_MM = {"IVSd": 9.0, "LVIDd": 48.0, "PWd": 9.0, "LVIDs": 31.0, "LAD": 35.0, "AoR": 33.0, "LVOT": 20.0}
SCALE = Calibration(0.5, 0.5, message("test"))


def parasternal(frames: int = 20, *, scale: Calibration | None = SCALE, view: str = "PLAX", **facts: object) -> Reading:
    """No contours and no callipers; 40 ms a frame."""
    here = Facts("p1", 300, 400, np.arange(frames) * 0.04, "FrameTime", modality="US")
    return Reading(facts=replace(here, **facts), calibration=scale, view=View(view, None, "header"))  # type: ignore[arg-type]


def measured(reading: Reading, sizes_mm: dict[str, float] = NORMAL_MM, *, ed: int = 2, es: int = 10) -> Reading:
    """With a vertical calliper for each size, at its phase; without a scale, two pixels a millimetre."""
    for name, size in sizes_mm.items():
        frame = es if name in ("LVIDs", "LAD", "LVOT") else ed
        height_px = size / (reading.calibration.row_mm if reading.calibration else 0.5)
        edit = SetCalliper(name, frame, ((100.0, 50.0), (100.0, 50.0 + height_px)))
        reading = edit.apply(reading, READER)
    return reading


def marked(reading: Reading, ed: int = 2, es: int = 10) -> Reading:
    return reading.with_(events=CardiacEvents((Beat(ed, es),), Origin.EDITED))
