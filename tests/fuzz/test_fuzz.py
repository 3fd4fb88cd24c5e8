"""The short form of the campaign: some mutants of every format, a few disasters. Long form: python -m tests.fuzz."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import crafted, settings
from tests.fuzz.campaign import run
from tests.fuzz.disasters import (
    can_mount,
    full_backup,
    full_disk,
    killed,
    killed_backup,
    killed_export,
    lost_disk,
    replaced,
)
from tests.fuzz.killed_transfers import killed_copies, killed_receiver, killed_retrieval, killed_sender
from tests.fuzz.mutants import mutant
from tests.fuzz.places import can_fail, power_failure, sftp_server, vanished_network
from tests.fuzz.seeds import FORMATS, seed_of
from tests.fuzz.writers import two_hosts, two_windows

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
@pytest.mark.parametrize(
    "disaster",
    [killed, full_disk, replaced, killed_backup, full_backup, killed_export, killed_copies, two_windows],
)
def test_no_disaster_loses_an_acknowledged_edit(disaster):
    assert disaster(3, 11).lost == 0


@pytest.mark.slow
@pytest.mark.parametrize("disaster", [killed_receiver, killed_sender, killed_retrieval])
def test_no_killed_transfer_loses_an_instance(disaster):
    pytest.importorskip("pynetdicom")
    assert disaster(3, 11).lost == 0


@pytest.mark.slow
def test_a_disk_that_is_lost_loses_no_acknowledged_edit():
    if not can_mount():
        pytest.skip("no right to mount a disk here")
    assert lost_disk(3, 11)[::2] == (3, 0)


@pytest.mark.slow
def test_a_power_failure_loses_nothing_that_was_reported_as_done():
    if not can_fail():
        pytest.skip("no right to mount a disk here")
    assert power_failure(2, 11)[::2] == (2, 0)


@pytest.mark.slow
@pytest.mark.parametrize("disaster", [vanished_network, two_hosts])
def test_a_network_folder_loses_no_acknowledged_edit(disaster):
    if sftp_server() is None:
        pytest.skip("no sshfs here")
    assert disaster(2, 11)[::2] == (2, 0)


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
