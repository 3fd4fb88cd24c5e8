"""ED and ES without contours: a clip in, the curve of TempReg-Net (Kong 2016) and its events out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import ModelCard, Tensors, load_card, load_weights
from kinecor_models.contract import ClipInput, Grid, Tick, fitted
from kinecor_models.engines.engine import CurveEngine, Device, open_curve_engine
from kinecor_models.localisation.framing import grey, levels, sector_box, stretched
from kinecor_models.localisation.heart_finding import Heart, close_grid, moving, some_frames
from kinecor_models.phases.events import Late, PhaseEvents, found_events

NETWORK_RATE_PER_S = 30.0
"""Clips of twice this rate or more are analysed in interleaved parts of about this rate."""
_LOOKED_AT = 8
LATE = "late"


@dataclass(frozen=True, eq=False)
class PhaseOutput:
    """The phase curve of a clip and its events.

    Attributes:
        curve: (frames,) float32, about 1 at ED and 0 at ES; it has the shape of a volume curve, without a unit.
        events: ED and ES of every beat, in frames and parts of a frame.
        grid: the part of the image that was used.

    """

    curve: NDArray[np.float32]
    events: PhaseEvents
    grid: Grid


@dataclass(frozen=True, eq=False)
class StackPhases:
    """What was found in a stack.

    Attributes:
        curves: by slice, (phases,) float32.
        curve: (phases,) float32, that of all slices together.
        events: its ED and ES.

    """

    curves: tuple[NDArray[np.float32], ...]
    curve: NDArray[np.float32]
    events: PhaseEvents


class PhaseModel:
    """Regresses the phase of the heart beat frame by frame.

    Args:
        card: names the weights.
        engine: runs the network.
        late: frames by which its EDs and ESs come too late, see phase_events.found_events.

    """

    def __init__(self, card: ModelCard, engine: CurveEngine, late: Late = (0.0, 0.0)) -> None:
        self._card, self._engine, self._late = card, engine, late

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
            heart: where it is in a short axis, if that is known; else it is searched for where the image moves.

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
        return PhaseOutput(curve, self._events(curve, clip.interval_s, closed=closed), grid)

    def stack(
        self, clips: Sequence[ClipInput], tick: Tick, hearts: Sequence[Heart | None] | None = None
    ) -> StackPhases:
        """Curves of all slices of a short-axis stack over one gated cycle, and ED and ES of the heart as a whole.

        Args:
            clips: one a slice, of equally many frames.
            tick: counts the frames of all slices.
            hearts: where the heart is in each slice, as far as that is known.

        Raises:
            ValueError: no slice, or slices of different lengths.

        """
        lengths = {len(clip.frames) for clip in clips}
        if len(lengths) != 1:
            raise ValueError(f"expected slices of one number of frames, got {sorted(lengths)}")
        each, total = lengths.pop(), sum(len(clip.frames) for clip in clips)
        curves = []
        for number, clip in enumerate(clips):

            def counted(done: int, _: int, before: int = number * each) -> None:
                tick(before + done, total)

            heart = hearts[number] if hearts is not None else None
            curves.append(self(clip, counted, short_axis=True, closed=True, heart=heart).curve)
        together = whole_curve(curves)
        return StackPhases(tuple(curves), together, self._events(together, clips[0].interval_s, closed=True))

    def _events(self, curve: NDArray[np.float32], interval_s: float, *, closed: bool) -> PhaseEvents:
        return found_events(curve.astype(np.float64), interval_s, closed=closed, late=self._late)

    def _grid(self, clip: ClipInput, short_axis: bool, heart: Heart | None) -> Grid:
        if not short_axis:
            return fitted(sector_box(clip), self._card.size, clip.aspect)
        frames = some_frames(clip, _LOOKED_AT)
        rows, columns = frames[0].shape
        # Its extent is not used: the network was trained on hearts at about one scale.
        found = replace(heart or moving(frames), extent_px=0.0)
        return close_grid(clip, found, self._card.size, (rows, columns))


def whole_curve(curves: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mean of slices' curves (phases,), each weighted by its range: a slice beyond the apex has little."""
    weights = np.array([np.ptp(curve) for curve in curves])
    if not weights.any():
        weights[:] = 1
    return np.asarray(np.average(np.stack(curves), axis=0, weights=weights), np.float32)


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


def without_late(weights: Tensors) -> tuple[Tensors, Late]:
    """The network's weights, and the frames by which its events come too late, which are shipped as tensor LATE."""
    ed, es = weights.get(LATE, np.zeros(2))
    return {key: value for key, value in weights.items() if key != LATE}, (float(ed), float(es))


def open_phases(name: str, device: Device = "auto") -> PhaseModel:
    """The model `name`, with the weights its card pins, ready to run; see on_best_device.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: "cuda" was requested and is not available.

    """
    card = load_card(name)
    weights, late = without_late(load_weights(card))
    return PhaseModel(card, open_curve_engine(weights, card.size, device), late)
