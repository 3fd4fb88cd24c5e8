"""Grey-level augmentations: gain, shadows, noise, compression, burned-in graphics.

Gamma, Gaussian shadows, JPEG compression and blackout are those of Smistad (section II-C); the others stand for
scanners and settings that the training set has not: gain and dynamic range, depth gain, haze, speckle, burned-in text,
electrocardiogram traces, depth ticks, grey bars. Each takes and returns (rows, columns) uint8.
"""

import string

import cv2
import numpy as np
from numpy.random import Generator

from kinecor_lab.datasets.samples import Picture

_CHARACTERS = string.ascii_letters + string.digits + ".:/%-"


def _to_uint8(values: np.ndarray) -> Picture:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)


def grey_map(image: Picture, rng: Generator, strength: float) -> Picture:
    """Gamma, gain, offset and a random bend: other gains, dynamic ranges and vendors' grey maps.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.
        strength: 0 (no change) to 1.

    """
    levels = np.linspace(0, 1, 256)
    curve = levels ** np.exp(rng.normal(0, 0.35 * strength))
    if rng.random() < 0.3 * strength:
        knots = np.sort(rng.uniform(0, 1, 3))
        curve = np.interp(curve, (0, 0.25, 0.5, 0.75, 1), np.concatenate(([0], knots, [1])))
    gain = np.exp(rng.normal(0, 0.25 * strength))
    if rng.random() < 0.15 * strength:  # a nearly black screen, as small machines record it
        gain *= rng.uniform(0.3, 0.7)
    curve = curve * gain + rng.normal(0, 0.03 * strength) * (levels > 0)
    return np.asarray(cv2.LUT(image, _to_uint8(curve * 255)), np.uint8)


def depth_gain(image: Picture, rng: Generator, strength: float) -> Picture:
    """Time-gain compensation that is off: a smooth gain along depth and another from side to side.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.
        strength: 0 (no change) to 1.

    """
    rows, columns = image.shape
    down = np.interp(np.arange(rows), np.linspace(0, rows, 6), np.exp(rng.normal(0, 0.25 * strength, 6)))
    across = np.interp(np.arange(columns), np.linspace(0, columns, 4), np.exp(rng.normal(0, 0.15 * strength, 4)))
    return _to_uint8(image * down[:, None].astype(np.float32) * across[None, :].astype(np.float32))


def shadows(image: Picture, rng: Generator) -> Picture:
    """One to three dark Gaussian shadows at random places and sizes.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.

    """
    rows, columns = image.shape
    light = np.ones((rows, columns), np.float32)
    y, x = np.arange(rows, dtype=np.float32)[:, None], np.arange(columns, dtype=np.float32)[None, :]
    for _ in range(rng.integers(1, 4)):
        wide, high = rng.uniform(0.04, 0.2) * columns, rng.uniform(0.08, 0.4) * rows
        cx, cy = rng.uniform(0, columns), rng.uniform(0, rows)
        blob = np.exp(-(((x - cx) / wide) ** 2)) * np.exp(-(((y - cy) / high) ** 2))
        light *= 1 - np.float32(rng.uniform(0.3, 0.95)) * blob
    return _to_uint8(image * light)


def haze(image: Picture, rng: Generator) -> Picture:
    """Near-field clutter: brightness that fades with depth.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.

    """
    rows = image.shape[0]
    fade = np.exp(-np.arange(rows, dtype=np.float32) / (rng.uniform(0.08, 0.4) * rows))[:, None]
    return _to_uint8(image + rng.uniform(10, 90) * fade * (image > 0))


def speckle(image: Picture, rng: Generator, strength: float) -> Picture:
    """Multiplicative noise of a random grain.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.
        strength: 0 (no change) to 1.

    """
    rows, columns = image.shape
    coarse = rng.uniform(1, 3)
    grain = rng.standard_normal((max(2, int(rows / coarse)), max(2, int(columns / coarse)))).astype(np.float32)
    noise = cv2.resize(grain, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return _to_uint8(image * (1 + rng.uniform(0.05, 0.3) * strength * noise))


def softness(image: Picture, rng: Generator) -> Picture:
    """Blur of another line density, or sharpening as some scanners do it.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.

    """
    blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.5, 1.6))), np.uint8)
    if rng.random() < 0.6:
        return blurred
    amount = float(rng.uniform(0.5, 2.0))
    return np.asarray(cv2.addWeighted(image, 1 + amount, blurred, -amount, 0), np.uint8)


def jpeg(image: Picture, rng: Generator) -> Picture:
    """JPEG compression of a random quality.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.

    """
    _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(12, 85))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


def blackout(image: Picture, rng: Generator) -> Picture:
    """All zeros in a random rectangle.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.

    """
    rows, columns = image.shape
    high, wide = int(rng.uniform(0.05, 0.3) * rows), int(rng.uniform(0.05, 0.3) * columns)
    y, x = int(rng.uniform(0, rows - high)), int(rng.uniform(0, columns - wide))
    out = image.copy()
    out[y : y + high, x : x + wide] = 0
    return out


def graphics(image: Picture, rng: Generator) -> Picture:
    """What scanners draw over the image: text, ticks, a grey bar, a trace, a caliper cross.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.

    """
    out = image.copy()
    rows, columns = out.shape
    unit = rows / 256
    for _ in range(rng.integers(1, 14)):
        text = "".join(rng.choice(list(_CHARACTERS), size=int(rng.integers(1, 12))))
        if rng.random() < 0.75:  # mostly in the corners, where scanners put it
            at = (
                int(rng.choice((0.01, 0.75)) * columns),
                int(rng.choice((0.06, 0.72)) * rows + rng.uniform(0, 0.25) * rows),
            )
        else:
            at = (int(rng.uniform(0, columns)), int(rng.uniform(0, rows)))
        size, grey = float(rng.uniform(0.22, 0.5) * unit), int(rng.integers(90, 256))
        cv2.putText(out, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, (grey,), 1, cv2.LINE_AA)
    if rng.random() < 0.4:  # depth ticks
        x, step = int(rng.uniform(0, columns)), int(rng.uniform(8, 24) * unit)
        for y in range(int(rng.uniform(0, 20)), rows, max(step, 3)):
            cv2.line(out, (x, y), (x + int(rng.integers(1, 5)), y), (200,), 1)
    if rng.random() < 0.3:  # grey bar
        x, high = int(rng.choice((0.02, 0.94)) * columns), int(rng.uniform(0.2, 0.6) * rows)
        y = int(rng.uniform(0, rows - high))
        out[y : y + high, x : x + max(3, int(6 * unit))] = np.linspace(255, 0, high, dtype=np.uint8)[:, None]
    if rng.random() < 0.3:  # electrocardiogram
        t = np.arange(columns)
        beat = np.exp(-(((t - rng.uniform(0, 60)) % rng.uniform(50, 140)) ** 2) / 6)
        y = rng.uniform(0.82, 0.97) * rows - beat * rng.uniform(5, 30) * unit
        cv2.polylines(out, [np.stack([t, y], 1).astype(np.int32)], False, (int(rng.integers(100, 255)),), 1)
    return out


def varied(image: Picture, rng: Generator, strength: float) -> Picture:
    """A random choice of all of the above; `strength` from 0 (none) to 1.

    Args:
        image: (rows, columns) grey levels 0..255.
        rng: for what is random.
        strength: 0 (no change) to 1.

    """

    def chance(p: float) -> bool:
        return bool(rng.random() < p * strength)

    if chance(0.9):
        image = grey_map(image, rng, strength)
    if chance(0.4):
        image = depth_gain(image, rng, strength)
    if chance(0.25):
        image = softness(image, rng)
    if chance(0.35):
        image = speckle(image, rng, strength)
    if chance(0.3):
        image = shadows(image, rng)
    if chance(0.15):
        image = haze(image, rng)
    if chance(0.2):
        image = blackout(image, rng)
    if chance(0.4):
        image = graphics(image, rng)
    if chance(0.3):
        image = jpeg(image, rng)
    return image
