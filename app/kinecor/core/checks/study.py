"""Checks between the recordings of a study: foreshortening, the base on long axes, EF and heart rate of the views."""

from collections.abc import Iterator, Sequence

from kinecor.core.checks.findings import EVERYTHING, STRAIN, VOLUMES, Finding, Severity, affected
from kinecor.core.checks.thresholds import threshold
from kinecor.core.table.table import measurements
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.extent import base_doubts
from kinecor.core.volumes.loop_volumes import foreshortening_warning


def between(reading: Reading, others: Sequence[Reading]) -> Iterator[Finding]:
    """What other recordings of its study say of one recording."""
    short = foreshortening_warning(reading, others)
    if short is not None:
        yield Finding(
            "study.foreshortened",
            Severity.CHECK,
            short,
            measurements=VOLUMES | STRAIN | {"LAV"},
            resolve="choose a clip of this view that shows the apex",
        )
    for message in base_doubts(reading, others):
        mark = message.partition(" the base")[0].removeprefix("At ")
        yield Finding(
            "study.base-off-the-valve",
            Severity.CHECK,
            message,
            measurements=VOLUMES,
            resolve="move the base to the slice below the valve",
            subject=mark,
        )


def _value(reading: Reading, code: str) -> float | None:
    found = next((row for row in measurements(reading) if row.code == code), None)
    return found.quantity.value if found is not None and found.quantity is not None else None


def _views_apart(readings: Sequence[Reading]) -> Iterator[Finding]:
    """EF and heart rate of the views that biplane volumes are computed from."""
    loops = [one for one in readings if one.kind.volumes == "disks" and one.view is not None and one.view_known]
    for name, code, words, unit, marks in (
        ("study.ef-apart", "EF", "EF", "%", affected("EDV", "ESV")),
        ("study.hr-apart", "HR", "Heart rate", "/min", frozenset[str]()),
    ):
        seen = [(value, one.view.label) for one in loops if one.view and (value := _value(one, code)) is not None]
        if len(seen) < 2:
            continue
        (least, low), (most, high) = min(seen), max(seen)
        severity = threshold(name).severity(most - least)
        if severity is not None:
            yield Finding(
                name,
                severity,
                f"{words} is {least:.0f} {unit} in {low} and {most:.0f} {unit} in {high}: check contours, ED and ES of "
                "both, and whether they show one state of the heart.",
                measurements=marks,
                resolve="correct one of the views, or leave it out",
            )


def _two_patients(readings: Sequence[Reading]) -> Iterator[Finding]:
    """Recordings of one study whose headers name different patients; who they are is shown in the window only."""
    patients = {one.facts.patient for one in readings if one.facts.patient}
    if len(patients) > 1:
        yield Finding(
            "study.two-patients",
            Severity.STOP,
            f"The recordings of this study name {len(patients)} different patients: they must not be averaged.",
            measurements=EVERYTHING,
            resolve="open the recordings of one patient",
        )


def study_findings(readings: Sequence[Reading]) -> Iterator[Finding]:
    """What the recordings of a study say of its own measurements; none where there is one recording."""
    yield from _two_patients(readings)
    for number, reading in enumerate(readings):
        others = [one for at, one in enumerate(readings) if at != number]
        yield from between(reading, others)
    yield from _views_apart(readings)
