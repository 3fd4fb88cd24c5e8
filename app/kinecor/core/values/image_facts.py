"""What the images of a recording show whatever is concluded of them: damaged, repeated and lost frames, the beat."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.recording import Region

LEAST_FROZEN = 2
"""Repeated frames one after the other from which the picture counts as frozen."""


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """Measured once on all frames of a loop, before anything is concluded; of a stack, what compares its slices.

    Frames and slices are counted from 0 and increase.

    Attributes:
        measured: whether the images were looked at; all else is empty before.
        damaged: frames whose decoder warned, that cannot be decoded, or a part of which is out of place.
        repeated: frames that show the same picture as the frame before, while the heart moves.
        lost_after: frames after which the picture jumps as if others were lost, where the times show no gap.
        gap_after: frames after which the times step far more than usual.
        period_frames: length of the heart beat by the images alone, in frames; None where fewer than about 1.3 beats
            are seen, or the images do not show it clearly.
        still: whether nothing moves: one frame, or a picture that never changes.
        blank: whether the whole recording is of one grey.
        sector: bounds of the part of the picture that moves; None where nothing does.
        apex_up: of an echo sector, whether its narrow end is at the top; None where it cannot be seen.
        covered: share of the moving part that the calibrated region covers, 0 to 1; None where nothing moves.
        tick_px: (dx, dy) from one mark of a depth scale to the next below it; None where none is read surely.
        sector_aspect: height of a pixel over its width by the shape of the echo sector; None where that does not show
            it.
        same_slices: of a stack, pairs of slices with the same pixels.
        late_slices: of a stack, (slice, phases): slices whose motion comes that many phases later than the others',
            negative where earlier.

    """

    measured: bool = False
    damaged: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    lost_after: tuple[int, ...] = ()
    gap_after: tuple[int, ...] = ()
    period_frames: float | None = None
    still: bool = False
    blank: bool = False
    sector: Region | None = None
    apex_up: bool | None = None
    covered: float | None = None
    tick_px: tuple[float, float] | None = None
    sector_aspect: float | None = None
    same_slices: tuple[tuple[int, int], ...] = ()
    late_slices: tuple[tuple[int, int], ...] = ()

    @property
    def frozen(self) -> tuple[tuple[int, int], ...]:
        """(first, last) of each run of `LEAST_FROZEN` or more repeated frames."""
        runs: list[tuple[int, int]] = []
        starts = [b for a, b in pairwise((-2, *self.repeated)) if b != a + 1]
        for start in starts:
            last = start
            while last + 1 in self.repeated:
                last += 1
            if last - start + 1 >= LEAST_FROZEN:
                runs.append((start, last))
        return tuple(runs)

    def sound(self, frames: int) -> NDArray[np.bool_]:
        """(frames,) whether each frame can be measured: neither damaged nor repeated."""
        out = np.ones(frames, bool)
        out[[*self.damaged, *self.repeated]] = False
        return out


NOT_MEASURED = ImageFacts()


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What the images of a recording show: of the whole, and of a stack also of each slice in order."""

    whole: ImageFacts
    slices: tuple[ImageFacts, ...] = ()
