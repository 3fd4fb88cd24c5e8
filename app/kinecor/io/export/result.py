"""DIR/result.json, schema 1: what other programs read.

The layout is a promise: it changes only with a higher `SCHEMA` and a line in CHANGELOG.md.
"""

import json
import math
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

import kinecor
from kinecor.core.checks.reading_warnings import reading_warnings
from kinecor.core.strain.study_strain import in_model, study_strain
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.table.measurement import Measurement
from kinecor.core.table.study_measures import study_measurements
from kinecor.core.table.table import measurements
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.author import model_author
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.cine import CineSequence
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack import Stack
from kinecor.core.values.stack_reading import choices
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.base_checks import base_doubts, long_axis_checks
from kinecor.core.volumes.curves import curves
from kinecor.core.volumes.misregistration import shifts_mm
from kinecor.core.volumes.segments import bulls_eye
from kinecor.io.export.result_ring import ring_curves, ring_entry
from kinecor.io.files.atomic import write_text

SCHEMA = 1
MODALITIES = ("US", "MR")
Json = dict[str, Any]


def cine_entry(name: str, cine: CineSequence, reading: Reading, *, error: str | None = None) -> Json:
    """One entry of "recordings" for a cine loop.

    Args:
        name: its "id", unique in the document; also the name of its mask and report.
        cine: the recording.
        reading: what was concluded about it.
        error: why nothing could be concluded, in one sentence, or None.

    """
    view, events, scale = reading.view, reading.events, reading.calibration
    return {
        "source": cine.source.path,
        "id": name,
        "modality": _modality(cine),
        "frames": len(cine),
        "slices": 1,
        "view": {
            "label": view.label if view else UNKNOWN_VIEW,
            "confidence": _number(view.confidence if view else None, 4),
        },
        "times_s": _numbers(cine.times_s, 6),
        "times_origin": cine.times_origin,
        "spacing_mm": _spacing(scale),
        "calibration_origin": scale.origin if scale else reading.facts.calibration_origin,
        "tracks": {structure.value: _track(track) for structure, track in reading.tracks.items()},
        "events": {
            "beats": [{"ed": beat.ed, "es": beat.es} for beat in events.beats] if events else [],
            "origin": events.origin.value if events else None,
            **({"avc": list(reading.valve_closures)} if reading.valve_closures else {}),
            **_regressed(reading),
        },
        "curves": {} if error else _curves(reading),
        "measurements": [] if error else [_measurement(one) for one in measurements(reading)],
        **({"short_axis_strain": ring_entry(reading)} if reading.kind.strain == "short-axis" and not error else {}),
        "warnings": list(dict.fromkeys(cine.warnings + (() if error else reading_warnings(reading)))),
        "error": error,
    }


def stack_entry(
    name: str,
    stack: Stack,
    reading: Reading | None = None,
    *,
    warnings: tuple[str, ...] = (),
    error: str | None = None,
    loops: Sequence[Reading] = (),
) -> Json:
    """One entry of "recordings" for a short-axis stack.

    Contours are one list per slice, each with one outline per frame; "stack" tells where the slices lie and which
    count. Without a Reading, or with an error, its lists of tracks, events and measurements are empty.

    Args:
        name: its "id", unique in the document; also the name of its mask and report.
        stack: the recording.
        reading: what was concluded about it, or None.
        warnings: further ones.
        error: why nothing could be concluded, in one sentence, or None.
        loops: what was concluded about loops of the study; long axes among them check the base.

    """
    first = stack.slices[0]
    scales = {(one.calibration.row_mm, one.calibration.col_mm) if one.calibration else None for one in stack.slices}
    found = tuple(warning for one in stack.slices for warning in one.warnings)
    if len(scales) > 1:
        found += ("the slices differ in pixel spacing, so no common one is given",)
    told = reading is not None and error is None
    if reading is not None and error is None:
        found += reading_warnings(reading) + base_doubts(reading, loops)
    view, events = (reading.view, reading.events) if reading else (None, None)
    structures = sorted({s for one in reading.slices for s in one.tracks}) if reading else []
    return {
        "source": first.source.path,
        "id": name,
        "modality": _modality(first),
        "frames": stack.phases,
        "slices": len(stack.slices),
        "view": {"label": view.label if view else first.view or UNKNOWN_VIEW, "confidence": None},
        "times_s": _numbers(stack.times_s, 6),
        "times_origin": first.times_origin,
        "spacing_mm": _spacing(first.calibration if len(scales) == 1 else None),
        "calibration_origin": first.calibration.origin if first.calibration else first.calibration_origin,
        "tracks": {structure.value: _stack_track(reading, structure) for structure in structures if reading},
        "events": {
            "beats": [{"ed": beat.ed, "es": beat.es} for beat in events.beats] if events else [],
            "origin": events.origin.value if events else None,
            **(_regressed(reading) if reading and told else {}),
        },
        "curves": _curves(reading) if reading and told else {},
        "measurements": [_measurement(one) for one in measurements(reading)] if reading and told else [],
        "stack": _stack(stack, reading if told else None) | (_checked(reading, loops) if reading and told else {}),
        **({"short_axis_strain": ring_entry(reading)} if reading and told else {}),
        "warnings": list(dict.fromkeys(stack.warnings + found + warnings)),
        "error": error,
    }


def _stack_track(reading: Reading, structure: Structure) -> Json:
    """One structure of a stack: its contours and confidences, a list per slice."""
    nothing: Json = {"contours": [None] * reading.facts.frames, "confidence": [0.0] * reading.facts.frames}
    slices = [_track(one.tracks[structure]) if structure in one.tracks else nothing for one in reading.slices]
    return {key: [one[key] for one in slices] for key in ("contours", "confidence")}


def _stack(stack: Stack, reading: Reading | None) -> Json:
    """Where slices lie (mm along the common normal), what was chosen of them, and the wall by segment."""
    result: Json = {"positions_mm": _numbers(stack.positions_mm, 4), "thickness_mm": _number(stack.thickness_mm, 4)}
    if reading is None:
        return result
    chosen, eye, shifts = choices(reading), bulls_eye(reading), shifts_mm(reading)
    scaled = reading.calibration is not None
    result |= {
        "base": list(chosen.extent.base) if chosen.extent else None,
        "apex": list(chosen.extent.apex) if chosen.extent else None,
        "rv_base": None if chosen.rv_base is None else list(chosen.rv_base),
        "excluded": list(chosen.excluded),
        "papillaries": chosen.papillaries.value,
        "muscle_share": [list(one) for one in chosen.muscle.share] if chosen.muscle else None,
        "shift_mm": None if shifts is None else [_number(float(np.hypot(*one)), 2) for one in shifts],
        "segments": None,
    }
    if eye is not None and scaled:
        result["segments"] = {
            "wall_ed_mm": _numbers(eye.ed_mm, 2),
            "wall_es_mm": _numbers(eye.es_mm, 2),
            "thickening_percent": _numbers(eye.thickening_percent, 1),
            "origin": eye.origin,
        }
    return result


def _checked(reading: Reading, loops: Sequence[Reading]) -> Json:
    """What long axes say of the base; absent where none was outlined."""
    checks = long_axis_checks(reading, loops)
    if not checks:
        return {}
    return {
        "base_checks": [
            {
                "view": one.view,
                "mark": one.mark,
                "phase": one.phase,
                "base": one.chosen,
                "expected": one.expected,
                "beyond_mm": _number(one.beyond_mm, 1),
            }
            for one in checks
        ]
    }


def refused_entry(name: str, path: str, why: str) -> Json:
    """One entry of "recordings" for a file that could not be opened."""
    return {
        "source": path,
        "id": name,
        "modality": None,
        "frames": 0,
        "slices": 0,
        "view": {"label": UNKNOWN_VIEW, "confidence": None},
        "times_s": [],
        "times_origin": None,
        "spacing_mm": None,
        "calibration_origin": None,
        "tracks": {},
        "events": {"beats": [], "origin": None},
        "curves": {},
        "measurements": [],
        "warnings": [],
        "error": why,
    }


def document(entries: Sequence[Json], study_ids: Iterable[str | None], readings: Sequence[Reading | None] = ()) -> Json:
    """The whole of result.json.

    Args:
        entries: the recordings, in order.
        study_ids: the study of each, in the same order; None for a file that could not be opened.
        readings: what was concluded about each, in the same order, None where nothing was; studies are measured on
            them. None at all measures no study.

    """
    studies: dict[str, list[str]] = {}
    read: dict[str, list[Reading]] = {}
    for entry, study_id, reading in zip_longest(entries, study_ids, readings):
        if study_id is not None:
            studies.setdefault(study_id, []).append(entry["id"])
            if reading is not None and entry["error"] is None:
                read.setdefault(study_id, []).append(reading)
    return {
        "schema": SCHEMA,
        "software": {"name": "kinecor", "version": kinecor.__version__},
        "recordings": list(entries),
        "studies": [{"id": study, "recordings": ids, **_study(read.get(study, ()))} for study, ids in studies.items()],
    }


def _study(readings: Sequence[Reading]) -> Json:
    """Numbers of a study; where apical views have segments, their strain on the bull's-eye, which is exploratory."""
    result: Json = {"measurements": [_measurement(one) for one in study_measurements(readings)]}
    found = study_strain(readings)
    if np.isfinite(found.end_systolic_percent).any():
        result["bulls_eye"] = {
            "status": "exploratory",
            "end_systolic_strain_percent": _models_of(found.end_systolic_percent, 2),
            "time_to_peak_ms": _models_of(found.time_to_peak_ms, 0),
        }
    return result


def _models_of(values: FloatArray, digits: int) -> Json:
    """By number of segments; segment 1 first, null where no view shows it."""
    return {str(count): _numbers(in_model(values, count), digits) for count in (18, 17, 16)}


def write_result(path: Path, content: Json) -> None:
    """Write `content` to `path` as UTF-8 JSON, whole or not at all.

    Raises:
        KinecorError: the file cannot be written there.
        ValueError: a number is not finite; NaN has no place in JSON.

    """
    write_text(path, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def _modality(cine: CineSequence) -> str | None:
    """Schema 1 knows ultrasound and MR; null stands for what is told to be another, or not told."""
    return cine.source.modality if cine.source.modality in MODALITIES else None


def _track(track: ContourTrack) -> Json:
    return {
        "contours": [None if one is None else np.round(one.points, 2).tolist() for one in track.contours],
        "confidence": _numbers(track.confidence, 4),
    }


def _curves(reading: Reading) -> Json:
    """Curves in mm2, ml or no unit; what cannot be had in its unit is absent, and the warnings say why."""
    found = curves(reading)
    result: Json = {"time_s": _numbers(found.time_s, 6)}
    if found.lv_area_mm2 is not None:
        result["lv_area_mm2"] = _numbers(found.lv_area_mm2, 3)
    if found.volume_unit == "ml":
        result["lv_volume_ml"] = _numbers(found.lv_volume, 4)
        if found.rv_volume is not None:
            result["rv_volume_ml"] = _numbers(found.rv_volume, 4)
    strain = wall_strain(reading) if reading.kind.strain == "longitudinal" else None
    if reading.kind.strain == "short-axis":
        result |= ring_curves(reading)
    if strain is not None and strain.why is None:
        result["longitudinal_strain_percent"] = _numbers(strain.global_percent, 3)
    if reading.phase_curve is not None:
        result["phase_regression"] = _numbers(reading.phase_curve.values, 4)
    return result


def _regressed(reading: Reading) -> Json:
    """ED and ES as regressed from the pictures, in ms to a part of a frame; absent where no such times were kept."""
    curve, times_s = reading.phase_curve, reading.facts.times_s
    if curve is None or not (curve.ed_at or curve.es_at):
        return {}
    marks = {"ed": curve.times_s("ed", times_s), "es": curve.times_s("es", times_s)}
    return {"regression_ms": {name: [_number(1000 * one, 1) for one in found] for name, found in marks.items()}}


def _measurement(one: Measurement) -> Json:
    return {
        "name": one.code,
        "value": _number(one.quantity.value if one.quantity else None, 4),
        "unit": one.unit,
        "method": one.method,
        "frames": list(one.frames),
        "models": [str(model) for model in map(model_author, one.by) if model],
        "confidence": _number(one.confidence, 4),
        "status": one.status.value,
        "note": one.note,
    }


def _spacing(scale: Calibration | None) -> list[float] | None:
    return [scale.row_mm, scale.col_mm] if scale else None


def _number(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def _numbers(values: FloatArray, digits: int) -> list[float | None]:
    return [_number(float(value), digits) for value in values]
