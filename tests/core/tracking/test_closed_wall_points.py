import numpy as np
import pytest

from kinecor.core.outlines.insertion import ASSUMED
from kinecor.core.outlines.wall_outline import wall_of
from kinecor.core.strain.short_axis import short_axis_parts
from kinecor.core.strain.wall_strain import strain_percent
from kinecor.core.tracking.wall_points import wall_points
from kinecor.core.values.choices import APICAL, MID, Insertion
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import Structure
from tests.core.short_axis_walls import INNER_PX, MIDDLE, OUTER_PX, linear, motion, swing, tracks, turned

PHASES = 16
AXIS = TimeAxis(np.arange(PHASES) * 0.05, 0.8)


def followed(places, back, *, start=0, closed=True, **seen):
    found = tracks(places, PHASES)
    field = motion(places, back, PHASES, closed=closed, **seen)
    endo, epi = found[Structure.LV_ENDO], found[Structure.LV_EPI]
    return wall_points(endo, epi, field, AXIS, closed=True, start=start)


def strains(short_axis, level=MID, start=0):
    parts = short_axis_parts(short_axis.points_px[start], level, ASSUMED)
    return strain_percent(parts.lengths(short_axis.points_px), start)


def test_the_wall_is_found_all_round():
    still = tracks(lambda points, _: points, 2)
    wall = wall_of(still[Structure.LV_ENDO], still[Structure.LV_EPI], closed=True)
    np.testing.assert_allclose(wall.thickness, OUTER_PX - INNER_PX, atol=0.1)
    first, up = wall.inner[0, 0] - MIDDLE, wall.inner[0, 30] - MIDDLE
    assert first == pytest.approx([INNER_PX, 0], abs=0.2)  # begins on the right,
    assert up == pytest.approx([0, -INNER_PX], abs=0.2)  # and goes up, where y is less
    half = np.hypot(*(wall.layer(0.5, 0)[0] - MIDDLE).T)
    np.testing.assert_allclose(half, (INNER_PX + OUTER_PX) / 2, atol=0.1)


@pytest.mark.parametrize("closed", [True, False])
def test_a_zoom_is_the_strain_of_the_zoom_in_every_segment(closed):
    short_axis = followed(*linear(lambda frame: (1 - 0.2 * swing(frame, PHASES)) * np.eye(2)), closed=closed)
    found = strains(short_axis)
    np.testing.assert_allclose(found[PHASES // 2], -20, atol=0.6)
    np.testing.assert_allclose(found[0], 0, atol=0.01)
    thick = short_axis.thickness[PHASES // 2] / short_axis.thickness[0]
    np.testing.assert_allclose(thick, 0.8, atol=0.02)


@pytest.mark.parametrize("degrees", [0, 12, -9])
def test_a_wall_that_rotates_as_a_whole_has_no_strain(degrees):
    short_axis = followed(*linear(lambda frame: turned(degrees * swing(frame, PHASES))))
    assert np.abs(strains(short_axis)).max() < 0.3
    off = short_axis.points_px[PHASES // 2] - MIDDLE
    before = short_axis.points_px[0] - MIDDLE
    cross = before[:, 0] * off[:, 1] - before[:, 1] * off[:, 0]
    turn = np.degrees(np.arcsin(cross / np.hypot(*off.T) / np.hypot(*before.T)))
    np.testing.assert_allclose(turn, degrees, atol=0.6)
    assert short_axis.missed < 0.001


def test_the_cycle_closes_whatever_motion_misses():
    places, back = linear(lambda frame: turned(3.0 * frame))
    still = tracks(lambda points, _: points, PHASES)
    # The last pair turns the image on, too: after a cycle it is 48 degrees off.
    field = motion(places, back, PHASES + 1, closed=False)
    endo, epi = still[Structure.LV_ENDO], still[Structure.LV_EPI]
    short_axis = wall_points(endo, epi, field, AXIS, closed=True)
    assert short_axis.missed > 0.1
    assert np.abs(strains(short_axis)).max() < 0.5


def test_it_may_begin_at_any_phase():
    def beats(frame):
        return (1 - 0.2 * swing(frame - 12, PHASES)) * np.eye(2)

    short_axis = followed(*linear(beats), start=12)
    found = strains(short_axis, start=12)
    np.testing.assert_allclose(found[4], -20, atol=0.6)
    np.testing.assert_allclose(found[12], 0, atol=0.01)


def test_segments_follow_the_motion_where_contours_cannot_distinguish_them():
    # Muscle slides round the wall towards the right: the left half is stretched, the right half shortens.
    def slide(points, amount):
        off = points - MIDDLE
        angle, radius = np.arctan2(-off[:, 1], off[:, 0]), np.hypot(*off.T)
        angle = angle - amount * np.sin(angle)
        return MIDDLE + radius[:, None] * np.stack([np.cos(angle), -np.sin(angle)], axis=1)

    def undone(points, amount):
        found = points
        for _ in range(30):
            found = found + points - slide(found, amount)
        return found

    short_axis = followed(
        lambda points, frame: slide(points, 0.15 * swing(frame, PHASES)),
        lambda points, frame: undone(points, 0.15 * swing(frame, PHASES)),
    )
    found = strains(short_axis, APICAL)[PHASES // 2]
    septal, lateral = found[1], found[3]
    assert septal > 8
    assert lateral < -8
    assert abs(found[0] - found[2]) < 2


def test_motion_seen_too_small_is_mended_by_the_contours():
    places, back = linear(lambda frame: (1 - 0.2 * swing(frame, PHASES)) * np.eye(2))
    np.testing.assert_allclose(strains(followed(places, back, share=0.6))[PHASES // 2], -20, atol=1.5)


def test_without_motion_only_the_whole_is_known():
    still = tracks(lambda points, _: points, PHASES)
    short_axis = wall_points(still[Structure.LV_ENDO], still[Structure.LV_EPI], None, AXIS, closed=True)
    assert not short_axis.followed
    assert (short_axis.quality == 0).all()


def test_quality_falls_where_motion_cannot_be_undone():
    places, back = linear(lambda frame: np.eye(2))
    good, bad = (followed(places, back, error=error).quality.mean() for error in (0.0, 3.0))
    assert good > 0.9
    assert bad < 0.3


@pytest.mark.parametrize("turn", [1, -1])
def test_parts_are_counted_from_the_insertion(turn):
    short_axis = MIDDLE + 20 * np.stack([np.cos(t := np.arange(120) * np.pi / 60), -np.sin(t)], axis=1)
    parts = short_axis_parts(short_axis, MID, Insertion(120.0, turn))
    lengths = parts.lengths(short_axis[None])[0]
    np.testing.assert_allclose(lengths, 20 * np.pi / 3, rtol=0.01)
    # The septum comes first: anteroseptal (8) begins at the insertion and goes on the way that the septum follows.
    angle = np.degrees(np.arctan2(-(short_axis - MIDDLE)[:, 1], (short_axis - MIDDLE)[:, 0])) % 360
    here = angle[parts.of_point == parts.numbers.index(8)]
    expected = (121, 179) if turn == 1 else (61, 119)
    assert (here.min(), here.max()) == pytest.approx(expected, abs=3)
