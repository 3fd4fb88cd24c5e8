"""The one training loop: AdamW, an averaged network, checkpoints that resume, on the CPU or a CUDA GPU.

A task describes its training as a `Job` and calls `train`. The folder of a run holds

- checkpoint.pt: everything needed to resume, written whole or not at all at every pause, at least every ten minutes, on
  Ctrl-C and on SIGTERM: settings, net, averaged net, optimiser, scheduler, step, best score, running loss, time,
  processor time, and the states of torch's random generators;
- best.pt: the averaged network of the best validation, with its settings and figures;
- log.jsonl: one line of figures per pause.

A batch depends on its step alone, so that a resumed run sees the batches of an uninterrupted one; on one thread it ends
bit-identical.
"""

import argparse
import json
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import methodcaller
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, Dataset

from kinecor_lab.common.commands import PausedError
from kinecor_models.contract import WeightsError
from kinecor_models.engines.engine import DeviceError

Batch = tuple[Tensor, ...]
"""One step's data, as small as it goes (images uint8): it is converted on the training device."""

_STARTED_S = time.monotonic()
"""When the process imported this: about when the call began."""
_Tensors = tuple[Tensor, ...] | list[Tensor]
_SAVE_EVERY_S = 600.0
"""Between checkpoints at most, but for a validation that takes longer."""
_READ_EVERY = {"cpu": 1, "cuda": 50}
"""Steps between readings of the loss: on a GPU every reading waits for all work that is queued."""


@dataclass(frozen=True, slots=True)
class Pause:
    """What is due after a step, in addition to a checkpoint and a line in the log.

    Attributes:
        line: figures to log, e.g. the epoch.
        validate: measures the averaged network; None for no validation.
        eligible: whether the network may become best.pt.
        keep: file name to save the averaged network under, "" for none.

    """

    line: Mapping[str, float] = field(default_factory=dict)
    validate: Callable[[nn.Module], Mapping[str, float]] | None = None
    eligible: bool = True
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Execution:
    """Where a training runs and how long it may take; of this, time and `patience` alone change what is learnt.

    Attributes:
        device: "auto", "cpu" or "cuda".
        workers: processes that make batches; 0 makes them one ahead in a thread. None takes a thread on the CPU, whose
            cores are busy already, and processes with a GPU.
        minutes: of steps, all calls together: the run ends, and its schedule with it, after this time. None: no limit.
        call_minutes: of this call, preparation included: the state is saved then, and the same call later resumes.
        core_hours: as `minutes`, but processor time of all cores, validations included, which other work on the machine
            does not use up.
        patience: validations in a row without a higher score, of those that may choose, after which the run ends.

    """

    device: str = "cpu"
    workers: int | None = None
    minutes: float | None = None
    call_minutes: float | None = None
    core_hours: float | None = None
    patience: int | None = None

    @classmethod
    def from_options(cls, options: argparse.Namespace) -> "Execution":
        """As typed, see commands.add_run_options."""
        return cls(
            options.device,
            options.workers,
            options.minutes,
            options.call_minutes,
            options.core_hours,
            options.patience,
        )


ON_THE_CPU = Execution()


@dataclass(frozen=True)
class Job:
    """A training.

    Attributes:
        settings: all that determines the run apart from its data; a folder holds one run of the same settings.
        steps: of the optimiser.
        batch: makes the batch of a step, counted from 0; the same step is always the same batch.
        loss: of the network, from a batch on the network's device and the step.
        pause: what is due after this many steps, None for nothing; something is due after the last.
        score: of a validation's figures, higher is better.
        rate: highest learning rate.
        schedule: factor of `rate` at a progress of 0..1.
        progress: share of the work done after this many steps, 0..1; None for step / steps.
        weight_decay: of AdamW.
        clip: greatest norm of all gradients together; None clips nothing.
        average: decay of the exponential moving average of weights and statistics; 0 averages nothing.
        minutes: as in Execution, where the plan has it.
        set_to_learn: puts the network into training, parameters that stay fixed excepted.
        plateau: validations in a row without a higher score after which the rate halves; None for never.

    """

    settings: Mapping[str, Any]
    steps: int
    batch: Callable[[int], Batch]
    loss: Callable[[Any, Batch, int], Tensor]
    pause: Callable[[int], Pause | None]
    score: Callable[[Mapping[str, float]], float]
    rate: float
    schedule: Callable[[float], float]
    progress: Callable[[int], float] | None = None
    weight_decay: float = 0.0
    clip: float | None = None
    average: float = 0.998
    minutes: float | None = None
    set_to_learn: Callable[[Any], object] = methodcaller("train")
    plateau: int | None = None


def warm_up_and_cosine(progress: float, warm_up: float = 0.03) -> float:
    """A linear rise during `warm_up`, then a cosine down to 1 %; 0..1 at a progress of 0..1.

    Args:
        progress: share of the steps that are over, 0..1.
        warm_up: share of the steps that the rise takes, above 0 and below 1.

    """
    if progress < warm_up:
        return max(progress / warm_up, 0.02)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * (progress - warm_up) / (1 - warm_up))) / 2


def warm_up_alone(progress: float, warm_up: float = 0.03) -> float:
    """A linear rise during `warm_up`, then 1: for a rate that validations lower, see `Job.plateau`.

    Args:
        progress: share of the steps that are over, 0..1.
        warm_up: share of the steps that the rise takes, above 0.

    """
    return max(min(progress / warm_up, 1.0), 0.02)


def linear_fall(progress: float) -> float:
    """From 1 to 0.

    Args:
        progress: share of the steps that are over, 0..1.

    """
    return 1 - progress


def every(steps: int, total: int, validate: Callable[[Any], Mapping[str, float]]) -> Callable[[int], Pause | None]:
    """A pause with a validation every `steps` steps, and after the last.

    Args:
        steps: between two validations, 1 or more.
        total: steps of the whole training.
        validate: the figures of a network by name.

    """

    def pause(step: int) -> Pause | None:
        return Pause(validate=validate) if step % steps == 0 or step == total else None

    return pause


def torch_device(name: str) -> torch.device:
    """The device of "auto" (a CUDA GPU where torch finds one), "cpu" or "cuda".

    Raises:
        DeviceError: "cuda" was chosen and torch finds none.

    """
    if name == "cuda" and not torch.cuda.is_available():
        raise DeviceError("a CUDA GPU was chosen, and torch finds none; use --device cpu")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def device_of(net: nn.Module) -> torch.device:
    """Where a network's weights are; the CPU for one without weights."""
    return next((parameter.device for parameter in net.parameters()), torch.device("cpu"))


def processor_s() -> float:
    """Seconds of processor time of this process and of those that it started and that have ended."""
    return sum(os.times()[:4])


def save_whole(state: Mapping[str, Any], path: Path) -> None:
    """Writes a training file whole or not at all."""
    part = path.with_suffix(".part")
    torch.save(dict(state), part)
    part.replace(path)


def read_state(file: Path, command: str = "kinecor train") -> dict[str, Any]:
    """The content of a training file, on the CPU.

    Raises:
        WeightsError: the file is missing or is no training file.

    """
    if not file.is_file():
        raise WeightsError(f"expected a network of a training run at {file}, found none; train it with {command}")
    state = torch.load(file, weights_only=True, map_location="cpu")
    if not isinstance(state, dict) or not {"averaged", "settings"} <= set(state):
        raise WeightsError(f"expected a network of {command} in {file}, found other content; see the run's folder")
    return state


def settings_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in the content of a training file."""
    found: dict[str, Any] = json.loads(state["settings"])
    return found


def train(
    job: Job,
    net: nn.Module,
    run: Path,
    *,
    execution: Execution = ON_THE_CPU,
    say: Callable[[str], None] = print,
) -> Path:
    """Trains `net`; an interrupted run resumes from run/checkpoint.pt.

    Args:
        job: see Job.
        net: to be trained, with its first weights.
        run: folder of the run; created if missing.
        execution: see Execution.
        say: called with lines of progress.

    Returns:
        the path of the best network, run/best.pt.

    Raises:
        ValueError: the folder holds a run of other settings, or the loss is not a number.
        DeviceError: see torch_device.
        KeyboardInterrupt: Ctrl-C; the state after the last whole step has been saved.
        PausedError: the call's time is up, or the process was asked to end (SIGTERM); likewise.

    """
    run.mkdir(parents=True, exist_ok=True)
    course = _Course(job, net, run, execution, say)
    ends_s = _STARTED_S + 60 * execution.call_minutes if execution.call_minutes else math.inf
    if course.done():
        return run / "best.pt"
    pinned = course.device.type == "cuda"
    workers = execution.workers
    if workers is None:
        workers = min(8, (os.cpu_count() or 2) - 1) if pinned else 0
    with _deferred_stop() as signals:
        for batch in _batches(job.batch, course.step, job.steps, workers, pinned=pinned):
            course.take(tuple(part.to(course.device, non_blocking=True) for part in batch))
            if signal.SIGINT in signals:
                course.save()
                raise KeyboardInterrupt
            if course.done():
                break
            if signals or time.monotonic() >= ends_s:
                course.save()
                raise PausedError(f"paused after step {course.step} of {job.steps}; the same command resumes")
            course.save_if_due()
    return run / "best.pt"


class _Course:
    """Net, averaged net, optimiser and scheduler of a run; takes steps, saves and resumes."""

    def __init__(
        self,
        job: Job,
        net: nn.Module,
        run: Path,
        execution: Execution,
        say: Callable[[str], None],
    ) -> None:
        device = torch_device(execution.device)
        self._job, self._run, self._say, self.device = job, run, say, device
        self._minutes, self._core_hours = execution.minutes or job.minutes, execution.core_hours
        self._patience, self._standing = execution.patience, 0
        self._halvings, self._since_halving = 0, 0
        self._net = net.to(device)
        job.set_to_learn(net)
        self._averaged = AveragedModel(net, multi_avg_fn=self._averaging, use_buffers=True)
        self._averaged.eval()
        learning = [parameter for parameter in net.parameters() if parameter.requires_grad]
        self.step, self._best, self._seconds, self._processor_before_s = 0, -math.inf, 0.0, 0.0
        self._processor_start_s = processor_s()
        self._loss_sum, self._loss_count = 0.0, 0
        self._unread: list[Tensor] = []
        self._unread_from = 0
        self._settings = json.dumps(job.settings)
        # One kernel for all tensors; on the CPU, where the step is 1 % of the time, the same sums as ever.
        fused = True if device.type == "cuda" else None
        self._optimiser = AdamW(learning, lr=job.rate, weight_decay=job.weight_decay, fused=fused)
        self._scheduler = LambdaLR(self._optimiser, lambda _step: job.schedule(self._progress()) / 2**self._halvings)
        self._read_every = _READ_EVERY[device.type]
        self._checkpoint = run / "checkpoint.pt"
        if self._checkpoint.is_file():
            self._resume()
        self._since, self._paused_at, self._paused_s = time.monotonic(), self.step, self._seconds
        self._saved_at_s = self._since

    def done(self) -> bool:
        """Whether the last step was taken, the time is up, or the score has stood still for too long."""
        return self.step >= self._job.steps or self._of_time() >= 1 or self._stands_still()

    def _stands_still(self) -> bool:
        return self._patience is not None and self._standing >= self._patience

    def _processor_s(self) -> float:
        """Processor time of the run, all calls together."""
        return self._processor_before_s + processor_s() - self._processor_start_s

    def _of_time(self) -> float:
        by_clock = self._seconds / (60 * self._minutes) if self._minutes else 0.0
        by_processor = self._processor_s() / (3600 * self._core_hours) if self._core_hours else 0.0
        return max(by_clock, by_processor)

    def _progress(self) -> float:
        job = self._job
        by_step = job.progress(self.step) if job.progress else self.step / job.steps
        return min(max(by_step, self._of_time()), 1.0)

    def _averaging(self, averaged: _Tensors, current: _Tensors, _count: Tensor | int) -> None:
        # A young average must not hold on to the first, random weights.
        decay = min(self._job.average, (1 + self.step) / (10 + self.step))
        if averaged[0].is_floating_point():
            torch._foreach_lerp_(averaged, current, 1 - decay)
        else:
            for ours, theirs in zip(averaged, current, strict=True):
                ours.copy_(theirs)

    def take(self, batch: Batch) -> None:
        """One step of the optimiser and what is due after it.

        Raises:
            ValueError: the loss is not a number.

        """
        loss = self._job.loss(self._net, batch, self.step)
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if self._job.clip is not None:
            nn.utils.clip_grad_norm_(self._net.parameters(), self._job.clip)
        if not self._unread:
            self._unread_from = self.step
        self._unread.append(loss.detach())
        if len(self._unread) >= self._read_every:
            self._read()
        self._optimiser.step()
        with torch.no_grad():
            self._averaged.update_parameters(self._net)
        self.step += 1
        now = time.monotonic()
        self._seconds, self._since = self._seconds + now - self._since, now
        self._scheduler.step()
        pause = self._job.pause(self.step)
        if self.done() and (pause is None or pause.validate is None):  # the time is up
            last = self._job.pause(self._job.steps)
            pause = Pause(pause.line if pause else {}, last.validate if last else None)
        if pause is not None:
            self._end(pause)

    def _read(self) -> None:
        """Reads losses that are still on the device."""
        values = torch.stack(self._unread).tolist() if self._unread else []
        for step, value in enumerate(values, start=self._unread_from):
            if not math.isfinite(value):
                raise ValueError(f"the loss of step {step} is not a number; train in another folder with a lower rate")
        self._loss_sum += sum(values)
        self._loss_count += len(values)
        self._unread.clear()

    def _end(self, pause: Pause) -> None:
        self._read()
        job, taken = self._job, max(self.step - self._paused_at, 1)
        mean = self._loss_sum / max(self._loss_count, 1)
        each_s = (self._seconds - self._paused_s) / taken
        line: dict[str, Any] = {"step": self.step, **pause.line, "loss": mean, "seconds_a_step": each_s}
        if pause.validate is not None:
            figures = dict(pause.validate(self._averaged.module))
            score = job.score(figures)
            line |= {"score": score} | figures
            if pause.eligible:
                self._standing = 0 if score > self._best else self._standing + 1
                self._since_halving = 0 if score > self._best else self._since_halving + 1
                if job.plateau is not None and self._since_halving >= job.plateau:
                    self._halvings, self._since_halving = self._halvings + 1, 0
            if pause.eligible and score >= self._best:
                self._best = score
                save_whole(self._averaged_state() | {"figures": figures}, self._run / "best.pt")
        line["core_hours"] = self._processor_s() / 3600
        if pause.keep:
            save_whole(self._averaged_state(), self._run / pause.keep)
        self._loss_sum, self._loss_count = 0.0, 0
        self.save()
        self._paused_at, self._paused_s, self._since = self.step, self._seconds, time.monotonic()
        with (self._run / "log.jsonl").open("a") as log:
            log.write(json.dumps(line) + "\n")
        self._say(" ".join(f"{key} {value:.4g}" for key, value in line.items()))

    def _averaged_state(self) -> dict[str, Any]:
        return {"settings": self._settings, "averaged": self._averaged.module.state_dict(), "step": self.step}

    def save_if_due(self) -> None:
        """A checkpoint where the last is ten minutes old, so that a killed run loses no more."""
        if time.monotonic() - self._saved_at_s >= _SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """The whole state goes to run/checkpoint.pt."""
        self._read()
        cuda = torch.cuda.get_rng_state_all() if self.device.type == "cuda" else []
        state = {
            **self._averaged_state(),
            "net": self._net.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "scheduler": self._scheduler.state_dict(),
            "best": self._best,
            "standing": self._standing,
            "halvings": (self._halvings, self._since_halving),
            "seconds": self._seconds,
            "processor_s": self._processor_s(),
            "loss": [self._loss_sum, self._loss_count],
            "random": {"cpu": torch.get_rng_state(), "cuda": cuda},
        }
        save_whole(state, self._checkpoint)
        self._saved_at_s = time.monotonic()

    def _resume(self) -> None:
        state = read_state(self._checkpoint)
        if state["settings"] != self._settings:
            raise ValueError(f"{self._run} holds a run of another plan; name another folder, or remove this one")
        self._net.load_state_dict(state["net"])
        self._averaged.module.load_state_dict(state["averaged"])
        self._averaged.n_averaged.fill_(state["step"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._scheduler.load_state_dict(state["scheduler"])
        self.step, self._best, self._seconds = state["step"], state["best"], state["seconds"]
        # Runs of earlier versions counted none of these.
        self._halvings, self._since_halving = state.get("halvings", (0, 0))
        self._standing, self._processor_before_s = state.get("standing", 0), state.get("processor_s", 0.0)
        self._loss_sum, self._loss_count = state["loss"]
        torch.set_rng_state(state["random"]["cpu"])
        if self.device.type == "cuda" and state["random"]["cuda"]:
            torch.cuda.set_rng_state_all(state["random"]["cuda"])
        self._say(f"resuming after step {self.step} of {self._job.steps}")


class _Steps(Dataset[Batch]):
    """Batches by step, for a DataLoader."""

    def __init__(self, make: Callable[[int], Batch]) -> None:
        self._make = make

    def __getitem__(self, step: int) -> Batch:
        return self._make(step)


def _batches(
    make: Callable[[int], Batch], first: int, last: int, workers: int, *, pinned: bool = False
) -> Iterator[Batch]:
    """The batches of steps first..last - 1, prepared ahead in a thread or in worker processes."""
    if workers:
        yield from DataLoader(
            _Steps(make),
            batch_size=None,
            sampler=range(first, last),
            num_workers=workers,
            pin_memory=pinned,
            worker_init_fn=_settle,
            generator=torch.Generator(),  # the loader seeds its workers; the network's own generator stays as it is
        )
        return
    with ThreadPoolExecutor(1) as thread:
        ahead = thread.submit(make, first)
        for step in range(first, last):
            ready = ahead.result()
            if step + 1 < last:
                ahead = thread.submit(make, step + 1)
            yield ready


def _settle(_number: int) -> None:
    """A worker leaves Ctrl-C to the training, ends when asked to, and works on one core."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    cv2.setNumThreads(0)


@contextmanager
def _deferred_stop() -> Iterator[list[int]]:
    """A list that gets the signals of Ctrl-C and SIGTERM, so that a step can end first; a second Ctrl-C interrupts."""
    received: list[int] = []

    def note(number: int, _frame: object) -> None:
        if number == signal.SIGINT and number in received:
            raise KeyboardInterrupt
        received.append(number)

    before: dict[signal.Signals, Any] = {}
    # Only the main thread can set handlers, and one for Ctrl-C that is already installed stays in place.
    if threading.current_thread() is threading.main_thread():
        before[signal.SIGTERM] = signal.signal(signal.SIGTERM, note)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            before[signal.SIGINT] = signal.signal(signal.SIGINT, note)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
