import tomllib

import numpy as np
import pytest

from kinecor.core.table.expected_error import Form, UsualError, parsed_usual, usual_errors
from kinecor_lab.tasks.trust.expected import usual_toml
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.strain.cases import StrainError, strain_cases
from kinecor_lab.tasks.trust.strain.interval import conformal, fit_strain, table


def drawn(count: int, *, half: str = "choose", power: float = 0.7, seed: int = 3) -> list[StrainError]:
    """Errors whose scale is 1 point times what was lost to a power; drift says nothing."""
    rng = np.random.default_rng(seed)
    out = []
    for number in range(count):
        seen = {"lost": float(rng.uniform(-1, 1)), "drift": float(rng.uniform(0, 1))}
        off = float(np.exp(power * seen["lost"]) * rng.standard_t(5))
        out.append(StrainError(half, str(number), SOUND if number % 2 else "noise", -18.0, -18.0 + off, seen))
    return out


def test_the_fit_finds_how_the_error_grows_with_what_was_lost() -> None:
    fitted = fit_strain(drawn(800))
    assert fitted.powers["lost"] == pytest.approx(0.7, abs=0.15)
    assert fitted.powers["drift"] < 0.3
    assert fit_strain(drawn(800, power=0.0)).powers["lost"] < 0.1


def test_no_clip_is_known_better_because_it_is_followed_worse() -> None:
    fitted = fit_strain(drawn(200, power=-0.7))
    assert min(fitted.powers.values()) >= 0
    assert fitted.width("95", {"lost": 1.0, "drift": 0.0}) >= fitted.width("95", {"lost": -1.0, "drift": 0.0})


def test_as_many_are_covered_as_are_said_in_the_half_that_reports() -> None:
    errors = drawn(400, half="report", seed=4)
    rows = {
        (row[0], row[1]): row
        for row in table(
            [*errors, *drawn(10)],
            "report",
            {"by tracking": fit_strain(drawn(400)), "one width for all": fit_strain(drawn(400), ())},
        ).rows
    }
    assert rows["by tracking", "all"][2] == 400
    assert 92 <= rows["by tracking", "all"][3] <= 98
    assert 92 <= rows["one width for all", "all"][3] <= 98
    assert rows["by tracking", "all"][2] == rows["by tracking", "sound"][2] + rows["by tracking", "seen badly"][2]


def test_conformal_quantiles_take_the_next_of_few_scores() -> None:
    assert conformal(np.arange(1.0, 20.0), 0.95) == 19.0
    assert conformal(np.arange(1.0, 100.0), 0.95) == 95.0
    with pytest.raises(ValueError, match="no recording"):
        fit_strain([])


def test_a_width_by_signals_is_written_and_read_again() -> None:
    fitted = fit_strain(drawn(60))
    back = parsed_usual(usual_toml({**usual_errors(), "GLS": fitted}, {"model": "x"}))["GLS"]
    seen = {"lost": 0.5, "drift": 0.5}
    assert back.width("95", seen) == pytest.approx(fitted.width("95", seen), rel=0.05)
    # Beyond what was seen in the fit, the nearer end holds; without signals the usual half width.
    assert back.width("95", {"lost": 9.0, "drift": 0.5}) == pytest.approx(
        back.width("95", {"lost": back.ranges["lost"][1], "drift": 0.5})
    )
    assert back.width("95") == pytest.approx(back.within["95"], rel=0.5)
    assert UsualError({"95": 2.0}, Form.POINTS).width("95", seen) == 2.0
    assert "powers" in usual_toml({"GLS": fitted}, {})
    assert tomllib.loads(usual_toml({"GLS": fitted}, {}))["GLS"]["form"] == "points"


def test_each_heart_has_a_sound_clip_and_one_that_is_seen_badly() -> None:
    for half in ("choose", "report"):
        cases = list(strain_cases(half, 8))
        assert [case.kind == SOUND for case in cases] == [True, False] * 8
        assert {case.setting.seed % 2 for case in cases} == {int(half == "report")}
        assert len({case.name for case in cases}) == 16
        # Neither the heart nor its times or sizes are changed.
        for sound, badly in zip(cases[::2], cases[1::2], strict=True):
            assert (sound.setting.seed, sound.setting.population) == (badly.setting.seed, badly.setting.population)
            assert sound.setting.frames_per_s == badly.setting.frames_per_s
