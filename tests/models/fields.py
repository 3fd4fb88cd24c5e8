"""Class probabilities of a drawn heart, whose outlines are known exactly."""

import numpy as np
from numpy.typing import NDArray

SIZE = 256
CENTRE = (128.0, 100.0)
HALF = (28.0, 70.0)
WALL = 14.0
CUT_Y = CENTRE[1] + 0.6 * HALF[1]


def _ellipse(x: NDArray, y: NDArray, centre: tuple[float, float], half: tuple[float, float]) -> NDArray:
    """Negative inside; about the distance in pixels near the outline."""
    u, v = (x - centre[0]) / half[0], (y - centre[1]) / half[1]
    r = np.sqrt(u**2 + v**2)
    gradient = np.sqrt((u / half[0]) ** 2 + (v / half[1]) ** 2) / np.maximum(r, 1e-6)
    return (r - 1) / np.maximum(gradient, 1e-6)


def heart(sharpness: float = 1.0, shift: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.float32]:
    """(4, SIZE, SIZE): a cavity cut off flat at CUT_Y, a wall around it, an atrium below."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    x, y = x - shift[0], y - shift[1]
    inner = np.maximum(_ellipse(x, y, CENTRE, HALF), y - CUT_Y)
    outer = np.maximum(_ellipse(x, y, CENTRE, (HALF[0] + WALL, HALF[1] + WALL)), y - CUT_Y)
    wall = np.maximum(outer, -inner)
    atrium = np.maximum(_ellipse(x, y, (CENTRE[0], CUT_Y + 20), (24, 34)), CUT_Y - y)
    scores = -sharpness * np.stack([np.zeros_like(x), inner, wall, atrium])
    scores[0] = sharpness * np.minimum(np.minimum(inner, wall), atrium)
    scores = np.exp(np.clip(scores, -30, 30) - np.clip(scores, -30, 30).max(axis=0))
    return (scores / scores.sum(axis=0)).astype(np.float32)
