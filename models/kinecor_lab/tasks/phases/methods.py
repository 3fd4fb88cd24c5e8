"""Rows of the table as functions from a cine to its events."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from kinecor_lab.tasks.phases.baselines import Areas
from kinecor_lab.tasks.phases.cine import PhaseCine
from kinecor_models.engines.engine import CurveEngine
from kinecor_models.phases.events import Late, PhaseEvents, found_events
from kinecor_models.phases.model import regressed, whole_curve

Method = Callable[[PhaseCine], PhaseEvents]


def interval_s(cine: PhaseCine) -> float:
    """Median time from frame to frame."""
    return float(np.median(np.diff(cine.times_s))) if len(cine.times_s) > 1 else 1.0


def squares(frames: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The middle of pictures as the network sees it: cut to the mean extent it was trained on, then scaled."""
    margin = round(frames.shape[1] * (1 - 1 / 1.06) / 2)
    inner = frames[:, margin : frames.shape[1] - margin, margin : frames.shape[2] - margin]
    return np.stack([cv2.resize(one, (size, size), interpolation=cv2.INTER_AREA) for one in inner]).astype(np.uint8)


def by_network(engine: CurveEngine, size: int, *, fit: bool = True, late: Late = (0.0, 0.0)) -> Method:
    """Events of the network's curve; with `fit` by the shape of Eq. 4, else its local extrema as printed."""

    def found(cine: PhaseCine) -> PhaseEvents:
        step_s, closed = interval_s(cine), cine.cycle_s is not None
        curve = regressed(engine, squares(cine.frames, size), step_s, closed=closed)
        return found_events(curve.astype(np.float64), step_s, closed=closed, fit=fit, late=late)

    return found


def by_study(engine: CurveEngine, size: int, cines: Sequence[PhaseCine], late: Late = (0.0, 0.0)) -> Method:
    """Events of the curve of all slices of a patient together, for gated slices that share their times."""

    def found(cine: PhaseCine) -> PhaseEvents:
        some = [one for one in cines if one.patient == cine.patient]
        curves = [regressed(engine, squares(one.frames, size), interval_s(one), closed=True) for one in some]
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
