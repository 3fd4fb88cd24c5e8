import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from kinecor.core.strain.drawing import sector
from kinecor.core.values.wall_motion import WallMotion
from kinecor.session.edits import SetWallMotion
from kinecor.ui.strain.wall_motion import score_words


@pytest.fixture
def view(window):
    return window.reading.strain_page.wall_motion


def scores(window):
    study = window.workspace.study.reading
    return study.wall_motion.get("")


def click(bullseye, segment):
    centre, radius = bullseye._circle()
    dx, dy = sector(segment, len(bullseye.found.scores)).middle
    at = centre + QPointF(dx * radius, -dy * radius)
    none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseButtonRelease, at, bullseye.mapToGlobal(at), left, none, Qt.KeyboardModifier(0)
    )
    QApplication.sendEvent(bullseye, event)


def test_nothing_is_scored_by_the_program(window, view):
    assert scores(window) is None
    assert "not scored" in view.words.text()
    assert set(view.bullseye.found.scores) == {None}


def test_a_click_and_a_choice_score_a_segment(window, view):
    click(view.bullseye, 8)
    entry = next(one for one in view.bullseye.choice.actions() if one.text().startswith("3"))
    view.bullseye.choice.hide()
    entry.trigger()
    assert scores(window).scores[7] == 3
    assert scores(window).by == "Dr Grey"
    assert "WMSI 3.00 (1 of 16 segments)" in view.words.text()
    assert "Dr Grey" in view.by.text()


def test_keys_score_without_the_mouse(window, view, qtbot):
    for key in (Qt.Key.Key_Right, Qt.Key.Key_2, Qt.Key.Key_Down, Qt.Key.Key_4, Qt.Key.Key_A):
        qtbot.keyClick(view.bullseye, key)
    found = scores(window)
    assert (found.scores[0], found.scores[6], found.aneurysms) == (2, 4, (7,))
    qtbot.keyClick(view.bullseye, Qt.Key.Key_A)
    qtbot.keyClick(view.bullseye, Qt.Key.Key_Delete)
    assert (scores(window).scores[6], scores(window).aneurysms) == (None, ())


def test_the_rest_is_normal_and_undo_takes_it_back(window, view):
    window.workspace.study.do(SetWallMotion("", (2, *(None,) * 15)))
    view.rest.click()
    assert scores(window).index == pytest.approx(17 / 16)
    window.workspace.history.undo()
    assert scores(window).scored == 1
    assert "2.00" in view.words.text()


def test_sixteen_or_seventeen_segments(window, view):
    view.model.setCurrentIndex(1)
    view.model.activated.emit(1)
    assert len(view.bullseye.found.scores) == 17
    assert scores(window) is None  # a choice of display until something is scored
    view.bullseye.selected = 17
    view.bullseye.score(2)
    assert scores(window).scores[16] == 2
    assert score_words(scores(window), 17) == "17: Apex\n2, hypokinetic"


def test_no_score_left_leaves_no_wall_motion(window, view):
    view.bullseye.selected = 1
    view.bullseye.score(2)
    view.bullseye.score(None)
    assert scores(window) is None
    assert view.bullseye.found == WallMotion()
