"""The page that is shown while a large folder is opened: its series, listed before they can be looked at."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLabel, QListWidget, QVBoxLayout, QWidget

from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.captions import date_words

if TYPE_CHECKING:
    from kinecor.io.open.survey import ListedSeries


class ListingPage(QWidget):
    """One line for each patient and day, and below it one for each series."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setStyleSheet(f"font-size: 14px; color: {theme.TEXT};")
        self.lines = QListWidget()
        self.lines.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.lines.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.lines.setUniformItemSizes(True)
        self.lines.setAccessibleName(tr("Series that are being opened"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 18, 24, 18)
        column.addWidget(self.title)
        column.addWidget(self.lines, 1)

    def show_series(self, name: str, series: "Sequence[ListedSeries]") -> None:
        """List what a folder holds.

        Args:
            name: of the folder.
            series: in the order in which they were found.

        """
        files = sum(listed_series.files for listed_series in series)
        text = tr("{name}: {series} series, {files} files. They are being opened.")
        self.title.setText(text.format(name=name, series=len(series), files=files))
        studies: dict[tuple[str, str], list[ListedSeries]] = {}
        for single_listed_series in series:
            studies.setdefault((single_listed_series.patient, single_listed_series.study_date), []).append(
                single_listed_series
            )
        lines: list[str] = []
        for (patient, day), members in studies.items():
            who = patient or tr("Patient unknown")
            lines.append(" · ".join(filter(None, (who, date_words(day) if day else ""))))
            for member in members:
                label = (
                    " ".join(filter(None, (member.number, member.description))) or member.modality or tr("other files")
                )
                count = tr("1 file") if member.files == 1 else tr("{n} files").format(n=member.files)
                lines.append(f"      {label} · {count}")
        self.lines.clear()
        self.lines.addItems(lines)
