import re
from pathlib import Path

import numpy as np
import pytest
import torch

from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.tasks.phases import evaluate as measuring
from kinecor_lab.tasks.phases import train as command
from kinecor_lab.tasks.phases.data import write_cines
from kinecor_lab.tasks.phases.train import (
    PhasePlan,
    afd_on,
    batch_maker,
    phase_loss,
    regression_loss,
    structured_loss,
    train_phases,
    trained,
    trained_late,
    trained_side,
)
from kinecor_models.contract import WeightsError
from kinecor_models.nets.tempreg import Shape
from kinecor_models.phases.model import without_late
from tests.lab.phase_cines import drawn_cine

TINY = Shape(hidden=16, filters=(8, 12, 16), features=24)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_structured_loss_is_eq_2() -> None:
    label = torch.tensor([[1.0, 0.5, 0.0, 0.6, 1.0]])
    right = torch.tensor([[0.9, 0.4, 0.3, 0.5, 0.8]])
    assert structured_loss(right, label) == 0
    wrong = torch.tensor([[0.5, 0.7, 0.3, 0.2, 0.8]])
    # Up by 0.2 in systole, down by 0.1 in diastole; half of their sum over T = 5.
    assert structured_loss(wrong, label).item() == pytest.approx(0.5 * (0.2 + 0.1) / 5)


def test_unknown_frames_cost_nothing() -> None:
    label = torch.tensor([[float("nan"), 1.0, 0.0, float("nan")]])
    curve = torch.tensor([[9.0, 0.5, 0.0, -9.0]], requires_grad=True)
    loss = phase_loss(curve, label)
    assert loss.item() == pytest.approx(0.125)
    loss.backward()
    assert curve.grad is not None
    assert curve.grad[0, [0, 3]].tolist() == [0, 0]
    assert torch.isfinite(curve.grad).all()
    assert regression_loss(curve, torch.full((1, 4), float("nan"))).item() == 0


def plan(steps: int) -> PhasePlan:
    return PhasePlan(TINY, steps, batch=6, frames=16, side=32, rate=6e-3, average=0.95)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phases") / "light"
    learn = [drawn_cine(i) for i in range(10)] + [
        drawn_cine(i, 48, closed=False, source="warped echo") for i in range(5)
    ]
    train_phases(plan(150), learn, folder, afd_on([drawn_cine(90)], 32), validate_every=75, say=lambda _: None)
    return folder


def test_it_learns_to_find_ed_and_es_of_what_is_drawn(run: Path) -> None:
    held_out = [drawn_cine(i) for i in range(100, 106)]
    off = afd_on(held_out, trained_side(run / "best.pt"))(trained(run / "best.pt"))
    assert off["afd"] < 1.0
    assert set(off) == {"afd", "late ED", "late ES", "warped mri ED", "warped mri ES"}
    assert trained_late(run / "best.pt") != (0, 0)


def test_a_stopped_run_goes_on_and_another_plan_is_refused(run: Path) -> None:
    reported: list[str] = []
    train_phases(plan(150), [drawn_cine(0)], run, afd_on([drawn_cine(90)], 32), say=reported.append)
    assert reported == ["resuming after step 150 of 150"]
    with pytest.raises(ValueError, match="another plan"):
        train_phases(plan(151), [drawn_cine(0)], run, afd_on([drawn_cine(90)], 32))


def test_a_network_that_was_not_trained_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="kinecor train phases"):
        trained(tmp_path / "best.pt")


def test_the_commands_train_and_print_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cines = tmp_path / "cines"
    for split, first in (("train", 0), ("valid", 20), ("test", 40)):
        write_cines(cines / f"warped-mri-{split}-00.npz", [drawn_cine(first + i, 20, 64) for i in range(2)])
    options = ["--run", str(tmp_path), "--as-they-are", "--sources", "warped-mri"]
    assert (
        command.main([*options, "--steps", "2", "--batch", "2", "--frames", "6", "--side", "64", "--every", "1"]) == 0
    )
    write_cines(tmp_path / "real.npz", [drawn_cine(60, 20, 64, source="real mri")])
    ended = measuring.main(
        ["--run", str(tmp_path), "--cines", str(cines), "--real", str(tmp_path / "real.npz"), "--shipped"]
    )
    assert ended == 0
    out = capsys.readouterr().out
    assert "TempReg-Net, Kong 2016" in out
    assert re.search("light, fitted +warped mri", out)
    assert re.search("light, as printed +real mri", out)
    assert re.search("phases [0-9.]+, fitted +warped mri", out)


def test_the_commands_name_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--run", str(tmp_path), "--as-they-are"]) == 1
    assert "name --acdc" in capsys.readouterr().err
    assert command.main(["--run", str(tmp_path), "--sources", "nonsense"]) == 1
    assert "simulated-mri" in capsys.readouterr().err
    assert measuring.main(["--run", str(tmp_path), "--cines", str(tmp_path)]) == 1
    assert "found none" in capsys.readouterr().err


def test_samples_of_a_step_are_the_same_whenever_it_is_taken() -> None:
    cines = [drawn_cine(i) for i in range(3)]
    third, again = (batch_maker(cines, plan(3))(2) for _ in range(2))
    assert torch.equal(third[0], again[0])
    assert np.array_equal(third[1].numpy(), again[1].numpy(), equal_nan=True)


def test_what_is_published_is_late_by_what_validation_found(run: Path) -> None:
    weights, late = without_late(averaged_weights([run / "best.pt"]))
    assert late == pytest.approx(trained_late(run / "best.pt"))
    assert not any(name.endswith("num_batches_tracked") for name in weights)


def test_training_goes_on_from_an_earlier_network(run: Path, tmp_path: Path) -> None:
    learn, held_out = [drawn_cine(i) for i in range(4)], afd_on([drawn_cine(90)], 32)
    before = held_out(trained(run / "best.pt"))["afd"]
    short = PhasePlan(TINY, 2, batch=2, frames=16, side=32, rate=1e-5, average=0.95)
    best = train_phases(
        short, learn, tmp_path / "on", held_out, validate_every=1, start=run / "best.pt", say=lambda _: None
    )
    assert held_out(trained(best))["afd"] == pytest.approx(before, abs=0.5)
    with pytest.raises(WeightsError, match="expected a network"):
        train_phases(short, learn, tmp_path / "no", held_out, start=tmp_path / "best.pt")
