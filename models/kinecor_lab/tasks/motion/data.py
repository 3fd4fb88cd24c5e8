"""Pairs of images with known motion: from simulated and warped clips, in files generated once before training."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, permutations
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.cycles import label_values
from kinecor_lab.datasets.cycles import pairs as slice_pairs
from kinecor_lab.datasets.samples import camus_png
from kinecor_lab.datasets.short_axis import acdc_png
from kinecor_lab.tasks.motion.clips import FlowClip, echo_clip, mri_clips, warped_clip
from kinecor_lab.tasks.motion.pairs import (
    KNOWN,
    NODES,
    SIDE_PX,
    UNKNOWN,
    WALL,
    FlowPairs,
    joined,
    nodes,
    packed,
    write_pairs,
)
from kinecor_lab.tasks.motion.synthetic import synthetic
from kinecor_models.contract import Grid, fit_grid
from kinecor_models.engines.engine import halve_image, open_guesser
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, Anatomy, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.path import find_path

Both = tuple[LabelledFrame, LabelledFrame]
"""A patient's frame at ED and at ES."""
VIEWS = ("A4C", "A2C", "A3C", "A4C", "A2C", "A3C", "PSAX mid", "PLAX")
# Frames rendered of a clip and pairs taken of them; frames apart at most.
_FRAMES, _PAIRS, _APART = 6, 12, 4
# Displacements that are farther are no motion from frame to frame any more.
_FURTHEST_PX = 14.0
# Short axes of a simulated study, and cines of a pair of experts' frames.
_SHORT, _CINES = 3, 2


def around(points: Sequence[NDArray[np.float64]], rng: Generator) -> Grid:
    """A square of 2 SIDE_PX about the points (n, 2) in pixels, with some room, not quite in the middle."""
    every = np.concatenate(points)
    low, high = every.min(axis=0), every.max(axis=0)
    side = float((high - low).max())
    room, off = side * rng.uniform(0.03, 0.4), side * rng.normal(0, 0.06, 2)
    x0, y0 = np.floor(low - room + off).astype(int)
    x1, y1 = np.ceil(high + room + off).astype(int)
    return fit_grid((int(x0), int(y0), int(x1), int(y1)), 2 * SIDE_PX)


def paired(clip: FlowClip, rng: Generator) -> FlowPairs | None:
    """Pairs of frames at most _APART from each other, either way in time; None where the wall is out of sight."""
    grid = around(clip.outer, rng)
    # Nodes are laid on the square halved.
    at = grid.to_image(2 * nodes() + 0.5)
    every = [(a, b) for a, b in permutations(range(len(clip.frames)), 2) if abs(a - b) <= _APART]
    # Neighbours are what the network will mostly see.
    weight = np.array([1 / abs(a - b) for a, b in every])
    chosen = rng.choice(len(every), min(_PAIRS, len(every)), replace=False, p=weight / weight.sum())
    ends, motion, known = [], [], []
    for a, b in (every[i] for i in chosen):
        moved, sure = clip.truth(a, b, at)
        moved = moved / grid.step_px / 2
        sure = np.where(np.isfinite(moved).all(axis=1) & (np.abs(moved).max(axis=1) < _FURTHEST_PX), sure, UNKNOWN)
        if (sure == WALL).mean() < 0.02:
            continue
        ends.append((a, b))
        motion.append(packed(np.nan_to_num(moved)).reshape(NODES, NODES, 2))
        known.append(sure.reshape(NODES, NODES).astype(np.uint8))
    if not ends:
        return None
    used, again = np.unique(np.array(ends, np.int32), return_inverse=True)
    squares, guess = [grid.sampled(clip.frames[frame]) for frame in used], open_guesser()
    indices = again.reshape(-1, 2).astype(np.int32)
    return FlowPairs(
        np.stack([halve_image(square) for square in squares]),
        indices,
        np.stack(motion),
        np.stack(known),
        np.stack([packed(guess(squares[a], squares[b])) for a, b in indices]),
    )


def random_rate(rng: Generator) -> float:
    """Frames per second, 12 to 110, evenly on a logarithmic scale."""
    return float(np.exp(rng.uniform(np.log(12), np.log(110))))


def simulated_echo(seed: int) -> Iterator[FlowPairs]:
    """Pairs of random hearts, views, probes and looks, for ever."""
    rng = np.random.default_rng((seed, 11))
    while True:
        heart, view = draw_any(rng, beats=2), str(rng.choice(list(VIEWS)))
        times_s = float(rng.uniform(0, heart.rhythm.duration_s / 2)) + np.arange(_FRAMES) / random_rate(rng)
        clip = echo_clip(heart, view, times_s, rng, int(rng.integers(190, 320)))
        found = None if clip is None else paired(clip, rng)
        if found is not None:
            yield found


def simulated_mri(seed: int) -> Iterator[FlowPairs]:
    """Pairs of random short and long axes of random hearts in random scanners, for ever."""
    rng = np.random.default_rng((seed, 13))
    while True:
        for clip in mri_clips(draw_any(rng, 2, still=True), rng, int(rng.integers(14, 31)), _SHORT):
            flow_pairs = paired(clip, rng)
            if flow_pairs is not None:
                yield flow_pairs


def warped_pairs(both: Sequence[Both], anatomy: Anatomy, seed: int) -> Iterator[FlowPairs]:
    """Pairs of patients' frames set in motion; those that do not match are left out."""
    rng = np.random.default_rng((seed, 23))
    for ed, es in both:
        try:
            path = find_path(ed, es, anatomy)
        except NoMatchError:
            continue
        texture = path.texture()
        for _ in range(_CINES):
            # Squares and displacements are in pixels: what one measures does not matter here.
            flow_pairs = paired(warped_clip(path, texture, _FRAMES, random_rate(rng), 1.0, rng), rng)
            if flow_pairs is not None:
                yield flow_pairs


SOURCES = ("synthetic", "simulated-echo", "warped-echo", "simulated-mri", "warped-mri")
# Per file: clips of simulated sources, patients or slices of warped ones, pairs of synthetic ones.
_EACH = {"synthetic": 1000, "simulated-echo": 60, "simulated-mri": 60, "warped-echo": 25, "warped-mri": 25}
_FIRST_SEED = {"train": 2000, "valid": 520_000}


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many files of each source there are to train on; to choose by there is one of each."""

    simulated_echo: int = 5
    simulated_mri: int = 3
    warped_echo: int = 4
    warped_mri: int = 3
    synthetic: int = 3

    def of(self, source: str) -> int:
        """Files of one of SOURCES."""
        return int(getattr(self, source.replace("-", "_")))


def camus_both(folder: Path, *, chosen_by: bool | None) -> list[Both]:
    """ED and ES frame of CAMUS' training patients.

    Args:
        folder: see camus_png.
        chosen_by: True for the eighth of them by which training is judged, False for the others, None for the
            validation patients, which no training sees.

    """
    by_patient: dict[str, dict[str, LabelledFrame]] = {}
    for sample in camus_png(folder, ["valid" if chosen_by is None else "train"]):
        if chosen_by is None or (zlib.crc32(sample.patient.encode()) % 8 == 0) is chosen_by:
            by_patient.setdefault(sample.patient, {})[sample.phase] = LabelledFrame(sample.image, sample.label)
    return _shuffled([(two["ED"], two["ES"]) for two in by_patient.values() if len(two) == 2])


def acdc_both(folder: Path, split: str) -> list[Both]:
    """ED and ES frame of ACDC's slices that have cavity and wall at both."""
    found = []
    for two in slice_pairs(acdc_png(folder, [split])):
        ed, es = (LabelledFrame(sample.image, label_values(sample.allowed)) for sample in two)
        found.append((ed, es))
    return _shuffled(found)


def _shuffled(both: list[Both]) -> list[Both]:
    return [both[int(i)] for i in np.random.default_rng(19).permutation(len(both))]


def labelled(both: Sequence[Both], anatomy: Anatomy) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Images and labels as `synthetic` takes them."""
    found = []
    for frame in (labelled_frame for two in both for labelled_frame in two):
        label = np.zeros_like(frame.label)
        label[np.isin(frame.label, (anatomy.cavity, anatomy.other))] = KNOWN
        label[frame.label == anatomy.wall] = WALL
        # Blood in MR has no speckle.
        found.append((frame.image, label if anatomy.long_axis else np.where(label == WALL, WALL, 0).astype(np.uint8)))
    return found


def make(
    folder: Path,
    sources: Sequence[str],
    amounts: Amounts,
    camus: Path | None,
    acdc: Path | None,
    say: Callable[[str], None] = print,
) -> None:
    """Makes what is missing of SOURCE-SPLIT-NN.npz.

    Args:
        folder: of the files.
        sources: of SOURCES.
        amounts: of the training split.
        camus: CAMUS' frames as PNG, for warped echo clips and synthetic pairs; without, there are none of them.
        acdc: ACDC's slices as PNG, likewise for MRI.
        say: called with a message about every file.

    Raises:
        DataSetError: a data set is damaged.

    """
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("valid", "train"):
        echo = camus_both(camus, chosen_by=split == "valid") if camus else []
        mri = acdc_both(acdc, "train") if acdc else []
        # ACDC's own validation slices are reserved for the table; an eighth of its training slices is for selection.
        cut = len(mri) // 8
        mri = mri[:cut] if split == "valid" else mri[cut:]
        real = labelled(echo, APICAL) + labelled(mri, SHORT_AXIS)
        most = max(amounts.of(source) for source in sources) if split == "train" else 1
        # Number by number, so that a making that was stopped early already has some of everything.
        for number in range(most):
            for source in sources:
                if number >= amounts.of(source):
                    continue
                path = folder / f"{source}-{split}-{number:02d}.npz"
                if path.is_file() or (source == "synthetic" and not real):
                    continue
                seed, many = _FIRST_SEED[split] + number, _EACH[source]
                part = slice(number * many, (number + 1) * many)
                of: dict[str, Callable[[], Iterator[FlowPairs]]] = {
                    "synthetic": partial(synthetic, real, seed),
                    "simulated-echo": partial(simulated_echo, seed),
                    "simulated-mri": partial(simulated_mri, seed),
                    "warped-echo": partial(warped_pairs, echo[part], APICAL, seed),
                    "warped-mri": partial(warped_pairs, mri[part], SHORT_AXIS, seed),
                }
                endless = source in ("synthetic", "simulated-echo", "simulated-mri")
                flow_pairs_list = list(islice(of[source](), many if endless else None))
                if flow_pairs_list:
                    write_pairs(path, joined(flow_pairs_list))
                say(f"{path.name}: {sum(len(flow_pairs) for flow_pairs in flow_pairs_list)} pairs")


def files(folder: Path, split: str, sources: Sequence[str] = SOURCES) -> list[Path]:
    """The files of a split, in order."""
    return [path for source in sources for path in sorted(folder.glob(f"{source}-{split}-*.npz"))]
