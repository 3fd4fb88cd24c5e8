"""The table of numbers, derived from a Reading; every number says what it rests on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.arrays import FloatArray
from kinecor.core.curves import MM3_PER_ML, track_volumes_mm3
from kinecor.core.events import Beat
from kinecor.core.measurement import Measurement, Quantity, Status
from kinecor.core.reading import Reading
from kinecor.core.track import ContourTrack, Origin, Structure

# Below this confidence of the contours a number rests on, it is withheld rather than shown.
LEAST_CONFIDENCE = 0.5

NO_SCALE = "no scale: without millimetres per pixel there are no millilitres"
SQUARE_PIXELS = "a ratio: needs no scale, only square pixels"


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the volumes of one structure rest on."""

    structure: Structure
    volumes: FloatArray
    confidence: FloatArray
    edited: bool
    by: tuple[str, ...]


def measurements(reading: Reading) -> tuple[Measurement, ...]:
    """EDV, ESV, SV, EF, CO, HR and LAV in this order; empty where nothing was contoured.

    Volumes are single-plane disks (ASE/EACVI 2015); with several beats, the mean over beats.
    """
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None and reading.withheld is None:
        return ()
    rows = _ventricle(reading, endo) + _atrium(reading)
    return tuple(_decided(row, reading) for row in rows)


def _ventricle(reading: Reading, endo: ContourTrack | None) -> list[Measurement]:
    rate, rate_frames, rate_method = _heart_rate(reading)
    why = _why_not(reading, endo)
    beats = reading.events.beats if reading.events else ()
    if why is not None or endo is None:
        empty = [_withheld(code, unit, why or "not contoured") for code, unit in _LV_CODES]
        return [*empty[:5], _rate_row(reading, rate, rate_frames, rate_method)]
    basis = _basis(reading, endo)
    eds, ess = tuple(b.ed for b in beats), tuple(b.es for b in beats)
    both = tuple(frame for beat in beats for frame in (beat.ed, beat.es))
    edv, esv = _mean(beats, lambda b: basis.volumes[b.ed]), _mean(beats, lambda b: basis.volumes[b.es])
    ef = _mean(beats, lambda b: 100 * (basis.volumes[b.ed] - basis.volumes[b.es]) / basis.volumes[b.ed])
    scale = None if reading.calibration else NO_SCALE
    return [
        _row(basis, "EDV", edv / MM3_PER_ML, "ml", eds, len(beats), scale),
        _row(basis, "ESV", esv / MM3_PER_ML, "ml", ess, len(beats), scale),
        _row(basis, "SV", (edv - esv) / MM3_PER_ML, "ml", both, len(beats), scale),
        _row(basis, "EF", ef, "%", both, len(beats), None, None if reading.calibration else SQUARE_PIXELS),
        _row(
            basis,
            "CO",
            (edv - esv) / MM3_PER_ML * (rate or 0) / 1000,
            "l/min",
            both,
            len(beats),
            scale or (None if rate else "needs a heart rate"),
        ),
        _rate_row(reading, rate, rate_frames, rate_method),
    ]


_LV_CODES = (("EDV", "ml"), ("ESV", "ml"), ("SV", "ml"), ("EF", "%"), ("CO", "l/min"))


def _why_not(reading: Reading, endo: ContourTrack | None) -> str | None:
    """Why no LV volume can be had, in words; None where it can."""
    if reading.withheld is not None:
        return reading.withheld
    if endo is None:
        return "the left ventricle is not contoured"
    if reading.events is None or not reading.events.beats:
        return "no ED and ES: no beat was found; mark them on the curve"
    for beat in reading.events.beats:
        for name, frame in (("ED", beat.ed), ("ES", beat.es)):
            contour = endo.contours[frame]
            if contour is None or contour.area_px2 == 0:
                return f"no LV contour at {name} (frame {frame})"
    used = [endo.confidence[frame] for beat in reading.events.beats for frame in (beat.ed, beat.es)]
    if min(used) < LEAST_CONFIDENCE:
        return f"contours at ED or ES are not to be believed (confidence {min(used):.2f}); correct or accept them"
    return None


def _basis(reading: Reading, track: ContourTrack) -> _Basis:
    scale = reading.calibration
    volumes = track_volumes_mm3(track, scale.row_mm, scale.col_mm) if scale else track_volumes_mm3(track)
    edited = Origin.EDITED in track.origins or bool(reading.events and reading.events.origin is Origin.EDITED)
    keys = (f"tracks/{track.structure}", f"tracks/{track.structure}/edited", "events")
    by = tuple(dict.fromkeys(reading.authors[key] for key in keys if key in reading.authors))
    return _Basis(track.structure, volumes, track.confidence, edited, by)


def _mean(beats: tuple[Beat, ...], of: Callable[[Beat], float]) -> float:
    return float(np.mean([of(beat) for beat in beats]))


def _row(
    basis: _Basis,
    code: str,
    value: float,
    unit: str,
    frames: tuple[int, ...],
    beats: int,
    why_not: str | None,
    note: str | None = None,
) -> Measurement:
    method = "single-plane disks" if beats == 1 else f"single-plane disks, mean of {beats} beats"
    if why_not is not None:
        return replace(_withheld(code, unit, why_not), method=method, frames=frames, by=basis.by)
    return Measurement(
        code=code,
        quantity=Quantity(value, unit),
        unit=unit,
        method=method,
        frames=frames,
        structures=(basis.structure,),
        by=basis.by,
        confidence=float(min(basis.confidence[list(frames)])),
        status=Status.EDITED if basis.edited else Status.AUTO,
        note=note,
    )


def _withheld(code: str, unit: str, why: str) -> Measurement:
    return Measurement(code, None, unit, "", (), (), (), None, Status.WITHHELD, why)


def _heart_rate(reading: Reading) -> tuple[float | None, tuple[int, ...], str]:
    beats = reading.events.beats if reading.events else ()
    if len(beats) >= 2:
        times = reading.facts.times_s[[beat.ed for beat in beats]]
        return 60 / float(np.diff(times).mean()), tuple(beat.ed for beat in beats), "ED to ED"
    if reading.facts.heart_rate_per_min:
        return reading.facts.heart_rate_per_min, (), "file header"
    return None, (), ""


def _rate_row(reading: Reading, rate: float | None, frames: tuple[int, ...], method: str) -> Measurement:
    if rate is None:
        return _withheld("HR", "1/min", "needs two marked beats, or a heart rate in the file")
    if frames and reading.facts.times_origin == "assumed":
        return _withheld("HR", "1/min", "frame times are assumed: the file tells no frame rate")
    edited = bool(frames and reading.events and reading.events.origin is Origin.EDITED)
    by = (reading.authors["events"],) if frames and "events" in reading.authors else ()
    status = Status.EDITED if edited else Status.AUTO
    return Measurement("HR", Quantity(rate, "1/min"), "1/min", method, frames, (), by, None, status)


def _atrium(reading: Reading) -> list[Measurement]:
    """LA volume at ES, when the atrium is largest (ASE/EACVI 2015)."""
    track = reading.tracks.get(Structure.LA)
    beats = reading.events.beats if reading.events else ()
    if track is None or reading.withheld is not None or not beats:
        return []
    frames = tuple(beat.es for beat in beats)
    basis = _basis(reading, track)
    why = None if reading.calibration else NO_SCALE
    if any(track.contours[frame] is None for frame in frames):
        return [_withheld("LAV", "ml", "no LA contour at ES")]
    if min(track.confidence[list(frames)]) < LEAST_CONFIDENCE:
        why = "the LA contour at ES is not to be believed; correct or accept it"
    value = _mean(beats, lambda b: basis.volumes[b.es]) / MM3_PER_ML
    return [_row(basis, "LAV", value, "ml", frames, len(beats), why)]


def _decided(row: Measurement, reading: Reading) -> Measurement:
    """`row` as its reader left it: accepted, rejected, or with a value of their own."""
    decision = reading.decisions.get(row.code)
    if decision is None:
        return row
    if not decision.accepted:
        return replace(row, quantity=None, status=Status.WITHHELD, note=f"rejected by {decision.by}")
    if decision.value is not None:
        quantity = Quantity(decision.value, row.unit)
        return replace(
            row, quantity=quantity, status=Status.EDITED, method="entered by hand", by=(decision.by,), confidence=None
        )
    return row if row.quantity is None else replace(row, status=Status.ACCEPTED)


def reading_warnings(reading: Reading) -> tuple[str, ...]:
    """What a reader must know before believing the numbers, one sentence each."""
    out = list(reading.facts.warnings)
    if reading.withheld:
        out.append(f"Nothing is measured here: {reading.withheld}.")
    if reading.calibration is None and reading.facts.calibration_origin:
        out.append(reading.facts.calibration_origin)
    if reading.facts.times_origin == "assumed":
        out.append("The file tells no frame times: the frame rate is assumed, so times and rates are not measured.")
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is not None:
        if reading.view is None and reading.withheld is None:
            out.append("The view is not known: volumes and EF hold only if this is an apical view.")
        missing = sum(contour is None for contour in endo.contours)
        if missing:
            out.append(f"No LV contour on {missing} of {len(endo)} frames.")
        doubtful = int(((endo.confidence < LEAST_CONFIDENCE) & [c is not None for c in endo.contours]).sum())
        if doubtful:
            out.append(f"The LV contour is doubtful on {doubtful} of {len(endo)} frames.")
        atrium = reading.tracks.get(Structure.LA)
        if atrium is not None and sum(contour is None for contour in atrium.contours) > len(atrium) / 2:
            out.append("No left atrium was found on most frames: is this an apical view?")
        if reading.events is None and not reading.withheld:
            out.append("No beat was found in the volume curve: mark ED and ES by hand.")
    return tuple(dict.fromkeys(out))
