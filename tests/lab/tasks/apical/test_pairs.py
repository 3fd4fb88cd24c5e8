"""Pairs of ED and ES as one input: placed alike, started from the network of single frames, trained in the queue."""

from pathlib import Path

import numpy as np
import pytest
import torch

from kinecor_lab.common.losses import dice_and_cross_entropy
from kinecor_lab.datasets.samples import Sample, camus_png
from kinecor_lab.tasks.apical import pair_options, pair_train, pairs
from kinecor_lab.tasks.apical.pairs import (
    FramePair,
    both_ways,
    frame_pairs,
    pair_dice_on,
    pair_loss,
    prepared_pair,
    start_from,
)
from kinecor_models.nets.unet import UNet
from tests.lab.camus import drawn, write_camus

FILTERS = (8, 8, 16)


def frame(phase: str, patient: str = "p", high: int = 120) -> Sample:
    image, label = drawn(0 if phase == "ED" else 1, high)
    return Sample(patient, phase, image, label, 0.9)


def weights_of(net: UNet) -> dict[str, np.ndarray]:
    return {name: value.numpy() for name, value in net.state_dict().items() if value.is_floating_point()}


def test_pairs_are_ed_and_es_of_one_view_and_of_one_shape() -> None:
    samples = [frame("ES", "a"), frame("ED", "a"), frame("ED", "b"), frame("ED", "c"), frame("ES", "c", 130)]
    (pair,) = frame_pairs(samples)
    assert (pair.ed.patient, pair.ed.phase, pair.es.phase) == ("a", "ED", "ES")


@pytest.mark.parametrize("seed", range(20))
def test_both_frames_are_placed_alike(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "_MOVED_SHARE", 0.0)
    same = frame("ED")
    _, labels = prepared_pair(FramePair(same, same), 96, np.random.default_rng(seed), 1.0)
    assert np.array_equal(labels[0], labels[1])
    assert (labels == 1).sum() > 100


def test_a_second_frame_may_be_moved_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "_MOVED_SHARE", 1.0)
    same = frame("ED")
    overlaps = []
    for seed in range(10):
        _, labels = prepared_pair(FramePair(same, same), 96, np.random.default_rng(seed), 1.0)
        ed, es = labels == 1
        overlaps.append(2 * (ed & es).sum() / (ed.sum() + es.sum()))
    assert 0.7 < min(overlaps) < max(overlaps) < 1


def test_each_frame_comes_with_the_other_phase() -> None:
    images = torch.arange(2).view(1, 2, 1, 1).expand(3, 2, 4, 4)
    rows = both_ways(images)
    assert rows.shape == (6, 2, 4, 4)
    assert rows[:, 0, 0, 0].tolist() == [0, 1] * 3
    assert rows[:, 1, 0, 0].tolist() == [1, 0] * 3


def test_a_pair_network_starts_with_the_answers_of_the_network_of_single_frames() -> None:
    torch.manual_seed(0)
    single, pair = UNet(filters=FILTERS).eval(), UNet(filters=FILTERS, inputs=2).eval()
    start_from(pair, weights_of(single))
    images = torch.rand(2, 2, 32, 32)
    assert torch.allclose(pair(images), single(images[:, :1]), atol=1e-5)
    again = UNet(filters=FILTERS, inputs=2).eval()
    start_from(again, weights_of(pair))
    assert torch.equal(again(images), pair(images))
    with pytest.raises(ValueError, match="expected a network of single apical frames"):
        start_from(UNet(filters=FILTERS, inputs=2), weights_of(UNet(filters=FILTERS, inputs=3)))


def test_the_other_phase_is_hidden_from_a_share_of_rows_and_each_step_hides_the_same() -> None:
    seen: list[torch.Tensor] = []

    class Watching(torch.nn.Module):
        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            seen.append(rows.float())
            return torch.zeros(len(rows), 4, *rows.shape[2:], requires_grad=True)

    images = torch.full((40, 2, 4, 4), 255, dtype=torch.uint8)
    labels = torch.zeros((40, 2, 4, 4), dtype=torch.uint8)
    loss = pair_loss(dice_and_cross_entropy, 0.25)
    for step in (7, 7, 8):
        loss(Watching(), (images, labels), step)
    assert torch.equal(seen[0], seen[1])
    assert not torch.equal(seen[0], seen[2])
    assert seen[0][:, 0].min() == 1
    assert 0.1 < (seen[0][:, 1, 0, 0] == 0).float().mean() < 0.4


def test_change_of_area_is_measured_on_both_frames(tmp_path: Path) -> None:
    some = frame_pairs(camus_png(write_camus(tmp_path / "camus"), ["valid"]))

    class Blank(torch.nn.Module):
        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            scores = torch.zeros(len(rows), 4, *rows.shape[2:])
            scores[:, 1] = 1
            return scores

    figures = pair_dice_on(some)(Blank(), 64)
    true = [100 * (1 - (pair.es.label == 1).sum() / (pair.ed.label == 1).sum()) for pair in some]
    assert figures["change_bias"] == pytest.approx(-np.mean(true), abs=2)
    assert 0 < figures["lv_ed"] < 0.5


def test_the_command_trains_from_the_shipped_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def simulated(_folder: Path, count: int, seed: int, _views: object, *, leaning: int) -> list[Sample]:
        made.extend([count, leaning, seed])
        return [frame("ED", "sim"), frame("ES", "sim")]

    monkeypatch.setattr(pair_options, "saved_simulated_pairs", simulated)
    folder = write_camus(tmp_path / "camus")
    options = ["--data", str(folder), "--start", "lv-apical", "--plan", "32x1x2", "--device", "cpu"]
    options += ["--simulated", "3", "--simulated-seed", "5", "--run", str(tmp_path / "run")]
    assert pair_train.main(options) == 0
    assert made == [3, 0, 5]
    assert (tmp_path / "run" / "best.pt").is_file()
    assert '"change_sd"' in (tmp_path / "run" / "log.jsonl").read_text()
