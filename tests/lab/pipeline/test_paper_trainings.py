import json
from pathlib import Path

import pytest
import torch

from kinecor_lab.pipeline.paper_trainings import main, paper_tables
from kinecor_lab.pipeline.training_queue import QueuedTraining, QueueProgress


def begun(cache: Path, training: QueuedTraining, step: int, **figures: float) -> None:
    folder = training.folder(cache)
    folder.mkdir(parents=True)
    torch.save(
        {"step": step, "processor_s": 1800.0, "best": 0.5, "settings": "{}", "averaged": {}}, folder / "checkpoint.pt"
    )
    (folder / "log.jsonl").write_text(json.dumps({"step": step, **figures}) + "\n", encoding="utf-8")


def test_trainings_that_have_begun_are_listed_by_paper(tmp_path: Path) -> None:
    seven = QueuedTraining("smistad-seven", "lv-sequence", 1, "Smistad: seven frames", seed=7, shared="sequence")
    later = QueuedTraining("smistad-dice", "lv-sequence", 1, "Smistad: Dice alone", shared="sequence")
    other = QueuedTraining("lv-pairs-1", "lv-pairs", 1, "pairs")
    li = QueuedTraining("li-ral", "lv-sequence", 1, "Li: RAL", shared="sequence")
    begun(tmp_path, seven, 1000, score=0.89, lv=0.94)
    begun(tmp_path, other, 10, score=1.0)
    begun(tmp_path, li, 20, view=0.5)
    QueueProgress().record(tmp_path, "smistad-seven", "done")
    smistad, ral = paper_tables((seven, later, other, li), tmp_path)
    assert (smistad.title, ral.title) == ("Smistad", "Li 2019")
    assert smistad.rows == (("smistad-seven", "seven frames", "done", 7, 1000, 0.5, 0.89, 0.94),)
    assert [column.title for column in ral.columns][6:] == ["view"]


def test_without_trainings_it_says_what_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cache", str(tmp_path)]) == 1
    assert "kinecor train queue" in capsys.readouterr().err
