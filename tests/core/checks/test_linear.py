import pytest

from kinecor.core.checks.assessment import assessed
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.values.confidence import Trust
from kinecor.core.values.reading import Reading
from kinecor.session.edits import SetCalliper
from tests.core.parasternal import NORMAL_MM, READER, marked, measured, parasternal


def found(reading: Reading) -> dict[str, Finding]:
    return {one.key: one for one in assessed(reading).findings if one.code.startswith("linear.")}


def test_a_normal_heart_raises_nothing() -> None:
    assert found(marked(measured(parasternal()))) == {}
    assert found(measured(parasternal())) == {}


@pytest.mark.parametrize(
    ("name", "size_mm", "severity"),
    [
        ("IVSd", 60.0, Severity.STOP),
        ("PWd", 35.0, Severity.CHECK),
        ("PWd", 3.0, Severity.CHECK),
        ("LVIDd", 95.0, Severity.CHECK),
        ("AoR", 10.0, Severity.CHECK),
        ("IVSd", 30.0, None),
        ("IVSd", 4.0, None),
    ],
)
def test_sizes_that_no_heart_has(name: str, size_mm: float, severity: Severity | None) -> None:
    one = found(measured(parasternal(), NORMAL_MM | {name: size_mm})).get(f"linear.size:{name}")
    assert (one and one.severity) == severity
    if one is not None:
        assert name in one.measurements
        assert f"{size_mm:.0f} mm" in one.message


def test_a_wall_that_cannot_be_withholds_the_mass() -> None:
    rows = {one.code: one for one in assessed(measured(parasternal(), NORMAL_MM | {"IVSd": 60.0})).measurements}
    assert rows["LVML"].quantity is None
    assert rows["LAD"].trust is Trust.OK


def test_systole_is_smaller_than_diastole() -> None:
    (one,) = found(measured(parasternal(), NORMAL_MM | {"LVIDs": 52.0})).values()
    assert (one.code, one.severity) == ("linear.order", Severity.CHECK)
    assert {"LVIDd", "LVIDs", "FS"} <= one.measurements
    assert "LAD" not in one.measurements


def test_without_a_scale_the_order_is_still_checked() -> None:
    assert set(found(measured(parasternal(scale=None), NORMAL_MM | {"LVIDs": 52.0, "IVSd": 60.0}))) == {"linear.order"}


def test_distances_of_diastole_are_measured_near_ed() -> None:
    far = found(marked(measured(parasternal()), ed=7, es=10))["linear.frame:ed"]
    assert {"IVSd", "LVIDd", "PWd", "AoR"} <= far.measurements
    assert "LVIDs" not in far.measurements
    assert found(marked(measured(parasternal()), ed=4, es=10)) == {}  # 80 ms


def test_without_marks_those_of_one_phase_are_on_one_frame() -> None:
    apart = SetCalliper("PWd", 9, ((100.0, 50.0), (100.0, 68.0))).apply(measured(parasternal()), READER)
    assert found(apart)["linear.frame:ed"].measurements >= {"IVSd", "LVIDd", "PWd", "LVML", "RWT"}


def test_the_view_must_be_the_parasternal_long_axis() -> None:
    assert set(found(measured(parasternal(view="A4C"), {"LAD": 35.0}))) == {"linear.view"}
    assert found(SetCalliper("my own", 1, ((0.0, 0.0), (0.0, 2.0))).apply(parasternal(view="A4C"), READER)) == {}
