"""Long axes of cine MRI: no network contours them; contours traced at ED and ES are propagated through the cycle."""

import numpy as np

from kinecor.analysis.kinds.short_axis_loop import PROPAGATED
from kinecor.analysis.models import Models
from kinecor.analysis.motion import motion_edits, motion_of
from kinecor.analysis.strategy import Proposal, clip_of
from kinecor.core.cycle.cycle import period_s
from kinecor.core.tracking.propagation import carried_track, drawn_frames
from kinecor.core.values.errors import Tick
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.motion import Motion
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack import Recording
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.curves import track_volumes_mm3
from kinecor.session.edits import Edit, SetEvents, SetMotion, SetTrack, SetWithheld, Several
from kinecor_models.contract import ClipInput

NO_NETWORK = "no network contours long axes of cine MRI"
AUTHOR = "model:carry@1"
"""Author of the conclusion that a long axis is not contoured without a person."""


def propose(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy; nothing that a person traced or marked is taken away."""
    (cine,) = recording.cines
    clip = clip_of(cine, reading.aspect)
    motion = _motion(clip, reading, models, tick)
    if motion is not None:
        return Proposal(Several(PROPAGATED, tuple(_propagated(reading, motion))), motion.by)
    if not reading.tracks:
        return Proposal(Several("not measured", (SetWithheld(f"{NO_NETWORK}: {reading.kind.by_hand}"),)), AUTHOR)
    edits = tuple(motion_edits(clip, reading, models, tick))
    return Proposal(Several("motion looked for" if edits else "not measured", edits), AUTHOR)


def _motion(clip: ClipInput, reading: Reading, models: Models, tick: Tick) -> Motion | None:
    """Motion around what is traced; None where the cavity is traced at too few frames."""
    kind = reading.kind
    if drawn_frames(reading.tracks.get(Structure.LV_ENDO)) < kind.propagated_from:
        return None
    around = [track for structure, track in reading.tracks.items() if structure in kind.structures]
    return motion_of(clip, around, models.motion(kind.motion), tick)


def _propagated(reading: Reading, motion: Motion) -> list[Edit]:
    """Tracks of all traced structures through the gated cycle, motion, ED and ES."""
    times_s = reading.facts.times_s
    cycle_s = period_s(times_s, reading.facts.heart_rate_per_min)
    edits: list[Edit] = []
    for structure in reading.kind.structures:
        track = reading.tracks.get(structure)
        if track is None or drawn_frames(track) == 0:
            continue
        found = carried_track(track, motion, times_s, aspect=reading.aspect, period_s=cycle_s)
        edits += [SetTrack(found)] if found is not None else []
    edits.append(SetMotion(motion))
    edits += [SetWithheld(None)] if reading.withheld is not None else []
    if reading.events is None or reading.events.origin is not Origin.EDITED:
        edits.append(SetEvents(_events(reading)))
    return edits


def _events(reading: Reading) -> CardiacEvents:
    """ED and ES at the traced frames with the largest and the smallest cavity, so that volumes rest on them."""
    endo = reading.tracks[Structure.LV_ENDO]
    volumes = np.where(np.array(endo.origins) == Origin.EDITED, track_volumes_mm3(endo, reading.aspect, 1.0), np.nan)
    ed, es = int(np.nanargmax(volumes)), int(np.nanargmin(volumes))
    return CardiacEvents((Beat(ed, es),) if ed != es else (), Origin.MODEL)
