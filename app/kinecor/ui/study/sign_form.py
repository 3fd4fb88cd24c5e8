"""Signing a study, and adding an addendum to a signed one."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.study.conclusions import why_not_signed
from kinecor.core.values.reading import is_person
from kinecor.ui.style import theme
from kinecor.ui.style.language import shown, tr, translated
from kinecor.ui.workspace.workspace import Workspace

WIDTH_PX: Final = 460


class Form(QDialog):
    """Words, what is asked for, and a button that does it."""

    def __init__(self, title: str, does: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.done_button: QPushButton = buttons.addButton(does, QDialogButtonBox.ButtonRole.AcceptRole)
        self.done_button.setObjectName("primary")
        self.cancel_button: QPushButton = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        # While the other button is disabled Qt would make Cancel the default, and Return would discard what was typed.
        self.cancel_button.setAutoDefault(False)
        self.done_button.setDefault(True)
        buttons.accepted.connect(self.carry_out)
        buttons.rejected.connect(self.reject)
        self.column = QVBoxLayout()
        self.column.setSpacing(10)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 16, 20, 14)
        whole.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        whole.addLayout(self.column)
        whole.addWidget(buttons)

    def add_words(self, text: str, colour: str = "") -> QLabel:
        """A paragraph."""
        words = QLabel(text)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setFixedWidth(WIDTH_PX)  # so that its height is known, however long a reason is
        if colour:
            words.setStyleSheet(f"color: {colour};")
        self.column.addWidget(words)
        return words

    def carry_out(self) -> None:
        """Do what the button says."""
        raise NotImplementedError


class SignForm(Form):
    """What is signed and by whom; with the reason, and without a way to sign, where findings that stop are open.

    Return cancels where checks are open or values are not accepted, so that such a study is signed on purpose only.

    Args:
        workspace: with the study on screen.
        accepted: how many values are accepted, and how many there are.
        proposed: name of the last signature, "" without one; None where the name is a reader's own, not that of the
            login, and is not asked for.
        remember: takes the name signed with, for the next form.
        parent: the window.

    """

    def __init__(
        self,
        workspace: Workspace,
        accepted: tuple[int, int],
        proposed: str | None = None,
        remember: Callable[[str], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Sign the study"), tr("Sign"), parent)
        self._workspace, self._remember = workspace, remember
        self._readings, study = workspace.study_readings, workspace.study_reading
        self.words = self.add_words("")
        self.name = QLineEdit(proposed or workspace.actor)
        if proposed is not None:
            row = QHBoxLayout()
            row.addWidget(QLabel(tr("Name as printed")))
            row.addWidget(self.name)
            self.column.addLayout(row)
        opened, (count, total) = len(workspace.checks.open), accepted
        unsure = bool(opened) or count < total
        checks = tr("1 open check") if opened == 1 else tr("{n} open checks").format(n=opened)
        values = tr("{n} of {total} values accepted").format(n=count, total=total)
        self.state = self.add_words(f"{'! ' if unsure else ''}{checks}, {values}", theme.WARNING if unsure else "")
        self.add_words(tr("Afterwards nothing in it can be changed without an addendum that gives the reason."))
        self._why = "" if study is None else why_not_signed(self._readings, study) or ""
        self.problem = self.add_words("", theme.BAD)
        self.name.textChanged.connect(self._show_name)
        self._show_name()
        if unsure:
            self.cancel_button.setDefault(True)
            # What Return presses looks like it; another name counts once a button is polished again.
            for button, name in ((self.done_button, ""), (self.cancel_button, "primary")):
                button.setObjectName(name)
                button.style().unpolish(button)
                button.style().polish(button)
        if proposed is not None:
            self.name.selectAll()
            self.name.setFocus()
        else:
            (self.cancel_button if unsure else self.done_button).setFocus()

    def _show_name(self) -> None:
        """Who signs, as it will be printed, or why nobody of that name can."""
        name = self.name.text().strip()
        self.words.setText(
            tr(
                "{reader} signs everything that is concluded about this study: recordings ({n}) with their views, "
                "scales, events, contours and values, results over views, the patient's data, comments and report text."
            ).format(reader=name, n=len(self._readings))
        )
        named = tr('Enter a reader\'s name; it cannot begin with "model:", which marks the work of a model.')
        why = self._why or ("" if is_person(name) else named)
        self.problem.setText(shown(why))
        self.problem.setVisible(bool(why))
        self.done_button.setEnabled(self._workspace.study_reading is not None and not why)

    def carry_out(self) -> None:
        """Sign; a refusal is shown above the images."""
        name = self.name.text().strip()
        if self._workspace.sign(name) and self._remember is not None:
            self._remember(name)
        self.accept()


class AddendumForm(Form):
    """The reason for changing a signed study."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(tr("Add addendum"), tr("Add addendum"), parent)
        self._workspace = workspace
        status = workspace.sign_status
        self.add_words(f"{translated(status.words.capitalised())}." if status and status.words else "")
        self.add_words(
            tr("With an addendum the study can be changed and needs a new signature. The report prints the reason.")
        )
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(tr("Reason"))
        self.column.addWidget(self.reason)
        self.reason.textChanged.connect(lambda text: self.done_button.setEnabled(bool(text.strip())))
        self.done_button.setEnabled(False)
        self.reason.setFocus()

    def carry_out(self) -> None:
        """Open the study to changes."""
        if self._workspace.add_addendum(self.reason.text().strip()):
            self.accept()
