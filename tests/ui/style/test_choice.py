from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from kinecor.ui.style.choice import Choice


def test_the_wheel_over_a_closed_list_is_left_to_its_panel(themed, qtbot) -> None:
    choice = Choice()
    qtbot.addWidget(choice)
    choice.addItems(["one", "two", "three"])
    choice.setCurrentIndex(1)
    choice.show()
    middle = choice.rect().center()
    turn = QWheelEvent(
        QPointF(middle),
        QPointF(choice.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(choice, turn)
    assert choice.currentIndex() == 1
    assert not turn.isAccepted()  # so that Qt hands it to what the list stands on


def test_an_open_list_shows_all_of_few_choices(themed, qtbot) -> None:
    """Of two choices the second was cut in half, with an arrow to scroll."""
    choice = Choice()
    qtbot.addWidget(choice)
    choice.addItems(["papillaries in the cavity", "papillaries in the myocardium"])
    choice.show()
    choice.showPopup()
    view = choice.view()
    qtbot.waitUntil(view.isVisible)
    last = view.visualRect(choice.model().index(1, 0))
    assert view.viewport().rect().contains(last)
    choice.hidePopup()
