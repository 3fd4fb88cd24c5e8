"""Reports and data out, contours in."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from kinecor.io.archive.audit_messages import Event
from kinecor.ui.app.exports import FORMATS, Format, file_stem, format_of, subject_of
from kinecor.ui.app.messages import WRITING
from kinecor.ui.report.render import content_of, write_pdf
from kinecor.ui.study.study_rows import view_label
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.computing import WAIT_FOR_CONTOURS
from kinecor.ui.workspace.jobs import Progress
from kinecor.ui.workspace.signing import NOT_DONE

if TYPE_CHECKING:
    from kinecor.ui.app.main_window import MainWindow


class Exporting:
    """Writes the report and the data of the study on screen; imports contours.

    Args:
        window: whose facet it is.

    """

    def __init__(self, window: "MainWindow") -> None:
        self.window = window

    def choose_export(self) -> None:
        """Ask where to write the PDF report, unless the study is still being analysed."""
        if self.still_computing():
            return
        given = file_stem(self.window.workspace.study.reading, tr("report"))
        name, _ = QFileDialog.getSaveFileName(self.window, tr("Export PDF report"), f"{given}.pdf", "PDF (*.pdf)")
        if name:
            self.export(Path(name))

    def still_computing(self) -> bool:
        """Whether values of the study on screen may still change, with a message: nothing of it leaves the window."""
        if not self.window.workspace.computing.awaited:
            return False
        self.window.banner.show_message(tr(NOT_DONE))
        return True

    def export(self, path: Path) -> None:
        """Write the PDF report of the study on screen in the background."""
        self.window.report.commit()
        if self.still_computing():
            return
        content = content_of(self.window.workspace)
        if content is None:
            self.window.banner.show_message(tr("There is nothing to report yet: open a recording first."))
            return
        self.window.status.show_progress(Progress(tr("Writing the report"), 0, 0))
        study_id = content.study.study_id

        def done(_: object) -> None:
            self.window.status.show_progress(None)
            self.window.banner.settle(WRITING)
            self.window.status.showMessage(tr("Report written to {path}").format(path=path), 8000)
            self.window.audit.send_audit(Event.EXPORTED, study_id, target=str(path))

        self.window.jobs.start("export", lambda tick: write_pdf(path, content, tick), done, self.window.job_failed)

    def choose_data(self) -> None:
        """Ask which data of what is on screen are exported, and where to."""
        recording = self.window.workspace.recording
        view = view_label(recording, self.window.workspace.saved) if recording is not None else tr("export")
        given = file_stem(self.window.workspace.study.reading, view)
        lines = ";;".join(file_format.filter for file_format in FORMATS)
        name, chosen = QFileDialog.getSaveFileName(self.window, tr("Export data"), given, lines)
        if name:
            self.export_data(Path(name), format_of(chosen))

    def export_data(self, path: Path, what: Format) -> None:
        """Write data of what is on screen in the background; the ending of the format is added where it is missing."""
        subject = subject_of(self.window.workspace, self.window.player.frame)
        if self.still_computing():
            return
        if subject is None:
            self.window.banner.show_message(tr("There is nothing to export yet: open a recording first."))
            return
        if not path.name.lower().endswith(Path(what.ending).suffix or what.ending):
            path = path.with_name(path.name + what.ending)
        self.window.status.show_progress(Progress(tr("Exporting"), 0, 0))
        study_id = subject.recording.source.study_id

        def done(_: object) -> None:
            self.window.status.show_progress(None)
            self.window.banner.settle(WRITING)
            self.window.status.showMessage(tr("Exported to {path}").format(path=path), 8000)
            self.window.audit.send_audit(Event.EXPORTED, study_id, target=str(path))

        self.window.jobs.start(
            "export data", lambda tick: what.write(path, subject, tick), done, self.window.job_failed
        )

    def choose_contours(self) -> None:
        """Ask for a file of contours, and show them on the recording on screen before they are imported."""
        from kinecor.io.contours.read import FILE_ENDINGS

        endings = " ".join(f"*{file_ending}" for file_ending in FILE_ENDINGS)
        lines = f"{tr('Contours')} ({endings});;{tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self.window, tr("Import contours"), filter=lines)
        if name:
            self.import_contours(Path(name))

    def import_contours(self, path: Path) -> None:
        """Show the contours of a file on the recording on screen, and let the reader import them."""
        recording = self.window.workspace.recording
        if recording is None:
            return
        if self.window.workspace.opened.is_provisional(recording):
            self.window.banner.show_message(tr(WAIT_FOR_CONTOURS))
            return
        from kinecor.ui.study.import_form import ImportForm

        self.window.player.pause()
        ImportForm(self.window.workspace, self.window.player, path, self.window).open()
