"""Rows of the tables: shipped models with what smooths them, and networks of training runs, behind one call."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.tasks.sequence.cases import SequenceCase
from kinecor_lab.tasks.sequence.loop import trained
from kinecor_lab.tasks.sequence.plan import TITLES
from kinecor_models.card import ModelCard
from kinecor_models.contours.sequence import SequenceModel
from kinecor_models.contract import ClipModel, ClipOutput, Points
from kinecor_models.engines.engine import Engine
from kinecor_models.engines.sequence import TorchSequence

KEPT = 192
"""Answers that are remembered: more than the longest made clip has frames."""


class Remembering:
    """An engine that remembers its last answers, so that rows which differ in smoothing alone cost one pass."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    def __call__(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See Engine."""
        key = picture.tobytes()
        if key not in self._held:
            self._held[key] = self._engine(picture)
            if len(self._held) > KEPT:
                self._held.popitem(last=False)
        return self._held[key]


Row = Callable[[SequenceCase], ClipOutput]
"""Contours of a case, and its view where the row names one."""


def _silent(_done: int, _total: int) -> None:
    return None


def _stacked(outputs: list[ClipOutput]) -> ClipOutput:
    """Clips of one frame as one; their grids may differ, so contours go to the first one's."""
    grid = outputs[0].grid
    contours: dict[str, list[Points | None]] = {}
    for name in outputs[0].contours:
        contours[name] = [
            None if line is None else grid.to_network(one.grid.to_image(line)).astype(np.float32)
            for one in outputs
            for line in one.contours[name]
        ]
    sure = {name: np.concatenate([one.confidence[name] for one in outputs]) for name in outputs[0].confidence}
    return ClipOutput(contours, sure, grid, outputs[0].view)


def single_frames(case: SequenceCase) -> list[SequenceCase]:
    """The frames of a case of single pictures, each as a clip of its own."""
    return [
        replace(case, clip=replace(case.clip, frames=case.clip.frames[frame : frame + 1]), truth=case.truth[[frame]])  # type: ignore[index]
        for frame in range(len(case.clip.frames))
    ]


def by_model(model: ClipModel) -> Row:
    """A row of a model that ships."""

    def look(case: SequenceCase) -> ClipOutput:
        if case.still:
            return _stacked([model(one.clip, _silent) for one in single_frames(case)])
        return model(case.clip, _silent)

    return look


def by_network(file: Path, *, average: bool = False) -> Row:
    """A row of a network of a training run.

    Args:
        file: best.pt of the run.
        average: whether probabilities are averaged over time.

    Raises:
        WeightsError: the file is missing or holds something else.

    """
    net, plan = trained(file)
    name = file.parent.name
    # A network that does not ship has a name and a size, and no more.
    card = ModelCard(
        name, "0", TITLES.get(name, name), "", "", "", "a training run", (), "measuring", (), {}, plan.cutting.side
    )

    def look(case: SequenceCase) -> ClipOutput:
        model = SequenceModel(card, TorchSequence(net), view=case.view, average=average)
        return by_model(model)(case)

    return look
