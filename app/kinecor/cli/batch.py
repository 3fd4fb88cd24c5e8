"""The same work over many tasks, in order, in this process or in several."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.synchronize import Event
from typing import TypeVar

from kinecor.core.errors import KinecorError
from kinecor.core.progress import Cancelled, Tick

Task = TypeVar("Task")
Result = TypeVar("Result")

_stop: Event | None = None


def in_order(tasks: Sequence[Task], work: Callable[[Task, Tick], Result], jobs: int, tick: Tick) -> Iterator[Result]:
    """The result of each task, in the order of `tasks`, as they become available.

    With `jobs` > 1, `work` is a module's own function and tasks and results can be pickled; `tick` then hears
    nothing. When the caller stops listening (an exception, Ctrl-C), running work is cancelled at its next tick.

    Raises:
        KinecorError: a process was ended from outside.
        Exception: whatever `work` raises.

    """
    if jobs == 1 or len(tasks) < 2:
        for task in tasks:
            yield work(task, tick)
        return
    # Started afresh, not forked: forking beside threads of decoders and inference engines can lock up.
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    with ProcessPoolExecutor(min(jobs, len(tasks)), context, initializer=_begin, initargs=(stop,)) as pool:
        futures = [pool.submit(_one, work, task) for task in tasks]
        try:
            for future in futures:
                yield future.result()
        except BrokenProcessPool:
            raise KinecorError(
                "a process that analysed a recording was ended from outside, perhaps for want of memory: "
                "use fewer --jobs"
            ) from None
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(stop: Event) -> None:
    """In a worker: Ctrl-C reaches every process of the terminal; the first one decides what becomes of it."""
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _one(work: Callable[[Task, Tick], Result], task: Task) -> Result:
    return work(task, _check)


def _check(_done: int, _total: int) -> None:
    """A Tick that ends the work once the first process has stopped listening."""
    if _stop is not None and _stop.is_set():
        raise Cancelled
