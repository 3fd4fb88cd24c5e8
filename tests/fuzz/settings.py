"""Settings, marks and lists of what was done, changed: `python -m tests.fuzz.settings --count 2000 --seed 1`.

Each is a sound file with a part of its JSON replaced, or with random bytes changed, chosen by its number and a seed. It
is read as the program reads it, and what was read is used. Exit status 1 where anything but a sentence came out.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive import nodes
from kinecor.io.archive.arrivals import LIST, Arrivals
from kinecor.io.files.incomplete import MARK, incomplete
from kinecor.io.write.anchors import heads_in
from kinecor.session import audit
from kinecor.session.store import Store
from tests.fuzz.mutants import _changed, damaged_bytes

LIMIT_S = 2.0
_HEAD = {"at": "2026-01-01T00:00:00", "file": "a.kinecor", "entries": 2, "head": "00" * 32}
_LEAVES = (float("inf"), -1, 10**400, "1e999", True, [], {}, "x" * 100_000)


def _window(folder: Path) -> None:
    from kinecor.ui.app import settings

    found = settings.load()
    found = found.opened("/a").looked_at("1.2.3", None).lasting("2026-11-24")
    _ = found.earlier("x", "20260101"), found.actor, found.on_screen("1x1"), found.plain
    for window in found.grey_windows.values():
        assert window.width > 0
    for seen in found.seen.values():
        _ = seen.date < "9"
    settings.save(found)


def _archives(_folder: Path) -> None:
    found = nodes.load()
    _ = found.place
    for node in found.nodes:
        _ = node.address, found.named(node.name)
        if node.tls:
            node.tls_context()
    found.receiver.tls_context()
    nodes.warn_if_open(found.receiver)
    nodes.save(found)


def _saved(folder: Path) -> Path:
    """A study file of three entries."""
    path = folder / "a.kinecor"
    if not path.exists():
        with Store.open(path) as store:
            for _ in range(3):
                store.append("Anna", "r", "set-notes/1", b"{}")
    return path


def _audit_log(folder: Path) -> None:
    with Store.read(_saved(folder)) as store:
        audit.verify_file(store, log=audit.read_log())


def _mark(folder: Path) -> None:
    found = incomplete(folder)
    _ = found and (found.words, found.expected)


def _arrived(folder: Path) -> None:
    (folder / "1.2.3").mkdir(exist_ok=True)
    (folder / LIST).replace(folder / "1.2.3" / LIST)
    (folder / "1.2.3" / "1.2.3.4.dcm").write_bytes(b"abc")
    Arrivals(folder).held("1.2.3")


def _run_result(folder: Path) -> None:
    from kinecor.cli.batch.folder import RunFolder

    (folder / "results").mkdir(exist_ok=True)
    (folder / "a.json").replace(folder / "results" / "a.json")
    RunFolder(folder).entry("a")


def _run_note(folder: Path) -> None:
    from kinecor.cli.batch.folder import RunFolder

    (folder / "results" / ".work").mkdir(parents=True, exist_ok=True)
    (folder / "results" / "b.json").write_text("{}")
    (folder / "b.json").replace(folder / "results" / ".work" / "b.json")
    RunFolder(folder).outcome("b")


def _heads(folder: Path) -> None:
    with Store.read(_saved(folder)) as store:
        audit.verify_file(store, [("result.json", head) for _, head in heads_in(folder / "result.json")])


_NODE = {"name": "pacs", "host": "h", "port": 104, "ae_title": "A", "own_ae_title": "K", "url": "", "retrieve": "get",
         "tls": False, "ca": "", "certificate": "", "key": "", "user": ""}  # fmt: skip
KINDS: dict[str, tuple[str, Any, Callable[[Path], None]]] = {
    "window": (
        "window.json",
        {"version": 1, "recent": ["/a"], "reader": "Anna", "grey_windows": {"1.2.3": {"centre": 1.0, "width": 2.0}},
         "layouts": {}, "tiles": 2, "keep_days": 90, "used": dict.fromkeys(("/a", "1.2.3", "s"), "2026-11-20"),
         "seen": {"s": {"patient": "x", "date": "20250101", "path": "/a"}}, "screen": "1x1", "mode": "measure"},
        _window,
    ),
    "archives": (
        "archives.json",
        {"version": 1, "nodes": [_NODE], "folder": "",
         "receiver": {"ae_title": "K", "port": 104, "allow": ["A"], "most_bytes": 9}},
        _archives,
    ),
    "audit log": ("audit.log", _HEAD, _audit_log),
    "mark of an incomplete study": (MARK, {"expected": ["1.2"], "source": "pacs"}, _mark),
    "list of what arrived": (
        LIST,
        {"file": "1.2.3.4.dcm", "uid": "1.2.3.4", "series": "1", "class": "1", "modality": "MR", "bytes": 3,
         "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        _arrived,
    ),
    "result of a run": ("a.json", {"schema": 1, "recordings": [{"id": "a"}], "studies": []}, _run_result),
    "what a run has done": ("b.json", {"fingerprint": "x", "sentences": ["a"], "studies": []}, _run_note),
    "result.json": (
        "result.json",
        {"studies": [{"id": "1.2", "journal": {"entries": 2, "head": "00"}}]},
        _heads,
    ),
}  # fmt: skip


def mutant(kind: str, number: int, seed: int) -> bytes:
    """The content of mutant `number`."""
    rng = random.Random(f"{seed}/{kind}/{number}")
    sound = KINDS[kind][1]
    match rng.randrange(5):
        case 0:
            return damaged_bytes(json.dumps(sound).encode(), rng)
        case 1:
            depth = rng.choice((100, 100_000))
            return rng.choice((b"[" * depth, b'{"a":' * depth, b"[" * depth + b"]" * depth))
        case 2:
            content = json.dumps(_changed(sound, rng))
            leaf = json.dumps(rng.choice(_LEAVES)) if rng.random() < 0.7 else "1e999"
            spots = [at for at in range(len(content)) if content.startswith(": ", at)]
            at = rng.choice(spots) + 2 if spots else 0
            end = min((where for where in (content.find(sign, at) for sign in ",}") if where > 0), default=len(content))
            return (content[:at] + leaf + content[end:]).encode()
        case _:
            return json.dumps(_changed(_changed(sound, rng), rng)).encode()


def examine(kind: str, number: int, seed: int, folder: Path) -> tuple[str, str, float]:
    """The outcome of one: (read | refused | fault, words, processor seconds)."""
    name, _, use = KINDS[kind]
    os.environ["KINECOR_DATA_DIR"] = str(folder)
    (folder / name).write_bytes(mutant(kind, number, seed))
    began_s = time.process_time()
    try:
        use(folder)
    except KinecorError as error:
        outcome, words = "refused", str(error)
        if "\n" in words.replace("\\n", "") and "Traceback" in words:
            outcome = "fault"
    except Exception as error:
        outcome, words = "fault", f"{type(error).__name__}: {error}"
    else:
        outcome, words = "read", ""
    took_s = time.process_time() - began_s
    return ("fault", f"{took_s:.1f} s", took_s) if took_s > LIMIT_S else (outcome, words, took_s)


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.settings", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="of all kinds together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    chosen = parser.parse_args(arguments)
    bad = 0
    counts: dict[str, Counter[str]] = {}
    print("| file | mutants | read | refused | fault | slowest, s |\n|---|---|---|---|---|---|")
    for kind in KINDS:
        tally, slowest_s, faults = Counter[str](), 0.0, Counter[str]()
        for number in range(chosen.count // len(KINDS)):
            with tempfile.TemporaryDirectory() as folder:
                outcome, words, took_s = examine(kind, number, chosen.seed, Path(folder))
            tally[outcome] += 1
            slowest_s = max(slowest_s, took_s)
            if outcome == "fault":
                faults[f"{words[:110]} (number {number})"] += 1
        bad += tally["fault"]
        counts[kind] = tally
        cells = (tally.total(), tally["read"], tally["refused"], tally["fault"])
        print(f"| {kind} | {' | '.join(map(str, cells))} | {slowest_s:.2f} |", flush=True)
        for words, count in faults.most_common(3):
            print(f"{count} x {words}", file=sys.stderr)
    if chosen.out:
        chosen.out.write_text(json.dumps({"seed": chosen.seed, "counts": counts}, indent=1), encoding="utf-8")
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
