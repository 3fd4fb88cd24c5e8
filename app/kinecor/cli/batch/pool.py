"""Where tasks run: in this process, in several that may be killed without ending the run, or on a Dask cluster.

Each worker of this machine has a pool of one process to itself, so that a process that is killed names the task it had
in hand, and only that one. Workers of a cluster, an extra, see the output folder and the recordings under the same
paths (a shared disk), or fetch recordings from URLs. They write results themselves; only what became of a recording
travels back.
"""

import ctypes
import multiprocessing
import os
import secrets
import signal
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from types import FrameType
from typing import Any, Generic, Protocol, TypeVar

import kinecor
from kinecor.analysis.models import describe
from kinecor.core.values.errors import Cancelled, KinecorError, Tick, no_tick
from kinecor.core.values.message import message, verbatim

Task = TypeVar("Task")
Result = TypeVar("Result")
Work = Callable[[Task, Tick], Result]
"""A module's own function where it runs in other processes; tasks and results can then be pickled."""


@dataclass(frozen=True, slots=True)
class Killed:
    """In place of a result: the process that worked on the task was killed."""


KILLED = Killed()


class Pool(Protocol[Task, Result]):
    """Runs tasks; nothing is promised about the order in which they finish."""

    @property
    def free(self) -> int:
        """How many more tasks it takes now."""

    def submit(self, task: Task) -> None:
        """Begin a task."""

    def finished(self) -> list[tuple[Task, Result | Killed]]:
        """Tasks that ended since; waits until there is one, and returns nothing where none runs.

        Raises:
            Exception: whatever the work raised.

        """

    def close(self) -> None:
        """Cancel what runs, at its next tick, and end all workers."""


class Here(Generic[Task, Result]):
    """Runs one task at a time in this process."""

    def __init__(self, work: Work[Task, Result], tick: Tick) -> None:
        self._work, self._tick = work, tick
        self._waiting: list[Task] = []

    @property
    def free(self) -> int:
        """1 while nothing waits."""
        return 1 - len(self._waiting)

    def submit(self, task: Task) -> None:
        """Take a task; it runs in `finished`."""
        self._waiting.append(task)

    def finished(self) -> list[tuple[Task, Result | Killed]]:
        """The task that was submitted, run now."""
        done: list[tuple[Task, Result | Killed]] = []
        while self._waiting:
            task = self._waiting.pop(0)
            done.append((task, self._work(task, self._tick)))
        return done

    def close(self) -> None:
        """Nothing runs outside `finished`."""


@dataclass(eq=False)
class _Worker(Generic[Task, Result]):
    place: int
    processes: ProcessPoolExecutor | None = None
    task: Task | None = None
    future: "Future[Result] | None" = None


class Processes(Generic[Task, Result]):
    """Runs tasks in `count` processes; one that is killed is replaced when the next task comes.

    Processes are spawned, not forked: forking while threads of decoders and inference engines run can deadlock.
    """

    def __init__(self, work: Work[Task, Result], count: int) -> None:
        self._work = work
        self._context = multiprocessing.get_context("spawn")
        # Without a lock: a process killed while it holds one would stop all others.
        self._stop = self._context.RawValue(ctypes.c_bool, False)
        self._workers: list[_Worker[Task, Result]] = [_Worker(place) for place in range(count)]

    @property
    def free(self) -> int:
        """How many processes have nothing to do."""
        return sum(worker.future is None for worker in self._workers)

    def submit(self, task: Task) -> None:
        """Begin a task in a process that has none; starts it where needed."""
        single_worker = next(worker for worker in self._workers if worker.future is None)
        if single_worker.processes is None:
            single_worker.processes = ProcessPoolExecutor(
                1, self._context, initializer=_begin, initargs=(self._stop, single_worker.place, len(self._workers))
            )
        single_worker.task = task
        try:
            single_worker.future = single_worker.processes.submit(_one, self._work, task)
        except BrokenProcessPool as error:  # it was killed while it had nothing to do
            single_worker.future = Future()
            single_worker.future.set_exception(error)

    def finished(self) -> list[tuple[Task, Result | Killed]]:
        """See Pool."""
        running = {worker.future: worker for worker in self._workers if worker.future is not None}
        done: list[tuple[Task, Result | Killed]] = []
        for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
            single_worker = running[future]
            assert single_worker.task is not None
            try:
                done.append((single_worker.task, future.result()))
            except BrokenProcessPool:
                done.append((single_worker.task, KILLED))
                if single_worker.processes is not None:
                    single_worker.processes.shutdown(wait=True)
                single_worker.processes = None
            finally:
                single_worker.future = single_worker.task = None
        return done

    def close(self) -> None:
        """See Pool."""
        self._stop.value = True
        for worker in self._workers:
            if worker.processes is not None:
                # A worker that is only starting still needs what it shares with this process.
                worker.processes.shutdown(wait=True, cancel_futures=True)
            worker.processes = worker.future = worker.task = None


_stop: Any = None


def _begin(stop: Any, place: int, workers: int) -> None:
    """In a worker: leave Ctrl-C to the first process, end with it, and keep to a fair share of the cores.

    Each inference engine would otherwise use all cores, and they would compete.
    """
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_parent, name="kinecor-parent", daemon=True).start()
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, set(cores[place::workers]) or {cores[place % len(cores)]})


def _end_with_parent() -> None:
    """End this process once the one that started it is gone, even killed: its results would not be read."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(1)


def _end(_number: int, _frame: FrameType | None) -> None:
    """Terminated, a worker still removes files that it has half written."""
    raise SystemExit(1)


def _one(work: Work[Task, Result], task: Task) -> Result:
    _check(0, 1)
    return work(task, _check)


def _check(_done: int, _total: int) -> None:
    """A Tick that ends the work once the first process has stopped waiting for it."""
    if _stop is not None and _stop.value:
        raise Cancelled


_AHEAD = 2
"""Tasks a thread of a worker is given at once, so that it never waits for the next."""
GPU = "GPU"
"""Label of workers with a GPU (dask worker --resources GPU=1); they are given work first."""
_JOIN_S = 30.0


def describe_worker(token: Path) -> tuple[str, list[tuple[str, str]], bool]:
    """On a worker: its version, its models, and whether it sees the output folder."""
    return kinecor.__version__, [(card.name, card.sha256) for card in describe()], token.exists()


def _on_worker(work: Work[Task, Result], task: Task, folder: str) -> Result:
    """On a worker: do a task in the folder that the paths of the command line are relative to."""
    with suppress(OSError):
        os.chdir(folder)
    return work(task, no_tick)


class Cluster(Generic[Task, Result]):
    """Runs tasks on the workers of a scheduler.

    Args:
        address: of the scheduler, such as "tcp://host:8786".
        work: a module's own function, which the workers have, too.
        out: the output folder; it exists.

    Raises:
        KinecorError: dask is not installed, the scheduler does not answer, a worker is of another version, or does not
            see the output folder.

    """

    def __init__(self, address: str, work: Work[Task, Result], out: Path) -> None:
        try:
            import distributed
        except ImportError as error:
            raise KinecorError(message("--scheduler needs Dask: install kinecor[cluster]")) from error
        self._dask: Any = distributed
        self._work, self._folder = work, str(Path.cwd())
        try:
            self._client: Any = self._dask.Client(address, timeout=_JOIN_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise KinecorError(
                message(
                    "no Dask scheduler answers at {address}: start one, or check the address", address=verbatim(address)
                )
            ) from error
        self._tasks: dict[Any, Task] = {}
        try:
            self._check(address, out)
        except BaseException:
            self._client.close()
            raise

    def _check(self, address: str, out: Path) -> None:
        try:
            self._client.wait_for_workers(1, timeout=_JOIN_S)
        except TimeoutError as error:
            raise KinecorError(
                message(
                    "the scheduler at {address} has no worker: start one with `dask worker`", address=verbatim(address)
                )
            ) from error
        token = out / f".kinecor-{secrets.token_hex(6)}"
        token.touch()
        try:
            answers = self._client.run(describe_worker, token.absolute())
        except Exception as error:  # whatever a worker without Kinecor answers
            raise KinecorError(
                message(
                    "a worker cannot run Kinecor ({error}): install the same version there", error=verbatim(str(error))
                )
            ) from error
        finally:
            token.unlink(missing_ok=True)
        own = describe_worker(token)[:2]
        for worker, (version, models, sees) in answers.items():
            if (version, models) != own:
                raise KinecorError(
                    message(
                        "{worker} has Kinecor {version} or other models, expected {own}: install it there",
                        worker=worker,
                        version=version,
                        own=verbatim(own[0]),
                    )
                )
            if not sees:
                raise KinecorError(
                    message(
                        "{worker} does not see {folder}: use a folder on a disk that all share",
                        worker=worker,
                        folder=verbatim(str(out.absolute())),
                    )
                )

    @property
    def free(self) -> int:
        """Places that are left, as workers come and go."""
        threads = sum(int(worker["nthreads"]) for worker in self._workers.values())
        return max(_AHEAD * threads - len(self._tasks), 0 if self._tasks else 1)

    @property
    def _workers(self) -> dict[str, Any]:
        found: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    def submit(self, task: Task) -> None:
        """Begin a task; on a worker with a GPU where there is one, elsewhere if these are busy."""
        labelled = [address for address, worker in self._workers.items() if (worker.get("resources") or {}).get(GPU)]
        future = self._client.submit(
            _on_worker,
            self._work,
            task,
            self._folder,
            pure=False,
            workers=labelled or None,
            allow_other_workers=bool(labelled),
        )
        self._tasks[future] = task

    def finished(self) -> list[tuple[Task, Result | Killed]]:
        """See Pool; a task is KILLED once the scheduler has given it up (allowed-failures, 3 unless configured)."""
        if not self._tasks:
            return []
        done = self._dask.wait(list(self._tasks), return_when="FIRST_COMPLETED").done
        found: list[tuple[Task, Result | Killed]] = []
        for future in done:
            task = self._tasks.pop(future)
            try:
                found.append((task, future.result()))
            except (self._dask.KilledWorker, CancelledError):
                found.append((task, KILLED))
        return found

    def close(self) -> None:
        """Give up what is not begun; what runs is finished by its worker and found when the run is resumed."""
        self._client.cancel(list(self._tasks), force=True)
        self._tasks.clear()
        self._client.close()
