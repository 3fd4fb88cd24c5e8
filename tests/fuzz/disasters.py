"""What may happen to a study while it is edited: the process is killed, the disk is full, the file is replaced."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Structure
from kinecor.io.files.atomic import clear_partial
from kinecor.io.files.backup import back_up
from kinecor.session.edits import SetContours
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.session.samples import circle, first

ROOT = Path(__file__).parents[2]


class Toll(NamedTuple):
    """What a kind of disaster has cost.

    Attributes:
        rounds: how often it happened.
        acknowledged: what had been reported as done: edits, copies, exports, instances.
        lost: rounds in which something acknowledged was not there, or not whole, afterwards.

    """

    rounds: int
    acknowledged: int
    lost: int


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


def holds(path: Path, least: int) -> bool:
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


def killed(rounds: int, campaign: int) -> Toll:
    """kill -9 at a random moment; every edit that was reported as done is there."""
    chance, acknowledged, lost = random.Random(campaign), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        most_s = seconds_of(_editing(Path(folder) / "other.kinecor"), 20)
        path, committed = Path(folder) / "a.kinecor", 0
        for _ in range(rounds):
            with _editing(path) as worker:
                assert worker.stdout is not None
                worker.stdout.readline()
                killer = threading.Timer(chance.uniform(0.0, most_s), worker.send_signal, (signal.SIGKILL,))
                killer.start()
                reported = len(worker.stdout.read().split())
                killer.join()
            acknowledged += reported
            lost += not holds(path, committed + reported)
            with Store.read(path) as store:
                committed = len(store.entries())
    return Toll(rounds, acknowledged, lost)


def full_disk(rounds: int, campaign: int) -> Toll:
    """Files may grow to a random size only; the edit that does not fit is refused, those before it are there."""
    chance, acknowledged, lost = random.Random(campaign + 1), 0, 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.kinecor"
            with _editing(path, str(chance.randrange(20_000, 400_000))) as worker:
                assert worker.stdout is not None
                reported = len(worker.stdout.read().split()) - 1
            acknowledged += reported
            lost += worker.returncode != 0 or reported < 0 or not holds(path, reported)
    return Toll(rounds, acknowledged, lost)


def replaced(rounds: int, campaign: int) -> Toll:
    """The file is replaced, emptied, renamed or removed while it is open; no edit is acknowledged into nothing."""
    chance, acknowledged, lost = random.Random(campaign + 2), 0, 0
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
            acknowledged += done
            if done:  # acknowledged: they must be found where the file is now, or have been refused
                lost += not (path.exists() and holds(path, done))
            elif path.exists():
                lost += not holds(path, 0)
    return Toll(rounds, acknowledged, lost)


def _edit(journal: Journal, number: int) -> None:
    journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number + 5),)), "Anna")


_HAPPENED: tuple[Callable[[Path, Path], object], ...] = (
    lambda path, older: older.replace(path),
    lambda path, _older: path.unlink(),
    lambda path, _older: path.rename(path.with_name("elsewhere")),
    lambda path, _older: shutil.rmtree(path.parent),
    lambda path, _older: path.parent.rename(path.parent.with_name("moved")),
)

_BACKING_UP = """
import sys
from pathlib import Path
from kinecor.core.values.errors import KinecorError
from kinecor.io.files.backup import back_up
if len(sys.argv) > 3:
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    most = int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print("ready", flush=True)
for number in range(1_000 if len(sys.argv) == 3 else 1):
    try:
        back_up(Path(sys.argv[1]), Path(sys.argv[2]))
        print("done", flush=True)
    except KinecorError as error:
        print("refused", flush=True)
"""
_WRITING = """
import sys
from pathlib import Path
from kinecor.io.files.atomic import whole_folder, write_bytes
out = Path(sys.argv[1])
print("ready", flush=True)
for number in range(10_000):
    write_bytes(out / "result.json", b"%d " % number * 20_000)
    with whole_folder(out / f"export-{number}") as folder:
        for part in range(5):
            (folder / f"{part}.csv").write_bytes(b"x" * 5_000)
    print(number, flush=True)
"""


def started(code: str, *arguments: object) -> "subprocess.Popen[str]":
    """A process that runs some code, its output as lines."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)


def kill_at_random(process: "subprocess.Popen[str]", chance: random.Random, most_s: float) -> list[str]:
    """Kill a process some time after its first line (kill -9); the lines after that one."""
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        killer = threading.Timer(chance.uniform(0.0, most_s), process.send_signal, (signal.SIGKILL,))
        killer.start()
        lines = process.stdout.read().splitlines()
        killer.join()
    return lines


def seconds_of(process: "subprocess.Popen[str]", lines: int) -> float:
    """Seconds from the first line of a process to so many more; then it is killed.

    How slow the machine is today: so that kills hit what is under way, and not only what comes before it.
    """
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        began_s = time.monotonic()
        for _ in range(lines):
            process.stdout.readline()
        took_s = time.monotonic() - began_s
        process.kill()
    return took_s


def _partial(folder: Path) -> list[Path]:
    return list(folder.glob(".*"))


def _long_study(path: Path) -> int:
    with Store.open(path) as store:
        for _ in range(200):
            store.append("Anna", "1.2.3", "set-notes/1", b"x" * 5_000)
        return len(store.entries())


def killed_backup(rounds: int, campaign: int) -> Toll:
    """A backup is killed: the copy is the earlier one or the new one, whole, and the next removes what is partial."""
    chance, acknowledged, lost = random.Random(campaign + 3), 0, 0
    with tempfile.TemporaryDirectory() as name:
        path, out = Path(name) / "a.kinecor", Path(name) / "out"
        count = _long_study(path)
        out.mkdir()
        (Path(name) / "other").mkdir()
        most_s = seconds_of(started(_BACKING_UP, path, Path(name) / "other"), 4)
        for _ in range(rounds):
            done = len(kill_at_random(started(_BACKING_UP, path, out), chance, most_s))
            acknowledged += done
            copy = out / path.name
            lost += bool(done) and not copy.exists()
            if copy.exists():
                with Store.read(copy) as store:
                    lost += len(store.entries()) != count or store.verify() is not None
        for partial in _partial(out):
            os.utime(partial, (1, 1))
        back_up(path, out)
        with Store.read(out / path.name) as store:
            lost += len(store.entries()) != count or bool(_partial(out))
    return Toll(rounds, acknowledged, lost)


def full_backup(rounds: int, campaign: int) -> Toll:
    """The disk of the backup is full: it is refused in a sentence, and the earlier copy stays."""
    chance, lost = random.Random(campaign + 4), 0
    with tempfile.TemporaryDirectory() as name:
        path, out = Path(name) / "a.kinecor", Path(name) / "out"
        _long_study(path)
        back_up(path, out)
        before = (out / path.name).read_bytes()
        for _ in range(rounds):
            with started(_BACKING_UP, path, out, chance.randrange(1_000, 800_000)) as process:
                assert process.stdout is not None
                answers = process.stdout.read().split()
            kept = (out / path.name).read_bytes() == before and not _partial(out)
            lost += process.returncode != 0 or answers != ["ready", "refused"] or not kept
    return Toll(rounds, 1, lost)


def killed_export(rounds: int, campaign: int) -> Toll:
    """What is written is killed: each file and folder is there whole, or not at all."""
    chance, acknowledged, lost = random.Random(campaign + 5), 0, 0
    with tempfile.TemporaryDirectory() as name:
        out, other = Path(name) / "out", Path(name) / "other"
        out.mkdir()
        other.mkdir()
        most_s = seconds_of(started(_WRITING, other), 8)
        for _ in range(rounds):
            done = [int(line) for line in kill_at_random(started(_WRITING, out), chance, most_s)]
            acknowledged += len(done)
            lost += any(not (out / f"export-{number}").exists() for number in done)
            content = (out / "result.json").read_bytes() if (out / "result.json").exists() else b""
            lost += content != content[: content.find(b" ") + 1] * 20_000
            for folder in out.glob("export-*"):
                lost += [path.stat().st_size for path in folder.iterdir()] != [5_000] * 5
                shutil.rmtree(folder)
        for partial in _partial(out):
            os.utime(partial, (1, 1))
        clear_partial(out)
        lost += bool(_partial(out))
    return Toll(rounds, acknowledged, lost)


def can_mount() -> bool:
    """Whether this process may mount a disk of its memory, as the disasters of whole disks need."""
    with tempfile.TemporaryDirectory() as folder:
        if shutil.which("mount") is None or not _mounted(Path(folder), "size=1m"):
            return False
        subprocess.run(["umount", folder], check=True)
    return True


def mounted(*arguments: str) -> bool:
    """Whether `mount` with these arguments did it."""
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0


def _mounted(folder: Path, options: str) -> bool:
    return mounted("-t", "tmpfs", "-o", options, "tmpfs", str(folder))


def lost_disk(rounds: int, campaign: int) -> Toll:
    """A disk becomes read-only, is full or goes away while a study is open: edits are refused, those before stay."""
    if not can_mount():
        return Toll(0, 0, 0)
    chance, acknowledged, lost = random.Random(campaign + 6), 0, 0
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            place = Path(name) / "disk"
            place.mkdir()
            assert _mounted(place, "size=4m")
            # A second mount of the same disk, by which it is looked at after it has gone.
            other = Path(name) / "other"
            other.mkdir()
            subprocess.run(["mount", "--bind", str(place), str(other)], check=True)
            done, path = 0, place / "a.kinecor"
            try:
                with Store.open(path) as store:
                    journal = Journal(store)
                    journal.open(first())
                    for edit in range(chance.randrange(1, 10)):
                        _edit(journal, edit)
                    match number % 3:
                        case 1:
                            with contextlib.suppress(OSError):
                                (place / "filler").write_bytes(bytes(8 << 20))
                        case 2:
                            subprocess.run(["umount", "--lazy", str(place)], check=True)
                    with contextlib.suppress(KinecorError):
                        for edit in range(200):
                            _edit(journal, edit % 50 + 20)
                    done = store.last[0]
                acknowledged += done
                if number % 3 == 0:  # between two windows: what is open for writing keeps a disk from it
                    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
                    with Store.open(path) as store:
                        lost += store.read_only_because is None or len(store.entries()) != done
                    subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)
                (other / "filler").unlink(missing_ok=True)
                lost += not holds(other / "a.kinecor", done)
            finally:
                for mount in (other, place):
                    subprocess.run(["umount", "--lazy", str(mount)], check=False, capture_output=True)
    return Toll(rounds, acknowledged, lost)
