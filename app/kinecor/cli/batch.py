"""The same work over many tasks, in order, in this process or in several, with progress on stderr."""

import multiprocessing
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from types import FrameType
from typing import TextIO, TypeVar

from kinecor.core.values.errors import Cancelled, KinecorError, Tick

_INTERVAL_S = 0.1
_BAR = 24


class Progress:
    """Shows how many of `total` recordings are done, and how far the present one is."""

    def __init__(self, total: int, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._total = total
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._bar = self._stream.isatty() and not quiet
        self._done = 0
        self._name = ""
        self._shown_s = -1.0

    def start(self, name: str) -> None:
        """The recording that is worked on now."""
        self._name = name
        self._draw(0.0)

    def tick(self, done: int, total: int) -> None:
        """A Tick: how far the present recording is."""
        now_s = time.monotonic()
        if now_s - self._shown_s >= _INTERVAL_S:
            self._shown_s = now_s
            self._draw(done / total if total else 0.0)

    def finish(self, line: str, *, failed: bool = False) -> None:
        """One more is done; `line` says how it went. A quiet progress shows only those that failed."""
        self._done += 1
        if self._quiet and not failed:
            return
        self._clear()
        self._write(f"[{self._done}/{self._total}] {line}\n")

    def close(self) -> None:
        """Leave a clean line behind."""
        self._clear()

    def _draw(self, part: float) -> None:
        if not self._bar:
            return
        whole = min((self._done + part) / max(self._total, 1), 1.0)
        filled = round(whole * _BAR)
        text = f"[{'#' * filled}{'.' * (_BAR - filled)}] {100 * whole:3.0f} % {self._name}"
        columns = shutil.get_terminal_size().columns
        self._write(f"\r\x1b[K{text[: columns - 1]}")

    def _clear(self) -> None:
        if self._bar:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


Task = TypeVar("Task")
Result = TypeVar("Result")

_stop: Event | None = None


def in_order(tasks: Sequence[Task], work: Callable[[Task, Tick], Result], jobs: int, tick: Tick) -> Iterator[Result]:
    """The result of each task, in the order of `tasks`, as they become available.

    With `jobs` > 1, `work` is a module's own function and tasks and results can be pickled; `tick` is then not
    called. When the caller stops iterating (an exception, Ctrl-C), running work is cancelled at its next tick.

    Raises:
        KinecorError: a process was killed.
        Exception: whatever `work` raises.

    """
    if jobs == 1 or len(tasks) < 2:
        for task in tasks:
            yield work(task, tick)
        return
    # Spawned, not forked: forking while threads of decoders and inference engines run can deadlock.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    workers = min(jobs, len(tasks))
    number = context.Value("i", 0)
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(stop, number, workers)) as pool:
        futures = [pool.submit(_one, work, task) for task in tasks]
        try:
            for future in futures:
                yield future.result()
        except BrokenProcessPool:
            raise KinecorError(
                "a process that analysed a recording was killed, perhaps because memory ran out: use fewer --jobs"
            ) from None
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(stop: Event, number: "Synchronized[int]", workers: int) -> None:
    """In a worker: leave Ctrl-C to the first process, and keep to a fair share of the processor's cores.

    Each inference engine would otherwise use all cores, and they would compete.
    """
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    with number.get_lock():
        place = number.value
        number.value += 1
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, set(cores[place::workers]) or {cores[place % len(cores)]})


def _end(_number: int, _frame: FrameType | None) -> None:
    """Terminated, a worker still removes files that it has half written."""
    raise SystemExit(1)


def _one(work: Callable[[Task, Tick], Result], task: Task) -> Result:
    _check(0, 1)  # the pool starts a task or two in advance, even after the others were cancelled
    return work(task, _check)


def _check(_done: int, _total: int) -> None:
    """A Tick that ends the work once the first process has stopped iterating."""
    if _stop is not None and _stop.is_set():
        raise Cancelled
