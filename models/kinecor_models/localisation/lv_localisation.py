"""Finds the left ventricle in a short-axis cine without a network, as Zhang 2018 does: by motion and by circles.

What beats once a cycle stands out in the first harmonic of every pixel's grey levels over time; cavity and wall are
round, so that circles found by the Hough transform vote for their centres, each with the motion it encloses. Neither
alone is enough: vessels beat too, and ribs and stomach are round.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE_MM = 184
"""Side of the centre crop, at 1 x 1 mm a pixel (2.1 of the paper)."""
RADII_MM = (9, 45)
"""From a small cavity at ES to the epicardium of a dilated heart."""
# Circles whose centres are within this distance belong to one heart.
TOGETHER_MM = 9.0
MAX_CIRCLES = 30


@dataclass(frozen=True, slots=True)
class Found:
    """Centre (x, y) and radius of the ventricle in pixels of 1 mm, and how far circles and motion agree, 0..1."""

    x: float
    y: float
    radius: float
    confidence: float


def canvas(frames: NDArray[np.uint8], row_mm: float, column_mm: float) -> NDArray[np.uint8]:
    """Frames (t, rows, columns) at 1 x 1 mm, cut or filled up with black to (t, 184, 184) around the centre.

    Args:
        frames: grey.
        row_mm: height of a pixel.
        column_mm: width of a pixel.

    """
    rows, columns = round(frames.shape[1] * row_mm), round(frames.shape[2] * column_mm)
    how = cv2.INTER_AREA if min(row_mm, column_mm) < 1 else cv2.INTER_LINEAR
    out = np.zeros((len(frames), SIDE_MM, SIDE_MM), np.uint8)
    top, left = (SIDE_MM - rows) // 2, (SIDE_MM - columns) // 2
    into = slice(max(top, 0), min(top + rows, SIDE_MM)), slice(max(left, 0), min(left + columns, SIDE_MM))
    part = (
        slice(max(-top, 0), max(-top, 0) + into[0].stop - into[0].start),
        slice(max(-left, 0), max(-left, 0) + into[1].stop - into[1].start),
    )
    for number, frame in enumerate(frames):
        out[number][into] = cv2.resize(frame, (columns, rows), interpolation=how)[part]
    return out


def first_harmonic(frames: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(rows, columns) amplitude, in grey levels, of what changes exactly once over the frames of one cycle.

    Args:
        frames: (t, rows, columns) of one whole cycle.

    """
    turn = np.exp(-2j * np.pi * np.arange(len(frames)) / len(frames))
    amplitude = abs(np.tensordot(turn, frames.astype(np.float32), axes=(0, 0))) * (2 / len(frames))
    return np.asarray(cv2.GaussianBlur(amplitude.astype(np.float32), (0, 0), 1.5), np.float32)


def _circles(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 3) x, y, radius; strongest first."""
    smooth = cv2.GaussianBlur(frame, (0, 0), 1.2)
    low, high = RADII_MM
    found = cv2.HoughCircles(smooth, cv2.HOUGH_GRADIENT, 1.0, 4, param1=90, param2=12, minRadius=low, maxRadius=high)
    if found is None:
        return np.zeros((0, 3), np.float32)
    return np.asarray(found, np.float32).reshape(-1, found.shape[-1])[:MAX_CIRCLES, :3]


def _worth(frame: NDArray[np.uint8], strong: NDArray[np.float32], radii: NDArray[np.float32]) -> float:
    """How much a circle looks like the ventricle's cavity: motion within, and bright blood in a darker wall.

    Args:
        frame: the image in which the circle was found.
        strong: what beats.
        radii: distance of every pixel from the circle's centre over the circle's radius.

    """
    inside, ring = radii < 0.85, (radii > 1.08) & (radii < 1.35)
    if not ring.any():
        return 0.0
    blood, wall = frame[inside], frame[ring]
    # Wall all round: where part of the ring is as bright as the blood, the circle cuts through both ventricles.
    contrast = (float(np.median(blood)) - float(np.percentile(wall, 75))) / (float(np.median(blood)) + 20)
    if contrast <= 0:
        return 0.0
    return contrast * float(strong[radii < 1.15].sum()) / float(strong.sum())


def localise_ventricle(frames: NDArray[np.uint8]) -> Found | None:
    """The ventricle in the frames of one cycle, or None where nothing beats or nothing is round.

    Args:
        frames: (t, rows, columns) at 1 x 1 mm, at least 4 phases.

    """
    if len(frames) < 4:
        return None
    motion = first_harmonic(frames)
    strong = np.clip(motion - np.percentile(motion, 90), 0, None)
    if strong.max() < 1:
        return None
    rows, columns = motion.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    picked = np.unique(np.linspace(0, len(frames) - 1, min(8, len(frames))).round().astype(int))
    circles = [np.column_stack([found, np.full(len(found), i)]) for i in picked if len(found := _circles(frames[i]))]
    if not circles:
        return None
    every = np.concatenate(circles)
    total = float(strong.sum())
    weight = np.array([_worth(frames[int(i)], strong, np.hypot(x - cx, y - cy) / r) for cx, cy, r, i in every])
    if not weight.any():
        return None
    apart = np.hypot(every[:, None, 0] - every[None, :, 0], every[:, None, 1] - every[None, :, 1])
    votes = np.exp(-((apart / TOGETHER_MM) ** 2)) @ weight
    best = int(np.argmax(votes))
    near = apart[best] < TOGETHER_MM
    cx, cy = np.average(every[near, :2], axis=0, weights=weight[near] + 1e-9)
    agreeing = len(np.unique(every[near, 3])) / len(picked)
    radius = float(np.median(every[near, 2]))
    enclosed = strong[(x - cx) ** 2 + (y - cy) ** 2 < (1.6 * radius) ** 2].sum() / total
    return Found(float(cx), float(cy), radius, float(np.clip(agreeing * min(1.0, 2 * enclosed), 0, 1)))
