from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.tasks.trust.axes import shortenings
from kinecor_lab.tasks.trust.intervals import Covered, of_reading, table
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def test_values_with_an_interval_are_held_against_the_truth() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats(), confidence=0.95)
    (ef,) = of_reading("test", "one", reading, {"EF": 40.0})
    assert ef.code == "EF"
    assert ef.within() == (abs(ef.measured - 40.0) <= ef.plus_minus)


def test_the_table_counts_what_is_within() -> None:
    found = [Covered("test", str(n), "EF", 50.0, 6.0, 50.0 + n) for n in (0, 5, 7, 9)]
    ((source, code, count, of_90, of_95, *_),) = table(found).rows
    assert (source, code, count, of_95) == ("test", "EF", 4, "50")
    assert int(of_90) <= 50


def test_the_long_axis_of_patients_shortens_by_a_seventh(shared_data: Path) -> None:
    found = shortenings(shared_data / "camus-a4c", ("valid",), "A4C")
    assert len(found) == 50
    assert np.median(found) == pytest.approx(0.15, abs=0.03)
