"""The timeline: transport, doubtful frames, curves of other views in phase."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetrics

from kinecor.core.checks.findings import Finding, Severity, State, codes_affected
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.message import message
from kinecor.core.values.reading import View
from kinecor.core.values.recording import Stage
from kinecor.core.values.series import Series
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import curves
from kinecor.session.edits import SetEvents, SetTrack, SetView
from kinecor.ui.app.modes import Mode
from kinecor.ui.curves.confidence import Doubt, doubts
from kinecor.ui.curves.timeline import TransportRow, beat_span, frame_words
from kinecor.ui.style import theme
from kinecor.ui.workspace.captions import recording_line
from kinecor.ui.workspace.changes import Topic
from kinecor.ui.workspace.computing import Awaited
from tests import stacks
from tests.readings import cine, read, with_identity
from tests.ui.conftest import beating
from tests.ui.settled import settle

READING = read(cine(12))


def unsure(reading, *frames, origin=Origin.MODEL):
    track = reading.tracks[Structure.LV_ENDO]
    confidence = track.confidence.copy()
    confidence[list(frames)] = 0.4
    origins = tuple(origin if frame in frames else one for frame, one in enumerate(track.origins))
    return replace(track, confidence=confidence, origins=origins)


def with_unsure(reading, *frames, origin=Origin.MODEL):
    return reading.with_(tracks={**reading.tracks, Structure.LV_ENDO: unsure(reading, *frames, origin=origin)})


def test_a_frame_in_words():
    assert frame_words(READING, 0) == "Frame 1/12 · 0 ms · ED"
    assert frame_words(READING, 3) == "Frame 4/12 · 120 ms"
    assert frame_words(stacks.read(stacks.stack()), 1).startswith("Phase 2/20")


def test_contours_of_low_confidence_are_doubtful_and_those_of_a_person_are_not():
    (found,) = doubts(with_unsure(READING, 5))
    assert found.tolist() == [1] * 4 + [Doubt.NEAR, Doubt.DOUBTFUL, Doubt.NEAR] + [1] * 5
    assert (doubts(with_unsure(READING, 5, origin=Origin.EDITED)) == Doubt.SURE).all()


def test_frames_that_an_open_check_names_are_doubtful():
    finding = Finding("cycle.es", Severity.CHECK, "ES?", (6,), measurements=codes_affected("ESV"))
    assert doubts(READING, (finding,))[0, 6] == Doubt.DOUBTFUL
    assert (doubts(READING, (replace(finding, state=State.ACKNOWLEDGED),)) == Doubt.SURE).all()
    assert (doubts(READING, (replace(finding, severity=Severity.INFO),)) == Doubt.SURE).all()


def test_a_stack_has_a_row_per_slice_and_none_beyond_its_ends():
    reading = stacks.read(stacks.stack())
    found = doubts(reading, (Finding("stack.gap", Severity.CHECK, "?", (2,), (4,), codes_affected("EDV")),))
    assert found.shape == (len(reading.slices), reading.facts.frames)
    assert found[4, 2] == Doubt.DOUBTFUL
    assert set(found[4, 1:4:2].tolist()) == {Doubt.NEAR}


def test_doubtful_frames_are_counted_and_visited_in_turn(window):
    bottom = window.reading.bottom
    window.workspace.do(SetTrack(unsure(window.workspace.saved, 4, 9)))
    settle(window)
    (cells,) = bottom._cells
    doubtful = np.flatnonzero(cells == Doubt.DOUBTFUL).tolist()
    assert {4, 9} <= set(doubtful)
    assert bottom.transport.doubt.text() == f"{len(doubtful)} doubtful frames"
    assert bottom.transport.sign.isVisible()
    visited = []
    window.player.seek(len(cells) - 1)
    for _ in doubtful * 2:
        bottom.transport.next.click()
        visited.append(window.player.frame)
    first = doubtful.index(visited[0])
    assert visited == [*doubtful[first:], *doubtful, *doubtful[:first]]
    bottom.transport.show_doubt(0)
    assert not bottom.transport.next.isVisible()


def test_nothing_is_doubtful_while_contours_may_still_change(window):
    space, transport = window.workspace, window.reading.bottom.transport
    space.do(SetTrack(unsure(space.saved, 4, 9)))
    assert transport.doubt.isVisible()
    space.computing.show({space.recording.source.recording_id: Awaited.ALL})
    assert not transport.doubt.isVisible()
    assert not window.reading.bottom.go_to_next()
    space.computing.show({space.recording.source.recording_id: Awaited.STRAIN})
    assert transport.doubt.isVisible()
    space.computing.show({})
    assert window.reading.bottom.go_to_next()


def test_a_click_on_a_cell_goes_to_its_frame(window, qtbot):
    strip = window.reading.curve.confidence
    assert strip.isVisible()
    edges = strip._edges()
    spot = QPointF((edges[7] + edges[8]) / 2, 5).toPoint()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=spot)
    assert window.player.frame == 7
    assert window.reading.bottom.transport.where.text().startswith("Frame 8/12")
    strip.grab()


def test_first_play_and_last(window):
    transport = window.reading.bottom.transport
    transport.last.click()
    assert window.player.frame == 11
    transport.first.click()
    assert window.player.frame == 0
    transport.play.click()
    assert window.player.playing
    assert transport.play.text() == "Pause"
    transport.play.click()
    assert not window.player.playing


def test_another_view_is_drawn_paler_at_the_frames_of_the_same_phase(open_window):
    one = cine(12)
    two = with_identity(cine(20), path="study/two.dcm", recording_id="1.2.3.5")
    window = open_window([one, two])
    window.workspace.show(1)
    window.analysing.consider()
    window.workspace.show(0)
    for index, view in ((0, "A4C"), (1, "A2C")):
        recording = window.workspace.opened.recordings[index]
        window.workspace.do(SetView(View(view, None, "Dr Grey")), recording=recording)
    other = read(two)
    for track in other.tracks.values():
        window.workspace.do(SetTrack(track), recording=two)
    window.reading.bottom.show_linked((0, 1))
    (curve,) = window.reading.curve.other_views
    assert len(curve.values) == 12
    own, other = window.reading.curve.plot.lines
    assert (own.label, other.label) == ("A4C", "A2C")
    assert other.colour.alpha() == own.colour.alpha() == 255
    assert other.colour.lightness() < own.colour.lightness(), "paler on the dark background"
    assert [strip.label for strip in window.reading.curve.confidence.strips] == ["A4C", "A2C"]
    window.reading.bottom.show_linked((0,))
    assert window.reading.curve.other_views == ()


def test_another_view_of_fewer_frames_has_no_steps(open_window):
    """Two frames whose phases were nearest to one frame of the other view drew a step into its curve."""
    one = cine(24)
    two = with_identity(cine(10), path="study/two.dcm", recording_id="1.2.3.5")
    window = open_window([one, two])
    for index, view in ((0, "A4C"), (1, "A2C")):
        recording = window.workspace.opened.recordings[index]
        window.workspace.do(SetView(View(view, None, "Dr Grey")), recording=recording)
    settle(window)
    window.reading.bottom.show_linked((0, 1))
    (curve,) = window.reading.curve.other_views
    steps = np.abs(np.diff(curve.values))
    assert np.isfinite(curve.values).all()
    assert (steps > 0.02 * np.ptp(curve.values)).sum() > 12, "it moves between its own frames, too"
    own = window.workspace.opened.known_reading(two)
    es, other_es = (reading.events.beats[0].es for reading in (window.workspace.saved, own))
    assert curve.values[es] == pytest.approx(curves(own).lv_volume[other_es]), "events stay where they are marked"


def test_curves_of_other_stages_are_named_by_the_stage(open_window):
    rest, peak = (
        replace(made, source=replace(made.source, stage=stage), view="A4C")
        for made, stage in (
            (cine(12), Stage("Rest", 1)),
            (with_identity(cine(12), path="study/two.dcm", recording_id="1.2.3.5"), Stage("Low dose 10 µg", 2)),
        )
    )
    window = open_window([rest, peak])
    for recording in (rest, peak):
        for track in read(recording).tracks.values():
            window.workspace.do(SetTrack(track), recording=recording)
    window.reading.bottom.show_linked((0, 1))
    plot = window.reading.curve.plot
    assert [one.label for one in plot.lines] == ["Rest", "Low dose 10 µg"]
    assert plot.width() - plot.x_of(plot.span_s[1]) > 60
    assert [name.toPlainText() for name in plot.graph.names] == ["Rest", "Low dose 10 µg"]
    assert [strip.label for strip in window.reading.curve.confidence.strips] == ["Rest", "Low dose 10 µg"]
    window.workspace.do(SetView(View("A2C", None, "person")), recording=peak)
    settle(window)
    window.reading.bottom.show_linked((0, 1))
    assert [one.label for one in plot.lines] == ["A4C Rest", "A2C Low dose 10 µg"]


def test_the_matrix_of_a_stack_goes_to_slice_and_phase(open_window, qtbot):
    window = open_window([stacks.stack()])
    matrix = window.reading.matrix
    assert matrix.isVisible()
    assert matrix.cells.shape == (len(window.workspace.stack.slices), 20)
    picked = []
    matrix.picked.connect(picked.append)
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix._cell(7, 10).center().toPoint())
    assert picked == [7]
    assert window.player.frame == 10
    assert np.count_nonzero(matrix.cells) > 0
    assert matrix.cell_at(1, 1) is None
    matrix.grab()


def test_flags_say_their_frame(window):
    plot = window.reading.curve.plot
    assert [plot.flag_words(key) for key in plot.flags] == ["ED 1", "ES 7"]
    window.player.seek(8)
    window.actions_by_name["set_es"].trigger()
    assert plot.flag_words((0, "es")) == "ES 9"


def test_a_beat_goes_from_its_ed_to_before_the_next():
    reading = READING.with_(events=CardiacEvents((Beat(1, 3), Beat(6, 8)), Origin.MODEL))
    assert beat_span(reading, 3) == (1, 5)
    assert beat_span(reading, 0) == (1, 5)
    first, last = beat_span(reading, 9)
    assert first == 6
    assert last >= 8
    assert beat_span(READING.with_(events=None), 3) is None
    assert beat_span(stacks.read(stacks.stack()), 3) is None


def test_a_loop_is_played_forth_and_back_until_it_is_chosen_again(window):
    sweep, player = window.actions_by_name["sweep"], window.player
    sweep.trigger()
    assert player.playing
    assert player._clock.sweep
    sweep.trigger()
    assert player.playing
    assert not player._clock.sweep


def test_one_beat_is_played_until_it_is_pressed_again(window):
    row, player = window.reading.bottom.transport, window.player
    window.workspace.do(SetEvents(CardiacEvents((Beat(1, 3), Beat(6, 8)), Origin.EDITED)))
    player.seek(2)
    row.beat.click()
    assert (player.span, player.playing, row.beat.isChecked()) == ((1, 5), True, True)
    window.actions_by_name["beat"].trigger()
    assert (player.span, row.beat.isChecked()) == (None, False)
    window.workspace.do(SetEvents(CardiacEvents((), Origin.EDITED)))
    row.beat.click()
    assert (player.span, row.beat.isChecked()) == (None, False)


def test_nothing_in_a_narrow_transport_row_overlaps(window):
    transport = window.reading.bottom.transport
    transport.show_doubt(1)
    for wide_px in (900, 470, 341):  # the last is that of a laptop at 200 % next to the Checks list
        transport.resize(wide_px, transport.height())
        transport.layout().activate()
        row = (*(transport.first, transport.play, transport.last, transport.speed, transport.beat, transport.where),)
        boxes = [
            one.geometry() for one in (*row, transport.sign, transport.doubt, transport.next) if not one.isHidden()
        ]
        assert all(one.right() < other.left() for one, other in pairwise(boxes))
        assert boxes[-1].right() < wide_px
        assert transport.next.width() >= transport.next.minimumSizeHint().width()
        assert transport.beat.isHidden() is (wide_px <= 470)
        assert transport.where.shortened is (wide_px == 341)


def test_what_is_shown_is_not_drawn_again_for_another_recording(open_window, monkeypatch):
    window = open_window([with_identity(cine(), path=f"{at}.dcm", recording_id=f"9.{at}") for at in range(3)])
    timeline = settle(window).reading.bottom
    drawn = []
    monkeypatch.setattr(timeline._curve, "show_strips", lambda strips, times_s: drawn.append(strips))
    window.workspace.do(SetView(View("PLAX", None, "Dr Grey")), recording=window.workspace.opened.recordings[2])
    settle(window)
    window.workspace.announce(Topic.COMPUTING)
    assert drawn == []
    track = unsure(window.workspace.reading, 2)
    window.workspace.do(SetTrack(track))
    settle(window)
    assert drawn


def shown_only(times_origin="assumed"):
    """A T2 map: images that are shown and not measured."""
    made = cine()
    source = replace(made.source, modality="MR", series=Series(kind="t2-map"))
    return replace(made, source=source, times_origin=times_origin)


def test_what_is_only_shown_has_images_and_neither_phases_nor_beats(open_window):
    """A T2 map said "9 phases" and "Frame 4/9 · 1500 ms", by times that nobody stated."""
    window = open_window([with_identity(shown_only(), path="t2.dcm", recording_id="1.2.3.9"), cine()])
    window.workspace.show(0)
    row = window.findChild(TransportRow)
    assert row.where.text() == "Image 1/12"
    assert not row.beat.isVisibleTo(row)
    assert recording_line(shown_only()).startswith("12 images")
    assert "frames/s" not in recording_line(shown_only())
    stated = read(shown_only("AcquisitionTime"))
    assert frame_words(stated, 3) == "Image 4/12 · 120 ms"
    window.workspace.show(1)
    assert row.beat.isVisibleTo(row)


def test_images_without_times_have_no_axis_of_time_and_nothing_to_report(open_window, qtbot):
    window = open_window([with_identity(shown_only(), path="t2.dcm", recording_id="1.2.3.9")], analysed=False)
    page, row = window.reading, window.findChild(TransportRow)
    assert row.isVisible()
    assert not page.timeline.isVisible()
    assert page.bottom.height() <= row.sizeHint().height() + 4
    window.show_mode(Mode.REPORT)
    qtbot.waitUntil(window.report.preview.waiting.isVisible)
    assert "nothing to report" in window.report.preview.waiting.text()
    assert not window.report.preview.area.isVisible()
    assert window.report.draft.template.currentText() == "Template: default"


@pytest.mark.parametrize("high_px", [90, 120, 200])
def test_numbers_of_slices_do_not_touch_in_a_low_matrix(open_window, high_px):
    """Eleven numbers stood on top of each other at 1366 x 768."""
    matrix = open_window([stacks.stack()]).reading.matrix
    matrix.resize(200, high_px)
    matrix.select(7)
    number_px = QFontMetrics(theme.font(10)).ascent()
    named = matrix.numbered_slices(number_px)
    middles = sorted(matrix._cell(number, 0).center().y() for number in named)
    assert 7 in named
    assert all(low - high >= number_px for high, low in pairwise(middles))
    slices = matrix.cells.shape[0]
    assert len(named) == slices or high_px < slices * number_px + 40


def test_a_stage_without_a_view_yet_does_not_lengthen_the_names_of_the_others(open_window):
    rest, peak = (
        replace(made, source=replace(made.source, stage=stage), view=view)
        for made, stage, view in (
            (cine(12), Stage("Rest", 1), "A4C"),
            (with_identity(cine(12), path="study/two.dcm", recording_id="1.2.3.5"), Stage("Peak", 2), None),
        )
    )
    window = open_window([rest, peak])
    for track in read(rest).tracks.values():
        window.workspace.do(SetTrack(track), recording=rest)
    settle(window)
    window.reading.bottom.show_linked((0, 1))
    assert window.reading.curve.confidence.strips[0].label == "Rest"


def test_a_still_has_nothing_to_play_and_what_has_no_curve_a_low_one(open_window, qtbot):
    plax = replace(with_identity(cine(12), path="study/two.dcm", recording_id="1.2.3.5"), view="PLAX")
    still = with_identity(cine(1), path="study/three.dcm", recording_id="1.2.3.6")

    def only_apical(recording, reading, tick):
        if recording.view == "PLAX":
            raise KinecorError(message("contours need an apical view"))
        return beating(recording, reading, tick)

    window = open_window([cine(12), plax, still], propose=only_apical)
    window.resize(1366, 740)
    page = window.reading
    settle(window)
    whole = page.rows.sizes()
    window.workspace.show(1)
    settle(window)
    assert page.bottom.isVisible()
    qtbot.waitUntil(lambda: page.rows.sizes()[1] < whole[1])
    assert page.layout_now().rows == tuple(whole), "what a reader chose is saved"
    window.workspace.show(2)
    settle(window)
    assert not page.bottom.isVisible()
    window.workspace.show(0)
    settle(window)
    assert page.bottom.isVisible()
    qtbot.waitUntil(lambda: page.rows.sizes()[1] == whole[1])
