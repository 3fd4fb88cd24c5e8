"""The table of numbers, derived from a Reading; every number says what it rests on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.table.measurement import Measurement, Quantity, Status
from kinecor.core.table.overrides import decided
from kinecor.core.table.short_axis_strain import loop_strain_rows
from kinecor.core.table.stack_measures import stack_rows
from kinecor.core.table.strain_rows import strain_rows
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.events import Beat
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.disks import disks_volume
from kinecor.core.volumes.stack_volumes import MM3_PER_ML

# Beats whose intervals differ by more than this share of their median are called irregular.
IRREGULAR = 0.3
# A heart rate of the header that differs by more than this share is told beside the measured one.
CONTRADICTS = 0.2
# A contour may leave the region its scale belongs to by so much: a wall at the sector's edge.
REGION_MARGIN_PX = 2.0

NO_SCALE = "no scale: without millimetres per pixel there are no millilitres"
NOT_APICAL = "no left atrium was found, so this may not be an apical view: name the view if it is"
SQUARE_PIXELS = "a ratio: needs no scale, only square pixels"


@dataclass(frozen=True, slots=True)
class _Basis:
    """What the volumes of one structure rest on."""

    track: ContourTrack
    reading: Reading

    def volume_mm3(self, frame: int) -> float:
        """Single-plane disks at a frame that has a contour; without a scale, in cubes of a pixel's width."""
        contour, scale = self.track.contours[frame], self.reading.calibration
        if contour is None:
            raise ValueError(f"{self.track.structure}: no contour at frame {frame}")
        return disks_volume(contour, *((scale.row_mm, scale.col_mm) if scale else (self.reading.aspect, 1.0)))

    def edited(self, frames: tuple[int, ...]) -> bool:
        """Whether a person drew or moved a contour at one of these frames, or set ED and ES."""
        events = self.reading.events
        moved = Origin.TRACKED in self._origins(frames) and self._editor in self.reading.authors
        drawn = moved or Origin.EDITED in self._origins(frames)
        return drawn or (events is not None and events.origin is Origin.EDITED)

    @property
    def _editor(self) -> str:
        return f"tracks/{self.track.structure}/edited"

    def _origins(self, frames: tuple[int, ...]) -> set[Origin]:
        return {self.track.origins[frame] for frame in frames}

    def by(self, frames: tuple[int, ...], unit: str) -> tuple[str, ...]:
        """Who made what a number at these frames rests on, each once: contours, marks, and a scale set by hand."""
        part, origins = f"tracks/{self.track.structure}", self._origins(frames)
        keys = [part] if origins != {Origin.EDITED} else []
        # A contour that a person's pull carried along is the work of both.
        keys += [self._editor] if origins & {Origin.EDITED, Origin.TRACKED} else []
        keys += ["events"] if unit == "%" else ["events", "calibration"]
        authors = self.reading.authors
        return tuple(dict.fromkeys(authors[key] for key in keys if key in authors))


def measurements(reading: Reading) -> tuple[Measurement, ...]:
    """EDV, ESV, SV, EF, CO, HR, LAV and strain in this order; empty where nothing was contoured.

    Volumes are single-plane disks (ASE/EACVI 2015); with several beats, the mean over beats. For a short-axis stack,
    see `stack_rows`; for a single short-axis loop, `loop_strain_rows`.
    """
    kind = reading.kind
    if kind.volumes == "stack":
        return decided(stack_rows(reading), reading)
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None and reading.withheld is None:
        return ()
    if kind.volumes == "area" and reading.tracks:
        return decided([*loop_strain_rows(reading), _heart_rate(reading)], reading)
    rows = _ventricle(reading, endo) + _atrium(reading) + strain_rows(reading)
    return decided(rows, reading)


def _ventricle(reading: Reading, endo: ContourTrack | None) -> list[Measurement]:
    rate = _heart_rate(reading)
    why = _why_not(reading, endo)
    beats = reading.events.beats if reading.events else ()
    if why is not None or endo is None:
        if rate.frames and reading.events is not None and reading.events.origin is Origin.MODEL:
            rate = _withheld("HR", "1/min", "its beats were found on contours that are not measured")
        empty = [_withheld(code, unit, why or "not contoured") for code, unit in _LV_CODES]
        return [*empty, rate]
    basis = _Basis(endo, reading)
    eds, ess = tuple(b.ed for b in beats), tuple(b.es for b in beats)
    both = tuple(frame for beat in beats for frame in (beat.ed, beat.es))
    edv, esv = _mean(beats, lambda b: basis.volume_mm3(b.ed)), _mean(beats, lambda b: basis.volume_mm3(b.es))
    scale = _why_no_ml(reading, endo, both)
    square = None if reading.calibration else SQUARE_PIXELS
    no_rate = None if rate.quantity else "needs a heart rate"
    output = (edv - esv) / MM3_PER_ML * (rate.quantity.value if rate.quantity else 0) / 1000
    return [
        _row(basis, "EDV", edv / MM3_PER_ML, "ml", eds, len(beats), scale),
        _row(basis, "ESV", esv / MM3_PER_ML, "ml", ess, len(beats), scale),
        _row(basis, "SV", (edv - esv) / MM3_PER_ML, "ml", both, len(beats), scale),
        _row(basis, "EF", 100 * (edv - esv) / edv, "%", both, len(beats), None, square),
        _row(basis, "CO", output, "l/min", both, len(beats), scale or no_rate, rate.note),
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
    volume_mm3 = _Basis(endo, reading).volume_mm3
    if any(volume_mm3(beat.es) >= volume_mm3(beat.ed) for beat in reading.events.beats):
        return "the cavity at ES is not smaller than at ED: move the marks"
    # A model that names the view can err as the one that contours does: only somebody's word makes up for an atrium.
    if not (reading.view_known and reading.view_confirmed) and atrium_missing(reading):
        return NOT_APICAL
    used = [endo.confidence[frame] for beat in reading.events.beats for frame in (beat.ed, beat.es)]
    if min(used) < LOOP_CONTOURS.withheld:
        return f"contours at ED or ES are not to be believed (confidence {min(used):.2f}): correct them"
    return None


def _why_no_ml(reading: Reading, track: ContourTrack, frames: tuple[int, ...]) -> str | None:
    """Why there are no millilitres of the contours at `frames`, in words; None where there are."""
    if reading.calibration is None:
        return NO_SCALE
    region = reading.facts.region
    if region is None or "calibration" in reading.authors:  # a person's scale is of the whole picture
        return None
    low = np.array((region.x0, region.y0)) - REGION_MARGIN_PX
    high = np.array((region.x1, region.y1)) - 1 + REGION_MARGIN_PX
    for frame in frames:
        contour = track.contours[frame]
        if contour is not None and ((contour.points < low) | (contour.points > high)).any():
            return f"the contour at frame {frame} leaves the part of the picture that the scale belongs to"
    return None


def atrium_missing(reading: Reading) -> bool:
    """Whether an atrium was looked for and not found, or not with confidence, on most frames."""
    atrium = reading.tracks.get(Structure.LA)
    return atrium is not None and bool((atrium.confidence < LOOP_CONTOURS.withheld).sum() > len(atrium) / 2)


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
    events, header = reading.events, reading.facts.heart_rate_per_min
    if events is not None and len(events.beats) >= 2:
        if reading.facts.times_origin == "assumed":
            return _withheld("HR", "1/min", "frame times are assumed: the file tells no frame rate")
        frames = tuple(beat.ed for beat in events.beats)
        gaps_s = np.diff(reading.facts.times_s[list(frames)])
        rate = 60 / float(gaps_s.mean())
        by = (reading.authors["events"],) if "events" in reading.authors else ()
        status = Status.EDITED if events.origin is Origin.EDITED else Status.AUTO
        note = _rate_doubt(gaps_s, rate, header)
        return Measurement("HR", Quantity(rate, "1/min"), "1/min", "ED to ED", frames, (), by, None, status, note)
    if header:
        return Measurement("HR", Quantity(header, "1/min"), "1/min", "file header", (), (), (), None, Status.AUTO)
    return _withheld("HR", "1/min", "needs two marked beats, or a heart rate in the file")


def _rate_doubt(gaps_s: FloatArray, rate: float, header: float | None) -> str | None:
    """What speaks against a heart rate from ED to ED, in words."""
    if (abs(gaps_s / np.median(gaps_s) - 1) > IRREGULAR).any():
        return f"beats {gaps_s.min():.2f} to {gaps_s.max():.2f} s apart: irregular, or one was not found"
    if header and abs(rate / header - 1) > CONTRADICTS:
        return f"the file's header says {header:.0f}"
    return None


def _atrium(reading: Reading) -> list[Measurement]:
    """LA volume at ES, when the atrium is largest (ASE/EACVI 2015)."""
    track = reading.tracks.get(Structure.LA)
    beats = reading.events.beats if reading.events else ()
    if track is None or reading.withheld is not None or not beats:
        return []
    frames = tuple(beat.es for beat in beats)
    basis = _Basis(track, reading)
    why = _why_no_ml(reading, track, frames)
    if any(track.contours[frame] is None for frame in frames):
        return [_withheld("LAV", "ml", "no LA contour at ES")]
    if min(track.confidence[list(frames)]) < LOOP_CONTOURS.withheld:
        why = "the LA contour at ES is not to be believed: correct it"
    value = _mean(beats, lambda b: basis.volume_mm3(b.es)) / MM3_PER_ML
    return [_row(basis, "LAV", value, "ml", frames, len(beats), why)]
