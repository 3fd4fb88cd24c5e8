"""The beats of a loop, each with its own values, and their spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kinecor.core.table.measures import ejection_fraction_percent
from kinecor.core.values.reading import Reading, counted_beats, index_beat
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor.core.volumes.stack_volumes import MM3_PER_ML


@dataclass(frozen=True, slots=True)
class BeatRow:
    """One beat of a loop.

    Attributes:
        number: from 0.
        ed, es: frames, from 0.
        before_s: length of the beat before it, ED to ED, or None of the first.
        edv_ml, esv_ml: by single-plane disks; None without a scale or a contour.
        ef_percent: None without contours.
        counted: whether it is measured.
        index_beat: whether the two beats before it are the most alike in length.

    """

    number: int
    ed: int
    es: int
    before_s: float | None
    edv_ml: float | None
    esv_ml: float | None
    ef_percent: float | None
    counted: bool
    index_beat: bool


def beat_rows(reading: Reading) -> tuple[BeatRow, ...]:
    """The beats of an apical loop, in order; empty of other recordings."""
    beats = reading.events.beats if reading.events and reading.kind.volumes == "disks" else ()
    if Structure.LV_ENDO not in reading.tracks or not beats:
        return ()
    times_s, counted, index = reading.facts.times_s, counted_beats(reading), index_beat(reading)
    before = [None, *(float(times_s[b.ed] - times_s[a.ed]) for a, b in pairwise(beats))]
    ml = 1 / MM3_PER_ML if reading.calibration else None
    found = []
    for number, beat in enumerate(beats):
        ed, es = (_volume(reading, frame) for frame in (beat.ed, beat.es))
        found.append(
            BeatRow(
                number=number,
                ed=beat.ed,
                es=beat.es,
                before_s=before[number],
                edv_ml=ed * ml if ed is not None and ml else None,
                esv_ml=es * ml if es is not None and ml else None,
                ef_percent=ejection_fraction_percent(ed, es) if ed and es is not None else None,
                counted=beat in counted,
                index_beat=number == index,
            )
        )
    return tuple(found)


def spread(rows: Sequence[BeatRow]) -> dict[str, float]:
    """Standard deviation of EDV, ESV (ml) and EF (points) over the beats that are measured, of two or more."""
    found = {}
    for code, name in (("EDV", "edv_ml"), ("ESV", "esv_ml"), ("EF", "ef_percent")):
        values = [value for one in rows if one.counted and (value := getattr(one, name)) is not None]
        if len(values) > 1:
            found[code] = float(np.std(values, ddof=1))
    return found


def _volume(reading: Reading, frame: int) -> float | None:
    """In mm3, or cubic widths of a pixel without a scale."""
    contour = reading.tracks[Structure.LV_ENDO].contours[frame]
    return None if contour is None else disks_volume(contour, *reading.spacing)
