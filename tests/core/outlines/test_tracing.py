from itertools import pairwise

import numpy as np
import pytest

from kinecor.core.outlines.initial_contours import arch_through, circle_through, snap_to_edges
from kinecor.core.outlines.reshaping import crosses_itself
from kinecor.core.values.geometry import Outline

LEFT, RIGHT, APEX = (np.array(one, float) for one in ((80, 150), (120, 152), (104, 60)))


def disc(radius, *, inside, outside, centre=(100, 90)):
    y, x = np.mgrid[0:180, 0:200]
    return np.where(np.hypot(x - centre[0], y - centre[1]) < radius, inside, outside).astype(float)


def test_the_arch_goes_through_the_three_clicks():
    found = arch_through(LEFT, RIGHT, APEX)
    np.testing.assert_allclose(found.points[[0, -1]], [LEFT, RIGHT])
    assert found.outline(closed=False).nearest(tuple(APEX))[1] < 0.5
    assert not crosses_itself(found)
    # As an ellipsoid of half the height would be: neither a triangle nor a box.
    assert 0.7 < found.area_px2 / (40 * 90) < 1.0


def test_three_clicks_on_a_line_are_refused():
    with pytest.raises(ValueError, match="apex"):
        arch_through(LEFT, RIGHT, (LEFT + RIGHT) / 2 + 3 * (RIGHT - LEFT))
    with pytest.raises(ValueError, match="line"):
        circle_through(LEFT, LEFT + 5, LEFT + 10)


def test_the_circle_goes_through_the_three_clicks():
    found = circle_through(LEFT, RIGHT, APEX, aspect=1.3)
    for one in (LEFT, RIGHT, APEX):
        assert found.outline(closed=True).nearest(tuple(one))[1] < 0.2


@pytest.mark.parametrize("bright_inside", [True, False])
def test_a_closed_outline_snaps_to_the_edge(bright_inside):
    image = disc(40, inside=200 if bright_inside else 20, outside=20 if bright_inside else 200)
    rough = circle_through(*(np.array([100, 90]) + 36 * np.array(one) for one in ((1, 0), (0, 1), (-0.8, -0.6))))
    found = snap_to_edges(rough, image, closed=True, bright_inside=bright_inside)
    radius = np.hypot(*(found.points - (100, 90)).T)
    assert np.abs(radius - 40).max() < 1.5


def test_an_open_outline_snaps_between_its_ends():
    rough = arch_through(LEFT, RIGHT, APEX)
    line = Outline(rough.points, closed=False)
    true = line.points + 5 * np.sin(np.linspace(0, np.pi, len(line.points)))[:, None] * line.normals()
    y, x = np.mgrid[0:180, 0:200]
    spots = np.stack([x.ravel(), y.ravel()], axis=1)
    edge = np.concatenate([true, true[:1]])
    inside = np.zeros(len(spots), bool)
    for a, b in pairwise(edge):
        cuts = (a[1] > spots[:, 1]) != (b[1] > spots[:, 1])
        inside ^= cuts & (spots[:, 0] < a[0] + (spots[:, 1] - a[1]) / (b[1] - a[1] + 1e-12) * (b[0] - a[0]))
    image = np.where(inside, 20.0, 180.0).reshape(x.shape)
    found = snap_to_edges(rough, image, closed=False, bright_inside=False)
    np.testing.assert_allclose(found.points[[0, -1]], [LEFT, RIGHT])
    wanted = Outline(true, closed=False)
    off = [wanted.nearest(tuple(one))[1] for one in found.points[10:-10]]
    assert np.mean(off) < 1.2


def test_without_an_edge_the_shape_stays():
    rough = arch_through(LEFT, RIGHT, APEX)
    found = snap_to_edges(rough, np.full((180, 200), 90.0), closed=False, bright_inside=False)
    np.testing.assert_allclose(found.points, rough.points, atol=0.7)
