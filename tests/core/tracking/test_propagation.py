from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.tracking.propagation import drawn_contours, propagate_contours
from kinecor.core.values.confidence import SINGLE_KEYFRAME
from kinecor.core.values.geometry import Contour, resample_line
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure
from tests.core.walls import arch, beat, motion, zooming

FRAMES, PERIOD = 20, 20
TIMES_S = np.arange(FRAMES) * 0.04
PLACES, BACK = zooming(beat(0.2, PERIOD))
MOVED = motion(PLACES, BACK, FRAMES)


def drawn(*frames):
    contours = tuple(Contour(PLACES(arch(), one)) if one in frames else None for one in range(FRAMES))
    origins = tuple(Origin.EDITED if one in frames else Origin.MODEL for one in range(FRAMES))
    return ContourTrack(Structure.LV_ENDO, contours, origins, np.zeros(FRAMES))


def off_px(track, frame):
    truth = resample_line(Contour(PLACES(arch(), frame)), len(track.contours[frame])).points
    return float(np.hypot(*(track.contours[frame].points - truth).T).max())


def test_two_drawn_outlines_are_carried_round_the_cycle():
    given = drawn(0, 10)
    found = propagate_contours(given, MOVED, TimeAxis(TIMES_S, FRAMES * 0.04), closed=False)
    assert len(drawn_contours(given)) == len(drawn_contours(found)) == 2
    for frame in range(FRAMES):
        if frame in (0, 10):
            assert found.contours[frame] is given.contours[frame]
            assert found.origins[frame] is Origin.EDITED
            assert found.confidence[frame] == 1
        else:
            assert found.origins[frame] is Origin.TRACKED
            assert found.confidence[frame] > 0.95
            assert off_px(found, frame) < 1.0
    # Beyond what was seen of motion, the last frame leads to the first.
    assert off_px(found, 19) < 1.5


def test_an_outline_drawn_the_other_way_round_is_the_same():
    given = drawn(0, 10)
    contours = list(given.contours)
    contours[10] = Contour(contours[10].points[::-1])
    one, other = (
        propagate_contours(track, MOVED, TimeAxis(TIMES_S, 0.8), closed=False)
        for track in (given, replace(given, contours=tuple(contours)))
    )
    assert one.contours[5].points == pytest.approx(other.contours[5].points)


def test_a_single_outline_is_unreliable():
    found = propagate_contours(drawn(0), MOVED, TimeAxis(TIMES_S, 0.8), closed=False)
    assert found.confidence[0] == 1
    assert found.confidence[1:].max() <= SINGLE_KEYFRAME
    assert off_px(found, 8) < 2


def test_an_open_loop_is_filled_to_its_ends():
    found = propagate_contours(drawn(5, 12), MOVED, TimeAxis(TIMES_S), closed=False)
    assert all(found.contours)
    assert found.confidence[2] == found.confidence[17] == SINGLE_KEYFRAME
    assert found.confidence[8] > 0.95
    assert off_px(found, 2) < 1
    assert off_px(found, 17) < 1


def test_where_the_two_contradict_each_other_it_shows():
    given = drawn(0, 10)
    contours = list(given.contours)
    contours[10] = Contour(contours[10].points + np.array((12.0, 0.0)))
    found = propagate_contours(replace(given, contours=tuple(contours)), MOVED, TimeAxis(TIMES_S, 0.8), closed=False)
    assert found.confidence[5] < 0.9


def test_nothing_drawn_gives_nothing():
    assert propagate_contours(drawn(), MOVED, TimeAxis(TIMES_S), closed=False) is None
    assert drawn_contours(None) == {}


@pytest.mark.parametrize("closed", [False, True])
def test_two_drawn_contours_are_weighted_by_time_open_and_closed_alike(closed):
    turn = np.arange(100) * (2 * np.pi / 100) if closed else np.linspace(np.pi, 2 * np.pi, 100)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    contours = (Contour(100 + 20 * circle), None, Contour(100 + 24 * circle))
    given = ContourTrack(Structure.LV_ENDO, contours, (Origin.EDITED,) * 3, np.zeros(3))
    still = Motion((0.0, 0.0), (20.0, 20.0), np.zeros((2, 11, 11, 2)), np.zeros((2, 11, 11)))
    found = propagate_contours(given, still, TimeAxis(np.array([0.0, 0.1, 0.4])), closed=closed)
    assert np.hypot(*(found.contours[1].points - 100).T) == pytest.approx(21, abs=0.05)
    # Dice of two circles, or of two half circles, about one centre.
    assert found.confidence[1] == pytest.approx(2 * 20**2 / (20**2 + 24**2), abs=0.015)
