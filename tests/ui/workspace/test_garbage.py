import gc
import threading
import weakref

import pytest
from PySide6.QtCore import Qt

from kinecor.ui.workspace import garbage
from kinecor.ui.workspace.garbage import USUAL, QuietGarbage


class Cycle:
    def __init__(self):
        self.itself = self


@pytest.fixture
def quiet(qapp, monkeypatch):
    # Tests before this one may have pressed a button of the mouse and not let it go.
    monkeypatch.setattr(garbage.QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.NoButton)
    made = QuietGarbage(lambda: quiet_is_busy[0])
    yield made
    assert not gc.isenabled()
    made.stop()
    assert gc.isenabled()


quiet_is_busy = [False]


def old_garbage():
    """A cycle that younger collections have passed by, and a way to see that it is gone."""
    cycle = Cycle()
    gc.collect(1)
    gc.collect(1)
    return weakref.ref(cycle)


def due(monkeypatch, count):
    monkeypatch.setattr(garbage.gc, "get_count", lambda: (0, 0, count))


def test_what_is_due_is_collected_when_nothing_else_is_to_be_done(quiet, monkeypatch):
    due(monkeypatch, USUAL[2] + 1)
    gone = old_garbage()
    quiet_is_busy[0] = True
    quiet.look()
    assert gone() is not None
    quiet_is_busy[0] = False
    quiet.look()
    assert gone() is None


def test_what_is_not_due_is_left(quiet, monkeypatch):
    due(monkeypatch, USUAL[2])
    gone = old_garbage()
    quiet_is_busy[0] = False
    quiet.look()
    assert gone() is not None


def test_without_a_quiet_moment_it_waits_for_so_long_only(quiet, monkeypatch):
    due(monkeypatch, garbage.MAX_WAITING + 1)
    gone = old_garbage()
    quiet_is_busy[0] = True
    quiet.look()
    quiet_is_busy[0] = False
    assert gone() is None


def test_no_other_thread_collects_and_the_windows_own_does(quiet, qtbot):
    threads = []
    gc.callbacks.append(lambda phase, _: phase == "start" and threads.append(threading.current_thread()))
    try:
        gone, kept = [], []

        def work():
            gone.append(weakref.ref(Cycle()))
            kept.extend([] for _ in range(20 * USUAL[0]))

        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
        assert gone[0]() is not None
        qtbot.waitUntil(lambda: gone[0]() is None)
    finally:
        gc.callbacks.pop()
    assert set(threads) == {threading.main_thread()}


def test_making_objects_starts_no_full_collection(quiet, qtbot):
    quiet_is_busy[0] = True
    before = gc.get_stats()
    kept = [[] for _ in range(200_000)]
    qtbot.waitUntil(lambda: gc.get_stats()[0]["collections"] > before[0]["collections"])
    assert gc.get_stats()[2]["collections"] == before[2]["collections"]
    assert kept
    quiet_is_busy[0] = False
