"""The head that says where the ventricles are: what it is taught, and the command that trains it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kinecor.analysis.analyse import outlines_of
from kinecor_lab.common.commands import PAUSED
from kinecor_lab.tasks.sax import presence as command
from kinecor_lab.tasks.sax import stacks
from kinecor_lab.tasks.sax.presence import Example, ends_loss, example_of, fitted, variants
from kinecor_models.contours.presence import features, log_odds, stack_outlines
from tests.lab.tasks.sax.test_sax_stacks import labelled
from tests.models.sax_fields import model


@pytest.fixture(scope="module")
def example() -> Example:
    stack = replace(labelled(2), source="ACDC")
    reading = stacks.read(stack, stacks.looked_at(stack, model()), "model:test@1+0", None)
    return example_of(stack, stack_outlines(outlines_of(reading)))


def test_parts_of_a_stack_hold_some_ventricle_and_the_whole_comes_first(example: Example) -> None:
    found = list(variants(example, 12, np.random.default_rng(0)))
    assert found[0] is example
    assert len(found) == 12
    assert {len(one.left) for one in found} >= {4, 6}
    assert all((one.left == 1).any() and one.seen.area.shape[1] == len(one.left) for one in found)


def test_the_loss_is_least_for_the_experts_ends() -> None:
    truth = torch.tensor([0.0, 0, 1, 1, 1, 1]).reshape(1, 6, 1).expand(1, 6, 2)
    inside, weight = torch.ones(1, 6, dtype=torch.bool), torch.ones(1)

    def loss(base: int) -> float:
        odds = torch.where(torch.arange(6) >= base, 3.0, -3.0).reshape(1, 1, 6, 1).expand(1, 1, 6, 2)
        return float(ends_loss(odds, truth, inside, weight))

    assert loss(2) < min(loss(1), loss(3))


def test_a_fit_leaves_out_the_slices_that_experts_leave_out(example: Example) -> None:
    weights = fitted([example] * 3, 1, steps=60)
    odds = log_odds(weights, features(example.seen))[:, 0, 0]
    assert odds[2:].min() > odds[:2].max()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    network = model()
    seen: list[str] = []
    monkeypatch.setattr(command, "labelled_stacks", lambda *_: [replace(labelled(2), source="ACDC")])
    monkeypatch.setattr(command, "model_of", lambda _options: network)
    monkeypatch.setattr(
        command, "write_weights", lambda _weights, name, version, _out: seen.append(f"{name} {version}")
    )
    return seen


def test_a_call_that_ends_early_is_resumed(small: list[str], tmp_path: Path) -> None:
    options = ["--out", str(tmp_path), "--version", "1.2.3", "--run", str(tmp_path / "run"), "--steps", "2"]
    assert command.main([*options, "--call-minutes", "1e-9"]) == PAUSED
    assert small == []
    assert command.main(options) == 0
    assert small == ["sax-presence 1.2.3"]
    assert [one.suffix for one in (tmp_path / "run").iterdir()] == [".npz"]


def test_time_for_a_call_asks_for_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--out", str(tmp_path), "--version", "1", "--call-minutes", "5"]) == 1
    assert "--run" in capsys.readouterr().err
