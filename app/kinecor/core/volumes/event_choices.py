"""What volume curve, regression and ECG each take for ED and ES, where they differ: for a reader to choose from.

A mark in force that leaves the volume curve's is offered next to it, too, whoever set it. No source offers a mark on a
frame whose image is damaged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from kinecor.core.cycle.r_waves import Suggested, suggested_ed
from kinecor.core.values.events import (
    TOLERANCE,
    Beat,
    CardiacEvents,
    Disagreement,
    Mark,
    PhaseCurve,
    disagreements,
    frame_of,
    frames_apart,
)
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.loop_volumes import cavity, damaged_frames, off_damaged

VOLUME: Final = message("Volume curve")
AI: Final = message("AI")
ECG: Final = message("ECG")
MARKED: Final = message("As marked")
SOURCES: Final = (VOLUME, AI, ECG, MARKED)
"""As a reader knows them."""
# An R wave that is nearer to the fullest frame than this leaves nothing to choose.
_NEAR_S = 0.04


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where one source puts a mark: a frame (0-based) and a time in s."""

    source: Message
    frame: int
    time_s: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A mark of a beat that sources put at different frames."""

    beat: int
    mark: Mark
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Choices:
    """What is offered for a recording.

    Attributes:
        each: the marks that differ, in order of time; None where beats of volume and AI cannot be matched.
        whole: all events of each source; those in force only where one of them is offered.
        apart: frames by which marks differ, at most.
        unfit: the R wave that contradicts the volume curve most, by its beat; None where all fit.

    """

    each: tuple[Choice, ...] | None
    whole: Mapping[Message, CardiacEvents]
    apart: int = 0
    unfit: tuple[int, Suggested] | None = None


def choices(
    reading: Reading, volume: CardiacEvents | None, curve: PhaseCurve | None, waves_s: tuple[float, ...]
) -> Choices | None:
    """Where volume curve, AI, ECG and the marks in force put ED and ES differently; None where all agree.

    Args:
        reading: of a loop or a stack, with the marks in force.
        volume: ED and ES by the volume curve; None where it has none.
        curve: ED and ES as a network regressed them; None without.
        waves_s: times of R waves of the ECG; empty without.

    """
    if volume is None:
        return None
    times_s = reading.facts.times_s
    cycle = reading.facts.frames if reading.kind.stack else None
    damaged = damaged_frames(reading)
    found = disagreements(volume, curve, cycle) if curve is not None else ()
    found = (
        None
        if found is None
        else tuple(disagreement for disagreement in found if disagreement.regression not in damaged)
    )
    whole = {VOLUME: volume} | _regressed(reading, curve)
    beats = suggested_ed(waves_s, volume.beats, cavity(reading), times_s) if waves_s else {}
    unfit = {beat: suggestion for beat, suggestion in beats.items() if suggestion.contradicts}
    fits = {
        beat: suggestion
        for beat, suggestion in beats.items()
        if not suggestion.contradicts and not unfit and suggestion.frame not in damaged
    }
    worst = max(unfit.items(), key=lambda entry: abs(entry[1].late_s)) if unfit else None
    apart = max((abs(disagreement.volume - disagreement.regression) for disagreement in found or ()), default=0)
    by_mark = {
        (disagreement.beat, disagreement.mark): [
            Candidate(VOLUME, disagreement.volume, float(times_s[disagreement.volume])),
            Candidate(AI, disagreement.regression, _ai_s(curve, disagreement, times_s)),
        ]
        for disagreement in found or ()
        if curve is not None
    }
    if (
        fits
        and (with_waves := _with_ed(volume, {beat: suggestion.frame for beat, suggestion in fits.items()})) is not None
    ):
        whole[ECG] = with_waves
        for beat, single_suggestion in fits.items():
            at = volume.beats[beat].ed
            own = Candidate(ECG, single_suggestion.frame, single_suggestion.time_s)
            if (beat, "ed") in by_mark:
                by_mark[beat, "ed"].append(own)
            elif abs(single_suggestion.frame - at) > TOLERANCE and abs(single_suggestion.late_s) > _NEAR_S:
                by_mark[beat, "ed"] = [Candidate(VOLUME, at, float(times_s[at])), own]
                apart = max(apart, abs(single_suggestion.frame - at))
    for (beat, mark), (by_volume, in_force) in _moved_marks(reading, volume, cycle).items():
        if (beat, mark) not in by_mark:
            by_mark[beat, mark] = [
                Candidate(VOLUME, by_volume, float(times_s[by_volume])),
                Candidate(MARKED, in_force, float(times_s[in_force])),
            ]
            whole[MARKED] = reading.events or volume
            apart = max(apart, round(frames_apart(by_volume, in_force, cycle)))
    each = tuple(Choice(*key, tuple(by_mark[key])) for key in sorted(by_mark))
    if found is not None and not each and worst is None:
        return None
    return Choices(None if found is None else each, whole, apart, worst)


def _moved_marks(reading: Reading, volume: CardiacEvents, cycle: int | None) -> dict[tuple[int, Mark], tuple[int, int]]:
    """Marks in force that are farther than a neighbouring frame from the volume curve's: (by the curve, in force)."""
    beats = reading.events.beats if reading.events else ()
    if len(beats) != len(volume.beats):
        return {}
    marks: tuple[Mark, ...] = ("ed", "es")
    pairs = {
        (number, mark): (frame_of(by_volume, mark), frame_of(in_force, mark))
        for number, (by_volume, in_force) in enumerate(zip(volume.beats, beats, strict=True))
        for mark in marks
    }
    return {key: pair for key, pair in pairs.items() if frames_apart(*pair, cycle) > TOLERANCE}


def _regressed(reading: Reading, curve: PhaseCurve | None) -> dict[Message, CardiacEvents]:
    """All events of the regression, its marks on damaged frames moved next to them."""
    if curve is None:
        return {}
    events = off_damaged(curve.events, reading)
    return {} if events is None else {AI: events}


def _ai_s(curve: PhaseCurve, disagreement: Disagreement, times_s: FloatArray) -> float:
    marks = curve.ed if disagreement.mark == "ed" else curve.es
    return curve.times_s(disagreement.mark, times_s)[marks.index(disagreement.regression)]


def _with_ed(events: CardiacEvents, frames: Mapping[int, int]) -> CardiacEvents | None:
    """The events with the EDs of some beats at these frames; None where they would pass their neighbours."""
    try:
        beats = tuple(Beat(frames.get(number, beat.ed), beat.es) for number, beat in enumerate(events.beats))
        return replace(events, beats=beats)
    except ValueError:
        return None
