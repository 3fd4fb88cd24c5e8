"""Inputs and outputs of every model: numpy in, numpy out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kinecor_models.card import ModelCard
from kinecor_models.grid import Grid

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
