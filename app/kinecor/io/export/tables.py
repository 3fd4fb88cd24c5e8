"""Curves and measurements as comma-separated tables (RFC 4180, UTF-8), for spreadsheets and statistics."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from kinecor.core.checks.assessment import Assessment, assess, strain_as_assessed
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.table.measures import plain_digits
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.segments import NAMES, bulls_eye
from kinecor.core.volumes.stack_volumes import stack_curves
from kinecor.io.export.result import measurement_entry
from kinecor.io.export.schema import NormalEntry
from kinecor.io.files.atomic import write_text
from kinecor.io.files.cells import csv_cells


def write_tables(folder: Path, name: str, reading: Reading) -> None:
    """Write the tables that a recording of its kind has: NAME-curves.csv, NAME-measurements.csv, ...

    Args:
        folder: of the files.
        name: NAME.
        reading: of a recording of any kind.

    Raises:
        KinecorError: a file cannot be written there.

    """
    write_curves(folder / f"{name}-curves.csv", reading)
    write_measurements(folder / f"{name}-measurements.csv", reading)
    if reading.kind.stack:
        write_slices(folder / f"{name}-slices.csv", reading)
        write_segments(folder / f"{name}-segments.csv", reading)


def write_curves(path: Path, reading: Reading) -> None:
    """One row per frame: frame (from 0), time_s, LV area and volume, LA or RV volume, strain; empty without contour.

    Without a scale, area is in square pixels and volumes in percent of their own largest; the column says so.

    Args:
        path: of the file.
        reading: of a recording of any kind.

    Raises:
        KinecorError: the file cannot be written there.

    """
    columns = curve_columns(reading)
    rows = ([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    _write(path, list(columns), rows)


def curve_columns(reading: Reading) -> dict[str, Iterable[float]]:
    """The columns of the curves, by name with unit: frame (from 0), time_s, then values; NaN where there is none.

    Args:
        reading: of a recording of any kind.

    """
    found = curves(reading)
    unit = "ml" if found.volume_unit == "ml" else "relative_percent"
    columns: dict[str, Iterable[float]] = {"frame": range(len(found.time_s)), "time_s": found.time_s}
    if reading.kind.volumes != "stack":  # those of a stack have a separate table
        columns["lv_area_px2" if found.lv_area_mm2 is None else "lv_area_mm2"] = (
            found.lv_area_px2 if found.lv_area_mm2 is None else found.lv_area_mm2
        )
    columns[f"lv_volume_{unit}"] = found.lv_volume
    if found.la_volume is not None:
        columns[f"la_volume_{unit}"] = found.la_volume
    if found.rv_volume is not None:
        columns[f"rv_volume_{unit}"] = found.rv_volume
    strain = wall_strain(reading) if reading.kind.strain == "longitudinal" else None
    if strain is not None and strain_as_assessed(reading, strain).why is None:
        columns["longitudinal_strain_percent"] = strain.global_percent
        if strain.regional:
            named = zip(strain.names, strain.segments_percent.T, strict=True)
            columns |= {f"strain_{name.lower().replace(' ', '_')}_percent": curve for name, curve in named}
    return columns


def write_slices(path: Path, reading: Reading) -> None:
    """One row per slice and phase of a stack: slice and phase (from 0), place in mm, whether it counts, areas.

    Areas are in mm2, in square pixels where no slice has a scale; the column says so.

    Args:
        path: of the file.
        reading: of the stack.

    Raises:
        KinecorError: the file cannot be written there.

    """
    found, stack = stack_curves(reading), reading.facts.stack
    places = stack.positions_mm if stack else ()
    unit = "px2" if reading.calibration is None else "mm2"
    structures = (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)
    titles = [
        "slice",
        "position_mm",
        "phase",
        "counts",
        *(f"{structure.value}_area_{unit}" for structure in structures),
    ]
    rows = (
        [
            str(number),
            _cell(float(place)),
            str(phase),
            str(int(found.counted[number, phase])),
            *(_cell(float(found.areas[structure][number, phase])) for structure in structures),
        ]
        for number, place in enumerate(places)
        for phase in range(reading.facts.frames)
    )
    _write(path, titles, rows)


def write_segments(path: Path, reading: Reading) -> None:
    """One row per segment of the left ventricle: number (1 to 17), name, wall at ED and ES in mm, thickening in %.

    Args:
        path: of the file.
        reading: of the stack.

    Raises:
        KinecorError: the file cannot be written there.

    """
    eye = bulls_eye(reading) if reading.calibration else None
    rows = (
        [str(i + 1), name, *(_cell(float(values[i])) for values in (eye.ed_mm, eye.es_mm, eye.thickening_percent))]
        for i, name in enumerate(NAMES)
        if eye is not None
    )
    _write(path, ("segment", "name", "wall_ed_mm", "wall_es_mm", "thickening_percent"), rows)


def write_measurements(path: Path, reading: Reading) -> None:
    """The measurements of a recording, as `write_assessment`.

    Args:
        path: of the file.
        reading: of a recording of any kind.

    Raises:
        KinecorError: the file cannot be written there.

    """
    write_assessment(path, assess(reading))


def write_assessment(path: Path, assessment: Assessment) -> None:
    """One row per measurement of a recording or of a study, as many decimals as are shown (result.json has more).

    Frames are separated by spaces, authors by ";".

    `trust` is "ok", "check" or "withheld"; `checks` has the codes of the findings behind it. `flag` and `grade` compare
    the value with its reference range (in `normal_unit`); both are empty while a check of it is open, and where its
    interval leaves them open. `statement` is what is said of it in words.

    Args:
        path: of the file.
        assessment: with its measurements and findings.

    Raises:
        KinecorError: the file cannot be written there.

    """
    rows = []
    for measurement in assessment.measurements:
        entry = measurement_entry(measurement, assessment)
        rows.append(
            [
                entry["name"],
                plain_digits(measurement.quantity, measurement.code) if measurement.quantity else "",
                entry["unit"],
                entry["method"],
                " ".join(str(frame) for frame in entry["frames"]),
                "; ".join(measurement.by),  # models and persons; result.json names models only
                "" if entry["confidence"] is None else _cell(entry["confidence"]),
                entry["status"],
                entry["note"] or "",
                entry["trust"],
                " ".join(entry["checks"]),
                *_normal(entry.get("normal")),
                entry.get("statement", ""),
            ]
        )
    _write(path, (*_TITLES, *_NORMAL, "statement"), rows)


_TITLES = ("name", "value", "unit", "method", "frames", "by", "confidence", "status", "note", "trust", "checks")
_NORMAL = ("normal_low", "normal_high", "normal_unit", "flag", "grade", "reference")


def _normal(normal: NormalEntry | None) -> list[str]:
    """The reference range of a value, its flag and grade, and the short name of its source."""
    if normal is None:
        return [""] * len(_NORMAL)
    low, high = ("" if limit is None else f"{limit:g}" for limit in (normal["low"], normal["high"]))
    return [low, high, normal["unit"], normal["flag"] or "", normal["grade"] or "", normal["set"]]


def _cell(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.6g}" if math.isfinite(value) else ""


def _write(path: Path, titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(titles)
    writer.writerows(csv_cells(row) for row in rows)
    write_text(path, text.getvalue())
