"""Checks between the recordings of a study: a view that is foreshortened, a base that long axes put elsewhere."""

from collections.abc import Iterator, Sequence

from kinecor.core.checks.findings import STRAIN, VOLUMES, Finding, Severity
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


def study_findings(readings: Sequence[Reading]) -> Iterator[Finding]:
    """What the recordings of a study say of its own measurements; none where there is one recording."""
    for number, reading in enumerate(readings):
        others = [one for at, one in enumerate(readings) if at != number]
        yield from between(reading, others)
