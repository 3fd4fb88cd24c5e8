"""Samples of the class "unknown": scenes without a heart, hearts that are not to be recognised, magnetic resonance."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from kinecor_lab.datasets.acdc import acdc_png
from kinecor_lab.datasets.samples import Picture
from kinecor_lab.tasks.views.samples import UNKNOWN, ViewSample
from kinecor_lab.tasks.views.scenes import SCENES, SIDE_PX
from kinecor_models.views.classes import CLASSES

APICAL = tuple(CLASSES.index(name) for name in ("A4C", "A2C"))


def no_views(count: int, seed: int, frames: Sequence[ViewSample] = ()) -> list[ViewSample]:
    """Pictures that are no view: half of them scenes of `view_scenes`, half made by spoiling `frames` (if any)."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        spoil = len(frames) > 0 and rng.random() < 0.5
        picture = _spoilt(rng, frames) if spoil else SCENES[int(rng.integers(len(SCENES)))](rng)
        found.append(ViewSample(picture, UNKNOWN))
    return found


def short_axis_mri(folder: Path, splits: Sequence[str], every: int = 8) -> list[ViewSample]:
    """Every `every`-th short-axis slice of ACDC; see acdc_png."""
    return [ViewSample(sample.image, UNKNOWN) for sample in acdc_png(folder, splits)[::every]]


def _spoilt(rng: Generator, frames: Sequence[ViewSample]) -> Picture:
    frame = frames[int(rng.integers(len(frames)))]
    kind = int(rng.integers(3))
    if kind == 0:
        return _piece(rng, frame.image)
    if kind == 1:
        return _shuffled(rng, frame.image)
    # The atria on top: contours of the left ventricle would be wrong on these.
    apical = [one for one in frames[:: max(1, len(frames) // 500)] if one.view in APICAL]
    return turned(apical[int(rng.integers(len(apical)))] if apical else frame, float(rng.uniform(100, 260)))


def _piece(rng: Generator, image: Picture) -> Picture:
    """An enlarged piece: speckle without a heart in it."""
    wide = int(rng.integers(16, 34))
    y, x = (int(rng.integers(0, length - wide)) for length in image.shape)
    return np.asarray(cv2.resize(image[y : y + wide, x : x + wide], (SIDE_PX, SIDE_PX)), np.uint8)


def _shuffled(rng: Generator, image: Picture) -> Picture:
    """Tiles of the picture in random places and turns, two or three to a side, under the picture's own sector."""
    many = int(rng.integers(2, 4))
    side = SIDE_PX // many
    whole = np.asarray(cv2.resize(image, (side * many, side * many)), np.uint8)
    tiles = [whole[r * side : (r + 1) * side, c * side : (c + 1) * side] for r in range(many) for c in range(many)]
    order = rng.permutation(len(tiles))
    mixed = [np.rot90(tiles[int(i)], int(rng.integers(4))) for i in order]
    out = np.vstack([np.hstack(mixed[r * many : (r + 1) * many]) for r in range(many)])
    if rng.random() < 0.7:
        lit = cv2.morphologyEx((whole > 3).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
        out = np.where(lit > 0, out, 0)
    return np.asarray(out, np.uint8)


def turned(sample: ViewSample, degrees: float) -> Picture:
    """The picture turned about its middle, as large as before."""
    rows, columns = sample.image.shape
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(sample.image, turn, (columns, rows)), np.uint8)
