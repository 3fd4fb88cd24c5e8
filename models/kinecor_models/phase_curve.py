"""ED and ES without contours: a clip in, the curve of TempReg-Net (paper 003) and its events out."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import ModelCard
from kinecor_models.contract import ClipInput, Tick
from kinecor_models.engines.engine import CurveEngine
from kinecor_models.framing import grey, sector_box
from kinecor_models.grid import Grid, fitted
from kinecor_models.heart_finding import Heart, close_grid, moving, some_frames
from kinecor_models.phase_events import PhaseEvents, found_events
from kinecor_models.stretch import levels, stretched

NETWORK_RATE_PER_S = 30.0
"""Clips of twice this rate or more are looked at in interleaved parts of about this rate."""
_LOOKED_AT = 8


@dataclass(frozen=True, eq=False)
class PhaseOutput:
    """What was found.

    Attributes:
        curve: (frames,) float32, about 1 at ED and 0 at ES; it has the shape of a volume curve and no unit.
        events: ED and ES of every beat, in frames and parts of a frame.
        grid: what part of the picture was looked at.

    """

    curve: NDArray[np.float32]
    events: PhaseEvents
    grid: Grid


class PhaseModel:
    """Regresses the phase of the heart beat frame by frame.

    Args:
        card: names the weights.
        engine: runs the network.

    """

    def __init__(self, card: ModelCard, engine: CurveEngine) -> None:
        self._card, self._engine = card, engine

    @property
    def card(self) -> ModelCard:
        """What the model is."""
        return self._card

    def __call__(
        self, clip: ClipInput, tick: Tick, *, short_axis: bool = False, closed: bool = False, heart: Heart | None = None
    ) -> PhaseOutput:
        """The curve and the events of a clip.

        Args:
            clip: any number of frames, 10 to 120 a second; other rates are taken as they are.
            tick: called after each frame that was read; whatever it raises ends the work.
            short_axis: a short-axis MR slice, to be cut out around the heart; else an ultrasound sector.
            closed: the frames are one gated cycle, the last before the first: it has one ED and one ES.
            heart: where it lies in a short axis, if that is known; else it is looked for where the picture moves.

        """
        total = len(clip.frames)
        tick(0, total)
        grid = self._grid(clip, short_axis, heart)
        squares = np.zeros((total, grid.size, grid.size), np.uint8)
        for frame in range(total):
            squares[frame] = grid.sampled(grey(clip.frames[frame]))
            tick(frame + 1, total)
        if short_axis:
            low, high = levels(squares)
            squares = stretched(squares, low, high)
        curve = regressed(self._engine, squares, clip.interval_s, closed=closed)
        return PhaseOutput(curve, found_events(curve.astype(np.float64), clip.interval_s, closed=closed), grid)

    def _grid(self, clip: ClipInput, short_axis: bool, heart: Heart | None) -> Grid:
        if not short_axis:
            return fitted(sector_box(clip), self._card.size, clip.aspect)
        frames = some_frames(clip, _LOOKED_AT)
        rows, columns = frames[0].shape
        # Its extent is left out of account: the network has learned hearts at about one scale.
        found = replace(heart or moving(frames), extent_px=0.0)
        return close_grid(clip, found, self._card.size, (rows, columns))


def regressed(
    engine: CurveEngine, squares: NDArray[np.uint8], interval_s: float, *, closed: bool = False
) -> NDArray[np.float32]:
    """The curve of frames that are already cut out.

    Args:
        engine: runs the network.
        squares: (t, size, size) uint8.
        interval_s: time from frame to frame.
        closed: see PhaseModel.

    Returns:
        (t,) float32.

    """
    parts = 1 if closed else max(1, int(1 / (interval_s * NETWORK_RATE_PER_S)))
    parts = min(parts, max(1, len(squares) // 4))
    out = np.zeros(len(squares), np.float32)
    for first in range(parts):
        out[first::parts] = engine(np.ascontiguousarray(squares[first::parts]), closed)
    return out
