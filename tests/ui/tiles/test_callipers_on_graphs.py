"""Callipers drawn with the mouse on a spectrum and on an M-mode."""

import math
from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.table.linear_inputs import integral_cm
from kinecor.core.values.graph import Graph
from kinecor.core.values.recording import Region
from kinecor.core.values.series import Series
from kinecor.session.edits import SetCalliper
from kinecor.ui.tiles.callipers import drawn_shape, image_of, next_name, offered_names
from kinecor.ui.tiles.readout import graph_words
from tests.readings import cine
from tests.ui.mouse import drag, move, press, release

SPECTRUM = Graph("spectral", Region(0, 0, 120, 80), 0.004, -2.0, 60.0)
STRIP = Graph("m-mode", Region(0, 0, 120, 80), 0.004, 0.5)
PEAK, DOWN = (30.0, 20.0), (40.0, 40.0)


def of_kind(kind, graph):
    made = cine()
    return replace(made, graphs=(graph,), source=replace(made.source, series=Series(kind=kind)))


@pytest.fixture
def spectrum(open_window):
    return open_window([of_kind("pw-doppler", SPECTRUM)])


def choose(tool, word):
    entry = next(one for one in tool.names.actions() if one.text().startswith(word))
    tool.names.hide()
    entry.trigger()


def click(widget, at_px):
    press(widget, at_px)
    release(widget, at_px)


def offered(tool):
    return [one.text().split("   ")[0] for one in tool.names.actions() if one.text()]


def test_a_click_measures_a_velocity_and_the_next_is_awaited(spectrum):
    tool = spectrum.reading.callipers
    spectrum.actions_by_name["calliper_distance"].trigger()
    click(spectrum.image, PEAK)
    assert offered(tool)[:3] == ["E", "A", "Velocity 1"]
    choose(tool, "E ")
    one = spectrum.workspace.reading.callipers["E"]
    assert (one.shape, one.points[0]) == ("point", pytest.approx(PEAK, abs=0.3))
    assert tool.shape == "distance"
    assert spectrum.workspace.reading.authors["callipers/E"]
    click(spectrum.image, DOWN)
    assert offered(tool)[0] == "A"
    spectrum.workspace.history.undo()
    assert "E" not in spectrum.workspace.reading.callipers


def test_a_drag_measures_the_time_of_a_slope(spectrum):
    tool = spectrum.reading.callipers
    tool.start("distance")
    drag(spectrum.image, PEAK, DOWN)
    assert offered(tool)[0] == "DT"
    choose(tool, "DT ")
    one = spectrum.workspace.reading.callipers["DT"]
    assert one.shape == "slope"
    assert tool.shape == "distance"  # E and A are missing still
    tool.stop()
    press(spectrum.image, DOWN)
    move(spectrum.image, (45.0, 40.0))
    release(spectrum.image, (45.0, 40.0))
    assert spectrum.workspace.reading.callipers["DT"].points[1][0] == pytest.approx(45.0, abs=0.3)


def test_velocities_are_drawn(spectrum):
    before = spectrum.image.grab().toImage()
    spectrum.workspace.do(SetCalliper("E", spectrum.player.frame, (PEAK,), "point"))
    assert spectrum.image.grab().toImage() != before


def test_contours_have_no_place_on_a_graph(spectrum):
    kind = spectrum.workspace.reading.kind
    assert kind.structures == ()
    assert not kind.view_only
    assert not kind.automatic


def test_an_m_mode_offers_what_is_measured_on_one(open_window):
    window = open_window([of_kind("m-mode", STRIP)])
    tool = window.reading.callipers
    tool.start("distance")
    drag(window.image, PEAK, (32.0, 60.0))
    assert offered(tool)[:2] == ["IVSd", "LVIDd"]
    assert "TAPSE" in offered(tool)
    choose(tool, "TAPSE")
    assert window.workspace.reading.callipers["TAPSE"].shape == "distance"


def test_what_is_offered_beside_the_graph_is_that_of_the_view(spectrum):
    reading = spectrum.workspace.reading
    beside = reading.with_(facts=replace(reading.facts, graphs=(replace(SPECTRUM, region=Region(0, 50, 120, 80)),)))
    assert drawn_shape(beside, "distance", [(10.0, 10.0)]) == "distance"
    assert drawn_shape(beside, "distance", [(10.0, 60.0)]) == "point"
    assert drawn_shape(beside, "area", [(10.0, 60.0)]) == "area"
    assert image_of(beside, [(10.0, 60.0)]) == "PW Doppler"
    assert next_name(beside, "slope", [(10.0, 60.0)]) == "DT"
    assert offered_names(beside, "slope", [(10.0, 60.0)]) == ("DT", "Slope 1")


def test_the_readout_says_velocity_and_time():
    assert graph_words((SPECTRUM,), (50.0, 20.0), None) == "80.0 cm/s   0.200 s"
    assert graph_words((SPECTRUM,), (50.0, 20.0), (25.0, 30.0)).endswith("100 ms from the last click")
    assert graph_words((STRIP,), (50.0, 20.0), (25.0, 30.0)) == "0.200 s   5.0 mm, 100 ms from the last click"
    assert graph_words((STRIP,), (500.0, 20.0), None) == ""


def hill(count=40):
    """An envelope of 60 cm/s from x = 20 to x = 70."""
    return [(20.0 + 50 * share, 60.0 - 30 * math.sin(math.pi * share)) for share in np.linspace(0, 1, count).tolist()]


def draw(widget, points):
    press(widget, points[0])
    for point in points[1:]:
        move(widget, point)
    release(widget, points[-1])


def test_an_envelope_is_drawn_in_one_stroke_and_named(spectrum):
    tool = spectrum.reading.callipers
    spectrum.actions_by_name["calliper_trace"].trigger()
    assert spectrum.actions_by_name["calliper_trace"].isChecked()
    draw(spectrum.image, hill())
    assert offered(tool)[:2] == ["LVOT VTI", "VTI 1"]
    choose(tool, "LVOT VTI")
    one = spectrum.workspace.reading.callipers["LVOT VTI"]
    assert one.shape == "trace"
    assert len(one.points) < 20  # each can be dragged
    expected_cm = 60 * 50 * 0.004 * 2 / math.pi
    assert integral_cm(spectrum.workspace.reading, one) == pytest.approx(expected_cm, rel=0.02)
    assert spectrum.workspace.reading.authors["callipers/LVOT VTI"]
    assert tool.shape == ""
    spectrum.workspace.history.undo()
    assert "LVOT VTI" not in spectrum.workspace.reading.callipers
    spectrum.workspace.history.redo()
    assert "LVOT VTI" in spectrum.workspace.reading.callipers


def test_an_envelope_is_clicked_and_ended_at_its_last_point(spectrum):
    tool = spectrum.reading.callipers
    tool.start("trace")
    for point in ((20.0, 60.0), (45.0, 30.0), (70.0, 60.0)):
        click(spectrum.image, point)
    assert not offered(tool)
    click(spectrum.image, (70.0, 60.0))
    choose(tool, "LVOT VTI")
    one = spectrum.workspace.reading.callipers["LVOT VTI"]
    assert integral_cm(spectrum.workspace.reading, one) == pytest.approx(60 * 50 * 0.004 / 2, rel=0.02)
    press(spectrum.image, (45.0, 30.0))
    move(spectrum.image, (45.0, 20.0))
    release(spectrum.image, (45.0, 20.0))
    one = spectrum.workspace.reading.callipers["LVOT VTI"]
    assert integral_cm(spectrum.workspace.reading, one) == pytest.approx(80 * 50 * 0.004 / 2, rel=0.02)


def test_a_trace_stays_in_the_spectrum_that_it_began_in(open_window):
    window = open_window([of_kind("pw-doppler", replace(SPECTRUM, region=Region(0, 10, 120, 80)))])
    tool = window.reading.callipers
    tool.start("trace")
    draw(window.image, [(20.0, 60.0), (30.0, 30.0), (45.0, 2.0), (60.0, 30.0), (70.0, 60.0)])
    choose(tool, "LVOT VTI")
    one = window.workspace.reading.callipers["LVOT VTI"]
    assert min(y for _, y in one.points) == 9.5
    assert integral_cm(window.workspace.reading, one)


def test_a_trace_needs_a_spectrum_with_a_scale(open_window):
    window = open_window([of_kind("m-mode", STRIP)])
    said = []
    window.workspace.notices.message.connect(said.append)
    window.workspace.notices.remark.connect(said.append)
    window.reading.callipers.start("trace")
    assert window.reading.callipers.shape == ""
    assert any("spectrum" in words for words in said)


def test_an_envelope_is_drawn_on_the_image(spectrum):
    before = spectrum.image.grab().toImage()
    spectrum.workspace.do(SetCalliper("LVOT VTI", spectrum.player.frame, tuple(hill()), "trace"))
    assert spectrum.image.grab().toImage() != before
