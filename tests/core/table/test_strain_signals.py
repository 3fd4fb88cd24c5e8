from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.table import intervals
from kinecor.core.table.expected_error import Form, UsualError, signals_of_strain
from kinecor.core.table.intervals import with_intervals
from kinecor.core.table.table import measurements
from tests.core import strains


def half_width(reading, monkeypatch: pytest.MonkeyPatch) -> float:
    usual = {
        "GLS": UsualError({"95": 2.0}, Form.POINTS, {"lost": 1.0, "drift": 0.5}, {"lost": (-3, 3), "drift": (0, 3)})
    }
    monkeypatch.setattr(intervals, "usual_errors", lambda: usual)
    (row,) = (row for row in with_intervals(reading, measurements(reading)) if row.code == "GLS")
    assert row.interval is not None
    return row.interval.half_width


def test_a_wall_that_is_followed_worse_has_a_wider_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    well, worse = strains.reading(), strains.reading(error=0.2)
    of_well, of_worse = signals_of_strain(well), signals_of_strain(worse)
    assert of_well is not None
    assert of_worse is not None
    assert of_well["lost"] < of_worse["lost"]
    assert half_width(well, monkeypatch) < half_width(worse, monkeypatch)
    assert half_width(well, monkeypatch) == pytest.approx(2.0 * np.exp(of_well["lost"] + 0.5 * of_well["drift"]))


def test_without_motion_nothing_is_seen_of_how_the_wall_was_followed() -> None:
    assert signals_of_strain(strains.reading(moving=False)) is None
    assert signals_of_strain(replace(strains.reading(), tracks={})) is None
