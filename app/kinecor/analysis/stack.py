"""A short-axis stack and a model make one proposed edit: contours of all slices, base and apex, ED and ES."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from kinecor.analysis.contours import in_pixels
from kinecor.analysis.models import opened_short_axis
from kinecor.analysis.papillaries import measured_muscle
from kinecor.analysis.phases import event_edits, stack_phases
from kinecor.analysis.proposal import Proposal
from kinecor.analysis.stack_motion import stack_motion_edits
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack import Stack
from kinecor.core.values.stack_reading import contoured
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.extent import proposed_extent
from kinecor.session.edits import Edit, OnSlice, RemoveTrack, SetExtent, SetMuscle, SetTrack, SetWithheld, Several
from kinecor_models.contract import ClipInput, ClipModel, ClipOutput

NOT_MRI = "slices of an ultrasound volume are not short axes of cine MRI"
NOT_FOUND = "no left ventricle was found in any slice: these may not be short axes of a heart"


@runtime_checkable
class StackModel(Protocol):
    """A model that looks at all slices of a stack together."""

    def stack(self, clips: Sequence[ClipInput], tick: Tick) -> Sequence[ClipOutput]:
        """One output per slice; `tick` counts the phases of all slices."""


def propose_stack(
    stack: Stack, reading: Reading, tick: Tick = no_tick, *, device: str = "auto", network: str | None = None
) -> Proposal:
    """What the models conclude about a stack; touches nothing.

    The proposal replaces all that a model concludes; slices that a reader excluded, the convention, the segments'
    origin and the body stay as they are.

    Args:
        stack: the recording.
        reading: what is concluded so far.
        tick: called after each phase of each slice; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".
        network: the name of the one that contours, where it is one for short axes; else the default does.

    Raises:
        KinecorError: no such model is at hand, it or the device cannot be used, or a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    if stack.slices[0].source.modality == "US":
        return Proposal(SetWithheld(NOT_MRI), "header")
    model = opened_short_axis(device, network)
    found = [in_pixels(one) for one in _outputs(model, stack, tick)]
    by = model.card.author
    edits: list[Edit] = [
        OnSlice(number, edit) for number, one in enumerate(found) if (edit := _of_slice(reading.slices[number], one))
    ]
    for edit in edits:
        reading = edit.apply(reading, by)
    if not contoured(reading, Structure.LV_ENDO):
        none = event_edits(reading, None)
        return Proposal(Several("not measured", (*edits, *none, SetWithheld(NOT_FOUND))), by)
    if reading.withheld is not None:
        edits.append(SetWithheld(None))
    extent = SetExtent(proposed_extent(reading))
    reading = extent.apply(reading, by)
    edits.append(extent)
    edits.append(SetMuscle(measured_muscle(stack, reading)))
    total = len(stack.slices) * stack.phases
    clips = [clip_of(stack, number) for number in range(len(stack.slices))]
    edits += event_edits(reading, stack_phases(clips, reading, lambda *_: tick(total, total), device=device))
    edits += stack_motion_edits(clips, reading, lambda *_: tick(total, total), device=device)
    return Proposal(Several(f"analysed by {model.card.name} {model.card.version}", tuple(edits)), by)


def _outputs(model: ClipModel, stack: Stack, tick: Tick) -> Sequence[ClipOutput]:
    clips = [clip_of(stack, number) for number in range(len(stack.slices))]
    if isinstance(model, StackModel):
        return model.stack(clips, tick)
    total = len(clips) * stack.phases

    def counting_on(number: int) -> Tick:
        return lambda done, _: tick(number * stack.phases + done, total)

    return [model(clip, counting_on(number)) for number, clip in enumerate(clips)]


def clip_of(stack: Stack, number: int) -> ClipInput:
    """Slice `number` as models take it."""
    cine = stack.slices[number]
    scale = cine.calibration
    interval_s = float(np.median(np.diff(cine.times_s))) if len(cine) > 1 else 1.0
    aspect = scale.row_mm / scale.col_mm if scale else 1.0
    return ClipInput(cine.frames, None, aspect, interval_s, scale.col_mm if scale else None)


def _of_slice(before: Reading, tracks: Sequence[ContourTrack]) -> Edit | None:
    """What becomes of one slice: the structures found, and none that were there and are no longer found."""
    kept = [track for track in tracks if any(contour is not None for contour in track.contours)]
    gone = [structure for structure in before.tracks if structure not in {track.structure for track in kept}]
    edits: tuple[Edit, ...] = (*map(SetTrack, kept), *map(RemoveTrack, gone))
    return Several("contours", edits) if edits else None
