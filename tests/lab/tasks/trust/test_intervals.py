import csv
from pathlib import Path

import numpy as np
import pytest

from kinecor.core.table.expected_error import expected_error
from kinecor_lab.tasks.trust.axes import shortenings
from kinecor_lab.tasks.trust.expected import observed
from kinecor_lab.tasks.trust.intervals import Covered, main, of_observed, of_reading, table
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def test_values_with_an_interval_are_held_against_the_truth() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats(), confidence=0.95)
    (ef,) = of_reading("test", "one", reading, {"EF": 40.0})
    assert ef.code == "EF"
    assert ef.of_90 < ef.plus_minus
    assert ef.off == pytest.approx(abs(ef.measured - 40.0))


def test_the_table_counts_what_is_within() -> None:
    found = [Covered("test", str(n), "EF", 50.0, 6.0, 50.0 + n, 4.0) for n in (0, 5, 7, 9)]
    ((source, code, count, of_90, of_95, *_),) = table(found).rows
    assert (source, code, count, of_90, of_95) == ("test", "EF", 4, "25", "50")


def test_a_beat_has_the_intervals_that_its_reading_has() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats(), confidence=0.95)
    truth = {"EDV": 100.0, "ESV": 40.0, "SV": 60.0, "EF": 60.0}
    (beat,) = observed("test", "one", reading, truth)
    by_beat = {one.code: one.plus_minus for one in of_observed(beat, expected_error())}
    by_reading = {one.code: one.plus_minus for one in of_reading("test", "one", reading, truth)}
    assert by_beat == pytest.approx(by_reading, rel=1e-3)


def test_the_long_axis_of_patients_shortens_by_a_seventh(shared_data: Path) -> None:
    found = shortenings(shared_data / "camus-a4c", ("valid",), "A4C")
    assert len(found) == 50
    assert np.median(found) == pytest.approx(0.15, abs=0.03)


def test_biplane_values_of_patients_are_in_their_intervals(shared_data: Path, tmp_path: Path) -> None:
    folders = ("--data", str(shared_data / "camus-a4c"), "--two-chamber", str(shared_data / "camus-a2c"))
    assert main([*folders, "--out", str(tmp_path)]) == 0
    rows = list(csv.DictReader((tmp_path / "intervals.csv").read_text().splitlines()))
    for code in ("EDV", "ESV", "EF"):
        both = [row for row in rows if row["source"].startswith("CAMUS, both planes") and row["code"] == code]
        inside = [abs(float(row["measured"]) - float(row["true"])) <= float(row["plus_minus"]) for row in both]
        assert len(both) == 44
        assert np.mean(inside) >= 0.9
