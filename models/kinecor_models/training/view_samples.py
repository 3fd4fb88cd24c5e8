"""What the view classifier learns from: simulated frames of every view, real four-chamber ones, pictures of nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from kinecor_models.contract import ClipInput
from kinecor_models.framing import sector_box
from kinecor_models.grid import fitted
from kinecor_models.nets.view_net import CLASSES
from kinecor_models.phantoms.echo.stream import view_frames
from kinecor_models.training.pictures import varied
from kinecor_models.training.samples import Picture, camus_png

UNKNOWN = CLASSES.index("unknown")
# Clips rendered into one file of the pack, and the side of their pictures.
_CLIPS_A_FILE, _SIDE_PX = 100, 160
_JITTER = 0.08


def class_of(view: str) -> int:
    """Which of CLASSES a simulated view is: the levels of the short axis are one class, "other" is unknown."""
    name = view.split(" ")[0]
    return CLASSES.index(name) if name in CLASSES else UNKNOWN


@dataclass(frozen=True, eq=False)
class ViewSample:
    """A picture and its class."""

    image: Picture
    view: int

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """The ultrasound sector; the whole picture where none is found."""
        return sector_box(ClipInput(self.image[None]))


def rendered(folder: Path, clips: int, seed: int) -> list[ViewSample]:
    """Simulated frames, three a heart; made once and kept in `folder`, where a stopped rendering goes on.

    Args:
        folder: holds views-SEED-NUMBER.npz.
        clips: hearts; a multiple of 100 is made.
        seed: of the first file.

    """
    folder.mkdir(parents=True, exist_ok=True)
    found: list[ViewSample] = []
    for number in range(-(-clips // _CLIPS_A_FILE)):
        path = folder / f"views-{seed}-{number:03d}.npz"
        if not path.is_file():
            made = list(islice(view_frames(seed * 1000 + number, side_px=_SIDE_PX), _CLIPS_A_FILE))
            part = path.with_suffix(".part.npz")
            views = np.array([class_of(view) for _, view in made])
            np.savez_compressed(part, frames=np.stack([frames for frames, _ in made]), views=views)
            part.replace(path)
        with np.load(path) as held:
            pairs = zip(held["frames"], held["views"], strict=True)
            found += [ViewSample(frame, int(view)) for frames, view in pairs for frame in frames]
    return found


def four_chamber(folder: Path, splits: Sequence[str]) -> list[ViewSample]:
    """Real apical four-chamber frames; see camus_png."""
    return [ViewSample(sample.image, CLASSES.index("A4C")) for sample in camus_png(folder, splits)]


def no_views(count: int, seed: int, frames: Sequence[ViewSample] = ()) -> list[ViewSample]:
    """Pictures that are no view: noise, gradients, blots, text screens, pieces and mosaics of `frames`."""
    rng = np.random.default_rng(seed)
    return [ViewSample(_nothing(rng, frames), UNKNOWN) for _ in range(count)]


def _nothing(rng: Generator, frames: Sequence[ViewSample]) -> Picture:
    side = _SIDE_PX
    kind = int(rng.integers(5 if len(frames) else 4))
    if kind == 0:  # grain of any size
        step = int(rng.integers(1, 12))
        grain = rng.integers(0, 256, (side // step + 1, side // step + 1), dtype=np.uint8)
        return np.asarray(cv2.resize(grain, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)
    if kind == 1:  # blots
        out = np.full((side, side), int(rng.integers(0, 60)), np.uint8)
        for _ in range(int(rng.integers(2, 14))):
            middle = tuple(int(v) for v in rng.integers(0, side, 2))
            axes = tuple(int(v) for v in rng.integers(4, 60, 2))
            cv2.ellipse(out, middle, axes, float(rng.uniform(0, 180)), 0, 360, (int(rng.integers(0, 256)),), -1)
        return np.asarray(cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.5, 6))), np.uint8)
    if kind == 2:  # a slope of grey
        slope = np.linspace(float(rng.uniform(0, 255)), float(rng.uniform(0, 255)), side)
        return np.asarray(np.broadcast_to(slope[:, None] if rng.random() < 0.5 else slope, (side, side)), np.uint8)
    if kind == 3:  # a dark screen; graphics come with augmentation
        return np.full((side, side), int(rng.integers(0, 40)), np.uint8)
    # Enlarged pieces of pictures: speckle without a heart in it.
    frame = frames[int(rng.integers(len(frames)))].image
    wide = int(rng.integers(16, 34))
    y, x = (int(rng.integers(0, length - wide)) for length in frame.shape)
    return np.asarray(cv2.resize(frame[y : y + wide, x : x + wide], (side, side)), np.uint8)


def view_square(sample: ViewSample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """The sector on a square of `size` pixels, jittered and varied by `strength` (0 as inference does it), and (1, 1).

    The second is the class as a picture of one pixel, as the training loop wants labels to be pictures.
    """
    x0, y0, x1, y1 = sample.box
    wide, high = x1 - x0, y1 - y0
    if strength > 0:
        a, b, c, d = (rng.uniform(-_JITTER, _JITTER, 4) * strength * (wide, high, wide, high)).round().astype(int)
        x0, y0, x1, y1 = x0 + int(a), y0 + int(b), x1 + int(c), y1 + int(d)
    picture = fitted((x0, y0, x1, y1), size).sampled(sample.image)
    if strength > 0:
        turn = cv2.getRotationMatrix2D((size / 2, size / 2), float(rng.normal(0, 5 * strength)), 1.0)
        picture = np.asarray(cv2.warpAffine(picture, turn, (size, size)), np.uint8)
        picture = varied(picture, rng, strength)
    return picture, np.full((1, 1), sample.view, np.uint8)
