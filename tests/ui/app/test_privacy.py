from PySide6.QtWidgets import QWidget

from kinecor.ui.app.privacy import PrivacyPage
from kinecor.ui.app.settings import FOREVER_DAYS, KEEP_DAYS


def test_a_choice_is_reported_at_once_and_forgetting_needs_a_click(themed, qtbot):
    parent, heard, forgotten = QWidget(), [], []
    qtbot.addWidget(parent)
    page = PrivacyPage(30, heard.append, lambda: forgotten.append(1), parent)
    days = page.days
    assert days.currentData() == 30
    assert [days.itemData(one) for one in range(days.count())] == list(KEEP_DAYS)
    days.setCurrentIndex(days.findData(0))
    days.setCurrentIndex(days.findData(FOREVER_DAYS))
    assert heard == [0, FOREVER_DAYS]
    assert forgotten == []
    page.forget.click()
    assert forgotten == [1]
