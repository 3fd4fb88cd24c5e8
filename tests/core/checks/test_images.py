"""Checks of what the images show, on readings whose images are given."""

from dataclasses import replace

import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.checks.images import CHECKS
from kinecor.core.table.measures import Status
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.recording import ImageFacts, RecordingFacts, Region
from tests.core.readings import beating, reading_of, two_beats

A4C = View("A4C", None, "header")


def loop(scale: float = 1.0, **images: object) -> Reading:
    spacing = Calibration(0.5 * scale, 0.5 * scale, "test")
    reading = reading_of(beating(), calibration=spacing, events=two_beats(), region=Region(0, 0, 300, 300))
    found = ImageFacts(measured=True, **images)  # type: ignore[arg-type]
    return reading.with_(view=A4C).with_images(RecordingFacts(found))


def found(reading: Reading) -> list[Finding]:
    return [one for check in CHECKS for one in check(reading)]


def brief(reading: Reading) -> list[tuple[str, Severity]]:
    return [(one.code, one.severity) for one in found(reading)]


def test_sound_images_and_images_not_yet_measured_give_nothing() -> None:
    assert found(loop(covered=1.0, apex_up=True, tick_px=(0.0, 20.0), period_frames=20.0)) == []
    assert found(loop().with_images(RecordingFacts(ImageFacts()))) == []


@pytest.mark.parametrize(("aspect", "severity"), [(1.03, None), (0.93, Severity.CHECK), (1.3, Severity.STOP)])
def test_a_sector_that_is_round_only_in_other_pixels_contradicts_the_scale(
    aspect: float, severity: Severity | None
) -> None:
    findings = found(loop(sector_aspect=aspect))
    assert [(one.code, one.severity) for one in findings] == ([("scale.aspect", severity)] if severity else [])
    if severity is Severity.STOP:
        assert "1.30 times as high as wide; by the scale in force they are 1.00 times" in findings[0].message
        assert {"EDV", "GLS"} <= findings[0].measurements
        assert "EF" not in findings[0].measurements


def test_a_value_at_a_damaged_frame_is_withheld() -> None:
    reading = loop(damaged=(10,))
    rows = {one.code: one for one in assess(reading).measurements}

    assert brief(reading)[0] == ("files.damaged-frame", Severity.STOP)
    assert (rows["ESV"].status, rows["EF"].status) == (Status.WITHHELD, Status.WITHHELD)
    assert rows["EDV"].status is not Status.WITHHELD
    assert found(reading)[0].message.startswith("ES is on frame 11, whose image is damaged.")


def test_a_damaged_frame_elsewhere_is_only_reported_and_many_mark() -> None:
    assert brief(loop(damaged=(5,))) == [("files.damaged-frames", Severity.INFO)]
    assert found(loop(damaged=(4, 5, 6, 15)))[0].message.startswith("The image of frames 5 to 7, 16 is damaged:")
    assert brief(loop(damaged=(3, 4, 5, 6, 7, 13, 14))) == [("files.damaged-frames", Severity.CHECK)]


def test_a_frozen_run_marks_where_it_is_long_or_beside_an_event() -> None:
    assert brief(loop(repeated=(4, 5))) == [("time.frozen-frames", Severity.INFO)]
    assert brief(loop(repeated=(4, 5, 6, 7))) == [("time.frozen-frames", Severity.CHECK)]
    assert brief(loop(repeated=(11, 12))) == [("time.frozen-frames", Severity.CHECK)]
    assert brief(loop(repeated=(4, 14))) == [("time.repeated-frames", Severity.INFO)]


def test_lost_frames_mark_rates_and_a_known_gap_does_not() -> None:
    (one,) = found(loop(lost_after=(12,)))
    assert (one.code, one.severity) == ("time.lost-frames", Severity.CHECK)
    assert "HR" in one.measurements
    assert "EF" not in one.measurements
    assert brief(loop(gap_after=(12,))) == [("time.gap", Severity.INFO)]


@pytest.mark.parametrize("after", [9, 10])
def test_frames_lost_beside_es_leave_the_smallest_volume_in_doubt(after: int) -> None:
    (one,) = found(loop(lost_after=(after,)))
    assert one.message.endswith("ES is beside the jump: the cavity may be smallest in between.")
    assert {"HR", "ESV", "EF"} <= one.measurements
    assert "EDV" not in one.measurements


@pytest.mark.parametrize(("scale", "severity"), [(1.25, Severity.STOP), (1.8, Severity.STOP), (1.07, Severity.CHECK)])
def test_marks_of_the_depth_scale_contradict_a_wrong_scale(scale: float, severity: Severity) -> None:
    assert brief(loop(scale, tick_px=(12.0, 16.0)))[0] == ("scale.ticks-disagree", severity)


def test_pixels_that_are_not_square_are_measured_along_the_marks() -> None:
    reading = loop(tick_px=(30.0, 20.0)).with_(calibration=Calibration(0.4, 0.2, "test"))
    assert found(reading) == []


def test_depth_is_that_of_an_apical_view() -> None:
    assert brief(loop(1.8)) == [("scale.depth", Severity.CHECK)]
    assert found(loop(0.5)) == []  # a child's, as long as no age is known
    small = loop(0.5)
    assert brief(small.with_(facts=replace(small.facts, age_years=50.0))) == [("scale.depth", Severity.CHECK)]
    assert found(loop(1.8).with_(view=View("PSAX", None, "header"))) == []
    mri = loop(1.8)
    assert found(mri.with_(facts=replace(mri.facts, modality="MR"))) == []  # a field of view is no depth


def test_a_region_beside_the_picture_and_an_image_upside_down_are_marked() -> None:
    assert brief(loop(covered=0.3)) == [("scale.region", Severity.CHECK)]
    assert brief(loop(apex_up=False)) == [("view.upside-down", Severity.CHECK)]


def test_slices_with_the_same_pixels_or_another_trigger_are_named() -> None:
    same, late = found(loop(same_slices=((1, 4),), late_slices=((2, -3),)))
    assert (same.code, same.slices, late.code, late.slices) == ("stack.same-slices", (1, 4), "stack.late-slice", (2,))
    assert late.message == "Slice 3 contracts 3 phases earlier than the others (another trigger?)."


def line(points: int, x: int = 150, y: int = 120) -> tuple[tuple[int, int], ...]:
    """A still line of so many pixels down from a point within the ventricle."""
    return tuple((x, y + n) for n in range(points))


def test_lines_that_stand_still_over_the_ventricle_doubt_its_contours() -> None:
    (one,) = found(loop(drawn_px=line(60)))
    assert (one.code, one.severity) == ("files.drawn-over", Severity.CHECK)
    assert {"EDV", "EF", "GLS"} <= one.measurements


def test_few_still_pixels_and_lines_beside_the_ventricle_say_nothing() -> None:
    assert found(loop(drawn_px=line(10))) == []
    assert found(loop(drawn_px=line(100, x=20))) == []


@pytest.mark.parametrize(("columns", "marked"), [(300, False), (200, True)])
def test_a_sector_beyond_the_region_of_the_scale_doubts_sizes(columns: int, marked: bool) -> None:
    """An image that was enlarged after its region was written; an ECG moves, too."""
    reading = loop(covered=0.7, sector=Region(20, 20, 280, 280))
    reading = reading.with_(facts=replace(reading.facts, region=Region(0, 0, columns, columns)))
    assert [one.code for one in found(reading)] == (["scale.region"] if marked else [])
