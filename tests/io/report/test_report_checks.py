"""Checks in the report, in the CSV table and in the line of `analyse`: marked values say so, each finding once."""

import csv

import pytest

from kinecor.cli.analyse import _summary
from kinecor.core.checks import assessment
from kinecor.core.checks.findings import Finding, Severity, affected
from kinecor.io.export.result import cine_entry
from kinecor.io.export.tables import write_measurements
from kinecor.io.report.blocks import ALERT, Findings, Rows, Span
from kinecor.io.report.report import pages_of
from kinecor.session.edits import AcknowledgeFinding
from tests.readings import cine, read

RATE = Finding("time.rate", Severity.CHECK, "The rates disagree.", measurements=affected("HR"))
CROSSED = Finding("contours.crossed", Severity.STOP, "The contours cross.", measurements=affected("ESV"))
NOTE = Finding("files.warning", Severity.INFO, "Two frames are missing.")


@pytest.fixture
def found(monkeypatch):
    def use(*findings):
        monkeypatch.setattr(assessment, "CHECKS", (lambda _: findings,))
        monkeypatch.setattr(assessment, "between", lambda *_: ())
        assessment._assessed.cache_clear()

    yield use
    assessment._assessed.cache_clear()


def blocks(reading):
    return pages_of(cine(), reading)[0].blocks


def listed(reading):
    return [(one.title, one.sentences) for one in blocks(reading) if isinstance(one, Findings)]


def signs(reading):
    """Codes of the rows with the sign of a check."""
    (table,) = (one for one in blocks(reading) if isinstance(one, Rows))
    return [row[0][0].text for row in table.rows if Span("! check", bold=True, colour=ALERT, new_line=True) in row[1]]


def test_a_clean_recording_has_no_check_and_no_sign(found):
    found()
    reading = read(cine())
    assert listed(reading) == []
    assert signs(reading) == []


def test_open_checks_name_their_values_and_notes_stand_apart(found):
    found(RATE, CROSSED, NOTE)
    reading = read(cine())
    (opened, sentences), notes = listed(reading)
    assert opened == "Checks: 2 open"
    assert "ESV" in sentences[0]
    assert "withheld: The contours cross." in sentences[0]
    assert sentences[1].endswith("HR to be checked: The rates disagree.")
    assert notes == ("Notes", ("Two frames are missing.",))
    assert "HR" in signs(reading)
    assert "EDV" not in signs(reading)


def test_an_acknowledged_check_says_who_when_and_why(found):
    found(CROSSED)
    reading = AcknowledgeFinding(CROSSED.key, "2026-11-22T20:00:00+00:00", "artefact").apply(read(cine()), "Dr Grey")
    assert listed(reading) == [
        ("Checks: acknowledged", ("The contours cross. Acknowledged by Dr Grey, 2026-11-22: artefact",))
    ]
    assert {"ESV", "EF"} <= set(signs(reading))


def test_the_table_has_trust_and_codes(found, tmp_path):
    found(RATE, CROSSED)
    write_measurements(tmp_path / "m.csv", read(cine()))
    rows = {one["name"]: one for one in csv.DictReader((tmp_path / "m.csv").read_text().splitlines())}
    assert (rows["HR"]["trust"], rows["HR"]["checks"]) == ("check", "time.rate")
    assert (rows["EF"]["value"], rows["EF"]["trust"], rows["EF"]["checks"]) == ("", "withheld", "contours.crossed")
    assert (rows["EDV"]["trust"], rows["EDV"]["checks"]) == ("ok", "")


def test_the_line_of_analyse_marks_values(found):
    found(Finding("time.rate", Severity.CHECK, "The rates disagree.", measurements=frozenset({"EF"})), CROSSED)
    recording = cine()
    line = _summary(cine_entry("a", recording, read(recording)))
    assert "EF withheld (check)" in line
    assert line.count("EDV") == 1
    found(Finding("time.rate", Severity.CHECK, "The rates disagree.", measurements=frozenset({"EF"})))
    assert "% (check), EDV" in _summary(cine_entry("a", recording, read(recording)))
