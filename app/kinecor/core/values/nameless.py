"""What is logged of an error: where it came from and of what kind it is, and nothing that it says.

Messages of errors quote what they met: paths and file names, which often name the patient, and values of headers. A log
is sent to who is to help; the places in the code are what helps.
"""

import logging
from collections.abc import Iterator
from pathlib import PurePath
from types import TracebackType
from typing import Any, Final

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import Message

HIDDEN: Final = "…"
_MAX_FRAMES, _MAX_CAUSES = 60, 8


def nameless_trace(error: BaseException) -> str:
    """An error and what caused it: for each the modules, functions and lines, and the kind of error.

    Of a KinecorError the English sentence stands without its values, of an OSError its number.

    Args:
        error: with its traceback, where it was raised.

    """
    lines: list[str] = []
    for cause in _causes(error):
        lines += ["Caused by:"] if lines else []
        lines += _places(cause.__traceback__)
        lines.append(_kind(cause))
    return "\n".join(lines)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(_MAX_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        frame = trace.tb_frame
        places.append(f"  {frame.f_globals.get('__name__', '?')}:{trace.tb_lineno} {frame.f_code.co_name}")
        trace = trace.tb_next
    return places[-_MAX_FRAMES:]


def _kind(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, KinecorError):
        return f"{name}: {error.message.template or HIDDEN}"
    return f"{name}: {error.errno}" if isinstance(error, OSError) and error.errno is not None else name


class NamelessFormatter(logging.Formatter):
    """Formats records without what they quote: numbers stay, texts become HIDDEN, errors are as `nameless_trace`."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter.

        Args:
            record: with or without an exception.

        """
        kept = logging.makeLogRecord(record.__dict__)
        kept.exc_text = None
        if isinstance(record.args, tuple):
            kept.args = tuple(map(_discreet, record.args))
        elif record.args:
            kept.args = {name: _discreet(value) for name, value in record.args.items()}
        return super().format(kept)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - named by logging
        """See logging.Formatter.

        Args:
            ei: (kind, error, traceback) as of `sys.exc_info`.

        """
        return nameless_trace(ei[1]) if ei[1] is not None else ""


def _discreet(value: object) -> object:
    if isinstance(value, BaseException):
        return _kind(value)
    if isinstance(value, Message) and value.template:
        return value.template
    return HIDDEN if isinstance(value, str | bytes | PurePath) or not isinstance(value, int | float) else value
