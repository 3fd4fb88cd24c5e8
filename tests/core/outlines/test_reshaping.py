import numpy as np
import pytest

from kinecor.core.outlines.reshaping import (
    brush_contour,
    crosses_itself,
    grow_contour,
    redrawn,
    shift_contour,
    smooth_contour,
    why_refused,
    without_loops,
)
from kinecor.core.values.geometry import Contour, Outline
from tests.core.walls import arch

ARCH = Contour(arch())
TURN = np.linspace(0, 2 * np.pi, 80, endpoint=False)
CIRCLE = Contour(np.stack([100 + 40 * np.cos(TURN), 90 + 40 * np.sin(TURN)], axis=1))
BOTH = pytest.mark.parametrize(("contour", "closed"), [(ARCH, False), (CIRCLE, True)])


def place(contour, along, closed):
    return contour.outline(closed=closed).place(along)


def outward(contour, along, closed):
    line = contour.outline(closed=closed).resampled(401 if not closed else 400)
    return line.normals()[round(along * 400) % 400]


def distance(contour, point, closed):
    return contour.outline(closed=closed).nearest(tuple(point))[1]


@BOTH
@pytest.mark.parametrize("way", [1, -1])
def test_a_brush_pushes_the_wall_ahead_of_it(contour, closed, way):
    spot, normal = place(contour, 0.3, closed), outward(contour, 0.3, closed)
    start, stop = spot - way * 9 * normal, spot + way * 2 * normal
    found = brush_contour(contour, [tuple(start), tuple(stop)], 6.0, closed=closed)
    rim = stop + way * 6 * normal
    assert distance(found, rim, closed) < 0.8
    assert (found.area_px2 > contour.area_px2) == (way > 0)
    assert distance(found, stop, closed) > 5.2
    far = place(contour, 0.75, closed)
    assert distance(found, far, closed) < 0.3


@BOTH
def test_a_brush_that_touches_nothing_changes_nothing(contour, closed):
    middle = contour.points.mean(axis=0)
    found = brush_contour(contour, [tuple(middle), tuple(middle + 1)], 3.0, closed=closed)
    assert max(distance(contour, one, closed) for one in found.points) < 0.1


def test_a_brush_leaves_the_hinge_points():
    start = ARCH.points[0] + (6, -4)
    found = brush_contour(ARCH, [tuple(start), tuple(ARCH.points[0])], 8.0, closed=False)
    np.testing.assert_array_equal(found.points[[0, -1]], ARCH.points[[0, -1]])


@BOTH
@pytest.mark.parametrize("backwards", [False, True])
def test_a_stretch_is_redrawn(contour, closed, backwards):
    places = np.linspace(0.25, 0.45, 15)
    bump = 6 * np.sin(np.linspace(0, np.pi, 15))
    path = np.stack(
        [place(contour, a, closed) + b * outward(contour, a, closed) for a, b in zip(places, bump, strict=True)]
    )
    found = redrawn(contour, [tuple(one) for one in (path[::-1] if backwards else path)], closed=closed)
    assert distance(found, path[7], closed) < 0.7
    assert distance(found, place(contour, 0.7, closed), closed) < 0.3
    assert not crosses_itself(found)


def test_the_stretch_of_a_closed_outline_is_the_one_beside_the_path():
    # Over the beginning of the outline.
    places = np.linspace(-0.1, 0.1, 15)
    path = [tuple(place(CIRCLE, a % 1.0, True) + 5 * outward(CIRCLE, a % 1.0, True)) for a in places]
    found = redrawn(CIRCLE, path, closed=True)
    assert CIRCLE.area_px2 < found.area_px2 < 1.2 * CIRCLE.area_px2


def test_one_place_is_no_path():
    with pytest.raises(ValueError, match="two places"):
        redrawn(ARCH, [(1.0, 2.0)], closed=False)


@BOTH
def test_smoothing_takes_kinks_off(contour, closed):
    rng = np.random.default_rng(1)
    rough = Contour(contour.points + rng.normal(0, 1.0, contour.points.shape))
    found = smooth_contour(rough, closed=closed)
    assert found.outline(closed=closed).length < 0.9 * rough.outline(closed=closed).length
    assert found.area_px2 == pytest.approx(contour.area_px2, rel=0.05)
    if not closed:
        np.testing.assert_array_equal(found.points[[0, -1]], rough.points[[0, -1]])


@BOTH
def test_growing_and_shrinking(contour, closed):
    larger, smaller = (grow_contour(contour, by, closed=closed) for by in (2.0, -2.0))
    assert distance(larger, place(contour, 0.4, closed), closed) == pytest.approx(2, abs=0.3)
    assert smaller.area_px2 < contour.area_px2 < larger.area_px2
    if not closed:
        np.testing.assert_allclose(larger.points[[0, -1]], contour.points[[0, -1]])


def test_nudging():
    np.testing.assert_array_equal(shift_contour(ARCH, (1.0, -2.0)).points, np.add(ARCH.points, (1, -2)))


def test_a_brush_is_round_on_the_heart():
    wide = Contour(CIRCLE.points / (1.0, 2.0))
    found = brush_contour(wide, [(100.0, 45.0 + 13.0), (100.0, 45.0 + 16.0)], 12.0, closed=True, aspect=2.0)
    plain = brush_contour(CIRCLE, [(100.0, 90.0 + 26.0), (100.0, 90.0 + 32.0)], 12.0, closed=True)
    np.testing.assert_allclose(found.points * (1.0, 2.0), plain.points, atol=1e-6)


def test_what_no_contour_may_be():
    assert why_refused(CIRCLE, 200, 200) is None
    assert "leave the image" in why_refused(CIRCLE, 200, 139)
    assert "next to nothing" in why_refused(Contour(CIRCLE.points * 0.03), 200, 200)
    eight = Outline(np.stack([100 + 40 * np.sin(2 * TURN), 90 + 40 * np.sin(TURN)], axis=1), closed=True)
    assert "cross itself" in why_refused(Contour(eight.points + (0.3 * np.cos(TURN))[:, None]), 200, 200)


def test_of_a_closed_line_that_crosses_itself_the_larger_part_stays():
    turn = np.arange(96) * (2 * np.pi / 96)
    round_ = np.stack([50 + 20 * np.cos(turn), 60 + 20 * np.sin(turn)], axis=1)
    bent = round_.copy()
    bent[90:96] = round_[95:89:-1] + np.array([6, 0])
    assert crosses_itself(Contour(bent))
    found = without_loops(np.stack([round_, bent]), closed=True)
    np.testing.assert_array_equal(found[0], round_)
    assert not crosses_itself(Contour(found[1]))
    assert Contour(found[1]).area_px2 == pytest.approx(Contour(round_).area_px2, rel=0.05)


def test_a_line_with_a_large_loop_stays_as_it_is():
    turn = np.arange(96) * (2 * np.pi / 96)
    eight = np.stack([50 + 20 * np.sin(turn), 60 + 20 * np.sin(2 * turn)], axis=1)
    assert crosses_itself(Contour(eight))
    np.testing.assert_array_equal(without_loops(eight[None], closed=True)[0], eight)


def test_an_open_line_is_cut_short_where_it_crosses_the_line_between_its_ends():
    dipped = ARCH.points.copy()
    way = dipped[-1] - dipped[0]
    below = np.array([-way[1], way[0]]) / np.hypot(*way)
    below *= -np.sign(below @ (dipped[len(dipped) // 2] - dipped[0]))
    dipped[1:4] = dipped[0] + 0.05 * way + np.outer([1.0, 2.0, 1.0], below)
    assert crosses_itself(Contour(dipped))
    found = without_loops(np.stack([ARCH.points, dipped]), closed=False)
    np.testing.assert_array_equal(found[0], ARCH.points)
    assert not crosses_itself(Contour(found[1]))
    np.testing.assert_array_equal(found[1][[0, -1]], ARCH.points[[0, -1]])
    assert Contour(found[1]).area_px2 == pytest.approx(ARCH.area_px2, rel=0.05)
