"""Transfers that are killed: the program that sends, the one that receives, the one that retrieves, and copies.

What was acknowledged to a sender is on the disk of the receiver; what is repeated after a kill is complete at the end.
"""

import contextlib
import random
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path

import pydicom

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive.archive import archive_of
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.association import Patience
from kinecor.io.archive.nodes import AE_TITLE, Node
from kinecor.io.archive.transfer import Outcome, Sent, files_to_send
from kinecor.io.write.anonymise import FOLDER
from tests.fuzz.disasters import Toll, can_mount, kill_at_random, mounted, seconds_of, started
from tests.io.archive.instances import Peer, study, written
from tests.io.archive.servers import free_port
from tests.io.write.sources import write_sector

_EACH = 40
_PATIENCE = Patience(10.0, 10.0)
_RESERVE_BYTES, _LIST_BYTES = 512 << 10, 64 << 10  # what stays free; the list of what arrived is written beside it
_RECEIVING = """
import sys
import time
from pathlib import Path
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.nodes import Receiver
from kinecor.io.archive.receiver import Inbox, Server

arrivals = Arrivals(Path(sys.argv[1]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
inbox = Inbox(arrivals, lambda _: None)
receiver = Receiver(port=int(sys.argv[2]), allow=("SCANNER",))
with Server(receiver, inbox.take, ended=inbox.ended, spool=arrivals.spool):
    print("ready", flush=True)
    time.sleep(100_000)
"""
_SENDING = """
import sys
from pathlib import Path
from kinecor.io.archive.archive import archive_of
from kinecor.io.archive.nodes import AE_TITLE, Node
from kinecor.io.archive.transfer import Outcome, files_to_send

files, _ = files_to_send([Path(sys.argv[1])])
archive = archive_of(Node("peer", "127.0.0.1", int(sys.argv[2]), AE_TITLE, "SCANNER"), "", None)
print("ready", flush=True)
archive.store(files, lambda one: print(one.outcome is Outcome.STORED and one.file.uid, flush=True))
"""
_RETRIEVING = """
import sys
from pathlib import Path
from kinecor.io.archive.archive import archive_of, retrieve
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.nodes import Node

archive = archive_of(Node("peer", "127.0.0.1", int(sys.argv[2]), "PEER"), "", None)
print("ready", flush=True)
found = retrieve(archive, sys.argv[3], Arrivals(Path(sys.argv[1])))
print(found.complete, found.stored, found.already, flush=True)
"""
_COPYING = """
import sys
from pathlib import Path
from kinecor.io.write.anonymise import Key, Rules, write_copies

rules = Rules(Key(b"a key of the campaign alone"))
files = [(path.name, path) for path in sorted(Path(sys.argv[1]).iterdir())]
print("ready", flush=True)
for number in range(1000):
    write_copies(files, Path(sys.argv[2]) / str(number), rules, lambda *_: None)
    print(number, flush=True)
"""


class _Killer:
    """Notes what was sent, and kills the receiver a moment after so many outcomes."""

    def __init__(self, receiver: "subprocess.Popen[str]", after: int, wait_s: float) -> None:
        self.sent: list[Sent] = []
        self._receiver, self._after, self._wait_s = receiver, after, wait_s

    def __call__(self, one: Sent) -> None:
        self.sent.append(one)
        if len(self.sent) == self._after:
            threading.Timer(self._wait_s, self._receiver.kill).start()


def killed_receiver(rounds: int, campaign: int) -> Toll:
    """The receiver is killed: each instance that it acknowledged is on its disk, and nothing partial stays for good."""
    chance, acknowledged, lost = random.Random(campaign + 11), 0, 0
    with tempfile.TemporaryDirectory() as name:
        paths = written(Path(name) / "sent", study(series=1, each=_EACH, side=256))
        files, _ = files_to_send(paths)
        for number in range(rounds):
            root, port = Path(name) / f"incoming-{number}", free_port()
            with started(_RECEIVING, root, port) as receiver:
                assert receiver.stdout is not None
                receiver.stdout.readline()
                killer = _Killer(receiver, chance.randrange(1, _EACH), chance.uniform(0.0, 0.02))
                archive = archive_of(Node("peer", "127.0.0.1", port, AE_TITLE, "SCANNER"), "", None, _PATIENCE)
                with contextlib.suppress(KinecorError):
                    archive.store(files, killer)
                receiver.kill()
            kept = [one.file for one in killer.sent if one.outcome is Outcome.STORED]
            acknowledged += len(kept)
            arrivals = Arrivals(root)
            held = arrivals.held(files_study(paths))
            lost += any(one.uid not in held or not _opens(held[one.uid].path, one.path) for one in kept)
            arrivals.spool.clear()
            lost += any(path.is_dir() and path.name.startswith(".kinecor-") for path in root.glob("*"))
    return Toll(rounds, acknowledged, lost)


def full_receiver(rounds: int, campaign: int) -> Toll:
    """The disk of the receiver fills: what it acknowledged is whole, a reserve stays free, and with room it goes on."""
    if not can_mount():
        return Toll(0, 0, 0)
    chance, acknowledged, lost = random.Random(campaign + 15), 0, 0
    with tempfile.TemporaryDirectory() as name:
        paths = written(Path(name) / "sent", study(series=1, each=_EACH, side=256))
        files, _ = files_to_send(paths)
        for number in range(rounds):
            disk, port, reserve = Path(name) / f"disk-{number}", free_port(), number % 2 * _RESERVE_BYTES
            disk.mkdir()
            size = chance.randrange(1 << 20, 4 << 20)
            assert mounted("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk))
            try:
                root = disk / "incoming"
                with started(_RECEIVING, root, port, reserve) as receiver:
                    assert receiver.stdout is not None
                    receiver.stdout.readline()
                    archive = archive_of(Node("peer", "127.0.0.1", port, AE_TITLE, "SCANNER"), "", None, _PATIENCE)
                    sent: list[Sent] = []
                    with contextlib.suppress(KinecorError):
                        archive.store(files, sent.append)
                    stored = [outcome.file for outcome in sent if outcome.outcome is Outcome.STORED]
                    free = shutil.disk_usage(disk).free
                    mounted("-o", f"remount,size={64 << 20}", str(disk))
                    with contextlib.suppress(KinecorError):
                        archive.store(files, lambda _: None)
                    alive = receiver.poll() is None
                    receiver.kill()
                acknowledged += len(stored)
                held = Arrivals(root).held(files_study(paths))
                whole = all(one.uid in held and _opens(held[one.uid].path, one.path) for one in files)
                lost += not (alive and whole and 0 < len(stored) < _EACH and free >= reserve - _LIST_BYTES)
            finally:
                subprocess.run(["umount", "--lazy", str(disk)], check=False, capture_output=True)
    return Toll(rounds, acknowledged, lost)


def killed_sender(rounds: int, campaign: int) -> Toll:
    """The sender is killed and repeated: what was said to be stored is, and at the end all is there."""
    chance, acknowledged, lost = random.Random(campaign + 12), 0, 0
    with tempfile.TemporaryDirectory() as name:
        sent = Path(name) / "sent"
        paths = written(sent, study(series=1, each=_EACH, side=256))
        uids = {one.uid for one in files_to_send(paths)[0]}
        root, port = Path(name) / "incoming", free_port()
        with started(_RECEIVING, Path(name) / "other", port) as receiver:
            assert receiver.stdout is not None
            receiver.stdout.readline()
            most_s = seconds_of(started(_SENDING, sent, port), _EACH)
            receiver.kill()
        with started(_RECEIVING, root, port) as receiver:
            assert receiver.stdout is not None
            receiver.stdout.readline()
            done: set[str] = set()
            for _ in range(rounds):
                lines = kill_at_random(started(_SENDING, sent, port), chance, most_s)
                done |= {line for line in lines if line in uids}
                lost += not done <= Arrivals(root).held(files_study(paths)).keys()
                acknowledged = len(done)
            with started(_SENDING, sent, port) as last:
                assert last.stdout is not None
                last.stdout.read()
            lost += Arrivals(root).held(files_study(paths)).keys() != uids
            receiver.kill()
    return Toll(rounds, acknowledged, lost)


def killed_retrieval(rounds: int, campaign: int) -> Toll:
    """A retrieval is killed and repeated until it says that it is complete: then it is, and nothing came twice."""
    chance, acknowledged, lost = random.Random(campaign + 13), 0, 0
    instances = study(series=2, each=_EACH, side=256)
    uid = str(instances[0].StudyInstanceUID)
    with tempfile.TemporaryDirectory() as name, Peer(instances).running() as peer:
        most_s = seconds_of(started(_RETRIEVING, Path(name) / "whole", peer.port, uid), 1)
        number, kills = 0, 0
        while kills < rounds:
            root = Path(name) / str(number)
            number += 1
            lines: list[str] = []
            while not lines and kills < rounds:
                lines = kill_at_random(started(_RETRIEVING, root, peer.port, uid), chance, 1.2 * most_s)
                kills += not lines
            if not lines:
                with started(_RETRIEVING, root, peer.port, uid) as last:
                    assert last.stdout is not None
                    lines = last.stdout.read().splitlines()[1:]
            held = Arrivals(root).held(uid)
            acknowledged += len(held)
            whole = lines[0].startswith("True ") and sum(map(int, lines[0].split()[1:])) == len(instances)
            lost += not whole or held.keys() != {one.SOPInstanceUID for one in instances}
    return Toll(kills, acknowledged, lost)


def killed_copies(rounds: int, campaign: int) -> Toll:
    """De-identified copies are killed: a folder of copies is there whole, or not at all."""
    chance, acknowledged, lost = random.Random(campaign + 14), 0, 0
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "source"
        source.mkdir()
        for number in range(3):
            write_sector(source / f"{number}.dcm", instance=number + 1)
        each_s = seconds_of(started(_COPYING, source, Path(name) / "whole"), 1)
        for number in range(rounds):
            out = Path(name) / f"out-{number}"
            done = len(kill_at_random(started(_COPYING, source, out), chance, 2 * each_s))
            acknowledged += done
            counts = [len([*folder.rglob("*.dcm")]) for folder in out.glob(f"*/{FOLDER}")]
            lost += any(count != 3 for count in counts) or len(counts) < done
    return Toll(rounds, acknowledged, lost)


def files_study(paths: list[Path]) -> str:
    """The study of instances."""
    return str(pydicom.dcmread(paths[0], stop_before_pixels=True).StudyInstanceUID)


def _opens(path: Path, sent: Path) -> bool:
    """Whether what is on the disk has the pixels that were sent."""
    return bool(pydicom.dcmread(path).PixelData == pydicom.dcmread(sent).PixelData)
