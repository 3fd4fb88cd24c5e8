from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin
from kinecor.session.edits import SetEvents
from tests.stacks import stack
from tests.ui.mouse import pull_flag


def frame_of(window):
    return window.reading.curve.plot.flags[0, "avc"]


def marked(window, frame=8):
    window.player.seek(frame)
    window.actions_by_name["set_avc"].trigger()
    return window


def test_the_key_marks_the_frame_on_screen_and_takes_the_mark_off_again(window):
    entries = len(window.workspace.history.entries())
    marked(window)
    reading = window.workspace.saved
    assert reading.valve_closures == (8,)
    assert reading.authors["valve_closures"] == "Dr Grey"
    assert frame_of(window) == 8
    assert window.workspace.history.entries()[-1].summary == "AVC frame 9"
    marked(window, 9)
    assert window.workspace.saved.valve_closures == (9,)
    window.workspace.history.undo()
    assert frame_of(window) == 8
    marked(window)
    assert window.workspace.saved.valve_closures == ()
    assert not [mark for _, mark in window.reading.curve.plot.flags if mark == "avc"]
    assert len(window.workspace.history.entries()) == entries + 4


def test_without_a_mark_the_key_says_how_to_make_one(window):
    at = window.player.frame
    window.actions_by_name["avc"].trigger()
    assert "press Alt+V" in window.banner.words.text()
    assert window.player.frame == at


def test_the_mark_is_gone_to(window):
    marked(window)
    window.player.seek(1)
    window.actions_by_name["avc"].trigger()
    assert window.player.frame == 8


def test_the_line_is_dragged_between_the_eds_and_written_on_release(window):
    marked(window)
    entries, times_s = len(window.workspace.history.entries()), window.workspace.saved.facts.times_s
    pull_flag(window.reading.curve, (0, "avc"), times_s[5] + 0.004, done=False)
    assert window.workspace.reading.valve_closures == (5,)
    assert window.workspace.saved.valve_closures == (8,)
    assert window.player.frame == 5
    pull_flag(window.reading.curve, (0, "avc"), times_s[5] + 0.004)
    assert window.workspace.saved.valve_closures == (5,)
    assert len(window.workspace.history.entries()) == entries + 1
    pull_flag(window.reading.curve, (0, "avc"), -1.0)
    assert window.workspace.saved.valve_closures == (1,)


def test_no_mark_before_the_ed_nor_in_a_stack(window, open_window):
    window.workspace.do(SetEvents(CardiacEvents((Beat(4, 6),), Origin.EDITED)))
    marked(window, 4)
    assert window.workspace.saved.valve_closures == ()
    assert "frame 5 is not" in window.banner.words.text()
    other = open_window([stack()])
    other.actions_by_name["set_avc"].trigger()
    assert "not in a stack" in other.banner.words.text()


def test_valve_closure_is_named_on_the_image(window):
    window.player.seek(8)
    before = window.image.grab().toImage()
    marked(window)
    assert window.image.grab().toImage() != before


def test_an_ed_beyond_valve_closure_is_refused_with_the_reason(window):
    marked(window, 2)
    before, entries = window.workspace.saved.events, len(window.workspace.history.entries())
    pull_flag(window.reading.curve, (0, "ed"), window.workspace.saved.facts.times_s[4])
    assert window.workspace.saved.events is before
    assert len(window.workspace.history.entries()) == entries
    assert "Aortic valve closure at frame 3 would not lie between the ED of a beat" in window.banner.words.text()
    assert window.reading.curve.plot.flags[0, "ed"] == before.beats[0].ed


def test_setting_ed_after_es_ends_the_beat_and_leaves_its_ed(window):
    curve, before = window.reading.curve, window.workspace.saved.events
    frame = before.beats[0].es + 4
    window.player.seek(frame)
    window.actions_by_name["set_ed"].trigger()
    events = window.workspace.saved.events
    assert events.beats == before.beats
    assert events.closing_ed == frame
    assert curve.plot.flags[1, "ed"] == frame
    assert f"next ED frame {frame + 1}" in window.workspace.history.entries()[-1].summary
    pull_flag(curve, (1, "ed"), window.workspace.saved.facts.times_s[frame - 1] + 0.002)
    assert window.workspace.saved.events.closing_ed == frame - 1
    window.workspace.history.undo()
    assert curve.plot.flags[1, "ed"] == frame
    window.workspace.history.undo()
    assert window.workspace.saved.events == before


def test_undoing_ed_goes_back_to_the_frame_that_ed_is_at_again(window):
    before = window.workspace.saved.events.beats[0]
    window.player.seek(before.es - 1)
    window.actions_by_name["set_ed"].trigger()
    assert window.workspace.saved.events.beats[0].ed == before.es - 1 == window.player.frame
    window.workspace.history.undo()
    assert window.workspace.saved.events.beats[0] == before
    assert window.player.frame == before.ed
    assert [frame for (_, mark), frame in window.reading.curve.plot.flags.items() if mark == "es"] == [before.es]
    # Who looks at another frame stays there.
    window.workspace.history.redo()
    window.player.seek(before.es + 2)
    window.workspace.history.undo()
    assert window.player.frame == before.es + 2
