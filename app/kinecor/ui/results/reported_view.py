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
from kinecor.ui.workspace.workspace import Workspace, date_words

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
        study = self._workspace.study_reading
        if study is None:
            return ()
        recording = self._workspace.recording
        patient = recording.source.patient.identity if recording else ""
        return tuple(
            one
            for one in self._workspace.reports
            if one.study_id == study.study_id or (_is_document(one) and one.patient and one.patient == patient)
        )

    def refresh(self) -> int:
        """Show what there is for the study on screen; how many values, ECGs and PDFs that are."""
        reports = self.reports
        if reports != self._shown:
            self._shown = reports
            study = self._workspace.study_reading
            study_id = study.study_id if study else ""
            self.words.setText("".join(_report(one, study_id) for one in reports))
            self.failed.hide()
            remove_widgets(self._documents, self.buttons)
            self.buttons = [self._button(one) for one in reports if _is_document(one)]
        return sum(len(one.values) + _is_document(one) for one in reports)

    def _button(self, one: ForeignReport) -> QPushButton:
        words = tr("Show ECG…") if one.leads else tr("Open PDF…")
        date = f" ({date_words(one.date)})" if one.date else ""
        button = QPushButton(f"{words}{date}")
        button.setToolTip(one.title)
        if not one.leads:
            button.setToolTip(f"{one.title}: {tr('Opens in the PDF viewer of the system.')}")
        button.clicked.connect(lambda _: self._show_ecg(one) if one.leads else self._open_pdf(one))
        self._documents.addWidget(button)
        return button

    def _show_ecg(self, one: ForeignReport) -> None:
        ecg_dialog(self, one, source_words(one)).show()

    def _open_pdf(self, one: ForeignReport) -> None:
        if said := self.pdfs.open(one.pdf):
            self._fail(said)

    def _fail(self, sentence: str) -> None:
        self.failed.setText("! " + sentence)
        self.failed.show()


def _is_document(one: ForeignReport) -> bool:
    return bool(one.leads or one.pdf)


def _report(one: ForeignReport, study_id: str) -> str:
    source = source_words(one)
    if one.study_id != study_id:
        source += " · " + tr("another study of this patient")
    title = escape(one.title or tr("Structured report"))
    out = [
        f"<p style='margin:4px 0 0 0'><b>{title}</b><br><span style='color:{theme.QUIET}'>{escape(source)}</span></p>"
    ]
    heading = ""
    for value in one.values[:_MOST]:
        within = " › ".join(value.within[-2:])
        if within != heading:
            heading = within
            out.append(f"<p style='margin:6px 0 0 0; color:{theme.QUIET}'>{escape(within)}</p>")
        out.append(f"<p style='margin:0'>{_value(value)}</p>")
    if len(one.values) > _MOST:
        more = tr("{count} more values: kinecor analyse lists all in result.json").format(count=len(one.values) - _MOST)
        out.append(f"<p style='margin:0; color:{theme.QUIET}'>{escape(more)}</p>")
    return "".join(out)


def _value(one: ForeignValue) -> str:
    unit = unit_name(one.unit) if one.unit != "1" else ""
    details = ", ".join(which for _, which in one.details)
    tail = "; ".join(filter(None, (details, one.remark)))
    quiet = f" <span style='color:{theme.QUIET}'>({escape(tail)})</span>" if tail else ""
    return f"{escape(one.name)} <b>{escape(typeset(f'{one.value:g}'))} {escape(unit)}</b>{quiet}"
