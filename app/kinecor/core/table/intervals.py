"""Intervals of 95 % of values of a recording and of biplane values.

Errors of volumes are shares, in logarithms, so that no end of an interval is below 0: the scale of the error of a
contour like it (`expected_error`) times the quantile of the errors of patients in such scales (split conformal
prediction, Lei et al. 2018, doi 10.1080/01621459.2017.1307116). With several beats the spread of their mean is added
in quadrature. EF is 1 less ESV / EDV: its interval is that of this ratio. Errors at ED and ES go together, so that EF
is more exact than both volumes are. Where nothing but the size of the heart speaks for the scale, and that is unusual,
volumes have a wider one. An index by body surface area has the interval of its value, divided alike.

Where a check names another base, phase, beat or scale that is nearly as likely, the interval contains what the value
would be then (`Alternative`): a reader who reads "213 ml if the base is slice 10" finds 213 ml in it.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from kinecor.core.table.expected_error import (
    ExpectedError,
    Form,
    apart,
    chosen_ends,
    correlation,
    doubt_at,
    expected_error_of,
    settled_ends,
    signals_of_stack,
    signals_of_strain,
    usual_errors,
)
from kinecor.core.table.measures import BODY_SURFACE, BY_CODE, Measurement, Status, index_code
from kinecor.core.values.interval import ErrorSource, Interval
from kinecor.core.values.message import Message
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.track import Structure
from kinecor.core.volumes.heart_size import HEART_SIZE_CODE, WIDTH_FOR_LENGTH_CODE, HeartSize, size_together
from kinecor.core.volumes.loop_volumes import disks_volume

HIGHEST_EF_PERCENT: Final = 90.0
"""No ventricle ejects more."""
_RATIOS: Final = ("EF", "RVEF")
_TINY: Final = 1e-6
_OF_SCALE: Final = frozenset({"EDV", "ESV", "SV", "CO", "LAV", "LVM", "RVEDV", "RVESV", "RVSV"})
"""Values that go with a power of the scale, see `HeartSize.power`."""
# A factor of 150 to each side: nothing is known of such a value.
_MAX_WIDTH: Final = 5.0


def form_of(code: str) -> Form:
    """How errors of a value are counted.

    Args:
        code: of a measurement in the table.

    """
    if code in _RATIOS:
        return Form.RATIO
    return Form.POINTS if BY_CODE[code].in_percent else Form.SHARE


def interval_of(value: float, width: float, form: Form, source: ErrorSource = ErrorSource.NETWORK) -> Interval:
    """The interval of a value.

    Args:
        value: in its unit.
        width: half of it: of the logarithm of the value (SHARE), of that of 100 % less the value (RATIO), or in points.
        form: which of these.
        source: see Interval.

    """
    if form is Form.SHARE:
        factor = float(np.exp(min(width, _MAX_WIDTH)))
        low, high = sorted((value / factor, value * factor))
        return Interval(low, high, source)
    if form is Form.RATIO:
        left, factor = max(100 - value, _TINY), float(np.exp(min(width, _MAX_WIDTH)))
        low, high = max(100 - left * factor, 0.0), min(100 - left / factor, HIGHEST_EF_PERCENT)
        return Interval(min(low, value), max(high, value), source)
    return Interval(value - width, value + width, source)


def width_of(measurement: Measurement | None) -> float | None:
    """The width that gives a value's interval, see `interval_of`; None without one.

    Args:
        measurement: with its interval of 95 %.

    """
    if measurement is None or measurement.quantity is None or measurement.interval is None:
        return None
    value, interval, form = measurement.quantity.value, measurement.interval, form_of(measurement.code)
    if form is Form.POINTS:
        return interval.half_width
    if form is Form.SHARE:
        # What an interval has for a scale in doubt is on one side.
        sides = (interval.high / value, value / interval.low) if min(value, interval.low) > 0 else (1.0,)
        return float(np.log(min(sides))) if value > 0 else None
    # One end of an EF may be cut off at what is possible.
    left = [max(100 - each, _TINY) for each in (interval.low, value, interval.high)]
    return float(max(np.log(left[0] / left[1]), np.log(left[1] / left[2])))


def with_intervals(
    reading: Reading, rows: tuple[Measurement, ...], *, scale_in_doubt: bool = True
) -> tuple[Measurement, ...]:
    """The rows with intervals of volumes, EF, output, GLS and mass of a loop or of a short-axis stack.

    None is known of other recordings, and of values that a reader entered; of GLS, atrium, right ventricle and mass
    only by a network's contours. Volumes of contours that a reader drew, and values that a reader accepted, have the
    interval of readers.

    Args:
        reading: of the recording.
        rows: its values.
        scale_in_doubt: whether an unusual size of the heart widens intervals (`with_scale_in_doubt`).

    """
    by_code = {row.code: row for row in rows}
    if reading.kind.stack:
        model, shares = expected_error_of(reading), []
        for code, seen in zip(("EDV", "ESV"), signals_of_stack(reading) or (None, None), strict=True):
            row = by_code.get(code)
            shares.append(model.scale(None if row is None or row.confidence is None else seen))
    elif reading.kind.volumes == "disks" and Structure.LV_ENDO in reading.tracks:
        model, shares = expected_error_of(reading), []
        for mark in ("ed", "es"):
            frames = [getattr(beat, mark) for beat in counted_beats(reading)]
            shares.append(float(np.hypot(doubt_at(reading, frames).scale, _of_beats(reading, mark))))
    else:
        return rows
    # No network gives these values of long axes of cine MRI.
    intervals = {} if reading.kind.oriented_by_plane else _usual(reading, rows)
    intervals |= _right_stroke(by_code, intervals) | of_volumes(by_code, shares, model)
    if scale_in_doubt:
        intervals |= with_scale_in_doubt([reading], by_code, intervals)
    return with_indices(
        tuple(replace(row, interval=intervals[row.code]) if row.code in intervals else row for row in rows)
    )


_TAIL: Final = 0.025
_NORMAL_95: Final = 1.96


def with_scale_in_doubt(
    readings: Sequence[Reading], rows: Mapping[str, Measurement], intervals: Mapping[str, Interval]
) -> dict[str, Interval]:
    """Intervals of volumes that are wider where the size of the heart leaves the scale in doubt, by code.

    The true volume is that of a right scale or, as likely as the size says (`HeartSize.wrong_probability`), that of a
    usual size: the interval holds 95 % of both together. Of a scale that is marked (`HeartSize.in_doubt`) it holds 95 %
    of each, since a reader who sees the mark decides between the two.

    Args:
        readings: what the values rest on, of one heart by one scale.
        rows: by code.
        intervals: intervals with a right scale, by code.

    """
    size = size_together(readings)
    answered = any({HEART_SIZE_CODE, WIDTH_FOR_LENGTH_CODE} & reading.acknowledged.keys() for reading in readings)
    # A wrong scale that is rarer than what an interval leaves out is left out, too.
    if size is None or answered or size.wrong_probability <= _TAIL:
        return {}
    out = {}
    for code, interval in intervals.items():
        row = rows.get(code)
        if row is None or row.quantity is None or code not in _OF_SCALE or row.entered or row.quantity.value <= 0:
            continue
        width = width_of(replace(row, interval=interval)) or 0.0
        low, high = (row.quantity.value * float(np.exp(off)) for off in _ends(size, width / _NORMAL_95))
        out[code] = Interval(min(low, interval.low), max(high, interval.high), interval.source)
    return out


def _ends(size: HeartSize, spread: float) -> tuple[float, float]:
    """Quantiles of the logarithm of true over measured volume, whether or not the scale is wrong."""
    if size.in_doubt:
        return ends_with_either_scale(size, spread)
    wrong, (mean, apart_by) = size.wrong_probability, size.if_wrong
    other = float(np.hypot(apart_by, spread))

    def below(off: float) -> float:
        return (1 - wrong) * normal_below(off / max(spread, _TINY)) + wrong * normal_below((off - mean) / other)

    return tuple(_where(below, share) for share in (_TAIL, 1 - _TAIL))  # type: ignore[return-value]


def ends_with_either_scale(size: HeartSize, spread: float) -> tuple[float, float]:
    """Least and largest logarithm of true over measured volume: 95 % of a right scale and of each that may be wrong.

    Args:
        size: of the heart.
        spread: standard deviation of the logarithm with a right scale.

    """
    may_be = [(0.0, 0.0), size.if_wrong, *([size.if_distance_wrong] if size.if_distance_wrong else [])]
    widths = [(mean, _NORMAL_95 * float(np.hypot(apart_by, spread))) for mean, apart_by in may_be]
    return min(mean - width for mean, width in widths), max(mean + width for mean, width in widths)


def normal_below(deviations: float) -> float:
    """Share of a normal distribution below a number of standard deviations.

    Args:
        deviations: from the mean, negative below it.

    """
    return 0.5 * (1 + math.erf(deviations / math.sqrt(2)))


def _where(below: Callable[[float], float], share: float) -> float:
    """Where a growing function reaches a share, by bisection."""
    low, high = -_MAX_WIDTH, _MAX_WIDTH
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
    return (low + high) / 2


_HALVINGS: Final = 40


def with_indices(rows: tuple[Measurement, ...]) -> tuple[Measurement, ...]:
    """The rows with intervals of indices by body surface area, from those of their values.

    Args:
        rows: of a recording or study, body surface area and indices among them.

    """
    by_code = {row.code: row for row in rows}
    size = by_code.get(BODY_SURFACE)
    if size is None or size.quantity is None or size.quantity.value <= 0:
        return rows
    intervals = {
        index_code(code): row.interval.scaled(1 / size.quantity.value)
        for code, row in by_code.items()
        if row.interval is not None
    }
    return tuple(
        replace(row, interval=intervals[row.code])
        if row.code in intervals and row.quantity is not None and row.code not in row.entered
        else row
        for row in rows
    )


class AlternativeKind(StrEnum):
    """What else may hold."""

    BASE = "base"
    APEX = "apex"
    RIGHT_BASE = "rv base"
    RIGHT_STROKE = "rv stroke volume"
    MARK = "mark"
    BEAT = "beat"
    SCALE = "scale"


@dataclass(frozen=True, slots=True)
class Alternative:
    """What values would be if something that a check doubts were otherwise.

    Attributes:
        kind: see AlternativeKind.
        values: by code, in the unit of each.
        message: which, in words, e.g. "EDV 213 ml if the base is slice 10 at ED".

    """

    kind: AlternativeKind
    values: Mapping[str, float]
    message: Message


def widen_intervals(
    reading: Reading, rows: tuple[Measurement, ...], alternatives: Iterable[Alternative]
) -> tuple[Measurement, ...]:
    """The rows with intervals that contain what alternatives would give, with the error that is left then.

    Args:
        reading: of the recording.
        rows: with intervals; one without keeps none, and one that a reader entered or accepted stays as it is.
        alternatives: of findings that are open.

    """
    spans = [_around(reading, alternative) for alternative in alternatives]
    if not spans:
        return rows

    def wider(row: Measurement) -> Measurement:
        others = [span[row.code] for span in spans if row.code in span]
        if row.interval is None or row.entered or row.status is Status.ACCEPTED or not others:
            return row
        low = min(row.interval.low, *(interval.low for interval in others))
        high = max(row.interval.high, *(interval.high for interval in others))
        return replace(row, interval=Interval(low, high, row.interval.source))

    return with_indices(tuple(map(wider, rows)))


def _around(reading: Reading, alternative: Alternative) -> dict[str, Interval]:
    """The interval of each value of a stack that a reader would see who took an alternative; the value itself else.

    Who chooses a base or an apex leaves the doubt that is usual among readers (`signals_of_stack`).
    """
    values = alternative.values
    intervals = {code: Interval(value, value) for code, value in values.items() if np.isfinite(value)}
    seen = signals_of_stack(reading) if reading.kind.stack else None
    if seen is not None:
        model = expected_error_of(reading)
        chosen = alternative.kind in (AlternativeKind.BASE, AlternativeKind.APEX)
        scales = [model.scale((chosen_ends if chosen else settled_ends)(signals)) for signals in seen]
        for code, width in widths_of_volumes(values, scales, model).items():
            intervals[code] = interval_of(values[code], width, form_of(code))
    return intervals


def _usual(reading: Reading, rows: tuple[Measurement, ...]) -> dict[str, Interval]:
    """Of values without signals of their contours, where no person drew or entered what they rest on."""
    usual, intervals = usual_errors(), {}
    for row in rows:
        if row.code not in usual or row.quantity is None or row.confidence is None or row.entered:
            continue
        seen = signals_of_strain(reading) if usual[row.code].powers else None
        intervals[row.code] = interval_of(row.quantity.value, usual[row.code].width("95", seen), usual[row.code].form)
    return intervals


def _right_stroke(rows: Mapping[str, Measurement], intervals: Mapping[str, Interval]) -> dict[str, Interval]:
    """Of the right ventricle's stroke volume, EDV x EF, from the intervals of both, whose errors hardly go together."""
    stroke, edv, ef = (rows.get(code) for code in ("RVSV", "RVEDV", "RVEF"))
    if stroke is None or edv is None or ef is None or stroke.entered or not {"RVEDV", "RVEF"} <= intervals.keys():
        return {}
    if stroke.quantity is None or edv.quantity is None or ef.quantity is None or ef.quantity.value <= 0:
        return {}
    width = np.hypot(
        intervals["RVEF"].half_width / ef.quantity.value, np.log(intervals["RVEDV"].high / edv.quantity.value)
    )
    return {"RVSV": interval_of(stroke.quantity.value, float(width), Form.SHARE)}


def of_volumes(rows: Mapping[str, Measurement], scales: Sequence[float], model: ExpectedError) -> dict[str, Interval]:
    """Of EDV, ESV, SV, EF and output, by code.

    Args:
        rows: by code.
        scales: of the errors at ED and ES, as shares.
        model: which quantiles of them hold.

    """
    if any(code not in rows or rows[code].entered for code in ("EDV", "ESV")):
        return {}
    values = {code: row.quantity.value for code, row in rows.items() if row.quantity is not None and not row.entered}
    widths = widths_of_volumes(values, scales, model)
    if accepted := [code for code in widths if rows[code].status is Status.ACCEPTED]:
        of_readers = widths_of_volumes(values, [min(scale, model.drawn) for scale in scales], model)
        widths |= {code: of_readers[code] for code in accepted}
    all_drawn = max(scales) <= model.drawn
    intervals = {
        code: interval_of(
            values[code],
            width,
            form_of(code),
            ErrorSource.READERS if all_drawn or code in accepted else ErrorSource.NETWORK,
        )
        for code, width in widths.items()
    }
    if "SV" in intervals and "CO" in values and values.get("SV", 0) > 0:
        # Next to that of the stroke volume, the error of a heart rate is small.
        intervals["CO"] = intervals["SV"].scaled(values["CO"] / values["SV"])
    return intervals


def widths_of_volumes(
    values: Mapping[str, float], scales: Sequence[float], model: ExpectedError, percent: str = "95"
) -> dict[str, float]:
    """Half widths of the intervals of EDV, ESV, SV and EF, see `interval_of`; of those that have a value.

    Args:
        values: by code, EDV, ESV and SV in one unit, EF in percent; those that are missing have no interval.
        scales: of the errors at ED and at ES, as shares of the volume.
        model: the learnt numbers, see ExpectedError.
        percent: of values that an interval covers, "90" or "95".

    """
    at_ed, at_es = scales
    found = {"EDV": model.within[percent] * at_ed, "ESV": model.within[percent] * at_es}
    if "EF" in values:  # also where volumes have no scale
        together = correlation(model.together, 1 - values["EF"] / 100)
        found["EF"] = model.within_ef[percent] * apart(at_ed, at_es, together)
    edv, esv, stroke = (values.get(code) for code in ("EDV", "ESV", "SV"))
    if edv and esv is not None and stroke:
        together = correlation(model.together, esv / edv)
        covering = (model.within_sv or model.within_ef)[percent]
        found["SV"] = covering * apart(at_ed * edv, at_es * esv, together) / abs(stroke)
    return {code: width for code, width in found.items() if values.get(code, 0.0) > 0}


def _of_beats(reading: Reading, mark: str) -> float:
    """Standard error of the mean over beats, as a share of it; 0 for one beat."""
    endo, beats = reading.tracks[Structure.LV_ENDO], counted_beats(reading)
    contours = [endo.contours[getattr(beat, mark)] for beat in beats]
    volumes = [disks_volume(contour, reading.aspect, 1.0) for contour in contours if contour is not None]
    if len(volumes) < 2:
        return 0.0
    return float(np.std(volumes, ddof=1) / np.sqrt(len(volumes)) / np.mean(volumes))
