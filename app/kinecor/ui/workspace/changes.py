"""What changes in the workspace: one signal whose value says what changed, and what is said to the reader."""

import inspect
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from kinecor.core.values.reading import Reading


class Topic(Enum):
    """What a change is of."""

    RECORDINGS = "recordings"
    """Other recordings are open."""
    RECORDING = "recording"
    """Another recording is current; READING follows."""
    READING = "reading"
    """The Reading on screen; for what is drawn on the picture."""
    READING_DRAWN = "reading drawn"
    """The same for everything else. What a drag ends in comes when the picture was drawn, with the event loop's next
    turn, so that the mouse does not wait for it."""
    OTHER_READING = "other reading"
    """The Reading of a recording that is not on screen, but perhaps beside it."""
    STUDY = "study"
    """What is concluded about the study itself; follows the READING that it causes."""
    CHECKS = "checks"
    """The checks of the study may find something else; follows every saved change, of recordings that are not on
    screen, too, as soon as they are done."""
    COMPUTING = "computing"
    """What the models are still computing."""


@dataclass(frozen=True, eq=False)
class Change:
    """What changed; of a Reading, before and after, whose unchanged parts are the same objects.

    Attributes:
        before: None where another recording was opened: everything is redrawn.
        after: None where nothing is open.
        by: the widget that made the change and has drawn it, or None.
        preview: whether this is a temporary state (during a drag) that is not saved.
        topic: what this is about; Readings are given of READING and READING_DRAWN.

    """

    before: Reading | None
    after: Reading | None
    by: object = None
    preview: bool = False
    topic: Topic = Topic.READING


class Changing(Protocol):
    """What has one signal `changed` with a Change; a QObject."""

    changed: Any


def follow(source: Changing, slot: Callable[..., object], *topics: Topic) -> "Follower":
    """Call `slot` whenever one of these topics of `source` changes, in the order in which slots were given.

    Args:
        source: whose signal `changed` is followed.
        slot: called with the Change where it has a parameter for it. A method of a QObject is followed as long as that
            object lives; anything else as long as `source` does.
        topics: what to follow.

    Returns:
        What calls it; `end` ends that.

    """
    return Follower(source, slot, frozenset(topics))


class Follower(QObject):
    """Calls a slot for changes of some topics, for as long as the object that the slot is of."""

    def __init__(self, source: Changing, slot: Callable[..., object], topics: frozenset[Topic]) -> None:
        owner = getattr(slot, "__self__", None)
        bound = isinstance(owner, QObject)
        super().__init__(owner if bound else source)  # type: ignore[arg-type]
        self._topics, self._takes_change = topics, _takes_value(slot)
        # An object that kept its own method would never be freed.
        self._slot = _weak_method(slot) if bound else lambda: slot
        self._changed = source.changed
        self._changed.connect(self._take)

    def end(self) -> None:
        """Follow no longer."""
        self._changed.disconnect(self._take)
        self.deleteLater()

    def _take(self, change: Change) -> None:
        if change.topic not in self._topics:
            return
        slot = self._slot()
        if slot is not None:
            slot(change) if self._takes_change else slot()


def _weak_method(method: Any) -> Callable[[], Callable[..., object] | None]:
    if hasattr(method, "__func__"):
        return weakref.WeakMethod(method)
    owner, name = weakref.ref(method.__self__), method.__name__  # of Qt itself, such as QWidget.hide
    return lambda: None if owner() is None else getattr(owner(), name)


def _takes_value(slot: Callable[..., object]) -> bool:
    """Whether a function must be called with a value."""
    try:
        parameters = inspect.signature(slot).parameters.values()
    except (ValueError, TypeError):  # of Qt itself: none of those that follow takes a value
        return False
    return any(
        parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        for parameter in parameters
    )


class Notices(QObject):
    """What is said to the reader, each as one sentence.

    Signals:
        message(str): until the next change is made or another recording is shown.
        trouble(str): holds as long as the study is open.
        remark(str): needs no answer, for the status bar.
        locked(): a change was refused, with a remark, since the study is signed.
    """

    message = Signal(object)
    trouble = Signal(object)
    remark = Signal(object)
    locked = Signal()
