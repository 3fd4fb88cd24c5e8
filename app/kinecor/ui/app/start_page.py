"""The page before a recording is open."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kinecor import RESEARCH_USE
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.layouts import remove_widgets
from kinecor.ui.style.theme import icon
from kinecor.ui.worklist.view import WorklistView


class StartPage(QWidget):
    """Open, demo, recent; files may also be dropped anywhere on the window.

    Signals:
        open_file(), open_folder(), open_demo(): a button was pressed.
        open_recent(str): a recent path was chosen.
    """

    open_file = Signal()
    open_folder = Signal()
    open_demo = Signal()
    open_recent = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.worklist = WorklistView()
        self.worklist.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 12, 24, 12)
        whole.addStretch(1)
        column = QVBoxLayout()
        column.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.setSpacing(10)
        whole.addLayout(column)
        whole.addWidget(self.worklist, 100)
        whole.addStretch(1)
        mark = QLabel()
        mark.setPixmap(icon("app").pixmap(36, 36))
        title = QLabel("Kinecor")
        title.setStyleSheet(f"font-size: 34px; font-weight: 600; color: {theme.TEXT};")
        head = QHBoxLayout()
        head.setAlignment(Qt.AlignmentFlag.AlignCenter)
        head.addWidget(mark)
        head.addWidget(title)
        column.addLayout(head)
        self._about = _line(
            tr("LV contours, volumes, ejection fraction and strain from echocardiography and cine MRI.")
        )
        column.addWidget(self._about)
        self._gap = _gap(14)
        column.addWidget(self._gap)
        row = QHBoxLayout()
        row.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.buttons: list[QPushButton] = []
        for text, signal, name in (
            ("Open file…", self.open_file, "primary"),
            ("Open folder…", self.open_folder, ""),
            ("Open demo", self.open_demo, ""),
        ):
            button = QPushButton(tr(text))
            button.setObjectName(name)
            button.setMinimumWidth(130)
            button.clicked.connect(signal)
            row.addWidget(button)
            self.buttons.append(button)
        column.addLayout(row)
        watch = QPushButton(tr("Watch a folder…"))
        watch.setMinimumWidth(130)
        watch.setToolTip(tr("List the studies of a folder, new ones as they arrive"))
        watch.clicked.connect(self.worklist.watch_wanted)
        row.addWidget(watch)
        self.watch = watch
        self._drop = _line(tr("or drop files or folders here"))
        column.addWidget(self._drop)
        self._recent = QVBoxLayout()
        self._shown: list[QWidget] = []
        self._recent.setSpacing(2)
        column.addLayout(self._recent)
        notice = _line(translated(RESEARCH_USE))
        notice.setStyleSheet(f"color: {theme.WARNING};")
        column.addWidget(notice)
        self._notice = notice

    def show_worklist(self, shown: bool) -> None:
        """Show the list of studies below the buttons, in place of recent files."""
        self.worklist.setVisible(shown)
        for widget in (self._about, self._gap, self._drop, self._notice, self.watch, *self._shown):
            widget.setHidden(shown)

    def show_recent(self, paths: tuple[str, ...]) -> None:
        """List recent paths, the latest first."""
        remove_widgets(self._recent, self._shown)
        self._shown = []
        if paths:
            self._shown.append(_line(tr("Recent")))
        for path in paths:
            button = QPushButton(_short(path))
            button.setToolTip(path)
            button.setStyleSheet(
                f"QPushButton {{ border: 0; background: transparent; color: {theme.ACCENT}; padding: 3px; }}"
                "QPushButton:hover { text-decoration: underline; }"
            )
            button.clicked.connect(lambda _=False, one=path: self.open_recent.emit(one))
            self._shown.append(button)
        for widget in self._shown:
            self._recent.addWidget(widget)
            widget.setHidden(self.worklist.isVisibleTo(self))


def _gap(height_px: int) -> QWidget:
    gap = QWidget()
    gap.setFixedHeight(height_px)
    return gap


def _line(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("quiet")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def _short(path: str) -> str:
    """The last two parts of a path: enough to recognise it."""
    return "/".join(Path(path).parts[-2:])
