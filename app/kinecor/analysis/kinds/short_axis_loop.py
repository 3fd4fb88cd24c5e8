"""Single short-axis loops: no network contours them; contours traced at a frame are propagated along the motion."""

from kinecor.analysis.kinds import apical_loop
from kinecor.analysis.kinds.unmeasured import BY_FILE
from kinecor.analysis.models import Models
from kinecor.analysis.strategy import (
    PROPAGATED,
    Proposal,
    applied,
    clip_of,
    event_edits,
    loop_phases,
    not_measured,
    propagated_edits,
)
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.track import Origin
from kinecor.session.edits import Several


def propose(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy. Where nothing is traced, the view is looked at again: a model may have named it wrongly before."""
    return _propagated(recording, reading, models, tick) or apical_loop.propose(recording, reading, models, tick)


def propose_mri(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy. Where nothing is traced, ED and ES are still regressed from the images."""
    if (found := _propagated(recording, reading, models, tick)) is not None:
        return found
    (cine,) = recording.cines
    curve = loop_phases(clip_of(cine, reading.aspect), reading, models, tick, short_axis=True)
    return not_measured(reading, reading.kind.unmeasured, BY_FILE if curve is None else curve.by, curve=curve)


def _propagated(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal | None:
    """Contours through the loop, its motion, ED and ES; None where the cavity is not traced.

    Frames that a person traced or corrected stay as they are, and so do a person's marks.
    """
    (cine,) = recording.cines
    found = propagated_edits(clip_of(cine, reading.aspect), reading, models, tick)
    if found is None:
        return None
    edits, by = found
    if reading.events is None or not reading.events.beats or reading.events.origin is not Origin.EDITED:
        edits += event_edits(applied(reading, edits, by), None)
    return Proposal(Several(PROPAGATED, tuple(edits)), by)
