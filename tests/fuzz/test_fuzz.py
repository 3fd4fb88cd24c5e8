"""The short form of the campaign: some mutants of every format, a few disasters. Long form: python -m tests.fuzz."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import crafted, settings
from tests.fuzz.campaign import run
from tests.fuzz.kills import DISASTERS, Disaster
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
@pytest.mark.parametrize("disaster", [one for one in DISASTERS if one.short_rounds], ids=lambda one: one.title)
def test_no_disaster_loses_what_was_reported_as_done(disaster: Disaster):
    """The short form of `python -m tests.fuzz.kills`."""
    if why := disaster.missing():
        pytest.skip(why)
    assert disaster.happens(disaster.short_rounds, 11)[::2] == (disaster.short_rounds, 0)


@pytest.mark.slow
def test_no_crafted_study_file_hangs_crashes_or_swallows_an_edit(tmp_path):
    """The short form of `python -m tests.fuzz.crafted`, without its limit of time."""
    from tests.fuzz.crafted_worker import examine

    crafted.sound(tmp_path / "sound.kinecor")
    source = (tmp_path / "sound.kinecor").read_bytes()
    for number in range(40):
        folder = tmp_path / str(number)
        (folder / "backup").mkdir(parents=True)
        kind = crafted.craft(folder / "a.kinecor", number, 7, source)
        outcome, words, took_s = examine(folder / "a.kinecor", folder / "backup")
        assert outcome in ("same", "refused", "marked"), (kind, number, words)
        assert took_s < 5, (kind, number)


@pytest.mark.parametrize("kind", settings.KINDS)
def test_no_settings_file_is_anything_but_read_or_refused_in_a_sentence(kind, tmp_path, monkeypatch):
    """The short form of `python -m tests.fuzz.settings`."""
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path))
    for number in range(40):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome, words, _ = settings.examine(kind, number, 7, folder)
        assert outcome != "fault", (number, words)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_working_at_the_window_holds_no_more_after_a_while_than_before():
    """The short form of `python -m tests.fuzz.soak`, in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzz.soak", "--seconds", "0", "--each", "2"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert json.loads(ended.stdout)["rounds"] >= 3
