"""Study files of others: what is not a schema of ours is refused before anything of it runs."""

import contextlib
import os
import sqlite3
import time

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.session import schema
from kinecor.session.audit import verify_file
from kinecor.session.journal import Journal
from kinecor.session.schema import APPLICATION_ID, STATEMENTS, USER_VERSION, script
from kinecor.session.store import Store
from tests.session.samples import first

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
EMPTY = "'' AS at, '' AS actor, '' AS recording, '' AS kind, x'' AS payload, x'' AS digest, '' AS origin"


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "1.2.3.kinecor"
    with Store.open(made) as store:
        for number in range(3):
            store.append("Anna", "r", "set-notes/1", b'{"text":"%d"}' % number)
    return made


@contextlib.contextmanager
def changing(path):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


CRAFTED = {
    "an endless view": [
        "ALTER TABLE entry RENAME TO kept",
        f"CREATE VIEW entry AS {ENDLESS} SELECT x AS number, {EMPTY} FROM c",
    ],
    "a trigger that swallows": ["CREATE TRIGGER more BEFORE INSERT ON entry BEGIN SELECT RAISE(IGNORE); END"],
    "a trigger that removes": [
        "DROP TRIGGER entry_stays",
        "CREATE TRIGGER more AFTER INSERT ON entry BEGIN DELETE FROM entry WHERE number = NEW.number; END",
    ],
    "no triggers": [f"DROP TRIGGER {name}" for name in ("entry_keeps", "entry_stays", "entry_follows")],
    "another table": ["CREATE TABLE more (a)"],
    "an index": ["CREATE INDEX more ON entry (length(printf('%*d', 1000000, number)))"],
    "a column that computes": ["ALTER TABLE entry ADD COLUMN more BLOB GENERATED ALWAYS AS (zeroblob(number)) VIRTUAL"],
    "version 0": ["PRAGMA user_version = 0"],
    "a view in a newer version": [
        f"PRAGMA user_version = {USER_VERSION + 7}",
        f"CREATE VIEW more AS {ENDLESS} SELECT x FROM c",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CRAFTED)
def test_a_file_of_another_schema_is_refused_at_once_and_left_as_it_is(path, name):
    with changing(path) as connection:
        for statement in CRAFTED[name]:
            connection.execute(statement)
    before, began_s = path.read_bytes(), time.process_time()
    for opened in (Store.read, Store.open):
        with pytest.raises(KinecorError, match=r"^Expected the tables .*others: .* use a backup") as refused:
            opened(path)
        assert "\n" not in str(refused.value)
    assert time.process_time() - began_s < 2
    assert path.read_bytes() == before


def test_names_of_a_crafted_schema_are_written_out(path):
    with changing(path) as connection:
        connection.execute('CREATE TABLE "\x1b[2J\nyes' + "x" * 5000 + '" (a)')
    with pytest.raises(KinecorError) as refused:
        Store.open(path)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize("version", STATEMENTS)
def test_the_file_of_each_version_is_accepted(tmp_path, version):
    path = tmp_path / "a.kinecor"
    with changing(path) as connection:
        connection.executescript(script(version))
    with Store.open(path) as store:
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == 1
    with Store.open(path) as store:
        assert store.read_only_because is None
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == 2


def test_an_update_that_was_interrupted_is_gone_on_with(tmp_path):
    path = tmp_path / "a.kinecor"
    with changing(path) as connection:
        connection.executescript(script(1))
        connection.execute("PRAGMA user_version = 2")
    with Store.open(path) as store:
        store.append("Anna", "r", "set-notes/1", b"{}")
        assert store.verify() is None


def test_an_edit_that_is_swallowed_while_the_file_is_open_is_not_acknowledged(path):
    with Store.open(path) as store:
        with changing(path) as connection:
            connection.execute("CREATE TRIGGER more BEFORE INSERT ON entry BEGIN SELECT RAISE(IGNORE); END")
        with pytest.raises(KinecorError, match="changed by another program"):
            store.append("Anna", "r", "set-notes/1", b"{}")
        assert store.last[0] == 3


def test_an_insert_without_effect_is_an_error(path):
    with Store.open(path) as store:
        store._connection.execute(
            "CREATE TEMP TRIGGER more BEFORE INSERT ON main.entry BEGIN SELECT RAISE(IGNORE); END"
        )
        with pytest.raises(KinecorError, match="not written"):
            store.append("Anna", "r", "set-notes/1", b"{}")
        store._connection.execute("DROP TRIGGER more")
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == 4


def test_what_does_not_answer_is_given_up(path):
    with Store.open(path) as store:
        store._guard.allow(0.2)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            store._connection.execute(f"{ENDLESS} SELECT max(x) FROM c").fetchone()


def test_a_check_for_damage_that_takes_too_long_is_given_up_and_the_file_goes_on(path):
    with Store.open(path) as store:
        for _ in range(20):
            store._guard.check_pages(0.0)
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == 4


def test_an_entry_beyond_the_limit_is_refused_and_the_file_goes_on(path):
    with Store.open(path) as store:
        with pytest.raises(KinecorError, match="64 MB at most"):
            store.append("Anna", "r", "set-notes/1", bytes(schema.MAX_ENTRY_BYTES + 1))
        assert store.append("Anna", "r", "set-notes/1", b"{}").number == 4


@pytest.mark.parametrize("payload", [b"[" * 100_000, b'{"a":' * 100_000, b'{"entry":' + b"9" * 5000 + b"}"])
@pytest.mark.parametrize("kind", ["set-notes/1", "several/1", "complete/1", "undo/1", "pixels/1"])
def test_deep_and_endless_json_is_refused_in_a_sentence(tmp_path, kind, payload):
    path = tmp_path / "a.kinecor"
    with Store.open(path) as store:
        store.append("Anna", "1.2.3", kind, payload)
        with pytest.raises(KinecorError):
            Journal(store).open(first())


def test_an_origin_without_end_is_no_clock(path):
    with changing(path) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE entry SET origin = ?", ("[" * 100_000,))
        for _, sql in triggers:
            connection.execute(sql)
    with Store.read(path) as store:
        assert "changed or removed" in verify_file(store).faults[0]


def test_a_number_at_the_end_of_what_can_be_counted(path):
    with changing(path) as connection:
        (follows,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_follows'").fetchone()
        connection.execute("DROP TRIGGER entry_follows")
        connection.execute("INSERT INTO entry VALUES (?, '', '', '', '', x'', x'', '')", ((1 << 63) - 1,))
        connection.execute(follows)
    with Store.open(path) as store, pytest.raises(KinecorError, match="could not be saved"):
        store.append("Anna", "r", "set-notes/1", b"{}")


def test_a_pipe_and_a_link_to_itself_are_refused(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names here")
    os.mkfifo(tmp_path / "pipe.kinecor")
    (tmp_path / "link.kinecor").symlink_to("link.kinecor")
    for name in ("pipe", "link"):
        for opened in (Store.read, Store.open):
            with pytest.raises(KinecorError, match="expected a file"):
                opened(tmp_path / f"{name}.kinecor")


def test_a_schema_whose_names_are_no_text_is_refused(path):
    with changing(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET name = CAST(x'656eb6' AS TEXT), sql = CAST(x'43b6' AS TEXT)")
    for opened in (Store.read, Store.open):
        with pytest.raises(KinecorError):
            opened(path)


def test_the_mark_of_our_files_is_the_same_as_ever():
    assert APPLICATION_ID == 0x4B494E45
