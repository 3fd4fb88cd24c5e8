"""Motion in the images of a loop or of a stack's slices, as edits: strain is measured along it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.models import Models
from kinecor.core.values.errors import Tick
from kinecor.core.values.motion import Motion
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.session.edits import OnSlice, SetMotion
from kinecor_models.contract import ClipInput, Frames, Image
from kinecor_models.motion.model import MotionModel, MotionOutput

_SIDE = 32
"""Nodes stored along a side, at most: with four times as many strain is no better, and the file larger."""


@dataclass(frozen=True, eq=False)
class Round:
    """The frames of a gated cycle with the first one again at the end, so that motion leads back to it."""

    once: Frames

    def __len__(self) -> int:
        """One more than the cycle has."""
        return len(self.once) + 1

    def __getitem__(self, frame: int) -> Image:
        """Frame number `frame`; the last is the first."""
        return self.once[frame % len(self.once)]


def motion_edits(clip: ClipInput, reading: Reading, models: Models, tick: Tick) -> list[SetMotion]:
    """Motion around the contoured wall; where there is no wall, earlier motion is removed.

    Args:
        clip: the images.
        reading: with contours of this analysis; its kind says which motion model is used.
        models: to analyse with.
        tick: called after each frame; raises Cancelled to end the work.

    """
    walls = [reading.tracks.get(one) for one in (Structure.LV_ENDO, Structure.LV_EPI)]
    there = [one for one in walls if one is not None]
    found = motion_of(clip, there, models.motion(reading.kind.motion), tick) if len(there) == len(walls) else None
    if found is None:
        return [SetMotion(None)] if reading.motion is not None else []
    return [SetMotion(found)]


def slice_motion_edits(clips: Sequence[ClipInput], reading: Reading, models: Models, tick: Tick) -> list[OnSlice]:
    """Motion around the wall of each contoured slice of a stack; the last pair of frames leads back to the first phase.

    Args:
        clips: the images, one clip per slice.
        reading: of the stack, with contours of this analysis.
        models: to analyse with.
        tick: called after each frame with how many of all are done; raises Cancelled to end the work.

    """
    total = sum(len(clip.frames) + 1 for clip in clips)
    edits, done = [], 0

    def counting_on(begun: int) -> Tick:
        return lambda now, _: tick(begun + now, total)

    for number, (clip, one) in enumerate(zip(clips, reading.slices, strict=True)):
        whole = replace(clip, frames=Round(clip.frames)) if len(clip.frames) > 1 else clip
        edits += [OnSlice(number, edit) for edit in motion_edits(whole, one, models, counting_on(done))]
        done += len(clip.frames) + 1
    return edits


def motion_of(clip: ClipInput, around: Sequence[ContourTrack], model: MotionModel, tick: Tick) -> Motion | None:
    """Motion around contours, or None where there are none, or a single frame."""
    box = _box(around)
    if len(clip.frames) < 2 or box is None:
        return None
    return in_pixels(model(clip, tick, box), model.author)


def in_pixels(output: MotionOutput, by: str = "") -> Motion:
    """Motion on the recording's own grid, coarser than the model's: each node the mean over its surroundings."""
    rows, columns = output.error.shape[1:]
    every = -(-max(rows, columns) // _SIDE)
    grid = output.grid
    origin = grid.to_image(output.nodes[:every, :every].mean(axis=(0, 1))[None])[0]
    across, down = grid.step_px
    moved = _coarser(output.displacement, every) * np.array([across, down], np.float32)
    error = _coarser(output.error, every) * np.float32((across + down) / 2)
    step = every * float(output.nodes[0, 1, 0] - output.nodes[0, 0, 0])
    return Motion((float(origin[0]), float(origin[1])), (step * across, step * down), moved, error, by)


def _coarser(field: NDArray[np.float32], every: int) -> NDArray[np.float32]:
    """Means of (t, rows, columns, ...) over squares of nodes."""
    rows, columns = (side // every for side in field.shape[1:3])
    cut = field[:, : rows * every, : columns * every]
    squares = cut.reshape(len(field), rows, every, columns, every, *field.shape[3:])
    return np.asarray(squares.mean(axis=(2, 4)), np.float32)


def _box(tracks: Iterable[ContourTrack]) -> tuple[float, float, float, float] | None:
    """(x0, y0, x1, y1) that holds all contours, in pixels."""
    points = [contour.points for track in tracks for contour in track.contours if contour is not None]
    if not points:
        return None
    every = np.concatenate(points)
    (x0, y0), (x1, y1) = every.min(axis=0), every.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)
