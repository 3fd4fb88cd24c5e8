from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.table.loop_inputs import _Disks, _no_volume
from kinecor.core.table.measures import Measurement, Status
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Decision, Facts, Reading, View
from kinecor.core.values.recording import Region
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.core.readings import HALF_MM, MODEL, beating, reading_of, two_beats
from tests.core.shapes import truncated_ellipsoid_volume


def rows(reading: Reading) -> dict[str, Measurement]:
    return {row.code: row for row in measurements(reading)}


def value(row: Measurement) -> float:
    assert row.quantity is not None, row.note
    return row.quantity.value


def test_the_table_of_a_known_heart() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    found = rows(reading)
    edv = truncated_ellipsoid_volume(60, 25, 0.5) / 8000
    esv = truncated_ellipsoid_volume(60, 25 * 0.75, 0.5) / 8000
    assert value(found["EDV"]) == pytest.approx(edv, rel=6e-3)
    assert value(found["ESV"]) == pytest.approx(esv, rel=6e-3)
    assert value(found["SV"]) == pytest.approx(edv - esv, rel=1e-2)
    assert value(found["EF"]) == pytest.approx(100 * (1 - 0.75**2), abs=0.05)
    assert value(found["HR"]) == pytest.approx(60 / (20 * 0.04))
    assert value(found["CO"]) == pytest.approx(value(found["SV"]) * 75 / 1000)
    assert found["EDV"].frames == (0, 20)
    assert found["EF"].frames == (0, 10, 20, 30)
    assert found["EF"].by == (MODEL,)
    assert found["EF"].method == "method of disks (single plane), mean of 2 beats"
    assert found["EF"].status is Status.AUTO


def test_without_a_scale_ef_stays_and_millilitres_are_withheld() -> None:
    found = rows(reading_of(beating(), events=two_beats()))
    assert value(found["EF"]) == pytest.approx(43.75, abs=0.05)
    assert found["EF"].note is not None
    for code in ("EDV", "ESV", "SV", "CO"):
        assert found[code].status is Status.WITHHELD
        assert "scale" in (found[code].note or "")


def test_low_confidence_at_ed_or_es_withholds() -> None:
    found = rows(reading_of(beating(), calibration=HALF_MM, events=two_beats(), confidence=0.3))
    assert found["EF"].status is Status.WITHHELD
    assert "0.30" in (found["EF"].note or "")
    # Beats that a model found on such contours are no better; beats that a person marked are.
    assert found["HR"].status is Status.WITHHELD
    marked = replace(two_beats(), origin=Origin.EDITED)
    assert value(rows(reading_of(beating(), events=marked, confidence=0.3))["HR"]) == pytest.approx(75)


def test_a_reason_to_measure_nothing_reaches_every_row() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats()).with_(withheld="colour Doppler")
    found = rows(reading)
    assert {found[code].note for code in ("EDV", "ESV", "SV", "EF", "CO")} == {"colour Doppler"}
    assert any("colour Doppler" in line for line in assess(reading).warnings)


def test_one_beat_takes_the_heart_rate_of_the_file() -> None:
    one = CardiacEvents((Beat(0, 10),), Origin.MODEL)
    single = beating(20, beats=1.0)
    assert rows(reading_of(single, events=one))["HR"].status is Status.WITHHELD
    found = rows(reading_of(single, events=one, heart_rate_per_min=66.0))
    assert value(found["HR"]) == 66
    assert found["HR"].method == "file header"
    assert found["EF"].method == "method of disks (single plane)"


def test_without_a_rate_in_the_file_it_is_measured_to_the_next_ed_that_is_seen() -> None:
    one = CardiacEvents((Beat(0, 10),), Origin.MODEL)
    found = rows(reading_of(beating(), events=one, calibration=HALF_MM))
    assert value(found["HR"]) == pytest.approx(60 / 0.8, rel=0.1)
    assert found["HR"].method == "ED to next ED"
    assert found["CO"].quantity is not None


def test_assumed_times_give_no_heart_rate() -> None:
    reading = reading_of(beating(), events=two_beats(), calibration=HALF_MM)
    reading = reading.with_(facts=replace(reading.facts, times_origin="assumed"))
    assert rows(reading)["HR"].status is Status.WITHHELD
    assert rows(reading)["CO"].status is Status.WITHHELD
    assert any("assumed" in line for line in assess(reading).warnings)


def test_no_beat_says_what_to_do() -> None:
    found = rows(reading_of(beating(), calibration=HALF_MM))
    assert "mark them" in (found["EF"].note or "")


def test_a_missing_contour_at_es_is_named() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    track = reading.tracks[Structure.LV_ENDO].replaced(10, (None,), Origin.EDITED)
    assert "ES" in (rows(reading.with_(tracks={Structure.LV_ENDO: track}))["EF"].note or "")


def with_drawn(reading: Reading, frame: int, by: str) -> Reading:
    """The same shape at `frame`, but drawn by a person."""
    endo = reading.tracks[Structure.LV_ENDO]
    edited = endo.replaced(frame, (endo.contours[frame],), Origin.EDITED)
    authors = {**reading.authors, "tracks/lv_endo/edited": by}
    return reading.with_(tracks={Structure.LV_ENDO: edited}, authors=authors)


def test_contours_drawn_by_hand_show_in_the_numbers_that_rest_on_them() -> None:
    reading = with_drawn(reading_of(beating(), calibration=HALF_MM, events=two_beats()), 10, "Ada")
    found = rows(reading)
    assert (found["ESV"].status, found["ESV"].by) == (Status.EDITED, (MODEL, "Ada"))
    assert (found["EDV"].status, found["EDV"].by) == (Status.AUTO, (MODEL,))


def test_marks_set_by_hand_show_in_every_number() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=replace(two_beats(), origin=Origin.EDITED))
    found = rows(reading.with_(authors={**reading.authors, "events": "Ada"}))
    for code in ("EDV", "EF", "HR"):
        assert found[code].status is Status.EDITED
        assert "Ada" in found[code].by


def test_a_scale_set_by_hand_is_named_with_millilitres() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    found = rows(reading.with_(authors={**reading.authors, "calibration": "Ada"}))
    assert (found["EDV"].by, found["EDV"].note) == ((MODEL, "Ada"), "scale: test")
    assert (found["EF"].by, found["EF"].note) == ((MODEL,), None)


def test_marks_the_wrong_way_round_give_no_number() -> None:
    swapped = CardiacEvents((Beat(10, 0),), Origin.EDITED)
    found = rows(reading_of(beating(), calibration=HALF_MM, events=swapped))
    assert found["EF"].status is Status.WITHHELD
    assert "move the marks" in (found["EF"].note or "")


def test_an_ed_after_es_is_said_beside_the_value() -> None:
    begun_in_systole = reading_of(
        beating(30, 1.5)[6:], calibration=HALF_MM, events=CardiacEvents((Beat(14, 4),), Origin.MODEL)
    )
    found = rows(begun_in_systole)
    for code in ("EDV", "SV", "EF"):
        assert "ED (frame 15) comes after ES (frame 5) and is of the next beat" in (found[code].note or "")
    whole = rows(reading_of(beating(), calibration=HALF_MM, events=two_beats()))
    assert "comes after" not in (whole["EF"].note or "")


def test_decisions_reach_the_table() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    decided = reading.with_(
        decisions={
            "EDV": Decision("EDV", True, None, "Ada"),
            "ESV": Decision("ESV", False, None, "Ada"),
            "EF": Decision("EF", True, 55.0, "Ada"),
        }
    )
    found = rows(decided)
    assert found["EDV"].status is Status.ACCEPTED
    assert found["ESV"].status is Status.WITHHELD
    assert "Ada" in (found["ESV"].note or "")
    assert (value(found["EF"]), found["EF"].status, found["EF"].by) == (55.0, Status.EDITED, ("Ada",))


def test_values_derived_from_a_replaced_number_follow_it() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    decisions = {"EDV": Decision("EDV", True, 20.0, "Ada"), "HR": Decision("HR", True, 50.0, "Ada")}
    found = rows(reading.with_(decisions=decisions))
    esv = value(found["ESV"])
    assert value(found["SV"]) == pytest.approx(20 - esv)
    assert value(found["EF"]) == pytest.approx(100 * (20 - esv) / 20)
    assert value(found["CO"]) == pytest.approx((20 - esv) * 50 / 1000)
    assert found["SV"].status is Status.EDITED
    assert "Ada" in found["SV"].by
    assert found["CO"].note == "with EDV and HR as entered"


def test_values_derived_from_a_rejected_number_are_withheld() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    found = rows(reading.with_(decisions={"ESV": Decision("ESV", False, None, "Ada")}))
    for code in ("SV", "EF", "CO"):
        assert found[code].status is Status.WITHHELD
        assert found[code].note == "ESV rejected by Ada"
    assert found["EDV"].status is Status.AUTO
    rate = rows(reading.with_(decisions={"HR": Decision("HR", False, None, "Ada")}))
    assert rate["CO"].status is Status.WITHHELD
    assert rate["EF"].status is Status.AUTO


def test_the_table_is_arithmetically_consistent_over_several_beats() -> None:
    widths = np.concatenate([beating(20, 1, 0.15), beating(20, 1, 0.35)])
    found = rows(reading_of(widths, calibration=HALF_MM, events=two_beats()))
    edv, esv = value(found["EDV"]), value(found["ESV"])
    assert value(found["EF"]) == pytest.approx(100 * (edv - esv) / edv)
    assert value(found["SV"]) == pytest.approx(edv - esv)


def test_irregular_beats_and_a_contradicting_header_are_reported() -> None:
    missed = CardiacEvents((Beat(0, 5), Beat(10, 15), Beat(30, 35)), Origin.MODEL)
    reading = reading_of(beating(40, 4), calibration=HALF_MM, events=missed)
    assert "irregular" in (rows(reading)["HR"].note or "")
    assert "irregular" in (rows(reading)["CO"].note or "")
    reported = rows(reading_of(beating(), events=two_beats(), heart_rate_per_min=150.0))
    assert reported["HR"].note == "the file's header says 150"
    assert rows(reading_of(beating(), events=two_beats(), heart_rate_per_min=75.0))["HR"].note is None


def test_a_contour_outside_the_region_of_the_scale_gives_no_millilitres() -> None:
    outside = Region(0, 0, 160, 300)  # the ventricle reaches to x = 175
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats(), region=outside)
    found = rows(reading)
    assert found["EDV"].status is Status.WITHHELD
    assert "frame 1 leaves the part" in (found["EDV"].note or "")
    assert found["EF"].status is Status.AUTO
    inside = reading_of(beating(), calibration=HALF_MM, events=two_beats(), region=Region(100, 50, 200, 200))
    assert rows(inside)["EDV"].status is Status.AUTO


def test_the_proportions_of_the_offered_scale_serve_ratios_before_it_is_accepted() -> None:
    offered = Calibration(0.5, 1.0, "offered")
    plain = rows(reading_of(beating(), events=two_beats()))["EF"]
    known = rows(reading_of(beating(), events=two_beats(), offered=offered))["EF"]
    accepted = rows(reading_of(beating(), events=two_beats(), calibration=offered))["EF"]
    assert value(known) == pytest.approx(value(accepted))
    assert known.status is plain.status is Status.AUTO


def test_nothing_contoured_is_an_empty_table() -> None:
    assert measurements(Reading(Facts("r", 10, 10, np.arange(5) / 30, "FrameTime"))) == ()


def test_a_view_that_may_not_be_apical_is_queried() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    endo = reading.tracks[Structure.LV_ENDO]
    lost = ContourTrack(Structure.LA, (None,) * len(endo), endo.origins, np.zeros(len(endo)))
    reported = assess(reading.with_(tracks={Structure.LV_ENDO: endo, Structure.LA: lost})).warnings
    assert any("view is not known" in line for line in reported)
    assert any("left atrium" in line for line in reported)
    lost_and_unnamed = reading.with_(tracks={Structure.LV_ENDO: endo, Structure.LA: lost})
    assert "name the view" in (rows(lost_and_unnamed)["EF"].note or "")
    assert rows(lost_and_unnamed.with_(view=View("A4C", None, "Ada")))["EF"].status is Status.AUTO
    by_model = lost_and_unnamed.with_(view=View("A4C", 0.99, MODEL))
    assert "name the view" in (rows(by_model)["EF"].note or "")
    assert not any("view" in line for line in assess(reading.with_(view=View("A4C", None, "Ada"))).warnings)


def test_atrial_volume_is_read_at_es() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    endo = reading.tracks[Structure.LV_ENDO]
    atrium = ContourTrack(Structure.LA, endo.contours, endo.origins, endo.confidence)
    found = rows(reading.with_(tracks={Structure.LV_ENDO: endo, Structure.LA: atrium}))
    assert found["LAV"].frames == (10, 30)
    assert value(found["LAV"]) == pytest.approx(value(found["ESV"]))


def test_scale_reaches_the_numbers_by_its_cube() -> None:
    small = rows(reading_of(beating(), calibration=HALF_MM, events=two_beats()))
    large = rows(reading_of(beating(), calibration=Calibration(1, 1, "test"), events=two_beats()))
    assert value(large["EDV"]) == pytest.approx(8 * value(small["EDV"]))
    assert value(large["EF"]) == pytest.approx(value(small["EF"]))


def test_an_unknown_view_is_reported_with_contours() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    assert reading.view is None
    assert any("The view is not known" in line for line in assess(reading).warnings)
    known = reading.with_(view=View("A4C", None, "header"))
    assert not any("view" in line for line in assess(known).warnings)


def test_warnings_say_what_rests_on_what() -> None:
    reading = reading_of(beating(), calibration_origin="the file names no scale", confidence=0.3)
    facts = replace(reading.facts, times_origin="assumed")
    track = reading.tracks[Structure.LV_ENDO].replaced(3, (None,), Origin.MODEL)
    reported = assess(reading.with_(facts=facts, tracks={Structure.LV_ENDO: track})).warnings
    for words in (
        "names no scale",
        "frame rate is assumed",
        "No LV contour on 1 of 40",
        "Low-confidence LV contour on 39",
        "No beat",
    ):
        assert any(words in one for one in reported), words
    assert assess(reading.with_(withheld="colour Doppler")).warnings[0] == "Nothing is measured here: colour Doppler."


def test_what_was_never_contoured_is_withheld_with_the_reason() -> None:
    bare = reading_of(beating(), events=two_beats()).with_(tracks={})
    assert rows(bare) == {}
    found = rows(bare.with_(withheld="colour Doppler"))
    assert found["EF"].note == "colour Doppler"


def test_an_atrium_without_a_contour_at_es_is_withheld() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    endo = reading.tracks[Structure.LV_ENDO]
    atrium = replace(endo, structure=Structure.LA).replaced(10, (None,), Origin.MODEL)
    found = rows(reading.with_(tracks={**reading.tracks, Structure.LA: atrium}))
    assert found["LAV"].note == "no LA contour at ES"
    doubtful = replace(atrium, contours=endo.contours, confidence=np.full(40, 0.2))
    found = rows(reading.with_(tracks={**reading.tracks, Structure.LA: doubtful}))
    assert "low LA contour confidence" in (found["LAV"].note or "")


def test_a_volume_needs_its_contour() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    track = reading.tracks[Structure.LV_ENDO].replaced(0, (None,), Origin.MODEL)
    with pytest.raises(ValueError, match="no contour at frame 0"):
        _Disks(track, reading).volume_mm3(0)
    assert _no_volume(reading, None) == "the left ventricle is not contoured"


def test_an_atrium_that_most_frames_lack_has_no_volume_unless_a_person_drew_it() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    endo = reading.tracks[Structure.LV_ENDO]
    es = [beat.es for beat in two_beats().beats]
    confidence = np.full(40, 0.1)
    confidence[es] = 0.9
    atrium = replace(endo, structure=Structure.LA, confidence=confidence)
    found = rows(reading.with_(tracks={**reading.tracks, Structure.LA: atrium}))
    assert found["LAV"].quantity is None
    assert found["LAV"].note == "no left atrium was found on most frames: trace it at ES"
    for frame in es:
        atrium = atrium.replaced(frame, (endo.contours[frame],), Origin.EDITED)
    found = rows(reading.with_(tracks={**reading.tracks, Structure.LA: atrium}))
    assert found["LAV"].quantity is not None
