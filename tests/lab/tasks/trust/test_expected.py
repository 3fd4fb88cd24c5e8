import tomllib
from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.table.expected_error import SIGNALS, Form, parsed_usual
from kinecor_lab.tasks.trust.expected import (
    Against,
    Observed,
    covering,
    fit,
    fit_usual,
    half_of,
    observed,
    usual_toml,
    with_biplane,
)
from kinecor_lab.tasks.trust.intervals import card_of, card_of_usual, of_observed
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def drawn(count: int = 1500) -> list[Observed]:
    """Beats whose errors have a scale of 8 %, twice that where `unsure` is 1, and go together by 0.5."""
    rng = np.random.default_rng(5)
    found = []
    for number in range(count):
        signals = []
        for at_es in (0.0, 1.0):
            values = dict.fromkeys(SIGNALS, 0.0)
            signals.append(values | {"unsure": float(rng.uniform(0, 1)), "end_systole": at_es})
        scale = [0.08 * 2 ** one["unsure"] for one in signals]
        normal = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]]) / np.sqrt(rng.chisquare(5) / 5)
        true = [volume * np.exp(s * z) for volume, s, z in zip((120.0, 55.0), scale, normal, strict=True)]
        found.append(
            Observed(
                "drawn",
                str(number),
                (signals[0], signals[1]),
                (120.0, 55.0),
                (true[0], true[1]),
                100 * (1 - true[1] / true[0]),
                true[0] - true[1],
            )
        )
    return found


def test_the_fit_finds_what_the_errors_were_drawn_from() -> None:
    fitted = fit(drawn())
    assert np.exp(fitted.base) == pytest.approx(0.08, rel=0.15)
    assert fitted.powers["unsure"] == pytest.approx(np.log(2), abs=0.2)
    assert fitted.powers["end_systole"] == pytest.approx(0.0, abs=0.15)
    assert fitted.within["95"] == pytest.approx(2.57, rel=0.1)
    assert fitted.together == pytest.approx(0.5, abs=0.2)


def test_it_is_written_as_the_data_file_that_the_program_reads() -> None:
    seen = drawn(60)
    text = fit(seen).toml(0.08, card_of(seen))
    found = tomllib.loads(text)
    assert set(found) == {"base", "together", "drawn", "powers", "ranges", "within", "within_ef", "within_sv", "card"}
    assert "drawn: 60 beats" in found["card"]["fitted_on"]


def test_a_reading_gives_both_volumes_and_one_drawn_by_a_person_none() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    (one,) = observed("test", "one", reading, {"EDV": 100.0, "ESV": 50.0, "SV": 50.0, "EF": 50.0})
    assert one.measured[0] > one.measured[1]
    assert one.off[0] == pytest.approx(np.log(100 / one.measured[0]))
    assert not list(observed("test", "two", reading.with_(events=None), {"EDV": 1.0, "ESV": 1.0, "SV": 0.0, "EF": 0.0}))


def test_stroke_volumes_are_counted_by_their_own_errors() -> None:
    seen = drawn(400)
    usual = fit(seen)
    # Two readers of both volumes: their strokes differ by more than the volumes of each.
    of_two = fit([replace(one, true_sv=one.true_sv * (1.3 if number % 2 else 0.75)) for number, one in enumerate(seen)])
    assert usual.within_sv["95"] < of_two.within_sv["95"]
    assert usual.within_ef == of_two.within_ef
    inside = [row.inside for one in seen for row in of_observed(one, usual.model(0.08, {})) if row.code == "SV"]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.01)


def test_patients_alone_say_how_many_scales_cover() -> None:
    patients = drawn(300)
    simulated = [replace(one, source="simulated loops", true=one.measured) for one in drawn(300)]
    alone, both = fit(patients), fit([*patients, *simulated])
    covered = [
        sum(abs(off) <= model.within["95"] * model.scale(seen) for off, seen in zip(one.off, one.seen, strict=True)) / 2
        for model in (alone.model(0.1, {}), both.model(0.1, {}))
        for one in patients
    ]
    assert np.mean(covered[:300]) == pytest.approx(0.95, abs=0.01)
    assert np.mean(covered[300:]) == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(("count", "of_95"), [(10, 10), (19, 19), (40, 39), (100, 96)])
def test_coverage_is_counted_as_conformal_prediction_does(count: int, of_95: int) -> None:
    assert covering(np.arange(1, count + 1, dtype=float))["95"] == of_95


def test_biplane_values_are_counted_in_the_scales_of_their_planes() -> None:
    four = drawn(200)
    planes = [*four, *(replace(one, source="other view") for one in four)]
    fitted = fit(four)
    off = {(one.name, code): 0.05 for one in four for code in ("EDV", "ESV", "EF")}
    narrow = with_biplane(fitted, planes, off)
    wide = with_biplane(fitted, planes, {key: 3 * error for key, error in off.items()})
    assert narrow.within_biplane is not None
    assert wide.within_biplane is not None
    assert wide.within_biplane["95"] == pytest.approx(3 * narrow.within_biplane["95"])


def test_patients_are_halved_by_their_number_and_simulated_hearts_are_of_both() -> None:
    assert [half_of("ACDC", name) for name in ("patient014", "patient015")] == ["even", "odd"]
    assert half_of("SCD study", "SCD0000201") == "odd"
    assert half_of("simulated stacks", "normal 960000") == "both"


def usual(source: str, count: int, off: float, code: str = "LAV") -> list[Against]:
    """Values of 100 whose truth is off by a normal share."""
    rng = np.random.default_rng(3)
    return [
        Against(source, f"{source} {number}", code, 100.0, 100.0 * np.exp(off * z))
        for number, z in enumerate(rng.standard_normal(count))
    ]


def test_patients_and_simulated_hearts_weigh_equally_in_errors_without_signals() -> None:
    patients, simulated = usual("patients", 400, 0.05), usual("simulated", 40, 0.3)
    both, many = (fit_usual([*patients, *(times * simulated)])["LAV"] for times in (1, 5))
    alone = fit_usual(patients)["LAV"]
    assert alone.within["95"] == pytest.approx(1.96 * 0.05, rel=0.25)
    assert both.within["95"] > 1.5 * alone.within["95"]
    assert many.within["95"] == pytest.approx(both.within["95"], rel=1e-3)


def test_errors_of_ef_are_of_what_it_leaves_and_the_file_is_what_the_program_reads() -> None:
    rng = np.random.default_rng(4)
    ejected = [
        Against("patients", f"patients {number}", "RVEF", 40.0, 100 - 60 * float(np.exp(0.1 * z)))
        for number, z in enumerate(rng.standard_normal(400))
    ]
    seen = [*ejected, *usual("patients", 400, 0.1)]
    fitted = fit_usual(seen)
    assert fitted["RVEF"].within["95"] == pytest.approx(fitted["LAV"].within["95"], rel=0.15)
    text = usual_toml(fitted, card_of_usual(seen))
    found = parsed_usual(text)
    assert found["RVEF"].form is Form.RATIO
    assert found["LAV"].within["95"] == pytest.approx(fitted["LAV"].within["95"], abs=1e-3)
    assert "LAV: 400 of patients, 0 simulated" in tomllib.loads(text)["card"]["fitted_on"]
