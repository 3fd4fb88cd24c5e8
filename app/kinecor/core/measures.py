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

    track: ContourTrack
    volumes: FloatArray
    reading: Reading

    def edited(self, frames: tuple[int, ...]) -> bool:
        """Whether a person drew a contour at one of these frames, or set ED and ES."""
        events = self.reading.events
        drawn = any(self.track.origins[frame] is Origin.EDITED for frame in frames)
        return drawn or (events is not None and events.origin is Origin.EDITED)

    def by(self, frames: tuple[int, ...], unit: str) -> tuple[str, ...]:
        """Who made what a number at these frames rests on, each once: contours, marks, and a scale set by hand."""
        part, origins = f"tracks/{self.track.structure}", {self.track.origins[frame] for frame in frames}
        keys = [part] if origins != {Origin.EDITED} else []
        keys += [f"{part}/edited"] if Origin.EDITED in origins else []
        keys += ["events"] if unit == "%" else ["events", "calibration"]
        authors = self.reading.authors
        return tuple(dict.fromkeys(authors[key] for key in keys if key in authors))


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
    rate = _heart_rate(reading)
    why = _why_not(reading, endo)
    beats = reading.events.beats if reading.events else ()
    if why is not None or endo is None:
        empty = [_withheld(code, unit, why or "not contoured") for code, unit in _LV_CODES]
        return [*empty, rate]
    basis = _basis(reading, endo)
    eds, ess = tuple(b.ed for b in beats), tuple(b.es for b in beats)
    both = tuple(frame for beat in beats for frame in (beat.ed, beat.es))
    edv, esv = _mean(beats, lambda b: basis.volumes[b.ed]), _mean(beats, lambda b: basis.volumes[b.es])
    ef = _mean(beats, lambda b: 100 * (basis.volumes[b.ed] - basis.volumes[b.es]) / basis.volumes[b.ed])
    scale = None if reading.calibration else NO_SCALE
    no_rate = None if rate.quantity else "needs a heart rate"
    output = (edv - esv) / MM3_PER_ML * (rate.quantity.value if rate.quantity else 0) / 1000
    return [
        _row(basis, "EDV", edv / MM3_PER_ML, "ml", eds, len(beats), scale),
        _row(basis, "ESV", esv / MM3_PER_ML, "ml", ess, len(beats), scale),
        _row(basis, "SV", (edv - esv) / MM3_PER_ML, "ml", both, len(beats), scale),
        _row(basis, "EF", ef, "%", both, len(beats), None, None if reading.calibration else SQUARE_PIXELS),
        _row(basis, "CO", output, "l/min", both, len(beats), scale or no_rate),
        rate,
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
    volumes = _basis(reading, endo).volumes
    if any(volumes[beat.es] >= volumes[beat.ed] for beat in reading.events.beats):
        return "the cavity at ES is not smaller than at ED: move the marks"
    used = [endo.confidence[frame] for beat in reading.events.beats for frame in (beat.ed, beat.es)]
    if min(used) < LEAST_CONFIDENCE:
        return f"contours at ED or ES are not to be believed (confidence {min(used):.2f}); correct or accept them"
    return None


def _basis(reading: Reading, track: ContourTrack) -> _Basis:
    scale = reading.calibration
    volumes = track_volumes_mm3(track, scale.row_mm, scale.col_mm) if scale else track_volumes_mm3(track)
    return _Basis(track, volumes, reading)


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
    by = basis.by(frames, unit)
    if why_not is not None:
        return replace(_withheld(code, unit, why_not), method=method, frames=frames, by=by)
    scale = basis.reading.calibration
    if note is None and scale is not None and "calibration" in basis.reading.authors and unit != "%":
        note = f"scale: {scale.origin}"
    return Measurement(
        code=code,
        quantity=Quantity(value, unit),
        unit=unit,
        method=method,
        frames=frames,
        structures=(basis.track.structure,),
        by=by,
        confidence=float(min(basis.track.confidence[list(frames)])),
        status=Status.EDITED if basis.edited(frames) else Status.AUTO,
        note=note,
    )


def _withheld(code: str, unit: str, why: str) -> Measurement:
    return Measurement(code, None, unit, "", (), (), (), None, Status.WITHHELD, why)


def _heart_rate(reading: Reading) -> Measurement:
    """From ED to ED where two beats are marked, else as the file's header has it."""
    events = reading.events
    if events is not None and len(events.beats) >= 2:
        if reading.facts.times_origin == "assumed":
            return _withheld("HR", "1/min", "frame times are assumed: the file tells no frame rate")
        frames = tuple(beat.ed for beat in events.beats)
        rate = 60 / float(np.diff(reading.facts.times_s[list(frames)]).mean())
        by = (reading.authors["events"],) if "events" in reading.authors else ()
        status = Status.EDITED if events.origin is Origin.EDITED else Status.AUTO
        return Measurement("HR", Quantity(rate, "1/min"), "1/min", "ED to ED", frames, (), by, None, status)
    header = reading.facts.heart_rate_per_min
    if header:
        return Measurement("HR", Quantity(header, "1/min"), "1/min", "file header", (), (), (), None, Status.AUTO)
    return _withheld("HR", "1/min", "needs two marked beats, or a heart rate in the file")


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
