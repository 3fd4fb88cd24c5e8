import numpy as np
import pytest

from kinecor.core.strain.wall_strain import lengths, strain_percent
from kinecor.core.tracking.wall_points import wall_points
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import Origin, Structure
from tests.core.walls import arch, beat, motion, rigid, tracks, zooming

FRAMES = 41
AXIS = TimeAxis(np.arange(FRAMES) * 0.03)


def followed(places, back, **seen):
    found = tracks(places, FRAMES)
    return wall_points(
        found[Structure.LV_ENDO], found[Structure.LV_EPI], motion(places, back, FRAMES, **seen), AXIS, closed=False
    )


def test_a_zoom_is_the_strain_of_the_zoom_in_every_segment():
    wall = followed(*zooming(beat()))
    strain = strain_percent(lengths(wall.points_px, 6), 0)
    np.testing.assert_allclose(strain[10], -20, atol=0.5)
    np.testing.assert_allclose(strain[20], 0, atol=0.5)
    assert strain_percent(lengths(wall.points_px), 0)[10, 0] == pytest.approx(-20, abs=0.3)


@pytest.mark.parametrize("pose", [(0, (12, -9)), (10, (0, 0)), (6, (5, 8))])
def test_an_image_that_moves_as_a_whole_has_no_strain(pose):
    wall = followed(*rigid(*pose))
    assert np.abs(strain_percent(lengths(wall.points_px), 0)).max() < 0.3
    assert np.abs(strain_percent(lengths(wall.points_px, 6), 0)).max() < 0.6


def test_segments_follow_the_motion_where_contours_cannot_distinguish_them():
    # The left half of the wall shortens towards the apex, the right one stands still.
    def shorter(frame):
        return 0.15 * (1 - np.cos(2 * np.pi * frame / 20)) / 2

    def places(points, frame):
        left = np.clip((150 - points[:, 0]) / 40, 0, 1)
        return points - np.stack([0 * left, shorter(frame) * left * (points[:, 1] - 100)], axis=1)

    def back(points, frame):
        left = np.clip((150 - points[:, 0]) / 40, 0, 1)
        factor = shorter(frame) * left
        return np.stack([points[:, 0], (points[:, 1] - 100 * factor) / (1 - factor)], axis=1)

    strain = strain_percent(lengths(followed(places, back).points_px, 6), 0)[10]
    assert strain[:2].mean() < -11
    assert np.abs(strain[4:]).max() < 2


def test_motion_that_is_seen_too_small_is_mended_by_contours_over_beats():
    places, back = zooming(beat())
    whole = strain_percent(lengths(followed(places, back, share=0.7).points_px), 0)[[10, 20, 40], 0]
    assert whole[0] < -15.5  # motion alone would give -14
    assert np.abs(whole[1:]).max() < 1.5


def test_quality_is_of_there_and_back():
    places, back = zooming(beat())
    good, poor = followed(places, back), followed(places, back, error=3.0)
    assert good.quality.min() > 0.75
    assert poor.quality.max() < 0.2
    assert good.followed


def test_frames_without_a_wall_are_followed_by_motion():
    places, back = zooming(beat())
    found = tracks(places, FRAMES)
    endo = found[Structure.LV_ENDO].replaced(8, (None,) * 4, Origin.EDITED)
    wall = wall_points(endo, found[Structure.LV_EPI], motion(places, back, FRAMES), AXIS, closed=False, start=0)
    assert strain_percent(lengths(wall.points_px), 0)[10, 0] == pytest.approx(-20, abs=0.5)


def test_without_motion_points_are_spread_evenly():
    places, _ = zooming(beat())
    found = tracks(places, FRAMES)
    wall = wall_points(found[Structure.LV_ENDO], found[Structure.LV_EPI], None, AXIS, closed=False)
    steps = np.linalg.norm(np.diff(wall.points_px, axis=1), axis=2)
    assert (steps.max(axis=1) / steps.min(axis=1)).max() < 1.05
    assert not wall.followed
    assert wall.quality.max() == 0


def test_pixels_need_not_be_square():
    places, back = zooming(beat())
    found = tracks(places, FRAMES)
    square = wall_points(
        found[Structure.LV_ENDO], found[Structure.LV_EPI], motion(places, back, FRAMES), AXIS, closed=False
    )
    flat = {
        s: type(t)(s, tuple(type(c)(c.points * (1, 0.5)) for c in t.contours), t.origins, t.confidence)
        for s, t in found.items()
    }
    seen = motion(places, back, FRAMES)
    half = type(seen)((0, 0), (6.0, 3.0), seen.displacement_px * np.float32([1, 0.5]), seen.error_px)
    wall = wall_points(flat[Structure.LV_ENDO], flat[Structure.LV_EPI], half, AXIS, closed=False, aspect=2.0)
    np.testing.assert_allclose(wall.points_px * (1, 2), square.points_px, atol=0.1)


def test_no_frame_with_a_wall_is_nothing():
    places, _ = zooming(beat())
    found = tracks(places, FRAMES)
    gone = found[Structure.LV_EPI].replaced(0, (None,) * FRAMES, Origin.EDITED)
    assert wall_points(found[Structure.LV_ENDO], gone, None, AXIS, closed=False) is None


def test_the_left_end_comes_first():
    assert arch()[0, 0] > arch()[-1, 0]
    wall = followed(*zooming(beat()))
    assert wall.points_px[0, 0, 0] < wall.points_px[0, -1, 0]
