"""The base network of Smistad: a six-level encoder-decoder for apical views.

Smistad et al. describe it as fully convolutional with six levels, max pooling in the encoder, 2 x 2 repeat upsampling
in the decoder, two 3 x 3 convolutions a level and about 2 million parameters for a 256 x 256 image. Ours follows
this; batch normalisation after each convolution is added for training and costs nothing at inference, where engines
fold it into the convolution.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

# Filters a level, from full resolution down; 1.95 million parameters in all.
BASE_FILTERS = (32, 32, 64, 64, 160, 160)
PAPER_FILTERS = (16, 32, 32, 48, 96, 320)
"""Filters at which both networks of Smistad have the paper's numbers of parameters: about 2 million (1,989,332), and
about 2.7 million with ConvLSTMs in the encoder (2,696,356). The paper does not print its filters; of widths that do not
fall with depth few give both."""


def block(inputs: int, outputs: int) -> nn.Sequential:
    """Two 3 x 3 convolutions, each with batch normalisation and ReLU.

    Args:
        inputs: channels.
        outputs: channels.

    """
    layers: list[nn.Module] = []
    for channels in (inputs, outputs):
        layers += [
            nn.Conv2d(channels, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Encoder-decoder with skip connections.

    Args:
        classes: output channels; channel 0 is background.
        filters: filters of each level; the image's sides must be multiples of 2 ** (levels - 1).
        inputs: input channels.

    """

    def __init__(self, classes: int = 4, filters: Sequence[int] = BASE_FILTERS, inputs: int = 1) -> None:
        super().__init__()
        self.filters = tuple(filters)
        before = (inputs, *self.filters[:-1])
        self.down = nn.ModuleList(block(a, b) for a, b in zip(before, self.filters, strict=True))
        self.up = nn.ModuleList(
            block(deep + skip, skip) for skip, deep in zip(self.filters[:-1], self.filters[1:], strict=True)
        )
        self.last = nn.Conv2d(self.filters[0], classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Class scores before softmax.

        Args:
            image: (n, inputs, rows, columns) float, grey levels / 255.

        Returns:
            (n, classes, rows, columns).

        """
        skips: list[Tensor] = []
        x = image
        for level, down in enumerate(self.down):
            x = down(x if level == 0 else nn.functional.max_pool2d(x, 2))
            skips.append(x)
        for level in reversed(range(len(self.up))):
            x = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.up[level](torch.cat([x, skips[level]], dim=1))
        scores: Tensor = self.last(x)
        return scores
