"""A sector put together from several beats, as volume probes do it."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


class Stitching:
    """Which frame each piece of the sector shows, and by how much it is off.

    Piece k shows the same moment of the beat k beats earlier (or later, where the clip begins), and the heart a little
    displaced, as the hand and breathing moved in between. Without a heartbeat, or with less than two beats, all pieces
    show the same frame and only the displacement is seen.
    """

    def __init__(
        self,
        beats: int,
        seam_mm: float,
        times_s: NDArray[np.float64],
        heartbeat: Callable[[float], float] | None,
        rng: Generator,
    ) -> None:
        off = rng.normal(0, seam_mm, (beats, 3)).astype(np.float32)
        self._off = off - off.mean(axis=0)
        self._gone: NDArray[np.float64] | None = None
        if heartbeat is not None and beats > 1:
            phase = np.array([heartbeat(float(time)) for time in times_s])
            self._gone = phase + np.concatenate(([0], np.cumsum(np.diff(phase) < 0)))

    def pieces(self, frame: int) -> list[tuple[int, NDArray[np.float32]]]:
        """Frame and displacement (3,) in mm of each piece, from left to right."""
        return [(self._shown(frame, piece), off) for piece, off in enumerate(self._off)]

    def _shown(self, frame: int, piece: int) -> int:
        if self._gone is None:
            return frame
        whole = int(self._gone[-1] - self._gone[0])
        if whole < 1:
            return frame
        wanted = self._gone[frame] - piece % (whole + 1)
        if wanted < self._gone[0]:
            wanted += whole
        return int(np.abs(self._gone - wanted).argmin())
