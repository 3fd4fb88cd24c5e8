"""Rows of the tables: shipped models with what smooths them, and networks of training runs, behind one call."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from kinecor_models.apical import BLUR_PX, STRUCTURES
from kinecor_models.card import ModelCard
from kinecor_models.contract import ClipInput, ClipModel, ClipOutput, Points
from kinecor_models.engines.engine import Engine
from kinecor_models.evaluation.sequence_cases import SequenceCase
from kinecor_models.framing import grey, sector_box
from kinecor_models.grid import Grid, fitted
from kinecor_models.nets.temporal_unet import State
from kinecor_models.outlines import outlines
from kinecor_models.smoothing import moving_average
from kinecor_models.training.sequence_clip import VIEWS
from kinecor_models.training.sequence_loop import trained
from kinecor_models.training.sequence_nets import SequenceNet
from kinecor_models.training.sequence_plan import TITLES

Field = NDArray[np.float32]

KEPT = 96
"""Answers that are remembered: more than the longest made clip has frames."""
PART = 8
"""Frames that a network which streams is given at a time."""


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


@dataclass(frozen=True, eq=False)
class Looked:
    """What a row found in a case: contours, and the view where it names one."""

    output: ClipOutput
    view: str | None = None


Row = Callable[[SequenceCase], Looked]


def _silent(_done: int, _total: int) -> None:
    return None


def _stacked(outputs: list[ClipOutput]) -> ClipOutput:
    """Clips of one frame as one; their grids may differ, so contours go to the first one's."""
    grid = outputs[0].grid
    contours: dict[str, list[Points | None]] = {}
    for name in outputs[0].contours:
        contours[name] = [
            None if line is None else grid.to_network(one.grid.to_picture(line)).astype(np.float32)
            for one in outputs
            for line in one.contours[name]
        ]
    sure = {name: np.concatenate([one.confidence[name] for one in outputs]) for name in outputs[0].confidence}
    return ClipOutput(contours, sure, grid)


def single_frames(case: SequenceCase) -> list[SequenceCase]:
    """The frames of a case of single pictures, each as a clip of its own."""
    return [
        replace(case, clip=replace(case.clip, frames=case.clip.frames[frame : frame + 1]), truth=case.truth[[frame]])  # type: ignore[index]
        for frame in range(len(case.clip.frames))
    ]


def by_model(model: ClipModel) -> Row:
    """A row of a model that ships."""

    def look(case: SequenceCase) -> Looked:
        if case.still:
            return Looked(_stacked([model(one.clip, _silent) for one in single_frames(case)]))
        return Looked(model(case.clip, _silent))

    return look


class SequenceModel:
    """A network of a training run as a ClipModel.

    Args:
        net: ready to infer.
        side: of its pictures in pixels.
        name: of the run.
        view: what is told to a network with a view flag.
        average: whether probabilities are averaged over time (smoothing.py).

    """

    def __init__(self, net: SequenceNet, side: int, name: str, view: str = "A4C", *, average: bool = False) -> None:
        self._net, self._side, self._view, self._average = net, side, view, average
        self._card = ModelCard(
            name, "0", TITLES.get(name, name), "", "", "", "a training run", (), "measuring", (), {}, side
        )

    @property
    def card(self) -> ModelCard:
        """Its name and size; a network that does not ship has no more."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Callable[[int, int], None]) -> ClipOutput:
        """Contours of every frame."""
        return self.looked(clip, tick).output

    def looked(self, clip: ClipInput, tick: Callable[[int, int], None]) -> Looked:
        """Contours of every frame, and the view if the network names one."""
        grid = fitted(sector_box(clip), self._side, clip.aspect)
        named: list[Field] = []
        contours: dict[str, list[Points | None]] = {name: [] for name in STRUCTURES}
        confidence: dict[str, list[float]] = {name: [] for name in STRUCTURES}
        found = self._probabilities(clip, grid, named, tick)
        for probability in moving_average(found, clip.interval_s) if self._average else found:
            # Blurred as the shipped model's, in the same share of the picture.
            frame = outlines(probability, STRUCTURES, BLUR_PX * self._side / 256)
            for name in STRUCTURES:
                contours[name].append(frame.contours[name])
                confidence[name].append(frame.confidence[name])
        sure = {name: np.array(values, np.float32) for name, values in confidence.items()}
        best = VIEWS[int(np.mean(named, axis=0).argmax())] if named else None
        return Looked(ClipOutput(contours, sure, grid), best)

    def _probabilities(
        self, clip: ClipInput, grid: Grid, named: list[Field], tick: Callable[[int, int], None]
    ) -> Iterator[Field]:
        """(4, side, side) of every frame; views go to `named`. What streams is given a few frames at a time."""
        total = len(clip.frames)
        view = torch.tensor([VIEWS.index(self._view)])
        part, state = (PART if self._net.shape.streams else total), State()
        for first in range(0, total, part):
            last = min(first + part, total)
            pictures = np.stack([grid.sampled(grey(clip.frames[one])) for one in range(first, last)])
            with torch.inference_mode():
                frames = torch.from_numpy(pictures)[None, :, None].float() / 255
                scores, views, state = self._net(frames, view, state or None)
                if views is not None:
                    named += list(torch.softmax(views[0].float(), dim=1).numpy())
                probabilities = torch.softmax(scores[0].float(), dim=1).numpy()
            tick(last, total)
            yield from probabilities


def by_network(file: Path, *, average: bool = False) -> Row:
    """A row of a network of a training run.

    Args:
        file: best.pt of the run.
        average: whether probabilities are averaged over time.

    Raises:
        WeightsError: the file is missing or holds something else.

    """
    net, plan = trained(file)

    def look(case: SequenceCase) -> Looked:
        model = SequenceModel(net, plan.cutting.side, file.parent.name, case.view, average=average)
        if not case.still:
            return model.looked(case.clip, _silent)
        frames = [model.looked(one.clip, _silent) for one in single_frames(case)]
        return Looked(_stacked([one.output for one in frames]), frames[0].view)

    return look
