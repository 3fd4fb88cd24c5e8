import time
from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.outlines.drag import Grab, drag_contour
from kinecor.core.tracking.anchors import HAND, drawn_frames, follow_anchors, following, follows, weights
from kinecor.core.values.geometry import Contour, Outline
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.core.walls import arch, beat, zooming

ENDO, EPI, LA, RV = Structure.LV_ENDO, Structure.LV_EPI, Structure.LA, Structure.RV
FRAMES = 30
AXIS = TimeAxis(np.arange(FRAMES) * 0.03)
ROUND = TimeAxis(np.arange(FRAMES) * 0.03, 0.9)
PLACES, _ = zooming(beat(0.2, FRAMES))


def track(structure, lines):
    return ContourTrack(structure, tuple(map(Contour, lines)), (Origin.MODEL,) * len(lines), np.full(len(lines), 0.9))


def arches(scale=1.0):
    middle = arch().mean(axis=0)
    return [PLACES(middle + scale * (arch() - middle), frame) for frame in range(FRAMES)]


def circles(radius, centre=(100.0, 90.0), points=80):
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    unit = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    beating = 1 - 0.15 * np.sin(np.pi * np.arange(FRAMES) / FRAMES)
    return [np.add(centre, radius * beat * unit) for beat in beating]


def bumped(line, at=0.3, by=8.0, width=0.12, *, closed=False):
    outline = Outline(np.asarray(line), closed)
    places = np.linspace(0, 1, len(outline.points), endpoint=not closed)
    return outline.points + (by * np.exp(-(((places - at) / width) ** 2)))[:, None] * outline.normals()


def drawn(tracks, frame, lines):
    out = dict(tracks)
    for structure, line in lines.items():
        out[structure] = out[structure].replaced(frame, (Contour(np.asarray(line)),), Origin.EDITED)
    return out


def put(tracks, changes):
    return tracks | {
        one: tracks[one].replaced(bent.start, bent.contours, bent.origins) for one, bent in changes.items()
    }


def off_px(contour, line, *, closed=False):
    """Largest distance of a contour from a line."""
    points = Outline(np.asarray(line), closed).resampled(400).points
    return float(np.hypot(*(contour.points[:, None] - points).transpose(2, 0, 1)).min(axis=1).max())


@pytest.mark.parametrize(("structure", "closed"), [(ENDO, False), (EPI, True), (LA, False), (RV, True)])
def test_one_anchor_takes_the_same_error_off_every_frame(structure, closed):
    true = circles(40) if closed else arches()
    wrong = [bumped(line, closed=closed) for line in true]
    tracks = drawn({structure: track(structure, wrong)}, 10, {structure: true[10]})
    found = follow_anchors(tracks, ROUND, closed=closed)[structure]
    before = [off_px(Contour(line), right, closed=closed) for line, right in zip(wrong, true, strict=True)]
    after = [off_px(one, right, closed=closed) for one, right in zip(found.contours, true, strict=True)]
    assert min(before) > 6
    assert max(after) < 3.2
    assert after[9] < 1.0
    assert after[11] < 1.0
    assert found.origins[10] is Origin.EDITED
    assert set(found.origins) == {Origin.EDITED, Origin.TRACKED}


def test_anchors_stay_to_the_last_digit_and_can_be_carried_again():
    tracks = {ENDO: track(ENDO, arches())}
    for frame in (4, 17):
        tracks = drawn(tracks, frame, {ENDO: bumped(arches()[frame]) + 1e-9 * np.pi})
    kept = {frame: tracks[ENDO].contours[frame].points.tobytes() for frame in (4, 17)}
    once = put(tracks, follow_anchors(tracks, AXIS, closed=False))
    twice = put(once, follow_anchors(once, AXIS, closed=False))
    for frame, points in kept.items():
        assert once[ENDO].contours[frame].points.tobytes() == twice[ENDO].contours[frame].points.tobytes() == points
    # What is below stays known, so that nothing is added twice.
    assert [one.points.tobytes() for one in once[ENDO].contours] == [
        one.points.tobytes() for one in twice[ENDO].contours
    ]
    assert follows(once[ENDO])
    assert not follows(tracks[ENDO])
    assert drawn_frames(once[ENDO]) == (4, 17)


def test_a_second_anchor_corrects_the_first():
    tracks = drawn({ENDO: track(ENDO, arches())}, 5, {ENDO: bumped(arches()[5])})
    once = put(tracks, follow_anchors(tracks, AXIS, closed=False))
    other = drawn(once, 20, {ENDO: arches()[20]})
    found = follow_anchors(other, AXIS, closed=False)[ENDO]
    assert off_px(once[ENDO].contours[21], arches()[21]) > 4
    assert off_px(found.contours[21], arches()[21]) < 1
    assert off_px(found.contours[6], bumped(arches()[6])) < 1


def test_the_last_phase_of_a_cycle_is_near_the_first():
    near = weights((0,), ROUND)[:, 0]
    assert near[0] == pytest.approx(1 / (1 + HAND))
    assert near[-1] == pytest.approx(near[1])
    assert weights((0,), AXIS)[-1, 0] < near[-1]


def test_frames_a_beat_apart_are_alike():
    axis = TimeAxis(np.arange(60) * 0.03)
    found = weights((5,), axis, cycle_s=0.9)[:, 0]
    assert 0.95 / (1 + HAND) < found[35] < found[5]
    assert found[20] < 0.9 / (1 + HAND)
    # Two anchors a beat apart that differ are both kept.
    both = weights((5, 35), axis, cycle_s=0.9)
    np.testing.assert_allclose(both.sum(axis=1)[[5, 35]], 2 / (2 + HAND), atol=0.01)


def test_what_was_not_corrected_does_not_change():
    tracks = {ENDO: track(ENDO, arches()), LA: track(LA, [np.add(line, (0, 80)) for line in arches()])}
    assert follow_anchors(tracks, AXIS, closed=False) == {}
    assert following(tracks[ENDO]) == ()
    assert set(follow_anchors(drawn(tracks, 3, {ENDO: bumped(arches()[3])}), AXIS, closed=False)) == {ENDO}


def test_frames_without_an_automatic_contour_stay_empty():
    lines = arches()
    whole = track(ENDO, lines)
    gap = replace(whole, contours=(*whole.contours[:8], None, *whole.contours[9:]), automatic=())
    tracks = drawn({ENDO: gap}, 3, {ENDO: bumped(lines[3])})
    assert follow_anchors(tracks, AXIS, closed=False)[ENDO].contours[8] is None
    assert 8 not in following(tracks[ENDO])


@pytest.mark.parametrize("along", [0.0, 1.0])
def test_a_hinge_point_stays_one_point_of_all_structures(along):
    lines = arches()
    inner = track(ENDO, lines)
    atrium = track(LA, [np.array([line[0], line[0] + (20, 40), line[-1] + (-20, 40), line[-1]]) for line in lines])
    tracks = {ENDO: inner, LA: atrium}
    changes = drag_contour(tracks, Grab(ENDO, 12, along), (2.0, -6.0), AXIS, reach_s=0.0)
    tracks = put(tracks, changes)
    found = put(tracks, follow_anchors(tracks, AXIS, closed=False))
    end = 0 if along == 0 else -1
    for frame in range(FRAMES):
        np.testing.assert_allclose(
            found[ENDO].contours[frame].points[end], found[LA].contours[frame].points[end], atol=1e-6
        )
        assert np.hypot(*(found[ENDO].contours[frame].points[end] - lines[frame][end])) > 3


def test_the_atrium_follows_the_annulus_although_it_was_not_drawn():
    lines = arches()
    atrium = track(LA, [np.array([line[0], line[0] + (20, 40), line[-1] + (-20, 40), line[-1]]) for line in lines])
    tracks = drawn({ENDO: track(ENDO, lines), LA: atrium}, 12, {ENDO: lines[12] + (0, -6)})
    found = put(tracks, follow_anchors(tracks, AXIS, closed=False))
    np.testing.assert_allclose(found[ENDO].contours[20].points[0], found[LA].contours[20].points[0], atol=1e-6)


@pytest.mark.parametrize("closed", [False, True])
def test_endocardium_and_epicardium_do_not_cross(closed):
    inner = circles(40) if closed else arches()
    outer = circles(46) if closed else arches(1.15)
    tracks = {ENDO: track(ENDO, inner), EPI: track(EPI, outer)}
    tracks = drawn(tracks, 10, {ENDO: bumped(inner[10], by=14.0, closed=closed)})
    found = follow_anchors(tracks, ROUND, closed=closed)
    for frame in set(range(FRAMES)) - {10}:
        line = Outline(found[ENDO].contours[frame].points, closed=True)
        points = found[EPI].contours[frame].points
        # Every point of the epicardium is outside, but at the annulus.
        inside = np.array([len(set(_crossings(line, point))) % 2 for point in points], bool)
        assert not inside[12:-12].any()


def _crossings(line, point):
    found = line.crossings(np.array([point]), np.array([[0.6, 0.8]]))[0]
    return [round(one, 6) for one in found[np.isfinite(found) & (found > 0)]]


def test_a_hundred_frames_take_less_than_a_second():
    lines = [arches()[frame % FRAMES] for frame in range(100)]
    axis = TimeAxis(np.arange(100) * 0.02)
    tracks = {one: track(one, lines) for one in (ENDO, EPI, LA)}
    tracks = drawn(tracks, 30, {one: bumped(lines[30]) for one in tracks})
    began_s = time.thread_time()
    follow_anchors(tracks, axis, closed=False)
    assert time.thread_time() - began_s < 1
