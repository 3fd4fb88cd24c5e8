"""What a terminal shows: text it can print, without control characters of file names, and how far a run is.

Progress goes to stderr: a bar on a terminal, plain lines elsewhere.
"""

import codecs
import io
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

# C0 but tab and line feed, DEL and C1, line and paragraph separators, and marks that turn the direction of text.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ERRORS: Final = "kinecor-escape"


def printable(text: str) -> str:
    r"""`text` with control characters written out, such as `\x1b`: shown, a file's name could steer the terminal."""
    return _CONTROL.sub(_written_out, text)


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class Escaping(io.TextIOBase):
    """A stream in front of `unescaped` that writes control characters out.

    Attributes:
        unescaped: the stream itself, for what steers the terminal on purpose.

    """

    def __init__(self, unescaped: TextIO) -> None:
        self.unescaped = unescaped

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream."""
        return self.unescaped.encoding

    def write(self, text: str, /) -> int:
        """Write `text`, escaped."""
        self.unescaped.write(printable(text))
        return len(text)

    def flush(self) -> None:
        """As the stream does."""
        self.unescaped.flush()

    def isatty(self) -> bool:
        """As the stream says."""
        return self.unescaped.isatty()

    def fileno(self) -> int:
        """As the stream says."""
        return self.unescaped.fileno()


@contextmanager
def guard_output() -> Iterator[None]:
    """Print only what terminals can show.

    Messages (stderr) are always escaped. Results (stdout) are escaped on a terminal; to a file or a program a path is
    written as the bytes it was given in. What the encoding lacks, as cp1252 lacks Greek, is written out as well.
    """
    codecs.register_error(_ERRORS, _unencodable)
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)
    sys.stderr = Escaping(before[1])
    if before[0].isatty():
        sys.stdout = Escaping(before[0])
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _unencodable(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    code, after = ord(error.object[error.start]), error.start + 1
    if 0xDC80 <= code <= 0xDCFF:
        return bytes([code - 0xDC00]), after  # a byte of a path in another encoding (PEP 383)
    return f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}", after


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

    def finish(self, line: str, *, failed: bool = False, count: int = 1) -> None:
        """`count` more are done; `line` says how it went. A quiet progress shows only those that failed."""
        self._done += count
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
