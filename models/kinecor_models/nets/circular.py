"""The temporal arms of Zhang 2018: ConvLSTMs over the features of a trained FrameNet, at one or two levels."""

from typing import Literal

import torch
from torch import Tensor, nn

from kinecor_models.nets.conv_lstm import Circle, ConvLSTM
from kinecor_models.nets.resnet56 import CHANNELS, UNITS, Features, FrameNet, MergingHead

Arm = Literal["cnn", "one-level", "multi-level"]
ARMS: tuple[Arm, ...] = ("cnn", "one-level", "multi-level")


class Followers(nn.Module):
    """ConvLSTMs over an extractor's features of a cycle, and a head.

    Args:
        features, hidden: channels at low and high resolution, of the features and of the states.
        multi_level: see CircularNet.
        side: see CircularNet.
        laps, through: see Circle.

    """

    def __init__(
        self,
        features: tuple[int, int],
        hidden: tuple[int, int],
        *,
        multi_level: bool,
        side: int | None,
        laps: int,
        through: bool = False,
    ) -> None:
        super().__init__()
        quarter = None if side is None else (side // 4, side // 4)
        half = None if side is None else (side // 2, side // 2)
        self.low = Circle(ConvLSTM(features[0], hidden[0], quarter), laps, through=through)
        self.high = Circle(ConvLSTM(features[1], hidden[1], half), laps, through=through) if multi_level else None
        self.head = MergingHead(hidden[0], hidden[1] if multi_level else 0)

    def forward(self, features: Features, cycles: int) -> Tensor:
        """Scores before the sigmoid, (n, t, 1, h, w), from the features of n cycles' frames one after the other.

        Args:
            features: of all frames.
            cycles: n.

        """
        low = self.low(_by_cycle(features.low, cycles)).flatten(0, 1)
        high = None if self.high is None else self.high(_by_cycle(features.high, cycles)).flatten(0, 1)
        return _by_cycle(self.head(low, high), cycles)


class CircularNet(nn.Module):
    """Frames of one cardiac cycle to scores of the myocardium.

    The extractor is trained first, as part of a FrameNet, and stays as it is (two-step training): its weights get no
    gradient and its batch statistics do not move. Of an ensemble the members share it; in the paper each has its own.

    Args:
        frame_net: a trained FrameNet, of which the extractor is taken.
        multi_level: ConvLSTMs at both resolutions, or at the lowest alone.
        side: of the square frames in pixels, for separate weights at every place; None to share them.
        hidden: channels of the states at low and high resolution; those of the features by default.
        laps, through: see Circle.
        members: networks that differ in their initial weights, whose probabilities are averaged.

    """

    def __init__(
        self,
        frame_net: FrameNet,
        *,
        multi_level: bool,
        side: int | None = None,
        hidden: tuple[int, int] | None = None,
        laps: int = 2,
        members: int = 1,
        through: bool = False,
    ) -> None:
        super().__init__()
        _, high, low = frame_net.extractor.channels
        self.extractor = frame_net.extractor
        self.extractor.requires_grad_(False)
        self.members = nn.ModuleList(
            Followers(
                (low, high), hidden or (low, high), multi_level=multi_level, side=side, laps=laps, through=through
            )
            for _ in range(members)
        )

    def train(self, mode: bool = True) -> "CircularNet":
        """The usual switch, except that the extractor never trains.

        Args:
            mode: whether to train.

        """
        super().train(mode)
        self.extractor.eval()
        return self

    def each(self, frames: Tensor, first: int = 0) -> list[Tensor]:
        """The scores of each member, from member `first` on, as `forward` gives them.

        Args:
            frames: (n, t, 1, h, w) grey levels / 255.
            first: from 0.

        """
        with torch.no_grad():
            features = self.extractor(frames.flatten(0, 1))
        return [member(features, len(frames)) for member in self.members[first:]]

    def alone(self) -> "list[CircularNet]":
        """Each member as its own network, with the same extractor and weights."""
        out = []
        for member in self.members:
            circular_net = CircularNet.__new__(CircularNet)
            nn.Module.__init__(circular_net)
            circular_net.extractor, circular_net.members = self.extractor, nn.ModuleList([member])
            out.append(circular_net.train(self.training))
        return out

    def forward(self, frames: Tensor) -> Tensor:
        """Scores before the sigmoid, (n, t, 1, h, w), from one whole cycle (n, t, 1, h, w) of grey levels / 255.

        For several members these are the scores of their mean probability.

        Args:
            frames: of one length.

        """
        scores = self.each(frames)
        if len(scores) == 1:
            return scores[0]
        return torch.logit(torch.stack([torch.sigmoid(score.float()) for score in scores]).mean(dim=0), eps=1e-6)


class FrameFeatures(nn.Module):
    """One frame's features for CycleStep, as one call that an engine converts.

    Args:
        net: the network, ready to infer.

    """

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.extractor = net.extractor

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(1, 1, h, w) uint8 grey levels -> (1, channels, h / 4, w / 4) and (1, channels, h / 2, w / 2).

        Args:
            image: sides are multiples of 4.

        """
        assert isinstance(self.extractor, nn.Module)
        features = self.extractor(image.float() / 255)
        return features.low, features.high


class CycleStep(nn.Module):
    """One frame's features and the last state in; probabilities of the myocardium and the next state out.

    Args:
        net: the network, ready to infer.
        low, high: features of any frame, for their sizes.

    """

    def __init__(self, net: nn.Module, low: Tensor, high: Tensor) -> None:
        super().__init__()
        assert isinstance(net, CircularNet)
        self.members = net.members
        self.start = [
            tensor
            for member in self.members
            for circle, maps in ((member.low, low), (member.high, high))
            if isinstance(circle, Circle)
            for tensor in circle.unit.empty(maps)
        ]

    def forward(self, low: Tensor, high: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        """From FrameFeatures' answers and the state one tensor after the other, as in `start`.

        Args:
            low: maps of h / 4.
            high: maps of h / 2.
            state: as `start` gives it, or the last answer.

        """
        answers, after, at = [], [], 0
        for member in self.members:
            assert isinstance(member, Followers)
            followed: list[Tensor | None] = []
            for circle, maps in ((member.low, low), (member.high, high)):
                if circle is None:
                    followed.append(None)
                    continue
                new = circle.unit(maps, (state[at], state[at + 1]))
                followed.append(new[0])
                after += new
                at += 2
            answers.append(torch.sigmoid(member.head(*followed)))
        return (torch.stack(answers).mean(dim=0), *after)


def _by_cycle(maps: Tensor, cycles: int) -> Tensor:
    return maps.reshape(cycles, -1, *maps.shape[1:])


def net_of(
    arm: Arm,
    side: int | None = None,
    units: int = UNITS,
    channels: tuple[int, int, int] = CHANNELS,
    frame_net: FrameNet | None = None,
    members: int = 1,
    *,
    through: bool = False,
) -> nn.Module:
    """The network of an arm: a FrameNet for "cnn", else a CircularNet on `frame_net` (or on a fresh one).

    Args:
        arm: which of the networks that are compared.
        side: see CircularNet.
        units: see FrameNet.
        channels: see FrameNet.
        frame_net: the network of single frames to begin with; None for a new one.
        members: of the ensemble.
        through: see Circle.

    """
    base = frame_net or FrameNet(units, channels)
    if arm == "cnn":
        return base
    return CircularNet(base, multi_level=arm == "multi-level", side=side, members=members, through=through)
