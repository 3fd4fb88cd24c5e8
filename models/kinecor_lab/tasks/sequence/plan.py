"""All that a training on clips is determined by, and the arms of Smistad and Li 2019 as such plans."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from kinecor_lab.tasks.sequence.losses import CLIP, TEMPORAL_SHARE
from kinecor_lab.tasks.sequence.samples import Cutting
from kinecor_models.nets.sequence_net import Shape, shape_from


@dataclass(frozen=True, slots=True)
class SequencePlan:
    """A training run.

    Attributes:
        shape: of the network.
        cutting: how samples are cut out of clips.
        steps: of the optimiser.
        batch: clips a step; single frames (`cutting.frames` of 1) come `batch` at a time too.
        rate: highest learning rate of AdamW, reached after 3 % of the run, then a cosine down to 1 %.
        weight_decay: of AdamW.
        share, clip: of the temporal loss, see clip_losses.py.
        of_view: weight of the view's loss (RAL).
        view_alone: whether RAL's second branch alone learns, on the rest as it is; most needs no gradient then, and
            many short clips go into a step.
        average: decay of the running mean of weights that is validated and saved.
        warm: whether it starts from the shipped apical weights, where the network is built on theirs.
        seed: of first weights and samples.
        cross_entropy: whether overlap is Dice and cross-entropy; False for the Dice loss of the paper alone.
        plateau: validations in a row without a higher score after which the rate halves, in place of the cosine, as
            Li 2019 lowers it; None for the cosine.

    """

    shape: Shape
    cutting: Cutting = field(default_factory=Cutting)
    steps: int = 2000
    batch: int = 2
    rate: float = 1e-3
    weight_decay: float = 1e-3
    share: float = TEMPORAL_SHARE
    clip: float = CLIP
    of_view: float = 0.2
    view_alone: bool = False
    average: float = 0.995
    warm: bool = True
    seed: int = 2026
    cross_entropy: bool = True
    plateau: int | None = None

    def __post_init__(self) -> None:
        if self.cutting.side % self.shape.multiple:
            fits = math.ceil(self.cutting.side / self.shape.multiple) * self.shape.multiple
            raise ValueError(
                f"expected a side that is a multiple of {self.shape.multiple}, got {self.cutting.side}; try {fits}"
            )
        if self.view_alone and (self.shape.kind != "ral" or "classification" in self.shape.without):
            raise ValueError("only RAL with its second branch can learn views alone; name --arm ral")

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""
        along = step / self.steps
        if along < 0.03:
            return self.rate * max(along / 0.03, 0.02)
        return self.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * (along - 0.03) / 0.97)) / 2)


def plan_fields(plan: SequencePlan) -> dict[str, Any]:
    """A plan as it is written to a file: runs that began before these were choices resume."""
    fields = asdict(plan)
    if plan.cross_entropy:
        del fields["cross_entropy"]
    if plan.plateau is None:
        del fields["plateau"]
    if not plan.shape.deep_first:
        del fields["shape"]["deep_first"]
    return fields


def plan_from(fields: Mapping[str, Any]) -> SequencePlan:
    """A plan from its fields as read from a file.

    Raises:
        TypeError, KeyError: a field is missing or unknown.

    """
    cutting = dict(fields["cutting"])
    cutting["steps"] = tuple(cutting["steps"])
    return SequencePlan(**{**fields, "shape": shape_from(fields["shape"]), "cutting": Cutting(**cutting)})


_SINGLE = 40
"""Single frames a step: as many as two clips of 20 hold."""

ARMS: dict[str, SequencePlan] = {
    "edes": SequencePlan(Shape("frames"), Cutting(1, annotations="edes"), batch=_SINGLE, share=0.0),
    "seven": SequencePlan(Shape("frames"), Cutting(1, annotations="seven"), batch=_SINGLE, share=0.0),
    "every": SequencePlan(Shape("frames"), Cutting(1), batch=_SINGLE, share=0.0),
    "convlstm": SequencePlan(Shape("convlstm")),
    "convlstm-interpolated": SequencePlan(Shape("convlstm"), Cutting(annotations="interpolated")),
    "convlstm-seven": SequencePlan(Shape("convlstm"), Cutting(annotations="seven")),
    "convlstm-deep": SequencePlan(Shape("convlstm", places=("encoder", "bottleneck"), shallowest=2)),
    "ral": SequencePlan(Shape("ral"), share=0.0, warm=False),
    "ral-both-ways": SequencePlan(Shape("ral", both_ways=True), share=0.0, warm=False),
    "ral-no-classification": SequencePlan(Shape("ral", without=("classification",)), share=0.0, warm=False),
    "ral-no-blocks": SequencePlan(Shape("ral", without=("blocks",)), share=0.0, warm=False),
    "ral-no-temporal": SequencePlan(Shape("ral", without=("temporal",)), share=0.0, warm=False),
    "ral-no-spatial": SequencePlan(Shape("ral", without=("spatial",)), share=0.0, warm=False),
    "ral-no-spatial-state": SequencePlan(Shape("ral", without=("spatial-state",)), share=0.0, warm=False),
}
"""Smistad, Table I: "edes", "seven" and "convlstm-interpolated" ("convlstm-seven" without interpolation).

Li 2019, Table 2: "ral" and its ablations ("without spatial" in two readings, see RAL), and the variant both ways that
it proposes. The others are ours: "every"
and "convlstm" learn from all frames of cines whose truth is known; "convlstm-deep" has no ConvLSTM at full and half
resolution, where it costs most and sees least.
"""

TITLES = {
    "edes": "Non-temporal ED/ES frames",
    "seven": "Non-temporal 7 frames",
    "every": "Non-temporal, every frame",
    "convlstm": "Temporal ConvLSTM, every frame",
    "convlstm-interpolated": "Temporal ConvLSTM",
    "convlstm-seven": "Temporal ConvLSTM, 7 frames, not interpolated",
    "convlstm-deep": "Temporal ConvLSTM, deep levels only",
    "ral": "RAL",
    "ral-both-ways": "RAL, both ways",
    "ral-no-classification": "RAL w/o classification",
    "ral-no-blocks": "RAL w/o ConvBlock",
    "ral-no-temporal": "RAL w/o temporal",
    "ral-no-spatial": "RAL w/o spatial, output and state of the level below",
    "ral-no-spatial-state": "RAL w/o spatial, the state alone",
}
