from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.geometry import Plane
from kinecor.core.values.reading import first_stack_reading
from kinecor.core.volumes.stack_volumes import SHIFTED_MM, shifts_mm
from tests import stacks

SPACING = stacks.SPACING_MM


def test_a_stack_in_line_has_no_shift():
    assert np.nanmax(np.abs(shifts_mm(stacks.read(stacks.stack())))) < 0.01


def test_a_tilted_and_bent_axis_is_no_shift():
    bend = {n: (0.8 * n + 0.05 * n**2, -0.5 * n) for n in range(12)}
    assert np.nanmax(np.hypot(*shifts_mm(stacks.read(stacks.stack(), shift_px=bend)).T)) < 0.01


@pytest.mark.parametrize("number", [1, 2, 5, 8, 10])
def test_one_slice_out_of_line_is_found_with_its_size(number):
    found = shifts_mm(stacks.read(stacks.stack(), shift_px={number: (4.0, -3.0)}))
    assert found[number] == pytest.approx((4 * SPACING, -3 * SPACING), abs=1.0)
    others = np.delete(np.hypot(*found.T), [0, 11, number])
    assert others.max() < 2


def test_two_slices_out_of_line():
    found = np.hypot(*shifts_mm(stacks.read(stacks.stack(), shift_px={3: (5.0, 0.0), 7: (0.0, 5.0)})).T)
    assert [int(one) for one in np.flatnonzero(np.nan_to_num(found) >= SHIFTED_MM)] == [3, 7]


def test_images_with_another_origin_are_no_shift():
    recording = stacks.stack()
    reading = stacks.read(recording, shift_px={4: (6.0, 0.0)})
    one = reading.slices[4]
    plane = one.facts.plane
    moved = Plane(plane.origin_mm - np.array((6 * SPACING, 0, 0)), plane.along_x, plane.along_y)
    again = one.with_(facts=replace(one.facts, plane=moved))
    placed = reading.with_(slices=(*reading.slices[:4], again, *reading.slices[5:]))
    assert np.nanmax(np.abs(shifts_mm(placed))) < 0.01


def test_no_result_from_too_few_slices_or_without_scale():
    assert shifts_mm(stacks.read(stacks.stack(stacks.positions(8.0, 5)))) is None
    assert shifts_mm(first_stack_reading(stacks.stack())) is None
    reading = stacks.read(stacks.stack())
    bare = reading.with_(slices=tuple(one.with_(calibration=None) for one in reading.slices))
    assert shifts_mm(bare) is None


def test_images_without_a_position_are_compared_as_they_are():
    reading = stacks.read(stacks.stack(), shift_px={4: (6.0, 0.0)})
    bare = reading.with_(slices=tuple(one.with_(facts=replace(one.facts, plane=None)) for one in reading.slices))
    assert shifts_mm(bare) == pytest.approx(shifts_mm(reading), abs=1e-6, nan_ok=True)
