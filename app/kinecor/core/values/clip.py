"""A clip as networks of others take it: one square size, one rate, and the way back to the recording's pixels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kinecor.core.values.geometry import BytesArray, FloatArray, frozen_array


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames of a loop, or of one slice of a stack, resampled. Arrays are read-only.

    Attributes:
        name: of the recording: its id; where de-identified, a digest of the pixels that names no one.
        view: of the recording, "" where it is not known.
        slice: of a stack, from 0; None of a loop.
        pixels: uint8 (frames, size, size), or (frames, size, size, 3) in RGB.
        times_s: (frames,) when each frame is shown, from 0.
        source_frames: (frames,) the frame of the recording that each was taken from, from 0.
        to_recording: (2, 3) affine map from (x, y, 1) of the clip to (x, y) of the recording; pixel centres at
            integers in both.
        sector: (size, size) pixels that show tissue, the others are black; None where nothing was masked.
        spacing_mm: millimetres between rows, and between columns, of the clip; None without a scale.
        deidentified: whether text and all outside the sector is black, and nothing names the patient.

    """

    name: str
    view: str
    slice: int | None
    pixels: BytesArray
    times_s: FloatArray
    source_frames: NDArray[np.intp]
    to_recording: FloatArray
    sector: NDArray[np.bool_] | None
    spacing_mm: tuple[float, float] | None
    deidentified: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", frozen_array(self.pixels, np.uint8))
        object.__setattr__(self, "times_s", frozen_array(self.times_s))
        object.__setattr__(self, "source_frames", frozen_array(self.source_frames, np.intp))
        object.__setattr__(self, "to_recording", frozen_array(self.to_recording))
        if self.sector is not None:
            object.__setattr__(self, "sector", frozen_array(self.sector, np.bool_))

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def size(self) -> int:
        """Side of a frame in pixels."""
        return int(self.pixels.shape[1])

    @property
    def frames_per_s(self) -> float:
        """Frames a second; 0 of a single frame."""
        return 1 / float(np.median(np.diff(self.times_s))) if len(self) > 1 else 0.0

    def points_to_recording(self, points: ArrayLike) -> FloatArray:
        """(n, 2) points (x, y) of the clip as points of the recording.

        Args:
            points: (n, 2) pixels of the clip.

        """
        found = np.asarray(points, np.float64)
        return np.asarray(found @ self.to_recording[:, :2].T + self.to_recording[:, 2])

    def points_from_recording(self, points: ArrayLike) -> FloatArray:
        """(n, 2) points (x, y) of the recording as points of the clip.

        Args:
            points: (n, 2) pixels of the recording.

        """
        found = np.asarray(points, np.float64) - self.to_recording[:, 2]
        return np.asarray(found @ np.linalg.inv(self.to_recording[:, :2]).T)

    def normalised(
        self,
        mean: ArrayLike = 0.0,
        std: ArrayLike = 1.0,
        *,
        frames: int | None = None,
        stride: int = 1,
    ) -> NDArray[np.float32]:
        """The clip as a network takes it.

        Args:
            mean: grey levels (0 to 255) to subtract: one number, or one a channel.
            std: to divide by afterwards.
            frames: the first frames that are taken, `stride` apart; a shorter clip is filled up with zeros after
                normalising. None takes all.
            stride: see there.

        Returns:
            float32 (channels, frames, size, size): 1 channel of a grey clip, 3 of RGB.

        """
        pixels = self.pixels[..., None] if self.pixels.ndim == 3 else self.pixels
        taken = pixels[::stride] if frames is None else pixels[: frames * stride : stride]
        found = (taken.astype(np.float32) - np.asarray(mean, np.float32)) / np.asarray(std, np.float32)
        if frames is not None and len(found) < frames:
            found = np.concatenate([found, np.zeros((frames - len(found), *found.shape[1:]), np.float32)])
        return np.ascontiguousarray(found.transpose(3, 0, 1, 2))

    @property
    def about(self) -> dict[str, Any]:
        """All but the arrays, for JSON."""
        return {
            "name": self.name,
            "view": self.view,
            "slice": self.slice,
            "frames": len(self),
            "size": self.size,
            "channels": 1 if self.pixels.ndim == 3 else 3,
            "frames_per_s": round(self.frames_per_s, 4),
            "spacing_mm": None if self.spacing_mm is None else list(self.spacing_mm),
            "deidentified": self.deidentified,
            "to_recording": self.to_recording.tolist(),
        }
