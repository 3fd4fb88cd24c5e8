"""Checks of the cycle of a loop: beats, ED and ES against the ends of the loop, and valve closure against ES."""

from collections.abc import Iterator
from typing import Final

from kinecor.core.checks.findings import STRAIN, Finding, Severity, affected
from kinecor.core.cycle.cycle import closure_warnings, end_warnings
from kinecor.core.table.measures import SHORT_AXIS_CODES
from kinecor.core.values.reading import Reading, contoured
from kinecor.core.values.track import Structure

_AT_ES = affected("ESV") | STRAIN | SHORT_AXIS_CODES


def _no_beat(reading: Reading) -> Iterator[Finding]:
    kind = reading.kind
    drawn = contoured(reading, Structure.LV_ENDO) if kind.stack else Structure.LV_ENDO in reading.tracks
    if not drawn or reading.withheld or (reading.events and reading.events.beats):
        return
    yield Finding(
        "cycle.no-beat",
        Severity.INFO,
        "No beat was found in the volume curve: mark ED and ES by hand.",
        resolve="mark ED and ES on the curve",
    )


def _closures(reading: Reading) -> Iterator[Finding]:
    if reading.kind.stack:
        return
    for number, message in enumerate(closure_warnings(reading)):
        yield Finding("cycle.valve-closure", Severity.INFO, message, reading.valve_closures, subject=str(number))


def _ends(reading: Reading) -> Iterator[Finding]:
    if reading.kind.stack:
        return
    for message in end_warnings(reading):
        yield Finding(
            "cycle.es-at-the-end",
            Severity.CHECK,
            message,
            measurements=_AT_ES,
            resolve="choose another beat, or another clip",
            subject="begin" if "begins" in message else "end",
        )


CHECKS: Final = (_no_beat, _closures, _ends)
