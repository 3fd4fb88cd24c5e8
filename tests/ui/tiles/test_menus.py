from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF

from kinecor.core.table.table import measurements
from kinecor.core.values.geometry import Plane
from kinecor.core.values.message import message
from kinecor.core.values.reading import View
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetView, SetWithheld
from kinecor.ui.tiles.menus import CONFIRM, CONFIRM_HERE, PROPAGATE
from kinecor.ui.workspace.jobs import TRACE_FIRST
from tests import stacks
from tests.readings import cine

ENDO, EPI = Structure.LV_ENDO, Structure.LV_EPI
MIDDLE = QPointF(300, 250)


@pytest.fixture
def analysed(open_window):
    """A window on a long axis of cine MRI with contours of a model."""
    one = cine(12)
    plane = Plane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
    window = open_window([replace(one, view="A4C", plane=plane, source=replace(one.source, modality="MR"))])
    # A loop plays once it is open: on a slow machine it would go on between two menus.
    window.player.pause()
    window.player.seek(0)
    return window


@pytest.fixture
def mri(analysed):
    """The same with its contours removed."""
    entries(analysed)["Remove all contours"].trigger()
    assert analysed.workspace.saved.tracks == {}
    return analysed


def entries(window):
    window.reading.menu.fill(MIDDLE)
    return {action.text(): action for action in window.reading.menu.actions() if action.text()}


def test_outlines_are_drawn_at_ed_and_taken_to_es(mri):
    assert mri.workspace.saved.tracks == {}
    entries(mri)["Trace LV endocardium here"].trigger()
    entries(mri)["Trace LV epicardium here"].trigger()
    saved = mri.workspace.saved
    assert saved.tracks[ENDO].origins[0] is Origin.TEMPLATE
    assert saved.tracks[EPI].contours[0].area_px2 > saved.tracks[ENDO].contours[0].area_px2
    mri.player.seek(6)
    assert saved.tracks[ENDO].contours[6] is None
    entries(mri)["Copy contours from frame 1"].trigger()
    after = mri.workspace.saved
    assert after.tracks[ENDO].contours[6] == after.tracks[ENDO].contours[0]
    assert after.tracks[EPI].contours[6] is not None
    assert "Copy contours from frame 1" not in entries(mri)
    entries(mri)["Remove contours of this frame"].trigger()
    assert mri.workspace.saved.tracks[ENDO].contours[6] is None
    entries(mri)["Remove all contours"].trigger()
    assert mri.workspace.saved.tracks == {}


def test_a_withheld_reading_is_measured_once_something_is_outlined(mri):
    mri.workspace.do(SetWithheld(message("nothing is outlined")))
    entries(mri)["Trace LV endocardium here"].trigger()
    assert mri.workspace.saved.withheld is None
    mri.workspace.history.undo()
    assert mri.workspace.saved.withheld == "nothing is outlined"


def test_carrying_needs_two_frames_and_says_so(mri, qtbot):
    entries(mri)[PROPAGATE].trigger()
    assert mri.banner.messages == [TRACE_FIRST]
    entries(mri)["Trace LV endocardium here"].trigger()
    mri.player.seek(6)
    entries(mri)["Copy contours from frame 1"].trigger()
    entries(mri)[PROPAGATE].trigger()
    assert not mri.analysing.busy, "initial contours are no drawn ones"
    for frame in (0, 6):
        mri.player.seek(frame)
        entries(mri)[CONFIRM].trigger()
    assert CONFIRM not in entries(mri)
    entries(mri)[PROPAGATE].trigger()
    assert mri.analysing.busy
    qtbot.waitUntil(lambda: not mri.busy)
    assert all(mri.workspace.saved.tracks[ENDO].contours)


def test_contours_of_a_network_are_confirmed_as_they_are(analysed):
    mri = analysed
    before = mri.workspace.saved.tracks[ENDO]
    assert before.origins[3] is Origin.MODEL
    mri.player.seek(3)
    assert PROPAGATE not in entries(mri)
    entries(mri)[CONFIRM_HERE].trigger()
    after = mri.workspace.saved.tracks[ENDO]
    assert after.origins[3] is Origin.EDITED
    assert after.contours[3] == before.contours[3]
    assert mri.workspace.saved.authors["tracks/lv_endo/edited"] == "Dr Grey"
    assert CONFIRM_HERE not in entries(mri)
    mri.workspace.history.undo()
    assert mri.workspace.saved.tracks[ENDO].origins[3] is Origin.MODEL


def test_a_slice_without_a_name_explains_how_to_become_a_long_axis(mri):
    mri.workspace.do(SetView(View("unknown", None, "Dr Grey")))
    assert PROPAGATE not in entries(mri)
    mri.actions_by_name["analyse"].trigger()
    assert "choose its view" in mri.banner.messages[-1]
    assert measurements(mri.workspace.saved) == ()


def test_the_menu_of_a_loop_begins_with_ed_es_and_undo(mri):
    mri.reading.menu.fill(MIDDLE)
    names = ("set_ed", "set_es", "undo")
    assert mri.reading.menu.actions()[:3] == [mri.actions_by_name[one] for one in names]


def test_a_stack_has_a_separate_menu(open_window):
    window = open_window([stacks.stack()])
    assert window.reading.menu.fill(MIDDLE) is False
