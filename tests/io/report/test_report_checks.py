"""Checks in the report, in the CSV table and in the line of `analyse`: marked values say so, each finding once."""

import csv

import pytest

from kinecor.cli.batch.recordings import summary_line
from kinecor.core.checks import assessment
from kinecor.core.checks.findings import Finding, Severity, codes_affected
from kinecor.core.report.language import ENGLISH
from kinecor.io.export.result import cine_entry
from kinecor.io.export.tables import write_measurements
from kinecor.io.report.blocks import ALERT, Rows, Span
from kinecor.io.report.details import values_page
from kinecor.session.edits import AcknowledgeFinding
from tests.readings import cine, read

RATE = Finding("time.rate", Severity.CHECK, "The rates disagree.", measurements=codes_affected("HR"))
CROSSED = Finding("contours.crossed", Severity.STOP, "The contours cross.", measurements=codes_affected("ESV"))
NOTE = Finding("files.warning", Severity.INFO, "Two frames are missing.")


@pytest.fixture
def found(monkeypatch):
    def use(*findings):
        monkeypatch.setattr(assessment, "OF_A_RECORDING", (lambda _: findings,))
        monkeypatch.setattr(assessment, "check_against_other_views", lambda *_: ())

    return use


def signs(reading):
    """Codes of the rows with the sign of a check."""
    (table,) = (one for one in values_page(reading, (), ENGLISH).blocks if isinstance(one, Rows))
    return [row[0][0].text for row in table.rows if Span("! check", bold=True, colour=ALERT, new_line=True) in row[1]]


def test_values_with_an_open_check_have_its_sign(found):
    found()
    assert signs(read(cine())) == []
    found(RATE, CROSSED, NOTE)
    assert "HR" in signs(read(cine()))
    assert "EDV" not in signs(read(cine()))


def test_values_with_an_acknowledged_check_keep_the_sign(found):
    found(CROSSED)
    reading = AcknowledgeFinding(CROSSED.key, "2026-11-22T20:00:00+00:00", "artefact").apply(read(cine()), "Dr Grey")
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
    line = summary_line(cine_entry("a", recording, read(recording)))
    assert "EF withheld (check)" in line
    assert line.count("EDV") == 1
    found(Finding("time.rate", Severity.CHECK, "The rates disagree.", measurements=frozenset({"EF"})))
    assert "% (check), EDV" in summary_line(cine_entry("a", recording, read(recording)))
