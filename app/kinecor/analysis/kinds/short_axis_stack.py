"""Short-axis stacks of cine MRI: a network contours all slices; then base and apex, ED and ES, and motion."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from kinecor.analysis.models import Models
from kinecor.analysis.strategy import (
    Proposal,
    applied,
    clip_of,
    event_edits,
    measured_muscle,
    slice_motion_edits,
    stack_phases,
    tracks_of,
)
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading, contoured
from kinecor.core.values.recording import CineSequence, Recording
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.extent_decision import decided_right_base, proposed_extent
from kinecor.session.edits import (
    Edit,
    OnSlice,
    RemoveTrack,
    SetExtent,
    SetMuscle,
    SetRvBase,
    SetTrack,
    SetWithheld,
    Several,
)
from kinecor_models.contract import ClipInput, ClipModel, ClipOutput

NOT_FOUND = "no left ventricle was found in any slice: these may not be short axes of a heart"


@runtime_checkable
class StackModel(Protocol):
    """A model that looks at all slices of a stack together."""

    def stack(self, clips: Sequence[ClipInput], tick: Tick) -> Sequence[ClipOutput]:
        """One output per slice; `tick` counts the phases of all slices."""


def propose(recording: Recording, reading: Reading, models: Models, tick: Tick) -> Proposal:
    """See Strategy; `tick` counts the phases of all slices."""
    model = models.short_axis()
    by = model.card.author
    clips = [slice_clip(cine) for cine in recording.cines]
    found = map(tracks_of, _outputs(model, clips, tick))
    edits: list[Edit] = [
        OnSlice(number, edit)
        for number, (one, tracks) in enumerate(zip(reading.slices, found, strict=True))
        if (edit := _of_slice(one, tracks))
    ]
    reading = applied(reading, edits, by)
    if not contoured(reading, Structure.LV_ENDO):
        none = event_edits(reading, None)
        return Proposal(Several("not measured", (*edits, *none, SetWithheld(NOT_FOUND))), by)
    if reading.withheld is not None:
        edits.append(SetWithheld(None))
    extent = proposed_extent(reading)
    ends: list[Edit] = [SetExtent(extent)]
    if extent is not None and (right := decided_right_base(reading, extent)) is not None:
        ends.append(SetRvBase(right))
    reading = applied(reading, ends, by)
    edits += [*ends, SetMuscle(measured_muscle(recording.cines, reading))]
    total = sum(len(clip.frames) for clip in clips)

    def all_done(*_: int) -> None:  # what follows takes little time compared with contouring: no progress is counted
        tick(total, total)

    edits += event_edits(reading, stack_phases(clips, reading, models, all_done))
    edits += slice_motion_edits(clips, reading, models, all_done)
    return Proposal(Several(f"analysed by {model.card.name} {model.card.version}", tuple(edits)), by)


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
    return Several("contours", edits) if edits else None
