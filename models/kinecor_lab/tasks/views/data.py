"""What the view classifier learns from: simulated frames of every view, and real four- and two-chamber ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.common.pictures import varied
from kinecor_lab.datasets.samples import Picture, Sample
from kinecor_models.contract import ClipInput, fit_grid
from kinecor_models.localisation.framing import sector_box
from kinecor_models.views.classes import CLASSES
from kinecor_phantoms.echo.stream import view_frames

UNKNOWN = CLASSES.index("unknown")
# Clips rendered into one file of the pack, and the side of their images.
_CLIPS_A_FILE, _SIDE_PX = 100, 160


def class_of(view: str) -> int:
    """Which of CLASSES a simulated view is: the levels of the short axis are one class, "other" is unknown."""
    name = view.split(" ")[0]
    return CLASSES.index(name) if name in CLASSES else UNKNOWN


@dataclass(frozen=True, eq=False)
class ViewSample:
    """An image and its class."""

    image: Picture
    view: int

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """The ultrasound sector; the whole image where none is found."""
        return sector_box(ClipInput(self.image[None]))


def rendered(folder: Path, clips: int, seed: int) -> list[ViewSample]:
    """Simulated frames, three a heart, those of a heart in a row; see `rendered_clips`."""
    return [ViewSample(frame, view) for frames, view in rendered_clips(folder, clips, seed) for frame in frames]


def rendered_clips(folder: Path, clips: int, seed: int) -> list[tuple[Picture, int]]:
    """Simulated hearts, three frames (3, side, side) each, and their class.

    Rendered once and saved in `folder`; an interrupted rendering is resumed.

    Args:
        folder: holds views-SEED-NUMBER.npz.
        clips: hearts; rounded up to a multiple of 100.
        seed: of the first file.

    """
    folder.mkdir(parents=True, exist_ok=True)
    found: list[tuple[Picture, int]] = []
    for number in range(-(-clips // _CLIPS_A_FILE)):
        path = folder / f"views-{seed}-{number:03d}.npz"
        if not path.is_file():
            made = list(islice(view_frames(seed * 1000 + number, side_px=_SIDE_PX), _CLIPS_A_FILE))
            part = path.with_suffix(".part.npz")
            views = np.array([class_of(view) for _, view in made])
            np.savez_compressed(part, frames=np.stack([frames for frames, _ in made]), views=views)
            part.replace(path)
        with np.load(path) as held:
            found += [(frames, int(view)) for frames, view in zip(held["frames"], held["views"], strict=True)]
    return found


_SQUARE_PX = 224
"""Side of the square to which CAMUS' two-chamber frames were resized before they came (camus_resized.py)."""


def through_square(image: Picture) -> Picture:
    """An image resized to a square and back to its proportions: with the softness that two-chamber frames have.

    Otherwise a network could tell four- from two-chamber frames by how they were resized.
    """
    rows, columns = image.shape
    small = cv2.resize(image, (_SQUARE_PX, _SQUARE_PX), interpolation=cv2.INTER_AREA)
    size = (round(_SQUARE_PX * columns / rows), _SQUARE_PX)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def of_frames(samples: Sequence[Sample]) -> list[ViewSample]:
    """Real frames, by their view; every second four-chamber one `through_square`."""
    out = []
    for number, sample in enumerate(samples):
        # ED of one patient, ES of the next.
        soft = sample.view == "A4C" and number % 4 in (0, 3)
        image = through_square(sample.image) if soft else sample.image
        out.append(ViewSample(image, CLASSES.index(sample.view)))
    return out


# Grey levels above which a pixel is lit; side of a patch of speckle; number of quantiles.
_LIT, _PATCH_PX, _LEVELS = 3, 40, 33
_CHANCE = 0.4


class Looks:
    """Speckle and grey levels of `samples`, to apply to other images.

    Args:
        samples: real and simulated frames.
        seed: of the choice among them.
        kept: how many are used.

    """

    def __init__(self, samples: Sequence[ViewSample], seed: int, kept: int = 400) -> None:
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(len(samples))[:kept]
        looks = [_look_of(samples[int(number)]) for number in chosen]
        self._speckle = [speckle for speckle, _ in looks if speckle is not None]
        self._levels = [levels for _, levels in looks]

    def lent(self, picture: Picture, rng: Generator, strength: float) -> Picture:
        """The image with a random one's grey levels, its speckle, both or neither."""
        if self._levels and rng.random() < _CHANCE * strength:
            picture = _matched(picture, self._levels[int(rng.integers(len(self._levels)))], float(rng.uniform(0.5, 1)))
        if self._speckle and rng.random() < _CHANCE * strength:
            picture = _speckled(picture, self._speckle[int(rng.integers(len(self._speckle)))], rng)
        if rng.random() < 0.15 * strength:
            picture = swept(picture, float(rng.uniform(0.4, 2.2)))
        return picture


def _look_of(sample: ViewSample) -> tuple[NDArray[np.float32] | None, NDArray[np.float32]]:
    """Log of the speckle of a patch in the sector, if there is one; and quantiles of the lit pixels."""
    x0, y0, x1, y1 = sample.box
    part = sample.image[y0:y1, x0:x1]
    scale = 128 / max(part.shape)
    part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    lit = part > _LIT
    values = part[lit] if lit.any() else np.zeros(1, np.uint8)
    levels = np.quantile(values, np.linspace(0, 1, _LEVELS)).astype(np.float32)
    return _plainest(part.astype(np.float32), lit), levels


def _plainest(part: NDArray[np.float32], lit: NDArray[np.bool_]) -> NDArray[np.float32] | None:
    """Log of the speckle of the lit patch with the least anatomy in it, or None where none is lit."""
    smooth = cv2.GaussianBlur(part, (0, 0), 2.5)
    speckle = np.log((part + 8) / (smooth + 8)).clip(-1.2, 0.9)
    half, best, least = _PATCH_PX // 2, None, np.inf
    for y in range(half, part.shape[0] - half, 8):
        for x in range(half, part.shape[1] - half, 8):
            where = (slice(y - half, y + half), slice(x - half, x + half))
            uneven = float(np.log(smooth[where] + 8).std())
            if uneven < least and lit[where].mean() > 0.9:
                best, least = np.asarray(speckle[where], np.float32), uneven
    return best


def _matched(picture: Picture, levels: NDArray[np.float32], share: float) -> Picture:
    """Grey levels moved by `share` of the way to those of which `levels` are the quantiles; black stays black."""
    lit = picture[picture > _LIT]
    if lit.size < 100:
        return picture
    ours = np.quantile(lit, np.linspace(0, 1, _LEVELS))
    table = np.arange(256, dtype=np.float64)
    moved = np.interp(table, ours + np.arange(_LEVELS) * 1e-3, levels)
    table[_LIT + 1 :] = ((1 - share) * table + share * moved)[_LIT + 1 :]
    return np.asarray(cv2.LUT(picture, np.clip(table + 0.5, 0, 255).astype(np.uint8)), np.uint8)


def _speckled(picture: Picture, speckle: NDArray[np.float32], rng: Generator) -> Picture:
    """The image's own speckle smoothed away, and another's in its place."""
    if rng.random() < 0.5:
        speckle = speckle[:, ::-1]
    rows, columns = picture.shape
    tile = np.concatenate([speckle, speckle[::-1]])
    tile = np.concatenate([tile, tile[:, ::-1]], axis=1)
    many = (-(-rows // tile.shape[0]), -(-columns // tile.shape[1]))
    field = np.tile(tile, many)[:rows, :columns]
    smooth = cv2.medianBlur(picture, 5).astype(np.float32)
    out = (smooth + 8) * np.exp(field * rng.uniform(0.6, 1.3)) - 8
    return np.asarray(np.where(picture > _LIT, np.clip(out + 0.5, 0, 255), picture), np.uint8)


def swept(picture: Picture, spread_deg: float) -> Picture:
    """Smeared along arcs about the middle of the upper edge: few beams, as of small or of volume probes."""
    rows, columns = picture.shape
    centre, reach = (columns / 2, 0.0), float(np.hypot(columns / 2, rows))
    size = (round(reach), 360)
    polar = cv2.warpPolar(picture, size, centre, reach, cv2.WARP_POLAR_LINEAR | cv2.WARP_FILL_OUTLIERS)
    polar = cv2.GaussianBlur(polar, (0, 0), sigmaX=0.4, sigmaY=spread_deg)
    flags = cv2.WARP_POLAR_LINEAR | cv2.WARP_INVERSE_MAP | cv2.WARP_FILL_OUTLIERS
    return np.asarray(cv2.warpPolar(polar, (columns, rows), centre, reach, flags), np.uint8)


_JITTER, _TURN_DEG = 0.08, 6.0
# Strength of grey-level augmentation, as a share of that of placing: borrowed looks come on top.
_VARIED = 0.7
_APICAL = tuple(CLASSES.index(name) for name in ("A4C", "A2C", "A3C"))
# Shares of samples, at full strength, that are zoomed in on and that had few pixels.
_ZOOMED_SHARE, _COARSE_SHARE = 0.35, 0.3
_COARSE_PX = (40, 112)
"""Side of images of few pixels: 112 in public sets of clips, fewer where they were cropped."""
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

    The second is the class as an image of one pixel, as the training loop expects labels to be images.
    """
    label = np.full((1, 1), sample.view, np.uint8)
    if strength <= 0:
        return fit_grid(sample.box, size).sampled(sample.image), label
    image, box = sample.image, sample.box
    if rng.random() < _ZOOMED_SHARE * strength:
        image, box = _zoomed(sample, rng)
    elif rng.random() < 0.15 * strength:
        image, box = _cut(sample, rng)
    aspect = float(np.exp(rng.normal(0, 0.08 * strength)))
    picture = fit_grid(_moved(box, rng, strength), size, aspect).sampled(image)
    if rng.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), float(rng.normal(0, _TURN_DEG * strength)), 1.0)
    picture = np.asarray(cv2.warpAffine(picture, turn, (size, size)), np.uint8)
    if looks is not None:
        picture = looks.lent(picture, rng, strength)
    if rng.random() < _COARSE_SHARE * strength:
        picture = _coarse(picture, rng)
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


def _zoomed(sample: ViewSample, rng: Generator) -> tuple[Picture, Box]:
    """A rectangle within the sector, which fills the screen: its sides, and at times what is deep, are cut off."""
    x0, y0, x1, y1 = sample.box
    wide, high = x1 - x0, y1 - y0
    width, height = wide * float(rng.uniform(0.5, 0.95)), high * float(rng.uniform(0.6, 1.0))
    left = x0 + (wide - width) * float(np.clip(rng.normal(0.5, 0.2), 0, 1))
    top = y0 + (high - height) * float(rng.uniform(0, 0.5))
    part = sample.image[round(top) : round(top + height), round(left) : round(left + width)]
    if min(part.shape) < 20:
        return sample.image, sample.box
    return part, (0, 0, part.shape[1], part.shape[0])


def _coarse(picture: Picture, rng: Generator) -> Picture:
    """The image as one of few pixels shows it."""
    side, size = int(rng.integers(*_COARSE_PX)), (picture.shape[1], picture.shape[0])
    small = cv2.resize(picture, (side, side), interpolation=int(rng.choice((cv2.INTER_AREA, cv2.INTER_LINEAR))))
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _cut(sample: ViewSample, rng: Generator) -> tuple[Picture, Box]:
    """The image turned and cut to another sector or to four corners, as slices of volumes are; its new box."""
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
