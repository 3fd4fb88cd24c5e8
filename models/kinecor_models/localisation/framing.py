"""What part of an image a network sees: the ultrasound sector, or the heart in MR images; and its grey levels.

MR: the network that contours the heart was also trained on whole images, so it runs twice: on the whole image first, at
a few phases; then on a crop around the heart, always at about the same millimetres per pixel. Where the first run finds
nothing, what moves once a heart beat is used instead (the idea of Zhang 2018), with a low confidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ClipInput, Frames, Grid, fit_grid
from kinecor_models.engines.engine import ManyEngine

# Frames used, spread over the clip.
_SECTOR_FRAMES = 10
# A sector smaller than this share of the region is rejected; the whole region is used then.
MIN_SHARE = 0.06
# Border left around the sector, as a share of its size.
MARGIN = 0.02
# Difference of colour channels from which a pixel counts as coloured, and the share of lit pixels from which a frame
# counts as colour Doppler. Tinted grey maps stay below both.
COLOURED_LEVELS, COLOURED_SHARE = 60, 0.04
# MR images have no units, and bright fat or a dark coil corner must not set the scale: these percentiles do.
LOW_PERCENT, HIGH_PERCENT = 1.0, 99.0


def grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(rows, columns) luminance of a grey or RGB image.

    Args:
        image: (rows, columns) or (rows, columns, 3).

    """
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _some(frames: Frames) -> list[NDArray[np.uint8]]:
    picked = np.unique(np.linspace(0, len(frames) - 1, min(_SECTOR_FRAMES, len(frames))).round().astype(int))
    return [frames[int(index)] for index in picked]


def sector_box(clip: ClipInput) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) of the ultrasound sector, in pixels of the image.

    The sector is the largest connected lit part of the region, once thin graphics are removed. Where there is none of
    sufficient size, the whole region (or image).

    Args:
        clip: an echo loop.

    """
    looked = [grey(image) for image in _some(clip.frames)]
    brightest = np.max(looked, axis=0)
    rows, columns = brightest.shape
    rx0, ry0, rx1, ry1 = clip.region or (0, 0, columns, rows)
    part = np.ascontiguousarray(brightest[ry0:ry1, rx0:rx1])
    if part.size == 0:
        return 0, 0, columns, rows
    level = max(6.0, 0.05 * float(np.percentile(part, 99)))
    unit = max(1, round(min(part.shape) / 120))
    lit = (cv2.GaussianBlur(part, (0, 0), unit) > level).astype(np.uint8)
    opened = cv2.morphologyEx(lit, cv2.MORPH_OPEN, np.ones((4 * unit + 1, 4 * unit + 1), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(opened)
    if count < 2:
        return rx0, ry0, rx1, ry1
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    x, y, wide, high, area = (int(value) for value in stats[best])
    if area < MIN_SHARE * part.size:
        return rx0, ry0, rx1, ry1
    # Opening rounds off the sharp tip of a sector: extend by as much, and a margin.
    edge = 2 * unit + round(MARGIN * max(wide, high))
    return (
        max(rx0, rx0 + x - edge),
        max(ry0, ry0 + y - edge),
        min(rx1, rx0 + x + wide + edge),
        min(ry1, ry0 + y + high + edge),
    )


def is_colour_doppler(clip: ClipInput) -> bool:
    """Whether a colour overlay covers part of the sector in most of the frames used.

    Args:
        clip: an echo loop.

    """
    votes = []
    x0, y0, x1, y1 = sector_box(clip)
    for image in _some(clip.frames):
        if image.ndim == 2:
            return False
        part = image[y0:y1, x0:x1].astype(np.int16)
        spread = part.max(axis=2) - part.min(axis=2)
        lit = part.max(axis=2) > 30
        votes.append((spread[lit] > COLOURED_LEVELS).mean() > COLOURED_SHARE if lit.any() else False)
    return bool(np.mean(votes) > 0.5)


def levels(images: NDArray[np.uint8]) -> tuple[float, float]:
    """(low, high): the grey levels of `images` (any shape) that become black and white; at least 8 apart.

    Args:
        images: uint8.

    """
    low, high = np.percentile(images, (LOW_PERCENT, HIGH_PERCENT))
    return float(low), float(max(high, low + 8))


def stretch_contrast(image: NDArray[np.uint8], low: float, high: float) -> NDArray[np.uint8]:
    """The image with `low` at 0 and `high` at 255, cut off beyond.

    Args:
        image: of any shape.
        low: grey level that becomes black.
        high: grey level that becomes white, over `low`.

    """
    table = np.clip((np.arange(256) - low) * (255 / (high - low)) + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(table[image], np.uint8)


# Number of phases that the stretch of grey levels is computed from, about.
STRETCHED_BY = 6


class Neighbours(NamedTuple):
    """The slices before and after one, with the same geometry; None where there is no such slice."""

    before: ClipInput | None = None
    after: ClipInput | None = None


ALONE = Neighbours()


def neighbours_of_each(clips: Sequence[ClipInput]) -> list[Neighbours]:
    """The neighbours of every slice of a stack, in order; a neighbour with images of another size is left out.

    Args:
        clips: slices, in order from one end to the other.

    """
    out = []
    for number, clip in enumerate(clips):
        pair = (clips[i] if 0 <= i < len(clips) else None for i in (number - 1, number + 1))
        out.append(
            Neighbours(
                *(clip_input if clip_input is not None and _alike(clip_input, clip) else None for clip_input in pair)
            )
        )
    return out


def _alike(clip_input: ClipInput, other: ClipInput) -> bool:
    return clip_input.frames[0].shape[:2] == other.frames[0].shape[:2] and clip_input.aspect == other.aspect


def squares(clip: ClipInput, grid: Grid, frames: Sequence[int]) -> list[NDArray[np.uint8]]:
    """The (size, size) squares of some frames, with one stretch of grey levels for all, so that none flickers.

    Args:
        clip: whose frames they are.
        grid: of the square.
        frames: from 0.

    """
    found = [grid.sampled(grey(clip.frames[frame])) for frame in frames]
    low, high = levels(np.stack(found[:: max(1, len(found) // STRETCHED_BY)]))
    return [stretch_contrast(square, low, high) for square in found]


def layers(
    clip: ClipInput, neighbours: Neighbours, grid: Grid, frames: Sequence[int], channels: int
) -> list[NDArray[np.uint8]]:
    """The network's input for some frames.

    Args:
        clip: the slice.
        neighbours: its neighbours; with the phase nearest in the cycle.
        grid: the part of the image, the same in all three.
        frames: numbers of the slice's frames.
        channels: 1 for a network that sees the slice alone, 3 for one that sees its neighbours.

    Returns:
        one (size, size) or (3, size, size) uint8 array a frame: before, itself, after; black where there is none.

    """
    own = squares(clip, grid, frames)
    if channels == 1:
        return own
    out = np.zeros((len(own), 3, grid.size, grid.size), np.uint8)
    out[:, 1] = own
    for channel, neighbour in ((0, neighbours.before), (2, neighbours.after)):
        if neighbour is not None:
            total = len(neighbour.frames)
            same = [round(frame * total / len(clip.frames)) % total for frame in frames]
            out[:, channel] = squares(neighbour, grid, same)
    return list(out)


FIELD_MM = 190.0
"""Side of the crop around the heart."""
TYPICAL_VIEW_MM = 380.0
"""Assumed for the longer side of an image whose scale is not known; the training sets have 300 to 460 mm."""
LOOKED_AT = 4
"""Phases, spread over the clip, at which the whole image is analysed."""
# The crop is at least this many times the extent of the ventricles found.
ROOM = 1.35
# No pair of ventricles is larger.
LARGEST_MM = 210.0
# Probability of cavity and wall, summed over network pixels, from which the first run has found a ventricle.
MIN_MASS = 12.0
# Slices with less confidence than this take their neighbours' position and have no weight.
SURE = 0.55
# A slice farther from the line through the others than this share of the heart's extent is rejected.
FAR = 0.6
# A ventricle whose middle is farther from the line through the others than this share of its neighbours' radius is
# another chamber or a vessel.
FAR_VENTRICLE = 0.75


@dataclass(frozen=True, slots=True)
class Heart:
    """Position of the heart in one slice.

    Attributes:
        x, y: middle of both ventricles in image pixels.
        extent_px: longer side of the box around them, in image columns; 0 where it is not known.
        confidence: 0..1; confidence that the heart is there. Below 0.3 it was guessed from motion, or at the middle.

    """

    x: float
    y: float
    extent_px: float
    confidence: float


def some_phases(total: int, count: int = LOOKED_AT) -> list[int]:
    """Frame numbers spread over a clip of `total` frames.

    Args:
        total: frames of the clip.
        count: at most.

    """
    return [frame * total // min(count, total) for frame in range(min(count, total))]


def some_frames(clip: ClipInput, count: int = LOOKED_AT) -> list[NDArray[np.uint8]]:
    """Grey images spread over the clip.

    Args:
        clip: of any kind.
        count: at most.

    """
    return [grey(clip.frames[frame]) for frame in some_phases(len(clip.frames), count)]


def heart_seen(probability: NDArray[np.float32], grid: Grid) -> Heart | None:
    """The heart in the probabilities of the whole image: the connected piece with most left ventricle.

    Args:
        probability: (4, size, size) float32: background, LV cavity, LV myocardium, RV cavity.
        grid: position of the square on the image.

    """
    ventricle, heart = probability[1] + probability[2], 1 - probability[0]
    count, labels = cv2.connectedComponents((heart > 0.4).astype(np.uint8))
    masses = np.bincount(labels.ravel(), weights=ventricle.ravel(), minlength=count)
    masses[0] = 0
    best = int(np.argmax(masses))
    if masses[best] < MIN_MASS:
        return None
    rows, columns = np.nonzero(labels == best)
    weight = heart[rows, columns]
    middle = np.array([[np.average(columns, weights=weight), np.average(rows, weights=weight)]])
    x, y = grid.to_image(middle)[0]
    extent = max(np.ptp(columns) * grid.step_px[0], np.ptp(rows) * grid.step_px[0]) + grid.step_px[0]
    return Heart(float(x), float(y), float(extent), float(np.clip(weight.mean() * masses[best] / masses.sum(), 0, 1)))


def moving(frames: list[NDArray[np.uint8]]) -> Heart:
    """The middle of what changes most between the frames; the middle of the image where nothing does.

    Args:
        frames: (rows, columns) each, grey.

    """
    rows, columns = frames[0].shape
    change = np.std(np.stack([cv2.GaussianBlur(frame, (0, 0), 2.0) for frame in frames]).astype(np.float32), axis=0)
    strong = np.where(change > np.percentile(change, 98), change, 0)
    if len(frames) < 2 or not strong.any():
        return Heart((columns - 1) / 2, (rows - 1) / 2, 0.0, 0.0)
    y, x = np.mgrid[0:rows, 0:columns]
    # Averaged again near the first guess, so that a distant pulsating vessel has less weight.
    cx, cy = np.average(x, weights=strong), np.average(y, weights=strong)
    near = strong * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * (0.18 * max(rows, columns)) ** 2))
    return Heart(float(np.average(x, weights=near)), float(np.average(y, weights=near)), 0.0, 0.2)


def find(clip: ClipInput, engine: ManyEngine, size: int, neighbours: Neighbours = ALONE, channels: int = 1) -> Heart:
    """The heart of one slice; always an answer, with its confidence.

    Args:
        clip: the slice.
        engine: runs the network.
        size: side of the network's square in pixels.
        neighbours: the neighbouring slices of the stack.
        channels: images that the network takes at once, see neighbour_slices.layers.

    """
    frames = some_phases(len(clip.frames))
    rows, columns = clip.frames[0].shape[:2]
    grid = fit_grid(clip.region or (0, 0, columns, rows), size, clip.aspect)
    looks = list(engine(layers(clip, neighbours, grid, frames, channels)))
    heart = heart_seen(np.mean(looks, axis=0, dtype=np.float32), grid)
    if heart is None or (clip.spacing_mm is not None and heart.extent_px * clip.spacing_mm > LARGEST_MM):
        return moving(some_frames(clip))
    return heart


def close_grid(clip: ClipInput, heart: Heart, size: int, shape: tuple[int, int]) -> Grid:
    """The square around the heart: FIELD_MM wide, more where the heart is large.

    Args:
        clip: for its scale and proportions.
        heart: as found.
        size: side of the network's square in pixels.
        shape: (rows, columns) of the images.

    """
    if clip.spacing_mm is not None:
        across = FIELD_MM / clip.spacing_mm
    else:
        across = FIELD_MM / TYPICAL_VIEW_MM * max(shape[1], shape[0] * clip.aspect)
    across = max(across, ROOM * heart.extent_px)
    down = across / clip.aspect
    x0, y0 = round(heart.x - across / 2), round(heart.y - down / 2)
    return fit_grid((x0, y0, x0 + max(8, round(across)), y0 + max(8, round(down))), size, clip.aspect)


def consistent_hearts(hearts: Sequence[Heart]) -> list[Heart]:
    """Each slice's heart, consistent over the stack.

    The long axis runs nearly straight through the slices, so that their middles are on a line but for breath-hold
    misregistration: it is fitted to the confident ones, weighted by confidence and extent, and replaces those that are
    uncertain or far from it. All slices get the largest extent of the confident ones, so that the stack has one scale.

    Args:
        hearts: by slice, in order from one end of the stack to the other, all in one image coordinate system.

    """
    sure = [i for i, heart in enumerate(hearts) if heart.confidence >= SURE and heart.extent_px > 0]
    if len(sure) < 3:
        return list(hearts)
    extents = np.array([hearts[i].extent_px for i in sure])
    extent = float(np.percentile(extents, 90))
    at, xy = np.array(sure, float), np.array([(hearts[i].x, hearts[i].y) for i in sure])
    weight = np.array([hearts[i].confidence for i in sure]) * extents
    for _ in range(3):
        line = [np.polyfit(at, xy[:, k], 1, w=np.sqrt(weight)) for k in (0, 1)]
        off = np.hypot(*(xy[:, k] - np.polyval(line[k], at) for k in (0, 1)))
        # Again, with less weight for those far off.
        weight = np.array([hearts[i].confidence for i in sure]) * extents / (1 + (off / (0.25 * extent)) ** 2)
    out = []
    for number, heart in enumerate(hearts):
        x, y = (float(np.polyval(line[k], number)) for k in (0, 1))
        off_px = float(np.hypot(heart.x - x, heart.y - y))
        if heart.confidence < SURE or off_px > FAR * extent:
            out.append(Heart(x, y, extent, heart.confidence))
        else:
            out.append(Heart((heart.x + x) / 2, (heart.y + y) / 2, extent, heart.confidence))
    return out


def outlying_ventricles(
    ventricles: Sequence[tuple[float, float, float] | None],
) -> dict[int, tuple[float, float, float]]:
    """Slices whose ventricle cannot be the one that the other slices show, and where it should be searched.

    Args:
        ventricles: by slice, in order: x, y of the cavity's middle and the epicardium's radius in image pixels.

    Returns:
        by slice: (x, y) on the line through the others' middles, and the largest radius of the two nearest others.

    """
    there = [i for i, ventricle in enumerate(ventricles) if ventricle is not None]
    if len(there) < 4:
        return {}
    values = np.array([ventricles[i] for i in there], float)
    at, radius = np.array(there, float), float(np.median(values[:, 2]))
    weight = values[:, 2].copy()
    for _ in range(4):
        line = [np.polyfit(at, values[:, k], 1, w=np.sqrt(weight)) for k in (0, 1)]
        off = np.hypot(*(values[:, k] - np.polyval(line[k], at) for k in (0, 1)))
        weight = values[:, 2] / (1 + (off / (0.25 * radius)) ** 2)
    out = {}
    for number, distance in zip(there, off, strict=True):
        others = sorted((i for i in there if i != number), key=lambda i: abs(i - number))[:2]
        reach = max(float(ventricles[i][2]) for i in others)  # type: ignore[index]
        if distance > FAR_VENTRICLE * reach:
            out[number] = (float(np.polyval(line[0], number)), float(np.polyval(line[1], number)), reach)
    return out
