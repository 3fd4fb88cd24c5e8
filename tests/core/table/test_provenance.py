"""A value says who drew what it rests on: a person's contour has no confidence, and removing one is an edit."""

import pytest

from kinecor.core.table.measures import Measurement, Status
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import OnSlice, SetContours, SetExtent
from tests import stacks
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def by_code(reading: Reading) -> dict[str, Measurement]:
    return {one.code: one for one in measurements(reading)}


def track_of(reading: Reading) -> ContourTrack:
    return reading.tracks[Structure.LV_ENDO]


def test_an_edit_does_not_raise_the_confidence_of_what_the_model_drew() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats(), confidence=0.8)
    contours = track_of(reading).contours
    one = SetContours(Structure.LV_ENDO, 0, (contours[0],)).apply(reading, "Ada")
    assert by_code(one)["EDV"].confidence == pytest.approx(0.8)
    both = SetContours(Structure.LV_ENDO, 20, (contours[20],)).apply(one, "Ada")
    assert by_code(both)["EDV"].confidence is None
    assert by_code(both)["EF"].confidence == pytest.approx(0.8)
    assert track_of(both).confidence_at((0, 20)) is None


@pytest.fixture(scope="module")
def stack() -> Reading:
    return stacks.read(stacks.stack(), extent=Extent((1,) * 20, (10,) * 20))


def test_removing_a_contour_of_a_stack_is_an_edit_of_its_volume(stack: Reading) -> None:
    before = by_code(stack)
    assert before["EDV"].status is Status.AUTO
    ed = before["EDV"].frames[0]
    removed = OnSlice(5, SetContours(Structure.LV_ENDO, ed, (None,))).apply(stack, "Ada")
    assert by_code(removed)["EDV"].status is Status.EDITED
    assert by_code(removed)["RVEDV"].status is Status.AUTO


def test_an_edit_of_the_left_ventricle_leaves_the_right_automatic(stack: Reading) -> None:
    ed = by_code(stack)["EDV"].frames[0]
    contour = stack.slices[5].tracks[Structure.LV_ENDO].contours[ed]
    drawn = OnSlice(5, SetContours(Structure.LV_ENDO, ed, (contour,))).apply(stack, "Ada")
    based = SetExtent(Extent((2,) * 20, (10,) * 20)).apply(drawn, "Ada")
    for code in ("RVEDV", "RVESV", "RVEF"):
        assert by_code(based)[code].status is Status.AUTO
        assert "Ada" not in by_code(based)[code].by
    assert by_code(based)["EDV"].status is Status.EDITED


def test_origins_of_a_removed_contour_are_the_persons() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    removed = SetContours(Structure.LV_ENDO, 0, (None,)).apply(reading, "Ada")
    assert track_of(removed).origins[0] is Origin.EDITED
    row = by_code(removed)["EDV"]
    assert (row.status, row.note) == (Status.WITHHELD, "no LV contour at ED (frame 1)")
