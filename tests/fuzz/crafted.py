"""Study files that somebody made to hang, mislead or exhaust the program: `python -m tests.fuzz.crafted --count 3000`.

Each is a sound study file with another schema, other rows or other bytes, chosen by its number and a seed. It is opened
to be written, replayed, edited and verified, and opened to be read, backed up and verified, as the commands do, in
another process. Exit status 1 where one crashed, hung, took more than `LIMIT_S`, gave anything but a sentence, or
swallowed an edit that was acknowledged. Seconds are of the processor, so that other programs do not count.
"""

import argparse
import contextlib
import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from kinecor.session.journal import Journal
from kinecor.session.store import Store, StoredEntry, _digest
from tests.fuzz.campaign import BAD, Worker
from tests.session.samples import circle, first

LIMIT_S = 2.0
Change = Callable[[sqlite3.Connection, random.Random], None]
_ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
_COLUMNS = "number, at, actor, recording, kind, payload, digest, origin"


def sound(path: Path, entries: int = 4) -> None:
    """A study file as the program writes it."""
    from kinecor.core.values.track import Structure
    from kinecor.session.edits import SetContours

    with Store.open(path) as store:
        journal = Journal(store)
        journal.open(first())
        for number in range(entries):
            journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number + 5),)), "Anna")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def _view(connection: sqlite3.Connection, rng: random.Random) -> None:
    """In place of the table, a view that never ends, or that computes for long before its first row."""
    connection.execute("ALTER TABLE entry RENAME TO kept")
    body = rng.choice(
        (
            f"{_ENDLESS} SELECT x AS number, '' AS at, '' AS actor, '' AS recording, '' AS kind, x'' AS payload, "
            "x'' AS digest, '' AS origin FROM c",
            f"SELECT * FROM kept WHERE number < ({_ENDLESS} SELECT max(x) FROM c)",
            f"SELECT {_COLUMNS} FROM kept WHERE (SELECT count(*) FROM kept a, kept b, kept c, kept d, kept e, kept f, "
            "kept g, kept h, kept i, kept j, kept k, kept l, kept m, kept n, kept o, kept p, kept q, kept r) > 0",
            f"SELECT number, at, actor, recording, kind, zeroblob({rng.choice((1 << 20, 1 << 30))}) AS payload, "
            "digest, origin FROM kept",
            "SELECT * FROM entry",
        )
    )
    connection.execute(f"CREATE VIEW entry AS {body}")
    if rng.random() < 0.5:
        connection.execute(
            "CREATE TRIGGER entry_takes INSTEAD OF INSERT ON entry BEGIN SELECT "
            + rng.choice(("1", f"({_ENDLESS} SELECT max(x) FROM c)"))
            + "; END"
        )


def _trigger(connection: sqlite3.Connection, rng: random.Random) -> None:
    """A trigger that swallows, removes, changes or delays what is inserted."""
    action = rng.choice(
        (
            "SELECT RAISE(IGNORE)",
            "DELETE FROM entry WHERE number = NEW.number",
            "UPDATE entry SET payload = x'7b7d', digest = zeroblob(32) WHERE number = NEW.number",
            f"SELECT ({_ENDLESS} SELECT max(x) FROM c)",
            "INSERT INTO entry SELECT NEW.number + 1, NEW.at, 'Eve', NEW.recording, NEW.kind, NEW.payload, x'', ''",
            "SELECT length(randomblob(900000000))",
        )
    )
    when = "BEFORE" if "IGNORE" in action else rng.choice(("BEFORE", "AFTER"))
    for name in rng.choice(((), ("entry_keeps", "entry_stays"), ("entry_keeps", "entry_stays", "entry_follows"))):
        connection.execute(f"DROP TRIGGER {name}")
    name = rng.choice(("entry_watch", "entry_follows"))
    connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    connection.execute(f"CREATE TRIGGER {name} {when} INSERT ON entry BEGIN {action}; END")


def _column(connection: sqlite3.Connection, rng: random.Random) -> None:
    """A column or condition that computes for long, or one that hides a value."""
    extra = rng.choice(
        (
            "extra TEXT GENERATED ALWAYS AS (printf('%*d', 100000000, number)) VIRTUAL",
            "extra BLOB GENERATED ALWAYS AS (randomblob(200000000)) VIRTUAL CHECK (length(extra) > 0)",
            "extra INTEGER CHECK (length(printf('%*d', 90000000, number)) > 0)",
            "extra TEXT DEFAULT (printf('%*d', 100000000, 1))",
            "extra INTEGER CHECK (" + "(" * 90 + "1" + ")" * 90 + ")",
        )
    )
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_master SET sql = replace(sql, ') STRICT', ?) WHERE name = 'entry'", (f", {extra}) STRICT",)
    )


def _sql(connection: sqlite3.Connection, name: str) -> str:
    """What creates a table or trigger."""
    return str(connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0])


def _objects(connection: sqlite3.Connection, rng: random.Random) -> None:
    """More tables, indices and views than there should be."""
    match rng.randrange(6):
        case 0:
            connection.execute("BEGIN")
            for number in range(rng.choice((1, 50, 3000))):
                connection.execute(f"CREATE TABLE t{number} (a)")
            connection.execute("COMMIT")
        case 1:
            connection.execute("CREATE INDEX entry_kind ON entry (kind)")
        case 2:
            connection.execute("CREATE INDEX entry_slow ON entry (length(printf('%*d', 1000000, number)))")
        case 3:
            connection.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
        case 4:
            connection.execute("ANALYZE")
        case 5:
            name = "x" * 2000 + "\x1b[2J\n"
            connection.execute(f'CREATE TABLE "{name}" (a)')


def _schema_text(connection: sqlite3.Connection, rng: random.Random) -> None:
    """The text of the schema itself, past SQLite's own checks."""
    connection.execute("PRAGMA writable_schema = ON")
    match rng.randrange(6):
        case 0:
            connection.execute("UPDATE sqlite_master SET rootpage = 1 WHERE name = 'entry'")
        case 1:
            connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'STRICT', '') WHERE name = 'entry'")
        case 2:
            connection.execute("UPDATE sqlite_master SET sql = sql || zeroblob(3000000) WHERE name = 'entry'")
        case 3:
            connection.execute("DELETE FROM sqlite_master WHERE type = 'trigger'")
        case 4:
            connection.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE entry (number)' WHERE name = 'entry'")
        case 5:
            depth = rng.choice((100, 900))
            condition = "(" * depth + "1" + ")" * depth
            connection.execute(
                "UPDATE sqlite_master SET sql = replace(sql, 'WHEN NEW.number', ?) WHERE name = 'entry_follows'",
                (f"WHEN {condition} AND NEW.number",),
            )


def _payload(connection: sqlite3.Connection, rng: random.Random) -> None:
    """A last entry, chained as it should be, whose content is deep, huge, or of another type."""
    kind = rng.choice(("set-contours/1", "set-notes/1", "several/1", "complete/1", "undo/1", "pixels/1", "set-track/1"))
    depth = rng.choice((50, 1_000, 100_000, 1_000_000))
    payload = rng.choice(
        (
            b"[" * depth + b"]" * depth,
            b'{"a":' * depth + b"1" + b"}" * depth,
            b'{"text":"' + b"x" * rng.choice((1 << 20, 20 << 20, 70 << 20)) + b'"}',
            b'{"label":"x","edits":[' + b'{"kind":"several/1","payload":{"label":"x","edits":[' * (depth // 50),
            b'{"label":"x","edits":['
            + b'{"kind":"several/1","payload":{"label":"x","edits":[' * 400
            + b"]}}" * 400
            + b"]}",
            b"\xff\xfe\x00" * 1000,
            b'{"entry":' + b"9" * rng.choice((20, 5000, 100_000)) + b"}",
            bytes(rng.choice((0, 1 << 20))),
        )
    )
    origin = rng.choice(("", "{}", "[" * depth, '{"uptime_s":1e999,"host":[],"boot":"x"}', "x" * 1_000_000))
    at = rng.choice(
        ("2026-01-01T00:00:00.000000+00:00", "", "9" * 10_000, "2026-01-01", "\x00", "9999-12-31T23:59:59+00:00")
    )
    _appended(connection, at, rng.choice(("Anna", "\x1b[2J", "A" * 1_000_000)), kind, payload, origin)


def _appended(connection: sqlite3.Connection, at: str, actor: str, kind: str, payload: bytes, origin: str) -> None:
    number, before = connection.execute("SELECT number, digest FROM entry ORDER BY number DESC LIMIT 1").fetchone()
    fields = (number + 1, at, actor, "1.2.3", kind, payload)
    digest = _digest(before, *fields, origin)
    connection.execute(
        f"INSERT INTO entry ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*fields, digest, origin or None)
    )


def _numbers(connection: sqlite3.Connection, rng: random.Random) -> None:
    """Entries with numbers at the ends of what SQLite counts, or many of them."""
    follows = _sql(connection, "entry_follows")
    connection.execute("DROP TRIGGER entry_follows")
    last = StoredEntry(*connection.execute(f"SELECT {_COLUMNS} FROM entry ORDER BY number DESC LIMIT 1").fetchone())
    many = [rng.choice(((1 << 63) - 1, -(1 << 63), 0, -1))] if rng.random() < 0.7 else range(10, 30_000)
    rows = ((number, last.at, last.actor, "x", last.kind, b"{}", b"", "") for number in many)
    connection.execute("BEGIN")
    connection.executemany(f"INSERT INTO entry ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")
    connection.execute(follows)


def _header(connection: sqlite3.Connection, rng: random.Random) -> None:
    """Another version, identity or way of logging in the header."""
    match rng.randrange(4):
        case 0:
            connection.execute(f"PRAGMA user_version = {rng.choice((0, -1, 1, 3, 99, (1 << 31) - 1))}")
            if rng.random() < 0.7:
                _view(connection, rng)
        case 1:
            connection.execute(f"PRAGMA application_id = {rng.choice((0, 1, -1))}")
        case 2:
            connection.execute("PRAGMA journal_mode = WAL")
        case 3:
            connection.execute("PRAGMA user_version = 1")


CHANGES: dict[str, Change] = {
    "view in place of the table": _view,
    "trigger": _trigger,
    "generated column or check": _column,
    "tables, indices, names": _objects,
    "text of the schema": _schema_text,
    "payload, origin, time": _payload,
    "numbers of entries": _numbers,
    "header": _header,
}
PAGES = "pages and bytes"
PLACE = "what stands at its path"


def craft(path: Path, number: int, seed: int, source: bytes) -> str:
    """Write the crafted file of this number; the class it is of."""
    rng = random.Random(f"{seed}/{number}")
    kinds = [*CHANGES, PAGES, PLACE]
    kind = kinds[number % len(kinds)]
    path.write_bytes(source)
    if kind == PAGES:
        path.write_bytes(_pages(source, rng))
    elif kind == PLACE:
        _place(path, source, rng)
    else:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            ends_s = time.monotonic() + 1.0  # what is crafted must not keep its maker busy
            connection.set_progress_handler(lambda: time.monotonic() > ends_s, 10_000)
            with contextlib.suppress(sqlite3.Error):  # what SQLite itself does not take is left as far as it got
                CHANGES[kind](connection, rng)
            if rng.random() < 0.1:
                with contextlib.suppress(sqlite3.Error, OverflowError, TypeError):  # what the first has left
                    CHANGES[rng.choice(list(CHANGES))](connection, rng)
    return kind


def _pages(source: bytes, rng: random.Random) -> bytes:
    """Pages that lead back to themselves or to others, lengths beyond the file, cells of nonsense."""
    content = bytearray(source)
    size = int.from_bytes(content[16:18], "big") or 65_536
    pages = len(content) // size
    for _ in range(rng.choice((1, 3, 20))):
        page = rng.randrange(pages)
        match rng.randrange(5):
            case 0:  # as an inner page whose only child is itself or another page
                start = page * size + (100 if page == 0 else 0)
                content[start : start + 12] = bytes((5, 0, 0, 0, 0, 0, 0, 0)) + rng.randrange(1, pages + 2).to_bytes(
                    4, "big"
                )
            case 1:
                at = rng.randrange(len(content))
                content[at : at + 4] = rng.randrange(1 << 32).to_bytes(4, "big")
            case 2:
                content[28:32] = rng.choice((0, 1, pages + 1, (1 << 31) - 1)).to_bytes(4, "big")
            case 3:
                at = page * size
                content[at : at + size] = rng.randbytes(size)
            case 4:
                content[16:20] = rng.choice((b"\x00\x01\x02\x02", b"\x02\x00\x01\x01", b"\x10\x00\x01\x09"))
    return bytes(content)


def _place(path: Path, source: bytes, rng: random.Random) -> None:
    """Something else than a file, an endless one, a foreign log next to it, a file with a hole of gigabytes."""
    match rng.randrange(6):
        case 0:
            path.unlink()
            os.mkfifo(path)
        case 1:
            path.unlink()
            path.mkdir()
        case 2:
            path.unlink()
            path.symlink_to(path.name)
        case 3:
            path.with_name(path.name + "-wal").write_bytes(rng.randbytes(rng.choice((1, 40_000, 4_000_000))))
        case 4:
            with path.open("r+b") as file:
                file.truncate(rng.choice((1 << 30, 1 << 36)))
                file.seek(28)
                file.write(((1 << 22) - 1).to_bytes(4, "big"))
        case 5:
            path.with_name(path.name + "-journal").write_bytes(
                bytes.fromhex("d9d505f920a163d7") + rng.randbytes(rng.choice((500, 100_000)))
            )


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.crafted", description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="number of the first file")
    parser.add_argument("--seconds", type=float, default=3600.0, help="end after so long, whatever was examined")
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    chosen = parser.parse_args(arguments)
    worker, ends_s = Worker("tests.fuzz.crafted_worker"), time.monotonic() + chosen.seconds
    counts: dict[str, Counter[str]] = {}
    slowest: dict[str, tuple[float, int]] = {}
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        sound(Path(folder) / "sound.kinecor")
        try:
            for number in range(chosen.start, chosen.start + chosen.count):
                answer = worker.ask(str(Path(folder) / "sound.kinecor"), number, chosen.seed)
                kinds = [*CHANGES, PAGES, PLACE]
                kind, outcome, took_s = kinds[number % len(kinds)], str(answer["kind"]), float(str(answer["s"]))
                if outcome not in BAD and took_s > LIMIT_S:
                    outcome = "slow"
                counts.setdefault(kind, Counter())[outcome] += 1
                slowest[kind] = max(slowest.get(kind, (0.0, 0)), (took_s, number))
                if outcome in (*BAD, "slow"):
                    bad.append({"number": number, "class": kind, **answer, "kind": outcome})
                    print(f"{kind} {number}: {outcome} {answer['words']} {took_s:.1f} s", file=sys.stderr, flush=True)
                if time.monotonic() > ends_s:
                    break
        finally:
            worker.close()
    print(
        "| class | files | same | refused | marked | slow | hang | crash | fault | slowest, s |\n" + "|---" * 10 + "|"
    )
    for kind, tally in counts.items():
        cells = [
            tally.total(),
            *(tally[name] for name in ("same", "refused", "marked", "slow", "hang", "crash", "fault")),
        ]
        print(f"| {kind} | {' | '.join(map(str, cells))} | {slowest[kind][0]:.2f} |")
    if chosen.out:
        figures = {"seed": chosen.seed, "counts": counts, "slowest": slowest, "bad": bad}
        chosen.out.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
