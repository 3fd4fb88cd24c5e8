"""Two windows, or two computers, on one study: locks may not reach across a network, edits must not be lost."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.session import store as module
from kinecor.session.places import file_system, on_network
from kinecor.session.store import Store

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
