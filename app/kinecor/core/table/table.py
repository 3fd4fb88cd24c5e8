"""The measurements of a recording and of a study: what window, report, CSV and result.json list.

Of a study: biplane volumes from two apical views, and average GLS.

Intervals: the error of a volume, as a share of it, is taken as normal: its standard deviation is that of contours at
their confidence (`confidence.LOOP_EXACTNESS`), and with several beats that of their mean in quadrature. Errors at ED
and ES of one loop go together, so that EF is more exact than both volumes are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np

from kinecor.core.strain.wall_strain import Judge, as_computed, study_strain, wall_strain
from kinecor.core.table.evaluation import Basis, Given, Inputs, rows, together, withheld
from kinecor.core.table.linear_inputs import linear_inputs
from kinecor.core.table.loop_inputs import (
    end_systole_of,
    heart_rate,
    known_body,
    loop_inputs,
    method_of,
    short_axis_inputs,
)
from kinecor.core.table.measures import Measurement, Source, Status
from kinecor.core.table.stack_inputs import stack_inputs
from kinecor.core.values.confidence import LOOP_EXACTNESS
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import UNLIKE_AXES, axis_mm, biplane_disks_volume, disks_volume, long_axis

COVERS: Final = 1.96
"""Standard deviations on each side that hold 95 % of a normal distribution."""


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
    found: dict[str, float] = {}
    shares: list[float] = []
    for row, mark in zip(volumes, ("ed", "es"), strict=True):
        if row is None or row.entered:
            return {}
        share = float(np.hypot(LOOP_EXACTNESS.share(row.confidence), _of_beats(reading, mark)))
        shares.append(share)
        if row.quantity is not None:
            found[row.code] = COVERS * share * row.quantity.value
    at_ed, at_es = shares
    together = 2 * LOOP_EXACTNESS.together * at_ed * at_es
    ef, stroke = rows.get("EF"), rows.get("SV")
    if ef is not None and not ef.entered and ef.quantity is not None:
        left = 100 - ef.quantity.value  # ESV / EDV in percent: its relative error is that of both volumes
        found["EF"] = COVERS * left * float(np.sqrt(max(at_ed**2 + at_es**2 - together, 0.0)))
    edv, esv = (row.quantity.value if row is not None and row.quantity else None for row in volumes)
    if stroke is not None and not stroke.entered and edv is not None and esv is not None:
        a, b = at_ed * edv, at_es * esv
        found["SV"] = COVERS * float(np.sqrt(max(a**2 + b**2 - 2 * LOOP_EXACTNESS.together * a * b, 0.0)))
    return found


def _of_beats(reading: Reading, mark: str) -> float:
    """Standard error of the mean over beats, as a share of it; 0 for one beat."""
    endo, beats = reading.tracks[Structure.LV_ENDO], reading.events.beats if reading.events else ()
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


BIPLANE = "biplane method of disks (A4C and A2C)"
_CAVITY = (Source.LV_ED, Source.LV_ES)


RowsOf = Callable[[Reading], Sequence[Measurement]]
"""The measurements of one recording."""


def study_measurements(
    readings: Sequence[Reading], rows_of: RowsOf = measurements, judge: Judge = as_computed
) -> tuple[Measurement, ...]:
    """EDV, ESV and EF by biplane disks (ASE/EACVI 2015) and the mean of the apical views' GLS; empty without views.

    Of several loops of a view, the one with the highest confidence counts. Frames are empty: they are of several
    recordings.

    Args:
        readings: of the study's recordings.
        rows_of: their measurements; those withheld there do not enter.
        judge: withholds strain that the checks stop.

    """
    return rows("study", _biplane(readings, rows_of) | _average(readings, rows_of, judge), {})


def _biplane(readings: Sequence[Reading], rows_of: RowsOf) -> Inputs:
    views = {label: [one for one in readings if one.view and one.view.label == label] for label in ("A4C", "A2C")}
    if not all(views.values()):
        return {}
    usable = {label: [(one, ef) for one in found if (ef := _ejection(rows_of(one)))] for label, found in views.items()}
    pairs = list(product(*usable.values()))
    if not pairs:
        return dict.fromkeys(_CAVITY, withheld("EF is withheld in one of the two views", BIPLANE))
    (four, first), (two, second) = max(pairs, key=lambda pair: min(ef.confidence or 0.0 for _, ef in pair))
    if four.calibration is None or two.calibration is None:
        return dict.fromkeys(_CAVITY, withheld("no scale: biplane disks need millimetres in both views", BIPLANE))
    basis, remark = together(map(_basis, (first, second))), _axes_note(four, two)
    return {
        source: Given(_volume_mm3(four, two, mark), basis, BIPLANE, remark=remark)
        for source, mark in zip(_CAVITY, ("ed", "es"), strict=True)
    }


def _ejection(of_view: Sequence[Measurement]) -> Measurement | None:
    """The EF of a view, where it has a value."""
    return next((row for row in of_view if row.code == "EF" and row.quantity is not None), None)


def _basis(row: Measurement) -> Basis:
    """A measurement of one view as the basis of one of the study; frames stay empty, they are of several recordings."""
    return Basis(
        structures=row.structures,
        drawn_by=row.by,
        confidence=row.confidence,
        edited=row.status is Status.EDITED,
        trust=row.trust,
    )


def _contours(reading: Reading, event: str) -> list[Contour]:
    frames = [getattr(beat, event) for beat in (reading.events.beats if reading.events else ())]
    found = [reading.tracks[Structure.LV_ENDO].contours[frame] for frame in frames]
    return [contour for contour in found if contour is not None]


def _volume_mm3(four: Reading, two: Reading, event: str) -> float:
    """The mean over beats of the two views in turn, as many as both have."""
    pairs = zip(_contours(four, event), _contours(two, event), strict=False)
    volumes = [biplane_disks_volume(a, b, np.array(four.spacing), np.array(two.spacing)) for a, b in pairs]
    return float(np.mean(volumes))


def _axes_note(four: Reading, two: Reading) -> str | None:
    """A remark that one view may be foreshortened, with the same lengths as the views' own warnings."""
    a, b = (axis_mm(one) or long_axis(_contours(one, "ed")[0], *one.spacing).length for one in (four, two))
    if 1 - min(a, b) / max(a, b) <= UNLIKE_AXES:
        return None
    return f"the long axis at ED is {a:.0f} mm in A4C and {b:.0f} mm in A2C: is one view foreshortened?"


def _average(readings: Sequence[Reading], rows_of: RowsOf, judge: Judge) -> Inputs:
    found = study_strain(readings, judge)
    if found.average_percent is None:
        return {}
    seen = [(one, judge(one, strain)) for one in readings if (strain := wall_strain(one)) is not None and strain.view]
    used = [one for one, strain in seen if strain.why is None]
    views_gls = [row for one in used for row in rows_of(one) if row.code == "GLS" and row.quantity is not None]
    if not views_gls:
        return {}
    sources = list(dict.fromkeys(map(end_systole_of, used)))
    views = ", ".join(f"{view} {value:.1f} %" for view, value in found.view_percent.items())
    strain = wall_strain(used[0])
    layer = method_of(used[0], strain).split(";")[0] if strain else ""
    notes = [f"without {' and '.join(found.missing)}" if found.missing else "", found.doubt or ""]
    return {
        Source.GLS: Given(
            value=found.average_percent,
            basis=together(map(_basis, views_gls)),
            method=f"mean of {views}; {layer}; {' or '.join(sources)}",
            note="; ".join(filter(None, notes)) or None,
        )
    }
