"""Recurrent aggregation learning (Li 2019): segmentation and view classification of echo sequences in one network.

Li et al., *Recurrent Aggregation Learning for Multi-View Echocardiographic Sequences Segmentation*, MICCAI 2019. Five
blocks of densely connected, dilated convolutions give features at five levels. A hierarchy of ConvLSTMs fuses them
from the deepest to the shallowest, recurrent in space (from level to level of a frame) and in time (from frame to
frame), equations (2) to (4). A second branch aggregates the ConvLSTMs' outputs, level by level, and names the view.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from kinecor_models.nets.conv_lstm import ConvLSTM, State

DILATIONS = (1, 1, 2, 4, 8)
LAYERS = 6
VIEWS = 3


class DilatedDenseBlock(nn.Module):
    """Densely connected layers of batch normalisation, ReLU and dilated convolution, equation (1).

    Args:
        inputs: channels in.
        growth: channels that each layer adds.
        layers: how many.
        dilation: of the convolutions.
        dense: False gives the ablation without the block: two plain convolutions of as many channels.

    """

    def __init__(self, inputs: int, growth: int, layers: int, dilation: int, *, dense: bool = True) -> None:
        super().__init__()
        self.outputs = inputs + growth * layers
        self.dense = dense
        if dense:
            self.layers = nn.ModuleList(
                nn.Sequential(
                    nn.BatchNorm2d(inputs + growth * number),
                    nn.ReLU(inplace=True),
                    nn.Conv2d(inputs + growth * number, growth, 3, padding=dilation, dilation=dilation, bias=False),
                )
                for number in range(layers)
            )
        else:
            self.layers = nn.ModuleList(
                nn.Sequential(
                    nn.Conv2d(a, self.outputs, 3, padding=1, bias=False), nn.BatchNorm2d(self.outputs), nn.ReLU()
                )
                for a in (inputs, self.outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(n, outputs, h, w) from (n, inputs, h, w).

        Args:
            x: features.

        """
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1) if self.dense else layer(x)
        return x


class RAL(nn.Module):
    """Sequences in; a segmentation of every frame and a view of every frame out.

    Args:
        classes: output channels of the segmentation; channel 0 is background.
        width: channels of the first features and of every ConvLSTM; the paper does not give its number.
        growth: of the dense blocks.
        layers: in each block.
        dilations: of the blocks, from full resolution down.
        views: how many views are distinguished.
        classify: False leaves the second branch out (ablation "without classification").
        dense: False replaces the blocks (ablation "without ConvBlock").
        temporal: False ignores the frame before (ablation "without temporal").
        spatial: False separates the levels: neither output nor state of the level below comes in. The paper does not
            say what its ablation "without spatial" removes; this is the wider reading.
        spatial_state: False drops h(t, k-1) of equation (3) alone and leaves B(y(t, k-1)) of equation (2): the narrower
            reading, in which deep levels still reach the segmentation.
        deep_first: the second branch as in the paper: the last block's features go in first, and the ConvLSTMs' outputs
            join them level by level. False gives the branch of `lv-ral` up to 1.1.0, which goes from the shallowest
            level down and takes the last block's features at its end.
        both_ways: the variant the paper proposes and does not build: the hierarchy also runs backwards in time, and
            both answers are averaged before the last convolution.

    """

    def __init__(
        self,
        classes: int = 4,
        width: int = 16,
        growth: int = 8,
        layers: int = LAYERS,
        dilations: Sequence[int] = DILATIONS,
        views: int = VIEWS,
        *,
        classify: bool = True,
        dense: bool = True,
        temporal: bool = True,
        spatial: bool = True,
        spatial_state: bool = True,
        deep_first: bool = False,
        both_ways: bool = False,
    ) -> None:
        super().__init__()
        self.width, self.temporal, self.spatial = width, temporal, spatial
        self.spatial_state, self.deep_first = spatial_state, deep_first
        self.levels = len(dilations)
        self.first = nn.Conv2d(1, width, 3, padding=1, bias=False)
        self.blocks = nn.ModuleList(DilatedDenseBlock(width, growth, layers, d, dense=dense) for d in dilations)
        # Each level's features go to the hierarchy at `width` channels, and pooled to the next level.
        self.narrow = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width + growth * layers, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
            for _ in dilations
        )
        self.units = nn.ModuleList([self._hierarchy() for _ in range(2 if both_ways else 1)])
        self.last = nn.Conv2d(width, classes, 1)
        self.aggregate: nn.ModuleList | None = None
        if classify:
            self.aggregate = nn.ModuleList(
                nn.Sequential(
                    nn.Conv2d(2 * width, width, 3, stride=1 if deep_first else 2, padding=1, bias=False),
                    nn.BatchNorm2d(width),
                    nn.ReLU(),
                )
                for _ in dilations
            )
            # Without normalisation half of the hidden units died early (measured), and every clip was an A4C.
            hidden, joined = 2 * width, width if deep_first else 2 * width
            self.name = nn.Sequential(
                nn.BatchNorm1d(joined),
                nn.Linear(joined, hidden),
                nn.BatchNorm1d(hidden),
                nn.ReLU(),
                nn.Linear(hidden, views),
            )

    def _hierarchy(self) -> nn.ModuleList:
        # In: the level's features, the output of the level below, the output of the frame before; state: both
        # neighbours', which are merged into the unit's one state by a convolution.
        return nn.ModuleList(
            nn.ModuleDict(
                {
                    "unit": ConvLSTM(3 * self.width, self.width),
                    "merge": nn.Conv2d(2 * self.width, self.width, 1),
                }
            )
            for _ in range(self.levels)
        )

    def forward(self, clip: Tensor) -> tuple[Tensor, Tensor | None]:
        """Scores before softmax.

        Args:
            clip: (n, t, 1, rows, columns) float, grey levels / 255; sides are multiples of 2 ** (levels - 1).

        Returns:
            Segmentation (n, t, classes, rows, columns) and views (n, t, views), None without classification.

        """
        return self.going_on(clip, None)[:2]

    def going_on(self, clip: Tensor, state: State | None) -> tuple[Tensor, Tensor | None, State]:
        """What `forward` gives, from a state of earlier frames on, and the state after these.

        Args:
            clip: see `forward`.
            state: of the frames before, None at a clip's beginning.

        Raises:
            ValueError: a state for a network that looks ahead.

        """
        if state and len(self.units) > 1:
            raise ValueError("a network that looks ahead cannot go on from a state: give it whole clips")
        tensors, deep, after = self._run(clip, state)
        scores: Tensor = self.last(tensors[0].flatten(0, 1))
        return scores.reshape(*clip.shape[:2], *scores.shape[1:]), self.views(tensors, deep), after

    def aggregated_features(self, clip: Tensor) -> tuple[list[Tensor], Tensor]:
        """What the hierarchy found, (n, t, width, h, w) from full resolution down, and the deepest features alike.

        Args:
            clip: (n, t, 1, h, w) grey levels / 255.

        """
        return self._run(clip, None)[:2]

    def _run(self, clip: Tensor, state: State | None) -> tuple[list[Tensor], Tensor, State]:
        n, t = clip.shape[:2]
        features, deep = self._features(clip.flatten(0, 1))
        shaped = [level.reshape(n, t, *level.shape[1:]) for level in features]
        tensors, after = self._fused(shaped, self.units[0], state or {})
        if len(self.units) > 1:
            back, _ = self._fused([level.flip(1) for level in shaped], self.units[1], {})
            tensors = [(tensor + other.flip(1)) / 2 for tensor, other in zip(tensors, back, strict=True)]
            after = {}
        return tensors, deep.reshape(n, t, *deep.shape[1:]), after

    def _features(self, frames: Tensor) -> tuple[list[Tensor], Tensor]:
        """Features of each level, from full resolution down, and the deepest."""
        x, out = self.first(frames), []
        for level, (dense, narrow) in enumerate(zip(self.blocks, self.narrow, strict=True)):
            x = narrow(dense(x if level == 0 else nn.functional.max_pool2d(x, 2)))
            out.append(x)
        return out, x

    def _fused(self, features: list[Tensor], units: nn.Module, state: State) -> tuple[list[Tensor], State]:
        """Outputs y of every level, (n, t, width, h, w) each, from full resolution down, and the last state."""
        assert isinstance(units, nn.ModuleList)
        t = features[0].shape[1]
        outputs: list[list[Tensor]] = [[] for _ in features]
        before = dict(state) if self.temporal else {}
        for frame in range(t):
            below: tuple[Tensor, Tensor] | None = None  # output and hidden state of the level below
            for level in reversed(range(len(features))):
                x = features[level][:, frame]
                part = units[level]
                assert isinstance(part, nn.ModuleDict)
                unit, merge = part["unit"], part["merge"]
                assert isinstance(unit, ConvLSTM)
                zero = x.new_zeros(x.shape[0], self.width, *x.shape[2:])
                name = f"level{level}"
                up = zero
                if below is not None and self.spatial:
                    up = nn.functional.interpolate(below[0], size=x.shape[2:], mode="bilinear", align_corners=False)
                past_y, past_c = before.get(name, (zero, zero))
                # With ConvLSTMs an output is the hidden state itself: y and h of equations (2) and (3) are one.
                hidden = merge(torch.cat([up if self.spatial_state else zero, past_y], dim=1))
                h, c = unit(torch.cat([x, up, past_y], dim=1), (hidden, past_c))
                outputs[level].append(h)
                below = (h, c)
                if self.temporal:
                    before[name] = below
        return [torch.stack(frames, dim=1) for frames in outputs], before

    def views(self, tensors: list[Tensor], deep: Tensor) -> Tensor | None:
        """(n, t, views) scores before softmax of what `aggregated_features` gave; None without classification.

        Args:
            tensors: of `aggregated_features`, from full resolution down.
            deep: of `aggregated_features`.

        """
        if self.aggregate is None:
            return None
        if self.deep_first:
            return self._views_from_deep(tensors, deep)
        x = tensors[0].flatten(0, 1)
        for level, down in enumerate(self.aggregate):
            x = down(torch.cat([x, tensors[level].flatten(0, 1)], dim=1))
        both = torch.cat([x.mean(dim=(2, 3)), deep.flatten(0, 1).mean(dim=(2, 3))], dim=1)
        named: Tensor = self.name(both)
        return named.reshape(*deep.shape[:2], -1)

    def _views_from_deep(self, tensors: list[Tensor], deep: Tensor) -> Tensor:
        # Levels join from the deepest on, as the hierarchy runs, pooled to the size that the branch has come to.
        assert self.aggregate is not None
        x = deep.flatten(0, 1)
        for level, joining in enumerate(self.aggregate):
            maps = tensors[len(tensors) - 1 - level].flatten(0, 1)
            maps = nn.functional.interpolate(maps, size=x.shape[2:], mode="area")
            x = joining(torch.cat([x, maps], dim=1))
            if min(x.shape[2:]) > 1:
                x = nn.functional.max_pool2d(x, 2)
        named: Tensor = self.name(x.mean(dim=(2, 3)))
        return named.reshape(*deep.shape[:2], -1)
