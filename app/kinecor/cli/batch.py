"""The same work over many tasks, in order, in this process or in several."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from types import FrameType
from typing import TypeVar

from kinecor.core.values.errors import Cancelled, KinecorError, Tick

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
