"""Finds the ultrasound sector in an image that also shows text, bars and traces, and normalises grey levels."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ClipInput, Frames

# Frames used, spread over the clip.
LOOKED_AT = 10
# A sector smaller than this share of the region is rejected; the whole region is used then.
LEAST_SHARE = 0.06
# Border left around the sector, as a share of its size.
MARGIN = 0.02
# Difference of colour channels from which a pixel counts as coloured, and the share of lit pixels from which a frame
# counts as colour Doppler. Tinted grey maps stay below both.
COLOURED_LEVELS, COLOURED_SHARE = 60, 0.04
# MR images have no units, and bright fat or a dark coil corner must not set the scale: these percentiles do.
LOW_PERCENT, HIGH_PERCENT = 1.0, 99.0


def grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(rows, columns) luminance of a grey or RGB image."""
    if image.ndim == 2:
        return image
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)


def _some(frames: Frames) -> list[NDArray[np.uint8]]:
    picked = np.unique(np.linspace(0, len(frames) - 1, min(LOOKED_AT, len(frames))).round().astype(int))
    return [frames[int(index)] for index in picked]


def sector_box(clip: ClipInput) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) of the ultrasound sector, in pixels of the image.

    The sector is the largest connected lit part of the region, once thin graphics are removed. Where there is none of
    sufficient size, the whole region (or image).
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
    if area < LEAST_SHARE * part.size:
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
    """Whether a colour overlay covers part of the sector in most of the frames used."""
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
    """(low, high): the grey levels of `images` (any shape) that become black and white; at least 8 apart."""
    low, high = np.percentile(images, (LOW_PERCENT, HIGH_PERCENT))
    return float(low), float(max(high, low + 8))


def stretched(image: NDArray[np.uint8], low: float, high: float) -> NDArray[np.uint8]:
    """The image with `low` at 0 and `high` at 255, cut off beyond."""
    table = np.clip((np.arange(256) - low) * (255 / (high - low)) + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(table[image], np.uint8)
