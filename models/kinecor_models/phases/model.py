"""ED and ES without contours: a clip in, the curve of TempReg-Net (Kong 2016) and its events out.

The curve falls from 1 at ED to 0 at ES as the cube of what is left of systole, and comes back as the cube root of what
is over of diastole.

The paper takes the frames themselves. Since the curve has the shape of Eq. 4, ours may also move by whole frames to
where that shape fits the curve best, so that noise of a single frame does not decide; a parabola through the misfit of
three neighbouring places gives the fraction of a frame.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ClipInput, Grid, ModelCard, Tensors, Tick, fit_grid, load_card, load_weights
from kinecor_models.engines.engine import CurveEngine, Device
from kinecor_models.engines.opening import open_curve_engine
from kinecor_models.localisation.framing import (
    Heart,
    close_grid,
    grey,
    levels,
    moving,
    sector_box,
    some_frames,
    stretch_contrast,
)

FloatArray = NDArray[np.float64]
PeakFinder = Callable[[FloatArray, float, int], Sequence[int]]
"""(curve (n,), least prominence, least distance in samples) -> places of its maxima, as scipy.signal.find_peaks."""

SYSTOLE, DIASTOLE = 3.0, 1 / 3
"""Exponents delta and upsilon of Eq. 4."""


def label_curve(
    times_s: FloatArray, ed_s: Sequence[float] | FloatArray, es_s: Sequence[float] | FloatArray
) -> FloatArray:
    """The curve for any number of beats: Eq. 4 with each diastole measured by its own length, so that ED is a maximum.

    Args:
        times_s: (t,), any unit of time that the events share.
        ed_s: times of end-diastoles, in any order.
        es_s: times of end-systoles; there is one between two EDs.

    Returns:
        (t,) 0..1; NaN where a time has no event before or after it.

    """
    marks = sorted([(at, 1) for at in ed_s] + [(at, 0) for at in es_s])
    at = np.array([mark for mark, _ in marks])
    full = np.array([kind for _, kind in marks])
    times = np.asarray(times_s, np.float64)
    if len(at) < 2:
        return np.full(times.shape, np.nan)
    after = np.searchsorted(at, times, side="left")
    # A frame right at the first event is known.
    after = np.where((after == 0) & (times == at[0]), 1, after)
    known = (after > 0) & (after < len(at))
    after = np.clip(after, 1, len(at) - 1)
    share = (times - at[after - 1]) / (at[after] - at[after - 1])
    systole = (full[after - 1] == 1) & (full[after] == 0)
    diastole = (full[after - 1] == 0) & (full[after] == 1)
    out = np.full(times.shape, np.nan)
    out[systole] = (1 - np.clip(share[systole], 0, 1)) ** SYSTOLE
    out[diastole] = np.clip(share[diastole], 0, 1) ** DIASTOLE
    out[~known] = np.nan
    return out


def peaks_of_scipy(curve: FloatArray, prominence: float, distance: int) -> list[int]:
    """See PeakFinder.

    Args:
        curve: (frames,).
        prominence: at least, in the unit of the curve.
        distance: between two peaks at least, frames.

    """
    from scipy.signal import find_peaks  # takes a second to import, and the program brings a PeakFinder of its own

    return [int(at) for at in find_peaks(curve, prominence=prominence, distance=distance)[0]]


MIN_PROMINENCE = 0.35
"""A minimum must be this far below its surroundings, of a curve that runs from 0 to 1."""
SHORTEST_BEAT_S = 0.3
# How far, in frames, an event may move from the local extremum when the shape is fitted.
REACH = 2
Late = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PhaseEvents:
    """Events found on a curve.

    Attributes:
        ed, es: frames, from 0, in order.
        ed_at, es_at: the same to a part of a frame, within half a frame of them.

    """

    ed: tuple[int, ...]
    es: tuple[int, ...]
    ed_at: tuple[float, ...]
    es_at: tuple[float, ...]


def parabola_offset(before: float, middle: float, after: float) -> float:
    """Where, in -0.5..0.5 steps from the middle, a parabola through three values has its extremum; 0 on a line.

    Args:
        before: value a step before the middle.
        middle: value there.
        after: value a step after it.

    """
    bend = before - 2 * middle + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend else 0.0


def extrema(curve: FloatArray, step_s: float, peaks: PeakFinder = peaks_of_scipy) -> tuple[list[int], list[int]]:
    """Frames of local maxima (ED) and minima (ES) of a recording that is not one closed cycle.

    Args:
        curve: (t,) about 0..1.
        step_s: time from frame to frame.
        peaks: see PeakFinder.

    Returns:
        ED and ES frames, alternating in time; one at the first or last frame only where nothing speaks against it.

    """
    if len(curve) < 3:
        return [], []
    padded = np.concatenate(([curve.max()], curve, [curve.max()]))
    apart = max(1, round(SHORTEST_BEAT_S / step_s))
    minima = [at - 1 for at in peaks(-padded, MIN_PROMINENCE, apart)]
    if not minima:
        return [], []
    # At either end the curve may fall on beyond what was recorded; it bounds a beat all the same.
    es = [frame for frame in minima if 0 < frame < len(curve) - 1]
    ed = [first + int(np.argmax(curve[first:second])) for first, second in pairwise(minima)]
    first, last = minima[0], minima[-1]
    start, end = int(np.argmax(curve[: first + 1])), last + int(np.argmax(curve[last:]))
    high = float(np.median([curve[frame] for frame in ed])) if ed else float(curve.max())
    if es and curve[start] - curve[first] > 0.6 * (high - curve[first]) and start > 0:
        ed.insert(0, start)
    if es and curve[end] - curve[last] > 0.6 * (high - curve[last]) and end < len(curve) - 1:
        ed.append(end)
    return ed, es


def _misfit(curve: FloatArray, ed: Sequence[float], es: Sequence[float], cycle: float | None) -> float:
    """Mean squared difference from Eq. 4; the events in frames, `cycle` the frames of a closed cycle."""
    if cycle is not None:
        ed, es = ([at + turn * cycle for turn in (-1, 0, 1) for at in some] for some in (ed, es))
    label = label_curve(np.arange(len(curve), dtype=np.float64), ed, es)
    known = np.isfinite(label)
    return float(np.mean((curve[known] - label[known]) ** 2)) if known.any() else np.inf


def _moved(
    curve: FloatArray, events: tuple[list[float], list[float]], kind: int, which: int, cycle: float | None, step: float
) -> list[float]:
    """Misfits with one event moved by -1, 0 and 1 times `step` frames; infinite where events would cross, or leave."""
    out = []
    for by in (-step, 0.0, step):
        moved = [list(some) for some in events]
        moved[kind][which] += by
        marks = sorted([(at, 0) for at in moved[0]] + [(at, 1) for at in moved[1]])
        if cycle is not None:
            marks.append((marks[0][0] + cycle, marks[0][1]))
        inside = cycle is not None or 0 <= moved[kind][which] <= len(curve) - 1
        turns = inside and all(a[1] != b[1] and b[0] - a[0] >= 1 for a, b in pairwise(marks))
        out.append(_misfit(curve, moved[0], moved[1], cycle) if turns else np.inf)
    return out


def fitted_events(
    curve: FloatArray, ed: Sequence[int], es: Sequence[int], cycle: float | None
) -> tuple[list[float], list[float]]:
    """ED and ES in fractions of frames, moved to where Eq. 4 fits the curve best.

    Args:
        curve: (t,).
        ed: where they were found first.
        es: likewise; no event moves farther than REACH frames, nor beyond what was recorded.
        cycle: frames of the cycle where the curve is closed, else None.

    """
    first = ([float(at) for at in ed], [float(at) for at in es])
    now = ([*first[0]], [*first[1]])
    for step in (1.0, 1.0, 1.0, 0.5, 0.25):
        for kind in (0, 1):
            for which in range(len(now[kind])):
                trial = _moved(curve, now, kind, which, cycle, step)
                best = int(np.argmin(trial)) - 1
                # A single event has no shape around it: nothing then fits better than anything else.
                if (
                    best
                    and np.isfinite(min(trial))
                    and abs(now[kind][which] + best * step - first[kind][which]) <= REACH
                ):
                    now[kind][which] += best * step
    for kind in (0, 1):
        for which in range(len(now[kind])):
            trial = _moved(curve, now, kind, which, cycle, 0.25)
            if np.isfinite(trial).all():
                now[kind][which] += 0.25 * parabola_offset(*trial)
    return now


def found_events(
    curve: FloatArray,
    step_s: float,
    *,
    closed: bool = False,
    fit: bool = True,
    late: Late = (0.0, 0.0),
    peaks: PeakFinder = peaks_of_scipy,
) -> PhaseEvents:
    """ED and ES of every beat on the curve.

    Args:
        curve: (t,) about 1 at ED, 0 at ES.
        step_s: time from frame to frame.
        closed: the frames are one whole cycle, the last before the first: then there is exactly one ED and one ES.
        fit: move them to where Eq. 4 fits; else they are the local extrema themselves, as in the paper, and their
            parts of a frame come from a parabola through the curve.
        late: frames by which a fit finds ED and ES too late on this network's curves, by validation; subtracted.
        peaks: see PeakFinder.

    """
    curve = np.asarray(curve, np.float64)
    if closed:
        if np.ptp(curve) < MIN_PROMINENCE:
            return PhaseEvents((), (), (), ())
        ed, es = [int(np.argmax(curve))], [int(np.argmin(curve))]
    else:
        ed, es = extrema(curve, step_s, peaks)
    if not ed and not es:
        return PhaseEvents((), (), (), ())
    cycle = float(len(curve)) if closed else None
    if fit:
        ed_at, es_at = (
            [at - by for at in some] for some, by in zip(fitted_events(curve, ed, es, cycle), late, strict=True)
        )
        # A half is rounded up, not to the even number; a closed cycle has no end.
        last = len(curve) - 1
        ed, es = (
            [round_up % len(curve) if closed else min(max(round_up, 0), last) for round_up in map(_nearest, some)]
            for some in (ed_at, es_at)
        )
    else:
        ed_at, es_at = ([at + _offset(curve, at, closed) for at in some] for some in (ed, es))
    return PhaseEvents(tuple(ed), tuple(es), tuple(ed_at), tuple(es_at))


def _nearest(at: float) -> int:
    return int(np.floor(at + 0.5))


def _offset(curve: FloatArray, at: int, closed: bool) -> float:
    if not closed and not 0 < at < len(curve) - 1:
        return 0.0
    total = len(curve)
    return parabola_offset(curve[(at - 1) % total], curve[at], curve[(at + 1) % total])


NETWORK_RATE_PER_S = 30.0
"""Clips of twice this rate or more are analysed in interleaved parts of about this rate."""
_LOOKED_AT = 8
LATE = "late"


@dataclass(frozen=True, eq=False)
class PhaseOutput:
    """The phase curve of a clip and its events.

    Attributes:
        curve: (frames,) float32, about 1 at ED and 0 at ES; it has the shape of a volume curve, without a unit.
        events: ED and ES of every beat, in frames and parts of a frame.
        grid: the part of the image that was used.

    """

    curve: NDArray[np.float32]
    events: PhaseEvents
    grid: Grid


@dataclass(frozen=True, eq=False)
class StackPhases:
    """What was found in a stack.

    Attributes:
        curves: by slice, (phases,) float32.
        curve: (phases,) float32, that of all slices together.
        events: its ED and ES.

    """

    curves: tuple[NDArray[np.float32], ...]
    curve: NDArray[np.float32]
    events: PhaseEvents


class PhaseModel:
    """Regresses the phase of the heart beat frame by frame.

    Args:
        card: names the weights.
        engine: runs the network.
        late: frames by which its EDs and ESs come too late, see found_events.
        peaks: see PeakFinder.

    """

    def __init__(
        self, card: ModelCard, engine: CurveEngine, late: Late = (0.0, 0.0), peaks: PeakFinder = peaks_of_scipy
    ) -> None:
        self._card, self._engine, self._late, self._peaks = card, engine, late, peaks

    @property
    def card(self) -> ModelCard:
        """What the model is."""
        return self._card

    def __call__(
        self, clip: ClipInput, tick: Tick, *, short_axis: bool = False, closed: bool = False, heart: Heart | None = None
    ) -> PhaseOutput:
        """The curve and the events of a clip.

        Args:
            clip: any number of frames, 10 to 120 a second; other rates are taken as they are.
            tick: called after each frame that was read; whatever it raises ends the work.
            short_axis: a short-axis MR slice, to be cut out around the heart; else an ultrasound sector.
            closed: the frames are one gated cycle, the last before the first: it has one ED and one ES.
            heart: where it is in a short axis, if that is known; else it is searched for where the image moves.

        """
        total = len(clip.frames)
        tick(0, total)
        grid = self._grid(clip, short_axis, heart)
        squares = np.zeros((total, grid.size, grid.size), np.uint8)
        for frame in range(total):
            squares[frame] = grid.sampled(grey(clip.frames[frame]))
            tick(frame + 1, total)
        if short_axis:
            low, high = levels(squares)
            squares = stretch_contrast(squares, low, high)
        curve = regress_curve(self._engine, squares, clip.interval_s, closed=closed)
        return PhaseOutput(curve, self._events(curve, clip.interval_s, closed=closed), grid)

    def stack(
        self, clips: Sequence[ClipInput], tick: Tick, hearts: Sequence[Heart | None] | None = None
    ) -> StackPhases:
        """Curves of all slices of a short-axis stack over one gated cycle, and ED and ES of the heart as a whole.

        Args:
            clips: one a slice, of equally many frames.
            tick: counts the frames of all slices.
            hearts: where the heart is in each slice, as far as that is known.

        Raises:
            ValueError: no slice, or slices of different lengths.

        """
        lengths = {len(clip.frames) for clip in clips}
        if len(lengths) != 1:
            raise ValueError(f"expected slices of one number of frames, got {sorted(lengths)}")
        each, total = lengths.pop(), sum(len(clip.frames) for clip in clips)
        curves = []
        for number, clip in enumerate(clips):

            def counted(done: int, _: int, before: int = number * each) -> None:
                tick(before + done, total)

            heart = hearts[number] if hearts is not None else None
            curves.append(self(clip, counted, short_axis=True, closed=True, heart=heart).curve)
        together = whole_curve(curves)
        return StackPhases(tuple(curves), together, self._events(together, clips[0].interval_s, closed=True))

    def _events(self, curve: NDArray[np.float32], interval_s: float, *, closed: bool) -> PhaseEvents:
        return found_events(curve.astype(np.float64), interval_s, closed=closed, late=self._late, peaks=self._peaks)

    def _grid(self, clip: ClipInput, short_axis: bool, heart: Heart | None) -> Grid:
        if not short_axis:
            return fit_grid(sector_box(clip), self._card.size, clip.aspect)
        frames = some_frames(clip, _LOOKED_AT)
        rows, columns = frames[0].shape
        # Its extent is not used: the network was trained on hearts at about one scale.
        found = replace(heart or moving(frames), extent_px=0.0)
        return close_grid(clip, found, self._card.size, (rows, columns))


def whole_curve(curves: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The mean of slices' curves (phases,), each weighted by its range: a slice beyond the apex has little.

    Args:
        curves: of the slices, each (phases,).

    """
    weights = np.array([np.ptp(curve) for curve in curves])
    if not weights.any():
        weights[:] = 1
    return np.asarray(np.average(np.stack(curves), axis=0, weights=weights), np.float32)


def regress_curve(
    engine: CurveEngine, squares: NDArray[np.uint8], interval_s: float, *, closed: bool = False
) -> NDArray[np.float32]:
    """The curve of frames that are already cut out.

    Args:
        engine: runs the network.
        squares: (t, size, size) uint8.
        interval_s: time from frame to frame.
        closed: see PhaseModel.

    Returns:
        (t,) float32.

    """
    parts = 1 if closed else max(1, int(1 / (interval_s * NETWORK_RATE_PER_S)))
    parts = min(parts, max(1, len(squares) // 4))
    out = np.zeros(len(squares), np.float32)
    for first in range(parts):
        out[first::parts] = engine(np.ascontiguousarray(squares[first::parts]), closed)
    return out


def without_late(weights: Tensors) -> tuple[Tensors, Late]:
    """The network's weights, and the frames by which its events come too late, which are shipped as tensor LATE.

    Args:
        weights: of the file.

    """
    ed, es = weights.get(LATE, np.zeros(2))
    return {key: value for key, value in weights.items() if key != LATE}, (float(ed), float(es))


def open_phases(name: str, device: Device = "auto", peaks: PeakFinder = peaks_of_scipy) -> PhaseModel:
    """The model `name`, with the weights its card pins, ready to run; see on_best_device and PeakFinder.

    Args:
        name: of the card.
        device: "auto", "cpu" or "cuda".
        peaks: finds the peaks of a curve.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: "cuda" was requested and is not available.

    """
    card = load_card(name)
    weights, late = without_late(load_weights(card))
    return PhaseModel(card, open_curve_engine(weights, card.size, device), late, peaks)
