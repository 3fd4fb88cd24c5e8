from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QToolButton

from kinecor.core.values.events import Beat, CardiacEvents, PhaseCurve
from kinecor.core.values.recording import Trace
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetEvents, SetPhaseCurve, SetTrack
from kinecor.ui.curves import phase_events
from tests import stacks
from tests.readings import cine, ellipse

BY = "model:phases@1.0.0+ab"


def regressed(window, *beats, frames=12):
    """A model's curve is added to what is there, as from an analysis."""
    values = np.cos(np.arange(frames) / frames * 2 * np.pi) / 2 + 0.5
    curve = PhaseCurve(values, tuple(ed for ed, _ in beats), tuple(es for _, es in beats), BY)
    window.workspace.do(SetPhaseCurve(curve), actor=BY)
    return window.reading.curve


def offered(view):
    """Labels, and buttons as (words, pressed), from left to right; nothing where the note is hidden."""
    if view.note.isHidden():
        return []
    found = []
    for place in range(view.note.layout().count()):
        widget = view.note.layout().itemAt(place).widget()
        if isinstance(widget, QLabel):
            found.append(widget.text())
        elif isinstance(widget, QToolButton):
            found.append((widget.text(), widget.isChecked()))
    return found


def press(qtbot, view, words):
    (button,) = [one for one in view.note.findChildren(QToolButton) if one.text() == words and not one.isHidden()]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_a_regressed_curve_nothing_is_there(window):
    assert window.reading.curve.strip.isHidden()
    assert offered(window.reading.curve) == []


def test_where_both_agree_within_a_frame_there_is_neither_curve_nor_note(window):
    view = regressed(window, (1, 5))
    assert view.strip.isHidden()
    assert offered(view) == []


def test_the_curve_by_ai_comes_and_goes_with_the_difference(window):
    view = regressed(window, (0, 9))
    assert not view.strip.isHidden()
    regressed(window, (1, 5))
    assert view.strip.isHidden()
    window.workspace.history.undo()
    assert not view.strip.isHidden()


def test_a_disagreement_is_shown_and_one_click_takes_either(window, qtbot):
    view = regressed(window, (0, 9))
    assert offered(view) == ["ES", ("Volume curve: frame 6", False), ("AI: frame 10", False)]
    press(qtbot, view, "AI: frame 10")
    assert window.workspace.reading.events.beats == (Beat(0, 9),)
    assert window.workspace.reading.authors["events"] == window.workspace.actor
    assert offered(view)[-1] == ("AI: frame 10", True)
    press(qtbot, view, "Volume curve: frame 6")
    assert window.workspace.reading.events.beats == (Beat(0, 5),)
    assert offered(view) == ["ES", ("Volume curve: frame 6", True), ("AI: frame 10", False)]
    window.workspace.history.undo()
    assert window.workspace.reading.events.beats == (Beat(0, 9),)
    assert offered(view)[-1] == ("AI: frame 10", True)


def test_pressing_what_is_in_force_changes_nothing(window, qtbot):
    view = regressed(window, (0, 9))
    press(qtbot, view, "AI: frame 10")
    entries = len(window.workspace.history.entries())
    press(qtbot, view, "AI: frame 10")
    assert len(window.workspace.history.entries()) == entries
    assert offered(view)[-1] == ("AI: frame 10", True)


def test_beats_that_are_none_are_not_offered(window):
    view = regressed(window, (0, 5), (6, 9))  # a quarter of a second apart, and the cavity grows in the second
    assert offered(view) == []


def test_other_numbers_of_beats_are_offered_as_a_whole(window, qtbot, monkeypatch):
    monkeypatch.setattr(
        phase_events, "regressed_events", lambda reading: reading.phase_curve
    )  # so short a clip has one beat
    view = regressed(window, (0, 3), (7, 10))
    assert offered(view)[0] == "Beats"
    press(qtbot, view, "AI: 2")
    assert window.workspace.reading.events.beats == (Beat(0, 3), Beat(7, 10))


def test_the_strip_is_under_the_curve_and_goes_to_a_time(window, qtbot):
    view = regressed(window, (0, 9))
    x = view._column_of(0.2)
    assert view.strip.mapToGlobal(QPoint(0, 0)).x() == view.plot.mapToGlobal(QPoint(0, 0)).x()
    assert view._time_of(x) == pytest.approx(0.2)
    qtbot.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=QPoint(round(x), 10))
    assert window.player.frame == 5
    assert not view.strip.grab().toImage().isNull()


def test_fractions_of_a_frame_are_drawn_and_named(window):
    values = np.cos(np.arange(12) / 12 * 2 * np.pi) / 2 + 0.5
    curve = PhaseCurve(values, (0,), (9,), BY, (0.25,), (8.75,))
    window.workspace.do(SetPhaseCurve(curve), actor=BY)
    view, times_s = window.reading.curve, window.workspace.reading.facts.times_s
    step_s = times_s[1] - times_s[0]
    assert view.strip.toolTip().splitlines()[1:] == [
        f"ED: {250 * step_s:.1f} ms",
        f"ES: {8750 * step_s:.1f} ms",
    ]
    assert f"Use AI: frame 10, at {8750 * step_s:.1f} ms" in {
        one.toolTip() for one in view.note.findChildren(QToolButton) if not one.isHidden()
    }
    image = view.strip.grab().toImage()

    def darkest(x):
        return {image.pixelColor(round(x), y).lightness() for y in range(2, 5)}

    tick, frame = (round(view._column_of(at)) for at in (0.25 * step_s, 0.0))
    assert tick != frame
    assert any(darkest(x) != darkest(tick + 6) for x in (tick - 1, tick, tick + 1))


def test_another_recording_without_a_curve_takes_it_away(open_window):
    window = open_window([cine(), stacks.stack()])
    view = window.reading.curve
    frames = window.workspace.reading.facts.frames
    regressed(window, (0, frames - 3), frames=frames)
    assert not view.strip.isHidden()
    window.workspace.show(1 - window.workspace.index)
    assert view.strip.isHidden()
    assert offered(view) == []


def test_a_stack_goes_round(open_window):
    window = open_window([stacks.stack()])
    view = regressed(window, (19, 10), frames=20)
    assert offered(view) == []
    view = regressed(window, (17, 10), frames=20)
    assert offered(view)[0] == "ED"


def ecg(*waves_s):
    times_s = np.arange(-0.3, 1.2, 0.004)
    values = sum(np.exp(-(((times_s - one) / 0.012) ** 2) / 2) for one in waves_s)
    return Trace(times_s, values, "mV")


def test_an_r_wave_is_a_candidate_with_its_plain_name(open_window, qtbot):
    window = open_window([replace(cine(24), ecg=ecg(0.09, 1.05))])
    view = window.reading.curve
    endo = window.workspace.saved.tracks[Structure.LV_ENDO]
    slow = 1 - 0.125 * (1 - np.cos(np.pi * np.clip(np.arange(24) - 1, 0, None) / 11))
    contours = tuple(ellipse(64, 45, 16 * share, 28 * share) for share in slow)
    window.workspace.do(SetTrack(endo.replaced(0, contours, endo.origins)))
    view.later.pass_on()
    assert offered(view) == ["ED", ("Volume curve: frame 1", True), ("ECG: frame 3", False)]
    press(qtbot, view, "ECG: frame 3")
    assert window.workspace.reading.events.beats[0].ed == 2
    assert offered(view)[-1] == ("ECG: frame 3", True)


def test_an_ecg_that_contradicts_the_curve_is_refused_with_the_reason(open_window):
    window = open_window([replace(cine(24), ecg=ecg(0.3))])
    assert offered(window.reading.curve) == ["ECG not used: the R wave of beat 1 is 300 ms from the fullest frame."]
    assert window.workspace.reading.events.beats[0].ed == 0


def test_an_ecg_that_agrees_takes_no_room(open_window):
    window = open_window([replace(cine(24), ecg=ecg(0.02))])
    assert offered(window.reading.curve) == []


def test_ed_moved_off_the_largest_volume_is_offered_beside_the_curves(window, qtbot):
    view, workspace = window.reading.curve, window.workspace
    assert workspace.do(SetEvents(CardiacEvents((Beat(3, 5),), Origin.EDITED)))
    assert offered(view) == ["ED", ("Volume curve: frame 1", False), ("As marked: frame 4", True)]
    press(qtbot, view, "Volume curve: frame 1")
    assert workspace.reading.events.beats == (Beat(0, 5),)
    assert offered(view) == []
