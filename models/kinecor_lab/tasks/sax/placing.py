"""Geometric augmentations of short-axis slices: where the heart lies in the network's square, how large, how turned.

Spacing is lost in the training sets, so size is drawn wide enough for 1.1 to 2 mm a pixel. A share of samples shows the
whole picture: by these the same network learns to find the heart before it looks closely. All angles occur, and
mirrored hearts: files differ in how rows and columns lie in the body. The slices before and after come along, since
what lies above tells whether a slice at the base still shows ventricle; a share of samples goes without, as a slice
does that is looked at alone.
"""

import cv2
import numpy as np
from numpy.random import Generator

from kinecor_lab.datasets.slices import BACKGROUND, Picture, SaxSample

FIELD_PX = 128.0
"""What the square shows at strength 0, in pixels of the training pictures: about 190 mm."""
WIDE_SHARE = 0.18


def _field(sample: SaxSample, rng: Generator, strength: float) -> tuple[float, np.ndarray]:
    """Side of what is shown, in picture pixels, and its centre (x, y)."""
    rows, columns = sample.image.shape
    if rng.random() < WIDE_SHARE * strength:
        field = max(rows, columns) * float(rng.uniform(0.8, 1.15))
        middle = np.array(((columns - 1) / 2, (rows - 1) / 2))
        return field, middle + rng.uniform(-0.08, 0.08, 2) * field
    field = FIELD_PX * float(np.exp(rng.uniform(np.log(0.76), np.log(1.36)) * strength))
    reach = 0.5 if rng.random() < 0.08 else 0.18
    return field, np.array(sample.centre) + rng.uniform(-reach, reach, 2) * field * strength


def _turn(rng: Generator, strength: float) -> np.ndarray:
    """Rotation, stretch, shear and mirror as a 2 x 2 matrix of determinant near 1."""
    angle = rng.uniform(-np.pi, np.pi) if rng.random() < 0.35 * strength else rng.normal(0, 0.4) * strength
    stretch = np.exp(rng.normal(0, 0.07) * strength)
    shear = rng.normal(0, 0.06) * strength
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    out: np.ndarray = turn @ np.array([[stretch, shear], [0, 1 / stretch]])
    return out @ np.diag((-1.0, 1.0)) if rng.random() < 0.35 * strength else out


def _wobble(size: int, rng: Generator, amount_px: float) -> tuple[np.ndarray, np.ndarray]:
    """A smooth random displacement, two (size, size) float32 arrays in network pixels."""
    knots = rng.normal(0, amount_px, (2, 6, 6)).astype(np.float32)
    across, down = (cv2.resize(one, (size, size), interpolation=cv2.INTER_CUBIC) for one in knots)
    return across, down


# Share of samples without neighbours, without one of them, with the next but one as in a stack of thinner slices, and
# in the other order.
ALONE_SHARE, ONE_SIDED_SHARE, FARTHER_SHARE, REVERSED_SHARE = 0.12, 0.08, 0.1, 0.5
# Breath-holds differ: standard deviation of a neighbour's shift in picture pixels, and the share that is shifted.
SHIFT_PX, SHIFTED_SHARE = 2.0, 0.4


def neighbours(sample: SaxSample, rng: Generator, strength: float) -> tuple[Picture | None, Picture | None]:
    """Pictures of the slices before and after; at strength 0 as they lie in the stack."""
    two_before, before, after, two_after = sample.around
    if rng.random() < FARTHER_SHARE * strength:
        before, after = two_before, two_after
    if rng.random() < REVERSED_SHARE * strength:
        before, after = after, before
    if rng.random() < ALONE_SHARE * strength:
        return None, None
    if rng.random() < ONE_SIDED_SHARE * strength:
        return (before, None) if rng.random() < 0.5 else (None, after)
    return before, after


def placed(sample: SaxSample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """The sample's picture, with those of its neighbours, and its label on a square of `size` pixels.

    Args:
        sample: what to place.
        size: side of the square in pixels.
        rng: source of chance.
        strength: 0 centres the heart, upright, at FIELD_PX; up to 1 for the full range.

    Returns:
        pictures (3, size, size) uint8, grey levels as they come: the slice before, the slice, the slice after; and
        label (size, size) uint8 (bits, see sax_samples.py). Beyond the picture, and where there is no neighbour, there
        is black, and background.

    """
    field, centre = _field(sample, rng, strength)
    scale = size / field
    matrix = np.linalg.inv(scale * _turn(rng, strength))
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) - np.float32((size - 1) / 2)
    if rng.random() < 0.4 * strength:
        across, down = _wobble(size, rng, float(rng.uniform(0.3, 1.0)) * 0.02 * size)
        x, y = x + across, y + down
    map_x = (matrix[0, 0] * x + matrix[0, 1] * y + centre[0]).astype(np.float32)
    map_y = (matrix[1, 0] * x + matrix[1, 1] * y + centre[1]).astype(np.float32)
    how = cv2.INTER_CUBIC if scale > 0.9 and rng.random() < 0.3 * strength else cv2.INTER_LINEAR
    pictures = np.zeros((3, size, size), np.uint8)
    before, after = neighbours(sample, rng, strength)
    for channel, image in enumerate((before, sample.image, after)):
        if image is None:
            continue
        if scale < 0.75:
            image = np.asarray(cv2.GaussianBlur(image, (0, 0), 0.4 / scale), np.uint8)
        off = rng.normal(0, SHIFT_PX, 2) if channel != 1 and rng.random() < SHIFTED_SHARE * strength else (0.0, 0.0)
        across, down = map_x + np.float32(off[0]), map_y + np.float32(off[1])
        pictures[channel] = cv2.remap(image, across, down, how, borderValue=(0,))
    label_out = cv2.remap(sample.allowed, map_x, map_y, cv2.INTER_NEAREST, borderValue=(BACKGROUND,))
    return pictures, np.asarray(label_out, np.uint8)
