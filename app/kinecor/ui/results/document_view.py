"""Documents of a study on screen: an ECG, a PDF in the system's viewer, a structured report as a table."""

import hashlib

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.table.measures import typeset, unit_name
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.foreign import Document, ForeignReport
from kinecor.io.files.atomic import TemporaryFolder, write_bytes
from kinecor.ui.results.ecg_view import ecg_dialog
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.captions import date_words

_WIDE_PX, _HIGH_PX = 760, 520


class PdfOpener:
    """Opens PDFs with the viewer of the system, from private temporary files that last as long as this."""

    def __init__(self) -> None:
        self._written: TemporaryFolder | None = None

    def close(self) -> None:
        """Remove the files."""
        if self._written is not None:
            self._written.remove()
            self._written = None

    def open(self, pdf: bytes) -> str:
        """Open a PDF; a sentence on what went wrong, or ""."""
        try:
            if self._written is None:
                self._written = TemporaryFolder()
            path = self._written.path / f"{hashlib.sha256(pdf).hexdigest()[:16]}.pdf"
            write_bytes(path, pdf, private=True)
        except (KinecorError, OSError) as error:
            return tr("The PDF cannot be written to a temporary file: {reason}").format(reason=error)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            return tr("No program of this system opens PDF files; install a PDF viewer.")
        return ""


def source_words(one: ForeignReport | Document) -> str:
    """Who made a document, when, and where it is."""
    return " · ".join(filter(None, (one.equipment, date_words(one.date) if one.date else "", one.path)))


def show_document(parent: QWidget, document: Document, pdfs: PdfOpener) -> str:
    """Show a document; a sentence where it cannot be shown, or ""."""
    report = document.report
    if report is not None and report.leads:
        ecg_dialog(parent, report, source_words(report)).show()
        return ""
    if report is not None and report.pdf:
        return pdfs.open(report.pdf)
    if report is not None and report.values:
        report_dialog(parent, report).show()
        return ""
    kind = document.series.known
    name = translated(kind.name.capitalised()) if kind is not None else document.title
    return tr("{kind} ({title}) has nothing that can be shown here: {source}").format(
        kind=name, title=document.title, source=source_words(document)
    )


def report_dialog(parent: QWidget, report: ForeignReport) -> QDialog:
    """All values of a structured report, a row each: name, value, unit, what modifies it, the heading above it."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(report.title or tr("Structured report"))
    table = QTableWidget(len(report.values), 5)
    table.setObjectName("values")
    table.setHorizontalHeaderLabels([tr("Measurement"), tr("Value"), tr("Unit"), tr("Details"), tr("Section")])
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.verticalHeader().hide()
    for row, foreign_value in enumerate(report.values):
        details = "; ".join(
            filter(None, (", ".join(which for _, which in foreign_value.details), foreign_value.remark))
        )
        unit = unit_name(foreign_value.unit) if foreign_value.unit != "1" else ""
        cells = (
            foreign_value.name,
            typeset(f"{foreign_value.value:g}"),
            unit,
            details,
            " › ".join(foreign_value.within),
        )
        for column, text in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            if column == 1:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            table.setItem(row, column, item)
    table.resizeColumnsToContents()
    table.horizontalHeader().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
    source = QLabel(source_words(report))
    source.setWordWrap(True)
    source.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    layout = QVBoxLayout(dialog)
    layout.addWidget(source)
    layout.addWidget(table, 1)
    dialog.resize(_WIDE_PX, _HIGH_PX)
    return dialog
