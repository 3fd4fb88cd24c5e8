"""A study of many recordings: what is computed of each, counted."""

from collections import Counter
from dataclasses import replace
from weakref import ref

import numpy as np
import pytest

from kinecor.core.checks import assessment
from kinecor.core.strain import wall_strain
from kinecor.core.table import table
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import View
from kinecor.core.values.study import Entered
from kinecor.core.values.track import Structure
from kinecor.session.edits import (
    SetComment,
    SetContours,
    SetDemographics,
    SetEvents,
    SetNotes,
    SetTrack,
    SetView,
    Several,
)
from kinecor.ui.results.checks_view import ChecksView
from kinecor.ui.results.panel import ResultsPanel
from kinecor.ui.study.study_list import StudyList
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Workspace
from tests.readings import BY, cine, read, with_identity

MANY = 30
ENDO = Structure.LV_ENDO
PARTS = ("measurements", "checks", "points of the wall")


class Counts:
    """How often a part of a recording was computed, by part and recording."""

    def __init__(self, monkeypatch):
        self.computed = []
        for module, name, part in (
            (table, "_measurements", "measurements"),
            (assessment, "_all_findings", "checks"),
            (wall_strain, "wall_points", "points of the wall"),  # a Kalman filter
        ):
            self._count(monkeypatch, module, name, part)

    def _count(self, monkeypatch, module, name, part):
        real = getattr(module, name)

        def counting(first, *others, **named):
            self.computed.append((part, first))
            return real(first, *others, **named)

        monkeypatch.setattr(module, name, counting)

    def taken(self, space):
        """The counts since they were taken last; of Kalman filters by the recording that has the contours."""
        computed, self.computed = self.computed, []
        of_track = {id(one.tracks[ENDO]): one.facts.recording_id for one in space.study.readings}
        return Counter(
            (part, of_track[id(of)] if part == "points of the wall" else of.facts.recording_id) for part, of in computed
        )


@pytest.fixture
def loops():
    made = [with_identity(cine(), path=f"study/{at}.dcm", recording_id=f"9.{at}") for at in range(MANY)]
    first = Workspace("Dr Grey")
    first.open(tuple(made))
    for at, loop in enumerate(made):
        edits = (SetView(View(("A4C", "A2C", "A3C")[at % 3], 0.99, BY)), *map(SetTrack, read(loop).tracks.values()))
        assert first.do(Several("analysis", (*edits, SetEvents(read(loop).events))), actor=BY, recording=loop)
    first.close()
    return tuple(made)


@pytest.fixture
def space(themed, loops, qtbot):
    """A workspace whose checks a worker computes, with the widgets that show them."""
    made, jobs = Workspace("Dr Grey"), Jobs(1, "checks")
    made.checks.work_with(jobs)
    made.panel, made.listed = ResultsPanel(made), StudyList(made)
    for widget in (made.panel, made.listed, ChecksView(made)):
        qtbot.addWidget(widget)
        widget.show()
    yield made
    made.listed.stop()
    made.close()
    jobs.shutdown()


def moved(space, at):
    """An edit that moves a contour of a recording."""
    contour = space.opened.saved_reading(space.opened.recordings[at]).tracks[ENDO].contours[3]
    return SetContours(ENDO, 3, (Contour(contour.points + np.array((0.5, 0.0))),))


def test_each_part_is_computed_once_for_each_change_of_its_recording(space, loops, monkeypatch, qtbot):
    def settled():
        qtbot.waitUntil(lambda: space.checks.current)
        return counts.taken(space)

    counts = Counts(monkeypatch)
    space.open(loops)
    assert len(space.study.readings) == MANY
    assert settled() == {(part, f"9.{at}"): 1 for part in PARTS for at in range(MANY)}
    assert len(space.checks.readings) == MANY
    shown = space.checks.study

    space.do(moved(space, 7), recording=loops[7])
    assert settled() == {(part, "9.7"): 1 for part in PARTS}
    assert space.checks.study is not shown

    space.do(moved(space, 0))  # on screen
    assert settled() == {(part, "9.0"): 1 for part in PARTS}

    space.preview(moved(space, 0))
    space.panel.later.pass_on()  # the values of the preview
    counts.taken(space)
    space.do(moved(space, 0))
    assert settled() == {(part, "9.0"): 1 for part in PARTS}, "as a drag ends"

    space.do(SetNotes("seen"))
    assert settled() == {(part, "9.0"): 1 for part in PARTS[:2]}, "notes are no part of the wall"

    space.history.undo()
    assert settled() == {}, "what was there before is kept"

    space.study.do(SetComment("EF", "good views"))
    assert settled() == {}

    space.show(12)
    assert settled() == {}


def test_a_reader_s_height_changes_all_recordings_once(space, loops, monkeypatch, qtbot):
    space.open(loops)
    assert len(space.study.readings) == MANY
    qtbot.waitUntil(lambda: space.checks.current)
    counts, run = Counts(monkeypatch), Counter()
    find = assessment._findings

    def counted(reading, *, for_body):
        run[for_body] += 1
        return find(reading, for_body=for_body)

    monkeypatch.setattr(assessment, "_findings", counted)
    assert space.study.do(SetDemographics(Entered(height_cm=171.0)))
    qtbot.waitUntil(lambda: space.checks.current)
    found = counts.taken(space)
    assert set(found.values()) == {1}
    assert {part for part, _ in found} == {"measurements", "checks"}
    assert run == {True: MANY}, "checks that the body has no part in are not run again"
    assert space.study.do(SetComment("EF", "good views"))
    qtbot.waitUntil(lambda: space.checks.current)
    assert counts.taken(space) == {}


def test_what_is_shown_is_of_one_state(space, loops, qtbot, monkeypatch):
    """Until a change is checked, the Reading and the values are those before it, and a late answer is dropped."""
    space.open(loops[:3])
    assert len(space.study.readings) == 3
    qtbot.waitUntil(lambda: space.checks.current)
    before, values = space.saved, space.checks.here
    seen = []
    follow(space, lambda: seen.append(space.checks.reading_of(0)), Topic.CHECKS)
    space.do(moved(space, 0))
    late = space.saved
    assert space.checks.pending == {0}
    assert (space.checks.reading_of(0), space.checks.here) == (before, values)
    space.do(moved(space, 0))  # while the first is checked
    qtbot.waitUntil(lambda: space.checks.current)
    assert late not in seen
    assert seen[-1] is space.saved
    assert not space.checks.pending
    assert space.checks.here is not values


@pytest.mark.logs_warnings
def test_a_check_that_fails_is_said_and_leaves_what_was_there(space, loops, qtbot, monkeypatch):
    space.open(loops[:2])
    assert len(space.study.readings) == 2
    qtbot.waitUntil(lambda: space.checks.current)
    values, said = space.checks.here, []
    space.notices.message.connect(said.append)

    def fail(_):
        raise ValueError("an error of the program")

    with monkeypatch.context() as patched:
        patched.setattr(assessment, "OF_A_RECORDING", (fail,))
        space.do(moved(space, 0))
        qtbot.waitUntil(lambda: bool(said))
        assert space.checks.here is values
        assert space.checks.current, "it is not tried again until something changes"
    space.do(moved(space, 0))
    qtbot.waitUntil(lambda: space.checks.current and space.checks.here is not values)
    assert len(said) == 1


def test_what_was_derived_goes_when_the_study_is_closed(space, loops, qtbot):
    import gc

    space.open(loops[:4])
    assert len(space.study.readings) == 4
    qtbot.waitUntil(lambda: space.checks.current)
    for _ in range(12):
        space.do(moved(space, 0))
    qtbot.waitUntil(lambda: space.checks.current)
    gone = [ref(one.derived) for one in space.study.readings]
    space.open((replace(loops[0], times_s=np.asarray(loops[0].times_s)),))
    qtbot.waitUntil(lambda: space.checks.current)
    gc.collect()
    assert [one() for one in gone] == [None] * 4
