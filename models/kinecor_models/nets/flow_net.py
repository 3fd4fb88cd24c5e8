"""Learned motion after Østvik 2018: stacked encoder-decoders that carry one frame onto the next.

Østvik et al. 2018, section 2.3, on Ilg et al., *FlowNet 2.0*, CVPR 2017. A route for large displacements: the first
network correlates features of both frames; the next sees both frames, the second one carried back by the motion so far,
that motion, and the error of brightness that is left. A route for small displacements: one network whose first kernel
is small and has no stride. A small network fuses both.

Ours differs so that it runs on two processor cores: features of a frame are computed once for all networks; the
large route that ships has two networks instead of three; all but the first correlate too, which short trainings need;
and motion comes out at half the resolution of the images.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

LEVELS = 4
"""Halvings of the resolution; sides of the frames must be multiples of 2 ** LEVELS."""
FAR, NEAR = 3, 2
"""Displacements that correlation looks at each way: at a quarter, and at half of the images' resolution."""
SLOPE = 0.1
"""Of the leaky rectifiers below 0."""


def warp_frame(frame: Tensor, flow: Tensor) -> Tensor:
    """A frame (n, c, h, w) looked up at each pixel moved by a flow (n, 2, h, w) in pixels (x, y); edges repeat.

    If the flow says where each pixel of frame 1 is in frame 2, frame 2 warped by it looks like frame 1.

    Args:
        frame: (n, c, h, w).
        flow: (n, 2, h, w) pixels.

    """
    _, _, high, wide = frame.shape
    y, x = torch.meshgrid(
        torch.arange(high, device=frame.device, dtype=flow.dtype),
        torch.arange(wide, device=frame.device, dtype=flow.dtype),
        indexing="ij",
    )
    at = torch.stack([(x + flow[:, 0]) / max(wide - 1, 1), (y + flow[:, 1]) / max(high - 1, 1)], dim=-1)
    at = (2 * at - 1).to(frame.dtype)
    return functional.grid_sample(frame, at, mode="bilinear", padding_mode="border", align_corners=True)


def correlation(first: Tensor, second: Tensor, reach: int) -> Tensor:
    """(n, (2 reach + 1)^2, h, w): likeness of features of `first` to those of `second` shifted by each displacement.

    Channel k stands for a displacement of (k mod side - reach, k div side - reach) pixels (x, y), side = 2 reach + 1;
    beyond the edge features are 0.

    Args:
        first: (n, c, h, w).
        second: of the same shape.
        reach: pixels.

    """
    side, (high, wide) = 2 * reach + 1, first.shape[2:]
    padded = functional.pad(second, (reach, reach, reach, reach))
    tensors = [
        (first * padded[:, :, dy : dy + high, dx : dx + wide]).mean(dim=1) for dy in range(side) for dx in range(side)
    ]
    return torch.stack(tensors, dim=1)


def double_flow(flow: Tensor) -> Tensor:
    """Motion of one level in pixels of the next finer one, on its grid.

    Args:
        flow: (n, 2, h, w) pixels.

    """
    return 2 * functional.interpolate(flow, scale_factor=2.0, mode="bilinear", align_corners=False)


def layer(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """A convolution that preserves the size (apart from its stride), and a leaky rectifier.

    Args:
        inputs: channels.
        outputs: channels.
        kernel: its side, odd.
        stride: the same both ways.

    """
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2), nn.LeakyReLU(SLOPE, inplace=True)
    )


def begin(net: nn.Module) -> None:
    """First weights: He's; what gives motion begins next to nothing, so that what is carried back is the frame.

    Args:
        net: whose weights are set.

    """
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, SLOPE)
            nn.init.zeros_(module.bias)  # type: ignore[arg-type]
            if module.out_channels == 2:
                module.weight.data *= 0.02


class Hourglass(nn.Module):
    """From features of its finest level down to the coarsest, and up again to motion, refined level by level.

    Args:
        channels: of each level, finest first.

    """

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Sequential(layer(a, b, 3, 2), layer(b, b)) for a, b in pairwise(channels))
        self.first = nn.Conv2d(channels[-1], 2, 3, padding=1)
        self.merge = nn.ModuleList(layer(deep + skip + 2, skip) for skip, deep in pairwise(channels))
        self.refine = nn.ModuleList(nn.Conv2d(skip, 2, 3, padding=1) for skip in channels[:-1])

    def forward(self, x: Tensor) -> list[Tensor]:
        """Motion at every level, finest first, each in pixels of that level.

        Args:
            x: (n, inputs, h, w), sides that can be halved at every level.

        """
        features = [x]
        for down in self.down:
            x = down(x)
            features.append(x)
        flows = [self.first(x)]
        for level in reversed(range(len(features) - 1)):
            coarse = double_flow(flows[0])
            up = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.merge[level](torch.cat([up, features[level], coarse], dim=1))
            flows.insert(0, coarse + self.refine[level](x))
        return flows


class Features(nn.Module):
    """What a frame looks like at half and at a quarter of its resolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.at_half = nn.Sequential(layer(1, 2 * width, 7, 2), layer(2 * width, 2 * width))
        self.at_quarter = nn.Sequential(layer(2 * width, 4 * width, 3, 2), layer(4 * width, 4 * width))
        # Fewer channels are compared than looked for.
        self.near, self.far = nn.Conv2d(2 * width, width, 1), nn.Conv2d(4 * width, 2 * width, 1)

    def forward(self, frame: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, 1, h, w) -> features at a quarter, and what is compared at half and at a quarter.

        Args:
            frame: levelled grey.

        """
        half = self.at_half(frame)
        quarter = self.at_quarter(half)
        return quarter, self.near(half), self.far(quarter)


class Carried(nn.Module):
    """A further network of the large route: it sees the second frame carried back by the motion so far.

    Args:
        width: see FlowNet.

    """

    def __init__(self, width: int) -> None:
        super().__init__()
        half, deep = 2 * width, 4 * width
        self.sees = layer(4, half, 5, 2)
        self.joined = layer(half + (2 * NEAR + 1) ** 2 + 2, half)
        self.refine = Hourglass([half, deep, deep, deep])

    @property
    def parts(self) -> tuple[nn.Module, nn.Module, nn.Module]:
        """In the order in which they are used."""
        return self.sees, self.joined, self.refine


class FlowNet(nn.Module):
    """The whole stack: large route, small route, fusion.

    Args:
        width: channels at full resolution, doubled where resolution is halved, to four times at most.
        large: networks of the large route; the paper has 3.

    Raises:
        ValueError: fewer than 2.

    """

    def __init__(self, width: int = 8, large: int = 2) -> None:
        super().__init__()
        if large < 2:
            raise ValueError(f"expected 2 networks for large displacements or more, got {large}")
        half, deep = 2 * width, 4 * width
        self.features = Features(width)
        self.along = layer(deep, width, 1)
        self.joined = layer((2 * FAR + 1) ** 2 + width, deep)
        self.first = Hourglass([deep, deep, deep])
        near = (2 * NEAR + 1) ** 2
        # Both frames, the second carried back, and the error of brightness; then the motion and what is alike.
        self.later_sees = layer(4, half, 5, 2)
        self.later_joined = layer(half + near + 2, half)
        self.later = Hourglass([half, deep, deep, deep])
        self.further = nn.ModuleList(Carried(width) for _ in range(large - 2))
        self.small_sees = nn.Sequential(layer(2, width), layer(width, half, 3, 2))
        self.small_joined = layer(half + near, half)
        self.small = Hourglass([half, deep, deep, deep])
        # Both motions, their sizes, their errors of brightness, and the first frame.
        self.fusion = nn.Sequential(layer(9, half), layer(half, half), nn.Conv2d(half, 2, 3, padding=1))
        begin(self)

    def forward(self, frame: Tensor, other_frame: Tensor, guesses: Tensor | None = None) -> list[list[Tensor]]:  # noqa: ARG002
        """Motion from `frame` to `other_frame`.

        Args:
            frame: (n, 1, h, w) grey levels, see `level_images` of engines/engine.py.
            other_frame: likewise.
            guesses: not used; FlowRefiner takes them.

        Returns:
            For each network in turn its motions by level, finest first, (n, 2, h', w') in pixels (x, y) of that level:
            the first begins at a quarter of the resolution, the others at half; the last entry holds the answer.

        """
        quarter, near, far = self.features(frame)
        _, other_near, other_far = self.features(other_frame)
        like = functional.leaky_relu(correlation(far, other_far, FAR), SLOPE)
        first = self.first(self.joined(torch.cat([like, self.along(quarter)], dim=1)))
        motions = [first]

        guess = double_flow(first[0])
        parts: list[tuple[nn.Module, nn.Module, nn.Module]] = [(self.later_sees, self.later_joined, self.later)]
        parts += [network.parts for network in self.further if isinstance(network, Carried)]
        for sees, joined, refine in parts:
            back = warp_frame(other_frame, double_flow(guess))
            like = functional.leaky_relu(correlation(near, warp_frame(other_near, guess), NEAR), SLOPE)
            seen = sees(torch.cat([frame, other_frame, back, frame - back], dim=1))
            changes = refine(joined(torch.cat([seen, like, guess], dim=1)))
            # A change of motion at a coarser level goes with the guess, seen as coarsely.
            bases = [functional.avg_pool2d(guess, 2**k) / 2**k if k else guess for k in range(len(changes))]
            motions.append([base + change for base, change in zip(bases, changes, strict=True)])
            guess = motions[-1][0]

        like = functional.leaky_relu(correlation(near, other_near, NEAR), SLOPE)
        seen = self.small_sees(torch.cat([frame, other_frame], dim=1))
        motions.append(self.small(self.small_joined(torch.cat([seen, like], dim=1))))

        large, small = motions[-2][0], motions[-1][0]
        errors = [
            functional.avg_pool2d((frame - warp_frame(other_frame, double_flow(flow))).abs(), 2)
            for flow in (large, small)
        ]
        sizes = [flow.square().sum(dim=1, keepdim=True).add(1e-6).sqrt() for flow in (large, small)]
        fused = self.fusion(torch.cat([large, small, *sizes, *errors, functional.avg_pool2d(frame, 2)], dim=1))
        motions.append([(large + small) / 2 + fused])
        return motions


def displacement(motions: list[list[Tensor]]) -> Tensor:
    """The answer of FlowNet: (n, 2, h / 2, w / 2) pixels (x, y) of the images.

    Args:
        motions: of each network of the stack, by level, finest first.

    """
    return 2 * motions[-1][0]


def end_point_loss(motions: list[list[Tensor]], truth: Tensor, weight: Tensor) -> Tensor:
    """Mean end-point error in pixels of the images over all networks and levels, finer levels counting more.

    Args:
        motions: what FlowNet gives.
        truth: (n, 2, h / 2, w / 2) pixels of the images.
        weight: (n, 1, h / 2, w / 2) what each node counts; 0 where there is no truth.

    """
    total, of = truth.new_zeros(()), 0.0
    whole = truth.shape[-1]
    for number, flows in enumerate(motions):
        for flow in flows:
            step = whole // flow.shape[-1]
            mass = functional.avg_pool2d(weight, step) if step > 1 else weight
            there = functional.avg_pool2d(truth * weight, step) / mass.clamp_min(1e-6) if step > 1 else truth
            error = (2 * step * flow.float() - there).square().sum(dim=1, keepdim=True).add(1e-4).sqrt()
            # The answer counts as much as all that leads to it.
            share = 3.0 if number == len(motions) - 1 else 1 / step
            total = total + share * (error * mass).sum() / mass.sum().clamp_min(1.0)
            of += share
    return total / of
