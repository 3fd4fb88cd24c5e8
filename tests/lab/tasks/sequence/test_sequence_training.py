import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from kinecor_lab.common import commands
from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.datasets.clip import read_clips, write_clips
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.sequence import data
from kinecor_lab.tasks.sequence.data import Amount, files, jobs, make
from kinecor_lab.tasks.sequence.plan import ARMS, TITLES, SequencePlan, plan_fields, plan_from
from kinecor_lab.tasks.sequence.samples import Cutting
from kinecor_lab.tasks.sequence.train import (
    NAMES,
    batch_maker,
    laid_out,
    loss_of,
    measured_on,
    parser,
    plan_of,
    train_sequences,
    trained,
)
from kinecor_models.contract import WeightsError
from kinecor_models.nets.sequence_net import SequenceNet, Shape
from tests.lab.camus import write_camus
from tests.lab.public_sets import write_echonet, write_nifti
from tests.lab.sequence_clips import beating

SMALL = (4, 6)
TINY = SequencePlan(Shape("convlstm", SMALL), Cutting(3, 32), steps=4, batch=2, warm=False)


def clips():
    return [beating("p0/0"), beating("p1/0", "A3C", seed=20), beating("p2/0", "A2C", "other", seed=40)]


class StopError(Exception):
    pass


def run(folder, plan=TINY, stop_after=None):
    said = []

    def say(line):
        said.append(line)
        if stop_after is not None and len(said) == stop_after:
            raise StopError

    measure = measured_on(clips()[:1], plan.cutting.side, 3)
    if stop_after is None:
        return train_sequences(plan, clips(), folder, measure, validate_every=2, say=say)
    with pytest.raises(StopError):
        train_sequences(plan, clips(), folder, measure, validate_every=2, say=say)
    return None


def test_figures_are_logged(tmp_path):
    run(tmp_path)
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in log] == [2, 4]
    assert log[-1]["seconds_a_step"] > 0
    assert {"lv", "myocardium", "la", "flicker", "true_flicker", "score"} <= set(log[-1])


def test_a_run_of_another_plan_is_not_overwritten(tmp_path):
    run(tmp_path)
    with pytest.raises(ValueError, match="another plan"):
        run(tmp_path, replace(TINY, share=0.1))


@pytest.mark.parametrize(
    "shape",
    [Shape("frames", SMALL), Shape("ral", width=4), Shape("convlstm", SMALL, view_flag=True)],
    ids=lambda shape: shape.kind,
)
def test_every_kind_trains_and_comes_back(tmp_path, shape):
    annotations = "interpolated" if shape.kind == "convlstm" else "every"
    plan = replace(
        TINY, shape=shape, cutting=Cutting(1 if shape.kind == "frames" else 2, 32, (1,), annotations), steps=2
    )
    net, saved = trained(run(tmp_path, plan))
    assert saved == plan
    assert not net.training
    if shape.kind == "ral":
        assert "view" in json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])


def test_a_run_goes_on_from_the_network_of_another(tmp_path):
    measure, plan = measured_on(clips()[:1], 32, 3), replace(TINY, shape=Shape("ral", width=4))
    first = train_sequences(plan, clips(), tmp_path / "first", measure, validate_every=4)
    still = replace(plan, steps=1, rate=1e-9)
    further = train_sequences(
        still, clips(), tmp_path / "further", measure, onwards=averaged_weights([first]), validate_every=1
    )
    before, after = trained(first)[0].state_dict(), trained(further)[0].state_dict()
    learnt = [name for name in before if name.endswith("weight")]
    assert all(torch.allclose(before[name], after[name], atol=1e-6) for name in learnt)
    with pytest.raises(ValueError, match="name the same arm"):
        train_sequences(TINY, clips(), tmp_path / "other", measure, onwards=averaged_weights([first]), validate_every=1)


def test_views_are_learnt_on_contours_as_they_are(tmp_path):
    measure, plan = measured_on(clips()[:1], 32, 3), replace(TINY, shape=Shape("ral", width=4), of_view=1.0)
    first = train_sequences(plan, clips(), tmp_path / "first", measure, validate_every=4)
    alone = replace(plan, view_alone=True, rate=1e-2)
    further = train_sequences(
        alone, clips(), tmp_path / "further", measure, onwards=averaged_weights([first]), validate_every=4
    )
    (one, _), (other, saved) = trained(first), trained(further)
    assert saved.view_alone
    clip = torch.rand(1, 3, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        (before, view_before, _), (after, view_after, _) = one(clip), other(clip)
    assert torch.allclose(before, after, atol=1e-5)
    assert (view_before - view_after).abs().max() > 1e-3
    for shape in (Shape("convlstm", SMALL), Shape("ral", without=("classification",))):
        with pytest.raises(ValueError, match="only RAL"):
            replace(TINY, shape=shape, view_alone=True)
    with pytest.raises(ValueError, match="--start"):
        plan_of(parser().parse_args(["--arm", "ral", "--view-alone"]))


@pytest.mark.parametrize("arm", ["edes", "ral"])
def test_gradients_are_numbers_at_the_size_that_is_trained(arm):
    plan = ARMS[arm]
    net = SequenceNet(plan.shape)
    laid_out(net)
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 4, (1, 2, 128, 128), generator=generator)
    loss_of(plan, net, (torch.rand(1, 2, 1, 128, 128, generator=generator), labels, torch.tensor([0]))).backward()
    assert all(torch.isfinite(one.grad).all() for one in net.parameters() if one.grad is not None)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path, monkeypatch):
    run(tmp_path, stop_after=1)
    saved = (tmp_path / "checkpoint.pt").read_bytes()
    monkeypatch.setattr(
        "kinecor_lab.tasks.sequence.train.loss_of", lambda *_: torch.tensor(float("nan"), requires_grad=True)
    )
    with pytest.raises(ValueError, match="loss of step 2 is not a number"):
        run(tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == saved


def test_a_file_of_something_else_is_reported(tmp_path):
    with pytest.raises(WeightsError, match="found none"):
        trained(tmp_path / "best.pt")
    torch.save({"averaged": {}}, tmp_path / "best.pt")
    with pytest.raises(WeightsError, match="expected a network of kinecor train lv-sequence"):
        trained(tmp_path / "best.pt")


def test_sources_come_up_alike_and_steps_are_repeated():
    views = torch.cat([batch_maker(clips(), TINY)(step)[2] for step in range(60)])
    # One clip of one source (A2C) against two of another.
    assert (views == 0).float().mean() == pytest.approx(0.5, abs=0.12)
    first, again = (batch_maker(clips(), TINY)(2) for _ in range(2))
    assert torch.equal(first[0], again[0])
    assert first[0].shape == (2, 3, 1, 32, 32)


def test_the_network_learns_what_is_drawn(tmp_path):
    plan = replace(TINY, shape=Shape("convlstm", (8, 12)), steps=60, rate=1e-2, average=0.8, cutting=Cutting(3, 32))
    train_sequences(plan, clips(), tmp_path, measured_on(clips()[:1], 32), validate_every=60, say=lambda _: None)
    last = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert last["lv"] > 0.5
    assert last["loss"] < 1.2


def test_arms_are_those_published_and_given_settings_come_through():
    assert set(NAMES) == set(ARMS) == set(TITLES)
    assert (ARMS["convlstm"].share, ARMS["convlstm"].clip, ARMS["convlstm"].cutting.frames) == (0.6, 0.01, 20)
    assert ARMS["convlstm"].batch == 2
    arguments = ["--arm", "convlstm", "--places", "decoder,encoder", "--view-flag", "--both-ways", "--shallowest", "1",
            "--annotations", "seven", "--share", "0.3", "--clip", "0.02", "--frames", "8", "--batch", "1", "--cold",
            "--side", "64", "--filters", "8,8,16", "--of-view", "0.7"]  # fmt: skip
    plan = plan_of(parser().parse_args(arguments))
    assert plan.shape == Shape("convlstm", (8, 8, 16), ("encoder", "decoder"), True, True, 1)
    assert (plan.share, plan.clip, plan.batch, plan.warm, plan.of_view) == (0.3, 0.02, 1, False, 0.7)
    assert plan.cutting == Cutting(8, 64, annotations="seven")
    assert plan_of(parser().parse_args(["--arm", "ral", "--width", "8"])).shape.width == 8
    with pytest.raises(ValueError, match="--places"):
        plan_of(parser().parse_args(["--places", "middle"]))
    with pytest.raises(ValueError, match="try 128"):
        plan_of(parser().parse_args(["--side", "100"]))


def test_plans_survive_their_files():
    from dataclasses import asdict

    for plan in ARMS.values():
        assert plan_from(json.loads(json.dumps(asdict(plan)))) == plan


def test_clips_are_built_once_by_split(tmp_path, monkeypatch):
    monkeypatch.setattr("kinecor_lab.tasks.sequence.data.simulated_clips", lambda *_: iter([beating()]))
    sets = [write_nifti(tmp_path / "camus", views=("4CH",)), write_echonet(tmp_path / "echonet")]
    said = []
    todo = jobs(tmp_path, sets, Amount(simulated=2), 48, said.append, interpolate=True)
    make(todo, said.append)
    assert jobs(tmp_path, sets, Amount(simulated=2), 48, said.append, interpolate=True) == []
    for split, patient in (("train", "patient0001"), ("valid", "patient0002"), ("test", "patient0003")):
        held = {source: read_clips(files(tmp_path, split, [source])) for source in ("warped", "CAMUS", "EchoNet")}
        assert [len(some) for some in held.values()] == [1, 1, 1]
        assert held["warped"][0].patient == held["CAMUS"][0].patient == patient
        assert held["warped"][0].frames.shape[1:] == (48, 48)
    assert len(files(tmp_path, "train", ["simulated"])) == 2
    assert (tmp_path / "paths" / "patient0001-A4C.npz").is_file()


def test_a_long_source_goes_on_in_further_files(tmp_path, monkeypatch):
    many = [beating(f"p{number}/0") for number in range(35)]
    monkeypatch.setattr("kinecor_lab.tasks.sequence.data.simulated_clips", lambda *_: iter(many))
    todo = [
        job for job in jobs(tmp_path, [], Amount(simulated=1), 48, print, interpolate=True) if "train" in job.file.name
    ]
    make(todo, lambda _: None)
    names = [clip.name for clip in read_clips(files(tmp_path, "train"))]
    assert sorted(names) == sorted(clip.name for clip in many)


def test_short_clips_are_built_and_learnt_from_on_request(tmp_path, monkeypatch):
    requested = []

    def simulated(seed, count, side_px, frames=36):
        requested.append((seed, count, side_px, frames))
        return iter([beating(f"sim{seed}-0/0")])

    monkeypatch.setattr("kinecor_lab.tasks.sequence.data.simulated_clips", simulated)
    sets = [write_nifti(tmp_path / "camus", views=("4CH",))]
    make(jobs(tmp_path, sets, Amount(simulated=0, short=2), 48, print, interpolate=True), lambda _: None)
    few = [one for one in requested if one[3] == 6]
    assert len(few) == 4  # two files to learn from, one of each other split
    assert len({seed for seed, *_ in requested}) == len(requested)
    assert {one[1:3] for one in few} == {(96, 48)}
    assert files(tmp_path, "train", ["simulated"]) == []
    learn = files(tmp_path, "train", ["short"])
    assert [file.name for file in learn] == ["short-train-00.npz", "short-train-01.npz", "short-train-900.npz"]
    assert {clip.source for clip in read_clips(learn)} == {"drawn", "stills"}


def test_the_commands_go_from_clips_to_tables(tmp_path, capsys):
    for split in ("train", "valid"):
        write_clips(tmp_path / "clips" / f"warped-{split}-00.npz", clips())
    where = ["--run", str(tmp_path)]
    small = ["--filters", "4,6,8", "--frames", "2", "--side", "32", "--steps", "1", "--every", "1", "--checked", "1"]
    assert commands.train(["lv-sequence", "--as-they-are", *where, "--cold", *small]) == 0
    assert "3 clips to learn from" in capsys.readouterr().out
    data = write_camus(tmp_path / "png", patients=3)
    arguments = ["lv-sequence", *where, "--data", str(data), "--cases", "stills", "--out", str(tmp_path / "out")]
    assert commands.evaluate(arguments) == 0
    out = capsys.readouterr().out
    for name in ("lv-apical, each frame alone", "lv-apical, weighted", "Temporal ConvLSTM, every frame [convlstm]"):
        assert sum(line.startswith(name) for line in out.splitlines()) >= 3
    with (tmp_path / "out" / "lv-sequence.csv").open() as lines:
        values = list(csv.DictReader(lines))
    assert {row["row"] for row in values if "convlstm" in row["row"]} == {"Temporal ConvLSTM, every frame [convlstm]"}
    assert all(np.isfinite(float(row["true_edv_ml"])) for row in values)


def test_an_interrupted_measurement_prints_what_it_has(tmp_path, capsys, monkeypatch):
    data = write_camus(tmp_path / "png", patients=6)
    from kinecor_lab.tasks.sequence import scores as sequence_scores

    scored, calls = sequence_scores.scored, []

    def stopping(case, looked):
        calls.append(case)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return scored(case, looked)

    monkeypatch.setattr(sequence_scores, "scored", stopping)
    args = ["lv-sequence", "--data", str(data), "--cases", "stills", "--rows", "alone,average", "--run", str(tmp_path)]
    assert commands.evaluate(args) == 1
    out = capsys.readouterr()
    assert "the 1 cases that every row has" in out.err
    assert "CAMUS ED/ES: 1 patients" in out.out


def test_the_commands_name_what_is_missing(tmp_path, capsys):
    assert commands.train(["lv-sequence", "--as-they-are", "--run", str(tmp_path)]) == 1
    assert "expected clips of splits" in capsys.readouterr().err
    assert commands.train(["lv-sequence", "--sources", "films"]) == 1
    assert "--sources: expected some of" in capsys.readouterr().err
    assert commands.evaluate(["lv-sequence", "--run", str(tmp_path), "--data", str(tmp_path)]) == 1
    assert "expected index.csv" in capsys.readouterr().err
    assert commands.evaluate(["lv-sequence", "--cases", "films"]) == 1
    assert "expected cases of" in capsys.readouterr().err


def test_two_chamber_cines_stand_apart_and_groups_limit_what_is_warped(tmp_path, monkeypatch):
    """The resized frames go into files of their own, which arms that do not ask for them do not learn from."""
    samples = [
        Sample(f"p{number:02d}", phase, np.zeros((8, 8), np.uint8), np.zeros((8, 8), np.uint8), 1.0, "A2C")
        for number in range(40)
        for phase in ("ED", "ES")
    ]
    monkeypatch.setattr(data, "kind_of", lambda folder: folder.name)
    monkeypatch.setattr(data, "camus_resized", lambda folder, splits: samples)
    monkeypatch.setattr(data, "camus_png", lambda folder, splits: samples)
    todo = data.jobs(
        tmp_path, [Path("resized"), Path("png")], data.Amount(simulated=0, groups=2), 64, print, interpolate=False
    )
    names = sorted(job.file.name for job in todo if "-train-" in job.file.name)
    assert names == [f"warped-{which}train-0{n}.npz" for which in ("a2c-", "") for n in (0, 1)]
    for job in todo:
        job.file.parent.mkdir(exist_ok=True)
        job.file.touch()
    assert [file.name for file in data.files(tmp_path, "train")] == ["warped-train-00.npz", "warped-train-01.npz"]
    assert len(data.files(tmp_path, "train", [data.TWO_CHAMBER])) == 2


def test_a_plan_of_li_is_read_as_it_was_written_and_older_ones_lack_its_choices():
    older = plan_fields(ARMS["ral"])
    assert "plateau" not in older
    assert "deep_first" not in older["shape"]
    assert plan_from(json.loads(json.dumps(older))) == ARMS["ral"]
    newer = replace(ARMS["ral-no-spatial-state"], shape=replace(ARMS["ral"].shape, deep_first=True), plateau=3)
    assert plan_from(json.loads(json.dumps(plan_fields(newer)))) == newer
