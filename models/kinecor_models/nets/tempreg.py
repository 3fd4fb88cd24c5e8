"""TempReg-Net of Kong 2016: frames to a curve that is highest at ED and lowest at ES.

An encoder looks at each frame, an LSTM follows what it sees over time, a linear layer gives one number a frame. As
printed, the LSTM runs forwards and the grey frame fills all three channels of the encoder. Our variant puts the frames
before and after into the other two, so that motion is seen directly, and runs in both directions: a recording is
complete, and that ED is a maximum shows only afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import torch
from torch import Tensor, nn

ZF_FILTERS = (96, 256, 384, 384, 256)
ZF_FEATURES = 1024
ZF_POOLED = 6
"""Rows and columns of the last map before the fully connected layer, as 224 x 224 images leave them."""
ZF_MEAN = 0.3
"""Mean grey level of images, subtracted because the network has no normalisation of its input."""
LIGHT_FILTERS = (16, 24, 40, 64, 96)
LIGHT_FEATURES = 128
LIGHT_POOLED = 3
FIRST_WEIGHTS = 0.01
"""Parameters begin at random within plus and minus this (3, Implementations)."""
Encoder = Literal["zf", "light"]
Memory = Literal["none", "printed", "both ways"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Which network.

    Attributes:
        encoder: ZfEncoder or LightEncoder.
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


def narrow_shape(shape: Shape, by: int) -> Shape:
    """A shape with filters, features and memory divided, so that it trains on a CPU.

    Args:
        shape: that is divided.
        by: from 1.

    Raises:
        ValueError: something would be left with nothing.

    """
    if not 1 <= by <= min(*shape.filters, shape.features, shape.hidden):
        raise ValueError(f"expected to divide by 1 to {min(*shape.filters, shape.features, shape.hidden)}, got {by}")
    filters = tuple(many // by for many in shape.filters)
    return replace(shape, filters=filters, features=shape.features // by, hidden=shape.hidden // by)


def shape_from(fields: Mapping[str, Any]) -> Shape:
    """A Shape from its fields as JSON or a checkpoint hold them.

    Args:
        fields: of Shape, by name.

    """
    return Shape(**{**fields, "filters": tuple(fields["filters"])})


def shape_of(weights: Mapping[str, Any]) -> Shape:
    """The Shape of a light network that runs both ways, read off the sizes of its weights.

    Args:
        weights: of the network.

    """
    kernels = [name for name, value in weights.items() if name.startswith("encoder.maps.") and value.ndim == 4]
    # By their numbers: files of weights list 12 before 3.
    convolutions = [weights[name].shape[0] for name in sorted(kernels, key=lambda name: int(name.split(".")[2]))]
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


class ZfEncoder(nn.Module):
    """The encoder of Kong 2016, after Zeiler and Fergus (ECCV 2014).

    The paper begins with weights from ImageNet, which we may not ship. He's weights and batch normalisation take their
    place: without either, features hardly differ from frame to frame (SD 0.0003), and nothing is learned. The fully
    connected layer is normalised too: thousands of positive numbers come into each of its units, so that few steps of
    Adam otherwise push four of five of them below zero for good.

    Args:
        inputs: channels of the image.
        filters: of the five convolutions; the paper's by default, fewer to try things out.
        features: q of the paper.

    """

    def __init__(self, inputs: int = 3, filters: Sequence[int] = ZF_FILTERS, features: int = ZF_FEATURES) -> None:
        super().__init__()
        a, b, c, d, e = filters
        self.maps = nn.Sequential(
            *_seen(inputs, a, 7, 2, 1), nn.MaxPool2d(3, 2, 1), nn.LocalResponseNorm(5),
            *_seen(a, b, 5, 2, 0), nn.MaxPool2d(3, 2, 1), nn.LocalResponseNorm(5),
            *_seen(b, c, 3, 1, 1),
            *_seen(c, d, 3, 1, 1),
            *_seen(d, e, 3, 1, 1), nn.MaxPool2d(3, 2, 1),
        )  # fmt: skip
        self.pool = nn.AdaptiveAvgPool2d(ZF_POOLED)
        self.last = nn.Sequential(nn.Linear(e * ZF_POOLED**2, features), nn.BatchNorm1d(features))
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, frames: Tensor) -> Tensor:
        """(n, inputs, rows, columns) float, grey levels 0..1 -> (n, features).

        Args:
            frames: each with its neighbours as channels.

        """
        out: Tensor = torch.relu(self.last(self.pool(self.maps(frames - ZF_MEAN)).flatten(1)))
        return out


class LightEncoder(nn.Module):
    """Convolutions of stride 2 with batch normalisation, each but the first followed by one of stride 1.

    Args:
        inputs: channels of the image.
        filters: one a level; every level halves the image.
        features: numbers a frame.

    """

    def __init__(self, inputs: int = 3, filters: Sequence[int] = LIGHT_FILTERS, features: int = LIGHT_FEATURES) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = inputs
        for level, many in enumerate(filters):
            layers += _convolved(before, many, 5 if level == 0 else 3, 2)
            if level > 0:
                layers += _convolved(many, many, 3, 1)
            before = many
        self.maps = nn.Sequential(*layers)
        self.pool = nn.AdaptiveAvgPool2d(LIGHT_POOLED)
        self.last = nn.Linear(before * LIGHT_POOLED**2, features)

    def forward(self, frames: Tensor) -> Tensor:
        """(n, inputs, rows, columns) float, grey levels 0..1 -> (n, features).

        Args:
            frames: each with its neighbours as channels.

        """
        out: Tensor = torch.relu(self.last(self.pool(self.maps(frames)).flatten(1)))
        return out


def _seen(inputs: int, outputs: int, side: int, stride: int, padding: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, side, stride, padding),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]


def _convolved(inputs: int, outputs: int, side: int, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inputs, outputs, side, stride, side // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]


class PrintedLstm(nn.Module):
    """Eq. 1 over time, from the first frame to the last.

    Args:
        inputs: numbers a frame.
        hidden: numbers in memory.

    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.seen = nn.Linear(inputs, 3 * hidden)
        self.kept = nn.Linear(hidden, 3 * hidden, bias=False)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -FIRST_WEIGHTS, FIRST_WEIGHTS)

    def forward(self, features: Tensor) -> Tensor:
        """(n, t, inputs) -> hidden states (n, t, hidden).

        Args:
            features: of t frames in order.

        """
        h = features.new_zeros(features.shape[0], self.hidden)
        c, states = h, []
        for seen in self.seen(features).unbind(1):
            entering, forgetting, leaving = (seen + self.kept(h)).chunk(3, dim=1)
            c = torch.sigmoid(forgetting) * c + torch.sigmoid(entering) * torch.tanh(entering)
            h = torch.sigmoid(leaving) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, dim=1)


class TempReg(nn.Module):
    """One number per frame; see the module's text."""

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

    def encoded(self, images: Tensor) -> Tensor:
        """(n, 3, rows, columns) images -> (n, features).

        Args:
            images: each frame with its neighbours as channels.

        """
        return cast("Tensor", self.encoder(images))

    def followed(self, features: Tensor) -> Tensor:
        """(n, t, features) -> curves (n, t).

        Args:
            features: of t frames in order.

        """
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
        images = in_channels(frames, self.shape.neighbours)
        features = self.encoded(images.flatten(0, 1).contiguous(memory_format=torch.channels_last))
        return self.followed(features.view(*frames.shape[:2], -1))


ARMS: dict[str, Shape] = {
    "cnn": Shape("zf", "none", False, 256, (96, 256, 384, 384, 256), ZF_FEATURES),
    "tempreg-no-tsc": Shape("zf", "printed", False, 256, (96, 256, 384, 384, 256), ZF_FEATURES),
    "tempreg": Shape("zf", "printed", False, 256, (96, 256, 384, 384, 256), ZF_FEATURES),
    "light-cnn": Shape(memory="none", neighbours=False),
    "light-no-tsc": Shape(),
    "light": Shape(),
}
"""Rows of Table 1 that are networks, original and light; those "no-tsc" are trained without the structured loss."""
STRUCTURED = ("tempreg", "light")
