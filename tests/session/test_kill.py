"""kill -9 in the middle of work loses nothing that was committed."""

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kinecor.core.values.track import Structure
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.session.samples import circle, first

ROUNDS = 5
SCRIPT = """
import sys
from pathlib import Path

from kinecor.core.values.track import Structure
from kinecor.session.edits import SetContours
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.session.samples import circle, first

journal = Journal(Store.open(Path(sys.argv[1])))
journal.open(first())
number = len(journal.history("1.2.3"))
while True:
    number += 1
    if number % 7 == 0:
        journal.undo("1.2.3", "Anna")
    else:
        journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number),)), "Anna")
    print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is a thing of POSIX systems")
def test_every_edit_reported_as_done_is_there_after_kill_9(tmp_path):
    path = tmp_path / "study.kinecor"
    chance = random.Random(9)
    committed = 0
    for _ in range(ROUNDS):
        with subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONPATH": "."},
        ) as worker:
            assert worker.stdout.readline(), "the worker ended before its first edit"
            killer = threading.Timer(chance.uniform(0.0, 0.25), worker.send_signal, (signal.SIGKILL,))
            killer.start()
            reported = [committed + 1, *map(int, worker.stdout.read().split())]
            killer.join()
        assert worker.returncode == -signal.SIGKILL
        with Store.open(path) as store:
            assert store.read_only_because is None
            assert store.verify() is None
            numbers = [one.number for one in store.entries()]
            # One more may have been written and not yet reported.
            assert reported[-1] <= len(numbers) <= reported[-1] + 1
            assert numbers == list(range(1, len(numbers) + 1))
            journal = Journal(store)
            reading = journal.open(first())
            last = next(one for one in reversed(journal.history("1.2.3")) if not one.undone and one.kind != "undo/1")
            drawn = reading.tracks[Structure.LV_ENDO].contours[1]
            assert drawn == circle(last.number)
            committed = len(numbers)
    assert committed > ROUNDS
