"""The thread that draws waits for no disk, no keyring and no import while a study is opened and analysed."""

import os
import sys
import threading

from kinecor.core.values.track import Structure
from kinecor.session import keys
from kinecor.session.store import Store
from kinecor.ui.app import settings
from tests.ui.conftest import cine


def noting_threads(monkeypatch, place, name):
    """The threads on which a function is called from now on."""
    threads, real = set(), getattr(place, name)

    def noted(*given, **named):
        threads.add(threading.current_thread())
        return real(*given, **named)

    monkeypatch.setattr(place, name, noted)
    return threads


def test_opening_and_analysing_wait_for_no_disk(open_window, monkeypatch, qtbot):
    forced = noting_threads(monkeypatch, os, "fsync")
    saved = noting_threads(monkeypatch, settings, "_save")
    key = noting_threads(monkeypatch, keys, "_key_of")  # once for each file of keys: it is at hand afterwards
    waited, written = [], Store._written

    def noted(store, *given, wait):
        waited.append(wait)
        return written(store, *given, wait=wait)

    monkeypatch.setattr(Store, "_written", noted)
    window = open_window([cine()])
    qtbot.waitUntil(lambda: not window.worklist.busy)
    assert window.workspace.saved.tracks[Structure.LV_ENDO]
    here = threading.main_thread()
    assert waited
    assert not any(waited)
    for threads in (forced, saved, key):
        assert threads
        assert here not in threads


def test_reports_of_others_are_read_only_where_there_are_any(open_window):
    for name in [one for one in sys.modules if one.endswith("io.open.stated")]:
        del sys.modules[name]
    window = open_window([cine()])
    assert window.workspace.opened.stated == {}
    assert "kinecor.io.open.stated" not in sys.modules
