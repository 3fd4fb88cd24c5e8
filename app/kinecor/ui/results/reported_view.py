"""What other systems, such as echo carts, recorded: numbers, ECGs and PDFs with their source, apart from ours."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from kinecor.core.table.measures import typeset, unit_name
from kinecor.core.values.foreign import ForeignReport, ForeignValue
from kinecor.ui.results.document_view import PdfOpener, source_words
from kinecor.ui.results.ecg_view import ecg_dialog
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.layouts import remove_widgets
from kinecor.ui.workspace.captions import date_words
from kinecor.ui.workspace.workspace import Workspace

_MOST = 400


class ReportedView(QWidget):
    """One paragraph for each report, a line for each number, under the report's own headings; then ECGs and PDFs."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shown: tuple[ForeignReport, ...] | None = None
        self.pdfs = PdfOpener()
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.RichText)
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.failed = QLabel()
        self.failed.setWordWrap(True)
        self.failed.hide()
        self.buttons: list[QPushButton] = []
        """To open an ECG or a PDF."""
        self._documents = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 12, 8)
        column.addWidget(self.words)
        column.addLayout(self._documents)
        column.addWidget(self.failed)

    @property
    def reports(self) -> tuple[ForeignReport, ...]:
        """Those of the study on screen; ECGs and PDFs of its patient, too: an ECG cart makes a study of its own."""
        study = self._workspace.study.reading
        if study is None:
            return ()
        recording = self._workspace.recording
        patient = recording.source.patient.identity if recording else ""
        return tuple(
            report
            for report in self._workspace.opened.reports
            if report.study_id == study.study_id
            or (_is_document(report) and report.patient and report.patient == patient)
        )

    def refresh(self) -> int:
        """Show what there is for the study on screen; how many values, ECGs and PDFs that are."""
        reports = self.reports
        if reports != self._shown:
            self._shown = reports
            study = self._workspace.study.reading
            study_id = study.study_id if study else ""
            self.words.setText("".join(_report(report, study_id) for report in reports))
            self.failed.hide()
            remove_widgets(self._documents, self.buttons)
            self.buttons = [self._button(report) for report in reports if _is_document(report)]
        return sum(len(report.values) + _is_document(report) for report in reports)

    def _button(self, report: ForeignReport) -> QPushButton:
        text = tr("Show ECG…") if report.leads else tr("Open PDF…")
        date = f" ({date_words(report.date)})" if report.date else ""
        button = QPushButton(f"{text}{date}")
        button.setToolTip(report.title)
        if not report.leads:
            button.setToolTip(f"{report.title}: {tr('Opens in the PDF viewer of the system.')}")
        button.clicked.connect(lambda _: self._show_ecg(report) if report.leads else self._open_pdf(report))
        self._documents.addWidget(button)
        return button

    def _show_ecg(self, report: ForeignReport) -> None:
        ecg_dialog(self, report, source_words(report)).show()

    def _open_pdf(self, report: ForeignReport) -> None:
        if said := self.pdfs.open(report.pdf):
            self._fail(said)

    def _fail(self, sentence: str) -> None:
        self.failed.setText("! " + sentence)
        self.failed.show()


def _is_document(report: ForeignReport) -> bool:
    return bool(report.leads or report.pdf)


def _report(report: ForeignReport, study_id: str) -> str:
    source = source_words(report)
    if report.study_id != study_id:
        source += " · " + tr("another study of this patient")
    title = escape(report.title or tr("Structured report"))
    out = [
        f"<p style='margin:4px 0 0 0'><b>{title}</b><br><span style='color:{theme.QUIET}'>{escape(source)}</span></p>"
    ]
    heading = ""
    for value in report.values[:_MOST]:
        within = " › ".join(value.within[-2:])
        if within != heading:
            heading = within
            out.append(f"<p style='margin:6px 0 0 0; color:{theme.QUIET}'>{escape(within)}</p>")
        out.append(f"<p style='margin:0'>{_value(value)}</p>")
    if len(report.values) > _MOST:
        more = tr("{count} more values: kinecor analyse lists all in result.json").format(
            count=len(report.values) - _MOST
        )
        out.append(f"<p style='margin:0; color:{theme.QUIET}'>{escape(more)}</p>")
    return "".join(out)


def _value(foreign_value: ForeignValue) -> str:
    unit = unit_name(foreign_value.unit) if foreign_value.unit != "1" else ""
    details = ", ".join(which for _, which in foreign_value.details)
    tail = "; ".join(filter(None, (details, foreign_value.remark)))
    quiet = f" <span style='color:{theme.QUIET}'>({escape(tail)})</span>" if tail else ""
    return f"{escape(foreign_value.name)} <b>{escape(typeset(f'{foreign_value.value:g}'))} {escape(unit)}</b>{quiet}"
