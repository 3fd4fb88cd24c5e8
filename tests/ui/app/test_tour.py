"""The tour at the first start."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from kinecor.core.values.track import Structure
from kinecor.session.edits import SetNotes
from kinecor.ui.app import application, main_window, settings
from kinecor.ui.app.modes import Mode
from kinecor.ui.app.tour import STEPS
from kinecor.ui.commands import opening
from tests.readings import cine
from tests.ui.conftest import beating
from tests.ui.mouse import drag
from tests.ui.settled import settle


@pytest.fixture
def window(open_window, data_dir):
    window = open_window([cine()])
    window.helping.start_tour()
    return window


def test_each_step_waits_for_what_the_reader_does(window, qtbot):
    tour, titles = window.helping.tour, []
    acts = (
        None,
        lambda: (window.player.play(), window.player.pause()),
        lambda: moved_contour(window),
        lambda: (window.player.step(1), window.actions_by_name["set_es"].trigger()),
        lambda: qtbot.mouseClick(window.reading.side, Qt.MouseButton.LeftButton),
        lambda: window.show_mode(Mode.REPORT),
    )
    assert len(acts) == len(STEPS) - 1
    tour.skip.click()  # a recording is open already
    for number, act in enumerate(acts[1:], 1):
        assert tour.index == number
        assert tour.lit, tour.title.text()
        assert window.rect().contains(tour.bubble.geometry())
        titles.append(tour.title.text())
        qtbot.wait(20)
        assert tour.index == number  # nothing goes on by itself
        act()
        qtbot.waitUntil(lambda number=number: tour.index == number + 1)
    assert titles == [one.title for one in STEPS[1:-1]]
    assert tour.title.text() == "Research use only - not for diagnosis"
    tour.skip.click()
    assert window.helping.tour is None
    assert window.settings.tour_seen
    assert settings.load().tour_seen


def moved_contour(window):
    settle(window)
    x, y = window.workspace.reading.tracks[Structure.LV_ENDO].contours[window.player.frame].points[8]
    drag(window.image, (x, y), (x + 3, y))
    settle(window)


def test_what_the_analysis_brings_is_not_taken_for_the_reader_s_act(window):
    window.helping.tour.show_step(2)
    window.workspace.do(SetNotes("seen"))
    assert window.helping.tour.index == 2
    window.helping.tour.show_step(3)
    window.reading_tools.go_to_mark("es")
    assert window.helping.tour.index == 3


def test_says_where_readings_are_saved(window, data_dir):
    window.helping.tour.show_step(len(STEPS) - 1)
    assert str(data_dir) in window.helping.tour.words.text()
    assert window.helping.tour.count.text() == ""


def test_keys_reach_the_window_and_escape_ends_the_tour(window, qtbot):
    window.activateWindow()
    window.helping.tour.show_step(1)
    qtbot.keyClick(window.image, Qt.Key.Key_H)
    assert not window.actions_by_name["overlays"].isChecked()
    window.helping.tour.back.click()
    assert window.helping.tour.index == 0
    window.reading.callipers.start("distance")
    qtbot.keyClick(window.image, Qt.Key.Key_Escape)
    assert window.helping.tour is not None  # Escape was for the calliper
    qtbot.keyClick(window.image, Qt.Key.Key_Escape)
    assert window.helping.tour is None
    assert window.settings.tour_seen


def test_a_tour_from_the_start_page_opens_the_demo(open_window, qtbot, monkeypatch):
    window = open_window()
    window.actions_by_name["tour"].trigger()
    assert "Open" in window.helping.tour.title.text()
    assert "demo" in window.helping.tour.words.text()
    monkeypatch.setattr(opening, "open_all", lambda paths, tick: ((cine(),), (), ()))
    window.start.buttons[2].click()
    window.helping.tour.go_on()  # it is being opened
    qtbot.waitUntil(lambda: window.helping.tour.index == 1)
    assert window.workspace.recording is not None
    window.helping.tour.end()
    qtbot.waitUntil(lambda: not window.busy)


def test_it_follows_the_size_of_the_window(window, qtbot):
    window.helping.tour.show_step(4)
    window.resize(900, 620)
    qtbot.waitUntil(lambda: window.helping.tour.size() == window.size())
    assert window.rect().contains(window.helping.tour.bubble.geometry())


@pytest.mark.parametrize(
    ("seen", "platform", "shown"), [(False, "xcb", True), (True, "xcb", False), (False, "offscreen", False)]
)
def test_only_the_first_start_on_a_screen_shows_it(themed, data_dir, monkeypatch, seen, platform, shown):
    asked = []

    class Quiet(main_window.MainWindow):
        def __init__(self, stored):
            super().__init__(stored, beating)  # models are not loaded ahead
            self.helping.start_tour = lambda: asked.append(True)

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
