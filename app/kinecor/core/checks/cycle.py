"""Checks of time and cycle: rate, systole, frames a second; beats, ED and ES, jumps of the volume, valve closure."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.findings import (
    OF_BOTH_VOLUMES,
    RATES,
    STRAIN,
    Finding,
    Remedy,
    Severity,
    codes_affected,
    frames_words,
    numbers_from_1,
    threshold,
)
from kinecor.core.cycle.cycle import NEAR_S, SYSTOLE_SHARE, closure_warnings, end_warnings, smooth_curve, spikes
from kinecor.core.cycle.filters import median_of_three
from kinecor.core.table.measures import SHORT_AXIS_CODES, cardiac_output_l_per_min
from kinecor.core.table.table import value_of
from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import NOTHING, Message, in_context, message, verbatim
from kinecor.core.values.reading import Reading, has_contour
from kinecor.core.values.recording import cycle_length_s
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import (
    SeenBeats,
    all_seen_beats,
    beat_lengths_s,
    cavity,
    closing_ed,
    curves,
    falling_at_the_end,
    seen_beats,
    to_end_systole,
)
from kinecor.core.volumes.stack_volumes import stack_curves

_RATE = codes_affected("HR")
_EVENTS = codes_affected("EDV", "ESV") | STRAIN | SHORT_AXIS_CODES
# Electromechanical systole (Q wave to aortic closure) in ms at a heart rate, men and women (Weissler 1968).
_SYSTOLE_MS = ((546.0, 2.1), (549.0, 2.0))
# Of a gated cycle, from the phase with the largest cavity to that with the smallest, systole is as much shorter: in 20
# sound simulated stacks of even seeds by 58 ms in the mean (SD 42), in SCD0000201 by 50.
_GATED_MS = -50.0
_AT_REST = (50.0, 110.0)
# Of slower beats only a systole that is too long says something: frame times that are too long make both slow.
_SLOWEST = 25.0
_OF_ES = codes_affected("ESV", "LAV") | STRAIN | SHORT_AXIS_CODES
# Half of what cycle.ed-off allows, over half of the longest error of marks that systole finds.
_AS_LARGE, _AROUND_ED_S = 0.035, 0.15
IRREGULAR: Final = 0.15
"""Beats this irregular, as a share of their length, have no one rate to hold against the header's."""
_AGREE = 0.15


TIME_RATE_CONTRADICTS: Final = Check(
    "time.rate-contradicts",
    in_context("time", "rate contradicts"),
    limits=("time.no-second-systole", "time.rate-of-one-beat", "time.rate", "time.rate-irregular"),
    resolve=message("enter the heart rate that is right"),
)


@finds(TIME_RATE_CONTRADICTS)
def _contradicted_rate(reading: Reading) -> Iterator[Finding]:
    """The rate of the header, or as entered, against the one in the images; of a stack, against its phases."""
    facts, entered = reading.facts, _entered_rate(reading)
    stated = entered or facts.heart_rate_per_min or _waves_rate(reading)
    if stated is None or facts.times_origin == "assumed" or reading.withheld or to_end_systole(reading):
        return
    found = _seen_rate(reading)
    if found is None:
        return
    seen, seen_words, whole_beats, irregular = found
    apart = max(stated / seen, seen / stated) - 1
    severity = threshold("time.rate" if whole_beats > 1 else "time.rate-of-one-beat").severity(apart)
    if severity is None:
        return
    if irregular > IRREGULAR and threshold("time.rate-irregular").severity(apart) is None:
        severity = Severity.INFO
    typed = reading.facts.entered_by("heart_rate_per_min")
    stroke_ml = value_of(reading, "SV")
    by_patient = message("Use {rate:.0f}/min, from the patient's data", rate=stated)
    by_file = () if entered else (_use(stated, by_patient if typed else _from_the_header(stated), stroke_ml),)
    by_images = (
        message("Use {rate:.0f}/min, from the phases", rate=seen)
        if reading.kind.gated
        else message("Use {rate:.0f}/min, from the images", rate=seen)
    )
    yield TIME_RATE_CONTRADICTS.finding(
        severity,
        message(
            "{stated_rate}, but {seen_rate}: cardiac output, rates and times depend on which is right.",
            stated_rate=_stated_words(stated, entered=bool(entered or typed)),
            seen_rate=seen_words,
        ),
        all_seen_beats(reading).eds,
        measurements=RATES if entered is None else RATES - _entered_rightly(reading, entered),
        remedies=(_use(seen, by_images, stroke_ml), *by_file),
    )


def _stated_words(rate: float, *, entered: bool) -> Message:
    if entered:
        return message("The heart rate entered is {rate:.0f}/min", rate=rate)
    return message("The file states a heart rate of {rate:.0f}/min", rate=rate)


@finds(TIME_RATE_CONTRADICTS)
def _entered_against_the_file(reading: Reading) -> Iterator[Finding]:
    """A rate that a reader entered against the file's, where the images show none to decide by."""
    entered = _entered_rate(reading)
    stated = reading.facts.heart_rate_per_min or _waves_rate(reading)
    if entered is None or stated is None or reading.withheld or _seen_rate(reading) is not None:
        return
    apart = max(stated / entered, entered / stated) - 1
    # One of the two is what the single systole contradicts: that says more, or is why the other was entered.
    by_file = reading.with_(decisions={code: decision for code, decision in reading.decisions.items() if code != "HR"})
    systole_says = any(True for single_reading in (reading, by_file) for _ in _no_second_systole(single_reading))
    if not systole_says and threshold("time.rate-of-one-beat").severity(apart) is not None:
        yield TIME_RATE_CONTRADICTS.finding(
            Severity.CHECK,
            message(
                "The heart rate entered is {entered:.0f}/min, but the file states {stated:.0f}/min: "
                "cardiac output, rates and times depend on which is right.",
                entered=entered,
                stated=stated,
            ),
            measurements=_RATE - {"HR"},
            remedies=(_use(stated, _from_the_header(stated), value_of(reading, "SV")),),
        )


@finds(TIME_RATE_CONTRADICTS)
def _no_second_systole(reading: Reading) -> Iterator[Finding]:
    """A loop with one systole that lasts longer than beats at the stated rate do: no period is seen, but no beat again.

    Where a period is seen, that is held against the rate.
    """
    facts, beats = reading.facts, reading.events.beats if reading.events else ()
    stated = _entered_rate(reading) or facts.heart_rate_per_min or _waves_rate(reading)
    if stated is None or facts.times_origin == "assumed" or reading.withheld or reading.kind.gated or len(beats) != 1:
        return
    if _seen_rate(reading) is not None and all_seen_beats(reading).rate_per_min is not None:
        return
    (beat,) = beats
    curve = smooth_curve(cavity(reading), facts.times_s) if Structure.LV_ENDO in reading.tracks else np.zeros(0)
    if beat.es < beat.ed or not len(curve) or not np.isfinite(curve[beat.ed :]).all():
        return
    after = curve[beat.es :]
    falls = float((np.maximum.accumulate(after) - after).max())
    if falls > _CONTRACTS * float(curve[beat.ed] - curve[beat.es]):
        return
    shown_s = float(facts.times_s[-1] - facts.times_s[beat.ed])
    severity = threshold("time.no-second-systole").severity(shown_s * stated / 60)
    if severity is None:
        return
    by_file = not _entered_rate(reading) and not facts.entered_by("heart_rate_per_min")
    yield TIME_RATE_CONTRADICTS.finding(
        severity,
        message(
            "{stated_rate}, but the ventricle does not contract again within {seconds:.1f} s of ED: cardiac output, "
            "rates and times depend on which is right.",
            stated_rate=_stated_words(stated, entered=not by_file),
            seconds=shown_s,
        ),
        (beat.ed, beat.es),
        measurements=RATES - _RATE if _entered_rate(reading) else RATES,
    )


# A second systole is seen once the cavity falls again by this share of the stroke volume.
_CONTRACTS = 0.3


def _entered_rightly(reading: Reading, rate: float) -> frozenset[str]:
    """What rests on a rate that a reader entered against the images: right where the file has it, too."""
    stated = [rate for rate in (reading.facts.heart_rate_per_min, _waves_rate(reading)) if rate is not None]
    return _RATE if any(abs(rate / stated_rate - 1) <= _AGREE for stated_rate in stated) else frozenset({"HR"})


def _entered_rate(reading: Reading) -> float | None:
    own = reading.decisions.get("HR")
    return own.value if own is not None and own.accepted else None


def _waves_rate(reading: Reading) -> float | None:
    waves = reading.facts.known_waves_s
    return 60 / float(np.mean(np.diff(waves))) if len(waves) > 1 else None


def _seen_rate(reading: Reading) -> tuple[float, Message, int, float] | None:
    """Rate by the images, in what words, of how many beats, and how irregular they are; None where none is seen."""
    facts = reading.facts
    if reading.kind.gated:
        # Prospective gating leaves a gap at the end of the cycle, so that the beat may well be longer than its phases.
        if facts.frames < 2 or cycle_length_s(facts.times_s, facts.heart_rate_per_min) > facts.times_s[-1] * 1.2:
            return None
        step_s = float(np.median(np.diff(facts.times_s)))
        phases = 60 / (float(facts.times_s[-1]) + step_s)
        return phases, message("the phases span a beat at {rate:.0f}/min", rate=phases), 2, 0.0
    seen = all_seen_beats(reading)
    rate = seen.rate_per_min
    if rate is not None:
        beats = max(len(seen.lengths_s), len(reading.events.beats) if reading.events else 0)
        if seen.images_s is not None and abs(60 / seen.images_s / rate - 1) <= _AGREE:
            beats += 1
        return rate, _seen_words(seen, rate), beats, seen.irregular
    # With no whole beat in the images, the header may still contradict itself.
    waves, stated = _waves_rate(reading), facts.heart_rate_per_min
    if waves is None or stated is None:
        return None
    return waves, message("its R waves give {rate:.0f}/min", rate=waves), 1, 0.0


def _seen_words(seen: SeenBeats, rate: float) -> Message:
    if not seen.lengths_s:
        return message("the images repeat themselves at {rate:.0f}/min", rate=rate)
    return message("the ventricle beats in the images at {rate:.0f}/min", rate=rate)


def _from_the_header(rate: float) -> Message:
    return message("Use {rate:.0f}/min, from the header", rate=rate)


def _use(rate: float, label: Message, stroke_ml: float | None) -> Remedy:
    effect = NOTHING
    if stroke_ml is not None:
        effect = message("CO {output:.1f} l/min", output=cardiac_output_l_per_min(stroke_ml, rate))
    return Remedy("enter-value", label, {"code": "HR", "value": round(rate, 1)}, effect)


def _unlikely_rate_words(reading: Reading, rate: float, *, seen: bool) -> Message:
    if seen:
        return message("By the images the heart beats {rate:.0f} times a minute: are the frame times right?", rate=rate)
    if reading.facts.entered_by("heart_rate_per_min"):
        return message(
            "By the rate entered the heart beats {rate:.0f} times a minute: are the frame times right?", rate=rate
        )
    return message("By the file the heart beats {rate:.0f} times a minute: are the frame times right?", rate=rate)


TIME_IMPLAUSIBLE_RATE: Final = Check(
    "time.implausible-rate",
    in_context("time", "implausible rate"),
    limits=("time.slow-rate", "time.fast-rate"),
    measurements=RATES,
    resolve=message("enter the heart rate"),
)


@finds(TIME_IMPLAUSIBLE_RATE)
def _implausible_rate(reading: Reading) -> Iterator[Finding]:
    if reading.withheld or _entered_rate(reading) is not None or reading.facts.times_origin == "assumed":
        return
    seen = None if reading.kind.gated or to_end_systole(reading) else seen_beats(reading).rate_per_min
    rate = reading.facts.heart_rate_per_min if seen is None else seen
    if rate is None:
        return
    severity = TIME_IMPLAUSIBLE_RATE.severity(rate)
    if severity is not None:
        yield TIME_IMPLAUSIBLE_RATE.finding(
            severity, _unlikely_rate_words(reading, rate, seen=seen is not None), seen_beats(reading).eds
        )


TIME_SYSTOLE: Final = Check(
    "time.systole",
    in_context("time", "systole"),
    limits=("time.systole", "time.short-systole"),
    resolve=message("move ED or ES, or leave the beat out"),
)


@finds(TIME_SYSTOLE)
def _systole(reading: Reading) -> Iterator[Finding]:
    """Systole against the beat, and at rest against the length that systole has at that rate."""
    beats = reading.events.beats if reading.events else ()
    if not beats or reading.withheld or reading.facts.times_origin == "assumed" or to_end_systole(reading):
        return
    if not reading.kind.stack and Structure.LV_ENDO not in reading.tracks:
        return
    times_s, header = reading.facts.times_s, reading.facts.heart_rate_per_min
    lengths = (cycle_length_s(times_s, header),) if reading.kind.gated else beat_lengths_s(reading)
    regular = reading.kind.gated or seen_beats(reading).irregular <= IRREGULAR
    seen = None if reading.kind.gated else seen_beats(reading).rate_per_min
    agrees = seen is not None and header is not None and abs(seen / header - 1) <= _AGREE
    rate_known = frozenset({"HR"}) if agrees else frozenset()
    for index, (beat, length_s) in enumerate(zip(beats, lengths, strict=False)):
        if beat.es < beat.ed and not reading.kind.gated:
            continue
        seen_s = length_s if length_s is not None else 60 / header if header else None
        systole_s = float(times_s[beat.es] - times_s[beat.ed])
        if reading.kind.gated and seen_s:
            systole_s %= seen_s
        slowest = _SLOWEST if regular else np.inf
        moved_ms = _GATED_MS if reading.kind.gated else 0.0
        found = _unlikely(systole_s, seen_s, by_header=length_s is None, slowest_per_min=slowest, moved_ms=moved_ms)
        if found is None:
            continue
        severity, doubt = found
        slow = seen_s is not None and 60 / seen_s < _AT_REST[0]
        yield TIME_SYSTOLE.finding(
            severity,
            message(
                "Systole of beat {beat} lasts {duration_ms:.0f} ms, {doubt}: check ED and ES.",
                beat=index + 1,
                duration_ms=1000 * systole_s,
                doubt=doubt,
            ),
            (beat.ed, beat.es),
            measurements=_of_marks(reading, beat) | (RATES if slow else RATES - rate_known),
            subject=str(index),
            remedies=(_without_beat(index),) if beats[1:] else (),
        )


def _without_beat(index: int) -> Remedy:
    return Remedy("exclude-beat", message("Leave beat {beat} out", beat=index + 1), {"beat": index})


def _of_marks(reading: Reading, beat: Beat) -> frozenset[str]:
    """What rests on marks that are too far apart or too near; not the volumes of a stack at its extremes."""
    if not reading.kind.stack:
        return _OF_ES if _at_the_largest(reading, beat) else _EVENTS
    volume = stack_curves(reading).endo
    if not np.isfinite(volume).any():
        return _EVENTS
    margin = _AS_LARGE * np.nanmax(volume)
    extremes = volume[beat.ed] >= np.nanmax(volume) - margin and volume[beat.es] <= np.nanmin(volume) + margin
    return STRAIN | SHORT_AXIS_CODES if extremes else _EVENTS


def _at_the_largest(reading: Reading, beat: Beat) -> bool:
    """Whether a loop's cavity is as large at ED as anywhere around it, so that only ES can be wrong."""
    volume, times_s = cavity(reading), reading.facts.times_s
    around = np.abs(times_s - times_s[beat.ed]) <= _AROUND_ED_S
    largest = float(np.nanmax(np.where(around, volume, np.nan))) if np.isfinite(volume[around]).any() else np.nan
    return bool(times_s[beat.ed] - times_s[0] > 0 and volume[beat.ed] >= (1 - _AS_LARGE) * largest)


def _unlikely(
    systole_s: float, beat_s: float | None, *, by_header: bool, slowest_per_min: float, moved_ms: float
) -> tuple[Severity, Message] | None:
    """How serious a length of systole is, and in words what is unlikely about it; None where nothing is.

    From the slowest rate on systole is held against the length of its beat: in an irregular rhythm it does not follow
    that, and in slow beats only one that is too long says something.
    """
    short = threshold("time.short-systole").severity(systole_s)
    if short is not None:
        return short, message("too short for a heart to eject")
    if beat_s is None:
        return None
    share, (low, high) = systole_s / beat_s, SYSTOLE_SHARE
    if not low <= share <= high:
        percent = 100 * share
        if by_header:
            return Severity.CHECK, message("{percent:.0f} % of the beat by the header", percent=percent)
        return Severity.CHECK, message("{percent:.0f} % of its beat", percent=percent)
    rate = 60 / beat_s
    if slowest_per_min <= rate <= _AT_REST[1]:
        off = min((1000 * systole_s - (at_0 - slope * rate + moved_ms) for at_0, slope in _SYSTOLE_MS), key=abs)
        severity = threshold("time.systole").severity(abs(off) if rate >= _AT_REST[0] else off)
        if severity is not None:
            return severity, message(
                "{difference_ms:.0f} ms {longer} than systole lasts at {rate:.0f}/min",
                difference_ms=abs(off),
                longer=message("longer") if off > 0 else message("shorter"),
                rate=rate,
            )
    return None


TIME_FRAME_RATE: Final = Check(
    "time.frame-rate",
    in_context("time", "frame rate"),
    limits=("time.frame-rate", "time.phases"),
    measurements=STRAIN | SHORT_AXIS_CODES,
    resolve=message("choose a clip with more frames"),
)


@finds(TIME_FRAME_RATE)
def _frame_rate(reading: Reading) -> Iterator[Finding]:
    facts = reading.facts
    strained = Structure.LV_EPI in reading.tracks and reading.motion is not None
    if reading.kind.stack or not strained or reading.withheld or facts.frames < 2 or facts.times_origin == "assumed":
        return
    if reading.kind.gated:
        severity = threshold("time.phases").severity(facts.frames)
        text = message(
            "{phases} phases a cycle are few to follow the wall: strain may be underestimated.", phases=facts.frames
        )
    else:
        per_s = 1 / float(np.median(np.diff(facts.times_s)))
        severity = threshold("time.frame-rate").severity(per_s)
        text = message(
            "{rate:.0f} frames a second are few to follow the wall: strain may be underestimated.", rate=per_s
        )
    if severity is not None:
        yield TIME_FRAME_RATE.finding(severity, text)


TIME_GAP_AT_MARK: Final = Check(
    "time.gap-at-mark",
    in_context("time", "gap at mark"),
    limits=("time.gap-at-mark",),
    resolve=message("open the recording with all frames, or accept the values as they are"),
)


@finds(TIME_GAP_AT_MARK)
def _gap_at_a_mark(reading: Reading) -> Iterator[Finding]:
    """Frames that are missing next to ED or ES, by the frame times: the largest or smallest volume may be missing."""
    beats = reading.events.beats if reading.events else ()
    facts = reading.facts
    if not beats or reading.withheld or facts.times_origin == "assumed" or facts.frames < _MIN_STEPS:
        return
    steps_s = np.diff(facts.times_s)
    for mark, extreme, concerned in (
        ("ED", message("largest"), _LARGEST),
        ("ES", message("smallest"), _SMALLEST),
    ):
        frames = dict.fromkeys(beat.ed if mark == "ED" else beat.es for beat in beats)
        beside = [step for frame in frames for step in (frame - 1, frame) if 0 <= step < len(steps_s)]
        at = max(beside, key=lambda step: steps_s[step], default=None)
        if at is None or steps_s[at] < _FAR * np.median(steps_s):
            continue
        severity = TIME_GAP_AT_MARK.severity(float(steps_s[at]))
        if severity is not None:
            yield TIME_GAP_AT_MARK.finding(
                severity,
                message(
                    "Frames are missing next to {mark}: {gap_ms:.0f} ms lie between {frames} and the next, "
                    "in which the cavity may be {extreme}.",
                    mark=verbatim(mark),
                    gap_ms=1000 * float(steps_s[at]),
                    frames=frames_words((at,)),
                    extreme=extreme,
                ),
                (at, at + 1),
                measurements=concerned,
                subject=mark,
            )


_LARGEST = codes_affected("EDV", "RVEDV") | STRAIN | SHORT_AXIS_CODES
_SMALLEST = codes_affected("ESV", "RVESV", "LAV") | STRAIN | SHORT_AXIS_CODES
# Steps of this many usual ones are gaps, not jitter.
_FAR, _MIN_STEPS = 1.7, 5

OF_TIME: Final = (
    _contradicted_rate,
    _entered_against_the_file,
    _no_second_systole,
    _implausible_rate,
    _systole,
    _frame_rate,
    _gap_at_a_mark,
)


_AT_ED = codes_affected("EDV") | STRAIN | SHORT_AXIS_CODES
# The atrium is measured at ES, when it is largest.
_AT_ES = codes_affected("ESV", "LAV") | STRAIN | SHORT_AXIS_CODES
_BOTH = _AT_ED | _AT_ES
_OTHERS_AT_ES = codes_affected("RVESV", "LVMES")
_STROKE = OF_BOTH_VOLUMES | STRAIN | SHORT_AXIS_CODES
_REGULAR = 0.15
_MIN_FRAMES = 5


CYCLE_NO_BEAT: Final = Check(
    "cycle.no-beat",
    in_context("cycle", "no beat"),
    resolve=message("mark ED and ES on the curve"),
)


@finds(CYCLE_NO_BEAT)
def _no_beat(reading: Reading) -> Iterator[Finding]:
    kind = reading.kind
    drawn = has_contour(reading, Structure.LV_ENDO) if kind.stack else Structure.LV_ENDO in reading.tracks
    if not drawn or reading.withheld or (reading.events and reading.events.beats):
        return
    if reading.facts.frames == 1 and not kind.stack:
        yield CYCLE_NO_BEAT.finding(
            Severity.INFO,
            message("A single image shows no beat: EF and the volumes at ED and ES need both phases."),
            resolve=message("join it with the still of the other phase, or open a loop"),
        )
        return
    yield CYCLE_NO_BEAT.finding(
        Severity.INFO, message("No beat was found in the volume curve: mark ED and ES by hand.")
    )


CYCLE_VALVE_CLOSURE: Final = Check(
    "cycle.valve-closure",
    in_context("cycle", "valve closure"),
)


@finds(CYCLE_VALVE_CLOSURE)
def _closures(reading: Reading) -> Iterator[Finding]:
    if reading.kind.stack:
        return
    for index, warning in enumerate(closure_warnings(reading)):
        yield CYCLE_VALVE_CLOSURE.finding(Severity.INFO, warning, reading.valve_closures, subject=str(index))


CYCLE_ES_AT_THE_END: Final = Check(
    "cycle.es-at-the-end",
    in_context("cycle", "ES at the end"),
    limits=("cycle.falling-at-the-end",),
    measurements=_AT_ES,
    resolve=message("choose another beat, or another clip"),
)


@finds(CYCLE_ES_AT_THE_END)
def _ends(reading: Reading) -> Iterator[Finding]:
    """ES at an end of the loop. A loop from ED to ES may end there, where the volume no longer falls."""
    if reading.kind.stack:
        return
    systole_only = to_end_systole(reading)
    if systole_only and CYCLE_ES_AT_THE_END.severity(falling_at_the_end(reading)) is None:
        return
    warnings, times_s = end_warnings(reading), reading.facts.times_s
    if not warnings or not reading.events:
        return
    begins = times_s[reading.events.beats[0].es] - times_s[0] < NEAR_S
    for warning, end in zip(warnings, ("begin", "end") if begins else ("end",), strict=False):
        yield CYCLE_ES_AT_THE_END.finding(Severity.CHECK, warning, subject=end)


def _curve(reading: Reading) -> tuple[FloatArray, tuple[Beat, ...]] | None:
    """The cavity of a loop, frame by frame, and its beats; None where there is nothing to examine."""
    beats = reading.events.beats if reading.events else ()
    if reading.kind.stack or reading.withheld or not beats or Structure.LV_ENDO not in reading.tracks:
        return None
    volume = cavity(reading)
    used = [frame for beat in beats for frame in (beat.ed, beat.es)]
    return (volume, beats) if np.isfinite(volume[used]).all() else None


CYCLE_ED_NOT_RECORDED: Final = Check(
    "cycle.ed-not-recorded",
    in_context("cycle", "ED not recorded"),
    limits=("cycle.falling-at-the-beginning", "cycle.ed-differs"),
    measurements=_AT_ED,
    resolve=message("choose another beat, or another clip"),
)


@finds(CYCLE_ED_NOT_RECORDED)
def _begun_late(reading: Reading) -> Iterator[Finding]:
    """A loop that begins in ejection: the largest volume was before it."""
    found = _curve(reading)
    # A stage of a stress study begins with the R wave, and ejects within its first frames.
    if found is None or reading.kind.gated or to_end_systole(reading):
        return
    volume, beats = found
    first, times_s = beats[0], reading.facts.times_s
    if first.ed >= first.es or times_s[first.ed] - times_s[0] > _BEGINNING_S or len(volume) < 4:
        return
    curve = smooth_curve(volume, times_s)
    until = min(max(int(np.searchsorted(times_s, times_s[0] + _BEGINNING_S)), 1), len(curve) - 1)
    mean = float(curve[first.ed] - curve[first.es]) / float(times_s[first.es] - times_s[first.ed])
    steep = float(curve[0] - curve[until]) / float(times_s[until] - times_s[0]) / mean if mean > 0 else 0.0
    following = [beat.ed for beat in beats[1:]] or [ed for ed in (closing_ed(reading),) if ed is not None]
    lost = max((float(curve[ed]) for ed in following), default=0.0) / max(float(curve[first.ed]), 1e-9) - 1
    severity = threshold("cycle.falling-at-the-beginning").severity(steep)
    if severity is None or (following and threshold("cycle.ed-differs").severity(lost) is None and lost < _REGULAR / 2):
        return
    yield CYCLE_ED_NOT_RECORDED.finding(
        severity,
        message(
            "The loop begins while the ventricle ejects: its end-diastole may not be recorded, so "
            "EDV, EF and strain may be underestimated."
        ),
        (first.ed,),
    )


_BEGINNING_S = 0.07


CYCLE_ED_DIFFERS: Final = Check(
    "cycle.ed-differs",
    in_context("cycle", "ED differs"),
    limits=("cycle.ed-differs", "cycle.falling-at-the-beginning"),
    resolve=message("check the contours at both, or move ED"),
)


@finds(CYCLE_ED_DIFFERS)
def _next_ed(reading: Reading) -> Iterator[Finding]:
    """Volumes at ED, one after the other, in a regular rhythm."""
    found = _curve(reading)
    if found is None or to_end_systole(reading):
        return
    volume, beats = found
    after, curve = closing_ed(reading), smooth_curve(volume, reading.facts.times_s)
    eds = [*(beat.ed for beat in beats), *(() if after is None else (after,))]
    if seen_beats(reading).irregular > _REGULAR:
        return
    for number, (first, second) in enumerate(pairwise(eds)):
        apart = abs(float(curve[second] / curve[first]) - 1)
        severity = threshold("cycle.ed-differs").severity(apart)
        if severity is not None:
            yield CYCLE_ED_DIFFERS.finding(
                severity,
                _differs_words(apart, larger=bool(curve[second] > curve[first]), frames=(first, second), beat=number),
                (first, second),
                measurements=_AT_ED,
                subject=str(number),
            )


def _differs_words(share: float, *, larger: bool, frames: tuple[int, int], beat: int) -> Message:
    frame, next_frame = frames
    return message(
        "The ventricle is {percent:.0f} % {larger} at the next ED (frame {next_frame}) than at ED of beat {beat} "
        "(frame {frame}).",
        percent=100 * share,
        larger=message("larger") if larger else message("smaller"),
        next_frame=next_frame + 1,
        beat=beat + 1,
        frame=frame + 1,
    )


# What is ejected after an end-diastole is at least this share of what the next one has over the same end-systole.
_OF_A_STROKE = 0.25


@finds(CYCLE_ED_DIFFERS)
def _before_systole(reading: Reading) -> Iterator[Finding]:
    """A beat whose ED is after its ES, in a loop that shows the ED before it, too: another volume then."""
    found = _curve(reading)
    if found is None or reading.kind.gated or len(found[1]) != 1 or found[1][0].es < 2:
        return
    volume, (beat,) = found
    times_s, jumps = reading.facts.times_s, reading.facts.images.lost_after
    curve = smooth_curve(volume, times_s)
    if beat.ed < beat.es or not np.isfinite(curve[: beat.es + 1]).all():
        return
    first = int(np.argmax(curve[: beat.es]))
    if curve[first] - curve[beat.es] < _OF_A_STROKE * (curve[beat.ed] - curve[beat.es]):
        return  # it begins at the end of systole
    until = max(int(np.searchsorted(times_s, times_s[first] + _BEGINNING_S)), first + 1)
    mean = float(curve[first] - curve[beat.es]) / float(times_s[beat.es] - times_s[first])
    steep = float(curve[first] - curve[until]) / float(times_s[until] - times_s[first]) / mean if mean > 0 else np.inf
    if threshold("cycle.falling-at-the-beginning").severity(steep) is not None:
        return  # the loop begins while the ventricle ejects
    apart = float(curve[beat.ed] / curve[first]) - 1
    severity = threshold("cycle.ed-differs").severity(abs(apart))
    if severity is not None:
        yield CYCLE_ED_DIFFERS.finding(
            severity,
            _differs_words(abs(apart), larger=apart > 0, frames=(first, beat.ed), beat=0),
            (first, beat.ed),
            measurements=_BOTH if any(first <= jump < beat.ed for jump in jumps) else _AT_ED,
            subject="before",
        )


CYCLE_FALSE_BEAT: Final = Check(
    "cycle.false-beat",
    in_context("cycle", "false beat"),
    limits=("cycle.weak-beat", "cycle.short-beat"),
    measurements=_BOTH | codes_affected("HR"),
    resolve=message("leave the beat out, or move its marks"),
)


@finds(CYCLE_FALSE_BEAT)
def _false_beats(reading: Reading) -> Iterator[Finding]:
    """Beats that are none: too short, or ejecting far less than the others."""
    found = _curve(reading)
    if found is None or len(found[1]) < 2:
        return
    volume, beats = found
    times_s = reading.facts.times_s
    ejected = np.array([volume[beat.ed] - volume[beat.es] for beat in beats])
    for number, beat in enumerate(beats):
        following = beats[number + 1].ed if number + 1 < len(beats) else None
        length_s = None if following is None else float(times_s[following] - times_s[beat.ed])
        others = float(np.median(np.delete(ejected, number)))
        share = float(ejected[number]) / others if others > 0 else 1.0
        too_short = None if length_s is None else threshold("cycle.short-beat").severity(length_s)
        weak = threshold("cycle.weak-beat").severity(share)
        severity = too_short or weak
        if severity is None:
            continue
        text = message(
            "Beat {beat} ejects {percent:.0f} % of what the others do: it may be none, and is averaged with the "
            "others.",
            beat=number + 1,
            percent=100 * max(share, 0),
        )
        if too_short:
            text = message(
                "Beat {beat} lasts {duration_ms:.0f} ms: it may be none, and is averaged with the others.",
                beat=number + 1,
                duration_ms=1000 * (length_s or 0),
            )
        yield CYCLE_FALSE_BEAT.finding(
            severity, text, (beat.ed, beat.es), subject=str(number), remedies=(_without_beat(number),)
        )


CYCLE_MARK_OFF_THE_EXTREME: Final = Check(
    "cycle.mark-off-the-extreme",
    in_context("cycle", "mark off the extreme"),
    limits=("cycle.ed-off", "cycle.es-off", "cycle.off-of-stroke"),
)


@finds(CYCLE_MARK_OFF_THE_EXTREME)
def _off_the_extremes(reading: Reading) -> Iterator[Finding]:
    """ED and ES that are not where the cavity is largest and smallest: another frame of the beat is."""
    beats = reading.events.beats if reading.events and not reading.withheld else ()
    drawn = has_contour(reading, Structure.LV_ENDO) if reading.kind.stack else Structure.LV_ENDO in reading.tracks
    if not beats or not drawn:
        return
    volume = curves(reading).lv_volume
    if np.isfinite(volume).sum() < _MIN_FRAMES:
        return
    known = np.isfinite(volume)
    frames = np.arange(len(volume))
    # A single frame that stands out is an error of its contour, not the extreme of a beat.
    steady = median_of_three(np.interp(frames, frames[known], volume[known]))
    for number, beat in enumerate(beats):
        begin = beats[number - 1].es if number else 0
        end = beats[number + 1].ed if number + 1 < len(beats) else len(volume) - 1
        if reading.kind.gated or beat.es < beat.ed:  # phases go round; a loop that begins in systole has one beat
            begin, end, until_es, from_ed = 0, len(volume) - 1, len(volume) - 1, 0
        else:
            until_es, from_ed = beat.es, beat.ed
        largest = begin + int(np.argmax(steady[begin : until_es + 1]))
        smallest = from_ed + int(np.argmin(steady[from_ed : end + 1]))
        if not (volume[beat.ed] > 0 and steady[largest] > 0):
            continue
        for mark, limit, frame, other, off, concerned in (
            (
                "ED",
                "cycle.ed-off",
                beat.ed,
                largest,
                1 - volume[beat.ed] / steady[largest],
                _AT_ED | codes_affected("RVEDV", "LVM"),
            ),
            (
                "ES",
                "cycle.es-off",
                beat.es,
                smallest,
                (volume[beat.es] - steady[smallest]) / volume[beat.ed],
                _AT_ES | _OTHERS_AT_ES,
            ),
        ):
            severity = threshold(limit).severity(float(off))
            if severity is None:
                # Of a ventricle that ejects little, the difference of both volumes is wrong before either is.
                stroke = (volume[beat.ed] - volume[beat.es]) / volume[beat.ed]
                severity = threshold("cycle.off-of-stroke").severity(float(off / stroke)) if stroke > 0 else None
                concerned = _STROKE
            if severity is None:
                continue
            place, extreme_place = (_place(reading, near_frame) for near_frame in (frame, other))
            extreme = message("largest") if mark == "ED" else message("smallest")
            yield CYCLE_MARK_OFF_THE_EXTREME.finding(
                severity,
                message(
                    "{mark} of beat {beat} is at {place}, but the cavity is {extreme} at {extreme_place}, by "
                    "{percent:.0f} % of EDV.",
                    mark=verbatim(mark),
                    beat=number + 1,
                    place=place,
                    extreme=extreme,
                    extreme_place=extreme_place,
                    percent=100 * float(off),
                )
                if len(beats) > 1
                else message(
                    "{mark} is at {place}, but the cavity is {extreme} at {extreme_place}, by {percent:.0f} % of EDV.",
                    mark=verbatim(mark),
                    place=place,
                    extreme=extreme,
                    extreme_place=extreme_place,
                    percent=100 * float(off),
                ),
                (frame, other),
                measurements=concerned,
                resolve=message("move {mark}, or correct the contours", mark=verbatim(mark)),
                subject=f"{mark} {number + 1}",
                remedies=(
                    Remedy(
                        "move-mark",
                        message("Move {mark} to {place}", mark=verbatim(mark), place=extreme_place),
                        {"mark": mark.lower(), "frame": other, "beat": number},
                    ),
                ),
            )


def _place(reading: Reading, frame: int) -> Message:
    if reading.kind.gated:
        return message("phase {phase}", phase=frame + 1)
    return message("frame {frame}", frame=frame + 1)


CYCLE_RIGHT_ES_OFF: Final = Check(
    "cycle.right-es-off",
    in_context("cycle", "right ES off"),
    limits=("cycle.right-es-off",),
    measurements=codes_affected("RVESV"),
    resolve=message("move ES, or correct the contours of the right ventricle"),
)


@finds(CYCLE_RIGHT_ES_OFF)
def _right_es(reading: Reading) -> Iterator[Finding]:
    """ES of a stack where the right ventricle is far from its smallest, though the left one's volume hardly differs."""
    beats = reading.events.beats if reading.events and not reading.withheld else ()
    if not reading.kind.stack or not beats or not has_contour(reading, Structure.RV):
        return
    right, beat = stack_curves(reading).rv, beats[0]
    if not np.isfinite(right).all() or len(right) < _MIN_FRAMES or right[beat.ed] <= 0:
        return
    steady = median_of_three(right)
    smallest = int(np.argmin(steady))
    off = float((right[beat.es] - steady[smallest]) / right[beat.ed])
    severity = CYCLE_RIGHT_ES_OFF.severity(off)
    if severity is not None:
        yield CYCLE_RIGHT_ES_OFF.finding(
            severity,
            message(
                "At ES (phase {phase}) the right ventricle is larger than at phase {smallest_phase}, by "
                "{percent:.0f} % of its EDV.",
                phase=beat.es + 1,
                smallest_phase=smallest + 1,
                percent=100 * off,
            ),
            (beat.es, smallest),
        )


CYCLE_UNLIKE_BEATS: Final = Check(
    "cycle.unlike-beats",
    in_context("cycle", "unlike beats"),
    limits=("cycle.unlike-beats",),
    resolve=message("leave an ectopic beat out"),
)


@finds(CYCLE_UNLIKE_BEATS)
def _unlike_beats(reading: Reading) -> Iterator[Finding]:
    """Beats that differ, as after an ectopic one; every value is their mean."""
    found = _curve(reading)
    if found is None or len(found[1]) < 2:
        return
    volume, beats = found
    ejected = np.array([volume[beat.ed] - volume[beat.es] for beat in beats])
    middle = float(np.median(ejected))
    if middle <= 0:
        return
    far = int(np.argmax(np.abs(ejected / middle - 1)))
    apart = abs(float(ejected[far]) / middle - 1)
    severity = CYCLE_UNLIKE_BEATS.severity(apart)
    if severity is not None:
        yield CYCLE_UNLIKE_BEATS.finding(
            severity,
            message(
                "Stroke volumes of the {beats} beats differ by {percent:.0f} %: values are the mean of all.",
                beats=len(beats),
                percent=100 * apart,
            ),
            tuple(beat.ed for beat in beats),
            remedies=(_without_beat(far),),
        )


CYCLE_VOLUME_SPIKE: Final = Check(
    "cycle.volume-spike",
    in_context("cycle", "volume spike"),
    resolve=message("correct the contours of these frames"),
)


@finds(CYCLE_VOLUME_SPIKE)
def _spikes(reading: Reading) -> Iterator[Finding]:
    """Frames at which the volume jumps up or down and back, as where ventricle and atrium merge."""
    found = _curve(reading)
    if found is None:
        return
    volume, beats = found
    frames = [int(index) for index in np.flatnonzero(spikes(volume, reading.facts.times_s))]
    if not frames:
        return
    used = {frame for beat in beats for frame in (beat.ed, beat.es)} & set(frames)
    numbers = numbers_from_1(sorted(used) or frames)
    yield CYCLE_VOLUME_SPIKE.finding(
        Severity.STOP if used else Severity.INFO,
        message(
            "The volume jumps by a quarter and more for some frames ({frames}), as no ventricle's does: ED or ES is "
            "among them.",
            frames=numbers,
        )
        if used
        else message(
            "The volume jumps by a quarter and more for some frames ({frames}), as no ventricle's does: no value rests "
            "on them but strain may.",
            frames=numbers,
        ),
        tuple(frames),
        measurements=_BOTH if used else frozenset(),
    )


CYCLE_SPEED: Final = Check(
    "cycle.speed",
    in_context("cycle", "speed"),
    limits=("cycle.speed",),
    resolve=message("correct the contours of these frames"),
)


@finds(CYCLE_SPEED)
def _speed(reading: Reading) -> Iterator[Finding]:
    """Changes of the volume that are too fast for blood, over two frames."""
    found = _curve(reading)
    if found is None or reading.facts.times_origin == "assumed" or len(found[0]) < 5:
        return
    volume, beats = found
    times_s = reading.facts.times_s
    full = float(np.median([volume[beat.ed] for beat in beats]))
    speed = np.abs(volume[2:] - volume[:-2]) / (times_s[2:] - times_s[:-2]) / full
    limit = threshold("cycle.speed")
    fast = [int(index) + 1 for index in np.flatnonzero(np.nan_to_num(speed) > limit.check)]
    if not fast:
        return
    used = [
        frame
        for beat in beats
        for frame in (beat.ed, beat.es)
        if any(abs(frame - near_frame) <= 1 for near_frame in fast)
    ]
    yield CYCLE_SPEED.finding(
        Severity.CHECK if used else Severity.INFO,
        message(
            "Around frame {frame} the volume changes by {speed:.0f} times EDV a second, faster than "
            "blood flows: check contours and frame times.",
            frame=(used or fast)[0] + 1,
            speed=float(np.nanmax(speed)),
        ),
        tuple(fast),
        measurements=_BOTH if used else frozenset(),
    )


CHECKS: Final = (
    _no_beat,
    _closures,
    _ends,
    _begun_late,
    _next_ed,
    _before_systole,
    _false_beats,
    _off_the_extremes,
    _right_es,
    _unlike_beats,
    _spikes,
    _speed,
)
