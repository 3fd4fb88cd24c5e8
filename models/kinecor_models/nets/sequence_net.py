"""The networks of Smistad (ConvLSTM) and Li 2019 (RAL) behind one call, built from settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import torch
from torch import Tensor, nn

from kinecor_models.nets.conv_lstm import State
from kinecor_models.nets.ral import RAL
from kinecor_models.nets.temporal_unet import PAPER_PLACES, Place, TemporalUNet
from kinecor_models.nets.unet import BASE_FILTERS, UNet
from kinecor_models.views.classes import FLAGGED

Kind = Literal["frames", "convlstm", "ral"]
Ablation = Literal["classification", "blocks", "temporal", "spatial", "spatial-state"]
ABLATIONS: tuple[Ablation, ...] = get_args(Ablation)
"""Rows of Table 2 of Li 2019: what RAL is trained without; the last two are readings of the same row."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A network of one of the papers.

    Attributes:
        kind: the base network frame by frame, with ConvLSTMs, or RAL.
        filters: of the base network's levels.
        places, view_flag, both_ways, shallowest: see TemporalUNet; `both_ways` goes for RAL too.
        width: of RAL.
        without: ablations of RAL.
        deep_first: of RAL, see there.

    """

    kind: Kind
    filters: tuple[int, ...] = BASE_FILTERS
    places: tuple[Place, ...] = PAPER_PLACES
    view_flag: bool = False
    both_ways: bool = False
    shallowest: int = 0
    width: int = 16
    without: tuple[Ablation, ...] = ()
    deep_first: bool = False

    @property
    def causal(self) -> bool:
        """Whether a frame's answer rests on it and those before it alone."""
        return not self.both_ways

    @property
    def streams(self) -> bool:
        """Whether a clip may be given in parts, the state passed on."""
        return self.kind == "frames" or self.causal

    @property
    def multiple(self) -> int:
        """The image's sides must be multiples of this."""
        return 16 if self.kind == "ral" else int(2 ** (len(self.filters) - 1))


def shape_from(fields: Mapping[str, Any]) -> Shape:
    """A shape from its fields as read from a file.

    Args:
        fields: of Shape, by name.

    Raises:
        TypeError: a field is missing or unknown.

    """
    settings: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }
    return Shape(**settings)


class SequenceNet(nn.Module):
    """One of the networks: clips in, a segmentation of every frame and perhaps views out.

    Args:
        shape: which.

    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        if shape.kind == "frames":
            self.net: nn.Module = UNet(filters=shape.filters)
        elif shape.kind == "convlstm":
            self.net = TemporalUNet(
                filters=shape.filters,
                places=shape.places,
                view_flag=shape.view_flag,
                both_ways=shape.both_ways,
                shallowest=shape.shallowest,
            )
        else:
            self.net = RAL(
                width=shape.width,
                growth=max(1, shape.width // 2),
                classify="classification" not in shape.without,
                dense="blocks" not in shape.without,
                temporal="temporal" not in shape.without,
                spatial="spatial" not in shape.without,
                spatial_state="spatial-state" not in shape.without,
                deep_first=shape.deep_first,
                both_ways=shape.both_ways,
            )

    def forward(
        self, clip: Tensor, view: Tensor | None = None, state: State | None = None
    ) -> tuple[Tensor, Tensor | None, State]:
        """Scores before softmax.

        Args:
            clip: (n, t, 1, rows, columns) float, grey levels / 255.
            view: (n,) numbers in APICAL, used by networks with a view flag; without it no clip is an A3C.
            state: of the frames before; networks that do not stream take none.

        Returns:
            segmentation (n, t, 4, rows, columns), views (n, t, 3) or None, and the state to go on from.

        """
        if isinstance(self.net, TemporalUNet):
            flag = None
            if self.net.view_flag:
                flag = clip.new_zeros(len(clip)) if view is None else (view == FLAGGED).to(clip.dtype)
            scores, after = self.net(clip, flag, state)
            return scores, None, after
        if isinstance(self.net, UNet):
            found: Tensor = self.net(clip.flatten(0, 1).contiguous(memory_format=torch.channels_last))
            return found.reshape(*clip.shape[:2], *found.shape[1:]), None, State()
        assert isinstance(self.net, RAL)
        return self.net.going_on(clip, state)


class FrameStep(nn.Module):
    """One frame and the last state in; probabilities, those of the views if it names any, and the next state out.

    This is what an engine converts: `forward` takes tensors only, those of the state one after the other as in `start`.

    Args:
        net: a network that streams, ready to infer.
        shape: (rows, columns) of the frames.

    """

    def __init__(self, net: SequenceNet, shape: tuple[int, int]) -> None:
        super().__init__()
        self.net = net
        with torch.inference_mode():
            _, _, state = net(torch.zeros(1, 1, 1, *shape))
        self.names = tuple(state)
        self.start = [torch.zeros_like(state_tensor) for pair in state.values() for state_tensor in pair]

    def forward(self, image: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """From (1, 1, rows, columns) uint8; with a view flag, (1,) float comes next, 1 for A3C; then the state.

        Args:
            image: of the next frame.
            rest: the view flag where the network has one, then the state, two tensors a unit.

        """
        view, flat = None, rest
        if self.net.shape.view_flag:
            view, flat = torch.where(rest[0] > 0.5, FLAGGED, 0), rest[1:]
        state = dict(zip(self.names, zip(flat[::2], flat[1::2], strict=True), strict=True))
        scores, views, after = self.net((image.float() / 255)[:, None], view, state)
        answers = [torch.softmax(scores[:, 0], dim=1)]
        if views is not None:
            answers.append(torch.softmax(views[:, 0], dim=1))
        return (*answers, *(state_tensor for name in self.names for state_tensor in after[name]))
