"""Which part of the cycle a loop shows, and how long its beats last by its pictures, whatever the file says."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kinecor.core.cycle.cycle import smoothed
from kinecor.core.cycle.next_ed import LACKING, false_beats, next_ed
from kinecor.core.values.events import Beat, PhaseCurve, without
from kinecor.core.values.reading import Reading, cached
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import cavity

# A loop from ED to ES begins and ends this near to them, in seconds, and has not refilled by more than a share of the
# stroke volume. Stages of stress echocardiography last 0.2 to 0.6 s.
_BEGINS_S, _ENDS_S, _REFILLED = 0.1, 0.13, 0.35
_LONGEST_S = 0.75
# The slope at the end of a loop is taken over this time, to be held against the mean rate of ejection.
_END_S = 0.06


def closing_ed(reading: Reading) -> int | None:
    """The end-diastole after the last beat of a loop, by the volume, R waves, the other beats, the header's rate.

    None where the loop does not show it.
    """
    beats = reading.events.beats if reading.events else ()
    if not beats or Structure.LV_ENDO not in reading.tracks:
        return None
    facts, last = reading.facts, beats[-1]
    gaps_s = [float(facts.times_s[b.ed] - facts.times_s[a.ed]) for a, b in pairwise(beats)]
    header_s = 60 / facts.heart_rate_per_min if facts.heart_rate_per_min else None
    expected_s = (
        _r_wave_s(reading, last),
        float(np.median(gaps_s)) if gaps_s else None,
        header_s,
        facts.image_period_s,
    )
    return cached(
        "closing ED",
        (reading.tracks[Structure.LV_ENDO], reading.aspect, last.ed, last.es, facts, *gaps_s),
        lambda: next_ed(cavity(reading), facts.times_s, last, expected_s),
    )


def _r_wave_s(reading: Reading, beat: Beat) -> float | None:
    """Time from ED to the first R wave after ES, or None."""
    times_s = reading.facts.times_s
    waves = [one for one in reading.facts.r_wave_s if beat.ed < beat.es and one > times_s[beat.es]]
    return waves[0] - float(times_s[beat.ed]) if waves else None


@dataclass(frozen=True, slots=True)
class SeenBeats:
    """Beats as the pictures show them, without the rate in the header.

    Attributes:
        eds: frames of the end-diastoles, one after the other; fewer than two where no whole beat is seen.
        lengths_s: between them.
        images_s: length of the beat by the images' own period, or None.

    """

    eds: tuple[int, ...]
    lengths_s: tuple[float, ...]
    images_s: float | None

    @property
    def rate_per_min(self) -> float | None:
        """Heart rate from ED to ED, else by the images' own period; None where neither is seen."""
        if self.lengths_s:
            return 60 / float(np.mean(self.lengths_s))
        return 60 / self.images_s if self.images_s else None

    @property
    def irregular(self) -> float:
        """Largest difference of a beat's length from their median, as a share of it; 0 of a single beat."""
        if not self.lengths_s:
            return 0.0
        return float(np.abs(np.array(self.lengths_s) / np.median(self.lengths_s) - 1).max())


def seen_beats(reading: Reading) -> SeenBeats:
    """What the pictures of a loop show of its rate; nothing of gated phases and of loops without frame times."""
    beats, facts = reading.events.beats if reading.events else (), reading.facts
    if reading.kind.gated or facts.times_origin == "assumed" or Structure.LV_ENDO not in reading.tracks or not beats:
        return SeenBeats((), (), None)
    last = beats[-1]
    after = cached(
        "ED seen after",
        (reading.tracks[Structure.LV_ENDO], reading.aspect, last.ed, last.es, facts),
        lambda: next_ed(cavity(reading), facts.times_s, last, (_r_wave_s(reading, last), facts.image_period_s)),
    )
    eds = (*(beat.ed for beat in beats), *(() if after is None or last.es < last.ed else (after,)))
    lengths_s = tuple(float(one) for one in np.diff(facts.times_s[list(eds)]))
    return SeenBeats(eds, lengths_s, facts.image_period_s)


def beat_lengths_s(reading: Reading) -> tuple[float | None, ...]:
    """Length of each beat from its ED to the next, in seconds; None where no next one is seen."""
    beats, times_s = reading.events.beats if reading.events else (), reading.facts.times_s
    eds = [*(beat.ed for beat in beats), closing_ed(reading)]
    return tuple(None if b is None else float(times_s[b] - times_s[a]) for a, b in pairwise(eds) if a is not None)


def regressed(reading: Reading) -> PhaseCurve | None:
    """ED and ES as regressed from the images, without beats that are none by their times and the volume of the loop."""
    curve = reading.phase_curve
    if curve is None or reading.kind.gated:
        return curve
    false = false_beats(curve.events.beats, cavity(reading), reading.facts.times_s)
    return without(curve, false) if false else curve


def refills(reading: Reading) -> bool:
    """Whether the ventricle is about as full at the ED of each later beat of a loop as at that of the first."""
    beats = reading.events.beats if reading.events else ()
    curve = smoothed(cavity(reading), reading.facts.times_s)
    ed, es = (curve[[getattr(beat, mark) for beat in beats]] for mark in ("ed", "es"))
    return bool((ed >= ed[0] - LACKING * (ed[0] - es[0])).all())


def to_end_systole(reading: Reading) -> bool:
    """Whether a loop shows systole only: it begins at ED and ends about at ES, as a stage of a stress study does."""
    beat = _only_beat(reading)
    if beat is None:
        return False
    times_s = reading.facts.times_s
    if times_s[beat.ed] - times_s[0] > _BEGINS_S or times_s[-1] - times_s[beat.es] > _ENDS_S:
        return False
    curve = smoothed(cavity(reading), times_s)
    left = np.array([curve[-1], curve[beat.es]]) - curve.min()
    return bool(times_s[-1] <= _LONGEST_S and (left <= _REFILLED * (curve[beat.ed] - curve.min())).all())


def falling_at_the_end(reading: Reading) -> float:
    """Slope of the volume at the end of a loop that shows systole only, as a share of its mean rate of ejection.

    About 0 where ejection is over, 1 and more in its middle.
    """
    beat = _only_beat(reading)
    if beat is None:
        return 0.0
    times_s = reading.facts.times_s
    curve = smoothed(cavity(reading), times_s)
    before = min(int(np.searchsorted(times_s, times_s[-1] - _END_S)), len(times_s) - 2)
    slope = float(curve[before] - curve[-1]) / float(times_s[-1] - times_s[before])
    mean = float(curve[beat.ed] - curve[-1]) / float(times_s[-1] - times_s[beat.ed])
    return slope / mean if mean > 0 else 0.0


def _only_beat(reading: Reading) -> Beat | None:
    """The beat of a loop with one beat, whose ES comes after its ED."""
    beats = reading.events.beats if reading.events else ()
    if len(beats) != 1 or reading.kind.gated or beats[0].es < beats[0].ed or reading.facts.frames < 3:
        return None
    if Structure.LV_ENDO not in reading.tracks or np.isfinite(cavity(reading)).sum() < 2:
        return None
    return beats[0]
