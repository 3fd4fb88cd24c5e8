"""The model for apical views: frames in, contours of ventricle, wall and atrium out."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import ModelCard, load_card
from kinecor_models.contract import ClipInput, ClipOutput, Points, Tick
from kinecor_models.engines.engine import Device, Engine, open_engine
from kinecor_models.framing import grey, sector_box
from kinecor_models.grid import Grid, fitted
from kinecor_models.outlines import outlines
from kinecor_models.smoothing import moving_average
from kinecor_models.weights import load_weights

STRUCTURES = ("lv_endo", "lv_epi", "la")

# Probabilities are blurred over this many network pixels (standard deviation of a Gaussian) before contours are drawn:
# experts draw smoothly, and on CAMUS valid it brings the LV 0.0003 (ED) and 0.0008 (ES) of Dice.
BLUR_PX = 1.5
# The overlap that probabilities promise is raised to this power: a network is surer of itself than it should be. On
# CAMUS valid this brings the mean confidence of each structure within 0.01 of its mean Dice.
CONFIDENCE_POWER = 2.0


class ApicalModel:
    """Segments each frame by the base network of paper 000 and smooths over time.

    Args:
        card: names the weights.
        engine: runs the network.
        smooth: whether probabilities are averaged over time (see smoothing.py).

    """

    def __init__(self, card: ModelCard, engine: Engine, *, smooth: bool = True) -> None:
        self._card, self._engine, self._smooth = card, engine, smooth

    @property
    def card(self) -> ModelCard:
        """What the model is."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Contours of every frame; `tick` is called after each frame that the network has seen."""
        grid = fitted(sector_box(clip), self._card.size, clip.aspect)
        found = self._probabilities(clip, grid, tick)
        contours: dict[str, list[Points | None]] = {name: [] for name in STRUCTURES}
        confidence: dict[str, list[float]] = {name: [] for name in STRUCTURES}
        for probability in moving_average(found, clip.interval_s) if self._smooth else found:
            frame = outlines(probability, STRUCTURES, BLUR_PX)
            for name in STRUCTURES:
                contours[name].append(frame.contours[name])
                confidence[name].append(frame.confidence[name] ** CONFIDENCE_POWER)
        sure = {name: np.array(values, np.float32) for name, values in confidence.items()}
        return ClipOutput(contours, sure, grid)

    def _probabilities(self, clip: ClipInput, grid: Grid, tick: Tick) -> Iterator[NDArray[np.float32]]:
        total = len(clip.frames)
        tick(0, total)
        for frame in range(total):
            yield self._engine(grid.sampled(grey(clip.frames[frame])))
            tick(frame + 1, total)


def open_apical(name: str, device: Device = "auto", *, smooth: bool = True) -> ApicalModel:
    """The model `name`, with the weights its card pins, ready to run.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return ApicalModel(card, open_engine(load_weights(card), card.size, device), smooth=smooth)
