"""Rows of the table that tell of longitudinal strain."""

import numpy as np

from kinecor.core.cycle.valve_closure import closure_by_beat
from kinecor.core.strain.beat_strain import cut_short
from kinecor.core.strain.codes import EXPLORATORY, NOT_ROUTINE
from kinecor.core.strain.strain import mechanical_dispersion_ms
from kinecor.core.strain.wall_strain import WallStrain, wall_strain, why_no_strain
from kinecor.core.table.measurement import Measurement, Quantity, Status
from kinecor.core.values.author import short_author
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure

ASSUMED_TIMES = "frame times are assumed: the file tells no frame rate"
BEGUN_LATE = "the loop begins in systole: the beat's ED was not recorded before it"
ENDED_EARLY = "the loop ends too soon after ES"
_LAYERS = {0.0: "endocardium", 0.5: "mid-wall", 1.0: "epicardium"}
_STRUCTURES = (Structure.LV_ENDO, Structure.LV_EPI)


def strain_rows(reading: Reading) -> list[Measurement]:
    """GLS and what goes with it; GLS alone, withheld with the reason, where it is not to be believed."""
    if reading.withheld is not None or Structure.LV_EPI not in reading.tracks:
        return []  # nothing is measured, or nobody asked for the wall
    found = wall_strain(reading)
    if found is None:
        return [_withheld("GLS", "%", why_no_strain(reading) or "no strain")]
    if found.why is not None:
        return [_withheld("GLS", "%", found.why, method_of(reading, found))]
    whole = found.whole
    rows = [
        _row(reading, found, "GLS", whole.end_systolic, "%"),
        _row(reading, found, "GLSPS", whole.peak_systolic, "%"),
        _row(reading, found, "PSI", whole.post_systolic_index, "%", "whole wall")
        if np.isfinite(whole.post_systolic_index)
        else _withheld("PSI", "%", ENDED_EARLY),
    ]
    rows += _timed(reading, found)
    return rows + [_segment(reading, found, one) for one in range(len(found.names)) if found.regional]


def method_of(reading: Reading, found: WallStrain) -> str:
    """How strain was measured, as a reader is told: layer, what it was followed by, ES, drift, beats."""
    depth = reading.strain.depth
    parts = [_LAYERS.get(depth, f"{depth:.0%} into the wall"), found.method, end_systole_of(reading), _drift(found)]
    if len(found.beats) > 1:
        parts.append(f"mean of {len(found.beats)} beats")
    if found.excluded:
        parts.append("without " + ", ".join(found.names[one].lower() for one in found.excluded))
    return "; ".join(parts)


def end_systole_of(reading: Reading) -> str:
    """Where end-systole comes from; strain at end-systole means little without it."""
    beats, closed = reading.events.beats if reading.events else (), closure_by_beat(reading)
    if closed:
        by = reading.authors.get("valve_closures")
        marked = "ES at aortic valve closure, marked" + (f" by {short_author(by)}" if by else "")
        few = "" if len(closed) == len(beats) else f" in {len(closed)} of {len(beats)} beats, else {_unmarked(reading)}"
        return marked + few
    return _unmarked(reading)


def _unmarked(reading: Reading) -> str:
    if reading.events is not None and reading.events.origin is Origin.EDITED:
        return "ES as marked"
    return "ES as regressed" if "phase" in reading.authors.get("events", "") else "ES at the smallest volume"


def _drift(found: WallStrain) -> str:
    drift = found.global_drift_percent
    if drift is None:
        return "drift unknown (no next ED)"
    return f"drift {drift:+.1f} % " + ("taken off" if found.compensated else "left in")


def _timed(reading: Reading, found: WallStrain) -> list[Measurement]:
    """Times and rates; they need frame times that the file tells."""
    units = {"TTP": "ms", "MD": "ms", "GLSRS": "1/s", "GLSRE": "1/s"}
    if reading.facts.times_origin == "assumed":
        return [_withheld(code, unit, ASSUMED_TIMES) for code, unit in units.items()]
    rates, systolic, early = found.global_rate_per_s, [], []
    for beat, last in zip(found.beats, found.last_frames, strict=True):
        if beat.ed < beat.es:
            systolic.append(float(rates[beat.ed : beat.es + 1].min()))
        if cut_short(beat, last, found.time_s):
            continue
        # The early filling wave lies in the first half of diastole, atrial contraction in the second.
        end = last if beat.ed < beat.es else beat.ed
        early.append(float(rates[beat.es : beat.es + max(2, (end - beat.es) // 2) + 1].max()))
    peaks = [
        one.time_to_peak_s
        for number, one in enumerate(found.segments)
        if one is not None and number not in found.excluded
    ]
    early_row = (
        _row(reading, found, "GLSRE", float(np.mean(early)), "1/s", "whole wall")
        if early
        else _withheld("GLSRE", "1/s", ENDED_EARLY)
    )
    if not systolic:
        return [*(_withheld(code, units[code], BEGUN_LATE) for code in ("TTP", "MD", "GLSRS")), early_row]
    systolic_row = _row(reading, found, "GLSRS", float(np.mean(systolic)), "1/s", "whole wall")
    if not early:
        return [*(_withheld(code, units[code], ENDED_EARLY) for code in ("TTP", "MD")), systolic_row, early_row]
    rows = [_row(reading, found, "TTP", 1000 * found.whole.time_to_peak_s, "ms", "whole wall")]
    if len(peaks) > 1:
        spread = mechanical_dispersion_ms(np.array(peaks))
        rows.append(_row(reading, found, "MD", spread, "ms", f"SD of {len(peaks)} segments' times to peak"))
    return [*rows, systolic_row, early_row]


def _segment(reading: Reading, found: WallStrain, number: int) -> Measurement:
    code, name, summary = f"LS{number + 1}", found.names[number], found.segments[number]
    if number in found.excluded:
        return _withheld(code, "%", "left out by the reader", name)
    if summary is None:
        return _withheld(code, "%", f"could not be followed well (quality {found.quality[number]:.2f})", name)
    return _row(reading, found, code, summary.end_systolic, "%", name, float(found.quality[number]))


def _row(
    reading: Reading,
    found: WallStrain,
    code: str,
    value: float,
    unit: str,
    method: str | None = None,
    confidence: float | None = None,
) -> Measurement:
    frames = tuple(frame for beat in found.beats for frame in (beat.ed, beat.es))
    if confidence is None:
        sure = [reading.tracks[one].confidence[list(frames)].min() for one in _STRUCTURES]
        counted = [q for number, q in enumerate(found.quality) if number not in found.excluded]
        confidence = float(min([*sure, np.mean(counted)] if found.regional else sure))
    return Measurement(
        code=code,
        quantity=Quantity(value, unit),
        unit=unit,
        method=method_of(reading, found) if method is None else method,
        frames=frames,
        structures=_STRUCTURES,
        by=_by(reading),
        confidence=confidence,
        status=Status.EDITED if _touched(reading) else Status.AUTO,
        note=NOT_ROUTINE if code in EXPLORATORY else None,
    )


def _by(reading: Reading) -> tuple[str, ...]:
    """Who made what strain rests on, each once."""
    keys = [f"tracks/{one}{part}" for one in _STRUCTURES for part in ("", "/edited")] + ["events", "strain"]
    keys += ["valve_closures"] if closure_by_beat(reading) else []
    makers = [reading.authors[key] for key in keys if key in reading.authors]
    if reading.motion is not None and reading.motion.by:
        makers.append(reading.motion.by)
    return tuple(dict.fromkeys(makers))


def _touched(reading: Reading) -> bool:
    """Whether a person had a hand in it."""
    marked = reading.events is not None and reading.events.origin is Origin.EDITED
    marked = marked or bool(closure_by_beat(reading))
    return (
        marked or "strain" in reading.authors or any(f"tracks/{one}/edited" in reading.authors for one in _STRUCTURES)
    )


def _withheld(code: str, unit: str, why: str, method: str = "") -> Measurement:
    return Measurement(code, None, unit, method, (), (), (), None, Status.WITHHELD, why)
