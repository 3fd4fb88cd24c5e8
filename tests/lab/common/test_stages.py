import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load, save

from kinecor_lab.common import commands
from kinecor_lab.common import publish as publishing
from kinecor_lab.common.losses import dice_and_cross_entropy
from kinecor_lab.common.publish import averaged_weights, publish, weights_of
from kinecor_lab.common.stages import Stage, StagePlan, frame_job
from kinecor_lab.common.training import train, warm_up_and_cosine
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import camus_png
from kinecor_lab.tasks.apical.data import prepared, saved_simulated_frames, simulated_frames, simulated_pairs
from kinecor_lab.tasks.apical.train import dice_on
from kinecor_models.nets.unet import UNet
from tests.lab.camus import write_camus
from tests.lab.public_sets import write_echonet, write_nifti

FILTERS = (8, 8, 16)


def test_the_loss_is_nil_for_the_truth_and_grows_with_error() -> None:
    label = torch.randint(0, 4, (2, 16, 16), generator=torch.Generator().manual_seed(0))
    right = torch.nn.functional.one_hot(label, 4).movedim(-1, 1).float() * 30
    assert dice_and_cross_entropy(right, label).item() == pytest.approx(0, abs=1e-3)
    assert dice_and_cross_entropy(right.roll(1, dims=1), label).item() > 5


def test_what_is_ignored_teaches_nothing() -> None:
    label = torch.zeros(1, 8, 8, dtype=torch.long)
    label[:, :, :4] = 1
    label[:, :, 6:] = IGNORE
    scores = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0), requires_grad=True)
    loss = dice_and_cross_entropy(scores, label)
    loss.backward()
    assert scores.grad is not None
    assert scores.grad[..., 6:].abs().max() == 0
    assert scores.grad[..., :6].abs().max() > 0


def test_the_plan_counts_work_in_pixels_and_ends_low() -> None:
    plan = StagePlan((Stage(128, 4, 2), Stage(256, 1, 2)))
    assert plan.epochs == 5
    assert [plan.stage(epoch).size for epoch in range(5)] == [128] * 4 + [256]
    assert plan.progress(4) == pytest.approx(0.5)
    assert plan.progress(5) == pytest.approx(1)
    assert warm_up_and_cosine(plan.warm_up, plan.warm_up) == pytest.approx(1)
    assert warm_up_and_cosine(1.0) == pytest.approx(0.01)
    with pytest.raises(IndexError):
        plan.stage(5)


def run(folder: Path, data: Path, plan: StagePlan) -> dict[str, torch.Tensor]:
    learn, check = camus_png(data, ["train"]), camus_png(data, ["valid"])
    torch.manual_seed(plan.seed)
    job = frame_job(learn, plan, dice_on(check), prepare=prepared, loss_of=dice_and_cross_entropy)
    train(job, UNet(filters=FILTERS), folder, say=lambda _: None)
    return torch.load(folder / "checkpoint.pt", weights_only=True)["averaged"]


def test_epochs_are_logged_with_their_size(tmp_path: Path) -> None:
    run(tmp_path, write_camus(tmp_path / "set"), StagePlan((Stage(32, 2, 4), Stage(64, 1, 4)), seed=3))
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [(line["epoch"], line["size"]) for line in log] == [(1, 32), (2, 32), (3, 64)]
    assert "score" in log[-1]


def test_a_run_of_another_plan_is_not_overwritten(tmp_path: Path) -> None:
    data = write_camus(tmp_path / "set")
    run(tmp_path / "run", data, StagePlan((Stage(32, 1, 4),)))
    with pytest.raises(ValueError, match="another plan"):
        run(tmp_path / "run", data, StagePlan((Stage(32, 2, 4),)))


@pytest.mark.slow
def test_the_network_learns_what_is_drawn(tmp_path: Path) -> None:
    data = write_camus(tmp_path / "set", patients=12)
    # A long peak, little weight decay and a short memory, since 160 steps are few.
    plan = StagePlan((Stage(64, 40, 4),), peak_rate=5e-3, average=0.9, seed=1)
    run(tmp_path / "run", data, plan)
    last = json.loads((tmp_path / "run" / "log.jsonl").read_text().splitlines()[-1])
    assert last["lv_ed"] > 0.75
    assert last["loss"] < 1.2


def test_publishing_averages_networks_and_pins_them_in_the_card(tmp_path: Path) -> None:
    data = write_camus(tmp_path / "set")
    for seed in (1, 2):
        run(tmp_path / str(seed), data, StagePlan((Stage(32, 1, 4),), seed=seed))
    files = [tmp_path / str(seed) / "checkpoint.pt" for seed in (1, 2)]
    card = tmp_path / "shelf" / "m.json"
    card.parent.mkdir()
    card.write_text('{"name": "m", "summary": "\u2014"}')
    path = publish(files, "m", "1.2.3", card.parent, bias=(0, 0.5, 0, 0))
    fields = json.loads(card.read_text())
    assert fields["weights"] == path.name == "m-1.2.3.safetensors"
    assert fields["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert fields["summary"] == "\u2014"
    one, two, mean = averaged_weights(files[:1]), averaged_weights(files[1:]), averaged_weights(files)
    shipped = load(path.read_bytes())
    for name, value in mean.items():
        assert value == pytest.approx((one[name] + two[name]) / 2, abs=1e-6)
        shift = np.array((0, 0.5, 0, 0)) if name == "last.bias" else 0
        np.testing.assert_allclose(shipped[name], value + shift, rtol=2e-3, atol=2e-3)


def test_publishing_may_stop_on_the_way_from_what_ships(tmp_path: Path) -> None:
    old = weights_of("lv-sax")
    state = {"settings": "{}", "averaged": {name: torch.from_numpy(value + 1) for name, value in old.items()}}
    torch.save(state, tmp_path / "new.pt")
    (tmp_path / "lv-sax.json").write_text("{}")
    path = publish([tmp_path / "new.pt"], "lv-sax", "9.0.0", tmp_path, share=0.25)
    for name, value in load(path.read_bytes()).items():
        np.testing.assert_allclose(value, old[name] + 0.25, rtol=2e-3, atol=2e-3)


def test_a_new_network_has_no_quantisation_and_a_lean_one_has_the_bias_of_each_class_at_four_pixels(
    tmp_path: Path,
) -> None:
    state = {"settings": "{}", "averaged": {"last.bias": torch.zeros(8)}}
    torch.save(state, tmp_path / "new.pt")
    (tmp_path / "m.json").write_text('{"quantised": "m-1-int8.safetensors", "quantised_sha256": "ab"}')
    path = publish([tmp_path / "new.pt"], "m", "2.0.0", tmp_path, bias=(0, 0.5))
    assert load(path.read_bytes())["last.bias"].tolist() == [0] * 4 + [0.5] * 4
    fields = json.loads((tmp_path / "m.json").read_text())
    assert (fields["quantised"], fields["quantised_sha256"]) == ("", "")


def test_publishing_sets_in_a_card_how_the_network_is_built(tmp_path: Path) -> None:
    circular = {"arm": "one-level", "units": 1, "channels": [2, 4, 8], "members": 2}
    for name, settings in (("shaped", {"shape": {"kind": "ral", "width": 4}}), ("circular", circular | {"rate": 1.0})):
        state = {"settings": json.dumps(settings), "averaged": {"last.bias": torch.ones(2)}}
        torch.save(state, tmp_path / f"{name}.pt")
        (tmp_path / f"{name}.json").write_text('{"settings": {}}')
        publish([tmp_path / f"{name}.pt"], name, "1.0.0", tmp_path)
    assert json.loads((tmp_path / "shaped.json").read_text())["settings"] == {"kind": "ral", "width": 4}
    assert json.loads((tmp_path / "circular.json").read_text())["settings"] == circular


def test_a_first_version_is_a_share_of_candidates_and_of_the_network_that_they_began_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = {"down.0.0.weight": np.ones((2, 1, 3, 3), np.float32), "last.bias": np.zeros(4, np.float32)}
    monkeypatch.setattr(publishing, "names", lambda: ("lv-apical",))
    monkeypatch.setattr(publishing, "load_card", lambda name: name)
    monkeypatch.setattr(publishing, "load_weights", lambda _: first)
    files = [tmp_path / f"{number}.safetensors" for number in range(3)]
    for number, file in enumerate(files):
        weights = np.full((2, 2, 3, 3), 1 + number, np.float16)
        file.write_bytes(save({"down.0.0.weight": weights, "last.bias": np.full(4, number, np.float16)}))
    words = tmp_path / "words.json"
    words.write_text('{"name": "lv-pairs", "summary": "both"}')
    path = publish(files, "lv-pairs", "1.0.0", tmp_path, share=0.75, beside="lv-apical", words=words)
    stored = load(path.read_bytes())
    assert stored["down.0.0.weight"][0, :, 0, 0].tolist() == [0.75 * 2 + 0.25, 0.75 * 2]
    assert stored["last.bias"].tolist() == [0.75] * 4
    card = json.loads((tmp_path / "lv-pairs.json").read_text())
    assert (card["summary"], card["version"], card["weights"]) == ("both", "1.0.0", "lv-pairs-1.0.0.safetensors")


def test_networks_of_other_widths_have_nothing_between_them() -> None:
    old, new = ({"last.weight": np.ones((rows, 8, 1, 1), np.float32)} for rows in (4, 5))
    with pytest.raises(ValueError, match=r"last.weight: expected \(4, 8, 1, 1\)"):
        publishing.between(old, new, 0.5)


def test_a_missing_network_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publishing.main(["m", "1.0.0", str(tmp_path / "best.pt")]) == 1
    assert "expected a network of a training run" in capsys.readouterr().err


def test_networks_are_saved_along_the_last_size(tmp_path: Path) -> None:
    run(tmp_path / "run", write_camus(tmp_path / "set"), StagePlan((Stage(32, 1, 4), Stage(48, 9, 4))))
    assert [file.name for file in sorted((tmp_path / "run").glob("average-*.pt"))] == ["average-008.pt"]


def test_the_command_trains_and_reports_bad_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_camus(tmp_path / "set")
    where = ["--run", str(tmp_path / "run"), "--plan", "32x1x4"]
    assert commands.train(["lv-apical", "--data", str(data), *where]) == 0
    assert (tmp_path / "run" / "checkpoint.pt").is_file()
    assert commands.train(["lv-apical", "--data", str(tmp_path / "nowhere"), *where]) == 1
    assert "index.csv" in capsys.readouterr().err


@pytest.mark.parametrize("write", [write_nifti, write_echonet], ids=["CAMUS", "EchoNet-Dynamic"])
def test_the_command_trains_on_public_sets_as_they_come(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    data = write(tmp_path / "set")
    arguments = ["lv-apical", "--data", str(data), "--run", str(tmp_path / "run"), "--plan", "32x1x2"]
    assert commands.train(arguments) == 0
    line = json.loads((tmp_path / "run" / "log.jsonl").read_text())
    assert np.isfinite(line["score"])
    assert (tmp_path / "run" / "best.pt").is_file()


def test_the_command_goes_on_from_what_ships_with_simulated_frames_and_boundaries(tmp_path: Path) -> None:
    data = write_camus(tmp_path / "set")
    arguments = ["lv-apical", "--data", str(data), "--plan", "64x1x2", "--simulated", "1", "--boundary", "0.05"]
    arguments += ["--areas", "0.5"]
    gently = ["--start", "lv-apical", "--rate", "1e-9", "--run", str(tmp_path / "run")]
    assert commands.train([*arguments, *gently]) == 0
    saved, shipped = averaged_weights([tmp_path / "run" / "best.pt"]), weights_of("lv-apical")
    learnt = [name for name in shipped if name.endswith(".weight")]
    assert all(np.allclose(saved[name], shipped[name], atol=1e-6) for name in learnt)
    assert commands.train([*arguments, "--start", str(tmp_path / "nothing.pt"), "--run", str(tmp_path / "other")]) == 1


def test_a_run_ends_with_its_time(tmp_path: Path) -> None:
    data = write_camus(tmp_path / "set")
    arguments = ["lv-apical", "--data", str(data), "--plan", "32x50x2", "--run", str(tmp_path / "run")]
    assert commands.train([*arguments, "--minutes", "0.002"]) == 0
    steps = torch.load(tmp_path / "run" / "checkpoint.pt", weights_only=True)["step"]
    assert 0 < steps < 50 * 4
    assert (tmp_path / "run" / "best.pt").is_file()


def test_simulated_frames_are_labelled_in_every_apical_view() -> None:
    one, other = simulated_frames(8, 3), simulated_frames(1, 3)
    assert np.array_equal(one[0].image, other[0].image)
    assert {sample.view for sample in one} == {"A4C", "A2C", "A3C"}
    assert all(set(np.unique(sample.label)) == {0, 1, 2, 3} for sample in one)
    assert len({sample.patient for sample in one}) == 8


def test_simulated_pairs_are_one_heart_full_and_emptied() -> None:
    samples = simulated_pairs(4, 3, population="child")
    assert [one.phase for one in samples] == ["ED", "ES", "ED", "ES"]
    for full, emptied in zip(samples[::2], samples[1::2], strict=True):
        assert (full.patient, full.view) == (emptied.patient, emptied.view)
        assert (full.label == 1).sum() > (emptied.label == 1).sum() > 0


def test_simulated_frames_are_saved_once(tmp_path: Path) -> None:
    made = saved_simulated_frames(tmp_path, 8, 3, ("A4C",))
    assert len(made) == 8
    (file,) = tmp_path.glob("*.npz")
    written = file.stat().st_mtime_ns
    again = saved_simulated_frames(tmp_path, 8, 3, ("A4C",))
    assert file.stat().st_mtime_ns == written
    assert [(one.patient, one.phase) for one in again] == [(one.patient, one.phase) for one in made]
    assert np.array_equal(again[0].label, made[0].label)
    with_leaning = saved_simulated_frames(tmp_path, 8, 3, ("A4C",), leaning=2)
    assert file.stat().st_mtime_ns == written
    assert [one.phase for one in with_leaning[8:]] == ["ED", "ES"]
    assert not {one.patient for one in with_leaning[8:]} & {one.patient for one in made}
