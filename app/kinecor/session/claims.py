"""The right to write where the system's locks do not reach other computers: a file that only one can make.

Network folders by SSH, WebDAV or cloud programs keep locks on the computer that took them. A claim is a file next to
the study that is made by whoever writes it, and removed at the end; making it fails where it is there already, which
the server decides. It says who made it, so that what a killed program left on this computer is recognised.
"""

import contextlib
import json
import os
import socket
import uuid
from functools import cache
from pathlib import Path

ENDING = ".open"
"""Of the claim's name, after that of the study file."""
_MAX_BYTES = 4096


class Claim:
    """The right to write a file, among all computers, until `release`."""

    def __init__(self, path: Path) -> None:
        self._path: Path | None = path

    @classmethod
    def take(cls, path: Path) -> "Claim | str":
        """The right to write a study file; where another program may be writing it, the name of its computer.

        What is read of the study before it is taken may be old.

        Raises:
            OSError: the folder cannot be written.

        """
        place = claim_file(path)
        for _ in range(2):
            try:
                descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                holder = _holder(place)
                if not _has_ended(holder):
                    return str(holder.get("host") or "?")
                place.unlink(missing_ok=True)
                continue
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(_own(), file)
                file.flush()
                os.fsync(file.fileno())
            return cls(place)
        return "?"

    def release(self) -> None:
        """Lets others write; releasing twice is no error."""
        if self._path is not None:
            with contextlib.suppress(OSError):  # the folder has gone, and the claim says by whom it was
                self._path.unlink(missing_ok=True)
            self._path = None


def claim_file(path: Path) -> Path:
    """The claim of a study file."""
    return path.with_name(path.name + ENDING)


def _own() -> dict[str, str]:
    machine, boot = _machine()
    return {"host": socket.gethostname(), "machine": machine, "boot": boot, "process": _process(os.getpid())}


@cache
def _machine() -> tuple[str, str]:
    """What tells this computer from others, and its starts from each other."""
    found = []
    for path, other in (("/etc/machine-id", f"{uuid.getnode():x}"), ("/proc/sys/kernel/random/boot_id", "")):
        try:
            found.append(Path(path).read_text(encoding="ascii").strip() or other)
        except (OSError, ValueError):
            found.append(other)
    return found[0], found[1]


def _process(number: int) -> str:
    """Number and start of a process, so that a later one of its number is another; only the number without /proc."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return f"{number} {fields[19]}"
    except (OSError, IndexError):
        return str(number)


def _holder(place: Path) -> dict[str, object]:
    try:
        with place.open("rb") as file:
            found = json.loads(file.read(_MAX_BYTES))
    except (OSError, ValueError, RecursionError):  # being written, or by others
        return {}
    return found if isinstance(found, dict) else {}


def _has_ended(holder: dict[str, object]) -> bool:
    """Whether a claim is of this computer and its program has ended; of another computer nothing is known."""
    own = _own()
    if not own["boot"] or any(holder.get(name) != own[name] for name in ("host", "machine")):
        return False
    if holder.get("boot") != own["boot"]:
        return True
    process = str(holder.get("process"))
    number = process.split()[0] if process else ""
    return number.isdigit() and _process(int(number)) != process
