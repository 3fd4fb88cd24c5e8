import tomllib

import numpy as np
import pytest

from kinecor.core.table.expected_error import SIGNALS
from kinecor_lab.tasks.trust.expected import (
    Against,
    Observed,
    fit,
    fit_usual,
    left_out,
    left_out_usual,
    observed,
    usual_toml,
)
from kinecor_lab.tasks.trust.intervals import card_of, card_of_usual
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
        true = [volume * (1 - s * z) for volume, s, z in zip((120.0, 55.0), scale, normal, strict=True)]
        found.append(Observed("drawn", str(number), (signals[0], signals[1]), (120.0, 55.0), (true[0], true[1])))
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
    assert set(found) == {"base", "together", "drawn", "powers", "ranges", "within", "within_ef", "card"}
    assert "drawn: 60 beats" in found["card"]["fitted_on"]


def test_a_reading_gives_both_volumes_and_one_drawn_by_a_person_none() -> None:
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    (one,) = observed("test", "one", reading, {"EDV": 100.0, "ESV": 50.0})
    assert one.measured[0] > one.measured[1]
    assert one.off[0] == pytest.approx(1 - 100 / one.measured[0])
    assert not list(observed("test", "two", reading.with_(events=None), {"EDV": 1.0, "ESV": 1.0}))


def test_each_beat_is_left_out_of_its_own_fit() -> None:
    seen = drawn(40)
    pairs = left_out([*seen, seen[0]])
    assert len(pairs) == 41
    assert {one.name for one, _ in pairs} == {one.name for one in seen}
    # Both beats of one recording are of one part.
    assert len({id(fitted) for one, fitted in pairs if one.name == seen[0].name}) == 1
    assert len({id(fitted) for _, fitted in pairs}) == 5


def usual(source: str, count: int, off: float, code: str = "LAV") -> list[Against]:
    """Values of 100 whose truth is off by a normal share."""
    rng = np.random.default_rng(3)
    return [
        Against(source, f"{source} {number}", code, 100.0, 100.0 * (1 - off * z))
        for number, z in enumerate(rng.standard_normal(count))
    ]


def test_patients_and_simulated_hearts_weigh_equally_in_errors_without_signals() -> None:
    patients, simulated = usual("patients", 400, 0.05), usual("simulated", 40, 0.3)
    both, many = (fit_usual([*patients, *(times * simulated)])["LAV"] for times in (1, 5))
    alone = fit_usual(patients)["LAV"]
    assert alone.within["95"] == pytest.approx(1.96 * 0.05, rel=0.25)
    assert both.within["95"] > 1.5 * alone.within["95"]
    assert many.within["95"] == pytest.approx(both.within["95"], rel=1e-3)
    assert both.half_width(50.0) == pytest.approx(50 * both.within["95"])


def test_errors_of_ef_are_in_points_and_the_file_is_what_the_program_reads() -> None:
    seen = [*usual("patients", 50, 0.1, "RVEF"), *usual("patients", 50, 0.1)]
    fitted = fit_usual(seen)
    assert fitted["RVEF"].within["95"] == pytest.approx(100 * fitted["LAV"].within["95"], rel=1e-3)
    found = tomllib.loads(usual_toml(fitted, card_of_usual(seen)))
    assert found["RVEF"]["points"] is True
    assert found["LAV"]["within"]["95"] == pytest.approx(fitted["LAV"].within["95"], abs=1e-3)
    assert "LAV: 50 of patients, 0 simulated" in found["card"]["fitted_on"]


def test_each_value_is_left_out_of_its_own_errors() -> None:
    seen = usual("patients", 40, 0.1)
    pairs = left_out_usual(seen)
    assert sorted(one.name for one, _ in pairs) == sorted(one.name for one in seen)
    assert len({id(error) for _, error in pairs}) == 5
