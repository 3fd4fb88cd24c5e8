import json
import os
import signal
from dataclasses import replace

import pytest
import torch
from torch import nn

from kinecor_lab.common import training
from kinecor_lab.common.commands import PausedError
from kinecor_lab.common.training import Execution, Job, Pause, every, linear_fall, read_state, train
from kinecor_models.contract import WeightsError
from kinecor_models.engines.engine import DeviceError


def batch(step):
    generator = torch.Generator().manual_seed(step)
    x = torch.randn(8, 3, generator=generator)
    return x, x.sum(dim=1, keepdim=True)


def loss(net, batch, _step):
    x, y = batch
    return nn.functional.mse_loss(net(x), y)


def job(steps=6, **changes):
    def validate(net):
        return {"off": loss(net, batch(1000), 0).item()}

    settings = {"steps": steps}
    rest = {"rate": 0.1, "schedule": linear_fall, "score": lambda figures: -figures["off"], "average": 0.5} | changes
    return Job(settings, steps, rest.pop("batch", batch), rest.pop("loss", loss), every(2, steps, validate), **rest)


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.3), nn.Linear(4, 1))


def weights(run):
    return read_state(run / "checkpoint.pt")["net"]


def same(one, other):
    return all(torch.equal(weights(one)[name], weights(other)[name]) for name in weights(one))


def test_it_learns_logs_and_saves_the_best(tmp_path):
    best = train(job(60, rate=0.05), net(), tmp_path, say=lambda _: None)
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in log] == list(range(2, 61, 2))
    assert log[-1]["off"] < log[0]["off"]
    state = read_state(best)
    assert state["figures"]["off"] == min(line["off"] for line in log)
    assert not list(tmp_path.glob("*.part"))


def test_the_average_follows_the_net(tmp_path):
    train(job(average=0.0), net(), tmp_path / "none", say=lambda _: None)
    state = read_state(tmp_path / "none" / "checkpoint.pt")
    assert all(torch.equal(state["net"][name], state["averaged"][name]) for name in state["net"])
    train(job(average=0.9), net(), tmp_path / "slow", say=lambda _: None)
    state = read_state(tmp_path / "slow" / "checkpoint.pt")
    assert not torch.equal(state["net"]["0.weight"], state["averaged"]["0.weight"])
    assert state["averaged"]["1.num_batches_tracked"] == 6


@pytest.fixture
def ctrl_c():
    """Ctrl-C as in a terminal, whatever the tests were started by."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_saves_the_step_and_the_run_resumes(tmp_path):
    train(job(), net(), tmp_path / "whole", say=lambda _: None)

    def interrupted(net, batch, step):
        if step == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return loss(net, batch, step)

    with pytest.raises(KeyboardInterrupt):
        train(job(loss=interrupted), net(), tmp_path / "stopped", say=lambda _: None)
    assert read_state(tmp_path / "stopped" / "checkpoint.pt")["step"] == 3
    said = []
    train(job(), net(), tmp_path / "stopped", say=said.append)
    assert said[0] == "resuming after step 3 of 6"
    assert same(tmp_path / "whole", tmp_path / "stopped")
    # The mean loss of a line that was interrupted counts all its steps.
    one, other = (
        [json.loads(line)["loss"] for line in (tmp_path / run / "log.jsonl").read_text().splitlines()]
        for run in ("whole", "stopped")
    )
    assert one == other


def test_a_loss_that_is_not_a_number_stops_the_run_before_it_spoils_the_checkpoint(tmp_path, monkeypatch):
    def wrong(net, batch, step):
        return loss(net, batch, step) * (float("nan") if step == 3 else 1)

    for read_every in (1, 2):
        monkeypatch.setitem(training._READ_EVERY, "cpu", read_every)
        run = tmp_path / str(read_every)
        with pytest.raises(ValueError, match="loss of step 3 is not a number"):
            train(job(loss=wrong), net(), run, say=lambda _: None)
        state = read_state(run / "checkpoint.pt")
        assert state["step"] == 2
        assert torch.isfinite(state["net"]["0.weight"]).all()


def test_worker_processes_make_the_same_batches(tmp_path):
    train(job(), net(), tmp_path / "thread", execution=Execution(workers=0), say=lambda _: None)
    train(job(), net(), tmp_path / "processes", execution=Execution(workers=2), say=lambda _: None)
    assert same(tmp_path / "thread", tmp_path / "processes")


def test_a_time_limit_ends_a_run_with_a_validation(tmp_path):
    best = train(job(10**6, minutes=0.005), net(), tmp_path, say=lambda _: None)
    assert read_state(best)["step"] < 10**6
    assert json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])["off"] >= 0
    state = read_state(tmp_path / "checkpoint.pt")
    assert state["optimiser"]["param_groups"][0]["lr"] == 0


def test_only_eligible_pauses_choose_the_best_and_networks_are_saved_where_due(tmp_path):
    def pause(step):
        return Pause({"epoch": step}, lambda _: {"off": 1.0}, eligible=step == 3, keep="kept.pt" if step == 2 else "")

    one = job(3)
    one = Job(one.settings, 3, batch, loss, pause, score=one.score, rate=0.1, schedule=linear_fall)
    assert read_state(train(one, net(), tmp_path, say=lambda _: None))["step"] == 3
    assert read_state(tmp_path / "kept.pt")["step"] == 2


def test_other_settings_files_and_devices_are_refused(tmp_path):
    train(job(2), net(), tmp_path, say=lambda _: None)
    with pytest.raises(ValueError, match="another plan"):
        train(job(4), net(), tmp_path, say=lambda _: None)
    with pytest.raises(WeightsError, match="found none; train it with kinecor train x"):
        read_state(tmp_path / "nothing.pt", "kinecor train x")
    torch.save({"net": {}}, tmp_path / "other.pt")
    with pytest.raises(WeightsError, match="found other content"):
        read_state(tmp_path / "other.pt")
    if not torch.cuda.is_available():
        with pytest.raises(DeviceError, match="--device cpu"):
            train(job(2), net(), tmp_path, execution=Execution("cuda"))


def test_a_call_that_ends_early_resumes_to_the_same_end(tmp_path):
    train(job(), net(), tmp_path / "whole", say=lambda _: None)
    with pytest.raises(PausedError, match="paused after step 1 of 6"):
        train(job(), net(), tmp_path / "parts", execution=Execution(call_minutes=1e-9), say=lambda _: None)
    train(job(), net(), tmp_path / "parts", say=lambda _: None)
    assert same(tmp_path / "whole", tmp_path / "parts")


def test_a_limit_of_time_ends_the_run_and_its_schedule(tmp_path):
    rates = []
    long = job(10_000, schedule=lambda progress: rates.append(progress) or 1 - progress)
    train(long, net(), tmp_path, execution=Execution(minutes=1e-3), say=lambda _: None)
    assert 0 < read_state(tmp_path / "checkpoint.pt")["step"] < 10_000
    assert rates[-1] == 1
    assert (tmp_path / "best.pt").is_file()


def test_a_run_whose_time_ends_with_an_epoch_is_validated_all_the_same(tmp_path):
    def pause(step):
        return Pause({"epoch": step}, (lambda net: {"off": 1.0}) if step == 10_000 else None)

    long = replace(job(10_000), pause=pause)
    train(long, net(), tmp_path, execution=Execution(minutes=1e-4), say=lambda _: None)
    line = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert line["off"] == 1
    assert line["epoch"] == line["step"] < 10_000
    assert (tmp_path / "best.pt").is_file()


def test_a_budget_of_processor_time_ends_the_run_over_all_calls(tmp_path, monkeypatch):
    spent = iter(range(0, 10**6, 36))  # each look at the clock finds 36 s = 0.01 h more
    monkeypatch.setattr(training, "processor_s", lambda: float(next(spent)))
    rates = []
    long = job(10_000, schedule=lambda progress: rates.append(progress) or 1 - progress)
    with pytest.raises(PausedError):
        train(long, net(), tmp_path, execution=Execution(core_hours=0.3, call_minutes=1e-9), say=lambda _: None)
    first = read_state(tmp_path / "checkpoint.pt")
    assert 0 < first["processor_s"] < 0.3 * 3600
    train(long, net(), tmp_path, execution=Execution(core_hours=0.3), say=lambda _: None)
    last = read_state(tmp_path / "checkpoint.pt")
    assert first["step"] < last["step"] < 10_000
    assert last["processor_s"] >= 0.3 * 3600
    assert rates[-1] == 1
    line = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert line["score"] == -line["off"]
    assert line["core_hours"] == pytest.approx(last["processor_s"] / 3600, abs=0.02)
    # Spent is spent: another call takes no step.
    train(long, net(), tmp_path, execution=Execution(core_hours=0.3), say=lambda _: None)
    assert read_state(tmp_path / "checkpoint.pt")["step"] == last["step"]


def test_a_score_that_stands_still_ends_the_run_over_all_calls(tmp_path):
    scores = {2: 1.0, 4: 2.0, 6: 1.5, 8: 2.0, 10: 1.9}

    def pause(step):
        return Pause({}, lambda _: {"off": -scores.get(step, 0.0)}, eligible=step != 8) if step % 2 == 0 else None

    one = replace(job(100), pause=pause)
    with pytest.raises(StopIteration):
        train(one, net(), tmp_path, execution=Execution(patience=2), say=Stop("step 6 "))
    train(one, net(), tmp_path, execution=Execution(patience=2), say=lambda _: None)
    # Step 8 may not choose, so that step 10 is the second in a row.
    assert read_state(tmp_path / "checkpoint.pt")["step"] == 10
    assert read_state(tmp_path / "best.pt")["step"] == 4


def test_the_rate_halves_where_the_score_stands_still_over_all_calls(tmp_path):
    scores = {2: 1.0, 4: 2.0, 6: 1.5, 8: 2.0, 10: 2.5, 12: 2.4}

    def pause(step):
        return Pause({}, lambda _: {"off": -scores.get(step, 0.0)}) if step % 2 == 0 else None

    one = replace(job(12), pause=pause, plateau=2, schedule=lambda _progress: 1.0)
    with pytest.raises(StopIteration):
        train(one, net(), tmp_path, say=Stop("step 6 "))
    train(one, net(), tmp_path, say=lambda _: None)
    state = read_state(tmp_path / "checkpoint.pt")
    # Halved after steps 6 and 8, which gain nothing; step 10 gains, step 12 is the first in a row that does not.
    assert state["halvings"] == (1, 1)
    assert state["optimiser"]["param_groups"][0]["lr"] == pytest.approx(0.05)


class Stop:
    def __init__(self, beginning):
        self._beginning = beginning

    def __call__(self, line):
        if line.startswith(self._beginning):
            raise StopIteration


def test_a_checkpoint_is_written_while_no_pause_is_due(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "_SAVE_EVERY_S", 0.0)
    seen = []

    def looked(net, batch, step):
        file = tmp_path / "checkpoint.pt"
        seen.append(read_state(file)["step"] if file.is_file() else 0)
        return loss(net, batch, step)

    one = replace(job(4, loss=looked), pause=lambda step: Pause() if step == 4 else None)
    train(one, net(), tmp_path, say=lambda _: None)
    assert seen == [0, 1, 2, 3]


@pytest.fixture
def usual_sigterm():
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("usual_sigterm")
@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_a_request_to_end_saves_the_step_and_pauses(tmp_path):
    def asked(net, batch, step):
        if step == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return loss(net, batch, step)

    with pytest.raises(PausedError, match="after step 3 of 6"):
        train(job(loss=asked), net(), tmp_path, say=lambda _: None)
    assert read_state(tmp_path / "checkpoint.pt")["step"] == 3


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU")
def test_on_a_gpu_it_learns_and_resumes(tmp_path):
    with pytest.raises(PausedError):
        train(job(60), net(), tmp_path, execution=Execution("cuda", workers=0, call_minutes=1e-9), say=lambda _: None)
    train(job(60), net(), tmp_path, execution=Execution("cuda", workers=0), say=lambda _: None)
    log = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert log[-1]["off"] < log[0]["off"]
