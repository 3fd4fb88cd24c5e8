import numpy as np
import pytest

from kinecor.core.values.track import Motion


def linear(pairs=2):
    """Displacement that is linear in place: between nodes it is known exactly."""
    y, x = np.mgrid[0:5, 0:6]
    place = np.stack([10 + 4 * x, 20 + 8 * y], axis=-1)
    moved = np.stack([0.5 * place[..., 0] - 3, 0.25 * place[..., 1] + place[..., 0] / 4], axis=-1)
    return Motion((10, 20), (4, 8), np.stack([moved * (i + 1) for i in range(pairs)]), np.full((pairs, 5, 6), 0.5))


def test_between_nodes_it_is_interpolated():
    points = np.array([[10.0, 20.0], [13.7, 31.9], [30.0, 52.0]])
    for frame in range(2):
        moved, error = linear().at(frame, points)
        wanted = np.stack([0.5 * points[:, 0] - 3, 0.25 * points[:, 1] + points[:, 0] / 4], axis=1) * (frame + 1)
        np.testing.assert_allclose(moved, wanted, atol=0.011)
        np.testing.assert_allclose(error, 0.5)


def test_beyond_the_nodes_nothing_is_known():
    moved, error = linear().at(0, np.array([[9.9, 30.0], [20.0, 53.0], [20.0, 30.0]]))
    assert np.isnan(moved[:2]).all()
    assert np.isnan(error[:2]).all()
    assert np.isfinite(moved[2]).all()


def test_points_at_different_positions_in_each_frame():
    motion = linear()
    points = np.array([[[12.0, 22.0]], [[17.0, 40.0]]])
    moved, _ = motion.along(points)
    for frame in range(2):
        np.testing.assert_array_equal(moved[frame], motion.at(frame, points[frame])[0])


def test_numbers_are_held_to_hundredths_and_stay_so():
    once = Motion((0, 0), (1, 1), np.full((1, 2, 2, 2), 1 / 3), np.full((1, 2, 2), 2 / 3))
    assert once.displacement_px[0, 0, 0, 0] == np.float32(0.33)
    again = Motion((0, 0), (1, 1), once.displacement_px, once.error_px)
    np.testing.assert_array_equal(again.error_px, once.error_px)
    assert not once.displacement_px.flags.writeable


@pytest.mark.parametrize(
    ("moved", "error", "step"),
    [
        (np.zeros((1, 2, 2)), np.zeros((1, 2, 2)), (1, 1)),
        (np.zeros((1, 2, 2, 2)), np.zeros((1, 2, 3)), (1, 1)),
        (np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 2)), (1, 1)),
        (np.full((1, 2, 2, 2), np.nan), np.zeros((1, 2, 2)), (1, 1)),
        (np.full((1, 2, 2, 2), 400.0), np.zeros((1, 2, 2)), (1, 1)),
        (np.zeros((1, 2, 2, 2)), np.full((1, 2, 2), -1.0), (1, 1)),
        (np.zeros((1, 2, 2, 2)), np.zeros((1, 2, 2)), (0, 1)),
    ],
)
def test_what_is_no_motion_is_refused(moved, error, step):
    with pytest.raises(ValueError, match=r"motion|displacement|steps"):
        Motion((0, 0), step, moved, error)
