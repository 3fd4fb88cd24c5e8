"""Class probabilities of a short-axis frame to closed contours of cavity, epicardium and right ventricle."""

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.outlines import Field, Outlines, Points, area, expected_dice, pieces, softened, spaced

CAVITY, MYOCARDIUM, RIGHT = 1, 2, 3
STRUCTURES = ("lv_endo", "lv_epi", "rv")
POINTS = 96
"""Points of a contour: some 2 network pixels apart on a large heart."""
# Smaller pieces, in network pixels, are no structure: about 4 mm across.
LEAST_AREA = 10.0
# Rows and columns whose background probability is above this everywhere hold no heart.
SURE_BACKGROUND = 0.98


def from_the_right(outline: Points, count: int = POINTS) -> Points:
    """A closed outline resampled to points evenly along it, clockwise on the screen, from where it is rightmost.

    The first point is on the ray from the centroid along +x, farthest out where the ray meets the outline twice; it
    stays in place from frame to frame as the outline moves. The first point is not repeated.
    """
    x, y = outline.T.astype(np.float64)
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    twice = cross.sum()
    if twice < 0:  # y points down, so that a positive area is clockwise on the screen
        return from_the_right(np.ascontiguousarray(outline[::-1]), count)
    centre = np.array((((x + np.roll(x, -1)) * cross).sum(), ((y + np.roll(y, -1)) * cross).sum())) / (3 * twice)
    u, v = x - centre[0], y - centre[1]
    v2 = np.roll(v, -1)
    crossing = np.flatnonzero((v < 0) & (v2 >= 0))
    share = v[crossing] / (v[crossing] - v2[crossing])
    at = u[crossing] + share * (np.roll(u, -1)[crossing] - u[crossing])
    best = int(np.argmax(at))
    first = np.array((centre[0] + at[best], centre[1]), np.float32)
    after = (int(crossing[best]) + 1) % len(outline)
    path = np.concatenate([first[None], np.roll(outline, -after, axis=0), first[None]])
    return spaced(path, count, around=True)


def _box(background: Field) -> tuple[int, int, int, int] | None:
    heart = background < SURE_BACKGROUND
    rows, columns = np.flatnonzero(heart.any(axis=1)), np.flatnonzero(heart.any(axis=0))
    if not len(rows):
        return None
    high, wide = background.shape
    return max(rows[0] - 6, 0), min(rows[-1] + 7, high), max(columns[0] - 6, 0), min(columns[-1] + 7, wide)


def _one_piece(field: Field, near: NDArray[np.float32] | None = None) -> Points | None:
    """The largest piece; of those that hold the point `near`, where one does."""
    found = sorted(pieces(field, LEAST_AREA), key=area, reverse=True)
    if near is not None:
        holding = [one for one in found if cv2.pointPolygonTest(one.astype(np.float32), near.tolist(), False) >= 0]
        found = holding or found
    return found[0] if found else None


def closed_outlines(probability: Field, blur_px: float = 0.0) -> Outlines:
    """Contours of one short-axis frame.

    The epicardium encloses cavity and wall together, so that the two lines cannot cross; it is given only
    around an endocardium, or alone where the apex has no cavity left.

    Args:
        probability: (4, rows, columns) float32 summing to 1: background, LV cavity, LV myocardium, RV cavity.
        blur_px: standard deviation of a Gaussian over which probabilities are averaged before outlines are drawn.

    """
    contours: dict[str, Points | None] = dict.fromkeys(STRUCTURES)
    confidence = dict.fromkeys(STRUCTURES, 0.0)
    box = _box(probability[0])
    if box is None:
        return Outlines(contours, confidence)
    top, bottom, left, right = box
    sharp = np.ascontiguousarray(probability[:, top:bottom, left:right])
    soft = softened(sharp, blur_px)
    background, cavity, wall, other = soft
    endo = _one_piece(cavity - np.maximum(np.maximum(background, wall), other))
    middle = None if endo is None else endo.mean(axis=0)
    epi = _one_piece(cavity + wall - np.maximum(background, other), middle)
    rv = _one_piece(other - np.maximum(np.maximum(background, wall), cavity))
    shift = np.array((left, top), np.float32)
    promised = {"lv_endo": sharp[CAVITY], "lv_epi": sharp[CAVITY] + sharp[MYOCARDIUM], "rv": sharp[RIGHT]}
    for name, outline in (("lv_endo", endo), ("lv_epi", epi), ("rv", rv)):
        if outline is not None:
            contours[name] = from_the_right(outline) + shift
            confidence[name] = expected_dice(promised[name], outline)
    return Outlines(contours, confidence)
