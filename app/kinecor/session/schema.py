"""What a study file may consist of, by version, and the limits under which one is read: it may be anybody's.

SQLite runs what a file's schema says: a view in the place of the table that never ends, a trigger that drops what is
inserted, a column that computes for minutes. So a file is opened only where its schema is one of those that a version
of Kinecor has written, under limits of length, depth and time (https://www.sqlite.org/security.html).
"""

import re
import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import Message, joined_by, message, verbatim

# "KINE" in the SQLite header marks our files.
APPLICATION_ID = 0x4B494E45
USER_VERSION = 2
"""2: entries have an origin. A file of version 1 gets the column at its next edit."""

_TRIGGERS: Final = (
    "CREATE TRIGGER entry_keeps BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END",
    "CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never removed'); END",
    # Also prevents INSERT OR REPLACE from replacing, which fires no DELETE trigger.
    """CREATE TRIGGER entry_follows BEFORE INSERT ON entry
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM entry)
BEGIN SELECT RAISE(ABORT, 'entries follow each other'); END""",
)
_ENTRY_1: Final = """CREATE TABLE entry (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    recording TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload BLOB NOT NULL,
    digest BLOB NOT NULL
) STRICT"""
_ENTRY_2: Final = _ENTRY_1.replace("digest BLOB NOT NULL", "digest BLOB NOT NULL,\n    origin TEXT")

STATEMENTS: Final[Mapping[int, tuple[str, ...]]] = {
    1: (_ENTRY_1, *_TRIGGERS),
    2: (_ENTRY_2, *_TRIGGERS),
}
"""What creates the file of each version: whoever adds a table adds a version."""
BEFORE: Final[Mapping[int, tuple[int, ...]]] = {2: (1,)}
"""Versions whose schema a file of this version may still have: an update was interrupted after its number was set."""

MAX_ENTRY_BYTES: Final = 64 << 20
"""Of one value; the largest entries, contours with their motion of a long stack, have some 10 MB."""
STEP_S: Final = 2.0
"""That SQLite may take for one answer, be it the check of a file or the next entry."""
CHECK_S: Final = 1.0
"""That looking for damage may take: what of a large file is not reached, the chain of digests checks as it is read."""
_HANDLER_EVERY: Final = 10_000
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_ENTRY_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 64,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 32,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 4,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 16,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 32,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 2,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
# What is looked at of a schema; those that are right are far smaller.
_MAX_OBJECTS: Final = 100
_MAX_SQL: Final = 20_000
_MAX_NAME: Final = 200
_MAX_NAMES: Final = 5
_COLUMNS: Final = frozenset({"number", "at", "actor", "recording", "kind", "payload", "digest"})


def script(version: int = USER_VERSION) -> str:
    """The SQL that creates an empty file of a version, whole or not at all."""
    statements = (
        f"PRAGMA application_id = {APPLICATION_ID}",
        f"PRAGMA user_version = {version}",
        *STATEMENTS[version],
    )
    return "\n".join(["BEGIN;", *(f"{statement};" for statement in statements), "COMMIT;"])


class Guard:
    """Limits of one connection: what it may be made to hold, and how long it may take.

    Args:
        connection: which; nothing was read through it yet.

    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._until_s = time.monotonic() + STEP_S
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        connection.set_progress_handler(self._is_late, _HANDLER_EVERY)
        # Functions named by a schema are those without effects; pages are examined before they are used.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA mmap_size = 0")

    def _is_late(self) -> int:
        return int(time.monotonic() > self._until_s)

    def allow(self, seconds: float = STEP_S) -> None:
        """Limit the next answer to a number of seconds from now; then `sqlite3.OperationalError` is raised."""
        self._until_s = time.monotonic() + seconds

    def check_pages(self, seconds: float = CHECK_S) -> None:
        """Look for damage in the structure of the file, at most for some time.

        Raises:
            sqlite3.DatabaseError: it is damaged.

        """
        # The progress handler is not asked within this check (SQLite before 3.41): another thread ends it.
        watch = threading.Timer(seconds, self._interrupt)
        watch.daemon = True
        watch.start()
        self.allow(seconds + STEP_S)
        try:
            answer: str = self._connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if not is_late(error):
                raise
            return
        finally:
            watch.cancel()
            watch.join()
            self.allow()
        if answer != "ok":
            raise sqlite3.DatabaseError(" ".join(answer.split()))

    def _interrupt(self) -> None:
        with suppress(sqlite3.Error):  # closed in between
            self._connection.interrupt()


def is_late(error: Exception) -> bool:
    """Whether an error says that the time allowed was over."""
    return getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT"


def too_slow(path: Path) -> Message:
    """What to say where a file does not answer within the time allowed."""
    return message(
        "Expected a study file that answers within {limit:g} s, {path} did not: it is damaged, made to keep a program "
        "busy, or on a disk that does not answer. It was not changed; use a backup of it.",
        limit=STEP_S,
        path=verbatim(str(path)),
    )


def check_schema(connection: sqlite3.Connection, path: Path) -> int:
    """The version of a file whose schema is one that Kinecor has written; 0 for a file without any content.

    Of a file of a newer version only what reading relies on is checked.

    Raises:
        KinecorError: the file belongs to another program, or has tables, views, triggers, indices or columns that
            Kinecor does not write.
        sqlite3.Error: it cannot be read.

    """
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    rows = connection.execute(
        f"SELECT substr(type, 1, {_MAX_NAME}), substr(name, 1, {_MAX_NAME}), substr(tbl_name, 1, {_MAX_NAME}), "
        f"CASE WHEN length(CAST(sql AS BLOB)) <= {_MAX_SQL} THEN sql END FROM sqlite_master LIMIT {_MAX_OBJECTS}"
    ).fetchall()
    if application != APPLICATION_ID and (application or rows):
        raise KinecorError(
            message("{path} belongs to another program. It was not changed; move it away.", path=verbatim(str(path)))
        )
    if not rows:
        return 0
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > USER_VERSION:
        unexpected = _unexpected_in_newer(connection, rows)
    else:
        layouts = [_layout(known) for known in (version, *BEFORE.get(version, ())) if known in STATEMENTS]
        unexpected = [] if set(map(_normal, rows)) in layouts else _unlike(rows, layouts)
    if unexpected:
        names = [verbatim(_printable(name)) for name in unexpected[:_MAX_NAMES]]
        raise KinecorError(
            message(
                "Expected the tables of a study file of Kinecor (version {version}) in {path}, they are others: "
                "{names}. It was not opened and not changed; ask whoever sent it for the file as Kinecor wrote it, or "
                "use a backup of it.",
                version=version,
                path=verbatim(str(path)),
                names=joined_by(", ", names),
            )
        )
    return version


_Row = tuple[object, object, object, object]


def _normal(row: _Row) -> _Row:
    """A row of the schema, with the white space of its SQL made equal: a column that was added is written otherwise."""
    kind, name, table, sql = row
    return kind, name, table, " ".join(re.sub(r"\s*([(),;])\s*", r"\1", sql).split()) if isinstance(sql, str) else sql


def _layout(version: int) -> set[_Row]:
    names = re.compile(r"CREATE (TABLE|TRIGGER) (\w+)")
    rows: set[_Row] = set()
    for statement in STATEMENTS[version]:
        match = names.match(statement)
        assert match is not None
        table = match[2] if match[1] == "TABLE" else re.findall(r" ON (\w+)", statement)[0]
        rows.add(_normal((match[1].lower(), match[2], table, statement)))
    return rows


def _unlike(rows: list[_Row], layouts: list[set[_Row]]) -> list[str]:
    """Names of what is there and should not be, is missing, or differs from what it should be."""
    if not layouts:
        return [str(name) for _, name, _, _ in rows]
    nearest = min(layouts, key=lambda layout: len(layout ^ set(map(_normal, rows))))
    return sorted({str(name) for _, name, _, _ in nearest ^ set(map(_normal, rows))})


def _unexpected_in_newer(connection: sqlite3.Connection, rows: list[_Row]) -> list[str]:
    """Names of what makes reading a newer version's file unsafe; it is only read, so its triggers never run."""
    names = [
        str(name)
        for kind, name, _, sql in rows
        if kind == "view" or (isinstance(sql, str) and re.match(r"\s*CREATE\s+VIRTUAL", sql, re.IGNORECASE))
    ]
    columns = connection.execute("PRAGMA table_xinfo(entry)").fetchall()
    if any(column[6] for column in columns) or not {column[1] for column in columns} >= _COLUMNS:
        names.append("entry")
    return names if len(rows) < _MAX_OBJECTS else [*names, *(str(name) for _, name, _, _ in rows)]


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:40]
