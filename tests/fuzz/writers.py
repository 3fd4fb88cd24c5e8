"""Several windows on one study: of one machine, of two that share a network folder, and killed while they have it."""

import random
import signal
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.disasters import Toll, holds, started
from tests.fuzz.places import EDITING, NetworkFolder, acknowledged_digests, digests, sftp_server


def two_windows(rounds: int, campaign: int) -> Toll:
    """Two programs want one study at once and are killed in turn: what either reported as done is in the file."""
    chance, done, lost = random.Random(campaign + 9), list[str](), 0
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as threads:
        path = Path(name) / "a.kinecor"
        for _ in range(rounds):
            editors = [started(EDITING, path, 10_000) for _ in range(2)]
            waits_s = [chance.uniform(0.05, 0.6) for _ in editors]
            done += [one for lines in threads.map(_lines_until_killed, editors, waits_s) for one in lines]
            ended = all(editor.returncode in (0, -signal.SIGKILL) for editor in editors)
            lost += not (ended and holds(path, len(done)) and set(done) <= digests(path))
    return Toll(rounds, len(done), lost)


def _lines_until_killed(editor: "subprocess.Popen[str]", wait_s: float) -> list[str]:
    """What an editor reported as done until it ended or was killed."""
    assert editor.stdout is not None
    with editor:
        lines = [editor.stdout.readline().strip() for _ in range(2)]  # the second is of the first edit
        killer = threading.Timer(wait_s, editor.send_signal, (signal.SIGKILL,))
        killer.start()
        lines += editor.stdout.read().splitlines()
        killer.join()
    return acknowledged_digests(lines)


def two_hosts(rounds: int, campaign: int) -> Toll:
    """Two machines write one study on a network folder, which does not tell them of each other's locks."""
    if sftp_server() is None:
        return Toll(0, 0, 0)
    chance, acknowledged, lost = random.Random(campaign + 10), 0, 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            source, places = folder / "source", [folder / "one", folder / "two"]
            for one in (source, *places):
                one.mkdir()
            with NetworkFolder(source, places[0]), NetworkFolder(source, places[1]):
                editors = []
                for place in places:
                    editors.append(started(EDITING, place / "a.kinecor", 60))
                    time.sleep(chance.uniform(0.0, 4.0))
                lines = [editor.communicate()[0].splitlines() for editor in editors]
            done = [one for each in lines for one in acknowledged_digests(each)]
            acknowledged += len(done)
            lost += not (
                all(editor.returncode == 0 for editor in editors)
                and holds(source / "a.kinecor", len(done))
                and set(done) <= digests(source / "a.kinecor")
            )
    return Toll(rounds, acknowledged, lost)
