"""Text for a terminal: control characters of file names never reach it, and every character can be printed."""

import codecs
import io
import re
import sys
from collections.abc import Iterator
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
def guarded() -> Iterator[None]:
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
