import contextlib
import hashlib
import json
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.session.journal import Journal
from kinecor.session.schema import APPLICATION_ID, script
from kinecor.session.store import Store, _digest
from tests.session.samples import tampering


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "down" / "1.2.3.kinecor"


def fill(path, count=5):
    with Store.open(path) as store:
        return [store.append("Anna", f"r{i % 2}", "set-notes/1", b'{"text":"%d"}' % i) for i in range(count)]


def test_what_was_appended_is_there_again(path):
    before = datetime.now(UTC).isoformat(timespec="microseconds")
    written = fill(path)
    after = datetime.now(UTC).isoformat(timespec="microseconds")
    with Store.open(path) as store:
        assert list(store.entries()) == written
        assert list(store.entries("r1")) == written[1::2]
        assert store.read_only_because is None
        assert store.verify() is None
        assert store.append("Ben", "r0", "set-notes/1", b"{}").number == 6
        assert store.verify() is None
    assert [one.number for one in written] == [1, 2, 3, 4, 5]
    assert all(before <= one.at <= after for one in written)


def test_a_file_damaged_while_it_is_open_is_reported_in_a_sentence(path):
    fill(path)
    with Store.open(path) as store:
        store._connection.execute("PRAGMA writable_schema = ON")
        store._connection.execute("UPDATE sqlite_master SET rootpage = 9999 WHERE name = 'entry'")
        store._connection.execute("PRAGMA schema_version = 77")
        for read in (store.entries, store.verify):
            with pytest.raises(KinecorError, match="can no longer be read"):
                read()
        with pytest.raises(KinecorError, match="can no longer be read"):
            Journal(store)


def test_an_empty_store_verifies(path):
    with Store.open(path) as store:
        assert store.entries() == ()
        assert store.verify() is None


def test_the_file_says_what_it_is(path):
    fill(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("SELECT strict FROM pragma_table_list WHERE name = 'entry'").fetchone() == (1,)
    connection.close()


def test_every_commit_waits_for_the_disk(path):
    with Store.open(path) as store:
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET actor = 'Eve' WHERE number = 2",
        "DELETE FROM entry WHERE number = 5",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT number, at, 'Eve', recording, kind, payload, digest, origin FROM entry",
        "INSERT INTO entry SELECT 99, at, actor, recording, kind, payload, digest, origin FROM entry LIMIT 1",
    ],
)
def test_nothing_written_is_changed_or_removed(path, statement):
    written = fill(path)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="entries"):
        connection.execute(statement)
    connection.close()
    with Store.open(path) as store:
        assert list(store.entries()) == written


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE entry SET actor = 'Eve' WHERE number = 3", 3),
        ("UPDATE entry SET at = '2020-01-01' WHERE number = 1", 1),
        ("UPDATE entry SET recording = 'r9' WHERE number = 5", 5),
        ("UPDATE entry SET payload = x'7b7d' WHERE number = 2", 2),
        ("UPDATE entry SET kind = 'set-notes/', payload = CAST('1' || payload AS BLOB) WHERE number = 2", 2),
        ("UPDATE entry SET digest = zeroblob(32) WHERE number = 4", 4),
        ("DELETE FROM entry WHERE number = 2", 2),
        ("DELETE FROM entry WHERE number = 1", 1),
    ],
)
def test_tampering_behind_the_triggers_shows(path, statement, first_bad):
    fill(path)
    with tampering(path) as connection:
        connection.execute(statement)
    with Store.open(path) as store:
        assert store.verify() == first_bad


def test_an_entry_forged_with_a_valid_digest_shows_in_the_next(path):
    before, forged, _ = fill(path)[1:4]
    fields = (forged.number, forged.at, "Eve", forged.recording_id, forged.kind, forged.payload, forged.origin)
    with tampering(path) as connection:
        connection.execute(
            "UPDATE entry SET actor = 'Eve', digest = ? WHERE number = 3", (_digest(before.digest, *fields),)
        )
    with Store.open(path) as store:
        assert store.verify() == 4


def test_a_second_window_may_look_but_not_write(path):
    with Store.open(path) as first:
        first.append("Anna", "r", "set-notes/1", b"{}")
        with Store.open(path) as second:
            assert "open in another window" in second.read_only_because
            assert second.entries() == first.entries()
            with pytest.raises(KinecorError, match="open in another window"):
                second.append("Ben", "r", "set-notes/1", b"{}")
        first.append("Anna", "r", "set-notes/1", b"{}")
        assert first.verify() is None
    with Store.open(path) as third:
        assert third.read_only_because is None


def test_another_process_is_held_off_and_leaves_no_lock_when_killed(path):
    script = (
        "import sys, pathlib\nfrom kinecor.session.store import Store\n"
        "store = Store.open(pathlib.Path(sys.argv[1]))\n"
        "store.append('Ben', 'r', 'set-notes/1', b'{}')\nprint('open', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout.readline() == "open\n"
        with Store.open(path) as store:
            assert "open in another window" in store.read_only_because
            assert len(store.entries()) == 1
        other.kill()
    with Store.open(path) as store:
        assert store.read_only_because is None
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == 2


def test_a_closed_store_refuses_in_a_sentence(path):
    store = Store.open(path)
    store.close()
    store.close()
    with pytest.raises(KinecorError, match="is closed"):
        store.append("Anna", "r", "set-notes/1", b"{}")


def test_a_newer_file_is_only_looked_at(path):
    written = fill(path)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    with Store.open(path) as store:
        assert "newer version" in store.read_only_because
        assert list(store.entries()) == written
        with pytest.raises(KinecorError, match="newer version"):
            store.append("Anna", "r", "set-notes/1", b"{}")


def test_a_file_interrupted_during_creation_is_created(path):
    path.parent.mkdir(parents=True)
    path.touch()
    fill(path, 1)
    half = path.with_name("half.kinecor")
    connection = sqlite3.connect(half)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    assert half.stat().st_size > 0
    with Store.open(half) as store:
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == 1


def foreign_text(path):
    path.write_text("minutes of the meeting\n" * 100)


def foreign_word(path):
    path.write_text("hello")


def foreign_database(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    connection.close()


def damaged_head(path):
    fill(path)
    content = bytearray(path.read_bytes())
    content[:64] = b"\0" * 64
    path.write_bytes(content)


def damaged_middle(path):
    with Store.open(path) as store:
        for _ in range(40):
            store.append("Anna", "r", "set-notes/1", os.urandom(2000))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    path.write_bytes(content)


def cut_short(path):
    with Store.open(path) as store:
        for _ in range(40):
            store.append("Anna", "r", "set-notes/1", os.urandom(2000))
    path.write_bytes(path.read_bytes()[: 4096 * 5])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (foreign_text, "not a readings file"),
        (foreign_word, "not a readings file"),
        (foreign_database, "belongs to another program"),
        (damaged_head, "not a readings file"),
        (damaged_middle, "is damaged"),
        (cut_short, "is damaged"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_and_left_as_it_is(path, spoil, words):
    path.parent.mkdir(parents=True)
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(KinecorError, match=words) as refused:
        Store.open(path)
    assert "away" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == before
    path.unlink()
    fill(path, 1)  # and no lock was left


def test_a_folder_in_its_place_is_refused(path):
    path.mkdir(parents=True)
    with pytest.raises(KinecorError, match="cannot be opened"):
        Store.open(path)


def test_a_folder_that_cannot_be_created_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(KinecorError, match="cannot be opened"):
        Store.open(tmp_path / "file" / "x.kinecor")


def test_a_full_disk_does_nothing_and_says_so(path):
    with Store.open(path) as store:
        first = store.append("Anna", "r", "set-notes/1", b"{}")
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(KinecorError, match="could not be saved"):
            store.append("Anna", "r", "set-notes/1", bytes(1_000_000))
        store._connection.execute("PRAGMA max_page_count = 1000000")
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == first.number + 1
        assert store.verify() is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_looked_at(path):
    written = fill(path)
    path.parent.chmod(0o555)
    try:
        with Store.open(path) as store:
            assert "may not be written" in store.read_only_because
            assert list(store.entries()) == written
    finally:
        path.parent.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_cannot_be_written_is_looked_at(path):
    written = fill(path)
    path.chmod(0o444)
    with Store.open(path) as store:
        assert "may not be written" in store.read_only_because
        assert list(store.entries()) == written


def test_a_copy_of_the_file_alone_holds_everything(path, tmp_path):
    written = fill(path)
    copy = tmp_path / "copy.kinecor"
    shutil.copy(path, copy)
    with Store.open(copy) as store:
        assert list(store.entries()) == written


def test_a_copy_made_while_the_file_is_open_holds_everything(path, tmp_path):
    with Store.open(path) as store:
        written = [store.append("Anna", "r", "set-notes/1", b"%d" % i) for i in range(5)]
        shutil.copy(path, tmp_path / "copy.kinecor")
    with Store.open(tmp_path / "copy.kinecor") as copy:
        assert list(copy.entries()) == written


def _removed(path, backup):
    shutil.rmtree(path.parent)


def _restored(path, backup):
    Path(shutil.copy(backup, path.with_name("restoring"))).replace(path)


@pytest.mark.skipif(os.name == "nt", reason="an open file can be neither removed nor replaced there")
@pytest.mark.parametrize("change", [_removed, _restored])
def test_an_edit_of_a_file_that_is_no_longer_there_is_refused(path, tmp_path, change):
    before = fill(path)
    backup = Path(shutil.copy(path, tmp_path / "backup"))
    with Store.open(path) as store:
        store.append("Anna", "r", "set-notes/1", b"{}")
        change(path, backup)
        with pytest.raises(KinecorError, match="replaced while it was open"):
            store.append("Anna", "r", "set-notes/1", b"{}")
        assert store.read_only_because
    if change is _restored:
        with Store.open(path) as store:
            assert list(store.entries()) == before


def test_the_log_of_another_file_is_set_aside_and_its_own_is_read(path, tmp_path):
    """A killed window leaves a log; restored next to it, a backup must not be overwritten with its entries."""
    fill(path, 40)
    backup = shutil.copy(path, tmp_path / "backup")
    path.unlink()
    with contextlib.closing(Store.open(path)) as store:
        # A reader holds the log open, so that it is not emptied.
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM entry").fetchone()
            store.append("Anna", "r", "set-notes/1", b"{}")
            log = path.with_name(path.name + "-wal").read_bytes()
        fill(own := tmp_path / "own" / path.name, 1)
        shutil.copy(path, own)
        own.with_name(own.name + "-wal").write_bytes(log)
    restored = tmp_path / "restored" / path.name
    restored.parent.mkdir()
    shutil.copy(backup, restored)
    restored.with_name(restored.name + "-wal").write_bytes(log)
    with Store.open(restored) as store:
        assert len(store.entries()) == 40
        assert store.verify() is None
    assert restored.with_name(restored.name + "-wal-of-another-file").read_bytes() == log
    with Store.open(own) as store:
        assert len(store.entries()) == 1


@pytest.mark.skipif(os.name == "nt", reason="rights are not by owner and group there")
def test_only_its_owner_may_read_a_new_file(path):
    with Store.open(path) as store:
        store.append("Anna", "r", "set-notes/1", b"{}")
        assert {one.stat().st_mode & 0o077 for one in path.parent.iterdir()} == {0}
    assert path.parent.stat().st_mode & 0o077 == 0


def version_1(path):
    """A file as version 1 wrote it: entries without their origin."""
    path.parent.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(script(1))
        before = b""
        for number in (1, 2):
            fields = (number, f"2025-01-0{number}T00:00:00.000000+00:00", "Anna", "r0", "set-notes/1", b'{"text":"a"}')
            before = _digest(before, *fields, "")
            connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", (*fields, before))


def test_a_file_of_version_1_is_read_unchanged_and_gets_origins_with_its_next_edit(path):
    version_1(path)
    before = path.read_bytes()
    with Store.open(path) as store:
        assert store.read_only_because is None
        assert [one.origin for one in store.entries()] == ["", ""]
        assert store.verify() is None
    assert path.read_bytes() == before
    with Store.open(path) as store:
        written = store.append("Ben", "r0", "set-notes/1", b"{}")
        assert store.verify() is None
    with Store.open(path) as store:
        assert [one.origin for one in store.entries()] == ["", "", written.origin]
        assert store.verify() is None
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)


def test_an_entry_says_who_was_logged_in_where_and_the_machines_own_clock(path, monkeypatch):
    monkeypatch.setenv("LOGNAME", "Eve")  # the account counts, not what its environment claims
    first, second = (json.loads(one.origin) for one in fill(path, 2))
    assert first["login"] == pwd.getpwuid(os.getuid()).pw_name
    assert first["host"] == socket.gethostname()
    assert (first["boot"], first["login"]) == (second["boot"], second["login"])
    assert first["uptime_s"] < second["uptime_s"]


def test_a_changed_origin_shows(path):
    fill(path)
    with tampering(path) as connection:
        connection.execute("UPDATE entry SET origin = NULL WHERE number = 4")
    with Store.open(path) as store:
        assert store.verify() == 4


def test_copies_of_a_killed_process_are_removed(path):
    fill(path, 1)
    path.with_name(path.name + "-wal").write_bytes(b"x")
    Store.open(path).close()
    digest = hashlib.sha256(path.name.encode()).hexdigest()[:12]
    left = path.with_name(f".log-{digest}-killed")
    left.mkdir()
    path.with_name(path.name + "-wal").write_bytes(b"x")
    Store.open(path).close()
    assert not left.exists()


def append_later(store, count, on_disk=None):
    return [store.append("model:a@1", "r", "set-notes/1", b"%d" % i, wait=False, on_disk=on_disk) for i in range(count)]


def test_what_does_not_wait_is_forced_to_the_disk_by_a_thread_in_its_order(path, monkeypatch):
    threads, forced = set(), []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (threads.add(threading.get_ident()), real(fd))[1])
    with Store.open(path) as store:
        written = append_later(store, 5, forced.append)
        assert list(store.entries()) == written
    assert forced == written
    assert len(threads) == 1
    assert threading.get_ident() not in threads
    with Store.open(path) as store:
        assert list(store.entries()) == written
        assert store.verify() is None


def test_an_edit_that_waits_comes_after_all_that_did_not(path):
    on_disk = []
    with Store.open(path) as store:
        append_later(store, 3, on_disk.append)
        last = store.append("Anna", "r", "set-notes/1", b"{}", on_disk=on_disk.append)
        assert [one.number for one in on_disk] == [1, 2, 3, 4]
        assert on_disk[-1] == last
        assert not path.with_name(path.name + "-wal").stat().st_size  # the file alone is complete


def test_the_log_is_emptied_after_an_edit_that_does_not_wait(path, tmp_path):
    with Store.open(path) as store:
        written = append_later(store, 3)
        store._finish_forcing()
        copy = tmp_path / "copy.kinecor"
        shutil.copyfile(path, copy)
        with Store.read(copy) as other:
            assert list(other.entries()) == written


def test_a_rollback_journal_waits_for_the_disk_always(path, monkeypatch):
    monkeypatch.setattr("kinecor.session.store.on_network", lambda _: True)
    on_disk = []
    with Store.open(path) as store:
        assert append_later(store, 2, on_disk.append) == on_disk
        assert store._forcing is None


def test_a_process_killed_before_the_log_is_forced_loses_no_entry(path):
    script_of_child = (
        "import os, sys, time; from pathlib import Path; from kinecor.session import store\n"
        "store._force_log = lambda path: time.sleep(60)\n"
        "opened = store.Store.open(Path(sys.argv[1]))\n"
        "for i in range(4): opened.append('model:a@1', 'r', 'set-notes/1', b'{}', wait=False)\n"
        "os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script_of_child, str(path)], check=False).returncode == -9
    with Store.open(path) as store:
        assert [one.number for one in store.entries()] == [1, 2, 3, 4]
        assert store.verify() is None
