"""Long axes of cine MRI: no network contours them; contours traced at ED and ES are propagated through the cycle."""

import numpy as np

from kinecor.analysis.models import Models
from kinecor.analysis.strategy import PROPAGATED, Proposal, clip_of, motion_edits, propagated_edits
from kinecor.core.values.errors import Tick
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import track_volumes_mm3
from kinecor.session.edits import SetEvents, SetWithheld, Several

NO_NETWORK = "no network contours long axes of cine MRI"
AUTHOR = "model:carry@1"
"""Author of the conclusion that a long axis is not contoured without a person."""


def propose(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy; nothing that a person traced or marked is taken away."""
    (cine,) = recording.cines
    clip = clip_of(cine, reading.aspect)
    found = propagated_edits(clip, reading, models, tick)
    if found is not None:
        edits, by = found
        if reading.events is None or reading.events.origin is not Origin.EDITED:
            edits.append(SetEvents(_events(reading)))
        return Proposal(Several(PROPAGATED, tuple(edits)), by)
    if not reading.tracks:
        return Proposal(Several("not measured", (SetWithheld(f"{NO_NETWORK}: {reading.kind.by_hand}"),)), AUTHOR)
    motion = tuple(motion_edits(clip, reading, models, tick))
    return Proposal(Several("motion looked for" if motion else "not measured", motion), AUTHOR)


def _events(reading: Reading) -> CardiacEvents:
    """ED and ES at the traced frames with the largest and the smallest cavity, so that volumes rest on them."""
    endo = reading.tracks[Structure.LV_ENDO]
    volumes = np.where(np.array(endo.origins) == Origin.EDITED, track_volumes_mm3(endo, reading.aspect, 1.0), np.nan)
    ed, es = int(np.nanargmax(volumes)), int(np.nanargmin(volumes))
    return CardiacEvents((Beat(ed, es),) if ed != es else (), Origin.MODEL)
