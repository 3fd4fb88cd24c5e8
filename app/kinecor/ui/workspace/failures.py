"""An unforeseen error is logged and told in one sentence; the window stays open."""

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
    """Where the log is kept: KINECOR_DATA_DIR if set, else the system's place for logs."""
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_log_dir("kinecor", appauthor=False)
    return Path(folder) / "kinecor.log"


def start_logging() -> None:
    """Write warnings and errors of the program to its log; without a place to write, go on without."""
    try:
        log_file().parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(log_file(), maxBytes=1 << 20, backupCount=1, encoding="utf-8", delay=True)
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("kinecor").addHandler(handler)


def sentence(error: BaseException) -> str:
    """What a reader is told of an error."""
    if isinstance(error, KinecorError):
        return str(error)
    return f"Something went wrong that was not foreseen; your edits are kept, and details are in {log_file()}."


def catch_everything(tell: Callable[[str], None]) -> None:
    """From now on, errors in slots and timers are told by `tell` instead of closing the program."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        if not isinstance(error, KinecorError):
            log.error("unforeseen error", exc_info=(kind, error, trace))
        tell(sentence(error))

    sys.excepthook = hook
