from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject

from kinecor.ui.workspace.changes import Change
from kinecor.ui.workspace.later import EVERY_MS, Later


@pytest.fixture
def later(qtbot):
    owner, seen = QObject(), []
    passing = Later(seen.append, owner)
    yield SimpleNamespace(take=passing.take, seen=seen)
    qtbot.wait(3 * EVERY_MS)  # the pause after the last preview is over
    owner.deleteLater()


def change(before, after, *, preview=True, by=None):
    return Change(before, after, by, preview)


def test_previews_come_later_and_only_the_newest(later, qtbot):
    for before, after in (("a", "b"), ("b", "c"), ("c", "d")):
        later.take(change(before, after, by="picture"))
    assert later.seen == []
    qtbot.waitUntil(lambda: len(later.seen) == 1)
    (only,) = later.seen
    assert (only.before, only.after, only.by, only.preview) == ("a", "d", "picture", True)


def test_what_is_saved_comes_at_once_with_what_was_waiting(later, qtbot):
    later.take(change("a", "b", by="picture"))
    later.take(change("b", "c", preview=False, by="picture"))
    later.take(change("c", "d", preview=False, by="curve"))
    assert [(one.before, one.after, one.preview) for one in later.seen] == [("a", "c", False), ("c", "d", False)]
    qtbot.wait(3 * EVERY_MS)
    assert len(later.seen) == 2


def test_changes_of_two_widgets_are_nobodys(later):
    later.take(change("a", "b", by="picture"))
    later.take(change("b", "c", by="curve"))
    later.take(change("c", "d", preview=False, by="curve"))
    assert [one.by for one in later.seen] == [None]
