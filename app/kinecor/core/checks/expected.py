"""Checks of how well volumes and EF are known, by the interval that each of them has, and of an EF that none has."""

from collections.abc import Iterator
from typing import Final

from kinecor.core.checks.check import Check, finds
from kinecor.core.checks.findings import OF_BOTH_VOLUMES, Finding, Severity, codes_affected, threshold
from kinecor.core.table.expected_error import REASONS, Doubt, doubt_at
from kinecor.core.table.intervals import with_intervals
from kinecor.core.table.measures import BY_CODE
from kinecor.core.table.table import measurements
from kinecor.core.values.message import Message, in_context, message, verbatim
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


EXPECTED_ERROR: Final = Check(
    "expected.error",
    in_context("expected", "wide interval"),
    limits=("expected.edv", "expected.esv", "expected.sv", "expected.ef"),
)


@finds(EXPECTED_ERROR)
def _expected_error(reading: Reading) -> Iterator[Finding]:
    """The interval that each volume and EF has."""
    beats = counted_beats(reading)
    if reading.kind.volumes != "disks" or Structure.LV_ENDO not in reading.tracks or not beats:
        return
    at_ed, at_es = doubt_at(reading, [beat.ed for beat in beats]), doubt_at(reading, [beat.es for beat in beats])
    rests_on = {"EDV": (at_ed,), "ESV": (at_es,), "SV": (at_ed, at_es), "EF": (at_ed, at_es)}
    for row in with_intervals(reading, measurements(reading)):
        doubts = [doubt for doubt in rests_on.get(row.code, ()) if doubt.frame is not None]
        if row.quantity is None or row.interval is None or not doubts:
            continue
        points = BY_CODE[row.code].in_percent
        half = row.interval.half_width
        width = half if points else half / max(row.quantity.value, 1e-9)
        severity = threshold(_LIMITS[row.code]).severity(width)
        if severity is None:
            continue
        why = _why(max(doubts, key=lambda doubt: doubt.scale))
        yield EXPECTED_ERROR.finding(
            severity,
            message("EF is known to ± {points:.0f} points only: {why}.", points=width, why=why)
            if points
            else message(
                "{code} is known to ± {percent:.0f} % only: {why}.",
                code=verbatim(row.code),
                percent=100 * width,
                why=why,
            ),
            tuple(dict.fromkeys(doubt.frame for doubt in doubts if doubt.frame is not None)),
            measurements=_CONCERNED[row.code],
            resolve=message("correct or confirm the contour at this frame")
            if len(doubts) == 1
            else message("correct or confirm the contours at these frames"),
            subject=row.code,
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
        words = message(
            "{code} is {percent:.0f} %, which hardly any ventricle has: ED, ES or a contour may be wrong.",
            code=verbatim(row.code),
            percent=value,
        )
        if severity is None and row.code == "EF" and row.interval is not None and row.interval.low <= 0:
            severity = Severity.CHECK
            words = message("By its interval EF may be 0: it is not known whether the ventricle ejects at all.")
        if severity is None:
            continue
        both = codes_affected(_EJECTED[row.code][0]) & codes_affected(_EJECTED[row.code][1])
        yield EXPECTED_EJECTION.finding(
            severity,
            words,
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
