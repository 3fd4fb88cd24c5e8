from dataclasses import replace

import pytest

from kinecor.core.checks import view as view_checks
from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import Severity
from kinecor.core.values.reading import Reading, View
from tests.core.readings import HALF_MM, MODEL, beating, reading_of, two_beats


def view_warnings(reading: Reading) -> tuple[str, ...]:
    found = (one for check in view_checks.CHECKS for one in check(reading))
    return tuple(one.message for one in found if one.code != "view.not-measured")


SEEN = View("PLAX", 0.96, MODEL)


def test_an_unknown_view_and_one_named_by_a_model_are_reported() -> None:
    reading = reading_of(beating())
    assert "is not known" in view_warnings(reading)[0]
    (line,) = view_warnings(reading.with_(view=View("A4C", 0.97, MODEL)))
    assert "A4C, was named by the model test@1 (0.97)" in line
    assert view_warnings(reading.with_(view=View("A4C", None, "header"))) == ()


def test_an_apical_view_that_is_not_sure_which_doubts_volumes_atrium_and_segments() -> None:
    reading = reading_of(beating()).with_(view=View("unknown", 0.3, MODEL))
    (one,) = (one for check in view_checks.CHECKS for one in check(reading))
    assert (one.code, one.severity) == ("view.unknown", Severity.CHECK)
    assert "not sure which" in one.message
    assert "LAV" in one.measurements
    assert {"EDV", "EF"} <= one.measurements
    assert "GLS" not in one.measurements
    assert [remedy.arguments["view"] for remedy in one.remedies] == ["A4C", "A2C", "A3C"]
    by_person = reading.with_(view=View("unknown", None, "Ada"))
    assert view_warnings(by_person)[0].startswith("The view is not known")


def test_where_nothing_is_measured_the_remedy_is_named() -> None:
    reading = reading_of(beating()).with_(withheld="colour Doppler")
    assert view_warnings(reading) == ()
    assert view_warnings(reading.with_(view=View("PLAX", None, "Ada"))) == ()
    (line,) = view_warnings(reading.with_(view=SEEN, view_seen=SEEN))
    assert "name its view and analyse again" in line


@pytest.mark.parametrize(("by", "who"), [("header", "the file's header"), ("Ada", "Ada")])
def test_a_model_that_is_sure_contradicts(by: str, who: str) -> None:
    reported = reading_of(beating()).with_(view=View("A4C", None, by), view_seen=SEEN)
    assert view_warnings(reported) == (f"A4C by {who}, but it looks like PLAX (0.96): check the view.",)
    assert view_warnings(reported.with_(withheld="it is noise"))
    assert view_warnings(reported.with_(view=View("PLAX", None, by))) == ()


@pytest.mark.parametrize(("label", "sure"), [("PLAX", 0.8), ("unknown", 0.5), ("A4C", 0.99)])
def test_one_that_is_not_sure_or_agrees_does_not(label: str, sure: float) -> None:
    reading = reading_of(beating()).with_(view=View("A4C", None, "Ada"), view_seen=View(label, sure, MODEL))
    assert view_warnings(reading) == ()


@pytest.mark.parametrize(("by", "who"), [("header", "the file's header"), ("Ada", "Ada")])
def test_an_uncertain_view_is_reported(by: str, who: str) -> None:
    reading = reading_of(beating()).with_(view=View("A4C", None, by), view_seen=View("unknown", 0.97, MODEL))
    assert view_warnings(reading) == (f"A4C by {who}, but the model recognises no view (0.97): check the view.",)


@pytest.mark.parametrize(("label", "seen"), [("PSAX", "unknown"), ("PLAX", "unknown"), ("PSAX mid", "PSAX")])
def test_no_doubt_is_reported_for_a_view_that_is_not_measured(label: str, seen: str) -> None:
    reading = reading_of(beating()).with_(view=View(label, None, "header"), view_seen=View(seen, 0.97, MODEL))
    assert view_warnings(reading) == ()


def test_a_header_is_doubted_where_the_model_is_not_sure_of_any_view() -> None:
    reading = reading_of(beating()).with_(view=View("A4C", None, "header"), view_seen=View("unknown", 0.4, MODEL))
    (line,) = view_warnings(reading)
    assert line == "A4C by the file's header, but the model does not recognise the view for sure: check the view."
    assert view_warnings(reading.with_(view=View("unknown", None, "header")))[0].startswith("The view is not known")


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (SEEN, "it looks like PLAX (0.96)"),
        (View("unknown", 0.97, MODEL), "the model recognises no view (0.97)"),
        (View("unknown", 0.6, MODEL), "the model does not recognise the view for sure"),
    ],
)
def test_where_a_header_is_overruled_the_remedy_is_named(seen: View, says: str) -> None:
    reading = reading_of(beating()).with_(view=View("A2C", None, "header"), view_seen=seen, withheld="no view")
    way = "if it is A2C, name the view by hand, or give --view A2C, and analyse again"
    assert view_warnings(reading) == (f"A2C by the file's header, but {says}: {way}.",)


def test_what_is_withheld_for_another_reason_names_no_remedy_by_view() -> None:
    reading = reading_of(beating()).with_(view=View("A4C", None, "header"), withheld="colour Doppler")
    assert view_warnings(reading.with_(view_seen=View("A4C", 0.99, MODEL))) == ()
    (line,) = view_warnings(reading.with_(view_seen=View("A2C", 0.99, MODEL)))
    assert line.endswith("check the view.")


@pytest.mark.parametrize(
    ("seen", "code", "severity", "concerns_ef"),
    [
        (View("PLAX", 0.97, MODEL), "view.contradicted", Severity.CHECK, True),
        (View("unknown", 0.97, MODEL), "view.contradicted", Severity.CHECK, True),
        (View("unknown", 0.3, MODEL), "view.not-recognised", Severity.INFO, True),
        (View("A2C", 0.97, MODEL), "view.contradicted", Severity.CHECK, False),
    ],
)
def test_only_a_sure_model_contradicts_and_an_apical_view_only_what_its_name_decides(
    seen: View, code: str, severity: Severity, concerns_ef: bool
) -> None:
    reading = reading_of(beating()).with_(view=View("A4C", None, "header"), view_seen=seen)
    (one,) = [one for check in view_checks.CHECKS for one in check(reading)]
    assert (one.code, one.severity, "EF" in one.measurements) == (code, severity, concerns_ef)
    assert {"LAV", "LS1"} <= one.measurements


@pytest.mark.parametrize(("label", "found"), [("A4C", False), ("A5C", True), ("IVC", True)])
def test_a_clip_named_another_view_keeps_no_values_of_an_apical_one(label: str, found: bool) -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats()).with_(view=View(label, None, "Ada"))
    assert ("view.not-measured" in [one.code for one in assess(reading).findings]) is found
    rows = {one.code: one for one in assess(reading).measurements}
    assert (rows["EF"].quantity is None) is found


def test_stills_have_no_frame_rate_that_could_be_assumed() -> None:
    reading = reading_of(beating())
    assumed = reading.with_(facts=replace(reading.facts, times_origin="assumed"))
    stills = reading.with_(facts=replace(reading.facts, times_origin="assumed", stills=True))

    def codes(one: Reading) -> list[str]:
        return [found.code for check in view_checks.AT_OPENING for found in check(one)]

    assert "time.assumed" in codes(assumed)
    assert "time.assumed" not in codes(stills)
