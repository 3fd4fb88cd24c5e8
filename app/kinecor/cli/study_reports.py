"""Reports of loops whose study has others: each tells the study's average of strain, so it waits for them all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import kinecor
from kinecor.core.values.cine import CineSequence
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.reading import Reading


@dataclass(frozen=True, slots=True)
class Waiting:
    """A loop whose report waits.

    Attributes:
        path: of the report.
        study: the study it belongs to.
        reading: what was concluded about it.
        open: the loop itself.

    """

    path: Path
    study: str
    reading: Reading
    open: Callable[[], CineSequence]


def write_study_reports(waiting: Sequence[Waiting]) -> Iterator[str | None]:
    """Write every report with the study's other loops; of each, why it could not be written, or None."""
    from kinecor.io.report.report import write_report

    for one in waiting:
        others = [other.reading for other in waiting if other is not one and other.study == one.study]
        try:
            write_report(one.path, one.open(), one.reading, software_version=kinecor.__version__, others=others)
        except KinecorError as error:
            yield str(error)
        else:
            yield None
