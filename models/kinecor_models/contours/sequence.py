"""Apical views by the networks of Smistad (ConvLSTM) and Li 2019 (RAL), which process frames in order.

For comparison with the default model, see their cards.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.apical import BLUR, STRUCTURES
from kinecor_models.contours.outlines import Outlines, gather_outlines, outlines
from kinecor_models.contours.smoothing import moving_average
from kinecor_models.contract import ClipInput, ClipOutput, Grid, ModelCard, Tick, fit_grid, load_card, load_weights
from kinecor_models.engines.engine import Device
from kinecor_models.engines.sequence import SequenceEngine, State, open_sequence_engine
from kinecor_models.localisation.framing import grey, sector_box
from kinecor_models.views.classes import APICAL

Field = NDArray[np.float32]
PART = 8
"""Frames per call of a network that streams."""


class SequenceModel:
    """Segments the frames of a clip one after the other, each with the memory of those before.

    Args:
        card: names the weights, and gives the side of the network's square.
        engine: runs the network.
        view: assumed for a network with a view flag where the clip's view is not known.
        average: whether probabilities are averaged over time (smoothing.py).

    """

    def __init__(self, card: ModelCard, engine: SequenceEngine, *, view: str = "A4C", average: bool = False) -> None:
        self._card, self._engine, self._view, self._average = card, engine, view, average

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Contours of every frame, and the view where the network names one; `tick` is called as each is read."""
        size = self._card.size
        grid = fit_grid(sector_box(clip), size, clip.aspect)
        named: list[Field] = []
        tick(0, len(clip.frames))
        found = self._probabilities(clip, grid, named, tick)
        smooth = moving_average(found, clip.interval_s) if self._average else found
        contours, confidence = gather_outlines(map(self.drawn, smooth), STRUCTURES)
        best = APICAL[int(np.mean(named, axis=0).argmax())] if named else None
        return ClipOutput(contours, confidence, grid, best)

    def live(self, grid: Grid, view: str | None = None) -> "LiveSequence":
        """Contours of a live source frame by frame, the same as of the whole clip.

        Args:
            grid: position of the ultrasound sector, of side `card.size` (see grid.fitted).
            view: the source's, for a network with a view flag; None for the model's default.

        Raises:
            ValueError: the network needs future frames, or the model averages over them.

        """
        if not self._engine.streams or self._average:
            raise ValueError(
                f"frames one by one need a network that looks back only, and no averaging; {self._card.name} looks at "
                "frames to come: give it whole clips"
            )
        return LiveSequence(self, grid, view)

    def answer(
        self, images: NDArray[np.uint8], state: State, view: str | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, State]:
        """The network's answers for the next frames; see SequenceEngine.

        Args:
            images: (t, size, size) grey levels.
            state: of the frames before; None at a clip's beginning.
            view: for a network with a view flag; None for the model's default.

        """
        return self._engine(images, state, view if view in APICAL else self._view)

    def drawn(self, probability: Field) -> Outlines:
        """Contours of one frame's probabilities (4, size, size).

        Args:
            probability: of background, cavity, wall and atrium.

        """
        # Blurred as the default model's, by the same share of the image.
        return outlines(probability, STRUCTURES, BLUR * self._card.size)

    def _probabilities(self, clip: ClipInput, grid: Grid, named: list[Field], tick: Tick) -> Iterator[Field]:
        """(4, size, size) of every frame; views go to `named`. A network that streams gets a few frames at a time."""
        total = len(clip.frames)
        part, state = (PART if self._engine.streams else total), None
        for first in range(0, total, part):
            last = min(first + part, total)
            images = np.zeros((last - first, grid.size, grid.size), np.uint8)
            for frame in range(first, last):
                images[frame - first] = grid.sampled(grey(clip.frames[frame]))
                tick(frame + 1, total)
            probabilities, views, state = self.answer(images, state, clip.view)
            named += [] if views is None else list(views)
            yield from probabilities


class LiveSequence:
    """Contours of frames as they come; see SequenceModel.live."""

    def __init__(self, model: SequenceModel, grid: Grid, view: str | None) -> None:
        self._model, self._grid, self._view = model, grid, view
        self._state: State = None

    def __call__(self, frame: NDArray[np.uint8]) -> Outlines:
        """Contours, on the grid, of the next frame: (rows, columns) or (rows, columns, 3) uint8."""
        return self._model.drawn(self.probability(frame))

    def probability(self, frame: NDArray[np.uint8]) -> Field:
        """(4, size, size) of the next frame, instead of its contours: either advances by one frame.

        Args:
            frame: the next image, grey or RGB.

        """
        image = self._grid.sampled(grey(frame))[None]
        (found,), _, self._state = self._model.answer(image, self._state, self._view)
        return np.asarray(found, np.float32)


def open_sequence(name: str, device: Device = "auto") -> SequenceModel:
    """The model `name`, with the weights and the settings of its card, ready to run.

    Args:
        name: of the card.
        device: "auto", "cpu" or "cuda".

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return SequenceModel(card, open_sequence_engine(card, load_weights(card), device))
