import numpy as np
import pytest

from kinecor_phantoms.heart.anatomy import Tissue
from kinecor_phantoms.heart.chambers import AORTA
from kinecor_phantoms.heart.plane import apical
from kinecor_phantoms.heart.section import section
from kinecor_phantoms.heart.truth import disks
from tests.hearts import anatomy, at_ed_and_es, heart


@pytest.fixture(scope="module")
def normal():
    return at_ed_and_es("normal")


def test_tissues_are_where_they_belong(normal):
    shape, sizes = normal.heart.shape, normal.heart.chambers
    out = shape.radius_mm + 0.5 * shape.wall_mm
    right = shape.radius_mm + shape.wall_mm + 0.45 * sizes.right_mm
    middle = 0.55 * shape.length_mm
    base = anatomy(normal, 0).rim_plane[0]
    places = {
        Tissue.CAVITY: (0, 0, middle),
        Tissue.MYOCARDIUM: (out, 0, middle),
        Tissue.RIGHT_VENTRICLE: (-right, 0, 0.75 * shape.length_mm),
        Tissue.LEFT_ATRIUM: (5, -8, base + 12),
        Tissue.OUTSIDE: (0, -90, middle),
    }
    found = anatomy(normal, 0).tissue(np.array(list(places.values()), np.float64))
    assert [Tissue(number) for number in found] == list(places)


def test_the_cavity_s_pixels_add_up_to_its_volume(normal):
    step = 1.5
    axis, up = np.arange(-45, 45, step) + 0.3, np.arange(-15, 105, step)
    grid = np.stack([g.ravel() for g in np.meshgrid(axis, axis, up)], axis=1)
    for frame in (0, 1):
        found = anatomy(normal, frame).tissue(grid)
        inside = (found == Tissue.CAVITY) | (found == Tissue.PAPILLARY)
        assert inside.sum() * step**3 / 1000 == pytest.approx(normal.volume_ml[frame], rel=0.02)
        wall_g = 1.05 * (found == Tissue.MYOCARDIUM).sum() * step**3 / 1000
        assert wall_g == pytest.approx(normal.mass_g, rel=0.03)


def test_the_right_ventricle_s_table_agrees_with_its_pixels_and_empties(normal):
    step = 1.5
    x, y = np.arange(-90, 10, step) + 0.2, np.arange(-60, 70, step)
    grid = np.stack([g.ravel() for g in np.meshgrid(x, y, np.arange(-5, 115, step))], axis=1)
    volumes = [anatomy(normal, frame).right_volume_ml() for frame in (0, 1)]
    found = anatomy(normal, 0).tissue(grid)
    counted = (found == Tissue.RIGHT_VENTRICLE).sum() * step**3 / 1000
    assert counted == pytest.approx(volumes[0], rel=0.1)
    assert 0.3 < volumes[1] / volumes[0] < 0.8


def test_the_atrium_fills_while_the_ventricle_empties(normal):
    full, empty = anatomy(normal, 0), anatomy(normal, 1)
    assert empty.atrium_mm > full.atrium_mm + 5
    assert empty.rim_plane[0] < full.rim_plane[0] - 5


def test_the_aorta_leans_to_the_right_in_front(normal):
    origin, lean = anatomy(normal, 0).aorta
    assert np.arctan2(origin[1], origin[0]) == pytest.approx(AORTA)
    assert np.linalg.norm(lean) == pytest.approx(1)
    assert lean[2] > 0.8


def test_tables_are_near_the_surfaces(normal):
    angle, z = np.deg2rad(np.arange(0, 360, 7.0)), np.full(52, 40.0)
    inner, outer, right = anatomy(normal, 0).surfaces_mm(angle, z)
    assert (inner < outer).all()
    assert (right >= outer).all()
    assert right[26] > outer[26] + 10  # 182 degrees: the septum
    assert right[0] == outer[0]


def test_the_atrium_s_contour_is_largest_at_end_systole():
    beat = heart("normal", 2).rhythm.beats[0]
    beating = heart("normal", 2).at([beat.start_s, beat.aortic_close_s, beat.kick_s])
    volumes = []
    for frame in range(3):
        outline = section(beating, frame, apical("A4C", 0.0), anatomy(beating, frame))["la"]
        across, length_mm = disks(outline)
        volumes.append((across**2).sum() * length_mm)
    assert volumes[0] < volumes[2] < volumes[1]
    assert 1.4 < volumes[1] / volumes[0] < 2.4
