"""How a command ends: its exit status and what is said of a failure; and words that commands share."""

import os
import sys
from datetime import datetime

DONE, FAILED, BAD_USAGE, INTERRUPTED = 0, 1, 2, 130
# What `kinecor phantom` can make, and the simulator's name of an echo's view; "" is cine MRI.
PHANTOMS = {
    "echo": "A4C",
    "mri": "",
    "a4c": "A4C",
    "a2c": "A2C",
    "a3c": "A3C",
    "plax": "PLAX",
    "psax-base": "PSAX base",
    "psax-mid": "PSAX mid",
    "psax-apex": "PSAX apex",
    "subcostal": "SUB4C",
    "ivc": "IVC",
    "other": "other",
}


class BadUsageError(Exception):
    """The command line names something that does not exist; one sentence, exit status 2."""


def unforeseen() -> str:
    """Log the current exception, without what it quotes; one sentence that says where."""
    from kinecor.core.values.nameless import nameless_trace
    from kinecor.io.files.atomic import make_private
    from kinecor.session.store import log_file

    what = "an unexpected error occurred"
    path = log_file()
    try:
        make_private(path.parent)
        with path.open("a", encoding="utf-8", errors="backslashreplace") as log:
            path.chmod(0o600)
            error = sys.exception()
            trace = "" if error is None else nameless_trace(error)
            log.write(f"{datetime.now().astimezone().isoformat()}\n{trace}\n")
    except OSError:
        return f"{what}, and its details could not be written to {path}"
    return f"{what}; details are in {path}"


def resolve_path(path: str) -> str:
    """`path`, or that of the demo study or the sample clip if `path` is its word and there is no such file."""
    if path not in ("demo", "sample") or os.path.lexists(path):
        return path
    from kinecor.io.open.find import SAMPLES

    return str(SAMPLES[path]())
