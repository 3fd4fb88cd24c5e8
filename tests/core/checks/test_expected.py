import pytest

from kinecor.core.checks.expected import CHECKS
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.table.table import measurements, with_intervals
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.session.edits import SetContours
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def loop(confidence: float = 0.96, *, scale: bool = True) -> Reading:
    return reading_of(
        beating(swing=0.15), calibration=HALF_MM if scale else None, events=two_beats(), confidence=confidence
    )


def found(reading: Reading) -> dict[str, Finding]:
    return {one.subject: one for check in CHECKS for one in check(reading)}


def test_sure_contours_give_nothing() -> None:
    assert found(loop()) == {}


def test_unsure_contours_mark_volumes_with_the_reason_and_the_frame() -> None:
    findings = found(loop(0.85))
    edv = findings["EDV"]
    assert edv.severity is Severity.CHECK
    assert edv.message.startswith("EDV is known to ± ")
    assert "% only: the network is unsure of the endocardium (frame 1)." in edv.message
    assert edv.measurements == {"EDV", "EDVI"}
    assert findings["ESV"].measurements == {"ESV", "ESVI"}
    assert findings["SV"].measurements == {"SV", "SVI", "CO", "CI"}
    assert findings["EF"].measurements == {"EF"}


def test_volumes_without_a_scale_are_not_marked_and_ef_is() -> None:
    assert set(found(loop(0.88, scale=False))) == {"EF"}


def test_a_value_is_marked_by_its_own_interval() -> None:
    reading = loop(0.88)
    rows = {row.code: row for row in with_intervals(reading, measurements(reading))}
    half = rows["EDV"].plus_minus
    assert half is not None
    assert rows["EDV"].quantity is not None
    share = 100 * half / rows["EDV"].quantity.value
    assert f"± {share:.0f} % only" in found(reading)["EDV"].message


def test_contours_that_a_person_drew_give_nothing() -> None:
    reading = loop(0.88)
    for frame in (0, 10, 20, 30):
        contour = reading.tracks[Structure.LV_ENDO].contours[frame]
        reading = SetContours(Structure.LV_ENDO, frame, (contour,)).apply(reading, "Ada")
    assert found(reading) == {}


@pytest.mark.parametrize("confidence", [0.3, 0.6])
def test_values_that_are_withheld_are_not_marked_as_well(confidence: float) -> None:
    assert found(loop(confidence)) == {}
