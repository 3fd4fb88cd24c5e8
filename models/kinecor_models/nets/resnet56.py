"""The feature extractor of Zhang 2018: a 56-layer residual network, three resolutions of nine building units each.

Layers as He et al. (CVPR 2016) for small images: one convolution, then 3 x 9 units of two convolutions, 16, 32 and 64
channels; with the last, here the head, that makes 56. Each resolution halves the one before by stride.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

CHANNELS = (16, 32, 64)
UNITS = 9


class Unit(nn.Module):
    """Two 3 x 3 convolutions with batch normalisation and a shortcut around them (figure 1b of the paper).

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        stride: 2 halves rows and columns.

    """

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut = (
            nn.Identity()
            if stride == 1 and inputs == outputs
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, inputs, h, w) to (n, outputs, h / stride, w / stride).

        Args:
            x: features.

        """
        residual = torch.relu(self.first_norm(self.first(x)))
        residual = self.second_norm(self.second(residual))
        out: Tensor = torch.relu(residual + self.shortcut(x))
        return out


@dataclass(frozen=True)
class Features:
    """Feature maps of one batch of frames: `high` at half the resolution (32 channels), `low` at a quarter (64)."""

    high: Tensor
    low: Tensor


class ResNet56(nn.Module):
    """Frames to feature maps.

    Args:
        units: building units a resolution; nine in the paper, fewer to try things out.
        channels: of the three resolutions.

    """

    def __init__(self, units: int = UNITS, channels: tuple[int, int, int] = CHANNELS) -> None:
        super().__init__()
        self.channels = channels
        full, high, low = channels
        self.stem = nn.Sequential(nn.Conv2d(1, full, 3, padding=1, bias=False), nn.BatchNorm2d(full), nn.ReLU())
        self.full = nn.Sequential(*(Unit(full, full) for _ in range(units)))
        self.high = nn.Sequential(*(Unit(full if i == 0 else high, high, 2 if i == 0 else 1) for i in range(units)))
        self.low = nn.Sequential(*(Unit(high if i == 0 else low, low, 2 if i == 0 else 1) for i in range(units)))

    def forward(self, frames: Tensor) -> Features:
        """Features of frames.

        Args:
            frames: (n, 1, h, w) float, grey levels / 255; sides are multiples of 4.

        """
        high: Tensor = self.high(self.full(self.stem(frames)))
        return Features(high, self.low(high))


class MergingHead(nn.Module):
    """Low resolution deconvolved, joined with the high one and deconvolved again to one score a pixel (2.2.3).

    Args:
        low: channels at a quarter of the resolution.
        high: channels at half of it; 0 for a head on the low resolution alone.
        between: channels after the first deconvolution.

    """

    def __init__(self, low: int, high: int, between: int = 32) -> None:
        super().__init__()
        self.raise_low = nn.ConvTranspose2d(low, between, 4, 2, padding=1)
        self.raise_both = nn.ConvTranspose2d(between + high, 1, 4, 2, padding=1)

    def forward(self, low: Tensor, high: Tensor | None = None) -> Tensor:
        """(n, 1, h, w) scores before the sigmoid, from maps of h / 4 and h / 2.

        Args:
            low: maps of h / 4.
            high: maps of h / 2; None where there is one level.

        """
        x = torch.relu(self.raise_low(low))
        scores: Tensor = self.raise_both(x if high is None else torch.cat([x, high], dim=1))
        return scores


class FrameNet(nn.Module):
    """The CNN arm: the feature extractor with its own head, frame by frame; also used to train the extractor."""

    def __init__(self, units: int = UNITS, channels: tuple[int, int, int] = CHANNELS) -> None:
        super().__init__()
        self.extractor = ResNet56(units, channels)
        self.head = MergingHead(channels[2], channels[1])

    def forward(self, frames: Tensor) -> Tensor:
        """Scores of the myocardium before the sigmoid: (n, t, 1, h, w) to (n, t, 1, h, w), each frame for itself.

        Args:
            frames: grey levels / 255.

        """
        n, t = frames.shape[:2]
        features = self.extractor(frames.flatten(0, 1))
        scores: Tensor = self.head(features.low, features.high)
        return scores.reshape(n, t, *scores.shape[1:])
