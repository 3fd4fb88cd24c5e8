"""Learned motion after paper 004: stacked encoder-decoders that carry one frame onto the next.

Østvik et al. 2018, section 2.3, on Ilg et al., *FlowNet 2.0*, CVPR 2017. For large displacements three networks in a
row: the first correlates features of both frames; each later one sees both frames, the second frame warped back by the
motion so far, that motion, and the error of brightness that is left. For small displacements one network with a small
first kernel and no stride. A small network fuses both. Sized by `width` to run on two processor cores.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = 4
"""Halvings of the resolution; sides of the frames must be multiples of 2 ** LEVELS."""
_REACH = 4
"""Displacements that correlation looks at, in pixels of its own level (a quarter of full resolution), each way."""


def warped(frame: Tensor, flow: Tensor) -> Tensor:
    """A frame (n, c, h, w) looked up at each pixel moved by a flow (n, 2, h, w) in pixels (x, y); edges repeat.

    If the flow says where each pixel of frame 1 is in frame 2, frame 2 warped by it looks like frame 1.
    """
    _, _, high, wide = frame.shape
    y, x = torch.meshgrid(
        torch.arange(high, device=frame.device, dtype=frame.dtype),
        torch.arange(wide, device=frame.device, dtype=frame.dtype),
        indexing="ij",
    )
    at = torch.stack([(x + flow[:, 0]) / max(wide - 1, 1), (y + flow[:, 1]) / max(high - 1, 1)], dim=-1)
    return functional.grid_sample(frame, 2 * at - 1, mode="bilinear", padding_mode="border", align_corners=True)


def correlation(one: Tensor, other: Tensor, reach: int = _REACH) -> Tensor:
    """(n, (2 reach + 1)^2, h, w): likeness of features of `one` to those of `other` shifted by each displacement.

    Channel k stands for a displacement of (k mod side - reach, k div side - reach) pixels (x, y), side = 2 reach + 1;
    beyond the edge features are 0.
    """
    side, (high, wide) = 2 * reach + 1, one.shape[2:]
    padded = functional.pad(other, (reach, reach, reach, reach))
    found = [
        (one * padded[:, :, dy : dy + high, dx : dx + wide]).mean(dim=1) for dy in range(side) for dx in range(side)
    ]
    return torch.stack(found, dim=1)


def _layer(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2), nn.LeakyReLU(0.1, inplace=True)
    )


class _Decoder(nn.Module):
    """From features of every level to motion, refined level by level."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels[-1], 2, 3, padding=1)
        self.merge = nn.ModuleList(_layer(deep + skip + 2, skip) for skip, deep in pairwise(channels))
        self.refine = nn.ModuleList(nn.Conv2d(skip, 2, 3, padding=1) for skip in channels[:-1])

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """Motion at every level, from the finest up, each in pixels of its own level."""
        x = features[-1]
        flows = [self.first(x)]
        for level in reversed(range(len(features) - 1)):
            skip = features[level]
            up = functional.interpolate(x, size=skip.shape[2:], mode="nearest")
            # A pixel of the coarser level is two of this one.
            coarse = 2 * functional.interpolate(flows[0], size=skip.shape[2:], mode="bilinear", align_corners=False)
            x = self.merge[level](torch.cat([up, skip, coarse], dim=1))
            flows.insert(0, coarse + self.refine[level](x))
        return flows


class PlainFlow(nn.Module):
    """An encoder-decoder from stacked pictures to motion (FlowNetS).

    Args:
        inputs: channels of what is stacked.
        width: channels of the first level, doubled where resolution is halved, to four times at most.
        small: for displacements below a pixel: the first convolution is small.

    """

    def __init__(self, inputs: int, width: int, *, small: bool = False) -> None:
        super().__init__()
        channels = [width * min(2**level, 4) for level in range(LEVELS + 1)]
        self.down = nn.ModuleList([_layer(inputs, channels[0], 3 if small else 7)])
        self.down.extend(nn.Sequential(_layer(a, b, 3, 2), _layer(b, b)) for a, b in pairwise(channels))
        self.decoder = _Decoder(channels)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Motion at every level, from full resolution up."""
        features = []
        for down in self.down:
            x = down(x)
            features.append(x)
        found: list[Tensor] = self.decoder(features)
        return found


class CorrelatingFlow(nn.Module):
    """An encoder-decoder that sees both frames apart at first and correlates them at a quarter of the resolution.

    Args:
        width: see PlainFlow.
        reach: see `correlation`.

    """

    def __init__(self, width: int, reach: int = _REACH) -> None:
        super().__init__()
        self.reach = reach
        channels = [width * min(2**level, 4) for level in range(LEVELS + 1)]
        self.apart = nn.ModuleList(
            [_layer(1, channels[0], 7), _layer(channels[0], channels[1], 5, 2), _layer(channels[1], channels[2], 3, 2)]
        )
        self.along = _layer(channels[2], width, 1)
        self.joined = _layer((2 * reach + 1) ** 2 + width, channels[2])
        self.down = nn.ModuleList(nn.Sequential(_layer(a, b, 3, 2), _layer(b, b)) for a, b in pairwise(channels[2:]))
        self.decoder = _Decoder(channels)

    def forward(self, one: Tensor, other: Tensor) -> list[Tensor]:
        """Motion from frame `one` to frame `other`, (n, 1, h, w) each, at every level, from full resolution up."""
        features, ours, theirs = [], one, other
        for layer in self.apart:
            ours, theirs = layer(ours), layer(theirs)
            features.append(ours)
        like = functional.leaky_relu(correlation(ours, theirs, self.reach), 0.1)
        x = self.joined(torch.cat([like, self.along(ours)], dim=1))
        features[-1] = x
        for down in self.down:
            x = down(x)
            features.append(x)
        found: list[Tensor] = self.decoder(features)
        return found


class FlowNet(nn.Module):
    """The whole stack: large route, small route, fusion.

    Args:
        width: channels of the first level of each network.
        stack: networks of the large route, 1 to 3; the paper has 3.
        small_route: whether the route for small displacements and the fusion are there.

    Raises:
        ValueError: `stack` is out of range.

    """

    def __init__(self, width: int = 8, stack: int = 3, *, small_route: bool = True) -> None:
        super().__init__()
        if not 1 <= stack <= 3:
            raise ValueError(f"the large route has 1 to 3 networks, got {stack}")
        self.first = CorrelatingFlow(width)
        # Both frames, the second warped, the motion, what brightness is left.
        self.later = nn.ModuleList(PlainFlow(6, width) for _ in range(stack - 1))
        self.small = PlainFlow(2, width, small=True) if small_route else None
        # Both motions, their sizes, their errors of brightness, and the first frame.
        self.fusion = (
            nn.Sequential(_layer(9, 2 * width), _layer(2 * width, 2 * width), nn.Conv2d(2 * width, 2, 3, padding=1))
            if small_route
            else None
        )

    def forward(self, one: Tensor, other: Tensor) -> list[list[Tensor]]:
        """Motion from frame `one` to frame `other`.

        Args:
            one: (n, 1, h, w) grey levels / 255.
            other: likewise.

        Returns:
            For each network in turn its motions by level, from full resolution up; the last entry's first is the
            answer: (n, 2, h, w) pixels (x, y).

        """
        found = [self.first(one, other)]
        for network in self.later:
            flow = found[-1][0]
            back = warped(other, flow)
            refined = network(torch.cat([one, other, back, flow, one - back], dim=1))
            coarse = [
                flow if level == 0 else functional.avg_pool2d(flow, 2**level) / 2**level
                for level in range(len(refined))
            ]
            found.append([base + change for base, change in zip(coarse, refined, strict=True)])
        if self.small is None or self.fusion is None:
            return found
        large, small = found[-1][0], self.small(torch.cat([one, other], dim=1))
        found.append(small)
        parts = [large, small[0]]
        sizes = [flow.norm(dim=1, keepdim=True) for flow in parts]
        errors = [(one - warped(other, flow)).abs() for flow in parts]
        fused = self.fusion(torch.cat([*parts, *sizes, *errors, one], dim=1))
        found.append([(large + small[0]) / 2 + fused])
        return found


def end_point_loss(found: list[list[Tensor]], truth: Tensor, known: Tensor | None = None) -> Tensor:
    """Mean end-point error in pixels over all networks and levels, finer levels counting more.

    Args:
        found: what FlowNet gives.
        truth: (n, 2, h, w) pixels.
        known: (n, 1, h, w) weight of each pixel, 1 where the truth holds and 0 where there is none; all 1 if None.

    """
    weight = torch.ones_like(truth[:, :1]) if known is None else known.to(truth.dtype)
    total, of = truth.new_zeros(()), 0.0
    for flows in found:
        for level, flow in enumerate(flows):
            step = 2**level
            mass = functional.avg_pool2d(weight, step) if level else weight
            there = functional.avg_pool2d(truth * weight, step) / mass.clamp_min(1e-6) / step if level else truth
            error = ((flow - there) ** 2).sum(dim=1, keepdim=True).add(1e-6).sqrt() * step
            total = total + 0.5**level * (error * mass).sum() / mass.sum().clamp_min(1.0)
            of += 0.5**level
    return total / of
