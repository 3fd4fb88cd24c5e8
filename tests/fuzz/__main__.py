"""The long campaign: `python -m tests.fuzz --seconds 600 --out FILE.json`, from the root of the source tree.

Mutants of every format by turns. Exit status 1 where a fault was found; FILE is a section of the page
docs/validation/robustness.md.
"""

import argparse
import json
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

import kinecor
from tests.fuzz.campaign import BAD, HANG_S, LIMIT_MB, Tally, run
from tests.fuzz.mutants import mutant
from tests.fuzz.seeds import FORMATS, seed_of

_KINDS = ("same", "refused", "marked", "silent")


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="for mutants, shared evenly between formats")
    parser.add_argument("--campaign", type=int, default=1, help="another number gives other mutants")
    parser.add_argument("--out", type=Path, help="the figures, as a section of a validation page")
    parser.add_argument("--keep", type=Path, help="a folder for the mutants that found a fault")
    parser.add_argument("--only", action="append", choices=FORMATS, help="a format, in place of all; may be repeated")
    chosen = parser.parse_args(arguments)
    formats = chosen.only or FORMATS
    tallies: dict[str, Tally] = {}
    ends: dict[str, float] = {}
    share_s = chosen.seconds / len(formats)

    def enough(name: str, done: int) -> bool:
        if done <= 1:  # the first has to make the sound file, too
            ends[name] = time.monotonic() + share_s
        return time.monotonic() > ends[name]

    for name, tally, _ in run(chosen.campaign, enough, formats):
        tallies[name] = tally
        print(f"{name}: {tally.total} {tally.counts}", flush=True)
        for words, count in Counter(str(one["words"]) for one in tally.bad).most_common(3):
            print(f"  {count} x {words}", flush=True)
        for one in tally.bad:
            if chosen.keep:
                files, _how = mutant(seed_of(name), int(str(one["number"])), chosen.campaign)
                for file, content in files.items():
                    path = chosen.keep / f"{name}-{one['number']}" / file
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
    if chosen.out:
        content = _section(tallies, chosen)
        chosen.out.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return int(any(one.bad for one in tallies.values()))


def _column(title: str, unit: str = "", form: str = "d") -> dict[str, str]:
    return {"title": title, "unit": unit, "format": form}


def _section(tallies: dict[str, Tally], chosen: argparse.Namespace) -> dict[str, object]:
    rows = []
    for name, one in tallies.items():
        bad = sum(one.counts.get(kind, 0) for kind in BAD)
        rows.append(
            [name, one.total, *(one.counts.get(kind, 0) for kind in _KINDS), bad, one.slowest_s, round(one.most_mb)]
        )
    total = ["all", *(sum(int(str(row[at])) for row in rows) for at in range(1, 7))]
    every = tallies.values()
    rows.append([*total, max(one.slowest_s for one in every), max(round(one.most_mb) for one in every)])
    columns = [_column("format", form="s"), *map(_column, ("mutants", "no visible change", "refused", "marked"))]
    columns += [_column("changed, no word"), _column("faults"), _column("slowest", "s", ".1f"), _column("memory", "MB")]
    return {
        "title": "Damaged files",
        "date": date.today().isoformat(),  # noqa: DTZ011
        "versions": {"kinecor": kinecor.__version__},
        "seed": chosen.campaign,
        "command": f"python -m tests.fuzz --seconds {chosen.seconds:g} --campaign {chosen.campaign}",
        "notes": [
            "Each mutant is a sound file with random bytes changed, or with fields set to values at which readers go "
            "wrong. It is opened as in the program, every frame is decoded; study files are replayed, measured and "
            "edited once more.",
            "*Refused*: one sentence says what is wrong. *Marked*: it opens, and a warning, a check of the images or "
            "the journal's doubt says that something is wrong. *Changed, no word*: at least 0.4 % of the pixels of a "
            "frame differ by more than 24 of 255, or another number of frames or recordings, without a word; where "
            "bytes are pixels (uncompressed DICOM, NIfTI, MetaImage) nothing can tell, and a header that says another "
            "window or size is no damage. *Faults*: the process ended, any other exception came out, more than "
            f"{HANG_S:g} s (a decoder that hangs is ended before) or {LIMIT_MB:g} MB were needed.",
            f"A short form of it is part of the tests. {sum(one.silent_by_bytes for one in tallies.values())} of the "
            "changes without a word came from changed bytes, the others from changed fields.",
        ],
        "tables": [{"title": "Mutants", "columns": columns, "rows": rows, "notes": []}],
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
