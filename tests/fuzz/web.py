"""A DICOMweb service that attacks: `python -m tests.fuzz.web --rounds 200 --seed 1 --out FILE.json`, from the root.

Each attack is a search and a retrieval, as the window does them, from a service of this process that answers what it
should not: huge, endless, slow, elsewhere, another study, broken. Attacks that are drawn at random are repeated, the
others are made three times. *Faults*: another exception than a sentence, more than 20 s, more than 64 MB of memory, or
something on the disk that the service does not hold. FILE is a section of docs/validation/robustness.md; exit status 1
where there is a fault.
"""

import argparse
import contextlib
import sys
import tempfile
import time
import tracemalloc
from collections import Counter
from pathlib import Path

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive import web_session
from kinecor.io.archive.archive import archive_of, find_studies, retrieve
from kinecor.io.archive.arrivals import Arrivals
from kinecor.io.archive.association import Patience
from kinecor.io.archive.nodes import Node
from kinecor.io.archive.query import Search
from tests.fuzz.sections import write_section
from tests.io.archive.evil_web import ATTACKS, FILES, STUDY, EvilWeb, packed

_AT_RANDOM = ("JSON of other types", "random bytes changed", "no HTTP")
_FIXED_ROUNDS = 3
_PATIENCE = Patience(0.5, 1.0)
_LIMIT_S, _LIMIT_MB = 20.0, 64.0
REFUSED, UNHARMED, FAULT = "refused", "unharmed", "fault"


def attacked(attack: str, seed: int) -> tuple[str, str, float, float]:
    """Outcome, what was said, seconds and MB of one attack.

    Args:
        attack: one of ATTACKS.
        seed: of what it draws.

    """
    said, fault = [], ""
    began_s = time.monotonic()
    tracemalloc.start()
    with tempfile.TemporaryDirectory() as name, EvilWeb(ATTACKS[attack], seed=seed) as server:
        archive, arrivals = archive_of(Node("web", url=server.url), "", None, _PATIENCE), Arrivals(Path(name))
        for step in (
            lambda: find_studies(archive, Search(study_uid=STUDY)),
            lambda: retrieve(archive, STUDY, arrivals),
        ):
            try:
                step()
            except KinecorError as error:
                said.append(str(error))
            except Exception as error:  # whatever it is: the campaign goes on
                fault = fault or f"{type(error).__name__}: {error}"
        whole = set(FILES.values())
        with contextlib.suppress(OSError):
            stored = [path.read_bytes() for path in Path(name).rglob("*.dcm")]
            # One byte of a picture can be any byte: of these, only the size is known.
            if attack != "random bytes changed" and not whole.issuperset(stored):
                fault = fault or "what the service does not hold is on the disk"
    took_s, memory_mb = time.monotonic() - began_s, tracemalloc.get_traced_memory()[1] / (1 << 20)
    tracemalloc.stop()
    if any("\n" in one or "Traceback" in one for one in said):
        fault = fault or "more than a sentence"
    if took_s > _LIMIT_S or memory_mb > _LIMIT_MB:
        fault = fault or f"{took_s:.0f} s, {memory_mb:.0f} MB"
    return FAULT if fault else REFUSED if said else UNHARMED, fault or " / ".join(said), took_s, memory_mb


def main(arguments: list[str]) -> int:
    """Run it and print the table; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.web", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="of each attack that is drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="the figures, as a section of a validation page")
    chosen = parser.parse_args(arguments)
    packed()
    web_session.MAX_ANSWER_BYTES = 4 << 20  # so that what is endless ends sooner here
    rows: list[list[object]] = []
    for attack in ATTACKS:
        counts: Counter[str] = Counter()
        most_s = most_mb = 0.0
        rounds = chosen.rounds if attack in _AT_RANDOM else _FIXED_ROUNDS
        for number in range(rounds):
            outcome, said, took_s, memory_mb = attacked(attack, chosen.seed * 100_000 + number)
            counts[outcome] += 1
            most_s, most_mb = max(most_s, took_s), max(most_mb, memory_mb)
            if outcome == FAULT:
                print(f"{attack}, {number}: {said}", file=sys.stderr)
        rows.append(
            [attack, rounds, *(counts[one] for one in (REFUSED, UNHARMED, FAULT)), f"{most_s:.1f}", f"{most_mb:.1f}"]
        )
        print("| " + " | ".join(map(str, rows[-1])) + " |", flush=True)
    totals = [sum(int(str(row[at])) for row in rows) for at in range(1, 5)]
    rows.append(["all", *totals, *(max((str(row[at]) for row in rows), key=float) for at in (5, 6))])
    if chosen.out:
        titles = ["attack", "rounds", "refused", "unharmed", "faults", "slowest, s", "memory, MB"]
        write_section(
            chosen.out,
            title="DICOMweb services that attack",
            seed=chosen.seed,
            command=f"python -m tests.fuzz.web --rounds {chosen.rounds} --seed {chosen.seed}",
            notes=[
                " ".join(str(__doc__).split("\n\n")[1].split()),
                "*Refused*: one sentence says what is wrong, and nothing is stored. *Unharmed*: it opens to what a "
                "sound answer could say. Silence is waited for 0.5 s here to connect and 1 s for an answer, an answer "
                "may have 4 MB; in the program 10 s, 30 s and 64 MB.",
            ],
            tables={"Attacks": (titles, rows)},
        )
    return int(totals[3] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
