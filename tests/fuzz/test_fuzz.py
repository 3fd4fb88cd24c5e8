"""The short form of the campaign: some mutants of every format, a few disasters. Long form: python -m tests.fuzz."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.campaign import run
from tests.fuzz.disasters import full_disk, killed, replaced
from tests.fuzz.mutants import mutant
from tests.fuzz.seeds import FORMATS, seed_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of memory and kill -9 are of POSIX systems")
EACH = 12
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_mutant_is_a_crash_a_hang_or_anything_but_a_sentence():
    bad = {name: tally.bad for name, tally, _ in run(7, lambda _name, done: done >= EACH) if tally.bad}
    assert not bad


def test_mutants_are_the_same_every_time():
    for name in FORMATS[:3]:
        assert seed_of(name) == seed_of(name)
        assert mutant(seed_of(name), 5, 7) == mutant(seed_of(name), 5, 7)
        assert mutant(seed_of(name), 5, 7) != mutant(seed_of(name), 6, 7)


@pytest.mark.slow
@pytest.mark.parametrize("disaster", [killed, full_disk, replaced])
def test_no_disaster_loses_an_acknowledged_edit(disaster):
    assert disaster(3, 11)[1] == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_working_at_the_window_holds_no_more_after_a_while_than_before():
    """The short form of `python -m tests.fuzz.soak`, in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzz.soak", "--seconds", "0", "--each", "2"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert json.loads(ended.stdout)["rounds"] >= 3
