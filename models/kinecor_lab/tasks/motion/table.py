"""How far motion is off in the wall, by method, source and frame rate."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from kinecor_lab.common.table import Cell, Column, Spread, Table, spread
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


def _row(method: str, cines: str, some: Sequence[FlowScore]) -> tuple[Cell, ...]:
    # For clips without motion a share of the motion means nothing.
    moving = [score.gain for score in some if score.size_px > STILL_PX]
    return (
        cines,
        method,
        len(some),
        _known([score.error_mm for score in some]),
        _known([score.error_px for score in some]),
        _known([score.size_px for score in some]),
        _known(moving),
        _known([score.drift_mm for score in some]),
        _known([score.quality for score in some]),
        1000 * float(np.median([score.seconds for score in some])),
    )


def _known(values: Sequence[float]) -> Spread:
    """The spread of what could be measured: a clip without scale has no millimetres."""
    return spread([value for value in values if np.isfinite(value)])


def table(by_method: Mapping[str, Sequence[FlowScore]]) -> Table:
    """Mean and SD over clips of the mean end-point error in the wall, and what goes with it."""
    columns = (
        Column("cines"),
        Column("method"),
        Column("n", form="d"),
        Column("error", "mm"),
        Column("error", "px"),
        Column("true motion", "px"),
        Column("gain", form=".2f"),
        Column("drift", "mm"),
        Column("quality", form=".2f"),
        Column("per pair", "ms", ".1f"),
    )
    rows = []
    for source in sorted({score.source for some in by_method.values() for score in some}):
        rates = sorted({score.rate_per_s for some in by_method.values() for score in some if score.source == source})
        by_rate = source.endswith("echo") and len(rates) > 1
        for method, every in by_method.items():
            rows.append(_row(method, source, [score for score in every if score.source == source]))
        for rate_per_s in rates if by_rate else ():
            for method, every in by_method.items():
                some = [score for score in every if score.source == source and score.rate_per_s == rate_per_s]
                rows.append(_row(method, f"{source}, {rate_per_s}/s", some))
    return Table("Motion of the wall; mean ± SD over clips", columns, tuple(rows))
