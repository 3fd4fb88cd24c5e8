"""Keeps the worklist: what is saved of it, what folders and archives hold now, and the analysis of what waits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from kinecor.core.values.errors import KinecorError, Tick, error_message
from kinecor.core.values.message import Message, message, verbatim
from kinecor.session.progress import StudyState
from kinecor.ui.archive import calls
from kinecor.ui.archive.calls import Wanted
from kinecor.ui.style.language import tr
from kinecor.ui.worklist import studies
from kinecor.ui.worklist.studies import ARCHIVE, RECENT, ListedStudy, merged, refreshed
from kinecor.ui.worklist.view import WorklistView
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.workspace import Workspace

ARCHIVE_DAYS: Final = 7
_LOOK_MS: Final = 30_000
"""How often watched folders are looked through while the list is on screen."""
_BEGIN_MS: Final = 500
_SAVED_MS: Final = 1_000
_NOTED_MS: Final = 300
_IDLE_S: Final = 60.0

Analyse = Callable[[Path, Tick], Sequence[object]]


def analyse_with_models(path: Path, tick: Tick) -> Sequence[object]:
    """The pipeline of `kinecor.analysis`, imported on the worker."""
    from kinecor.analysis.whole_study import analyse_and_save

    return analyse_and_save(path, tick)


class Worklist(QObject):
    """The studies of the list, kept as the window and the folders change them.

    Signals:
        message(Message): a sentence for the reader.
        remark(str): one that needs no answer.
        paths_wanted(list, str): these are to be opened, and this study of them is to be shown; "" is the first.
        retrieval_wanted(Wanted): this is to be retrieved and opened.
        watched_changed(tuple): other folders are watched.
    """

    message = Signal(object)
    remark = Signal(str)
    paths_wanted = Signal(list, str)
    retrieval_wanted = Signal(object)
    watched_changed = Signal(object)

    def __init__(
        self,
        view: WorklistView,
        workspace: Workspace,
        busy: Callable[[], bool],
        analyse: Analyse = analyse_with_models,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.view, self._workspace, self._busy, self._analyse = view, workspace, busy, analyse
        self.studies: tuple[ListedStudy, ...] = ()
        self.watched: tuple[str, ...] = ()
        self.jobs = Jobs(1, "worklist", self)
        self._analysing = Jobs(1, "worklist analysis", self)
        self._files = Jobs(1, "worklist files", self)
        self._idle = Event()
        self._idle.set()
        self._queue: list[str] = []
        self._from_list = False  # the study that is opened was chosen in the list
        self._keep_days, self._day = 0, ""
        self._noted: dict[str, int | None] = {}
        """Studies, by key, whose state is still to be read, with their open checks; None where not counted."""
        self._looking, self._beginning, self._saving = QTimer(self), QTimer(self), QTimer(self)
        self._noting = QTimer(self)
        self._looking.setInterval(_LOOK_MS)
        for timer, interval_ms in ((self._beginning, _BEGIN_MS), (self._saving, _SAVED_MS), (self._noting, _NOTED_MS)):
            timer.setSingleShot(True)
            timer.setInterval(interval_ms)
        self._looking.timeout.connect(self.look)
        self._beginning.timeout.connect(self._begin_next)
        self._saving.timeout.connect(self._save)
        self._noting.timeout.connect(self._note_states)
        view.study_wanted.connect(self._open)
        view.analysis_wanted.connect(self.analyse)
        view.unwatch_wanted.connect(self.unwatch)
        view.archive_wanted.connect(self.query)

    @property
    def busy(self) -> bool:
        """Whether folders are looked through, or studies analysed."""
        reading = self._files.keys or self._noting.isActive()
        return bool(self.jobs.keys or self._analysing.keys or self._queue or reading)

    def start(self, watched: Sequence[str], keep_days: int, day: str) -> None:
        """Show the saved list at once; folders are looked through afterwards."""
        self.watched, self._keep_days, self._day = tuple(watched), keep_days, day
        self._show(studies.lasting(studies.load(), day, keep_days), save=False)
        self._show_sources()

    def show_on_screen(self, shown: bool) -> None:
        """While the list is on screen, folders are looked through now and then."""
        if shown:
            self._show_sources()
            self.look()
            if self.studies or self.watched:
                self._looking.start()
        else:
            self._looking.stop()

    def look(self) -> None:
        """Look through the watched folders, and for the states of all studies, in the background."""
        known, watched, day = self.studies, self.watched, self._day
        if self.jobs.keys or not (known or watched):
            return
        self.jobs.start(
            "look",
            lambda tick: studies.look_through(watched, known, day, tick),
            done=lambda found: self._looked(known, found),
            failed=self.message.emit,
        )

    def _looked(self, known: Sequence[ListedStudy], found: Sequence[ListedStudy]) -> None:
        """What was found, with what the window noted meanwhile."""
        before = {study.key: study for study in known}
        noted = [study for study in self.studies if before.get(study.key) != study]
        self._show(merged(found, noted))

    def note_opened(self, paths: Sequence[str]) -> None:
        """List the studies that are open now, at their paths."""
        space, noted = self._workspace, []
        for study_id in dict.fromkeys(recording.source.study_id for recording in space.opened.recordings):
            members = [recording for recording in space.opened.recordings if recording.source.study_id == study_id]
            first = members[0].source
            files = [recording.source.path for recording in members]
            path = next((path for path in paths if any(Path(file).is_relative_to(path) for file in files)), files[0])
            if not Path(path).exists():
                continue
            noted.append(
                ListedStudy(
                    path=str(Path(path).absolute()),
                    study_id=study_id,
                    patient=first.patient.name.replace("^", " ").strip(),
                    patient_id=first.patient.patient_id,
                    date=first.patient.study_date,
                    modality=first.modality,
                    description=first.patient.study_description,
                    files=len(dict.fromkeys(file for recording in members for file in _files_of(recording))),
                    origin=RECENT,
                    used=self._day,
                )
            )
        known = {study.key: study for study in self.studies}
        noted = [
            replace(
                study,
                origin=known[study.key].origin,
                path=known[study.key].path,
                seen_stamp=known[study.key].seen_stamp,
            )
            if study.key in known and known[study.key].here
            else study
            for study in noted
        ]
        self._show(merged(self.studies, noted))
        for single_study in noted:
            self._noted.setdefault(single_study.key, None)
        self._noting.start()
        if self._from_list:
            self._from_list = False
            self._prepare_next()

    def _prepare_next(self) -> None:
        """Analyse the study that a reader of the list opens next, unless others wait for that already."""
        study = self.view.next_unread
        if (
            study is not None
            and study.here
            and study.state is StudyState.NEW
            and not self._queue
            and not self._analysing.keys
        ):
            self._queue = [study.key]
            self._show_queue()
            self._beginning.start()

    def note_checks(self) -> None:
        """Keep the state and the number of open checks of the study on screen, when it changes no longer."""
        study, checks = self._workspace.study.reading, self._workspace.checks
        if study is not None and checks.current:
            self._noted[study.study_id] = len(checks.open)
            self._noting.start()

    def _note_states(self) -> None:
        """Read the states of the studies whose checks were noted from their files, on a worker."""
        if "states" in self._files.keys:  # its answer is of an earlier number of checks
            self._noting.start()
            return
        noted = dict(self._noted)
        wanted = [study for study in self.studies if study.key in noted]
        self._files.start(
            "states", lambda _: _with_checks(wanted, noted), done=self._show_states, failed=self.message.emit
        )

    def _show_states(self, found: Sequence[ListedStudy]) -> None:
        """Show studies with what their files say, in the places they have in the list."""
        states = {study.key: study for study in found}
        self._noted = {
            key: count
            for key, count in self._noted.items()
            if count is not None and key in states and states[key].checks != count
        }
        now = tuple(
            replace(
                study, state=states[study.key].state, stamp=states[study.key].stamp, checks=states[study.key].checks
            )
            if study.key in states
            else study
            for study in self.studies
        )
        if now != self.studies:
            self._show(now)

    def watch(self, folder: str) -> None:
        """List the studies of a folder from now on."""
        path = str(Path(folder).absolute())
        if path not in self.watched:
            self.watched = (*self.watched, path)
            self.watched_changed.emit(self.watched)
            self._show_sources()
        self.jobs.cancel_all()
        self.look()

    def unwatch(self, folder: str) -> None:
        """List the studies of a folder no longer, but for those that were opened."""
        self.watched = tuple(name for name in self.watched if name != folder)
        self.watched_changed.emit(self.watched)
        self._show_sources()
        inside = [study for study in self.studies if study.origin != RECENT and Path(study.path).is_relative_to(folder)]
        self._show([study for study in self.studies if study not in inside or study.state is not StudyState.NEW])

    def query(self, name: str) -> None:
        """List the studies of the last days of an archive."""
        try:
            node = calls.saved().named(name)
        except KinecorError as error:
            self.message.emit(error_message(error))
            return
        today = datetime.now().astimezone().date()
        asked = {"first_date": f"{today - timedelta(days=ARCHIVE_DAYS):%Y%m%d}", "last_date": f"{today:%Y%m%d}"}

        def work(tick: Tick) -> list[ListedStudy]:
            return [
                ListedStudy(
                    path=listed_study.uid,
                    study_id=listed_study.uid,
                    patient=listed_study.patient_name.replace("^", " ").strip(),
                    patient_id=listed_study.patient_id,
                    date=listed_study.date,
                    modality="/".join(listed_study.modalities),
                    description=listed_study.description,
                    files=listed_study.instances or 0,
                    origin=ARCHIVE,
                    node=name,
                    used=self._day,
                )
                for listed_study in calls.search(node, asked, tick)
            ]

        def done(found: list[ListedStudy]) -> None:
            others = [study for study in self.studies if study.here or study.node != name]
            self._show(merged(others, map(refreshed, found)))
            self.remark.emit(tr("{n} studies of the last 7 days in {name}").format(n=len(found), name=name))

        self.jobs.start("query", work, done, self.message.emit)

    def open_next(self) -> None:
        """Open the next unread study."""
        if not self.view.open_next():
            self.remark.emit(tr("No study of the worklist is unread"))

    def _open(self, study: ListedStudy) -> None:
        self._from_list = True
        if study.here:
            self.paths_wanted.emit([study.path], study.study_id)
            return
        try:
            node = calls.saved().named(study.node)
        except KinecorError as error:
            self.message.emit(error_message(error))
            return
        self.retrieval_wanted.emit(Wanted(node, study.path))

    def forget(self) -> None:
        """Forget all studies."""
        self._show(())

    # The analysis of what waits

    def analyse(self, wanted: Sequence[ListedStudy]) -> None:
        """Analyse studies one after the other in the background, when the window has nothing else to do; () ends it."""
        self._queue = [study.key for study in wanted]
        if not wanted:
            self._analysing.cancel_all()
        self._show_queue()
        self._begin_next()

    def let_open(self) -> Callable[[], None]:
        """Before a study is opened: end the analysis in the background, which goes on afterwards.

        Returns:
            What waits, on a worker, until the study that was being analysed is let go of.

        """
        if running := self._analysing.keys:
            self._queue[:0] = [name for name in running if name not in self._queue]
            self._analysing.cancel_all()
            self._show_queue()
        if self._queue:
            self._beginning.start()
        return lambda: (self._idle.wait(_IDLE_S), None)[1]

    def _begin_next(self) -> None:
        if self._analysing.keys or not self._queue:
            return
        if self._busy() or not self._idle.is_set():
            self._beginning.start()
            return
        key = self._queue.pop(0)
        study = next((each for each in self.studies if each.key == key), None)
        open_now = {each.source.study_id for each in self._workspace.opened.recordings}
        if study is None or not study.here or study.study_id in open_now or study.state is not StudyState.NEW:
            self._show_queue()
            self._begin_next()
            return

        def work(tick: Tick) -> Sequence[object]:
            self._idle.clear()
            try:
                return self._analyse(Path(study.path), tick)
            finally:
                self._idle.set()

        self._analysing.start(
            key,
            work,
            done=lambda found: self._analysed(study, found),
            failed=lambda why: self._failed(study, why),
            ticked=lambda done, total: self._show_queue({key: _share(done, total)} if total else None),
        )
        self._show_queue({key: tr("being analysed")})

    def _analysed(self, study: ListedStudy, found: Sequence[object]) -> None:
        checks = {str(getattr(each, "study_id", "")): int(getattr(each, "open_checks", 0)) for each in found}
        done = [each.key for each in self.studies if each.key == study.key or each.study_id in checks]
        # A folder may hold several studies; what their files say follows from a worker.
        self._noted |= {each.key: checks.get(each.study_id) for each in self.studies if each.key in done}
        self._noting.start()
        self._show([
            replace(each, state=StudyState.ANALYSED, checks=checks.get(each.study_id, each.checks))
            if each.key in done and each.state is StudyState.NEW
            else each
            for each in self.studies
        ])  # fmt: skip
        self._show_queue()
        self._begin_next()

    def _failed(self, study: ListedStudy, why: str) -> None:
        name = study.patient or study.description or tr("Patient unknown")
        self.message.emit(_named(name, why))
        self._show_queue()
        self._begin_next()

    def _show_queue(self, running: dict[str, str] | None = None) -> None:
        waiting = {key: tr("waits for analysis") for key in self._queue}
        now = running or {key: tr("being analysed") for key in self._analysing.keys}
        self.view.show_running(waiting | now)

    # The list itself

    def _show(self, listed: Sequence[ListedStudy], *, save: bool = True) -> None:
        changed = tuple(listed) != self.studies
        self.studies = tuple(listed)
        self.view.show_studies(self.studies)
        if changed and save:
            self._saving.start()

    def _show_sources(self) -> None:
        try:
            names = [node.name for node in calls.saved().nodes]
        except KinecorError:
            names = []
        self.view.show_sources(self.watched, names)

    def set_keep_days(self, keep_days: int) -> None:
        """For how long studies are remembered, see Settings."""
        self._keep_days = keep_days
        self._saving.start()

    def _save(self) -> None:
        """Save the list, on a worker: the thread that draws waits for no disk."""
        if "save" in self._files.keys:
            self._saving.start()
            return
        listed = studies.lasting(self.studies, self._day, self._keep_days)
        self._files.start("save", lambda _: studies.save(listed), lambda _: None, self.message.emit)

    def shutdown(self) -> None:
        """End all work and save the list."""
        unsaved = self._saving.isActive() or self._noted or "save" in self._files.keys
        for timer in (self._looking, self._beginning, self._noting, self._saving):
            timer.stop()
        self._queue.clear()
        self.jobs.cancel_all()
        self._analysing.cancel_all()
        self.jobs.shutdown()
        self._analysing.shutdown()
        self._files.shutdown()
        if self._noted:
            self._show_states(_with_checks([study for study in self.studies if study.key in self._noted], self._noted))
            self._saving.stop()
        if unsaved:
            studies.save(studies.lasting(self.studies, self._day, self._keep_days))


def _with_checks(listed: Sequence[ListedStudy], checks: Mapping[str, int | None]) -> list[ListedStudy]:
    """Studies with their state by their files, and these numbers of open checks, by key, where they were counted."""
    found = []
    for study in map(refreshed, listed):
        count = checks[study.key]
        found.append(study if count is None else replace(study, checks=count))
    return found


def _named(name: str, why: str) -> Message:
    reason = why if isinstance(why, Message) else verbatim(why)
    return message("{study} was not analysed: {reason}", study=verbatim(name), reason=reason)


def _share(done: int, total: int) -> str:
    return tr("analysed: {n} of {total}").format(n=done, total=total)


def _files_of(recording: object) -> list[str]:
    cines = getattr(recording, "cines", ())
    return [path for cine in cines for path in ([each.path for each in cine.instances] or [cine.source.path])]
