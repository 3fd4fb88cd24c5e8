"""Inputs and outputs of every model: numpy in, numpy out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import ModelCard


@dataclass(frozen=True, slots=True)
class Grid:
    """A rectangle of the image, resampled onto the network's square input.

    Attributes:
        size: side of the square, in network pixels.
        x0, y0, x1, y1: the rectangle in the image, x0 <= x < x1; it may extend beyond the image, where it is black.
        columns, rows: network pixels that the rectangle fills; it is centred, the rest is black.

    """

    size: int
    x0: int
    y0: int
    x1: int
    y1: int
    columns: int
    rows: int

    @property
    def left(self) -> int:
        """Network columns left of the rectangle."""
        return (self.size - self.columns) // 2

    @property
    def top(self) -> int:
        """Network rows above the rectangle."""
        return (self.size - self.rows) // 2

    @property
    def step_px(self) -> tuple[float, float]:
        """Image pixels per network pixel along x and y."""
        return (self.x1 - self.x0) / self.columns, (self.y1 - self.y0) / self.rows

    def to_image(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 2) points of the network as points of the image; pixel centres at integers in both."""
        shift, step = np.array((self.left, self.top)), np.array(self.step_px)
        out: NDArray[np.float64] = (points.astype(np.float64) - shift + 0.5) * step - 0.5 + (self.x0, self.y0)
        return out

    def to_network(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """(n, 2) points of the image as points of the network."""
        shift, step = np.array((self.left, self.top)), np.array(self.step_px)
        out: NDArray[np.float64] = (points.astype(np.float64) - (self.x0, self.y0) + 0.5) / step - 0.5 + shift
        return out

    def sampled(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The (size, size) square of a grey image; averaged over area where it shrinks."""
        high, wide = image.shape
        inside = image[max(self.y0, 0) : max(self.y1, 0), max(self.x0, 0) : max(self.x1, 0)]
        if inside.shape != (self.y1 - self.y0, self.x1 - self.x0):
            inside = cv2.copyMakeBorder(  # type: ignore[assignment]
                inside,
                max(-self.y0, 0),
                max(self.y1 - high, 0),
                max(-self.x0, 0),
                max(self.x1 - wide, 0),
                cv2.BORDER_CONSTANT,
                value=(0,),
            )
        shrinks = max(self.step_px) > 1
        how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        out = np.zeros((self.size, self.size), np.uint8)
        out[self.top : self.top + self.rows, self.left : self.left + self.columns] = cv2.resize(
            inside, (self.columns, self.rows), interpolation=how
        )
        return out


def fitted(box: tuple[int, int, int, int], size: int, aspect: float = 1.0) -> Grid:
    """The grid that shows a box (x0, y0, x1, y1) of the image as large as fits, in its true proportions.

    Args:
        box: in image pixels.
        size: side of the network's square.
        aspect: height of an image pixel over its width.

    """
    x0, y0, x1, y1 = box
    wide, high = x1 - x0, (y1 - y0) * aspect
    scale = size / max(wide, high)
    return Grid(size, x0, y0, x1, y1, max(1, round(wide * scale)), max(1, round(high * scale)))


Image = NDArray[np.uint8]
Points = NDArray[np.float32]
Tick = Callable[[int, int], None]
"""tick(done, total) is called between frames; an exception it raises ends the work."""


class Frames(Protocol):
    """Random access to frames."""

    def __len__(self) -> int:
        """Number of frames."""

    def __getitem__(self, frame: int) -> Image:
        """Frame number `frame`: uint8 (rows, columns) or (rows, columns, 3) RGB."""


@dataclass(frozen=True, eq=False)
class ClipInput:
    """A clip to be analysed.

    Attributes:
        frames: see Frames; all of one size.
        region: (x0, y0, x1, y1) in pixels, the part of the image that holds the ultrasound sector, or None.
        aspect: height of a pixel over its width (1 for square pixels).
        interval_s: time from frame to frame, in seconds.
        spacing_mm: width of a pixel, or None where it is not known. Models that need a scale, such as that for
            short-axis cines, then assume one.
        view: what the clip shows ("A4C"), for networks with a view input; None where it is not known.

    """

    frames: Frames
    region: tuple[int, int, int, int] | None = None
    aspect: float = 1.0
    interval_s: float = 0.02
    spacing_mm: float | None = None
    view: str | None = None


@dataclass(frozen=True, eq=False)
class ClipOutput:
    """Contours of a clip, on the network's own grid.

    Attributes:
        contours: by structure ("lv_endo", "lv_epi", "la", "rv"): one (n, 2) float32 array of (x, y) a frame, or None
            where there is none. First and last point are the mitral hinge points where the structure has them;
            short-axis outlines are closed, their first point is not repeated.
        confidence: by structure, (frames,) float32 in 0..1: the overlap (Dice) with an expert's contour that the
            model predicts; 0 where there is no contour.
        grid: maps (x, y) of the network to (x, y) of the image.
        view: the view the model recognises ("A4C"), where it classifies views; else None.

    """

    contours: Mapping[str, Sequence[Points | None]]
    confidence: Mapping[str, NDArray[np.float32]]
    grid: Grid
    view: str | None = None


class ClipModel(Protocol):
    """A model, ready to run."""

    @property
    def card(self) -> ModelCard:
        """Its card."""

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Analyses every frame of a clip; calls `tick` after each."""
