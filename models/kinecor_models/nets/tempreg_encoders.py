"""What turns one frame into numbers, for paper 003: its ZF-like network, and a lighter one.

Zeiler and Fergus' network (ECCV 2014) as the paper's Fig. 2 has it: five convolutions, pooling of 3 x 3 and stride 2
after the first, second and fifth, then q = 1024 features. The lighter one does with a fiftieth of the work, since it
halves the picture with each of its few convolutions and has batch normalisation to learn without ImageNet.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

ZF_FILTERS = (96, 256, 384, 384, 256)
ZF_FEATURES = 1024
ZF_POOLED = 6
"""Rows and columns of the last map before the fully connected layer, as 224 x 224 pictures leave them."""
ZF_MEAN = 0.3
"""Grey level of pictures in the mean, taken off as networks without normalisation need it."""
LIGHT_FILTERS = (16, 24, 40, 64, 96)
LIGHT_FEATURES = 128
LIGHT_POOLED = 3


class ZfEncoder(nn.Module):
    """The encoder of paper 003.

    The paper begins with weights from ImageNet, which we may not ship. He's weights and batch normalisation take their
    place: without either, features hardly differ from frame to frame (SD 0.0003), and nothing is learned. The fully
    connected layer is normalised too: thousands of positive numbers come into each of its units, so that few steps of
    Adam otherwise push four of five of them below zero for good.

    Args:
        inputs: channels of the picture.
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
        """(n, inputs, rows, columns) float, grey levels 0..1 -> (n, features)."""
        out: Tensor = torch.relu(self.last(self.pool(self.maps(frames - ZF_MEAN)).flatten(1)))
        return out


class LightEncoder(nn.Module):
    """Convolutions of stride 2 with batch normalisation, each but the first followed by one of stride 1.

    Args:
        inputs: channels of the picture.
        filters: one a level; every level halves the picture.
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
        """(n, inputs, rows, columns) float, grey levels 0..1 -> (n, features)."""
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
