import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from kinecor_lab.common import commands
from kinecor_lab.common.commands import PAUSED, TRAIN, PausedError
from kinecor_lab.common.publish import weights_of, write_candidate
from kinecor_lab.common.training import read_state
from kinecor_lab.pipeline import training_queue
from kinecor_lab.pipeline.training_part import DONE, FAILED, FOLDERS, LACKING, STOPPED
from kinecor_lab.pipeline.training_queue import (
    QueuedTraining,
    QueueProgress,
    StopRequestedError,
    carry_on,
    committed_queue,
    finished_trainings,
    queue_of,
    status,
)
from kinecor_lab.pipeline.training_record import FinishedTraining, add_to_record, read_record
from tests.lab.camus import write_camus

LIMITS = ["--device", "cpu", "--seed", "2026", "--core-hours", "1.5", "--patience", "4"]
ONE = QueuedTraining("one", "lv-apical", 1.5, "to learn", ("--data", "{camus-a4c}"), patience=4, start="lv-apical")
TWO = QueuedTraining("two", "sax-cine", 0.5, "to go on", ("--acdc", "{acdc-sax}"), start="lv-sax", after="one", seed=7)


class Starter:
    """Stands in for the processes; a status of None asks the queue to end."""

    def __init__(self, *statuses: int | None) -> None:
        self.calls: list[list[str]] = []
        self._statuses = list(statuses)

    def __call__(self, arguments: Sequence[str], log: Path) -> int:
        self.calls.append(list(arguments))
        log.parent.mkdir(parents=True, exist_ok=True)
        status = self._statuses.pop(0) if self._statuses else 0
        if status is None:
            raise StopRequestedError
        if status == 0:
            (log.parent / "best.pt").write_bytes(b"")
        return status


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in FOLDERS:
        (tmp_path / "sets" / name).mkdir(parents=True)
    return tmp_path / "sets"


def run(data: Path, cache: Path, start: Starter, *, retry: bool = False) -> QueueProgress:
    return carry_on((ONE, TWO), data, cache, "cpu", start, retry=retry, candidates=cache.parent / "candidates")


def test_trainings_run_in_order_and_a_later_stage_begins_with_the_best_network(data: Path, tmp_path: Path) -> None:
    cache, starter = tmp_path / "cache", Starter()
    assert run(data, cache, starter).states == {"one": DONE, "two": DONE}
    first, second = starter.calls
    folders = ["--data", str(data / "camus-a4c"), "--start", "lv-apical", "--run", str(cache / "one")]
    assert first == ["lv-apical", *folders, *LIMITS]
    assert second[second.index("--start") + 1] == str(cache / "one" / "best.pt")
    assert second[second.index("--seed") + 1] == "7"
    again = Starter()
    run(data, cache, again)
    assert not again.calls


def test_a_stage_that_left_a_candidate_is_done_and_the_next_begins_with_it(data: Path, tmp_path: Path) -> None:
    left = tmp_path / "candidates" / "one.safetensors"
    left.parent.mkdir()
    save_file({"weight": np.full(3, 0.5, np.float16)}, left)
    starter = Starter()
    assert run(data, tmp_path / "cache", starter).states == {"one": DONE, "two": DONE}
    (second,) = starter.calls
    assert second[second.index("--start") + 1] == str(left)
    weights = weights_of(str(left))
    assert weights["weight"].dtype == np.float32
    assert weights["weight"].tolist() == [0.5] * 3


def test_a_training_whose_network_ships_is_done_on_every_machine(data: Path, tmp_path: Path) -> None:
    starter = Starter()
    queue = (replace(ONE, shipped="lv-apical"), TWO)
    progress = carry_on(queue, data, tmp_path / "cache", "cpu", starter, candidates=tmp_path / "candidates")
    assert progress.states == {"one": DONE, "two": DONE}
    assert len(starter.calls) == 1


def test_a_recorded_training_is_done_unless_another_needs_its_network(data: Path, tmp_path: Path) -> None:
    ended = FinishedTraining(900, 0.25, 0.9, {"score": 0.9}, (0.6, 0.7, 0.8, 0.9))
    needed, starter = tmp_path / "needed", Starter()
    queue, candidates = (ONE, TWO), tmp_path / "candidates"
    progress = carry_on(queue, data, needed, "cpu", starter, candidates=candidates, record={"one": ended})
    assert progress.states == {"one": DONE, "two": DONE}
    assert len(starter.calls) == 2  # the second begins with the network of the first, which is not on this machine
    both, again = {"one": ended, "two": ended}, Starter()
    carry_on(queue, data, tmp_path / "elsewhere", "cpu", again, candidates=candidates, record=both)
    assert not again.calls
    text = status(queue, tmp_path / "elsewhere", both).text()
    assert "0.50 core hours" in text
    assert next(line.split() for line in text.splitlines() if line.startswith("one"))[1:3] == ["recorded", "0.25"]


def test_what_ended_is_added_to_the_record_with_its_best_validation_and_its_course(tmp_path: Path) -> None:
    cache, file = tmp_path / "cache", tmp_path / "trained.json"
    run_folder = ONE.folder(cache)
    run_folder.mkdir(parents=True)
    state = {"step": 8, "processor_s": 900.0, "best": 0.8, "settings": "{}", "averaged": {}}
    torch.save(state, run_folder / "checkpoint.pt")
    scores = {2: 0.5, 4: 0.7, 6: 0.8, 8: 0.75}
    lines = [json.dumps({"step": step, "score": score, "dice": score / 2}) for step, score in scores.items()]
    (run_folder / "log.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert not finished_trainings((ONE, TWO), cache)  # it has not ended
    QueueProgress().record(cache, "one", DONE)
    add_to_record({"two": FinishedTraining(1, 0.5, 0.1, {"score": 0.1}, ())}, file)
    add_to_record(finished_trainings((ONE, TWO), cache), file)
    record = read_record(file)
    assert set(record) == {"one", "two"}
    assert record["one"] == FinishedTraining(
        8, 0.25, 0.8, {"step": 6, "score": 0.8, "dice": 0.4}, (0.5, 0.7, 0.8, 0.75)
    )


def test_the_committed_record_is_of_trainings_of_the_queue() -> None:
    assert set(read_record()) <= {training.name for training in committed_queue()}


def test_a_candidate_is_the_best_network_in_half_precision(tmp_path: Path) -> None:
    torch.save({"settings": "{}", "averaged": {"weight": torch.full((2,), 0.25)}}, tmp_path / "best.pt")
    write_candidate(tmp_path, tmp_path / "candidates" / "one.safetensors")
    assert load_file(tmp_path / "candidates" / "one.safetensors")["weight"].dtype == np.float16


def test_a_failed_training_is_recorded_and_the_next_begins_with_the_weights_that_ship(
    data: Path, tmp_path: Path
) -> None:
    cache, starter = tmp_path / "cache", Starter(2)
    progress = run(data, cache, starter)
    assert progress.states == {"one": FAILED, "two": DONE}
    assert starter.calls[1][starter.calls[1].index("--start") + 1] == "lv-sax"
    assert "failed (2)" in status((ONE, TWO), cache).text()
    assert not run(data, cache, again := Starter()).statuses.get("two")
    assert not again.calls
    assert run(data, cache, Starter(), retry=True).states["one"] == DONE


def test_a_training_without_its_data_is_left_out_until_they_are_there(data: Path, tmp_path: Path) -> None:
    (data / "camus-a4c").rmdir()
    cache, starter = tmp_path / "cache", Starter()
    assert run(data, cache, starter).states == {"one": LACKING, "two": DONE}
    (data / "camus-a4c").mkdir()
    assert run(data, cache, starter).states["one"] == DONE


@pytest.mark.parametrize("answer", [PAUSED, None], ids=["call is over", "asked to end"])
def test_a_queue_that_is_stopped_resumes_in_the_same_training(data: Path, tmp_path: Path, answer: int | None) -> None:
    cache, starter = tmp_path / "cache", Starter(answer)
    with pytest.raises(PausedError, match="in one; the same command resumes"):
        run(data, cache, starter)
    assert QueueProgress.read(cache).states == {"one": STOPPED}
    run(data, cache, starter)
    assert [call[0] for call in starter.calls] == ["lv-apical", "lv-apical", "sax-cine"]


def test_a_call_has_its_time(data: Path, tmp_path: Path) -> None:
    times = iter((0.0, 0.0, 60 * 8.0))
    starter = Starter()
    with pytest.raises(PausedError, match="paused before two"):
        carry_on((ONE, TWO), data, tmp_path / "cache", "cuda", starter, call_minutes=8.2, clock=lambda: next(times))
    assert starter.calls[0][-2:] == ["--call-minutes", "8.2"]


def test_plans_that_cannot_be_meant_are_refused() -> None:
    text = '[[training]]\nname = "a"\ntrain = "views"\ncore_hours = 1\npurpose = "p"\n'
    assert queue_of(text) == (QueuedTraining("a", "views", 1, "p"),)
    with pytest.raises(ValueError, match="got a twice"):
        queue_of(text + text)
    with pytest.raises(ValueError, match=r"training a of the queue: .*hours_"):
        queue_of(text.replace("core_hours", "hours_"))
    with pytest.raises(ValueError, match="which is not above it"):
        queue_of(text + 'after = "b"\n')


def test_the_committed_queue_names_trainings_and_options_that_exist(data: Path, tmp_path: Path) -> None:
    queue = committed_queue()
    assert queue
    for training in queue:
        assert 0 < training.core_hours <= 100 / 60, "a stage takes at most 100 minutes"
        assert training.purpose
        arguments = training.arguments(data, tmp_path, "cpu", None)
        assert not any(option.startswith("{") for option in arguments)
        options = import_module(TRAIN[training.train]).parser().parse_args([*arguments[1:], "--call-minutes", "9"])
        assert options.core_hours == training.core_hours
        assert options.patience == training.patience
        assert options.seed == training.seed


# A training that takes seconds, as the queue starts it.
TINY = """
[[training]]
name = "tiny"
train = "lv-apical"
core_hours = {core_hours}
purpose = "to try the queue out"
options = ["--data", "{{camus-a4c}}", "--plan", "32x{epochs}x2"]
"""
LONG = TINY.format(core_hours=1, epochs=100_000)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A data folder, and beside it a script that runs the queue with another plan than the committed one."""
    write_camus(tmp_path / "sets" / "camus-a4c")
    (tmp_path / "plan.toml").write_text(LONG)
    (tmp_path / "run_queue.py").write_text(
        "import sys\nfrom pathlib import Path\nfrom kinecor_lab.pipeline import training_queue\n"
        "plan = training_queue.queue_of(Path(sys.argv[1]).read_text())\n"
        "training_queue.committed_queue = lambda: plan\n"
        "sys.exit(training_queue.main(sys.argv[2:]))\n"
    )
    return tmp_path


def options(folder: Path) -> list[str]:
    return ["--data", str(folder / "sets"), "--cache", str(folder / "cache"), "--device", "cpu"]


def call(folder: Path) -> "subprocess.Popen[str]":
    """The queue as a process, which starts another for its training."""
    command = [sys.executable, str(folder / "run_queue.py"), str(folder / "plan.toml"), *options(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_until(ready: Callable[[], bool]) -> None:
    for _ in range(1200):
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError("expected it within two minutes")


def trainings_of(folder: Path) -> list[int]:
    """Numbers of the processes that train in a folder."""
    text = subprocess.run(
        ["ps", "-ww", "-o", "pid=,stat=,args=", "-A"], check=True, capture_output=True, text=True
    ).stdout
    rows = [line.split(None, 2) for line in text.splitlines()]
    wanted = f"--run {folder / 'cache' / 'tiny'}"
    return [int(row[0]) for row in rows if not row[1].startswith("Z") and wanted in row[-1]]


@pytest.fixture
def no_orphans(tiny: Path) -> Iterator[None]:
    yield
    for number in trainings_of(tiny):
        os.kill(number, signal.SIGKILL)


@pytest.mark.usefixtures("no_orphans")
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_real_queue_is_stopped_and_killed_and_goes_on(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cache = tiny / "cache"
    checkpoint, output = cache / "tiny" / "checkpoint.pt", cache / "tiny" / "output.txt"
    monkeypatch.setattr(training_queue, "committed_queue", lambda: queue_of(LONG))
    with call(tiny) as first:
        wait_until(lambda: checkpoint.is_file() or first.poll() is not None)
        (training,) = trainings_of(tiny)
        assert os.getpriority(os.PRIO_PROCESS, training) == 19
        # One runner at a time.
        assert training_queue.main(options(tiny)) == 1
        assert "is running already" in capsys.readouterr().err
        assert "tiny      running" in status(queue_of(LONG), cache).text()
        first.send_signal(signal.SIGTERM)
        assert "stopped in tiny; the same command resumes" in first.communicate(timeout=120)[0]
    assert first.returncode == PAUSED
    assert "paused after step" in output.read_text()
    stopped = read_state(checkpoint)["step"]
    assert "not running" in status(queue_of(LONG), cache).text()

    # Killed alone, its training goes on and still counts as a runner; killed as well, the next call resumes.
    with call(tiny) as second:
        wait_until(lambda: f"resuming after step {stopped} of" in output.read_text() or second.poll() is not None)
        (training,) = trainings_of(tiny)
        second.kill()
    assert training_queue.main(options(tiny)) == 1
    os.kill(training, signal.SIGKILL)
    wait_until(lambda: "tiny      paused" in status(queue_of(LONG), cache).text())
    capsys.readouterr()

    # A budget that is spent ends the training.
    monkeypatch.setattr(training_queue, "committed_queue", lambda: queue_of(TINY.format(core_hours=1e-9, epochs=10**5)))
    assert training_queue.main(options(tiny)) == 0
    assert "tiny      done" in capsys.readouterr().out
    assert read_state(checkpoint)["step"] >= stopped
    assert json.loads((cache / "queue.json").read_text())["states"] == {"tiny": DONE}


def test_the_status_says_steps_scores_and_core_hours(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = queue_of(TINY.format(core_hours=0.5, epochs=2))
    monkeypatch.setattr(training_queue, "committed_queue", lambda: plan)
    cache = tiny / "cache"
    assert commands.train(["queue", "--status", "--cache", str(cache)]) == 0
    assert "waiting" in capsys.readouterr().out
    assert commands.train(["queue", "--cache", str(cache)]) == 1
    assert "name it with --data" in capsys.readouterr().err
    # In this process: another one would take seconds to start.
    progress = carry_on(plan, tiny / "sets", cache, "cpu", lambda arguments, log: commands.train(arguments))
    assert progress.states == {"tiny": DONE}
    capsys.readouterr()
    assert commands.train(["queue", "--status", "--cache", str(cache)]) == 0
    text = capsys.readouterr().out
    saved = read_state(cache / "tiny" / "checkpoint.pt")
    assert len(text.splitlines()) <= 10
    row = next(line.split() for line in text.splitlines() if line.startswith("tiny"))
    assert row[:2] == ["tiny", "done"]
    assert row[3:5] == ["0.50", str(saved["step"])]
    assert row[6] == f"{saved['best']:.4f}"
