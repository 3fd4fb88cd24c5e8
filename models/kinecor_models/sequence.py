"""Apical views by the networks of papers 000 (ConvLSTM) and 001 (RAL), which look at frames in their order.

Held against the default model they are for comparison: see their cards. They run by torch.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kinecor_models.apical import BLUR_PX, STRUCTURES
from kinecor_models.card import ModelCard, load_card
from kinecor_models.contract import ClipInput, ClipOutput, Tick
from kinecor_models.engines.engine import Device, on_best_device
from kinecor_models.framing import grey, sector_box
from kinecor_models.grid import Grid, fitted
from kinecor_models.outlines import gathered, outlines
from kinecor_models.smoothing import moving_average
from kinecor_models.view_classes import APICAL
from kinecor_models.weights import load_weights

if TYPE_CHECKING:
    from kinecor_models.nets.sequence_net import SequenceNet

Field = NDArray[np.float32]
PART = 8
"""Frames that a network which streams is given at a time."""
# The base network's blur, of which it saw 256 pixels a side.
_BLURRED_OF_PX = 256


class SequenceModel:
    """Segments the frames of a clip one after the other, each in the light of those before.

    Args:
        card: names the weights, and gives the side of the network's square.
        net: ready to infer.
        device: where it runs: "cpu" or "cuda".
        view: what is told to a network with a view flag.
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
        # Blurred as the default model's, in the same share of the picture.
        blur_px = BLUR_PX * size / _BLURRED_OF_PX
        contours, confidence = gathered((outlines(one, STRUCTURES, blur_px) for one in held), STRUCTURES)
        best = APICAL[int(np.mean(named, axis=0).argmax())] if named else None
        return ClipOutput(contours, confidence, grid, best)

    def _probabilities(self, clip: ClipInput, grid: Grid, named: list[Field], tick: Tick) -> Iterator[Field]:
        """(4, size, size) of every frame; views go to `named`. What streams is given a few frames at a time."""
        import torch

        from kinecor_models.nets.temporal_unet import State

        total = len(clip.frames)
        view = torch.tensor([APICAL.index(self._view)], device=self._device)
        part, state = (PART if self._net.shape.streams else total), State()
        for first in range(0, total, part):
            last = min(first + part, total)
            pictures = np.zeros((last - first, grid.size, grid.size), np.uint8)
            for frame in range(first, last):
                pictures[frame - first] = grid.sampled(grey(clip.frames[frame]))
                tick(frame + 1, total)
            with torch.inference_mode():
                frames = torch.from_numpy(pictures)[None, :, None].to(self._device).float() / 255
                scores, views, state = self._net(frames, view, state or None)
                if views is not None:
                    named += list(torch.softmax(views[0].float(), dim=1).cpu().numpy())
                probabilities = torch.softmax(scores[0].float(), dim=1).cpu().numpy()
            yield from probabilities


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
