"""Apical views by the networks of papers 000 (ConvLSTM) and 001 (RAL), which look at frames in their order.

Held against the default model they are for comparison: see their cards. They run by torch.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import ModelCard, load_card
from kinecor_models.contours.apical import BLUR, STRUCTURES
from kinecor_models.contours.outlines import Outlines, gathered, outlines
from kinecor_models.contours.smoothing import moving_average
from kinecor_models.contract import ClipInput, ClipOutput, Tick
from kinecor_models.engines.engine import Device, on_best_device
from kinecor_models.grid import Grid, fitted
from kinecor_models.localisation.framing import grey, sector_box
from kinecor_models.views.classes import APICAL
from kinecor_models.weights import load_weights

if TYPE_CHECKING:
    from kinecor_models.nets.sequence_net import SequenceNet
    from kinecor_models.nets.temporal_unet import State

Field = NDArray[np.float32]
PART = 8
"""Frames that a network which streams is given at a time."""


class SequenceModel:
    """Segments the frames of a clip one after the other, each in the light of those before.

    Args:
        card: names the weights, and gives the side of the network's square.
        net: ready to infer.
        device: where it runs: "cpu" or "cuda".
        view: what is told to a network with a view flag where the clip does not say.
        average: whether probabilities are averaged over time (smoothing.py).

    """

    def __init__(
        self, card: ModelCard, net: "SequenceNet", device: str = "cpu", *, view: str = "A4C", average: bool = False
    ) -> None:
        self._card, self._net, self._device = card, net, device
        self._view, self._average = view, average

    @property
    def card(self) -> ModelCard:
        """What the model is."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Contours of every frame, and the view where the network names one; `tick` is called as each is read."""
        size = self._card.size
        grid = fitted(sector_box(clip), size, clip.aspect)
        named: list[Field] = []
        tick(0, len(clip.frames))
        found = self._probabilities(clip, grid, named, tick)
        held = moving_average(found, clip.interval_s) if self._average else found
        contours, confidence = gathered(map(self.drawn, held), STRUCTURES)
        best = APICAL[int(np.mean(named, axis=0).argmax())] if named else None
        return ClipOutput(contours, confidence, grid, best)

    def live(self, grid: Grid, view: str | None = None) -> "LiveSequence":
        """Contours of a live source frame by frame, the same as of the whole clip.

        Args:
            grid: where the ultrasound sector lies, of side `card.size` (see grid.fitted).
            view: the source's, told to a network with a view flag; None as the model was made.

        Raises:
            ValueError: the network looks at frames to come, or the model averages over them.

        """
        if not self._net.shape.streams or self._average:
            raise ValueError(
                f"frames one by one need a network that looks back only, and no averaging; {self._card.name} looks at "
                "frames to come: give it whole clips"
            )
        return LiveSequence(self, grid, view)

    def answer(
        self, pictures: NDArray[np.uint8], state: "State | None", view: str | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32] | None, "State"]:
        """What the network says of the next frames.

        Args:
            pictures: (t, size, size) grey levels.
            state: what it handed on after the frames before; None at a clip's beginning.
            view: told to a network with a view flag; None as the model was made.

        Returns:
            (t, 4, size, size) probabilities; (t, 3) of the views in APICAL, or None; and the state to go on from.

        """
        import torch

        told = torch.tensor([APICAL.index(view if view in APICAL else self._view)], device=self._device)
        half = self._device == "cuda"
        with torch.inference_mode(), torch.autocast(self._device, torch.float16, enabled=half):
            frames = torch.from_numpy(pictures)[None, :, None].to(self._device).float() / 255
            scores, views, after = self._net(frames, told, state or None)
            probabilities = torch.softmax(scores[0].float(), dim=1).cpu().numpy()
            named = None if views is None else torch.softmax(views[0].float(), dim=1).cpu().numpy()
        return probabilities, named, after

    def drawn(self, probability: Field) -> Outlines:
        """Contours of one frame's probabilities (4, size, size)."""
        # Blurred as the default model's, in the same share of the picture.
        return outlines(probability, STRUCTURES, BLUR * self._card.size)

    def _probabilities(self, clip: ClipInput, grid: Grid, named: list[Field], tick: Tick) -> Iterator[Field]:
        """(4, size, size) of every frame; views go to `named`. What streams is given a few frames at a time."""
        total = len(clip.frames)
        part, state = (PART if self._net.shape.streams else total), None
        for first in range(0, total, part):
            last = min(first + part, total)
            pictures = np.zeros((last - first, grid.size, grid.size), np.uint8)
            for frame in range(first, last):
                pictures[frame - first] = grid.sampled(grey(clip.frames[frame]))
                tick(frame + 1, total)
            probabilities, views, state = self.answer(pictures, state, clip.view)
            named += [] if views is None else list(views)
            yield from probabilities


class LiveSequence:
    """Contours of frames as they come; see SequenceModel.live."""

    def __init__(self, model: SequenceModel, grid: Grid, view: str | None) -> None:
        self._model, self._grid, self._view = model, grid, view
        self._state: State | None = None

    def __call__(self, frame: NDArray[np.uint8]) -> Outlines:
        """Contours, on the grid, of the next frame: (rows, columns) or (rows, columns, 3) uint8."""
        return self._model.drawn(self.probability(frame))

    def probability(self, frame: NDArray[np.uint8]) -> Field:
        """(4, size, size) of the next frame, in place of its contours: either takes the frame in."""
        picture = self._grid.sampled(grey(frame))[None]
        (found,), _, self._state = self._model.answer(picture, self._state, self._view)
        return np.asarray(found, np.float32)


def open_sequence(name: str, device: Device = "auto") -> SequenceModel:
    """The model `name`, with the weights and the settings of its card, ready to run.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    import torch

    from kinecor_models.engines.torch_weights import with_weights
    from kinecor_models.nets.sequence_net import SequenceNet, shape_from

    card = load_card(name)
    net = with_weights(SequenceNet(shape_from(card.settings)), load_weights(card))
    return on_best_device(
        device,
        lambda: SequenceModel(card, net.to("cuda"), "cuda") if torch.cuda.is_available() else None,
        lambda: SequenceModel(card, net),
    )
