"""Mutants of every format, each in a limit of time and memory, in a process of their own."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kinecor.io.files.video import WALK_LIMIT_S
from tests.fuzz.seeds import FORMATS

LIMIT_S, LIMIT_MB = 10.0, 1024.0
"""Of one mutant."""
HANG_S = WALK_LIMIT_S + LIMIT_S
"""Of the clock: a decoder that hangs is ended by the program itself, within its own limit."""
CRASH, HANG, MEMORY = "crash", "hang", "memory"
BAD = (CRASH, HANG, MEMORY, "fault")
"""Kinds of outcomes that are faults of the program."""
ROOT = Path(__file__).parents[2]


@dataclass
class Tally:
    """Outcomes of one format."""

    counts: dict[str, int] = field(default_factory=dict)
    silent_by_bytes: int = 0
    opened_by_bytes: int = 0
    slowest_s: float = 0.0
    most_mb: float = 0.0
    bad: list[dict[str, object]] = field(default_factory=list)

    def add(self, number: int, answer: dict[str, object]) -> None:
        """Count one answer of the worker."""
        kind, s, mb = str(answer["kind"]), float(str(answer["s"])), float(str(answer["mb"]))
        if kind not in BAD and mb > LIMIT_MB:
            kind = MEMORY
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.slowest_s, self.most_mb = max(self.slowest_s, s), max(self.most_mb, mb)
        if answer["how"] == "bytes":
            self.opened_by_bytes += kind in ("marked", "silent")
            self.silent_by_bytes += kind == "silent"
        if kind in BAD:
            self.bad.append({"number": number, **answer, "kind": kind})

    @property
    def total(self) -> int:
        """How many mutants there were."""
        return sum(self.counts.values())


class Worker:
    """The process that examines mutants, `python -m MODULE`; started again when it dies."""

    def __init__(self, module: str = "tests.fuzz.worker") -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._prepared: set[str] = set()
        self.starts = 0

    def ask(self, name: str, number: int, campaign: int) -> dict[str, object]:
        """The answer for one mutant; CRASH or HANG where there is none."""
        if self._process is None:
            self._process = self._started()
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            stdin.write(f"{name}\t{number}\t{campaign}\n".encode())
            stdin.flush()
        except BrokenPipeError:
            return self._ended(CRASH)
        # The first of a format: it has to import what it needs, and to make the sound file.
        limit_s = HANG_S + 90 * (name not in self._prepared)
        self._prepared.add(name)
        began_s = time.monotonic()
        ready, _, _ = select.select([stdout], [], [], limit_s)
        if not ready:
            return self._ended(HANG, time.monotonic() - began_s)
        line = stdout.readline()
        return json.loads(line) if line else self._ended(CRASH, time.monotonic() - began_s)

    def _started(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        self._prepared.clear()
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        environment |= {"OPENCV_FFMPEG_LOGLEVEL": "-8", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1"}
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *sys.path])
        command = [sys.executable, "-m", self._module]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment)

    def _ended(self, kind: str, s: float = 0.0) -> dict[str, object]:
        process, self._process = self._process, None
        words = "no answer"
        if process is not None:
            process.kill()
            words = f"ended with {process.wait()}" if kind == CRASH else f"no answer within {s:.0f} s"
            for pipe in (process.stdin, process.stdout):
                assert pipe is not None
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        return {"kind": kind, "words": words, "how": "", "s": s, "mb": 0}

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._ended(CRASH)


def run(
    campaign: int, until: Callable[[str, int], bool], formats: Sequence[str] = FORMATS
) -> Iterator[tuple[str, Tally, int]]:
    """Formats in turn, mutant by mutant in the order of their numbers; (format, its tally, starts of the worker).

    Args:
        campaign: another one gives other mutants.
        until: called with a format and how many mutants of it were examined: whether these are enough.
        formats: their names.

    """
    worker = Worker()
    try:
        for name in formats:
            tally = Tally()
            while not until(name, tally.total):
                number = tally.total
                tally.add(number, worker.ask(name, number, campaign))
            yield name, tally, worker.starts
    finally:
        worker.close()
