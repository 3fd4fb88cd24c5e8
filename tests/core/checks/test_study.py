from dataclasses import replace

import pytest

from kinecor.core.checks.assessment import assessed_study
from kinecor.core.values.confidence import Trust
from kinecor.core.values.reading import Reading, View
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def view(label: str, swing: float = 0.25, step_s: float = 0.04) -> Reading:
    reading = reading_of(beating(swing=swing), calibration=HALF_MM, events=two_beats(), step_s=step_s)
    return reading.with_(view=View(label, None, "header"))


def codes(*readings: Reading) -> list[str]:
    return [one.code for one in assessed_study(readings).findings]


def test_views_that_agree_have_no_findings() -> None:
    assert codes(view("A4C"), view("A2C")) == []
    assert codes(view("A4C")) == []


def test_ef_of_two_views_that_are_far_apart_marks_biplane_values() -> None:
    study = assessed_study((view("A4C"), view("A2C", swing=0.06)))
    (one,) = study.findings
    assert one.code == "study.ef-apart"
    assert "A2C" in one.message
    assert {row.trust for row in study.measurements if row.code == "EF"} == {Trust.CHECK}


@pytest.mark.parametrize(("digest", "found"), [("a", ["study.same-clip"]), ("b", [])])
def test_one_clip_under_the_names_of_two_views_is_not_biplane(digest: str, found: list[str]) -> None:
    one, other = view("A4C"), view("A2C")
    one = one.with_(facts=replace(one.facts, digest="a"))
    other = other.with_(facts=replace(other.facts, digest=digest))
    study = assessed_study((one, other))
    assert [finding.code for finding in study.findings] == found
    assert {row.trust for row in study.measurements if row.code == "EDV"} == {Trust.CHECK if found else Trust.OK}


@pytest.mark.parametrize(("step_s", "found"), [(0.04, []), (0.028, ["study.hr-apart"])])
def test_views_at_different_rates_are_reported(step_s: float, found: list[str]) -> None:
    assert codes(view("A4C"), view("A2C", step_s=step_s)) == found
