"""The arms of paper 002 that know time: ConvLSTMs over a trained FrameNet's features, at one or two levels."""

from typing import Literal

import torch
from torch import Tensor, nn

from kinecor_models.nets.conv_lstm import Circle, ConvLSTM
from kinecor_models.nets.resnet56 import CHANNELS, UNITS, FrameNet, MergingHead

Arm = Literal["cnn", "one-level", "multi-level"]
ARMS: tuple[Arm, ...] = ("cnn", "one-level", "multi-level")


class CircularNet(nn.Module):
    """Frames of one cardiac cycle to scores of the myocardium.

    The extractor is trained first, as part of a FrameNet, and stays as it is (two-step training): its weights get no
    gradient and its batch statistics do not move.

    Args:
        frame_net: a trained FrameNet, of which the extractor is taken.
        multi_level: ConvLSTMs at both resolutions, or at the lowest alone.
        side: of the square frames in pixels, for weights of their own at every place; None to share them.
        hidden: channels of the states at low and high resolution; those of the features by default.
        laps: see Circle.

    """

    def __init__(
        self,
        frame_net: FrameNet,
        *,
        multi_level: bool,
        side: int | None = None,
        hidden: tuple[int, int] | None = None,
        laps: int = 2,
    ) -> None:
        super().__init__()
        _, high, low = frame_net.extractor.channels
        hidden_low, hidden_high = hidden or (low, high)
        self.extractor = frame_net.extractor
        self.extractor.requires_grad_(False)
        quarter = None if side is None else (side // 4, side // 4)
        half = None if side is None else (side // 2, side // 2)
        self.low = Circle(ConvLSTM(low, hidden_low, quarter), laps)
        self.high = Circle(ConvLSTM(high, hidden_high, half), laps) if multi_level else None
        self.head = MergingHead(hidden_low, hidden_high if multi_level else 0)

    def train(self, mode: bool = True) -> "CircularNet":
        """The usual switch, except that the extractor never trains."""
        super().train(mode)
        self.extractor.eval()
        return self

    def forward(self, frames: Tensor) -> Tensor:
        """Scores before the sigmoid, (n, t, 1, h, w), from one whole cycle (n, t, 1, h, w) of grey levels / 255."""
        n = frames.shape[0]
        with torch.no_grad():
            features = self.extractor(frames.flatten(0, 1))
        low = self.low(_by_cycle(features.low, n)).flatten(0, 1)
        high = None if self.high is None else self.high(_by_cycle(features.high, n)).flatten(0, 1)
        return _by_cycle(self.head(low, high), n)


def _by_cycle(maps: Tensor, cycles: int) -> Tensor:
    return maps.reshape(cycles, -1, *maps.shape[1:])


def net_of(
    arm: Arm,
    side: int | None = None,
    units: int = UNITS,
    channels: tuple[int, int, int] = CHANNELS,
    frame_net: FrameNet | None = None,
) -> nn.Module:
    """The network of an arm: a FrameNet for "cnn", else a CircularNet on `frame_net` (or on a fresh one)."""
    base = frame_net or FrameNet(units, channels)
    if arm == "cnn":
        return base
    return CircularNet(base, multi_level=arm == "multi-level", side=side)
