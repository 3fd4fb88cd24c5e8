"""How a frame comes before the view classifier: as inference places it, or placed and cut as other hands might."""

import cv2
import numpy as np
from numpy.random import Generator

from kinecor_lab.common.pictures import varied
from kinecor_lab.datasets.samples import Picture
from kinecor_lab.tasks.views.looks import Looks
from kinecor_lab.tasks.views.samples import ViewSample
from kinecor_models.grid import fitted
from kinecor_models.views.classes import CLASSES

_JITTER, _TURN_DEG = 0.08, 6.0
# Strength of grey-level augmentation, as a share of that of placing: borrowed looks come on top.
_VARIED = 0.7
_APICAL = tuple(CLASSES.index(name) for name in ("A4C", "A2C", "A3C"))
# Parasternal views are cut from volumes at any turn of the probe; an apical view that is turned so far is another.
_WIDE_TURN_DEG = {CLASSES.index("PSAX"): 70.0, CLASSES.index("PLAX"): 25.0}
Box = tuple[int, int, int, int]


class ViewSquares:
    """Places and varies samples for training.

    Args:
        looks: to borrow from, or None.

    """

    def __init__(self, looks: Looks | None = None) -> None:
        self._looks = looks

    def __call__(self, sample: ViewSample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
        """The sector on a square of `size` pixels and (1, 1); see view_square."""
        return view_square(sample, size, rng, strength, self._looks)


def view_square(
    sample: ViewSample, size: int, rng: Generator, strength: float, looks: Looks | None = None
) -> tuple[Picture, Picture]:
    """The sector on a square of `size` pixels, placed and varied by `strength` (0 as inference does it), and (1, 1).

    The second is the class as a picture of one pixel, as the training loop wants labels to be pictures.
    """
    label = np.full((1, 1), sample.view, np.uint8)
    if strength <= 0:
        return fitted(sample.box, size).sampled(sample.image), label
    image, box = sample.image, sample.box
    if rng.random() < 0.15 * strength:
        image, box = _cut(sample, rng)
    aspect = float(np.exp(rng.normal(0, 0.08 * strength)))
    picture = fitted(_moved(box, rng, strength), size, aspect).sampled(image)
    if rng.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), float(rng.normal(0, _TURN_DEG * strength)), 1.0)
    picture = np.asarray(cv2.warpAffine(picture, turn, (size, size)), np.uint8)
    if looks is not None:
        picture = looks.lent(picture, rng, strength)
    return varied(picture, rng, _VARIED * strength), label


def _moved(box: Box, rng: Generator, strength: float) -> Box:
    """The box with its sides moved a little; at times much further out (graphics were taken for the sector) or in."""
    x0, y0, x1, y1 = box
    sides = rng.uniform(-_JITTER, _JITTER, 4)
    if rng.random() < 0.12:
        sides = rng.uniform(0, 0.35, 4) * (-1, -1, 1, 1)
    elif rng.random() < 0.08:
        sides = rng.uniform(0, 0.12, 4) * (1, 1, -1, -1)
    a, b, c, d = (sides * strength * (x1 - x0, y1 - y0, x1 - x0, y1 - y0)).round().astype(int)
    return x0 + int(a), y0 + int(b), x1 + int(c), y1 + int(d)


def _cut(sample: ViewSample, rng: Generator) -> tuple[Picture, Box]:
    """The picture turned and cut to another sector or to four corners, as slices of volumes are; its new box."""
    x0, y0, x1, y1 = sample.box
    wide, high = x1 - x0, y1 - y0
    most = _WIDE_TURN_DEG.get(sample.view, 12.0)
    middle = (x0 + wide / 2, y0 + high / 2)
    turn = cv2.getRotationMatrix2D(middle, float(rng.uniform(-most, most)), 1.0)
    rows, columns = sample.image.shape
    image = np.asarray(cv2.warpAffine(sample.image, turn, (columns, rows)), np.uint8)
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    if sample.view in _APICAL or rng.random() < 0.5:
        corners[:2] += rng.uniform(-0.1, 0.4, (2, 2)) * ((1, 0), (-1, 0))
        corners += rng.uniform(-0.12, 0.12, (4, 2))
    else:  # a rhombus
        corners = corners @ np.array([[1, rng.normal(0, 0.3)], [rng.normal(0, 0.3), 1]]) + rng.uniform(
            -0.1, 0.1, (4, 2)
        )
    polygon = (corners * (wide, high) + (x0, y0)).round().astype(np.int32)
    mask = np.zeros_like(image)
    cv2.fillConvexPoly(mask, cv2.convexHull(polygon), (255,))
    found = cv2.boundingRect(cv2.convexHull(polygon))
    left, top = max(found[0], 0), max(found[1], 0)
    right, bottom = min(found[0] + found[2], columns), min(found[1] + found[3], rows)
    if right - left < 20 or bottom - top < 20:
        return sample.image, sample.box
    return np.where(mask > 0, image, 0).astype(np.uint8), (left, top, right, bottom)
