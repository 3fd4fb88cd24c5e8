"""Checks of how well volumes and EF are known, by the interval that each of them has, and of an EF that none has."""

from collections.abc import Iterator
from typing import Final

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.findings import OF_BOTH_VOLUMES, Finding, Severity, codes_affected, threshold
from kinecor.core.table.expected_error import REASONS, Doubt, doubt_at
from kinecor.core.table.intervals import with_intervals
from kinecor.core.table.measures import BY_CODE, within_words
from kinecor.core.table.table import measurements
from kinecor.core.values.message import Message, in_context, joined_by, message, verbatim
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.track import Structure

# A stroke volume and EF are not known as volumes are: errors at ED and ES go together, so that EDV does not mark them.
# What is computed from an ESV as doubtful as its limit allows would look sound next to it: that is marked with it.
_CONCERNED: Final = {
    "EDV": codes_affected("EDV") - OF_BOTH_VOLUMES,
    "ESV": codes_affected("ESV"),
    "SV": codes_affected("SV"),
    "EF": codes_affected("EF"),
}
_LIMITS: Final = {"EDV": "expected.edv", "ESV": "expected.esv", "SV": "expected.sv", "EF": "expected.ef"}
_GRAVITY: Final = (Severity.INFO, Severity.CHECK, Severity.STOP)


EXPECTED_ERROR: Final = Check(
    "expected.error",
    in_context("expected", "wide interval"),
    limits=("expected.edv", "expected.esv", "expected.sv", "expected.ef"),
)


@finds(EXPECTED_ERROR)
def _expected_error(reading: Reading) -> Iterator[Finding]:
    """The intervals of volumes and EF by their contours, once for all values.

    What a scale in doubt adds to them is said by the check of the scale: no contour answers it, and EF has no scale.
    """
    beats = counted_beats(reading)
    if reading.kind.volumes != "disks" or Structure.LV_ENDO not in reading.tracks or not beats:
        return
    at_ed, at_es = doubt_at(reading, [beat.ed for beat in beats]), doubt_at(reading, [beat.es for beat in beats])
    rests_on = {"EDV": (at_ed,), "ESV": (at_es,), "SV": (at_ed, at_es), "EF": (at_ed, at_es)}
    rows = measurements(reading)
    shown = {row.code: row for row in with_intervals(reading, rows)}
    ranges: list[Message] = []
    severities: list[Severity] = []
    causes: list[Doubt] = []
    concerned: frozenset[str] = frozenset()
    for row in with_intervals(reading, rows, scale_in_doubt=False):
        doubts = [doubt for doubt in rests_on.get(row.code, ()) if doubt.frame is not None]
        if row.quantity is None or row.interval is None or not doubts:
            continue
        half = row.interval.half_width
        width = half if BY_CODE[row.code].in_percent else half / max(row.quantity.value, 1e-9)
        severity = threshold(_LIMITS[row.code]).severity(width)
        if severity is not None:
            ranges.append(within_words(shown[row.code]))
            severities.append(severity)
            causes += doubts
            concerned |= _CONCERNED[row.code]
    if not ranges:
        return
    frames = tuple(sorted({doubt.frame for doubt in causes if doubt.frame is not None}))
    yield EXPECTED_ERROR.finding(
        max(severities, key=_GRAVITY.index),
        message(
            "The contours allow {ranges}: {why}.",
            ranges=joined_by(", ", ranges),
            why=_why(max(causes, key=lambda one: one.scale)),
        ),
        frames,
        measurements=concerned,
        resolve=message("correct or confirm the contour at this frame")
        if len(frames) == 1
        else message("correct or confirm the contours at these frames"),
    )


EXPECTED_EJECTION: Final = Check(
    "expected.ejection",
    in_context("expected", "ejection"),
    limits=("expected.ef-low", "expected.ef-high"),
    resolve=message("check ED, ES and the contours of both"),
)
_EJECTED: Final = {"EF": ("EDV", "ESV"), "RVEF": ("RVEDV", "RVESV")}


@finds(EXPECTED_EJECTION)
def _ejection(reading: Reading) -> Iterator[Finding]:
    """EF that hardly any ventricle has, or whose interval reaches 0."""
    for row in with_intervals(reading, measurements(reading)):
        if row.code not in _EJECTED or row.quantity is None or row.entered:
            continue
        value = row.quantity.value
        severity = EXPECTED_EJECTION.severity(value)
        text = message(
            "{code} is {percent:.0f} %, which hardly any ventricle has: ED, ES or a contour may be wrong.",
            code=verbatim(row.code),
            percent=value,
        )
        if severity is None and row.code == "EF" and row.interval is not None and row.interval.low <= 0:
            severity = Severity.CHECK
            text = message("By its interval EF may be 0: it is not known whether the ventricle ejects at all.")
        if severity is None:
            continue
        both = codes_affected(_EJECTED[row.code][0]) & codes_affected(_EJECTED[row.code][1])
        yield EXPECTED_EJECTION.finding(
            severity,
            text,
            row.frames,
            measurements=both,
            subject=row.code,
        )


def _why(doubt: Doubt) -> Message:
    """What widens the interval most, and where."""
    reason = REASONS.get(doubt.reason, message("contours of other recordings at this confidence were this far off"))
    if doubt.frame is None:
        return reason
    return message("{reason} (frame {frame})", reason=reason, frame=doubt.frame + 1)


CHECKS: Final = (_expected_error, _ejection)
