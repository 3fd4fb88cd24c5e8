import numpy as np
import pytest

from kinecor.core.values.reading import Facts, Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.loop_volumes import curves
from tests.core.readings import HALF_MM, beating, reading_of
from tests.core.shapes import truncated_ellipsoid_volume


def test_volumes_are_those_of_the_shapes() -> None:
    widths = beating()
    found = curves(reading_of(widths, calibration=HALF_MM))
    truth = [truncated_ellipsoid_volume(60, width, 0.5) / 8 / 1000 for width in widths]
    assert found.volume_unit == "ml"
    assert found.lv_volume == pytest.approx(truth, rel=6e-3)
    assert found.lv_area_mm2 == pytest.approx(found.lv_area_px2 / 4)


def test_without_a_scale_there_are_no_millilitres() -> None:
    found = curves(reading_of(beating()))
    assert found.volume_unit == "relative %"
    assert found.lv_area_mm2 is None
    assert found.lv_volume.max() == pytest.approx(100)


def test_a_missing_contour_is_a_gap() -> None:
    reading = reading_of(beating(), calibration=HALF_MM)
    track = reading.tracks[Structure.LV_ENDO].replaced(3, (None,), Origin.EDITED)
    found = curves(reading.with_(tracks={Structure.LV_ENDO: track}))
    assert np.flatnonzero(np.isnan(found.lv_volume)).tolist() == [3]


def test_nothing_contoured_is_all_gap() -> None:
    found = curves(Reading(Facts("r", 10, 10, np.arange(5) / 30, "FrameTime")))
    assert np.isnan(found.lv_volume).all()
    assert found.la_volume is None
