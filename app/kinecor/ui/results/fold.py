"""A section of the results or of the checks that is folded away by its title."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from kinecor.core.checks.findings import Severity
from kinecor.ui.style import theme
from kinecor.ui.style.elided import ElidedLabel
from kinecor.ui.style.marks import mark_pixmap


class Fold(QWidget):
    """A section of a panel: a title with a count, and a body that is shown when it is unfolded."""

    def __init__(self, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = body
        self.head = QToolButton()
        self.head.setCheckable(True)
        self.head.setText(title)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setArrowType(Qt.ArrowType.RightArrow)
        self.head.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.head.setStyleSheet(
            "QToolButton { text-align: left; background: transparent; padding: 2px; border: 2px solid transparent; }"
            f"QToolButton:focus {{ border: 2px solid {theme.FOCUS}; }}"
        )
        # Of a title and what is inside, the latter is shortened where there is no room for both.
        self.count = ElidedLabel()
        self.count.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.count.hide()  # nothing to read out while there is no count
        self.count.setObjectName("quiet")
        self.mark = QLabel()
        self._worst: Severity | None = None
        line = QHBoxLayout()
        line.setContentsMargins(4, 0, 10, 0)
        line.setSpacing(5)
        line.addWidget(self.head)
        line.addStretch(1)
        line.addWidget(self.mark)
        line.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        # The body is inside another widget, so that it may hide itself without unfolding.
        self.holder = QWidget()
        inside = QVBoxLayout(self.holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(body)
        column.addWidget(self.holder)
        self.holder.hide()
        self.head.toggled.connect(self._unfold)

    @property
    def title(self) -> str:
        """Its title."""
        return self.head.text()

    def show_count(self, count: str, worst: Severity | None) -> None:
        """Show how much is inside, with the most serious sign of it while it is folded."""
        self.count.setText(count)
        self.count.setVisible(bool(count))
        if worst is not self._worst:
            self._worst = worst
            self.mark.setPixmap(mark_pixmap(worst, 14) if worst else QPixmap())

    def _unfold(self, shown: bool) -> None:
        self.head.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.holder.setVisible(shown)
