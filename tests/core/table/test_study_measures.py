import pickle
import re
from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.table.expected_error import expected_error
from kinecor.core.table.intervals import form_of, interval_of, width_of
from kinecor.core.table.measures import Status
from kinecor.core.table.over_views import biplane_factor, sources_of, study_measurements
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.interval import Interval
from kinecor.core.values.recording import Stage
from kinecor.core.values.study import Entered, Sources, StudyReading, in_study, stages
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.foreshortening import lengths_of_views
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor.session.edits import ClearStudyDecision, DecideStudy, SetSources
from tests.core.strains import reading
from tests.deep import same

MM = Calibration(0.5, 0.5, "test")


def rows(*readings):
    return {row.code: row for row in study_measurements(readings)}


def scaled(view, **about):
    return reading(view, **about).with_(calibration=MM)


def test_biplane_volumes_of_two_like_views_are_those_of_one():
    found = rows(scaled("A4C"), scaled("A2C"))
    endo = scaled("A4C").tracks["lv_endo"]
    assert found["EDV"].quantity.value == pytest.approx(disks_volume(endo.contours[0], 0.5, 0.5) / 1000)
    assert found["EF"].quantity.value == pytest.approx(100 * (1 - 0.8**3))
    assert found["EF"].method == "biplane method of disks (A4C and A2C)"
    assert found["EF"].note is None


def test_a_biplane_value_has_the_interval_of_both_planes():
    def with_widths(one):
        share = 0.1 if one.view.label == "A4C" else 0.2
        return [
            replace(
                row,
                interval=interval_of(row.quantity.value, 50 * share if row.code == "GLS" else share, form_of(row.code)),
            )
            for row in measurements(one)
        ]

    found = {row.code: row for row in study_measurements([scaled("A4C"), scaled("A2C")], with_widths)}
    share = np.sqrt(0.1**2 + 0.2**2 + 0.1 * 0.2) / 2  # errors of both planes go together by half
    for code in ("EDV", "ESV", "SV", "EF"):
        assert width_of(found[code]) == pytest.approx(biplane_factor(expected_error(), code) * share)
    assert found["GLS"].interval.half_width == pytest.approx(7.5)  # its views may all be off alike


def test_a_biplane_value_has_no_interval_where_a_plane_has_none():
    def of_one(one):
        rows = measurements(one)
        if one.view.label != "A4C":
            return rows
        return [replace(row, interval=Interval(row.quantity.value - 1, row.quantity.value + 1)) for row in rows]

    found = study_measurements([scaled("A4C"), scaled("A2C")], of_one)
    assert [row.interval for row in found if row.quantity] == [None] * len(found)


def test_average_gls_names_its_views_and_what_is_missing():
    found = rows(scaled("A4C"), scaled("A2C", short=0.16))["GLS"]
    assert found.quantity.value == pytest.approx(-18, abs=0.5)
    assert re.match(r"mean of A4C -(19|20)\.\d %, A2C -1[56]\.\d %; ", found.method)
    assert "mid-wall; ES at the smallest volume" in found.method
    assert found.note == "without A3C"


def test_without_a_scale_there_is_no_biplane_volume_but_strain():
    found = rows(reading("A4C"), reading("A2C"), reading("A3C"))
    assert found["EF"].status is Status.WITHHELD
    assert "millimetres" in found["EF"].note
    assert found["GLS"].note is None


def test_long_axes_that_differ_are_reported():
    short = scaled("A2C").with_(calibration=Calibration(0.4, 0.5, "test"))
    assert "foreshortened" in rows(scaled("A4C"), short)["EDV"].note
    # In the same millimetres as the warning of the short view.
    note, lengths = rows(scaled("A4C"), short)["EDV"].note, lengths_of_views(short, [scaled("A4C")])
    assert set(re.findall(r"\d+ mm", note)) == {f"{lengths.here_mm:.0f} mm", f"{lengths.longest_mm:.0f} mm"}


def test_of_two_loops_of_a_view_a_doubtful_one_does_not_count():
    found = rows(scaled("A4C", confidence=0.72), scaled("A4C", confidence=0.95), scaled("A2C", confidence=0.9))
    assert found["EF"].confidence == 0.9
    assert found["EF"].method == "biplane method of disks (A4C and A2C)"
    doubtful = rows(scaled("A4C", confidence=0.72), scaled("A4C", confidence=0.74), scaled("A2C", confidence=0.9))
    assert doubtful["EF"].confidence == 0.74


def test_volumes_are_the_mean_over_all_beats_of_all_good_clips_of_a_view():
    """Every beat of a four-chamber clip with every beat of a two-chamber one, whatever clip it is in."""
    smaller = scaled("A4C").with_(calibration=Calibration(0.5, 0.45, "test"))
    clips = scaled("A4C"), smaller, scaled("A2C")
    found = rows(*clips)
    each = [rows(four, scaled("A2C"))["EDV"].quantity.value for four in (scaled("A4C"), smaller)]
    assert each[0] > 1.05 * each[1]
    assert found["EDV"].quantity.value == pytest.approx(np.mean(each))
    assert found["EDV"].method == "biplane method of disks (A4C and A2C), mean of 3 clips"

    def with_widths(one):
        return [
            replace(row, interval=interval_of(row.quantity.value, 0.1, form_of(row.code))) if row.code != "GLS" else row
            for row in measurements(one)
        ]

    # Its interval is no narrower: clips of one view may all be off alike.
    of_three, of_two = (
        {row.code: width_of(row) for row in study_measurements(some, with_widths)} for some in (clips, clips[1:])
    )
    assert of_three["EDV"] is not None
    assert of_three["EDV"] == pytest.approx(of_two["EDV"])


def test_a_clip_that_is_foreshortened_beside_another_of_its_view_does_not_count():
    short = scaled("A4C").with_(calibration=Calibration(0.42, 0.5, "test"))
    readings = named(scaled("A4C"), "a"), named(short, "short"), named(scaled("A2C"), "b")
    assert sourced(*readings)[:2] == [("LV", "A4C", "a"), ("LV", "A2C", "b")]


def test_one_view_has_no_biplane_and_no_view_nothing():
    assert set(rows(scaled("A4C"))) == {"GLS"}
    assert rows(scaled("unknown")) == {}
    doubtful = rows(scaled("A4C", confidence=0.5), scaled("A2C"))
    assert doubtful["EF"].note == "EF is withheld in A4C: low contour confidence at ED/ES (0.50): review the contours"


def test_a_reading_can_be_sent_to_another_process():
    one = scaled("A4C")
    again = pickle.loads(pickle.dumps(one))
    assert same(again, one)
    assert np.isfinite(rows(again)["GLS"].quantity.value)


def rated(one, rate):
    return one.with_(facts=replace(one.facts, heart_rate_per_min=rate))


def named(one, recording, **facts):
    return one.with_(facts=replace(one.facts, recording_id=recording, **facts))


def with_atrium(one, confidence=0.9):
    endo = one.tracks[Structure.LV_ENDO]
    atrium = ContourTrack(Structure.LA, endo.contours, endo.origins, np.full(len(endo), confidence))
    return one.with_(tracks={**one.tracks, Structure.LA: atrium})


def sourced(*readings, study=None):
    return [(one.result, one.view, one.reading.facts.recording_id) for one in sources_of(readings, study=study)]


def test_the_atrium_is_measured_in_both_planes():
    found = rows(with_atrium(scaled("A4C")), with_atrium(scaled("A2C")))["LAV"]
    at_es = scaled("A4C").tracks["lv_endo"].contours[scaled("A4C").events.beats[0].es]
    assert found.quantity.value == pytest.approx(disks_volume(at_es, 0.5, 0.5) / 1000)
    assert found.method == "biplane method of disks (A4C and A2C)"
    assert "LAV" not in rows(with_atrium(scaled("A4C")), scaled("A2C"))
    doubtful = rows(with_atrium(scaled("A4C")), with_atrium(scaled("A2C"), confidence=0.1))["LAV"]
    assert doubtful.note.startswith("LAV is withheld in A2C: low LA contour confidence at ES (0.10)")


def test_results_over_views_are_indexed_where_the_body_is_known():
    study = StudyReading("1", entered=Entered(height_cm=180.0, weight_kg=80.0), entered_by={"height_cm": "Ann"})
    found = rows(*(in_study(scaled(view), study) for view in ("A4C", "A2C")))
    assert found["EDVI"].quantity.value == pytest.approx(found["EDV"].quantity.value / 2)
    assert found["SV"].quantity.value == pytest.approx(found["EDV"].quantity.value - found["ESV"].quantity.value)
    assert "EDVI" not in rows(scaled("A4C"), scaled("A2C"))


def test_the_recordings_behind_each_result_are_named():
    readings = named(scaled("A4C"), "a"), named(scaled("A2C"), "b"), named(scaled("A4C", confidence=0.72), "c")
    assert sourced(*readings) == [
        ("LV", "A4C", "a"), ("LV", "A2C", "b"), ("GLS", "A4C", "a"), ("GLS", "A2C", "b"), ("GLS", "A4C", "c"),
    ]  # fmt: skip
    assert {one.beats for one in sources_of(readings)} == {(0, 1)}


def test_a_reader_chooses_and_leaves_out_recordings():
    readings = named(scaled("A4C"), "a"), named(scaled("A2C"), "b"), named(scaled("A4C", confidence=0.72), "c")
    chosen = SetSources(Sources((("A4C", "c"),))).apply(StudyReading("1"), "Ann")
    assert sourced(*readings, study=chosen)[0] == ("LV", "A4C", "c")
    assert [one.chosen_by for one in sources_of(readings, study=chosen)] == ["Ann", "", "", "Ann"]
    left = SetSources(Sources(left_out=("b",))).apply(StudyReading("1"), "Ann")
    assert sourced(*readings, study=left) == [("GLS", "A4C", "a"), ("GLS", "A4C", "c")]
    assert [row.code for row in study_measurements(readings, study=left)] == ["GLS"]
    gone = SetSources(Sources((("A4C", "gone"),))).apply(StudyReading("1"), "Ann")
    assert sourced(*readings, study=gone) == sourced(*readings)
    with pytest.raises(ValueError, match="none of them left out"):
        Sources((("A4C", "a"),), ("a",))


def test_views_of_different_stages_are_not_combined():
    rest, peak = Stage("Baseline", 1), Stage("Peak", 4)
    readings = (
        named(scaled("A4C"), "peak-4", stage=peak),
        named(scaled("A4C", confidence=0.75), "rest-4", stage=rest),
        named(scaled("A2C", confidence=0.75), "rest-2", stage=rest),
        named(scaled("A2C"), "peak-2", stage=peak),
    )
    assert stages(readings) == (rest, peak)
    assert {one for _, _, one in sourced(*readings)} == {"rest-4", "rest-2"}


def test_a_decision_on_the_study_is_its_own():
    readings = scaled("A4C"), scaled("A2C")
    ef = rows(*readings)["EF"].quantity.value
    study = DecideStudy("EF", accepted=True, computed=ef, unit="%").apply(StudyReading("1"), "Ann")
    decided = {row.code: row for row in study_measurements(readings, study=study)}
    assert (decided["EF"].status, decided["EDV"].status) == (Status.ACCEPTED, Status.AUTO)
    entered = DecideStudy("EDV", accepted=True, value=200.0).apply(study, "Ann")
    again = {row.code: row for row in study_measurements(readings, study=entered)}
    assert again["EF"].note == "with EDV as entered"
    cleared = ClearStudyDecision("EDV").apply(entered, "Ann")
    assert {row.code: row.status for row in study_measurements(readings, study=cleared)}["EF"] is Status.ACCEPTED


def test_a_cardiac_output_without_a_sure_heart_rate_is_listed_as_withheld():
    """Where the checks withhold the rate of a plane, the row of the study says so and does not vanish."""
    pair = [rated(scaled(view), 60) for view in ("A4C", "A2C")]
    assert rows(*pair)["CO"].quantity is not None

    def doubted(one):
        return tuple(
            replace(row, quantity=None, status=Status.WITHHELD, note="The rates contradict.")
            if row.code == "HR"
            else row
            for row in measurements(one)
        )

    found = {row.code: row for row in study_measurements(pair, doubted)}
    assert found["CO"].quantity is None
    assert found["CO"].note == "needs HR: HR is withheld in A4C and A2C"
    assert found["SV"].quantity is not None
