"""A stress study stage by stage, and rest against peak."""

from dataclasses import replace

import pytest

from kinecor.core.checks.assessment import assess, assessed_study
from kinecor.core.study.stress import clip_of, stress_study, views_by_number
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.reading import View
from kinecor.core.values.recording import Stage
from kinecor.core.values.study import Sources, StudyReading
from kinecor.io.export.result import document
from kinecor.session.edits import DecideStudy, SetSources
from tests.core.readings import HALF_MM, beating, reading_of, two_beats

REST, LOW, PEAK = Stage("Baseline", 1), Stage("Low Dose", 2), Stage("Peak", 4)
NEW = StudyReading("1")


def clip(stage, view, swing=0.25, rate=75.0, number=None, scale=HALF_MM):
    reading = reading_of(beating(swing=swing), calibration=scale, events=two_beats(), heart_rate_per_min=rate)
    facts = replace(
        reading.facts, recording_id=f"{stage.name}-{view or number}", stage=stage, view_number=number, r_wave_s=()
    )
    return reading.with_(facts=facts, view=View(view, None, "header") if view else None)


@pytest.fixture(scope="module")
def readings():
    return (
        clip(PEAK, "A4C", 0.35, 75.0),
        clip(PEAK, "A2C", 0.35, 75.0),
        clip(REST, "A4C"),
        clip(REST, "A2C"),
        clip(REST, "", number=1),
        clip(LOW, "A4C", 0.3),
    )


def test_stages_in_the_order_of_the_protocol_with_their_views(readings):
    found = stress_study(readings, NEW)
    assert [one.stage for one in found.stages] == [REST, LOW, PEAK]
    assert found.peak == PEAK
    assert {view: len(some) for view, some in found.stages[0].views.items()} == {"A4C": 1, "A2C": 1, "view 1": 1}
    assert found.stages[2].heart_rate_per_min == 75


def test_each_stage_has_its_own_values(readings):
    rest, low, peak = stress_study(readings, NEW).stages
    assert rest.rows["EF", ""].quantity.value == pytest.approx(100 * (1 - 0.75**2), abs=0.1)
    assert peak.rows["EF", ""].quantity.value == pytest.approx(100 * (1 - 0.65**2), abs=0.1)
    assert ("EF", "") not in low.rows
    assert low.rows["EF", "A4C"].quantity.value == pytest.approx(100 * (1 - 0.7**2), abs=0.1)


def test_rest_is_held_against_peak_over_views_else_view_by_view(readings):
    changes = {(one.code, one.of): one for one in stress_study(readings, NEW).changes}
    assert changes["EF", ""].difference == pytest.approx(100 * (0.75**2 - 0.65**2), abs=0.2)
    assert ("EF", "A4C") not in changes
    assert ("HR", "") in changes
    one_view = {(one.code, one.of): one for one in stress_study(readings[1:], NEW).changes}
    assert ("EF", "") not in one_view
    assert ("EF", "A2C") in one_view


def test_the_study_itself_is_that_of_its_first_stage(readings):
    ef = {row.code: row for row in assessed_study(readings, NEW).measurements}["EF"]
    assert ef.quantity.value == pytest.approx(100 * (1 - 0.75**2), abs=0.1)


def test_decisions_are_on_the_first_stage_and_what_is_left_out_counts_nowhere(readings):
    study = DecideStudy("EF", accepted=False).apply(NEW, "Ann")
    assert ("EF", "") in stress_study(readings, study).stages[2].rows
    left = SetSources(Sources(left_out=("Peak-A2C",))).apply(NEW, "Ann")
    assert ("EF", "") not in stress_study(readings, left).stages[2].rows


def test_without_a_stage_called_peak_the_fastest_is(readings):
    named = [replace(one.facts, stage=Stage("Stage 4", 4)) for one in readings[:2]]
    other = tuple(one.with_(facts=facts) for one, facts in zip(readings, named, strict=False)) + readings[2:]
    assert stress_study(other, NEW).peak == Stage("Stage 4", 4)
    assert stress_study(readings[2:5], NEW) is None


def test_a_smaller_heart_at_peak_is_not_foreshortened(readings):
    small = clip(PEAK, "A4C", scale=Calibration(0.4, 0.4, "test"))
    codes = [one.code for one in assess(small, readings[2:4]).findings]
    assert "study.foreshortened" not in codes
    assert "study.foreshortened" in [one.code for one in assess(small, readings[1:2]).findings]


def test_a_view_named_at_one_stage_holds_for_its_number_at_all():
    rest = clip(REST, "A4C", number=3)
    low, other = clip(LOW, "", number=3), clip(LOW, "", number=4)
    assert views_by_number((rest, low, other)) == {"Low Dose-3": "A4C"}
    assert views_by_number((rest, low, clip(PEAK, "A2C", number=3))) == {}


def test_a_view_recognised_with_confidence_at_one_stage_holds_for_clips_of_its_number_that_are_not():
    def recognised(stage, view, confidence):
        return clip(stage, view, number=3).with_(view=View(view, confidence, "model:views@1"))

    unknown = clip(LOW, "", number=3)
    sure = recognised(REST, "A2C", 0.97)
    assert views_by_number((sure, unknown)) == {"Low Dose-3": "A2C"}
    assert views_by_number((recognised(REST, "A2C", 0.7), unknown)) == {}
    assert views_by_number((sure, unknown, recognised(PEAK, "A4C", 0.6))) == {}
    named = clip(PEAK, "A4C", number=3)
    assert views_by_number((sure, unknown, named)) == {"Baseline-A2C": "A4C", "Low Dose-3": "A4C"}


def test_a_loop_of_unknown_view_gives_no_value_over_views(readings):
    unknown = replace(clip(PEAK, "A4C"), view=None)
    rows = stress_study((readings[2], unknown), NEW).stages[1].rows
    assert ("EF", "") not in rows
    assert ("EF", "unknown") in rows


def test_volumes_of_a_view_with_two_clips_are_of_one_of_them_which_is_named(readings):
    rest = readings[2]
    first, second = clip(PEAK, "A4C", 0.2, number=4), clip(PEAK, "A4C", 0.35, number=5)
    first = first.with_(facts=replace(first.facts, recording_id="Peak-4"))
    second = second.with_(facts=replace(second.facts, recording_id="Peak-5"))
    unmeasured = first.with_(events=None)  # as of a clip whose values are withheld
    found = stress_study((rest, unmeasured, second), NEW).stages[1]
    assert found.clips["A4C"] is second
    assert found.rows["EF", "A4C"].quantity.value == pytest.approx(100 * (1 - 0.65**2), abs=0.1)
    both = stress_study((rest, first, second), NEW).stages[1]
    own = {row.code: row.quantity for row in assess(both.clips["A4C"], [rest]).measurements}
    assert all(both.rows[code, "A4C"].quantity == own[code] for code in ("EF", "EDV", "ESV"))
    among = (rest, first, second)
    assert [clip_of(one, among) for one in among] == ["", "view 4", "view 5"]
    unnumbered = second.with_(facts=replace(second.facts, view_number=None))
    assert clip_of(unnumbered, (first, unnumbered)) == "clip 2"


def test_result_json_has_stages_and_changes(readings):
    entries = [{"id": str(number), "error": None} for number in range(len(readings))]
    (made,) = document(entries, ["1"] * len(readings), readings, {"1": NEW})["studies"]
    assert [one["name"] for one in made["stress"]["stages"]] == ["Baseline", "Low Dose", "Peak"]
    assert made["stress"]["stages"][0]["recordings"] == {"A4C": ["2"], "A2C": ["3"], "view 1": ["4"]}
    ef = next(one for one in made["stress"]["rest_to_peak"] if one["name"] == "EF")
    assert ef["difference"] == pytest.approx(ef["peak"] - ef["rest"], abs=1e-3)


def test_views_of_different_stages_are_not_combined(readings):
    peak, rest = readings[0], readings[3]
    unnamed = peak.with_(facts=replace(peak.facts, stage=None))
    chosen = SetSources(Sources(chosen=(("A4C", peak.facts.recording_id),))).apply(NEW, "Ann")
    assert "EF" not in {row.code for row in assessed_study((peak, rest), chosen).measurements}
    assert "EF" not in {row.code for row in assessed_study((unnamed, rest), NEW).measurements}
    together = (unnamed, *readings[2:4])
    ef = {row.code: row for row in assessed_study(together, NEW).measurements}["EF"]
    assert ef.quantity.value == pytest.approx(100 * (1 - 0.75**2), abs=0.1)
