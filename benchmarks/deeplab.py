"""DeepLabV3 on ResNet-50 as torchvision lays it out, which EchoNet-Dynamic uses; random weights, for timing."""

import torch
from torch import Tensor, nn


def _convolved(inside: int, out: int, side: int, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    kernel = nn.Conv2d(inside, out, side, stride, dilation * (side // 2), dilation, bias=False)
    return [kernel, nn.BatchNorm2d(out)]


class _Bottleneck(nn.Module):
    def __init__(self, inside: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.way = nn.Sequential(
            *_convolved(inside, width, 1),
            nn.ReLU(inplace=True),
            *_convolved(width, width, 3, stride, dilation),
            nn.ReLU(inplace=True),
            *_convolved(width, 4 * width, 1),
        )
        fits = inside == 4 * width and stride == 1
        self.past = nn.Identity() if fits else nn.Sequential(*_convolved(inside, 4 * width, 1, stride))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.way(x) + self.past(x))


def _stage(inside: int, width: int, blocks: int, stride: int, dilations: tuple[int, int]) -> list[nn.Module]:
    first = _Bottleneck(inside, width, stride, dilations[0])
    return [first, *(_Bottleneck(4 * width, width, 1, dilations[1]) for _ in range(blocks - 1))]


class DeepLabV3(nn.Module):
    """(n, 3, rows, columns) -> (n, classes, rows, columns) scores."""

    def __init__(self, classes: int = 1) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            *_convolved(3, 64, 7, 2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, 1),
            *_stage(64, 64, 3, 1, (1, 1)),
            *_stage(256, 128, 4, 2, (1, 1)),
            *_stage(512, 256, 6, 1, (1, 2)),
            *_stage(1024, 512, 3, 1, (2, 4)),
        )
        self.branches = nn.ModuleList(
            nn.Sequential(*_convolved(2048, 256, side, 1, dilation), nn.ReLU())
            for side, dilation in ((1, 1), (3, 12), (3, 24), (3, 36))
        )
        self.pooled = nn.Sequential(nn.AdaptiveAvgPool2d(1), *_convolved(2048, 256, 1), nn.ReLU())
        self.head = nn.Sequential(
            *_convolved(5 * 256, 256, 1), nn.ReLU(), *_convolved(256, 256, 3), nn.ReLU(), nn.Conv2d(256, classes, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-2:]
        x = self.trunk(x)
        whole = self.pooled(x).expand(-1, -1, *x.shape[-2:])
        scores = self.head(torch.cat([*(branch(x) for branch in self.branches), whole], dim=1))
        return nn.functional.interpolate(scores, size=size, mode="bilinear", align_corners=False)
