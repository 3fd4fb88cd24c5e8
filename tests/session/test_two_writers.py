"""Two windows, or two computers, on one study: locks may not reach across a network, edits must not be lost."""

import contextlib
import errno
import json
import os
import sqlite3
from pathlib import Path

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.session import claims
from kinecor.session import store as module
from kinecor.session.claims import Claim, claim_file
from kinecor.session.places import file_system, locks_reach_others, on_network
from kinecor.session.store import Store, WriterLock

MOUNTS = """22 1 0:20 / / rw - ext4 /dev/sda1 rw
30 22 0:30 / /mnt rw - ext4 /dev/sdb1 rw
31 30 0:31 / /mnt/with\\040space rw,relatime shared:5 - nfs4 server:/x rw
32 22 0:32 / /home/anna/share rw - cifs //server/share rw
33 32 0:33 / /home/anna/share/local rw - tmpfs tmpfs rw
"""


@pytest.fixture(params=["WAL", "DELETE"])
def path(tmp_path, monkeypatch, request):
    """Of a study on a drive where locks of another computer are not seen."""
    monkeypatch.setattr(module, "_lock", lambda descriptor: None)
    monkeypatch.setattr(module, "on_network", lambda path: request.param == "DELETE")
    return tmp_path / "1.2.3.kinecor"


def append(store, actor):
    return store.append(actor, "r", "set-notes/1", b'{"text":"%s"}' % actor.encode())


def test_the_second_writer_is_refused_and_nothing_acknowledged_is_lost(path):
    with Store.open(path) as here, Store.open(path) as there:
        acknowledged = [append(here, "Anna"), append(here, "Anna")]
        for _ in range(2):
            with pytest.raises(KinecorError, match=r"on another computer.*Open the study again"):
                append(there, "Ben")
        acknowledged.append(append(here, "Anna"))
        with Store.open(path) as again:
            acknowledged.append(append(again, "Ben"))
        with pytest.raises(KinecorError, match="on another computer"):
            append(here, "Anna")
    with Store.read(path) as store:
        assert list(store.entries()) == acknowledged
        assert store.verify() is None


def test_edits_of_two_writers_by_turns_are_all_there_or_refused(path):
    """However they alternate, the file holds what was acknowledged, in order, and no more."""
    acknowledged = []
    for turn in range(6):
        with contextlib.ExitStack() as stack:
            stores = [stack.enter_context(Store.open(path)) for _ in range(2)]
            for number in range(4):
                with contextlib.suppress(KinecorError):
                    acknowledged.append(append(stores[(number + turn) % 2], "AB"[number % 2]))
    with Store.read(path) as store:
        assert list(store.entries()) == acknowledged
        assert len(acknowledged) == 6 * 2


def test_a_network_drive_has_no_log_in_shared_memory(path):
    with Store.open(path) as store:
        append(store, "Anna")
        mode = store._connection.execute("PRAGMA journal_mode").fetchone()[0]
        network = module.on_network(path)
        assert mode == ("delete" if network else "wal")
        assert path.with_name(path.name + "-wal").exists() is not network
    if network:
        # A file that was written locally is taken over.
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        with Store.open(path) as store:
            assert store._connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
            assert append(store, "Anna").number == 2


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/mnt/with space/a/b.kinecor", "nfs4"),
        ("/mnt/with", "ext4"),
        ("/home/anna/share/x", "cifs"),
        ("/home/anna/share/local/x", "tmpfs"),
        ("/home/anna/shared", "ext4"),
    ],
)
def test_the_file_system_of_a_path(place, kind):
    assert file_system(Path(place), MOUNTS) == kind


def test_a_folder_of_this_computer_is_none_of_the_network(tmp_path):
    assert on_network(tmp_path / "a.kinecor") is False
    assert file_system(Path("/a"), "nonsense\n1 2 3\n") == ""


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """Of a study on a folder whose locks other computers do not see."""
    monkeypatch.setattr(module, "locks_reach_others", lambda path: False)
    return tmp_path / "1.2.3.kinecor"


def claim_by(path, **other):
    """A claim as another program has left it."""
    claim_file(path).write_text(json.dumps(claims._own() | other), encoding="utf-8")


def test_where_locks_stay_on_a_computer_a_claim_keeps_others_out_until_it_is_closed(alone):
    with Store.open(alone) as store:
        append(store, "Anna")
        assert claim_file(alone).exists()
    assert not claim_file(alone).exists()
    claim_by(alone, host="theatre-2", machine="another")
    with Store.open(alone) as store:
        assert "open on the computer theatre-2" in str(store.read_only_because)
        assert len(store.entries()) == 1
        with pytest.raises(KinecorError, match=r"remove 1\.2\.3\.kinecor\.open"):
            append(store, "Ben")
    assert claim_file(alone).exists()
    claim_file(alone).unlink()
    with Store.open(alone) as store:
        append(store, "Ben")


@pytest.mark.parametrize("other", [{"boot": "an earlier start"}, {"process": "4194305 1"}])
def test_a_claim_of_a_program_of_this_computer_that_was_killed_is_taken_over(alone, other):
    claim_by(alone, **other)
    with Store.open(alone) as store:
        assert store.read_only_because is None
        append(store, "Anna")


@pytest.mark.parametrize("content", ["", "nonsense", "[]", "{}", "[" * 100_000, '{"process": 7}'])
def test_a_claim_that_says_nothing_is_taken_for_one_of_another_computer(alone, content):
    with Store.open(alone) as store:
        append(store, "Anna")
    claim_file(alone).write_text(content, encoding="utf-8")
    assert isinstance(Claim.take(alone), str)
    with Store.open(alone) as store:
        assert "open on the computer ?" in str(store.read_only_because)


def test_a_program_that_runs_here_keeps_its_claim_also_from_another_mount(alone):
    claim = Claim.take(alone)
    assert isinstance(claim, Claim)
    assert isinstance(Claim.take(alone), str)
    claim.release()
    claim.release()
    assert isinstance(Claim.take(alone), Claim)


def test_which_folders_keep_locks_to_themselves(monkeypatch, tmp_path):
    from kinecor.session import places

    mounts = tmp_path / "mounts"
    monkeypatch.setattr(places, "_MOUNTS", mounts)
    found = {}
    for kind in ("ext4", "nfs4", "cifs", "fuse.sshfs", "fuse.rclone", "davfs", "fuse.ceph"):
        mounts.write_text(f"22 1 0:20 / / rw - {kind} x rw\n", encoding="utf-8")
        found[kind] = locks_reach_others(tmp_path / "a.kinecor")
    assert [kind for kind, reach in found.items() if not reach] == ["fuse.sshfs", "fuse.rclone", "davfs"]


def test_a_lock_whose_folder_has_gone_is_let_go_without_a_word(tmp_path):
    """As on a network folder whose server has died: closing the file fails."""
    lock = WriterLock.take(tmp_path / "a.kinecor")
    os.close(lock._descriptor)
    lock.release()
    again = WriterLock.take(tmp_path / "a.kinecor")
    assert again is not None
    again.release()


def test_a_folder_that_cannot_be_reached_is_named_so(path, monkeypatch):
    with Store.open(path) as store:
        append(store, "Anna")
        real = Path.stat

        def stat(self, **how):
            if self == path:
                raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")
            return real(self, **how)

        monkeypatch.setattr(Path, "stat", stat)
        with pytest.raises(KinecorError, match=r"cannot be reached any more \(Transport endpoint"):
            append(store, "Anna")
        monkeypatch.undo()
    with Store.read(path) as store:
        assert len(store.entries()) == 1
