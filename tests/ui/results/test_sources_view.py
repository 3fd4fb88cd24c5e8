import pytest

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin
from kinecor.session.edits import SetEvents
from tests.ui.settled import settle
from tests.ui.study.test_study_list import of


@pytest.fixture
def opened(open_window):
    """Three loops of two views, with the section unfolded; and the section."""
    window = open_window([of("Doe", "1.1", 1, "A4C"), of("Doe", "1.1", 2, "A2C"), of("Doe", "1.1", 3, "A2C")])
    panel = window.reading.results
    panel.folds["Views and beats"].head.setChecked(True)
    return window, panel.sources


def test_a_recording_is_left_out_and_another_one_chosen(opened):
    window, view = opened
    assert view.used.text().startswith("Biplane volumes: A4C (beat 1), A2C (beat 1)")
    assert [box.text() for box in view.recordings.values()] == ["A4C  1.dcm", "A2C  2.dcm", "A2C  3.dcm"]
    view.recordings["9.2"].click()
    assert window.workspace.study.reading.sources.left_out == ("9.2",)
    choice = view.views["A2C"]
    choice.setCurrentIndex(choice.findData("9.2"))
    choice.activated.emit(choice.currentIndex())
    sources = window.workspace.study.reading.sources
    assert (sources.chosen, sources.left_out) == ((("A2C", "9.2"),), ())
    assert "another recording or stage counts" in view.recordings["9.3"].text()
    view.recordings["9.1"].click()
    settle(window)
    assert view.used.text().startswith("GLS" if "GLS" in view.used.text() else "No result")
    window.workspace.history.undo()
    assert view.recordings["9.1"].isChecked()


def test_beats_are_left_out_but_for_the_last(opened):
    window, view = opened
    assert not view.mean.isVisible()
    beats = tuple(Beat(at, at + 1) for at in (0, 3, 6, 9))
    window.workspace.do(SetEvents(CardiacEvents(beats, Origin.EDITED)))
    settle(window)
    assert [box.text().split("\n")[0] for box in view.beats.values()][:2] == [
        "Beat 1: ED 1, ES 2",
        "Beat 2: ED 4, ES 5",
    ]
    assert "of 4 beats" in view.mean.text() or not view.mean.text()
    view.beats[1].click()
    assert window.workspace.saved.beats.excluded == (3,)
    view.index_beat.click()
    settle(window)
    assert window.workspace.saved.beats.index_beat
    assert not any(box.isEnabled() for box in view.beats.values())
    view.index_beat.click()
    assert window.workspace.saved.beats.excluded == (3,)
    view.beats[0].click()
    view.beats[2].click()
    assert not view.beats[3].isEnabled()
