"""A bounded cache of decoded frames, shared by all recordings."""

import itertools
import mmap
import os
import threading
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import cache as once
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message, verbatim
from kinecor.io.files import isolated

DEFAULT_LIMIT_BYTES = 384 << 20
"""A large study, all analysed, then stays below 1.5 GB with its models and what was concluded."""
_ASKED_EVERY_S = 0.05
# One recording may hold this part of the whole.
SHARE = 2
ENVIRONMENT = "KINECOR_CACHE_MB"


# Arrays of this size or more are held on pages of their own.
_PAGED_BYTES = 1 << 18


def on_own_pages(pixels: NDArray[Any]) -> NDArray[Any]:
    """The same pixels on pages of their own, which the system has back as soon as they are forgotten.

    Frames are held in numbers and forgotten one by one. Among the short-lived arrays of an analysis they would leave
    holes in the heap that the process keeps: 300 MB in a study of 80 clips (`benchmarks/study_memory.py`).

    Args:
        pixels: of any shape and type; small ones are given back as they are.

    """
    if pixels.nbytes < _PAGED_BYTES or not hasattr(mmap, "MAP_POPULATE"):
        return pixels
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE
    own = np.frombuffer(mmap.mmap(-1, pixels.nbytes, flags=flags), pixels.dtype).reshape(pixels.shape)
    own[...] = pixels
    return own


class _Coming:
    """A frame that a thread decodes, and others are `waiting` for; `pixels` once it is `done`, None if it failed."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.waiting = 0
        self.pixels: NDArray[Any] | None = None


class FrameCache:
    """Decoded frames, the least recently used forgotten first; safe to use from several threads.

    Compressed frames stay on disk and cost a few milliseconds to decode again, so nothing is gained by keeping whole
    loops: one recording may hold half of the limit (192 MiB of the default 384 MiB), all together the limit. A loop
    that is played from end to end thus leaves the process well under 600 MB, while four loops that are looked at in
    turn all stay warm.

    Args:
        limit_bytes: how much all frames together may take; the frame requested last is held if it
            fits at all. 0 holds nothing.

    Raises:
        ValueError: a negative limit.

    """

    def __init__(self, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        if limit_bytes < 0:
            raise ValueError(f"the cache limit is a number of bytes, 0 or more, got {limit_bytes}")
        self.limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._frames: OrderedDict[tuple[int, int], NDArray[Any]] = OrderedDict()
        self._held: dict[int, int] = {}
        self._gone: deque[int] = deque()
        self._coming: dict[tuple[int, int], _Coming] = {}

    @property
    def share_bytes(self) -> int:
        """How much one recording may hold."""
        return self.limit_bytes // SHARE

    @property
    def held_bytes(self) -> int:
        """Bytes of all frames held now."""
        with self._lock:
            return sum(self._held.values())

    def get(self, recording: int, frame: int) -> NDArray[Any] | None:
        """The frame, now the most recently used one, or None where it is not held.

        Args:
            recording: its token.
            frame: from 0.

        """
        with self._lock:
            pixels = self._frames.get((recording, frame))
            if pixels is not None:
                self._frames.move_to_end((recording, frame))
            return pixels

    def put(self, recording: int, frame: int, pixels: NDArray[Any]) -> None:
        """Hold a frame, and drop as many older ones as the limits require.

        Args:
            recording: its token.
            frame: from 0.
            pixels: of the frame; those of more than the whole limit are not held.

        """
        if pixels.nbytes > self.limit_bytes:
            return
        with self._lock:
            while self._gone:
                self._forget_all(self._gone.popleft())
            self._forget(recording, frame)
            share = max(self.share_bytes, pixels.nbytes)
            while self._held.get(recording, 0) + pixels.nbytes > share:
                self._forget(*next(key for key in self._frames if key[0] == recording))
            while self._frames and sum(self._held.values()) + pixels.nbytes > self.limit_bytes:
                self._forget(*next(iter(self._frames)))
            self._frames[recording, frame] = pixels
            self._held[recording] = self._held.get(recording, 0) + pixels.nbytes

    def got(self, recording: int, frame: int, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """The frame: held, else from the thread that is just making it, else made and held.

        Args:
            recording: see `new_token`.
            frame: 0-based.
            make: gives it; must not ask for the same frame.

        Raises:
            Cancelled: this thread's work was cancelled while it waited for another; see `isolated.cancellable`.
            Exception: of `make`.

        """
        key = recording, frame
        while (pixels := self.get(recording, frame)) is None:
            with self._lock:
                other = self._coming.get(key)
                if other is None:
                    self._coming[key] = mine = _Coming()
                else:
                    other.waiting += 1
            if other is None:
                try:
                    mine.pixels = make()
                    self.put(recording, frame, mine.pixels)
                    return mine.pixels
                finally:
                    with self._lock:
                        del self._coming[key]
                    mine.done.set()
            while not other.done.wait(_ASKED_EVERY_S):
                if isolated.is_cancelled():
                    raise Cancelled
            if other.pixels is not None:
                return other.pixels
        return pixels

    def release(self, recording: int) -> None:
        """Forget a recording's frames, at the next `put` (called by the collector, hence without the lock).

        Args:
            recording: its token.

        """
        self._gone.append(recording)

    def _forget(self, recording: int, frame: int) -> None:
        pixels = self._frames.pop((recording, frame), None)
        if pixels is not None:
            self._held[recording] -= pixels.nbytes
            if not self._held[recording]:
                del self._held[recording]

    def _forget_all(self, recording: int) -> None:
        for key in [key for key in self._frames if key[0] == recording]:
            self._forget(*key)


@once
def shared_cache() -> FrameCache:
    """The cache of this process; its limit in MiB is the environment's KINECOR_CACHE_MB, else 384 MiB.

    Raises:
        KinecorError: KINECOR_CACHE_MB is not a whole number.

    """
    wanted = os.environ.get(ENVIRONMENT, "").strip()
    if not wanted:
        return FrameCache()
    if not wanted.isdecimal():
        raise KinecorError(
            message(
                "{variable}: expected a whole number of megabytes, got '{given}'; set it to 512, say, or unset it",
                variable=verbatim(ENVIRONMENT),
                given=verbatim(wanted),
            )
        )
    return FrameCache(int(wanted) << 20)


_tokens = itertools.count()


def new_token() -> int:
    """A number that identifies one recording in every cache of this process."""
    return next(_tokens)


class CachedFrames:
    """A FrameSource that decodes on demand and leaves what it decoded in a FrameCache.

    Args:
        decode: gives frame i as uint8 of `shape[1:]`; may be called from several threads at once.
        shape: (frames, rows, columns) or (frames, rows, columns, 3).
        cache: where decoded frames are held.
        repaired: whether the decoder of frame i had to guess; None where it cannot say.

    """

    def __init__(
        self,
        decode: Callable[[int], BytesArray],
        shape: tuple[int, ...],
        cache: FrameCache,
        repaired: Callable[[int], bool] | None = None,
    ) -> None:
        self._decode = decode
        self._repaired = repaired
        self._shape = shape
        self._cache = cache
        self._token = new_token()
        weakref.finalize(self, cache.release, self._token).atexit = False

    @property
    def shape(self) -> tuple[int, ...]:
        """(frames, rows, columns) or (frames, rows, columns, 3)."""
        return self._shape

    def __len__(self) -> int:
        return self._shape[0]

    def __getitem__(self, frame: int) -> BytesArray:
        if not 0 <= frame < self._shape[0]:
            raise IndexError(f"frame {frame} of a recording with frames 0..{self._shape[0] - 1}")
        return self._cache.got(self._token, frame, lambda: self._fitting(frame, self._decoded(frame)))

    def repaired(self, frame: int) -> bool:
        """Whether the decoder of a frame had to guess, as far as it can say.

        Args:
            frame: from 0.

        """
        return self._repaired is not None and self._repaired(frame)

    def held(self, frame: int) -> BytesArray | None:
        """The frame where it is in the cache, else None.

        Args:
            frame: from 0.

        """
        return self._cache.get(self._token, frame)

    def hold(self, frame: int, pixels: BytesArray) -> None:
        """Hold a frame in the cache, requested or met on the way to another; it becomes read-only.

        Args:
            frame: from 0.
            pixels: of the frame.

        Raises:
            KinecorError: it is of another size than the recording.

        """
        self._cache.put(self._token, frame, self._fitting(frame, pixels))

    def _fitting(self, frame: int, pixels: BytesArray) -> BytesArray:
        """Pixels of this recording's size, from now on read-only; KinecorError: they are of another."""
        if pixels.shape != self._shape[1:]:
            raise KinecorError(
                message(
                    "Frame {frame}: expected {expected} pixels, the file holds {shape}; it may be damaged, "
                    "copy or export it again",
                    frame=frame + 1,
                    expected=verbatim(str(self._shape[1:])),
                    shape=verbatim(str(pixels.shape)),
                )
            )
        pixels = on_own_pages(pixels)
        pixels.flags.writeable = False
        return pixels

    def _decoded(self, frame: int) -> BytesArray:
        """The frame from the file; a source that meets other frames on the way leaves them with `hold`."""
        return self._decode(frame)
