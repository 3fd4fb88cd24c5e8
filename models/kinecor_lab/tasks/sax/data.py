"""Geometric augmentations of short-axis slices: position, size and rotation of the heart in the network's square.

Spacing is lost in the training sets, so size is drawn wide enough for 1.1 to 2 mm a pixel. A share of samples shows the
whole image: from these the same network learns to find the heart before it looks closely. All angles occur, and
mirrored hearts: files differ in the orientation of rows and columns. The slices before and after are added, since the
one above shows whether a slice at the base still holds ventricle; a share of samples goes without, as a slice does
that is analysed alone.
"""

import cv2
import numpy as np
from numpy.random import Generator

from kinecor_lab.common.pictures import blackout, graphics, grey_map, jpeg, softness
from kinecor_lab.datasets.short_axis import BACKGROUND, DSB, FIELD_PX, Picture, SaxSample
from kinecor_models.localisation.framing import levels, stretch_contrast

WIDE_SHARE = 0.18


def _field(sample: SaxSample, rng: Generator, strength: float) -> tuple[float, np.ndarray]:
    """Side of what is shown, in image pixels, and its centre (x, y)."""
    rows, columns = sample.image.shape
    if rng.random() < WIDE_SHARE * strength:
        field = max(rows, columns) * float(rng.uniform(0.8, 1.15))
        middle = np.array(((columns - 1) / 2, (rows - 1) / 2))
        return field, middle + rng.uniform(-0.08, 0.08, 2) * field
    field = sample.field_px * float(np.exp(rng.uniform(np.log(0.76), np.log(1.36)) * strength))
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
    across, down = (cv2.resize(knot, (size, size), interpolation=cv2.INTER_CUBIC) for knot in knots)
    return across, down


# Share of samples without neighbours, without one of them, with the next but one as in a stack of thinner slices, and
# in the other order.
ALONE_SHARE, ONE_SIDED_SHARE, FARTHER_SHARE, REVERSED_SHARE = 0.12, 0.08, 0.1, 0.5
# Breath-holds differ: standard deviation of a neighbour's shift in pixels of 1.48 mm, and the share that is shifted.
SHIFT_PX, SHIFTED_SHARE = 2.0, 0.4


def neighbours(sample: SaxSample, rng: Generator, strength: float) -> tuple[Picture | None, Picture | None]:
    """Images of the slices before and after; at strength 0 as they are in the stack."""
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
    """The sample's image, with those of its neighbours, and its label on a square of `size` pixels.

    Args:
        sample: what to place.
        size: side of the square in pixels.
        rng: source of chance.
        strength: 0 centres the heart, upright, at its field_px; up to 1 for the full range.

    Returns:
        images (3, size, size) uint8, grey levels as they come: the slice before, the slice, the slice after; and
        label (size, size) uint8 (bits, see sax_samples.py). Beyond the image, and where there is no neighbour, there
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
        shift_px = SHIFT_PX * sample.field_px / FIELD_PX
        off = rng.normal(0, shift_px, 2) if channel != 1 and rng.random() < SHIFTED_SHARE * strength else (0.0, 0.0)
        across, down = map_x + np.float32(off[0]), map_y + np.float32(off[1])
        pictures[channel] = cv2.remap(image, across, down, how, borderValue=(0,))
    label_out = cv2.remap(sample.allowed, map_x, map_y, cv2.INTER_NEAREST, borderValue=(BACKGROUND,))
    return pictures, np.asarray(label_out, np.uint8)


EQUALISED_SHARE = 0.3
# A slice that is twice as thick shows half of either neighbour as well: the most that is mixed in of each.
MAX_MIXED, THICKER_SHARE = 0.25, 0.12


def thicker(pictures: Picture, rng: Generator) -> Picture:
    """Images (3, size, size) whose middle one has some of its neighbours' signal, as a thicker slice."""
    mixed = pictures[1].astype(np.float32)
    for channel in (0, 2):
        if pictures[channel].any():
            mixed += rng.uniform(0, MAX_MIXED) * (pictures[channel].astype(np.float32) - pictures[1])
    out = pictures.copy()
    out[1] = _to_uint8(mixed)
    return out


def _to_uint8(values: np.ndarray) -> Picture:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)


def coil(image: Picture, rng: Generator, strength: float) -> Picture:
    """A smooth gain over the image: surface coils brighten the chest wall and leave the far side dark."""
    rows, columns = image.shape
    knots = rng.normal(0, 0.35 * strength, (4, 4)).astype(np.float32)
    return _to_uint8(image * np.exp(cv2.resize(knots, (columns, rows), interpolation=cv2.INTER_CUBIC)))


def noise(image: Picture, rng: Generator, strength: float) -> Picture:
    """Rician noise: Gaussian in both channels of which the magnitude is shown; grain of one to two pixels."""
    sigma = float(rng.uniform(3, 18) * strength)
    real, imaginary = rng.standard_normal((2, *image.shape)).astype(np.float32) * sigma
    if rng.random() < 0.4:
        real, imaginary = (1.8 * cv2.GaussianBlur(part, (0, 0), 0.7) for part in (real, imaginary))
    return _to_uint8(np.hypot(image + real, imaginary))


def coarser(image: Picture, rng: Generator) -> Picture:
    """Acquired at fewer pixels (in one direction more than in the other) and interpolated by the scanner."""
    rows, columns = image.shape
    factor = rng.uniform(1.2, 2.2)
    other = rng.uniform(1.0, factor)
    fewer = (max(8, int(columns / factor)), max(8, int(rows / other)))
    if rng.random() < 0.5:
        fewer = (max(8, int(columns / other)), max(8, int(rows / factor)))
    small = cv2.resize(image, fewer, interpolation=cv2.INTER_AREA)
    how = cv2.INTER_CUBIC if rng.random() < 0.7 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=how), np.uint8)


def bands(image: Picture, rng: Generator) -> Picture:
    """Dark stripes of balanced SSFP where the field is off, bent a little."""
    rows, columns = image.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(0.35, 1.2) * max(rows, columns)
    phase = (x * np.cos(angle) + y * np.sin(angle)) / period + rng.uniform(0, 1)
    phase += rng.uniform(-0.4, 0.4) * ((x - columns / 2) ** 2 + (y - rows / 2) ** 2) / max(rows, columns) ** 2
    narrow = rng.uniform(0.03, 0.1)
    stripe = np.exp(-(((phase % 1.0) - 0.5) ** 2) / (2 * narrow**2))
    return _to_uint8(image * (1 - rng.uniform(0.3, 0.9) * stripe))


def ghosts(image: Picture, rng: Generator) -> Picture:
    """Faint shifted copies along one direction: breathing or flow during the scan."""
    rows, columns = image.shape
    across = bool(rng.random() < 0.5)
    by = int(rng.uniform(0.1, 0.45) * (columns if across else rows))
    shifted = np.roll(image, by, axis=1 if across else 0).astype(np.float32)
    return _to_uint8(image * 0.95 + shifted * rng.uniform(0.04, 0.18))


def patch(image: Picture, rng: Generator) -> Picture:
    """A soft bright or dark patch: flow void, infarct, pericardial fat, a wire."""
    rows, columns = image.shape
    y, x = np.arange(rows, dtype=np.float32)[:, None], np.arange(columns, dtype=np.float32)[None, :]
    out = image.astype(np.float32)
    for _ in range(int(rng.integers(1, 4))):
        wide, high = rng.uniform(0.02, 0.12, 2) * rows
        cx, cy = rng.uniform(0.2, 0.8, 2) * rows
        blob = np.exp(-(((x - cx) / wide) ** 2) - ((y - cy) / high) ** 2)
        out = out * (1 - blob * rng.uniform(0.2, 0.9)) if rng.random() < 0.6 else out + blob * rng.uniform(20, 110)
    return _to_uint8(out)


def sharpened_locally(image: Picture, rng: Generator) -> Picture:
    """Contrast equalised in tiles, as some scanners' display filters do it."""
    tiles = int(rng.integers(2, 9))
    return np.asarray(cv2.createCLAHE(float(rng.uniform(1, 4)), (tiles, tiles)).apply(image), np.uint8)


def equalised(pictures: Picture, rng: Generator) -> Picture:
    """Images (3, size, size) as DSB's labeller left them: contrast equalised in tiles, then compressed as WebP.

    The three were treated alike. Without it, a network could tell that set by its look and learn its habits apart.
    """
    tiles, limit = int(rng.integers(3, 9)), float(rng.uniform(0.8, 3.5))
    quality = [cv2.IMWRITE_WEBP_QUALITY, int(rng.integers(50, 95))]
    equalise = cv2.createCLAHE(limit, (tiles, tiles))
    out = np.zeros_like(pictures)
    for channel, image in enumerate(pictures):
        if image.any():
            _, code = cv2.imencode(".webp", equalise.apply(image), quality)
            out[channel] = np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.uint8)
    return out


def varied_a_little(image: Picture, rng: Generator, strength: float) -> Picture:
    """Other gain, grey map, sharpness and noise, with grey levels stretched as at inference."""
    low, high = levels(image)
    span = high - low
    image = stretch_contrast(
        image, low + rng.normal(0, 0.02) * strength * span, high * np.exp(rng.normal(0, 0.15) * strength)
    )
    if rng.random() < 0.5 * strength:
        image = grey_map(image, rng, strength)
    if rng.random() < 0.15 * strength:
        image = softness(image, rng)
    if rng.random() < 0.2 * strength:
        image = noise(image, rng, strength)
    return image


def varied(image: Picture, rng: Generator, strength: float) -> Picture:
    """A random choice of all of the above, with grey levels stretched as at inference; `strength` from 0 to 1."""

    def chance(p: float) -> bool:
        return bool(rng.random() < p * strength)

    if chance(0.45):
        image = coil(image, rng, strength)
    low, high = levels(image)
    span = high - low
    image = stretch_contrast(
        image, low + rng.normal(0, 0.02) * strength * span, high * np.exp(rng.normal(0, 0.18) * strength)
    )
    if chance(0.65):
        image = grey_map(image, rng, strength)
    if chance(0.1):
        image = sharpened_locally(image, rng)
    if chance(0.3):
        image = softness(image, rng)
    if chance(0.3):
        image = coarser(image, rng)
    if chance(0.15):
        image = bands(image, rng)
    if chance(0.15):
        image = ghosts(image, rng)
    if chance(0.2):
        image = patch(image, rng)
    if chance(0.35):
        image = noise(image, rng, strength)
    if chance(0.06):
        image = blackout(image, rng)
    if chance(0.1):
        image = graphics(image, rng)
    if chance(0.1):
        image = jpeg(image, rng)
    return image


def prepared(sample: SaxSample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """Images (3, size, size) of the slice before, the slice and the slice after, and the slice's label (size, size).

    Each image is varied by itself, neighbours less: a network must not rely on their grey levels being alike.
    """
    pictures, label = placed(sample, size, rng, strength)
    if rng.random() < THICKER_SHARE * strength:
        pictures = thicker(pictures, rng)
    if sample.source != DSB and rng.random() < EQUALISED_SHARE * strength:
        pictures = equalised(pictures, rng)
    out = np.zeros_like(pictures)
    out[1] = varied(pictures[1], rng, strength)
    for channel in (0, 2):
        if pictures[channel].any():
            out[channel] = varied_a_little(pictures[channel], rng, strength)
    return out, label


def cropped(square: int, sample: SaxSample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """A part of `size` pixels, at a random place, of the images and label that `prepared` gives for a larger square.

    It costs as little as a coarser image, and shows the heart as large as the network will see it.
    """
    pictures, label = prepared(sample, square, rng, strength)
    top, left = rng.integers(0, square - size + 1, 2)
    part = slice(top, top + size), slice(left, left + size)
    return np.ascontiguousarray(pictures[:, *part]), np.ascontiguousarray(label[part])
