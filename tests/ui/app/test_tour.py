"""The tour at the first start."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from kinecor.ui.app import application, main_window, settings
from kinecor.ui.app.modes import Mode
from kinecor.ui.app.tour import STEPS
from tests.readings import cine
from tests.ui.conftest import beating


@pytest.fixture
def window(open_window, data_dir):
    window = open_window([cine()])
    window.start_tour()
    return window


def key(qtbot, one):
    qtbot.keyClick(QApplication.focusWidget() or one, one)


def test_goes_through_the_window_and_is_remembered(window, qtbot):
    window.show_mode(Mode.REVIEW)
    titles = []
    while window.tour is not None:
        assert window.tour.lit, window.tour.title.text()
        bubble = window.tour.bubble.geometry()
        assert window.rect().contains(bubble)
        assert not bubble.intersects(window.tour.lit[0]) or window.tour.lit[0].height() > 400
        titles.append(window.tour.title.text())
        window.tour.next.click()
    assert titles == [one.title for one in STEPS]
    assert 5 <= len(titles) <= 7
    assert titles[-1] == "Research use only - not for diagnosis"
    assert window.settings.tour_seen
    assert settings.load().tour_seen


def test_says_where_readings_are_saved(window, data_dir):
    window.tour.show_step(len(STEPS) - 1)
    assert str(data_dir) in window.tour.words.text()


def test_keys_stay_in_the_tour(window, qtbot):
    window.activateWindow()
    tour = window.tour
    frame, playing = window.player.frame, window.player.playing
    qtbot.keyClick(tour.next, Qt.Key.Key_Right)
    assert tour.index == 1
    qtbot.keyClick(tour.next, Qt.Key.Key_Return)
    assert tour.index == 2
    qtbot.keyClick(tour.next, Qt.Key.Key_Left)
    assert tour.index == 1
    qtbot.keyClick(tour.next, Qt.Key.Key_H)
    assert window.actions_by_name["overlays"].isChecked()
    assert (window.player.frame, window.player.playing) == (frame, playing)
    tour.next.setFocus()
    for expected in (tour.skip, tour.back, tour.next):
        tour.focusNextPrevChild(True)
        assert tour.focusWidget() is expected or expected.hasFocus()
    qtbot.keyClick(tour.next, Qt.Key.Key_Escape)
    assert window.tour is None
    assert window.settings.tour_seen


def test_a_tour_from_the_start_page_opens_the_demo(open_window, qtbot, monkeypatch):
    window = open_window()
    window.actions_by_name["tour"].trigger()
    assert "Open" in window.tour.title.text()
    monkeypatch.setattr(main_window, "open_all", lambda paths, tick: ((cine(),), (), ()))
    window.tour.go_on()
    window.tour.go_on()  # it is being opened
    qtbot.waitUntil(lambda: window.tour.index == 1)
    assert window.workspace.recording is not None
    window.tour.end()
    qtbot.waitUntil(lambda: not window.busy)


def test_it_follows_the_size_of_the_window(window, qtbot):
    window.tour.show_step(4)
    window.resize(900, 620)
    qtbot.waitUntil(lambda: window.tour.size() == window.size())
    assert window.rect().contains(window.tour.bubble.geometry())


@pytest.mark.parametrize(
    ("seen", "platform", "shown"), [(False, "xcb", True), (True, "xcb", False), (False, "offscreen", False)]
)
def test_only_the_first_start_on_a_screen_shows_it(themed, data_dir, monkeypatch, seen, platform, shown):
    asked = []

    class Quiet(main_window.MainWindow):
        def __init__(self, stored):
            super().__init__(stored, beating)  # models are not loaded ahead

        def start_tour(self):
            asked.append(True)

    made = []

    def run(app):
        made.extend(one for one in app.topLevelWidgets() if isinstance(one, Quiet))
        return 0

    monkeypatch.setattr(application, "MainWindow", Quiet)
    monkeypatch.setattr(application, "start_logging", lambda: None)
    monkeypatch.setattr(application, "catch_everything", lambda show: None)
    monkeypatch.setattr(application.signal, "signal", lambda *_: None)
    monkeypatch.setattr(application.settings, "load", lambda: settings.Settings(tour_seen=seen))
    monkeypatch.setattr(type(themed), "platformName", lambda *_: platform)
    monkeypatch.setattr(type(themed), "exec", lambda *_: run(themed))
    assert application.run_window([]) == 0
    assert bool(asked) is shown
    for one in made:
        one.remembers = False
        one.close()
        one.deleteLater()
    made.clear()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_settings_of_an_earlier_version_are_no_first_start(data_dir):
    assert not settings.load().tour_seen
    settings.save(settings.Settings())
    text = settings.place().read_text(encoding="utf-8").replace('"tour_seen": false', '"other": 1')
    settings.place().write_text(text, encoding="utf-8")
    assert settings.load().tour_seen
