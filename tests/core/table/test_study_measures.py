import pickle
import re

import numpy as np
import pytest

from kinecor.core.table.measures import Status
from kinecor.core.table.table import study_measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.volumes.loop_volumes import disks_volume, foreshortening_warning
from tests.core.strains import reading
from tests.deep import same

MM = Calibration(0.5, 0.5, "test")


def rows(*readings):
    return {row.code: row for row in study_measurements(readings)}


def scaled(view, **about):
    return reading(view, **about).with_(calibration=MM)


def test_biplane_volumes_of_two_like_views_are_those_of_one():
    found = rows(scaled("A4C"), scaled("A2C"))
    endo = scaled("A4C").tracks["lv_endo"]
    assert found["EDV"].quantity.value == pytest.approx(disks_volume(endo.contours[0], 0.5, 0.5) / 1000)
    assert found["EF"].quantity.value == pytest.approx(100 * (1 - 0.8**3))
    assert found["EF"].method == "biplane method of disks (A4C and A2C)"
    assert found["EF"].note is None


def test_average_gls_names_its_views_and_what_is_missing():
    found = rows(scaled("A4C"), scaled("A2C", short=0.16))["GLS"]
    assert found.quantity.value == pytest.approx(-18, abs=0.5)
    assert re.match(r"mean of A4C -(19|20)\.\d %, A2C -1[56]\.\d %; ", found.method)
    assert "mid-wall; ES at the smallest volume" in found.method
    assert found.note == "without A3C"


def test_without_a_scale_there_is_no_biplane_volume_but_strain():
    found = rows(reading("A4C"), reading("A2C"), reading("A3C"))
    assert found["EF"].status is Status.WITHHELD
    assert "millimetres" in found["EF"].note
    assert found["GLS"].note is None


def test_long_axes_that_differ_are_reported():
    short = scaled("A2C").with_(calibration=Calibration(0.4, 0.5, "test"))
    assert "foreshortened" in rows(scaled("A4C"), short)["EDV"].note
    # In the same millimetres as the warning of the short view.
    note, warning = rows(scaled("A4C"), short)["EDV"].note, foreshortening_warning(short, [scaled("A4C")])
    assert set(re.findall(r"\d+ mm", note)) == set(re.findall(r"\d+ mm", warning))


def test_of_two_loops_of_a_view_the_better_one_counts():
    found = rows(scaled("A4C", confidence=0.75), scaled("A4C", confidence=0.95), scaled("A2C", confidence=0.9))
    assert found["EF"].confidence == 0.9


def test_one_view_has_no_biplane_and_no_view_nothing():
    assert set(rows(scaled("A4C"))) == {"GLS"}
    assert rows(scaled("unknown")) == {}
    doubtful = rows(scaled("A4C", confidence=0.5), scaled("A2C"))
    assert "withheld in one" in doubtful["EF"].note


def test_a_reading_can_be_sent_to_another_process():
    one = scaled("A4C")
    again = pickle.loads(pickle.dumps(one))
    assert same(again, one)
    assert np.isfinite(rows(again)["GLS"].quantity.value)
