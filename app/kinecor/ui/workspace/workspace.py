"""The one object that widgets talk to: the recording on screen with its Reading, and the facets of what is open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.foreign import Document, ForeignReport
from kinecor.core.values.kind import Kind
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.session.edits import Edit
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.changes import Change, Notices, Topic
from kinecor.ui.workspace.computing import WAIT_FOR_CONTOURS, Computing
from kinecor.ui.workspace.history import History
from kinecor.ui.workspace.opened import OpenStudies, first_shown
from kinecor.ui.workspace.signing import Signing
from kinecor.ui.workspace.study import StudyOnScreen
from kinecor.ui.workspace.study_checks import StudyChecks


class Workspace(QObject):
    """The recording on screen and its Reading, saved in the study's journal as it changes.

    Signals:
        changed(Change): something changed, and what; see `changes.follow`.
    """

    changed = Signal(object)

    def __init__(self, actor: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.actor = actor
        """Author recorded for edits made here."""
        self._index = -1
        self._reading: Reading | None = None
        self._previewing = False
        # While several changes are made together: recordings to show afterwards, and whether that ends a drag.
        self._together_now: dict[str, tuple[Recording, bool]] | None = None
        self._waiting: Change | None = None
        self._drawn = QTimer(self)
        self._drawn.setSingleShot(True)
        self._drawn.setInterval(0)
        self._drawn.timeout.connect(self.pass_on)
        # Of recordings that were opened to be looked at, such as all of a study one after the other.
        self._opening = QTimer(self)
        self._opening.setSingleShot(True)
        self._opening.setInterval(0)
        self._opening.timeout.connect(self._check_opened)
        self.notices = Notices(self)
        """What is said to the reader."""
        self.opened = OpenStudies(self.notices, self._await_opened)
        """What is open: recordings, their studies, and what is saved of each."""
        self.study = StudyOnScreen(self)
        """The study of the recording on screen."""
        self.signing = Signing(self)
        """The signature under that study."""
        self.history = History(self)
        """Its edits, undo and redo."""
        self.computing = Computing(self)
        """What the models are computing."""
        self.checks = StudyChecks(self)
        """What the checks find in the study on screen."""

    @property
    def previewing(self) -> bool:
        """Whether what is on screen is a preview, not what was saved."""
        return self._previewing

    @property
    def index(self) -> int:
        """Which of the recordings that are open is current; -1 where nothing is open."""
        return self._index

    @property
    def recording(self) -> Recording | None:
        """The current recording."""
        return self.opened.recordings[self._index] if self._index >= 0 else None

    @property
    def kind(self) -> Kind | None:
        """The kind of the current recording; None where nothing is open."""
        return self._reading.kind if self._reading else None

    @property
    def cine(self) -> CineSequence | None:
        """The current recording where it is one loop, not a stack."""
        return self.recording if isinstance(self.recording, CineSequence) else None

    @property
    def stack(self) -> Stack | None:
        """The current recording where it is a stack."""
        return self.recording if isinstance(self.recording, Stack) else None

    @property
    def reading(self) -> Reading | None:
        """The Reading on screen, previews included."""
        return self._reading

    @property
    def saved(self) -> Reading | None:
        """The saved Reading of the current recording, without previews."""
        return self.opened.saved_reading(self.recording) if self.recording else None

    def open(
        self,
        recordings: tuple[Recording, ...],
        reports: tuple[ForeignReport, ...] = (),
        documents: tuple[Document, ...] = (),
    ) -> None:
        """Close the open recordings and open these, and show the first one: see `first_shown`.

        Args:
            recordings: in the order in which they were found.
            reports: structured reports of other systems that were found with them.
            documents: objects that are no recordings, those of the reports among them.

        """
        self.close()
        self.opened.open(recordings, reports, documents, self.actor)
        self.checks.forget()
        self.announce(Topic.RECORDINGS)
        self.show(first_shown(self.opened.recordings))

    def add(
        self,
        recordings: tuple[Recording, ...],
        reports: tuple[ForeignReport, ...] = (),
        documents: tuple[Document, ...] = (),
    ) -> None:
        """Open further recordings, such as an earlier study, next to those that are open, with their documents.

        Args:
            recordings: those that are open already are left out.
            reports: structured reports of other systems that were found with them.
            documents: objects that are no recordings, those of the reports among them.

        """
        here = self.recording
        if self.opened.add(recordings, reports, documents, self.actor) and here is not None:
            self.checks.forget()
            self.announce(Topic.RECORDINGS)
            places = (index for index, recording in enumerate(self.opened.recordings) if recording is here)
            self.show(next(places, 0))

    def close(self) -> None:
        """Close all studies and release their files; every edit is saved already."""
        self.opened.close()
        self.history.forget()
        self._index, self._reading, self._previewing = -1, None, False
        self._waiting = None
        self._drawn.stop()
        self._opening.stop()
        self.checks.stop()

    def show(self, index: int) -> None:
        """Make another recording current; a preview is dropped."""
        if self._previewing:
            self.drop_preview()
        self.pass_on()
        self._index = index
        self._previewing = False
        self._reading = self.saved
        self.checks.forget()
        self.announce(Topic.RECORDING)
        change = Change(None, self._reading)
        self.changed.emit(change)
        self.changed.emit(replace(change, topic=Topic.READING_DRAWN))
        self.announce(Topic.STUDY)
        self.checks.renew(shown=True)

    def announce(self, topic: Topic) -> None:
        """Say that something changed of which no Reading is given."""
        self.changed.emit(Change(None, None, topic=topic))

    def preview(self, edit: Edit, by: object = None) -> None:
        """Show the saved Reading with `edit` applied; nothing is saved. Refused of a signed study."""
        base = self.saved
        if base is None or self.signing.refused_as_signed():
            return
        self.show_reading(edit.apply(base, self.actor), by, preview=True)

    def drop_preview(self, by: object = None) -> None:
        """Return to the saved Reading; every widget but `by` stops dragging."""
        saved = self.saved
        if self._previewing and saved is not None:
            self.show_reading(saved, by)

    def do(
        self, edit: Edit, by: object = None, *, actor: str | None = None, recording: Recording | None = None
    ) -> bool:
        """Apply an edit and save it; False where it was refused, with a message to the reader.

        Args:
            edit: what to do.
            by: the widget that made it.
            actor: its author; this person by default.
            recording: the recording to edit; the current one by default.

        """
        recording = recording or self.recording
        if recording is None:
            return False
        source = recording.source
        self.opened.saved_reading(recording)  # opens it
        if source.series.view_only:
            self.drop_preview()
            self.notices.remark.emit(tr("These images are only shown: nothing is drawn or measured on them."))
            return False
        # A model's work on a recording that was never read is let in; the status says that something changed.
        if actor is None and self.signing.refused_as_signed(source.study_id):
            self.drop_preview()
            return False
        if actor is None and self.computing.changes_provisional(recording, edit):
            self.drop_preview()
            self.notices.remark.emit(tr(WAIT_FOR_CONTOURS))
            return False
        if actor is not None:  # a model's conclusion takes the place of its provisional one
            self.opened.drop_provisional(recording)
        try:
            self.opened.edit(recording, edit, actor or self.actor, by_model=actor is not None)
        except (KinecorError, ValueError) as error:
            self.drop_preview()
            self.notices.message.emit(error_message(error))
            return False
        if by is not None and recording is not self.recording:
            self.history.note_elsewhere(recording)
        self.show_saved(recording, by)
        return True

    @contextmanager
    def together(self) -> Iterator[None]:
        """Changes of recordings made within are shown once, at the end: each is seen by all that follow it.

        Nested uses end with the outermost.
        """
        if self._together_now is not None:
            yield
            return
        self._together_now = {}
        try:
            yield
        finally:
            changed, self._together_now = self._together_now, None
            for recording, ends_drag in changed.values():
                if ends_drag:
                    self.show_saved(recording)
                else:
                    self.refresh(recording)

    def show_saved(self, recording: Recording, by: object = None) -> None:
        """Show what was saved of a recording, by a widget or None; a drag of the one on screen ends."""
        if self._together_now is not None:
            self._together_now[recording.source.recording_id] = recording, True
        elif recording is self.recording:
            self.show_reading(self.opened.saved_reading(recording), by)
        else:
            self._announce_beside()

    def refresh(self, recording: Recording) -> None:
        """Show a Reading that changed without an edit of a person."""
        if self._together_now is not None:
            self._together_now.setdefault(recording.source.recording_id, (recording, False))
            return
        # During a drag the screen shows a temporary Reading, which the end of the drag replaces.
        if recording is self.recording and not self._previewing:
            self.show_reading(self.opened.saved_reading(recording))
        else:
            self._announce_beside()

    def show_study(self) -> None:
        """The Reading on screen, and all that is shown of the study, after an edit of the study."""
        here = self.recording
        if self.opened.rejoin(self.actor):
            self._index, self._reading, self._previewing = -1, None, False
            self.checks.forget()
            self.announce(Topic.RECORDINGS)
            places = (
                index
                for index, recording in enumerate(self.opened.recordings)
                if here is not None and (recording is here or recording.source.path == here.source.path)
            )
            self.show(next(places, 0))
            return
        saved = self.saved
        if saved is not None and (saved is not self._reading or self._previewing):
            self.show_reading(saved)
        else:
            self._announce_beside()
        self.announce(Topic.STUDY)

    def show_reading(self, after: Reading, by: object = None, *, preview: bool = False) -> None:
        """Put a Reading of the current recording on screen.

        Args:
            after: it.
            by: the widget that made the change and has drawn it, or None.
            preview: whether it is on the way, and not saved.

        """
        self.pass_on()
        before, ended = self._reading, self._previewing and not preview
        self._reading, self._previewing = after, preview
        if not preview:
            self.checks.forget()
        self._waiting = Change(before, after, by, preview)
        self.changed.emit(self._waiting)
        if ended:
            self._drawn.start()
        else:
            self.pass_on()

    def pass_on(self) -> None:
        """Let everything follow now that waits until the picture is drawn."""
        change, self._waiting = self._waiting, None
        self._drawn.stop()
        if change is None:
            return
        self.changed.emit(replace(change, topic=Topic.READING_DRAWN))
        if not change.preview:
            self.checks.renew()

    def _announce_beside(self) -> None:
        """Say that the Reading of a recording that is not on screen changed."""
        self.announce(Topic.OTHER_READING)
        self.checks.renew()

    def _await_opened(self) -> None:
        """Check soon what was opened, where a worker checks."""
        if self.checks.in_background:
            self._opening.start()

    def _check_opened(self) -> None:
        self.checks.renew()
