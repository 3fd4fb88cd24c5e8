"""Reference ranges in every output: result.json, CSV, the line of the command, and the report."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from kinecor.cli.batch.recordings import summary_line
from kinecor.core.checks import assessment
from kinecor.core.checks.findings import EVERYTHING, Finding, Severity
from kinecor.core.report.language import ENGLISH
from kinecor.core.values.reading import Reading
from kinecor.io.export.result import cine_entry
from kinecor.io.export.tables import write_measurements
from kinecor.io.report.blocks import Rows, Span
from kinecor.io.report.details import values_page
from tests.readings import cine, read

DOUBT = Finding("test.volume", Severity.CHECK, "The volume is doubtful.", measurements=EVERYTHING)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Reading:
    monkeypatch.setattr(assessment, "OF_A_RECORDING", ())
    return of_a_man()


@pytest.fixture
def doubtful(monkeypatch: pytest.MonkeyPatch) -> Reading:
    monkeypatch.setattr(assessment, "OF_A_RECORDING", (lambda _: (DOUBT,),))
    return of_a_man()


def of_a_man() -> Reading:
    one = read(cine())
    return one.with_(facts=replace(one.facts, sex="M", age_years=61.0))


def printed(one: Reading) -> list[Span]:
    rows = [block for block in values_page(one, (), ENGLISH).blocks if isinstance(block, Rows)]
    return [span for block in rows for row in block.rows for cell in row if isinstance(cell, tuple) for span in cell]


def test_result_json_has_range_flag_and_citation(reading: Reading) -> None:
    ef = next(one for one in cine_entry("a", cine(), reading)["measurements"] if one["name"] == "EF")
    normal = ef["normal"]
    assert (normal["low"], normal["high"], normal["unit"]) == (52, 72, "%")
    assert (normal["flag"], normal["grade"]) == (None, None)  # 57 % (15 to 79): of no class
    assert normal["set"] == "ASE/EACVI 2015"
    assert "10.1016/j.echo.2014.10.003" in normal["citation"]
    assert normal["caveat"] == "the range is for the biplane method"
    rate = next(one for one in cine_entry("a", cine(), reading)["measurements"] if one["name"] == "HR")
    assert "normal" not in rate


def test_an_open_check_takes_flag_and_grade_away(doubtful: Reading) -> None:
    entry = cine_entry("a", cine(), doubtful)
    normal = next(one for one in entry["measurements"] if one["name"] == "EF")["normal"]
    assert (normal["flag"], normal["grade"], normal["muted"], normal["low"]) == (None, None, True, 52)
    assert "abnormal" not in summary_line(entry)


def test_csv_has_a_column_each(reading: Reading, tmp_path: Path) -> None:
    write_measurements(tmp_path / "m.csv", reading)
    rows = {row["name"]: row for row in csv.DictReader((tmp_path / "m.csv").read_text("utf-8").splitlines())}
    assert (rows["EF"]["normal_low"], rows["EF"]["normal_high"], rows["EF"]["normal_unit"]) == ("52", "72", "%")
    assert rows["EF"]["reference"] == "ASE/EACVI 2015"
    assert rows["HR"]["reference"] == ""


def test_the_line_of_the_command_names_the_grade(reading: Reading) -> None:
    entry = cine_entry("a", cine(), reading)
    ef = next(one for one in entry["measurements"] if one["name"] == "EF")
    ef["value"] = 45.0
    ef["normal"] |= {"flag": "below", "grade": "mildly abnormal"}
    ef["trust"] = "ok"
    assert "EF 45 % (mildly abnormal)" in summary_line(entry)
    ef["normal"] |= {"flag": "above", "grade": ""}
    assert "EF 45 % (above range)" in summary_line(entry)


def test_the_report_prints_the_range_beside_the_value(reading: Reading) -> None:
    assert any(span.text == "52–72 %" for span in printed(reading))


def test_the_report_grades_nothing_under_an_open_check(doubtful: Reading) -> None:
    words = [span.text for span in printed(doubtful)]
    assert "52–72 %" in words
    assert not any("abnormal" in one or "range" in one for one in words)
