"""The line under the patient's that says by whom the study on screen is signed, with the way to change it."""

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from kinecor.core.study.conclusions import SignState, signed_words
from kinecor.core.values.study import StudyReading
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.workspace import Workspace

FLASH_MS: Final = 1200
"""For how long the line stands out after a change was refused."""


class SignedBar(QFrame):
    """Who signed and when, whether anything differs since, and a button for an addendum; hidden of an unsigned study.

    Args:
        workspace: with the study on screen.
        sign, addendum: the window's actions.
        parent: the window.

    """

    def __init__(self, workspace: Workspace, sign: QAction, addendum: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.addendum, self.sign = QToolButton(), QToolButton()
        for button, action in ((self.addendum, addendum), (self.sign, sign)):
            button.setDefaultAction(action)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 3, 10, 3)
        row.addWidget(self.words, 1)
        row.addWidget(self.addendum)
        row.addWidget(self.sign)
        self._flash = QTimer(self)
        self._flash.setSingleShot(True)
        self._flash.setInterval(FLASH_MS)
        self._flash.timeout.connect(self.show_state)
        follow(workspace, self.show_state, Topic.RECORDINGS, Topic.RECORDING, Topic.STUDY, Topic.CHECKS)
        workspace.notices.locked.connect(self._show_refusal)
        self.show_state()

    def show_state(self) -> None:
        """Say where the study on screen stands with its signature."""
        study = self._workspace.study.reading
        if study is None or study.signature is None:
            self.hide()
            return
        status = self._workspace.signing.status
        state = SignState.SIGNED if status is None else status.state
        said = f"{translated(signed_words(study.signature, state, study.addendum).capitalised())}."
        if prior := self._beyond(study):
            said = f"{said} {prior}"
        warns = state is SignState.CHANGED or bool(prior)
        self.words.setText(f"! {said}" if warns else said)
        self.words.setToolTip(said)
        self.addendum.setVisible(study.closed)
        self.sign.setVisible(not study.closed)
        self._paint(theme.WARNING if warns or not study.closed else theme.TEXT, theme.RAISED)
        self.show()

    def _beyond(self, study: StudyReading) -> str:
        """What is on screen and not part of what was signed; "" where that is nothing."""
        signature, earlier = study.signature, self._workspace.study.priors
        if signature is None or not study.closed or not earlier or earlier[0].study_id == signature.prior:
            return ""
        return tr("The comparison with the earlier study is not part of what was signed.")

    def _show_refusal(self) -> None:
        """A change was refused: the line stands out for a moment."""
        self._paint(theme.WARNING, theme.WARNING_GROUND)
        self._flash.start()

    def _paint(self, colour: str, ground: str) -> None:
        self.setStyleSheet(f"SignedBar, SignedBar QLabel {{ background: {ground}; }} QLabel {{ color: {colour}; }}")
