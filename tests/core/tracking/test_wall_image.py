"""Contours that follow anchors, refined on images of a bright wall around a dark cavity."""

import numpy as np
import pytest

from kinecor.core.tracking.anchors import POINTS, drawn_frames, follow_anchors
from kinecor.core.tracking.wall_image import THINNED, Followed, WallImage, refine_shifts
from kinecor.core.values.errors import Cancelled
from kinecor.core.values.geometry import Contour
from kinecor.core.values.recording import ArrayFrames, TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure

ENDO = Structure.LV_ENDO
FRAMES, SIDE, CENTRE = 9, 160, np.array([80.0, 80.0])


def circle(radius, frame=0):
    turn = np.arange(96) * (2 * np.pi / 96)
    return Contour(CENTRE + radius * np.stack([np.cos(turn), -np.sin(turn)], axis=1))


def radius_at(frame):
    return 36 + 4 * np.cos(2 * np.pi * frame / FRAMES)


def images(colour=False):
    y, x = np.mgrid[:SIDE, :SIDE]
    away = np.hypot(x - CENTRE[0], y - CENTRE[1])
    made = np.stack([np.clip(40 + 60 * (away - radius_at(frame)), 40, 200) for frame in range(FRAMES)])
    made = np.where(away > np.array([radius_at(frame) + 14 for frame in range(FRAMES)])[:, None, None], 90, made)
    made = made.astype(np.uint8)
    return ArrayFrames(np.stack([made] * 3, axis=3) if colour else made)


def off(confidence=0.9):
    """Automatic contours too small, by another amount at each frame; the first is drawn right."""
    wrong = [2.5 + 1.5 * np.sin(2 * np.pi * frame / FRAMES) for frame in range(FRAMES)]
    lines = tuple(circle(radius_at(frame) - wrong[frame]) for frame in range(FRAMES))
    track = ContourTrack(ENDO, lines, (Origin.MODEL,) * FRAMES, np.full(FRAMES, confidence))
    return track.replaced(0, (circle(radius_at(0)),), Origin.EDITED)


def radii(bent):
    return np.array([np.hypot(*(one.points - CENTRE).T).mean() for one in bent.contours])


def follow(track, seen=None, **more):
    axis = TimeAxis(np.arange(FRAMES) * 0.08, FRAMES * 0.08)
    return follow_anchors({ENDO: track}, axis, closed=True, images=seen, **more)[ENDO]


@pytest.mark.parametrize("colour", [False, True])
def test_lines_go_to_where_the_image_looks_as_at_the_anchor(colour):
    true = np.array([radius_at(frame) for frame in range(FRAMES)])
    plain, seen = follow(off()), follow(off(), images(colour))
    before, after = np.abs(radii(plain) - true).max(), np.abs(radii(seen) - true).max()
    assert before > 1.2
    assert after < 0.5 * before


def test_an_anchor_stays_to_the_last_bit():
    track = off()
    assert follow(track, images()).contours[0] is track.contours[0]


def test_every_frame_drawn_leaves_nothing_to_refine():
    track = off()
    for frame in range(FRAMES):
        track = track.replaced(frame, (circle(radius_at(frame)),), Origin.EDITED)
    assert drawn_frames(track) == tuple(range(FRAMES))
    axis = TimeAxis(np.arange(FRAMES) * 0.08, FRAMES * 0.08)
    assert follow_anchors({ENDO: track}, axis, closed=True, images=images()) == {}


def test_where_the_network_was_unsure_the_image_is_not_trusted():
    unsure = follow(off(confidence=0.4), images())
    assert radii(unsure) == pytest.approx(radii(follow(off(confidence=0.4))), abs=0.05)


def test_an_image_that_shows_nothing_moves_nothing():
    blank = ArrayFrames(np.full((FRAMES, SIDE, SIDE), 80, np.uint8))
    assert radii(follow(off(), blank)) == pytest.approx(radii(follow(off())), abs=1e-6)


def test_it_can_be_cancelled():
    def stop(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        follow(off(), images(), tick=stop)


def test_images_are_sampled_once_for_all_gestures():
    class Counting(ArrayFrames):
        count = 0

        def __getitem__(self, frame):
            Counting.count += 1
            return super().__getitem__(frame)

    seen, track = Counting(np.asarray([images()[one] for one in range(FRAMES)])), off()
    follow(track, seen)
    follow(track.replaced(4, (circle(radius_at(4)),), Origin.EDITED), seen)
    assert Counting.count == FRAMES


@pytest.mark.parametrize("closed", [False, True])
def test_what_is_found_is_given_at_every_place(closed):
    rng = np.random.default_rng(1)
    course = np.cumsum(rng.normal(size=45)).astype(np.float32)
    grey = np.stack([np.broadcast_to(np.roll(course, by), (POINTS // THINNED, 45)) for by in (0, 2)])
    line = Followed(
        np.zeros((2, POINTS)), (0,), np.array([[0.0], [0.3]]), np.array([0.0, 1.0]), np.ones(2), 0.3, closed, False
    )
    found = refine_shifts(WallImage((0, 1), grey, 1.0), line)
    assert found.shape == (2, POINTS)
    assert (found[0] == 0).all()
    assert found[1].mean() > 0.5
