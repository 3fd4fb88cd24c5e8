import threading
from dataclasses import replace
from typing import ClassVar

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QTextEdit

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.message import message
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import Decide, SetCalibration, SetEvents, SetWithheld
from kinecor.session.store import Store, study_file
from kinecor.ui.app import dialogs
from kinecor.ui.app.actions import ACTIONS
from kinecor.ui.app.modes import Mode
from kinecor.ui.commands import exporting, helping, opening
from kinecor.ui.workspace.jobs import Progress
from tests.readings import cine
from tests.ui.conftest import beating
from tests.ui.mouse import drag
from tests.ui.settled import settle
from tests.ui.tiles.test_image_view import volume, wall


def words(widget):
    return " ".join(one.text() for one in widget.findChildren(QLabel)) + " ".join(
        one.text() for one in widget.findChildren(QPushButton)
    )


def another(number):
    recording = cine()
    return replace(recording, source=replace(recording.source, recording_id=f"9.{number}"))


def test_start_page_says_what_it_is_for(open_window):
    window = open_window()
    assert window.pages.currentWidget() is window.start
    for expected in ("Kinecor", "Open file", "Open folder", "demo", "drop", "Research use only", "not for diagnosis"):
        assert expected in words(window.start)
    assert "Research use only" in words(window.status)


def test_analysis_starts_by_itself_and_is_written_down(window):
    reading = window.workspace.reading
    assert set(reading.tracks) == {Structure.LV_ENDO, Structure.LV_EPI, Structure.LA}
    assert window.workspace.history.entries()[0].actor.startswith("model:")
    assert "analysed by unet" in window.reading.history.item(0).text()
    assert not window.status.cancel.isVisible()


def test_cancel_acts_at_once_and_is_not_started_again(open_window, qtbot):
    release = threading.Event()

    def stuck(recording, reading, tick):
        tick(3, 12)
        release.wait(60)
        return beating(recording, reading, tick)

    window = open_window([cine()], propose=stuck, analysed=False)
    qtbot.waitUntil(lambda: window.status.bar.maximum() == 12)
    assert window.status.cancel.isVisible()
    window.status.cancel.click()
    assert not window.busy
    assert not window.status.cancel.isVisible()
    release.set()
    # The one worker ends what it was at before it starts the next; what it left is delivered.
    window.analysing._jobs._pool.submit(int).result(60)
    window.analysing._jobs.deliver()
    assert not window.workspace.reading.tracks
    window.analysing.consider()
    assert not window.busy
    window.actions_by_name["analyse"].trigger()
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.reading.tracks


def test_progress_is_painted_with_the_next_turn_of_the_event_loop(window, qtbot, monkeypatch):
    window.status.show_progress(Progress("Analysing", 1, 12))
    qtbot.waitUntil(window.status.bar.isVisible)
    painted, paint = [], window.image.paintEvent
    monkeypatch.setattr(window.image, "paintEvent", lambda event: (painted.append(event), paint(event)))
    window.image.update()
    window.status.show_progress(Progress("Analysing", 7, 12))
    assert painted == []
    qtbot.waitUntil(lambda: bool(painted))
    assert window.status.bar.value() == 7


def test_closing_gives_the_study_back_before_it_waits_for_what_cannot_be_stopped(window, monkeypatch):
    path = study_file(window.workspace.cine.source.study_id)
    writable = []

    def waiting(shutdown):
        def wait():
            with Store.open(path) as store:
                writable.append(store.read_only_because is None)
            shutdown()

        return wait

    for jobs in (window.jobs, window.analysing):
        monkeypatch.setattr(jobs, "shutdown", waiting(jobs.shutdown))
    window.close()
    assert writable == [True, True]


def test_a_failed_analysis_is_one_sentence(open_window):
    from kinecor.core.values.errors import KinecorError

    def fail(recording, reading, tick):
        raise KinecorError("The weights are missing: install them with kinecor doctor.")

    window = open_window([cine()], propose=fail)
    assert window.banner.messages == ["The weights are missing: install them with kinecor doctor."]
    assert window.pages.currentWidget() is window.study


def test_undo_to_the_start_and_back(window):
    states = [window.workspace.reading]
    for _ in range(3):
        drag(window.image, *wall(window))
        states.append(window.workspace.reading)
    curves = []
    for expected in reversed(states[:-1]):
        window.actions_by_name["undo"].trigger()
        assert window.workspace.reading is expected
        curves.append(volume(window))
    assert not window.actions_by_name["undo"].isEnabled()
    assert "the automatic analysis stays" in window.actions_by_name["undo"].toolTip()
    window.workspace.history.undo()
    assert window.workspace.reading is states[0], "the analysis stays"
    assert "the automatic analysis stays" in window.status.currentMessage()
    for expected in states[1:]:
        window.actions_by_name["redo"].trigger()
        assert window.workspace.reading is expected
    assert not window.actions_by_name["redo"].isEnabled()
    edits = [one for one in window.workspace.history.entries() if not one.kind.startswith(("undo", "redo"))]
    assert [one.undone for one in edits] == [False] * len(states)


def test_what_is_undone_is_struck_through(window):
    drag(window.image, *wall(window))
    window.workspace.history.undo()
    items = [window.reading.history.item(i) for i in range(window.reading.history.count())]
    struck = [one.text() for one in items if one.font().strikeOut()]
    assert len(struck) == 1
    assert "LV endocardium" in struck[0]
    assert "Dr Grey" in struck[0]


def test_closed_and_opened_again_the_edits_are_there_and_the_images_are_measured(open_window, qtbot):
    recording = cine()
    first = open_window([recording])
    drag(first.image, *wall(first))
    edited = first.workspace.reading
    first.close()

    def never(recording, reading, tick):
        raise AssertionError("a recording that was read is not analysed again")

    second = open_window([recording], propose=never)
    qtbot.waitUntil(lambda: second.workspace.reading.facts.images.measured)
    assert second.banner.messages == []
    for structure, track in edited.tracks.items():
        assert second.workspace.reading.tracks[structure].contours == track.contours
    assert second.reading.history.count() == 2
    second.workspace.history.undo()
    assert second.workspace.reading.tracks[Structure.LV_ENDO].contours != edited.tracks[Structure.LV_ENDO].contours


def test_a_study_open_elsewhere_can_be_looked_at_but_not_changed(open_window):
    recording = cine()
    first = open_window([recording])
    second = open_window([recording])
    assert "another window" in second.banner.messages[0]
    reading = second.workspace.reading
    assert reading.tracks.keys() == first.workspace.reading.tracks.keys()
    drag(second.image, *wall(second))
    assert second.workspace.reading is reading
    assert "another window" in second.banner.messages[-1]


def test_refused_files_are_listed_and_the_rest_opens(open_window):
    window = open_window([cine()], refused=["a.dcm: truncated.", "b.txt: not an image."])
    assert window.banner.isVisible()
    assert window.banner.words.text() == "a.dcm: truncated.\nb.txt: not an image."
    assert window.workspace.cine is not None
    window.banner.clear()
    assert not window.banner.isVisible()


def test_nothing_but_refused_files_leaves_what_was_open(open_window):
    window = open_window(refused=["a.dcm: truncated."])
    assert window.pages.currentWidget() is window.start
    assert window.banner.isVisible()


def test_several_recordings_are_a_strip(open_window, qtbot):
    window = open_window([another(1), another(2), another(3)])
    assert window.study_list.isVisible()
    assert len(window.study_list.model.order) == 3
    qtbot.waitUntil(lambda: window.study_list.model.index(3).data(Qt.ItemDataRole.DecorationRole) is not None)
    window.study_list.chosen.emit(2)
    assert window.workspace.cine.source.recording_id == "9.3"
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.reading.tracks
    window.actions_by_name["previous"].trigger()
    assert window.workspace.cine.source.recording_id == "9.2"
    qtbot.waitUntil(lambda: not window.busy)


def test_an_analysis_goes_on_while_another_recording_is_looked_at(open_window, qtbot):
    release = threading.Event()

    def slow(recording, reading, tick):
        release.wait(60)
        return beating(recording, reading, tick)

    window = open_window([another(1), another(2)], propose=slow, analysed=False)
    qtbot.waitUntil(lambda: window.analysing.busy)
    window.workspace.show(1)
    release.set()
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.reading.tracks
    window.workspace.show(0)
    assert window.workspace.reading.tracks
    window.cancel_work()


def test_all_loops_of_a_study_are_analysed_the_one_on_screen_first_and_apical_views_before_others(open_window, qtbot):
    ended, begun = threading.Semaphore(0), []

    def slow(recording, reading, tick):
        begun.append(recording.source.recording_id)
        ended.acquire(timeout=60)
        return beating(recording, reading, tick)

    views = (None, None, "A2C", "PLAX", "A4C", None)
    study = [replace(another(number), view=view) for number, view in enumerate(views)]
    window = open_window(study, propose=slow, analysed=False)
    qtbot.waitUntil(lambda: len(begun) == 2)
    assert set(begun) == {"9.0", "9.2"}  # two at once: the one that is on screen, and the first apical view
    window.workspace.show(5)
    for count, expected in (
        (3, "9.5"),
        (4, "9.4"),
        (5, "9.1"),
    ):  # on screen now; apical; others
        ended.release()
        qtbot.waitUntil(lambda count=count: len(begun) == count)
        assert begun[-1] == expected
    ended.release(2)
    qtbot.waitUntil(lambda: not window.busy)
    assert [bool(window.workspace.opened.saved_reading(one).tracks) for one in study] == [
        True,
        True,
        True,
        False,
        True,
        True,
    ]


@pytest.fixture
def held(open_window, qtbot):
    """A window whose second analysis waits until `held.release` is set, and the Readings that analyses began from."""

    class Held:
        release = threading.Event()
        seen: ClassVar = []
        window = None

    def waiting(recording, reading, tick):
        if Held.seen:
            Held.release.wait(60)
        Held.seen.append(reading)
        return beating(recording, reading, tick)

    Held.seen.clear()
    Held.release.clear()
    Held.window = open_window([cine()], propose=waiting)
    Held.window.actions_by_name["analyse"].trigger()
    yield Held
    Held.release.set()


@pytest.mark.parametrize(
    "edit",
    [SetEvents(CardiacEvents((Beat(1, 7),), Origin.EDITED)), Decide("EF", True), SetWithheld(message("too dark"))],
    ids=["events", "decision", "withheld"],
)
def test_what_a_person_changed_while_it_ran_is_not_overwritten(held, qtbot, edit):
    window = held.window
    window.workspace.do(edit)
    mine = window.workspace.reading
    held.release.set()
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.reading is mine
    assert "discarded" in window.banner.messages[-1]


def test_another_scale_while_it_ran_restarts_the_analysis(held, qtbot):
    window = held.window
    window.workspace.do(SetCalibration(Calibration(0.4, 0.4, message("ruler"))))
    changed = window.workspace.reading
    held.release.set()
    qtbot.waitUntil(lambda: not window.busy)
    assert held.seen[-1] is changed
    assert window.workspace.reading.calibration is changed.calibration
    assert window.workspace.history.entries()[-1].actor.startswith("model:")
    assert window.banner.messages == []


def test_an_analysis_starts_from_what_is_written_down(window, qtbot):
    window.workspace.preview(SetWithheld(message("passing")))
    window.actions_by_name["analyse"].trigger()
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.history.entries()[-1].actor.startswith("model:")
    assert window.workspace.reading.withheld is None


def test_dropped_files_are_opened(open_window, monkeypatch, tmp_path):
    window = open_window()
    requested = []
    monkeypatch.setattr(window.opening, "open_paths", requested.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "clip.dcm")), QUrl("https://example.org/x")])
    window.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    assert requested == [[str(tmp_path / "clip.dcm")]]


def test_report_is_written_in_the_background(window, qtbot, tmp_path):
    window.exporting.export(tmp_path / "report.pdf")
    qtbot.waitUntil(lambda: not window.jobs.keys)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert window.banner.messages == []


def test_cancel_leaves_no_report_behind(window, qtbot, monkeypatch, tmp_path):
    from kinecor.io.report import study_report

    write, begun, release = study_report.study_report_bytes, threading.Event(), threading.Event()

    def slow(*args, **more):
        begun.set()
        release.wait(60)
        return write(*args, **more)

    monkeypatch.setattr(study_report, "study_report_bytes", slow)
    window.exporting.export(tmp_path / "here" / "report.pdf")
    qtbot.waitUntil(begun.is_set)
    window.status.cancel.click()
    release.set()
    window.jobs.shutdown()
    assert list((tmp_path / "here").iterdir()) == []


def test_a_report_never_holds_a_preview(window, monkeypatch, qtbot, tmp_path):
    from kinecor.session.edits import SetNotes

    written = []
    monkeypatch.setattr(exporting, "write_pdf", lambda path, content, *_: written.append(content.members[0][1]))
    window.workspace.preview(SetNotes("passing"))
    window.exporting.export(tmp_path / "report.pdf")
    qtbot.waitUntil(lambda: not window.jobs.keys)
    assert written == [window.workspace.saved]
    assert written[0].notes == ""


@pytest.mark.parametrize(
    "make", [lambda w: dialogs.keys_dialog(w, {}), lambda w: dialogs.about_dialog(w, ("unet-a4c 1.0",))]
)
def test_dialogs(window, make):
    dialog = make(window)
    text = words(dialog).replace("&nbsp;", " ")
    assert ("Ctrl+Z" in text and "Escape" in text) or ("Research use only" in text and "unet-a4c 1.0" in text)
    dialog.deleteLater()


def test_no_two_wishes_share_a_key():
    keys = [key for one in ACTIONS for key in one.keys]
    assert len(keys) == len(set(keys))


def test_space_plays_and_h_hides(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.player.playing
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not window.player.playing
    frame = window.player.frame
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert window.player.frame == (frame + 1) % 12
    shown = window.image.grab().toImage()
    qtbot.keyClick(window, Qt.Key.Key_H)
    assert window.image.grab().toImage() != shown


def test_a_single_mr_loop_plays_but_is_not_analysed_as_an_echo(open_window):
    recording = cine()
    window = open_window([replace(recording, source=replace(recording.source, modality="MR"))])
    assert not window.workspace.reading.tracks
    window.actions_by_name["analyse"].trigger()
    assert "This is a single slice" in window.banner.messages[-1]
    assert not window.busy


def test_a_real_study_opens_as_a_grid(shared_data, themed, qtbot):
    from kinecor.ui.app.main_window import MainWindow
    from kinecor.ui.app.settings import Settings

    window = MainWindow(Settings(), beating)
    qtbot.addWidget(window)
    window.show()
    window.opening.open_paths([str(shared_data / "scd-dicom" / "SCD0000101")])
    qtbot.waitUntil(lambda: not window.busy)
    assert len(window.grid.tiles()) == 12
    assert window.player.frames == 20
    window.close()


@pytest.mark.parametrize("view_only", [False, True])
def test_models_load_after_the_first_frame_and_for_loops_alone(open_window, qtbot, monkeypatch, view_only):
    window, warmed = open_window(), []
    window.by_models = True
    monkeypatch.setattr(window.analysing, "warm_up", lambda: warmed.append(window.workspace.recording))
    recording = cine()
    if view_only:
        recording = replace(recording, source=replace(recording.source, modality="CT"))
    monkeypatch.setattr(opening, "open_all", lambda paths, tick: ((recording,), (), ()))
    window.opening.open_paths(["study"])
    assert not warmed, "imports would delay the first frame"
    qtbot.waitUntil(lambda: window.workspace.recording is not None)
    qtbot.waitUntil(lambda: not window._analysis_delay.isActive() and not window.busy)
    assert warmed == ([] if view_only else [recording])


def test_models_load_meanwhile_where_a_disk_is_slow(open_window, qtbot, monkeypatch):
    window, warmed, there = open_window(), [], threading.Event()
    window.by_models = True
    monkeypatch.setattr(window.analysing, "warm_up", lambda: warmed.append(window.workspace.recording))
    monkeypatch.setattr(opening, "SLOW_MS", 10)

    def open_slowly(_paths, _tick):
        there.wait(20)
        return (cine(),), (), ()

    monkeypatch.setattr(opening, "open_all", open_slowly)
    window.opening.open_paths(["study"])
    qtbot.waitUntil(lambda: bool(warmed))
    assert warmed == [None]
    there.set()
    qtbot.waitUntil(lambda: window.workspace.recording is not None and not window.busy)


def test_about_opens_from_the_menu(window, qtbot, monkeypatch):
    monkeypatch.setattr(helping, "model_names", lambda: ("unet-a4c 1.0",))
    window.actions_by_name["about"].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(QDialog)))
    (dialog,) = window.findChildren(QDialog)
    assert "unet-a4c 1.0" in words(dialog)
    dialog.close()


def test_speed_is_chosen_below_the_images(window):
    speed = window.reading.bottom.transport.speed
    speed.setCurrentIndex(speed.findData(0.25))
    assert window.player.speed == 0.25


def test_recent_paths_are_offered_and_opened(open_window, monkeypatch):
    window = open_window([cine()])
    assert window.settings.recent[0].endswith("study")
    requested = []
    monkeypatch.setattr(window.opening, "open_paths", requested.append)
    window.start.open_recent.emit("/data/clip.dcm")
    assert requested == [["/data/clip.dcm"]]
    assert "study" in words(window.start)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_drop_on_any_part_of_the_window_opens_the_file(open_window, qtbot, monkeypatch, tmp_path, mode):
    """Events as Qt delivers them: to what is under the mouse, and to its parents until one accepts."""
    window = open_window([cine()])
    window.show_mode(mode)
    settle(window)
    if mode is Mode.REPORT:
        qtbot.waitUntil(lambda: any(field.isVisible() for field in window.findChildren(QTextEdit)))
    requested = []
    monkeypatch.setattr(window.opening, "open_paths", requested.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "clip.dcm"))])
    data.setText(str(tmp_path / "clip.dcm"))  # file managers give both
    copy, left, nothing = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    hit = {window.childAt(x, y) for x in range(10, window.width(), 40) for y in range(60, window.height() - 30, 20)}
    fields = {field.viewport() for field in window.findChildren(QTextEdit) if field.isVisible()}
    for child in (hit | fields) - {None}:
        at = child.rect().center()
        enter = QDragEnterEvent(at, copy, data, left, nothing)
        QApplication.sendEvent(child, enter)
        assert enter.isAccepted(), child
        QApplication.sendEvent(child, QDropEvent(QPointF(at), copy, data, left, nothing))
        assert requested == [[str(tmp_path / "clip.dcm")]], child
        requested.clear()
    assert not any("clip.dcm" in field.toPlainText() for field in window.findChildren(QTextEdit))
