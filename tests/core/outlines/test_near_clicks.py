import numpy as np
import pytest

from kinecor.core.outlines.initial_contours import arch_through, circle_through
from kinecor.core.outlines.near_clicks import automatic_near, near_clicks
from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import ContourTrack, Origin, Structure

CLICKS = np.array([(80, 150), (120, 152), (104, 60)], float)


def network(bulge_px=5.0):
    """A contour through the clicks that is wider than usual on its right side."""
    usual = arch_through(*CLICKS)
    bump = np.exp(-(((np.linspace(0, 1, len(usual.points)) - 0.75) / 0.1) ** 2))
    return Contour(usual.points + bulge_px * bump[:, None] * usual.outline(closed=False).normals())


def farthest(found):
    return max(found.outline(closed=False).nearest(tuple(one))[1] for one in network().points)


def test_a_contour_through_the_clicks_stays():
    assert farthest(near_clicks(network(), CLICKS, closed=False)) < 0.3


def test_the_clicks_may_begin_at_the_other_end():
    found = near_clicks(network(), CLICKS[[1, 0, 2]], closed=False)
    np.testing.assert_allclose(found.points[[0, -1]], CLICKS[[1, 0]])
    assert farthest(found) < 0.3


@pytest.mark.parametrize("off", [(0, 14), (8, 0), (-6, -6)])
def test_the_clicks_win_over_a_contour_that_is_off(off):
    found = near_clicks(Contour(network().points + off), CLICKS, closed=False)
    np.testing.assert_allclose(found.points[[0, -1]], CLICKS[:2])
    assert found.outline(closed=False).nearest(tuple(CLICKS[2]))[1] < 0.5
    assert found.area_px2 == pytest.approx(network().area_px2, rel=0.06)


def test_a_contour_of_something_else_is_not_followed():
    assert near_clicks(Contour(network().points + np.array([60, 0])), CLICKS, closed=False) is None


def test_a_closed_contour_goes_through_the_clicks():
    turn = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    ellipse = Contour(np.stack([100 + 36 * np.cos(turn), 90 + 28 * np.sin(turn)], axis=1))
    clicks = np.array([(139, 90), (85, 68), (84, 114)], float)
    found = near_clicks(ellipse, clicks, closed=True).outline(closed=True)
    for one in clicks:
        assert found.nearest(tuple(one))[1] < 0.5
    assert found.area < circle_through(*clicks).area_px2
    assert near_clicks(ellipse, clicks[[0, 1, 1]], closed=True) is None


def test_the_nearest_automatic_contour_is_taken_below_a_drawn_one():
    lines = (network(1), network(2), None, network(4))
    track = ContourTrack(Structure.LV_ENDO, lines, (Origin.MODEL,) * 4, np.ones(4))
    drawn = track.replaced(1, (network(9),), Origin.EDITED)
    assert [automatic_near(drawn, frame) for frame in range(4)] == [lines[0], lines[1], lines[1], lines[3]]
    by_hand = ContourTrack(Structure.LV_ENDO, lines[:1], (Origin.EDITED,), np.ones(1))
    assert automatic_near(by_hand, 0) is None
    assert automatic_near(None, 0) is None
