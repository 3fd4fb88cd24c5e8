import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.callipers import (
    INFLOW,
    M_MODE,
    NAMED,
    PARASTERNAL_NAMES,
    TISSUE,
    Calliper,
    named_of,
    names_on,
)

SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 4.0), (0.0, 4.0))


def test_a_distance_takes_the_height_and_width_of_a_pixel() -> None:
    one = Calliper("IVSd", 0, ((10.0, 10.0), (13.0, 14.0)))
    assert one.value(1.0, 1.0) == pytest.approx(5.0)
    assert one.value(0.5, 2.0) == pytest.approx((6.0**2 + 2.0**2) ** 0.5)


def test_an_angle_is_at_the_middle_point_and_an_area_within_its_corners() -> None:
    corner = Calliper("a", 0, ((0.0, 5.0), (0.0, 0.0), (7.0, 0.0)), "angle")
    assert corner.value(1.0, 1.0) == pytest.approx(90.0)
    assert corner.value(0.3, 0.8) == pytest.approx(90.0)
    assert Calliper("a", 0, ((-3.0, -0.01), (0.0, 0.0), (-3.0, 0.01)), "angle").value(1, 1) == pytest.approx(
        0.382, abs=1e-3
    )
    assert Calliper("b", 0, SQUARE, "area").value(0.5, 0.25) == pytest.approx(40 * 0.125)
    assert Calliper("b", 0, SQUARE[::-1], "area").value(1, 1) == pytest.approx(40)


@given(st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 2), min_size=2, max_size=2))
def test_a_distance_is_the_same_from_both_ends(ends: list[tuple[float, float]]) -> None:
    one, other = Calliper("x", 0, tuple(ends)), Calliper("x", 0, tuple(ends[::-1]))
    assert one.value(0.7, 0.7) == pytest.approx(other.value(0.7, 0.7))


def test_one_point_moves() -> None:
    assert Calliper("x", 2, SQUARE[:2]).moved(1, (5.0, 5.0)).points == ((0.0, 0.0), (5.0, 5.0))


@pytest.mark.parametrize(
    ("name", "frame", "points", "shape", "why"),
    [
        ("", 0, SQUARE[:2], "distance", "a name"),
        ("x" * 41, 0, SQUARE[:2], "distance", "a name"),
        ("x", 0, SQUARE, "distance", "4 points"),
        ("x", 0, SQUARE[:2], "angle", "2 points"),
        ("x", 0, ((0.0, float("nan")), (1.0, 1.0)), "distance", "not a number"),
        ("x", -1, SQUARE[:2], "distance", "from 0"),
        ("LVIDd", 0, SQUARE, "area", "is a distance"),
    ],
)
def test_what_cannot_be_a_calliper_is_refused(name, frame, points, shape, why) -> None:
    with pytest.raises(ValueError, match=why):
        Calliper(name, frame, points, shape)


def test_named_ones_come_in_the_order_of_an_examination() -> None:
    assert PARASTERNAL_NAMES == ("IVSd", "LVIDd", "PWd", "LVIDs", "LAD", "AoR", "LVOT")
    assert tuple(NAMED)[:7] == PARASTERNAL_NAMES


def test_what_is_offered_depends_on_the_image() -> None:
    assert names_on("PLAX", "distance") == PARASTERNAL_NAMES
    assert names_on("IVC", "distance") == ("IVC max", "IVC min")
    assert names_on("A4C", "distance") == ("RVD1", "RVD2", "RVD3", "TVd")
    assert names_on(M_MODE, "distance")[:4] == ("IVSd", "LVIDd", "PWd", "LVIDs")
    assert names_on(INFLOW, "point") == ("E", "A")
    assert names_on(INFLOW, "slope") == ("DT",)
    assert names_on(TISSUE, "point") == ("e' septal", "e' lateral", "S'")
    assert set(names_on("", "point")) == {"E", "A", "e' septal", "e' lateral", "S'", "TR Vmax"}


def test_a_name_of_another_shape_is_the_reader_s_own() -> None:
    # "E" was a name that a reader could give to a distance before velocities had names.
    assert named_of(Calliper("E", 0, SQUARE[:2])) is None
    assert named_of(Calliper("E", 0, SQUARE[:1], "point")) is NAMED["E"]
