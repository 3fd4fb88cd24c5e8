from pathlib import Path

import pytest

from kinecor_lab.pipeline import paper_trainings
from kinecor_lab.pipeline.paper_trainings import main, paper_tables
from kinecor_lab.pipeline.training_queue import QueuedTraining
from kinecor_lab.pipeline.training_record import FinishedTraining


def test_trainings_that_have_ended_are_listed_by_paper() -> None:
    seven = QueuedTraining("smistad-seven", "lv-sequence", 1, "Smistad: seven frames", seed=7, shared="sequence")
    later = QueuedTraining("smistad-dice", "lv-sequence", 1, "Smistad: Dice alone", shared="sequence")
    other = QueuedTraining("lv-pairs-1", "lv-pairs", 1, "pairs")
    li = QueuedTraining("li-ral", "lv-sequence", 1, "Li: RAL", shared="sequence")
    finished = {
        "smistad-seven": FinishedTraining(1000, 0.5, 0.89, {"score": 0.89, "lv": 0.94}, (0.6, 0.7, 0.8, 0.88)),
        "lv-pairs-1": FinishedTraining(10, 0.1, 1.0, {"score": 1.0}, ()),
        "li-ral": FinishedTraining(20, 0.2, 0.4, {"view": 0.5}, ()),
    }
    smistad, ral = paper_tables((seven, later, other, li), finished)
    assert (smistad.title, ral.title) == ("Smistad", "Li 2019")
    assert smistad.rows == (("smistad-seven", "seven frames", 7, 1000, 0.5, 0.89, 0.94, 0.6, 0.7, 0.8, 0.88),)
    assert [column.title for column in ral.columns][5:6] == ["view"]
    assert ral.rows[0][-4:] == (None, None, None, 0.4)


def test_without_trainings_it_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(paper_trainings, "read_record", dict)
    assert main(["--cache", str(tmp_path)]) == 1
    assert "kinecor train queue" in capsys.readouterr().err
