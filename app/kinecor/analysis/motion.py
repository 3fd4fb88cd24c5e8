"""How a loop's picture moves, as an edit: what strain is followed by."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.models import opened_motion
from kinecor.core.values.errors import Tick
from kinecor.core.values.motion import Motion
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.session.edits import SetMotion
from kinecor_models.contract import ClipInput
from kinecor_models.motion.model import MotionOutput

_SIDE = 32
"""Nodes that are kept along a side, at most: with four times as many strain is no better, and the file larger."""


def motion_edits(
    clip: ClipInput, reading: Reading, tick: Tick, *, device: str = "auto", short_axis_mri: bool = False
) -> list[SetMotion]:
    """Motion around the contoured wall, or none where there is no wall; nothing to do where there was none before.

    Args:
        clip: the pictures.
        reading: with contours of this analysis.
        tick: called after each frame; raises Cancelled to end the work.
        device: "auto", "cpu" or "cuda".
        short_axis_mri: see motion_of.

    """
    walls = [reading.tracks.get(one) for one in (Structure.LV_ENDO, Structure.LV_EPI)]
    there = [one for one in walls if one is not None]
    found = (
        motion_of(clip, there, tick, device=device, short_axis_mri=short_axis_mri) if len(there) == len(walls) else None
    )
    if found is None:
        return [SetMotion(None)] if reading.motion is not None else []
    return [SetMotion(found)]


def motion_of(
    clip: ClipInput, around: Sequence[ContourTrack], tick: Tick, *, device: str = "auto", short_axis_mri: bool = False
) -> Motion | None:
    """Motion around what is outlined, or None where nothing is, or where there is a single frame.

    Loops are followed by dense inverse search, `short_axis_mri` by paper 004's network, since each was the better there
    (`kinecor evaluate flow`, `kinecor evaluate short-axis-strain`); on long axes the network sees too little motion.
    """
    box = _box(around)
    if len(clip.frames) < 2 or box is None:
        return None
    model = opened_motion("network" if short_axis_mri else "dis", device)
    return in_pixels(model(clip, tick, box), model.author)


def in_pixels(output: MotionOutput, by: str = "") -> Motion:
    """Motion on the picture's own grid, coarser than the model's: each node the mean over its surroundings."""
    rows, columns = output.error.shape[1:]
    every = -(-max(rows, columns) // _SIDE)
    grid = output.grid
    origin = grid.to_picture(output.nodes[:every, :every].mean(axis=(0, 1))[None])[0]
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
