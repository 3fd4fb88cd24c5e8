"""Table 1 of Kong 2016: error of ED and ES in frames, by method and source, and the paper's rows for comparison."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from kinecor_lab.common.table import Cell, Column, Spread, Table, spread
from kinecor_lab.tasks.phases.baselines import Areas
from kinecor_lab.tasks.phases.data import PhaseCine
from kinecor_models.engines.engine import CurveEngine
from kinecor_models.phases.model import Late, PhaseEvents, found_events, regress_curve, whole_curve

PUBLISHED = {
    "level set": (1.54, 1.93, 1.24, 1.64, 2.9),
    "graph cut": (2.27, 2.89, 1.65, 1.96, 3.5),
    "CNN + regression": (1.30, 1.77, 1.97, 2.42, 1.5),
    "TempReg-Net, no structured loss": (0.47, 0.49, 0.52, 0.53, 1.4),
    "TempReg-Net": (0.38, 0.39, 0.44, 0.46, 1.4),
}
"""aFD and SD of ED, aFD and SD of ES in frames, seconds per sequence of 20 frames; 420 patients, MRI of all views."""
FRAMES = 20
"""Frames a cycle (MRI) of the paper's sequences; echo is thinned to about ECHO_PER_S."""
ECHO_PER_S = 25.0
# An event of an open clip counts where there are this many frames before and after it.
MARGIN = 2

Method = Callable[[PhaseCine], PhaseEvents]


@dataclass(frozen=True, slots=True)
class PhaseScore:
    """One true event.

    Attributes:
        source, name: of the cine.
        kind: "ED" or "ES".
        off: frames from the true to the found frame, whole; None where no event of the kind was found in the clip.
        off_ms: the same from the exact true time to the found time, to a part of a frame.
        seconds: that the whole sequence took.

    """

    source: str
    name: str
    kind: str
    off: int | None
    off_ms: float
    seconds: float


def thinned(cine: PhaseCine, seed: int = 0) -> PhaseCine:
    """As in the paper: a cycle at 20 frames, begun anywhere; an echo clip at about ECHO_PER_S.

    Real recordings stay as they are.
    """
    if cine.source.startswith("real"):
        return cine
    total = len(cine.frames)
    if cine.cycle_s is None:
        rate = (total - 1) / float(cine.times_s[-1] - cine.times_s[0])
        stride = max(1, round(rate / ECHO_PER_S))
        return replace(cine, frames=cine.frames[::stride], times_s=cine.times_s[::stride])
    start = int(np.random.default_rng((seed, *cine.name.encode())).integers(total))
    steps = start + np.floor(np.arange(FRAMES) * total / FRAMES + 0.5).astype(int)
    turns, frames = np.divmod(steps, total)
    return replace(cine, frames=cine.frames[frames], times_s=cine.times_s[frames] + turns * cine.cycle_s)


def _frame_at(cine: PhaseCine, at: float) -> float:
    """The time of a place between frames, extrapolated beyond the ends."""
    number = np.arange(len(cine.times_s))
    low = int(np.clip(np.floor(at), 0, len(number) - 2))
    step = cine.times_s[low + 1] - cine.times_s[low]
    return float(cine.times_s[low] + (at - low) * step)


def _off(cine: PhaseCine, true_s: float, frames: Sequence[int], places: Sequence[float]) -> tuple[int | None, float]:
    """Frames and milliseconds to the nearest found event, round the cycle where it is closed."""
    total, cycle_s = len(cine.frames), cine.cycle_s
    gaps = cine.times_s - true_s
    if cycle_s is not None:
        gaps = (gaps + cycle_s / 2) % cycle_s - cycle_s / 2
    true = int(np.argmin(abs(gaps)))
    if not frames:
        return None, float("nan")
    off = np.array(frames) - true
    late = np.array([_frame_at(cine, at) for at in places]) - true_s
    if cycle_s is not None:
        off = (off + total // 2) % total - total // 2
        late = (late + cycle_s / 2) % cycle_s - cycle_s / 2
    best = int(np.argmin(abs(off)))
    return int(off[best]), float(late[best]) * 1000


def _counted(cine: PhaseCine, events_s: Sequence[float]) -> list[float]:
    """Events that a method could have found, each once."""
    if cine.cycle_s is not None:
        return list(events_s[:1])
    if len(cine.times_s) <= 2 * MARGIN:
        return []
    return [at for at in events_s if cine.times_s[MARGIN] <= at <= cine.times_s[-1 - MARGIN]]


def scores(method: Method, cines: Sequence[PhaseCine]) -> list[PhaseScore]:
    """Every event of every cine that is well inside it."""
    out = []
    for cine in cines:
        started = time.perf_counter()
        phase_events = method(cine)
        took = time.perf_counter() - started
        for kind, events_s, frames, places in (
            ("ED", cine.ed_s, phase_events.ed, phase_events.ed_at),
            ("ES", cine.es_s, phase_events.es, phase_events.es_at),
        ):
            for true_s in _counted(cine, events_s):
                off, late_ms = _off(cine, true_s, frames, places)
                out.append(PhaseScore(cine.source, cine.name, kind, off, late_ms, took))
    return out


_NOTES = (
    "aFD: mean absolute difference of true and found frame, in whole frames; published SDs are of the difference.",
    "sub-frame: mean absolute time between the true and the found moment, which lies between frames.",
    "missed: events in whose clip none was found.",
)


def table(by_method: Mapping[str, Sequence[PhaseScore]]) -> Table:
    """By method and source, n true events of either kind; the published rows first."""
    columns = [Column("method"), Column("cines"), Column("n", form="d")]
    for kind in ("ED", "ES"):
        columns += [Column(f"{kind} aFD", "frames", ".2f"), Column(f"{kind} sub-frame", "ms", ".1f")]
    columns += [Column("missed", form="d"), Column("per sequence", "s")]
    rows: list[tuple[Cell, ...]] = []
    for name, (ed, ed_sd, es, es_sd, seconds) in PUBLISHED.items():
        frames = (Spread(420, ed, ed_sd), Spread(420, es, es_sd))
        rows.append(
            (f"{name}, Kong 2016", "MRI of 420 patients", None, frames[0], None, frames[1], None, None, seconds)
        )
    for name, every in by_method.items():
        for source in sorted({score.source for score in every}):
            some = [score for score in every if score.source == source]
            cells: list[Cell] = []
            for kind in ("ED", "ES"):
                scores_of_kind = [score for score in some if score.kind == kind and score.off is not None]
                cells += [
                    spread([abs(score.off) for score in scores_of_kind if score.off is not None]),
                    float(np.mean([abs(score.off_ms) for score in scores_of_kind])) if scores_of_kind else None,
                ]
            missed = sum(score.off is None for score in some)
            seconds = float(np.median([score.seconds for score in some]))
            rows.append((name, source, len(some), *cells, missed, seconds))
    return Table("End-diastole and end-systole (Table 1 of Kong 2016)", tuple(columns), tuple(rows), _NOTES)


def mean_afd(some: Sequence[PhaseScore], kind: str = "") -> float:
    """Mean absolute frames off, a lost event counting as 5; NaN where none exists."""
    off = [5 if score.off is None else abs(score.off) for score in some if kind in ("", score.kind)]
    return float(np.mean(off)) if off else float("nan")


def interval_s(cine: PhaseCine) -> float:
    """Median time from frame to frame."""
    return float(np.median(np.diff(cine.times_s))) if len(cine.times_s) > 1 else 1.0


def squares(frames: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The middle of images as the network sees it: cut to the mean extent it was trained on, then scaled."""
    margin = round(frames.shape[1] * (1 - 1 / 1.06) / 2)
    inner = frames[:, margin : frames.shape[1] - margin, margin : frames.shape[2] - margin]
    return np.stack([cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA) for image in inner]).astype(np.uint8)


def by_network(engine: CurveEngine, size: int, *, fit: bool = True, late: Late = (0.0, 0.0)) -> Method:
    """Events of the network's curve; with `fit` by the shape of Eq. 4, else its local extrema as in the paper."""

    def found(cine: PhaseCine) -> PhaseEvents:
        step_s, closed = interval_s(cine), cine.cycle_s is not None
        curve = regress_curve(engine, squares(cine.frames, size), step_s, closed=closed)
        return found_events(curve.astype(np.float64), step_s, closed=closed, fit=fit, late=late)

    return found


def by_study(engine: CurveEngine, size: int, cines: Sequence[PhaseCine], late: Late = (0.0, 0.0)) -> Method:
    """Events of the curve of all slices of a patient together, for gated slices that share their times."""

    def found(cine: PhaseCine) -> PhaseEvents:
        some = [single_cine for single_cine in cines if single_cine.patient == cine.patient]
        curves = [regress_curve(engine, squares(cine.frames, size), interval_s(cine), closed=True) for cine in some]
        return found_events(whole_curve(curves).astype(np.float64), interval_s(cine), closed=True, late=late)

    return found


def by_area(areas: Areas) -> Method:
    """Events of a segmented area: its largest and smallest frames, no shape assumed."""

    def found(cine: PhaseCine) -> PhaseEvents:
        closed = cine.cycle_s is not None
        area = areas(cine.frames)
        # Ragged segmentation has local extrema everywhere: smoothed by half a frame, as little as finds beats at all.
        area = gaussian_filter1d(area, 0.5, mode="wrap" if closed else "nearest")
        low, high = area.min(), area.max()
        curve = (area - low) / (high - low) if high > low else np.zeros_like(area)
        return found_events(curve, interval_s(cine), closed=closed, fit=False)

    return found
