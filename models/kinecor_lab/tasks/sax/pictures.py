"""Grey-level augmentations of MR pictures: coils, fields, vendors, motion, and what a screenshot adds.

Each takes and returns (rows, columns) uint8.
"""

import cv2
import numpy as np
from numpy.random import Generator

from kinecor_lab.common.pictures import blackout, graphics, grey_map, jpeg, softness
from kinecor_lab.datasets.slices import Picture
from kinecor_models.localisation.framing import levels, stretched


def _to_uint8(values: np.ndarray) -> Picture:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)


def coil(image: Picture, rng: Generator, strength: float) -> Picture:
    """A smooth gain over the picture: surface coils brighten the chest wall and leave the far side dark."""
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


def varied_a_little(image: Picture, rng: Generator, strength: float) -> Picture:
    """Other gain, grey map, sharpness and noise, with grey levels stretched as at inference."""
    low, high = levels(image)
    span = high - low
    image = stretched(image, low + rng.normal(0, 0.02) * strength * span, high * np.exp(rng.normal(0, 0.15) * strength))
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
    image = stretched(image, low + rng.normal(0, 0.02) * strength * span, high * np.exp(rng.normal(0, 0.18) * strength))
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
