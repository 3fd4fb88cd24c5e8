"""The measurements of a recording: what window, report, CSV and result.json list.

Intervals of 95 %: the error of a volume, as a share of it, is that of contours like it (`expected_error`), and with
several beats that of their mean in quadrature. Errors at ED and ES of one loop go together, so that EF is more exact
than both volumes are.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from kinecor.core.table.evaluation import rows
from kinecor.core.table.expected_error import doubt_at, expected_error, together
from kinecor.core.table.linear_inputs import linear_inputs
from kinecor.core.table.loop_inputs import heart_rate, known_body, loop_inputs, short_axis_inputs
from kinecor.core.table.measures import Measurement, Source
from kinecor.core.table.stack_inputs import stack_inputs
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import disks_volume


def with_intervals(reading: Reading, rows: tuple[Measurement, ...]) -> tuple[Measurement, ...]:
    """The rows with intervals of EDV, ESV, SV and EF of a loop.

    None is known of other recordings, and of values that a reader entered.
    """
    if reading.kind.volumes != "disks" or Structure.LV_ENDO not in reading.tracks:
        return rows
    half = _half_widths(reading, {row.code: row for row in rows})
    return tuple(replace(row, plus_minus=half[row.code]) if row.code in half else row for row in rows)


def _half_widths(reading: Reading, rows: Mapping[str, Measurement]) -> dict[str, float]:
    volumes = [rows.get(code) for code in ("EDV", "ESV")]
    covers, covers_ef = expected_error().within["95"], expected_error().within_ef["95"]
    found: dict[str, float] = {}
    shares: list[float] = []
    for row, mark in zip(volumes, ("ed", "es"), strict=True):
        if row is None or row.entered:
            return {}
        frames = [getattr(beat, mark) for beat in counted_beats(reading)]
        share = float(np.hypot(doubt_at(reading, frames).scale, _of_beats(reading, mark)))
        shares.append(share)
        if row.quantity is not None:
            found[row.code] = covers * share * row.quantity.value
    at_ed, at_es = shares
    ef, stroke = rows.get("EF"), rows.get("SV")
    if ef is not None and not ef.entered and ef.quantity is not None:
        left = 1 - ef.quantity.value / 100  # ESV / EDV: its relative error is that of both volumes
        found["EF"] = 100 * covers_ef * left * together(at_ed, at_es, left)
    edv, esv = (row.quantity.value if row is not None and row.quantity else None for row in volumes)
    if stroke is not None and not stroke.entered and edv and esv is not None:
        found["SV"] = covers_ef * together(at_ed * edv, at_es * esv, esv / edv)
    return found


def _of_beats(reading: Reading, mark: str) -> float:
    """Standard error of the mean over beats, as a share of it; 0 for one beat."""
    endo, beats = reading.tracks[Structure.LV_ENDO], counted_beats(reading)
    contours = [endo.contours[getattr(beat, mark)] for beat in beats]
    volumes = [disks_volume(one, reading.aspect, 1.0) for one in contours if one is not None]
    if len(volumes) < 2:
        return 0.0
    return float(np.std(volumes, ddof=1) / np.sqrt(len(volumes)) / np.mean(volumes))


@lru_cache(maxsize=8)  # several checks ask for the values of the same Reading
def measurements(reading: Reading) -> tuple[Measurement, ...]:
    """Measurements of a recording with its reader's decisions, in the order of `MEASURES`; empty without contours.

    Volumes of a loop are by single-plane disks (ASE/EACVI 2015), those of a stack by its slices (SCMR 2020); with
    several beats, the mean over beats.
    """
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
