"""Simulated clips at the rate a trainer wants them: made by other processes, each used a few times.

A processor core makes some tens of simulated frames a second, and a trainer sees each under another crop, gain and
shadow anyway. So processes beside the trainer keep renewing a pool of clips, and the trainer takes from it at random,
without ever waiting once the pool has been filled.
"""

import multiprocessing
import queue
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from numpy.random import Generator

Clip = TypeVar("Clip")
Stream = Callable[[int], Iterator[Clip]]
"""Given a seed, gives clips without end; a function at a module's top level, as other processes must find it."""


def _make(stream: Stream[Clip], seed: int, out: "multiprocessing.Queue[Clip]") -> None:
    for clip in stream(seed):
        out.put(clip)


class ClipPool(Generic[Clip]):
    """A pool of clips that is renewed in the background; a context manager, whose end stops the makers.

    Which clip is taken depends on how far the makers have come, so a run that uses a pool is not repeated to the bit;
    the clips themselves are, by their seeds.

    Args:
        stream: makes clips.
        seed: of the first maker; each maker has its own.
        capacity: clips kept; the oldest makes room for a new one.
        makers: processes.

    Raises:
        ValueError: no capacity or no maker.

    """

    def __init__(self, stream: Stream[Clip], seed: int, *, capacity: int = 64, makers: int = 1) -> None:
        if capacity < 1 or makers < 1:
            raise ValueError(f"a pool needs room for a clip and a maker, got {capacity} and {makers}")
        # A fresh interpreter: a fork of a process that runs torch's threads may hang.
        context = multiprocessing.get_context("spawn")
        self._new: multiprocessing.Queue[Clip] = context.Queue(maxsize=4 * makers)
        self._makers = [
            context.Process(target=_make, args=(stream, seed + number, self._new), daemon=True)
            for number in range(makers)
        ]
        self._clips: list[Clip] = []
        self._capacity, self._oldest, self.made = capacity, 0, 0
        for maker in self._makers:
            maker.start()

    def __enter__(self) -> "ClipPool[Clip]":
        """The pool itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the makers."""
        for maker in self._makers:
            maker.terminate()
        for maker in self._makers:
            maker.join()
        self._new.close()
        self._new.cancel_join_thread()

    def fill(self, least: int, limit_s: float = 600.0) -> None:
        """Waits until the pool holds at least so many clips.

        Raises:
            TimeoutError: it took longer than `limit_s`.
            RuntimeError: a maker has died.

        """
        until = time.monotonic() + limit_s
        while len(self._clips) < min(least, self._capacity):
            if time.monotonic() > until:
                raise TimeoutError(f"{len(self._clips)} of {least} clips were made in {limit_s:.0f} s")
            if not all(maker.is_alive() for maker in self._makers):
                raise RuntimeError("a process that makes clips has died; its own message says why")
            self._take(wait_s=0.5)

    def sample(self, rng: Generator) -> Clip:
        """A clip of the pool at random; waits only while the pool is empty."""
        while self._take(wait_s=0.0):
            pass
        if not self._clips:
            self.fill(1)
        return self._clips[int(rng.integers(len(self._clips)))]

    def _take(self, wait_s: float) -> bool:
        """Moves one new clip into the pool; whether there was one."""
        try:
            clip = self._new.get(timeout=wait_s) if wait_s else self._new.get_nowait()
        except queue.Empty:
            return False
        self.made += 1
        if len(self._clips) < self._capacity:
            self._clips.append(clip)
        else:
            self._clips[self._oldest] = clip
            self._oldest = (self._oldest + 1) % self._capacity
        return True
