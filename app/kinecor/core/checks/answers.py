"""Which doubts a reader has answered: a decision settles what a check asks, and is never judged more strictly.

A check's row says which decision answers it (`Check.answered_by`). Once a person has made that decision, what the
check finds is gone, but for findings that say that the images contradict the decision beyond doubt. Checks of ED, ES,
beats and views have no such row: they hold what a person set to the limits that what the program set is held to.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from kinecor.core.checks.check import Question
from kinecor.core.checks.findings import Finding
from kinecor.core.checks.table import CHECKS
from kinecor.core.values.reading import Reading
from kinecor.core.volumes.extent import End, is_end_by_person


def drop_settled(reading: Reading, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings without those that a decision of the reader answers.

    Args:
        reading: what was concluded about the recording that the findings are of.
        findings: of its checks.

    """
    for finding in findings:
        row = CHECKS.get(finding.code)
        question = None if row is None else row.answered_by
        if question is None or finding.beyond_doubt or not is_answered(reading, question, finding.frames):
            yield finding


def is_answered(reading: Reading, question: Question, frames: tuple[int, ...] = ()) -> bool:
    """Whether a person has decided what a check asks.

    Args:
        reading: what was concluded about the recording.
        question: see Question.
        frames: at which phases of a stack, for an end of a ventricle; any person's choice of it without.

    """
    return _ANSWERED[question](reading, frames)


def _end(end: End) -> Callable[[Reading, tuple[int, ...]], bool]:
    def by_person(reading: Reading, frames: tuple[int, ...]) -> bool:
        phases = frames or tuple(range(reading.facts.frames))
        return any(is_end_by_person(reading, end, phase) for phase in phases)

    return by_person


_ANSWERED: Final[Mapping[Question, Callable[[Reading, tuple[int, ...]], bool]]] = {
    Question.BASE: _end("base"),
    Question.APEX: _end("apex"),
    Question.RIGHT_BASE: _end("rv base"),
}
