"""A field for the text of one section: values stand in it as chips that follow the measurement."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QResizeEvent, QTextCharFormat, QTextFormat
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QTextEdit, QToolButton, QVBoxLayout, QWidget

from kinecor.core.report.sentences import Drafted, State, keys_in
from kinecor.core.values.study import IMPRESSION
from kinecor.ui.style import theme
from kinecor.ui.style.elided import ElidedLabel
from kinecor.ui.style.language import tr

_KEY: Final = QTextFormat.Property.UserProperty.value + 1
_MIN_PX, _MAX_PX = 46, 180
_STATE_MARGIN_PX: Final = 16
"""Between a title and the state next to it."""


class SectionField(QTextEdit):
    """Text with values as chips; `template` is the text with the values by key.

    Signals:
        typed(): the reader changed the text.
        left(): the field lost the focus.
    """

    typed = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words: Mapping[str, str] = {}
        self._setting = False
        self.setAcceptRichText(False)
        self.setStyleSheet(
            f"QTextEdit {{ background: {theme.GROUND}; border: 1px solid {theme.LINE}; border-radius: 3px; }}"
            f"QTextEdit:focus {{ border-color: {theme.ACCENT}; }}"
        )
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.textChanged.connect(self._changed)

    @property
    def template(self) -> str:
        """The text with the key of each value that stands in it unchanged."""
        lines = []
        block = self.document().begin()
        while block.isValid():
            line, at = "", block.begin()
            while not at.atEnd():
                piece = at.fragment()
                key, text = piece.charFormat().property(_KEY), piece.text()
                shown = self.words.get(key, "") if key else ""
                # Where a reader typed over a value, it is their text.
                line += f"{{{key}}}{text.removeprefix(shown)}" if shown and text.startswith(shown) else text
                at += 1
            lines.append(line)
            block = block.next()
        return "\n".join(lines).strip()

    def set_template(self, template: str, words: Mapping[str, str]) -> None:
        """Show a text with these values; nothing happens where it is shown already."""
        if template == self.template and all(words.get(key) == self.words.get(key) for key in keys_in(template)):
            self.words = words
            return
        self.words = words
        self._setting = True
        self.clear()
        cursor = self.textCursor()
        remaining_text = template
        for key in (name for name in keys_in(template) if name not in words):
            remaining_text = remaining_text.replace(f"{{{key}}}", f"({key}: not available)")
        while remaining_text:
            before, brace, after = remaining_text.partition("{")
            cursor.insertText(before, _plain())
            key, closed, left = after.partition("}")
            if brace and closed and key in words:
                cursor.insertText(words[key], _chip(key))
                remaining_text = left
            else:
                cursor.insertText(brace, _plain())
                remaining_text = after
        self.setCurrentCharFormat(_plain())
        self.document().clearUndoRedoStacks()
        self._setting = False
        self._fit()

    def insert_value(self, key: str) -> None:
        """A value at the cursor."""
        cursor = self.textCursor()
        cursor.insertText(self.words[key], _chip(key))
        cursor.insertText(" ", _plain())
        self.setTextCursor(cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is typed next to a value is not part of it."""
        if event.text():
            self.setCurrentCharFormat(_plain())
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Text, but no files: these are for the window to open, and their paths no part of a report."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the reader went on."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()

    def sizeHint(self) -> QSize:
        """As high as the text."""
        high = round(self.document().size().height()) + 2 * self.frameWidth() + 6
        return QSize(200, min(max(high, _MIN_PX), _MAX_PX))

    def resizeEvent(self, event: object) -> None:
        """Lines break elsewhere."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(self.sizeHint().height())

    def _changed(self) -> None:
        self._fit()
        if not self._setting:
            self.typed.emit()


class SectionBox(QFrame):
    """A section of the draft: title, state in words, text, reasons, and what no longer matches."""

    def __init__(self, section: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.section = section
        self.drafted: Drafted | None = None
        self.title, self.state = QLabel(), ElidedLabel()
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.title.setObjectName("title")
        self.automatic = QToolButton()
        self.automatic.setText(tr("Use automatic"))
        self.automatic.setToolTip(tr("Replace your text with the automatic sentence"))
        self.field = SectionField()
        self.notes = QLabel()
        self.notes.setWordWrap(True)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._head = QHBoxLayout()
        self._head.addWidget(self.title)
        self._head.addWidget(self.state, 1)
        self._gap = QWidget()  # in place of the state, where that has a line of its own
        self._gap.hide()
        self._head.addWidget(self._gap, 1)
        self._head.addWidget(self.automatic)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addLayout(self._head)
        column.addWidget(self.field)
        column.addWidget(self.notes)

    def show_section(
        self, section: Drafted, words: Mapping[str, str], *, closed: bool, analysing: bool = False
    ) -> None:
        """Show a section; text that the reader is typing stays.

        While the study is still being analysed, a section without a sentence says that and no reason, which may be gone
        in a moment.
        """
        self.drafted = section
        self.title.setText(section.title)
        self.field.setAccessibleName(section.title)
        edited = section.state in (State.EDITED, State.OUTDATED)
        texts = {
            State.AUTOMATIC: tr("Automatic sentence"),
            State.EDITED: tr("Edited by {who}").format(who=section.by),
            State.OUTDATED: tr("! Edited by {who}, no longer matches").format(who=section.by),
            State.NONE: "" if not section.why else tr("Analysing") if analysing else tr("! No automatic sentence"),
        }
        self.state.setText(texts[section.state])
        doubt = section.state is State.OUTDATED or (section.state is State.NONE and bool(section.why) and not analysing)
        self.state.setStyleSheet(f"color: {theme.WARNING if doubt else theme.QUIET};")
        self.automatic.setVisible(edited and not closed and section.section != IMPRESSION)
        self.field.setReadOnly(closed)
        if not self.field.hasFocus():
            self.field.set_template(section.template, words)
        else:
            self.field.words = words
        self.field.setPlaceholderText("" if closed else tr("Type here."))
        said = [*(f"! {text}" for text in section.changed), *(section.why if not edited and not analysing else ())]
        self.notes.setText("\n".join(said))
        self.notes.setStyleSheet(f"color: {theme.WARNING if section.changed else theme.QUIET};")
        self.notes.setVisible(bool(said))
        self._fit_head()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The state may need a line of its own."""
        super().resizeEvent(event)
        self._fit_head()

    def _fit_head(self) -> None:
        """Put the state below the title where it would be cut next to it."""
        hidden_px = self.automatic.sizeHint().width() if self.automatic.isVisibleTo(self) else 0
        words_px = self.state.fontMetrics().horizontalAdvance(self.state.text()) + _STATE_MARGIN_PX
        below = self.title.sizeHint().width() + words_px + hidden_px > self.width()
        if below is (self._head.indexOf(self.state) >= 0):
            self._gap.setVisible(below)
            if below:
                self._head.removeWidget(self.state)
                self._column.insertWidget(1, self.state)
            else:
                self._column.removeWidget(self.state)
                self._head.insertWidget(1, self.state, 1)
            self.state.setAlignment(Qt.AlignmentFlag.AlignLeft if below else Qt.AlignmentFlag.AlignRight)


def _plain() -> QTextCharFormat:
    return QTextCharFormat()


def _chip(key: str) -> QTextCharFormat:
    """A value: coloured, underlined, and named."""
    char_format = QTextCharFormat()
    char_format.setProperty(_KEY, key)
    char_format.setBackground(QColor(theme.CHOSEN))
    char_format.setForeground(QColor(theme.FOCUS))
    char_format.setFontWeight(QFont.Weight.Bold)
    char_format.setToolTip(tr("{key}: follows the measurement").format(key=key))
    return char_format
