"""How still and how right contours are over a clip: the measures of Smistad and Li 2019.

Flicker is counted on the network's own grid, as the paper counts it; overlap and distances at the image's resolution,
as `evaluate lv-apical` does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.common.metrics import boundary, dice, distances_mm, filled
from kinecor_models.contract import ClipOutput

Labels = NDArray[np.uint8]
Values = NDArray[np.float64]

STRUCTURES = {"LV": (1,), "myocardium": (2,), "left atrium": (3,)}
"""Label values of each structure that is scored."""
UNKNOWN = 255
"""Label of pixels whose truth is not known."""
LARGE_MM = 30.0
"""Smistad, section II-D: a Hausdorff distance above this is a large temporal error."""


def _painted(output: ClipOutput, shape: tuple[int, int], place: Callable[[NDArray[np.floating]], Values]) -> Labels:
    count = len(next(iter(output.contours.values())))
    maps = np.zeros((count, *shape), np.uint8)
    # The wall is between the epicardium and the cavity, so the cavity comes last.
    for name, value in (("la", 3), ("lv_epi", 2), ("lv_endo", 1)):
        for frame, points in enumerate(output.contours.get(name, ())):
            if points is not None:
                maps[frame][filled(place(points), shape)] = value
    return maps


def network_maps(output: ClipOutput) -> Labels:
    """(t, size, size) label maps of what contours enclose, on the network's grid: 1 LV cavity, 2 myocardium, 3 atrium.

    Raises:
        StopIteration: the output names no structure.

    """
    return _painted(output, (output.grid.size, output.grid.size), lambda points: np.asarray(points, np.float64))


def picture_maps(output: ClipOutput, shape: tuple[int, int]) -> Labels:
    """(t, rows, columns) label maps of what contours enclose, on an image of that shape."""
    return _painted(output, shape, output.grid.to_image)


def flicker(maps: Labels) -> float:
    """Mean flickering image pixels (mFIP), equation (2) of Smistad: pixels that change label, frame to frame.

    The share of the image, 0..1, per pair of neighbouring frames. In the paper the equation sums over the pairs; a
    sum over a whole cycle of the 0.007 to 0.013 that the paper reports would be less than ten pixels a frame, so these
    are means over pairs, and so is this.

    Args:
        maps: (t, rows, columns) labels.

    Returns:
        0..1; NaN for a single frame.

    """
    if len(maps) < 2:
        return float("nan")
    return float((maps[1:] != maps[:-1]).mean())


def closest(frame: int, annotated: Sequence[int]) -> int:
    """The annotated frame nearest to a frame; of two the earlier.

    Raises:
        ValueError: no frame is annotated.

    """
    return min(sorted(annotated), key=lambda near_frame: abs(near_frame - frame))


def hausdorff_mm(found: Labels, truth: Labels, spacing_mm: float) -> dict[str, float]:
    """Hausdorff distance of each structure of STRUCTURES between two label maps.

    Infinity where it was not found. What is not in `truth`, or touches what is UNKNOWN there, is left out.

    Args:
        found: (rows, columns) labels.
        truth: (rows, columns) labels.
        spacing_mm: of square pixels.

    """
    known = _known(truth)
    return {
        name: distances_mm(
            boundary(np.isin(found, STRUCTURES[name])), boundary(np.isin(truth, STRUCTURES[name])), spacing_mm
        )[0]
        for name in known
    }


def _known(truth: Labels) -> list[str]:
    """Structures that can be scored: there, and no pixel of unknown truth touches them."""
    unknown = truth == UNKNOWN
    found = []
    for name, values in STRUCTURES.items():
        mask = np.isin(truth, values)
        if not mask.any():
            continue
        if unknown.any():
            grown = mask.copy()
            grown[1:] |= mask[:-1]
            grown[:-1] |= mask[1:]
            grown[:, 1:] |= mask[:, :-1]
            grown[:, :-1] |= mask[:, 1:]
            if (grown & unknown).any():
                continue
        found.append(name)
    return found


def greatest_jump_mm(maps: Labels, truth: Mapping[int, Labels], spacing_mm: float) -> dict[str, float]:
    """The greatest Hausdorff distance, over all frames, from a frame to the closest annotated one, by structure.

    Smistad counts a recording as a large temporal error (#LTE) where it exceeds LARGE_MM.

    Args:
        maps: (t, rows, columns) labels found, at the image's resolution.
        truth: labels (rows, columns) by annotated frame.
        spacing_mm: of square pixels.

    """
    worst: dict[str, float] = {}
    for frame, found in enumerate(maps):
        for name, value in hausdorff_mm(found, truth[closest(frame, list(truth))], spacing_mm).items():
            worst[name] = max(worst.get(name, 0.0), value)
    return worst


def is_large_error(jump_mm: Mapping[str, float], limit_mm: float = LARGE_MM) -> bool:
    """Whether a recording counts into #LTE, given `greatest_jump_mm`."""
    return any(value > limit_mm for value in jump_mm.values())


@dataclass(frozen=True, slots=True)
class FrameScore:
    """One structure in one annotated frame.

    Attributes:
        structure: of STRUCTURES.
        dice: overlap 0..1.
        hausdorff_mm, mad_mm: greatest and mean distance of the outlines; infinity where the structure was not found.
        accuracy: share of pixels of the image, 0..1, that are rightly this structure or rightly not (Li 2019).

    """

    structure: str
    dice: float
    hausdorff_mm: float
    mad_mm: float
    accuracy: float


def frame_scores(found: Labels, truth: Labels, spacing_mm: float) -> list[FrameScore]:
    """Scores of one frame, (rows, columns) labels both; what is UNKNOWN or missing in the truth is left out."""
    out, counted = [], truth != UNKNOWN
    for name in _known(truth):
        first, second = np.isin(found, STRUCTURES[name]), np.isin(truth, STRUCTURES[name])
        far, mean = distances_mm(boundary(first), boundary(second), spacing_mm)
        out.append(FrameScore(name, dice(first, second), far, mean, float((first == second)[counted].mean())))
    return out


@dataclass(frozen=True, slots=True)
class Agreement:
    """How measured values agree with true ones, as Table 4 of Li 2019 has it: n, Pearson's r, bias, its SD, MAE."""

    count: int
    correlation: float
    bias: float
    spread: float
    mae: float


def agreement(measured: Sequence[float], true: Sequence[float]) -> Agreement:
    """Agreement over the pairs in which both are finite; NaN for what too few pairs (under three for r) cannot give."""
    pairs = np.array([(a, b) for a, b in zip(measured, true, strict=True) if np.isfinite(a) and np.isfinite(b)])
    if not len(pairs):
        return Agreement(0, *4 * (float("nan"),))
    off = pairs[:, 0] - pairs[:, 1]
    varies = len(pairs) > 2 and bool((np.ptp(pairs, axis=0) > 0).all())
    return Agreement(
        len(pairs),
        float(np.corrcoef(pairs.T)[0, 1]) if varies else float("nan"),
        float(off.mean()),
        float(off.std(ddof=1)) if len(off) > 1 else float("nan"),
        float(abs(off).mean()),
    )
