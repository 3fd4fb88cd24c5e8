"""Native decoders in processes of their own, so that one that crashes costs a frame and not the window.

Processes start with the first compressed frame, are spawned (not forked), import no Qt, torch or pydicom, and are
replaced when they die or when nobody wants their answer any more. Compressed data and pixels go through shared memory,
what is larger through the pipe.
"""

import contextlib
import logging
import multiprocessing
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from multiprocessing import heap, spawn
from multiprocessing.connection import Connection
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.core.values.message import message

_log = logging.getLogger(__name__)
T = TypeVar("T")
LIMIT_S: Final = 20.0
"""A frame that takes longer is given up."""
START_S: Final = 120.0
PATIENCE_S: Final = 0.1
"""Cancelled work waits so long for a frame before its process is ended: a new one costs more."""
STARTS: Final = 3
WORKERS: Final = 2
MAX_DATA_BYTES: Final = 1 << 20
MAX_PIXEL_BYTES: Final = 8 << 20  # 1920 x 1080 pixels in colour take 6 MB
_CONTEXT: Final = multiprocessing.get_context("spawn")
_NAME: Final = "kinecor-decoder"
_cancelled: ContextVar[Callable[[], bool] | None] = ContextVar("cancelled", default=None)


def _without_main(prepared: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """The preparation data of a new process, without the program's main module where it is one of ours.

    WORKAROUND: a spawned process runs the main module again, to find functions there. Ours need none, and a script
    without `if __name__ == "__main__"`, which is usual where `kinecor` is used from Python, would begin again and fail.
    """

    def prepare(name: str) -> dict[str, Any]:
        found = prepared(name)
        if name == _NAME:
            found.pop("init_main_from_name", None)
            found.pop("init_main_from_path", None)
        return found

    return prepare


spawn.get_preparation_data = _without_main(spawn.get_preparation_data)  # type: ignore[assignment]


@contextlib.contextmanager
def cancellable(cancelled: Callable[[], bool]) -> Iterator[None]:
    """In this thread, end a decoder whose frame is no longer wanted: whoever waits for it gets Cancelled.

    Args:
        cancelled: asked every PATIENCE_S while a frame is decoded, from this thread.

    """
    token = _cancelled.set(cancelled)
    try:
        yield
    finally:
        _cancelled.reset(token)


def is_cancelled() -> bool:
    """Whether the work of this thread is no longer wanted; see `cancellable`."""
    asked = _cancelled.get()
    return asked is not None and asked()


class DecoderDiedError(KinecorError):
    """The process of a decoder ended, or did not answer in time."""


class DecoderFailedError(Exception):
    """What a decoder raised, in words: its own exceptions may not be known here."""


class _NotStartedError(Exception):
    """A process ended before it was ready."""


@contextlib.contextmanager
def _memory(size: int) -> Iterator[Any]:
    """Memory to give to a process that is started meanwhile, without a name in a file system where that is supported.

    /dev/shm may be closed to this user, small (64 MB in a container) or full.
    """
    if not hasattr(os, "memfd_create"):
        yield _CONTEXT.RawArray("B", size)
        return
    file = os.memfd_create("kinecor-decoder")
    try:
        os.ftruncate(file, size)
        yield heap.Arena(size, file)
    finally:
        os.close(file)  # the memory stays as long as either process has it


def _bytes_of(memory: Any) -> NDArray[np.uint8]:
    return np.frombuffer(memory.buffer if isinstance(memory, heap.Arena) else memory, np.uint8)


class _Worker:
    """One process; used by one thread at a time."""

    def __init__(self) -> None:
        if "cv2" in sys.modules:
            # While it is being imported, its folder heads sys.path, which a new process gets; this waits for the end.
            import cv2  # noqa: F401
        self.ready = False
        with _memory(MAX_DATA_BYTES + MAX_PIXEL_BYTES) as shared:
            self._room = _bytes_of(shared)
            self._pipe, theirs = _CONTEXT.Pipe()
            try:
                self.process = _CONTEXT.Process(target=_serve, args=(theirs, shared), name=_NAME, daemon=True)
                self.process.start()
            except BaseException:
                self._pipe.close()
                raise
            finally:
                theirs.close()
        self._poller = None
        if hasattr(select, "poll"):  # a tenth of what Connection.poll costs, which makes a selector each time
            self._poller = select.poll()
            self._poller.register(self._pipe.fileno(), select.POLLIN)

    def run(self, function: Callable[..., Any], data: bytes, arguments: tuple[object, ...], limit_s: float) -> Any:
        """What `function` returns there of these data.

        Raises:
            EOFError, OSError: the process ended.
            TimeoutError: it did not answer within `limit_s`.
            Cancelled: nobody wants the answer; the process may still be at it.
            _NotStartedError: it ended before it was ready.

        """
        if not self.ready:
            with contextlib.suppress(EOFError, TimeoutError, OSError):
                self._wait(START_S)
                self.ready = self._pipe.recv()
            if not self.ready:
                raise _NotStartedError
        if len(data) <= MAX_DATA_BYTES:
            self._room[: len(data)] = np.frombuffer(data, np.uint8)
            self._pipe.send((function, len(data), arguments))
        else:
            self._pipe.send((function, data, arguments))
        self._wait(limit_s)
        kind, *content = self._pipe.recv()
        if kind == "failed":
            raise ImportError(*content) if content[0] == "ImportError" else DecoderFailedError(*content)
        if kind == "value":
            return content[0]
        dtype, shape = content
        count = int(np.prod(shape, dtype=np.int64))
        return self._room[MAX_DATA_BYTES:][: count * np.dtype(dtype).itemsize].view(dtype).reshape(shape).copy()

    def _wait(self, limit_s: float) -> None:
        """Until it has answered or ended; TimeoutError, Cancelled: it has not."""
        until_s = time.monotonic() + limit_s
        while True:
            left_s = until_s - time.monotonic()
            wait_s = min(PATIENCE_S, max(left_s, 0.0))
            if self._poller.poll(1000 * wait_s) if self._poller is not None else self._pipe.poll(wait_s):
                return
            if left_s <= 0:
                raise TimeoutError
            if is_cancelled():
                raise Cancelled

    def end(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.join()
        self._pipe.close()
        self.process.close()


class Decoders:
    """Processes that decode, as many as are used at once; safe to use from several threads."""

    def __init__(self, most: int = WORKERS, limit_s: float = LIMIT_S) -> None:
        self._most, self._limit_s = most, limit_s
        self._free: list[_Worker] = []
        self._all: list[_Worker] = []
        self._changed = threading.Condition()
        self._closed = self._refused = False

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of the processes that run."""
        with self._changed:
            return tuple(worker.process.pid or 0 for worker in self._all)

    def warm(self) -> None:
        """Start the first process, unless one runs: it is ready some tenths of a second later."""
        with self._changed, contextlib.suppress(OSError):
            if not self._all and not self._closed:
                self._free.append(self._started())

    def run(self, function: Callable[..., T], data: bytes, *arguments: object) -> T:
        """What a function of a module returns of compressed data in one of the processes.

        Where the system starts no process, it runs in this one: a recording that opens is worth more.

        Args:
            function: of a module, so that the process finds it by name.
            data: compressed.
            arguments: further ones of the function.

        Raises:
            DecoderDiedError: its process ended, or it took too long; the next call has a new one.
            DecoderFailedError: what the function raised.
            Cancelled: see `cancellable`; its process was replaced.
            ImportError: a library is missing.

        """
        for _ in range(STARTS):
            try:
                worker = self._taken()
            except OSError as error:
                if not self._refused:
                    self._refused = True
                    _log.warning("decoding in this process, since no other could be started: %s", error)
                return function(data, *arguments)
            try:
                return self._answer(worker, function, data, arguments)
            except _NotStartedError:
                self._bury(worker)
        raise DecoderDiedError(
            message("Expected pixels, but no process could be started to decode them; start Kinecor again")
        )

    def _answer(self, worker: _Worker, function: Callable[..., T], data: bytes, arguments: tuple[object, ...]) -> T:
        try:
            result: T = worker.run(function, data, arguments, self._limit_s)
        except _NotStartedError:
            raise
        except Cancelled:
            (self._bury if worker.ready else self._give_back)(worker)  # what only starts is not at that frame
            raise
        except (EOFError, OSError) as error:  # a TimeoutError is an OSError
            self._bury(worker)
            raise DecoderDiedError(
                message(
                    "Expected pixels, but their decoder took more than {limit:g} s; it was started again. Copy or "
                    "export "
                    "the recording again",
                    limit=self._limit_s,
                )
                if isinstance(error, TimeoutError)
                else message(
                    "Expected pixels, but their decoder crashed; it was started again. Copy or export the recording "
                    "again"
                )
            ) from None
        except BaseException:
            self._give_back(worker)
            raise
        self._give_back(worker)
        return result

    def close(self) -> None:
        """End all processes, also those that decode; what waits for them gets DecoderDiedError."""
        with self._changed:
            self._closed = True
            idle, busy = self._free, [worker for worker in self._all if worker not in self._free]
            self._all, self._free = [], []
            self._changed.notify_all()
        for single_worker in idle:
            single_worker.end()
        for single_worker in busy:  # whoever waits for them ends them
            with contextlib.suppress(ValueError):
                single_worker.process.kill()

    def _started(self) -> _Worker:
        worker = _Worker()
        self._all.append(worker)
        return worker

    def _taken(self) -> _Worker:
        with self._changed:
            while not self._closed:
                while self._free:
                    worker = self._free.pop()
                    if worker.process.is_alive():
                        return worker
                    self._all.remove(worker)  # died while it had nothing to do
                    worker.end()
                if len(self._all) < self._most:
                    return self._started()
                self._changed.wait(PATIENCE_S)
                if is_cancelled():
                    raise Cancelled
        raise DecoderDiedError(message("Decoding was ended, since the window was closed"))

    def _give_back(self, worker: _Worker) -> None:
        with self._changed:
            if self._closed:
                worker.end()
            else:
                self._free.append(worker)
                self._changed.notify()

    def _bury(self, worker: _Worker) -> None:
        """End one that died, and start another, which is ready by the next frame or soon after."""
        with self._changed:
            if worker in self._all:
                self._all.remove(worker)
            if not self._closed:
                with contextlib.suppress(OSError):  # the next call tries again
                    self._free.append(self._started())
            self._changed.notify()
        worker.end()


_decoders: Decoders | None = None


def isolate() -> Decoders:
    """Decode in processes of their own from now on, until `end`."""
    global _decoders
    if _decoders is None:
        _decoders = Decoders()
    return _decoders


def end() -> None:
    """Decode in this process again; the others end."""
    global _decoders
    if _decoders is not None:
        _decoders.close()
        _decoders = None


def warm() -> None:
    """A compressed recording is being opened: have a process ready, if decoders are isolated."""
    if _decoders is not None:
        _decoders.warm()


def run(function: Callable[..., T], data: bytes, *arguments: object) -> T:
    """What a decoding function of a module returns: from a process of its own if decoders are isolated.

    There, the function gets the data as bytes or as a memoryview.

    Args:
        function: of a module, so that the process finds it by name.
        data: compressed.
        arguments: further ones of the function.

    Raises:
        DecoderDiedError, DecoderFailedError, Cancelled, ImportError: see `Decoders.run`; in this process, whatever it
            raises.

    """
    return function(data, *arguments) if _decoders is None else _decoders.run(function, data, *arguments)


_pixels: NDArray[np.uint8] | None = None  # in a process of its own: the memory for pixels that both see


def place(shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """Where a decoder may put 8-bit samples of this shape so that they need no copy there; None in this process.

    Args:
        shape: of the samples.

    """
    size = int(np.prod(shape, dtype=np.int64))
    return _pixels[:size].reshape(shape) if _pixels is not None and 0 < size <= _pixels.nbytes else None


def is_apart() -> bool:
    """Whether this is the process of a decoder: what is done to it stays in it."""
    return _pixels is not None


def _serve(pipe: Connection, shared: Any) -> None:
    """In a process of its own: answer until the other end is gone."""
    global _pixels
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the window
    pipe.send(True)
    whole = _bytes_of(shared)
    given, room = whole[:MAX_DATA_BYTES], whole[MAX_DATA_BYTES:]
    _pixels = room
    while True:
        try:
            function, data, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        answer: tuple[object, ...]
        try:
            made = function(given[:data].data if isinstance(data, int) else data, *arguments)
        except ImportError as error:
            answer = "failed", "ImportError", str(error)
        except Exception as error:  # codecs have no exception in common
            answer = "failed", f"{type(error).__name__}: {error}"
        else:
            if isinstance(made, np.ndarray) and 0 < made.nbytes <= room.nbytes:
                if not np.may_share_memory(made, room):
                    room[: made.nbytes] = np.ascontiguousarray(made).reshape(-1).view(np.uint8)
                answer = "shared", made.dtype.str, made.shape
            else:
                answer = "value", made
        try:
            pipe.send(answer)
        except OSError:
            return
