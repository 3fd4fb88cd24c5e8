"""Slices of a stack compared: the same pixels at two positions, and slices whose systole comes at another phase."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.images.cells import Cells, brightness
from kinecor.analysis.images.changes import moving_cells

_SAME_LEVELS = 0.05
# A slice is late where moved phases fit the others this well, and unmoved ones worse by so much.
_FITS, _BETTER = 0.6, 0.2
_LEAST_PHASES, _LEAST_SLICES, _LEAST_SHIFT = 8, 4, 2


def same_slices(slices: Sequence[Cells]) -> tuple[tuple[int, int], ...]:
    """Pairs of slices (0-based) with the same pixels, in order.

    Args:
        slices: one loop of cells for each slice.

    """
    return tuple(
        (one, other)
        for one, other in combinations(range(len(slices)), 2)
        if slices[one].shape == slices[other].shape
        and slices[one].max() > slices[one].min()
        and np.abs(slices[one].astype(np.int16) - slices[other]).mean() < _SAME_LEVELS
    )


def late_slices(slices: Sequence[Cells]) -> tuple[tuple[int, int], ...]:
    """(slice, phases) for slices whose motion comes later (positive) or earlier than that of the others together.

    Compared is how much each phase differs from each other one, which does not depend on what a slice shows.

    Args:
        slices: one loop of cells for each slice, of the same number of phases.

    """
    if len(slices) < _LEAST_SLICES or len(slices[0]) < _LEAST_PHASES:
        return ()
    patterns = [_pattern(one) for one in slices]
    known = [number for number, one in enumerate(patterns) if one is not None]
    if len(known) < _LEAST_SLICES:
        return ()
    late: list[tuple[int, int]] = []
    for number in known:
        own = patterns[number]
        others = np.median([one for at in known if at != number and (one := patterns[at]) is not None], axis=0)
        assert own is not None
        fits = np.array([_alike(np.roll(own, (-shift, -shift), (0, 1)), others) for shift in range(len(own))])
        best = int(fits.argmax())
        shift = best if best <= len(own) // 2 else best - len(own)
        if abs(shift) >= _LEAST_SHIFT and fits[best] > _FITS and fits[best] - fits[0] > _BETTER:
            late.append((number, shift))
    return tuple(late)


def _pattern(cells: Cells) -> NDArray[np.float64] | None:
    """(phases, phases) differences where the slice moves; None where nothing does."""
    grey = brightness(cells)
    moving = moving_cells(grey)
    if not moving.any():
        return None
    values = grey[:, moving]
    power = (values * values).sum(axis=1)
    apart = np.sqrt(np.maximum(power[:, None] + power[None] - 2 * (values @ values.T), 0))
    return np.asarray(apart, np.float64)


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation of two patterns, without the diagonal."""
    off = ~np.eye(len(one), dtype=bool)
    return float(np.corrcoef(one[off], other[off])[0, 1])
