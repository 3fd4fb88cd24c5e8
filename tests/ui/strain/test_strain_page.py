"""Strain in the window, on synthetic walls."""

from dataclasses import replace
from threading import Event, current_thread, main_thread

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from kinecor.core.strain import wall_strain as strain_module
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.message import message
from kinecor.core.values.reading import View
from kinecor.core.values.track import ContourTrack, Origin
from kinecor.session.edits import (
    Decide,
    RemoveTrack,
    SetEvents,
    SetMotion,
    SetTrack,
    SetValveClosures,
    SetValveOpenings,
    SetView,
    Several,
)
from kinecor.ui.strain import strain_model
from kinecor.ui.strain.page import average_words, segment_details
from kinecor.ui.strain.strain_model import on_widget
from kinecor.ui.workspace.computing import Awaited
from kinecor.ui.workspace.related import strain_of_study
from tests.core import strains
from tests.readings import cine
from tests.ui.mouse import drag, move, plate_box, press, pull_mark, release, send
from tests.ui.settled import settle
from tests.ui.tiles.test_image_view import wall
from tests.wall_strains import SHORTENING, prescribed


def strain_of(reading):
    """Prescribed strain that follows view, choices and the first contour of a Reading."""
    if not reading.tracks or reading.events is None or not reading.events.beats:
        return None
    view = reading.view.label if reading.view else "A4C"
    found = prescribed(reading.facts.times_s, view=view, excluded=reading.strain.excluded)
    wide = float(np.ptp(next(iter(reading.tracks.values())).contours[0].points[:, 0]))
    return replace(found, global_percent=found.global_percent * wide / 32)


@pytest.fixture
def by_hand(monkeypatch):
    monkeypatch.setattr(strain_model, "wall_strain", strain_of)
    monkeypatch.setattr(strain_module, "wall_strain", strain_of)


@pytest.fixture
def strained(by_hand, open_window):
    """A window that shows strain of one loop."""
    window = open_window([replace(cine(), view="A4C")])
    window.actions_by_name["strain"].trigger()
    return window


@pytest.fixture
def study(by_hand, open_window, qtbot):
    """A window on three apical views of one study, all analysed."""
    loops = [
        replace(cine(), view=view, source=replace(cine().source, recording_id=f"9.{n}", path=f"{view}.dcm"))
        for n, view in enumerate(("A4C", "A2C", "A3C"))
    ]
    window = open_window(loops)
    window.actions_by_name["strain"].trigger()
    qtbot.waitUntil(lambda: not window.busy)
    return window


def hover(widget, at):
    held = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, at, widget.mapToGlobal(at), held, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)


def click(qtbot, widget, at):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at.toPoint())


def test_one_key_opens_it_and_closes_it(window, by_hand, qtbot):
    page = window.reading
    assert not page.strain_page.isVisible()
    assert not window.actions_by_name["points"].isChecked()
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert page.strain_page.isVisible()
    assert page.strain_curves.isVisible()
    assert window.actions_by_name["points"].isChecked()
    assert page.strain_page.whole.text() == f"A4C longitudinal strain  −{-SHORTENING.mean():.1f} %"
    qtbot.keyClick(window, Qt.Key.Key_T)
    assert not page.strain_page.isVisible()
    assert not page.strain_curves.isVisible()
    assert page.strain.strain is None


def test_nothing_is_computed_while_no_strain_view_is_visible(window, monkeypatch):
    requested = []
    monkeypatch.setattr(strain_model, "wall_strain", requested.append)
    drag(window.image, *wall(window))
    assert requested == []


def test_strain_is_listed_once_without_its_peak_in_systole(study):
    """GLS and "GLSPS" stood one below the other, two numbers for the same thing."""
    codes = [row.code for row in study.reading.results.content.every]
    assert "GLS" in codes
    assert "GLSPS" not in codes


def test_the_button_of_wall_motion_keeps_its_place_in_a_loop_without_strain(study, qtbot):
    page = study.reading.strain_page
    before = page.score.mapTo(study, QPoint())
    assert page.boxes.isVisible()
    study.workspace.do(SetView(View("A4C", 1.0, "reader")))
    for structure in tuple(study.workspace.saved.tracks):
        study.workspace.do(RemoveTrack(structure))
    qtbot.waitUntil(lambda: page.boxes.isHidden() or study.reading.strain.strain is None)
    assert page.score.isVisible()
    assert page.score.mapTo(study, QPoint()) == before


def test_withheld_curves_are_dotted_and_gls_has_no_tag(strained):
    view, model = strained.reading.strain_curves, strained.reading.strain
    found = model.strain
    model._show(replace(found, why=None, segments=(found.segments[0],) * 6), "")
    sound = view.grab().toImage()
    model._show(replace(found, why="only 0 of 6 segments", segments=(None,) * 6), "")
    assert view.grab().toImage() != sound
    pens = [item.opts["pen"] for _, item in view.graph.curves]
    assert len(pens) == 7
    assert all(pen.style() == Qt.PenStyle.DotLine and pen.widthF() < 2 for pen in pens)
    assert "GLS" not in [tag.toPlainText() for tag in view.graph.tags]


def test_points_are_drawn_and_hidden_by_a_key(strained, qtbot):
    with_points = strained.image.grab().toImage()
    qtbot.keyClick(strained, Qt.Key.Key_W)
    without = strained.image.grab().toImage()
    assert with_points != without
    assert strained.reading.strain_page.isVisible()
    qtbot.keyClick(strained, Qt.Key.Key_W)
    assert strained.image.grab().toImage() == with_points


def test_points_move_with_the_loop(strained, qtbot):
    found = strained.reading.strain.strain
    strained.player.seek(2)
    qtbot.waitUntil(lambda: not strained.busy)
    x, y = on_widget(found.points_px[2, 30:31], strained.image.viewport)[0]
    colour = strained.image.grab().toImage().pixelColor(round(x), round(y))
    assert colour.red() > colour.blue() + 40  # an orange dot: the mid segment on the left


def test_a_click_leaves_a_segment_out_and_undo_takes_it_in_again(strained, qtbot):
    page, before = strained.reading, strained.reading.strain_page.whole.text()
    click(qtbot, page.strain_page.boxes, page.strain_page.boxes.box(3).center())
    assert strained.workspace.reading.strain.excluded == (3,)
    settle(strained)
    assert page.strain_page.whole.text() == f"A4C longitudinal strain  −{-np.delete(SHORTENING, 3).mean():.1f} %"
    assert page.strain_page.bullseye.study.implausible == ()  # left out, it is compared with nothing
    strained.workspace.history.undo()
    settle(strained)
    assert page.strain_page.whole.text() == before
    assert page.strain_page.bullseye.study.end_systolic_percent[17] == pytest.approx(-3)
    assert np.isnan(page.strain_page.bullseye.values()[17])  # less than a third of the others: not in colour
    assert "-3" in page.strain_page.bullseye.words(18).replace("\N{MINUS SIGN}", "-")


def test_the_headline_never_contradicts_the_table(strained):
    whole, workspace = strained.reading.strain_page.whole, strained.workspace
    workspace.do(Decide("GLS", True, -17.5, -14.8, "%"))
    settle(strained)
    assert whole.text() == "A4C longitudinal strain  −17.5 % entered"
    workspace.do(Decide("GLS", False, None, -14.8, "%"))
    settle(strained)
    assert whole.text() == "A4C longitudinal strain  rejected"
    workspace.history.undo()
    workspace.history.undo()
    settle(strained)
    assert whole.text() == f"A4C longitudinal strain  −{-SHORTENING.mean():.1f} %"


def test_segments_are_listed_along_the_wall(strained):
    boxes = strained.reading.strain_page.boxes
    tops = [boxes.box(one).top() for one in range(6)]
    assert tops == sorted(tops)
    assert [boxes.segment_at(boxes.box(one).center()) for one in range(6)] == list(range(6))


def test_segments_of_one_list_are_named_all_whole_or_all_short(strained, monkeypatch):
    table, short = strained.reading.strain_page.boxes, []
    monkeypatch.setattr("kinecor.ui.strain.page.short_name", lambda name: short.append(name) or name[:3])
    seen = set()
    for wide in range(220, 480, 20):
        table.resize(wide, 300)
        short.clear()
        table.grab()
        seen.add(len(short))
    assert seen == {0, 6}


def test_the_scale_has_the_minus_sign_of_all_other_numbers(strained):
    graph = strained.reading.strain_curves.graph
    assert graph.values.tickStrings([-10.0, 0.0], 1.0, 10.0) == ["\N{MINUS SIGN}10", "0"]
    assert graph.time.tickStrings([0.0, 0.2], 1.0, 0.2) == ["0", "200 ms"]


def test_a_curve_under_the_mouse_stands_out_everywhere(strained):
    page = strained.reading
    view, found = page.strain_curves, page.strain.strain
    line = view.graph.points_px(found.time_s, view.values()[1][:, 3])
    still = page.strain_page.bullseye.grab().toImage()
    hover(view.graph.viewport(), QPointF(*line[6]))
    assert page.focus.segment == 3
    assert page.strain_page.bullseye.grab().toImage() != still
    assert view.graph.curves[4][1].opts["pen"].widthF() == 3
    hover(view.graph.viewport(), QPointF(view.width() - 3, 5))
    assert page.focus.segment is None


def test_the_wall_under_the_mouse_stands_out_everywhere(strained):
    found, image = strained.reading.strain.strain, strained.image
    strained.player.seek(0)
    hover(image, QPointF(*on_widget(found.points_px[0, 110:111], image.viewport)[0]))
    assert strained.reading.focus.segment == 5
    hover(image, QPointF(4, 4))
    assert strained.reading.focus.segment is None


def test_curves_follow_while_a_contour_is_dragged(strained, qtbot):
    curves = strained.reading.strain_curves
    strained.player.seek(0)
    start, end = wall(strained)
    before = curves.values()[0].copy()
    press(strained.image, start)
    move(strained.image, end)
    qtbot.waitUntil(lambda: not strained.reading.strain.busy)
    during = curves.values()[0].copy()
    assert abs(during[6]) > abs(before[6]) * 1.02
    release(strained.image, end)
    np.testing.assert_array_equal(curves.values()[0], during)
    strained.workspace.history.undo()
    np.testing.assert_array_equal(curves.values()[0], before)


def test_a_slow_strain_never_holds_up_a_drag_and_the_latest_is_shown(strained, qtbot, monkeypatch):
    requested, go = [], Event()

    def slow(reading):
        if current_thread() is not main_thread():
            requested.append(reading)
            go.wait(60)
        return strain_of(reading)

    monkeypatch.setattr(strain_model, "wall_strain", slow)
    strained.player.seek(0)
    (x, y), _ = wall(strained)
    press(strained.image, (x, y))
    for by in (5, 6, 7, 8):
        move(strained.image, (x - by, y))
    latest = strained.workspace.reading
    qtbot.waitUntil(lambda: len(requested) == 1)
    go.set()
    qtbot.waitUntil(lambda: not strained.reading.strain.busy)
    assert len(requested) == 2
    assert requested[-1] is latest
    np.testing.assert_array_equal(strained.reading.strain_curves.values()[0], strain_of(latest).global_percent)
    release(strained.image, (x - 8, y))


def test_what_is_let_go_outruns_what_was_on_the_way(strained, monkeypatch):
    go = Event()

    def slow(reading):
        if current_thread() is not main_thread():
            go.wait(60)
        return strain_of(reading)

    monkeypatch.setattr(strain_model, "wall_strain", slow)
    strained.player.seek(0)
    drag(strained.image, *wall(strained))
    settle(strained)
    saved = strain_of(strained.workspace.reading).global_percent
    np.testing.assert_array_equal(strained.reading.strain_curves.values()[0], saved)
    go.set()
    # The worker ends, and what it left is delivered.
    strained.reading.strain._jobs.shutdown()
    strained.reading.strain._jobs.deliver()
    np.testing.assert_array_equal(strained.reading.strain_curves.values()[0], saved)


def test_a_click_on_the_curves_goes_to_that_time(strained, qtbot):
    graph = strained.reading.strain_curves.graph
    click(qtbot, graph.viewport(), QPointF(graph.x_of(0.2), 60))
    assert strained.player.frame == 5
    assert not strained.player.playing


def test_a_mark_is_dragged_on_the_strain_curves(strained):
    curves, workspace = strained.reading.strain_curves, strained.workspace
    (key, before), entries = next(iter(curves.marks().items())), len(workspace.history.entries())
    times_s = workspace.saved.facts.times_s
    assert key == (0, "ed")
    pull_mark(curves.graph, key, times_s[before + 2], done=False)
    assert workspace.reading.events.beats[0].ed == before + 2
    assert workspace.saved.events.beats[0].ed == before
    pull_mark(curves.graph, key, times_s[before + 2])
    assert workspace.saved.events.beats[0].ed == before + 2
    assert len(workspace.history.entries()) == entries + 1


def test_the_plate_of_a_valve_opening_comes_below_that_of_a_mark_beside_it(strained):
    curves, workspace = strained.reading.strain_curves, strained.workspace
    es = workspace.saved.events.beats[0].es
    workspace.do(SetValveOpenings((es,)))
    settle(strained)
    assert not overlapping(curves.graph)
    assert len({round(plate_box(curves.graph, key).top()) for key in curves.graph.marks}) == 2
    workspace.do(SetValveOpenings((es + 2,)))
    settle(strained)
    assert not overlapping(curves.graph)
    workspace.do(SetValveClosures((es + 1,)))
    settle(strained)
    assert not overlapping(curves.graph)
    words = {line.plate.toPlainText() for line in curves.graph.marks.values()}
    assert words >= {"ED", "AVC", "MVO"}


def overlapping(graph):
    boxes = [plate_box(graph, key).adjusted(0.5, 0.5, -0.5, -0.5) for key in graph.marks]
    return [(one, other) for at, one in enumerate(boxes) for other in boxes[:at] if one.intersects(other)]


def test_strain_rate_in_place_of_strain(strained):
    page = strained.reading
    strain = page.strain_curves.grab().toImage()
    page.strain_page.bar.rate_chosen.emit(True)
    assert page.strain_curves.range[0] == -2
    assert page.strain_curves.grab().toImage() != strain


def test_depth_and_drift_are_steps_of_the_history(strained):
    bar, workspace = strained.reading.strain_page.bar, strained.workspace
    bar.layer.setCurrentIndex(0)
    bar.layer.activated.emit(0)
    bar.drift.click()
    assert workspace.reading.strain == StrainChoices((), False, 0.0)
    assert [one.actor for one in workspace.history.entries()[-2:]] == ["Dr Grey"] * 2
    workspace.history.undo()
    workspace.history.undo()
    assert workspace.reading.strain == StrainChoices()
    assert bar.layer.currentText() == "mid-wall"
    assert bar.drift.isChecked()


def test_the_reason_for_missing_strain_is_shown(window):
    window.actions_by_name["strain"].trigger()
    assert "view" in window.reading.strain.why
    assert window.reading.strain_page.whole.text() == "Longitudinal strain  –"
    assert "Not available" in window.reading.strain_page.how.text()
    window.workspace.do(SetView(View("A4C", None, "Dr Grey")))
    settle(window)
    assert window.reading.strain.why == ""
    assert "%" in window.reading.strain_page.whole.text()
    window.grab()


def test_how_it_was_measured_has_true_minus_signs(strained):
    assert "drift \N{MINUS SIGN}0.8 % compensated" in strained.reading.strain_page.how.text()


def test_where_nothing_is_known_nothing_is_drawn(by_hand, open_window):
    window = open_window([replace(cine(), view="A4C")])
    window.actions_by_name["strain"].trigger()
    assert window.reading.strain_page.bullseye.isVisible()
    window.workspace.do(SetEvents(CardiacEvents((), Origin.EDITED)))
    settle(window)
    assert not window.reading.strain_page.bullseye.isVisible()
    assert not window.reading.strain_page.boxes.isVisible()
    assert "no ED and ES" in window.reading.strain_page.how.text()
    window.grab()


def test_other_views_of_the_study_are_analysed_and_averaged(study):
    page = study.reading.strain_page
    assert all(study.workspace.opened.saved_reading(one).tracks for one in study.workspace.opened.recordings)
    assert page.average.text() == f"GLS (3-view average)  −{-SHORTENING.mean():.1f} %\nA4C, A2C, A3C"
    empty = {number for number, value in enumerate(page.bullseye.values(), 1) if np.isnan(value)}
    badly_followed, implausible = {12, 7, 8}, {18, 13, 14}  # in each view
    assert empty == badly_followed | implausible
    assert set(page.bullseye.study.implausible) == implausible


def test_the_average_follows_a_view_that_changes_beside_the_one_on_screen(study, qtbot):
    """It said -16.2 % below a headline of -16.5 %: the third view had been tracked after it was written."""
    page, space = study.reading.strain_page, study.workspace
    before = page.average.text()
    assert space.index != 2
    space.do(SetView(View("A2C", None, "reader")), recording=space.opened.recordings[2])
    qtbot.waitUntil(lambda: not study.busy)
    assert page.average.text() == average_words(strain_of_study(space))
    assert page.average.text() != before


def test_loops_of_another_study_are_not_averaged(by_hand, open_window, qtbot):
    mine = replace(cine(), view="A4C")
    other = replace(cine(), view="A2C", source=replace(cine().source, recording_id="7.7", study_id="8.8"))
    window = open_window([mine, other])
    window.actions_by_name["strain"].trigger()
    qtbot.waitUntil(lambda: not window.busy)
    assert not window.workspace.opened.saved_reading(other).tracks
    assert window.reading.strain_page.average.text() == "GLS (3-view average): needs A2C and A3C"


def test_a_click_on_the_bulls_eye_opens_the_view(study, qtbot):
    bullseye = study.reading.strain_page.bullseye
    centre, radius = bullseye._circle()
    spot = centre + QPointF(0, 0.85 * radius)  # basal inferior
    assert bullseye.segment_at(spot) == 4
    assert "seen in A2C" in bullseye.words(4)
    click(qtbot, bullseye, spot)
    assert study.workspace.reading.view.label == "A2C"
    assert study.reading.strain_page.whole.text().startswith("A2C longitudinal strain")


@pytest.mark.parametrize(("of", "apical"), [(18, 18), (17, 14), (16, 14)])
def test_bulls_eyes_of_three_models(study, of, apical):
    bullseye = study.reading.strain_page.bullseye
    bullseye.show_as(of=of)
    assert len(bullseye.values()) == of
    assert max(bullseye.rims()) == {18: 18, 17: 16, 16: 16}[of]
    assert "pical" in bullseye.words(apical)
    bullseye.show_as(unit="ms")
    assert np.nanmax(bullseye.values()) == pytest.approx(240)
    bullseye.grab()


def test_a_box_says_nothing_of_what_came_after_the_loop_ended():
    cut = strains.reading().with_(events=CardiacEvents((Beat(20, 39),), Origin.MODEL))
    found = wall_strain(cut)
    assert found is not None
    words = segment_details(found, 0)
    assert "at end-systole" in words
    assert "nan" not in words


@pytest.fixture
def followed_loop(open_window):
    """A window that shows strain of a loop whose wall was followed by motion."""
    window = open_window([replace(cine(), view="A4C")])
    made = strains.reading()
    frames = window.workspace.saved.facts.frames
    tracks = {s: track_of(one, frames) for s, one in made.tracks.items()}
    edits = (
        *(SetTrack(one) for one in tracks.values()),
        SetMotion(
            replace(
                made.motion,
                displacement_px=made.motion.displacement_px[: frames - 1],
                error_px=made.motion.error_px[: frames - 1],
            )
        ),
        SetEvents(CardiacEvents((Beat(0, 9),), Origin.MODEL)),
        SetView(View("A4C", None, "Dr Grey")),
    )
    window.workspace.do(Several(message("analysis"), edits))
    window.actions_by_name["strain"].trigger()
    window.player.seek(8)
    return settle(window)


def track_of(track, frames):
    return ContourTrack(track.structure, track.contours[:frames], track.origins[:frames], track.confidence[:frames])


def along_wall(window, point, by_px):
    """A point of the wall in the frame on screen, and a place along the wall from it, in image pixels."""
    points = window.reading.strain.strain.points_px[window.player.frame]
    way = points[point + 1] - points[point - 1]
    return tuple(points[point]), tuple(points[point] + by_px * way / np.hypot(*way))


def test_a_point_of_the_wall_is_placed_by_dragging_it_in_one_step(followed_loop):
    window, entries = followed_loop, len(followed_loop.workspace.history.entries())
    start, end = along_wall(window, 30, 4.0)
    press(window.image, start)
    move(window.image, end)
    assert window.workspace.saved.placed_points == ()
    release(window.image, end)
    (one,) = window.workspace.saved.placed_points
    assert (one.frame, one.point) == (8, 30)
    assert np.hypot(one.x_px - end[0], one.y_px - end[1]) < 0.5
    assert len(window.workspace.history.entries()) == entries + 1
    settle(window)
    there = window.reading.strain.strain.points_px[8, 30]
    assert np.hypot(*(there - end)) < 0.5
    window.workspace.history.undo()
    assert np.hypot(*(window.reading.strain.strain.points_px[8, 30] - start)) < 1e-6


def test_escape_and_a_double_click_let_a_point_go(followed_loop, qtbot):
    window = followed_loop
    start, end = along_wall(window, 30, 4.0)
    press(window.image, start)
    move(window.image, end)
    qtbot.keyClick(window.image, Qt.Key.Key_Escape)
    release(window.image, end)
    assert window.workspace.saved.placed_points == ()
    drag(window.image, start, end)
    assert len(window.workspace.saved.placed_points) == 1
    send(window.image, QEvent.Type.MouseButtonDblClick, along_wall(window, 30, 0.0)[0])
    assert window.workspace.saved.placed_points == ()


def test_points_are_not_placed_at_the_ed_they_are_spaced_at_nor_past_each_other(followed_loop):
    window = followed_loop
    window.player.seek(0)
    drag(window.image, *along_wall(window, 30, 4.0))
    assert window.workspace.saved.placed_points == ()
    assert "evenly spaced at ED (frame 1)" in window.status.currentMessage()
    window.player.seek(8)
    start, _ = along_wall(window, 30, 0.0)
    drag(window.image, start, along_wall(window, 60, 0.0)[0])
    assert window.workspace.saved.placed_points == ()
    assert "would pass each other" in window.banner.words.text()


def test_strain_that_is_being_computed_is_not_said_to_need_an_analysis(window):
    window.actions_by_name["strain"].trigger()
    model, space = window.reading.strain, window.workspace
    assert "computed" not in model.why_now
    space.computing.show({space.recording.source.recording_id: Awaited.STRAIN})
    assert model.why_now.startswith("Strain is being computed")
    space.computing.show({})
    assert model.why_now == model.why
