import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import STRAIN
from kinecor.core.strain.atrium import atrial_strain, wall_length
from kinecor.core.table.measures import ATRIAL_CODES, EXPLORATORY, STRAIN_CODES, Measurement
from kinecor.core.table.table import measurements
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from tests.core.atria import AT_ONSET, CLOSING, ES, RESERVOIR, curve_percent, with_atrium


def rows(reading: Reading) -> dict[str, Measurement]:
    return {one.code: one for one in measurements(reading)}


def value(reading: Reading, code: str) -> float:
    quantity = rows(reading)[code].quantity
    assert quantity is not None
    return quantity.value


def test_the_length_leaves_the_annulus_out_and_takes_pixels_as_they_are() -> None:
    reading = with_atrium(curve_percent())
    length = wall_length(reading.tracks[Structure.LA], 1.0)
    contour = reading.tracks[Structure.LA].contours[0]
    assert contour is not None
    assert length[0] == pytest.approx(contour.outline(closed=False).length)
    np.testing.assert_allclose(100 * (length / length[0] - 1), curve_percent(), atol=1e-9)


def test_reservoir_conduit_and_pump_are_those_of_the_curve() -> None:
    (beat,) = atrial_strain(with_atrium(curve_percent()))
    assert beat.reservoir == pytest.approx(RESERVOIR)
    assert beat.conduit == pytest.approx(AT_ONSET - RESERVOIR)
    assert beat.pump == pytest.approx(-AT_ONSET)
    assert (beat.peak, beat.onset, beat.closing) == (ES, 32, CLOSING)
    assert beat.reservoir + beat.conduit + beat.pump == pytest.approx(0)


@pytest.mark.parametrize("noise_percent", [0.2, 0.5])
def test_noise_moves_the_phases_by_little(noise_percent: float) -> None:
    rng = np.random.default_rng(5)
    for _ in range(10):
        (beat,) = atrial_strain(with_atrium(curve_percent() + rng.normal(0, noise_percent, len(curve_percent()))))
        assert beat.reservoir == pytest.approx(RESERVOIR, abs=5 * noise_percent)
        assert beat.pump == pytest.approx(-AT_ONSET, abs=8 * noise_percent)


def test_drift_to_the_next_ed_is_taken_off() -> None:
    drift = np.arange(len(curve_percent())) / CLOSING * 4
    (beat,) = atrial_strain(with_atrium(curve_percent() + drift))
    assert beat.reservoir == pytest.approx(RESERVOIR, abs=1e-6)
    assert beat.pump == pytest.approx(-AT_ONSET, abs=1e-6)


def test_without_contraction_only_the_reservoir_is_given() -> None:
    reading = with_atrium(curve_percent(pump=False))
    assert value(reading, "LASr") == pytest.approx(RESERVOIR)
    for code in ("LAScd", "LASct"):
        assert rows(reading)[code].quantity is None
        assert "no atrial contraction" in (rows(reading)[code].note or "")


def test_rows_are_exploratory_and_say_how_they_were_measured() -> None:
    row = rows(with_atrium(curve_percent()))["LASr"]
    assert "length of the atrial contour" in row.method
    assert row.frames == (0, ES, 32, CLOSING)
    assert {"LASr", "LAScd", "LASct"} <= EXPLORATORY
    assert "exploratory" in (row.note or "")


def test_low_confidence_withholds_and_other_views_have_none() -> None:
    low = rows(with_atrium(curve_percent(), confidence=0.1))
    assert low["LASr"].quantity is None
    assert "LASct" not in low
    assert "LASr" not in rows(with_atrium(curve_percent(), view="A3C"))


def test_ranges_of_tracked_speckle_do_not_grade_contours() -> None:
    assert not ATRIAL_CODES & assess(with_atrium(curve_percent())).norms.keys()


def test_a_check_of_the_marks_concerns_it_and_one_of_the_wall_does_not() -> None:
    assert ATRIAL_CODES <= STRAIN
    assert not ATRIAL_CODES & STRAIN_CODES
