"""Opening: files, folders, samples and what arrives from an archive."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QWidget

from kinecor.core.values.errors import Tick
from kinecor.core.values.foreign import Document, ForeignReport
from kinecor.core.values.message import Message
from kinecor.core.values.recording import Recording
from kinecor.session.keys import load_key
from kinecor.ui.app import settings
from kinecor.ui.app.documents import OpenedFiles, Remark, demo, first_of, may_be_large, open_all, sample, series_of
from kinecor.ui.app.messages import REMARK_MS
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.jobs import Progress

if TYPE_CHECKING:
    from kinecor.io.open.survey import ListedSeries
    from kinecor.ui.app.main_window import MainWindow

SLOW_MS = 3000


class Opening:
    """Opens files, folders and samples in the background, and shows what they hold.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window
        self._study_wanted = ""
        """Studies whose files were compared with the audit log since they were opened."""
        self._before_listing: QWidget | None = None
        self._staged = ""
        """Id of the recording that is shown while the rest of its folder is opened."""
        self.newly_opened = False
        # Models load once the first frame is there, which their imports would delay; or meanwhile, from a slow disk.
        self._slow = QTimer(window)
        self._slow.setSingleShot(True)
        self._slow.timeout.connect(self._load_models_meanwhile)

    def _load_models_meanwhile(self) -> None:
        if self.window.by_models and self.window.isVisible():
            self.window.analysing.warm_up()

    def open_paths(self, paths: Sequence[str], study_id: str = "") -> None:
        """Open files and folders in the background; they replace what is open.

        Args:
            paths: of files and folders.
            study_id: the study to show, where there are several; "" is the first.

        """
        if not paths:
            return
        self._study_wanted = study_id
        self.window.banner.clear()
        self._slow.start(SLOW_MS)
        text = tr("Opening {name}").format(name=Path(paths[0]).name)
        wait = self.window.worklist.let_open()

        def opened(tick: Tick) -> OpenedFiles:
            wait()
            return open_all(tuple(paths), tick)

        def start_opening() -> None:
            self.window.jobs.start(
                "open",
                opened,
                done=lambda opened: self._opened(tuple(paths), *opened),
                failed=self.window.job_failed,
                ticked=lambda done, total: self.window.status.show_progress(Progress(text, done, total)),
            )

        def show_first(first: Recording | None) -> None:
            if first is not None:
                self._opened(tuple(paths), (first,), (), ())
                self._staged = first.source.recording_id
                self.window.status.show_progress(Progress(text, 0, 0))
            start_opening()

        def start_first() -> None:
            self._staged = ""
            self.window.jobs.start(
                "first",
                lambda tick: first_of(tuple(paths), tick),
                done=show_first,
                failed=lambda _: start_opening(),  # which says what is wrong
            )

        def show_listed(listed: "Sequence[ListedSeries]") -> None:
            if listed:
                self.window.listing.show_series(Path(paths[0]).name, listed)
                self._before_listing = self.window.pages.currentWidget()
                self.window.pages.setCurrentWidget(self.window.listing)
            start_first()

        self._staged = ""
        self.window.jobs.start("key", lambda _: load_key(), lambda _: None, self.window.job_failed)
        if any(may_be_large(path) for path in paths):
            self.window.jobs.start(
                "list",
                lambda tick: series_of(tuple(paths), tick),
                done=show_listed,
                failed=self.window.job_failed,
                ticked=lambda done, total: self.window.status.show_progress(Progress(tr("Listing"), done, total)),
            )
        else:
            start_opening()
        self.window.status.show_progress(Progress(text, 0, 0))

    def leave_listing(self) -> None:
        """Show what was there before a large folder was listed, where nothing of it is opened."""
        if self.window.pages.currentWidget() is self.window.listing and self._before_listing is not None:
            self.window.pages.setCurrentWidget(self._before_listing)

    def _opened(
        self,
        paths: tuple[str, ...],
        recordings: tuple[Recording, ...],
        refused: tuple[Message, ...],
        reports: tuple[ForeignReport, ...],
        documents: tuple[Document, ...] = (),
    ) -> None:
        self._slow.stop()
        self.window.status.show_progress(None)
        self.leave_listing()
        self.show_refused(refused)
        if not recordings:
            return
        for path in paths:
            self.window.settings = self.window.settings.opened(str(Path(path).absolute()))
        self.window.save_settings()
        self.window.show_recent()
        shown = {recording.source.recording_id for recording in self.window.workspace.opened.recordings}
        staged = self._staged in shown & {recording.source.recording_id for recording in recordings}
        self._staged = ""
        if staged:  # its first loop is on screen already, and may have been read meanwhile
            self.window.workspace.add(recordings, reports, documents)
        else:
            self.window.analysing.forget()
            self.newly_opened = True
            self.window.workspace.open(recordings, reports, documents)
        self._show_wanted_study()
        self.window.priors.offer_prior()
        self._note_studies(paths)
        self.window.worklist.note_opened(paths)
        self.window.audit.compared_with_log.clear()
        self.window.audit.compare_with_log()

    def _show_wanted_study(self) -> None:
        """Show the study that was asked for, where the first of what was opened is another one's."""
        here, wanted, space = self.window.workspace.recording, self._study_wanted, self.window.workspace
        members = space.opened.members_of(wanted) if wanted else ()
        if members and (here is None or here.source.study_id != wanted):
            space.show(members[0])

    def show_refused(self, refused: Iterable[Message]) -> None:
        """What could not be opened, with the files of each sentence as its details."""
        for sentence in refused:
            details = sentence.details if isinstance(sentence, Remark) else ""
            self.window.banner.show_message(sentence, details=details)

    def _note_studies(self, paths: tuple[str, ...]) -> None:
        """Remember which studies are open, for when a later one of the same patient is."""
        for study_id in dict.fromkeys(
            recording.source.study_id for recording in self.window.workspace.opened.recordings
        ):
            study = self.window.workspace.opened.study_reading(study_id)
            patient = settings.patient_digest(study.patient_id)
            files = [
                recording.source.path
                for recording in self.window.workspace.opened.recordings
                if recording.source.study_id == study_id
            ]
            of_study = (path for path in paths if any(Path(file).is_relative_to(path) for file in files))
            path = next(of_study, files[0])
            if patient and study.study_date and Path(path).exists():
                seen_study = settings.Seen(patient, study.study_date, str(Path(path).absolute()))
                self.window.settings = self.window.settings.with_study(study_id, seen_study)
        self.window.save_settings()

    def choose_file(self) -> None:
        """Ask for files to open."""
        names, _ = QFileDialog.getOpenFileNames(self.window, tr("Open recordings"))
        self.open_paths(names)

    def choose_folder(self) -> None:
        """Ask for a folder to open."""
        name = QFileDialog.getExistingDirectory(self.window, tr("Open all recordings of a folder"))
        self.open_paths([name] if name else [])

    def open_demo(self) -> None:
        """Open the demo study."""
        self.open_paths([demo()])

    def open_sample(self) -> None:
        """Open the sample clip."""
        self.open_paths([sample()])

    def show_retrieved(self, folders: tuple[Path, ...], opened_early: bool) -> None:
        """Open studies that have arrived, or add the rest of them where their first clip is on screen."""
        shown = any(
            Path(recording.source.path).is_relative_to(folders[0])
            for recording in self.window.workspace.opened.recordings
        )
        paths = tuple(map(str, folders))
        if not opened_early or "open" in self.window.jobs.keys:  # its first clip may be opening still
            self.open_paths(list(paths))
        elif shown:
            self.window.jobs.start(
                "arrived",
                lambda tick: open_all(paths, tick),
                done=lambda opened: self._add_arrived(folders[0], *opened),
                failed=self.window.banner.show_message,
            )
        else:
            self.window.status.showMessage(tr("Retrieved to {path}").format(path=", ".join(paths)), REMARK_MS)

    def _add_arrived(
        self,
        folder: Path,
        recordings: tuple[Recording, ...],
        refused: tuple[Message, ...],
        reports: tuple[ForeignReport, ...],
        documents: tuple[Document, ...] = (),
    ) -> None:
        self.show_refused(refused)
        self.window.workspace.add(recordings, reports, documents)
        self.window.audit.compare_with_log()
        self.window.settings = self.window.settings.opened(str(folder))
        self.window.save_settings()
        self.window.show_recent()
