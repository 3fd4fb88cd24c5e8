import numpy as np
import pytest

from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.table.loop_inputs import method_of
from kinecor.core.tracking.placed_points import CONTRADICTION
from kinecor.core.values.choices import PlacedPoint
from kinecor.core.values.confidence import TRACKING_QUALITY
from tests.core.strains import reading


@pytest.fixture(scope="module")
def before():
    return wall_strain(reading())


def slid(found, frame, point, by_px):
    """A point of the wall moved along it, as a reader drags it."""
    points = found.points_px[frame]
    way = points[point + 1] - points[point - 1]
    return PlacedPoint(frame, point, *(points[point] + by_px * way / np.hypot(*way)).tolist())


def strain_with(*placed):
    return wall_strain(reading().with_(placed_points=placed, authors={"placed_points": "Dr Grey"}))


def test_a_placed_point_is_met_and_the_points_follow_from_there(before):
    one = slid(before, 10, 40, 4.0)
    after = strain_with(one)
    moved = np.hypot(*(after.points_px - before.points_px)[:, 40].T)
    assert np.hypot(*(after.points_px[10, 40] - (one.x_px, one.y_px))) < 0.1  # the wall is curved
    assert moved[0] == 0
    # Half of it, as a share of the wall, which is longer by 0.9 / 0.8 at frame 5.
    assert moved[5] == pytest.approx(moved[10] / 2 * 0.9 / 0.8, rel=0.05)
    assert moved[15] > 0.95 * moved[10]


def test_far_along_the_wall_and_at_its_ends_nothing_moves(before):
    after = strain_with(slid(before, 10, 40, 4.0))
    moved = np.hypot(*np.moveaxis(after.points_px - before.points_px, 2, 0)).max(axis=0)
    assert moved[[0, -1]].max() == 0
    assert moved[100:].max() < 0.05
    assert after.whole.end_systolic == pytest.approx(before.whole.end_systolic, abs=0.1)


def test_a_segment_that_was_lengthened_says_so_and_its_neighbour_shortens_more(before):
    border = 40  # between the second segment and the third
    after = strain_with(slid(before, 10, border, 3.0))
    gained = [b.end_systolic - a.end_systolic for a, b in zip(before.segments, after.segments, strict=True)]
    assert gained[1] > 0.5
    assert gained[2] < -0.5


def test_two_points_are_both_met(before):
    placed = slid(before, 10, 40, 3.0), slid(before, 25, 70, -2.0)
    after = strain_with(*placed)
    for one in placed:
        assert np.hypot(*(after.points_px[one.frame, one.point] - (one.x_px, one.y_px))) < 0.1


def test_points_that_would_pass_each_other_withhold_strain(before):
    after = strain_with(PlacedPoint(10, 40, *before.points_px[10, 60].tolist()))
    assert after.why == CONTRADICTION
    np.testing.assert_array_equal(after.points_px, before.points_px)


def test_at_the_frame_of_even_spacing_nothing_is_placed(before):
    assert strain_with(slid(before, 0, 40, 4.0)).points_px is not None
    np.testing.assert_array_equal(strain_with(slid(before, 0, 40, 4.0)).points_px, before.points_px)


def test_a_badly_followed_segment_with_a_placed_point_is_shown():
    bad = reading(error=5.0)
    found = wall_strain(bad)
    assert all(one is None for one in found.segments)
    seen = wall_strain(bad.with_(placed_points=(slid(found, 10, 30, 2.0),)))
    assert [one is not None for one in seen.segments] == [False, True, False, False, False, False]
    assert seen.quality[1] == TRACKING_QUALITY.withheld


def test_the_method_names_who_placed_them(before):
    placed = slid(before, 10, 40, 2.0)
    one = reading().with_(placed_points=(placed,), authors={"placed_points": "Dr Grey"})
    assert "1 point of the wall placed by Dr Grey" in method_of(one, wall_strain(one))
