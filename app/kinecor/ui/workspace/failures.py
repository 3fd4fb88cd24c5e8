"""Unexpected errors are logged and shown in one sentence; the window stays open."""

import logging
import os
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import platformdirs

from kinecor.core.values.errors import KinecorError

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
