"""The measurements of a recording: what window, report, CSV and result.json list.

Intervals of 95 %: the error of a volume, as a share of it, is that of contours like it (`expected_error`), and with
several beats that of their mean in quadrature; of stacks it is the same share for all. Errors at ED and ES go together,
so that EF is more exact than both volumes are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from kinecor.core.table.evaluation import rows
from kinecor.core.table.expected_error import (
    ExpectedError,
    apart,
    correlation,
    doubt_at,
    expected_error_of,
    signals_of_stack,
    usual_errors,
)
from kinecor.core.table.linear_inputs import linear_inputs
from kinecor.core.table.loop_inputs import heart_rate, known_body, loop_inputs, short_axis_inputs
from kinecor.core.table.measures import Measurement, Source
from kinecor.core.table.stack_inputs import stack_inputs
from kinecor.core.values.reading import Reading, cached, counted_beats
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import disks_volume


def with_intervals(reading: Reading, rows: tuple[Measurement, ...]) -> tuple[Measurement, ...]:
    """The rows with intervals of volumes, EF, output, GLS and mass of a loop or of a short-axis stack.

    None is known of other recordings, and of values that a reader entered; of GLS, atrium, right ventricle and mass
    only by a network's contours.
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
    half = {} if reading.kind.oriented_by_plane else _usual(rows)
    half |= _right_stroke(by_code, half) | _half_widths(by_code, shares, model)
    return tuple(replace(row, plus_minus=half[row.code]) if row.code in half else row for row in rows)


def _usual(rows: tuple[Measurement, ...]) -> dict[str, float]:
    """Of values that have no signals, where no person drew or entered what they rest on."""
    usual = usual_errors()
    return {
        row.code: usual[row.code].half_width(row.quantity.value)
        for row in rows
        if row.code in usual and row.quantity is not None and row.confidence is not None and not row.entered
    }


def _right_stroke(rows: Mapping[str, Measurement], half: Mapping[str, float]) -> dict[str, float]:
    """Of the right ventricle's stroke volume, EDV x EF, from the intervals of both, whose errors hardly go together."""
    stroke, edv, ef = (rows.get(code) for code in ("RVSV", "RVEDV", "RVEF"))
    if stroke is None or edv is None or ef is None or stroke.entered or not {"RVEDV", "RVEF"} <= half.keys():
        return {}
    if stroke.quantity is None or edv.quantity is None or ef.quantity is None:
        return {}
    of_ef, of_edv = edv.quantity.value * half["RVEF"] / 100, half["RVEDV"] * ef.quantity.value / 100
    return {"RVSV": float(np.hypot(of_ef, of_edv))}


def _half_widths(rows: Mapping[str, Measurement], shares: Sequence[float], model: ExpectedError) -> dict[str, float]:
    """Of intervals of 95 %, by code, from the scales of the errors at ED and ES."""
    volumes = [rows.get(code) for code in ("EDV", "ESV")]
    if any(row is None or row.entered for row in volumes):
        return {}
    found = {
        row.code: model.within["95"] * share * row.quantity.value
        for row, share in zip(volumes, shares, strict=True)
        if row is not None and row.quantity is not None
    }
    at_ed, at_es = shares
    ef, stroke = rows.get("EF"), rows.get("SV")
    if ef is not None and not ef.entered and ef.quantity is not None:
        left = 1 - ef.quantity.value / 100  # ESV / EDV: its relative error is that of both volumes
        together = correlation(model.together, left)
        found["EF"] = 100 * model.within_ef["95"] * left * apart(at_ed, at_es, together)
    edv, esv = (row.quantity.value if row is not None and row.quantity else None for row in volumes)
    if stroke is not None and not stroke.entered and edv and esv is not None:
        together = correlation(model.together, esv / edv)
        found["SV"] = model.within_ef["95"] * apart(at_ed * edv, at_es * esv, together)
        output = rows.get("CO")
        if output is not None and not output.entered and output.quantity is not None and stroke.quantity is not None:
            # Next to that of the stroke volume, the error of a heart rate is small.
            found["CO"] = found["SV"] * output.quantity.value / max(stroke.quantity.value, 1e-9)
    return found


def _of_beats(reading: Reading, mark: str) -> float:
    """Standard error of the mean over beats, as a share of it; 0 for one beat."""
    endo, beats = reading.tracks[Structure.LV_ENDO], counted_beats(reading)
    contours = [endo.contours[getattr(beat, mark)] for beat in beats]
    volumes = [disks_volume(one, reading.aspect, 1.0) for one in contours if one is not None]
    if len(volumes) < 2:
        return 0.0
    return float(np.std(volumes, ddof=1) / np.sqrt(len(volumes)) / np.mean(volumes))


def measurements(reading: Reading) -> tuple[Measurement, ...]:
    """Measurements of a recording with its reader's decisions, in the order of `MEASURES`; empty without contours.

    Volumes of a loop are by single-plane disks (ASE/EACVI 2015), those of a stack by its slices (SCMR 2020); with
    several beats, the mean over beats.
    """
    # Several checks ask for the values of the same Reading.
    return cached(reading, "measurements", (reading,), lambda: _measurements(reading))


def _measurements(reading: Reading) -> tuple[Measurement, ...]:
    kind = reading.kind
    if kind.volumes == "stack":
        return rows(kind.volumes, stack_inputs(reading), reading.decisions)
    linear = linear_inputs(reading)
    if Structure.LV_ENDO not in reading.tracks and (reading.withheld is None or linear):
        return rows("disks", linear | known_body(reading), reading.decisions) if linear else ()
    if kind.volumes == "area" and reading.tracks:
        given = short_axis_inputs(reading) | {Source.HEART_RATE: heart_rate(reading)}
        return rows("area", given, reading.decisions)
    return rows("disks", loop_inputs(reading) | linear, reading.decisions)


def value_of(reading: Reading, code: str) -> float | None:
    """One of its `measurements`, before the checks; None where it has none, or it is withheld."""
    return next((one.quantity.value for one in measurements(reading) if one.code == code and one.quantity), None)
