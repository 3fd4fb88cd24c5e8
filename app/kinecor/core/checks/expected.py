"""Checks of the error that is expected of a volume or EF, from what is seen of its contours."""

from collections.abc import Iterator
from typing import Final

from kinecor.core.checks.findings import Finding, affected, threshold
from kinecor.core.table.expected_error import REASONS, Doubt, doubt_at, together
from kinecor.core.table.table import value_of
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.values.track import Structure

_EF: Final = affected("EF")
# EF is more exact than both volumes, and has a check of its own.
_EDV: Final = affected("EDV") - _EF
_ESV: Final = affected("ESV") - affected("SV") - _EF


def _expected(reading: Reading) -> Iterator[Finding]:
    beats = counted_beats(reading)
    if reading.kind.volumes != "disks" or Structure.LV_ENDO not in reading.tracks or not beats:
        return
    at_ed, at_es = doubt_at(reading, [beat.ed for beat in beats]), doubt_at(reading, [beat.es for beat in beats])
    volumes = (("EDV", "expected.edv", at_ed, _EDV), ("ESV", "expected.esv", at_es, _ESV))
    for code, limit, doubt, concerned in volumes:
        severity = threshold(limit).severity(doubt.within_95)
        if severity is not None and doubt.frame is not None and value_of(reading, code) is not None:
            yield Finding(
                "expected.error",
                severity,
                f"{code} is known to ± {100 * doubt.within_95:.0f} % only: {_why(doubt)}.",
                (doubt.frame,),
                measurements=concerned,
                resolve="correct or confirm the contour at this frame",
                subject=code,
            )
    ef = value_of(reading, "EF")
    frames = tuple(one.frame for one in (at_ed, at_es) if one.frame is not None)
    if ef is None or not frames:
        return
    points = (100 - ef) * together(at_ed.within_95, at_es.within_95)
    severity = threshold("expected.ef").severity(points)
    if severity is not None:
        worse = max(at_ed, at_es, key=lambda one: one.scale if one.frame is not None else 0.0)
        yield Finding(
            "expected.error",
            severity,
            f"EF is known to ± {points:.0f} points only: {_why(worse)}.",
            frames,
            measurements=_EF,
            resolve="correct or confirm the contours at these frames",
            subject="EF",
        )


def _why(doubt: Doubt) -> str:
    """What widens the interval most, and where."""
    reason = REASONS.get(doubt.reason, "contours of other recordings at this confidence were this far off")
    return f"{reason} (frame {doubt.frame + 1})" if doubt.frame is not None else reason


CHECKS: Final = (_expected,)
