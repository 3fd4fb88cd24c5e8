"""MAPSE and TAPSE of outlines whose hinge points move by known ways."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.table.loop_inputs import annulus_inputs
from kinecor.core.table.measures import Source
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import View, first_reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.readings import cine

FRAMES, ES = 8, 4
MM = 1.5


def arch(middle_px, base_px, width_px=40.0, height_px=60.0, turned=False):
    """A half ellipse over a horizontal annulus at row `base_px`, its apex at a fixed row above."""
    angles = np.linspace(np.pi, 0, 41)
    apex_row = 90.0 - height_px
    rows = base_px - (base_px - apex_row) * np.sin(angles)
    points = np.stack([middle_px + width_px / 2 * np.cos(angles), rows], axis=1)
    return Contour(points[::-1] if turned else points)


def track(structure, contours, origin):
    return ContourTrack(structure, tuple(contours), (origin,) * FRAMES, np.full(FRAMES, 0.95))


def reading(*, way_px, origin=Origin.EDITED, right_px=None, view="A4C", modality="MR"):
    one = cine(FRAMES)
    one = replace(
        one, calibration=Calibration(MM, MM, "test"), source=replace(one.source, modality=modality), region=None
    )
    bases = [90.0 - (way_px if frame == ES else 0) for frame in range(FRAMES)]
    # An outline may be drawn in the other direction: the same hinge points are compared all the same.
    endo = [arch(120.0, base, turned=frame == ES) for frame, base in enumerate(bases)]
    tracks = {Structure.LV_ENDO: track(Structure.LV_ENDO, endo, origin)}
    if right_px is not None:
        contours = [arch(60.0, 90.0 - (right_px if frame == ES else 0)) for frame in range(FRAMES)]
        tracks[Structure.RV] = track(Structure.RV, contours, Origin.EDITED)
    events = CardiacEvents((Beat(0, ES),), Origin.MODEL)
    return first_reading(one).with_(tracks=tracks, events=events, view=View(view, None, "header"))


def test_mapse_is_the_way_of_the_hinge_points_along_the_long_axis():
    found = annulus_inputs(reading(way_px=8.0))[Source.MAPSE]
    assert found.value == pytest.approx(8 * MM, abs=1e-6)


def test_a_networks_hinge_points_are_not_enough():
    found = annulus_inputs(reading(way_px=8.0, origin=Origin.MODEL))[Source.MAPSE]
    assert found.value is None
    assert "correct or confirm" in found.withheld


def test_tapse_is_that_of_the_lateral_hinge_point_of_the_right_ventricle():
    found = annulus_inputs(reading(way_px=8.0, right_px=14.0))[Source.TAPSE]
    assert found.value == pytest.approx(14 * MM, abs=1e-6)
    without = annulus_inputs(reading(way_px=8.0))[Source.TAPSE]
    assert "trace it at ED and ES" in without.withheld


def test_other_views_and_echo_have_neither():
    assert Source.TAPSE not in annulus_inputs(reading(way_px=8.0, view="A2C"))
    assert annulus_inputs(reading(way_px=8.0, view="A3C")) == {}
    assert annulus_inputs(reading(way_px=8.0, modality="US")) == {}
