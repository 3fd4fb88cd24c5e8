"""What one row gets on one case: flicker, large errors, overlap, distances, volumes, stiffness."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.datasets.clip import on_grid, seven
from kinecor_lab.tasks.sequence.cases import SequenceCase
from kinecor_lab.tasks.sequence.metrics import (
    UNKNOWN,
    FrameScore,
    flicker,
    frame_scores,
    greatest_jump_mm,
    is_large_error,
    network_maps,
    picture_maps,
)
from kinecor_models.contours.outlines import outlines
from kinecor_models.contract import ClipOutput
from kinecor_phantoms.heart.truth import disks

Values = NDArray[np.float64]

# A label drawn by an expert is softened as much as probabilities are, so that both outlines are found alike.
_BLUR_PX = 1.5
MIN_LIKENESS = 0.8
_SHIFTS = np.arange(-3.0, 3.01, 0.05)


@dataclass(frozen=True, eq=False)
class CaseScore:
    """A row's scores on a case.

    Attributes:
        case, patient, source: of the case.
        flicker, true_flicker: mFIP found, and of the truth on the same grid; NaN where none exists.
        jump_mm: greatest Hausdorff distance from any frame to the closest annotated one, by structure; empty where it
            is not available.
        frames: scores of annotated frames.
        volumes_ml: found and true, single-plane disks, (2, t); NaN where either is not available.
        ed, es: frames.
        ring_lag_ms: how late the found mitral ring follows the true one; NaN where it cannot be determined.
        view, true_view: named and true; the first None where it is not named.

    """

    case: str
    patient: str
    source: str
    flicker: float
    true_flicker: float
    jump_mm: dict[str, float]
    frames: tuple[FrameScore, ...]
    volumes_ml: Values
    ed: tuple[int, ...]
    es: tuple[int, ...]
    ring_lag_ms: float
    view: str | None
    true_view: str

    @property
    def large_error(self) -> bool:
        """Whether it counts into #LTE."""
        return is_large_error(self.jump_mm)

    def at(self, frames: Sequence[int]) -> Values:
        """(2,) found and true volume at the first of some frames; NaN without one."""
        return self.volumes_ml[:, frames[0]] if frames else np.full(2, np.nan)

    @property
    def ef_percent(self) -> Values:
        """(2,) found and true ejection fraction of the first ED and ES."""
        edv, esv = self.at(self.ed), self.at(self.es)
        return np.asarray(100 * (edv - esv) / edv)


def volume_ml(contour_px: NDArray[np.floating] | None, spacing_mm: float) -> float:
    """Single-plane disks (ASE/EACVI 2015): V = pi/4 sum(a^2) L/20, from hinge point to hinge point; NaN without one."""
    if contour_px is None or not np.isfinite(spacing_mm):
        return float("nan")
    widths_mm, long_mm = disks(np.asarray(contour_px, np.float64) * spacing_mm)
    return float(np.pi / 4 * (widths_mm**2).sum() * long_mm / len(widths_mm) / 1000)


def true_contours(truth: NDArray[np.uint8]) -> list[NDArray[np.float32] | None]:
    """The endocardium of label maps (t, rows, columns), from hinge point to hinge point, found as a network's is."""
    found: list[NDArray[np.float32] | None] = []
    for label in truth:
        if (label == UNKNOWN).all() or not (label == 1).any():
            found.append(None)
            continue
        sure = np.stack([label == value for value in range(4)]).astype(np.float32)
        # Outlines are looked for where something else than background may be.
        found.append(outlines(sure, ("lv_endo",), _BLUR_PX).contours["lv_endo"])
    return found


def _ring(contours: Sequence[NDArray[np.floating] | None]) -> Values:
    """(t,) height of the middle of the mitral ring, NaN without a contour."""
    return np.array([np.nan if line is None else float(line[0][1] + line[-1][1]) / 2 for line in contours])


def lag_frames(found: Values, true: Values) -> float:
    """How many frames the found curve comes late, -3..3: the shift at which they are most alike (Pearson's r).

    NaN where it cannot be determined: there are fewer than twelve frames, one is unknown, the true curve hardly moves
    (under 2 pixels), or the found one does not follow it at any shift (r under MIN_LIKENESS).
    """
    if len(true) < 12 or not np.isfinite(found + true).all() or np.ptp(true) < 2:
        return float("nan")
    inner = np.arange(3, len(true) - 3)
    if np.ptp(found[inner]) == 0:
        return float("nan")
    late = [np.interp(inner - shift, np.arange(len(true)), true) for shift in _SHIFTS]
    alike = [float(np.corrcoef(found[inner], one)[0, 1]) if np.ptp(one) > 0 else 0.0 for one in late]
    best = int(np.argmax(alike))
    return float(_SHIFTS[best]) if alike[best] >= MIN_LIKENESS else float("nan")


def scored(case: SequenceCase, output: ClipOutput) -> CaseScore:
    """Scores of what a row found in a case."""
    shape = (case.truth.shape[1], case.truth.shape[2])
    annotated = case.annotated
    maps = picture_maps(output, shape)
    moves = not case.still and len(maps) > 1
    on_network = on_grid(case.truth, output.grid)
    frames = tuple(
        score for frame in annotated for score in frame_scores(maps[frame], case.truth[frame], case.spacing_mm)
    )
    jump_mm = {}
    if moves and np.isfinite(case.spacing_mm):
        # As in Smistad: where the truth is known everywhere, the seven frames that an expert would have drawn.
        chosen = seven({*case.ed, *case.es}, annotated) or annotated
        jump_mm = greatest_jump_mm(maps, {frame: case.truth[frame] for frame in chosen}, case.spacing_mm)
    lines = [None if line is None else output.grid.to_image(line) for line in output.contours.get("lv_endo", ())]
    truths = true_contours(case.truth)
    volumes = np.array([[volume_ml(line, case.spacing_mm) for line in some] for some in (lines, truths)])
    lag = lag_frames(_ring(lines), _ring(truths)) if moves else float("nan")
    return CaseScore(
        case.name,
        case.patient,
        case.source,
        flicker(network_maps(output)) if moves else float("nan"),
        flicker(on_network) if moves and len(annotated) == len(maps) else float("nan"),
        jump_mm,
        frames,
        volumes,
        case.ed,
        case.es,
        lag * case.clip.interval_s * 1000,
        output.view,
        case.view,
    )
