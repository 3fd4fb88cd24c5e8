"""Whatever is dragged and propagated, no outline crosses itself or another, and hinge points stay shared."""

import math

import cv2
import numpy as np
import pytest

from kinecor.core.outlines.drag import HINGED, Grab, Grip, apex_of, drag_contour
from kinecor.core.outlines.reshaping import crosses_itself
from kinecor.core.tracking.anchors import drawn_frames, follow_anchors
from kinecor.core.values.geometry import Contour, Outline
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.core.walls import MIDDLE, arch, beat, zooming

ENDO, EPI, LA, RV = Structure.LV_ENDO, Structure.LV_EPI, Structure.LA, Structure.RV
FRAMES = 8
TOUCHING_PX = 0.7
AXIS = TimeAxis(np.arange(FRAMES) * 0.05)
TURN = np.linspace(0, 2 * np.pi, 96, endpoint=False)


def opened():
    """A ventricle with its wall and its atrium, which all end at the same two hinge points."""
    inner = arch(count=96)
    share = np.minimum(np.arange(96), np.arange(96)[::-1]) / 95
    outer = inner + (10 * np.minimum(12 * share, 1))[:, None] * Outline(inner, closed=False).normals()
    half = np.linspace(0, np.pi, 96)
    atrium = MIDDLE + np.stack([40 * np.cos(half), 55 * np.sin(half)], axis=1)
    return {ENDO: inner, EPI: outer, LA: atrium}


def rounded():
    circle = np.stack([np.cos(TURN), np.sin(TURN)], axis=1)
    moon = MIDDLE + (-62, 0) + circle * np.stack([16 + 4 * np.cos(TURN), np.full(96, 40.0)], axis=1)
    return {ENDO: MIDDLE + 30 * circle, EPI: MIDDLE + 40 * circle, RV: moon}


def beating(shapes):
    places, _ = zooming(beat(0.2, FRAMES))
    same = (Origin.MODEL,) * FRAMES
    return {
        one: ContourTrack(one, tuple(Contour(places(line, at)) for at in range(FRAMES)), same, np.full(FRAMES, 0.9))
        for one, line in shapes.items()
    }


def grab_of(rng, tracks, *, closed):
    structure, frame = list(tracks)[rng.integers(len(tracks))], int(rng.integers(FRAMES))
    contour = tracks[structure].contours[frame]
    if closed:
        return Grab(structure, frame, float(rng.uniform()), True, Grip.CENTRE if rng.uniform() < 0.1 else None)
    place = rng.uniform()
    if place < 0.15:
        return Grab(structure, frame, float(rng.integers(2)))
    if place < 0.3:
        return Grab(structure, frame, 0.0, grip=Grip.ANNULUS)
    if place < 0.4:
        along = contour.outline(closed=False).nearest(tuple(contour.points[apex_of(contour)]))[0]
        return Grab(structure, frame, along, grip=Grip.APEX)
    near = rng.uniform(0.02, 0.12)  # where most went wrong: beside the hinge points
    return Grab(structure, frame, float(rng.choice([near, 1 - near, rng.uniform(0.1, 0.9)])))


def crossed(tracks):
    return [
        (one, frame)
        for one, track in tracks.items()
        for frame, contour in enumerate(track.contours)
        if crosses_itself(contour)
    ]


def outside_px(tracks, frame):
    """How far, in pixels, the endocardium of a frame is outside of the epicardium, 0 where it is not."""
    endo, epi = (tracks[one].contours[frame].points.astype(np.float32) for one in (ENDO, EPI))
    in_endo = [cv2.pointPolygonTest(endo[:, None], (float(x), float(y)), True) for x, y in epi[1:-1]]
    in_epi = [cv2.pointPolygonTest(epi[:, None], (float(x), float(y)), True) for x, y in endo[1:-1]]
    return max(0.0, max(in_endo), -min(in_epi))


def _walls_are_closed(tracks):
    assert max(outside_px(tracks, frame) for frame in range(FRAMES)) < TOUCHING_PX


def put(tracks, changes):
    return tracks | {
        one: tracks[one].replaced(bent.start, bent.contours, bent.origins) for one, bent in changes.items()
    }


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_outlines_stay_simple_and_hinge_points_shared(seed, closed):
    rng = np.random.default_rng(seed)
    tracks = beating(rounded() if closed else opened())
    assert crossed(tracks) == []
    for _ in range(6):
        grab = grab_of(rng, tracks, closed=closed)
        size, way = min(rng.exponential(5), 14.0), rng.uniform(0, 2 * np.pi)
        pulled = drag_contour(
            tracks,
            grab,
            (size * math.cos(way), size * math.sin(way)),
            AXIS,
            float(rng.choice([0, 0.1, math.inf])),
            float(rng.choice([0.07, 0.13, 0.22, 0.36, 10.0])),
        )
        after = put(tracks, pulled)
        if any(frame == grab.frame for _, frame in crossed(after)):
            continue  # refused by the window
        assert crossed(after) == [], grab
        _walls_are_closed(after)
        tracks = after
        found = put(tracks, follow_anchors(tracks, AXIS, closed=closed))
        assert crossed(found) == [], grab
        _walls_are_closed(found)
        _drawn_frames_stay(tracks, found)
        if not closed:
            _hinges_are_shared(found)


def _hinges_are_shared(tracks):
    for frame in range(FRAMES):
        ends = np.stack([tracks[one].contours[frame].points[[0, -1]] for one in HINGED])
        np.testing.assert_allclose(ends, np.broadcast_to(ends[:1], ends.shape), atol=0.01)


def _drawn_frames_stay(tracks, found):
    for one, track in tracks.items():
        for frame in drawn_frames(track):
            assert found[one].contours[frame] is track.contours[frame]


def test_an_endocardium_pulled_past_its_hinge_point_takes_the_epicardium_along():
    for along, out in ((0.03, (-14.0, 4.0)), (0.97, (14.0, 4.0)), (0.06, (-12.0, 8.0))):
        tracks = beating(opened())
        after = put(tracks, drag_contour(tracks, Grab(ENDO, 2, along), out, AXIS, 0.0, 0.07))
        assert np.abs(after[ENDO].contours[2].points - tracks[ENDO].contours[2].points).max() > 8
        assert outside_px(after, 2) < TOUCHING_PX
        _hinges_are_shared(after)


def test_a_drawn_outline_of_another_frame_is_not_crossed():
    tracks = beating(opened())
    drawn = tracks[EPI].contours[5]
    tracks[EPI] = tracks[EPI].replaced(5, (drawn,), (Origin.EDITED,))
    place = tracks[ENDO].contours[2].outline(closed=False).place(0.3)
    away = (place - MIDDLE) / np.hypot(*(place - MIDDLE))
    pulled = drag_contour(tracks, Grab(ENDO, 2, 0.3), tuple(25 * away), AXIS, math.inf)
    after = put(tracks, pulled)
    assert after[EPI].contours[5] is drawn
    assert outside_px(after, 5) < TOUCHING_PX
    assert after[ENDO].contours[5] != tracks[ENDO].contours[5]


def test_an_epicardium_beyond_an_acute_apex_stays():
    """Beyond a corner no edge alone says on which side a point is: the wall was taken to be missing there."""
    tracks = beating(opened())
    line = tracks[ENDO].contours[0].points
    tip = (line[0] + line[-1]) / 4 + line[48] / 2
    acute = Outline(np.stack([line[0], tip, line[-1]]), closed=False).resampled(96).points
    tracks[ENDO] = tracks[ENDO].replaced(0, (Contour(acute),), (Origin.MODEL,))
    place = tracks[ENDO].contours[0].outline(closed=False).place(0.3)
    inwards = acute.mean(axis=0) - place
    moved = put(
        tracks, drag_contour(tracks, Grab(ENDO, 0, 0.3), tuple(5 * inwards / np.hypot(*inwards)), AXIS, 0.0, 0.26)
    )
    off = np.abs(moved[EPI].contours[0].points - tracks[EPI].contours[0].points).max()
    assert off < 3
