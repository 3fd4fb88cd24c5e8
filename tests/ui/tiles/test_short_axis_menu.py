"""Outlining a parasternal short axis by hand, in the window."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from kinecor.core.table.table import measurements
from kinecor.core.values.message import message
from kinecor.core.values.reading import View
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetView
from kinecor.ui.study.panel import VIEWS
from kinecor.ui.tiles.menus import PROPAGATE
from tests.readings import cine
from tests.ui.conftest import Proposal

ENDO, EPI = Structure.LV_ENDO, Structure.LV_EPI
MIDDLE = QPointF(300, 250)


def withheld(recording, reading, tick):
    """Proposes what an analysis returns for a short axis: nothing."""
    from kinecor.session.edits import SetWithheld

    return Proposal(SetWithheld(message("contours need an apical view")), "model:x@1")


@pytest.fixture
def psax(open_window):
    return stopped(open_window([replace(cine(12), view="PSAX")], propose=withheld))


def stopped(window):
    """At the first frame: a loop plays once it is opened."""
    window.player.pause()
    window.player.seek(0)
    return window


def entries(window, at=MIDDLE):
    window.reading.menu.fill(at)
    return {action.text(): action for action in window.reading.menu.actions() if action.text()}


def test_without_a_scale_the_first_outline_has_the_usual_size_of_a_heart_in_the_image(open_window):
    window = stopped(open_window([replace(cine(12, calibrated=False), view="PSAX")], propose=withheld))
    entries(window)["Trace LV endocardium here"].trigger()
    saved = window.workspace.saved
    share = np.ptp(saved.tracks[ENDO].contours[0].points[:, 1]) / saved.facts.rows
    assert 0.2 < share < 0.35


def test_cavity_and_wall_are_outlined_about_one_middle(psax):
    assert PROPAGATE not in entries(psax)
    entries(psax)["Trace LV endocardium here"].trigger()
    entries(psax, QPointF(380, 250))["Trace LV epicardium here"].trigger()
    saved = psax.workspace.saved
    assert saved.withheld is None
    inner, outer = (saved.tracks[one].contours[0] for one in (ENDO, EPI))
    np.testing.assert_allclose(inner.centroid, outer.centroid, atol=1e-6)
    assert outer.area_px2 > inner.area_px2
    assert saved.tracks[ENDO].origins[0] is Origin.TEMPLATE
    assert PROPAGATE in entries(psax)
    assert "left atrium" not in " ".join(entries(psax))
    row = next(row for row in measurements(saved) if row.code == "GCS")
    assert "ED and ES" in row.note


def test_the_insertion_is_marked_and_taken_back(psax):
    entries(psax)["Trace LV endocardium here"].trigger()
    cavity = psax.workspace.saved.tracks[ENDO].contours[0]
    x, y = psax.image.viewport.to_widget(float(cavity.centroid[0]), float(cavity.centroid[1]) - 20)
    entries(psax, QPointF(x, y))["Set anterior RV insertion here"].trigger()
    assert psax.workspace.saved.short_axis.insertion.angle_deg == pytest.approx(90, abs=0.5)
    entries(psax)["Anterior RV insertion: default"].trigger()
    assert psax.workspace.saved.short_axis.insertion is None


def test_an_outline_is_dragged_as_a_closed_contour(psax):
    entries(psax)["Trace LV endocardium here"].trigger()
    contour = psax.workspace.saved.tracks[ENDO].contours[0]
    grab = psax.image._grab(psax.workspace.saved, tuple(contour.points[0].tolist()))
    assert grab.closed
    assert not psax.workspace.saved.time_axis.periodic
    assert not grab.hinge


def test_levels_can_be_chosen(psax):
    assert {"PSAX", "PSAX base", "PSAX mid", "PSAX apex"} <= set(VIEWS)
    psax.workspace.do(SetView(View("PSAX apex", None, "Dr Grey")))
    assert "Trace LV endocardium here" in entries(psax)
