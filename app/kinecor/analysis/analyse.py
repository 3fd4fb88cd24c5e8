"""A recording and a model make one proposed edit: contours, ED and ES, or why nothing is measured."""

from collections.abc import Sequence
from dataclasses import replace

from kinecor.analysis.clip import clip_of
from kinecor.analysis.contours import in_pixels
from kinecor.analysis.models import opened
from kinecor.analysis.motion import motion_edits
from kinecor.analysis.phases import event_edits, loop_phases
from kinecor.analysis.propagation import BY_HAND, CARRIED, LONG_AXIS_AUTHOR, carried_edits
from kinecor.analysis.proposal import Proposal
from kinecor.analysis.ring_propagation import carried_short_axis
from kinecor.analysis.stack import propose_stack
from kinecor.analysis.view import viewed
from kinecor.core.values.cine import CineSequence
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.kind import LONG_AXIS_MRI, SHORT_AXIS_MRI, UNKNOWN_VIEW
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack import Recording, Stack
from kinecor.session.edits import Edit, RemoveTrack, SetTrack, SetWithheld, Several
from kinecor_models.contract import ClipInput
from kinecor_models.localisation.framing import is_colour_doppler

NOT_ULTRASOUND = "contours need an ultrasound clip; this file is of modality {modality}"
SINGLE_SLICE = "cine MRI is measured as a stack of short axes or on a named long axis (A4C, A2C, A3C); this is neither"
COLOUR_DOPPLER = "colour Doppler covers the picture; contours need a grey-scale clip"


def propose(
    recording: Recording,
    reading: Reading,
    tick: Tick = no_tick,
    *,
    device: str = "auto",
    network: str | None = None,
) -> Proposal:
    """What the models conclude about a recording; touches nothing.

    For a short-axis stack, see `propose_stack`.

    The proposal replaces all that a model concludes, so that nothing of an earlier analysis stays in force beside it.

    Args:
        recording: a loop or a stack.
        reading: what is concluded so far; its view says whether the model fits, its scale how pixels lie.
        tick: called after each frame; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".
        network: the name of the one that contours, where it is one for such a recording; else the default does.

    Raises:
        KinecorError: a model or the device cannot be used, or a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    if isinstance(recording, Stack):
        return propose_stack(recording, reading, tick, device=device, network=network)
    if reading.kind is LONG_AXIS_MRI:
        return _long_axis(recording, reading, tick, device)
    if (carried := carried_short_axis(recording, reading, tick, device=device)) is not None:
        return carried
    cine, model = recording, opened(device, network)
    clip = clip_of(cine, reading.aspect)
    seen: tuple[Edit, ...] = ()
    why = not_contoured(cine, clip)
    if why is None:
        look = viewed(clip, reading, tick, device=device)
        why, seen = look.why_not, look.edits
    label = f"analysed by {model.card.name} {model.card.version}"
    if why is None:
        view = _applied(reading, seen, model.card.author).view
        named = None if view is None or view.label == UNKNOWN_VIEW else view.label
        output = model(replace(clip, view=named), tick)
        # A network that tells views apart is heard, and does not overrule what is known of the view.
        label += f", which takes it for {output.view}" if output.view else ""
        found: list[Edit] = [SetTrack(track) for track in in_pixels(output)]
        found += [SetWithheld(None)] if reading.withheld is not None else []
    else:
        label = "not measured"
        found = [*map(RemoveTrack, reading.tracks), SetWithheld(why)]
    edits = [*seen, *found]
    after = _applied(reading, edits, model.card.author)
    # Both are quick beside contouring, so that they are not counted as progress.
    edits += motion_edits(clip, after, lambda *_: tick(len(cine), len(cine)), device=device)
    phases, short_axis = None, after.kind is SHORT_AXIS_MRI
    if why is None or short_axis:
        phases = loop_phases(clip, after, lambda *_: tick(len(cine), len(cine)), device=device, short_axis=short_axis)
    edits += event_edits(after, phases)
    # Where nothing is contoured, ED and ES are the regression's work.
    by = model.card.author if why is None or phases is None else phases.by
    return Proposal(Several(label, tuple(edits)), by)


def _long_axis(cine: CineSequence, reading: Reading, tick: Tick, device: str) -> Proposal:
    """What a person outlined, carried through the cycle; nothing of theirs is taken away."""
    clip = clip_of(cine, reading.aspect)
    edits, by = carried_edits(clip, reading, tick, device=device)
    if edits:
        return Proposal(Several(CARRIED, tuple(edits)), by)
    motion: list[Edit] = [*motion_edits(clip, reading, tick, device=device)] if reading.tracks else []
    why: list[Edit] = [] if reading.tracks else [SetWithheld(BY_HAND)]
    return Proposal(Several("motion looked for" if motion else "not measured", (*why, *motion)), LONG_AXIS_AUTHOR)


def _applied(reading: Reading, edits: Sequence[Edit], by: str) -> Reading:
    for edit in edits:
        reading = edit.apply(reading, by)
    return reading


def not_contoured(cine: CineSequence, clip: ClipInput) -> str | None:
    """Why the apical model is not for this recording, in words; None where it is, or may be."""
    if cine.source.modality == "MR":
        return SINGLE_SLICE
    if cine.source.modality not in ("US", ""):
        return NOT_ULTRASOUND.format(modality=cine.source.modality)
    return COLOUR_DOPPLER if is_colour_doppler(clip) else None
