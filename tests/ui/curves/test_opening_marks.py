from kinecor.core.cycle.filling import Onset, onsets_of_filling
from kinecor.core.volumes.loop_volumes import cavity
from kinecor.ui.curves import event_flags
from tests.ui.mouse import pull_flag


def put(window, name, frame):
    window.player.seek(frame)
    window.actions_by_name[name].trigger()


def test_the_key_marks_the_frame_on_screen_and_takes_the_mark_off_again(window):
    es = window.workspace.saved.events.beats[0].es
    put(window, "set_mvo", es + 2)
    assert window.workspace.saved.valve_openings == (es + 2,)
    assert window.workspace.history.entries()[-1].summary == f"MVO frame {es + 3}"
    assert window.reading.curve.plot.flags[0, "mvo"] == es + 2
    put(window, "set_mvo", es + 2)
    assert window.workspace.saved.valve_openings == ()
    assert window.workspace.history.entries()[-1].summary == "MVO removed"


def test_before_es_it_is_refused_with_the_reason(window):
    es = window.workspace.saved.events.beats[0].es
    put(window, "set_mvo", es - 2)
    assert window.workspace.saved.valve_openings == ()
    assert f"frame {es - 1} is not" in window.banner.words.text()


def test_a_closure_beyond_it_is_refused(window):
    es = window.workspace.saved.events.beats[0].es
    put(window, "set_mvo", es + 2)
    put(window, "set_avc", es + 3)
    assert window.workspace.saved.valve_closures == ()
    assert f"opening at frame {es + 3}" in window.banner.words.text()


def test_without_a_mark_the_key_says_how_to_make_one_and_with_one_goes_there(window):
    window.actions_by_name["mvo"].trigger()
    assert "press Alt+O" in window.banner.words.text()
    es = window.workspace.saved.events.beats[0].es
    put(window, "set_mvo", es + 1)
    window.player.seek(0)
    window.actions_by_name["mvo"].trigger()
    assert window.player.frame == es + 1


def test_the_line_is_dragged_no_farther_than_the_frame_after_es_and_the_reason_is_said(window):
    es, times_s = window.workspace.saved.events.beats[0].es, window.workspace.saved.facts.times_s
    put(window, "set_mvo", es + 3)
    pull_flag(window.reading.curve, (0, "mvo"), times_s[es + 2])
    assert window.workspace.saved.valve_openings == (es + 2,)
    assert window.status.currentMessage() == ""
    pull_flag(window.reading.curve, (0, "mvo"), -1.0)
    assert window.workspace.saved.valve_openings == (es + 1,)
    assert window.status.currentMessage().endswith(f"it was set to frame {es + 2}.")


def test_the_onset_by_the_volume_curve_is_marked_with_its_doubt_or_the_reason_is_said(window):
    found = onsets_of_filling(window.workspace.saved, cavity(window.workspace.saved))
    window.actions_by_name["find_mvo"].trigger()
    said = window.banner.words.text()
    if found:
        assert window.workspace.saved.valve_openings == tuple(sorted(one.frame for one in found.values()))
        assert f"±{round(1000 * found[min(found)].doubt_s)} ms" in said
    else:
        assert window.workspace.saved.valve_openings == ()
        assert "no clear onset" in said


def test_what_was_said_of_the_volume_curve_goes_when_the_mark_is_set_by_hand(window, monkeypatch):
    es = window.workspace.saved.events.beats[0].es
    onset = Onset(es + 2, float(window.workspace.saved.facts.times_s[es + 2]), 0.02)
    monkeypatch.setattr(event_flags, "onsets_of_filling", lambda *_: {0: onset})
    window.banner.show_message("another")
    window.actions_by_name["find_mvo"].trigger()
    assert "by the volume curve" in window.banner.words.text()
    put(window, "set_mvo", es + 3)
    assert window.banner.messages == ["another"]
