"""Earlier studies of the patient on screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from kinecor.ui.app import settings
from kinecor.ui.app.documents import OpenedFiles, open_all
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.captions import date_words
from kinecor.ui.workspace.jobs import Progress

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow


class Priors:
    """Opens earlier studies of the patient, and compares with them.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window

    def offer_prior(self) -> None:
        """Offer an earlier study of the patient that was open here before, unless one is open."""
        self.window.offer.hide()
        study = self.window.workspace.study.reading
        if study is None or self.window.workspace.study.priors or not study.study_date:
            return
        seen_study = self.window.settings.earlier(settings.patient_digest(study.patient_id), study.study_date)
        if seen_study is not None:
            text = tr("An earlier study of this patient was open here: {date}, {name}").format(
                date=date_words(seen_study.date), name=Path(seen_study.path).name
            )
            self.window.offer.show_offer(text, tr("Compare"), lambda: self.open_prior([seen_study.path]))

    def choose_prior(self) -> None:
        """Ask for files of an earlier study."""
        names, _ = QFileDialog.getOpenFileNames(self.window, tr("Compare with prior"))
        self.open_prior(names)

    def choose_prior_folder(self) -> None:
        """Ask for the folder of an earlier study."""
        name = QFileDialog.getExistingDirectory(self.window, tr("Compare with prior"))
        self.open_prior([name] if name else [])

    def open_prior(self, paths: Sequence[str]) -> None:
        """Open an earlier study in the background, in addition to what is open, and compare with it."""
        if not paths:
            return
        text = tr("Opening {name}").format(name=Path(paths[0]).name)

        def opened(files: OpenedFiles) -> None:
            self.window.status.show_progress(None)
            recordings, refused, reports, *documents = files
            stated = {report.study_id for report in reports if report.values}
            self.window.opening.show_refused(refused)
            if not recordings and not stated:
                return
            self.window.workspace.add(recordings, reports, *documents)
            self.window.audit.compare_with_log()
            studies = {recording.source.study_id for recording in recordings} | stated
            if not studies & {study_reading.study_id for study_reading in self.window.workspace.study.priors}:
                self.window.banner.show_message(
                    tr(
                        "This is no earlier study of the same patient by patient ID, name and study date, "
                        "so nothing is compared."
                    )
                )
                return
            self.window.reading.results.folds["Prior"].head.setChecked(True)
            self.window.analysing.consider_prior()

        self.window.jobs.start(
            "open",
            lambda tick: open_all(tuple(paths), tick, reports_alone=True),
            done=opened,
            failed=self.window.job_failed,
            ticked=lambda done, total: self.window.status.show_progress(Progress(text, done, total)),
        )
        self.window.status.show_progress(Progress(text, 0, 0))
