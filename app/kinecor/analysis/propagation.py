"""Contours that a person traced at some frames, propagated through a recording that no network contours."""

from kinecor.analysis.models import Models
from kinecor.analysis.motion import motion_of
from kinecor.core.tracking.propagation import drawn_contours, propagated
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.session.edits import Edit, SetMotion, SetTrack, SetWithheld
from kinecor_models.contract import ClipInput

PROPAGATED = "contours propagated along the motion"


def propagated_edits(clip: ClipInput, reading: Reading, models: Models, tick: Tick) -> tuple[list[Edit], str] | None:
    """Motion and the tracks of all traced structures, and the author; None where too few frames are traced.

    Frames that a person traced or corrected stay as they are.

    Args:
        clip: the images.
        reading: with the traced contours.
        models: those that may be opened.
        tick: called after each frame; raises Cancelled to end the work.

    """
    kind = reading.kind
    if len(drawn_contours(reading.tracks.get(Structure.LV_ENDO))) < max(kind.propagated_from, 1):
        return None
    traced = [track for one in kind.structures if (track := reading.tracks.get(one)) and drawn_contours(track)]
    motion = motion_of(clip, traced, models.motion(kind.motion), tick)
    if motion is None:
        return None
    edits: list[Edit] = [SetMotion(motion)]
    for track in traced:
        found = propagated(track, motion, reading.time_axis, closed=kind.closed, aspect=reading.aspect)
        edits += [SetTrack(found)] if found is not None else []
    return edits + ([SetWithheld(None)] if reading.withheld is not None else []), motion.by
