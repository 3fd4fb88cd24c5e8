import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.table.expected_error import expected_error, parse_numbers
from kinecor.core.values.events import CardiacEvents
from kinecor.core.values.track import Origin
from kinecor_lab.datasets.short_axis import DSB
from kinecor_lab.tasks.sax.stacks import simulated_stack
from kinecor_lab.tasks.trust.axes import shortenings
from kinecor_lab.tasks.trust.expected import observed
from kinecor_lab.tasks.trust.interval_cases import truth_of
from kinecor_lab.tasks.trust.intervals import (
    BOTH_PLANES,
    Covered,
    binomial_percent,
    main,
    of_observed,
    shipped_errors,
    table,
    with_table,
)
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def row(number: int, true: float) -> Covered:
    return Covered("test", f"patient {number}", "EF", 50.0, true, 44.0, 56.0, abs(true - 50) <= 4)


def test_the_table_counts_what_is_within() -> None:
    found = [row(n, 50.0 + n) for n in (0, 5, 7, 9)]
    ((code, source, count, of_95, _, holds, of_90, *_),) = table(found).rows
    assert (code, source, count, of_95, of_90) == ("EF", "test", 4, 50.0, 25.0)
    assert holds == "no"


def test_patients_of_several_sets_are_pooled() -> None:
    found = [row(1, 50.0), replace(row(2, 70.0), source="other")]
    assert [(one[1], one[3]) for one in table(found).rows] == [("test", 100.0), ("other", 0.0), ("all patients", 50.0)]


@pytest.mark.parametrize(("inside", "count", "low", "high"), [(19, 20, 75.1, 99.9), (20, 20, 83.2, 100.0)])
def test_a_share_has_its_exact_interval(inside: int, count: int, low: float, high: float) -> None:
    assert binomial_percent(inside, count) == pytest.approx((low, high), abs=0.05)


def test_a_beat_has_the_intervals_that_its_reading_has() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats(), confidence=0.95)
    alone = reading.with_(events=CardiacEvents(two_beats().beats[:1], Origin.MODEL))
    truth = {"EDV": 100.0, "ESV": 40.0, "SV": 60.0, "EF": 60.0}
    (beat,) = observed("CAMUS A4C", "patient 1", alone, truth)
    by_beat = {one.code: (one.low, one.high) for one in of_observed(beat, expected_error())}
    by_reading = {one.code: one.interval for one in assess(alone).measurements if one.code in by_beat}
    for code, ends in by_beat.items():
        interval = by_reading[code]
        assert interval is not None
        assert ends == pytest.approx((interval.low, interval.high), rel=1e-3)


def test_labels_give_the_true_volumes_of_a_stack() -> None:
    made = simulated_stack("normal", 5, 2)
    scaled = replace(made.recording, slices=made.recording.slices)
    found = truth_of(replace(made, recording=scaled, experts_ml={"ED": 150.0, "ES": 60.0}))
    assert (found["EDV"], found["ESV"], found["EF"]) == (150.0, 60.0, 60.0)
    by_labels = truth_of(made)
    assert 40 < by_labels["EDV"] < 300
    assert by_labels["ESV"] < by_labels["EDV"]
    assert by_labels["RVEDV"] > by_labels["RVESV"] > 0
    assert 30 < by_labels["LVM"] < 400


def test_strokes_of_a_set_with_two_sources_are_those_of_one() -> None:
    made = replace(simulated_stack("normal", 5, 2), source=DSB)
    by_labels = truth_of(made)
    mixed = truth_of(replace(made, experts_ml={"ED": 150.0, "ES": 60.0}))
    assert mixed["EDV"] == 150.0
    assert (mixed["SV"], mixed["EF"]) == (by_labels["SV"], by_labels["EF"])


def test_a_data_file_gets_the_scales_of_stroke_volumes_in_place_of_others() -> None:
    text = shipped_errors().stacks
    assert text is not None
    for scales in ("2.50", "3.50"):
        text = with_table(text, f"[within_sv]\n90 = 1.10\n95 = {scales}", {"strokes": f"of {scales}"})
        changed = parse_numbers(text)
        assert changed.within_sv == {"90": 1.1, "95": float(scales)}
        assert changed.card["strokes"] == f"of {scales}"
    assert replace(changed, within_sv={}, card={}) == replace(expected_error(stack=True), within_sv={}, card={})


def test_the_long_axis_of_patients_shortens_by_a_seventh(shared_data: Path) -> None:
    found = shortenings(shared_data / "camus-a4c", ("valid",), "A4C")
    assert len(found) == 50
    assert np.median(found) == pytest.approx(0.15, abs=0.03)


def test_values_of_patients_are_in_their_intervals(shared_data: Path, tmp_path: Path) -> None:
    folders = ("--data", str(shared_data / "camus-a4c"), "--two-chamber", str(shared_data / "camus-a2c"))
    assert main([*folders, "--out", str(tmp_path), "--fit", str(tmp_path / "fit")]) == 0
    rows = list(csv.DictReader((tmp_path / "intervals.csv").read_text().splitlines()))
    for code in ("EDV", "ESV", "EF"):
        both = [row for row in rows if row["source"] == BOTH_PLANES and row["code"] == code]
        inside = [float(row["low"]) <= float(row["true"]) <= float(row["high"]) for row in both]
        assert len(both) == 45
        assert np.mean(inside) >= 0.88
    fitted = parse_numbers((tmp_path / "fit" / "expected_error.toml").read_text())
    assert set(fitted.within_ef_biplane) == {"90", "95"}
