"""Clips with known views, and what the model says of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.acdc import acdc_png
from kinecor_lab.datasets.samples import Picture, camus_png
from kinecor_lab.tasks.views.negatives import no_views
from kinecor_lab.tasks.views.samples import UNKNOWN, ViewSample, rendered_clips
from kinecor_models.contract import ClipInput
from kinecor_models.views.classes import CLASSES
from kinecor_models.views.model import ViewModel

SIMULATED, SCENES, CAMUS, MRI = "simulated", "no view", "CAMUS", "short-axis MRI"


@dataclass(frozen=True, eq=False)
class Trial:
    """A clip: where it is from, its (frames, rows, columns) pictures, and the true class."""

    source: str
    frames: Picture
    view: int


@dataclass(frozen=True, eq=False)
class Scored:
    """A trial, the (classes,) mean scores of its frames before softmax, and how long a frame took, in ms."""

    trial: Trial
    scores: NDArray[np.float32]
    frame_ms: float


def simulated(folder: Path, hearts: int, seed: int) -> list[Trial]:
    """Simulated clips of three frames each, and half as many scenes without a view.

    Args:
        folder: of simulated frames, made if they are not there.
        hearts: how many clips.
        seed: others than were learnt from.

    """
    clips = rendered_clips(folder, hearts, seed)[:hearts]
    frames = [ViewSample(pictures[0], view) for pictures, view in clips]
    scenes = no_views(hearts // 2, seed, frames)
    return [
        *(Trial(SIMULATED, pictures, view) for pictures, view in clips),
        *(Trial(SCENES, one.image[None], UNKNOWN) for one in scenes),
    ]


def real_four_chamber(folder: Path, split: str) -> list[Trial]:
    """ED and ES frame of each patient of a split of CAMUS as one clip; DataSetError where there are none."""
    named = [(one.patient, one.image) for one in camus_png(folder, [split])]
    return _joined(CAMUS, named, CLASSES.index("A4C"))


def short_axis_mri(folder: Path, split: str) -> list[Trial]:
    """ED and ES of each slice of a split of ACDC as one clip of no view; DataSetError where there are none."""
    named = [(f"{one.patient} {one.number}", one.image) for one in acdc_png(folder, [split])]
    return _joined(MRI, named, UNKNOWN)


def _joined(source: str, named: Sequence[tuple[str, Picture]], view: int) -> list[Trial]:
    """Pictures of one name and size as one clip."""
    by_name: dict[tuple[str, tuple[int, ...]], list[Picture]] = {}
    for name, picture in named:
        by_name.setdefault((name, picture.shape), []).append(picture)
    return [Trial(source, np.stack(pictures), view) for pictures in by_name.values()]


def scored(model: ViewModel, trials: Sequence[Trial], tick: Callable[[int, int], None]) -> list[Scored]:
    """What the model makes of each trial; `tick` is called after each."""
    found = []
    for number, trial in enumerate(trials):
        started = perf_counter()
        frames, scores = model.scores(ClipInput(trial.frames), lambda *_: None)
        frame_ms = 1000 * (perf_counter() - started) / len(frames)
        found.append(Scored(trial, scores.mean(axis=0), frame_ms))
        tick(number + 1, len(trials))
    return found
