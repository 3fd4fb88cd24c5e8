"""A single short-axis loop: no network contours it, so outlines drawn at a frame are carried along the motion."""

from kinecor.analysis.clip import clip_of
from kinecor.analysis.motion import motion_of
from kinecor.analysis.phases import event_edits
from kinecor.analysis.propagation import CARRIED
from kinecor.analysis.proposal import Proposal
from kinecor.core.tracking.propagation import held_frames
from kinecor.core.tracking.ring_propagation import carried_outlines
from kinecor.core.values.cine import CineSequence
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import Edit, SetMotion, SetTrack, SetWithheld, Several


def carried_short_axis(cine: CineSequence, reading: Reading, tick: Tick, *, device: str = "auto") -> Proposal | None:
    """Outlines through the loop, its motion, ED and ES; None where this is no short axis, or nothing is drawn.

    Frames that a person drew or corrected are held to, and marks of theirs stay.

    Args:
        cine: the loop.
        reading: with the outlines.
        tick: called after each frame; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".

    """
    drawn = [track for track in reading.tracks.values() if held_frames(track)]
    if (
        reading.kind.strain != "short-axis"
        or len(cine) < 2
        or Structure.LV_ENDO not in {one.structure for one in drawn}
    ):
        return None
    mri = cine.source.modality == "MR"
    motion = motion_of(clip_of(cine, reading.aspect), drawn, tick, device=device, short_axis_mri=mri)
    if motion is None:
        return None
    edits: list[Edit] = [SetMotion(motion)]
    for track in drawn:
        found = carried_outlines(track, motion, aspect=reading.aspect)
        edits += [SetTrack(found)] if found is not None else []
    edits += [SetWithheld(None)] if reading.withheld is not None else []
    after = Several(CARRIED, tuple(edits)).apply(reading, motion.by)
    if reading.events is None or not reading.events.beats or reading.events.origin is not Origin.EDITED:
        edits += event_edits(after, None)
    return Proposal(Several(CARRIED, tuple(edits)), motion.by)
