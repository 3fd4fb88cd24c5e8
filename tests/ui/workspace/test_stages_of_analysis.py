"""Contours of all recordings come before the motion of any, and nothing that may change looks final."""

import logging
import threading
from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.track import Motion
from kinecor.session.edits import SetMotion, SetNotes
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.computing import Awaited
from tests.readings import cine
from tests.ui.conftest import beating
from tests.ui.settled import settle


def motion(frames):
    shape = (frames - 1, 4, 4)
    return Motion((0.0, 0.0), (32.0, 24.0), np.zeros((*shape, 2)), np.zeros(shape), "model:flow@1")


class Staged:
    """Analyses whose contours come at once, and whose motion waits until `release` is set."""

    def __init__(self):
        self.release, self.order = threading.Event(), []

    def __call__(self, recording, reading, tick):
        name = recording.source.recording_id
        self.order.append(name)

        def rest(tick):
            self.order.append(f"motion of {name}")
            while not self.release.wait(0.01):
                tick(0, 0)
            return [SetMotion(motion(len(recording)))]

        return replace(beating(recording, reading, tick), rest=rest)


def loop(view):
    made = cine()
    return replace(made, source=replace(made.source, recording_id=view), view=view)


@pytest.fixture
def staged(open_window, qtbot):
    found = Staged()
    found.window = open_window([loop("A3C"), loop("A2C"), loop("A4C")], propose=found, analysed=False)
    qtbot.waitUntil(lambda: any("motion" in one for one in found.order))
    yield found
    found.release.set()


def test_all_contours_come_first(staged, qtbot):
    assert set(staged.order[:3]) == {"A3C", "A2C", "A4C"}
    staged.release.set()
    qtbot.waitUntil(lambda: not staged.window.busy)
    assert set(staged.order[3:]) == {"motion of A3C", "motion of A2C", "motion of A4C"}
    assert staged.order[-1] == "motion of A4C"  # two at once, the one on screen first
    readings = staged.window.workspace.study.readings
    assert all(one.motion is not None for one in readings)
    assert not staged.window.workspace.computing.awaited


def test_volumes_are_final_and_strain_is_not_until_motion_is_there(staged, qtbot):
    workspace, panel = settle(staged.window).workspace, staged.window.reading.results
    assert set(workspace.computing.awaited.values()) == {Awaited.STRAIN}
    assert not panel.row("EF", -1).computing
    assert panel.row("EDV", -1).value != "–"
    assert panel.content.state.startswith("Computing")
    assert not panel.accept_all.isEnabled()
    assert workspace.signing.signature_to_give() is None
    staged.release.set()
    qtbot.waitUntil(lambda: not staged.window.busy)
    assert panel.content.state == "Automatic"
    assert not any(one.computing for one in panel.rows)


def test_a_correction_meanwhile_stays_the_last_step(staged, qtbot):
    workspace = staged.window.workspace
    workspace.do(SetNotes("corrected"))
    staged.release.set()
    qtbot.waitUntil(lambda: not staged.window.busy)
    assert workspace.reading.motion is not None
    workspace.history.undo()
    assert workspace.reading.notes == ""
    assert workspace.reading.motion is not None
    workspace.history.undo()
    assert workspace.reading.motion is not None, "undo went behind the analysis"


def test_what_waits_counts_down(open_window, qtbot):
    found, counts = Staged(), {Awaited.ALL: [], Awaited.STRAIN: []}
    found.release.set()
    views = ("A4C", "A2C", "A3C")
    loops = [replace(loop(views[at % 3]), view=views[at % 3]) for at in range(6)]
    loops = [replace(one, source=replace(one.source, recording_id=f"9.{at}")) for at, one in enumerate(loops)]
    window = open_window(loops, propose=found, analysed=False)
    queue = window.analysing

    def count():
        if queue._jobs.keys:
            oldest = queue._jobs.keys[0]
            counts[window.workspace.computing.awaited_by_id[oldest]].append(queue._waiting_with(oldest))

    # Once the first is done all others have been taken on.
    qtbot.waitSignal(queue.concluded).wait()
    count()
    follow(window.workspace, count, Topic.COMPUTING)
    qtbot.waitUntil(lambda: not window.busy)
    assert len(set(counts[Awaited.ALL])) > 2
    for waiting in counts.values():
        assert waiting == sorted(waiting, reverse=True)
        assert waiting[-1] == 0


def test_a_finished_analysis_is_shown_once_and_encoded_by_the_worker(open_window, qtbot, monkeypatch):
    threads, payload = [], SetMotion.payload

    def noted(edit):
        threads.append(threading.current_thread())
        return payload(edit)

    monkeypatch.setattr(SetMotion, "payload", noted)
    found = Staged()
    window = open_window([loop("A4C")], propose=found, analysed=False)
    shown = []
    follow(window.workspace, shown.append, Topic.READING)
    qtbot.waitUntil(lambda: any("motion" in one for one in found.order))
    assert len(shown) == 1, "images and contours"
    found.release.set()
    qtbot.waitUntil(lambda: not window.busy)
    assert len(shown) == 2, "motion"
    assert threads
    assert threading.main_thread() not in threads


def test_reports_wait_until_all_is_computed(staged, tmp_path):
    staged.window.exporting.export(tmp_path / "report.pdf")
    assert "still computing" in staged.window.banner.words.text()
    assert not (tmp_path / "report.pdf").exists()


def test_before_the_first_contours_every_value_has_its_place(open_window, qtbot):
    release = threading.Event()

    def slow(recording, reading, tick):
        release.wait(60)
        return beating(recording, reading, tick)

    window = open_window([loop("A4C"), loop("A2C")], propose=slow, analysed=False)
    qtbot.waitUntil(lambda: window.analysing.busy)
    panel = window.reading.results
    qtbot.waitUntil(lambda: {one.code for one in panel.rows} >= {"EF", "EDV", "ESV", "GLS"})
    assert all(one.withheld and one.computing for one in panel.rows)
    release.set()
    qtbot.waitUntil(lambda: not window.busy)
    assert not any(one.computing for one in panel.rows)


@pytest.mark.logs_warnings
def test_what_a_model_warns_about_is_shown(open_window, qtbot, caplog):
    """As where the GPU's memory is full and a network continues on the processor."""
    notice = "The GPU's memory is full."

    def warned(recording, reading, tick):
        logging.getLogger("kinecor_models.engines.engine").warning(notice)
        return beating(recording, reading, tick)

    window = open_window([loop("A4C")], propose=warned, analysed=False)
    qtbot.waitUntil(lambda: not window.busy)
    assert window.banner.messages == [notice]
    assert window.workspace.reading.tracks, "the analysis went on"
