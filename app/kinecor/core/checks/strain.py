"""Checks of longitudinal strain: drift, curves that do not return, tracking against contours, strain against EF."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.findings import Finding, Remedy, Severity, codes_affected, threshold
from kinecor.core.outlines.wall_outline import centreline
from kinecor.core.strain.wall_strain import WallStrain, lengths, wall_strain
from kinecor.core.table.measures import STRAIN_CODES
from kinecor.core.table.table import value_of
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import Message, Value, in_context, message, plural
from kinecor.core.values.reading import Reading, compute_once
from kinecor.core.values.track import Structure
from kinecor.core.volumes.loop_volumes import to_end_systole

_RESOLVE = message("check the contours of these frames, or choose another clip")


def _strain(reading: Reading) -> WallStrain | None:
    """Global strain as computed, where there is one."""
    found = None if reading.kind.stack or reading.withheld else wall_strain(reading)
    return found if found is not None and found.why is None else None


STRAIN_DRIFT: Final = Check(
    "strain.drift",
    in_context("strain", "drift"),
    limits=("strain.drift",),
    measurements=STRAIN_CODES,
    resolve=message("check ED, ES and the contours"),
)


@finds(STRAIN_DRIFT)
def _drift(reading: Reading) -> Iterator[Finding]:
    strain = _strain(reading)
    if strain is None or strain.global_drift_percent is None or not strain.far_drifted:
        return
    drift = strain.global_drift_percent
    severity = STRAIN_DRIFT.severity(abs(drift)) or Severity.CHECK
    yield STRAIN_DRIFT.finding(
        severity,
        message(
            "The wall is {percent:.1f} % {longer} at the next ED than at ED, too much to be compensated "
            "as drift: the wall was not followed, or ED is elsewhere.",
            percent=abs(drift),
            longer=message("longer") if drift > 0 else message("shorter"),
        ),
        (strain.beats[-1].ed, strain.last_frames[-1]),
    )


def _without(number: int, name: Message) -> Remedy:
    return Remedy("exclude-segment", message("Exclude the {segment} segment", segment=name), {"segment": number})


STRAIN_NOT_RETURNING: Final = Check(
    "strain.not-returning",
    in_context("strain", "not returning"),
    limits=("strain.segment-drift",),
    resolve=message("exclude the segment, or check the contours there"),
)


@finds(STRAIN_NOT_RETURNING)
def _not_returning(reading: Reading) -> Iterator[Finding]:
    """Segments whose curves do not come back to 0 at the next ED."""
    strain = _strain(reading)
    if strain is None or strain.segments_drift_percent is None:
        return
    for number, drift in enumerate(strain.segments_drift_percent):
        severity = STRAIN_NOT_RETURNING.severity(abs(float(drift)))
        if severity is not None and number not in strain.excluded and strain.segments[number] is not None:
            name = strain.names[number].uncapitalised()
            yield STRAIN_NOT_RETURNING.finding(
                severity,
                message(
                    "Strain of the {segment} segment misses 0 by {percent:.0f} % at the next ED.",
                    segment=name,
                    percent=abs(float(drift)),
                ),
                (strain.last_frames[-1],),
                measurements=frozenset({f"LS{number + 1}"}),
                subject=str(number + 1),
                remedies=(_without(number, name),),
            )


def contour_strain(reading: Reading) -> FloatArray | None:
    """(7,) strain at ES of the wall's line between the contours alone, mean over beats: whole, then by segment.

    At equal shares of its length; None where a contour is missing.

    Args:
        reading: of the loop.

    """
    strain = _strain(reading)
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    if strain is None or endo is None or epi is None:
        return None
    return compute_once(
        reading,
        "contour strain",
        (endo, epi, reading.events, reading.valve_closures, reading.strain, reading.aspect),
        lambda: _contour_strain(reading, strain),
    )


def _contour_strain(reading: Reading, strain: WallStrain) -> FloatArray | None:
    endo, epi = reading.tracks[Structure.LV_ENDO], reading.tracks[Structure.LV_EPI]
    each = []
    for beat in strain.beats:
        lines = []
        for frame in (beat.ed, beat.es):
            inner, outer = endo.contours[frame], epi.contours[frame]
            if inner is None or outer is None:
                return None
            try:
                lines.append(centreline(inner, outer, reading.aspect, 1.0, depth=reading.strain.depth))
            except ValueError:  # no wall around the endocardium
                return None
        parts = lengths(np.stack(lines), len(strain.names))
        whole = parts.sum(axis=1)
        each.append([whole[1] / whole[0] - 1, *(parts[1] / parts[0] - 1)])
    return np.asarray(100 * np.mean(each, axis=0))


def _disagreement_words(tracked: float, drawn: float) -> Message:
    """Of the wall's strain in percent as tracked, and by its contours."""
    values: dict[str, Value] = {"tracked": abs(tracked), "drawn": abs(drawn)}
    if tracked < 0 and drawn < 0:
        return message(
            "As tracked, the wall shortens by {tracked:.1f} %; by its contours, it shortens by {drawn:.1f} %: one of "
            "them is wrong.",
            **values,
        )
    if tracked < 0:
        return message(
            "As tracked, the wall shortens by {tracked:.1f} %; by its contours, it lengthens by {drawn:.1f} %: one of "
            "them is wrong.",
            **values,
        )
    if drawn < 0:
        return message(
            "As tracked, the wall lengthens by {tracked:.1f} %; by its contours, it shortens by {drawn:.1f} %: one of "
            "them is wrong.",
            **values,
        )
    return message(
        "As tracked, the wall lengthens by {tracked:.1f} %; by its contours, it lengthens by {drawn:.1f} %: one of "
        "them is wrong.",
        **values,
    )


STRAIN_CONTOURS_DISAGREE: Final = Check(
    "strain.contours-disagree",
    in_context("strain", "contours disagree"),
    limits=("strain.contours", "strain.opposite-segment"),
    measurements=STRAIN_CODES,
    resolve=_RESOLVE,
)


STRAIN_OPPOSITE_SEGMENT: Final = Check(
    "strain.opposite-segment",
    in_context("strain", "opposite segment"),
    limits=("strain.contours", "strain.opposite-segment"),
    resolve=message("exclude the segment, or check the contours there"),
)


@finds(STRAIN_CONTOURS_DISAGREE, STRAIN_OPPOSITE_SEGMENT)
def _contours_disagree(reading: Reading) -> Iterator[Finding]:
    """The line that was tracked against the line between the contours as they are at ES."""
    strain, by_contours = _strain(reading), contour_strain(reading)
    if strain is None or by_contours is None:
        return
    tracked, drawn = strain.whole.end_systolic, float(by_contours[0])
    severity = threshold("strain.contours").severity(abs(tracked - drawn))
    if severity is not None:
        yield STRAIN_CONTOURS_DISAGREE.finding(
            severity,
            _disagreement_words(tracked, drawn),
            tuple(frame for beat in strain.beats for frame in (beat.ed, beat.es)),
        )
    for number, segment in enumerate(strain.segments):
        if segment is None or number in strain.excluded:
            continue
        apart = threshold("strain.opposite-segment").severity(segment.end_systolic - float(by_contours[number + 1]))
        if segment.end_systolic > _LENGTHENS and by_contours[number + 1] < 0 and apart is not None:
            name = strain.names[number].uncapitalised()
            yield STRAIN_OPPOSITE_SEGMENT.finding(
                apart,
                message(
                    "The {segment} segment lengthens by {percent:.0f} % as tracked; its contours shorten.",
                    segment=name,
                    percent=segment.end_systolic,
                ),
                tuple(beat.es for beat in strain.beats),
                measurements=frozenset({f"LS{number + 1}"}),
                subject=str(number + 1),
                remedies=(_without(number, name),),
            )


STRAIN_AGAINST_EF: Final = Check(
    "strain.against-ef",
    in_context("strain", "against EF"),
    limits=("strain.ef-ratio", "strain.weak", "strain.weak-ratio", "strain.low-ef"),
    resolve=_RESOLVE,
)


@finds(STRAIN_AGAINST_EF)
def _against_ef(reading: Reading) -> Iterator[Finding]:
    """EF and strain that no heart has together; amyloid hearts (EF 60 %, GLS -9 %) are well within."""
    strain = _strain(reading)
    ef = value_of(reading, "EF")
    if strain is None or ef is None:
        return
    gls = abs(strain.whole.end_systolic)
    ratio = ef / max(gls, 0.1)
    few, many = threshold("strain.ef-ratio").severity(ratio), threshold("strain.low-ef").severity(gls)
    low = ef < _LOW_EF and many is not None
    weak = all(
        threshold(name).severity(value) is not None
        for name, value in (("strain.weak", gls), ("strain.weak-ratio", ratio))
    )
    if (few is None or ef < _RATIO_FROM_EF) and not low and not (weak and ef >= _RATIO_FROM_EF):
        return
    yield STRAIN_AGAINST_EF.finding(
        Severity.CHECK,
        message(
            "EF {ef_percent:.0f} % and GLS {gls_percent:.1f} % do not go together: volumes or strain are wrong.",
            ef_percent=ef,
            gls_percent=strain.whole.end_systolic,
        ),
        tuple(frame for beat in strain.beats for frame in (beat.ed, beat.es)),
        measurements=STRAIN_CODES | (codes_affected("EDV", "ESV") if low else frozenset()),
    )


# A segment that lengthens by less may be akinetic.
_LENGTHENS = 3.0
_LOW_EF = 30.0
# Below this EF a small error of strain alone moves the ratio far.
_RATIO_FROM_EF = 25.0


STRAIN_BAD_FRAMES: Final = Check(
    "strain.bad-frames",
    in_context("strain", "bad frames"),
    resolve=message("choose another beat, or another clip"),
)


@finds(STRAIN_BAD_FRAMES)
def _bad_frames(reading: Reading) -> Iterator[Finding]:
    """Frames that are damaged or next to lost ones: strain follows the wall through all of them."""
    strain, images = _strain(reading), reading.facts.images
    if strain is None:
        return
    bad = {*images.damaged, *images.lost_after}
    within = sorted(
        frame
        for frame in bad
        if any(
            beat.ed <= frame <= (beat.es if to_end_systole(reading) else last)
            for beat, last in zip(strain.beats, strain.last_frames, strict=True)
        )
    )
    if within:
        systolic = any(beat.ed <= frame <= beat.es for frame in within for beat in strain.beats)
        yield STRAIN_BAD_FRAMES.finding(
            Severity.CHECK if systolic else Severity.INFO,
            plural(
                "The wall was followed through {count} frame that is damaged or next to lost ones "
                "(frame {first_frame}).",
                "The wall was followed through {count} frames that are damaged or next to lost ones "
                "(from frame {first_frame}).",
                len(within),
                first_frame=within[0] + 1,
            ),
            tuple(within),
            measurements=STRAIN_CODES if systolic else frozenset(),
        )


CHECKS: Final = (_drift, _not_returning, _contours_disagree, _against_ef, _bad_frames)
