"""Fields for numbers: comma and point both write the decimal sign of the language in force.

A sign that a field does not know is swallowed by Qt, and "12,5" becomes 125.
"""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox, QInputDialog, QLineEdit, QWidget

SIGNS = (",", ".")


class _DecimalKeys(QObject):
    """Writes a field's own decimal sign for either of both."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or event.text() not in SIGNS:
            return False
        assert isinstance(watched, QWidget)
        sign = watched.locale().decimalPoint()
        if event.text() == sign:
            return False
        key = Qt.Key.Key_Comma if sign == "," else Qt.Key.Key_Period
        QCoreApplication.sendEvent(watched, QKeyEvent(QEvent.Type.KeyPress, key, event.modifiers(), sign))
        return True


def accept_both_signs(field: QDoubleSpinBox | QLineEdit) -> None:
    """Let a number field take a comma for a point, and the other way round."""
    keys = _DecimalKeys(field)
    field.installEventFilter(keys)


def ask_number(
    parent: QWidget, title: str, label: str, value: float, low: float, high: float, decimals: int
) -> tuple[float, bool]:
    """Ask for a number.

    Args:
        parent: of the dialog.
        title: of the dialog.
        label: of its field.
        value: to begin with.
        low: the least that may be entered.
        high: the most.
        decimals: after the decimal sign.

    Returns:
        the number, and whether it was entered.

    """
    dialog = QInputDialog(parent)
    dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setDoubleDecimals(decimals)
    dialog.setDoubleRange(low, high)
    dialog.setDoubleValue(value)
    field = dialog.findChild(QDoubleSpinBox)
    if field is not None:
        accept_both_signs(field)
    try:
        agreed = dialog.exec() == QInputDialog.DialogCode.Accepted
        return dialog.doubleValue(), agreed
    finally:
        dialog.deleteLater()
