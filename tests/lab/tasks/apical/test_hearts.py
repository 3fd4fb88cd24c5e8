"""Simulated hearts by their kind against their true sections."""

import csv
from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical import hearts as command
from kinecor_lab.tasks.apical.hearts import HeartScore, table
from tests.lab.tasks.apical.test_robustness import Drawer


def drawn(phase: str, half: int) -> Sample:
    """A bright ventricle that is drawn where it is, its half width in pixels."""
    label = np.zeros((120, 120), np.uint8)
    label[40:80, 60 - half : 60 + half] = 1
    return Sample("p", phase, label, label, 1.0)


def test_a_kind_that_training_never_saw_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[int, str]] = []

    def pairs(count: int, _seed: int, population: str) -> list[Sample]:
        asked.append((count, population))
        return [drawn("ED", 20), drawn("ES", 10)] * (count // 2)

    monkeypatch.setattr(command, "simulated_pairs", pairs)
    monkeypatch.setattr(command, "ApicalModel", lambda *_: Drawer())
    monkeypatch.setattr(command, "open_many", lambda *_: None)
    assert command.main(["--hearts", "2", "--out", str(tmp_path)]) == 0
    assert asked == [(4, kind) for kind in command.KINDS]
    text = (tmp_path / "lv-hearts.txt").read_text()
    assert "aneurysm (kind not trained on)" in text
    assert "child (kind" not in text
    with (tmp_path / "lv-hearts.csv").open() as lines:
        assert len(list(csv.DictReader(lines))) == 2 * len(command.KINDS)


def test_errors_are_found_less_true() -> None:
    rows = table(
        [HeartScore("a", "child", "A4C", 0.9, 0.8, -0.3, 0.1, 2.0), HeartScore("b", "child", "A2C", 1, 1, 0, 0, 0)]
    )
    (child,) = [row for row in rows.rows if row[0] == "child"]
    assert child[4] == 0.8
    assert child[5].mean == pytest.approx(-15)
    assert child[8] == 1
