"""The base network without its costliest level: two by two pixels become one place, and come back in the last layer.

More than half of what the base network computes is its first level, at full resolution. Here a first convolution reads
four pixels at a time (space to depth), all levels lie at half the resolution and below, and the last layer gives the
scores of four pixels at once (depth to space, Shi et al., CVPR 2016). 1.25 GFLOP for an image of 160 x 160 pixels,
where the base network takes 3.56; chosen by time among others (`benchmarks/lean_shapes.py`).
"""

from collections.abc import Sequence

from torch import Tensor, nn

from kinecor_models.nets.unet import UNet

LEAN_FILTERS = (32, 48, 64, 128, 128)
"""Filters a level, from half the resolution down."""
STEM_FILTERS = 16
"""Of the convolution before the first level."""
SIDE = 2
"""Rows and columns of pixels that become one place."""


class LeanUNet(UNet):
    """Encoder-decoder of half the resolution.

    Args:
        classes: output channels; channel 0 is background.
        filters: filters of each level; the image's sides must be multiples of 2 ** levels.
        inputs: input channels.
        stem: filters of the convolution before the first level.

    """

    def __init__(
        self, classes: int = 4, filters: Sequence[int] = LEAN_FILTERS, inputs: int = 1, stem: int = STEM_FILTERS
    ) -> None:
        super().__init__(classes * SIDE**2, filters, stem)
        self.stem = nn.Sequential(
            nn.Conv2d(inputs * SIDE**2, stem, 3, padding=1, bias=False), nn.BatchNorm2d(stem), nn.ReLU(inplace=True)
        )

    def forward(self, image: Tensor) -> Tensor:
        """Class scores before softmax; see UNet.forward.

        Args:
            image: (n, channels, h, w) grey levels / 255, sides that are multiples of SIDE.

        """
        places = self.stem(nn.functional.pixel_unshuffle(image, SIDE))
        return nn.functional.pixel_shuffle(super().forward(places), SIDE)
