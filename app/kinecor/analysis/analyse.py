"""What the models conclude about a recording, as one proposed edit: contours, ED and ES, or why nothing is measured.

Each kind of recording has its strategy: loops of apical views, long axes of cine MRI, short axes as loops and as a
stack. Other modalities, other slices of cine MRI and echo volumes are not measured.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

import numpy as np

from kinecor.analysis.images.measure import bridge_damaged_frames, with_images
from kinecor.analysis.methods import DEFAULT, Method
from kinecor.analysis.models import Models
from kinecor.analysis.strategy import (
    PROPAGATED,
    UNMEASURED,
    Proposal,
    Strategy,
    apply_edits,
    clip_of,
    event_edits,
    loop_phases,
    measured_muscle,
    motion_edits,
    not_measured,
    propagated_edits,
    recognise_view,
    slice_motion_edits,
    stack_phases,
    tracks_of,
)
from kinecor.core.tracking.propagation import propagates
from kinecor.core.values import kind
from kinecor.core.values.choices import Presence
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.kind import UNKNOWN_VIEW, Kind
from kinecor.core.values.message import Message, join_texts, message, verbatim
from kinecor.core.values.reading import Reading, View, has_contour
from kinecor.core.values.recording import CineSequence, Recording
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.extent import decided_right_base, proposed_extent
from kinecor.core.volumes.loop_volumes import track_volumes_mm3
from kinecor.session.edits import (
    Edit,
    OnSlice,
    RemoveTrack,
    SetEsBy,
    SetEvents,
    SetExtent,
    SetMotion,
    SetMuscle,
    SetPresence,
    SetRvBase,
    SetTrack,
    SetViewSeen,
    SetWithheld,
    Several,
)
from kinecor_models.contours.long_axis import VIEW_CONFIDENCE
from kinecor_models.contours.pairs import SEEN_TOGETHER, with_pairs
from kinecor_models.contours.presence import STRUCTURES, Contours, PresenceModel
from kinecor_models.contract import ClipInput, ClipModel, ClipOutput, EarlyModel, EarlyOutput, ModelCard
from kinecor_models.localisation.framing import is_colour_doppler

BY_FILE = "header"
"""Author of what follows from the file alone."""
PROVISIONAL = message("provisional contours")


@dataclass(frozen=True, slots=True)
class Early:
    """An analysis that has seen a part of a recording's frames.

    Attributes:
        proposal: what can be shown of it, and is not to be saved; None where nothing can.
        finish: computes the proposal of all frames; it is the same as without the early one. Raises as a Strategy does.

    """

    proposal: Proposal | None
    finish: Callable[[Tick], Proposal]


def propose_unmeasured(_recording: Recording, reading: Reading, *_: object) -> Proposal:
    """See Strategy."""
    return not_measured(reading, reading.kind.unmeasured, BY_FILE)


def propose_other_modality(_recording: Recording, reading: Reading, *_: object) -> Proposal:
    """See Strategy; contours that a person drew and the view stay."""
    modality = verbatim(reading.facts.modality)
    why = message("contours need an ultrasound clip; this file is of modality {modality}", modality=modality)
    return not_measured(reading, why, BY_FILE)


COLOUR_DOPPLER = message("colour Doppler covers the image; contours need a grey-scale clip")


def propose_apical_loop(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy; where the view is not apical, or colour covers the image, the reason why nothing is measured."""
    begun = _begun(recording, reading, models, tick)
    return begun if isinstance(begun, Proposal) else begun.concluded(begun.model(begun.clip, tick), tick)


def early_apical_loop(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Early:
    """Contours, ED and ES of an apical loop from a part of its frames."""
    begun = _begun(recording, reading, models, tick)
    if isinstance(begun, Proposal):
        return Early(None, lambda _: begun)
    early = begun.model.early(begun.clip, tick) if isinstance(begun.model, EarlyModel) else None
    if early is None:
        return Early(None, lambda later: begun.concluded(begun.model(begun.clip, later), later))
    edits = begun.contour_edits(early.found[0])
    edits += event_edits(apply_edits(reading, edits, begun.by), None)
    return Early(
        Proposal(Several(PROVISIONAL, tuple(edits)), begun.by),
        lambda later: begun.concluded(early.whole(later)[0], later),
    )


@dataclass(frozen=True, eq=False)
class _ApicalLoop:
    """An apical loop that is being analysed.

    Attributes:
        clip: its images, with the view where it is known.
        reading: what was concluded before.
        seen: edits that record what was seen of the view.
        models: to analyse with.
        model: the one that contours.

    """

    clip: ClipInput
    reading: Reading
    seen: tuple[Edit, ...]
    models: Models
    model: ClipModel

    @property
    def by(self) -> str:
        """Author of the analysis."""
        return self.model.card.author

    def contour_edits(self, output: ClipOutput) -> list[Edit]:
        """The view, and contours."""
        edits: list[Edit] = [*self.seen, *map(SetTrack, tracks_of(output))]
        return edits + ([SetWithheld(None)] if self.reading.withheld is not None else [])

    def concluded(self, output: ClipOutput, tick: Tick) -> Proposal:
        """The proposal, from the contours of all frames."""
        card, total = self.model.card, len(self.clip.frames)
        # A network that names views as well is reported, but does not overrule what is known of the view.
        label, by = _analysed_by(card, output.view), self.by
        edits = self.contour_edits(output)
        after = apply_edits(self.reading, edits, by)

        def all_done(*_: int) -> None:  # what follows takes little time compared with contouring: it is not counted
            tick(total, total)

        stills = self.reading.facts.stills  # nothing moves between two stills
        curve = None if stills else loop_phases(self.clip, after, self.models, all_done)
        marks = event_edits(after, curve, self.models.events_from)
        pairs, beats = self.models.pairs(), apply_edits(after, marks, by).events
        if pairs is not None and beats is not None and beats.beats:
            frames = [(beat.ed, beat.es) for beat in beats.beats]
            edits = self.contour_edits(with_pairs(output, pairs(self.clip, frames, all_done), frames))
            edits += [SetEsBy(Structure(name), pairs.card.author) for name in SEEN_TOGETHER]
            label = _seen_together(label, pairs.card)
            after = apply_edits(self.reading, edits, by)
        proposed = Several(label, (*edits, *marks))
        if stills:
            return Proposal(proposed, by)
        models, clip = self.models, self.clip
        return Proposal(proposed, by, lambda later: motion_edits(clip, after, models, later))


def _begun(recording: Recording, reading: Reading, models: Models, tick: Tick) -> _ApicalLoop | Proposal:
    """The loop with its view, or the proposal to measure nothing."""
    (cine,) = recording.cines
    clip = clip_of(cine, reading.aspect)
    if is_colour_doppler(clip):
        return not_measured(reading, COLOUR_DOPPLER, models.apical_card.author)
    look = recognise_view(clip, reading, models, tick)
    if look.why_not is not None:
        return not_measured(reading, look.why_not, models.apical_card.author, seen=look.edits)
    model = models.apical()
    view = apply_edits(reading, look.edits, model.card.author).view
    named = None if view is None or view.label == UNKNOWN_VIEW else view.label
    return _ApicalLoop(replace(clip, view=named), reading, look.edits, models, model)


def _analysed_by(card: ModelCard, view: str | None = None) -> Message:
    """What an edit is called that a model's analysis makes; `view` is what the model takes the loop for."""
    model = verbatim(f"{card.name} {card.version}")
    if view:
        return message("analysed by {model}, which takes it for {view}", model=model, view=verbatim(view))
    return message("analysed by {model}", model=model)


def _seen_together(label: Message, card: ModelCard) -> Message:
    """The name of an analysis whose ventricle at ES is contoured by a network that sees ED as well."""
    return message(
        "{analysis}; the ventricle at ES by {model}", analysis=label, model=verbatim(f"{card.name} {card.version}")
    )


NO_NETWORK = message("no network contours long axes of cine MRI")
AUTHOR = "model:carry@1"
"""Author of the conclusion that a long axis is not contoured without a person."""


NO_LONG_AXIS = message("no left ventricle was found in this image: it may not be a long axis of a heart")


def propose_long_axis_mri(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy. Contours that a person traced before any network did are propagated, and none is taken away."""
    (cine,) = recording.cines
    scale = reading.calibration
    clip = clip_of(cine, reading.aspect, scale.col_mm if scale is not None else None)
    found = propagated_edits(clip, reading, models, tick) if propagates(reading) else None
    model = None if found is not None else models.long_axis()
    if model is not None:
        return _contoured_long_axis(clip, reading, model, tick)
    if found is not None:
        edits, by = found
        if reading.events is None or reading.events.origin is not Origin.EDITED:
            edits.append(SetEvents(_events(reading)))
        return Proposal(Several(PROPAGATED, tuple(edits)), by)
    if not reading.tracks:
        why = join_texts(NO_NETWORK, ": ", reading.kind.by_hand)
        return Proposal(Several(UNMEASURED, (SetWithheld(why),)), AUTHOR)
    motion = tuple(motion_edits(clip, reading, models, tick))
    return Proposal(Several(message("motion looked for") if motion else UNMEASURED, motion), AUTHOR)


def _contoured_long_axis(clip: ClipInput, reading: Reading, model: ClipModel, tick: Tick) -> Proposal:
    """The cavity by a network, ED and ES; other structures that a person traced, and a person's marks, stay."""
    by = model.card.author
    output = model(clip, tick)
    tracks = [track for track in tracks_of(output) if any(contour is not None for contour in track.contours)]
    gone = [RemoveTrack(Structure.LV_ENDO)] if not tracks and Structure.LV_ENDO in reading.tracks else []
    if not tracks:
        return Proposal(Several(UNMEASURED, (*gone, SetWithheld(NO_LONG_AXIS))), by)
    edits: list[Edit] = [*map(SetTrack, tracks)]
    if output.view is not None:
        seen = View(output.view, VIEW_CONFIDENCE, by)
        edits += [SetViewSeen(seen)] if reading.view_seen != seen else []
    edits += [SetWithheld(None)] if reading.withheld is not None else []
    edits += [SetMotion(None)] if reading.motion is not None else []
    if reading.events is None or not reading.events.beats or reading.events.origin is not Origin.EDITED:
        edits += event_edits(apply_edits(reading, edits, by), None)
    return Proposal(Several(_analysed_by(model.card), tuple(edits)), by)


def _events(reading: Reading) -> CardiacEvents:
    """ED and ES at the traced frames with the largest and the smallest cavity, so that volumes rest on them."""
    endo = reading.tracks[Structure.LV_ENDO]
    volumes = np.where(np.array(endo.origins) == Origin.EDITED, track_volumes_mm3(endo, reading.aspect, 1.0), np.nan)
    ed, es = int(np.nanargmax(volumes)), int(np.nanargmin(volumes))
    return CardiacEvents((Beat(ed, es),) if ed != es else (), Origin.MODEL)


def propose_short_axis_loop(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy. Where nothing is traced, the view is looked at again: a model may have named it wrongly before."""
    return _propagated(recording, reading, models, tick) or propose_apical_loop(recording, reading, models, tick)


def propose_short_axis_mri(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy. Where nothing is traced, ED and ES are still regressed from the images."""
    if (proposal := _propagated(recording, reading, models, tick)) is not None:
        return proposal
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
        edits += event_edits(apply_edits(reading, edits, by), None)
    return Proposal(Several(PROPAGATED, tuple(edits)), by)


NOT_FOUND = message("no left ventricle was found in any slice: these may not be short axes of a heart")


@runtime_checkable
class StackModel(Protocol):
    """A model that looks at all slices of a stack together."""

    def stack(self, clips: Sequence[ClipInput], tick: Tick) -> Sequence[ClipOutput]:
        """One output per slice; `tick` counts the phases of all slices."""


@runtime_checkable
class EarlyStackModel(Protocol):
    """A model that can give provisional contours of a stack early."""

    def early_stack(self, clips: Sequence[ClipInput], tick: Tick) -> EarlyOutput | None:
        """From a part of the images; None where too few could be left out. `tick` counts the phases of all slices."""


def propose_short_axis_stack(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy; `tick` counts the phases of all slices."""
    model, clips = models.short_axis(), [slice_clip(cine) for cine in recording.cines]
    return _concluded_stack(recording, reading, models, clips, _outputs(model, clips, tick), tick)


def early_short_axis_stack(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Early:
    """Contours of a stack's slices, which of them count, ED and ES, from its ends."""
    model, clips = models.short_axis(), [slice_clip(cine) for cine in recording.cines]
    early = model.early_stack(clips, tick) if isinstance(model, EarlyStackModel) else None
    if early is None:
        return Early(None, lambda later: propose_short_axis_stack(recording, reading, models, later))

    def finish(later: Tick) -> Proposal:
        return _concluded_stack(recording, reading, models, clips, early.whole(later), later)

    by = model.card.author
    edits = stack_edits(early.found, reading, by, models.presence())
    after = apply_edits(reading, edits, by)
    if not has_contour(after, Structure.LV_ENDO):
        return Early(None, finish)
    edits += [SetWithheld(None)] if reading.withheld is not None else []
    return Early(Proposal(Several(PROVISIONAL, (*edits, *event_edits(after, None))), by), finish)


def _concluded_stack(
    recording: Recording,
    reading: Reading,
    models: Models,
    clips: Sequence[ClipInput],
    outputs: Sequence[ClipOutput],
    tick: Tick,
) -> Proposal:
    """The proposal, from the contours of all slices."""
    model = models.short_axis()
    by = model.card.author
    edits = stack_edits(outputs, reading, by, models.presence())
    reading = apply_edits(reading, edits, by)
    if not has_contour(reading, Structure.LV_ENDO):
        none = event_edits(reading, None)
        return Proposal(Several(UNMEASURED, (*edits, *none, SetWithheld(NOT_FOUND))), by)
    if reading.withheld is not None:
        edits.append(SetWithheld(None))
    edits.append(SetMuscle(measured_muscle(recording.cines, reading)))
    total = sum(len(clip.frames) for clip in clips)

    def all_done(*_: int) -> None:  # what follows takes little time compared with contouring: no progress is counted
        tick(total, total)

    label, after = _analysed_by(model.card), reading
    if reading.facts.stills:  # two phases: nothing is regressed or followed
        return Proposal(Several(label, (*edits, *event_edits(reading, None))), by)
    edits += event_edits(reading, stack_phases(clips, reading, models, all_done), models.events_from)
    return Proposal(Several(label, tuple(edits)), by, lambda later: slice_motion_edits(clips, after, models, later))


def stack_edits(outputs: Sequence[ClipOutput], reading: Reading, by: str, presence: PresenceModel | None) -> list[Edit]:
    """Contours of a stack's slices, and which slices count; no edits of the latter where nothing was found.

    Args:
        outputs: what a model gives for its slices, in order.
        reading: what is concluded so far.
        by: the model.
        presence: see `end_edits`.

    """
    edits: list[Edit] = [
        OnSlice(number, edit)
        for number, (single_reading, tracks) in enumerate(zip(reading.slices, map(tracks_of, outputs), strict=True))
        if (edit := _of_slice(single_reading, tracks))
    ]
    reading = apply_edits(reading, edits, by)
    return [*edits, *end_edits(reading, by, presence)] if has_contour(reading, Structure.LV_ENDO) else edits


def end_edits(reading: Reading, by: str, presence: PresenceModel | None) -> list[Edit]:
    """Which slices of a stack count, decided from its contours.

    Args:
        reading: with contours.
        by: whose decision it is.
        presence: sees in which slices the ventricles are; None decides from muscle alone.

    """
    seen = SetPresence(None if presence is None else _seen(reading, presence))
    reading = seen.apply(reading, by)
    extent = proposed_extent(reading)
    right = None if extent is None else decided_right_base(reading, extent)
    return [seen, SetExtent(extent), *([SetRvBase(right)] if right is not None else [])]


def outlines_of(reading: Reading) -> Contours:
    """A stack's contours as PresenceModel takes them, in mm (or in columns where there is no scale)."""
    contours = []
    none = (None,) * reading.facts.frames
    for name in STRUCTURES:
        rows = []
        for slice_reading in reading.slices:
            track, scale = slice_reading.tracks.get(Structure(name)), slice_reading.calibration
            unit = (scale.col_mm, scale.row_mm) if scale else (1.0, slice_reading.aspect)
            rows.append([None if c is None else c.points * unit for c in (track.contours if track else none)])
        contours.append(rows)
    return contours


def _seen(reading: Reading, presence: PresenceModel) -> Presence | None:
    """What the model sees, to a thousandth."""
    found = presence(outlines_of(reading))
    if found is None:
        return None
    left, right = (tuple(tuple(map(float, row)) for row in np.round(contour, 3)) for contour in found)
    return Presence(left, right)


def slice_clip(cine: CineSequence) -> ClipInput:
    """A slice as models take it."""
    scale = cine.calibration
    if scale is None:
        return clip_of(cine, 1.0)
    return clip_of(cine, scale.row_mm / scale.col_mm, scale.col_mm)


def _outputs(model: ClipModel, clips: Sequence[ClipInput], tick: Tick) -> Sequence[ClipOutput]:
    if isinstance(model, StackModel):
        return model.stack(clips, tick)
    phases = len(clips[0].frames)
    total = len(clips) * phases

    def counting_on(number: int) -> Tick:
        return lambda done, _: tick(number * phases + done, total)

    return [model(clip, counting_on(number)) for number, clip in enumerate(clips)]


def _of_slice(before: Reading, tracks: Sequence[ContourTrack]) -> Edit | None:
    """What becomes of one slice: the structures found, and none that were there and are no longer found."""
    found = [track for track in tracks if any(contour is not None for contour in track.contours)]
    gone = [structure for structure in before.tracks if structure not in {track.structure for track in found}]
    edits: tuple[Edit, ...] = (*map(SetTrack, found), *map(RemoveTrack, gone))
    return Several(message("contours"), edits) if edits else None


STRATEGIES: Final[Mapping[Kind, Strategy]] = MappingProxyType(
    {
        kind.APICAL_LOOP: propose_apical_loop,
        kind.OTHER_VIEW: propose_apical_loop,  # a model may have named the view wrongly before
        kind.OTHER_MODALITY: propose_other_modality,
        kind.SHORT_AXIS_LOOP: propose_short_axis_loop,
        kind.SHORT_AXIS_MRI: propose_short_axis_mri,
        kind.LONG_AXIS_MRI: propose_long_axis_mri,
        kind.OTHER_MRI: propose_unmeasured,
        kind.SHORT_AXIS_STACK: propose_short_axis_stack,
        kind.ECHO_VOLUME: propose_unmeasured,
        kind.VIEW_ONLY: propose_unmeasured,
    }
)


def strategy_of(single_kind: Kind) -> Strategy:
    """How recordings of a kind are analysed; those of series that no network contours are not (`kind_of`)."""
    return STRATEGIES.get(single_kind, propose_unmeasured)


EARLY: Final[Mapping[Kind, Callable[[Recording, Reading, Models, Tick], Early]]] = MappingProxyType(
    {kind.APICAL_LOOP: early_apical_loop, kind.SHORT_AXIS_STACK: early_short_axis_stack}
)
"""Kinds of recordings whose values can be shown before all frames were seen."""


def propose(
    recording: Recording,
    reading: Reading,
    tick: Tick = no_tick,
    *,
    device: str = "auto",
    network: str | None = None,
    method: Method = DEFAULT,
) -> Proposal:
    """What the models conclude about a recording, all of it; see `propose_first`."""
    return propose_first(recording, reading, tick, device=device, network=network, method=method).whole(tick)


def propose_first(
    recording: Recording,
    reading: Reading,
    tick: Tick = no_tick,
    *,
    device: str = "auto",
    network: str | None = None,
    method: Method = DEFAULT,
) -> Proposal:
    """What the models conclude about a recording, by the strategy of its kind; its rest is still to be computed.

    Nothing is changed.

    The proposal replaces all that a model concludes, so that nothing of an earlier analysis stays in force. What the
    images show is measured first, where it was not: models see damaged frames as the mean of those around them, and no
    event is put on one.

    Args:
        recording: a loop or a stack.
        reading: what is concluded so far; its view says whether the model fits, its scale the spacing of pixels.
        tick: called after each frame; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".
        network: name of the network that contours, where there is one of that name for such recordings; else the
            default does.
        method: how it is analysed; its network counts where `network` names none.

    Raises:
        KinecorError: a model or the device cannot be used, or a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    reading = with_images(recording, reading, tick)
    models = Models(device, network or method.network, method.motion, method.events)
    proposal = strategy_of(reading.kind)(bridge_damaged_frames(recording, reading), reading, models, tick)
    return _named_by(proposal, method) if method.name != DEFAULT.name else proposal


def _named_by(proposal: Proposal, method: Method) -> Proposal:
    """The proposal, whose step in the history names the method."""
    if not isinstance(proposal.edit, Several):
        return proposal
    label = message("{analysis}; method: {method}", analysis=proposal.edit.label, method=method.title)
    return replace(proposal, edit=replace(proposal.edit, label=label))


def propose_early(
    recording: Recording, reading: Reading, tick: Tick = no_tick, *, device: str = "auto", network: str | None = None
) -> Early:
    """What the models conclude after a part of a recording's frames; see `propose_first` for arguments and errors."""
    reading = with_images(recording, reading, tick)
    seen, models = bridge_damaged_frames(recording, reading), Models(device, network)
    early = EARLY.get(reading.kind)
    if early is not None:
        return early(seen, reading, models, tick)
    return Early(None, lambda later: strategy_of(reading.kind)(seen, reading, models, later))


def rest_of(recording: Recording, reading: Reading, tick: Tick = no_tick, *, device: str = "auto") -> Sequence[Edit]:
    """Motion along the contours of a Reading whose analysis ended before it was computed.

    Args:
        recording: a loop or a stack.
        reading: with contours.
        tick: called after each frame; raises Cancelled to end the work.
        device: see `propose_first`.

    Raises:
        KinecorError: a model or the device cannot be used, or a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    reading = with_images(recording, reading, tick)
    seen, models = bridge_damaged_frames(recording, reading), Models(device)
    if reading.kind.stack:
        return slice_motion_edits([slice_clip(cine) for cine in seen.cines], reading, models, tick)
    return motion_edits(clip_of(seen.cines[0], reading.aspect), reading, models, tick)
