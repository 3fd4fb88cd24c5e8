"""The model for short-axis cine MRI: one slice's phases in, contours of both ventricles out."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import ModelCard, load_card
from kinecor_models.closed_outlines import STRUCTURES, closed_outlines
from kinecor_models.contract import ClipInput, ClipOutput, Points, Tick
from kinecor_models.cycle_smoothing import lone, round_the_cycle
from kinecor_models.engines.engine import Device, Engine, open_engine
from kinecor_models.framing import grey
from kinecor_models.grid import Grid
from kinecor_models.heart_finding import Heart, close_grid, find
from kinecor_models.hearts_of_stack import agreed
from kinecor_models.stretch import levels, stretched
from kinecor_models.weights import load_weights

# Probabilities are blurred over this many network pixels (standard deviation of a Gaussian) before contours are drawn.
BLUR_PX = 0.7
# Quarter turns at which each frame is looked at; the answers are turned back and averaged.
TURNS = (0, 1)
# The overlap that probabilities promise is raised to this power: a network is surer of itself than it should be.
CONFIDENCE_POWER = 1.0
# What is found with less confidence than this is not given.
LEAST_CONFIDENCE = 0.5


class SaxModel:
    """Finds the heart, looks at it closely at every phase, and smooths round the cycle.

    Args:
        card: names the weights.
        engine: runs the network.
        smooth: whether probabilities are averaged with those of neighbouring phases (see cycle_smoothing.py).
        turns: quarter turns at which each frame is looked at; each costs a pass of the network.

    """

    def __init__(self, card: ModelCard, engine: Engine, *, smooth: bool = True, turns: Sequence[int] = TURNS) -> None:
        self._card, self._engine, self._smooth, self._turns = card, engine, smooth, tuple(turns)

    @property
    def card(self) -> ModelCard:
        """What the model is."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Contours "lv_endo", "lv_epi" and "rv" of every phase of one slice; `tick` is called after each.

        Frames are taken as one cardiac cycle, the last before the first. Contours are closed, clockwise on the screen,
        96 points each (see closed_outlines.from_the_right); None where the slice has no such structure at that phase.
        """
        tick(0, len(clip.frames))
        return self._contours(clip, find(clip, self._engine, self._card.size), tick)

    def stack(self, clips: Sequence[ClipInput], tick: Tick) -> list[ClipOutput]:
        """The same for all slices of a stack, in order from one end to the other.

        Neighbours help to find the heart where a slice alone does not tell, beyond base and apex above all. `tick`
        counts the phases of all slices.
        """
        total, done = sum(len(clip.frames) for clip in clips), 0
        tick(0, total)
        hearts = agreed([find(clip, self._engine, self._card.size) for clip in clips])
        out = []
        for clip, heart in zip(clips, hearts, strict=True):
            out.append(self._contours(clip, heart, _counting_on(tick, done, total)))
            done += len(clip.frames)
        return out

    def _contours(self, clip: ClipInput, heart: Heart, tick: Tick) -> ClipOutput:
        found, grid = self._probabilities(clip, heart, tick)
        contours: dict[str, list[Points | None]] = {name: [] for name in STRUCTURES}
        confidence: dict[str, list[float]] = {name: [] for name in STRUCTURES}
        for probability in round_the_cycle(found) if self._smooth else found:
            frame = closed_outlines(probability, BLUR_PX)
            for name in STRUCTURES:
                sure = frame.confidence[name] ** CONFIDENCE_POWER
                believed = sure >= LEAST_CONFIDENCE
                contours[name].append(frame.contours[name] if believed else None)
                confidence[name].append(sure if believed else 0.0)
        for name in STRUCTURES:
            for frame_number in lone([points is not None for points in contours[name]]):
                contours[name][frame_number], confidence[name][frame_number] = None, 0.0
        return ClipOutput(contours, {name: np.array(sure, np.float32) for name, sure in confidence.items()}, grid)

    def _probabilities(self, clip: ClipInput, heart: Heart, tick: Tick) -> tuple[list[NDArray[np.float32]], Grid]:
        """Of every phase, (4, size, size), and where the square lies."""
        total = len(clip.frames)
        rows, columns = clip.frames[0].shape[:2]
        grid = close_grid(clip, heart, self._card.size, (rows, columns))
        squares = [grid.sampled(grey(clip.frames[frame])) for frame in range(total)]
        # One stretch for all phases, so that none flickers against the next.
        low, high = levels(np.stack(squares[:: max(1, total // 6)]))
        found = []
        for number, square in enumerate(squares):
            found.append(self._looked_at(stretched(square, low, high)))
            tick(number + 1, total)
        return found, grid

    def _looked_at(self, square: NDArray[np.uint8]) -> NDArray[np.float32]:
        looks = []
        for turn in self._turns:
            answer = self._engine(np.ascontiguousarray(np.rot90(square, turn)))
            looks.append(np.rot90(answer, -turn, axes=(1, 2)))
        total: NDArray[np.float32] = np.ascontiguousarray(looks[0])
        for other in looks[1:]:
            total = total + other
        return total / np.float32(len(looks))


def _counting_on(tick: Tick, before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _: tick(before + done, total)


def open_sax(name: str, device: Device = "auto", *, smooth: bool = True) -> SaxModel:
    """The model `name`, with the weights its card pins, ready to run.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return SaxModel(card, open_engine(load_weights(card), card.size, device), smooth=smooth)
