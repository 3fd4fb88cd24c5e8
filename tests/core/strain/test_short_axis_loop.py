from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.strain.short_axis import ASSUMED_ORIGIN, loop_regions, why_no_loop_regions
from kinecor.core.tracking.propagation import propagate_contours
from kinecor.core.values.choices import Insertion, ShortAxis, StrainChoices
from kinecor.core.values.confidence import SINGLE_KEYFRAME
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.kind import SHORT_AXIS_LOOP
from kinecor.core.values.reading import Facts, Reading, View
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.core.short_axis_walls import SIDE_PX, linear, motion, swing, tracks, turned

FRAMES, PERIOD = 25, 12
TIMES_S = np.arange(FRAMES) * 0.04


def zoom(frame):
    return (1 - 0.2 * swing(frame, PERIOD)) * np.eye(2)


def loop(view="PSAX", matrix=zoom, **changes):
    places, back = linear(matrix)
    one = Reading(
        Facts("r", SIDE_PX, SIDE_PX, TIMES_S, "FrameTime"),
        view=View(view, None, "Dr Doe"),
        tracks=tracks(places, FRAMES),
        motion=motion(places, back, FRAMES, closed=False),
        events=CardiacEvents((Beat(0, 6), Beat(12, 18)), Origin.MODEL),
    )
    return one.with_(**changes)


@pytest.mark.parametrize(
    ("view", "shown"), [("PSAX", range(6, 12)), ("PSAX base", range(6)), ("PSAX apex", range(12, 16))]
)
def test_the_segments_of_its_level(view, shown):
    found = loop_regions(loop(view))
    at_es = found.values("end_systolic")
    assert np.flatnonzero(np.isfinite(at_es)).tolist() == list(shown)
    np.testing.assert_allclose(at_es[list(shown)], -20, atol=0.6)
    assert found.global_percent[[6, 18]] == pytest.approx([-20, -20], abs=0.5)
    assert np.abs(found.global_percent[[0, 12, 24]]).max() < 0.2
    np.testing.assert_allclose(found.values("radial")[list(shown)], -20, atol=1.5)
    assert found.origin == ASSUMED_ORIGIN


def test_an_image_that_only_turns_has_no_strain():
    found = loop_regions(loop(matrix=lambda frame: turned(12 * swing(frame, PERIOD))))
    assert np.nanmax(np.abs(found.percent)) < 0.3
    assert np.abs(found.global_percent).max() < 0.3


def test_the_readers_insertion_and_exclusions_count():
    one = loop(short_axis=ShortAxis(insertion=Insertion(100.0)), strain=StrainChoices(excluded=(6,)))
    found = loop_regions(one)
    assert found.origin == "set by the reader"
    assert found.excluded == (6,)
    assert np.isnan(found.values("end_systolic")[6])


def test_why_there_is_none():
    one = loop()
    assert why_no_loop_regions(one) is None
    assert "trace cavity and wall" in why_no_loop_regions(one.with_(tracks={}))
    assert "ED and ES" in why_no_loop_regions(one.with_(events=None))
    assert "motion" in why_no_loop_regions(one.with_(motion=None))
    doubtful = {s: replace(t, confidence=np.full(FRAMES, 0.3)) for s, t in one.tracks.items()}
    assert "low contour confidence" in why_no_loop_regions(one.with_(tracks=doubtful))


def test_which_loops_are_short_axes():
    assert loop("PSAX mid").kind is SHORT_AXIS_LOOP
    assert loop().kind.closed
    assert not loop("A4C").kind.closed


def drawn(truth, frames):
    contours = tuple(one if at in frames else None for at, one in enumerate(truth.contours))
    return ContourTrack(truth.structure, contours, (Origin.EDITED,) * FRAMES, np.zeros(FRAMES))


@pytest.mark.parametrize("frames", [(0,), (5,), (3, 18)])
def test_outlines_drawn_at_a_frame_are_carried_through_the_loop(frames):
    places, back = linear(lambda frame: zoom(frame) @ turned(10 * swing(frame, PERIOD)))
    truth = tracks(places, FRAMES)[Structure.LV_ENDO]
    found = propagate_contours(
        drawn(truth, frames), motion(places, back, FRAMES, closed=False), TimeAxis(TIMES_S), closed=True
    )
    for at, (one, other) in enumerate(zip(found.contours, truth.contours, strict=True)):
        assert one.area_px2 == pytest.approx(other.area_px2, rel=0.02), at
        np.testing.assert_allclose(one.centroid, other.centroid, atol=0.5)
    assert [found.origins[at] for at in frames] == [Origin.EDITED] * len(frames)
    assert found.origins[8] is Origin.TRACKED
    assert found.confidence[8] == pytest.approx(SINGLE_KEYFRAME if len(frames) == 1 else 1.0, abs=0.02)


def test_nothing_drawn_is_nothing_carried():
    places, back = linear(zoom)
    truth = tracks(places, FRAMES)[Structure.LV_ENDO]
    assert (
        propagate_contours(drawn(truth, ()), motion(places, back, FRAMES, closed=False), TimeAxis(TIMES_S), closed=True)
        is None
    )
