"""R waves of an ECG that is drawn into the images: where its trace stands out, at the times that its marker shows.

Scanners draw the trace of the whole loop at the foot of every image, and a marker that runs along it with the frames;
some write the trace anew behind a gap that runs along. The marker gives the time of each column, so that no scale of
the header is needed. A trace without either says nothing of the frames.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor.core.cycle.r_waves import r_waves_s
from kinecor.core.values.geometry import BytesArray, FloatArray
from kinecor.core.values.recording import Region, Trace

_MIN_FRAMES, _MIN_ROWS = 8, 12
MAX_BYTES = 64 << 20
"""Strips of a loop larger than this together are not looked at."""
# The foot of an image whose header does not say where the ultrasound ends, as a share of its height.
_FOOT = 0.18
# A column changes where its marker is: this much more than columns usually do, and within half of the most.
_CHANGES, _AROUND = 6.0, 0.5
# The marker runs evenly: frames that fit the line, how far off it they may be, and how far it runs, in shares.
_FITS, _OFF, _RUNS = 0.8, 0.03, 0.15
# The trace is lit at this share of the strip's brightest level, and in this share of the columns that it spans.
_LIT, _WHOLE = 0.35, 0.7
_MIN_LEVEL = 60
# Beyond its ends the trace is taken to rest for this long: a loop begins and ends on R waves.
_REST_S = 0.15


def foot_rows(rows: int, region: Region | None) -> tuple[int, int]:
    """First row and the one after the last of what is below the ultrasound image, where a trace may be drawn."""
    first = region.y1 if region is not None and region.y1 < rows - _MIN_ROWS else round(rows * (1 - _FOOT))
    return first, rows


def drawn_waves_s(strips: Sequence[BytesArray], times_s: FloatArray) -> tuple[float, ...]:
    """Times of the R waves of a trace drawn at the foot of the images, in s from the first frame; none where not sure.

    Args:
        strips: (frames,) of (rows, columns) uint8, the brightest channel of the foot of each image.
        times_s: (frames,) increasing.

    """
    if len(strips) < _MIN_FRAMES or len(strips[0]) < _MIN_ROWS:
        return ()
    whole = np.stack(strips).astype(np.int16)
    still = np.median(whole, axis=0).astype(np.int16)
    line = _marker_line(whole, still, times_s)
    rows = _trace_rows(still)
    if line is None or rows is None:
        return ()
    first_px, px_per_s = line
    columns = np.flatnonzero(np.isfinite(rows))
    filled = np.interp(np.arange(columns[0], columns[-1] + 1), columns, rows[columns])
    at_s = (np.arange(columns[0], columns[-1] + 1) - first_px) / px_per_s
    shown = (at_s >= -_REST_S) & (at_s <= times_s[-1] + _REST_S)
    if shown.sum() < _MIN_ROWS:
        return ()
    at_s, values = at_s[shown], float(np.median(filled)) - filled[shown]
    rest_s = np.array([_REST_S, _REST_S / 2])
    trace = Trace(
        np.concatenate([at_s[0] - rest_s, at_s, at_s[-1] + rest_s[::-1]]),
        np.concatenate([[0.0, 0.0], values, [0.0, 0.0]]),
    )
    step_s = float(np.median(np.diff(times_s)))
    return tuple(max(wave, 0.0) for wave in r_waves_s(trace) if -step_s <= wave <= times_s[-1] + step_s)


def _marker_line(whole: NDArray[np.int16], still: NDArray[np.int16], times_s: FloatArray) -> tuple[float, float] | None:
    """The column at time 0 and the columns a second of what runs along the strip; None where nothing runs evenly."""
    change = whole - still
    bright = np.maximum(change, 0).sum(axis=1).astype(float)
    dark = np.maximum(-change, 0).sum(axis=1).astype(float)
    # A marker is brighter than what it covers; a gap lacks the trace, and its front is where it begins.
    lines = [_even(_places(bright, front=False), times_s), _even(_places(dark, front=True), times_s)]
    return next((line for line in lines if line is not None), None)


def _places(columns: FloatArray, *, front: bool) -> FloatArray:
    """(frames,) the column of what changes most in each frame, NaN where nothing stands out.

    Args:
        columns: (frames, columns) how much each changes.
        front: whether the first column that changes is its place, rather than the middle.

    """
    places = np.full(len(columns), np.nan)
    for frame, values in enumerate(columns):
        top = int(values.argmax())
        if values[top] <= _CHANGES * max(float(np.median(values)), 1.0):
            continue
        near = values > _AROUND * values[top]
        low = high = top
        while low > 0 and near[low - 1]:
            low -= 1
        while high + 1 < len(values) and near[high + 1]:
            high += 1
        places[frame] = low if front else (low + high) / 2
    return places


def _even(places: FloatArray, times_s: FloatArray) -> tuple[float, float] | None:
    """Column at time 0 and columns a second of places that run evenly to the right; None where they do not."""
    seen = np.flatnonzero(np.isfinite(places))
    if len(seen) < max(_FITS * len(places), _MIN_FRAMES):
        return None
    half = len(seen) // 2
    early, late = seen[:half], seen[-half:]
    slopes = (places[late] - places[early]) / (times_s[late] - times_s[early])
    px_per_s = float(np.median(slopes))
    first_px = float(np.median(places[seen] - px_per_s * times_s[seen]))
    run_px = px_per_s * float(times_s[-1])
    off = np.abs(places[seen] - first_px - px_per_s * times_s[seen])
    if run_px <= 0 or (off <= max(_OFF * run_px, 2.0)).sum() < _FITS * len(places):
        return None
    return first_px, px_per_s


def _trace_rows(still: NDArray[np.int16]) -> FloatArray | None:
    """(columns,) the row of the trace in each column, farthest from where it rests; None where there is no trace."""
    top_level = int(still.max())
    if top_level < _MIN_LEVEL:
        return None
    lit = still >= max(_LIT * top_level, _MIN_LEVEL / 2)
    columns = np.flatnonzero(lit.any(axis=0))
    if len(columns) < _RUNS * still.shape[1]:
        return None
    if len(columns) < _WHOLE * (columns[-1] - columns[0] + 1):
        return None
    highest = lit.argmax(axis=0)
    lowest = len(lit) - 1 - lit[::-1].argmax(axis=0)
    rest = float(np.median(lowest[columns]))
    farther = np.abs(highest - rest) >= np.abs(lowest - rest)
    rows: FloatArray = np.where(farther, highest, lowest).astype(np.float64)
    rows[~lit.any(axis=0)] = np.nan
    return rows
