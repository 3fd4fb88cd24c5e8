"""Checks of the intervals that volumes and EF have: each value is marked by its own."""

from collections.abc import Iterator
from typing import Final

from kinecor.core.checks.findings import Finding, affected, threshold
from kinecor.core.table.expected_error import REASONS, Doubt, doubt_at
from kinecor.core.table.table import measurements, with_intervals
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.track import Structure

_STROKE: Final = affected("SV")
# A stroke volume and EF are not known as volumes are: errors at ED and ES go together.
_CONCERNED: Final = {
    "EDV": affected("EDV") - _STROKE - {"EF"},
    "ESV": affected("ESV") - _STROKE - {"EF"},
    "SV": _STROKE,
    "EF": affected("EF"),
}
_LIMITS: Final = {"EDV": "expected.edv", "ESV": "expected.esv", "SV": "expected.sv", "EF": "expected.ef"}


def _expected(reading: Reading) -> Iterator[Finding]:
    beats = counted_beats(reading)
    if reading.kind.volumes != "disks" or Structure.LV_ENDO not in reading.tracks or not beats:
        return
    at_ed, at_es = doubt_at(reading, [beat.ed for beat in beats]), doubt_at(reading, [beat.es for beat in beats])
    rests_on = {"EDV": (at_ed,), "ESV": (at_es,), "SV": (at_ed, at_es), "EF": (at_ed, at_es)}
    for row in with_intervals(reading, measurements(reading)):
        doubts = [one for one in rests_on.get(row.code, ()) if one.frame is not None]
        if row.quantity is None or row.plus_minus is None or not doubts:
            continue
        points = row.code == "EF"
        width = row.plus_minus if points else row.plus_minus / max(row.quantity.value, 1e-9)
        severity = threshold(_LIMITS[row.code]).severity(width)
        if severity is None:
            continue
        shown = f"{width:.0f} points" if points else f"{100 * width:.0f} %"
        yield Finding(
            "expected.error",
            severity,
            f"{row.code} is known to ± {shown} only: {_why(max(doubts, key=lambda one: one.scale))}.",
            tuple(dict.fromkeys(one.frame for one in doubts if one.frame is not None)),
            measurements=_CONCERNED[row.code],
            resolve="correct or confirm the contour at this frame"
            if len(doubts) == 1
            else "correct or confirm the contours at these frames",
            subject=row.code,
        )


def _why(doubt: Doubt) -> str:
    """What widens the interval most, and where."""
    reason = REASONS.get(doubt.reason, "contours of other recordings at this confidence were this far off")
    return f"{reason} (frame {doubt.frame + 1})" if doubt.frame is not None else reason


CHECKS: Final = (_expected,)
