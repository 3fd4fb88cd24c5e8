import pytest

from kinecor.core.table.measures import (
    BY_CODE,
    LINEAR_CODES,
    Measurement,
    Status,
    fractional_shortening_percent,
    linear_mass_g,
    relative_wall_thickness,
)
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Region
from kinecor.session.edits import Decide, RemoveCalliper, SetCalliper
from tests.core.parasternal import NORMAL_MM, READER, measured, parasternal
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def rows(reading: Reading) -> dict[str, Measurement]:
    return {one.code: one for one in measurements(reading)}


def value(reading: Reading, code: str) -> float:
    quantity = rows(reading)[code].quantity
    assert quantity is not None
    return quantity.value


def test_the_formulas_are_those_of_the_guideline() -> None:
    # 0.8 x 1.04 x ((0.9 + 4.8 + 0.9)^3 - 4.8^3) + 0.6
    assert linear_mass_g(9.0, 48.0, 9.0) == pytest.approx(0.832 * (287.496 - 110.592) + 0.6)
    assert linear_mass_g(11.0, 52.0, 10.0) == pytest.approx(0.832 * (7.3**3 - 5.2**3) + 0.6)
    assert relative_wall_thickness(10.0, 50.0) == pytest.approx(0.4)
    assert fractional_shortening_percent(50.0, 30.0) == pytest.approx(40.0)


def test_named_distances_and_what_follows_from_them() -> None:
    reading = measured(parasternal())
    for name, size in NORMAL_MM.items():
        assert value(reading, name) == pytest.approx(size)
    assert value(reading, "LVML") == pytest.approx(linear_mass_g(9, 48, 9))
    assert value(reading, "RWT") == pytest.approx(18 / 48)
    assert value(reading, "FS") == pytest.approx(100 * 17 / 48)
    row = rows(reading)["LVIDd"]
    assert (row.frames, row.by, row.status, row.method) == ((2,), (READER,), Status.EDITED, "calliper")
    assert rows(reading)["FS"].frames == (2, 10)


def test_only_what_was_measured_is_listed() -> None:
    assert measurements(parasternal()) == ()
    some = measured(parasternal(), {"LVIDd": 48.0, "LVIDs": 31.0})
    assert list(rows(some)) == ["LVIDd", "LVIDs", "FS", "EDVT", "ESVT", "EFT"]
    assert "LVIDd" not in rows(RemoveCalliper("LVIDd").apply(some, READER))


def test_without_a_scale_ratios_remain() -> None:
    reading = measured(parasternal(scale=None))
    assert rows(reading)["LVIDd"].quantity is None
    assert "no scale" in (rows(reading)["LVIDd"].note or "")
    assert rows(reading)["LVML"].quantity is None
    assert value(reading, "FS") == pytest.approx(100 * 17 / 48)
    assert value(reading, "RWT") == pytest.approx(18 / 48)


def test_pixels_that_are_not_square() -> None:
    reading = parasternal(scale=Calibration(0.5, 0.25, "test"))
    across = SetCalliper("LAD", 10, ((10.0, 20.0), (150.0, 20.0))).apply(reading, READER)
    assert value(across, "LAD") == pytest.approx(35.0)


def test_beyond_the_part_of_the_image_that_the_scale_is_for() -> None:
    reading = measured(parasternal(region=Region(0, 0, 90, 300)), {"LAD": 35.0})
    assert rows(reading)["LAD"].quantity is None
    assert "leaves the part" in (rows(reading)["LAD"].note or "")


def test_a_moved_calliper_reopens_what_was_accepted() -> None:
    accepted = Decide("FS", accepted=True).apply(measured(parasternal()), READER)
    assert rows(accepted)["FS"].status is Status.ACCEPTED
    moved = SetCalliper("LVIDs", 10, ((0.0, 0.0), (0.0, 64.0))).apply(accepted, READER)
    assert rows(moved)["FS"].status is Status.EDITED


def test_callipers_stand_beside_volumes() -> None:
    apical = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    both = SetCalliper("LAD", 10, ((10.0, 20.0), (80.0, 20.0))).apply(apical, READER)
    assert {"EF", "LAD"} <= rows(both).keys()


def test_a_calliper_beyond_the_last_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond the last"):
        SetCalliper("LAD", 20, ((10.0, 20.0), (80.0, 20.0))).apply(parasternal(), READER)
    with pytest.raises(ValueError, match="no calliper"):
        RemoveCalliper("LAD").apply(parasternal(), READER)


def test_every_linear_measure_has_millimetres_grams_or_none() -> None:
    assert {BY_CODE[one].unit for one in LINEAR_CODES} == {"mm", "g", "g/m2", "1", "%", "ml", "cm2"}
