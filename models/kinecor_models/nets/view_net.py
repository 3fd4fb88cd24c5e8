"""The view classifier of Østvik 2018: inception blocks with dense connections and PReLU.

Østvik et al., *Automatic Myocardial Strain Imaging in Echocardiography Using Deep Learning*, DLMIA 2018, section 2.1.
Two convolutions of 16 and 32 filters, each with pooling; three times an inception module of three routes, joined to
its input and brought down by a transition with pooling; two inception modules without the 5 x 5 route and with dropout
between them; a 1 x 1 convolution to the classes, PReLU, and the mean over space. Filters after the stem are not
printed; they double before every pooling. Batch normalisation is added for training.
"""

import torch
from torch import Tensor, nn

from kinecor_models.views.classes import CLASSES

SIDE = 128
"""Pixels of the square input."""


def _convolution(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.PReLU(outputs),
    )


class Inception(nn.Module):
    """Two or three routes from one input, concatenated with the input.

    Args:
        inputs: channels in.
        filters: channels of each route.
        wide: whether there is a 5 x 5 route.

    """

    def __init__(self, inputs: int, filters: int, *, wide: bool = True) -> None:
        super().__init__()
        larger = (3, 5) if wide else (3,)
        self.routes = nn.ModuleList([_convolution(inputs, filters, 1)])
        self.routes.extend(
            nn.Sequential(_convolution(inputs, filters, 1), _convolution(filters, filters, kernel)) for kernel in larger
        )
        self.outputs = inputs + filters * len(self.routes)

    def forward(self, x: Tensor) -> Tensor:
        """(n, outputs, h, w) from (n, inputs, h, w).

        Args:
            x: features.

        """
        return torch.cat([x, *(route(x) for route in self.routes)], dim=1)


class ViewNet(nn.Module):
    """One frame to scores of the views.

    Args:
        classes: how many.
        filters: of each route of the first inception module.
        dropout: between the last two modules, 0..1.

    """

    def __init__(self, classes: int = len(CLASSES), filters: int = 16, dropout: float = 0.3) -> None:
        super().__init__()
        self.stem = nn.Sequential(_convolution(1, 16, 3), nn.MaxPool2d(2), _convolution(16, 32, 3), nn.MaxPool2d(2))
        steps: list[nn.Module] = []
        channels = 32
        for step in range(3):
            module = Inception(channels, filters * 2**step)
            channels = 32 * 2 ** (step + 1)
            steps += [module, _convolution(module.outputs, channels, 1), nn.MaxPool2d(2)]
        self.steps = nn.Sequential(*steps)
        first = Inception(channels, filters * 4, wide=False)
        second = Inception(first.outputs, filters * 4, wide=False)
        self.late = nn.Sequential(first, nn.Dropout2d(dropout), second, nn.Conv2d(second.outputs, classes, 1))
        self.end = nn.PReLU(classes)

    def forward(self, image: Tensor) -> Tensor:
        """(n, classes) scores before softmax from (n, 1, 128, 128) grey levels / 255.

        Args:
            image: grey levels / 255.

        """
        x = self.late(self.steps(self.stem(image)))
        scores: Tensor = self.end(x).mean(dim=(2, 3))
        return scores
