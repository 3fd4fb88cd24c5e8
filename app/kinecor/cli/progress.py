"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

import shutil
import sys
import time
from typing import TextIO

_INTERVAL_S = 0.1
_BAR = 24


class Progress:
    """Shows how many of `total` recordings are done, and how far the present one is."""

    def __init__(self, total: int, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._total = total
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._bar = self._stream.isatty() and not quiet
        self._done = 0
        self._name = ""
        self._shown_s = -1.0

    def start(self, name: str) -> None:
        """The recording that is worked on now."""
        self._name = name
        self._draw(0.0)

    def tick(self, done: int, total: int) -> None:
        """A Tick: how far the present recording is."""
        now_s = time.monotonic()
        if now_s - self._shown_s >= _INTERVAL_S:
            self._shown_s = now_s
            self._draw(done / total if total else 0.0)

    def finish(self, line: str, *, failed: bool = False) -> None:
        """One more is done; `line` says how it went. A quiet progress shows only those that failed."""
        self._done += 1
        if self._quiet and not failed:
            return
        self._clear()
        self._write(f"[{self._done}/{self._total}] {line}\n")

    def close(self) -> None:
        """Leave a clean line behind."""
        self._clear()

    def _draw(self, part: float) -> None:
        if not self._bar:
            return
        whole = min((self._done + part) / max(self._total, 1), 1.0)
        filled = round(whole * _BAR)
        text = f"[{'#' * filled}{'.' * (_BAR - filled)}] {100 * whole:3.0f} % {self._name}"
        columns = shutil.get_terminal_size().columns
        self._write(f"\r\x1b[K{text[: columns - 1]}")

    def _clear(self) -> None:
        if self._bar:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
