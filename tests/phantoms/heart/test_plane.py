import numpy as np
import pytest

from kinecor_phantoms.heart.plane import (
    APICAL_DEG,
    Plane,
    apical,
    long_axis,
    parasternal_long,
    parasternal_short,
    short_axis,
    subcostal,
)

ANTERIOR, LATERAL, SEPTAL = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])
BASE = np.array([0.0, 0.0, 1.0])
STANDARD = [
    *(apical(view, -20.0) for view in APICAL_DEG),
    parasternal_long(60, 60),
    parasternal_short(60, 40),
    subcostal(70, 85),
    short_axis(40),
    long_axis("A2C", 40),
]


@pytest.mark.parametrize("plane", STANDARD)
def test_places_go_to_the_plane_and_back(plane):
    places = np.random.default_rng(0).normal(0, 40, (20, 3))
    assert plane.to_chest(plane.to_plane(places)) == pytest.approx(places)
    assert plane.to_plane(plane.to_chest(places[:, :2]))[:, 2] == pytest.approx(0)


def test_views_are_held_as_the_standards_show_them():
    four, two, three = (apical(view, 0.0) for view in ("A4C", "A2C", "A3C"))
    assert four.across @ LATERAL > 0.8
    assert two.across @ ANTERIOR == pytest.approx(1)
    assert three.across @ SEPTAL > 0.5
    assert all(plane.down @ BASE == pytest.approx(1) for plane in (four, two, three))
    long = parasternal_long(60, 60)
    assert long.across @ BASE == pytest.approx(1)  # base to the right
    short = parasternal_short(60, 40)
    assert short.down @ ANTERIOR < -0.8
    assert short.across @ LATERAL > 0.8
    below = subcostal(70, 85)
    assert below.across @ BASE < -0.8  # apex to the right
    slice_ = short_axis(40)
    assert slice_.across @ LATERAL == slice_.down @ -ANTERIOR == pytest.approx(1)


def test_rotation_preserves_the_pivot_and_the_angles():
    plane, pivot = apical("A4C", -10.0), np.array([0.0, 0.0, 80.0])
    turned = plane.turned(plane.across, 10.0, pivot)
    assert turned.across == pytest.approx(plane.across)
    assert turned.down @ plane.down == pytest.approx(np.cos(np.deg2rad(10)))
    assert np.linalg.norm(turned.origin_mm - pivot) == pytest.approx(90)
    assert abs(turned.to_plane(pivot[None])[0, 2]) < 1e-9


def test_directions_at_odd_angles_are_refused():
    with pytest.raises(ValueError, match="at right angles"):
        Plane(np.zeros(3), LATERAL, np.array([0.6, 0.8, 0.0]))
    with pytest.raises(ValueError, match="at right angles"):
        Plane(np.zeros(3), LATERAL, np.full(3, np.nan))
