import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.outlines.initial_contours import initial_right_ventricle
from kinecor.core.table.measures import Measurement, Status
from kinecor.core.table.table import measurements
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, View
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetContours
from tests.core.readings import HALF_MM, beating, reading_of, two_beats

SQUARE = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])


def traced(sides_px: dict[int, float], *, view: str = "A4C") -> Reading:
    """Squares of these sides as the reader's right ventricle."""
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats(), modality="US")
    reading = reading.with_(view=View(view, None, "header"))
    for frame, side in sides_px.items():
        edit = SetContours(Structure.RV, frame, (Contour(SQUARE * side + 20),))
        reading = edit.apply(reading, "Ada")
    return reading


def rows(reading: Reading) -> dict[str, Measurement]:
    return {one.code: one for one in measurements(reading)}


def test_areas_and_their_change() -> None:
    found = rows(traced({0: 80.0, 10: 60.0, 20: 80.0, 30: 60.0}))
    values = {code: found[code].quantity.value for code in ("RVAd", "RVAs", "RVFAC") if found[code].quantity}
    assert values == pytest.approx({"RVAd": 16.0, "RVAs": 9.0, "RVFAC": 43.75})
    assert found["RVFAC"].status is Status.EDITED
    assert "Ada" in found["RVFAC"].by


def test_what_is_not_traced_is_named() -> None:
    found = rows(traced({0: 80.0}))
    assert found["RVAd"].quantity is not None
    assert found["RVFAC"].quantity is None
    assert "not traced at ES" in (found["RVFAC"].note or "")
    assert "RVFAC" not in rows(traced({}))


def test_another_view_withholds() -> None:
    assert "A4C" in (rows(traced({0: 80.0, 10: 60.0}, view="A2C"))["RVFAC"].note or "")


def test_it_is_graded() -> None:
    one = assess(traced({0: 80.0, 10: 70.0})).norms["RVFAC"]
    assert (one.low, one.flag) == (35, "below")


def test_the_first_contour_has_a_usual_size() -> None:
    reading = traced({})
    contour = initial_right_ventricle(reading, (150.0, 120.0))
    assert contour.area_px2 * 0.25 == pytest.approx(1800, rel=0.15)
    assert contour.centroid == pytest.approx((150.0, 120.0), abs=20)


def test_a_contour_that_was_not_fitted_withholds_the_change() -> None:
    reading = traced({0: 80.0})
    template = SetContours(Structure.RV, 10, (Contour(SQUARE * 60 + 20),), (Origin.TEMPLATE,)).apply(reading, "Ada")
    row = {one.code: one for one in assess(template).measurements}["RVFAC"]
    assert row.quantity is None
