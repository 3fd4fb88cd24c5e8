"""Where labelled clips come from: experts' frames set in motion, and simulated hearts."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.clip import SequenceClip
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.sequence.paths import Pair, pairs_of, paths_of
from kinecor_lab.tasks.views.two_chamber import two_chamber_frames
from kinecor_models.contract import ClipInput
from kinecor_models.grid import Grid, fitted
from kinecor_models.localisation.framing import sector_box
from kinecor_phantoms.echo.stream import echo_clips
from kinecor_phantoms.warped.cine import MadeCine
from kinecor_phantoms.warped.draw import drawn_cine

FRAMES = 36
"""Frames of a clip: half a second at the fastest rate, more than two beats at the slowest."""
_VALUES = {"lv_endo": 1, "lv_epi": 2, "la": 3}
# So far around a structure that was not matched, in pixels, nothing is taught.
_DOUBT_PX = 7


def on_grid(labels: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """(t, size, size) labels of a grid's pixels from (t, rows, columns) of the picture; beyond it background."""
    (x, y), (across, down) = grid.to_image(np.zeros((1, 2)))[0], grid.step_px
    matrix = np.array([[across, 0, x], [0, down, y]])
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    placed = [cv2.warpAffine(label, matrix, (grid.size, grid.size), flags=how) for label in labels]
    return np.stack(placed).astype(np.uint8)


def doubted(labels: NDArray[np.uint8], structures: Sequence[str]) -> NDArray[np.uint8]:
    """Labels (t, rows, columns) with IGNORE for structures that are not to be believed, and background round them."""
    out = labels.copy()
    kernel = np.ones((2 * _DOUBT_PX + 1, 2 * _DOUBT_PX + 1), np.uint8)
    for name in structures:
        for label, wanted in zip(labels, out, strict=True):
            mask = (label == _VALUES[name]).astype(np.uint8)
            near = np.asarray(cv2.dilate(mask, kernel)) > 0
            wanted[(mask > 0) | (near & (label == 0))] = IGNORE
    return out


def from_made(cine: MadeCine, name: str, view: str, side_px: int, spacing_mm: float) -> SequenceClip:
    """A made cine as the network sees it."""
    grid = fitted(sector_box(ClipInput(cine.frames)), side_px)
    return SequenceClip(
        name,
        "made",
        view,
        np.stack([grid.sampled(frame) for frame in cine.frames]),
        on_grid(doubted(cine.labels, cine.path.unmatched), grid),
        cine.times_s,
        cine.ed,
        cine.es,
        spacing_mm * grid.step_px[0],
    )


def made_clips(
    pairs: Sequence[Pair], folder: Path, seed: int, side_px: int, say: Callable[[str], None]
) -> Iterator[SequenceClip]:
    """One clip of every pair of frames that matches.

    Args:
        pairs: ED and ES frames.
        folder: where paths are kept.
        seed: of rhythms, rates, strengths, weak places and grain; another one gives other clips of the same patients.
        side_px: of the pictures.
        say: where pairs that do not match are told.

    """
    for (ed, _), path in paths_of(pairs, folder, say):
        rng = np.random.default_rng((seed, 11, *ed.patient.encode(), *ed.view.encode()))
        cine = drawn_cine(path, rng, FRAMES)
        yield from_made(cine, f"{ed.patient}/{ed.view}-{seed}", ed.view, side_px, ed.spacing_mm)


def events_in(times_s: NDArray[np.float64], moments_s: Sequence[float]) -> tuple[int, ...]:
    """Frames nearest to those moments that a clip holds."""
    half_s = float(np.median(np.diff(times_s))) / 2 if len(times_s) > 1 else 0.0
    held = [at for at in moments_s if times_s[0] - half_s <= at <= times_s[-1] + half_s]
    return tuple(sorted({int(np.argmin(abs(times_s - at))) for at in held}))


def simulated_clips(seed: int, count: int, side_px: int, frames: int = FRAMES) -> Iterator[SequenceClip]:
    """Clips of random hearts in all apical views."""
    for number, clip in enumerate(islice(echo_clips(seed, frames=frames, side_px=side_px), count)):
        yield SequenceClip(
            f"sim{seed}-{number}",
            "simulated",
            clip.view,
            clip.frames,
            clip.left_labels,
            clip.times_s,
            events_in(clip.times_s, clip.ed_s),
            events_in(clip.times_s, clip.es_s),
            clip.mm_per_px,
        )


def still_clips(samples: Sequence[Sample], seed: int, side_px: int) -> Iterator[SequenceClip]:
    """Clips of two frames, ED and ES: of every pair, and of two-chamber frames made from its four-chamber ones.

    For views alone: in the real look both are there, so that this look does not tell them apart.
    """
    four = [one for one in samples if one.view == "A4C"]
    for ed, es in pairs_of([*samples, *two_chamber_frames(four, seed)]):
        if ed.image.shape != es.image.shape:
            continue
        frames, labels = np.stack([ed.image, es.image]), np.stack([ed.label, es.label])
        grid = fitted(sector_box(ClipInput(frames)), side_px)
        yield SequenceClip(
            f"{ed.patient}/{ed.view}-stills",
            "stills",
            ed.view,
            np.stack([grid.sampled(frame) for frame in frames]),
            on_grid(labels, grid),
            np.array([0.0, 0.4]),
            (0,),
            (1,),
            ed.spacing_mm * grid.step_px[0],
        )
