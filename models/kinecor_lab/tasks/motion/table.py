"""How far motion is off in the wall, by method, source and frame rate."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from kinecor_lab.tasks.motion.cases import FlowCase
from kinecor_models.contract import ClipInput
from kinecor_models.motion.model import MotionModel, MotionOutput

Array = NDArray[np.float64]
STILL_PX = 0.15
"""Clips whose wall moves less, on average, do not count for the gain."""


@dataclass(frozen=True, slots=True)
class FlowScore:
    """A method on one clip.

    Attributes:
        source, rate_per_s: of the clip.
        error_px, error_mm: mean end-point error from frame to frame, over points of the wall; mm is NaN without scale.
        size_px: mean true displacement.
        gain: what share of the true displacement is found, sum(found . true) / sum(true . true); 1 is right, less
            makes strain too small.
        drift_mm: mean end-point error of points carried through all frames, in mm (in pixels without scale).
        quality: rank correlation (Spearman) of the error of going there and back with the true error, over points.
        seconds: that a pair of frames took, both ways, quality included.

    """

    source: str
    rate_per_s: int
    error_px: float
    error_mm: float
    size_px: float
    gain: float
    drift_mm: float
    quality: float
    seconds: float


def _carried(motion: MotionOutput, points: Array) -> Array:
    for frame in range(len(motion.displacement)):
        points, _ = motion.moved(points, frame)
    return points


def score(model: MotionModel, case: FlowCase) -> FlowScore:
    """The model on a clip; see FlowScore."""
    started = time.perf_counter()
    motion = model(ClipInput(case.frames), lambda *_: None, case.within)
    seconds = (time.perf_counter() - started) / max(len(case.frames) - 1, 1)
    found, doubts = [], []
    for frame, points in enumerate(case.points):
        there, doubt = motion.moved(points, frame)
        found.append(there - points)
        doubts.append(doubt)
    off = np.linalg.norm(np.stack(found) - case.moved, axis=-1)
    end = _carried(motion, case.points[0]) - case.points[0]
    doubt = np.concatenate(doubts)
    known = np.ptp(doubt) > 0
    size = float((case.moved**2).sum())
    return FlowScore(
        case.source,
        round(case.rate_per_s),
        float(off.mean()),
        float(off.mean()) * (case.mm_per_px or np.nan),
        float(np.linalg.norm(case.moved, axis=-1).mean()),
        float((np.stack(found) * case.moved).sum()) / max(size, 1e-9),
        float(np.linalg.norm(end - case.travelled, axis=-1).mean()) * (case.mm_per_px or 1.0),
        float(spearmanr(doubt, off.ravel()).statistic) if known else float("nan"),
        seconds,
    )


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _row(title: str, some: Sequence[FlowScore]) -> str:
    scale = [one.error_mm for one in some]
    spread = float(np.std(scale)) if np.isfinite(scale).all() else float("nan")
    # Of clips that stand still a share of the motion says nothing.
    moving = [one.gain for one in some if one.size_px > STILL_PX]
    off, size, drift, quality = (
        _mean([getattr(one, name) for one in some]) for name in ("error_px", "size_px", "drift_mm", "quality")
    )
    took = 1000 * float(np.median([one.seconds for one in some]))
    return (
        f"{title:44} {len(some):4} {_mean(scale):7.3f} ±{spread:6.3f} {off:7.3f} {size:7.3f} {_mean(moving):6.2f}"
        f" {drift:7.3f} {quality:7.2f} {took:8.1f}"
    )


def table(by_method: Mapping[str, Sequence[FlowScore]]) -> str:
    """The table as text: mean and SD over clips of the mean end-point error in the wall, and what goes with it."""
    head = (
        f"{'':44} {'n':>4} {'mm':>7} {'SD':>7} {'px':>7} {'true px':>7} {'gain':>6} {'drift':>7} {'quality':>7}"
        f" {'ms/pair':>8}"
    )
    lines = [head]
    sources = sorted({one.source for some in by_method.values() for one in some})
    for source in sources:
        rates = sorted({one.rate_per_s for some in by_method.values() for one in some if one.source == source})
        by_rate = source.endswith("echo") and len(rates) > 1
        for method, every in by_method.items():
            lines.append(_row(f"{source}, {method}", [one for one in every if one.source == source]))
        for rate_per_s in rates if by_rate else ():
            for method, every in by_method.items():
                some = [one for one in every if one.source == source and one.rate_per_s == rate_per_s]
                lines.append(_row(f"  {rate_per_s}/s, {method}", some))
    return "\n".join(lines)
