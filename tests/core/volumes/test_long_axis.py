from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Extent
from kinecor.core.values.geometry import Plane
from kinecor.core.values.reading import first_reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.long_axis import base_check, cavity_cut, outlined_from_stack, phase_at
from kinecor.core.volumes.loop_volumes import disks_volume
from tests import stacks
from tests.readings import cine

ENDO = Structure.LV_ENDO
CENTRE_MM = np.array(stacks.CENTRE_PX) * stacks.SPACING_MM
# Through the heart's axis: columns run along x, rows from base to apex (down the body in `stacks`).
THROUGH = Plane((CENTRE_MM[0] - 40, CENTRE_MM[1], 20.0), (1.0, 0.0, 0.0), (0.0, 0.0, -1.0))


def long_axis(plane=THROUGH):
    loop = replace(cine(20), plane=plane, calibration=Calibration(1.0, 1.0, "test"))
    return first_reading(loop)


@pytest.fixture(scope="module")
def stack():
    return stacks.read(stacks.stack(), extent=Extent((1,) * 20, (10,) * 20))


def test_the_stack_draws_the_long_axis(stack):
    heart = stacks.Heart()
    track = outlined_from_stack(stack, long_axis())
    for frame in (0, 10):
        contour = track.contours[frame]
        # The ends are at the base slice, 4 mm below the valve, a diameter apart.
        width = 2 * heart.radius(4.0, frame)
        assert np.hypot(*(contour.points[0] - contour.points[-1])) == pytest.approx(width, rel=0.02)
        assert contour.points[[0, -1], 1] == pytest.approx([24, 24], abs=0.1)
        assert contour.points[:, 0].mean() == pytest.approx(40, abs=0.5)
        # A body of revolution: single-plane disks give the volume below that slice, all but the rounding of the apex.
        below = heart.volume_ml(frame) - np.pi * heart.radius_mm**2 * heart.squeeze(frame) ** 2 * 4 / 1000
        assert disks_volume(contour) / 1000 == pytest.approx(below, rel=0.06)


def test_numbered_from_the_apex_it_is_the_same(stack):
    facts = replace(stack.facts, stack=replace(stack.facts.stack, positions_mm=-stack.facts.stack.positions_mm[::-1]))
    extent = replace(stack.short_axis, extent=Extent((10,) * 20, (1,) * 20))
    turned = stack.with_(slices=stack.slices[::-1], facts=facts, short_axis=extent)
    one, other = (outlined_from_stack(each, long_axis()).contours[0] for each in (stack, turned))
    assert one.area_px2 == pytest.approx(other.area_px2, rel=1e-6)


@pytest.mark.parametrize(("valve_mm", "expected"), [(-2.0, 1), (2.0, 1), (6.0, 2), (-5.0, 0)])
def test_the_valve_decides_the_base(stack, valve_mm, expected):
    loop = long_axis()
    track = outlined_from_stack(stack, loop)
    # The reader pulls the hinges to the valve that the long axis shows.
    points = track.contours[0].points.copy()
    points[[0, -1], 1] = 20 + valve_mm
    pulled = replace(track, contours=(type(track.contours[0])(points), *track.contours[1:]))
    found = base_check(stack, loop.with_(tracks={ENDO: pulled}), 0)
    assert (found.expected, found.chosen) == (expected, 1)
    assert found.beyond_mm == pytest.approx(valve_mm - 4.0)


def test_planes_that_miss_the_ventricle_and_files_without_a_position(stack):
    outside = Plane(THROUGH.origin_mm + np.array((0, 200.0, 0)), THROUGH.along_x, THROUGH.along_y)
    assert outlined_from_stack(stack, long_axis(outside)) is None
    assert outlined_from_stack(stack, long_axis(None)) is None
    assert base_check(stack, long_axis(), 0) is None


def test_frames_and_phases_go_by_their_share_of_the_cycle(stack):
    loop = long_axis()
    assert [phase_at(stack, loop, frame) for frame in (0, 10, 19)] == [0, 10, 19]
    short = first_reading(replace(cine(5), plane=THROUGH))
    assert [phase_at(stack, short, frame) for frame in range(5)] == [0, 5, 10, 14, 19]


def test_a_base_cannot_be_checked_without_places(stack):
    loop = long_axis().with_(tracks={ENDO: outlined_from_stack(stack, long_axis())})
    assert base_check(stack, loop, 0) is not None

    def without_plane(numbers):
        slices = [
            one.with_(facts=replace(one.facts, plane=None)) if number in numbers else one
            for number, one in enumerate(stack.slices)
        ]
        return stack.with_(slices=tuple(slices))

    assert base_check(without_plane([len(stack.slices) - 1]), loop, 0) is None
    assert base_check(without_plane([4]), loop, 0) is None
    far = replace(THROUGH, origin_mm=THROUGH.origin_mm - (0.0, 0.0, 500.0))
    below = long_axis(far).with_(tracks=loop.tracks)
    assert base_check(stack, below, 0) is None


def test_a_slice_without_a_cavity_does_not_cut_the_plane(stack):
    assert cavity_cut(stack, 0, 0, THROUGH) is None
    assert cavity_cut(stack, 3, 0, THROUGH).shape == (2, 2)
