"""Work off the GUI thread: values go in, a value comes back; an unexpected error is logged and reported.

A worker gets a `tick` and touches no Qt object. Progress, results and failures go through one queue that one timer
reads on the GUI thread. One job per key: a newer one cancels the older, whose late result is dropped. A cancelled
job disappears at once, even while its worker finishes a step that cannot be interrupted.
"""

import logging
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from types import TracebackType
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, QTimer

from kinecor.core.values.errors import Cancelled, KinecorError, Tick

log = logging.getLogger(__name__)


def log_file() -> Path:
    """Path of the log file: KINECOR_DATA_DIR if set, else the system's folder for logs."""
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_log_dir("kinecor", appauthor=False)
    return Path(folder) / "kinecor.log"


def start_logging() -> None:
    """Write warnings and errors to the log file; if it cannot be written, continue without."""
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(log_file(), maxBytes=1 << 20, backupCount=1, encoding="utf-8", delay=True)
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("kinecor").addHandler(handler)


def sentence(error: BaseException) -> str:
    """The message shown for an error."""
    if isinstance(error, KinecorError):
        return str(error)
    return f"An unexpected error occurred. Your edits are saved; details are in {log_file()}."


def catch_everything(show: Callable[[str], None]) -> None:
    """From now on, errors in slots and timers are passed to `show` instead of closing the program."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        if not isinstance(error, KinecorError):
            log.error("unexpected error", exc_info=(kind, error, trace))
        show(sentence(error))

    sys.excepthook = hook


POLL_MS = 15


@dataclass(eq=False)
class _Job:
    key: str
    done: Callable[[Any], None]
    failed: Callable[[str], None]
    ticked: Tick | None
    cancelled: Event = field(default_factory=Event)
    future: "Future[None] | None" = None


class Jobs(QObject):
    """Runs functions on `workers` threads and calls back on the GUI thread."""

    def __init__(self, workers: int, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix=f"kinecor-{name}")
        self._queue: SimpleQueue[tuple[_Job, str, Any]] = SimpleQueue()
        self._live: dict[str, _Job] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self.deliver)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the running jobs, oldest first."""
        return tuple(self._live)

    def start(
        self,
        key: str,
        work: Callable[[Tick], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
        ticked: Tick | None = None,
    ) -> None:
        """Run `work(tick)` on a worker; a job of the same key is cancelled first.

        Args:
            key: what the job is about.
            work: gets a `tick(done, total)` that raises `Cancelled` once the job is no longer wanted.
            done: gets the result, on the GUI thread.
            failed: gets one sentence, on the GUI thread.
            ticked: gets (done, total), on the GUI thread; only the latest is delivered.

        """
        self.cancel(key)
        job = _Job(key, done, failed, ticked)
        self._live[key] = job
        job.future = self._pool.submit(self._run, job, work)
        self._timer.start()

    def cancel(self, key: str) -> bool:
        """Drop the job of this key; its worker stops at its next tick. False if there is no such job."""
        job = self._live.pop(key, None)
        if job is None:
            return False
        job.cancelled.set()
        if job.future:
            job.future.cancel()
        if not self._live:
            self._timer.stop()
        return True

    def cancel_all(self) -> None:
        """Drop every job."""
        for key in self.keys:
            self.cancel(key)

    def shutdown(self) -> None:
        """Cancel everything and wait for the workers to end; no thread remains."""
        self.cancel_all()
        self._timer.stop()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: _Job, work: Callable[[Tick], Any]) -> None:
        def tick(done: int, total: int) -> None:
            if job.cancelled.is_set():
                raise Cancelled
            if job.ticked:
                self._queue.put((job, "tick", (done, total)))

        try:
            tick(0, 0)
            result = work(tick)
        except Cancelled:
            self._queue.put((job, "stopped", None))
        except Exception as error:
            if not isinstance(error, KinecorError):
                log.exception("job %s failed", job.key)
            self._queue.put((job, "failed", sentence(error)))
        else:
            self._queue.put((job, "done", result))

    def deliver(self) -> None:
        """Deliver results and progress of the workers; called by the timer."""
        progress: dict[str, tuple[_Job, tuple[int, int]]] = {}
        while True:
            try:
                job, what, value = self._queue.get_nowait()
            except Empty:
                break
            if self._live.get(job.key) is not job:
                continue
            if what == "tick":
                progress[job.key] = (job, value)
                continue
            progress.pop(job.key, None)
            del self._live[job.key]
            if what == "done":
                job.done(value)
            elif what == "failed":
                job.failed(value)
        for job, (done, total) in progress.values():
            if job.ticked and self._live.get(job.key) is job:
                job.ticked(done, total)
        if not self._live:
            self._timer.stop()
