"""The file of one study: a list of entries that only grows.

SQLite in WAL mode (on network drives with a rollback journal) and synchronous=FULL: an entry is on the disk when
`append` returns, and survives kill -9 and power loss. The log is emptied after each entry, so that the file alone is
complete: a copy of it is a backup, and a backup put in its place is not overwritten by a log of the file before. What a
model concludes can be computed again: `append(..., wait=False)` writes it, and a thread of the store forces it to the
disk, so that the thread that draws waits for no disk (decision 0199).
Triggers refuse every change of what was written; a digest chained over the entries reveals one that was made by other
means, and each entry is signed by a key of the user (`keys`). It is evidence, not protection. The right to write is an
operating system lock, so that no lock outlives its process.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.message import Message, message, verbatim
from kinecor.session import keys, schema
from kinecor.session.claims import Claim, claim_file
from kinecor.session.places import locks_reach_others, on_network
from kinecor.session.schema import USER_VERSION, Guard, check_schema, is_late, too_slow

# A DICOM UID: safe as a file name on every system, and the name a person would look for.
_UID = re.compile(r"[0-9](?:[0-9.]{0,62}[0-9])?")


def readings_folder() -> Path:
    """The folder of all readings of this user: $KINECOR_DATA_DIR, else the system's place for user data."""
    chosen = os.environ.get("KINECOR_DATA_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("kinecor", appauthor=False)) / "readings"


def log_file() -> Path:
    """Path of the log file: KINECOR_DATA_DIR if set, else the system's folder for logs."""
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_log_dir("kinecor", appauthor=False)
    return Path(folder) / "kinecor.log"


def study_file(study_id: str) -> Path:
    """The file (*.kinecor) of one study; nothing is created.

    Different ids never share a file, on any file system: an id that is not a plain UID gets a digest in its name.

    Raises:
        ValueError: the id is empty.

    """
    if not study_id:
        raise ValueError("a study needs an id before its reading can be stored")
    if _UID.fullmatch(study_id):
        name = study_id
    else:
        digest = hashlib.sha256(study_id.encode("utf-8", "surrogatepass")).hexdigest()[:20]
        text = re.sub(r"[^a-z0-9]+", "-", study_id.lower()).strip("-")[:40].rstrip("-")
        name = f"{text or 'study'}-{digest}"
    return readings_folder() / f"{name}.kinecor"


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl
    import pwd

    def _lock(descriptor: int) -> None:
        # Not fcntl.lockf: it would not exclude a second window of the same process.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_SCHEMA = schema.script()
_BUSY_S = 5
_ENTRY_PREFIX = b"kinecor entry 1\n"
"""Before what is signed of an entry, so that the signature means nothing elsewhere."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row of the file.

    Attributes:
        number: 1, 2, 3, ...
        at: time of writing, UTC, ISO 8601 with microseconds.
        actor: a person, or "model:NAME@VERSION+SHA".
        recording_id: the recording it is about.
        kind: a stable tag with a version, e.g. "set-contours/1".
        payload: JSON.
        digest: sha256 over the digest before it, all of the above, and the origin where there is one.
        origin: JSON: who was logged in at which machine, its clock since it started, and the signature of the entry
            by the user's key; "" in older files.

    """

    number: int
    at: str
    actor: str
    recording_id: str
    kind: str
    payload: bytes
    digest: bytes
    origin: str = ""


class WriterLock:
    """The right to write a file, until `release` or the end of the process, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor
        self.claim: Claim | None = None
        """Besides the lock, where other computers do not see it."""

    @classmethod
    def take(cls, path: Path) -> "WriterLock | None":
        """The right to write `path`, or None where another window has it.

        The lock is on a small file next to `path` that stays there: on `path` itself it would conflict with SQLite's
        own locks, and removing the file again would let two windows hold different ones.

        Raises:
            OSError: the folder cannot be written.

        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(path.with_name(path.name + ".lock"), flags, 0o600)
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError | PermissionError):
                return None
            raise
        return cls(descriptor)

    def share_with_children(self) -> None:
        """Processes started later with `close_fds=False` have the right too, until the last one ends (POSIX)."""
        if self._descriptor is not None:
            os.set_inheritable(self._descriptor, True)

    def release(self) -> None:
        """Lets others write; releasing twice is no error."""
        if self.claim is not None:
            self.claim.release()
            self.claim = None
        if self._descriptor is not None:
            # Of a network folder that has gone it fails, and has let the lock go all the same.
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
            self._descriptor = None


def moment_of(at: str) -> datetime | None:
    """The time of an entry; None for a text that Kinecor does not write, or a year that not every zone can show.

    Args:
        at: of an entry.

    """
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return moment if MINYEAR < moment.year < MAXYEAR else None


class Chain:
    """Follows entries from the first on; `broken_at` is the number where one is missing or was changed, or None."""

    def __init__(self) -> None:
        self.broken_at: int | None = None
        self._before = b""
        self._expected = 1

    def holds(self, entry: StoredEntry) -> bool:
        """Check the next entry; False from the first one on that does not follow the one before it."""
        if self.broken_at is None:
            fields = (entry.number, entry.at, entry.actor, entry.recording_id, entry.kind, entry.payload, entry.origin)
            follows = entry.number == self._expected and entry.digest == _digest(self._before, *fields)
            if not follows or moment_of(entry.at) is None:
                self.broken_at = self._expected
            self._before, self._expected = entry.digest, self._expected + 1
        return self.broken_at is None


class Store:
    """An open study file; use from one thread. `with Store.open(path) as store: ...` closes it."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        guard: Guard,
        lock: WriterLock | None,
        reason: Message | None,
    ) -> None:
        self.path = path
        self.read_only_because = reason
        """Why nothing can be written, in one sentence, or None."""
        self._connection = connection
        self._guard = guard
        self._lock = lock
        self._place = _identity(path)
        self._has_origin = _has_origin(connection)
        self._schema_cookie = _schema_cookie(connection)
        # A write-ahead log stays consistent however late it is forced to the disk; a rollback journal does not.
        self._has_log = connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        self._forcing: ThreadPoolExecutor | None = None
        self._forced: Future[None] | None = None
        guard.allow()
        self._number, self._digest = _last(connection)

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Opens or creates the file; read-only where another window has it open or it may not be written.

        Raises:
            KinecorError: the file is damaged, is not one of Kinecor's, or cannot be created. It is left unchanged.

        """
        path = Path(path)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise KinecorError(
                message(
                    "The readings file {path} cannot be opened: {reason}.",
                    path=verbatim(str(path)),
                    reason=verbatim(error.strerror or str(error)),
                )
            ) from error
        lock, reason = _right_to_write(path)
        try:
            _check_regular(path)
            if lock:
                _set_foreign_log_aside(path)
                _made_private(path)
            return cls._opened(path, lock, reason)
        except BaseException:
            if lock:
                lock.release()
            raise

    @classmethod
    def read(cls, path: Path) -> "Store":
        """Opens a file that exists to read it, whether or not a window has it open.

        Raises:
            KinecorError: the file is damaged or is not one of Kinecor's.

        """
        path = Path(path)
        return cls._opened(path, None, message("{file} was opened to be read.", file=verbatim(path.name)))

    @classmethod
    def _opened(cls, path: Path, lock: WriterLock | None, reason: Message | None) -> "Store":
        connection = None
        try:
            _check_regular(path)
            connection = _connect(path, reason is None)
            guard = Guard(connection)
            version = _check(connection, guard, path, reason is None)
            if version > USER_VERSION and reason is None:
                reason = message(
                    "{file} was written by a newer version of Kinecor: it is read-only here.",
                    file=verbatim(path.name),
                )
            return cls(path, connection, guard, lock, reason)
        except (sqlite3.Error, UnicodeError, KinecorError) as error:  # names in a damaged file are no text
            if connection:
                connection.close()
            if isinstance(error, KinecorError):
                raise
            raise KinecorError(_why_not_opened(path, error)) from error

    @property
    def last(self) -> tuple[int, bytes]:
        """Number and digest of the last entry; 0 and b"" where there is none."""
        return self._number, self._digest

    @property
    def last_at(self) -> str:
        """When the last entry was written (UTC, ISO 8601); "" where there is none."""
        self._guard.allow()
        row = self._connection.execute("SELECT at FROM entry NOT INDEXED ORDER BY number DESC LIMIT 1").fetchone()
        return str(row[0]) if row else ""

    def append(
        self,
        actor: str,
        recording_id: str,
        kind: str,
        payload: bytes,
        *,
        wait: bool = True,
        on_disk: Callable[[StoredEntry], None] | None = None,
    ) -> StoredEntry:
        """Writes one entry; it is on the disk when this returns, with all before it.

        Args:
            actor: see StoredEntry.
            recording_id: see StoredEntry.
            kind: see StoredEntry.
            payload: see StoredEntry.
            wait: where False, the entry is written to the log, which a thread forces to the disk afterwards. A process
                that is killed loses nothing; power that fails in between takes the entry with it, and leaves those
                before it. On a network drive this waits as always.
            on_disk: called with the entry once it is on the disk, in the order of the entries; by that thread where
                `wait` is False.

        Raises:
            KinecorError: the store is read-only or closed, or the disk refuses.

        """
        wait = wait or not self._has_log
        if wait:
            self._finish_forcing()
        stored = self._written(actor, recording_id, kind, payload, wait=wait)
        if not wait:
            self._force(stored, on_disk)
            return stored
        _empty_log(self._connection)
        if on_disk is not None:
            on_disk(stored)
        return stored

    def _written(self, actor: str, recording_id: str, kind: str, payload: bytes, *, wait: bool) -> StoredEntry:
        """Write one entry to the log, and `wait` until that is on the disk."""
        if self.read_only_because:
            raise KinecorError(self.read_only_because)
        if self._place != _identity(self.path):
            # Its folder was removed, or a backup was put in its place: this connection writes to a file without name.
            self.read_only_because = _why_gone(self.path)
            raise KinecorError(self.read_only_because)
        number, at = self._number + 1, datetime.now(UTC).isoformat(timespec="microseconds")
        fields = (number, at, actor, recording_id, kind, payload)
        origin = _signed(origin_now(), self._digest, fields)
        digest = _digest(self._digest, *fields, origin)
        self._guard.allow(_BUSY_S + schema.STEP_S)
        try:
            with self._synchronous(wait), self._transaction():
                self._check_unchanged()
                if not self._has_origin:
                    # In this order: interrupted in between, earlier versions only read the file, and this one goes on.
                    self._connection.execute(f"PRAGMA user_version = {USER_VERSION}")
                    self._connection.execute("ALTER TABLE entry ADD COLUMN origin TEXT")
                inserted = self._connection.execute(
                    "INSERT INTO entry (number, at, actor, recording, kind, payload, digest, origin) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (number, at, actor, recording_id, kind, payload, digest, origin),
                )
                if inserted.rowcount != 1 or _last(self._connection) != (number, digest):
                    raise sqlite3.IntegrityError("the entry was not written")
        except (sqlite3.Error, UnicodeError, OverflowError) as error:  # of a number that is no longer one of SQLite
            raise KinecorError(
                message(
                    "The last edit could not be saved to {path} ({error}): it was not applied. {remedy}",
                    path=verbatim(str(self.path)),
                    error=verbatim(str(error)),
                    remedy=_way_out(error),
                )
            ) from error
        if not self._has_origin:
            self._has_origin, self._schema_cookie = True, _schema_cookie(self._connection)
        self._number, self._digest = number, digest
        return StoredEntry(number, at, actor, recording_id, kind, payload, digest, origin)

    @contextlib.contextmanager
    def _synchronous(self, full: bool) -> Iterator[None]:
        """Within, what is written waits for the disk only if `full`."""
        if full:
            yield
            return
        self._connection.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self._connection.execute("PRAGMA synchronous = FULL")

    def _force(self, stored: StoredEntry, on_disk: Callable[[StoredEntry], None] | None) -> None:
        """Have the log forced to the disk and emptied by a thread; `on_disk` then gets the entry."""
        if self._forcing is None:
            self._forcing = ThreadPoolExecutor(1, thread_name_prefix="kinecor-store")
        path = self.path

        def work() -> None:
            _force_log(path)
            if on_disk is not None:
                on_disk(stored)
            _empty_log_apart(path)

        self._forced = self._forcing.submit(work)

    def _finish_forcing(self) -> None:
        """Wait until all that was written without waiting is on the disk."""
        if self._forced is not None:
            self._forced.result()  # of the last: one thread does them in their order
            self._forced = None

    def receive(self, entries: Sequence[StoredEntry]) -> None:
        """Writes entries that were written elsewhere behind those that are here, as they are: all of them, or none.

        Args:
            entries: the first follows the last one that is here.

        Raises:
            KinecorError: the store is read-only or closed, they do not follow, or the disk refuses.

        """
        self._finish_forcing()
        if self.read_only_because:
            raise KinecorError(self.read_only_because)
        number, before = self.last
        for entry in entries:
            number += 1
            fields = (entry.number, entry.at, entry.actor, entry.recording_id, entry.kind, entry.payload, entry.origin)
            if entry.number != number or entry.digest != _digest(before, *fields):
                raise KinecorError(message("Expected entries that follow those of the file, these do not"))
            before = entry.digest
        self._guard.allow(float("inf"))
        try:
            with self._transaction():
                self._check_unchanged()
                if not self._has_origin:
                    self._connection.execute(f"PRAGMA user_version = {USER_VERSION}")
                    self._connection.execute("ALTER TABLE entry ADD COLUMN origin TEXT")
                self._connection.executemany(
                    "INSERT INTO entry (number, at, actor, recording, kind, payload, digest, origin) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        (
                            entry.number,
                            entry.at,
                            entry.actor,
                            entry.recording_id,
                            entry.kind,
                            entry.payload,
                            entry.digest,
                            entry.origin,
                        )
                        for entry in entries
                    ],
                )
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            raise KinecorError(
                message(
                    "A study that arrived could not be saved to {path} ({error}). {remedy}",
                    path=verbatim(str(self.path)),
                    error=verbatim(str(error)),
                    remedy=_way_out(error),
                )
            ) from error
        if not self._has_origin:
            self._has_origin, self._schema_cookie = True, _schema_cookie(self._connection)
        _empty_log(self._connection)
        self._number, self._digest = number, before

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All that the block writes is in the file when it is left, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # some errors have ended it already
                self._connection.execute("ROLLBACK")
            raise

    def _check_unchanged(self) -> None:
        """Refuse an edit where another program has written entries or changed the schema since the file was opened.

        Raises:
            KinecorError: it has; the store is read-only from then on.

        """
        if _schema_cookie(self._connection) == self._schema_cookie and _last(self._connection) == self.last:
            return
        self.read_only_because = message(
            "{path} was changed by another program or on another computer while it was open here: the last edit was "
            "not saved. Open the study again to go on with what is in the file now.",
            path=verbatim(str(self.path)),
        )
        raise KinecorError(self.read_only_because)

    def entries(self, recording_id: str | None = None) -> tuple[StoredEntry, ...]:
        """All entries in order, or those of one recording.

        Raises:
            KinecorError: the file can no longer be read.

        """
        return tuple(self.rows(recording_id))

    def rows(self, recording_id: str | None = None) -> Iterator[StoredEntry]:
        """As `entries`, one at a time, for files larger than memory.

        Raises:
            KinecorError: the file can no longer be read.

        """
        where, values = ("WHERE recording = ?", (recording_id,)) if recording_id is not None else ("", ())
        query = f"{_entries(self._connection)} {where} ORDER BY number"
        before = 0
        try:
            self._guard.allow()
            cursor = self._connection.execute(query, values)
            while (row := cursor.fetchone()) is not None:
                entry = StoredEntry(*row)
                # Pages that lead back to themselves would give the same entries for ever.
                if entry.number <= before:
                    raise sqlite3.DatabaseError(f"entry {entry.number} comes after entry {before}")
                before = entry.number
                yield entry
                self._guard.allow()
        except (sqlite3.Error, UnicodeError) as error:
            raise KinecorError(
                too_slow(self.path)
                if is_late(error)
                else message(
                    "The readings file {path} can no longer be read: {error}.",
                    path=verbatim(str(self.path)),
                    error=verbatim(str(error)),
                )
            ) from error

    def authors_and_kinds(self) -> Iterator[tuple[str, str]]:
        """Actor and kind of each entry in order; payloads, which are nearly all of the file, are not read.

        Raises:
            KinecorError: the file can no longer be read.

        """
        try:
            self._guard.allow()
            yield from self._connection.execute("SELECT actor, kind FROM entry NOT INDEXED ORDER BY number")
        except (sqlite3.Error, UnicodeError) as error:
            raise KinecorError(_why_not_opened(self.path, error)) from error

    def verify(self) -> int | None:
        """The number of the first entry that is missing or was changed after it was written, or None.

        Entries removed from the very end leave no trace.

        Raises:
            KinecorError: the file can no longer be read.

        """
        chain = Chain()
        return next((chain.broken_at for row in self.rows() if not chain.holds(row)), None)

    def copy_to(self, path: Path) -> None:
        """Write all entries that are saved now to a file that is new or empty, whether or not a window writes.

        Raises:
            KinecorError: either file cannot be read or written.

        """
        try:
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
                self._guard.allow(float("inf"))
                self._connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file that stands alone
        except sqlite3.Error as error:
            raise KinecorError(
                message(
                    "{path} could not be copied ({error}): {remedy}",
                    path=verbatim(str(self.path)),
                    error=verbatim(str(error)),
                    remedy=_way_out(error),
                )
            ) from error

    def close(self) -> None:
        """Closes the file and lets another window write it; closing twice is no error."""
        if self._forcing is not None:
            self._forcing.shutdown(wait=True)
            self._forcing = self._forced = None
        self._connection.close()
        if self._lock:
            self._lock.release()
            self._lock = None
        self.read_only_because = self.read_only_because or message("{file} is closed.", file=verbatim(self.path.name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def login() -> str:
    """The system's account that runs the program, whatever its environment claims; "" where the system names none."""
    return _here()[0]


def origin_now() -> str:
    """Who is logged in, at which machine, and its clock since it started, which setting the time does not change."""
    login, host, boot = _here()
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    uptime_s = time.clock_gettime(clock) if clock is not None else time.monotonic()
    return json.dumps({"login": login, "host": host, "boot": boot, "uptime_s": round(uptime_s, 6)})


_Fields = tuple[int, str, str, str, str, bytes]
"""Number, time, actor, recording, kind and payload of an entry."""


def _signed(origin: str, before: bytes, fields: _Fields) -> str:
    """The origin with the signature of the entry; without one where there is no key: an edit never fails for it."""
    try:
        key = keys.own_keys()[0]
    except KinecorError as error:
        log.warning("an entry is not signed: %s", error)
        return origin
    signature = key.sign(_ENTRY_PREFIX + _digest(before, *fields, origin))
    return json.dumps(json.loads(origin) | {"key": key.public, "signature": signature})


def signature_of(before: bytes, entry: StoredEntry) -> tuple[str, str, bytes] | None:
    """Public key, signature and what is signed of an entry; None where it is not signed.

    Args:
        before: the digest of the entry before it; b"" for the first.
        entry: as stored.

    """
    try:
        origin = json.loads(entry.origin)
        key, signature = str(origin.pop("key")), str(origin.pop("signature"))
    except UNREADABLE:
        return None
    fields = (entry.number, entry.at, entry.actor, entry.recording_id, entry.kind, entry.payload)
    return key, signature, _ENTRY_PREFIX + _digest(before, *fields, json.dumps(origin))


@cache
def _here() -> tuple[str, str, str]:
    """Login by the system's account, not by its environment; machine; what tells starts of the system apart."""
    try:
        if sys.platform == "win32":
            login = os.getlogin()
        else:
            login = pwd.getpwuid(os.getuid()).pw_name
    except (OSError, KeyError):
        login = str(os.getuid()) if hasattr(os, "getuid") else ""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    except (OSError, ValueError):
        boot = ""
    return login, socket.gethostname(), boot


def _has_origin(connection: sqlite3.Connection) -> bool:
    return any(row[1] == "origin" for row in connection.execute("PRAGMA table_info(entry)"))


def _entries(connection: sqlite3.Connection) -> str:
    origin = "coalesce(origin, '')" if _has_origin(connection) else "''"
    # By the table itself, never by an index that was added by others.
    return f"SELECT number, at, actor, recording, kind, payload, digest, {origin} FROM entry NOT INDEXED"


def _last(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Number and digest of the last entry; 0 and b"" where there is none."""
    row = connection.execute("SELECT number, digest FROM entry NOT INDEXED ORDER BY number DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, b"")


def _schema_cookie(connection: sqlite3.Connection) -> int:
    """The number that changes with the schema of a file."""
    cookie: int = connection.execute("PRAGMA schema_version").fetchone()[0]
    return cookie


def _why_not_opened(path: Path, error: Exception) -> Message:
    if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
        return message(
            "{path} is not a readings file of Kinecor, or its beginning is damaged. It was not "
            "changed; move it away to start again.",
            path=verbatim(str(path)),
        )
    if is_late(error):
        return too_slow(path)
    if isinstance(error, sqlite3.OperationalError):
        return message(
            "The readings file {path} cannot be opened ({error}): check that the file, its folder "
            "and the disk can be read and written, then open it again.",
            path=verbatim(str(path)),
            error=verbatim(str(error)),
        )
    return message(
        "The readings file {path} is damaged ({error}). It was not changed; move it away to "
        "start again, and keep it for recovery.",
        path=verbatim(str(path)),
        error=verbatim(str(error)),
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """What the file system knows the file by; None where it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _why_gone(path: Path) -> Message:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        return message(
            "{path} cannot be reached any more ({reason}): the last edit was not saved. Connect to the folder, then "
            "open the study again; what was saved before is in the file.",
            path=verbatim(str(path)),
            reason=verbatim(error.strerror or str(error)),
        )
    return message(
        "{path} was moved, removed or replaced while it was open: the last edit was not saved. Open the study "
        "again to go on with the file that is there now.",
        path=verbatim(str(path)),
    )


def _way_out(error: Exception) -> Message:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_READONLY"):
        return message(
            "Allow writing to the file, to those named -wal and -shm next to it and to their folder, then repeat it."
        )
    if name.startswith("SQLITE_BUSY"):
        return message("Another program is using the file; close it, then repeat it.")
    if name == "SQLITE_TOOBIG" or isinstance(error, sqlite3.DataError):
        return message("An entry may have {limit} MB at most.", limit=schema.MAX_ENTRY_BYTES >> 20)
    return message("Free some space or check the disk, then repeat it.")


def _empty_log(connection: sqlite3.Connection) -> None:
    """Move the write-ahead log into the file; where a reader is in the way, the next entry does it."""
    # What was written is safe in the log already: nothing here may fail the edit, nor wait for a reader.
    with contextlib.suppress(sqlite3.Error):
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        connection.execute(f"PRAGMA busy_timeout = {1000 * _BUSY_S}")


def _force_log(path: Path) -> None:
    """Wait until the write-ahead log of a file is on the disk."""
    try:
        descriptor = os.open(path.with_name(path.name + "-wal"), os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:  # moved away meanwhile: the next entry says so
        log.warning("the log of %s could not be forced to the disk: %s", path, error)


def _empty_log_apart(path: Path) -> None:
    """As `_empty_log`, on a connection of this thread; who writes meanwhile does not wait for it, and does it next."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as connection,
    ):
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _check_regular(path: Path) -> None:
    """Refuse what is there and no file: a pipe would never answer.

    Raises:
        KinecorError: it is a folder, a pipe, a device or a link that leads nowhere.

    """
    try:
        strange = not path.is_file() and os.path.lexists(path)
    except OSError:  # a link to itself
        strange = True
    if strange:
        raise KinecorError(
            message(
                "The readings file {path} cannot be opened: expected a file, a folder, a device or a link to nowhere "
                "is there; move it away.",
                path=verbatim(str(path)),
            )
        )


def _made_private(path: Path) -> None:
    """Create the file for its owner only, as it holds patient data; SQLite gives its log the same rights."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise KinecorError(
            message(
                "The readings file {path} cannot be opened: {reason}.",
                path=verbatim(str(path)),
                reason=verbatim(error.strerror or str(error)),
            )
        ) from error


def _set_foreign_log_aside(path: Path) -> None:
    """Rename a log that is not of this file, as where a backup was restored next to the log of the file before.

    SQLite would write such a log over the restored entries. It is tried on a copy: a log that belongs to the file
    leaves a chain of entries that holds, and as many of them or more.
    """
    log = path.with_name(path.name + "-wal")
    try:
        if not path.exists() or not log.exists() or not log.stat().st_size:
            return
        hidden = f".log-{hashlib.sha256(path.name.encode()).hexdigest()[:12]}-"
        for left in path.parent.glob(f"{hidden}*"):  # by a killed process: this one has the right to write
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=hidden) as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            alone = _chained(copy)
            shutil.copyfile(path, copy)
            shutil.copyfile(log, copy.with_name(log.name))
            together = _chained(copy)
        if alone is not None and (together is None or together < alone):
            log.replace(path.with_name(f"{path.name}-wal-of-another-file"))
    except OSError as error:
        raise KinecorError(
            message(
                "The readings file {path} cannot be opened: {reason}.",
                path=verbatim(str(path)),
                reason=verbatim(error.strerror or str(error)),
            )
        ) from error


def _chained(path: Path) -> int | None:
    """How many entries a file has; None where it cannot be read or their chain is broken."""
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            guard = Guard(connection)
            check_schema(connection, path)
            chain, count = Chain(), 0
            for row in connection.execute(f"{_entries(connection)} ORDER BY number"):
                if not chain.holds(StoredEntry(*row)):
                    return None
                guard.allow()
                count += 1
            return count
    except (sqlite3.Error, UnicodeError, KinecorError):
        return None


def _right_to_write(path: Path) -> tuple[WriterLock | None, Message | None]:
    """The lock, or None and the reason."""
    # SQLite also needs to write to the folder, for its log.
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        return None, message("{path} may not be written: it is read-only.", path=verbatim(str(path)))
    lock = None
    try:
        lock = WriterLock.take(path)
        if lock is None:
            return None, message(
                "{file} is open in another window of Kinecor: it is read-only here.", file=verbatim(path.name)
            )
        claim = None if locks_reach_others(path) else Claim.take(path)
    except OSError as error:
        if lock is not None:
            lock.release()
        return None, message(
            "{path} may not be written ({reason}): it is read-only.",
            path=verbatim(str(path)),
            reason=verbatim(error.strerror or str(error)),
        )
    if isinstance(claim, str):
        lock.release()
        return None, message(
            "{file} is open on the computer {host}, or was not closed there: it is read-only here. Where no Kinecor "
            "has it open any more, remove {claim} and open the study again.",
            file=verbatim(path.name),
            host=verbatim(claim),
            claim=verbatim(claim_file(path).name),
        )
    lock.claim = claim
    return lock, None


def _connect(path: Path, writing: bool) -> sqlite3.Connection:
    # Without a write-ahead log next to it, a file in a folder that cannot be written opens only as immutable.
    resting = not path.with_name(path.name + "-wal").exists() and not os.access(path.parent, os.W_OK)
    how = "mode=rwc" if writing else "mode=ro&immutable=1" if resting else "mode=ro"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, isolation_level=None, timeout=_BUSY_S)


def _check(connection: sqlite3.Connection, guard: Guard, path: Path, writing: bool) -> int:
    """The version of the file; tables are created in a new one. Nothing is written to one that is refused."""
    guard.allow()
    version = check_schema(connection, path)
    if not version and not writing:
        raise KinecorError(message("{path} holds no readings yet and may not be written.", path=verbatim(str(path))))
    if version:
        guard.check_pages()
    if writing:
        guard.allow(_BUSY_S + schema.STEP_S)
        # The log needs memory that all writers share: over a network, a second computer would not see it.
        connection.execute(f"PRAGMA journal_mode = {'DELETE' if on_network(path) else 'WAL'}")
        connection.execute("PRAGMA synchronous = FULL")
        if not version:
            connection.executescript(_SCHEMA)
            version = USER_VERSION
    return version


def _digest(
    before: bytes, number: int, at: str, actor: str, recording_id: str, kind: str, payload: bytes, origin: str
) -> bytes:
    chain = hashlib.sha256(before)
    parts = [str(number).encode(), at.encode(), actor.encode(), recording_id.encode(), kind.encode(), payload]
    if origin:  # entries of version 1 have none
        parts.append(origin.encode())
    for part in parts:
        # Each with its length, so that no two lists of fields give the same digest.
        chain.update(len(part).to_bytes(8, "little"))
        chain.update(part)
    return chain.digest()
