"""The same tasks on an existing Dask cluster, an extra.

Workers see the output folder and the recordings under the same paths (a shared disk), or fetch recordings from URLs.
They write results themselves; only what became of a recording travels back.
"""

import os
import secrets
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic

import kinecor
from kinecor.analysis.models import describe
from kinecor.cli.batch.pool import KILLED, Killed, Result, Task, Work
from kinecor.core.values.errors import KinecorError, no_tick

_AHEAD = 2
"""Tasks a thread of a worker is given at once, so that it never waits for the next."""
GPU = "GPU"
"""Label of workers with a GPU (dask worker --resources GPU=1); they are given work first."""
_JOIN_S = 30.0


def about(token: Path) -> tuple[str, list[tuple[str, str]], bool]:
    """On a worker: its version, its models, and whether it sees the output folder."""
    return kinecor.__version__, [(one.name, one.sha256) for one in describe()], token.exists()


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
            raise KinecorError("--scheduler needs Dask: install kinecor[cluster]") from error
        self._dask: Any = distributed
        self._work, self._folder = work, str(Path.cwd())
        try:
            self._client: Any = self._dask.Client(address, timeout=_JOIN_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise KinecorError(f"no Dask scheduler answers at {address}: start one, or check the address") from error
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
            raise KinecorError(f"the scheduler at {address} has no worker: start one with `dask worker`") from error
        token = out / f".kinecor-{secrets.token_hex(6)}"
        token.touch()
        try:
            answers = self._client.run(about, token.absolute())
        except Exception as error:  # whatever a worker without Kinecor answers
            raise KinecorError(f"a worker cannot run Kinecor ({error}): install the same version there") from error
        finally:
            token.unlink(missing_ok=True)
        own = about(token)[:2]
        for worker, (version, models, sees) in answers.items():
            if (version, models) != own:
                raise KinecorError(
                    f"{worker} has Kinecor {version} or other models, expected {own[0]}: install it there"
                )
            if not sees:
                raise KinecorError(f"{worker} does not see {out.absolute()}: use a folder on a disk that all share")

    @property
    def free(self) -> int:
        """Places that are left, as workers come and go."""
        threads = sum(int(one["nthreads"]) for one in self._workers.values())
        return max(_AHEAD * threads - len(self._tasks), 0 if self._tasks else 1)

    @property
    def _workers(self) -> dict[str, Any]:
        found: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    def submit(self, task: Task) -> None:
        """Begin a task; on a worker with a GPU where there is one, elsewhere if these are busy."""
        labelled = [address for address, one in self._workers.items() if (one.get("resources") or {}).get(GPU)]
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
