"""What callipers give on spectra and M-modes: velocities, times and depths by the axes that the file states."""

import math
from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.table.linear_inputs import calliper_words
from kinecor.core.table.measures import (
    BY_CODE,
    SCALED_CODES,
    Measurement,
    Status,
    collapse_percent,
    pressure_gradient_mmhg,
    teichholz_ml,
)
from kinecor.core.table.over_views import study_measurements
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.graph import Graph
from kinecor.core.values.reading import Facts, Reading
from kinecor.core.values.recording import Region
from kinecor.core.values.series import Series
from kinecor.session.edits import Decide, RemoveCalliper, SetCalliper

READER = "Ada"
SPECTRUM = Graph("spectral", Region(40, 300, 940, 700), 0.004, -0.5, 500.0)
STRIP = Graph("m-mode", Region(40, 300, 940, 700), 0.004, 0.4)


def recorded(kind: str, graph: Graph | None, name: str = "s1") -> Reading:
    """A still whose lower half is a graph, without a scale of its own."""
    facts = Facts(name, 768, 1024, np.zeros(1), "assumed", modality="US", series=Series(kind=kind))
    return Reading(facts=replace(facts, graphs=(graph,) if graph else ()))


def with_velocities(reading: Reading, **at_cm_per_s: float) -> Reading:
    """With a point at the height of each velocity of SPECTRUM, named by its key."""
    for name, speed in at_cm_per_s.items():
        named = {"septal": "e' septal", "lateral": "e' lateral", "TR": "TR Vmax", "S": "S'"}.get(name, name)
        reading = SetCalliper(named, 0, ((300.0, 500.0 - speed / 0.5),), "point").apply(reading, READER)
    return reading


def rows(reading: Reading) -> dict[str, Measurement]:
    return {one.code: one for one in measurements(reading)}


def value(row: Measurement) -> float:
    assert row.quantity is not None
    return row.quantity.value


def test_formulas_on_known_answers() -> None:
    assert teichholz_ml(50.0) == pytest.approx(7 / 7.4 * 125)
    assert collapse_percent(20.0, 5.0) == pytest.approx(75.0)
    assert pressure_gradient_mmhg(3.0) == pytest.approx(36.0)


def test_teichholz_is_named_so_and_follows_from_the_diameters() -> None:
    strip = SetCalliper("LVIDd", 0, ((100.0, 400.0), (100.0, 525.0))).apply(recorded("m-mode", STRIP), READER)
    strip = SetCalliper("LVIDs", 0, ((200.0, 400.0), (200.0, 475.0))).apply(strip, READER)
    every = rows(strip)
    assert value(every["LVIDd"]) == pytest.approx(50.0)
    expected = 100 * (teichholz_ml(50.0) - teichholz_ml(30.0)) / teichholz_ml(50.0)
    assert value(every["EFT"]) == pytest.approx(expected)
    assert "Teichholz" in BY_CODE["EFT"].name
    assert "EF" not in every


def test_velocities_and_their_ratio() -> None:
    reading = with_velocities(recorded("pw-doppler", SPECTRUM), E=80.0, A=50.0)
    assert value(rows(reading)["E"]) == pytest.approx(80.0)
    assert value(rows(reading)["EA"]) == pytest.approx(1.6)
    assert rows(reading)["E"].by == (READER,)
    assert calliper_words(reading, reading.callipers["E"]) == "80.0 cm/s"
    assert list(rows(RemoveCalliper("A").apply(reading, READER))) == ["E"]


def test_flow_away_from_the_transducer_is_as_fast() -> None:
    reading = with_velocities(recorded("cw-doppler", SPECTRUM), TR=-90.0)
    assert calliper_words(reading, reading.callipers["TR Vmax"]).endswith("90.0 cm/s")
    assert value(rows(reading)["TRV"]) == pytest.approx(0.9)
    assert value(rows(reading)["TRPG"]) == pytest.approx(4 * 0.9**2)


@pytest.mark.parametrize("along", [0.3, 1.0, 1.5])
def test_deceleration_time_reaches_the_baseline_wherever_the_slope_was_left(along: float) -> None:
    # From 80 cm/s at x = 300 the true slope meets the baseline at x = 350, 200 ms later.
    second = (300.0 + 50 * along, 340.0 + 160 * along)
    reading = SetCalliper("DT", 0, ((300.0, 340.0), second), "slope").apply(recorded("pw-doppler", SPECTRUM), READER)
    assert value(rows(reading)["DT"]) == pytest.approx(200.0)


@pytest.mark.parametrize("second", [(350.0, 300.0), (250.0, 400.0), (300.0, 400.0), (350.0, 340.0)])
def test_a_slope_that_does_not_fall_gives_no_time(second: tuple[float, float]) -> None:
    reading = SetCalliper("DT", 0, ((300.0, 340.0), second), "slope").apply(recorded("pw-doppler", SPECTRUM), READER)
    assert rows(reading)["DT"].status is Status.WITHHELD
    assert "does not fall" in (rows(reading)["DT"].note or "")


@pytest.mark.parametrize(
    ("graph", "why"), [(replace(SPECTRUM, baseline_px=None), "velocity 0"), (None, "outside the spectrum")]
)
def test_without_axes_there_is_no_velocity(graph: Graph | None, why: str) -> None:
    reading = with_velocities(recorded("pw-doppler", graph), E=80.0)
    assert rows(reading)["E"].quantity is None
    assert why in (rows(reading)["E"].note or "")


def test_depth_of_an_m_mode_is_its_vertical_part() -> None:
    reading = recorded("m-mode", STRIP)
    reading = SetCalliper("TAPSE", 0, ((100.0, 400.0), (190.0, 450.0))).apply(reading, READER)
    assert value(rows(reading)["TAPSE"]) == pytest.approx(20.0)
    assert calliper_words(reading, reading.callipers["TAPSE"]) == "20.0 mm"


def test_a_distance_on_a_spectrum_is_no_length() -> None:
    reading = SetCalliper("LVIDd", 0, ((100.0, 400.0), (190.0, 450.0))).apply(recorded("cw-doppler", SPECTRUM), READER)
    assert rows(reading)["LVIDd"].quantity is None
    assert "no millimetres" in (rows(reading)["LVIDd"].note or "")


def test_e_over_e_prime_joins_recordings_and_says_which_e_prime() -> None:
    inflow = with_velocities(recorded("pw-doppler", SPECTRUM, "s1"), E=80.0, A=50.0)
    septal = with_velocities(recorded("tissue-doppler", SPECTRUM, "s2"), septal=-8.0)
    lateral = with_velocities(recorded("tissue-doppler", SPECTRUM, "s3"), lateral=-12.0)
    assert "EE" not in rows(inflow) | rows(septal)
    (mean,) = study_measurements((inflow, septal, lateral))
    assert (mean.code, value(mean)) == ("EE", pytest.approx(8.0))
    assert "mean of septal and lateral" in mean.method
    (alone,) = study_measurements((inflow, lateral))
    assert value(alone) == pytest.approx(80 / 12)
    assert "only" in alone.method
    assert alone.by == (READER,)
    assert study_measurements((inflow,)) == ()
    assert study_measurements((septal, lateral)) == ()


def test_a_reader_s_own_value_enters_e_over_e_prime_and_a_rejected_one_does_not() -> None:
    inflow = with_velocities(recorded("pw-doppler", SPECTRUM, "s1"), E=80.0)
    septal = with_velocities(recorded("tissue-doppler", SPECTRUM, "s2"), septal=-8.0)
    entered = Decide("E", accepted=True, value=96.0).apply(inflow, READER)
    assert value(study_measurements((entered, septal))[0]) == pytest.approx(12.0)
    rejected = Decide("E", accepted=False).apply(inflow, READER)
    assert study_measurements((rejected, septal)) == ()


def test_moving_a_point_reopens_what_was_accepted_of_it() -> None:
    reading = Decide("EA", accepted=True).apply(
        with_velocities(recorded("pw-doppler", SPECTRUM), E=80.0, A=50.0), READER
    )
    assert rows(reading)["EA"].status is Status.ACCEPTED
    assert rows(with_velocities(reading, A=60.0))["EA"].status is Status.EDITED


def test_velocities_need_no_scale_of_the_image() -> None:
    assert not {"E", "A", "EA", "DT", "ESEP", "ELAT", "EE", "SRV", "TRV", "TRPG"} & SCALED_CODES


# The envelope of a flow away from the transducer: a half sine of 80 cm/s in 300 ms has an integral of
# 80 x 0.3 x 2 / pi cm.
ENVELOPE = tuple(
    (300.0 + 75 * share, 500.0 + 160 * math.sin(math.pi * share)) for share in np.linspace(0, 1, 61).tolist()
)
INTEGRAL_CM = 80 * 0.3 * 2 / np.pi


def traced(points=ENVELOPE, name: str = "flow") -> Reading:
    return SetCalliper("LVOT VTI", 0, points, "trace").apply(recorded("pw-doppler", SPECTRUM, name), READER)


def with_diameter(length_mm: float, scale_mm: float | None = 0.5) -> Reading:
    """A still of the parasternal long axis with a diameter of the outflow tract."""
    facts = Facts("plax", 768, 1024, np.zeros(1), "assumed", modality="US")
    reading = Reading(facts=facts, calibration=Calibration(scale_mm, scale_mm, "file") if scale_mm else None)
    end = (200.0 + length_mm / (scale_mm or 0.5), 100.0)
    return SetCalliper("LVOT", 0, ((200.0, 100.0), end)).apply(reading, READER)


def test_a_trace_gives_the_area_below_the_envelope() -> None:
    row = rows(traced())["LVOTVTI"]
    assert value(row) == pytest.approx(INTEGRAL_CM, rel=1e-3)
    assert (row.unit, row.status, row.by) == ("cm", Status.EDITED, (READER,))
    backwards = rows(traced(ENVELOPE[::-1]))["LVOTVTI"]
    assert value(backwards) == pytest.approx(value(row))
    assert calliper_words(traced(), traced().callipers["LVOT VTI"]) == f"{INTEGRAL_CM:.1f} cm"


def test_a_trace_that_begins_beyond_the_baseline_counts_the_flow_alone() -> None:
    begun = ((290.0, 490.0), *ENVELOPE, (380.0, 480.0))
    assert value(rows(traced(begun))["LVOTVTI"]) == pytest.approx(INTEGRAL_CM, rel=1e-3)


@pytest.mark.parametrize("flat", [((300.0, 500.0), (380.0, 500.0)), ((300.0, 500.0), (300.0, 600.0))])
def test_a_trace_without_an_area_says_so(flat) -> None:
    row = rows(traced(flat))["LVOTVTI"]
    assert row.quantity is None
    assert "encloses no area" in (row.note or "")


def test_stroke_volume_joins_the_trace_and_the_diameter_of_two_recordings() -> None:
    plax, flow = with_diameter(20.0), traced()
    area_cm2 = np.pi / 4 * 2.0**2
    assert value(rows(plax)["LVOTA"]) == pytest.approx(area_cm2)
    (row,) = study_measurements((plax, flow))
    assert (row.code, row.unit) == ("SVD", "ml")
    assert value(row) == pytest.approx(area_cm2 * INTEGRAL_CM, rel=1e-3)
    assert row.by == (READER,)
    assert row.method == f"LVOT area {area_cm2:.2f} cm² × VTI {INTEGRAL_CM:.1f} cm"


def test_a_trace_alone_says_what_the_stroke_volume_needs_and_a_diameter_alone_nothing() -> None:
    (row,) = study_measurements((traced(),))
    assert (row.code, row.quantity) == ("SVD", None)
    assert "no LVOT diameter" in (row.note or "")
    (unscaled,) = study_measurements((traced(), with_diameter(20.0, None)))
    assert unscaled.quantity is None
    assert study_measurements((with_diameter(20.0),)) == ()


def test_a_diameter_that_a_reader_entered_gives_the_stroke_volume() -> None:
    entered = Decide("LVOT", accepted=True, value=22.0).apply(with_diameter(20.0), READER)
    (row,) = study_measurements((entered, traced()))
    assert value(row) == pytest.approx(np.pi / 4 * 2.2**2 * INTEGRAL_CM, rel=1e-3)


def test_the_integral_needs_no_scale_of_the_image() -> None:
    assert "LVOTVTI" not in SCALED_CODES
    assert {"LVOTA", "SVD", "SVDI"} <= SCALED_CODES
