"""Steps that would discard a reader's work, or the analysis, ask first."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMessageBox

from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.message import message
from kinecor.core.values.reading import View
from kinecor.core.values.recording import Stage
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetView, SetWithheld
from kinecor.ui.workspace.corrections import corrections
from tests import stacks
from tests.readings import BY, cine
from tests.ui.conftest import Proposal, beating
from tests.ui.mouse import drag
from tests.ui.tiles.test_image_view import wall


def asked(window):
    return next(iter(window.findChildren(QMessageBox)), None)


def press(window, text, qtbot):
    button = next(one for one in asked(window).buttons() if one.text().replace("&", "").startswith(text))
    button.click()
    qtbot.waitUntil(lambda: not window.busy)


def edited(window):
    return [frame for frame, one in enumerate(endo(window).origins) if one is Origin.EDITED]


def endo(window):
    return window.workspace.reading.tracks[Structure.LV_ENDO]


def test_without_corrections_analysing_again_asks_nothing(window, qtbot):
    window.actions_by_name["analyse"].trigger()
    assert asked(window) is None
    qtbot.waitUntil(lambda: not window.busy)


def test_corrections_are_kept_by_default_when_analysed_again(window, qtbot):
    drag(window.image, *wall(window))
    frames, before = edited(window), endo(window)
    assert frames
    window.actions_by_name["analyse"].trigger()
    box = asked(window)
    assert "LV endocardium on" in box.informativeText()
    assert box.defaultButton().text() == "Keep my corrections"
    press(window, "Keep", qtbot)
    assert edited(window) == frames
    assert all(endo(window).contours[one] is before.contours[one] for one in frames)
    assert [one.summary for one in window.workspace.history.entries()][-1] == "corrections kept, other frames follow"
    # They steer the new contours of all other frames.
    assert set(endo(window).origins) == {Origin.EDITED, Origin.TRACKED}
    assert window.workspace.history.entries()[-1].actor == "Dr Grey"
    window.workspace.history.undo()
    window.workspace.history.undo()
    assert edited(window) == frames


@pytest.mark.parametrize(("answer", "left"), [("Replace", False), ("Cancel", True)])
def test_corrections_are_replaced_only_where_the_reader_says_so(window, qtbot, answer, left):
    drag(window.image, *wall(window))
    window.actions_by_name["analyse"].trigger()
    press(window, answer, qtbot)
    assert bool(edited(window)) is left


def test_what_was_corrected_in_a_stack(open_window):
    window = open_window([stacks.stack()])
    assert corrections(window.workspace.saved) is None
    window.grid.choose(3)
    window.actions_by_name["base_all"].trigger()
    found = corrections(window.workspace.saved)
    assert found.words == ("basal and apical slice",)


def refused(recording, reading, tick):
    if reading.view is None or reading.view.label not in APICAL_VIEWS:
        return Proposal(SetWithheld(message("contours need an apical view")), BY)
    proposal = beating(recording, reading, tick)
    return Proposal(replace(proposal.edit, edits=(*proposal.edit.edits, SetWithheld(None))), BY)


def test_naming_the_view_of_a_refused_clip_analyses_it(open_window, qtbot):
    window = open_window([replace(cine(), view="PLAX")], propose=refused)
    assert not window.workspace.reading.tracks
    window.reading.header.choose_view("A5C")
    assert not window.analysing.busy
    window.reading.header.choose_view("A2C")
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.reading.tracks
    assert window.workspace.reading.withheld is None
    window.workspace.history.undo()
    window.workspace.history.undo()
    window.workspace.history.redo()
    assert not window.analysing.busy, "undo and redo analyse nothing"
    assert window.actions_by_name["redo"].isEnabled()


def test_views_named_by_their_numbers_are_analysed(open_window, qtbot):
    made = cine()
    sources = [
        replace(made.source, recording_id=name, study_id="1.2", stage=Stage(name, at), view_number=3)
        for at, name in enumerate(("Rest", "Peak"), start=1)
    ]
    window = open_window([replace(made, view="", source=one) for one in sources], propose=refused)
    window.reading.header.choose_view("A4C")
    qtbot.waitUntil(lambda: not window.busy)
    other = window.workspace.opened.recordings[1]
    assert not window.workspace.opened.saved_reading(other).tracks
    window.study_forms.name_views()
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.opened.saved_reading(other).tracks


def test_a_view_named_of_a_clip_that_is_measured_changes_no_contour(window):
    before = window.workspace.reading.tracks
    window.reading.header.choose_view("A2C")
    assert not window.analysing.busy
    assert window.workspace.reading.tracks is before
    assert window.workspace.history.entries()[-1].summary == SetView(View("A2C", None, "")).summary
