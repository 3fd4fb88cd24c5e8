"""Places that are lost while a study is edited: the server of a network folder dies, the power of a disk fails.

The network folder is one of sshfs, whose server (sftp-server of OpenSSH) is a process of this machine, reached by a
pipe: no network and no account is needed. The disk is a file with ext4 that is mounted by a loop device and shut down
by the file system's own command, which drops all that was not forced to the disk, as a power failure does.
"""

import contextlib
import fcntl
import hashlib
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kinecor.core.values.errors import KinecorError
from kinecor.session.store import Store
from tests.fuzz.disasters import Toll, holds, mounted, started

_SERVERS = tuple(Path(one) / "sftp-server" for one in ("/usr/lib/openssh", "/usr/libexec/openssh", "/usr/lib/ssh"))
_ANSWER_S = 60.0
"""In which an editor must have ended after its folder has gone."""
_SHUT_DOWN, _WITHOUT_LOG = 0x8004587D, 2  # EXT4_IOC_SHUTDOWN and its way of a power failure
EDITING = """
import sys
from pathlib import Path
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Structure
from kinecor.session.edits import SetContours
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.session.samples import circle, first

path, edits = Path(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
try:
    with Store.open(path) as store:
        if store.read_only_because:
            print("read-only", flush=True)
            sys.exit()
        journal = Journal(store)
        journal.open(first())
        for number in range(edits):
            journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number % 90 + 5),)), "Anna")
            print("done", store.last[1].hex(), flush=True)
except KinecorError as error:
    print("refused", str(error).splitlines()[0], flush=True)
"""
"""Edits a study; a line for each edit that was reported as done, with its digest."""
_ALL_SORTS = """
import sys
from pathlib import Path
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Structure
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.files.atomic import whole_folder, write_bytes
from kinecor.io.files.backup import back_up
from kinecor.session.edits import SetContours
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.io.archive.instances import instance
from io import BytesIO
from tests.session.samples import circle, first

place = Path(sys.argv[1])
print("ready", flush=True)
arrivals = Arrivals(place / "incoming")
try:
    with Store.open(place / "studies" / "a.kinecor") as store:
        journal = Journal(store)
        journal.open(first())
        for number in range(1000):
            journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number % 90 + 5),)), "Anna")
            print("edit", store.last[1].hex(), flush=True)
            back_up(store.path, place / "backup")
            print("backup", store.last[0], flush=True)
            write_bytes(place / "out" / f"{number}.json", b"%d " % number * 500)
            print("file", number, flush=True)
            with whole_folder(place / "exports" / str(number)) as folder:
                for part in ("a", "b/c"):
                    (folder / part).parent.mkdir(exist_ok=True)
                    (folder / part).write_bytes(b"%d " % number * 500)
            print("folder", number, flush=True)
            written = BytesIO()
            instance("study", 0, number).save_as(written, enforce_file_format=True)
            held = arrivals.take(written.getvalue())[1]
            print("instance", held.path.name, held.sha256, flush=True)
except KinecorError as error:
    print("refused", str(error).splitlines()[0], flush=True)
"""


def sftp_server() -> Path | None:
    """The server of network folders; None where this machine has none, or no sshfs."""
    if shutil.which("sshfs") is None or not Path("/dev/fuse").exists():
        return None
    return next((one for one in (*_SERVERS, *_beside_sshfs()) if one.exists()), None)


def _beside_sshfs() -> Iterator[Path]:
    found = shutil.which("sshfs")
    if found is not None:
        yield Path(found).parents[1] / "lib" / "openssh" / "sftp-server"


class NetworkFolder:
    """A folder of another file system that a server process gives; `with` mounts it.

    Args:
        source: the folder on the server.
        place: where it is mounted; an empty folder.

    """

    def __init__(self, source: Path, place: Path) -> None:
        self._source, self._place = source, place
        self._number = place.with_name(f"{place.name}.pid")

    def __enter__(self) -> "NetworkFolder":
        server = sftp_server()
        assert server is not None
        command = self._place.with_name(f"{self._place.name}.sh")
        command.write_text(f"#!/bin/sh\necho $$ > {self._number}\nexec {server}\n", encoding="utf-8")
        command.chmod(0o700)
        line = ["sshfs", "-f", "-o", f"ssh_command={command}", f"server:{self._source}", str(self._place)]
        self._client = subprocess.Popen(line, stdin=subprocess.DEVNULL)
        for _ in range(200):
            if self._place.is_mount():
                return self
            time.sleep(0.05)
        raise RuntimeError("the network folder could not be mounted")

    def signal_server(self, number: int) -> None:
        """Send a signal to the server."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(self._number.read_text(encoding="ascii")), number)

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self._place)], check=False, capture_output=True)
        self._client.kill()
        self._client.wait()


def digests(path: Path) -> set[str]:
    """Of all entries of a study file."""
    with Store.read(path) as store:
        return {one.digest.hex() for one in store.entries()}


def acknowledged_digests(lines: list[str]) -> list[str]:
    """Of the entries that `EDITING` has reported as done."""
    return [line.split()[1] for line in lines if line.startswith("done ") and len(line.split()) == 2]


def vanished_network(rounds: int, campaign: int) -> Toll:
    """The server of a network folder dies, or is silent for a while: edits are refused, those before it are there."""
    if sftp_server() is None:
        return Toll(0, 0, 0)
    chance, acknowledged, lost = random.Random(campaign + 7), 0, 0
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            source, place = Path(name) / "source", Path(name) / "network"
            source.mkdir()
            place.mkdir()
            with NetworkFolder(source, place) as network, started(EDITING, place / "a.kinecor", 100_000) as editor:
                assert editor.stdout is not None
                lines = [editor.stdout.readline()]
                lines += [editor.stdout.readline() for _ in range(chance.randrange(1, 30))]
                if number % 2:
                    network.signal_server(signal.SIGSTOP)
                    time.sleep(chance.uniform(0.1, 1.0))
                    network.signal_server(signal.SIGCONT)
                    lines += [editor.stdout.readline() for _ in range(3)]
                network.signal_server(signal.SIGKILL)
                try:
                    lines += editor.communicate(timeout=_ANSWER_S)[0].splitlines()
                except subprocess.TimeoutExpired:
                    editor.kill()
            done = acknowledged_digests([line.strip() for line in lines])
            acknowledged += len(done)
            refused = editor.returncode == 0 and lines[-1].startswith("refused ")
            path = source / "a.kinecor"
            whole = path.exists() and holds(path, len(done)) and set(done) <= digests(path)
            lost += not (refused and whole)
    return Toll(rounds, acknowledged, lost)


def can_fail() -> bool:
    """Whether this process may mount a disk whose power can fail."""
    if shutil.which("mkfs.ext4") is None or shutil.which("mount") is None:
        return False
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "disk"
        place.mkdir()
        if not _mount(_disk(Path(name)), place):
            return False
        subprocess.run(["umount", str(place)], check=True)
    return True


def _disk(folder: Path) -> Path:
    disk = folder / "disk.ext4"
    with disk.open("wb") as file:
        file.truncate(48 << 20)
    subprocess.run(["mkfs.ext4", "-q", str(disk)], check=True, capture_output=True)
    return disk


def _mount(disk: Path, place: Path) -> bool:
    return mounted("-o", "loop", str(disk), str(place))


def power_failure(rounds: int, campaign: int) -> Toll:
    """The power of the disk fails: edits, backups, files, folders and instances reported as done are there, whole."""
    if not can_fail():
        return Toll(0, 0, 0)
    chance, acknowledged, lost = random.Random(campaign + 8), 0, 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            place = Path(name) / "disk"
            place.mkdir()
            disk = _disk(Path(name))
            assert _mount(disk, place)
            try:
                with started(_ALL_SORTS, place) as worker:
                    assert worker.stdout is not None
                    lines = [worker.stdout.readline()]
                    lines += [worker.stdout.readline() for _ in range(chance.randrange(1, 60))]
                    time.sleep(chance.uniform(0.0, 0.02))
                    _cut_power(place)
                    lines += worker.communicate(timeout=_ANSWER_S)[0].splitlines()
                subprocess.run(["umount", str(place)], check=True)
                assert _mount(disk, place)
                done = [line.split() for line in lines if not line.startswith(("ready", "refused"))]
                acknowledged += len(done)
                missing = [one for one in done if not _there(place, one)]
                bad = worker.returncode != 0 or not lines[-1].startswith("refused ")
                if missing or bad:
                    print(f"power failure: {len(missing)} missing, the first {missing[:1]}; {lines[-1].strip()}")
                edits = sum(one[0] == "edit" for one in done)
                lost += bad or bool(missing) or not holds(place / "studies" / "a.kinecor", edits)
            finally:
                subprocess.run(["umount", "--lazy", str(place)], check=False, capture_output=True)
    return Toll(rounds, acknowledged, lost)


def _cut_power(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, _SHUT_DOWN, struct.pack("I", _WITHOUT_LOG))
    finally:
        os.close(descriptor)


def _there(place: Path, done: list[str]) -> bool:
    """Whether something that was reported as done is there, and whole."""
    kind, name = done[0], done[1]
    expected = f"{name} ".encode() * 500
    match kind:
        case "edit":
            return name in digests(place / "studies" / "a.kinecor")
        case "backup":
            try:
                with Store.read(place / "backup" / "a.kinecor") as store:
                    return len(store.entries()) >= int(name) and store.verify() is None
            except KinecorError:
                return False
        case "file":
            path = place / "out" / f"{name}.json"
            return path.exists() and path.read_bytes() == expected
        case "folder":
            paths = [place / "exports" / name / part for part in ("a", "b/c")]
            return all(path.exists() and path.read_bytes() == expected for path in paths)
        case _:
            found = [*(place / "incoming").rglob(name)]
            return len(found) == 1 and hashlib.sha256(found[0].read_bytes()).hexdigest() == done[2]
