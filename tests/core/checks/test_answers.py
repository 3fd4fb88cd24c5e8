"""A decision of a reader settles the doubt that it answers, and is never held to stricter limits than the program's."""

from dataclasses import replace

import pytest

from kinecor.core.checks.answers import drop_settled, is_answered
from kinecor.core.checks.assessment import assess
from kinecor.core.checks.check import Question
from kinecor.core.checks.findings import Severity
from kinecor.core.checks.table import CHECKS
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Reading, View, choices
from kinecor.core.values.track import Origin
from kinecor.core.volumes.extent import proposed_extent
from kinecor.session.edits import SetEvents, SetExtent, SetRvBase, SetView
from tests import stacks
from tests.core import strains

PROGRAM, READER = "model:lv-test@1.0+abcdef0123456789", "Dr Reader"
_ORDER = (Severity.INFO, Severity.CHECK, Severity.STOP)


def severities(reading: Reading) -> dict[str, Severity]:
    """The most serious finding of each code."""
    found: dict[str, Severity] = {}
    for one in assess(reading).findings:
        found[one.code] = max(one.severity, found.get(one.code, Severity.INFO), key=_ORDER.index)
    return found


def not_stricter(theirs: Reading, programs: Reading) -> None:
    allowed = severities(programs)
    for code, severity in severities(theirs).items():
        assert code in allowed, code
        assert _ORDER.index(severity) <= _ORDER.index(allowed[code]), code


def stack() -> Reading:
    sound = stacks.read(stacks.stack())
    return sound.with_(short_axis=replace(choices(sound), extent=proposed_extent(sound)))


def extent_in_force(reading: Reading) -> Extent:
    extent = choices(reading).extent
    assert extent is not None
    return extent


@pytest.mark.parametrize("beat", [Beat(0, 10), Beat(0, 14), Beat(3, 10), Beat(0, 6), Beat(17, 10)])
def test_marks_of_a_reader_are_held_to_the_limits_of_the_programs(beat: Beat) -> None:
    for reading in (strains.reading(), stack()):
        theirs = SetEvents(CardiacEvents((beat,), Origin.EDITED)).apply(reading, READER)
        programs = SetEvents(CardiacEvents((beat,), Origin.MODEL)).apply(reading, PROGRAM)
        not_stricter(theirs, programs)


@pytest.mark.parametrize(("base", "apex"), [(1, 10), (2, 10), (3, 10), (4, 9), (0, 10), (1, 8), (1, 11)])
def test_ends_of_a_reader_are_held_to_the_limits_of_the_programs(base: int, apex: int) -> None:
    edit = SetExtent(Extent((base,) * 20, (apex,) * 20))
    not_stricter(edit.apply(stack(), READER), edit.apply(stack(), PROGRAM))
    right = SetRvBase((base,) * 20)
    not_stricter(right.apply(stack(), READER), right.apply(stack(), PROGRAM))


@pytest.mark.parametrize("seen", ["A2C", "PLAX", "unknown"])
@pytest.mark.parametrize("sure", [0.6, 0.99])
def test_a_view_of_a_reader_is_held_to_the_limits_of_the_files(seen: str, sure: float) -> None:
    reading = strains.reading().with_(view_seen=View(seen, sure, PROGRAM))
    not_stricter(
        SetView(View("A4C", None, READER)).apply(reading, READER),
        reading.with_(view=View("A4C", None, "header")),
    )


def test_what_answers_a_question_is_a_persons_choice_of_that_end_at_that_phase() -> None:
    reading = stack()
    extent = extent_in_force(reading)
    moved = Extent((2, *extent.base[1:]), extent.apex)
    theirs, programs = (SetExtent(moved).apply(reading, by) for by in (READER, PROGRAM))
    assert is_answered(theirs, Question.BASE, (0,))
    assert not is_answered(theirs, Question.BASE, (10,))
    assert not is_answered(theirs, Question.APEX, (0,))
    assert not is_answered(theirs, Question.RIGHT_BASE, (0,))
    assert not is_answered(programs, Question.BASE, (0,))
    everywhere = SetExtent(Extent((2,) * 20, extent.apex)).apply(reading, READER)
    assert is_answered(everywhere, Question.BASE)


def test_what_the_images_contradict_beyond_doubt_is_not_settled() -> None:
    reading = stack()
    theirs = SetExtent(Extent((2,) * 20, extent_in_force(reading).apex)).apply(reading, READER)
    row = CHECKS["stack.basal-slice"]
    doubt = row.finding(Severity.CHECK, row.title, (0,))
    assert not list(drop_settled(theirs, [doubt]))
    assert list(drop_settled(theirs, [replace(doubt, beyond_doubt=True)]))
    assert list(drop_settled(reading, [doubt]))
    other = CHECKS["stack.mass"].finding(Severity.CHECK, row.title, (0,))
    assert list(drop_settled(theirs, [other]))
