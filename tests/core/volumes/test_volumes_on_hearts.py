"""Volumes by disks and area-length of simulated hearts, whose volume is known."""

import numpy as np
import pytest

from kinecor.core.volumes.loop_volumes import (
    area_length_volume,
    biplane_disks_volume,
    disk_diameters,
    disks_volume,
    long_axis,
)
from kinecor_phantoms.heart.population import POPULATIONS
from kinecor_phantoms.heart.truth import biplane_ml, disks
from tests.hearts import MM_PER_PX, arch_mm, at_ed_and_es, contour

SPACING_MM = np.array([MM_PER_PX, MM_PER_PX])


def biplane_of(beating, frame):
    pair = (contour(beating, frame, view) for view in ("A4C", "A2C"))
    return biplane_disks_volume(*pair, SPACING_MM, SPACING_MM) / 1000


def ejection_fraction(full, empty):
    return 100 * (1 - empty / full)


@pytest.mark.parametrize("population", POPULATIONS)
def test_biplane_disks_come_near_the_true_volume_and_ejection_fraction(population):
    beating = at_ed_and_es(population)
    found = [biplane_of(beating, frame) for frame in (0, 1)]
    assert found == pytest.approx(beating.volume_ml, rel=0.08)
    assert ejection_fraction(*found) == pytest.approx(ejection_fraction(*beating.volume_ml), abs=3)


@pytest.mark.parametrize("population", POPULATIONS)
def test_disks_in_pixels_are_disks_in_millimetres(population):
    beating = at_ed_and_es(population)
    four, two = (arch_mm(beating, 1, view) for view in ("A4C", "A2C"))
    wanted, length_mm = disks(four)
    found, found_mm = disk_diameters(contour(beating, 1), MM_PER_PX, MM_PER_PX)
    assert found == pytest.approx(wanted)
    assert found_mm == pytest.approx(length_mm)
    assert biplane_of(beating, 1) == pytest.approx(biplane_ml(four, two))


@pytest.mark.parametrize("formula", [disks_volume, area_length_volume])
def test_oblong_pixels_change_nothing(formula):
    beating = at_ed_and_es("infarct")
    square = formula(contour(beating, 0), MM_PER_PX, MM_PER_PX)
    oblong = formula(contour(beating, 0, row_mm=0.31, col_mm=0.77), 0.31, 0.77)
    assert oblong == pytest.approx(square)


@pytest.mark.parametrize("population", [name for name in POPULATIONS if name not in ("infarct", "dyssynchronous")])
def test_one_plane_does_for_a_round_heart(population):
    beating = at_ed_and_es(population)
    for formula, share in ((disks_volume, 0.14), (area_length_volume, 0.2)):
        found = [formula(contour(beating, frame), MM_PER_PX, MM_PER_PX) / 1000 for frame in (0, 1)]
        assert found == pytest.approx(beating.volume_ml, rel=share)
        assert ejection_fraction(*found) == pytest.approx(ejection_fraction(*beating.volume_ml), abs=6)


def test_the_long_axis_runs_from_the_annulus_to_the_apex():
    beating = at_ed_and_es("normal")
    shape = beating.heart.shape
    axis = long_axis(contour(beating, 0), MM_PER_PX, MM_PER_PX)
    assert axis.length == pytest.approx(shape.length_mm, rel=0.03)
    shorter = long_axis(contour(beating, 1), MM_PER_PX, MM_PER_PX)
    assert shorter.length < 0.9 * axis.length
