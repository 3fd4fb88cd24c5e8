"""Five folds of CAMUS: who learns, who chooses, who reports."""

import csv
from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.common.stages import StagePlan
from kinecor_lab.common.training import Execution
from kinecor_lab.datasets.data_folder import CHOOSING_FOLD, fold_of
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical import folds as command
from kinecor_lab.tasks.apical.ejection import Error
from kinecor_lab.tasks.apical.folds import FOLDS, Folded, FoldValue, fold, of_errors, table
from tests.lab.camus import write_camus
from tests.lab.tasks.apical.test_robustness import Drawer


def frames(count: int) -> list[Sample]:
    nothing = np.zeros((2, 2), np.uint8)
    return [Sample(f"patient{n:04}", phase, nothing, nothing, 1.0) for n in range(count) for phase in ("ED", "ES")]


def test_each_patient_reports_once_and_is_never_learnt_from_by_that_network() -> None:
    samples = frames(120)
    turns = [Folded.from_samples(samples, number) for number in range(FOLDS)]
    names = [[{one.patient for one in part} for part in (turn.learn, turn.choose, turn.report)] for turn in turns]
    for number, (learn, choose, report) in enumerate(names):
        assert not learn & choose
        assert not (learn | choose) & report
        assert len(learn | choose | report) == 120
        assert len(report) > 12
        assert choose == names[(number + 1) % FOLDS][2]
    assert sum(len(report) for _, _, report in names) == 120


def test_patients_that_choose_epochs_of_the_shipped_network_are_in_one_fold() -> None:
    names = [f"patient{n:04}" for n in range(300)]
    assert {fold(name) for name in names if fold_of(name) == CHOOSING_FOLD} == {0}


def test_the_table_spreads_over_folds_not_over_patients() -> None:
    values = [
        FoldValue(number, f"p{number}{n}", "A4C", "LV, Dice", "ED", value)
        for number, some in ((1, (0.9, 0.8)), (2, (0.95, 0.95)))
        for n, value in enumerate(some)
    ]
    (row,) = table(values).rows
    assert row[:4] == ("A4C, LV, Dice, ED", 4, 0.85, 0.95)
    assert row[4] == pytest.approx(0.9)
    assert row[5] == pytest.approx(0.071)


def test_errors_come_with_and_without_their_sign() -> None:
    found = of_errors([Error("p", "biplane", "EF", 50.0, 56.0)], 2)
    assert [(one.fold, one.view, one.what, one.value) for one in found] == [
        (3, "biplane", "EF, off", -6.0),
        (3, "biplane", "EF, absolute error", 6.0),
    ]


def test_a_network_for_each_fold_is_measured_on_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "ApicalModel", lambda *_: Drawer())
    monkeypatch.setattr(command, "open_many", lambda *_: None)
    monkeypatch.setattr(command, "averaged_weights", lambda _: {})
    runs = []

    def network(turn: Folded, plan: StagePlan, run: Path, _execution: Execution) -> Path:
        assert plan.stages[0].size == 64
        assert not {one.patient for one in turn.learn} & {one.patient for one in turn.report}
        runs.append(run.name)
        return run / "best.pt"

    monkeypatch.setattr(command, "trained", network)
    data = ["--data", str(write_camus(tmp_path / "png", patients=40))]
    assert command.main([*data, "--plan", "64x1x4", "--out", str(tmp_path)]) == 0
    assert runs == [f"fold-{number}" for number in range(1, FOLDS + 1)]
    with (tmp_path / "lv-folds.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert all(int(row["fold"]) == fold(row["patient"]) + 1 for row in rows)


def test_patients_of_each_fold_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--data", str(write_camus(tmp_path / "png", patients=40)), "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"fold {number}" for number in range(1, FOLDS + 1)]
    assert sum(len(line.split()) - 2 for line in lines) == 40
