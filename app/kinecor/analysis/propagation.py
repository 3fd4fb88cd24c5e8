"""A long axis of cine MRI: no network contours it, so a person's outlines are carried along the motion."""

import numpy as np

from kinecor.analysis.motion import motion_of
from kinecor.core.cycle.cycle import period_s
from kinecor.core.tracking.propagation import LEAST_DRAWN, carried_track, drawn_frames
from kinecor.core.values.errors import Tick
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.curves import track_volumes_mm3
from kinecor.session.edits import Edit, SetEvents, SetMotion, SetTrack, SetWithheld
from kinecor_models.contract import ClipInput

BY_HAND = (
    "no network contours long axes of cine MRI: outline the left ventricle at ED and ES (right click), then analyse "
    "again, and motion carries the outlines through the cycle"
)
CARRIED = "outlines carried along the motion"
LONG_AXIS_AUTHOR = "model:carry@1"
"""Whose word it is that a long axis is not contoured by itself."""


def carried_edits(clip: ClipInput, reading: Reading, tick: Tick, *, device: str = "auto") -> tuple[list[Edit], str]:
    """Tracks of all drawn structures through a gated cycle, motion, ED and ES; and whose work that is.

    ED and ES that a person marked stay. Nothing where the cavity is not outlined at two frames.

    Args:
        clip: the pictures.
        reading: with the outlines.
        tick: called after each frame; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".

    """
    if drawn_frames(reading.tracks.get(Structure.LV_ENDO)) < LEAST_DRAWN:
        return [], ""
    motion = motion_of(
        clip, [track for one, track in reading.tracks.items() if one in reading.kind.structures], tick, device=device
    )
    if motion is None:
        return [], ""
    times_s = reading.facts.times_s
    cycle_s = period_s(times_s, reading.facts.heart_rate_per_min)
    edits: list[Edit] = []
    tracks = dict(reading.tracks)
    for structure in reading.kind.structures:
        if drawn_frames(tracks.get(structure)) == 0:
            continue
        found = carried_track(tracks[structure], motion, times_s, aspect=reading.aspect, period_s=cycle_s)
        if found is not None:
            tracks[structure] = found
            edits.append(SetTrack(found))
    edits.append(SetMotion(motion))
    if reading.withheld is not None:
        edits.append(SetWithheld(None))
    if reading.events is None or reading.events.origin is not Origin.EDITED:
        edits.append(SetEvents(_events(reading)))
    return edits, motion.by


def _events(reading: Reading) -> CardiacEvents:
    """ED and ES at the drawn frames with the largest and the smallest cavity, so that numbers rest on them."""
    endo = reading.tracks[Structure.LV_ENDO]
    volumes = np.where(np.array(endo.origins) == Origin.EDITED, track_volumes_mm3(endo, reading.aspect, 1.0), np.nan)
    ed, es = int(np.nanargmax(volumes)), int(np.nanargmin(volumes))
    return CardiacEvents((Beat(ed, es),) if ed != es else (), Origin.MODEL)
