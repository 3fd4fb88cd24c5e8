"""What the network learns from: walls straightened, at ED and ES, with experts' contours in the middle.

Image and contour of a wall are straightened once, deep enough that a line may be shifted off the truth and its image
looked up. Each step of the training takes other shifts: those that propagation leaves, at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor.core.tracking.anchors import POINTS, tangents
from kinecor.core.tracking.wall_image import STEPS, THINNED, straighten_wall
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor_lab.datasets.samples import Sample
from kinecor_models.contours.listener import HALF, Floats, features, normalise_strips
from kinecor_models.contours.outlines import outlines

WALLS: Final = (Structure.LV_ENDO, Structure.LV_EPI)
DEPTH = 44
"""Steps to either side of the truth that are looked up: HALF, and as far again as a line may be off."""
PLACES = np.arange(0, POINTS, THINNED)
"""Of the POINTS along a wall, those that are compared (each the mean of three)."""
FARTHEST = 10.0
"""Steps that a line is off at most."""
_ALONG = np.linspace(0, 1, POINTS)


@dataclass(frozen=True, eq=False)
class Pair:
    """ED and ES of a patient in one view, with their walls.

    Attributes:
        patient, view: whose.
        images: (rows, columns) uint8 at ED and ES.
        tracks: experts' contours of WALLS, 96 points each.
        spacing_mm: of square pixels; NaN where it is not known.

    """

    patient: str
    view: str
    images: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    tracks: dict[Structure, ContourTrack]
    spacing_mm: float


def pairs_of(samples: Sequence[Sample]) -> list[Pair]:
    """ED and ES of every patient and view that has both, and both walls."""
    views: dict[tuple[str, str], dict[str, Sample]] = {}
    for sample in samples:
        views.setdefault((sample.patient, sample.view), {})[sample.phase] = sample
    out = []
    for (patient, view), phases in views.items():
        if set(phases) != {"ED", "ES"}:
            continue
        both = phases["ED"], phases["ES"]
        drawn = [_walls(sample) for sample in both]
        if all(line is not None for walls in drawn for line in walls.values()):
            tracks = {
                wall: ContourTrack(wall, tuple(each[wall] for each in drawn), (Origin.MODEL,) * 2, np.ones(2))
                for wall in WALLS
            }
            out.append(Pair(patient, view, (both[0].image, both[1].image), tracks, both[0].spacing_mm))
    return out


def _walls(sample: Sample) -> dict[Structure, Contour | None]:
    masks = np.stack([sample.label == value for value in range(4)]).astype(np.float32)
    contours = outlines(masks, tuple(str(wall) for wall in WALLS)).contours
    return {
        wall: None if (line := contours[str(wall)]) is None else _even(Contour(line.astype(np.float64)))
        for wall in WALLS
    }


def _even(contour: Contour) -> Contour:
    return Contour(contour.outline(closed=False).resampled(POINTS).points)


def strips_of(pairs: Sequence[Pair]) -> NDArray[np.uint8]:
    """(n, 2, POINTS, 2 * DEPTH + 1) grey across both walls of each pair, at ED and ES; the truth is in the middle."""
    out = []
    for pair in pairs:
        for wall in WALLS:
            lines = np.stack([contour.points for contour in pair.tracks[wall].contours if contour is not None])
            way = tangents(lines, closed=False)
            normals = np.stack([way[..., 1], -way[..., 0]], axis=-1)
            step = float(np.linalg.norm(np.diff(lines, axis=1), axis=2).sum(axis=1).mean()) / STEPS
            each = zip(pair.images, lines, normals, strict=True)
            out.append(np.stack([straighten_wall(image, line, across, step, DEPTH) for image, line, across in each]))
    return np.round(np.stack(out)).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Batch:
    """Of n lines that follow a person's.

    Attributes:
        seen: (n, places, channels), see `kinecor_models.contours.listener.features`.
        unknown: (n,) see there.
        off: (n, places) by how many steps each line is to move.

    """

    seen: Floats
    unknown: Floats
    off: Floats


def batch_of(strips: Sequence[NDArray[np.uint8]], shares: Sequence[float], count: int, rng: Generator) -> Batch:
    """`count` lines at random.

    Args:
        strips: by set, see `strips_of`.
        shares: relative frequency of each set.
        count: how many.
        rng: decides.

    """
    of_set = rng.choice(len(strips), count, p=np.array(shares) / sum(shares))
    both = np.stack([strips[one][rng.integers(len(strips[one]))] for one in of_set])
    both = np.where((rng.random(count) < 0.5)[:, None, None, None], both, both[:, ::-1])  # ED was drawn, or ES
    both = np.where((rng.random(count) < 0.5)[:, None, None, None], both, both[:, :, ::-1])  # seen in a mirror
    unknown = rng.uniform(0.15, 1, count)
    off = left_open(rng, count) * np.sqrt(unknown)[:, None]
    hand = smooth(rng, count) * rng.uniform(0.2, 0.7, (count, 1))
    slid = smooth(rng, count, 5) * rng.uniform(0, 1.5, (count, 1)) * np.sin(np.pi * _ALONG)
    # What follows a line that a hand drew off the truth is off by that, too, and stays so.
    drawn = _varied(looked_up(both[:, 0], hand, np.zeros_like(slid)), rng)
    seen = _varied(looked_up(both[:, 1], hand - off, slid), rng)
    if rng.random() < 0.5:
        seen += rng.normal(0, rng.uniform(0, 8), seen.shape).astype(np.float32)
    level = unknown.astype(np.float32)
    return Batch(
        features(normalise_strips(drawn), normalise_strips(seen), level), level, off[:, PLACES].astype(np.float32)
    )


def smooth(rng: Generator, count: int, waves: int = 10) -> FloatArray:
    """(count, POINTS) smooth errors along a wall, of a deviation of 1 over all."""
    wave = np.arange(waves)
    shapes = np.cos(np.pi * wave[:, None] * _ALONG + rng.uniform(0, 7, (waves, 1)))
    found = (rng.normal(size=(count, waves)) / (1 + 0.18 * wave)) @ shapes
    return np.asarray(found / max(float(found.std()), 1e-6))


def left_open(rng: Generator, count: int) -> FloatArray:
    """(count, POINTS) steps by which lines are off that follow a person's, far from it in time."""
    found = smooth(rng, count) * rng.uniform(0.4, 1.8, (count, 1))
    for _ in range(2):
        there = rng.random((count, 1)) < 0.55
        centre, width = rng.uniform(0, 1, (count, 1)), rng.uniform(0.05, 0.22, (count, 1))
        found += there * rng.normal(0, 2.6, (count, 1)) * np.exp(-(((_ALONG - centre) / width) ** 2))
    return np.asarray(np.clip(found, -FARTHEST, FARTHEST))


def looked_up(strips: NDArray[np.uint8], across: FloatArray, along: FloatArray) -> Floats:
    """(n, places, 2 * HALF + 1) grey about lines that are off the middle of strips by (n, POINTS) steps and places."""
    rows = np.clip(PLACES + along[:, PLACES], 0, POINTS - 1.001)
    columns = np.clip(across[:, PLACES, None] + DEPTH + np.arange(-HALF, HALF + 1), 0, 2 * DEPTH - 0.001)
    top, left = rows.astype(np.intp)[..., None], columns.astype(np.intp)
    low, right = (rows[..., None] - top).astype(np.float32), (columns - left).astype(np.float32)
    number = np.arange(len(strips))[:, None, None]
    upper = strips[number, top, left] * (1 - right) + strips[number, top, left + 1] * right
    lower = strips[number, top + 1, left] * (1 - right) + strips[number, top + 1, left + 1] * right
    return np.asarray(upper * (1 - low) + lower * low, np.float32)


def _varied(strips: Floats, rng: Generator) -> Floats:
    """Another gain and another curve of grey for each."""
    count = len(strips)
    gain = rng.uniform(0.8, 1.25, (count, 1, 1)).astype(np.float32)
    curve = np.exp(rng.normal(0, 0.15, (count, 1, 1))).astype(np.float32)
    return np.asarray(255 * np.clip(strips * gain / 255, 0, 1) ** curve, np.float32)
