"""How the pictures of a short-axis stack move, slice by slice, as edits: what its strain is followed by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kinecor.analysis.motion import motion_edits
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading
from kinecor.session.edits import OnSlice
from kinecor_models.contract import ClipInput, Frames, Picture


@dataclass(frozen=True, eq=False)
class Round:
    """The frames of a gated cycle with the first one again at the end, so that motion is looked for round and round."""

    once: Frames

    def __len__(self) -> int:
        """One more than the cycle has."""
        return len(self.once) + 1

    def __getitem__(self, frame: int) -> Picture:
        """Frame number `frame`; the last is the first."""
        return self.once[frame % len(self.once)]


def stack_motion_edits(
    clips: Sequence[ClipInput], reading: Reading, tick: Tick, *, device: str = "auto"
) -> list[OnSlice]:
    """Motion around the wall of each contoured slice, with a last pair that leads back to the first phase.

    Args:
        clips: the pictures, one a slice.
        reading: of the stack, with contours of this analysis.
        tick: called after each frame with how many of all are done; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".

    """
    total = sum(len(clip.frames) + 1 for clip in clips)
    edits, done = [], 0

    def counting_on(begun: int) -> Tick:
        return lambda now, _: tick(begun + now, total)

    for number, (clip, one) in enumerate(zip(clips, reading.slices, strict=True)):
        whole = replace(clip, frames=Round(clip.frames)) if len(clip.frames) > 1 else clip
        found = motion_edits(whole, one, counting_on(done), device=device, short_axis_mri=True)
        edits += [OnSlice(number, edit) for edit in found]
        done += len(clip.frames) + 1
    return edits
