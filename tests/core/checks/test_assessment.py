from dataclasses import replace

import pytest

from kinecor.core.checks import assessment
from kinecor.core.checks.assessment import assess, assessed_study
from kinecor.core.checks.findings import (
    RATES,
    SCALED,
    VOLUMES,
    Finding,
    Severity,
    State,
    codes_affected,
    most_serious,
    threshold,
)
from kinecor.core.table.intervals import with_intervals
from kinecor.core.table.measures import Measurement, Status
from kinecor.core.table.table import measurements
from kinecor.core.values.confidence import Trust
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.track import Structure
from kinecor.session.edits import AcknowledgeFinding, Decide, ReopenFinding, SetContours
from tests.core import strains
from tests.core.checks.test_scale import of_an_adult, usual_scale
from tests.core.readings import HALF_MM, beating, reading_of, two_beats

VOLUME = Finding("test.volume", Severity.CHECK, "The volume is doubtful.", measurements=VOLUMES)
STOPPED = Finding("test.volume", Severity.STOP, "The volume is wrong.", measurements=VOLUMES, subject="ED")
KNOWN = Finding("test.known", Severity.INFO, "Worth knowing.", measurements=VOLUMES)


def finding(monkeypatch: pytest.MonkeyPatch, *found: Finding) -> Reading:
    monkeypatch.setattr(assessment, "OF_A_RECORDING", (lambda _: found,))
    return reading_of(beating(), calibration=HALF_MM, events=two_beats())


def by_code(reading: Reading) -> dict[str, Measurement]:
    return {one.code: one for one in assess(reading).measurements}


def test_what_is_computed_from_a_value_is_affected_with_it() -> None:
    assert codes_affected("EDV") >= {"EDV", "SV", "EF", "CO", "CI", "EDVI", "SVI"}
    assert "ESV" not in codes_affected("EDV")
    assert "EF" not in SCALED
    assert {"CO", "CI", "HR"} <= RATES


def test_a_check_marks_the_values_it_concerns_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = finding(monkeypatch, VOLUME)
    rows, before = by_code(reading), {one.code: one for one in measurements(reading)}
    assert rows["EF"].trust is Trust.CHECK
    assert rows["EF"].quantity == before["EF"].quantity
    assert rows["HR"] == before["HR"]
    assert [one.code for one in assess(reading).open] == ["test.volume"]


def test_a_stop_withholds_with_its_sentence_and_information_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = by_code(finding(monkeypatch, STOPPED))
    assert (rows["EF"].quantity, rows["EF"].status, rows["EF"].note) == (None, Status.WITHHELD, STOPPED.message)
    known = finding(monkeypatch, KNOWN)
    assert assess(known).measurements == with_intervals(known, measurements(known))
    assert assess(known).open == ()
    assert assess(known).warnings == (KNOWN.message,)


def test_acknowledging_shows_a_stopped_value_marked_with_who_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = finding(monkeypatch, STOPPED)
    seen = AcknowledgeFinding(STOPPED.key, "2026-11-22T20:00:00+00:00", "seen by eye").apply(reading, "Ada")
    row = by_code(seen)["EF"]
    assert row.quantity is not None
    assert row.trust is Trust.CHECK
    assert "seen by eye (Ada)" in (row.note or "")
    (one,) = assess(seen).findings
    assert (one.state, one.acknowledged_by) == (State.ACKNOWLEDGED, "Ada")
    assert assess(seen).open == ()
    assert assess(ReopenFinding(STOPPED.key).apply(seen, "Ada")).open == (STOPPED,)
    with pytest.raises(ValueError, match="reason"):
        AcknowledgeFinding(STOPPED.key, "2026-11-22T20:00:00+00:00", " ")


def test_accepting_does_not_erase_a_mark_and_an_entered_value_is_the_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = finding(monkeypatch, VOLUME)
    accepted = by_code(Decide("EF", accepted=True).apply(reading, "Ada"))["EF"]
    assert (accepted.status, accepted.trust) == (Status.ACCEPTED, Trust.CHECK)
    entered = by_code(Decide("EF", accepted=True, value=50.0).apply(finding(monkeypatch, STOPPED), "Ada"))["EF"]
    assert (entered.status, entered.trust) == (Status.EDITED, Trust.OK)


def test_the_list_has_open_findings_first_and_the_most_serious_of_these_first() -> None:
    seen = Finding("test.seen", Severity.STOP, "Seen.", state=State.ACKNOWLEDGED)
    assert most_serious((seen, KNOWN, VOLUME, STOPPED)) == (STOPPED, VOLUME, KNOWN, seen)


def test_a_study_of_one_recording_has_no_findings_between_recordings() -> None:
    assert assessed_study([reading_of(beating())]).findings == ()


def test_recordings_of_two_patients_are_not_averaged() -> None:
    one, two, nobody = (reading_of(beating(), patient=patient) for patient in ("17", "18", ""))
    assert [found.code for found in assessed_study([one, two]).findings] == ["study.two-patients"]
    assert assessed_study([one, one, nobody]).findings == ()


def test_acknowledging_what_is_said_of_one_recording_leaves_the_same_open_in_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assessment, "check_against_other_views", lambda *_: (VOLUME,))
    one, two = (reading_of(beating(), calibration=HALF_MM, events=two_beats()) for _ in range(2))
    seen = AcknowledgeFinding(VOLUME.key, "2026-11-22T20:00:00+00:00", "seen by eye").apply(one, "Ada")
    assert [found.state for found in assessed_study([seen, two]).findings] == [State.OPEN, State.ACKNOWLEDGED]


def of_a_woman(reading: Reading) -> Reading:
    return reading.with_(
        facts=replace(reading.facts, sex="F", age_years=54.0, modality="US"), view=View("A4C", None, "header")
    )


def test_values_with_a_sourced_range_are_graded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = assess(of_a_woman(finding(monkeypatch)))
    rows = {one.code: one for one in found.measurements}
    ef = found.norms["EF"]
    assert rows["EF"].quantity is not None
    assert (ef.low, ef.high, ef.flag) == (54, 74, "below" if rows["EF"].quantity.value < 53.5 else "within")
    assert not found.muted("EF")
    assert "HR" not in found.norms
    assert assess(finding(monkeypatch)).norms == {}  # neither sex nor view


def test_gls_of_two_views_says_that_its_range_is_for_three() -> None:
    def study(*views: str) -> str:
        loops = [strains.reading(one) for one in views]
        asked = [one.with_(facts=replace(one.facts, sex="F", age_years=54.0, modality="US")) for one in loops]
        return assessed_study(asked).norms["GLS"].caveat

    assert "mean of three apical views" in study("A4C", "A2C")
    assert "mean of three apical views" not in study("A4C", "A2C", "A3C")


def test_a_range_is_muted_while_a_check_is_open_and_withheld_values_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    doubtful = of_a_woman(finding(monkeypatch, VOLUME))
    assert "EF" in assess(doubtful).norms
    assert assess(doubtful).muted("EF")
    seen = AcknowledgeFinding(VOLUME.key, "2026-11-22T20:00:00+00:00", "seen").apply(doubtful, "Ada")
    assert not assess(seen).muted("EF")
    assert "EF" not in assess(of_a_woman(finding(monkeypatch, STOPPED))).norms


def loop(confidence: float = 0.96, *, scale: bool = True) -> Reading:
    return reading_of(
        beating(swing=0.15), calibration=HALF_MM if scale else None, events=two_beats(), confidence=confidence
    )


def expected_errors(reading: Reading) -> list[Finding]:
    return [one for one in assess(reading).findings if one.code == "expected.error"]


def test_sure_contours_give_nothing() -> None:
    assert expected_errors(loop()) == []


def test_unsure_contours_mark_volumes_once_with_the_intervals_the_reason_and_the_frames() -> None:
    (finding,) = expected_errors(loop(0.85))
    assert finding.severity is Severity.CHECK
    assert finding.message.startswith("The contours allow EDV ")
    assert ": the network is less sure of the endocardium than usual (frame 1" in finding.message
    assert finding.measurements == codes_affected("EDV", "ESV") >= {"ESVI", "EF", "SV", "CO"}
    assert 0 in finding.frames
    assert len(finding.frames) > 1


def test_volumes_without_a_scale_are_not_marked_and_ef_is() -> None:
    (finding,) = expected_errors(loop(0.88, scale=False))
    assert finding.measurements == {"EF"}
    assert "EDV" not in finding.message


def test_a_value_is_marked_with_the_interval_that_is_shown() -> None:
    reading = loop(0.88)
    rows = {row.code: row for row in with_intervals(reading, measurements(reading))}
    (finding,) = expected_errors(reading)
    edv = rows["EDV"].interval
    assert edv is not None
    assert f"EDV {edv.low:.0f} to {edv.high:.0f} ml" in finding.message
    # A share to each side would reach below 0, where no volume is.
    assert "±" not in finding.message


def test_a_scale_in_doubt_is_not_held_against_the_contours() -> None:
    doubtful = of_an_adult(0.6 * usual_scale())
    sizes = [one.code for one in assess(doubtful).findings]
    edv = next(row for row in assess(doubtful).measurements if row.code == "EDV")
    assert "scale.heart-size" in sizes
    assert edv.interval is not None
    assert edv.quantity is not None
    assert edv.interval.half_width / edv.quantity.value > threshold("expected.edv").check
    assert expected_errors(doubtful) == []


def test_contours_that_a_person_drew_give_nothing() -> None:
    reading = loop(0.88)
    for frame in (0, 10, 20, 30):
        contour = reading.tracks[Structure.LV_ENDO].contours[frame]
        reading = SetContours(Structure.LV_ENDO, frame, (contour,)).apply(reading, "Ada")
    assert expected_errors(reading) == []


@pytest.mark.parametrize("confidence", [0.3, 0.6])
def test_values_that_are_withheld_are_not_marked_as_well(confidence: float) -> None:
    assert expected_errors(loop(confidence)) == []
