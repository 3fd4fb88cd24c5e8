"""Clips to measure on: frames of experts, warped cines and simulated hearts whose truth is known, sequences."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.clip import SequenceClip
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.sequence.data import FRAMES, Pair, doubted, events_in, pairs_of, paths_of
from kinecor_lab.tasks.sequence.metrics import UNKNOWN
from kinecor_models.contract import ClipInput
from kinecor_phantoms.echo.stream import echo_clips
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.warped.cine import MadeCine, make_cine
from kinecor_phantoms.warped.draw import SWAYS, WEAK, drawn_weakness
from kinecor_phantoms.warped.path import Path2D
from kinecor_phantoms.warped.poses import swaying
from kinecor_phantoms.warped.texture import Look

Labels = NDArray[np.uint8]

FIRST_SEED = 620_000
"""Of simulated test recordings: no training and no choice has seen these hearts."""
SIMULATED_PX = 256
RATES_PER_MIN, FRAMES_PER_S = (50.0, 95.0), (22.0, 50.0)
"""Of warped cines: heart rates, and frames a second."""


@dataclass(frozen=True, eq=False)
class SequenceCase:
    """A clip with its truth.

    Attributes:
        name, patient, source, view: of the clip; there is one table per `source`.
        clip: what models are given.
        truth: (t, rows, columns) uint8 labels 0..3; UNKNOWN where it is not known, for whole frames too.
        ed, es: frames of end-diastole and end-systole.
        spacing_mm: of square pixels, NaN where it is not known.
        still: whether the frames are single images that do not follow one another.

    """

    name: str
    patient: str
    source: str
    view: str
    clip: ClipInput
    truth: Labels
    ed: tuple[int, ...]
    es: tuple[int, ...]
    spacing_mm: float
    still: bool = False

    @property
    def annotated(self) -> list[int]:
        """Frames with known truth."""
        return [int(index) for index in np.flatnonzero((self.truth != UNKNOWN).any(axis=(1, 2)))]


def stills(samples: Sequence[Sample]) -> Iterator[SequenceCase]:
    """Every patient's view as two single frames, ED and ES."""
    for ed, es in pairs_of(samples):
        high, wide = (max(ed.image.shape[axis], es.image.shape[axis]) for axis in (0, 1))
        frames = np.zeros((2, high, wide), np.uint8)
        truth = np.zeros((2, high, wide), np.uint8)
        for number, sample in enumerate((ed, es)):
            rows, columns = sample.image.shape
            frames[number, :rows, :columns], truth[number, :rows, :columns] = sample.image, sample.label
        clip = ClipInput(frames, spacing_mm=_known(ed.spacing_mm))
        name = f"{ed.patient}/{ed.view}"
        yield SequenceCase(name, ed.patient, "CAMUS ED/ES", ed.view, clip, truth, (0,), (1,), ed.spacing_mm, still=True)


def _known(spacing_mm: float) -> float | None:
    return spacing_mm if np.isfinite(spacing_mm) else None


def whole_beat(path: Path2D, rng: Generator, beats: int = 1) -> MadeCine:
    """A warped cine that holds whole beats and a tenth of a second at either end, as loops are saved in practice."""
    rhythm = sinus_rhythm(float(rng.uniform(*RATES_PER_MIN)), beats + 2, rng)
    first, last = rhythm.beats[1], rhythm.beats[beats]
    times_s = np.arange(first.start_s - 0.1, last.end_s + 0.1, 1 / float(rng.uniform(*FRAMES_PER_S)))
    height, width = path.ed.image.shape
    poses = None
    if rng.random() < SWAYS:
        poses = swaying(times_s, (width / 2, height / 2), float(rng.uniform(0.3, 2.0)), rng)
    look = Look(float(rng.uniform(0.4, 0.95)), float(rng.uniform(0.1, 0.5)), float(rng.uniform(0.03, 0.1)))
    weak = [drawn_weakness(path, rng)] if rng.random() < WEAK else []
    amplitude = float(rng.uniform(0.8, 1.05))
    return make_cine(path, rhythm, times_s, rng, amplitude=amplitude, weak=weak, poses=poses, look=look)


def warped(
    pairs: Sequence[Pair], folder: Path, seed: int, say: Callable[[str], None], beats: int = 1
) -> Iterator[SequenceCase]:
    """One warped cine of each pair of frames that matches, of this many beats; paths are saved in `folder`."""
    for (ed, _), path in paths_of(pairs, folder, say):
        rng = np.random.default_rng((seed, 13, *ed.patient.encode(), *ed.view.encode()))
        cine = whole_beat(path, rng, beats)
        interval_s = float(np.median(np.diff(cine.times_s)))
        clip = ClipInput(cine.frames, interval_s=interval_s, spacing_mm=_known(ed.spacing_mm))
        truth = doubted(cine.labels, path.unmatched)
        name = f"{ed.patient}/{ed.view}"
        yield SequenceCase(name, ed.patient, "warped cines", ed.view, clip, truth, cine.ed, cine.es, ed.spacing_mm)


def simulated(count: int, seed: int) -> Iterator[SequenceCase]:
    """Clips of random hearts in all apical views; `seed` is added to FIRST_SEED."""
    clips = echo_clips(FIRST_SEED + seed, frames=FRAMES, side_px=SIMULATED_PX)
    for number, clip in enumerate(islice(clips, count)):
        interval_s = float(np.median(np.diff(clip.times_s)))
        yield SequenceCase(
            f"sim{seed}-{number}",
            f"sim{seed}-{number}",
            "simulated hearts",
            clip.view,
            ClipInput(clip.frames, interval_s=interval_s, spacing_mm=clip.mm_per_px),
            clip.left_labels,
            events_in(clip.times_s, clip.ed_s),
            events_in(clip.times_s, clip.es_s),
            clip.mm_per_px,
        )


def real(clips: Iterator[SequenceClip]) -> Iterator[SequenceCase]:
    """Sequences of a public set, as the network sees them; what they are not labelled in is UNKNOWN."""
    for clip in clips:
        interval_s = float(np.median(np.diff(clip.times_s)))
        looked_at = ClipInput(clip.frames, interval_s=interval_s, spacing_mm=_known(clip.mm_per_px))
        truth = np.where(clip.labels > 3, UNKNOWN, clip.labels).astype(np.uint8)
        source = f"{clip.source} sequences"
        yield SequenceCase(
            clip.name, clip.patient, source, clip.view, looked_at, truth, clip.ed, clip.es, clip.mm_per_px
        )
