"""Agreement: how automatic values agree with those that were signed here, as plots, a table and files."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.report.agreement import NOTE, TITLES, cells, counts, heading, set_aside_words
from kinecor.core.report.language import language
from kinecor.core.study.site_agreement import GroupKind, SiteAgreement, site_agreement
from kinecor.core.table.measures import LEADING
from kinecor.core.values.errors import Tick
from kinecor.core.values.message import joined_by
from kinecor.session.signed_studies import SiteStudies, Unused, read_site
from kinecor.session.store import readings_folder
from kinecor.ui.study.agreement_plot import AgreementPlot
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import in_force, shown, tr, translated
from kinecor.ui.style.layouts import last_row
from kinecor.ui.workspace.jobs import Jobs

READ: Final = "read"
WRITE: Final = "write"
Found = tuple[SiteStudies, SiteAgreement]


class AgreementDialog(QDialog):
    """Reads the signed studies of a folder on a worker, then shows one value at a time; nothing is changed by it.

    Args:
        folder: of study files; None for the readings of this user.
        parent: the window.

    """

    def __init__(self, folder: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Agreement of automatic with signed values"))
        self.jobs = Jobs(1, "agreement", self)
        self.found: Found | None = None
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Study files read"))
        self.value = Choice()
        self.value.setAccessibleName(tr("Value"))
        self.plot = AgreementPlot()
        self.rows = QTreeWidget()
        self.rows.setObjectName("agreement")
        self.rows.setRootIsDecorated(False)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.rows.setHeaderLabels([translated(title) for title in TITLES])
        self.rows.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.note = QLabel(translated(NOTE))
        self.note.setObjectName("quiet")
        self.note.setWordWrap(True)
        self.outcome = QLabel()
        self.outcome.setWordWrap(True)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.folder, self.save = QPushButton(tr("Other folder…")), QPushButton(tr("Save tables and PDF…"))
        self.cancel = QPushButton(tr("Cancel"))
        self.save.setObjectName("primary")
        self._lay_out()
        self.value.currentIndexChanged.connect(lambda _: self._show_value())
        self.folder.clicked.connect(self._choose_folder)
        self.save.clicked.connect(self._choose_target)
        self.cancel.clicked.connect(self._cancel)
        self.finished.connect(lambda _: self.jobs.shutdown())
        self.read(folder or readings_folder())

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.words, 1)
        top.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 14)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addWidget(self.plot, 3)
        column.addWidget(self.rows, 2)
        column.addWidget(self.note)
        column.addStretch(0)
        column.addLayout(last_row(self.outcome, self.folder, self.cancel, self.save))
        self.resize(940, 660)

    def read(self, folder: Path) -> None:
        """Read the study files of a folder; what was shown goes."""
        self.found = None
        self.value.clear()
        self._show_parts()
        self.outcome.clear()
        self.words.setStyleSheet("")
        self.words.setText(tr("The signed studies in {folder} are being read and verified …").format(folder=folder))
        self.bar.setRange(0, 0)
        self.bar.show()
        self.cancel.setText(tr("Cancel"))
        self.jobs.start(
            READ, lambda tick: _read(folder, tick), self._show_found, self._show_failed, self._show_progress
        )

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    def _show_found(self, found: Found) -> None:
        self.found = found
        studies, agreement = found
        self._end_progress()
        texts = (counts(agreement), set_aside_words(*(studies.count(why) for why in Unused)))
        self.words.setText(translated(joined_by(" ", texts)))
        unverified = [set_aside for set_aside in studies.set_aside if set_aside.why is Unused.UNVERIFIED]
        self.words.setToolTip(
            "\n".join(f"{set_aside.file}: {translated(set_aside.words)}" for set_aside in studies.set_aside)
        )
        if unverified:
            self.outcome.setText(
                tr("Not verified: {files}").format(files=_listed([set_aside.file for set_aside in unverified]))
            )
        for code in agreement.codes:
            self.value.addItem(translated(heading(agreement.of_value(code)[0])), code)
        self._show_parts()
        leading = agreement.codes.index(LEADING) if LEADING in agreement.codes else 0
        self.value.setCurrentIndex(leading)
        self._show_value()

    def _show_failed(self, why: str) -> None:
        """Too few patients, or a folder or log that cannot be read."""
        self._end_progress()
        self.words.setStyleSheet(f"color: {theme.WARNING};")
        self.words.setText(shown(why))

    def _end_progress(self) -> None:
        self.bar.hide()
        self.cancel.setText(tr("Close"))

    def _show_parts(self) -> None:
        for part in (self.value, self.plot, self.rows, self.note):
            part.setVisible(self.found is not None and bool(self.found[1].codes))
        self.save.setEnabled(self.found is not None)

    def _show_value(self) -> None:
        code = self.value.currentData()
        if self.found is None or not code:
            return
        rows = self.found[1].of_value(code)
        self.plot.show_comparison(rows[0])
        self.rows.clear()
        for row in rows:
            item = QTreeWidgetItem([translated(text) for text in cells(row)])
            if row.kind is GroupKind.ALL:
                for index in range(item.columnCount()):
                    item.setFont(index, theme.font(12, bold=True))
            self.rows.addTopLevelItem(item)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder of signed studies"), str(readings_folder()))
        if chosen:
            self.read(Path(chosen))

    def _choose_target(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder for tables and PDF"))
        if chosen:
            self.write(Path(chosen))

    def write(self, folder: Path) -> None:
        """Write agreement.csv, agreement.json and agreement.pdf to a folder, on the worker."""
        found = self.found
        if found is None:
            return
        self.save.setEnabled(False)
        code = in_force()

        def done(_: None) -> None:
            self.save.setEnabled(True)
            self.outcome.setText(
                tr("Written: agreement.csv, agreement.json and agreement.pdf in {folder}").format(folder=folder)
            )

        def failed(why: str) -> None:
            self.save.setEnabled(True)
            self.outcome.setText(shown(why))

        self.jobs.start(WRITE, lambda tick: _write(folder, found, code, tick), done, failed)

    def _cancel(self) -> None:
        """End what runs, and say so; with nothing running, close."""
        if self.jobs.cancel(READ):
            self._end_progress()
            self.words.setText(tr("Reading was cancelled."))
        else:
            self.reject()


def _listed(names: list[str]) -> str:
    first = 3
    return ", ".join(names[:first]) + (" …" if len(names) > first else "")


def _read(folder: Path, tick: Tick) -> Found:
    studies = read_site(folder, tick)
    return studies, site_agreement(studies.studies)


def _write(folder: Path, found: Found, code: str, tick: Tick) -> None:
    from kinecor.io.export.site_tables import write_site_csv, write_site_json
    from kinecor.io.report.site_pages import write_site_pdf

    studies, agreement = found
    write_site_csv(folder / "agreement.csv", agreement)
    tick(0, 0)
    write_site_json(folder / "agreement.json", agreement, studies)
    write_site_pdf(folder / "agreement.pdf", agreement, studies, language(code))
