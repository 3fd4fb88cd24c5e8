"""Points placed on closed walls: they are met, come back round a gated cycle, and follow on in a loop."""

import numpy as np
import pytest

from kinecor.core.report.language import language
from kinecor.core.strain.short_axis import short_axis_regions, stack_strain, why_no_short_axis_strain
from kinecor.core.table.table import measurements
from kinecor.core.tracking.placed_points import CONTRADICTION
from kinecor.core.values.choices import PlacedPoint
from kinecor.core.values.confidence import TRACKING_QUALITY
from kinecor.session.edits import OnSlice, PlaceWallPoints
from tests import sax_stacks
from tests.core.strain.test_short_axis_loop import loop

SLICE = 3


def turned(points, frame, point, degrees):
    """A point of a ring moved round its middle, as a reader drags it along the wall."""
    middle = points[frame].mean(axis=0)
    angle = np.radians(degrees)
    away = points[frame, point] - middle
    x = away[0] * np.cos(angle) - away[1] * np.sin(angle)
    y = away[0] * np.sin(angle) + away[1] * np.cos(angle)
    return PlacedPoint(frame, point, float(middle[0] + x), float(middle[1] + y))


def points_of(reading, number=0):
    return next(one.points.points_px for one in short_axis_regions(reading).slices if one.number == number)


def stack_with(*placed, **changes):
    return OnSlice(SLICE, PlaceWallPoints(placed)).apply(sax_stacks.reading(**changes), "Dr Grey")


@pytest.mark.parametrize("point", [0, 40, 119])
def test_a_point_is_met_and_the_cycle_closes(point):
    before = points_of(sax_stacks.reading(), SLICE)
    one = turned(before, 4, point, -5.0)
    after = points_of(stack_with(one), SLICE)
    moved = np.hypot(*np.moveaxis(after - before, 2, 0))
    assert np.hypot(*(after[4, point] - (one.x_px, one.y_px))) < 0.2  # across the wall the contours decide
    assert moved[0].max() == 0
    # Back from phase 4 of 12 to ED: an eighth of the way is left of it at phase 11.
    assert moved[11, point] == pytest.approx(moved[4, point] / 8, rel=0.35)
    assert moved[:, (point + 60) % 120].max() < 0.01
    # The neighbours on both sides go along, across the point at which the ring begins.
    assert moved[4, (point + 3) % 120] == pytest.approx(moved[4, (point - 3) % 120], rel=0.1)


def test_other_slices_stay_and_the_segments_say_what_moved():
    whole = sax_stacks.reading()
    before, slices = stack_strain(whole).regions, stack_strain(whole).regions.slices
    own = next(one for one in slices if one.number == SLICE)
    border = int(np.flatnonzero(np.diff(own.parts.of_point))[0])
    after = stack_strain(stack_with(turned(own.points.points_px, sax_stacks.ES, border, -6.0))).regions
    for one, other in zip(slices, after.slices, strict=True):
        assert np.array_equal(one.points.points_px, other.points.points_px) == (one.number != SLICE)
    gained = after.values("end_systolic") - before.values("end_systolic")
    sides = [own.parts.numbers[own.parts.of_point[border + by]] - 1 for by in (0, 1)]
    assert gained[sides[0]] * gained[sides[1]] < 0
    assert np.abs(gained[sides]).min() > 0.5
    others = [one for one in range(16) if one not in range(6, 12)]
    np.testing.assert_allclose(gained[others], 0, atol=1e-9)
    assert after.whole.end_systolic == pytest.approx(before.whole.end_systolic, abs=0.1)


def test_in_a_loop_the_points_follow_on():
    before = points_of(loop())
    after = points_of(loop(placed_points=(turned(before, 4, 40, -5.0),)))
    moved = np.hypot(*(after - before)[:, 40].T)
    assert moved[0] == 0
    assert moved[20] > 0.9 * moved[4] > 0.5


def test_points_that_would_pass_each_other_withhold_the_segments():
    before = points_of(sax_stacks.reading(), SLICE)
    found = stack_with(PlacedPoint(4, 40, *before[4, 70].tolist()))
    assert why_no_short_axis_strain(found) == CONTRADICTION
    assert short_axis_regions(found) is None
    far = PlacedPoint(4, 40, *points_of(loop())[4, 70].tolist())
    assert why_no_short_axis_strain(loop(placed_points=(far,))) == CONTRADICTION


def test_a_badly_followed_segment_with_a_placed_point_is_to_be_checked():
    regions = stack_strain(stack_with(turned(points_of(sax_stacks.reading(), SLICE), 4, 40, -2.0), error=5.0)).regions
    own = next(one for one in regions.slices if one.number == SLICE)
    assert np.isclose(own.quality, TRACKING_QUALITY.withheld).sum() == 1


def test_the_method_names_who_placed_them_and_acceptance_is_taken_back():
    before = points_of(loop())
    one = PlaceWallPoints((turned(before, 4, 40, -2.0),)).apply(loop(), "Dr Grey")
    gcs = next(row for row in measurements(one) if row.code == "GCS")
    assert "1 point of the wall placed by Dr Grey" in gcs.method
    found = stack_with(turned(points_of(sax_stacks.reading(), SLICE), 4, 40, -2.0))
    gcs = next(row for row in measurements(found) if row.code == "GCS")
    assert gcs.method.endswith("; 1 point of the wall placed by Dr Grey")
    assert language("de").render(gcs.method).endswith("; 1 Wandpunkt versetzt von Dr Grey")
