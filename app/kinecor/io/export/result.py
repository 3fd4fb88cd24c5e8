"""DIR/result.json, schema 1: what other programs read.

The layout is a promise: it changes only with a higher `SCHEMA` and a line in CHANGELOG.md.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

import numpy as np

import kinecor
from kinecor.core.checks.assessment import (
    Assessment,
    assess,
    assessed_study,
    strain_as_assessed,
    study_sources,
    study_strain_as_assessed,
)
from kinecor.core.checks.findings import Finding, State
from kinecor.core.norms.classes import NOT_MEASURED_WELL
from kinecor.core.norms.norms import Graded
from kinecor.core.strain.short_axis import short_axis_regions, stack_strain, why_no_short_axis_strain
from kinecor.core.strain.wall_strain import in_model, wall_strain
from kinecor.core.study.conclusions import SignState, sign_status
from kinecor.core.study.prior import Changed, Comparison, Examined, compare_with_prior, priors
from kinecor.core.study.stress import StageResult, StressStudy, stress_study
from kinecor.core.table.linear_inputs import OF_SPECTRA, calliper_ms, length, no_millimetres, value_on_spectrum
from kinecor.core.table.measures import MEASURES, Measurement, Status
from kinecor.core.table.over_views import BeatRow, SourceOf, beat_rows, spread
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.callipers import Calliper, Shape
from kinecor.core.values.confidence import Trust
from kinecor.core.values.foreign import ForeignReport
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.kind import UNKNOWN_VIEW
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading, choices, model_author
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.core.values.series import Series
from kinecor.core.values.study import Addendum, Signature, StudyReading, counting
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.values.wall_motion import WallMotion
from kinecor.core.volumes.extent import long_axis_checks
from kinecor.core.volumes.loop_volumes import closing_ed, curves
from kinecor.core.volumes.segments import bulls_eye
from kinecor.core.volumes.stack_volumes import shifts_mm
from kinecor.io.export.contours import confidence_of
from kinecor.io.export.schema import (
    SCHEMA,
    BeatsEntry,
    CalliperEntry,
    ChangeEntry,
    CheckEntry,
    CurvesEntry,
    DemographicsEntry,
    EventsEntry,
    LoopEntry,
    LoopTrack,
    MeasurementEntry,
    Modality,
    NormalEntry,
    PriorEntry,
    RecordingEntry,
    ReportedEntry,
    Result,
    SetAsideEntry,
    ShortAxisStrainEntry,
    SignatureEntry,
    SourceEntry,
    StackEntry,
    StackFactsEntry,
    StackTrack,
    StageEntry,
    StageValueEntry,
    StressEntry,
    StudyEntry,
    WallMotionEntry,
)
from kinecor.io.files.atomic import whole, write_text
from kinecor.session.audit import Head

MODALITIES: tuple[Modality, ...] = get_args(Modality)


def cine_entry(name: str, cine: CineSequence, reading: Reading, *, error: str | None = None) -> LoopEntry:
    """One entry of "recordings" for a cine loop.

    Args:
        name: its "id", unique in the document; also the name of its mask and report.
        cine: the recording.
        reading: what was concluded about it.
        error: why nothing could be concluded, in one sentence, or None.

    """
    view, scale = reading.view, reading.calibration
    entry: LoopEntry = {
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
        "tracks": {structure.value: _track(track, reading) for structure, track in reading.tracks.items()},
        "events": _events(reading),
        "curves": {} if error else _curves(reading),
        "measurements": [],
        "checks": [],
        "warnings": list(dict.fromkeys(cine.warnings)),
        "error": error,
    }
    if not error:
        assess_entry(entry, reading, ())
        if len(beats := beat_rows(reading)) > 1:
            entry["beats"] = _beats(beats)
    if reading.kind.strain == "short-axis" and not error:
        entry["short_axis_strain"] = _short_axis_strain(reading)
    return entry


def assess_entry(entry: RecordingEntry, reading: Reading, others: Sequence[Reading]) -> None:
    """Write measurements, findings and warnings of a recording into its entry, as its study leaves them.

    Args:
        entry: of the recording; changed.
        reading: what was concluded about it.
        others: about the other recordings of its study.

    """
    assessment = assess(reading, others)
    entry["measurements"] = [measurement_entry(measurement, assessment) for measurement in assessment.measurements]
    entry["checks"] = [_check(finding) for finding in assessment.findings]
    if assessment.alternatives:
        entry["alternatives"] = [
            {
                "kind": alternative.kind.value,
                "message": alternative.message,
                "values": {code: round(value, 4) for code, value in alternative.values.items()},
            }
            for alternative in assessment.alternatives
        ]
    entry["warnings"] = list(dict.fromkeys((*assessment.warnings, *entry["warnings"])))
    if reading.callipers:
        entry["callipers"] = [_calliper(calliper, reading) for calliper in reading.callipers.values()]
    if assessment.geometry:
        entry["lv_geometry"] = assessment.geometry


_UNIT_OF: Final[Mapping[Shape, Literal["mm", "mm2", "deg", "ms", "cm", "cm/s"]]] = {
    "distance": "mm",
    "angle": "deg",
    "area": "mm2",
    "time": "ms",
    "line": "mm",
    "point": "cm/s",
    "slope": "ms",
    "trace": "cm",
}


def _calliper(one: Calliper, reading: Reading) -> CalliperEntry:
    if one.until is not None:
        length_ms = calliper_ms(reading, one)
        entry = _measured(one, reading, None if length_ms is None else _number(length_ms, 1))
        entry["until"] = one.until
        return entry
    if one.shape in OF_SPECTRA:
        value = value_on_spectrum(reading, one)
        return _measured(one, reading, None if value is None else _number(value, 1))
    known = no_millimetres(reading, one) is None or (one.shape == "angle" and reading.calibration is not None)
    return _measured(one, reading, _number(length(reading, one), 2) if known else None)


def _measured(calliper: Calliper, reading: Reading, value: float | None) -> CalliperEntry:
    return {
        "name": calliper.name,
        "shape": calliper.shape,
        "frame": calliper.frame,
        "points": [[round(x, 2), round(y, 2)] for x, y in calliper.points],
        "value": value,
        "unit": _UNIT_OF[calliper.shape],
        "by": reading.authors.get(f"callipers/{calliper.name}", ""),
    }


def _check(finding: Finding) -> CheckEntry:
    result: CheckEntry = {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "frames": list(finding.frames),
        "slices": list(finding.slices),
        "measurements": [measure.code for measure in MEASURES if measure.code in finding.measurements],
        "state": finding.state.value,
    }
    if finding.resolve:
        result["resolve"] = finding.resolve
    if finding.state is State.ACKNOWLEDGED:
        result["acknowledged_by"], result["why"] = finding.acknowledged_by, finding.why
    return result


def stack_entry(
    name: str,
    stack: Stack,
    reading: Reading | None = None,
    *,
    warnings: tuple[str, ...] = (),
    error: str | None = None,
    loops: Sequence[Reading] = (),
) -> StackEntry:
    """One entry of "recordings" for a short-axis stack.

    Contours are one list per slice, each with one outline per frame; "stack" has the positions of the slices and which
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
    scales = {(cine.calibration.row_mm, cine.calibration.col_mm) if cine.calibration else None for cine in stack.slices}
    texts = tuple(warning for cine in stack.slices for warning in cine.warnings)
    if len(scales) > 1:
        texts += (message("the slices differ in pixel spacing, so no common one is given"),)
    measured = reading if error is None else None
    view = reading.view if reading else None
    structures = sorted({s for slice_reading in reading.slices for s in slice_reading.tracks}) if reading else []
    entry: StackEntry = {
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
        "events": _events(reading, regressed=measured is not None),
        "curves": _curves(measured) if measured else {},
        "measurements": [],
        "checks": [],
        "stack": _stack(stack, measured, loops),
        "warnings": list(dict.fromkeys(stack.warnings + texts + warnings)),
        "error": error,
    }
    if measured is not None:
        assess_entry(entry, measured, loops)
        entry["short_axis_strain"] = _short_axis_strain(measured)
    return entry


def _stack_track(reading: Reading, structure: Structure) -> StackTrack:
    """One structure of a stack: its contours and confidences, a list per slice."""
    frames = reading.facts.frames
    nothing: LoopTrack = {"contours": [None] * frames, "confidence": [0.0] * frames}
    slices = [
        _track(slice_reading.tracks[structure], slice_reading) if structure in slice_reading.tracks else nothing
        for slice_reading in reading.slices
    ]
    result: StackTrack = {
        "contours": [track["contours"] for track in slices],
        "confidence": [track["confidence"] for track in slices],
    }
    if any("drawn_by" in track for track in slices):
        nobody: list[str | None] = [None] * frames
        result["drawn_by"] = [track.get("drawn_by", nobody) for track in slices]
    return result


def _stack(stack: Stack, reading: Reading | None, loops: Sequence[Reading]) -> StackFactsEntry:
    """Positions of the slices (mm along the common normal), which count, and the wall by segment."""
    result: StackFactsEntry = {
        "positions_mm": _numbers(stack.positions_mm, 4),
        "thickness_mm": _number(stack.thickness_mm, 4),
    }
    if reading is None:
        return result
    chosen, eye, shifts = choices(reading), bulls_eye(reading), shifts_mm(reading)
    result["base"] = list(chosen.extent.base) if chosen.extent else None
    result["apex"] = list(chosen.extent.apex) if chosen.extent else None
    result["rv_base"] = None if chosen.rv_base is None else list(chosen.rv_base)
    result["excluded"] = list(chosen.excluded)
    result["papillaries"] = chosen.papillaries.value
    result["muscle_share"] = [list(shares) for shares in chosen.muscle.share] if chosen.muscle else None
    result["shift_mm"] = None if shifts is None else [_number(float(np.hypot(*shift)), 2) for shift in shifts]
    result["segments"] = None
    if eye is not None and reading.calibration is not None:
        result["segments"] = {
            "wall_ed_mm": _numbers(eye.ed_mm, 2),
            "wall_es_mm": _numbers(eye.es_mm, 2),
            "thickening_percent": _numbers(eye.thickening_percent, 1),
            "origin": eye.origin,
        }
    if chosen.valve is not None:  # absent where no long axis shows it
        result["valve"] = {"place_mm": list(chosen.valve.place_mm), "views": list(chosen.valve.views)}
    if checks := long_axis_checks(reading, loops):  # absent where no long axis was contoured
        result["base_checks"] = [
            {
                "view": check.view,
                "mark": check.mark,
                "phase": check.phase,
                "base": check.chosen,
                "expected": check.expected,
                "beyond_mm": _number(check.beyond_mm, 1),
            }
            for check in checks
        ]
    return result


def refused_entry(name: str, path: str, why: str) -> LoopEntry:
    """One entry of "recordings" for a file that could not be opened.

    Args:
        name: its "id".
        path: as a reader knows it.
        why: the reason, in one sentence.

    """
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
        "checks": [],
        "warnings": [],
        "error": why,
    }


def document(
    entries: Sequence[RecordingEntry],
    study_ids: Iterable[str | None],
    readings: Sequence[Reading | None] = (),
    concluded: Mapping[str, StudyReading] = MappingProxyType({}),
    compared_on: Sequence[Reading | None] = (),
    reports: Sequence[ForeignReport] = (),
    heads: Mapping[str, Head] = MappingProxyType({}),
    stated: Sequence[Examined] = (),
) -> Result:
    """The whole of result.json.

    Args:
        entries: the recordings, in order.
        study_ids: the study of each, in the same order; None for a file that could not be opened.
        readings: what was concluded about each, in the same order, None where nothing was; studies are measured on
            them. None at all measures no study.
        concluded: what was concluded about each study as a whole, by its id.
        compared_on: as `readings`, of recordings of all kinds, which studies of one patient are compared on; `readings`
            where it is empty.
        reports: of other systems, which were found with the recordings.
        heads: of the studies' saved files, by study.
        stated: earlier studies that reports of other systems state, which are compared with, too.

    """
    studies: dict[str, list[str]] = {}
    read: dict[str, list[Reading]] = {}
    names: dict[str, str] = {}
    every: dict[str, list[Reading]] = {}
    for entry, study_id, reading, other in zip_longest(entries, study_ids, readings, compared_on or readings):
        if study_id is not None:
            studies.setdefault(study_id, []).append(entry["id"])
            if other is not None and entry["error"] is None:
                every.setdefault(study_id, []).append(other)
            if reading is not None and entry["error"] is None:
                names[reading.facts.recording_id] = entry["id"]
                read.setdefault(study_id, []).append(reading)
    made = {
        study: _study(study, ids, read.get(study, ()), concluded.get(study), names) for study, ids in studies.items()
    }
    examined = {
        study: Examined(concluded[study], tuple(readings)) for study, readings in every.items() if study in concluded
    }
    for study, now in examined.items():
        if (stress := stress_study(now.readings, now.study)) is not None:
            made[study]["stress"] = _stress(stress, names)
        candidates = {study.study.study_id: study for study in (*examined.values(), *stated)}
        earlier = priors(now.study, (candidate.study for candidate in candidates.values()))
        if earlier:
            made[study]["prior"] = _prior(compare_with_prior(now, candidates[earlier[0].study_id]))
    for report in reports:
        if report.study_id in made:
            made[report.study_id].setdefault("reported", []).append(_reported(report))
    for study, head in heads.items():
        if study in made:
            made[study]["journal"] = {"entries": head.entries, "head": head.digest}
    return {
        "schema": SCHEMA,
        "software": {"name": "kinecor", "version": kinecor.__version__},
        "recordings": list(entries),
        "studies": list(made.values()),
    }


def _reported(report: ForeignReport) -> ReportedEntry:
    return {
        "source": report.path,
        "title": report.title,
        "template": report.template,
        "equipment": report.equipment,
        "date": report.date,
        "values": [
            {
                "name": foreign_value.name,
                "code": foreign_value.code,
                "scheme": foreign_value.scheme,
                "value": foreign_value.value,
                "unit": foreign_value.unit,
                "within": list(foreign_value.within),
                "details": dict(foreign_value.details),
                "remark": foreign_value.remark,
            }
            for foreign_value in report.values
        ],
    }


def _beats(rows: Sequence[BeatRow]) -> BeatsEntry:
    return {
        "length_before_s": [_number(row.before_s, 4) for row in rows],
        "edv_ml": [_number(row.edv_ml, 4) for row in rows],
        "esv_ml": [_number(row.esv_ml, 4) for row in rows],
        "ef_percent": [_number(row.ef_percent, 4) for row in rows],
        "counted": [row.counted for row in rows],
        "sd": {code: round(value, 4) for code, value in spread(rows).items()},
    }


def _stress(found: StressStudy, names: Mapping[str, str]) -> StressEntry:
    return {
        "stages": [_stage(stage, names) for stage in found.stages],
        "peak": found.peak.name,
        "rest_to_peak": [
            {
                "name": change.code,
                "view": change.of,
                "unit": change.unit,
                "rest": round(change.rest, 4),
                "peak": round(change.peak, 4),
                "difference": round(change.difference, 4),
                "half_width": _number(change.half_width, 4),
            }
            for change in found.changes
        ],
    }


def _stage(stage_result: StageResult, names: Mapping[str, str]) -> StageEntry:
    values: list[StageValueEntry] = [
        {
            "name": code,
            "view": view,
            "unit": row.unit,
            "value": round(row.quantity.value, 4),
            "trust": "ok" if row.trust is Trust.OK else "check",
        }
        for (code, view), row in stage_result.rows.items()
        if row.quantity is not None
    ]
    return {
        "name": stage_result.stage.name,
        "number": stage_result.stage.number,
        "heart_rate_per_min": _number(stage_result.heart_rate_per_min, 1),
        "recordings": {
            view: [names.get(reading.facts.recording_id, "") for reading in readings]
            for view, readings in stage_result.views.items()
        },
        "measurements": values,
    }


def _prior(comparison: Comparison) -> PriorEntry:
    return {
        "study": comparison.then.study_id,
        "date": comparison.then.study_date,
        "changes": [_change(change) for change in comparison.changes],
        "warnings": list(comparison.warnings),
        "stated_by": stated.equipment if (stated := comparison.stated) else None,
    }


def _change(change: Changed) -> ChangeEntry:
    then, now = (row.quantity.value if row.quantity else math.nan for row in (change.then, change.now))
    return {
        "name": change.code,
        "view": change.of,
        "unit": change.now.unit,
        "then": round(then, 4),
        "now": round(now, 4),
        "difference": round(change.difference, 4),
        "percent": _number(change.percent, 2),
        "exceeds_variability": change.exceeds,
        "open": change.open,
        "variability_percent": change.variability.percent if change.variability else None,
        "source": change.variability.source if change.variability else None,
        "remark": change.remark,
    }


def _signature(readings: Sequence[Reading], study: StudyReading, signature: Signature) -> SignatureEntry:
    addenda = [signed_entry for signed_entry in study.signed if isinstance(signed_entry, Addendum)]
    return {
        "by": signature.by,
        "at": signature.at,
        "holds": sign_status(readings, study).state is SignState.SIGNED,
        "login": signature.login,
        "remark": signature.remark,
        "document": signature.document or None,
        "prior": signature.prior or None,
        "addenda": [{"by": addendum.by, "at": addendum.at, "reason": addendum.reason} for addendum in addenda],
    }


def _source(source: SourceOf, names: Mapping[str, str]) -> SourceEntry:
    """A recording behind a result over views, by its "id" in the document."""
    recording = source.reading.facts.recording_id
    return {
        "result": source.result,
        "view": source.view,
        "recording": names.get(recording, recording),
        "beats": list(source.beats),
        "chosen_by": source.chosen_by or "rule",
    }


def _study(
    study: str,
    ids: list[str],
    readings: Sequence[Reading],
    concluded: StudyReading | None,
    names: Mapping[str, str],
) -> StudyEntry:
    """Measurements of a study; where apical views have segments, their strain on the bull's-eye, exploratory."""
    study_as_a_whole = assessed_study(readings, concluded)
    result: StudyEntry = {
        "id": study,
        "recordings": ids,
        "measurements": [
            measurement_entry(measurement, study_as_a_whole) for measurement in study_as_a_whole.measurements
        ],
        "checks": [_check(finding) for finding in study_as_a_whole.findings],
    }
    if concluded is not None and (known := _demographics(concluded)):
        result["demographics"] = known
    if concluded is not None and concluded.wall_motion:
        result["wall_motion"] = [_wall_motion(stage, motion) for stage, motion in concluded.wall_motion.items()]
    if concluded is not None and concluded.comments:
        result["comments"] = dict(concluded.comments)
    if concluded is not None and concluded.signature is not None:
        result["signature"] = _signature(readings, concluded, concluded.signature)
    sources = study_sources(readings, concluded)
    if sources:
        result["sources"] = [_source(source, names) for source in sources]
    strain = study_strain_as_assessed(counting(readings, concluded))
    if np.isfinite(strain.end_systolic_percent).any():
        result["bulls_eye"] = {
            "status": "exploratory",
            "end_systolic_strain_percent": _models_of(strain.end_systolic_percent, 2),
            "time_to_peak_ms": _models_of(strain.time_to_peak_ms, 0),
        }
    return result


def _wall_motion(stage: str, motion: WallMotion) -> WallMotionEntry:
    return {
        "stage": stage,
        "scores": list(motion.scores),
        "aneurysms": list(motion.aneurysms),
        "index": _number(motion.index, 4),
        "by": motion.by,
    }


def _demographics(study: StudyReading) -> DemographicsEntry:
    """The patient as far as known, without what identifies them."""
    now, result = study.demographics, DemographicsEntry()
    if now.sex:
        result["sex"] = {"value": now.sex, "origin": study.origin("sex")}
    if study.age_years is not None:
        origin = study.origin("birth_date") or "file header"
        result["age_years"] = {"value": round(study.age_years, 1), "origin": origin}
    if now.height_cm is not None:
        result["height_cm"] = {"value": now.height_cm, "origin": study.origin("height_cm")}
    if now.weight_kg is not None:
        result["weight_kg"] = {"value": now.weight_kg, "origin": study.origin("weight_kg")}
    if now.heart_rate_per_min is not None:
        result["heart_rate_per_min"] = {"value": now.heart_rate_per_min, "origin": study.origin("heart_rate_per_min")}
    if now.bsa_m2 is not None:
        result["bsa_m2"] = {"value": round(now.bsa_m2, 4), "origin": now.formula.value}
    return result


def _models_of(values: FloatArray, digits: int) -> dict[str, list[float | None]]:
    """By number of segments; segment 1 first, null where no view shows it."""
    return {str(count): _numbers(in_model(values, count), digits) for count in (18, 17, 16)}


def write_result(path: Path, content: Result) -> None:
    """Write `content` to `path` as UTF-8 JSON, whole or not at all.

    Args:
        path: of the file.
        content: all of it.

    Raises:
        KinecorError: the file cannot be written there.
        ValueError: a number is not finite; NaN has no place in JSON.

    """
    write_text(path, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def set_aside_entries(series: Iterable[tuple[str, Series]]) -> list[SetAsideEntry]:
    """What is not measured, as result.json has it: one entry for each series and kind, in the order of the files.

    Args:
        series: (study id, series) of each recording or object that is set aside.

    """
    counts = Counter(series)
    return [
        {
            "study": study,
            "series": series.number,
            "description": series.description,
            "kind": series.kind,
            "rule": series.rule,
            "reason": str(series.known.reason) if series.known is not None else "",
            "images": count,
        }
        for (study, series), count in counts.items()
    ]


def write_gathered(
    path: Path,
    recordings: Iterable[RecordingEntry],
    studies: Iterable[StudyEntry],
    set_aside: Sequence[SetAsideEntry] = (),
) -> None:
    """Write result.json entry by entry, the same bytes as `write_result`, so that memory holds one entry at a time.

    Args:
        path: of the file.
        recordings: entries, one by one.
        studies: entries, one by one.
        set_aside: what is not measured.

    Raises:
        KinecorError: the file cannot be written there.
        ValueError: a number is not finite; NaN has no place in JSON.

    """
    head = json.dumps({"schema": SCHEMA, "software": {"name": "kinecor", "version": kinecor.__version__}})
    with whole(path) as temporary, temporary.open("wb") as file:
        file.write(head[:-1].encode())
        for key, entries in (("recordings", recordings), ("studies", studies)):
            file.write(f', "{key}": ['.encode())
            for number, entry in enumerate(entries):
                text = json.dumps(entry, ensure_ascii=False, allow_nan=False)
                file.write(((", " if number else "") + text).encode("utf-8", "backslashreplace"))
            file.write(b"]")
        if set_aside:
            text = json.dumps(set_aside, ensure_ascii=False)
            file.write(b', "set_aside": ' + text.encode("utf-8", "backslashreplace"))
        file.write(b"}\n")


def _modality(cine: CineSequence) -> Modality | None:
    """Schema 1 has ultrasound and MR; None for others, and where the file does not say."""
    return next((modality for modality in MODALITIES if modality == cine.source.modality), None)


def _track(track: ContourTrack, reading: Reading) -> LoopTrack:
    """Contours and confidences by frame; a contour that a person drew has its author in place of a confidence."""
    drawn = [
        contour is not None and origin is Origin.EDITED
        for contour, origin in zip(track.contours, track.origins, strict=True)
    ]
    result: LoopTrack = {
        "contours": [None if contour is None else np.round(contour.points, 2).tolist() for contour in track.contours],
        "confidence": [confidence_of(reading, track, frame) for frame in range(len(track))],
    }
    if any(drawn):
        part = f"tracks/{track.structure}"
        author = reading.authors.get(f"{part}/edited", reading.authors.get(part))
        result["drawn_by"] = [author if by_hand else None for by_hand in drawn]
    return result


def _curves(reading: Reading) -> CurvesEntry:
    """Curves in mm2, ml or no unit; a curve without values in its unit is absent, and the warnings give the reason."""
    found = curves(reading)
    result: CurvesEntry = {"time_s": _numbers(found.time_s, 6)}
    if found.lv_area_mm2 is not None:
        result["lv_area_mm2"] = _numbers(found.lv_area_mm2, 3)
    if found.volume_unit == "ml":
        result["lv_volume_ml"] = _numbers(found.lv_volume, 4)
        if found.rv_volume is not None:
            result["rv_volume_ml"] = _numbers(found.rv_volume, 4)
    strain = wall_strain(reading) if reading.kind.strain == "longitudinal" else None
    strain = strain and strain_as_assessed(reading, strain)
    if reading.kind.strain == "short-axis":
        result |= _short_axis_curves(reading)
    if strain is not None and strain.why is None:
        result["longitudinal_strain_percent"] = _numbers(strain.global_percent, 3)
    if reading.phase_curve is not None:
        result["phase_regression"] = _numbers(reading.phase_curve.values, 4)
    return result


def _short_axis_strain(reading: Reading) -> ShortAxisStrainEntry:
    """The 16 segments, null where one is withheld, with the reason."""
    why, regions = why_no_short_axis_strain(reading), short_axis_regions(reading)
    if why is not None or regions is None:
        return {"status": "withheld", "why": why or "no strain"}
    timed = reading.facts.times_origin != "assumed"
    return {
        "status": "exploratory",
        "origin": regions.origin,
        "slices": [slice_wall.number for slice_wall in regions.slices],
        "end_systolic_circumferential_percent": _numbers(regions.values("end_systolic"), 2),
        "peak_circumferential_percent": _numbers(regions.values("peak"), 2),
        "time_to_peak_ms": _numbers(1000 * regions.values("time_to_peak_s"), 0) if timed else [None] * 16,
        "end_systolic_radial_percent": _numbers(regions.values("radial"), 2),
        "quality": _numbers(regions.quality, 3),
        "withheld": list(regions.why),
    }


def _short_axis_curves(reading: Reading) -> CurvesEntry:
    """Circumferential and radial strain of the whole over time; absent where it is withheld."""
    strain, regions = stack_strain(reading), short_axis_regions(reading)
    given = any(
        measurement.code == "GCS" and measurement.status is not Status.WITHHELD
        for measurement in assess(reading).measurements
    )
    if not given or (strain is None and regions is None):
        return {}
    if strain is None:
        return {"circumferential_strain_percent": [] if regions is None else _numbers(regions.global_percent, 3)}
    return {
        "circumferential_strain_percent": _numbers(strain.circumferential_percent, 3),
        "radial_strain_percent": _numbers(strain.radial_percent, 3),
    }


# Only contours are templates.
_MARKED_BY: Final[Mapping[Origin, Literal["model", "tracked", "edited"]]] = {
    Origin.MODEL: "model",
    Origin.TRACKED: "tracked",
    Origin.EDITED: "edited",
}


def _events(reading: Reading | None, *, regressed: bool = True) -> EventsEntry:
    """Beats and who marked them; AVC, and ED and ES as suggested by AI (ms, to a fraction of a frame) where known."""
    if reading is None:
        return {"beats": [], "origin": None}
    events, curve, times_s = reading.events, reading.phase_curve, reading.facts.times_s
    result: EventsEntry = {
        "beats": [{"ed": beat.ed, "es": beat.es} for beat in events.beats] if events else [],
        "origin": _MARKED_BY[events.origin] if events else None,
    }
    closing = None if reading.kind.gated else closing_ed(reading)
    if closing is not None:
        result["closing_ed"] = closing
    if reading.valve_closures:
        result["avc"] = list(reading.valve_closures)
    if reading.valve_openings:
        result["mvo"] = list(reading.valve_openings)
    if regressed and curve is not None and (curve.ed_at or curve.es_at):
        result["regression_ms"] = {
            "ed": [_number(1000 * time_s, 1) for time_s in curve.times_s("ed", times_s)],
            "es": [_number(1000 * time_s, 1) for time_s in curve.times_s("es", times_s)],
        }
    return result


def measurement_entry(measurement: Measurement, assessment: Assessment) -> MeasurementEntry:
    """A measurement as programs read it, in result.json and in CSV, with the codes of the findings that mark it.

    Args:
        measurement: a row of the table.
        assessment: the checks of the recording or study that it is of.

    """
    entry: MeasurementEntry = {
        "name": measurement.code,
        "value": _number(measurement.quantity.value if measurement.quantity else None, 4),
        "unit": measurement.unit,
        "method": measurement.method,
        "frames": list(measurement.frames),
        "models": [str(model) for model in map(model_author, measurement.by) if model],
        "confidence": _number(measurement.confidence, 4),
        "status": measurement.status.value,
        "trust": measurement.trust.value,
        "interval": _interval(measurement),
        "checks": list(dict.fromkeys(finding.code for finding in assessment.concerning(measurement.code))),
        "note": measurement.note,
    }
    if measurement.code in assessment.norms:
        entry["normal"] = _normal(assessment.norms[measurement.code], muted=assessment.muted(measurement.code))
    if not assessment.muted(measurement.code):
        _add_statement(entry, measurement.code, assessment)
    return entry


def _add_statement(entry: MeasurementEntry, code: str, assessment: Assessment) -> None:
    """What is said of a value, and how likely each class is."""
    norm = assessment.norms.get(code)
    if assessment.imprecise(code):
        entry["statement"] = NOT_MEASURED_WELL
    elif norm is not None:
        entry["statement"] = norm.words
    if norm is not None and norm.statement.probabilities:
        entry["classes"] = [
            {
                "flag": zone.flag,
                "grade": zone.grade,
                "low": _number(zone.low, 4),
                "high": _number(zone.high, 4),
                "probability": round(share, 4),
                "stated": zone in norm.statement.stated and not assessment.imprecise(code),
            }
            for zone, share in norm.statement.probabilities
        ]


def _normal(graded: Graded, *, muted: bool) -> NormalEntry:
    return {
        "low": graded.low,
        "high": graded.high,
        "unit": graded.unit,
        "indexed": graded.indexed,
        "flag": None if muted else graded.statement.flag,
        "grade": None if muted or graded.statement.flag is None else graded.statement.grade,
        "muted": muted,
        "set": graded.set_name,
        "citation": graded.citation,
        "table": graded.table,
        "page": graded.page,
        "caveat": graded.caveat,
    }


def _interval(measurement: Measurement) -> list[float] | None:
    """[low, high] of 95 %; None where none is known."""
    return (
        None
        if measurement.interval is None
        else [round(measurement.interval.low, 4), round(measurement.interval.high, 4)]
    )


def _spacing(scale: Calibration | None) -> list[float] | None:
    return [scale.row_mm, scale.col_mm] if scale else None


def _number(value: float | None, digits: int) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), digits)


def _numbers(values: FloatArray, digits: int) -> list[float | None]:
    return [_number(float(value), digits) for value in values]
