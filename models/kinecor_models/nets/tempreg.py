"""TempReg-Net of paper 003: frames to a curve that is highest at ED and lowest at ES.

An encoder looks at each frame, an LSTM follows what it sees over time, a linear layer gives one number a frame. As
printed, the LSTM runs forwards and a grey frame stands three times in the encoder's three channels. Our own variant
puts the frames before and after into the other two, so that motion is seen directly, and runs in both directions: a
recording lies there whole, and that ED is a maximum shows only afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn

from kinecor_models.nets.tempreg_encoders import LIGHT_FEATURES, LIGHT_FILTERS, ZF_FEATURES, LightEncoder, ZfEncoder
from kinecor_models.nets.tempreg_lstm import PrintedLstm

Encoder = Literal["zf", "light"]
Memory = Literal["none", "printed", "both ways"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Which network.

    Attributes:
        encoder: see tempreg_encoders.py.
        memory: "none" regresses each frame alone, "printed" is the paper's LSTM, "both ways" an LSTM either way.
        neighbours: whether the frames before and after stand in the other channels, else the frame itself.
        hidden: numbers in memory, of each direction.
        filters, features: of the encoder.

    """

    encoder: Encoder = "light"
    memory: Memory = "both ways"
    neighbours: bool = True
    hidden: int = 96
    filters: tuple[int, ...] = LIGHT_FILTERS
    features: int = LIGHT_FEATURES


def narrowed(shape: Shape, by: int) -> Shape:
    """A shape with filters, features and memory divided, so that it trains on a processor.

    Raises:
        ValueError: something would be left with nothing.

    """
    if not 1 <= by <= min(*shape.filters, shape.features, shape.hidden):
        raise ValueError(f"expected to divide by 1 to {min(*shape.filters, shape.features, shape.hidden)}, got {by}")
    filters = tuple(many // by for many in shape.filters)
    return replace(shape, filters=filters, features=shape.features // by, hidden=shape.hidden // by)


def shape_from(fields: Mapping[str, Any]) -> Shape:
    """A Shape from its fields as JSON or a checkpoint hold them."""
    return Shape(**{**fields, "filters": tuple(fields["filters"])})


def shape_of(weights: Mapping[str, Any]) -> Shape:
    """The Shape of a light network that runs both ways, read off the sizes of its weights."""
    convolutions = [
        value.shape[0] for name, value in weights.items() if name.startswith("encoder.maps") and value.ndim == 4
    ]
    # The first level has one convolution, the others have two.
    filters = (convolutions[0], *convolutions[1::2])
    return Shape(
        hidden=weights["memory.weight_hh_l0"].shape[1],
        filters=filters,
        features=weights["encoder.last.weight"].shape[0],
    )


def in_channels(frames: Tensor, neighbours: bool, closed: bool = False) -> Tensor:
    """Three channels of each frame.

    Args:
        frames: (n, t, rows, columns).
        neighbours: (before, itself, after), else the frame three times.
        closed: the last frame comes before the first; else the frame itself stands where it has no neighbour.

    Returns:
        (n, t, 3, rows, columns).

    """
    if not neighbours:
        return frames.unsqueeze(2).expand(-1, -1, 3, -1, -1)
    before, after = frames.roll(1, dims=1), frames.roll(-1, dims=1)
    if not closed:
        before = torch.cat([frames[:, :1], before[:, 1:]], dim=1)
        after = torch.cat([after[:, :-1], frames[:, -1:]], dim=1)
    return torch.stack([before, frames, after], dim=2)


class TempReg(nn.Module):
    """Frames to a number each; see the module's text."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        if shape.encoder == "zf":
            self.encoder: nn.Module = ZfEncoder(3, shape.filters, shape.features)
        else:
            self.encoder = LightEncoder(3, shape.filters, shape.features)
        if shape.memory == "printed":
            self.memory: nn.Module = PrintedLstm(shape.features, shape.hidden)
        elif shape.memory == "both ways":
            self.memory = nn.LSTM(shape.features, shape.hidden, batch_first=True, bidirectional=True)
        wide = {"none": shape.features, "printed": shape.hidden, "both ways": 2 * shape.hidden}[shape.memory]
        self.last = nn.Linear(wide, 1)
        nn.init.constant_(self.last.bias, 0.6)  # the mean of the curves

    def encoded(self, pictures: Tensor) -> Tensor:
        """(n, 3, rows, columns) pictures -> (n, features)."""
        return cast("Tensor", self.encoder(pictures))

    def followed(self, features: Tensor) -> Tensor:
        """(n, t, features) -> curves (n, t)."""
        if self.shape.memory == "both ways":
            features = self.memory(features)[0]
        elif self.shape.memory == "printed":
            features = self.memory(features)
        out: Tensor = self.last(features).squeeze(2)
        return out

    def forward(self, frames: Tensor) -> Tensor:
        """Curves of recordings.

        Args:
            frames: (n, t, rows, columns) float, grey levels 0..1.

        Returns:
            (n, t), about 1 at ED and 0 at ES.

        """
        pictures = in_channels(frames, self.shape.neighbours)
        features = self.encoded(pictures.flatten(0, 1).contiguous(memory_format=torch.channels_last))
        return self.followed(features.view(*frames.shape[:2], -1))


ARMS: dict[str, Shape] = {
    "cnn": Shape("zf", "none", False, 256, (96, 256, 384, 384, 256), ZF_FEATURES),
    "tempreg-no-tsc": Shape("zf", "printed", False, 256, (96, 256, 384, 384, 256), ZF_FEATURES),
    "tempreg": Shape("zf", "printed", False, 256, (96, 256, 384, 384, 256), ZF_FEATURES),
    "light-cnn": Shape(memory="none", neighbours=False),
    "light-no-tsc": Shape(),
    "light": Shape(),
}
"""Rows of Table 1 that are networks, as printed and light; those "no-tsc" are trained without the structured loss."""
STRUCTURED = ("tempreg", "light")
