import pytest

from kinecor.core.table.measures import Status
from kinecor.core.table.table import measurements
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.track import ContourTrack, Structure
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


@pytest.fixture
def with_atrium() -> Reading:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    endo = reading.tracks[Structure.LV_ENDO]
    atrium = ContourTrack(Structure.LA, endo.contours, endo.origins, endo.confidence)
    return reading.with_(tracks={**reading.tracks, Structure.LA: atrium})


@pytest.mark.parametrize(("label", "given"), [("A4C", True), ("A2C", True), ("A3C", False)])
def test_the_left_atrium_is_measured_in_the_views_of_the_guideline(
    with_atrium: Reading, label: str, given: bool
) -> None:
    rows = {one.code: one for one in measurements(with_atrium.with_(view=View(label, None, "header")))}
    assert (rows["LAV"].status is not Status.WITHHELD) is given
    assert given or "A4C and A2C" in (rows["LAV"].note or "")
