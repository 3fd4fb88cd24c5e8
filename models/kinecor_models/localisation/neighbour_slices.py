"""A slice with the slices before and after it, as input of a network that takes all three."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ClipInput
from kinecor_models.grid import Grid
from kinecor_models.localisation.framing import grey, levels, stretched

# Number of phases that the stretch of grey levels is computed from, about.
STRETCHED_BY = 6


class Neighbours(NamedTuple):
    """The slices before and after one, with the same geometry; None where there is no such slice."""

    before: ClipInput | None = None
    after: ClipInput | None = None


ALONE = Neighbours()


def neighbours_of_each(clips: Sequence[ClipInput]) -> list[Neighbours]:
    """The neighbours of every slice of a stack, in order; a neighbour with images of another size is left out."""
    out = []
    for number, clip in enumerate(clips):
        pair = (clips[i] if 0 <= i < len(clips) else None for i in (number - 1, number + 1))
        out.append(Neighbours(*(one if one is not None and _alike(one, clip) else None for one in pair)))
    return out


def _alike(one: ClipInput, other: ClipInput) -> bool:
    return one.frames[0].shape[:2] == other.frames[0].shape[:2] and one.aspect == other.aspect


def squares(clip: ClipInput, grid: Grid, frames: Sequence[int]) -> list[NDArray[np.uint8]]:
    """The (size, size) squares of some frames, with one stretch of grey levels for all, so that none flickers."""
    found = [grid.sampled(grey(clip.frames[frame])) for frame in frames]
    low, high = levels(np.stack(found[:: max(1, len(found) // STRETCHED_BY)]))
    return [stretched(square, low, high) for square in found]


def layers(
    clip: ClipInput, neighbours: Neighbours, grid: Grid, frames: Sequence[int], channels: int
) -> list[NDArray[np.uint8]]:
    """The network's input for some frames.

    Args:
        clip: the slice.
        neighbours: its neighbours; with the phase nearest in the cycle.
        grid: the part of the image, the same in all three.
        frames: numbers of the slice's frames.
        channels: 1 for a network that sees the slice alone, 3 for one that sees its neighbours.

    Returns:
        one (size, size) or (3, size, size) uint8 array a frame: before, itself, after; black where there is none.

    """
    own = squares(clip, grid, frames)
    if channels == 1:
        return own
    out = np.zeros((len(own), 3, grid.size, grid.size), np.uint8)
    out[:, 1] = own
    for channel, neighbour in ((0, neighbours.before), (2, neighbours.after)):
        if neighbour is not None:
            total = len(neighbour.frames)
            same = [round(frame * total / len(clip.frames)) % total for frame in frames]
            out[:, channel] = squares(neighbour, grid, same)
    return list(out)
