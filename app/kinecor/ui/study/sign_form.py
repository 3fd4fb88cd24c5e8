"""Signing a study, and adding an addendum to a signed one."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.study.conclusions import why_not_signed
from kinecor.core.table.measures import typeset
from kinecor.core.values.study import LONGEST_LINE
from kinecor.session.store import login
from kinecor.ui.style import theme
from kinecor.ui.style.language import shown, tr, translated
from kinecor.ui.workspace.study_checks import Listed
from kinecor.ui.workspace.workspace import Workspace

WIDTH_PX: Final = 460
MAX_LISTED: Final = 6


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
        label = QLabel(text)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setFixedWidth(WIDTH_PX)  # so that its height is known, however long a reason is
        if colour:
            label.setStyleSheet(f"color: {colour};")
        self.column.addWidget(label)
        return label

    def carry_out(self) -> None:
        """Do what the button says."""
        raise NotImplementedError


class SignForm(Form):
    """What is signed and by whom; with the reason, and without a way to sign, where findings that stop are open.

    Who signs is the reader of this window: another name can only be a remark. Return cancels where checks are open or
    values are not accepted, so that such a study is signed on purpose only. The form stays until the report that is
    signed has been made.

    Args:
        workspace: with the study on screen.
        accepted: how many values are accepted, and how many there are.
        parent: the window.

    Signals:
        signed(Sign): the reader signs; the report is to be made, then `show_done` or `show_failed` called.

    """

    signed = Signal(object)

    def __init__(self, workspace: Workspace, accepted: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(tr("Sign the study"), tr("Sign"), parent)
        self._workspace = workspace
        readings, study = workspace.study.readings, workspace.study.reading
        account = login()
        stated = account in ("", workspace.actor) or workspace.actor == f"account {account}"
        reader = workspace.actor if stated else f"{workspace.actor} ({account})"
        self.words = self.add_words(
            tr(
                "{reader} signs everything that is concluded about this study: recordings ({n}) with their views, "
                "scales, events, contours and values, results over views, the patient's data, comments and report text."
            ).format(reader=reader, n=len(readings))
        )
        opened, (count, total) = workspace.checks.open, accepted
        unsure = bool(opened) or count < total
        self.checks = self.add_words(_listed_checks(opened) if opened else "", theme.WARNING if opened else "")
        self.checks.setVisible(bool(opened))
        values = tr("{n} of {total} values accepted").format(n=count, total=total)
        self.state = self.add_words(f"! {values}" if count < total else values, theme.WARNING if count < total else "")
        self.add_words(
            tr(
                "The report is made once and kept as it is signed. Afterwards nothing can be changed without an "
                "addendum that gives the reason."
            )
        )
        self.remark = QLineEdit()
        self.remark.setMaxLength(LONGEST_LINE)
        self.remark.setPlaceholderText(tr("Remark, printed with the signature"))
        self.column.addWidget(self.remark)
        why = "" if study is None else why_not_signed(readings, study) or ""
        self.problem = self.add_words(shown(why), theme.BAD)
        self.problem.setVisible(bool(why))
        self.done_button.setEnabled(study is not None and not why)
        if unsure:
            self.cancel_button.setDefault(True)
            # What Return presses looks like it; another name counts once a button is polished again.
            for button, name in ((self.done_button, ""), (self.cancel_button, "primary")):
                button.setObjectName(name)
                button.style().unpolish(button)
                button.style().polish(button)
        (self.cancel_button if unsure else self.done_button).setFocus()

    def carry_out(self) -> None:
        """Have the report made; a refusal is shown above the images."""
        signature = self._workspace.signing.signature_to_give(self.remark.text())
        if signature is None:
            self.accept()
            return
        for one in (self.done_button, self.remark):
            one.setEnabled(False)
        self.state.setText(tr("The report is being made …"))
        self.signed.emit(signature)

    def show_failed(self, why: str) -> None:
        """The report could not be made: nothing is signed."""
        self.problem.setText(shown(why))
        self.problem.show()
        self.state.clear()
        for one in (self.done_button, self.remark):
            one.setEnabled(True)


def _listed_checks(opened: Sequence[Listed]) -> str:
    """The open checks, the first of them in full."""
    count = len(opened)
    head = tr("1 open check:") if count == 1 else tr("{n} open checks:").format(n=count)
    lines = [_check_line(listed_finding) for listed_finding in opened[:MAX_LISTED]]
    more = [tr("and {n} more").format(n=count - MAX_LISTED)] if count > MAX_LISTED else []
    return "\n".join((f"! {head}", *lines, *more))


def _check_line(listed_finding: Listed) -> str:
    """What an open check says, with the recording that it is about, where it is about one."""
    text = typeset(translated(listed_finding.finding.message))
    return f"• {listed_finding.name}: {text}" if listed_finding.name else f"• {text}"


class AddendumForm(Form):
    """The reason for changing a signed study."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(tr("Add addendum"), tr("Add addendum"), parent)
        self._workspace = workspace
        status = workspace.signing.status
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
        if self._workspace.signing.add_addendum(self.reason.text().strip()):
            self.accept()
