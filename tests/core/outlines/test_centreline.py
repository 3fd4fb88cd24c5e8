import numpy as np
import pytest

from kinecor.core.outlines.wall_outline import POINTS, centreline
from kinecor.core.values.geometry import Contour


def arch(radius, height, count=90):
    """Half an ellipse open below, hinge points at its lower ends."""
    turn = np.linspace(np.pi, 2 * np.pi, count)
    return np.stack([100 + radius * np.cos(turn), 150 + height * np.sin(turn)], axis=1)


def walled(inner=(30, 80), thickness=10):
    endo = arch(*inner)
    epi = arch(inner[0] + thickness, inner[1] + thickness)
    return Contour(endo), Contour(np.concatenate([endo[:1], epi, endo[-1:]]))


def test_it_runs_half_way_through_the_wall():
    endo, epi = walled()
    line = centreline(endo, epi)
    assert line.shape == (POINTS, 2)
    # Half-way between two ellipses whose axes differ by 10; normals differ from the axes by little.
    x, y = (line - (100, 150)).T
    off = np.abs(np.hypot(x / 35, y / 85) - 1)
    assert off.max() < 0.03


def test_points_are_evenly_spaced():
    steps = np.linalg.norm(np.diff(centreline(*walled()), axis=0), axis=1)
    assert steps.max() / steps.min() < 1.01


def test_ends_stay_with_the_wall_and_do_not_run_to_the_hinge_points():
    endo, epi = walled()
    line = centreline(endo, epi)
    for end, hinge in ((line[0], endo.points[0]), (line[-1], endo.points[-1])):
        assert 3.5 < np.linalg.norm(end - hinge) < 7


def test_depth_goes_from_endocardium_to_epicardium():
    endo, epi = walled()
    lengths = [np.linalg.norm(np.diff(centreline(endo, epi, depth=d), axis=0), axis=1).sum() for d in (0, 0.5, 1)]
    assert lengths[0] < lengths[1] < lengths[2]
    np.testing.assert_allclose(centreline(endo, epi, depth=0)[[0, -1]], endo.points[[0, -1]])


def test_it_is_in_mm_where_the_scale_is_given():
    endo, epi = walled()
    flat = centreline(endo, epi, 0.5, 0.5)
    np.testing.assert_allclose(flat, 0.5 * centreline(endo, epi), atol=1e-9)


def test_pixels_that_are_not_square_are_measured_as_they_are():
    endo, epi = walled()
    wide = [Contour(one.points * (0.5, 1)) for one in (endo, epi)]
    np.testing.assert_allclose(centreline(*wide, row_mm=1, col_mm=2), centreline(endo, epi), atol=1e-9)


def test_without_a_wall_it_says_so():
    endo, _ = walled()
    with pytest.raises(ValueError, match="no wall"):
        centreline(endo, Contour(arch(10, 20)))


def test_depth_is_checked():
    with pytest.raises(ValueError, match=r"0\.\.1"):
        centreline(*walled(), depth=1.2)
