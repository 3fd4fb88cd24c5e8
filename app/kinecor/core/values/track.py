"""What is followed through a whole recording: one structure's contour, and the motion of the image (optical flow)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour, FloatArray, finite, frozen_array
from kinecor.core.values.message import message


class Structure(StrEnum):
    """What a contour outlines; the values are the names in result.json and in the file."""

    LV_ENDO = "lv_endo"
    LV_EPI = "lv_epi"
    LA = "la"
    RV = "rv"


STRUCTURE_NAMES: Final = {
    Structure.LV_ENDO: message("LV endocardium"),
    Structure.LV_EPI: message("LV epicardium"),
    Structure.LA: message("left atrium"),
    Structure.RV: message("right ventricle"),
}
"""Names of the structures within a sentence, as in the history."""


class Origin(StrEnum):
    """How a frame's contour came to be."""

    MODEL = "model"
    TRACKED = "tracked"
    EDITED = "edited"
    TEMPLATE = "template"
    """Of usual size, placed by a person and not yet fitted or confirmed: it is no measurement."""


_NOT_DRAWN = (Origin.MODEL, Origin.TRACKED)


@dataclass(frozen=True, eq=False)
class ContourTrack:
    """A contour per frame, or None where the structure was not found.

    Attributes:
        structure: what is outlined.
        contours: one per frame.
        origins: one per frame.
        confidence: (frames,) float64 from 0 to 1, how reliable the contour is; 1 where a person drew it.
        automatic: one per frame: the contour that nobody corrected, which stays known below a person's; None where
            there was none. By default the contours that no person drew. It is not saved: an analysis sets it, and
            the edits that follow leave it as it is, so that the history gives it again.
        automatic_confidence: (frames,) of the automatic contours, NaN where there was none; kept like `automatic`.

    Raises:
        ValueError: lengths differ, or a confidence is outside 0..1.

    """

    structure: Structure
    contours: tuple[Contour | None, ...]
    origins: tuple[Origin, ...]
    confidence: FloatArray
    automatic: tuple[Contour | None, ...] = ()
    automatic_confidence: FloatArray | None = None

    def __post_init__(self) -> None:
        confidence = frozen_array(self.confidence)
        object.__setattr__(self, "confidence", confidence)
        n = len(self.contours)
        if self.automatic_confidence is None and confidence.shape == (len(self.origins),):
            known = np.array([whose in _NOT_DRAWN for whose in self.origins], bool)
            object.__setattr__(self, "automatic_confidence", frozen_array(np.where(known, confidence, np.nan)))
        if not self.automatic:
            pairs = zip(self.contours, self.origins, strict=False)
            object.__setattr__(
                self, "automatic", tuple(contour if whose in _NOT_DRAWN else None for contour, whose in pairs)
            )
        if len(self.origins) != n or confidence.shape != (n,):
            raise ValueError(
                f"{self.structure}: {n} contours need {n} origins and confidences, "
                f"got {len(self.origins)} and {confidence.shape}"
            )
        if n and not ((confidence >= 0) & (confidence <= 1)).all():
            raise ValueError(f"{self.structure}: a confidence of 0..1 was expected")

    def __len__(self) -> int:
        return len(self.contours)

    def follows(self, frame: int) -> bool:
        """Whether the contour of a frame was derived from ones that a person drew on other frames.

        Args:
            frame: from 0.

        """
        return self.origins[frame] is Origin.TRACKED and Origin.EDITED in self.origins

    def confidence_at(self, frames: Iterable[int]) -> float | None:
        """The least confidence of the contours at these frames that no person drew; None where a person drew all.

        Args:
            frames: from 0.

        """
        by_model = [float(self.confidence[frame]) for frame in frames if self.origins[frame] is not Origin.EDITED]
        return min(by_model, default=None)

    def replaced(
        self, start: int, contours: tuple[Contour | None, ...], origins: Origin | tuple[Origin, ...]
    ) -> "ContourTrack":
        """A track with `contours` put at frames start, start + 1, ...

        Where a person edited, confidence is 1; where a contour came otherwise, it stays what it was. A frame left
        without a contour, or with an initial one, has confidence 0; one without keeps its origin if it had none before.

        Args:
            start: the first frame.
            contours: one per frame; None takes a contour away.
            origins: one per contour, or one for all.

        Raises:
            ValueError: the frames reach beyond the track, or there are not as many origins as contours.

        """
        stop = start + len(contours)
        if start < 0 or stop > len(self.contours):
            raise ValueError(f"{self.structure}: frames {start}..{stop - 1} outside 0..{len(self.contours) - 1}")
        given = (origins,) * len(contours) if isinstance(origins, Origin) else origins
        if len(given) != len(contours):
            raise ValueError(f"{self.structure}: {len(contours)} contours need as many origins, got {len(given)}")
        confidence, new_origins = self.confidence.copy(), list(self.origins)
        for frame, (contour, origin) in enumerate(zip(contours, given, strict=True), start):
            if contour is None or origin is Origin.TEMPLATE:
                confidence[frame] = 0.0
            elif origin is Origin.EDITED:
                confidence[frame] = 1.0
            if contour is not None or self.contours[frame] is not None:
                new_origins[frame] = origin
        return ContourTrack(
            self.structure,
            self.contours[:start] + contours + self.contours[stop:],
            tuple(new_origins),
            confidence,
            self.automatic,
            self.automatic_confidence,
        )


PER_PX = 100
"""Displacements and errors are held to this fraction of a pixel, so that a file gives back what was analysed."""
_LARGEST_PX = 327.0


@dataclass(frozen=True, eq=False)
class Motion:
    """Displacement of what is at the nodes of a grid, for each pair of frames.

    Of a gated cycle there may be one pair more: from the last frame to the first.

    Values are rounded to hundredths of a pixel, far below what any method measures.

    Attributes:
        origin_px: (x, y) of node (0, 0) in image pixels.
        step_px: (x, y) from node to node, above 0.
        displacement_px: (pairs, rows, columns, 2) float32: where what is at a node in frame f is in frame
            f + 1, less the node; x, y in image pixels.
        error_px: (pairs, rows, columns) float32, 0 or more: how far the way there and back misses its start.
        by: what saw it ("model:NAME@VERSION"), or "".

    Raises:
        ValueError: shapes do not fit, a number is not finite or beyond 327 pixels, a step or an error is below 0.

    """

    origin_px: tuple[float, float]
    step_px: tuple[float, float]
    displacement_px: NDArray[np.float32]
    error_px: NDArray[np.float32]
    by: str = ""

    def __post_init__(self) -> None:
        moved, error = _held(self.displacement_px, "displacement"), _held(self.error_px, "error")
        if moved.ndim != 4 or moved.shape[-1] != 2 or error.shape != moved.shape[:3]:
            raise ValueError(f"motion is (frames - 1, rows, columns, 2) and its error alike, got {moved.shape}")
        if min(moved.shape[1:3]) < 2:
            raise ValueError(f"motion needs two rows and two columns of nodes or more, got {moved.shape[1:3]}")
        if min(self.step_px) <= 0 or (error < 0).any():
            raise ValueError("steps between nodes are above 0, and errors not below")
        object.__setattr__(self, "displacement_px", moved)
        object.__setattr__(self, "error_px", error)

    def __len__(self) -> int:
        """Number of pairs of frames."""
        return len(self.displacement_px)

    def at(self, frame: int, points_px: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Displacement from `frame` to the next, and its error, between nodes bilinearly.

        Args:
            frame: 0 to len(self) - 1.
            points_px: (n, 2) x, y.

        Returns:
            (n, 2) and (n,) pixels; NaN for points beyond the outermost nodes.

        """
        # As `along`, written out for one frame: points are carried frame by frame, a hundred times for one edit.
        columns, table = self.displacement_px.shape[2], self._nodes[frame]
        place = (np.asarray(points_px, np.float64) - self.origin_px) / self.step_px
        last = np.array([columns - 1, self.displacement_px.shape[1] - 1])
        inside = np.logical_and.reduce((place >= 0) & (place <= last), axis=1)
        every = bool(inside.all())
        if not every:
            place = np.where(inside[:, None], place, 0.0)
        corner = np.minimum(place.astype(np.intp), last - 1)
        share = place - corner
        first = corner[:, 1] * columns + corner[:, 0]
        right, low = share[:, :1], share[:, 1:]
        high, left = 1 - low, 1 - right
        out = (high * left) * table[first] + (high * right) * table[first + 1]
        out += (low * left) * table[first + columns]
        out += (low * right) * table[first + columns + 1]
        if not every:
            out[~inside] = np.nan
        return out[:, :2], out[:, 2]

    @cached_property
    def _nodes(self) -> FloatArray:
        """(pairs, rows * columns, 3) displacement and error at the nodes."""
        pairs = len(self.displacement_px)
        both = np.concatenate([self.displacement_px, self.error_px[..., None]], axis=3)
        return both.reshape(pairs, -1, 3).astype(np.float64)

    def along(
        self, points_px: FloatArray, frames: slice | NDArray[np.intp] = slice(None)
    ) -> tuple[FloatArray, FloatArray]:
        """As `at`, for points that have their own place in each frame.

        Args:
            points_px: (pairs, n, 2), of the frames that `frames` selects.
            frames: which pairs, all by default; numbers may come twice.

        Returns:
            (pairs, n, 2) and (pairs, n) pixels; NaN beyond the outermost nodes.

        """
        moved, error = self.displacement_px[frames], self.error_px[frames]
        rows, columns = moved.shape[1:3]
        place = (np.asarray(points_px, np.float64) - self.origin_px) / self.step_px
        x, y = place[..., 0], place[..., 1]
        inside = (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1)
        x, y = np.where(inside, x, 0.0), np.where(inside, y, 0.0)
        left, top = np.minimum(x.astype(np.intp), columns - 2), np.minimum(y.astype(np.intp), rows - 2)
        right_share, low_share = x - left, y - top
        # The four nodes round each point, as one index into all nodes: (4, pairs, n).
        first = (np.arange(len(moved))[:, None] * rows + top) * columns + left
        nodes = first + np.array([0, 1, columns, columns + 1])[:, None, None]
        high_share, left_share = 1 - low_share, 1 - right_share
        weight = np.stack(
            [high_share * left_share, high_share * right_share, low_share * left_share, low_share * right_share]
        )
        out = (weight[..., None] * moved.reshape(-1, 2)[nodes]).sum(axis=0)
        off = (weight * error.reshape(-1)[nodes]).sum(axis=0)
        out[~inside], off[~inside] = np.nan, np.nan
        return out, off


def _held(values: Any, what: str) -> NDArray[np.float32]:
    """Rounded to what is held, as float32; the same numbers come out of them again."""
    array = finite(np.asarray(values, np.float64), what)
    if array.size and np.abs(array).max() > _LARGEST_PX:
        raise ValueError(f"{what}: expected {_LARGEST_PX:.0f} pixels at most, got {np.abs(array).max():.0f}")
    return frozen_array((np.round(array * PER_PX) + 0.0) / PER_PX, np.float32)
