from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assessed_study
from kinecor.core.checks.findings import Severity
from kinecor.core.table.table import value_of
from kinecor.core.values.confidence import Trust
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.track import Origin
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


@pytest.mark.parametrize(
    ("step_s", "severity"), [(0.04, None), (0.034, None), (0.030, Severity.INFO), (0.028, Severity.CHECK)]
)
def test_views_at_different_rates_are_reported_and_marked_where_the_mean_is_of_neither(
    step_s: float, severity: Severity | None
) -> None:
    study = assessed_study((view("A4C"), view("A2C", step_s=step_s)))
    assert [finding.severity for finding in study.findings] == ([] if severity is None else [severity])
    rows = {row.code: row for row in study.measurements}
    marked = {code for code in ("EDV", "EF", "HR", "CO") if rows[code].trust is Trust.CHECK}
    assert marked == ({"HR", "CO"} if severity is Severity.CHECK else set())


@pytest.mark.parametrize("step_s", [0.034, 0.030, 0.028, 0.020])
def test_the_interval_of_an_output_over_two_rates_holds_the_output_at_each(step_s: float) -> None:
    four, two = view("A4C"), view("A2C", step_s=step_s)
    alike, apart = (
        {row.code: row for row in assessed_study(pair).measurements} for pair in ((four, view("A2C")), (four, two))
    )
    output, stroke_ml = apart["CO"], apart["SV"].quantity
    assert output.interval is not None
    assert stroke_ml is not None
    assert alike["CO"].interval is not None
    for reading in (four, two):
        rate = value_of(reading, "HR")
        assert rate is not None
        assert output.interval.low <= stroke_ml.value * rate / 1000 <= output.interval.high
    assert output.interval.high / output.interval.low > alike["CO"].interval.high / alike["CO"].interval.low


def test_clips_of_an_irregular_rhythm_may_have_unlike_rates() -> None:
    lengths = (14, 26, 12, 24, 14)
    starts = np.cumsum((0, *lengths))
    marks = tuple(Beat(int(start), int(start) + n // 2) for start, n in zip(starts[:-1], lengths, strict=True))
    widths = np.concatenate([beating(n, 1.0) for n in lengths])
    uneven = reading_of(widths, calibration=HALF_MM, events=CardiacEvents(marks, Origin.MODEL), step_s=0.026)
    study = assessed_study((view("A4C"), uneven.with_(view=View("A2C", None, "header"))))
    assert [finding.severity for finding in study.findings if finding.code == "study.hr-apart"] == [Severity.INFO]
    rows = {row.code: row for row in study.measurements}
    assert rows["CO"].trust is Trust.OK
