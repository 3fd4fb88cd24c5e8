"""Strain of Readings whose walls shorten by a known share."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.strain.wall_strain import wall_strain, why_no_strain
from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.track import ContourTrack, Origin, Structure

FRAMES, STEP_S = 41, 0.04


def arch(scale, thickness, count=90):
    """Half an ellipse open below about (150, 200), hinge points at its lower ends, right end first."""
    turn = np.linspace(2 * np.pi, np.pi, count)
    x, y = (40 + thickness) * np.cos(turn), (110 + thickness) * np.sin(turn)
    return np.array([150.0, 200.0]) + scale * np.stack([x, y], axis=1)


def beating(short=0.2, frames=FRAMES):
    return 1 - short * (1 - np.cos(2 * np.pi * np.arange(frames) / 20)) / 2


def track(structure, thickness, scale):
    contours = tuple(Contour(arch(one, thickness)) for one in scale)
    return ContourTrack(structure, contours, (Origin.MODEL,) * len(scale), np.full(len(scale), 0.9))


def reading(scale=None, view="A4C", **changes):
    scale = beating() if scale is None else scale
    n = len(scale)
    tracks = {s: track(s, t, scale) for s, t in ((Structure.LV_ENDO, 0.0), (Structure.LV_EPI, 10.0))}
    return Reading(
        Facts("r", 260, 300, np.arange(n) * STEP_S, "FrameTime"),
        view=View(view, 0.9, "test"),
        tracks=tracks,
        events=CardiacEvents((Beat(0, 10), Beat(20, 30)), Origin.MODEL),
    ).with_(**changes)


def test_a_wall_that_shortens_by_a_fifth():
    found = wall_strain(reading())
    assert found is not None
    assert found.why is None
    assert found.whole.end_systolic == pytest.approx(-20, abs=0.1)
    np.testing.assert_allclose(found.global_percent[[0, 10, 20, 30]], [0, -20, 0, -20], atol=0.1)
    assert found.points_px.shape == (FRAMES, 120, 2)
    assert found.points_px[0, 0, 0] < found.points_px[0, -1, 0]  # left of the image first


def test_contours_alone_say_nothing_of_segments():
    found = wall_strain(reading())
    assert np.isnan(found.segments_percent).all()
    assert found.segments == (None,) * 6
    assert found.method == "contours alone"


def test_asking_again_costs_nothing_and_a_change_elsewhere_changes_nothing():
    one = reading()
    found = wall_strain(one)
    assert wall_strain(one) is found
    assert wall_strain(one.with_(notes="x")) is found
    assert wall_strain(one.with_(strain=StrainChoices(compensate_drift=False))) is not found


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"view": None}, "known apical view"),
        ({"view": View("PLAX", 0.9, "x")}, "known apical view"),
        ({"strain": StrainChoices((0, 1))}, "2 of 6 segments are left out"),
    ],
)
def test_unreliable_strain_has_a_reason(changes, why):
    found = wall_strain(reading().with_(**changes))
    assert why in found.why


def test_beats_that_the_header_contradicts_are_rejected():
    one = reading()
    rated = replace(one.facts, heart_rate_per_min=78.0)
    assert wall_strain(one.with_(facts=rated)).why is None
    doubted = wall_strain(one.with_(events=CardiacEvents((Beat(0, 10), Beat(14, 30)), Origin.MODEL), facts=rated))
    assert "beats are 0.56 s apart, but the file's header says 78" in doubted.why


def test_where_each_beat_begins_with_a_full_ventricle_the_header_s_rate_is_what_is_wrong():
    one = reading()
    found = wall_strain(one.with_(facts=replace(one.facts, heart_rate_per_min=150.0)))
    assert found.why is None
    assert found.whole.end_systolic == pytest.approx(-20, abs=0.6)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"tracks": {}}, "not contoured"),
        ({"events": None}, "no ED and ES"),
        ({"events": CardiacEvents((), Origin.MODEL)}, "no ED and ES"),
        ({"withheld": "colour Doppler"}, "colour Doppler"),
    ],
)
def test_where_there_is_no_strain_it_says_why(changes, why):
    assert wall_strain(reading().with_(**changes)) is None
    assert why in why_no_strain(reading().with_(**changes))


def test_a_loop_that_begins_in_systole_counts_from_the_end_diastole_after_it():
    late = reading(beating(frames=36)[5:], events=CardiacEvents((Beat(15, 5),), Origin.MODEL))
    found = wall_strain(late)
    assert found.why is None
    assert found.whole.end_systolic == pytest.approx(-20, abs=0.1)
    assert found.global_percent[15] == pytest.approx(0)
    assert np.isnan(found.whole.time_to_peak_s)
    assert found.global_drift_percent is None


def test_frames_without_a_wall_are_bridged():
    one = reading()
    gone = one.tracks[Structure.LV_EPI].replaced(14, (None, None), Origin.EDITED)
    found = wall_strain(one.with_(tracks={**one.tracks, Structure.LV_EPI: gone}))
    assert np.isnan(found.points_px[14]).all()
    assert np.isfinite(found.global_percent).all()
    assert found.whole.end_systolic == pytest.approx(-20, abs=0.1)


def test_segments_that_only_short_axes_have_are_passed_over():
    found = wall_strain(reading().with_(strain=StrainChoices(excluded=(2, 9))))
    assert found.excluded == (2,)
