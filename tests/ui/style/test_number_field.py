"""A comma and a point both write the decimal sign of a number field."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDoubleValidator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QInputDialog, QLineEdit, QWidget

from kinecor.ui.style.language import use_language
from kinecor.ui.style.number_field import accept_both_signs, ask_number

SHOWN = {"en": "12.50", "de": "12,50"}


@pytest.fixture(params=["en", "de"])
def code(request, themed):
    use_language(themed, request.param)
    yield request.param
    use_language(themed, "en")


@pytest.mark.parametrize("typed", ["12.5", "12,5"])
def test_a_number_is_typed_with_either_sign(code, qtbot, typed):
    spin = QDoubleSpinBox()
    qtbot.addWidget(spin)
    spin.setRange(0, 400)
    accept_both_signs(spin)
    spin.selectAll()
    QTest.keyClicks(spin, typed)
    assert spin.value() == 12.5
    spin.clearFocus()
    spin.setValue(spin.value())
    assert spin.textFromValue(12.5) == SHOWN[code]


@pytest.mark.parametrize("typed", ["12.5", "12,5"])
def test_a_line_that_takes_numbers_takes_either_sign(code, qtbot, typed):
    line = QLineEdit()
    qtbot.addWidget(line)
    line.setValidator(QDoubleValidator(line))
    accept_both_signs(line)
    QTest.keyClicks(line, typed)
    assert line.text() == SHOWN[code].removesuffix("0")


@pytest.mark.parametrize("typed", ["43.5", "43,5"])
def test_what_is_asked_for_is_typed_with_either_sign(code, qtbot, typed):
    parent = QWidget()
    qtbot.addWidget(parent)

    def answer():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QInputDialog)
        field = dialog.findChild(QDoubleSpinBox)
        field.selectAll()
        QTest.keyClicks(field, typed)
        QTest.keyClick(field, Qt.Key.Key_Return)

    QTimer.singleShot(0, answer)
    assert ask_number(parent, "Calibrate", "Distance", 50.0, 1.0, 400.0, 1) == (43.5, True)
