"""The temporal network of Smistad: the base network with ConvLSTM layers at chosen places.

Smistad et al., *Real-time temporal coherent left ventricle segmentation using convolutional LSTMs*: in the blocks
chosen, the first of the two convolutions becomes a ConvLSTM of the same filter count and size. The convolutions of the
input are computed for all frames at once; only the recurrent half goes frame by frame. So a whole clip and the same
clip frame by frame, its state passed on, give the same scores.
"""

from collections.abc import Collection, Sequence
from typing import Literal, get_args

import torch
from torch import Tensor, nn

from kinecor_models.nets.conv_lstm import ConvLSTM, State
from kinecor_models.nets.unet import BASE_FILTERS, block

Place = Literal["encoder", "decoder", "bottleneck", "last"]
PLACES: tuple[Place, ...] = get_args(Place)
PAPER_PLACES: tuple[Place, ...] = ("encoder",)
"""Where the paper found them to do best."""


def unroll_unit(
    unit: ConvLSTM, maps: Tensor, state: tuple[Tensor, Tensor] | None
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Hidden states (n, t, filters, h, w) of a unit over maps (n, t, inputs, h, w), and its last state.

    The convolution of [X, H] is that of X plus that of H: the first is computed for all frames at once.

    Args:
        unit: whose state goes on from frame to frame.
        maps: t frames in order.
        state: (H, C) before the first; None for zeros.

    """
    n, t, inputs = maps.shape[:3]
    gates = unit.gates
    padding = gates.padding
    of_input = nn.functional.conv2d(maps.flatten(0, 1), gates.weight[:, :inputs], gates.bias, padding=padding)
    of_input = of_input.reshape(n, t, *of_input.shape[1:])
    of_state = gates.weight[:, inputs:]
    h, c = state or unit.empty(maps[:, 0])
    out = []
    for frame in range(t):
        moved = of_input[:, frame] + nn.functional.conv2d(h, of_state, padding=padding)
        enter, forget, candidate, leave = moved.chunk(4, dim=1)
        i = torch.sigmoid(enter + unit.peep[0] * c)
        f = torch.sigmoid(forget + unit.peep[1] * c)
        c = f * c + i * torch.tanh(candidate)
        h = torch.sigmoid(leave + unit.peep[2] * c) * torch.tanh(c)
        out.append(h)
    return torch.stack(out, dim=1), (h, c)


class Recurrent(nn.Module):
    """A ConvLSTM over time, one way or both.

    Args:
        inputs: channels in.
        outputs: channels out; both ways, each gives half of them.
        both_ways: whether a second unit goes through the clip backwards, for recorded loops.

    Raises:
        ValueError: both ways with an odd number of outputs.

    """

    def __init__(self, inputs: int, outputs: int, *, both_ways: bool) -> None:
        super().__init__()
        if both_ways and outputs % 2:
            raise ValueError(f"both ways need an even number of filters, got {outputs}")
        self.forwards = ConvLSTM(inputs, outputs // 2 if both_ways else outputs)
        self.backwards = ConvLSTM(inputs, outputs // 2) if both_ways else None

    def forward(self, maps: Tensor, state: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """(n, t, outputs, h, w) and the state to go on from; no state where it also looks ahead.

        Args:
            maps: (n, t, inputs, h, w).
            state: (H, C) before the first; None for zeros.

        """
        found, after = unroll_unit(self.forwards, maps, state)
        if self.backwards is None:
            return found, after
        ahead, _ = unroll_unit(self.backwards, maps.flip(1), None)
        return torch.cat([found, ahead.flip(1)], dim=2), None


class TemporalBlock(nn.Module):
    """A block of the base network whose first convolution is a ConvLSTM."""

    def __init__(self, inputs: int, outputs: int, *, both_ways: bool) -> None:
        super().__init__()
        self.recurrent = Recurrent(inputs, outputs, both_ways=both_ways)
        self.rest = nn.Sequential(
            nn.BatchNorm2d(outputs),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )

    def forward(
        self, maps: Tensor, clips: int, state: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor] | None]:
        """(clips * t, outputs, h, w) from (clips * t, inputs, h, w), and the state to go on from.

        Args:
            maps: frames of a clip one after the other.
            clips: n.
            state: (H, C) before the first; None for zeros.

        """
        found, after = self.recurrent(maps.reshape(clips, -1, *maps.shape[1:]), state)
        out: Tensor = self.rest(found.flatten(0, 1))
        return out, after


class TemporalUNet(nn.Module):
    """Encoder-decoder that remembers.

    Args:
        classes: output channels; channel 0 is background.
        filters: filters of each level, as in UNet.
        places: where the ConvLSTMs are; the paper found the encoder best. The encoder is every level but the deepest,
            which is the bottleneck.
        view_flag: whether a second input marks apical three-chamber views (Smistad, section II-B).
        both_ways: whether ConvLSTMs also go backwards; then nothing can be streamed.
        shallowest: levels above this one stay plain; 0 in the paper. A ConvLSTM of full resolution costs the most and
            sees the least.

    Raises:
        ValueError: an unknown place.

    """

    def __init__(
        self,
        classes: int = 4,
        filters: Sequence[int] = BASE_FILTERS,
        places: Collection[Place] = PAPER_PLACES,
        *,
        view_flag: bool = False,
        both_ways: bool = False,
        shallowest: int = 0,
    ) -> None:
        super().__init__()
        unknown = set(places) - set(PLACES)
        if unknown:
            raise ValueError(f"places are {', '.join(PLACES)}, got {', '.join(sorted(unknown))}")
        self.filters, self.view_flag, self.both_ways = tuple(filters), view_flag, both_ways
        deepest = len(self.filters) - 1
        before = (2 if view_flag else 1, *self.filters[:-1])

        def layer(inputs: int, outputs: int, level: int, place: Place) -> nn.Module:
            if place in places and level >= shallowest:
                return TemporalBlock(inputs, outputs, both_ways=both_ways)
            return block(inputs, outputs)

        self.down = nn.ModuleList(
            layer(a, b, level, "bottleneck" if level == deepest else "encoder")
            for level, (a, b) in enumerate(zip(before, self.filters, strict=True))
        )
        self.up = nn.ModuleList(
            layer(deep + skip, skip, level, "decoder")
            for level, (skip, deep) in enumerate(zip(self.filters[:-1], self.filters[1:], strict=True))
        )
        self.end = Recurrent(self.filters[0], self.filters[0], both_ways=both_ways) if "last" in places else None
        self.last = nn.Conv2d(self.filters[0], classes, 1)

    def forward(self, clip: Tensor, flag: Tensor | None = None, state: State | None = None) -> tuple[Tensor, State]:
        """Class scores before softmax, and the state for the next frames of the same clip.

        Args:
            clip: (n, t, 1, rows, columns) float, grey levels / 255.
            flag: (n,) 1 for apical three-chamber views, 0 for others; needed with `view_flag` alone.
            state: of the frames before, None at a clip's beginning.

        Returns:
            (n, t, classes, rows, columns) and a State.

        Raises:
            ValueError: a flag where none is taken, or none where one is; a state for a network that looks ahead.

        """
        if (flag is None) == self.view_flag:
            raise ValueError("a network with a view flag needs one, another takes none")
        if state and self.both_ways:
            raise ValueError("a network that looks ahead cannot go on from a state: give it whole clips")
        n, t = clip.shape[:2]
        x = clip.flatten(0, 1)
        if flag is not None:
            plane = flag.to(x.dtype).repeat_interleave(t).view(-1, 1, 1, 1).expand(-1, 1, *x.shape[2:])
            x = torch.cat([x, plane], dim=1)
        before, after = state or {}, State()

        def through(name: str, layer: nn.Module, maps: Tensor) -> Tensor:
            if not isinstance(layer, TemporalBlock):
                plain: Tensor = layer(maps)
                return plain
            found: Tensor
            found, new = layer(maps, n, before.get(name))
            if new is not None:
                after[name] = new
            return found

        skips: list[Tensor] = []
        for level, down in enumerate(self.down):
            x = through(f"down{level}", down, x if level == 0 else nn.functional.max_pool2d(x, 2))
            skips.append(x)
        for level in reversed(range(len(self.up))):
            x = nn.functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = through(f"up{level}", self.up[level], torch.cat([x, skips[level]], dim=1))
        if self.end is not None:
            found, new = self.end(x.reshape(n, t, *x.shape[1:]), before.get("end"))
            if new is not None:
                after["end"] = new
            x = found.flatten(0, 1)
        scores: Tensor = self.last(x)
        return scores.reshape(n, t, *scores.shape[1:]), after
