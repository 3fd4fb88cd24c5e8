"""The lean apical network: begins with the shipped one's filters, learns from it, and resumes."""

from pathlib import Path

import numpy as np
import pytest
import torch

from kinecor_lab.common.distillation import distilling, likeness_loss
from kinecor_lab.common.publish import averaged_weights, weights_of
from kinecor_lab.common.training import read_state
from kinecor_lab.tasks.apical import lean_train
from kinecor_lab.tasks.apical.lean_train import lean_net
from kinecor_models.nets.lean_unet import LeanUNet
from kinecor_models.nets.unet import UNet
from tests.lab.camus import write_camus


def test_likeness_is_best_for_the_teachers_own_scores() -> None:
    torch.manual_seed(0)
    scores = torch.randn(2, 4, 8, 8)
    wanted = torch.softmax(scores, dim=1)
    entropy = -(wanted * wanted.log()).sum(dim=1).mean()
    assert likeness_loss(scores, wanted) == pytest.approx(float(entropy), abs=1e-5)
    assert likeness_loss(scores + torch.randn_like(scores), wanted) > entropy + 0.05


def test_a_network_learns_the_teachers_answers_without_labels_and_leaves_the_teacher_as_it_is() -> None:
    torch.manual_seed(0)
    teacher, net = UNet(filters=(4, 8, 8)), LeanUNet(filters=(8, 8), stem=4)
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    images = torch.randint(0, 256, (4, 1, 32, 32), dtype=torch.uint8)
    loss_of = distilling(teacher, lambda scores, _labels: scores.sum() * 0, 1.0)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-2)
    losses = []
    for step in range(30):
        loss = loss_of(net, (images, torch.zeros(4, 32, 32, dtype=torch.uint8)), step)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.1
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())


def test_a_lean_network_goes_on_from_the_shipped_one_and_from_a_lean_one() -> None:
    shipped = weights_of("lv-apical")
    net = lean_net(shipped)
    assert set(np.round(net.down[1][1].bias.detach().numpy(), 5)) < set(np.round(shipped["down.2.1.bias"], 5))
    weights = {name: value.numpy() for name, value in net.state_dict().items() if value.is_floating_point()}
    again = lean_net(weights)
    images = torch.rand(1, 1, 32, 32)
    assert torch.equal(again.eval()(images), net.eval()(images))


def test_the_command_trains_pauses_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "set_num_threads", lambda _count: None)
    folder, run = write_camus(tmp_path / "camus"), tmp_path / "run"
    options = ["--data", str(folder), "--run", str(run), "--plan", "32x2x2", "--device", "cpu"]
    assert lean_train.main([*options, "--call-minutes", "1e-6"]) == 3
    first = read_state(run / "checkpoint.pt")["step"]
    assert lean_train.main(options) == 0
    assert read_state(run / "checkpoint.pt")["step"] > first
    assert "stem.0.weight" in averaged_weights([run / "best.pt"])
