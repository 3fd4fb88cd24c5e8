"""A tile linked to the one in focus: the picture of a recording, in phase with it. A click brings it into focus."""

from typing import Final

from PySide6.QtCore import QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.checks.assessment import Assessment
from kinecor.core.outlines.cross_reference import nearest_slice
from kinecor.core.values.geometry import Plane
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.ui.tiles.picture import Picture
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.player import Player
from kinecor.ui.workspace.workspace import Workspace

RECORDING_MIME: Final = "application/x-kinecor-recording"
"""Type of what is dragged from the study list to a tile: the index of a recording as text."""


def dragged_recording(index: int) -> QMimeData:
    """What the study list hands over when a recording is dragged."""
    data = QMimeData()
    data.setData(RECORDING_MIME, str(index).encode())
    return data


def index_of(data: QMimeData) -> int | None:
    """The recording that is dragged; None where something else is."""
    text = bytes(data.data(RECORDING_MIME).data()).decode() if data.hasFormat(RECORDING_MIME) else ""
    return int(text) if text.isdigit() else None


class RecordingSource(QObject):
    """Adapts a recording of the workspace, in focus or not, to what a picture draws.

    Signals:
        changed(Change): RECORDING where another recording is drawn, READING where its Reading changed.
    """

    changed = Signal(object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.index = -1
        self._number: int | None = None
        self._reading: Reading | None = None
        follow(workspace, lambda change: None if change.preview else self.refresh(), Topic.READING)
        follow(workspace, self.refresh, Topic.OTHER_READING)

    @property
    def recording(self) -> Recording | None:
        """The recording, or None."""
        recordings = self._workspace.opened.recordings
        return recordings[self.index] if 0 <= self.index < len(recordings) else None

    @property
    def cine(self) -> CineSequence | None:
        """The loop to draw: of a stack one slice, see `number`."""
        recording = self.recording
        return None if recording is None else recording.cines[self.number]

    @property
    def reading(self) -> Reading | None:
        """Its saved Reading; before one exists, what the file says. Of a stack, that of the slice drawn."""
        whole = self._reading
        if whole is None or not whole.slices:
            return whole
        return whole.slices[min(self.number, len(whole.slices) - 1)].with_(events=whole.events)

    @property
    def number(self) -> int:
        """The slice of a stack that is drawn (from 0): the one chosen, else its middle one; 0 of a loop."""
        recording = self.recording
        count = len(recording.cines) if recording is not None else 1
        return count // 2 if self._number is None else min(self._number, count - 1)

    def choose_slice(self, number: int) -> None:
        """Draw another slice of a stack (from 0)."""
        recording = self.recording
        if recording is None or not 0 <= number < len(recording.cines) or number == self.number:
            return
        self._number = number
        self.changed.emit(Change(None, None, topic=Topic.RECORDING))
        self.changed.emit(Change(None, self.reading))

    def follow_place(self, plane: Plane | None) -> None:
        """Of a stack, draw the slice at the place of another image, where one is parallel to it."""
        recording = self.recording
        if plane is None or not isinstance(recording, Stack):
            return
        nearest = nearest_slice([cine.plane for cine in recording.slices], plane)
        if nearest is not None:
            self.choose_slice(nearest[0])

    @property
    def slices(self) -> int:
        """How many slices there are to choose from; 1 of a loop."""
        recording = self.recording
        return 1 if recording is None else len(recording.cines)

    @property
    def whole(self) -> Reading | None:
        """The saved Reading of the whole recording."""
        return self._reading

    def choose(self, index: int) -> None:
        """Draw another recording (its index in the workspace, -1 for none)."""
        self.index, self._number = index, None
        self._reading = self._current()
        self.changed.emit(Change(None, None, topic=Topic.RECORDING))
        self.changed.emit(Change(None, self.reading))

    def refresh(self) -> None:
        """Look whether the Reading is another one."""
        before, after = self._reading, self._current()
        if after is not before:
            drawn, self._reading = self.reading, after
            self.changed.emit(Change(drawn, self.reading))

    def _current(self) -> Reading | None:
        recording = self.recording
        if recording is None:
            return None
        known = self._workspace.opened.known_reading(recording)
        if known is not None:
            return known
        before = self._reading
        if before is not None and before.facts.recording_id == recording.source.recording_id:
            return before
        return first_reading_of(recording)


class LinkedTile(Picture):
    """The picture of a recording that is not in focus.

    Signals:
        pressed(): it was clicked, to come into focus.
        double_clicked(): it is to be seen alone.
    """

    pressed = Signal()
    double_clicked = Signal()

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        self.source = RecordingSource(workspace)
        super().__init__(self.source, parent)
        self.source.setParent(self)
        self._player = player
        self.plays = lambda: player.playing
        self.check = lambda frame: workspace.checks.finding_at(frame, index=self.source.index)
        self._workspace = workspace
        self._checked: Assessment | None = None
        follow(workspace, self._follow_checks, Topic.CHECKS)

    def _follow_checks(self) -> None:
        """Paint again where this recording is assessed otherwise."""
        assessment = self._workspace.checks.assessment_of(self.source.index)
        if assessment is not self._checked:
            self._checked = assessment
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Come into focus."""
        self.pressed.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Be seen alone."""
        self.double_clicked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl zooms this picture; otherwise through the slices of a stack, or with Shift the frames of all."""
        steps = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._move_view(self._viewport.zoomed(1.0015**steps, event.position().x(), event.position().y()))
        elif steps and self.source.slices > 1 and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.source.choose_slice(self.source.number + (1 if steps > 0 else -1))
        elif steps:
            self._player.step(-1 if steps > 0 else 1)
