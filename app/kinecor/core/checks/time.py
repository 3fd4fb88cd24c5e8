"""Checks of time: the header's rate against the pictures, systole against the beat, too few frames a second."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.findings import RATES, STRAIN, Finding, Remedy, Severity, affected
from kinecor.core.checks.thresholds import threshold
from kinecor.core.cycle.next_ed import SYSTOLE_SHARE
from kinecor.core.table.measures import SHORT_AXIS_CODES, cardiac_output_l_per_min
from kinecor.core.table.table import measurements
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import cycle_length_s
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_cycle import SeenBeats, beat_lengths_s, seen_beats, to_end_systole

_RATE = affected("HR")
_EVENTS = affected("EDV", "ESV") | STRAIN | SHORT_AXIS_CODES
# Electromechanical systole (Q wave to aortic closure) in ms at a heart rate, men and women (Weissler 1968).
_SYSTOLE_MS = ((546.0, 2.1), (549.0, 2.0))
_AT_REST = (50.0, 110.0)
# Beats this irregular have no one rate to hold against the header's.
_IRREGULAR = 0.15
_AGREE = 0.15


def _contradicted_rate(reading: Reading) -> Iterator[Finding]:
    """The rate of the header, or as entered, against the one in the pictures; of a stack, against its phases."""
    facts, entered = reading.facts, _entered_rate(reading)
    stated = entered or facts.heart_rate_per_min or _waves_rate(reading)
    if stated is None or facts.times_origin == "assumed" or reading.withheld or to_end_systole(reading):
        return
    found = _seen_rate(reading)
    if found is None:
        return
    seen, words, whole_beats, irregular = found
    apart = max(stated / seen, seen / stated) - 1
    severity = threshold("time.rate" if whole_beats > 1 else "time.rate-of-one-beat").severity(apart)
    if severity is None:
        return
    if irregular > _IRREGULAR and threshold("time.rate-irregular").severity(apart) is None:
        severity = Severity.INFO
    says = "was entered as" if entered else "is by the file"
    output = _output_words(reading)
    by_file = () if entered else (_use(stated, "the header", output),)
    yield Finding(
        "time.rate-contradicts",
        severity,
        f"The heart rate {says} {stated:.0f}/min, but {words} {seen:.0f}/min: rates, times and cardiac output depend "
        "on which of the two is right.",
        seen_beats(reading).eds,
        measurements=RATES - _RATE if entered else RATES,
        resolve="enter the heart rate that is right",
        remedies=(_use(seen, "the phases" if reading.kind.gated else "the images", output), *by_file),
    )


def _entered_rate(reading: Reading) -> float | None:
    own = reading.decisions.get("HR")
    return own.value if own is not None and own.accepted else None


def _waves_rate(reading: Reading) -> float | None:
    waves = reading.facts.r_wave_s
    return 60 / float(np.mean(np.diff(waves))) if len(waves) > 1 else None


def _seen_rate(reading: Reading) -> tuple[float, str, int, float] | None:
    """Rate by the pictures, in what words, of how many beats, and how irregular they are; None where none is seen."""
    facts = reading.facts
    if reading.kind.gated:
        # Prospective gating leaves a gap at the end of the cycle, so that the beat may well be longer than its phases.
        if facts.frames < 2 or cycle_length_s(facts.times_s, facts.heart_rate_per_min) > facts.times_s[-1] * 1.2:
            return None
        step_s = float(np.median(np.diff(facts.times_s)))
        return 60 / (float(facts.times_s[-1]) + step_s), "the phases span a beat at", 2, 0.0
    seen = seen_beats(reading)
    rate = seen.rate_per_min
    if rate is not None:
        beats = max(len(seen.lengths_s), len(reading.events.beats) if reading.events else 0)
        if seen.images_s is not None and abs(60 / seen.images_s / rate - 1) <= _AGREE:
            beats += 1
        return rate, _words(seen), beats, seen.irregular
    # With no whole beat in the pictures, the header may still contradict itself.
    waves, stated = _waves_rate(reading), facts.heart_rate_per_min
    return (waves, "its R waves give", 1, 0.0) if waves is not None and stated is not None else None


def _words(seen: SeenBeats) -> str:
    if not seen.lengths_s:
        return "the images repeat themselves at"
    return "the ventricle fills and empties in the pictures at"


def _use(rate: float, source: str, stroke_ml: float | None) -> Remedy:
    effect = "" if stroke_ml is None else f"CO {cardiac_output_l_per_min(stroke_ml, rate):.1f} l/min"
    return Remedy("enter-value", f"Use {rate:.0f}/min, from {source}", {"code": "HR", "value": round(rate, 1)}, effect)


def _output_words(reading: Reading) -> float | None:
    """Stroke volume in ml before checks, or None."""
    return next((one.quantity.value for one in measurements(reading) if one.code == "SV" and one.quantity), None)


def _implausible_rate(reading: Reading) -> Iterator[Finding]:
    if reading.withheld or _entered_rate(reading) is not None or reading.facts.times_origin == "assumed":
        return
    seen = None if reading.kind.gated or to_end_systole(reading) else seen_beats(reading).rate_per_min
    rate = reading.facts.heart_rate_per_min if seen is None else seen
    if rate is None:
        return
    severity = threshold("time.slow-rate").severity(rate) or threshold("time.fast-rate").severity(rate)
    if severity is not None:
        yield Finding(
            "time.implausible-rate",
            severity,
            f"By the {'file' if seen is None else 'pictures'} the heart beats {rate:.0f} times a minute: are the frame "
            "times right?",
            seen_beats(reading).eds,
            measurements=RATES,
            resolve="enter the heart rate",
        )


def _systole(reading: Reading) -> Iterator[Finding]:
    """Systole against the beat, and at rest against the length that systole has at that rate."""
    beats = reading.events.beats if reading.events else ()
    if not beats or reading.withheld or reading.facts.times_origin == "assumed" or to_end_systole(reading):
        return
    if not reading.kind.stack and Structure.LV_ENDO not in reading.tracks:
        return
    times_s, header = reading.facts.times_s, reading.facts.heart_rate_per_min
    lengths = (cycle_length_s(times_s, header),) if reading.kind.gated else beat_lengths_s(reading)
    regular = reading.kind.gated or seen_beats(reading).irregular <= _IRREGULAR
    for number, (beat, length_s) in enumerate(zip(beats, lengths, strict=False)):
        if beat.es < beat.ed and not reading.kind.gated:
            continue
        seen_s = length_s if length_s is not None else 60 / header if header else None
        systole_s = float(times_s[beat.es] - times_s[beat.ed])
        if reading.kind.gated and seen_s:
            systole_s %= seen_s
        found = _unlikely(systole_s, seen_s, by_header=length_s is None, regular=regular)
        if found is None:
            continue
        severity, words = found
        yield Finding(
            "time.systole",
            severity,
            f"Systole of beat {number + 1} lasts {1000 * systole_s:.0f} ms, {words}: check ED and ES.",
            (beat.ed, beat.es),
            measurements=_EVENTS | RATES,
            resolve="move ED or ES, or leave the beat out",
            subject=str(number),
            remedies=(Remedy("exclude-beat", f"Leave beat {number + 1} out", {"beat": number}),) if beats[1:] else (),
        )


def _unlikely(systole_s: float, beat_s: float | None, *, by_header: bool, regular: bool) -> tuple[Severity, str] | None:
    """How serious a length of systole is, and in words what is unlikely about it; None where nothing is.

    In an irregular rhythm systole does not follow the length of its own beat.
    """
    short = threshold("time.short-systole").severity(systole_s)
    if short is not None:
        return short, "too short for a heart to eject"
    if beat_s is None:
        return None
    share, (low, high) = systole_s / beat_s, SYSTOLE_SHARE
    of = "the beat by the header" if by_header else "its beat"
    if not low <= share <= high:
        return Severity.CHECK, f"{100 * share:.0f} % of {of}"
    rate = 60 / beat_s
    if regular and _AT_REST[0] <= rate <= _AT_REST[1]:
        off = min((1000 * systole_s - (at_0 - slope * rate) for at_0, slope in _SYSTOLE_MS), key=abs)
        severity = threshold("time.systole").severity(abs(off))
        if severity is not None:
            longer = "longer" if off > 0 else "shorter"
            return severity, f"{abs(off):.0f} ms {longer} than systole lasts at {rate:.0f}/min"
    return None


def _frame_rate(reading: Reading) -> Iterator[Finding]:
    facts = reading.facts
    strained = Structure.LV_EPI in reading.tracks and reading.motion is not None
    if reading.kind.stack or not strained or reading.withheld or facts.frames < 2 or facts.times_origin == "assumed":
        return
    if reading.kind.gated:
        severity, words = threshold("time.phases").severity(facts.frames), f"{facts.frames} phases a cycle"
    else:
        per_s = 1 / float(np.median(np.diff(facts.times_s)))
        severity, words = threshold("time.frame-rate").severity(per_s), f"{per_s:.0f} frames a second"
    if severity is not None:
        yield Finding(
            "time.frame-rate",
            severity,
            f"{words[0].upper()}{words[1:]} are few to follow the wall: strain may be underestimated.",
            measurements=STRAIN | SHORT_AXIS_CODES,
            resolve="choose a clip with more frames",
        )


CHECKS: Final = (_contradicted_rate, _implausible_rate, _systole, _frame_rate)
