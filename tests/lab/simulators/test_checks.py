import json

import numpy as np
import pytest

from kinecor_lab.simulators import checks as phantom_checks
from kinecor_lab.simulators import evaluate as phantom_command
from kinecor_lab.simulators.checks import CHECKS, Subject, rows, subjects
from kinecor_lab.simulators.evaluate import figures, table
from kinecor_phantoms.heart.population import POPULATIONS
from tests.hearts import heart

# Strain by differences takes seconds, and test_strain.py has it.
QUICK = [check for check in CHECKS if not check.name.startswith("strain")]
KINDS = [("hypertrophic", "sinus"), ("infarct", "ectopic"), ("dyssynchronous", "fibrillation")]


@pytest.fixture(scope="module", params=KINDS)
def subject(request):
    population, rhythm = request.param
    ef_percent = {"hypertrophic": 70.0}.get(population, 35.0)
    one = heart(population, 6, rhythm=rhythm, beats=2, ef_percent=ef_percent)
    return Subject(one, ef_percent, np.random.default_rng(0))


@pytest.mark.parametrize("check", QUICK, ids=lambda check: check.name)
def test_what_hearts_claim_holds(subject, check):
    errors = check.errors(subject)
    assert errors
    assert np.abs(errors).max() <= check.limit


def test_hearts_are_of_every_kind_in_turn():
    some = list(subjects(len(POPULATIONS) + 1, 1))
    assert [one.heart.population for one in some[:2]] == ["normal", "dilated"]
    assert some[-1].heart.population == "normal"
    assert len({b.kick for b in some[0].heart.rhythm.beats}) == 1


def test_rows_hold_up_to_the_limit():
    errors = {check.name: [0.0, check.limit, -check.limit / 2] for check in CHECKS}
    errors[CHECKS[1].name] = [2 * CHECKS[1].limit]
    errors[CHECKS[2].name] = []
    found = rows(errors)
    assert [row.holds for row in found[:4]] == [True, False, False, True]
    assert found[0].mean == pytest.approx(CHECKS[0].limit / 2)
    assert found[0].worst == CHECKS[0].limit


def test_disks_are_nearly_right_and_foreshortened_ones_too_small():
    found = figures(Subject(heart("normal", 6), 60.0, np.random.default_rng(0)))
    assert abs(found.biplane) < 6
    assert abs(found.biplane_ef) < 4
    assert found.short < -5
    assert -20 < found.es_ms < 100
    assert table({"normal": [found, found]}).rows[0][:2] == ("normal", 2)


def test_the_command_prints_the_table_and_fails_where_a_claim_does_not_hold(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(phantom_checks, "CHECKS", tuple(CHECKS[-1:]))
    assert phantom_command.main(["--hearts", "1", "--out", str(tmp_path)]) == 0
    assert "extremes of volume" in capsys.readouterr().out
    claims = json.loads((tmp_path / "phantoms.json").read_text())["tables"][0]
    assert claims["rows"][0][3] == 6
    monkeypatch.setattr(phantom_checks.Row, "holds", property(lambda row: False))
    assert phantom_command.main(["--hearts", "1"]) == 1
    assert "does not hold" in capsys.readouterr().out
    assert phantom_command.main(["--hearts", "0"]) == 2
