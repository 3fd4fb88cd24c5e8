"""`kinecor evaluate classes`: shares, correctness and calibration of classes that are stated."""

import itertools

import numpy as np
import pytest
from scipy.stats import t as student

from kinecor.core.table.intervals import form_of, interval_of
from kinecor_lab.tasks.trust.classes import (
    calibration_error,
    error_by_chance,
    reliability_table,
    shares_table,
    stated_of,
)
from kinecor_lab.tasks.trust.intervals import BOTH_PLANES, Covered


def patients(count: int, claimed: float, real: float) -> list[Covered]:
    """Biplane EFs whose errors are as wide as `real`, with intervals as wide as `claimed`."""
    rng = np.random.default_rng(5)
    measured = rng.uniform(25, 70, count)
    off = student.rvs(5, size=count, random_state=rng) * real / student.ppf(0.975, 5)
    true = 100 - (100 - measured) * np.exp(off)
    intervals = [interval_of(float(value), claimed, form_of("EF")) for value in measured]
    return [
        Covered(BOTH_PLANES, f"patient{number:04d}", "EF", float(value), float(at), one.low, one.high, True)
        for number, (value, at, one) in enumerate(zip(measured, true, intervals, strict=True))
    ]


def test_intervals_that_hold_what_they_say_are_calibrated():
    said = list(stated_of(patients(2000, 0.2, 0.2)))
    assert len(said) == 2000
    assert calibration_error(said) < 0.03
    stated = [one for one in said if one.classes]
    assert np.mean([one.stated_right for one in stated]) == pytest.approx(
        np.mean([one.stated_probability for one in stated]), abs=0.02
    )
    assert all(one.stated_probability >= 0.8 for one in stated)


def test_intervals_that_are_too_narrow_are_not():
    sure = list(stated_of(patients(2000, 0.05, 0.3)))
    assert calibration_error(sure) > 0.1
    assert calibration_error(sure) > 5 * error_by_chance(sure)


def test_few_values_are_off_by_chance():
    few, many = (list(stated_of(patients(count, 0.2, 0.2))) for count in (40, 2000))
    assert error_by_chance(few) > 3 * error_by_chance(many)


def test_the_tables_count_what_is_stated():
    said = list(stated_of(patients(400, 0.2, 0.2)))
    (row,) = shares_table(said).rows
    assert row[:3] == ("EF", BOTH_PLANES, 400)
    one, two, none = row[3:6]
    assert one + two + none == pytest.approx(100)
    assert one == pytest.approx(100 * np.mean([each.classes == 1 for each in said]))
    rows = reliability_table(said).rows
    assert sum(int(each[2]) for each in rows) == 400
    assert all(before[4] <= after[4] for before, after in itertools.pairwise(rows))


def test_values_without_a_range_are_left_out():
    of_stroke = [Covered(BOTH_PLANES, "patient0001", "SV", 60.0, 62.0, 50.0, 72.0, True)]
    assert list(stated_of(of_stroke)) == []
