"""One signal of the workspace, followed by topics."""

import gc
import weakref

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from kinecor.ui.workspace.changes import Change, Topic, follow


class Source(QObject):
    changed = Signal(object)

    def say(self, topic):
        self.changed.emit(Change(None, None, topic=topic))


class Listener(QObject):
    def __init__(self, calls):
        super().__init__()
        self.calls = calls

    def refresh(self):
        self.calls.append("refreshed")

    def take(self, change):
        self.calls.append(change.topic)


@pytest.fixture
def source(qapp):
    return Source()


def test_only_the_topics_that_are_followed_call_and_the_change_is_given_where_it_is_taken(source):
    listener = Listener([])
    follow(source, listener.refresh, Topic.CHECKS, Topic.STUDY)
    follow(source, listener.take, Topic.READING, Topic.STUDY)
    for topic in Topic:
        source.say(topic)
    assert listener.calls == [Topic.READING, "refreshed", Topic.STUDY, "refreshed"]


def test_an_object_that_is_gone_is_called_no_longer_and_is_not_kept(source):
    calls = []
    listener = Listener(calls)
    follow(source, listener.take, Topic.CHECKS)
    source.say(Topic.CHECKS)
    seen = weakref.ref(listener)
    del listener
    gc.collect()
    assert seen() is None
    source.say(Topic.CHECKS)
    assert calls == [Topic.CHECKS]


def test_a_follower_ends(source):
    calls = []
    follower = follow(source, calls.append, Topic.CHECKS)
    source.say(Topic.CHECKS)
    follower.end()
    source.say(Topic.CHECKS)
    assert len(calls) == 1


def test_a_method_of_qt_follows(source, qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    follow(source, widget.hide, Topic.RECORDING)
    source.say(Topic.READING)
    assert widget.isVisible()
    source.say(Topic.RECORDING)
    assert not widget.isVisible()
