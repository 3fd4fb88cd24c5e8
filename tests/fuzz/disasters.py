"""What may happen to a study while it is edited: the process is killed, the disk is full, the file is replaced.

Each returns (rounds, rounds in which an acknowledged edit was lost or the file could not be read again).
"""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Structure
from kinecor.session.edits import SetContours
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.session.samples import circle, first

ROOT = Path(__file__).parents[2]
_EDIT = """
import sys
from pathlib import Path
from kinecor.core.values.track import Structure
from kinecor.session.edits import SetContours
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from kinecor.core.values.errors import KinecorError
from tests.session.samples import circle, first

journal = Journal(Store.open(Path(sys.argv[1])))
journal.open(first())
if len(sys.argv) > 2:
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    most = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print("ready", flush=True)
for number in range(10_000):
    try:
        journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number % 90 + 5),)), "Anna")
    except KinecorError:
        break
    print(number, flush=True)
"""


def _editing(path: Path, *more: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    environment["KINECOR_DATA_DIR"] = str(path.parent)
    command = [sys.executable, "-c", _EDIT, str(path), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


def _holds(path: Path, least: int) -> bool:
    """Whether the file opens to at least so many entries, its chain intact, and goes on."""
    try:
        with Store.open(path) as store:
            count, intact = len(store.entries()), store.verify() is None
            journal = Journal(store)
            journal.open(first())
            journal.do("1.2.3", SetContours(Structure.LV_ENDO, 0, (circle(7),)), "Anna")
            return intact and count >= least and len(store.entries()) == count + 1
    except KinecorError:
        return False


def killed(rounds: int, campaign: int) -> tuple[int, int]:
    """kill -9 at a random moment; every edit that was reported as done is there."""
    chance, lost = random.Random(campaign), 0
    with tempfile.TemporaryDirectory() as folder:
        path, committed = Path(folder) / "a.kinecor", 0
        for _ in range(rounds):
            with _editing(path) as worker:
                assert worker.stdout is not None
                worker.stdout.readline()
                killer = threading.Timer(chance.uniform(0.0, 0.15), worker.send_signal, (signal.SIGKILL,))
                killer.start()
                reported = len(worker.stdout.read().split())
                killer.join()
            lost += not _holds(path, committed + reported)
            with Store.read(path) as store:
                committed = len(store.entries())
    return rounds, lost


def full_disk(rounds: int, campaign: int) -> tuple[int, int]:
    """Files may grow to a random size only; the edit that does not fit is refused, those before it are there."""
    chance, lost = random.Random(campaign + 1), 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.kinecor"
            with _editing(path, str(chance.randrange(20_000, 400_000))) as worker:
                assert worker.stdout is not None
                reported = len(worker.stdout.read().split()) - 1
            lost += worker.returncode != 0 or reported < 0 or not _holds(path, reported)
    return rounds, lost


def replaced(rounds: int, campaign: int) -> tuple[int, int]:
    """The file is replaced, emptied, renamed or removed while it is open; no edit is acknowledged into nothing."""
    chance, lost = random.Random(campaign + 2), 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "study" / "a.kinecor"
            with contextlib.ExitStack() as stack:
                store = stack.enter_context(Store.open(path))
                journal = Journal(store)
                journal.open(first())
                for number in range(chance.randrange(1, 20)):
                    _edit(journal, number)
                older = path.with_name("backup")
                shutil.copyfile(path, older)
                for number in range(chance.randrange(0, 10)):
                    _edit(journal, number + 30)
                chance.choice(_HAPPENED)(path, older)
                done = 0
                with contextlib.suppress(KinecorError):
                    for number in range(3):
                        _edit(journal, number + 60)
                        done += 1
            if done:  # acknowledged: they must be found where the file is now, or have been refused
                lost += not (path.exists() and _holds(path, done))
            elif path.exists():
                lost += not _holds(path, 0)
    return rounds, lost


def _edit(journal: Journal, number: int) -> None:
    journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number + 5),)), "Anna")


_HAPPENED: tuple[Callable[[Path, Path], object], ...] = (
    lambda path, older: older.replace(path),
    lambda path, _older: path.unlink(),
    lambda path, _older: path.rename(path.with_name("elsewhere")),
    lambda path, _older: shutil.rmtree(path.parent),
    lambda path, _older: path.parent.rename(path.parent.with_name("moved")),
)

DISASTERS: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "the process is killed (kill -9) while it saves": killed,
    "the disk is full": full_disk,
    "the file is replaced by a backup, renamed or removed while it is open": replaced,
}
