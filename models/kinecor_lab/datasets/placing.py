"""Geometric augmentations: how the sector is placed in the network's square.

Rotation to 10 degrees and the depth cut are those of Smistad (section II-C); scale, shift, aspect, mirroring, a
narrower sector and a lit background stand for other probes, settings and conventions. Images are not turned apex
down: a network that learns these takes a bright line below the apex for the mitral valve.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import Picture, Sample

IGNORE = 255
"""Label of pixels that the loss ignores: tissue that a narrowed sector has hidden."""


def _depth_cut(sample: Sample, rng: Generator) -> int:
    """A row between the lowest LV pixel and the bottom of the image; rows from there on are dropped."""
    lv_rows = np.flatnonzero((sample.label == 1).any(axis=1))
    rows = sample.image.shape[0]
    lowest = int(lv_rows[-1]) + 2 if len(lv_rows) else rows
    return int(rng.integers(min(lowest, rows), rows + 1))


def _narrowed(sample: Sample, rng: Generator) -> Picture:
    """The sector mask cut to a smaller opening angle around a slightly steered axis."""
    mask: Picture = sample.sector
    rows, columns = mask.shape
    top = np.flatnonzero(mask.any(axis=1))[:1]
    if not len(top):
        return mask
    tip_x = float(np.flatnonzero(mask[top[0]]).mean())
    half, steer = np.radians(rng.uniform(24, 36)), np.radians(rng.uniform(-5, 5))
    y, x = np.mgrid[0:rows, 0:columns]
    angle = np.arctan2(x - tip_x, np.maximum(y - top[0], 0) + 1e-6)
    narrowed: Picture = (mask * (abs(angle - steer) < half)).astype(np.uint8)
    return narrowed


def _shrunk(picture: Picture, factor: int, *, labels: bool) -> Picture:
    if factor == 1:
        return picture
    if labels:
        thinned: Picture = picture[factor // 2 :: factor, factor // 2 :: factor].copy()
        return thinned
    rows, columns = picture.shape[0] // factor * factor, picture.shape[1] // factor * factor
    size = (columns // factor, rows // factor)
    return np.asarray(cv2.resize(picture[:rows, :columns], size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, eq=False)
class Placement:
    """How a frame is placed on the network's square: the same for all frames of a clip.

    Attributes:
        size: side of the square in pixels.
        rows: of the frame that are left, from the top.
        seen: (rows, columns) uint8, 1 inside a narrowed sector; None where it is as it came.
        factor: by which the frame is first made smaller.
        affine: (2, 3) from the smaller frame to the square.
        background: grey level outside the frame.

    """

    size: int
    rows: int
    seen: Picture | None
    factor: int
    affine: NDArray[np.float64]
    background: int

    def applied(self, image: Picture, label: Picture) -> tuple[Picture, Picture]:
        """Image and label on the square, each (size, size) uint8; see `placed`.

        Args:
            image: (rows, columns) uint8, of the shape that this was drawn for.
            label: likewise; 0..3, or IGNORE.

        """
        image, label = image[: self.rows], label[: self.rows]
        if self.seen is not None:
            image = image * self.seen
            label = np.where((self.seen == 0) & (label > 0), np.uint8(IGNORE), label)
        image, label = _shrunk(image, self.factor, labels=False), _shrunk(label, self.factor, labels=True)
        square, outside = (self.size, self.size), (self.background,)
        image_out = cv2.warpAffine(image, self.affine, square, flags=cv2.INTER_LINEAR, borderValue=outside)
        label_out = cv2.warpAffine(label, self.affine, square, flags=cv2.INTER_NEAREST, borderValue=(0,))
        return np.asarray(image_out, np.uint8), np.asarray(label_out, np.uint8)


def placement(sample: Sample, size: int, rng: Generator, strength: float) -> Placement:
    """A random placement; see `placed`.

    Args:
        sample: what to place; of several frames of a clip, their sector and all of their cavities.
        size: side of the square in pixels.
        rng: source of chance.
        strength: 0 centres the whole image as inference does; up to 1 for the full range.

    """
    rows, columns = sample.image.shape
    if rng.random() < 0.4 * strength:
        rows = min(_depth_cut(sample, rng), rows)
    seen = _narrowed(sample, rng)[:rows] if rng.random() < 0.25 * strength else None
    factor = max(1, round(max(rows, columns) / size / 1.2))
    kept = rows
    rows, columns = rows // factor, columns // factor

    fit = size / max(rows, columns)
    scale = fit * np.exp(rng.uniform(np.log(0.62), np.log(1.2)) * strength)
    aspect = np.exp(rng.normal(0, 0.07) * strength)
    angle = np.radians(rng.uniform(-10, 10) * strength)
    shear = rng.normal(0, 0.05) * strength
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[scale * aspect, shear * scale], [0, scale / aspect]])
    if rng.random() < 0.3 * strength:
        matrix = matrix @ np.diag((-1.0, 1.0))
    slack = np.maximum(size - scale * np.array((columns, rows)), 0.12 * size) / 2
    centre = np.array((size, size)) / 2 - 0.5 + rng.uniform(-1, 1, 2) * slack * strength
    shift = centre - matrix @ (np.array((columns, rows)) / 2 - 0.5)
    background = int(rng.integers(1, 30)) if rng.random() < 0.08 * strength else 0
    return Placement(size, kept, seen, factor, np.column_stack([matrix, shift]), background)


def placed(sample: Sample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """The sample's image and label on a square of `size` pixels.

    Args:
        sample: what to place.
        size: side of the square in pixels.
        rng: source of chance.
        strength: 0 centres the whole image as inference does; up to 1 for the full range.

    Returns:
        image and label, each (size, size) uint8; labels 0..3, or IGNORE.

    """
    return placement(sample, size, rng, strength).applied(sample.image, sample.label)
