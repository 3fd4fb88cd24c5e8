"""What is shown after a part of the frames: it is not saved, not edited, and replaced by what follows from all."""

import threading
from dataclasses import dataclass, replace

import pytest

from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.values.confidence import Trust
from kinecor.core.values.message import message
from kinecor.core.values.recording import ImageFacts, RecordingFacts
from kinecor.core.values.track import Structure
from kinecor.session.edits import Decide, DecideStudy, RemoveTrack, SetNotes
from kinecor.ui.workspace import jobs
from kinecor.ui.workspace.computing import Awaited
from kinecor.ui.workspace.jobs import AnalysisQueue
from kinecor.ui.workspace.workspace import Workspace
from tests.readings import cine
from tests.ui.conftest import Proposal, beating


@dataclass(frozen=True)
class Begun:
    proposal: object
    finish: object


class Early:
    """Analyses that have provisional contours at once; the others wait until `release` is set."""

    def __init__(self, *, fails=False):
        self.release, self.order, self.fails = threading.Event(), [], fails

    def begin(self, recording, reading, tick):
        name = recording.source.recording_id
        self.order.append(f"part of {name}")
        final = beating(recording, reading, tick)

        def finish(tick):
            self.order.append(name)
            while not self.release.wait(0.01):
                tick(0, 0)
            if self.fails:
                raise RuntimeError("out of memory")
            return final

        return Begun(Proposal(final.edit, final.by), finish)

    def propose(self, recording, reading, tick):
        self.order.append(recording.source.recording_id)
        return beating(recording, reading, tick)


def loop(view):
    made = cine()
    return replace(made, source=replace(made.source, recording_id=view), view=view)


@pytest.fixture
def opened(qapp, qtbot):
    """opened(early) -> the workspace with three views of which two are shown as provisional, and their queue."""
    queues = []

    def opener(early):
        workspace = Workspace("Dr Grey")
        queue = AnalysisQueue(
            workspace,
            early.propose,
            measure=lambda *_: RecordingFacts(ImageFacts()),
            early=early.begin,
            parent=workspace,
        )
        queues.append((workspace, queue, early))
        workspace.open((loop("A2C"), loop("A3C"), loop("A4C")))
        queue.consider_study()
        qtbot.waitUntil(lambda: {"A2C", "A4C"} <= {*early.order})
        return workspace, queue

    yield opener
    for workspace, queue, early in queues:
        early.release.set()
        queue.shutdown()
        workspace.close()


def test_both_planes_are_shown_before_all_of_any_is_seen(opened, qtbot):
    early = Early()
    workspace, queue = opened(early)
    assert set(early.order[:2]) == {"part of A2C", "part of A4C"}
    assert set(early.order[2:]) == {"A2C", "A4C"}
    shown = {one.view.label: Structure.LV_ENDO in one.tracks for one in workspace.study.readings}
    assert shown == {"A2C": True, "A3C": False, "A4C": True}
    assert set(workspace.computing.awaited.values()) == {Awaited.ALL}
    assert workspace.history.entries() == ()
    first = workspace.opened.recordings[0]
    assert not workspace.opened.finished_reading(first).tracks
    assert workspace.opened.known_reading(first, provisional=False).tracks == {}
    early.release.set()
    qtbot.waitUntil(lambda: not queue.busy)
    assert early.order[4:] == ["A3C"]
    assert all(workspace.opened.finished_reading(one).tracks for one in workspace.opened.recordings)
    assert len(workspace.history.entries()) == 1


def test_provisional_contours_are_not_edited_and_other_edits_are_saved(opened, qtbot):
    early = Early()
    workspace, queue = opened(early)
    said = []
    workspace.notices.remark.connect(said.append)
    assert not workspace.do(RemoveTrack(Structure.LV_ENDO))
    assert "provisional" in said[-1]
    assert workspace.do(SetNotes("seen"))
    assert workspace.saved.notes == "seen"
    assert Structure.LV_ENDO in workspace.saved.tracks
    early.release.set()
    qtbot.waitUntil(lambda: not queue.busy)
    assert workspace.saved.notes == "seen"
    assert workspace.do(RemoveTrack(Structure.LV_ENDO))


def test_provisional_values_have_no_findings_and_are_not_accepted(opened, qtbot, monkeypatch):
    early, found = (
        Early(),
        Finding("cycle.systole", Severity.CHECK, message("Systole lasts 250 ms."), measurements=frozenset({"EF"})),
    )
    monkeypatch.setattr("kinecor.core.checks.assessment.OF_A_RECORDING", (lambda _: [found],))
    workspace, queue = opened(early)
    qtbot.waitUntil(lambda: all(one.tracks for one in workspace.study.readings if one.view.label != "A3C"))
    shown = [at for at, one in enumerate(workspace.opened.recordings) if workspace.opened.is_provisional(one)]
    assert len(shown) == 2
    for at in shown:
        values = workspace.checks.assessment_of(at).measurements
        assert {"EF"} <= {one.code for one in values}
        assert Trust.CHECK not in {one.trust for one in values}
        assert not workspace.checks.assessment_of(at).findings
    assert not workspace.checks.study.findings
    assert not workspace.do(Decide("EF", accepted=True), recording=workspace.opened.recordings[shown[0]])
    assert not workspace.study.do(DecideStudy("EF", accepted=True))
    early.release.set()
    qtbot.waitUntil(lambda: not queue.busy)
    assert found.code in {one.code for one in workspace.checks.assessment_of(shown[0]).findings}
    assert workspace.do(Decide("EF", accepted=True), recording=workspace.opened.recordings[shown[0]])


def test_cancelling_takes_provisional_contours_away(opened):
    workspace, queue = opened(Early())
    queue.cancel()
    assert not any(one.tracks for one in workspace.study.readings)
    assert not workspace.computing.awaited


@pytest.mark.logs_warnings
def test_a_failure_takes_its_provisional_contours_away(opened, qtbot):
    early = Early(fails=True)
    workspace, queue = opened(early)
    early.release.set()
    qtbot.waitUntil(lambda: not queue.busy)
    with_contours = [
        one.source.recording_id for one in workspace.opened.recordings if workspace.opened.saved_reading(one).tracks
    ]
    assert with_contours == ["A3C"]


def test_what_strain_needs_is_imported_once_no_contours_wait(opened, qtbot, monkeypatch):
    early, loaded = Early(), []
    monkeypatch.setattr(jobs, "load_strain", lambda _tick: loaded.append(tuple(early.order)))
    _, queue = opened(early)
    qtbot.waitUntil(lambda: {"A2C", "A4C"} <= {*early.order[2:]})
    assert not loaded, "it took a processor from contours that are awaited"
    early.release.set()
    qtbot.waitUntil(lambda: not queue.busy)
    qtbot.waitUntil(lambda: bool(loaded))
    assert len(loaded) == 1
