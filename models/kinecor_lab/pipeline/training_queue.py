"""`kinecor train queue`: one training after another on a single core at the lowest priority, for hours.

The trainings, their order and budgets are in training_queue.toml. Each runs as a separate process in a folder below
the cache, whose checkpoint survives a kill and another day; the same command goes on where the queue was. A training
ends when its processor time is spent or the fold that it is chosen by has stood still for its patience; one that fails
is recorded, and the next one starts.

The end of a stage may be committed as a candidate (`--keep NAME`): on a machine without the run's folder the stage then
counts as done, and the next one begins with the candidate. So does a training whose network ships (`shipped`), and one
that is in the committed record of finished trainings (`--record`, see training_record.py).
"""

import argparse
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from json import loads
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import platformdirs

from kinecor.session.store import WriterLock
from kinecor_lab.common.commands import PAUSED, PausedError, add_device, reported
from kinecor_lab.common.publish import CANDIDATE, write_candidate
from kinecor_lab.common.table import Cell, Column, Table
from kinecor_lab.common.training import read_state
from kinecor_lab.pipeline.training_part import (
    DONE,
    FAILED,
    FOLDERS,
    LACKING,
    STOPPED,
    last_line,
    needed_folders,
    save_json,
    with_folders,
)
from kinecor_lab.pipeline.training_record import (
    FinishedTraining,
    add_to_record,
    finished_training,
    read_record,
)

PLAN = "training_queue.toml"
CANDIDATES = Path(__file__).resolve().parents[2] / "candidates"
"""Ends of stages in a source tree; an installed program has none."""
RUNNING, WAITING, RECORDED = "running", "waiting", "recorded"
NICENESS = 19
"""The lowest priority there is on POSIX systems."""
_MIN_CALL_MINUTES = 0.5
"""What is left of a call below this starts no training."""
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
)


class StopRequestedError(Exception):
    """The queue was asked to end (SIGTERM or Ctrl-C)."""


@dataclass(frozen=True, slots=True)
class QueuedTraining:
    """One training of the queue.

    Attributes:
        name: of its folder, unlike any other in the queue.
        train: of `kinecor train NAME`.
        core_hours: of processor time that it may take; its learning rate falls over them.
        purpose: what it is for, in a few words.
        options: of the training; epochs and steps are more than fit, since its budget ends it. "{NAME}" stands for the
            folder of a data set, "{cache}" for the cache.
        patience: validations in a row without a higher score that end it; None for no limit.
        seed: of the training.
        start: name of the model that ships whose weights it begins with; "" for the training's own first weights.
        after: the training of the queue whose best network it begins with instead, where that has one; "" for none.
        shared: folder below the cache that it shares with others, for data that they make once; it then takes --name.
        shipped: name of the model that ships and came from it, so that it is done on every machine; "" for none.

    """

    name: str
    train: str
    core_hours: float
    purpose: str
    options: tuple[str, ...] = ()
    patience: int | None = None
    seed: int = 2026
    start: str = ""
    after: str = ""
    shared: str = ""
    shipped: str = ""

    def folder(self, cache: Path) -> Path:
        """Where its checkpoint and log are."""
        return cache / self.shared / self.name if self.shared else cache / self.name

    def arguments(self, data: Path, cache: Path, device: str, first: Path | None) -> list[str]:
        """Of `kinecor train`, without a limit of the call.

        Args:
            data: folder of the data sets' folders.
            cache: folder of all trainings.
            device: "auto", "cpu" or "cuda".
            first: the best network of the training that it comes after; None where there is none.

        """
        run = (
            ["--run", str(cache / self.shared), "--name", self.name]
            if self.shared
            else ["--run", str(cache / self.name)]
        )
        start = str(first) if first is not None else self.start
        return [
            self.train,
            *(str(cache) if option == "{cache}" else option for option in with_folders(self.options, data)),
            *(["--start", start] if start else []),
            *run,
            *("--device", device, "--seed", str(self.seed), "--core-hours", f"{self.core_hours:g}"),
            *(["--patience", str(self.patience)] if self.patience is not None else []),
        ]


def candidate_of(name: str, folder: Path = CANDIDATES) -> Path | None:
    """The network that a training left for the next stage; None where it left none."""
    file = folder / f"{name}{CANDIDATE}"
    return file if file.is_file() else None


def left_its_network(training: QueuedTraining, folder: Path = CANDIDATES) -> bool:
    """Whether its network ships, or waits as a candidate for the next stage: then it is done on every machine."""
    return bool(training.shipped) or candidate_of(training.name, folder) is not None


def committed_queue() -> tuple[QueuedTraining, ...]:
    """The trainings of the committed plan, in order."""
    text = files("kinecor_lab").joinpath("pipeline", PLAN).read_text(encoding="utf-8")
    return queue_of(text)


def queue_of(text: str) -> tuple[QueuedTraining, ...]:
    """The trainings in a plan.

    Args:
        text: TOML with a [[training]] for each, whose keys are the fields of QueuedTraining.

    Raises:
        ValueError: it is no TOML, a key is missing or unknown, a name comes twice, or `after` names no earlier one.

    """
    queued_trainings: list[QueuedTraining] = []
    for fields in tomllib.loads(text).get("training", []):
        try:
            training = QueuedTraining(**{**fields, "options": tuple(fields.get("options", ()))})
        except TypeError as error:
            raise ValueError(f"training {fields.get('name', '?')} of the queue: {error}; see QueuedTraining") from error
        earlier = {queued_training.name for queued_training in queued_trainings}
        if training.name in earlier:
            raise ValueError(f"expected each training of the queue once, got {training.name} twice; rename one")
        if training.after and training.after not in earlier:
            raise ValueError(f"{training.name} comes after {training.after}, which is not above it; move it there")
        queued_trainings.append(training)
    return tuple(queued_trainings)


@dataclass
class QueueProgress:
    """What the queue has done; saved in queue.json of the cache.

    Attributes:
        states: DONE, FAILED, STOPPED, LACKING or RUNNING by name; what is not in it is waiting.
        statuses: exit status of failed trainings by name.

    """

    states: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, cache: Path) -> "QueueProgress":
        """What an earlier call left, or nothing done."""
        file = cache / "queue.json"
        return cls(**loads(file.read_text(encoding="utf-8"))) if file.is_file() else cls()

    def record(self, cache: Path, name: str, state: str, status: int | None = None) -> None:
        """Sets the state of a training and saves."""
        self.states[name] = state
        self.statuses.pop(name, None)
        if status is not None:
            self.statuses[name] = status
        save_json(asdict(self), cache / "queue.json")


class Starter(Protocol):
    """Runs `kinecor train` with some arguments."""

    def __call__(self, arguments: Sequence[str], log: Path) -> int:
        """The exit status; what is printed goes to the end of `log`.

        Raises:
            StopRequestedError: the queue was asked to end; the training has saved its state and ended.

        """


class LowPriorityProcess:
    """Starts trainings as processes of the lowest priority with a few threads."""

    def __init__(self, threads: int) -> None:
        self._threads = threads

    def __call__(self, arguments: Sequence[str], log: Path) -> int:
        """See Starter."""
        log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {name: str(self._threads) for name in _THREAD_VARIABLES}
        command = [sys.executable, "-m", "kinecor", "train", *arguments]
        with log.open("ab") as out, _stop_signals() as signals:
            process = _started(command, out, environment)
            while True:
                try:
                    return process.wait(timeout=0.5)
                except subprocess.TimeoutExpired:
                    if signals:
                        process.terminate()
                        process.wait()
                        raise StopRequestedError from None


def _started(command: Sequence[str], out: Any, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    if sys.platform == "win32":
        flags = subprocess.IDLE_PRIORITY_CLASS
        return subprocess.Popen(command, stdout=out, stderr=out, env=environment, creationflags=flags)
    # Descriptors of locks are inherited (see _only_runner), and Ctrl-C reaches the queue alone, which passes it on.
    process = subprocess.Popen(
        command, stdout=out, stderr=out, env=environment, close_fds=False, start_new_session=True
    )
    os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """A list that gets SIGTERM and SIGINT while a training runs."""
    received: list[int] = []
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda got, _frame: received.append(got)) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def carry_on(
    queue: Sequence[QueuedTraining],
    data: Path,
    cache: Path,
    device: str,
    start: Starter,
    *,
    call_minutes: float | None = None,
    retry: bool = False,
    clock: Callable[[], float] = time.monotonic,
    candidates: Path = CANDIDATES,
    record: Mapping[str, FinishedTraining] = MappingProxyType({}),
) -> QueueProgress:
    """Runs what is left of a queue, in order.

    Args:
        queue: the trainings.
        data: folder of the data sets' folders.
        cache: folder of all trainings; made if missing.
        device: "auto", "cpu" or "cuda".
        start: see Starter.
        call_minutes: of this call; None for no limit.
        retry: whether those that failed in an earlier call are tried again.
        clock: seconds.
        candidates: folder of the networks that stages left, see `candidate_of`.
        record: trainings that ended on some machine, by name.

    Returns:
        what has been done.

    Raises:
        PausedError: the call's time is up, or the queue was asked to end, before it is through.

    """
    progress, began_s = QueueProgress.read(cache), clock()
    folders = {training.name: training.folder(cache) for training in queue}
    for training in queue:
        name = training.name
        state = progress.states.get(name, WAITING)
        if state == DONE or (state == FAILED and not retry):
            continue
        recorded = name in record and not _is_needed(name, queue, progress, record)
        if state == WAITING and (recorded or left_its_network(training, candidates)):
            progress.record(cache, name, DONE)
            continue
        if any(not (data / folder).is_dir() for folder in needed_folders(training.options)):
            progress.record(cache, name, LACKING)
            continue
        left = None if call_minutes is None else call_minutes - (clock() - began_s) / 60
        if left is not None and left < _MIN_CALL_MINUTES:
            raise PausedError(f"paused before {name}; the same command resumes")
        first = folders[training.after] / "best.pt" if training.after else None
        if first is not None and not first.is_file():
            first = candidate_of(training.after, candidates)
        arguments = training.arguments(data, cache, device, first)
        if left is not None:
            arguments += ["--call-minutes", f"{left:.4g}"]
        progress.record(cache, name, RUNNING)
        try:
            status = start(arguments, folders[name] / "output.txt")
        except StopRequestedError:
            progress.record(cache, name, STOPPED)
            raise PausedError(f"stopped in {name}; the same command resumes") from None
        if status == PAUSED:
            progress.record(cache, name, STOPPED)
            raise PausedError(f"paused in {name}; the same command resumes")
        if status:
            progress.record(cache, name, FAILED, status)
        else:
            progress.record(cache, name, DONE)
    return progress


def _is_needed(
    name: str, queue: Sequence[QueuedTraining], progress: QueueProgress, record: Mapping[str, FinishedTraining]
) -> bool:
    """Whether a training that is still to be done, here or in turn, begins with the network of this one."""
    return any(
        training.after == name
        and progress.states.get(training.name, WAITING) != DONE
        and (training.name not in record or _is_needed(training.name, queue, progress, record))
        for training in queue
    )


@contextmanager
def _only_runner(cache: Path) -> Iterator[None]:
    """The right to run the queue of a cache.

    The training that runs holds it as well: one whose queue was killed must not get company in its folder.

    Raises:
        ValueError: another process has it.

    """
    cache.mkdir(parents=True, exist_ok=True)
    lock = WriterLock.take(cache / "queue")
    if lock is None:
        raise ValueError(f"the queue of {cache} is running already; see it with --status, or name another --cache")
    try:
        lock.share_with_children()
        yield
    finally:
        lock.release()


def is_running(cache: Path) -> bool:
    """Whether a process runs the queue of a cache."""
    if not (cache / "queue.lock").is_file():
        return False
    lock = WriterLock.take(cache / "queue")
    if lock is None:
        return True
    lock.release()
    return False


def status(
    queue: Sequence[QueuedTraining], cache: Path, record: Mapping[str, FinishedTraining] = MappingProxyType({})
) -> Table:
    """State, processor time, steps and scores of each training.

    Args:
        queue: the trainings.
        cache: folder of all trainings.
        record: trainings that ended on some machine, by name; their core hours count, too.

    """
    progress, at_work = QueueProgress.read(cache), is_running(cache)
    columns = (
        Column("training"),
        Column("state"),
        Column("core hours", form=".2f"),
        Column("of", form=".2f"),
        Column("steps", form="d"),
        Column("last score", form=".4f"),
        Column("best", form=".4f"),
        Column("stands still", form="d"),
    )
    rows: list[tuple[Cell, ...]] = []
    total_h = 0.0
    for training in queue:
        folder = training.folder(cache)
        state = progress.states.get(training.name, WAITING)
        if state == WAITING and left_its_network(training):
            state = DONE
        if state == RUNNING and not at_work:
            state = STOPPED  # it was killed
        if state == FAILED:
            state = f"{FAILED} ({progress.statuses.get(training.name, 1)})"
        spent_h = steps = best = standing = None
        if (folder / "checkpoint.pt").is_file():
            saved = read_state(folder / "checkpoint.pt")
            spent_h, steps, best = saved.get("processor_s", 0.0) / 3600, saved["step"], saved["best"]
            standing = saved.get("standing")
            total_h += spent_h
        last = last_line(folder).get("score")
        if spent_h is None and training.name in record and state in {WAITING, DONE}:
            ended = record[training.name]
            state = RECORDED
            spent_h, steps, last, best = ended.processor_h, ended.steps, ended.figures["score"], ended.best
            total_h += spent_h
        rows.append((training.name, state, spent_h, training.core_hours, steps, last, best, standing))
    works = "running" if at_work else "not running"
    return Table(f"Training queue, {works}: {total_h:.2f} core hours", columns, tuple(rows))


def finished_trainings(queue: Sequence[QueuedTraining], cache: Path) -> dict[str, FinishedTraining]:
    """The trainings that ended in a cache, by name, with what they took and how they scored."""
    states = QueueProgress.read(cache).states
    return {
        training.name: finished_training(training.folder(cache))
        for training in queue
        if states.get(training.name) == DONE and (training.folder(cache) / "checkpoint.pt").is_file()
    }


def default_cache() -> Path:
    """The folder of the queue in the user's cache."""
    return Path(platformdirs.user_cache_dir("kinecor", appauthor=False)) / "training"


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor train queue",
        description="Run the trainings of the committed queue one after another at the lowest priority; it resumes.",
    )
    out.add_argument("--data", type=Path, help=f"folder of the data sets' folders: {', '.join(FOLDERS)}")
    out.add_argument("--cache", type=Path, default=default_cache(), help="folder of all runs (default: %(default)s)")
    out.add_argument("--status", action="store_true", help="print what is done, running and waiting, and stop")
    add_device(out, "where the networks train")
    out.add_argument("--keep", metavar="NAME", help="write a training's best network as a candidate, and stop")
    out.add_argument("--record", action="store_true", help="add the trainings that ended to the record, and stop")
    out.add_argument("--call-minutes", type=float, help="save and stop this call after this time; it resumes")
    out.add_argument("--threads", type=int, default=1, help="of each training (default: 1)")
    out.add_argument("--retry", action="store_true", help="try those again that failed in an earlier call")
    return out


@reported("kinecor train queue")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed, 3 paused)."""
    options = parser().parse_args(argv)
    queue = committed_queue()
    record = read_record()
    if options.status:
        print(status(queue, options.cache, record).text())
        return 0
    if options.record:
        ended = finished_trainings(queue, options.cache)
        add_to_record(ended)
        print("\n".join(ended))
        return 0
    if options.keep:
        wanted = next((training for training in queue if training.name == options.keep), None)
        if wanted is None:
            raise ValueError(
                f"--keep: expected one of {', '.join(training.name for training in queue)}, got {options.keep}"
            )
        file = CANDIDATES / f"{wanted.name}{CANDIDATE}"
        write_candidate(wanted.folder(options.cache), file)
        print(file)
        return 0
    if options.data is None or not options.data.is_dir():
        raise FileNotFoundError(f"expected a folder of data sets, got {options.data}; name it with --data")
    with _only_runner(options.cache):
        progress = carry_on(
            queue,
            options.data.resolve(),
            options.cache.resolve(),
            options.device,
            LowPriorityProcess(options.threads),
            call_minutes=options.call_minutes,
            retry=options.retry,
            record=record,
        )
    print(status(queue, options.cache, record).text())
    return 1 if FAILED in progress.states.values() else 0
