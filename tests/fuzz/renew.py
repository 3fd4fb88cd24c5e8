"""Renew the page of robustness: `python -m tests.fuzz.renew --seconds 150 --seed 3`, from the root of the source tree.

Each campaign runs in a process of its own, bounded in time, and writes its section of docs/validation/robustness.md;
`python docs/generate.py` makes the page. Figures of the state before stay as they are. Exit status 1 where a campaign
found a fault.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.fuzz.campaign import HANG_S
from tests.fuzz.crafted import LIMIT_S
from tests.fuzz.sections import Table, write_section

ROOT = Path(__file__).parents[2]
SECTIONS = ROOT / "docs" / "validation" / "data" / "robustness"
_CRAFTED, _SETTINGS = 3000, 1600
_ALL, _BOTH = "all", "every look"


def main(arguments: list[str]) -> int:
    """Run the campaigns; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.renew", description=__doc__)
    parser.add_argument("--seconds", type=float, default=150.0, help="of each campaign, about")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--only", action="append", choices=CAMPAIGNS, help="in place of all; may be repeated")
    chosen = parser.parse_args(arguments)
    worst = 0
    for name in chosen.only or CAMPAIGNS:
        worst = max(worst, CAMPAIGNS[name](chosen.seconds, chosen.seed))
    _write_summary()
    return worst


def _run(*line: object) -> int:
    """The exit status of a Python command of the source tree."""
    paths = [str(ROOT), *(str(ROOT / room) for room in ("app", "models", "resources"))]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run([sys.executable, *map(str, line)], cwd=ROOT, env=environment, check=False).returncode


def _damaged(seconds: float, seed: int) -> int:
    return _run("-m", "tests.fuzz", "--seconds", seconds, "--campaign", seed, "--out", SECTIONS / "1-damaged.json")


def _web(seconds: float, seed: int) -> int:
    rounds = max(20, round(seconds))
    return _run("-m", "tests.fuzz.web", "--rounds", rounds, "--seed", seed, "--out", SECTIONS / "7-web.json")


def _others(seconds: float, seed: int) -> int:
    """Study files, settings and connections that somebody made."""
    path = SECTIONS / "5-others.json"
    before = json.loads(path.read_text(encoding="utf-8"))["tables"]
    with tempfile.TemporaryDirectory() as name:
        files, lists, connections = (Path(name) / f"{part}.json" for part in ("files", "lists", "connections"))
        ends = [
            _run("-m", "tests.fuzz.crafted", "--count", _CRAFTED, "--seed", seed, "--out", files),
            _run("-m", "tests.fuzz.settings", "--count", _SETTINGS, "--seed", seed, "--out", lists),
            _run("benchmarks/receiver.py", "--seed", seed, "--out", connections),
        ]
        crafted, settings, receiver = (
            json.loads(part.read_text(encoding="utf-8")) for part in (files, lists, connections)
        )
    attacks, load = receiver["attacks"], receiver["memory"]
    tables = {
        "Study files": _beside(before[0], _crafted_table(crafted)),
        f"Settings, marks and lists (python -m tests.fuzz.settings --count {_SETTINGS} --seed {seed})": _beside(
            before[1], _settings_table(settings)
        ),
        f"400 connections to the receiver (python benchmarks/receiver.py --seed {seed})": _beside(
            before[2], _receiver_table(attacks)
        ),
        "Large instances at the same time": (
            ["senders of 300 MB", "stored, before", "memory before, MB", "stored", "memory, MB", "partial files left"],
            [["4", "1", "1902", load["stored"], load["peak_mb"], receiver["partial"]["after the restart"]]],
        ),
    }
    kept_out = sum(row["kept out"] for row in attacks.values())
    write_section(
        path,
        title="Files and connections of others",
        seed=seed,
        command=f"python -m tests.fuzz.renew --only others --seconds {seconds:g} --seed {seed}",
        notes=[
            "Study files that somebody made to hang, mislead or exhaust the program: another schema, endless views, "
            "triggers that swallow what is inserted, columns that compute, deep and huge contents, pages that lead "
            "back to themselves, a pipe in the place of the file. Each is verified and backed up as by the commands, "
            f"and opened, replayed and edited as in the window. *Faults*: more than {LIMIT_S:g} s of processor time "
            f"for one of these, no answer within {HANG_S:g} s, the end of the process, another exception, or an edit "
            "that was acknowledged and is not there.",
            "Settings are read as the program reads them, and what was read is used: read, refused in a sentence, or "
            "taken for none. A short form of each is part of the tests.",
            f"A byte a second to the receiver: closed after {receiver['drops']['request']:g} s before the association, "
            f"after {receiver['drops']['data']:g} s within it.",
            "The state before was that of 2026-11-24, the study files measured on the first 100 of seed 1.",
        ],
        tables=tables,
    )
    return max(*ends, int(kept_out > 0))


def _crafted_table(figures: Mapping[str, Any]) -> Table:
    rows: list[list[object]] = []
    for kind, counts in figures["counts"].items():
        shown = [counts.get(name, 0) for name in ("same", "refused", "marked")]
        total = sum(counts.values())
        rows.append([kind, total, *shown, total - sum(shown), f"{figures['slowest'][kind][0]:.2f}"])
    slowest_s = max(float(str(row[-1])) for row in rows)
    rows.append([_ALL, *(sum(int(str(row[column])) for row in rows) for column in range(1, 6)), f"{slowest_s:.2f}"])
    return ["class", "files", "no change seen", "refused", "marked", "faults", "slowest, s"], rows


def _settings_table(figures: Mapping[str, Any]) -> Table:
    names = {"window": "window.json", "archives": "archives.json"}
    rows: list[list[object]] = [
        [names.get(kind, kind), sum(counts.values()), counts.get("fault", 0)]
        for kind, counts in figures["counts"].items()
    ]
    rows.append([_ALL, *(sum(int(str(row[column])) for row in rows) for column in (1, 2))])
    return ["file", "mutants", "other exceptions"], rows


def _receiver_table(attacks: Mapping[str, Any]) -> Table:
    names = {
        "silent": "are silent",
        "a few bytes of a request": "send a few bytes of a request",
        "random bytes": "send random bytes",
        "strangers who stay": "are strangers who stay",
        "a length of 4 GB": "announce 4 GB",
    }
    rows = [
        [names[kind], row["kept out"], "-" if row["longest_s"] is None else f"{row['longest_s']:.2f}", row["threads"]]
        for kind, row in attacks.items()
    ]
    return ["that", "senders kept out", "longest wait, s", "threads"], rows


def _beside(before: Mapping[str, Any], now: Table) -> Table:
    """A table with the columns of the state before, which an earlier section of it holds, after its first column."""
    old = [place for place, column in enumerate(before["columns"]) if column["title"].endswith(", before")]
    by_name = {row[0]: [row[place] for place in old] for row in before["rows"]}
    titles, rows = now
    missing = ["-"] * len(old)
    return (
        [titles[0], *(before["columns"][place]["title"] for place in old), *titles[1:]],
        [[row[0], *by_name.get(str(row[0]), missing), *row[1:]] for row in rows],
    )


def _cell(section: str, column: str, row: str = _ALL) -> dict[str, str]:
    """A cell that stands in another section of the page (docs/generate.py)."""
    return {"of": f"robustness/{section}", "row": row, "column": column}


def _write_summary() -> None:
    """What the attack of 2026-11-24 had found, beside what these campaigns find."""
    rows: Sequence[Sequence[object]] = (
        ("damaged inputs", "20085", "0", _cell("1-damaged", "mutants"), _cell("1-damaged", "faults")),
        ("damaged lossless JPEG, changed without a word", "815", "83", "1000", _cell("3-lossless", "silent")),
        ("pictures with planted text, copies with a letter", "7", "5", _cell("4-burned-in", "cases", _BOTH),
         _cell("4-burned-in", "copies with a letter", _BOTH)),
        ("upright text, copies with a letter", "-", "-", _cell("4b-upright", "cases", _BOTH),
         _cell("4b-upright", "copies with a letter", _BOTH)),
        ("crafted study files, faults", "100", "32", _cell("5-others", "files"), _cell("5-others", "faults")),
        ("settings, marks and lists, faults", "1600", "221", _cell("5-others", "mutants"),
         _cell("5-others", "other exceptions")),
        ("silent connections, senders kept out of 8", "400", "8", "400",
         _cell("5-others", "senders kept out", "are silent")),
        ("attacks of DICOMweb services, faults", "-", "-", _cell("7-web", "rounds"), _cell("7-web", "faults")),
        ("kills and disasters, rounds with a loss", "38", "0", _cell("6-kills", "rounds"),
         _cell("6-kills", "rounds with a loss")),
    )  # fmt: skip
    columns = [{"title": title, "unit": "", "format": "s"} for title in ("campaign", "before", "bad", "now", "bad now")]
    content = {
        "title": "Before and now",
        "versions": {},
        "seed": None,
        "command": "python -m tests.fuzz.renew",
        "notes": [
            "*Before* is the attack of 2026-11-24, with how many there were and how many went wrong; *now* is what the "
            "sections below hold."
        ],
        "tables": [{"title": "", "columns": columns, "rows": rows, "notes": []}],
    }
    path = SECTIONS / "0-summary.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


CAMPAIGNS: Mapping[str, Callable[[float, int], int]] = {"damaged": _damaged, "others": _others, "web": _web}
"""The campaigns that are bounded by --seconds (crafted study files: by their number).

Kills, planted text and lossless JPEG have commands with --out.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
