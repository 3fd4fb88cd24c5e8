"""What opening found: warnings of the file, no scale, no times, and recordings in which nothing is measured."""

from collections.abc import Iterator
from typing import Final

from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.values.reading import Reading


def _file(reading: Reading) -> Iterator[Finding]:
    for number, message in enumerate(dict.fromkeys(reading.facts.warnings)):
        yield Finding("files.warning", Severity.INFO, message, subject=str(number))


def _nothing_measured(reading: Reading) -> Iterator[Finding]:
    if reading.withheld:
        yield Finding("files.not-measured", Severity.INFO, f"Nothing is measured here: {reading.withheld}.")


def _no_scale(reading: Reading) -> Iterator[Finding]:
    if reading.calibration is None and reading.facts.calibration_origin:
        yield Finding("scale.missing", Severity.INFO, reading.facts.calibration_origin, resolve="calibrate the image")


def _no_times(reading: Reading) -> Iterator[Finding]:
    if reading.facts.times_origin == "assumed":
        yield Finding(
            "time.assumed",
            Severity.INFO,
            "The file has no frame times: the frame rate is assumed, so times and rates are not measured.",
        )


CHECKS: Final = (_file, _nothing_measured, _no_scale, _no_times)
