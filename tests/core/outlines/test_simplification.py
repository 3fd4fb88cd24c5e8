"""Fewer points for the same line."""

import numpy as np
import pytest

from kinecor.core.outlines.simplification import simplify_line


def test_corners_stay_and_straight_stretches_lose_their_points():
    across = [(float(x), 0.0) for x in range(11)]
    down = [(10.0, float(y)) for y in range(1, 11)]
    assert simplify_line([*across, *down], 0.5) == ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0))


@pytest.mark.parametrize("tolerance_px", [0.5, 1.0, 3.0])
def test_a_curve_moves_by_no_more_than_the_tolerance(tolerance_px):
    x = np.linspace(0, 120, 400)
    y = 60 * np.sin(np.pi * x / 120)
    few = np.asarray(simplify_line(list(zip(x.tolist(), y.tolist(), strict=True)), tolerance_px))
    assert len(few) < 40
    assert np.abs(np.interp(x, few[:, 0], few[:, 1]) - y).max() <= tolerance_px * 1.9  # measured across, not down


def test_a_line_that_returns_to_its_beginning_keeps_what_is_furthest():
    assert simplify_line([(0.0, 0.0), (5.0, 0.0), (0.0, 0.0)], 1.0) == ((0.0, 0.0), (5.0, 0.0), (0.0, 0.0))
    assert simplify_line([(1.0, 1.0)], 1.0) == ((1.0, 1.0),)
