import threading
import time

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt

from kinecor.analysis.propagation import propagation
from kinecor.core.table.table import measurements
from kinecor.core.tracking.anchors import drawn_frames
from kinecor.core.values.reading import View
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.io.report.words import models_line
from kinecor.session.edits import SetContours, SetPropagatedBy, SetTrack
from kinecor.ui.curves.confidence import Doubt, doubts
from kinecor.ui.tiles.picture import authors_words, sure_words
from kinecor.ui.workspace.propagation import NOTHING, Waiting, waiting
from kinecor_models.contract import load_card
from tests import stacks
from tests.ui.mouse import drag, press
from tests.ui.settled import settle
from tests.ui.tiles.test_image_view import wall

LISTENER = f"listener@{load_card('listener').version}"
ENDO, EPI = Structure.LV_ENDO, Structure.LV_EPI
ALT = Qt.KeyboardModifier.AltModifier


def track(window):
    return window.workspace.reading.tracks[ENDO]


def corrected(window, frame=4):
    window.player.seek(frame)
    drag(window.image, *wall(window, frame), ALT)


def propagate(window):
    """Press R, and wait for the worker."""
    window.actions_by_name["propagate"].trigger()
    wait(window)


def wait(window):
    deadline = time.monotonic() + 60
    while window.propagator.busy and time.monotonic() < deadline:
        QCoreApplication.processEvents()
        time.sleep(0.002)
    assert not window.propagator.busy


def test_r_propagates_as_one_step_that_undo_takes_back(window):
    automatic = track(window)
    corrected(window)
    drawn, entries = track(window).contours[4], len(window.workspace.history.entries())
    propagate(window)
    assert track(window).contours[4] is drawn
    assert track(window).origins.count(Origin.TRACKED) == 11
    assert all(one is not old for one, old in zip(track(window).contours, automatic.contours, strict=True))
    assert len(window.workspace.history.entries()) == entries + 1
    assert "propagated from 1 frame to 11 frames" in window.workspace.history.entries()[-1].summary
    window.workspace.history.undo()
    assert track(window).origins.count(Origin.MODEL) == 11
    assert track(window).contours[4] is drawn


def test_after_propagating_the_other_frames_follow_each_gesture(window):
    corrected(window)
    propagate(window)
    before, entries = track(window), len(window.workspace.history.entries())
    corrected(window, 9)
    assert drawn_frames(track(window)) == (4, 9)
    assert track(window).contours[4] is before.contours[4]
    assert not np.array_equal(track(window).contours[8].points, before.contours[8].points)
    assert len(window.workspace.history.entries()) == entries + 1
    window.workspace.history.undo()
    assert track(window) is before


def test_what_the_network_refined_is_attributed_to_it(window):
    corrected(window)
    assert not any("listener" in one for one in window.workspace.reading.authors.values())
    propagate(window)
    reading = window.workspace.reading
    by = load_card("listener").author
    assert reading.authors["tracks/lv_endo/propagated"] == by
    assert reading.authors["tracks/lv_endo/edited"] == "Dr Grey"
    assert window.workspace.history.entries()[-1].summary.endswith(f", refined by {LISTENER}")
    assert window.workspace.history.entries()[-1].actor == "Dr Grey"
    (ef,) = (one for one in measurements(reading) if one.code == "EF")
    assert by in ef.by
    assert f"{LISTENER} (weights sha256" in models_line(reading)
    window.workspace.open(window.workspace.opened.recordings)
    assert window.workspace.reading.authors["tracks/lv_endo/propagated"] == by
    corrected(window, 9)
    assert window.workspace.history.entries()[-1].summary.endswith(f"; others follow, refined by {LISTENER}")
    window.workspace.history.undo()
    window.workspace.history.undo()
    assert "tracks/lv_endo/propagated" not in window.workspace.reading.authors


def test_without_images_no_network_is_named(window):
    corrected(window)
    edit = propagation(window.workspace.reading)
    assert not any(isinstance(one, SetPropagatedBy) for one in edit.edits)
    assert edit.summary == "propagated from 1 frame to 11 frames"


def test_the_picture_says_whose_contours_it_shows(window):
    corrected(window)
    propagate(window)
    reading = window.workspace.reading
    assert authors_words(reading, 4) == "Edited by Dr Grey"
    assert authors_words(reading, 9) == "Follows frames drawn by Dr Grey"


def test_a_contour_that_follows_shows_no_confidence_of_the_network(window):
    figure = f"{track(window).confidence[9]:.2f}"
    assert sure_words(window.workspace.reading, ENDO, 9) == figure
    corrected(window)
    assert [sure_words(window.workspace.reading, ENDO, frame) for frame in (4, 9)] == ["drawn", figure]
    propagate(window)
    reading = window.workspace.reading
    assert [sure_words(reading, ENDO, frame) for frame in (4, 9)] == ["drawn", "propagated"]


def test_what_is_carried_along_the_motion_shows_its_own_confidence(window):
    corrected(window)
    propagate(window)
    before = window.workspace.reading
    reading = before.with_(view=View("PSAX", None, "Dr Grey"))
    assert reading.kind.propagated_from
    assert sure_words(reading, ENDO, 9) == f"propagated {track(window).confidence[9]:.2f}"


def test_the_bar_cuts_no_word_in_a_narrow_picture(window):
    corrected(window)
    bar = window.image.bar
    window.image.resize(278, 300)
    assert bar.propagate.text() == "Propagate"
    bar.layout().activate()
    assert bar.width() <= 278
    for one in (bar.propagate, bar.undo):
        assert one.width() >= one.sizeHint().width()
    window.image.resize(190, 300)
    assert not bar.undo.text()
    assert not bar.undo.icon().isNull()
    assert bar.undo.toolTip() == "Undo"


def test_the_bar_offers_to_propagate(window):
    bar = window.image.bar
    assert not bar.isVisible()
    corrected(window)
    assert bar.isVisible()
    assert bar.words.text() == "1 frame corrected"
    assert bar.propagate.text() == "Propagate to 11 frames (R)"
    assert bar.focusPolicy() is Qt.FocusPolicy.NoFocus
    bar.propagate.click()
    wait(window)
    assert not bar.isVisible()
    assert waiting(window.workspace.reading) is None
    window.workspace.history.undo()
    assert bar.isVisible()


def test_what_would_follow_in_cine_mri_is_counted_in_phases():
    assert Waiting(1, 19, gated=True).words == "1 phase corrected"
    assert Waiting(1, 19, gated=True).offer == "Propagate to 19 phases (R)"


def test_the_bar_undoes_and_can_be_left(window):
    corrected(window)
    window.image.bar.undo.click()
    assert drawn_frames(track(window)) == ()
    assert not window.image.bar.isVisible()
    corrected(window)
    window.image.bar.close_button.click()
    assert not window.image.bar.isVisible()
    assert drawn_frames(track(window)) == (4,)


def test_without_a_correction_there_is_nothing_to_propagate(window, qtbot):
    with qtbot.waitSignal(window.workspace.notices.remark) as said:
        propagate(window)
    assert said.args == [NOTHING]
    assert propagation(window.workspace.reading) is None


def test_the_status_says_what_was_propagated(window, qtbot):
    corrected(window)
    with qtbot.waitSignal(window.workspace.notices.remark) as said:
        propagate(window)
    assert said.args == [f"Propagated from 1 frame to 11 frames, refined by {LISTENER}."]
    assert window.status.currentMessage() == said.args[0]


def test_a_saved_study_propagates_alike(window):
    corrected(window)
    live = propagation(window.workspace.reading)
    window.workspace.open(window.workspace.opened.recordings)
    again = propagation(window.workspace.reading)
    for one, other in zip(live.edits, again.edits, strict=True):
        assert one.contours == other.contours


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape])
def test_the_bar_does_not_come_while_a_contour_is_held(window, qtbot, key):
    press(window.image, wall(window)[0])
    assert not window.image.bar.isVisible()
    qtbot.keyClick(window.image, key)
    assert not window.image.bar.isVisible()


def edits(window):
    return [one for one in window.workspace.history.entries() if not one.kind.startswith(("undo/", "redo/"))]


def test_the_history_goes_back_and_forth_to_any_point(window):
    states = [window.workspace.reading.tracks]
    for frame in (2, 5, 8):
        corrected(window, frame)
        states.append(window.workspace.reading.tracks)
    numbers = [one.number for one in edits(window)]
    for at in (1, 3, 0, 2):
        window.workspace.history.go_to(numbers[at])
        assert window.workspace.reading.tracks is states[at]
        assert [one.undone for one in edits(window)] == [place > at for place in range(4)]
    window.workspace.history.go_to(10**6)
    assert window.workspace.reading.tracks is states[2]


def test_a_double_click_in_the_history_goes_there_and_models_can_be_left_out(window):
    corrected(window, 2)
    before = window.workspace.reading.tracks
    corrected(window, 5)
    settle(window)
    history = window.reading.history
    history.itemDoubleClicked.emit(history.item(1))
    assert window.workspace.reading.tracks is before
    shown = history.count()
    history.people.setChecked(True)
    assert history.count() < shown
    assert all("unet" not in history.item(row).text() for row in range(history.count()))


@pytest.mark.parametrize("name", ["automatic", "neighbours"])
def test_other_contours_are_drawn_beside_those_of_the_frame(window, name):
    corrected(window, 4)
    window.image.repaint()
    plain = window.image.grab().toImage()
    window.actions_by_name[name].trigger()
    assert window.image.grab().toImage() != plain
    window.actions_by_name[name].trigger()
    assert window.image.grab().toImage() == plain


@pytest.fixture
def slow(monkeypatch):
    """Call it to let Propagate wait: gives events of its beginning, and to set for it to go on."""
    begun, go_on = threading.Event(), threading.Event()

    def slowly(reading, images, tick):
        begun.set()
        go_on.wait(60)
        tick(1, 2)
        return propagation(reading, images, tick)

    def hold():
        monkeypatch.setattr("kinecor.ui.workspace.propagator.propagation", slowly)
        return begun, go_on

    return hold


def test_escape_cancels_propagating_and_nothing_changes(window, qtbot, slow):
    corrected(window)
    wait(window)
    before, entries = track(window), len(window.workspace.history.entries())
    begun, go_on = slow()
    qtbot.waitUntil(window.actions_by_name["propagate"].isEnabled)
    window.actions_by_name["propagate"].trigger()
    assert window.propagator.busy
    qtbot.waitUntil(begun.is_set)
    qtbot.keyClick(window.image, Qt.Key.Key_Escape)
    go_on.set()
    assert not window.propagator.busy
    QCoreApplication.processEvents()
    assert track(window) is before
    assert len(window.workspace.history.entries()) == entries


def test_a_gesture_while_propagating_is_propagated_too(window):
    corrected(window)
    window.actions_by_name["propagate"].trigger()
    corrected(window, 9)
    wait(window)
    assert drawn_frames(track(window)) == (4, 9)
    assert track(window).origins.count(Origin.TRACKED) == 10


def test_propagating_again_changes_nothing(window, qtbot):
    corrected(window)
    propagate(window)
    entries = len(window.workspace.history.entries())
    with qtbot.waitSignal(window.workspace.notices.remark) as said:
        window.actions_by_name["propagate"].trigger()
    assert said.args == [NOTHING]
    assert len(window.workspace.history.entries()) == entries


@pytest.fixture
def mri(open_window, qtbot):
    window = open_window([stacks.stack()])
    window.grid.choose(4)
    window.stack.set_enlarged(True)
    qtbot.waitUntil(lambda: not window.busy)
    window.player.pause()
    window.player.seek(0)
    qtbot.waitUntil(lambda: window.stack.image.frame == 0)  # decoded on a worker
    return window


def slice_tracks(window, number):
    return window.workspace.reading.slices[number].tracks[ENDO]


def test_the_slices_beside_follow_the_more_the_nearer_they_are(mri):
    before = [slice_tracks(mri, number) for number in range(len(mri.workspace.reading.slices))]
    image, phase = mri.stack.image, mri.player.frame
    start = before[4].contours[phase].outline(closed=True).place(0.0)
    drag(image, tuple(start), (start[0] + 4, start[1]), ALT)
    assert image.bar.neighbours.isVisible()
    entries = len(mri.workspace.history.entries())
    image.bar.neighbours.click()
    wait(mri)
    after = [slice_tracks(mri, number) for number in range(len(before))]
    moved = [
        max(
            (
                np.abs(a.centroid - b.centroid).max()
                for a, b in zip(now.contours, then.contours, strict=True)
                if a and b
            ),
            default=0.0,
        )
        for now, then in zip(after, before, strict=True)
    ]
    assert moved[4] > moved[5] > 0.2
    assert moved[3] == pytest.approx(moved[5], rel=0.5)
    assert moved[8] == 0
    assert drawn_frames(after[4]) == (phase,)
    assert Origin.MODEL not in after[5].origins
    assert len(mri.workspace.history.entries()) == entries + 1
    mri.workspace.history.undo()
    assert slice_tracks(mri, 5) is before[5] or slice_tracks(mri, 5).contours == before[5].contours


def test_a_phase_drawn_in_a_slice_beside_stays(mri):
    image, phase = mri.stack.image, mri.player.frame
    for number in (5, 4):
        mri.grid.choose(number)
        start = slice_tracks(mri, number).contours[phase].outline(closed=True).place(0.0)
        drag(image, tuple(start), (start[0] + 3 * (number - 3), start[1]), ALT)
    drawn = slice_tracks(mri, 5).contours[phase]
    mri.actions_by_name["propagate_slices"].trigger()
    wait(mri)
    assert slice_tracks(mri, 5).contours[phase] is drawn
    assert Origin.MODEL not in slice_tracks(mri, 5).origins


def test_the_curve_shows_what_propagate_would_give_until_it_does(window):
    curve = window.reading.curve
    corrected(window)
    settle(window)
    wait(window)
    expected = curve.foreseen
    assert len(expected) == 12
    assert [one.dotted for one in curve.plot.lines] == [False, True]
    propagate(window)
    assert curve.foreseen is None
    assert curve.volume == pytest.approx(expected)
    window.workspace.history.undo()
    wait(window)
    assert curve.foreseen == pytest.approx(expected)
    window.workspace.history.undo()
    assert curve.foreseen is None


def test_n_goes_to_a_mark_whose_contour_was_removed(window):
    es = window.workspace.saved.events.beats[0].es
    window.workspace.do(SetContours(ENDO, es, (None,)))
    settle(window)
    listed = window.workspace.checks.open
    assert [(one.finding.code, one.finding.frames) for one in listed[:1]] == [("contours.missing", (es,))]
    seen = []
    window.player.seek(0)
    for _ in range(12):
        window.actions_by_name["next_check"].trigger()
        seen.append(window.player.frame)
    assert es in seen


def test_n_goes_to_the_next_doubtful_frame(window):
    sure = track(window)
    unsure = np.where(np.isin(np.arange(12), (3, 7)), 0.3, sure.confidence)
    window.workspace.do(SetTrack(ContourTrack(ENDO, sure.contours, sure.origins, unsure)), actor="model:unet@1")
    settle(window)
    window.player.seek(0)
    seen = []
    for _ in range(3):
        window.actions_by_name["next_check"].trigger()
        seen.append(window.player.frame)
    (cells,) = doubts(window.workspace.saved, window.workspace.checks.here.findings)
    doubtful = np.flatnonzero(cells == Doubt.DOUBTFUL).tolist()
    assert {3, 7} <= set(doubtful)
    assert seen == [one for one in doubtful if one > 0][:3] or seen == (doubtful * 2)[:3]


def test_escape_while_propagating_does_not_leave_the_enlarged_slice(mri, qtbot, slow):
    begun, go_on = slow()
    image, phase = mri.stack.image, mri.player.frame
    start = slice_tracks(mri, 4).contours[phase].outline(closed=True).place(0.0)
    drag(image, tuple(start), (start[0] + 4, start[1]), ALT)
    entries = len(mri.workspace.history.entries())
    mri.actions_by_name["propagate"].trigger()
    qtbot.waitUntil(begun.is_set)
    qtbot.keyClick(image, Qt.Key.Key_Escape)
    go_on.set()
    assert not mri.propagator.busy
    assert mri.stack.enlarged
    assert len(mri.workspace.history.entries()) == entries
    qtbot.keyClick(image, Qt.Key.Key_Escape)
    assert not mri.stack.enlarged


def test_the_bar_leaves_the_legend_in_sight(window):
    corrected(window)
    image = window.image
    assert image.bar.isVisible()
    legend_px = 12 + 3 * 17  # three structures, a line each, from the lower edge
    assert image.bar.geometry().bottom() < image.height() - legend_px
