"""Echo loops: the view model looks at the view, a network contours an apical one; then motion, ED and ES."""

from dataclasses import replace

from kinecor.analysis.models import Models
from kinecor.analysis.strategy import (
    Proposal,
    applied,
    clip_of,
    event_edits,
    loop_phases,
    motion_edits,
    not_measured,
    tracks_of,
    viewed,
)
from kinecor.core.values.errors import Tick
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.session.edits import Edit, SetTrack, SetWithheld, Several
from kinecor_models.localisation.framing import is_colour_doppler

COLOUR_DOPPLER = "colour Doppler covers the image; contours need a grey-scale clip"


def propose(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy; where the view is not apical, or colour covers the image, the reason why nothing is measured."""
    (cine,) = recording.cines
    clip = clip_of(cine, reading.aspect)
    if is_colour_doppler(clip):
        return not_measured(reading, COLOUR_DOPPLER, models.apical_card.author)
    look = viewed(clip, reading, models, tick)
    if look.why_not is not None:
        return not_measured(reading, look.why_not, models.apical_card.author, seen=look.edits)
    model = models.apical()
    by = model.card.author
    view = applied(reading, look.edits, by).view
    named = None if view is None or view.label == UNKNOWN_VIEW else view.label
    output = model(replace(clip, view=named), tick)
    label = f"analysed by {model.card.name} {model.card.version}"
    # A network that names views as well is reported, but does not overrule what is known of the view.
    label += f", which takes it for {output.view}" if output.view else ""
    edits: list[Edit] = [*look.edits, *map(SetTrack, tracks_of(output))]
    edits += [SetWithheld(None)] if reading.withheld is not None else []
    after = applied(reading, edits, by)

    def all_done(*_: int) -> None:  # what follows takes little time compared with contouring: no progress is counted
        tick(len(cine), len(cine))

    edits += motion_edits(clip, after, models, all_done)
    edits += event_edits(after, loop_phases(clip, after, models, all_done))
    return Proposal(Several(label, tuple(edits)), by)
