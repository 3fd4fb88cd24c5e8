"""The part of the picture that moves: its bounds, which way an echo sector points, and what the region covers."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening, label

from kinecor.core.values.recording import Region

# The narrow end of a sector is under this share of its width elsewhere; both ends of a linear image are alike.
_NARROW = 0.5
_LEAST_ROWS = 8


def bounds(moving: NDArray[np.bool_], side_px: int) -> Region | None:
    """Bounds in pixels of the largest moving part; None where nothing moves.

    Args:
        moving: (rows, columns) cells that move.
        side_px: of a cell.

    """
    part = largest(moving)
    if part is None:
        return None
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    return Region(
        int(columns[0]) * side_px, int(rows[0]) * side_px, int(columns[-1] + 1) * side_px, int(rows[-1] + 1) * side_px
    )


def largest(moving: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The largest connected moving part without thin graphics; None where there is none."""
    parts, count = label(binary_opening(moving, np.ones((2, 2), bool)), np.ones((3, 3)))
    if not count:
        return None
    sizes = np.bincount(parts.ravel())
    return np.asarray(parts == 1 + int(sizes[1:].argmax()))


def apex_up(lit: NDArray[np.bool_]) -> bool | None:
    """Whether an echo sector has its narrow end at the top; None where both ends are about as wide.

    Args:
        lit: (rows, columns) cells that were ever bright.

    """
    part = largest(lit)
    if part is None:
        return None
    rows = np.flatnonzero(part.any(axis=1))
    if len(rows) < _LEAST_ROWS:
        return None
    inside = part[rows[0] : rows[-1] + 1]
    wide = np.array([np.ptp(np.flatnonzero(row)) + 1 if row.any() else 0 for row in inside])
    tenth = max(1, len(wide) // 10)
    top, bottom = float(np.median(wide[:tenth])), float(np.median(wide[-tenth:]))
    # The lower end of a sector is an arc: its width is taken where it is full.
    upper, lower = float(wide[: len(wide) // 2].mean()), float(wide[len(wide) // 2 :].mean())
    if top < _NARROW * wide.max() and upper < lower * 0.8:
        return True
    if bottom < _NARROW * wide.max() and lower < upper * 0.8:
        return False
    return None


def covered(moving: NDArray[np.bool_], region: Region | None, side_px: int) -> float | None:
    """Share of the moving cells within a region; 1 without a region, None where nothing moves."""
    if not moving.any():
        return None
    if region is None:
        return 1.0
    part = moving[region.y0 // side_px : -(-region.y1 // side_px), region.x0 // side_px : -(-region.x1 // side_px)]
    return float(part.sum() / moving.sum())
