"""How far a run over many recordings is, on stderr: a bar on a terminal, plain lines elsewhere."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

from kinecor.cli.terminal import Escaping, printable

_INTERVAL_S = 0.1
_STATUS_EVERY_S = 60.0
_BAR = 24


def duration(seconds: float) -> str:
    """A length of time in its two largest units: "40 s", "12 min", "3 h 05 min", "2 d 04 h"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60:02d} h"


class Progress:
    """Shows how many of `total` recordings are done, how fast, the time left, and how far the present one is.

    Where there is no terminal, a line with rate and time left comes once a minute.
    """

    def __init__(
        self,
        total: int,
        stream: TextIO | None = None,
        *,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = total
        asked = stream or sys.stderr
        self._stream = asked.unescaped if isinstance(asked, Escaping) else asked
        self._quiet = quiet
        self._clock = clock
        self._bar = self._stream.isatty() and not quiet
        self._done = self._skipped = 0
        self._name = ""
        self._shown_s = -1.0
        self._began_s = self._status_s = clock()

    def skip(self, count: int) -> None:
        """So many were done before this run; they do not count for its rate."""
        self._done += count
        self._skipped += count

    def start(self, name: str) -> None:
        """The recording that is worked on now."""
        self._name = printable(name)
        self._draw(0.0)

    def tick(self, done: int, total: int) -> None:
        """A Tick: how far the present recording is."""
        now_s = self._clock()
        if now_s - self._shown_s >= _INTERVAL_S:
            self._shown_s = now_s
            self._draw(done / total if total else 0.0)

    def finish(self, line: str, *, failed: bool = False) -> None:
        """One more is done; `line` says how it went. A quiet progress shows only those that failed."""
        self._done += 1
        if self._quiet and not failed:
            return
        self._clear()
        self._write(f"[{self._done}/{self._total}] {printable(line)}\n")
        now_s = self._clock()
        if not self._bar and not self._quiet and now_s - self._status_s >= _STATUS_EVERY_S:
            self._status_s = now_s
            self._write(f"kinecor: {self._done} of {self._total} done, {self.pace}\n")

    def say(self, line: str) -> None:
        """A line that counts nothing, such as a document that could not be written."""
        self._clear()
        self._write(f"{printable(line)}\n")

    @property
    def pace(self) -> str:
        """Rate of this run and time left, e.g. "0.8 per s, 3 h 20 min left"; "" before the first is done."""
        done, passed_s = self._done - self._skipped, self._clock() - self._began_s
        if done < 1 or passed_s <= 0:
            return ""
        rate = done / passed_s
        often = f"{rate:.1f} per s" if rate >= 1 else f"{60 * rate:.1f} per min"
        return f"{often}, {duration((self._total - self._done) / rate)} left"

    def close(self) -> None:
        """Leave a clean line behind."""
        self._clear()

    def _draw(self, part: float) -> None:
        if not self._bar:
            return
        whole = min((self._done + part) / max(self._total, 1), 1.0)
        filled = round(whole * _BAR)
        pace = f" ({self.pace})" if self.pace else ""
        text = f"[{'#' * filled}{'.' * (_BAR - filled)}] {100 * whole:3.0f} %{pace} {self._name}"
        columns = shutil.get_terminal_size().columns
        self._write(f"\r\x1b[K{text[: columns - 1]}")

    def _clear(self) -> None:
        if self._bar:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
