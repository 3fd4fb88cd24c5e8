"""A drawn sector and a drawn short axis with what is known of them."""

import numpy as np
from scipy import ndimage

from kinecor_lab.realism.frame import LookFrame
from kinecor_lab.realism.sector import Sector

SECTOR = Sector((150.0, -4.0), np.radians(-36.0), np.radians(36.0), 6.0, 230.0)
HIGH, WIDE = 230, 300


def echo(seed: int = 0, wall: float = 110.0, blood: float = 60.0, grain: float = 1.2) -> LookFrame:
    """Speckle as blurred noise in the sector, an oval cavity in a wall; levels are the classes' means."""
    rows, columns = np.indices((HIGH, WIDE))
    labels = np.zeros((HIGH, WIDE), np.uint8)
    out = np.hypot((columns - 150) / 44, (rows - 90) / 74)
    labels[out < 1] = 2
    labels[out < 0.75] = 1
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal((HIGH, WIDE)), grain)
    level = np.choose(labels, (80.0, blood, wall)) + 14 * noise / noise.std()
    image = np.where(SECTOR.mask((HIGH, WIDE)), level.clip(3, 255), 0).astype(np.uint8)
    return LookFrame(f"drawn{seed}", image, labels, 0.616)


def short_axis(seed: int = 0, wall: float = 50.0, noise: float = 4.0) -> LookFrame:
    """A bright round cavity (level 120) in a dark wall, a right ventricle next to it, grey around, lung below."""
    rows, columns = np.indices((180, 180))
    image = np.full((180, 180), 70.0)
    image[130:] = 8.0
    labels = np.zeros((180, 180), np.uint8)
    labels[np.hypot((columns - 55) / 20, (rows - 90) / 30) < 1] = 4
    labels[np.hypot(columns - 95, rows - 90) < 32] = 2
    labels[np.hypot(columns - 95, rows - 90) < 22] = 1
    image[labels == 4], image[labels == 2], image[labels == 1] = 110, wall, 120
    image = ndimage.gaussian_filter(image, 1.0) + noise * np.random.default_rng(seed).standard_normal(image.shape)
    return LookFrame(f"drawn{seed}", image.clip(0, 255).astype(np.uint8), labels)
