"""Checks of longitudinal strain: drift, curves that do not return, tracking against contours, strain against EF."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.findings import Finding, Remedy, Severity, affected, threshold
from kinecor.core.outlines.wall_outline import centreline
from kinecor.core.strain.wall_strain import WallStrain, lengths, wall_strain
from kinecor.core.table.measures import STRAIN_CODES
from kinecor.core.table.table import value_of
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading, cached
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import to_end_systole

_RESOLVE = "check the contours of these frames, or choose another clip"


def _strain(reading: Reading) -> WallStrain | None:
    """Global strain as computed, where there is one."""
    found = None if reading.kind.stack or reading.withheld else wall_strain(reading)
    return found if found is not None and found.why is None else None


def _drift(reading: Reading) -> Iterator[Finding]:
    found = _strain(reading)
    if found is None or found.global_drift_percent is None or not found.far_drifted:
        return
    drift = found.global_drift_percent
    severity = threshold("strain.drift").severity(abs(drift)) or Severity.CHECK
    yield Finding(
        "strain.drift",
        severity,
        f"The wall is {abs(drift):.1f} % {'longer' if drift > 0 else 'shorter'} at the next ED than at ED, too much to "
        "be compensated as drift: the wall was not followed, or ED is elsewhere.",
        (found.beats[-1].ed, found.last_frames[-1]),
        measurements=STRAIN_CODES,
        resolve="check ED, ES and the contours",
    )


def _without(number: int, name: str) -> Remedy:
    return Remedy("exclude-segment", f"Exclude the {name} segment", {"segment": number})


def _not_returning(reading: Reading) -> Iterator[Finding]:
    """Segments whose curves do not come back to 0 at the next ED."""
    found = _strain(reading)
    if found is None or found.segments_drift_percent is None:
        return
    for number, drift in enumerate(found.segments_drift_percent):
        severity = threshold("strain.segment-drift").severity(abs(float(drift)))
        if severity is not None and number not in found.excluded and found.segments[number] is not None:
            name = found.names[number].lower()
            yield Finding(
                "strain.not-returning",
                severity,
                f"Strain of the {name} segment misses 0 by {abs(drift):.0f} % at the next ED.",
                (found.last_frames[-1],),
                measurements=frozenset({f"LS{number + 1}"}),
                resolve="exclude the segment, or check the contours there",
                subject=str(number + 1),
                remedies=(_without(number, name),),
            )


def contour_strain(reading: Reading) -> FloatArray | None:
    """(7,) strain at ES of the wall's line between the contours alone, mean over beats: whole, then by segment.

    At equal shares of its length; None where a contour is missing.
    """
    found = _strain(reading)
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    if found is None or endo is None or epi is None:
        return None
    return cached(
        reading,
        "contour strain",
        (endo, epi, reading.events, reading.valve_closures, reading.strain, reading.aspect),
        lambda: _contour_strain(reading, found),
    )


def _contour_strain(reading: Reading, found: WallStrain) -> FloatArray | None:
    endo, epi = reading.tracks[Structure.LV_ENDO], reading.tracks[Structure.LV_EPI]
    each = []
    for beat in found.beats:
        lines = []
        for frame in (beat.ed, beat.es):
            inner, outer = endo.contours[frame], epi.contours[frame]
            if inner is None or outer is None:
                return None
            try:
                lines.append(centreline(inner, outer, reading.aspect, 1.0, depth=reading.strain.depth))
            except ValueError:  # no wall around the endocardium
                return None
        parts = lengths(np.stack(lines), len(found.names))
        whole = parts.sum(axis=1)
        each.append([whole[1] / whole[0] - 1, *(parts[1] / parts[0] - 1)])
    return np.asarray(100 * np.mean(each, axis=0))


def _change_words(strain_percent: float) -> str:
    return f"{'shortens' if strain_percent < 0 else 'lengthens'} by {abs(strain_percent):.1f} %"


def _contours_disagree(reading: Reading) -> Iterator[Finding]:
    """The line that was tracked against the line between the contours as they are at ES."""
    found, by_contours = _strain(reading), contour_strain(reading)
    if found is None or by_contours is None:
        return
    tracked, drawn = found.whole.end_systolic, float(by_contours[0])
    severity = threshold("strain.contours").severity(abs(tracked - drawn))
    if severity is not None:
        yield Finding(
            "strain.contours-disagree",
            severity,
            f"As tracked, the wall {_change_words(tracked)}; by its contours, it {_change_words(drawn)}: "
            "one of them is wrong.",
            tuple(frame for beat in found.beats for frame in (beat.ed, beat.es)),
            measurements=STRAIN_CODES,
            resolve=_RESOLVE,
        )
    for number, one in enumerate(found.segments):
        if one is None or number in found.excluded:
            continue
        apart = threshold("strain.opposite-segment").severity(one.end_systolic - float(by_contours[number + 1]))
        if one.end_systolic > _LENGTHENS and by_contours[number + 1] < 0 and apart is not None:
            name = found.names[number].lower()
            yield Finding(
                "strain.opposite-segment",
                apart,
                f"The {name} segment lengthens by {one.end_systolic:.0f} % as tracked; its contours shorten.",
                tuple(beat.es for beat in found.beats),
                measurements=frozenset({f"LS{number + 1}"}),
                resolve="exclude the segment, or check the contours there",
                subject=str(number + 1),
                remedies=(_without(number, name),),
            )


def _against_ef(reading: Reading) -> Iterator[Finding]:
    """EF and strain that no heart has together; amyloid hearts (EF 60 %, GLS -9 %) are well within."""
    found = _strain(reading)
    ef = value_of(reading, "EF")
    if found is None or ef is None:
        return
    gls = abs(found.whole.end_systolic)
    ratio = ef / max(gls, 0.1)
    few, many = threshold("strain.ef-ratio").severity(ratio), threshold("strain.low-ef").severity(gls)
    low = ef < _LOW_EF and many is not None
    if (few is None or ef < _RATIO_FROM_EF) and not low:
        return
    yield Finding(
        "strain.against-ef",
        Severity.CHECK,
        f"EF {ef:.0f} % and GLS {found.whole.end_systolic:.1f} % do not go together: volumes or strain are wrong.",
        tuple(frame for beat in found.beats for frame in (beat.ed, beat.es)),
        measurements=STRAIN_CODES | (affected("EDV", "ESV") if low else frozenset()),
        resolve=_RESOLVE,
    )


# A segment that lengthens by less may be akinetic.
_LENGTHENS = 3.0
_LOW_EF = 30.0
# Below this EF a small error of strain alone moves the ratio far.
_RATIO_FROM_EF = 25.0


def _bad_frames(reading: Reading) -> Iterator[Finding]:
    """Frames that are damaged or next to lost ones: strain follows the wall through all of them."""
    found, images = _strain(reading), reading.facts.images
    if found is None:
        return
    bad = {*images.damaged, *images.lost_after}
    within = sorted(
        frame
        for frame in bad
        if any(
            beat.ed <= frame <= (beat.es if to_end_systole(reading) else last)
            for beat, last in zip(found.beats, found.last_frames, strict=True)
        )
    )
    if within:
        systolic = any(beat.ed <= frame <= beat.es for frame in within for beat in found.beats)
        yield Finding(
            "strain.bad-frames",
            Severity.CHECK if systolic else Severity.INFO,
            f"The wall was followed through {len(within)} frames that are damaged or next to lost ones "
            f"(from frame {within[0] + 1}).",
            tuple(within),
            measurements=STRAIN_CODES if systolic else frozenset(),
            resolve="choose another beat, or another clip",
        )


CHECKS: Final = (_drift, _not_returning, _contours_disagree, _against_ef, _bad_frames)
